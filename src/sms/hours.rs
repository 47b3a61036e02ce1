//! When a text that does not answer a fresh one may go (`never-out-of-hours`).
//!
//! Federal law (47 CFR 64.1200(c)(1)) forbids solicitations before 8:00 and after 21:00 at the called party's location,
//! and many states are stricter. The default, Monday to Saturday 10:00 to 20:00 without federal holidays, lies inside
//! the windows of nearly all of them. It is configuration: counsel decides.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::holidays::{Holiday, is_federal_holiday};
use super::zones::{continental_us, time_zone};

/// How far ahead a legal hour is looked for, in days. No run of Sundays and holidays is nearly as long.
const HORIZON_DAYS: i64 = 30;

/// A span of the local day, in minutes after midnight: from the first, up to but without the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Window {
    from_minute: u16,
    to_minute: u16,
}

/// A window that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a span of hours; write it as \"10:00-20:00\", the earlier hour first")]
pub struct WindowError(String);

impl Window {
    /// A window between two minutes of the day, 0 to 1440; none when it is empty or beyond the day.
    #[must_use]
    pub const fn new(from_minute: u16, to_minute: u16) -> Option<Self> {
        if from_minute < to_minute && to_minute <= 1440 { Some(Self { from_minute, to_minute }) } else { None }
    }

    fn instants(self, day: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        // Where a clock change makes a bound ambiguous, the narrower reading is the safe one.
        let opens = zone.to_ambiguous_timestamp(local(day, self.from_minute)?).later().ok()?;
        let closes = zone.to_ambiguous_timestamp(local(day, self.to_minute)?).earlier().ok()?;
        (opens < closes).then_some((opens, closes))
    }
}

fn local(day: Date, minute: u16) -> Option<DateTime> {
    let hour = i8::try_from(minute / 60).ok()?;
    if hour == 24 {
        return Some(day.tomorrow().ok()?.to_datetime(Time::midnight()));
    }
    Some(day.to_datetime(Time::new(hour, i8::try_from(minute % 60).ok()?, 0, 0).ok()?))
}

impl FromStr for Window {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minute = |clock: &str| -> Option<u16> {
            let (hour, minute) = clock.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
        };
        let read = || {
            let (from, to) = text.split_once(['-', '–'])?;
            Self::new(minute(from)?, minute(to)?)
        };
        read().ok_or_else(|| WindowError(text.to_owned()))
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, to) = (self.from_minute, self.to_minute);
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl TryFrom<String> for Window {
    type Error = WindowError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Window> for String {
    fn from(window: Window) -> Self {
        window.to_string()
    }
}

/// The hours of a week in which a text may go, told in the lead's local time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegalHours {
    /// Monday to Sunday; none for a day without texts.
    pub days: [Option<Window>; 7],
    /// Whether federal holidays, and the days on which they are observed, are days without texts.
    pub skip_federal_holidays: bool,
    /// Other days without texts.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
}

impl Default for LegalHours {
    fn default() -> Self {
        let day = Window::new(10 * 60, 20 * 60);
        Self { days: [day, day, day, day, day, day, None], skip_federal_holidays: true, holidays: Vec::new() }
    }
}

impl LegalHours {
    /// The window of a day; none when no text may go on it.
    pub(super) fn window(&self, day: Date) -> Option<Window> {
        let is_holiday = || self.holidays.iter().any(|holiday| holiday.is_on(day));
        if self.skip_federal_holidays && is_federal_holiday(day) || is_holiday() {
            return None;
        }
        let from_monday = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
        self.days.get(from_monday).copied().flatten()
    }

    /// `at` when it is allowed in the zone, or else when the next window there opens, up to `until`.
    fn next_in_zone(&self, at: Timestamp, zone: &TimeZone, until: Timestamp) -> Option<Timestamp> {
        let mut day = zone.to_datetime(at).date();
        loop {
            if let Some((opens, closes)) = self.window(day).and_then(|window| window.instants(day, zone))
                && at < closes
            {
                return Some(opens.max(at));
            }
            day = day.tomorrow().ok()?;
            if zone.to_ambiguous_timestamp(day.to_datetime(Time::midnight())).earlier().ok()? > until {
                return None;
            }
        }
    }
}

