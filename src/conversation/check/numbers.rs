//! Does every price, percentage, count, phone number and address in the reply come from data?

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use super::ages::is_age;
use super::amounts::{Kind, Number, PHONE_DIGITS, Question, Unit, WHOLE, digits, numbers, phones};
use super::figures::in_figures;
use super::known::{facts, given, ours, said};
use super::pattern::{any_case, exact};
use super::rivals::{CLOSER_WORDS, is_of_something_else};
use super::shares::{unknown_share, with_percents};
use super::statements::{content, sentences, shared, stem};
use super::taxes::unknown_tax;
use super::times_told::Said;
use super::worked_out::work_out;
use super::working_days::{days_of_weeks, in_weeks};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::recent::Recent;

/// Counts so small that they say nothing, in thousandths, as in "2 quick questions".
const SMALL: u64 = 2_000;

/// Whom to call in need, in thousandths.
const EMERGENCY: [u64; 4] = [911_000, 112_000, 999_000, 988_000];

/// Who is counted.
const PEOPLE: &str = "people person guest adult student pupil kid child children dancer member passenger participant attendee personas pessoas \
    personnes convives invités invitados convidados alumnos alunos élèves adultos adultes participantes \
    niños enfants crianças";

pub(super) static PEOPLE_STEMS: LazyLock<BTreeSet<String>> =
    LazyLock::new(|| PEOPLE.split_whitespace().map(stem).collect());

/// Counts that a lead may be asked to choose among, in thousandths, as in "2 or 3 of you?".
const CHOICE: u64 = 12_000;

struct Patterns {
    link_or_date: Regex,
    email: Regex,
    /// What has digits and is no number: ordinals, and names such as "B207".
    code: Regex,
    /// As many as were told: "included in all 3" and "are 3 of the 11".
    told_before: Regex,
    /// "10x10" and "4m x 6m".
    size: Regex,
    /// "10 by 10".
    size_in_words: Regex,
    one: Regex,
    yours: Regex,
    lifetime: Regex,
    no_fee: Regex,
    /// What makes a fee none.
    gone: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    link_or_date: any_case(r"\S+://\S+|\bUTC[+-]\d{1,2}(?::?\d{2})?|\b\d{4}-\d{2}-\d{2}\b|\b[\w-]+(?:\.[\w-]+)+/\S*"),
    email: any_case(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+"),
    lifetime: any_case(
        r"\b(?:lifetime|life-long) (?:warranty|guarantee|coverage|cover|support|service|price|rate|deal|plan|access|protection)\b|\b(?:warrant(?:y|ied)|guaranteed?|covered|coverage|backed)(?: is| it)? for (?:life|a lifetime)\b|\bgarant\p{L}+ (?:de por vida|à vie|vitalícia|para toda la vida)\b",
    ),
    no_fee: any_case(r"\bno (?P<fee>\w+ (?:fee|deposit|commission|minimum))\b"),
    gone: any_case(
        r"^ (?:drops to|falls to|goes to|becomes|is|is then) (?:zero|0|nothing|nil|waived|gone)\b|^ (?:disappears|goes away|falls away|no longer applies)\b",
    ),
    code: exact(
        r"\b[1-3]/[24]\b|\b\p{L}+-?\d[\w-]*\b|\b\d+(?:st|nd|rd|th)\b|\b(?:one|two|three|four|six|eight)-legged\b",
    ),
    told_before: any_case(
        r"\ball (?:\d|1[0-2])(?P<all>\s*[.,;!?]|\s*$)|\b(?:\d|1[0-2]) of (?:the|our|those|these) (?P<of>\d+)\b",
    ),
    size_in_words: any_case(r"\b(?P<one>\d+(?:[.,]\d+)?) by (?P<two>\d+(?:[.,]\d+)?)\b"),
    size: any_case(
        r"\b\d+(?:[.,]\d+)?\s?(?:m|mm|cm|ft|in|')?\s?[x×]\s?\d+(?:[.,]\d+)?(?:\s?(?:m|mm|cm|ft|')?\s?[x×]\s?\d+(?:[.,]\d+)?)?(?:\s?(?:mm|cm|m|ft)\b)?",
    ),
    yours: any_case(r"\b(?:like|for|of|as) yours\b"),
    one: any_case(r"(?P<before>^|[.,:;] |\b(?:has|have|with|is|are|had|and) )one "),
});

