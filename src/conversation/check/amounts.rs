//! Reads the numbers of a text: how much, of what, and in which statement.

use std::collections::{BTreeSet, HashSet};
use std::ops::{Range, RangeInclusive};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::beside::{around, asks_after, before_brackets, beside, close, listed};
use super::counted::{counted, is_ordinal};
use super::language::language_of;
use super::likeness::is_year;
use super::pattern::{any_case, exact};
use super::statements::{clauses, content, sentences, stem};
use super::times_said::without_times;

/// Digits of a phone number that must be known; country codes and trunk zeros are written or not.
pub(super) const PHONE_DIGITS: usize = 7;

/// Amounts are counted in thousandths.
pub(super) const WHOLE: u64 = 1_000;

struct Patterns {
    phone: Regex,
    number: Regex,
    per: Regex,
    /// "20 $1,280" and "£480-£950": two numbers.
    apart: Regex,
    of_us: Regex,
    of_lead: Regex,
    /// "45kg".
    measure: Regex,
    /// What stands before the most that may be.
    limit: Regex,
    /// What stands before a number that is rounded.
    rounded: Regex,
    /// The English that stands beside the figures of every language by now: it tells none.
    put_in_english: Regex,
    /// What stands before a year.
    since: Regex,
    /// "Moins d'heures au forfait: 13": a unit that a bare number may share.
    of_unit: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    phone: exact(r"\+?\(?\d[\d\s().-]{5,}\d"),
    number: any_case(
        r"(?P<sign>[$€£¥]|\b(?:usd|eur|gbp|cad|aud|nzd|us\$|r\$|r)\s?)?\s?(?P<digits>(?:\d{1,3}(?:[ \u{a0}\u{202f}]\d{3})+\b|\d+(?:[.,]\d{3})*)(?:[.,]\d+)?(?:(?:\s?k|m|mm|\s?mil)\b)?)(?:[\s-]?(?P<unit>%|apr\b|per ?cent\b|pct\b|[€£$]|dollars?\b|usd\b|bucks?\b|grands\b|euros?\b|eur\b|pounds?\b|quid\b|gbp\b|cad\b|cents?\b|pesos?\b|mxn\b|reais\b|years?\b|yrs?\b|months?\b|mths?\b|mos?\b|weeks?\b|wks?\b|days?\b|hours?\b|hrs?\b|minutes?\b|mins?\b))?",
    ),
    per: any_case(
        r"^\s?(?:/|an?\b|per\b|each\b|every\b|al\b|ao\b|por\b|par\b|la\b|le\b|(?:de )?l['\u{2019}])\s?(?P<unit>years?|yr|annum|año|an|année|ano|months?|mth|mo|mes|mois|mês|weeks?|wk|semana|semaine|days?|día|dia|jour|hours?|hr|hora|heure|h)\b",
    ),
    apart: exact(r"(\d)(?P<dash>\s?[-–]\s?|\s)([$€£]\d)"),
    measure: any_case(r"(\d)(kms?|kg|lbs?|kwh?|gb|mb|ft|sqm|sqft)\b"),
    of_lead: any_case(r"\b(?:you|your|yours|olds|su|sus|tu|tus|usted|vous|votre|vos|você|seu|sua|old)\b"),
    of_us: any_case(r"\b(?:we|our|us)\b"),
    limit: any_case(r"\b(?:up to|at most|no more than|jusqu.à|hasta|até|máximo(?: de)?|maximum(?: de)?)\s*$"),
    rounded: any_case(
        r"\b(?:(?P<under>(?:just |a (?:bit|little|touch|shade) |slightly )?(?:under|below)|nearly|almost)|(?P<over>(?:just|a (?:bit|little|touch|shade)|slightly) (?:over|above))|about|around|roughly|approximately|close to|circa|unos|unas|casi|environ|presque|cerca de|quase|uns|umas)\s*[$€£]?\s*$",
    ),
    put_in_english: any_case(r"\b(?:at|to|the|in|on)\s+(?:\d|\w+day\b)"),
    since: any_case(r"\b(?:since|desde|depuis|in|en|em)\s*$"),
    of_unit: any_case(r"\b(?P<unit>minutes|hours|days|weeks|months|years)\b"),
});

/// What a number counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Percentage,
    /// The sign of the currency; a dollar sign may stand for pesos too.
    Money(char),
    /// Time, in the least of its units: minutes, days or months.
    Span(Unit),
    /// Things, by the stem of the word that follows.
    Count(String),
    Bare,
}

/// The least unit of a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Minute,
    Day,
    Month,
}

