//! Does every time in the reply come from the calendar, from a person, or from what the model was given?

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use regex::Regex;

use super::figures::in_figures;
use super::known::{given, said};
use super::times_said::{Said, When};
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::zones::time_zone;

/// What is said of opening hours: only there does a passage's hour or weekday stand for itself.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static HOURS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:open|opens|closed?|closes|hours|weekdays|every day|daily|from \d|until|office|(?:mon|tues|wednes|thurs|fri|satur|sun)day (?:to|through|thru|and)|support|answers?)\b|[ap]m\s?(?:-|–|to)\s?\d").expect("constant pattern")
});

/// Days and spans that are told without a clock, as in "next week" and "in March".
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static VAGUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:(?:this|next|the coming|over the|on the) (?:weekend|week|month)|(?:in|within) (?:a|\d+|a couple of|a few) (?:days?|weeks?|months?|hours?)|(?:in|until|by|before|after|starting|from) (?:january|february|march|april|june|july|august|september|october|november|december|spring|summer|fall|autumn|winter|the spring|the summer|the fall)|(?:early|mid|late|end of|beginning of)[- ](?:january|february|march|april|may|june|july|august|september|october|november|december|next week|this week|next month)|within (?:the|an) (?:hour|day|week|month)|by (?:the )?end of (?:the )?(?:day|week|month)|(?:the )?day after tomorrow|in an hour|(?:around|at|over|after) lunch(?:time)?|first thing|lunchtime)\b").expect("constant pattern")
});

/// A day that is only wished, or greeted with.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static WISHED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:happy|great|good|nice|lovely|wonderful|rest of your|enjoy your|enjoy the) (?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|week(?:end)?|day)\b").expect("constant pattern")
});

/// A deed for today.
#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static TODAY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:come|comes|coming|visit|call you|stop by|send|meet|install|deliver|available|free|open|book|slots?|spots?|ready|start|fit you in|see you|talk|deadline|ends?|expires?|sale|deal|off|only)\b[^.!?]{0,30}\b(?:today|tonight|this (?:morning|afternoon|evening))\b|\b(?:today|tonight) only\b").expect("constant pattern")
});

pub(super) fn invented_time(candidate: &Candidate<'_>) -> Outcome {
    let zone = time_zone(candidate.ctx.zone()).unwrap_or(TimeZone::UTC);
    let date = |at: Timestamp| zone.to_datetime(at).date();
    let today = date(candidate.ctx.now);
    let text = WISHED.replace_all(candidate.text, " ").into_owned();
    let text = in_figures(&text);
    let sources = Sources {
        calendar: calendar(candidate, &zone),
        people: said(candidate).map(|m| Said::read_loosely(&in_figures(&m.text), date(m.at))).collect(),
        passages: given(candidate).map(|text| Said::read(&in_figures(text), today)).collect(),
        words: said(candidate)
            .map(|m| m.text.as_str())
            .chain(given(candidate))
            .map(|t| in_figures(t).to_lowercase())
            .collect(),
    };
    let words = sentences(&text).find_map(|sentence| sources.unknown(sentence, today))?;
    let sentence = format!("The reply has a time that no calendar holds: \"{words}\". Name a time as {{slot:N}} only.");
    Some((Regenerate, sentence))
}

/// Sentences end where a new one may begin: the dot of "a.m." and of "Dec. 1" is none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['!', '?', '\n']).flat_map(|part| part.split(". "))
}

/// Where times may come from.
struct Sources {
    calendar: Vec<Said>,
    people: Vec<Said>,
    passages: Vec<Said>,
    /// What people and passages say, in lower case.
    words: Vec<String>,
}

impl Sources {
    /// The first time of a sentence that no source holds.
    fn unknown(&self, sentence: &str, today: Date) -> Option<String> {
        let reply = Said::read(sentence, today);
        let of_hours = HOURS.is_match(sentence);
        let known = || self.calendar.iter().chain(&self.people).chain(&self.passages);
        // An opening hour is no offer.
        let quoted = || self.calendar.iter().chain(&self.people).chain(self.passages.iter().filter(|_| of_hours));
        let clock = reply
            .clocks
            .iter()
            .find(|(clock, _)| !quoted().flat_map(|source| &source.clocks).any(|(known, _)| clock.agrees(*known)));
        let day = reply
            .days
            .iter()
            .find(|(day, _)| !known().flat_map(|source| &source.days).any(|(known, _)| day.agrees(*known)));
        let pair = reply.pairs.iter().find(|(when, clock, _)| {
            // A day and an hour of a passage count only as they stand together there.
            let offered = known()
                .flat_map(|source| &source.pairs)
                .any(|(date, time, _)| when.agrees(*date) && clock.agrees(*time));
            // A person may tell the day in one text and the hour in another.
            let day = self.people.iter().flat_map(|source| &source.whens).any(|said| when.agrees(*said));
            let hour = self.people.iter().flat_map(|source| &source.clocks).any(|(said, _)| clock.agrees(*said));
            !(offered || day && hour)
        });
        clock
            .map(|(_, words)| words.clone())
            .or_else(|| day.map(|(_, words)| words.clone()))
            .or_else(|| pair.map(|(_, _, words)| words.clone()))
            .or_else(|| self.unknown_day(&reply, sentence, today, of_hours))
            .or_else(|| self.unknown_span(sentence))
    }

    /// A weekday, or tomorrow, that neither the calendar nor a person named; a passage's counts where hours are told.
    fn unknown_day(&self, reply: &Said, sentence: &str, today: Date, of_hours: bool) -> Option<String> {
        let in_calendar =
            |when: When| self.calendar.iter().flat_map(|source| &source.pairs).any(|(date, _, _)| when.agrees(*date));
        let said = |when: When| self.people.iter().flat_map(|source| &source.whens).any(|said| when.agrees(*said));
        let quoted = |when: When| {
            of_hours && self.passages.iter().flat_map(|source| &source.whens).any(|known| when.agrees(*known))
        };
        let is_unknown = reply.whens.iter().any(|when| {
            let is_today = matches!(when, When::Date(date) if *date == today);
            let counts = !is_today || TODAY.is_match(sentence);
            counts && !in_calendar(*when) && !said(*when) && !quoted(*when)
        });
        is_unknown.then(|| sentence.trim().to_owned())
    }

    fn unknown_span(&self, sentence: &str) -> Option<String> {
        let found = VAGUE
            .find_iter(sentence)
            .map(|found| found.as_str().to_lowercase())
            .find(|span| !self.words.iter().any(|source| source.contains(span.as_str())))?;
        Some(found)
    }
}

fn calendar(candidate: &Candidate<'_>, zone: &TimeZone) -> Vec<Said> {
    let ctx = candidate.ctx;
    let slots = ctx.offer.slots.iter().map(|slot| slot.start);
    slots.chain(ctx.bookings.iter().map(|booking| booking.start)).map(|at| Said::of_instant(at, zone)).collect()
}