/// Hours that must hold in a zone.
#[derive(Debug, Clone)]
pub(super) struct Clause<'a> {
    pub(super) hours: &'a LegalHours,
    pub(super) zone: TimeZone,
}

impl Clause<'_> {
    /// `at` when this allows it, or else when it next allows anything; none beyond the horizon.
    pub(super) fn next(&self, at: Timestamp) -> Option<Timestamp> {
        self.hours.next_in_zone(at, &self.zone, horizon(at)?)
    }

    /// When the window that `at` lies in closes; none when it lies in none.
    pub(super) fn closes(&self, at: Timestamp) -> Option<Timestamp> {
        let day = self.zone.to_datetime(at).date();
        let (opens, closes) = self.hours.window(day)?.instants(day, &self.zone)?;
        (opens <= at && at < closes).then_some(closes)
    }
}

/// `now` when every clause allows it at once, or else the next instant that all do. None when there is none within 30
/// days, as with zones on opposite sides of the earth: such a text waits for a person.
pub(super) fn next_common(now: Timestamp, clauses: &[Clause<'_>]) -> Option<Timestamp> {
    let until = horizon(now)?;
    let mut at = now;
    loop {
        // Every clause can only push the instant later, so the first one that none of them moves is the earliest.
        let mut moved = at;
        for clause in clauses {
            moved = clause.hours.next_in_zone(moved, &clause.zone, until)?;
        }
        if moved == at {
            return Some(at);
        }
        at = moved;
    }
}

fn horizon(now: Timestamp) -> Option<Timestamp> {
    now.checked_add((HORIZON_DAYS * 24).hours()).ok()
}

/// Zones by their names. A name that is unknown, and an empty list, stand for every zone of the continental US.
pub(super) fn resolve(names: &[String]) -> Vec<(String, TimeZone)> {
    let mut zones = Vec::new();
    let mut all_known = !names.is_empty();
    for name in names {
        match time_zone(name) {
            Some(zone) => zones.push((name.clone(), zone)),
            None => all_known = false,
        }
    }
    if !all_known {
        zones.extend(continental_us().iter().filter_map(|name| Some(((*name).to_owned(), time_zone(name)?))));
    }
    zones
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn next_allowed(now: Timestamp, zones: &[String], hours: &LegalHours) -> Option<Timestamp> {
        let zones = resolve(zones).into_iter();
        next_common(now, &zones.map(|(_, zone)| Clause { hours, zone }).collect::<Vec<_>>())
    }

    fn next(now: &str, zones: &[&str]) -> Option<Timestamp> {
        let zones: Vec<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
        next_allowed(at(now), &zones, &LegalHours::default())
    }

    #[test]
    fn an_allowed_instant_is_now() {
        assert_eq!(next("2026-12-01T18:00:00Z", &["America/Denver"]), Some(at("2026-12-01T18:00:00Z")));
    }

    #[test]
    fn evenings_sundays_and_holidays_wait_for_the_next_open_day() {
        // Saturday 20:00 in Denver: the window is closed from that minute on, and Sunday has none.
        assert_eq!(next("2026-11-29T03:00:00Z", &["America/Denver"]), Some(at("2026-11-30T17:00:00Z")));
        assert_eq!(next("2026-11-26T18:00:00Z", &["America/Denver"]), Some(at("2026-11-27T17:00:00Z")));
        // Friday 1 January 2027 is a holiday.
        assert_eq!(next("2027-01-01T18:00:00Z", &["America/New_York"]), Some(at("2027-01-02T15:00:00Z")));
    }

    #[test]
    fn an_hour_must_be_legal_in_every_zone() {
        let both = ["America/New_York", "America/Los_Angeles"];
        assert_eq!(next("2026-12-01T15:30:00Z", &both), Some(at("2026-12-01T18:00:00Z")));
        assert_eq!(next("2026-12-02T01:30:00Z", &both), Some(at("2026-12-02T18:00:00Z")));
    }

    #[test]
    fn zones_without_a_common_hour_have_no_answer() {
        assert_eq!(next("2026-12-01T15:30:00Z", &["America/New_York", "Asia/Tokyo"]), None);
    }

    #[test]
    fn clocks_that_change_overnight_are_followed() {
        // Monday 2 November 2026, the day after the clocks went back in Denver.
        assert_eq!(next("2026-11-01T03:00:00Z", &["America/Denver"]), Some(at("2026-11-02T17:00:00Z")));
        assert_eq!(next("2026-10-30T03:00:00Z", &["America/Denver"]), Some(at("2026-10-30T16:00:00Z")));
    }

    #[test]
    fn an_unknown_zone_is_all_of_the_continental_us() {
        let everywhere = Some(at("2026-12-01T18:00:00Z"));
        assert_eq!(next("2026-12-01T15:30:00Z", &["Mars/Olympus", "America/New_York"]), everywhere);
        assert_eq!(next("2026-12-01T15:30:00Z", &[]), everywhere);
    }

    #[test]
    fn windows_are_read_and_written_alike() {
        for text in ["10:00-20:00", "00:00-24:00", "09:30-17:45"] {
            assert_eq!(text.parse::<Window>().expect(text).to_string(), text);
        }
        for text in ["", "20:00-10:00", "10-20", "10:00-25:00", "10:60-11:00", "10:00-24:01"] {
            assert!(text.parse::<Window>().is_err(), "{text}");
        }
    }

    /// Reads the wall clock, unlike the code under test, which compares instants.
    fn wall_clock_allows(at: Timestamp, zone: &str) -> bool {
        let local = time_zone(zone).expect("known").to_datetime(at);
        local.weekday() != Weekday::Sunday && !is_federal_holiday(local.date()) && (10..20).contains(&local.hour())
    }

    const ZONES: &[&str] = &[
        "America/New_York",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/St_Johns",
        "America/Vancouver",
        "Pacific/Honolulu",
    ];

    proptest! {
        #[test]
        fn the_answer_is_allowed_everywhere_never_early_and_never_late(
            second in 1_767_225_600_i64..1_893_456_000,
            chosen in proptest::sample::subsequence(ZONES, 1..5),
        ) {
            let now = Timestamp::from_second(second).expect("in range");
            let names: Vec<String> = chosen.iter().map(|zone| (*zone).to_owned()).collect();
            let found = next_allowed(now, &names, &LegalHours::default());
            if let Some(found) = found {
                prop_assert!(found >= now);
                prop_assert!(chosen.iter().all(|zone| wall_clock_allows(found, zone)));
                prop_assert_eq!(next_allowed(found, &names, &LegalHours::default()), Some(found));
            }
            // Nothing between now and the answer was allowed; windows open on half hours.
            let until = found.unwrap_or_else(|| now.checked_add(72.hours()).expect("in range"));
            let mut probe = now;
            while probe < until {
                prop_assert!(!chosen.iter().all(|zone| wall_clock_allows(probe, zone)));
                probe = probe.checked_add(30.minutes()).expect("in range");
            }
        }

        #[test]
        fn any_window_of_any_day_is_kept_across_clock_changes(
            second in 1_767_225_600_i64..1_893_456_000,
            from in 0_u16..1440,
            length in 1_u16..600,
        ) {
            let window = Window::new(from, (from + length).min(1440)).expect("not empty");
            let hours = LegalHours { days: [Some(window); 7], skip_federal_holidays: false, holidays: Vec::new() };
            let now = Timestamp::from_second(second).expect("in range");
            let found = next_allowed(now, &["America/New_York".to_owned()], &hours).expect("open daily");
            let local = time_zone("America/New_York").expect("known").to_datetime(found);
            let minute = u16::try_from(i32::from(local.hour()) * 60 + i32::from(local.minute())).expect("positive");
            prop_assert!(found >= now && (window.from_minute..window.to_minute).contains(&minute));
        }
    }
}