/// What a sentence asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    None,
    OfUs,
    /// What is asked of the lead, not told of us.
    OfLead,
    /// How much or how many.
    How,
}

/// Where a number lies that is told rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rounded {
    /// "Just under 16 grand".
    Under,
    /// "A bit over an hour".
    Over,
    /// "About 40".
    About,
}

/// A number and what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    /// In thousandths; a span in thousandths of its least unit.
    pub(super) value: u64,
    pub(super) kind: Kind,
    /// What it is paid for each time, as in "$390 a month": the first letters of the unit.
    pub(super) per: Option<&'static str>,
    pub(super) written: String,
    /// The words of the same clause that stand between the commas and numbers beside it.
    pub(super) beside: BTreeSet<String>,
    /// The few words right before and after it.
    pub(super) close: BTreeSet<String>,
    /// The words of its clause, between the numbers before and after it, and of the heading it stands under.
    pub(super) clause: BTreeSet<String>,
    /// The words of its sentence.
    pub(super) sentence: BTreeSet<String>,
    /// What makes a span of its amount.
    pub(super) factor: u64,
    /// The unit of the span before it, which a bare number may share.
    pub(super) span_too: Option<Unit>,
    /// What was counted or paid before it in its sentence: a bare number may be more of that.
    pub(super) like: Option<Kind>,
    /// The numbers right beside it, with no other statement between.
    pub(super) near: Vec<(Kind, u64)>,
    /// Its sentence speaks of the lead.
    pub(super) of_lead: bool,
    /// The question it stands in.
    pub(super) question: Question,
    /// The most that may be, as in "up to 6": what a lead counts sets none.
    pub(super) is_limit: bool,
    /// It is rounded, and which way.
    pub(super) rounded: Option<Rounded>,
    /// A person said it: "640" may be dollars or kilowatt hours.
    pub(super) by_a_person: bool,
    /// The language of its text, where that can be told: words of two languages cannot be compared.
    pub(super) language: Option<&'static str>,
}

/// The numbers of a text whose words are in figures. Times and phone numbers are none.
pub(super) fn numbers(text: &str, by_a_person: bool) -> Vec<Number> {
    let (mut found, mut of_sentence, mut of_sentence_before, mut headed) = (Vec::new(), 0, 0, BTreeSet::new());
    let language = language_of(&PATTERNS.put_in_english.replace_all(text, " "));
    for sentence in sentences(text) {
        let plain = without_phones(&without_times(sentence.text));
        let plain = PATTERNS.measure.replace_all(&plain, "$1 $2").into_owned();
        let plain = PATTERNS.apart.replace_all(&plain, "$1  $dash $3").into_owned();
        let words = telling(&plain);
        let is_next = goes_on(text, sentence.text);
        // What stands before a colon is said of what follows a semicolon too.
        headed = Some(heading(&plain)).filter(|own| !is_next || !own.is_empty()).unwrap_or(headed);
        let question = match sentence.asks {
            false => Question::None,
            true if sentence.text.to_lowercase().starts_with("how ") => Question::How,
            true if PATTERNS.of_us.is_match(&plain) => Question::OfUs,
            true => Question::OfLead,
        };
        // "La paroi est garantie 15 ans; la coque, 25".
        let begins = found.len();
        // "The shell has 25 years. Concrete gets 10."
        let spans_from = std::mem::replace(&mut of_sentence_before, begins);
        of_sentence = if is_next { of_sentence } else { begins };
        let spans: Vec<_> = PATTERNS.number.find_iter(&plain).map(|number| number.range()).collect();
        let list = telling(listed(&plain, &spans));
        for (at, captures) in PATTERNS.number.captures_iter(&plain).enumerate() {
            let Some(mut number) = read(&captures, &plain) else { continue };
            // "From the 30th" counts none.
            if by_a_person && is_ordinal(&plain[spans[at].end..]) {
                continue;
            }
            let range = range_of(&plain, &spans, at);
            let told = spans[*range.start()].start..spans[*range.end()].end;
            let before = before_brackets(&plain, &spans, *range.start()).map_or(0, |span| span.end);
            let after = spans.get(range.end() + 1).map_or(plain.len(), |span| span.start);
            let (from, to) = around(&plain, before, after, &told);
            number.question = if asks_after(&plain[spans[at].end..]) { Question::None } else { question };
            number.by_a_person = by_a_person;
            (number.clause, number.sentence) = (telling(&plain[from..to]), words.clone());
            number.language = language;
            number.is_limit = PATTERNS.limit.is_match(&plain[..spans[at].start]);
            number.rounded = rounded(&plain[..spans[at].start]);
            number.of_lead = sentence.asks || PATTERNS.of_lead.is_match(&plain);
            number.clause.extend(headed.iter().chain(&list).cloned());
            number.beside = telling(beside(&plain, from..to, &told));
            number.close = telling(&close(&plain[from..told.start], &plain[told.end..to]));
            // What is counted is said of every number that counts it.
            if let Kind::Count(thing) = &number.kind {
                number.beside.remove(thing);
                number.clause.remove(thing);
                number.close.remove(thing);
            }
            // "10 years on the lease, 25 on the panels and 5 on the rest".
            let span = found[spans_from..].iter().rev().find_map(|before: &Number| match before.kind {
                Kind::Span(unit) => Some((unit, before.factor)),
                _ => None,
            });
            let span = span.or_else(|| unit_before(&plain[..spans[at].start]));
            if let (Kind::Bare, Some((unit, factor))) = (&number.kind, span) {
                (number.span_too, number.factor) = (Some(unit), factor);
            }
            // "A1 has 4 places left and A2 has 2".
            // What is paid in one half of a sentence is not counted in the other.
            number.like = like(&found[begins..], true).or_else(|| like(&found[of_sentence..begins], false));
            number.near = near(&plain, &spans, at);
            // "$340.000 for the first 5 hours and $52.000 each hour": a rate is for no other span.
            if number.per.is_some() {
                number.near.retain(|(kind, _)| !matches!(kind, Kind::Span(_)));
            }
            found.push(number);
        }
    }
    found
}

