//! Which of the offered slots a lead reads in a reply, however it spells them.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use regex::{Captures, Regex};

use crate::conversation::{TurnContext, placeholder};
use crate::sms::normalise;
use crate::sms::zones::time_zone;

const DAY: &str = r"\b(?:(?P<weekday>mon|tue|wed|thu|fri|sat|sun)(?:s|rs?|sday|nesday|rsday|urday|day)?\b|(?P<dia>lunes|martes|miércoles|jueves|viernes|sábado|domingo)\b|(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?P<of_month>\d{1,2})(?:st|nd|rd|th)?\b|(?P<number>\d{1,2})/(?P<of_number>\d{1,2})\b|the (?P<ordinal>\d{1,2})(?:st|nd|rd|th)\b|(?P<near>today|tonight|tomorrow)\b)";
const CLOCK: &str = r"(?:(?P<at>\bat|@|\baround|\ba las?|às?) ?)?\b(?P<hour>\d{1,2})(?:[:h](?P<minute>\d{2}))?(?: ?(?P<half>[ap])\.?m\b\.?| ?(?P<sharp>o'clock|h\b))?|\b(?P<noon>noon|mediodía)\b";

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
fn compiled(pattern: &str) -> Regex {
    Regex::new(&format!("(?i){pattern}")).expect("constant pattern")
}

static DAYS: LazyLock<Regex> = LazyLock::new(|| compiled(DAY));
static CLOCKS: LazyLock<Regex> = LazyLock::new(|| compiled(CLOCK));
/// What stands between an hour and the day that follows it: "10 AM MST on Tuesday".
static DAY_FOLLOWS: LazyLock<Regex> = LazyLock::new(|| compiled(r"^,? ?(?:[a-z]{2,4} )?(?:on|this|next|el|del) $"));

/// The places of the slots whose time or page stands in the text, from 1, whatever the model says it named.
#[must_use]
pub fn slots_told(context: &TurnContext, text: &str) -> Vec<u32> {
    let zone = time_zone(context.zone()).unwrap_or(TimeZone::UTC);
    let slots: Vec<DateTime> = context.offer.slots.iter().map(|slot| zone.to_datetime(slot.start)).collect();
    let told = told(text, zone.to_datetime(context.now).date());
    let in_words = |slot: &DateTime| {
        told.iter().any(|told| match &told.days[..] {
            // An hour alone tells the one slot that begins at it.
            [] => told.clock.is(slot) && slots.iter().filter(|other| told.clock.is(other)).count() == 1,
            days => told.clock.is(slot) && days.iter().all(|day| day.is(slot.date())),
        })
    };
    let written = |start| normalise(&placeholder::told(start, context.zone()));
    let places = context.offer.slots.iter().zip(&slots).zip(1_u32..);
    places
        .filter(|((slot, local), _)| text.contains(&written(slot.start)) || text.contains(&slot.url) || in_words(local))
        .map(|(_, place)| place)
        .collect()
}

/// An hour of the text with all that it says of its day.
struct Told {
    clock: Clock,
    days: Vec<Day>,
}

/// An hour as it is written: without a half of the day it may mean either.
struct Clock {
    hour: i8,
    minute: i8,
    is_exact: bool,
}

impl Clock {
    fn is(&self, at: &DateTime) -> bool {
        let same_hour = if self.is_exact { at.hour() == self.hour } else { at.hour() % 12 == self.hour % 12 };
        same_hour && at.minute() == self.minute
    }
}

/// A day as it is written.
#[derive(Debug, Clone, Copy)]
enum Day {
    Date(Date),
    Weekday(Weekday),
    OfYear { month: i8, day: i8 },
    OfMonth(i8),
}

impl Day {
    fn is(self, date: Date) -> bool {
        match self {
            Self::Date(told) => told == date,
            Self::Weekday(told) => told == date.weekday(),
            Self::OfYear { month, day } => (month, day) == (date.month(), date.day()),
            Self::OfMonth(day) => day == date.day(),
        }
    }
}

/// Every hour, with its day: the one that follows with "on", or else the one told last before it, or else the first.
fn told(text: &str, today: Date) -> Vec<Told> {
    let text = &normalise(text);
    let mut days: Vec<(Range<usize>, Vec<Day>)> = Vec::new();
    for found in DAYS.captures_iter(text) {
        let (Some(whole), Some(day)) = (found.get(0), day(&found, today)) else { continue };
        match days.last_mut() {
            // "Tue, Dec 1" is one day.
            Some((range, together)) if text[range.end..whole.start()].trim_matches([',', ' ']).is_empty() => {
                range.end = whole.end();
                together.push(day);
            }
            _ => days.push((whole.range(), vec![day])),
        }
    }
    let of = |hour: &Range<usize>| {
        let after = days.iter().find(|(range, _)| range.start >= hour.end);
        let named = after.filter(|(range, _)| DAY_FOLLOWS.is_match(&text[hour.end..range.start]));
        let before = days.iter().rfind(|(range, _)| range.end <= hour.start);
        named.or(before).or(after).map_or_else(Vec::new, |(_, days)| days.clone())
    };
    let hours = CLOCKS.captures_iter(text).filter_map(|found| Some((found.get(0)?.range(), clock(&found)?)));
    let is_day = |hour: &Range<usize>| days.iter().any(|(day, _)| day.start < hour.end && hour.start < day.end);
    hours.filter(|(hour, _)| !is_day(hour)).map(|(hour, clock)| Told { days: of(&hour), clock }).collect()
}

