//! Does every price, percentage, count, phone number and address in the reply come from data?

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::figures::in_figures;
use super::known::{facts, given, ours, said};
use super::times_said::without_times;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;

/// Digits of a phone number that must be known; country codes and trunk zeros are written or not.
const PHONE_DIGITS: usize = 7;

/// Counts so small that they say nothing, as in "2 quick questions".
const SMALL: [&str; 4] = ["", "0", "1", "2"];

struct Patterns {
    link_or_date: Regex,
    phone: Regex,
    email: Regex,
    number: Regex,
    half: Regex,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    Patterns {
        link_or_date: compile(
            r"\S+://\S+|\bUTC[+-]\d{1,2}(?::?\d{2})?|\b\d{4}-\d{2}-\d{2}\b|\b[\w-]+(?:\.[\w-]+)+/\S*",
        ),
        phone: compile(r"\+?\(?\d[\d\s().-]{5,}\d"),
        email: compile(r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
        number: compile(
            r"(?i)(?P<sign>[$€£¥]|\b(?:usd|eur|gbp|cad|us\$)\s?)?\s?(?P<digits>\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m|mm|mil)\b)?)(?:[\s-]?(?P<unit>%|per ?cent\b|pct\b|[€£]|dollars?\b|usd\b|bucks?\b|euros?\b|eur\b|pounds?\b|gbp\b|cad\b|cents?\b|years?\b|yrs?\b|months?\b|weeks?\b|days?\b|hours?\b|hrs?\b|minutes?\b|mins?\b|percent\b))?",
        ),
        half: compile(
            r"(?i)\bhalf (?:of|off|price|the|our|your|as)\b|\ba (?:third|fifth|tenth)\b|\ba quarter (?:of|off|less|more)\b|\b(?:two|2) thirds\b|\b(?:three|3) quarters\b|\b24/7\b|\b(?:a)?round the clock\b|\b(?:dozens|hundreds|thousands|millions) of\b|\b(?:double|triple|twice) (?:the|your|as)\b",
        ),
    }
});

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Percentage,
    Money,
    /// Time, by the first letters of its unit.
    Span(String),
    Bare,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Number {
    value: String,
    kind: Kind,
    written: String,
    /// A person said it: "640" may be dollars or kilowatt hours.
    by_a_person: bool,
}

impl Number {
    fn read(found: &Captures<'_>, by_a_person: bool) -> Self {
        let unit = found.name("unit").map_or(String::new(), |unit| unit.as_str().to_lowercase());
        let kind = match unit.as_str() {
            "%" | "pct" | "percent" | "per cent" => Kind::Percentage,
            "€" | "£" | "dollar" | "dollars" | "usd" | "buck" | "bucks" | "euro" | "euros" | "eur" | "pound"
            | "pounds" | "gbp" | "cad" | "cent" | "cents" => Kind::Money,
            "" if found.name("sign").is_some() => Kind::Money,
            "" => Kind::Bare,
            unit => Kind::Span(span_of(unit)),
        };
        let kind = if found.name("sign").is_some() { Kind::Money } else { kind };
        Self { value: amount(&found["digits"]), kind, written: found[0].trim().to_owned(), by_a_person }
    }

    /// "30%" and "30 years" are not known because of "30 kW", but a person's bare number may stand for anything.
    fn is_backed_by(&self, known: &Self) -> bool {
        let may_be = known.by_a_person && known.kind == Kind::Bare;
        let fits = self.kind == known.kind || self.kind == Kind::Bare && known.kind == Kind::Money || may_be;
        self.value == known.value && fits
    }

    fn says_nothing(&self) -> bool {
        self.kind == Kind::Bare && SMALL.contains(&self.value.as_str())
    }
}

fn span_of(unit: &str) -> String {
    match unit {
        "yr" | "yrs" => "year".to_owned(),
        "hr" | "hrs" => "hour".to_owned(),
        "min" | "mins" => "minute".to_owned(),
        other => other.trim_end_matches('s').to_owned(),
    }
}

pub(super) fn invented_number(candidate: &Candidate<'_>) -> Outcome {
    let text = PATTERNS.link_or_date.replace_all(candidate.text, " ");
    let known: Vec<&str> =
        given(candidate).chain(facts(candidate)).chain(said(candidate).map(|message| message.text.as_str())).collect();
    let (what, words) = unknown_email(&text, &known)
        .or_else(|| unknown_phone(&text, &known))
        .or_else(|| unknown_half(&text, &known))
        .or_else(|| unknown_number(candidate, &text))?;
    Some((Regenerate, format!("The reply has a {what} that no data holds: \"{words}\". Leave it out.")))
}

