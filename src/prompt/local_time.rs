//! Instants as a lead reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::sms::zones::time_zone;

/// The zone of a name, or of a second name, or UTC.
#[must_use]
pub fn zone_or(name: &str, otherwise: &str) -> TimeZone {
    time_zone(name).or_else(|| time_zone(otherwise)).unwrap_or(TimeZone::UTC)
}

/// A time to meet: `Tue, Dec 1 at 10:00 AM MST`.
#[must_use]
pub fn spoken_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%a, %b %-d at %-I:%M %p %Z").to_string()
}

/// Now, with the year: `Tuesday, November 24, 2026, 9:12 AM MST`.
#[must_use]
pub fn full_time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned_datetime(zone.clone()).strftime("%A, %B %-d, %Y, %-I:%M %p %Z").to_string()
}

/// When a text was written: `Nov 24 09:12`, with the year where it is not `this_year`, since a lead may come back after one.
#[must_use]
pub fn log_time(at: Timestamp, zone: &TimeZone, this_year: Option<i16>) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let local = zone.to_datetime(at);
    let month = MONTHS[usize::try_from(local.month()).unwrap_or(1).clamp(1, 12) - 1];
    let year = if this_year == Some(local.year()) { String::new() } else { format!(" {}", local.year()) };
    format!("{month} {}{year} {:02}:{:02}", local.day(), local.hour(), local.minute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_leads_zone() {
        let at: Timestamp = "2026-12-01T17:00:00Z".parse().unwrap();
        assert_eq!(spoken_time(at, &zone_or("America/Denver", "UTC")), "Tue, Dec 1 at 10:00 AM MST");
        assert_eq!(full_time(at, &zone_or("America/New_York", "UTC")), "Tuesday, December 1, 2026, 12:00 PM EST");
        let chicago = zone_or("Nowhere/Else", "America/Chicago");
        assert_eq!(log_time(at, &chicago, Some(2026)), "Dec 1 11:00");
        assert_eq!(log_time(at, &chicago, Some(2027)), "Dec 1 2026 11:00");
        assert_eq!(log_time(at, &chicago, None), "Dec 1 2026 11:00");
        assert_eq!(spoken_time(at, &zone_or("", "")), "Tue, Dec 1 at 5:00 PM UTC");
    }
}
