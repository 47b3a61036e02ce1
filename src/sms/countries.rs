//! The countries of the world and the zones kept in them.
//!
//! The zones are those of IANA's `zone.tab`, one of each group that will keep the same hours until 2030; of wide countries the
//! populated ones. The US has none here: its states have theirs, and its territories are [`State`]s as well.

use std::sync::LazyLock;

use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::phone::Phone;
use super::states::State;

/// A country a line: its ISO 3166 code, its zones with spaces between, and its ISO 3166 code of three letters and its names with
/// bars between, both between tabs.
const DATA: &str = include_str!("countries.tsv");

static TABLE: LazyLock<Vec<Country>> = LazyLock::new(|| DATA.lines().filter_map(Country::of_line).collect());

/// What people write before the name of a country.
const BEFORE_NAMES: &[&str] = &["the ", "republic of ", "kingdom of ", "state of "];

/// A country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Country {
    code: &'static str,
    zones: Vec<&'static str>,
    names: Vec<&'static str>,
}

/// What somebody wrote as a country, or what a number's calling code names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Land {
    /// The US.
    Us,
    /// A territory of the US, which has rules and zones like a state.
    Territory(State),
    /// Another country.
    Abroad(&'static Country),
}

impl Country {
    fn of_line(line: &'static str) -> Option<Self> {
        let mut columns = line.split('\t');
        Some(Self {
            code: columns.next()?,
            zones: columns.next()?.split_whitespace().collect(),
            names: columns.next()?.split('|').collect(),
        })
    }

    /// The zones kept in it.
    pub(super) fn zones(&self) -> &[&'static str] {
        &self.zones
    }

    /// True for Canada, whose provinces are known.
    pub(super) fn is_canada(&self) -> bool {
        self.code == "CA"
    }
}

impl Land {
    /// Reads a country as people write it: its ISO 3166 code of two or three letters, or its name in English, in its own language
    /// or in a neighbour's. None when it is nothing of these.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let plain = plain(text);
        let of_code = || TABLE.iter().find(|row| row.code.eq_ignore_ascii_case(&plain)).map(Self::of_row);
        of_code().or_else(|| Self::of_name(&plain)).or_else(|| State::parse(&plain).and_then(Self::of_territory))
    }

    /// Reads a country that somebody wrote where a state belongs: by its name alone, for a code of two letters is rather a
    /// mistyped state.
    pub(super) fn parse_name(text: &str) -> Option<Self> {
        Self::of_name(&plain(text))
    }

    /// The country of a number; none for a calling code that no country has, or whose number names none.
    pub(super) fn of_phone(phone: &Phone) -> Option<Self> {
        let number = PHONE_NUMBER_UTIL.parse(phone.as_str(), Some(Region::US)).ok();
        let of_number = number.and_then(|number| PHONE_NUMBER_UTIL.get_region_for_number(&number));
        Self::of_region(of_number.or_else(|| region_of_calling_code(phone))?)
    }

    fn of_name(plain: &str) -> Option<Self> {
        let named = |name: &str| TABLE.iter().find(|row| row.names.contains(&name)).map(Self::of_row);
        let short = || BEFORE_NAMES.iter().find_map(|before| named(plain.strip_prefix(before)?));
        named(plain).or_else(short)
    }

    fn of_region(region: Region) -> Option<Self> {
        let code = region.to_string();
        let row = TABLE.iter().find(|row| row.code == code).map(Self::of_row);
        row.or_else(|| State::parse(&code).and_then(Self::of_territory))
    }

    fn of_row(row: &'static Country) -> Self {
        if row.code == "US" { Self::Us } else { Self::Abroad(row) }
    }

    fn of_territory(state: State) -> Option<Self> {
        state.is_territory().then_some(Self::Territory(state))
    }
}

/// The main country of a calling code. No calling code begins another.
fn region_of_calling_code(phone: &Phone) -> Option<Region> {
    let digits = phone.as_str().trim_start_matches('+');
    let code = |length: usize| digits.get(..length)?.parse().ok();
    (1..=3).filter_map(code).find_map(|code| PHONE_NUMBER_UTIL.get_region_for_country_code(code))
}

/// A name as it is compared: lower case, without accents, words with one space between.
pub(super) fn plain(text: &str) -> String {
    let folded = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect::<String>();
    let words = folded.replace('&', " and ").replace(|c: char| !c.is_alphanumeric(), " ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sms::zones::time_zone;

    fn code(land: Option<Land>) -> &'static str {
        match land {
            None => "",
            Some(Land::Us) => "US",
            Some(Land::Territory(state)) => state.code(),
            Some(Land::Abroad(country)) => country.code,
        }
    }

    #[test]
    fn every_country_has_zones_that_exist_and_names_of_its_own() {
        let mut seen = BTreeSet::new();
        for country in TABLE.iter() {
            assert!(country.zones.iter().all(|zone| time_zone(zone).is_some()), "{country:?}");
            assert_eq!(country.zones.is_empty(), country.code == "US", "{country:?}");
            for name in &country.names {
                assert_eq!(plain(name), *name);
                assert!(name.len() > 1 && seen.insert(*name), "{name}");
            }
        }
        assert_eq!(TABLE.len(), DATA.lines().count());
    }

    #[test]
    fn every_country_that_has_a_calling_code_is_known() {
        for region in PHONE_NUMBER_UTIL.get_supported_regions() {
            assert_eq!(code(Land::of_region(region)), region.to_string());
        }
    }

    #[test]
    fn countries_are_read_as_people_write_them() {
        for (written, expected) in [
            ("US", "US"),
            ("usa", "US"),
            ("u.s.", "US"),
            ("U.S.A.", "US"),
            ("United States of America", "US"),
            ("The United States", "US"),
            ("Estados Unidos", "US"),
            ("UK", "GB"),
            ("GBR", "GB"),
            ("Great Britain", "GB"),
            ("Scotland", "GB"),
            ("Canada", "CA"),
            ("CA", "CA"),
            ("Deutschland", "DE"),
            ("México", "MX"),
            ("Côte d'Ivoire", "CI"),
            ("Republic of Korea", "KR"),
            ("Trinidad & Tobago", "TT"),
            ("Georgia", "GE"),
            ("PR", "PR"),
            ("Puerto Rico", "PR"),
            ("Atlantis", ""),
            ("California", ""),
            ("", ""),
        ] {
            assert_eq!(code(Land::parse(written)), expected, "{written}");
        }
        assert_eq!((code(Land::parse_name("England")), code(Land::parse_name("JP"))), ("GB", ""));
    }

    #[test]
    fn a_number_is_in_the_country_of_its_calling_code() {
        for (number, expected) in [
            ("+819012345678", "JP"),
            ("+8613800138000", "CN"),
            ("+971501234567", "AE"),
            ("+639171234567", "PH"),
            ("+77011234567", "KZ"),
            ("+79161234567", "RU"),
            ("+441632960001", "GB"),
            ("+18765550142", "JM"),
            ("+811234567", "JP"),
            ("+882161234567", ""),
            ("+2101234567", ""),
        ] {
            let phone = Phone::parse(number).expect("a number");
            assert_eq!(code(Land::of_phone(&phone)), expected, "{number}");
        }
    }
}
