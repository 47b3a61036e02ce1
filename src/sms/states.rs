//! The states of the US, with the District of Columbia and the territories: names, area codes, zones and ZIP codes.

use std::fmt;

use serde::{Serialize, Serializer};

use super::area_codes::{BOISE, CHICAGO, DENVER, LOS_ANGELES, NEW_YORK, PHOENIX};
use super::countries::plain;
use super::{zip_codes, zones};

/// A state, the District of Columbia or a territory, by its postal code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State(&'static str);

/// Postal code, name, and the zones kept in it: in part of it suffices.
type Row = (&'static str, &'static str, &'static [&'static str]);

/// Zones as 49 CFR part 71 draws them. A state's main zone stands first.
const TABLE: &[Row] = &[
    ("AL", "Alabama", &[CHICAGO]),
    ("AK", "Alaska", &["America/Anchorage", "America/Adak"]),
    // The Navajo Nation keeps daylight saving time.
    ("AZ", "Arizona", &[PHOENIX, DENVER]),
    ("AR", "Arkansas", &[CHICAGO]),
    ("CA", "California", &[LOS_ANGELES]),
    ("CO", "Colorado", &[DENVER]),
    ("CT", "Connecticut", &[NEW_YORK]),
    ("DE", "Delaware", &[NEW_YORK]),
    ("DC", "District of Columbia", &[NEW_YORK]),
    ("FL", "Florida", &[NEW_YORK, CHICAGO]),
    ("GA", "Georgia", &[NEW_YORK]),
    ("HI", "Hawaii", &["Pacific/Honolulu"]),
    ("ID", "Idaho", &[BOISE, LOS_ANGELES]),
    ("IL", "Illinois", &[CHICAGO]),
    ("IN", "Indiana", &[NEW_YORK, CHICAGO]),
    ("IA", "Iowa", &[CHICAGO]),
    ("KS", "Kansas", &[CHICAGO, DENVER]),
    ("KY", "Kentucky", &[NEW_YORK, CHICAGO]),
    ("LA", "Louisiana", &[CHICAGO]),
    ("ME", "Maine", &[NEW_YORK]),
    ("MD", "Maryland", &[NEW_YORK]),
    ("MA", "Massachusetts", &[NEW_YORK]),
    ("MI", "Michigan", &[NEW_YORK, CHICAGO]),
    ("MN", "Minnesota", &[CHICAGO]),
    ("MS", "Mississippi", &[CHICAGO]),
    ("MO", "Missouri", &[CHICAGO]),
    ("MT", "Montana", &[DENVER]),
    ("NE", "Nebraska", &[CHICAGO, DENVER]),
    ("NV", "Nevada", &[LOS_ANGELES, BOISE]),
    ("NH", "New Hampshire", &[NEW_YORK]),
    ("NJ", "New Jersey", &[NEW_YORK]),
    ("NM", "New Mexico", &[DENVER]),
    ("NY", "New York", &[NEW_YORK]),
    ("NC", "North Carolina", &[NEW_YORK]),
    ("ND", "North Dakota", &[CHICAGO, DENVER]),
    ("OH", "Ohio", &[NEW_YORK]),
    ("OK", "Oklahoma", &[CHICAGO]),
    ("OR", "Oregon", &[LOS_ANGELES, BOISE]),
    ("PA", "Pennsylvania", &[NEW_YORK]),
    ("RI", "Rhode Island", &[NEW_YORK]),
    ("SC", "South Carolina", &[NEW_YORK]),
    ("SD", "South Dakota", &[CHICAGO, DENVER]),
    ("TN", "Tennessee", &[CHICAGO, NEW_YORK]),
    ("TX", "Texas", &[CHICAGO, DENVER]),
    ("UT", "Utah", &[DENVER]),
    ("VT", "Vermont", &[NEW_YORK]),
    ("VA", "Virginia", &[NEW_YORK]),
    ("WA", "Washington", &[LOS_ANGELES]),
    ("WV", "West Virginia", &[NEW_YORK]),
    ("WI", "Wisconsin", &[CHICAGO]),
    ("WY", "Wyoming", &[DENVER]),
    ("AS", "American Samoa", &["Pacific/Pago_Pago"]),
    ("GU", "Guam", &["Pacific/Guam"]),
    ("MP", "Northern Mariana Islands", &["Pacific/Guam"]),
    ("PR", "Puerto Rico", &["America/Puerto_Rico"]),
    ("VI", "US Virgin Islands", &["America/Puerto_Rico"]),
];