pub(super) fn invented_number(candidate: &Candidate<'_>) -> Outcome {
    let text = PATTERNS.link_or_date.replace_all(candidate.text, " ");
    let known: Vec<&str> =
        given(candidate).chain(facts(candidate)).chain(said(candidate).map(|message| message.text.as_str())).collect();
    let (what, words) = unknown_email(&text, &known)
        .or_else(|| unknown_phone(&text, &known))
        .or_else(|| unknown_share(&text, &known).map(|words| ("share", words)))
        .or_else(|| unknown_tax(&text, &known).map(|words| ("price", words)))
        .or_else(|| denied_fee(&text, &known))
        .or_else(|| unknown_lifetime(&text, &known))
        .or_else(|| unknown_number(candidate, &text, &known))?;
    Some((Regenerate, format!("The reply has a {what} that no data holds: \"{words}\". Leave it out.")))
}

type Unknown = Option<(&'static str, String)>;

fn unknown_email(text: &str, known: &[&str]) -> Unknown {
    let holds = |email: &str| known.iter().any(|source| source.to_lowercase().contains(&email.to_lowercase()));
    let found = PATTERNS.email.find_iter(text).find(|found| !holds(found.as_str()))?;
    Some(("e-mail address", found.as_str().to_owned()))
}

/// As long as somebody lives, or decades: no count, and more than any.
fn unknown_lifetime(text: &str, known: &[&str]) -> Unknown {
    let found = PATTERNS.lifetime.find(text)?.as_str();
    let is_known = known.iter().any(|source| PATTERNS.lifetime.is_match(source));
    (!is_known).then(|| ("span of time", found.to_owned()))
}

fn unknown_phone(text: &str, known: &[&str]) -> Unknown {
    let holds = |phone: &str| known.iter().any(|source| digits(source).contains(phone));
    let found = phones(text).find(|found| {
        let digits = digits(found);
        let tail = &digits[digits.len().saturating_sub(10)..];
        tail.len() >= PHONE_DIGITS && !holds(tail)
    })?;
    Some(("phone number", found.to_owned()))
}

/// So many words before a fee may deny it: "without paying us a conversion fee".
const DENIED_WITHIN: usize = 4;

/// A fee that what is known says there is not.
fn denied_fee(text: &str, known: &[&str]) -> Unknown {
    let denied =
        known.iter().flat_map(|source| PATTERNS.no_fee.captures_iter(source)).map(|found| found["fee"].to_lowercase());
    // A fee that is charged for one thing and not for another.
    let is_charged = |fee: &str| {
        let price = |source: &str, at: usize| source[..at].trim_end().ends_with(|c: char| c.is_ascii_digit());
        known
            .iter()
            .map(|source| source.to_lowercase())
            .any(|source| source.match_indices(fee).any(|(at, _)| price(&source, at)))
    };
    let text = text.to_lowercase();
    let claimed = denied.into_iter().filter(|fee| !is_charged(fee)).find(|fee| {
        let told = text
            .match_indices(fee.as_str())
            .map(|(at, _)| text[..at].split_whitespace().rev().take(DENIED_WITHIN).collect::<Vec<_>>());
        let is_denied = |before: Vec<&str>| {
            before.iter().any(|word| ["no", "without", "any", "zero", "not", "isn't"].contains(word))
        };
        let is_gone = text.match_indices(fee.as_str()).any(|(at, _)| PATTERNS.gone.is_match(&text[at + fee.len()..]));
        text.contains(|c: char| c.is_ascii_digit()) && !is_gone && told.into_iter().any(|before| !is_denied(before))
    })?;
    Some(("price", claimed))
}

fn unknown_number(candidate: &Candidate<'_>, text: &str, texts: &[&str]) -> Unknown {
    let text = PATTERNS.email.replace_all(text, " ");
    let is_known = |code: &str| {
        let has = |word: &str| texts.iter().any(|source| source.to_lowercase().contains(word));
        let share = match code {
            "1/4" => has("quarter"),
            "1/2" => has("half"),
            "3/4" => has("three quarters") || has("three-quarter"),
            _ => false,
        };
        share
            || code.ends_with(['t', 'd', 'h']) && code.starts_with(|c: char| c.is_ascii_digit())
            || code.ends_with("legged")
            || texts.iter().any(|source| source.contains(code))
    };
    let text = with_known_sizes(&text, texts);
    let text = PATTERNS.code.replace_all(&text, |found: &Captures<'_>| {
        if is_known(&found[0]) && !is_amount(&found[0]) { " ".to_owned() } else { found[0].to_owned() }
    });
    let text = PATTERNS.told_before.replace_all(&in_figures(&text), " all $all of $of").into_owned();
    let mut reply = numbers(&text, false);
    if reply.is_empty() {
        return None;
    }
    let taught: Vec<Arc<[Number]>> = given(candidate).chain(facts(candidate)).map(taught).collect();
    let taught: Vec<&Number> = taught.iter().flat_map(|numbers| numbers.iter()).collect();
    let mut told: Vec<Number> = ours(candidate).flat_map(|text| numbers(&in_figures(text), false)).collect();
    told.extend(said(candidate).flat_map(|message| numbers(&in_figures(&message.text), true)));
    told.extend(counted(candidate));
    let known: Vec<&Number> = taught.iter().copied().chain(&told).collect();
    // "For a clock like yours" is told of the clock that we were told of.
    if PATTERNS.yours.is_match(&text) {
        let theirs: BTreeSet<String> = facts(candidate).flat_map(content).collect();
        for number in &mut reply {
            number.clause.extend(theirs.iter().cloned());
        }
    }
    let (dates, lengths) = (dates_of_people(candidate), lengths(candidate, &text));
    let is_date = |number: &Number| number.kind == Kind::Bare && dates.contains(&number.value);
    let is_length = |number: &Number| number.kind == Kind::Span(Unit::Minute) && lengths.contains(&number.value);
    let year = TimeZone::UTC.to_datetime(candidate.ctx.now).year();
    let mut backed: Vec<bool> = reply
        .iter()
        .map(|number| {
            let is_told = is_date(number)
                || is_length(number)
                || are_weeks(number, candidate.text, &known)
                || is_age(number, &text, &taught, year)
                || is_days_a_week(candidate, number);
            is_told || is_backed(number, &known, &taught)
        })
        .collect();
    work_out(&text, &reply, &mut backed, &known);
    let (found, _) = reply.into_iter().zip(backed).find(|(_, is_backed)| !is_backed)?;
    let what = match found.kind {
        Kind::Percentage => "percentage",
        Kind::Money(_) => "price",
        Kind::Span(_) => "span of time",
        Kind::Bare | Kind::Count(_) => "number",
    };
    Some((what, found.written))
}