/// The numbers of a range, as in "3 weeks to 5 weeks": what is said of one is said of the other.
fn range_of(text: &str, spans: &[Range<usize>], at: usize) -> RangeInclusive<usize> {
    let joined = |first: usize| {
        let between = spans.get(first).zip(spans.get(first + 1)).map(|(one, next)| text[one.end..next.start].trim());
        between.is_some_and(|between| ["to", "-", "–", "or"].contains(&between))
    };
    let first = (0..at).rev().take_while(|before| joined(*before)).last().unwrap_or(at);
    let last = (at..spans.len()).find(|after| !joined(*after)).unwrap_or(at);
    first..=last
}

/// The last thing that was counted or shared out among numbers, or paid where that counts.
fn like(numbers: &[Number], or_paid: bool) -> Option<Kind> {
    let is_like = |kind: &&Kind| match kind {
        Kind::Bare | Kind::Span(_) => false,
        Kind::Money(_) => or_paid,
        Kind::Count(_) | Kind::Percentage => true,
    };
    numbers.iter().rev().map(|number| &number.kind).find(is_like).cloned()
}

/// True where a sentence is the other half of the one before it.
fn goes_on(text: &str, sentence: &str) -> bool {
    let start = (sentence.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    text.get(..start).is_some_and(|before| before.trim_end().ends_with(';'))
}

/// The unit that was named last, and what makes a span of it.
fn unit_before(text: &str) -> Option<(Unit, u64)> {
    let unit = PATTERNS.of_unit.captures_iter(text).last()?;
    span(&unit["unit"].to_lowercase()).map(|(factor, unit)| (unit, factor))
}

/// So many words may stand between two numbers that belong together.
const NEAR_WORDS: usize = 5;

/// The numbers right beside one, with no other statement between: "5,000 for £540".
fn near(text: &str, spans: &[Range<usize>], at: usize) -> Vec<(Kind, u64)> {
    let joined = |one: &Range<usize>, other: &Range<usize>| {
        let between = &text[one.end.min(other.start)..other.start];
        let parts = matches!(between.split_whitespace().next_back(), Some("or" | "and"));
        clauses(between).len() < 2
            && !parts
            && !between.contains([',', ':', ';', '('])
            && between.split_whitespace().count() <= NEAR_WORDS
    };
    let pairs = [at.checked_sub(1).map(|before| (before, before, at)), Some((at + 1, at, at + 1))];
    let beside = pairs.into_iter().flatten().filter(|(_, one, other)| {
        spans.get(*one).zip(spans.get(*other)).is_some_and(|(one, other)| joined(one, other))
    });
    let read_at = |near: usize| read(&PATTERNS.number.captures_at(text, spans.get(near)?.start)?, text);
    beside.filter_map(|(near, _, _)| read_at(near)).map(|near| (near.kind, near.value)).collect()
}

/// How a number is rounded, by the words before it.
fn rounded(before: &str) -> Option<Rounded> {
    let found = PATTERNS.rounded.captures(before)?;
    Some(match (found.name("under"), found.name("over")) {
        (Some(_), _) => Rounded::Under,
        (_, Some(_)) => Rounded::Over,
        _ => Rounded::About,
    })
}

/// "Spay or neuter: cats $140, dogs $265": what stands before the colon is said of all that follows.
fn heading(sentence: &str) -> BTreeSet<String> {
    let heading = sentence.split_once(": ").and_then(|(heading, _)| heading.split(" (").next()).unwrap_or_default();
    if heading.contains(['$', '€', '£', '%']) { BTreeSet::new() } else { telling(heading) }
}

fn read(found: &Captures<'_>, clause: &str) -> Option<Number> {
    let after = &clause[found.get(0)?.end()..];
    let unit = found.name("unit").map_or(String::new(), |unit| unit.as_str().to_lowercase());
    let sign = found.name("sign").map(|sign| currency(sign.as_str().trim()));
    let amount = amount(&found["digits"]);
    let (value, kind) = match (sign, unit.as_str()) {
        (Some(sign), _) => (amount, Kind::Money(if unit.starts_with("peso") { 'p' } else { sign })),
        (None, "%" | "apr" | "pct" | "percent" | "per cent") => (amount, Kind::Percentage),
        (None, "cent" | "cents") => (amount / 100, Kind::Money('$')),
        // "Since 1994 making blinds" counts none.
        (None, "") if is_year(amount) && PATTERNS.since.is_match(&clause[..found.get(0)?.start()]) => {
            (amount, Kind::Bare)
        }
        (None, "") => match counted(after, amount) {
            // "12 clean years".
            Some(thing) => match span(&thing) {
                Some((factor, unit)) => (amount.saturating_mul(factor), Kind::Span(unit)),
                None => (amount, Kind::Count(thing)),
            },
            None => (amount, Kind::Bare),
        },
        (None, unit) => match span(unit) {
            Some((factor, unit)) => (amount.saturating_mul(factor), Kind::Span(unit)),
            None => (amount, Kind::Money(currency(unit))),
        },
    };
    let per = PATTERNS.per.captures(after).and_then(|found| period(&found["unit"].to_lowercase()));
    let factor = span(&unit).map_or(1, |(factor, _)| factor);
    Some(Number { per, factor, ..Number::new(value, kind, found[0].trim()) })
}

fn currency(written: &str) -> char {
    match written.to_lowercase().as_str() {
        "€" | "eur" | "euro" | "euros" => '€',
        "£" | "gbp" | "pound" | "pounds" | "quid" => '£',
        "¥" => '¥',
        "peso" | "pesos" | "mxn" => 'p',
        "r$" | "reais" | "r" => 'r',
        "grands" => UNSAID,
        _ => '$',
    }
}

/// A currency that goes without saying, as in "five grand".
const UNSAID: char = '*';

/// A dollar sign is written for pesos and reais too.
pub(super) fn same_currency(one: char, other: char) -> bool {
    one == other
        || [one, other].contains(&UNSAID)
        || one == '$' && "pr".contains(other)
        || other == '$' && "pr".contains(one)
}

fn span(unit: &str) -> Option<(u64, Unit)> {
    Some(match unit.trim_end_matches('s') {
        "minute" | "min" => (1, Unit::Minute),
        "hour" | "hr" => (60, Unit::Minute),
        "day" => (1, Unit::Day),
        "week" | "wk" => (7, Unit::Day),
        "month" | "mth" | "mo" => (1, Unit::Month),
        "year" | "yr" => (12, Unit::Month),
        _ => return None,
    })
}

fn period(unit: &str) -> Option<&'static str> {
    Some(match unit {
        "mo" | "mth" | "month" | "months" | "mes" | "mois" | "mês" => "month",
        "wk" | "week" | "weeks" | "semana" | "semaine" => "week",
        "day" | "days" | "día" | "dia" | "jour" => "day",
        "hr" | "hour" | "hours" | "hora" | "heure" | "h" => "hour",
        "yr" | "year" | "years" | "annum" | "año" | "an" | "année" | "ano" => "year",
        _ => return None,
    })
}