/// Other ways in which people write a state.
const ALSO: &[(&str, &str)] = &[
    ("washington dc", "DC"),
    ("washington d c", "DC"),
    ("d c", "DC"),
    ("washington state", "WA"),
    ("new york state", "NY"),
    ("virgin islands", "VI"),
    ("u s virgin islands", "VI"),
    ("calif", "CA"),
    ("fla", "FL"),
    ("penn", "PA"),
    ("penna", "PA"),
    ("mass", "MA"),
    ("tex", "TX"),
    ("wash", "WA"),
    ("ariz", "AZ"),
    ("colo", "CO"),
    ("conn", "CT"),
    ("mich", "MI"),
    ("minn", "MN"),
    ("okla", "OK"),
    ("tenn", "TN"),
];

/// Zones of one place within a state, and older names of zones: the state they stand for.
const LOCAL_ZONES: &[(&str, &str)] = &[
    ("America/Detroit", "MI"),
    ("America/Menominee", "MI"),
    ("US/Michigan", "MI"),
    ("America/Indianapolis", "IN"),
    ("America/Fort_Wayne", "IN"),
    ("America/Knox_IN", "IN"),
    ("US/East-Indiana", "IN"),
    ("US/Indiana-Starke", "IN"),
    ("America/Louisville", "KY"),
    ("America/Juneau", "AK"),
    ("America/Sitka", "AK"),
    ("America/Nome", "AK"),
    ("America/Yakutat", "AK"),
    ("America/Metlakatla", "AK"),
    ("America/Atka", "AK"),
    ("US/Alaska", "AK"),
    ("US/Aleutian", "AK"),
    ("US/Hawaii", "HI"),
    ("US/Arizona", "AZ"),
    ("Navajo", "AZ"),
];

/// Families of zones that only one state has.
const LOCAL_FAMILIES: &[(&str, &str)] =
    &[("America/Indiana/", "IN"), ("America/Kentucky/", "KY"), ("America/North_Dakota/", "ND")];

/// Other names of the zones in the table. Boise has kept the hours of Denver since 1974.
const OTHER_NAMES: &[(&str, &str)] = &[
    (BOISE, DENVER),
    ("America/Shiprock", DENVER),
    ("Navajo", DENVER),
    ("US/Eastern", NEW_YORK),
    ("EST5EDT", NEW_YORK),
    ("US/Central", CHICAGO),
    ("CST6CDT", CHICAGO),
    ("US/Mountain", DENVER),
    ("MST7MDT", DENVER),
    ("US/Arizona", PHOENIX),
    ("MST", PHOENIX),
    ("US/Pacific", LOS_ANGELES),
    ("PST8PDT", LOS_ANGELES),
    ("America/St_Thomas", "America/Puerto_Rico"),
    ("Pacific/Saipan", "Pacific/Guam"),
    ("US/Samoa", "Pacific/Pago_Pago"),
];