fn day(found: &Captures<'_>, today: Date) -> Option<Day> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    const DIAS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
    let name = |group: &str| found.name(group).map(|name| name.as_str().to_lowercase());
    let number = |group: &str| found.name(group).and_then(|number| number.as_str().parse::<i8>().ok());
    let place = |names: &[&str], name: &str| names.iter().position(|known| *known == name);
    let weekday = name("weekday").and_then(|name| place(&WEEKDAYS, &name));
    if let Some(at) = weekday.or_else(|| place(&DIAS, &name("dia")?)) {
        return Weekday::from_monday_zero_offset(i8::try_from(at).ok()?).ok().map(Day::Weekday);
    }
    if let Some(name) = name("month") {
        let month = i8::try_from(place(&MONTHS, &name)? + 1).ok()?;
        return Some(Day::OfYear { month, day: number("of_month")? });
    }
    if let (Some(month), Some(day)) = (number("number"), number("of_number")) {
        return Some(Day::OfYear { month, day });
    }
    if let Some(day) = number("ordinal") {
        return Some(Day::OfMonth(day));
    }
    let is_tomorrow = name("near")? == "tomorrow";
    if is_tomorrow { today.tomorrow().ok() } else { Some(today) }.map(Day::Date)
}

/// A number that nothing marks as an hour is none.
fn clock(found: &Captures<'_>) -> Option<Clock> {
    if found.name("noon").is_some() {
        return Some(Clock { hour: 12, minute: 0, is_exact: true });
    }
    let is_marked = ["at", "minute", "half", "sharp"].iter().any(|mark| found.name(mark).is_some());
    let number = |group: &str| found.name(group).map_or(Some(0), |number| number.as_str().parse::<i8>().ok());
    let (hour, minute) = (number("hour")?, number("minute")?);
    let half = found.name("half").map(|half| half.as_str().to_lowercase());
    let (hour, is_exact) = match half.as_deref() {
        Some("p") => (hour % 12 + 12, true),
        Some(_) => (hour % 12, true),
        None => (hour, hour > 12),
    };
    (is_marked && hour < 24 && minute < 60).then_some(Clock { hour, minute, is_exact })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Suite;
    use crate::eval::testing::SMALL;

    /// The slots that a reply tells to a lead in Denver on Tuesday, Nov 24, 2026: Wed, Nov 25 at 9:30 AM and Tue, Dec 1 at
    /// 10 AM and 2:30 PM and Wed, Dec 2 at 10 AM.
    fn told_in(text: &str) -> Vec<u32> {
        let slots = "slots: [2026-11-25T16:30:00Z, 2026-12-01T17:00:00Z, 2026-12-01T21:30:00Z, 2026-12-02T17:00:00Z]";
        let suite = SMALL.replacen("slots: [2026-12-01T17:00:00Z, 2026-12-01T21:30:00Z]", slots, 1);
        let suite = Suite::parse(&suite, std::path::Path::new("small.yaml")).expect("a suite");
        slots_told(&suite.cases[0].context(&suite.defaults), text)
    }

    #[test]
    fn a_slot_is_seen_in_the_words_people_use() {
        for text in [
            "Does Tue, Dec 1 at 10:00 AM MST suit you?",
            "Sure, Tue Dec 1 at 10 AM works. Does it?",
            "Tuesday at 10am?",
            "How about 10 a.m. on Tuesday the 1st?",
            "12/1 at 10 works for us.",
            "December 1st, 10:00?",
            "¿El martes a las 10?",
            "See https://calendly.com/example/intro/2026-12-01T17:00:00Z",
        ] {
            assert_eq!(told_in(text), [2], "{text}");
        }
        assert_eq!(told_in("Tomorrow at 9:30?"), [1]);
        assert_eq!(told_in("2:30 works for us."), [3], "an hour that only one of them has");
    }

    #[test]
    fn hours_go_with_their_own_days() {
        assert_eq!(told_in("Tue at 10 AM or 2:30 PM?"), [2, 3]);
        assert_eq!(told_in("Tue at 2:30 PM or Wed at 10 AM?"), [3, 4]);
        assert_eq!(told_in("2:30 PM on Tuesday or 10 AM on Wednesday?"), [3, 4]);
    }

    #[test]
    fn other_times_days_and_numbers_tell_none() {
        for text in [
            "No problem, take care!",
            "We are open Tue from 8 AM to 6 PM.",
            "Is Thursday at 10 AM any good?",
            "Tue, Dec 8 at 10 AM?",
            "10 windows cost $10,000, which takes 10 days from Tuesday.",
            "At 10 AM?",
        ] {
            assert_eq!(told_in(text), [0; 0], "{text}");
        }
    }
}
