//! Days that follow from a known day and a span: "You can cancel up to 16 August" where what begins on 30 August may be cancelled
//! 14 days before, and "on the 9th" where what leaves on the 8th arrives the next day; and those of each month.

use std::sync::LazyLock;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use regex::Regex;

use super::figures::in_figures;
use super::known::given;
use super::pattern::any_case;
use super::statements::{content, sentences, shared};
use super::times::Sources;
use super::times_told::{Day, Said, When};

/// So long before something.
static BEFORE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?P<many>\d{1,3})[ -](?P<unit>day|week|hour)s?\b(?:\s\p{L}+){0,2}?\s(?:before|ahead|prior|in advance|out|antes|avant|à l.avance|d.avance|de antelación|de anticipación|de antecedência|de aviso)\b",
    )
});

/// The last day for something.
static DEADLINE: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?:by|until|till|up to|no later than|latest|deadline|last day|mark|hasta|até|jusqu.au|avant|antes|au plus tard|a más tardar|(?:o |el )?(?:más|mais) tardar|último dia|último día|dernier jour|límite|limite|prazo|plazo|délai)\b",
    )
});

/// What comes the day after another thing.
static NEXT_DAY: LazyLock<Regex> = LazyLock::new(|| {
    any_case(r"\b(?:the )?(?:next|following) (?:day|morning|afternoon|evening)\b|\bday after\b|\bovernight\b")
});

/// How long something takes.
static SPAN: LazyLock<Regex> = LazyLock::new(|| any_case(r"\b(?P<many>\d{1,3})[ -](?P<unit>day|week)s?\b"));

/// A day of each month: "the first Saturday of the month".
static TURN: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"\b(?P<which>first|second|third|fourth|last) (?P<day>(?:mon|tues|wednes|thurs|fri|satur|sun)day)s? (?:of|in|each|every) (?:(?:the|each|every|a) )?month\b",
    )
});

impl Sources<'_> {
    /// True for the day after a known one that the reply tells too, where a known sentence on the same tells of the next day.
    pub(super) fn is_day_after(&self, day: Day, sentence: &str, today: Date) -> bool {
        let Some(date) = day.soonest(today) else { return false };
        let is_before = |other: &Day| other.soonest(today).and_then(|other| other.tomorrow().ok()) == Some(date);
        let mut before = self.told.days.iter().map(|(day, _)| *day).filter(is_before);
        let words = content(sentence);
        let tells = |text: &str| {
            let all = sentences(text);
            all.iter().any(|known| NEXT_DAY.is_match(known.text) && shared(&words, &content(known.text)) > 0)
        };
        before.any(|before| self.named_days().any(|known| before.agrees(known))) && given(self.candidate).any(tells)
    }

    /// True for the last day of a sentence, where a known day lies so many days after it as are known to count.
    pub(super) fn is_deadline(&self, day: Day, sentence: &str, today: Date) -> bool {
        let Some(last) = day.month.and_then(|_| day.soonest(today)) else { return false };
        let days = given(self.candidate).flat_map(|text| days_before(&in_figures(text)));
        let mut named = days.filter_map(|days| last.checked_add(days.days()).ok());
        let known = || self.named_days().filter(|known| known.month.is_some()).filter_map(|day| day.soonest(today));
        DEADLINE.is_match(sentence) && named.any(|date| known().any(|known| known == date))
    }

    /// "The second Saturday of the month" where it is the first.
    pub(super) fn unknown_turn(&self, sentence: &str) -> Option<String> {
        let turns = |text: &str| -> Vec<String> {
            TURN.captures_iter(text)
                .map(|found| format!("{} {}", &found["which"], &found["day"]).to_lowercase())
                .collect()
        };
        let known: Vec<String> = self.texts().flat_map(turns).collect();
        let is_known = |turn: &String| known.is_empty() || known.contains(turn);
        turns(sentence).into_iter().find(|turn| !is_known(turn))
    }
}

/// True for a weekday that lies so many days, or working days, after another one of the sentence as it tells: "within 2 days, so for a
/// Friday survey you'd have it by Tuesday".
pub(super) fn is_reached(when: When, reply: &Said, sentence: &str, today: Date) -> bool {
    let Some(last) = when.weekday() else { return false };
    let date = |when: &When| match when {
        When::Weekday(weekday) => today.nth_weekday(1, *weekday).ok(),
        When::Date(date) => Some(*date),
        When::Day(day) => day.soonest(today),
    };
    let after = |first: Date, days: usize| {
        let working = first.series(1.day()).skip(1).filter(|date| !is_weekend(*date)).nth(days.saturating_sub(1));
        let plain = i64::try_from(days).ok().and_then(|days| first.checked_add(days.days()).ok());
        [working, plain].into_iter().flatten().any(|date| date.weekday() == last)
    };
    let spans: Vec<usize> = SPAN.captures_iter(sentence).filter_map(|found| length(&found)).collect();
    let mut firsts = reply.whens.iter().filter(|first| **first != when).filter_map(date);
    firsts.any(|first| spans.iter().any(|days| after(first, *days)))
}

fn is_weekend(date: Date) -> bool {
    matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

fn length(found: &regex::Captures<'_>) -> Option<usize> {
    let many: usize = found["many"].parse().ok()?;
    Some(if found["unit"].eq_ignore_ascii_case("week") { many * 7 } else { many }).filter(|days| *days > 0)
}

fn days_before(text: &str) -> Vec<i64> {
    let days = |found: regex::Captures<'_>| {
        let many: i64 = found["many"].parse().ok()?;
        Some(match found["unit"].to_lowercase().as_str() {
            "week" => many * 7,
            "hour" => many / 24,
            _ => many,
        })
    };
    BEFORE.captures_iter(text).filter_map(days).collect()
}
