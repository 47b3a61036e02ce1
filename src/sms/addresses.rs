//! What an address tells of where a lead is.

use super::canada;
use super::countries::{Country, Land};
use super::places::{PostalPlace, StateEvidence};
use super::states::State;
use super::zones::time_zone;

/// How far an address was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Extent {
    /// It tells a place, or nothing was written.
    Told,
    /// It names the US and no state.
    InTheUs,
    /// Something was written of which nothing can be read.
    Unread,
    /// It names a country that is not known.
    UnknownCountry(String),
}

/// What an address tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    /// The states that it names: one, or two when its ZIP code lies elsewhere.
    pub(super) states: Vec<(State, StateEvidence)>,
    /// Its own zones, or else those of the places that it names.
    pub(super) zones: Vec<String>,
    /// How far it was understood.
    pub(super) extent: Extent,
}

/// Reads an address.
pub(super) fn read(address: &PostalPlace) -> Told {
    let country = address.country.trim();
    let mut told = match Land::parse(country) {
        Some(Land::Us) => in_the_us(address, Extent::InTheUs),
        Some(Land::Territory(state)) => Told::of_states(vec![(state, StateEvidence::Address)]),
        Some(Land::Abroad(country)) if country.is_canada() => in_canada(address, country),
        Some(Land::Abroad(country)) => Told::of_zones(country.zones()),
        None if country.is_empty() => in_the_us(address, Extent::Told),
        None => Told { extent: Extent::UnknownCountry(country.to_owned()), ..in_the_us(address, Extent::Told) },
    };
    let own: Vec<String> = address.zones.iter().filter(|zone| time_zone(zone).is_some()).cloned().collect();
    if !own.is_empty() {
        told = Told { zones: own, extent: Extent::Told, ..told };
    }
    told
}

/// An address in the US, as its country says or as nobody denies; without a state and a ZIP code it is `otherwise`.
fn in_the_us(address: &PostalPlace, otherwise: Extent) -> Told {
    let mut told = Told::of_states(states_of(address));
    let is_state = State::parse(&address.state).is_some();
    let elsewhere = match Land::parse_name(&address.state).filter(|_| !is_state) {
        Some(Land::Abroad(country)) => country.zones().to_vec(),
        _ => province_of(address),
    };
    told.zones.extend(elsewhere.iter().map(|zone| (*zone).to_owned()));
    if told.zones.is_empty() {
        let is_blank = address.state.trim().is_empty() && address.zip.trim().is_empty();
        told.extent = if is_blank { otherwise } else { Extent::Unread };
    }
    told
}

/// An address in Canada. `CA` is California too: a state that is written where a province belongs counts as well.
fn in_canada(address: &PostalPlace, canada: &Country) -> Told {
    let province = province_of(address);
    let state = State::parse(&address.state).map(|state| (state, StateEvidence::Address));
    let mut told = Told::of_states(state.into_iter().collect());
    let zones = if province.is_empty() { canada.zones() } else { &province };
    told.zones.extend(zones.iter().map(|zone| (*zone).to_owned()));
    told
}

fn states_of(address: &PostalPlace) -> Vec<(State, StateEvidence)> {
    let named = State::parse(&address.state).map(|state| (state, StateEvidence::Address));
    let by_zip = State::of_zip(&address.zip).map(|state| (state, StateEvidence::ZipCode));
    named.into_iter().chain(by_zip).collect()
}

/// The zones of a province of Canada, by its name or its postal code.
fn province_of(address: &PostalPlace) -> Vec<&'static str> {
    match canada::zones(&address.state) {
        Some(zones) => zones.to_vec(),
        None => canada::zones_of_postal_code(&address.zip),
    }
}

impl Told {
    fn of_states(states: Vec<(State, StateEvidence)>) -> Self {
        let zones = states.iter().flat_map(|(state, _)| state.zones()).map(|zone| (*zone).to_owned()).collect();
        Self { states, zones, extent: Extent::Told }
    }

    fn of_zones(zones: &[&str]) -> Self {
        Self { states: Vec::new(), zones: zones.iter().map(|zone| (*zone).to_owned()).collect(), extent: Extent::Told }
    }
}
