//! Where a lead may be: the states and zones that the address, the contact's zone and the number allow, all of them.
//!
//! People keep their numbers when they move, and some states presume that whoever has one of their area codes lives there: the
//! area code's state counts beside the address's, never instead of it. What cannot be told stands for everywhere.

use serde::{Deserialize, Serialize};

use super::addresses::{self, Extent, Told};
use super::area_code_states;
use super::countries::Land;
use super::phone::Phone;
use super::states::State;
use super::zones::{self, ZoneEvidence};

/// An address, as far as it tells the state and the zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalPlace {
    /// The state or province as somebody wrote it; empty when nobody did.
    pub state: String,
    /// The ZIP or postal code; empty when there is none.
    pub zip: String,
    /// The country as somebody wrote it: an ISO 3166 code or a name; empty when nobody entered one.
    pub country: String,
    /// IANA zones of the address. Without them, all of the state's or the country's count.
    pub zones: Vec<String>,
}

/// What is known of where a lead is.
#[derive(Debug, Clone, Copy)]
pub struct Clues<'a> {
    /// The number.
    pub phone: Option<&'a Phone>,
    /// Zones that were recorded for the person, best evidence first.
    pub zones: &'a [String],
    /// Addresses.
    pub addresses: &'a [PostalPlace],
}

/// Why a state is among those a lead may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateEvidence {
    /// An address names it.
    Address,
    /// The ZIP code of an address lies in it.
    ZipCode,
    /// The number's area code is one of its own.
    AreaCode,
    /// It keeps a zone that was entered, and no other state that is known does.
    Zone,
    /// Nothing is known, or an address names a state that nobody can read.
    Unknown,
}

/// A state a lead may be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StateCandidate {
    /// The state.
    pub state: State,
    /// Why.
    pub evidence: StateEvidence,
}

/// Where a lead may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// IANA zones, best evidence first; never empty.
    pub zones: Vec<String>,
    /// What the first zone rests on.
    pub evidence: ZoneEvidence,
    /// States, in the order of the evidence. Empty for a lead outside the US.
    pub states: Vec<StateCandidate>,
    /// Why the lead may be anywhere on earth, in a sentence; none where the country is known.
    pub doubt: Option<String>,
}

impl Places {
    /// Every place that the clues allow.
    #[must_use]
    pub fn of(clues: Clues<'_>) -> Self {
        let told: Vec<Told> = clues.addresses.iter().map(addresses::read).collect();
        let of_addresses: Vec<String> = told.iter().flat_map(|told| told.zones.iter().cloned()).collect();
        let found = zones::candidates(clues.phone, clues.zones, &of_addresses);
        let mut places = Self { zones: found.zones, evidence: found.evidence, states: Vec::new(), doubt: None };
        for (state, evidence) in told.iter().flat_map(|told| &told.states) {
            places.add(*state, *evidence);
        }
        let area_code = clues.phone.and_then(Phone::area_code);
        if let Some(state) = area_code.and_then(area_code_states::state).and_then(State::parse) {
            places.add(state, StateEvidence::AreaCode);
        }
        let stated: Vec<String> =
            clues.zones.iter().chain(&of_addresses).filter_map(|zone| zones::canonical(zone)).collect();
        for zone in &stated {
            places.take_zone(zone);
        }
        let in_no_known_state = places.states.is_empty()
            && (places.evidence == ZoneEvidence::Unknown || told.iter().any(|told| told.extent == Extent::InTheUs));
        if in_no_known_state
            || told.iter().any(|told| matches!(told.extent, Extent::Unread | Extent::UnknownCountry(_)))
            || stated.iter().any(|zone| zones::is_placeless(zone))
        {
            places.take_every_state();
        }
        places.doubt = doubt(&told).or_else(|| doubt_of_number(clues.phone.filter(|_| stated.is_empty())?));
        if places.doubt.is_some() {
            places.take_the_world();
        }
        places
    }

    /// The place that the best evidence names, alone: for a text that a person decided on and that no hour common to all
    /// places allows.
    #[must_use]
    pub fn best(&self) -> Self {
        Self { zones: self.zones.iter().take(1).cloned().collect(), ..self.clone() }
    }

    /// A zone tells nothing new when a state that is known keeps it.
    fn take_zone(&mut self, zone: &str) {
        let states = State::of_zone(zone);
        if !states.iter().any(|state| self.states.iter().any(|known| known.state == *state)) {
            for state in states {
                self.add(state, StateEvidence::Zone);
            }
        }
    }

