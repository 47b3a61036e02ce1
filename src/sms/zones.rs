//! Where a lead may be: the IANA zones that the evidence allows.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use super::area_codes;
use super::phone::Phone;

/// The system's zone data may be older than the rules in force, so the bundled data is used everywhere.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Zones of single-zone countries and the populated zones of wide ones, by calling code. Numbers without a row are of
/// unknown place.
const COUNTRIES: &[(&str, &[&str])] = &[
    ("+353", &["Europe/Dublin"]),
    ("+351", &["Europe/Lisbon", "Atlantic/Azores"]),
    ("+972", &["Asia/Jerusalem"]),
    ("+31", &["Europe/Amsterdam"]),
    ("+32", &["Europe/Brussels"]),
    ("+33", &["Europe/Paris"]),
    ("+34", &["Europe/Madrid", "Atlantic/Canary"]),
    ("+39", &["Europe/Rome"]),
    ("+41", &["Europe/Zurich"]),
    ("+43", &["Europe/Vienna"]),
    ("+44", &["Europe/London"]),
    ("+45", &["Europe/Copenhagen"]),
    ("+46", &["Europe/Stockholm"]),
    ("+47", &["Europe/Oslo"]),
    ("+48", &["Europe/Warsaw"]),
    ("+49", &["Europe/Berlin"]),
    ("+52", &["America/Mexico_City", "America/Cancun", "America/Hermosillo", "America/Tijuana"]),
    ("+55", &["America/Sao_Paulo", "America/Manaus", "America/Rio_Branco"]),
    ("+61", &["Australia/Sydney", "Australia/Brisbane", "Australia/Adelaide", "Australia/Darwin", "Australia/Perth"]),
    ("+64", &["Pacific/Auckland"]),
    ("+65", &["Asia/Singapore"]),
    ("+91", &["Asia/Kolkata"]),
];

/// The best evidence there is of where a lead is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneEvidence {
    /// A zone recorded for the person.
    Contact,
    /// The zones of an address.
    Address,
    /// The number's area code. Weak: people move and keep their numbers.
    AreaCode,
    /// The number's country.
    Country,
    /// Nothing is known; every zone of the continental US is a candidate.
    Unknown,
}

/// Where a lead may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    /// IANA zones, best evidence first; never empty. A text at a legal hour is legal in all of them.
    pub zones: Vec<String>,
    /// What the first zone rests on. With [`ZoneEvidence::Unknown`] the zones bound the legal hours, but tell nothing
    /// about the zone to tell times in.
    pub evidence: ZoneEvidence,
}

/// A zone by its IANA name, from the bundled database; none when the name is unknown.
#[must_use]
pub fn time_zone(name: &str) -> Option<TimeZone> {
    DATABASE.get(name.trim()).ok()
}

/// The zones of the continental US: the candidates when nothing is known.
#[must_use]
pub fn continental_us() -> &'static [&'static str] {
    area_codes::CONTINENTAL_US
}

/// All zones that the evidence allows: the contact's own, the address's, and those of the number.
///
/// Names the zone database does not know are left out.
#[must_use]
pub fn candidates(phone: &Phone, contact_zone: Option<&str>, address_zones: &[String]) -> Candidates {
    let (number_zones, number_evidence) = number_zones(phone);
    let known_by_number = number_evidence != ZoneEvidence::Unknown;
    let stated = contact_zone
        .into_iter()
        .map(|zone| (zone, ZoneEvidence::Contact))
        .chain(address_zones.iter().map(|zone| (zone.as_str(), ZoneEvidence::Address)));
    let from_number = number_zones.iter().map(|zone| (*zone, number_evidence));

    let mut found = Candidates { zones: Vec::new(), evidence: ZoneEvidence::Unknown };
    for (zone, evidence) in stated.chain(from_number.clone().filter(|_| known_by_number)) {
        found.add(zone, evidence);
    }
    if found.zones.is_empty() {
        for (zone, evidence) in from_number {
            found.add(zone, evidence);
        }
    }
    found
}

/// The zones that were stated, where there is no number to ask; everywhere when none was.
pub(super) fn stated(zones: &[String]) -> Candidates {
    let mut found = Candidates { zones: Vec::new(), evidence: ZoneEvidence::Unknown };
    for zone in zones {
        found.add(zone, ZoneEvidence::Address);
    }
    if found.zones.is_empty() {
        for zone in continental_us() {
            found.add(zone, ZoneEvidence::Unknown);
        }
    }
    found
}

impl Candidates {
    fn add(&mut self, zone: &str, evidence: ZoneEvidence) {
        let zone = zone.trim();
        if time_zone(zone).is_some() && !self.zones.iter().any(|known| known == zone) {
            self.evidence = self.evidence.min(evidence);
            self.zones.push(zone.to_owned());
        }
    }
}

