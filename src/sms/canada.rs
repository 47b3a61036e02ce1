//! The provinces and territories of Canada, their zones and their postal codes.

use super::area_codes::{EDMONTON, HALIFAX, ST_JOHNS, TORONTO, VANCOUVER, WINNIPEG};
use super::countries::plain;

/// Code, names, the letters its postal codes begin with, and the zones kept in it: in part of it suffices. Its main zone
/// stands first.
type Row = (&'static str, &'static [&'static str], &'static str, &'static [&'static str]);

/// Zones as IANA's `zone.tab` draws them; letters as Canada Post assigns them. Northern Ontario's west keeps Manitoba's time, the
/// Magdalen Islands Nova Scotia's, the east of British Columbia Alberta's.
const TABLE: &[Row] = &[
    ("ab", &["alberta", "alta"], "T", &[EDMONTON]),
    ("bc", &["british columbia", "b c"], "V", &[VANCOUVER, EDMONTON]),
    ("mb", &["manitoba"], "R", &[WINNIPEG]),
    ("nb", &["new brunswick", "n b"], "E", &[HALIFAX]),
    ("nl", &["newfoundland and labrador", "newfoundland", "labrador", "nfld"], "A", &[ST_JOHNS, HALIFAX]),
    ("ns", &["nova scotia", "n s"], "B", &[HALIFAX]),
    ("nt", &["northwest territories", "nwt"], "X", &[EDMONTON]),
    ("nu", &["nunavut"], "X", &["America/Iqaluit", "America/Rankin_Inlet", "America/Cambridge_Bay"]),
    ("on", &["ontario", "ont"], "KLMNP", &[TORONTO, WINNIPEG]),
    ("pe", &["prince edward island", "pei", "p e i"], "C", &[HALIFAX]),
    ("qc", &["quebec", "pq", "que"], "GHJ", &[TORONTO, HALIFAX]),
    ("sk", &["saskatchewan", "sask"], "S", &["America/Regina"]),
    ("yt", &["yukon", "yukon territory"], "Y", &["America/Whitehorse"]),
];

/// The zones of a province or territory, by its code or its name; none when the text is neither.
pub(super) fn zones(province: &str) -> Option<&'static [&'static str]> {
    let plain = plain(province);
    TABLE.iter().find(|(code, names, ..)| plain == *code || names.contains(&plain.as_str())).map(|row| row.3)
}

/// The zones of a postal code such as `K1A 0B1`, by its first letter; empty when the text is none.
pub(super) fn zones_of_postal_code(text: &str) -> Vec<&'static str> {
    let code: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    // The first half, which names the region, or the whole code.
    let is_code = matches!(code.len(), 3 | 6)
        && code
            .chars()
            .enumerate()
            .all(|(at, c)| if at % 2 == 0 { c.is_ascii_alphabetic() } else { c.is_ascii_digit() });
    let first = code.chars().next().filter(|_| is_code).map(|c| c.to_ascii_uppercase());
    let of_letter = TABLE.iter().filter(|row| first.is_some_and(|first| row.2.contains(first)));
    of_letter.flat_map(|row| row.3).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::states::State;
    use crate::sms::zones::time_zone;

    #[test]
    fn a_province_is_read_as_people_write_it_and_is_no_state() {
        for written in ["Ontario", " on ", "ONT.", "Québec", "quebec", "P.E.I.", "Newfoundland & Labrador", "B.C."] {
            assert!(zones(written).is_some(), "{written}");
            assert_eq!(State::parse(written), None, "{written}");
        }
        assert_eq!((zones("CA"), zones(""), zones("Bavaria")), (None, None, None));
        assert!(TABLE.iter().flat_map(|row| row.3).all(|zone| time_zone(zone).is_some()));
    }

    #[test]
    fn a_postal_code_tells_its_province() {
        for (code, zones) in [
            ("K1A 0B1", &[TORONTO, WINNIPEG][..]),
            ("v6b1a1", &[VANCOUVER, EDMONTON]),
            ("A1A", &[ST_JOHNS, HALIFAX]),
            ("02903", &[]),
            ("SW1A 1AA", &[]),
            ("", &[]),
        ] {
            assert_eq!(zones_of_postal_code(code), zones, "{code}");
        }
    }
}
