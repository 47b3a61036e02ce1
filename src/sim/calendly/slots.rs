//! Open times: weekdays from 9 to 17 in the host's zone, on the half hour, from two hours from now.

use std::time::Duration;

use jiff::civil::Weekday;
use jiff::{Timestamp, ToSpan};

use super::CalendlySim;
use super::state::State;
use crate::runtime::clock::after;
use crate::sim::wire::{instant, text};

/// The least notice before a meeting.
const NOTICE: Duration = Duration::from_hours(2);
/// Working hours in the host's zone.
const HOURS: std::ops::Range<i8> = 9..17;

impl State {
    /// The open times of an event type between two instants, earliest first.
    pub(super) fn open_times(&self, event_type: &str, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let length = self.duration(event_type);
        let candidates = match &self.explicit_slots {
            Some(slots) => slots.clone(),
            None => self.working_times(from, until),
        };
        let mut open: Vec<Timestamp> = candidates
            .into_iter()
            .filter(|start| *start >= from && *start < until && self.is_free(*start, length))
            .collect();
        open.sort();
        open
    }

    /// Whether a meeting may start then.
    pub(super) fn is_open(&self, event_type: &str, start: Timestamp) -> bool {
        self.open_times(event_type, start, after(start, Duration::from_secs(1))).contains(&start)
    }

    fn working_times(&self, from: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let earliest = after(self.clock.now(), NOTICE);
        let mut day = self.zone.to_datetime(from).date();
        let last = self.zone.to_datetime(until).date();
        let mut times = Vec::new();
        while day <= last {
            if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
                let starts = HOURS.flat_map(|hour| [day.at(hour, 0, 0, 0), day.at(hour, 30, 0, 0)]);
                let instants = starts.filter_map(|at| self.zone.to_timestamp(at).ok());
                times.extend(instants.filter(|start| *start >= earliest));
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        times
    }

    fn is_free(&self, start: Timestamp, length: Duration) -> bool {
        let end = after(start, length);
        let mut booked = self.events.iter().filter(|event| event["status"] == "active");
        !booked.any(|event| {
            let (from, until) = (instant(text(event, "start_time")), instant(text(event, "end_time")));
            from.is_some_and(|from| from < end) && until.is_some_and(|until| start < until)
        })
    }
}

impl CalendlySim {
    /// From now on exactly these times are open, minus what is booked.
    pub fn set_slots(&self, slots: Vec<Timestamp>) {
        self.locked(|state| state.explicit_slots = Some(slots));
    }

    /// The times that are open now for the first event type, within the next `days` days.
    pub fn open_slots(&self, days: u16) -> Vec<Timestamp> {
        self.locked(|state| {
            let now = state.clock.now();
            let uri = state.event_types.first().map(|known| text(known, "uri").to_owned()).unwrap_or_default();
            state.open_times(&uri, now, after(now, Duration::from_hours(24 * u64::from(days))))
        })
    }
}