fn number_zones(phone: &Phone) -> (&'static [&'static str], ZoneEvidence) {
    if let Some(zones) = phone.area_code().and_then(area_codes::zones) {
        return (zones, ZoneEvidence::AreaCode);
    }
    let country = COUNTRIES.iter().find(|(code, _)| phone.as_str().starts_with(code));
    match country {
        Some((_, zones)) => (zones, ZoneEvidence::Country),
        None => (continental_us(), ZoneEvidence::Unknown),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(number: &str) -> Phone {
        Phone::parse(number).expect("a phone number")
    }

    #[test]
    fn the_contacts_zone_comes_first_and_the_area_code_still_counts() {
        let found = candidates(
            &phone("+12125550142"),
            Some("America/Denver"),
            &["America/Chicago".to_owned(), "America/Denver".to_owned()],
        );
        assert_eq!(found.zones, ["America/Denver", "America/Chicago", "America/New_York"]);
        assert_eq!(found.evidence, ZoneEvidence::Contact);
    }

    #[test]
    fn an_unknown_place_is_anywhere_in_the_continental_us() {
        let found = candidates(&phone("+18005550142"), None, &[]);
        assert_eq!(found.zones, continental_us());
        assert_eq!(found.evidence, ZoneEvidence::Unknown);
        let stated = candidates(&phone("+18005550142"), Some("America/Denver"), &[]);
        assert_eq!(stated.zones, ["America/Denver"]);
    }

    #[test]
    fn unknown_names_are_left_out() {
        let found = candidates(&phone("+13035550142"), Some("Mars/Olympus"), &[String::new()]);
        assert_eq!(found.zones, ["America/Denver"]);
        assert_eq!(found.evidence, ZoneEvidence::AreaCode);
    }

    #[test]
    fn a_number_of_another_country_is_in_that_country() {
        let found = candidates(&phone("+441632960001"), None, &[]);
        assert_eq!((found.zones, found.evidence), (vec!["Europe/London".to_owned()], ZoneEvidence::Country));
        for (_, zones) in COUNTRIES {
            assert!(zones.iter().all(|zone| time_zone(zone).is_some()), "{zones:?}");
        }
    }

    #[test]
    fn the_bundled_zone_data_knows_the_rules_of_2026() {
        let at: jiff::Timestamp = "2027-01-15T12:00:00Z".parse().expect("a timestamp");
        for (zone, hours) in [("America/Vancouver", -7), ("America/Edmonton", -6)] {
            let offset = time_zone(zone).expect("known").to_offset(at);
            assert_eq!(offset.seconds(), hours * 3600, "{zone}");
        }
    }

    /// The days on which clocks change until 2028 where they do, at noon before and at noon after.
    #[test]
    fn every_clock_change_to_2028_is_known() {
        let noon = |zone: &str, day: jiff::civil::Date| {
            let local = day.at(12, 0, 0, 0);
            time_zone(zone).expect("known").to_ambiguous_timestamp(local).compatible().expect("an instant")
        };
        let offset = |zone: &str, day| time_zone(zone).expect("known").to_offset(noon(zone, day)).seconds() / 3_600;
        let days = |dates: [(i16, i8, i8); 5]| dates.map(|(year, month, day)| jiff::civil::date(year, month, day));
        let changes = days([(2026, 11, 1), (2027, 3, 14), (2027, 11, 7), (2028, 3, 12), (2028, 11, 5)]);
        let table: &[(&str, i32, i32)] = &[
            ("America/New_York", -5, -4),
            ("America/Chicago", -6, -5),
            ("America/Denver", -7, -6),
            ("America/Boise", -7, -6),
            ("America/Los_Angeles", -8, -7),
            ("America/Anchorage", -9, -8),
            ("America/Adak", -10, -9),
            ("America/Toronto", -5, -4),
            ("America/Halifax", -4, -3),
        ];
        for (zone, winter, summer) in table {
            for (at, change) in changes.iter().enumerate() {
                let (before, after) = if at % 2 == 0 { (*summer, *winter) } else { (*winter, *summer) };
                assert_eq!(offset(zone, change.yesterday().expect("a day")), before, "{zone} before {change}");
                assert_eq!(offset(zone, *change), after, "{zone} on {change}");
            }
        }
        let steady: &[(&str, i32)] = &[
            ("America/Phoenix", -7),
            ("Pacific/Honolulu", -10),
            ("America/Puerto_Rico", -4),
            ("America/Regina", -6),
            ("America/Vancouver", -7),
            ("America/Edmonton", -6),
        ];
        for (zone, hours) in steady {
            for change in &changes[1..] {
                let before = change.yesterday().expect("a day");
                assert_eq!((offset(zone, before), offset(zone, *change)), (*hours, *hours), "{zone} around {change}");
            }
        }
    }
}