impl Number {
    /// A number of which nothing else is known.
    pub(super) fn new(value: u64, kind: Kind, written: &str) -> Self {
        Self {
            value,
            kind,
            per: None,
            written: written.to_owned(),
            beside: BTreeSet::new(),
            close: BTreeSet::new(),
            clause: BTreeSet::new(),
            sentence: BTreeSet::new(),
            factor: 1,
            span_too: None,
            like: None,
            near: Vec::new(),
            of_lead: false,
            question: Question::None,
            is_limit: false,
            rounded: None,
            by_a_person: false,
            language: None,
        }
    }
}

pub(super) fn without_phones(text: &str) -> String {
    let blank = |found: &Captures<'_>| {
        let is_phone = digits(&found[0]).len() >= PHONE_DIGITS && !is_round(&found[0]);
        if is_phone { " ".to_owned() } else { found[0].to_owned() }
    };
    PATTERNS.phone.replace_all(text, blank).into_owned()
}

/// "2500000" and "2.500.000" are amounts.
fn is_round(written: &str) -> bool {
    let mut groups = written.split('.');
    let is_first = |group: &str| !group.is_empty() && group.chars().all(|c| c.is_ascii_digit());
    let is_group = |group: &str| group.len() == 3 && is_first(group);
    written.ends_with("000") && groups.next().is_some_and(is_first) && groups.all(is_group)
}

