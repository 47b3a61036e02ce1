//! Does every time in the reply come from the calendar, from a person, or from what the model was given?

use jiff::tz::TimeZone;

use super::known::{given, said};
use super::times_said::Said;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::zones::time_zone;

pub(super) fn invented_time(candidate: &Candidate<'_>) -> Outcome {
    let reply = Said::read(candidate.text);
    if reply.clocks.is_empty() && reply.days.is_empty() {
        return None;
    }
    let calendar = calendar(candidate);
    let people: Vec<Said> = said(candidate).map(|message| Said::read_loosely(&message.text)).collect();
    let texts: Vec<Said> = given(candidate).map(Said::read).collect();
    let known = || calendar.iter().chain(&people).chain(&texts);

    let clock = reply
        .clocks
        .iter()
        .find(|(clock, _)| !known().flat_map(|source| &source.clocks).any(|(known, _)| clock.agrees(*known)));
    let day = reply
        .days
        .iter()
        .find(|(day, _)| !known().flat_map(|source| &source.days).any(|(known, _)| day.agrees(*known)));
    let pair = reply.pairs.iter().find(|(weekday, clock, _)| {
        let in_calendar = calendar.iter().flat_map(|source| &source.pairs);
        let booked = in_calendar.into_iter().any(|(day, time, _)| day == weekday && clock.agrees(*time));
        let told = people.iter().chain(&texts).any(|source| source.weekdays.contains(weekday));
        !booked && !told
    });
    let words = clock.map(|(_, words)| words).or(day.map(|(_, words)| words)).or(pair.map(|(_, _, words)| words))?;
    let sentence = format!("The reply has a time that no calendar holds: \"{words}\". Name a time as {{slot:N}} only.");
    Some((Regenerate, sentence))
}

fn calendar(candidate: &Candidate<'_>) -> Vec<Said> {
    let ctx = candidate.ctx;
    let zone = time_zone(ctx.zone()).unwrap_or(TimeZone::UTC);
    let slots = ctx.offer.slots.iter().map(|slot| slot.start);
    slots.chain(ctx.bookings.iter().map(|booking| booking.start)).map(|at| Said::of_instant(at, &zone)).collect()
}
