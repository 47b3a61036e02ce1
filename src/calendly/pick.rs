//! Pure: which few of many free times to offer.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::conversation::Slot;
use crate::runtime::clock::until;
use crate::sms::zones::time_zone;

/// Local hours in which a meeting may start: the first is in, the last is out.
const HOURS: std::ops::Range<i8> = 9..18;

/// Used when the host is free in none of [`HOURS`]: better an early call than none.
const WIDER_HOURS: std::ops::Range<i8> = 8..20;

/// A free time, seen from the lead.
struct Seen<'a> {
    slot: &'a Slot,
    day: Date,
    afternoon: bool,
}

/// At most `n` of `slots`, earliest first, within daytime in the lead's `zone` (an IANA name; UTC when unknown).
///
/// The first is the soonest. The others are on other days while there are any, by turns in the morning and in the
/// afternoon, so that one of them suits; after that, as far from the others as can be.
#[must_use]
pub fn pick_slots(slots: &[Slot], zone: &str, now: Timestamp, n: usize) -> Vec<Slot> {
    let zone = time_zone(zone).unwrap_or(TimeZone::UTC);
    let mut free = within(slots, &zone, now, HOURS);
    if free.is_empty() {
        free = within(slots, &zone, now, WIDER_HOURS);
    }
    free.sort_by_key(|seen| seen.slot.start);
    free.dedup_by_key(|seen| seen.slot.start);
    let mut picked: Vec<usize> = Vec::new();
    while picked.len() < n.min(free.len()) {
        let next = on_a_new_day(&free, &picked).or_else(|| farthest(&free, &picked));
        picked.extend(next);
    }
    picked.sort_unstable();
    picked.into_iter().map(|index| free[index].slot.clone()).collect()
}

fn within<'a>(slots: &'a [Slot], zone: &TimeZone, now: Timestamp, hours: std::ops::Range<i8>) -> Vec<Seen<'a>> {
    let seen = |slot: &'a Slot| {
        let local = zone.to_datetime(slot.start);
        Some(Seen { slot, day: local.date(), afternoon: local.hour() >= 12 })
            .filter(|_| slot.start > now && hours.contains(&local.hour()))
    };
    slots.iter().filter_map(seen).collect()
}

/// The next day that nothing was picked on, in the half of the day that the pick before it was not in.
fn on_a_new_day(free: &[Seen<'_>], picked: &[usize]) -> Option<usize> {
    let first = free.iter().position(|seen| picked.iter().all(|&other| free[other].day != seen.day))?;
    let Some(&before) = picked.last() else {
        return Some(first);
    };
    let suits = |seen: &Seen<'_>| seen.day == free[first].day && seen.afternoon != free[before].afternoon;
    free.iter().position(suits).or(Some(first))
}

/// The time whose nearest picked neighbour is farthest away; the earliest of several.
fn farthest(free: &[Seen<'_>], picked: &[usize]) -> Option<usize> {
    let distance = |index: usize| {
        let apart = |&other: &usize| {
            let (a, b) = (free[index].slot.start, free[other].slot.start);
            until(a.min(b), a.max(b))
        };
        picked.iter().map(apart).min().unwrap_or(Duration::MAX)
    };
    (0..free.len()).filter(|index| !picked.contains(index)).rev().max_by_key(|&index| distance(index))
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan;
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "2026-11-23T12:00:00Z";

    fn slot(start: &str) -> Slot {
        Slot { start: start.parse().expect("an instant"), url: format!("https://calendly.com/{start}") }
    }

    fn picked(starts: &[&str], zone: &str, n: usize) -> Vec<String> {
        let slots: Vec<Slot> = starts.iter().map(|start| slot(start)).collect();
        let now = NOW.parse().expect("an instant");
        pick_slots(&slots, zone, now, n).iter().map(|slot| slot.start.to_string()).collect()
    }

    #[test]
    fn offers_lie_on_different_days_and_in_different_halves_of_the_day() {
        let every_day = [
            "2026-11-24T15:00:00Z", // Tuesday 10:00 in New York
            "2026-11-24T19:00:00Z",
            "2026-11-25T15:00:00Z",
            "2026-11-25T19:00:00Z", // Wednesday 14:00
            "2026-11-26T15:00:00Z", // Thursday 10:00
            "2026-11-26T19:00:00Z",
        ];
        assert_eq!(
            picked(&every_day, "America/New_York", 3),
            ["2026-11-24T15:00:00Z", "2026-11-25T19:00:00Z", "2026-11-26T15:00:00Z"]
        );
    }

    #[test]
    fn times_outside_the_leads_day_are_not_offered() {
        // 08:30, 09:00, 17:45 and 18:00 in Los Angeles.
        let starts = ["2026-11-24T16:30:00Z", "2026-11-24T17:00:00Z", "2026-11-25T01:45:00Z", "2026-11-25T02:00:00Z"];
        assert_eq!(picked(&starts, "America/Los_Angeles", 5), ["2026-11-24T17:00:00Z", "2026-11-25T01:45:00Z"]);
    }

    #[test]
    fn early_and_late_hours_are_a_last_resort_and_the_night_is_none() {
        // 03:00 and 08:30 in Los Angeles.
        let starts = ["2026-11-24T11:00:00Z", "2026-11-24T16:30:00Z"];
        assert_eq!(picked(&starts, "America/Los_Angeles", 5), ["2026-11-24T16:30:00Z"]);
        assert_eq!(picked(&starts[..1], "America/Los_Angeles", 5), Vec::<String>::new());
    }

    #[test]
    fn on_a_single_day_the_offers_lie_apart() {
        let starts = ["2026-11-24T15:00:00Z", "2026-11-24T15:30:00Z", "2026-11-24T16:00:00Z", "2026-11-24T21:00:00Z"];
        assert_eq!(picked(&starts, "America/New_York", 2), ["2026-11-24T15:00:00Z", "2026-11-24T21:00:00Z"]);
    }

    proptest! {
        #[test]
        fn an_offer_is_ordered_distinct_daytime_and_as_many_days_as_can_be(
            minutes in proptest::collection::vec(-3_000_i64..30_000, 0..60),
            n in 0_usize..8,
        ) {
            let now: Timestamp = NOW.parse().expect("an instant");
            let slots: Vec<Slot> = minutes
                .iter()
                .map(|&minutes| Slot { start: now + (minutes * 15).minutes(), url: String::new() })
                .collect();
            let zone = time_zone("America/Chicago").expect("a zone");
            let offer = pick_slots(&slots, "America/Chicago", now, n);
            let local = |slot: &Slot| zone.to_datetime(slot.start);
            let days = |slots: &[Slot]| {
                slots.iter().map(|slot| local(slot).date()).collect::<std::collections::BTreeSet<_>>().len()
            };
            prop_assert!(offer.windows(2).all(|pair| pair[0].start < pair[1].start));
            prop_assert!(offer.iter().all(|slot| slots.contains(slot) && slot.start > now));
            prop_assert!(offer.iter().all(|slot| (8..20).contains(&local(slot).hour())));
            let mut daytime = slots.clone();
            daytime.retain(|slot| slot.start > now && (9..18).contains(&local(slot).hour()));
            daytime.sort_by_key(|slot| slot.start);
            daytime.dedup();
            if !daytime.is_empty() {
                prop_assert_eq!(offer.len(), n.min(daytime.len()));
                prop_assert_eq!(days(&offer), n.min(days(&daytime)));
            }
        }
    }
}