impl State {
    /// The fifty states and the District of Columbia: where a lead of unknown place may be.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::with_territories().take(51)
    }

    /// All of them, the five territories last.
    pub fn with_territories() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(code, ..)| Self(code))
    }

    /// Reads a state as people write it: its postal code or its name. None when it is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain = plain(text);
        let named =
            TABLE.iter().find(|(code, name, _)| plain.eq_ignore_ascii_case(code) || plain.eq_ignore_ascii_case(name));
        let also = || ALSO.iter().find(|(written, _)| *written == plain).map(|(_, code)| *code);
        named.map(|(code, ..)| *code).or_else(also).map(Self)
    }

    /// The state of a ZIP code, by its first three digits; none when there is no such code.
    #[must_use]
    pub fn of_zip(zip: &str) -> Option<Self> {
        zip_codes::state(zip).and_then(Self::parse)
    }

    /// The states that keep a zone, or that it is the zone of a part of. Empty for a zone outside the US.
    #[must_use]
    pub fn of_zone(zone: &str) -> Vec<Self> {
        let Some(zone) = zones::canonical(zone) else { return Vec::new() };
        let zone = zone.as_str();
        let local = LOCAL_ZONES.iter().find(|(name, _)| *name == zone).map(|(_, code)| *code);
        let family = || LOCAL_FAMILIES.iter().find(|(start, _)| zone.starts_with(start)).map(|(_, code)| *code);
        if let Some(code) = local.or_else(family) {
            return Self::parse(code).into_iter().collect();
        }
        let zone = usual_name(zone);
        let keeps = |(_, _, zones): &&Row| zones.iter().any(|kept| usual_name(kept) == zone);
        TABLE.iter().filter(keeps).map(|(code, ..)| Self(code)).collect()
    }

    /// True for a territory: ISO 3166 knows it as a country, too.
    pub(super) fn is_territory(self) -> bool {
        !Self::all().any(|state| state == self)
    }

    /// The postal code, such as `FL`.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0
    }

    /// The name, such as `Florida`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The zones kept in it; its main one first.
    #[must_use]
    pub fn zones(self) -> &'static [&'static str] {
        self.row().2
    }

    fn row(self) -> &'static Row {
        TABLE.iter().find(|(code, ..)| *code == self.0).unwrap_or(&TABLE[0])
    }
}

/// One name for all zones that keep the same hours.
fn usual_name(zone: &str) -> &str {
    OTHER_NAMES.iter().find(|(other, _)| *other == zone).map_or(zone, |(_, name)| *name)
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::zones::time_zone;

    fn codes(zone: &str) -> Vec<&'static str> {
        State::of_zone(zone).into_iter().map(State::code).collect()
    }

    #[test]
    fn states_are_read_as_people_write_them() {
        for (written, code) in [
            ("FL", "FL"),
            (" fl ", "FL"),
            ("Florida", "FL"),
            ("new  york", "NY"),
            ("Washington, D.C.", "DC"),
            ("Washington", "WA"),
            ("N/A", ""),
            ("Ontario", ""),
            ("", ""),
        ] {
            assert_eq!(State::parse(written).map_or("", State::code), code, "{written}");
        }
        assert_eq!((State::all().count(), State::with_territories().count()), (51, 56));
    }

    #[test]
    fn every_zone_exists_and_leads_back_to_its_state() {
        for state in State::with_territories() {
            for zone in state.zones() {
                assert!(time_zone(zone).is_some(), "{state} {zone}");
                assert!(State::of_zone(zone).contains(&state), "{state} {zone}");
            }
        }
        for (zone, _) in LOCAL_ZONES.iter().chain(OTHER_NAMES) {
            assert!(time_zone(zone).is_some() && !State::of_zone(zone).is_empty(), "{zone}");
        }
    }

    #[test]
    fn a_zone_of_one_place_names_its_state_and_a_wide_one_all_that_keep_it() {
        assert_eq!(codes("America/Detroit"), ["MI"]);
        assert_eq!(codes("America/Indiana/Knox"), ["IN"]);
        assert_eq!(codes("America/Phoenix"), ["AZ"]);
        assert_eq!(codes("America/Los_Angeles"), ["CA", "ID", "NV", "OR", "WA"]);
        assert!(codes("America/Denver").contains(&"ID") && codes("America/Boise").contains(&"CO"));
        assert!(codes("Europe/London").is_empty() && codes("America/Vancouver").is_empty());
    }
}
