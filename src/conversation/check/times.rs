//! Does every time in the reply come from the calendar, from a person, or from what the model was given?

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::known::{given, said};
use super::times_said::Said;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::zones::time_zone;

pub(super) fn invented_time(candidate: &Candidate<'_>) -> Outcome {
    let zone = time_zone(candidate.ctx.zone()).unwrap_or(TimeZone::UTC);
    let date = |at: Timestamp| zone.to_datetime(at).date();
    let today = date(candidate.ctx.now);
    let reply = Said::read(candidate.text, today);
    if reply.clocks.is_empty() && reply.days.is_empty() {
        return None;
    }
    let calendar = calendar(candidate, &zone);
    let people: Vec<Said> = said(candidate).map(|m| Said::read_loosely(&m.text, date(m.at))).collect();
    let texts: Vec<Said> = given(candidate).map(|text| Said::read(text, today)).collect();
    let known = || calendar.iter().chain(&people).chain(&texts);

    let clock = reply
        .clocks
        .iter()
        .find(|(clock, _)| !known().flat_map(|source| &source.clocks).any(|(known, _)| clock.agrees(*known)));
    let day = reply
        .days
        .iter()
        .find(|(day, _)| !known().flat_map(|source| &source.days).any(|(known, _)| day.agrees(*known)));
    let pair = reply.pairs.iter().find(|(when, clock, _)| {
        // Opening hours are no offer: a day and an hour of a passage count only as they stand together there.
        let offered =
            known().flat_map(|source| &source.pairs).any(|(date, time, _)| when.agrees(*date) && clock.agrees(*time));
        // A person may tell the day in one text and the hour in another.
        let day = people.iter().flat_map(|source| &source.whens).any(|said| when.agrees(*said));
        let hour = people.iter().flat_map(|source| &source.clocks).any(|(said, _)| clock.agrees(*said));
        !(offered || day && hour)
    });
    let words = clock.map(|(_, words)| words).or(day.map(|(_, words)| words)).or(pair.map(|(_, _, words)| words))?;
    let sentence = format!("The reply has a time that no calendar holds: \"{words}\". Name a time as {{slot:N}} only.");
    Some((Regenerate, sentence))
}

fn calendar(candidate: &Candidate<'_>, zone: &TimeZone) -> Vec<Said> {
    let ctx = candidate.ctx;
    let slots = ctx.offer.slots.iter().map(|slot| slot.start);
    slots.chain(ctx.bookings.iter().map(|booking| booking.start)).map(|at| Said::of_instant(at, zone)).collect()
}
