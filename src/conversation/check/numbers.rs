//! Does every price, percentage, phone number and address in the reply come from data?

use std::sync::LazyLock;

use regex::Regex;

use super::known::{facts, given, said};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;

/// Digits of a phone number that must be known; country codes and trunk zeros are written or not.
const PHONE_DIGITS: usize = 7;

struct Patterns {
    link_or_date: Regex,
    price: Regex,
    percentage: Regex,
    phone: Regex,
    email: Regex,
    number: Regex,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    Patterns {
        link_or_date: compile(r"\S+://\S+|\b\d{4}-\d{2}-\d{2}\b"),
        price: compile(
            r"(?i)(?:[$€£¥]|\b(?:usd|eur|gbp|cad)\s?)\s?(?P<a>\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m)\b)?)|\b(?P<b>\d[\d,]*(?:\.\d+)?(?:\s?k)?)\s?(?:[€£]|(?:dollars?|usd|bucks|euros?|eur|pounds|gbp|cad|cents)\b)",
        ),
        percentage: compile(r"(?i)\b(?P<a>\d[\d,]*(?:\.\d+)?)\s?(?:%|per ?cent\b)"),
        phone: compile(r"\+?\(?\d[\d\s().-]{5,}\d"),
        email: compile(r"(?i)[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
        number: compile(r"(?i)\d[\d,]*(?:\.\d+)?(?:\s?(?:k|m)\b)?"),
    }
});

pub(super) fn invented_number(candidate: &Candidate<'_>) -> Outcome {
    let text = PATTERNS.link_or_date.replace_all(candidate.text, " ");
    let known: Vec<&str> =
        given(candidate).chain(facts(candidate)).chain(said(candidate).map(|message| message.text.as_str())).collect();
    let (what, words) = unknown_email(&text, &known)
        .or_else(|| unknown_amount(&PATTERNS.price, "price", &text, &known))
        .or_else(|| unknown_amount(&PATTERNS.percentage, "percentage", &text, &known))
        .or_else(|| unknown_phone(&text, &known))?;
    Some((Regenerate, format!("The reply has a {what} that no data holds: \"{words}\". Leave it out.")))
}

type Unknown = Option<(&'static str, String)>;

fn unknown_email(text: &str, known: &[&str]) -> Unknown {
    let holds = |email: &str| known.iter().any(|source| source.to_lowercase().contains(&email.to_lowercase()));
    let found = PATTERNS.email.find_iter(text).find(|found| !holds(found.as_str()))?;
    Some(("e-mail address", found.as_str().to_owned()))
}

fn unknown_amount(pattern: &Regex, what: &'static str, text: &str, known: &[&str]) -> Unknown {
    let holds = |value: &str| {
        known.iter().flat_map(|source| PATTERNS.number.find_iter(source)).any(|found| amount(found.as_str()) == value)
    };
    let found = pattern.captures_iter(text).find(|found| {
        let digits = found.name("a").or_else(|| found.name("b")).map_or("", |digits| digits.as_str());
        !holds(&amount(digits))
    })?;
    Some((what, found[0].trim().to_owned()))
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

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// An amount in one form: `1,200.00` and `1.2k` are `1200`.
fn amount(written: &str) -> String {
    let plain = written.to_lowercase().replace([',', ' '], "");
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
}