/// Bytes of texts whose numbers are remembered: every reply is held against the same knowledge.
const REMEMBERED_BYTES: usize = 128 * 1024;

static TAUGHT: LazyLock<Recent<Arc<[Number]>>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// The numbers of a text that the model was given.
fn taught(text: &str) -> Arc<[Number]> {
    TAUGHT.recall(text, |text| {
        let read = |text: &str| numbers(&with_ones(&with_percents(&in_figures(&with_sizes(text)))), false);
        // Ten working days are two weeks too.
        let weeks = in_weeks(text).map(|text| read(&text)).unwrap_or_default();
        let weeks = weeks.into_iter().filter(|number| number.kind == Kind::Span(Unit::Day) && number.factor == 7);
        let mut all = read(text);
        all.extend(weeks);
        all.into()
    })
}

/// Square metres, and rands as in "R7 500".
fn is_amount(code: &str) -> bool {
    let is_rand = |digits: &str| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit());
    matches!(code, "m2" | "m3") || code.strip_prefix('R').is_some_and(is_rand)
}

/// The days of the month that a person named or that Close holds of the lead, in thousandths: "from 10 to 19" is what they asked
/// for.
fn dates_of_people(candidate: &Candidate<'_>) -> BTreeSet<u64> {
    let today = TimeZone::UTC.to_datetime(candidate.ctx.now).date();
    let texts = said(candidate).map(|message| message.text.as_str()).chain(facts(candidate));
    let days = texts.flat_map(|text| Said::read(&in_figures(text), today).days);
    days.filter_map(|(day, _)| u64::try_from(day.day).ok()).map(|day| day * WHOLE).collect()
}

