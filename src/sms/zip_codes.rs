//! Which state a ZIP code lies in, by its first three digits (USPS Publication 65).

/// First and last of a run of three-digit prefixes, and the state.
type Run = (u16, u16, &'static str);

const TABLE: &[Run] = &[
    (5, 5, "NY"),
    (6, 7, "PR"),
    (8, 8, "VI"),
    (9, 9, "PR"),
    (10, 27, "MA"),
    (28, 29, "RI"),
    (30, 38, "NH"),
    (39, 49, "ME"),
    (50, 54, "VT"),
    (55, 55, "MA"),
    (56, 59, "VT"),
    (60, 69, "CT"),
    (70, 89, "NJ"),
    (100, 149, "NY"),
    (150, 196, "PA"),
    (197, 199, "DE"),
    (200, 200, "DC"),
    (201, 201, "VA"),
    (202, 205, "DC"),
    (206, 212, "MD"),
    (214, 219, "MD"),
    (220, 246, "VA"),
    (247, 268, "WV"),
    (270, 289, "NC"),
    (290, 299, "SC"),
    (300, 319, "GA"),
    (320, 339, "FL"),
    (341, 342, "FL"),
    (344, 344, "FL"),
    (346, 347, "FL"),
    (349, 349, "FL"),
    (350, 369, "AL"),
    (370, 385, "TN"),
    (386, 397, "MS"),
    (398, 399, "GA"),
    (400, 427, "KY"),
    (430, 459, "OH"),
    (460, 479, "IN"),
    (480, 499, "MI"),
    (500, 528, "IA"),
    (530, 549, "WI"),
    (550, 567, "MN"),
    (569, 569, "DC"),
    (570, 577, "SD"),
    (580, 588, "ND"),
    (590, 599, "MT"),
    (600, 629, "IL"),
    (630, 658, "MO"),
    (660, 679, "KS"),
    (680, 693, "NE"),
    (700, 714, "LA"),
    (716, 729, "AR"),
    (730, 732, "OK"),
    (733, 733, "TX"),
    (734, 749, "OK"),
    (750, 799, "TX"),
    (800, 816, "CO"),
    (820, 831, "WY"),
    (832, 838, "ID"),
    (840, 847, "UT"),
    (850, 865, "AZ"),
    (870, 884, "NM"),
    (885, 885, "TX"),
    (889, 898, "NV"),
    (900, 961, "CA"),
    (967, 968, "HI"),
    (969, 969, "GU"),
    (970, 979, "OR"),
    (980, 994, "WA"),
    (995, 999, "AK"),
];

/// Codes that lie in another state than the run around them.
const APART: &[(&str, &str)] = &[("96799", "AS"), ("96950", "MP"), ("96951", "MP"), ("96952", "MP")];

/// The state's code; none when the text is no ZIP code or nobody has that prefix.
pub(super) fn state(zip: &str) -> Option<&'static str> {
    let zip = zip.trim();
    let (five, rest) = zip.split_at_checked(5)?;
    let is_zip = five.bytes().all(|byte| byte.is_ascii_digit())
        && (rest.is_empty() || rest.strip_prefix('-').unwrap_or(rest).bytes().all(|byte| byte.is_ascii_digit()));
    let prefix: u16 = five[..3].parse().ok().filter(|_| is_zip)?;
    let apart = APART.iter().find(|(code, _)| *code == five).map(|(_, state)| *state);
    let of_run = || TABLE.iter().find(|(first, last, _)| (*first..=*last).contains(&prefix)).map(|(.., state)| *state);
    apart.or_else(of_run)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sms::states::State;

    #[test]
    fn runs_are_in_order_and_every_state_has_one() {
        assert!(TABLE.is_sorted_by(|a, b| a.1 < b.0));
        assert!(State::all().all(|state| TABLE.iter().any(|(.., code)| *code == state.code())));
        assert!(TABLE.iter().all(|(.., code)| State::parse(code).is_some()));
    }

    #[test]
    fn a_zip_code_lies_in_its_state() {
        for (zip, code) in [
            ("33101", Some("FL")),
            ("73301", Some("TX")),
            ("20500-0003", Some("DC")),
            ("02903", Some("RI")),
            ("00901", Some("PR")),
            ("99950", Some("AK")),
            ("96799", Some("AS")),
            ("96813", Some("HI")),
            ("96950-1234", Some("MP")),
            ("941", None),
            ("K1A 0B1", None),
            ("28v01", None),
            ("00000", None),
        ] {
            assert_eq!(state(zip), code, "{zip}");
        }
    }
}
