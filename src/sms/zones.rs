//! Where a lead may be: the IANA zones that the evidence allows.

use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::{Deserialize, Serialize};

use super::area_codes;
use super::countries::{Country, Land};
use super::phone::Phone;

/// The system's zone data may be older than the rules in force, so the bundled data is used everywhere.
static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Names of the zone database that tell an offset and no place, beside those that begin with `Etc/`.
const OFFSETS: &[&str] = &[
    "CET",
    "CST6CDT",
    "EET",
    "EST",
    "EST5EDT",
    "Factory",
    "GMT",
    "GMT+0",
    "GMT-0",
    "GMT0",
    "Greenwich",
    "HST",
    "MET",
    "MST",
    "MST7MDT",
    "PST8PDT",
    "UCT",
    "UTC",
    "Universal",
    "WET",
    "Zulu",
];

/// Zones all round the earth, at most four hours apart: where a lead may be of whom not even the country is known.
const WORLD: &[&str] = &[
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Moscow",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Pacific/Auckland",
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
    /// Nothing is known; every zone of the continental US is a candidate, or every one of the earth.
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

/// The name of a zone as the bundled database writes it, for a name in any case; none when it is unknown.
#[must_use]
pub fn canonical(name: &str) -> Option<String> {
    Some(time_zone(name)?.iana_name()?.to_owned())
}

/// True for a zone that tells an offset and no place, such as `EST` or `Etc/GMT+5`: whoever keeps it may be anywhere.
pub(super) fn is_placeless(zone: &str) -> bool {
    zone.starts_with("Etc/") || OFFSETS.contains(&zone)
}

/// Zones all round the earth, of which no hour of the day suits all.
pub(super) fn world() -> &'static [&'static str] {
    WORLD
}

/// All zones that the evidence allows: the contact's own, those of addresses, and those of the number. Without any, those of the
/// continental US.
///
/// Names the zone database does not know are left out.
#[must_use]
pub fn candidates(phone: Option<&Phone>, contact_zones: &[String], address_zones: &[String]) -> Candidates {
    let mut found = Candidates { zones: Vec::new(), evidence: ZoneEvidence::Unknown };
    for zone in contact_zones {
        found.add(zone, ZoneEvidence::Contact);
    }
    for zone in address_zones {
        found.add(zone, ZoneEvidence::Address);
    }
    let (of_number, evidence) = phone.and_then(number_zones).unwrap_or((&[], ZoneEvidence::Unknown));
    for zone in of_number {
        found.add(zone, evidence);
    }
    if found.zones.is_empty() {
        found.zones.extend(continental_us().iter().map(|zone| (*zone).to_owned()));
    }
    found
}

impl Candidates {
    fn add(&mut self, zone: &str, evidence: ZoneEvidence) {
        let Some(zone) = canonical(zone) else { return };
        if !self.zones.contains(&zone) {
            self.evidence = self.evidence.min(evidence);
            self.zones.push(zone);
        }
    }
}

/// The zones of a number's area code or country; none where it names no place.
fn number_zones(phone: &Phone) -> Option<(&'static [&'static str], ZoneEvidence)> {
    if let Some(zones) = phone.area_code().and_then(area_codes::zones) {
        return Some((zones, ZoneEvidence::AreaCode));
    }
    match Land::of_phone(phone)? {
        Land::Abroad(country) if !is_shared(phone, country) => Some((country.zones(), ZoneEvidence::Country)),
        _ => None,
    }
}

/// A number of the US and Canada without a place, as toll-free ones are: its plan serves both.
fn is_shared(phone: &Phone, country: &Country) -> bool {
    phone.area_code().is_some() && country.is_canada()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phone(number: &str) -> Phone {
        Phone::parse(number).expect("a phone number")
    }

    #[test]
    fn the_contacts_zone_comes_first_and_the_area_code_still_counts() {
        let address = ["America/Chicago".to_owned(), "America/Denver".to_owned()];
        let found = candidates(Some(&phone("+12125550142")), &["America/Denver".to_owned()], &address);
        assert_eq!(found.zones, ["America/Denver", "America/Chicago", "America/New_York"]);
        assert_eq!(found.evidence, ZoneEvidence::Contact);
    }

    #[test]
    fn an_unknown_place_is_anywhere_in_the_continental_us() {
        let found = candidates(Some(&phone("+18005550142")), &[], &[]);
        assert_eq!(found.zones, continental_us());
        assert_eq!(found.evidence, ZoneEvidence::Unknown);
        let stated = candidates(Some(&phone("+18005550142")), &["America/Denver".to_owned()], &[]);
        assert_eq!(stated.zones, ["America/Denver"]);
    }

    #[test]
    fn unknown_names_are_left_out_and_known_ones_written_one_way() {
        let found = candidates(Some(&phone("+13035550142")), &["Mars/Olympus".to_owned()], &[String::new()]);
        assert_eq!(found.zones, ["America/Denver"]);
        assert_eq!(found.evidence, ZoneEvidence::AreaCode);
        let found = candidates(Some(&phone("+13035550142")), &["america/denver".to_owned()], &[]);
        assert_eq!((found.zones, found.evidence), (vec!["America/Denver".to_owned()], ZoneEvidence::Contact));
    }

    #[test]
    fn a_number_of_another_country_is_in_that_country() {
        for (number, zone) in
            [("+441632960001", "Europe/London"), ("+819012345678", "Asia/Tokyo"), ("+18765550142", "America/Jamaica")]
        {
            let found = candidates(Some(&phone(number)), &[], &[]);
            assert_eq!((found.zones, found.evidence), (vec![zone.to_owned()], ZoneEvidence::Country), "{number}");
        }
    }

    #[test]
    fn every_zone_is_of_a_place_or_is_known_to_be_of_none() {
        let names = DATABASE.available().map(|name| name.as_str().to_owned()).collect::<Vec<_>>();
        assert!(OFFSETS.iter().chain(WORLD).all(|name| names.iter().any(|known| known == name)), "{names:?}");
        // Zones of countries may stand without a continent, as `Japan` does.
        for name in names.iter().filter(|name| !name.contains('/') && name.len() <= 3) {
            assert!(is_placeless(name) || ["GB", "NZ", "PRC", "ROC", "ROK"].contains(&name.as_str()), "{name}");
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