/// How long lasts what goes from one hour to another in a text, in thousandths of minutes: from 10 to 1 are 3 hours.
fn lengths(candidate: &Candidate<'_>, text: &str) -> BTreeSet<u64> {
    let ranges = Said::read(text, TimeZone::UTC.to_datetime(candidate.ctx.now).date()).ranges;
    ranges.iter().map(|(first, last, _)| u64::from(first.minutes_to(*last)) * WHOLE).collect()
}

/// "10 working days" where two weeks are known.
fn are_weeks(number: &Number, text: &str, known: &[&Number]) -> bool {
    let are_days = number.kind == Kind::Span(Unit::Day);
    let mut weeks = days_of_weeks(text).filter(|(days, _)| are_days && days * WHOLE == number.value);
    weeks.any(|(_, days)| known.iter().any(|known| known.kind == number.kind && known.value == days * WHOLE))
}

/// "6 days a week" where a sentence or a passage names six of them.
fn is_days_a_week(candidate: &Candidate<'_>, number: &Number) -> bool {
    if number.kind != Kind::Span(Unit::Day) || number.per != Some("week") {
        return false;
    }
    let today = TimeZone::UTC.to_datetime(candidate.ctx.now).date();
    let named = |text: &str| {
        let whens = Said::read(&in_figures(text), today).whens;
        let days: HashSet<_> =
            whens.iter().filter_map(|when| when.weekday()).map(Weekday::to_monday_zero_offset).collect();
        days.len() as u64 * WHOLE == number.value
    };
    given(candidate).any(|known| named(known) || sentences(known).into_iter().any(|sentence| named(sentence.text)))
}

/// Letters that stand for the digits of a size, and make no ending of a word.
const DIGITS: [char; 10] = ['b', 'c', 'f', 'h', 'j', 'k', 'q', 'v', 'w', 'z'];

/// The name of a size, a word that can be compared: "4m x 6m" and "4x6" are one.
fn size_name(written: &str) -> String {
    let sides = written.chars().filter_map(|c| match c {
        'x' | 'X' | '×' => Some('x'),
        '.' | ',' => Some('p'),
        c => c.to_digit(10).and_then(|digit| DIGITS.get(digit as usize).copied()),
    });
    "zz".chars().chain(sides).collect()
}

fn sizes(text: &str) -> impl Iterator<Item = String> {
    PATTERNS.size.find_iter(text).map(|found| size_name(found.as_str()))
}