type Unknown = Option<(&'static str, String)>;

fn unknown_email(text: &str, known: &[&str]) -> Unknown {
    let holds = |email: &str| known.iter().any(|source| source.to_lowercase().contains(&email.to_lowercase()));
    let found = PATTERNS.email.find_iter(text).find(|found| !holds(found.as_str()))?;
    Some(("e-mail address", found.as_str().to_owned()))
}

fn unknown_phone(text: &str, known: &[&str]) -> Unknown {
    let holds = |phone: &str| known.iter().any(|source| digits(source).contains(phone));
    let found = PATTERNS.phone.find_iter(text).find(|found| {
        let digits = digits(found.as_str());
        let tail = &digits[digits.len().saturating_sub(10)..];
        tail.len() >= PHONE_DIGITS && !holds(tail)
    })?;
    Some(("phone number", found.as_str().trim().to_owned()))
}

fn unknown_half(text: &str, known: &[&str]) -> Unknown {
    let found = PATTERNS.half.find(text)?.as_str().to_owned();
    let words = found.to_lowercase();
    (!known.iter().any(|source| source.to_lowercase().contains(&words))).then_some(("share", found))
}

fn unknown_number(candidate: &Candidate<'_>, text: &str) -> Unknown {
    let text = PATTERNS.email.replace_all(text, " ");
    let reply = without_times(&in_figures(&text));
    let mut backed: Vec<Number> = given(candidate)
        .chain(facts(candidate))
        .flat_map(|known| numbers(&without_times(&in_figures(known)), false))
        .collect();
    backed.extend(ours(candidate).flat_map(|text| numbers(&without_times(&in_figures(text)), false)));
    backed.extend(said(candidate).flat_map(|message| numbers(&without_times(&in_figures(&message.text)), true)));
    backed.extend(counted(candidate));
    let found = numbers(&reply, false)
        .into_iter()
        .find(|number| !number.says_nothing() && !backed.iter().any(|known| number.is_backed_by(known)))?;
    let what = match found.kind {
        Kind::Percentage => "percentage",
        Kind::Money => "price",
        Kind::Span(_) => "span of time",
        Kind::Bare => "number",
    };
    Some((what, found.written))
}

fn without_phones(text: &str) -> String {
    let blank = |found: &Captures<'_>| {
        let is_phone = digits(&found[0]).len() >= PHONE_DIGITS;
        if is_phone { " ".to_owned() } else { found[0].to_owned() }
    };
    PATTERNS.phone.replace_all(text, blank).into_owned()
}

fn numbers(text: &str, by_a_person: bool) -> Vec<Number> {
    let text = &without_phones(text);
    PATTERNS.number.captures_iter(text).map(|found| Number::read(&found, by_a_person)).collect()
}

/// What can be counted in the offer: its times, and the minutes a meeting takes.
fn counted(candidate: &Candidate<'_>) -> Vec<Number> {
    let offer = &candidate.ctx.offer;
    let minutes = offer.duration_minutes.map(|minutes| (minutes.to_string(), Kind::Span("minute".to_owned())));
    let times = (offer.slots.len().to_string(), Kind::Bare);
    minutes
        .into_iter()
        .chain([times])
        .map(|(value, kind)| Number { value, kind, written: String::new(), by_a_person: false })
        .collect()
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// An amount in one form: `1,200.00` and `1.2k` are `1200`.
fn amount(written: &str) -> String {
    let plain = written.to_lowercase().replace([',', ' '], "");
    let plain = plain.replace("mil", "m").replace("mm", "m");
    let (number, zeros) = match plain.strip_suffix(['k', 'm']) {
        Some(number) => (number, if plain.ends_with('k') { 3 } else { 6 }),
        None => (plain.as_str(), 0),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    let padded = format!("{fraction:0<zeros$}");
    let (moved, rest) = padded.split_at(zeros.min(padded.len()));
    let whole = format!("{whole}{moved}");
    let whole = whole.trim_start_matches('0');
    if rest.is_empty() { whole.to_owned() } else { format!("{whole}.{rest}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_compared_by_value() {
        for (written, value) in [
            ("1,200", "1200"),
            ("1200.00", "1200"),
            ("1.2k", "1200"),
            ("30", "30"),
            ("29.5", "29.5"),
            ("2M", "2000000"),
        ] {
            assert_eq!(amount(written), value);
        }
    }

    #[test]
    fn a_number_is_backed_by_its_own_kind_or_by_one_of_no_kind() {
        let read = |text: &str| numbers(&in_figures(text), false).into_iter().next().expect(text);
        for (reply, known) in
            [("$390", "$390"), ("390", "$390"), ("25-year", "25 years"), ("20 percent", "20%"), ("twenty-nine", "29")]
        {
            assert!(read(reply).is_backed_by(&read(known)), "{reply} by {known}");
        }
        for (reply, known) in [("30%", "30 kW"), ("$45", "45 minutes"), ("24 days", "24 hours"), ("$39", "$390")] {
            assert!(!read(reply).is_backed_by(&read(known)), "{reply} by {known}");
        }
    }
}