/// The phone numbers of a text, as they are written.
pub(super) fn phones(text: &str) -> impl Iterator<Item = &str> {
    PATTERNS.phone.find_iter(text).map(|found| found.as_str().trim()).filter(|found| !is_round(found))
}

pub(super) fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Words that tell a number apart from others: not the numbers, and not their units.
fn telling(text: &str) -> BTreeSet<String> {
    let is_figure = |word: &str| word.starts_with(|c: char| c.is_ascii_digit());
    content(text).into_iter().filter(|word| !is_figure(word) && !UNIT_STEMS.contains(word)).collect()
}

/// Words that stand beside any number.
const UNITS: &str = "minute hour day week month year dollar euro pound percent cent peso mile yrs mins hrs mos wks time \
    about around roughly typical cost price start take come pay each only plus total just usual most least";

static UNIT_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| UNITS.split_whitespace().map(stem).collect());

/// An amount in thousandths: `1,200.00` and `1.2k` are 1,200. A point or comma before three digits parts thousands.
fn amount(written: &str) -> u64 {
    let plain = written.to_lowercase().replace(char::is_whitespace, "").replace("mil", "m").replace("mm", "m");
    let (number, factor) = match (plain.strip_suffix('k'), plain.strip_suffix('m')) {
        (Some(number), _) => (number, 1_000),
        (_, Some(number)) => (number, 1_000_000),
        _ => (plain.as_str(), 1),
    };
    let point = number.rfind(['.', ',']).filter(|at| factor > 1 || number.len() - at != 4);
    let (whole, fraction) = point.map_or((number, ""), |at| (&number[..at], &number[at + 1..]));
    let whole: u64 = digits(whole).parse().unwrap_or(u64::MAX);
    let fraction: u64 = format!("{fraction:0<3}").get(..3).and_then(|digits| digits.parse().ok()).unwrap_or_default();
    whole.saturating_mul(WHOLE).saturating_add(fraction).saturating_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::check::figures::in_figures;

    #[test]
    fn amounts_are_compared_by_value() {
        for (written, thousandths) in [
            ("1,200", 1_200_000),
            ("1200.00", 1_200_000),
            ("1.850", 1_850_000),
            ("24,50", 24_500),
            ("15 000", 15_000_000),
            ("1.2k", 1_200_000),
            ("30", 30_000),
            ("29.5", 29_500),
            ("2M", 2_000_000_000),
        ] {
            assert_eq!(amount(written), thousandths, "{written}");
        }
    }

    #[test]
    fn a_number_fits_its_own_kind_or_one_that_says_less() {
        let read = |text: &str| numbers(&in_figures(text), false).into_iter().next().expect(text);
        let fits = |reply: &str, known: &str| {
            let (reply, known) = (read(reply), read(known));
            reply.value == known.value && reply.kind.fits(&known.kind)
        };
        for (reply, known) in [
            ("$390", "$390"),
            ("390", "$390"),
            ("25-year", "25 years"),
            ("20 percent", "20%"),
            ("twenty-nine", "29"),
            ("an hour", "60 minutes"),
            ("two weeks", "14 days"),
            ("1,850 pesos", "$1,850"),
        ] {
            assert!(fits(reply, known), "{reply} by {known}");
        }
        for (reply, known) in [
            ("30%", "30 kW"),
            ("$45", "45 minutes"),
            ("24 days", "24 hours"),
            ("$39", "$390"),
            ("500 miles", "$500"),
            ("£19", "$19"),
        ] {
            assert!(!fits(reply, known), "{reply} by {known}");
        }
    }
}