/// The text with the names of those sizes that are known: of one that is not, each side is a number.
fn with_known_sizes(text: &str, texts: &[&str]) -> String {
    let known: BTreeSet<String> = texts.iter().flat_map(|source| sizes(source)).collect();
    let named = |written: &str, found: &Captures<'_>| {
        let name = size_name(written);
        if known.iter().any(|known| known.starts_with(&name)) { format!(" {name} ") } else { found[0].to_owned() }
    };
    let text = PATTERNS.size.replace_all(text, |found: &Captures<'_>| named(&found[0], found));
    let in_words = |found: &Captures<'_>| named(&format!("{}x{}", &found["one"], &found["two"]), found);
    PATTERNS.size_in_words.replace_all(&text, in_words).into_owned()
}

/// The text with the names of its sizes on both sides of them: those of three sides go by the first two as well.
fn with_sizes(text: &str) -> String {
    let named = |found: &Captures<'_>| {
        let name = size_name(&found[0]);
        let short = name.match_indices('x').nth(1).map_or("", |(at, _)| &name[..at]);
        format!(" {short} {name} {} {short} {name} ", &found[0])
    };
    PATTERNS.size.replace_all(text, named).into_owned()
}

/// "One owner" counts owners, where we are told of them.
fn with_ones(text: &str) -> String {
    PATTERNS.one.replace_all(text, "${before}1 ").into_owned()
}

/// What is asked, whom to call in need, and counts so small that they say nothing; not what the knowledge `counts`.
fn goes_without_saying(number: &Number, counts: bool) -> bool {
    if number.question == Question::How && !matches!(number.kind, Kind::Money(_) | Kind::Percentage)
        || number.kind == Kind::Bare && EMERGENCY.contains(&number.value)
    {
        return true;
    }
    let is_number =
        !is_harm(number) && matches!(number.kind, Kind::Bare | Kind::Count(_)) && number.per.is_none() && !counts;
    is_number
        && (number.value <= SMALL && number.value.is_multiple_of(WHOLE)
            || matches!(number.question, Question::OfLead | Question::How) && number.value <= CHOICE)
}

fn is_backed(number: &Number, known: &[&Number], taught: &[&Number]) -> bool {
    // What the knowledge counts by the same word, as in "guest passes" and "miles".
    let is_counted = |known: &Number| number.kind == known.kind && matches!(known.kind, Kind::Count(_));
    let counts = taught.iter().copied().any(is_counted);
    if goes_without_saying(number, counts) {
        return true;
    }
    // "It holds 60" may be told as 60 people, and "5 to 9 students" too.
    let are_people = |kind: &Kind| matches!(kind, Kind::Count(thing) if PEOPLE_STEMS.contains(thing));
    let of_people = are_people(&number.kind);
    let holds = |known: &Number| {
        of_people && (!known.by_a_person || number.of_lead) && (known.kind == Kind::Bare || are_people(&known.kind))
    };
    let is_as_long = |known: &Number| {
        number.is_as_long(known) && shared(&number.clause, &known.clause) > 0
            || number.is_as_many_weeks(known) && shared(&number.sentence, &known.sentence) > 1
    };
    let may_be = |known: &&Number| {
        if is_of_other(number, known) {
            return false;
        }
        let is_other = matches!((&known.kind, &number.kind), (Kind::Count(_), _) | (Kind::Bare, Kind::Span(_)));
        if number.is_limit && known.by_a_person && is_other {
            return false;
        }
        if known.is_year() && !known.by_a_person && number.kind != Kind::Bare {
            // "Our 2026 listings" are no 2,026 listings.
            return known.value == number.value
                && matches!(number.kind, Kind::Count(_))
                && !number.written.contains([',', '.', ' ']);
        }
        if number.is_rounded_from(known) && (number.per.is_none() || known.per.is_none() || number.per == known.per) {
            return true;
        }
        let of_anything = known.by_a_person
            && match (&known.kind, &number.kind) {
                (Kind::Bare, Kind::Span(_) | Kind::Percentage) => number.of_lead,
                // "Your 90" of whom the lead said "90 day guests".
                (Kind::Span(_), Kind::Bare) => {
                    number.of_lead && known.value == number.value.saturating_mul(known.factor)
                }
                (Kind::Bare, Kind::Count(_)) => number.of_lead || !counts,
                (Kind::Bare, _) | (Kind::Count(_), Kind::Count(_)) => true,
                _ => false,
            };
        // "A 7 year old" is one of whom the lead said "she is 7".
        let is_span_of_person = known.by_a_person && matches!(known.kind, Kind::Span(_));
        let as_told = known.value == number.value && !is_of_other_unit(number, known)
            || of_anything && is_span_of_person && number.kind == Kind::Bare
            || of_anything && known.value.saturating_mul(number.factor) == number.value;
        let fits = if counts {
            is_counted(known) || holds(known) || number.is_one_more_of(known) || number.is_of_thing(known)
        } else {
            number.kind.fits(&known.kind) || holds(known) || number.is_one_more_of(known) || number.is_of_thing(known)
        };
        let per = number.per.is_none() || known.per.is_none() || number.per == known.per;
        let shares_unit = number.span_too.is_some_and(|unit| known.kind == Kind::Span(unit))
            && known.value == number.value.saturating_mul(number.factor);
        let is_same = as_told && (fits && per && known.value == number.value || of_anything);
        is_same
            || number.is_span_without_unit(known)
                && (shared(&number.sentence, &known.sentence) >= CLOSER_WORDS
                    || shared(&number.close, &known.close) > 0)
            || shares_unit
            || is_as_long(known)
            || number.is_counted_as(known)
            || number.is_told_beside(known)
            || number.is_price_in_cents(known)
    };
    let backing: Vec<&Number> = known.iter().copied().filter(may_be).collect();
    !backing.is_empty() && !is_of_something_else(number, &backing, taught)
}

