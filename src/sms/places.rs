//! Where a lead may be: the states and zones that the address, the contact's zone and the number allow, all of them.
//!
//! People keep their numbers when they move, and some states presume that whoever has one of their area codes lives there: the
//! area code's state counts beside the address's, never instead of it. What cannot be told stands for everywhere.

use serde::{Deserialize, Serialize};

use super::area_code_states;
use super::phone::Phone;
use super::states::{State, is_canadian};
use super::zones::{self, ZoneEvidence, time_zone};

/// An address in the US, or in a country that nobody entered, as far as it tells the state.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostalPlace {
    /// The state as somebody wrote it; empty when nobody did.
    pub state: String,
    /// The ZIP code; empty when there is none.
    pub zip: String,
    /// IANA zones of the address. Without them, all of the state's count.
    pub zones: Vec<String>,
}

/// What is known of where a lead is.
#[derive(Debug, Clone, Copy)]
pub struct Clues<'a> {
    /// The number.
    pub phone: Option<&'a Phone>,
    /// Zones that were entered for the person or come with an address, best evidence first.
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
}

impl Places {
    /// Every place that the clues allow.
    #[must_use]
    pub fn of(clues: Clues<'_>) -> Self {
        let stated: Vec<String> =
            clues.zones.iter().cloned().chain(clues.addresses.iter().flat_map(zones_of)).collect();
        let found = match clues.phone {
            Some(phone) => zones::candidates(phone, None, &stated),
            None => zones::stated(&stated),
        };
        let mut places = Self { zones: found.zones, evidence: found.evidence, states: Vec::new() };
        for (state, evidence) in clues.addresses.iter().flat_map(states_of) {
            places.add(state, evidence);
        }
        let area_code = clues.phone.and_then(Phone::area_code);
        if let Some(state) = area_code.and_then(area_code_states::state).and_then(State::parse) {
            places.add(state, StateEvidence::AreaCode);
        }
        for zone in &stated {
            places.take_zone(zone);
        }
        let outside = places.states.is_empty() && places.evidence != ZoneEvidence::Unknown;
        if !clues.addresses.iter().all(is_readable) || places.states.is_empty() && !outside {
            places.take_everywhere();
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

    fn take_everywhere(&mut self) {
        for state in State::all() {
            self.add(state, StateEvidence::Unknown);
        }
        for zone in zones::continental_us() {
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

/// The states that an address names: one, or two when its ZIP code lies elsewhere.
fn states_of(address: &PostalPlace) -> Vec<(State, StateEvidence)> {
    let named = State::parse(&address.state).map(|state| (state, StateEvidence::Address));
    let by_zip = State::of_zip(&address.zip).map(|state| (state, StateEvidence::ZipCode));
    named.into_iter().chain(by_zip).collect()
}

/// The address's own zones, or else those of its state.
fn zones_of(address: &PostalPlace) -> Vec<String> {
    let own: Vec<String> = address.zones.iter().filter(|zone| time_zone(zone).is_some()).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    states_of(address).iter().flat_map(|(state, _)| state.zones()).map(|zone| (*zone).to_owned()).collect()
}

/// False when the address names a state that cannot be read, and neither a ZIP code nor a zone helps.
fn is_readable(address: &PostalPlace) -> bool {
    let no_state = address.state.trim().is_empty() || is_canadian(&address.state);
    no_state || !zones_of(address).is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(phone: &str, zones: &[&str], addresses: &[(&str, &str)]) -> Places {
        let zones: Vec<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let place = |(state, zip): &(&str, &str)| PostalPlace {
            state: (*state).to_owned(),
            zip: (*zip).to_owned(),
            zones: Vec::new(),
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
}