    fn take_every_state(&mut self) {
        for state in State::all() {
            self.add(state, StateEvidence::Unknown);
        }
        self.add_zones(zones::continental_us());
    }

    fn take_the_world(&mut self) {
        self.take_every_state();
        self.add_zones(zones::world());
    }

    fn add_zones(&mut self, zones: &[&str]) {
        for zone in zones {
            if !self.zones.iter().any(|known| known == zone) {
                self.zones.push((*zone).to_owned());
            }
        }
    }

    fn add(&mut self, state: State, evidence: StateEvidence) {
        if !self.states.iter().any(|known| known.state == state) {
            self.states.push(StateCandidate { state, evidence });
        }
    }
}

/// An address in a country that is not known may be anywhere.
fn doubt(told: &[Told]) -> Option<String> {
    told.iter().find_map(|told| match &told.extent {
        Extent::UnknownCountry(written) => {
            Some(format!("Rapport does not know the country {written:?}, so the lead may be anywhere."))
        }
        _ => None,
    })
}

/// A number whose calling code no country has may be anywhere. One of the plan of the US may be anywhere there.
fn doubt_of_number(phone: &Phone) -> Option<String> {
    let is_known = phone.as_str().starts_with("+1") || Land::of_phone(phone).is_some();
    (!is_known).then(|| "The number's calling code names no country, so the lead may be anywhere.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(phone: &str, zones: &[&str], addresses: &[(&str, &str)]) -> Places {
        let zones: Vec<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let place = |(state, zip): &(&str, &str)| PostalPlace {
            state: (*state).to_owned(),
            zip: (*zip).to_owned(),
            ..PostalPlace::default()
        };
        let addresses: Vec<PostalPlace> = addresses.iter().map(place).collect();
        let phone = Phone::parse(phone).ok();
        Places::of(Clues { phone: phone.as_ref(), zones: &zones, addresses: &addresses })
    }

    fn told(places: &Places) -> Vec<(&'static str, StateEvidence)> {
        places.states.iter().map(|found| (found.state.code(), found.evidence)).collect()
    }

    #[test]
    fn the_address_and_the_area_code_both_count() {
        let found = places("+13035550142", &[], &[("Florida", "")]);
        assert_eq!(told(&found), [("FL", StateEvidence::Address), ("CO", StateEvidence::AreaCode)]);
        assert_eq!(found.zones, ["America/New_York", "America/Chicago", "America/Denver"]);
    }

    #[test]
    fn an_addresss_own_zones_stand_for_its_state() {
        let address = PostalPlace {
            state: "FL".to_owned(),
            zones: vec!["America/New_York".to_owned()],
            ..PostalPlace::default()
        };
        let phone = Phone::parse("+18005550142").expect("a number");
        let found = Places::of(Clues { phone: Some(&phone), zones: &[], addresses: &[address] });
        assert_eq!(
            (told(&found), found.zones.as_slice()),
            (vec![("FL", StateEvidence::Address)], &["America/New_York".to_owned()][..])
        );
    }

    #[test]
    fn a_zip_code_tells_the_state_that_nobody_entered_or_nobody_can_read() {
        assert_eq!(told(&places("+18005550142", &[], &[("", "02903")])), [("RI", StateEvidence::ZipCode)]);
        assert_eq!(told(&places("+18005550142", &[], &[("Rode Island", "02903")])), [("RI", StateEvidence::ZipCode)]);
        let both = told(&places("+18005550142", &[], &[("MA", "02903")]));
        assert_eq!(both, [("MA", StateEvidence::Address), ("RI", StateEvidence::ZipCode)]);
    }

    #[test]
    fn a_zone_counts_where_no_known_state_keeps_it() {
        assert_eq!(told(&places("+13055550142", &["America/New_York"], &[])), [("FL", StateEvidence::AreaCode)]);
        let found = told(&places("+13055550142", &["America/Detroit"], &[]));
        assert_eq!(found, [("FL", StateEvidence::AreaCode), ("MI", StateEvidence::Zone)]);
        let found = told(&places("+18005550142", &["America/Phoenix"], &[]));
        assert_eq!(found, [("AZ", StateEvidence::Zone)]);
    }

    #[test]
    fn what_nobody_can_tell_is_everywhere() {
        for (zones, addresses) in [(&[][..], &[][..]), (&["Mars/Olympus"][..], &[("", "")][..])] {
            let found = places("+18005550142", zones, addresses);
            assert_eq!((found.states.len(), found.zones.len()), (51, 5), "{found:?}");
        }
        let misspelt = places("+13035550142", &[], &[("Flordia", "")]);
        assert_eq!(misspelt.states.len(), 51, "the area code alone is no answer to an address that nobody can read");
        assert_eq!((misspelt.zones[0].as_str(), misspelt.zones.len()), ("America/Denver", 5));
    }

    #[test]
    fn who_is_outside_the_us_is_in_no_state() {
        for phone in ["+14165550142", "+16045550142", "+441632960001"] {
            assert_eq!(places(phone, &[], &[]).states, Vec::new(), "{phone}");
        }
        assert_eq!(places("+18005550142", &["Europe/London"], &[]).states, Vec::new());
        assert_eq!(places("+14165550142", &[], &[("Ontario", "K1A 0B1"), ("BC", "")]).states, Vec::new());
        assert_eq!(told(&places("+14165550142", &[], &[("NY", "")])), [("NY", StateEvidence::Address)]);
    }

    fn abroad(phone: &str, state: &str, zip: &str, country: &str) -> Places {
        let [state, zip, country] = [state, zip, country].map(str::to_owned);
        let phone = Phone::parse(phone).expect("a number");
        let address = PostalPlace { state, zip, country, zones: Vec::new() };
        Places::of(Clues { phone: Some(&phone), zones: &[], addresses: &[address] })
    }

    #[test]
    fn an_address_outside_the_us_adds_its_zones_to_the_numbers() {
        for (state, zip, country, zones) in [
            ("Ontario", "", "", &["America/Toronto", "America/Winnipeg", "America/Denver"][..]),
            ("ON", "", "CA", &["America/Toronto", "America/Winnipeg", "America/Denver"]),
            ("", "H2X 1Y4", "", &["America/Toronto", "America/Halifax", "America/Denver"]),
            ("", "", "GB", &["Europe/London", "America/Denver"]),
            ("Bavaria", "80331", "Deutschland", &["Europe/Berlin", "America/Denver"]),
            ("England", "", "", &["Europe/London", "America/Denver"]),
        ] {
            let found = abroad("+13035550142", state, zip, country);
            assert_eq!(found.zones, zones, "{state} {zip} {country}");
            assert_eq!(
                (told(&found), &found.doubt),
                (vec![("CO", StateEvidence::AreaCode)], &None),
                "{state} {country}"
            );
        }
        let canada = abroad("+13035550142", "", "", "Canada");
        assert!(canada.zones.iter().any(|zone| zone == "America/St_Johns"), "{canada:?}");
        let both = abroad("+13035550142", "CA", "", "CA");
        assert_eq!(told(&both)[0], ("CA", StateEvidence::Address), "Canada has no such province");
    }

    #[test]
    fn the_us_in_words_is_the_us_and_adds_no_zone_to_a_number_of_a_state() {
        for country in ["US", "usa", "United States", "u.s.", "United States of America"] {
            assert_eq!(
                told(&abroad("+18005550142", "", "33101", country)),
                [("FL", StateEvidence::ZipCode)],
                "{country}"
            );
            assert_eq!(abroad("+13035550142", "", "", country).zones, ["America/Denver"], "{country}");
            assert_eq!(abroad("+14165550142", "", "", country).states.len(), 51, "{country}: somewhere in it");
        }
        assert_eq!(told(&abroad("+18005550142", "", "", "PR")), [("PR", StateEvidence::Address)]);
    }

    #[test]
    fn who_is_in_no_country_that_is_known_may_be_anywhere_on_earth() {
        for found in [abroad("+13035550142", "", "", "Atlantis"), places("+882161234567", &[], &[])] {
            assert_eq!(found.states.len(), 51, "{found:?}");
            assert!(found.doubt.is_some() && found.zones.iter().any(|zone| zone == "Asia/Tokyo"), "{found:?}");
        }
        let known = places("+882161234567", &["Europe/London"], &[]);
        assert_eq!((known.zones, known.doubt), (vec!["Europe/London".to_owned()], None));
    }

    #[test]
    fn a_zone_counts_in_any_case_and_one_that_names_no_place_as_unknown() {
        let found = places("+18005550142", &["america/new_york"], &[]);
        assert!(found.states.len() > 10 && found.zones == ["America/New_York"], "{found:?}");
        for zone in ["EST", "HST", "utc", "Etc/GMT+5"] {
            let found = places("+18005550142", &[zone], &[]);
            assert_eq!((found.states.len(), found.zones.len()), (51, 6), "{zone}: {found:?}");
        }
    }
}