fn is_harm(number: &Number) -> bool {
    matches!(&number.kind, Kind::Count(thing) if HARM_STEMS.contains(thing))
}

/// The times on offer are so many, and nothing else is; and what went wrong is as often as is known of it: "3 claims in all".
fn is_of_other(number: &Number, known: &Number) -> bool {
    let may_be = matches!(&number.kind, Kind::Count(thing) if CHOICES_STEMS.contains(thing));
    let is_other = matches!(&number.kind, Kind::Count(_)) && number.kind != known.kind && !may_be;
    is_other && (known.written.is_empty() || is_harm(number) && !known.by_a_person)
}

/// A bare 14 is no 14 days where the reply tells of 2 weeks.
fn is_of_other_unit(number: &Number, known: &Number) -> bool {
    known.kind == Kind::Bare && matches!(number.kind, Kind::Span(_)) && number.factor != 1
}

/// What the times of an offer are counted as.
const TIMES: &[&str] = &["times", "slots", "spots", "openings", "options", "appointments", "windows"];

/// What a lead may choose among or do: so many as there are times to choose from.
const CHOICES: &str = "choices options plans things ways steps packages finishes sizes levels tiers routes cosas opciones planes choses \
    formules coisas opções planos";

static CHOICES_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| CHOICES.split_whitespace().map(stem).collect());

/// What went wrong is never too few to tell of: "two claims in all".
const HARMS: &str =
    "claims complaints injuries accidents incidents lawsuits failures breakdowns mistakes losses deaths thefts";

static HARM_STEMS: LazyLock<HashSet<String>> = LazyLock::new(|| HARMS.split_whitespace().map(stem).collect());

/// What can be counted in the offer: its times, and the minutes a meeting takes.
fn counted(candidate: &Candidate<'_>) -> Vec<Number> {
    let offer = &candidate.ctx.offer;
    let number = |value: u64, kind: Kind| Number::new(value.saturating_mul(1_000), kind, "");
    let minutes = offer.duration_minutes.map(|minutes| number(minutes.into(), Kind::Span(Unit::Minute)));
    let times: u64 = offer.slots.len().try_into().unwrap_or_default();
    minutes.into_iter().chain(TIMES.iter().map(|name| number(times, Kind::Count(stem(name))))).collect()
}
