//! Which zones the area codes of the US and Canada lie in, as the North American Numbering Plan assigns them.
//!
//! Codes that straddle a boundary have every zone. Overlays share the zones of the code they overlay.

pub(super) const NEW_YORK: &str = "America/New_York";
pub(super) const CHICAGO: &str = "America/Chicago";
pub(super) const DENVER: &str = "America/Denver";
pub(super) const BOISE: &str = "America/Boise";
pub(super) const PHOENIX: &str = "America/Phoenix";
pub(super) const LOS_ANGELES: &str = "America/Los_Angeles";
pub(super) const TORONTO: &str = "America/Toronto";
pub(super) const HALIFAX: &str = "America/Halifax";
pub(super) const ST_JOHNS: &str = "America/St_Johns";
pub(super) const WINNIPEG: &str = "America/Winnipeg";
pub(super) const EDMONTON: &str = "America/Edmonton";
pub(super) const VANCOUVER: &str = "America/Vancouver";

/// The zones of the continental US: where a number of unknown place may be.
pub(super) const CONTINENTAL_US: &[&str] = &[NEW_YORK, CHICAGO, DENVER, PHOENIX, LOS_ANGELES];

type Row = (&'static [&'static str], &'static [u16]);

const TABLE: &[Row] = &[
    (
        &[NEW_YORK],
        &[
            201, 202, 203, 207, 212, 215, 216, 220, 223, 227, 229, 231, 234, 239, 240, 248, 252, 260, 267, 269, 272,
            276, 283, 301, 302, 304, 305, 313, 315, 317, 321, 324, 326, 329, 330, 332, 336, 339, 347, 351, 352, 363,
            380, 386, 401, 404, 407, 410, 412, 413, 419, 434, 436, 440, 443, 445, 463, 465, 470, 472, 475, 478, 484,
            508, 513, 516, 517, 518, 540, 551, 561, 567, 570, 571, 582, 585, 586, 603, 607, 609, 610, 614, 616, 617,
            624, 631, 640, 645, 646, 656, 667, 678, 679, 680, 681, 686, 689, 703, 704, 706, 716, 717, 718, 724, 727,
            728, 732, 734, 740, 743, 754, 757, 762, 765, 770, 771, 772, 774, 781, 786, 802, 803, 804, 810, 813, 814,
            821, 826, 828, 835, 838, 839, 843, 845, 848, 854, 856, 857, 860, 862, 863, 864, 865, 878, 904, 908, 910,
            912, 914, 917, 919, 929, 934, 937, 941, 943, 947, 948, 954, 959, 973, 978, 980, 984, 989,
        ],
    ),
    (
        &[CHICAGO],
        &[
            205, 210, 214, 217, 218, 224, 225, 228, 235, 251, 254, 256, 262, 274, 281, 309, 312, 314, 316, 318, 319,
            320, 325, 327, 331, 334, 337, 346, 353, 361, 405, 409, 414, 417, 430, 447, 457, 464, 469, 471, 479, 501,
            504, 507, 512, 515, 534, 539, 557, 563, 572, 573, 580, 601, 608, 612, 615, 618, 621, 629, 630, 636, 641,
            651, 659, 660, 662, 682, 708, 712, 713, 715, 726, 730, 731, 737, 763, 769, 773, 779, 806, 815, 816, 817,
            830, 832, 847, 861, 870, 872, 901, 903, 913, 918, 920, 924, 936, 938, 940, 945, 952, 956, 972, 975, 979,
            985,
        ],
    ),
    // Indiana, Kentucky, Tennessee, the Florida Panhandle and Upper Michigan.
    (&[NEW_YORK, CHICAGO], &[219, 270, 364, 423, 448, 502, 574, 606, 812, 850, 859, 906, 930]),
    (&[CHICAGO, NEW_YORK], &[931]),
    // The Dakotas, Nebraska, Kansas and West Texas.
    (&[CHICAGO, DENVER], &[308, 402, 432, 531, 605, 620, 701, 785]),
    (&[DENVER, CHICAGO], &[915]),
    (&[DENVER], &[303, 307, 385, 406, 435, 505, 575, 719, 720, 748, 801, 970, 983]),
    (&[PHOENIX], &[480, 520, 602, 623]),
    // The Navajo Nation keeps daylight saving time.
    (&[PHOENIX, DENVER], &[928]),
    (&[BOISE, LOS_ANGELES], &[208, 986]),
    (&[LOS_ANGELES, BOISE], &[458, 541, 775]),
    (
        &[LOS_ANGELES],
        &[
            206, 209, 213, 253, 279, 310, 323, 341, 350, 357, 360, 369, 408, 415, 424, 425, 442, 503, 509, 510, 530,
            559, 562, 564, 619, 626, 628, 650, 657, 661, 669, 702, 707, 714, 725, 738, 747, 760, 805, 818, 820, 831,
            837, 840, 858, 909, 916, 925, 949, 951, 971,
        ],
    ),
    (&["America/Anchorage", "America/Adak"], &[907]),
    (&["Pacific/Honolulu"], &[808]),
    (&["America/Puerto_Rico"], &[340, 787, 939]),
    (&["Pacific/Guam"], &[670, 671]),
    (&["Pacific/Pago_Pago"], &[684]),
    (
        &[TORONTO],
        &[
            226, 249, 263, 273, 289, 343, 354, 365, 382, 416, 437, 438, 450, 468, 514, 519, 548, 579, 613, 647, 683,
            705, 742, 753, 819, 873, 905, 942,
        ],
    ),
    // The Magdalen Islands keep Atlantic time.
    (&[TORONTO, HALIFAX], &[367, 418, 581]),
    (&[TORONTO, WINNIPEG], &[807]),
    (&[HALIFAX], &[428, 506, 782, 851, 902]),
    (&[ST_JOHNS, HALIFAX], &[709, 879]),
    (&[WINNIPEG], &[204, 431, 584]),
    (&["America/Regina"], &[306, 474, 639]),
    (&[EDMONTON], &[368, 403, 587, 780, 825]),
    (&[VANCOUVER], &[604]),
    // Eastern British Columbia goes with Alberta.
    (&[VANCOUVER, EDMONTON], &[236, 250, 257, 672, 778]),
    (&["America/Whitehorse", EDMONTON, WINNIPEG, TORONTO], &[867]),
];

/// The zones of an area code; none when it is toll-free, non-geographic or unknown.
pub(super) fn zones(area_code: u16) -> Option<&'static [&'static str]> {
    TABLE.iter().find(|(_, codes)| codes.contains(&area_code)).map(|(zones, _)| *zones)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sms::zones::time_zone;

    #[test]
    fn every_zone_exists_and_every_code_stands_once() {
        let mut seen = BTreeSet::new();
        for (zones, codes) in TABLE {
            assert!(zones.iter().all(|zone| time_zone(zone).is_some()), "{zones:?}");
            for code in *codes {
                assert!((201..=989).contains(code) && seen.insert(*code), "{code}");
            }
        }
        assert!(CONTINENTAL_US.iter().all(|zone| time_zone(zone).is_some()));
    }

    #[test]
    fn codes_that_straddle_a_boundary_have_both_sides() {
        for (code, expected) in [
            (208, [BOISE, LOS_ANGELES]),
            (930, [NEW_YORK, CHICAGO]),
            (448, [NEW_YORK, CHICAGO]),
            (458, [LOS_ANGELES, BOISE]),
            (605, [CHICAGO, DENVER]),
            (928, [PHOENIX, DENVER]),
        ] {
            assert_eq!(zones(code), Some(expected.as_slice()), "{code}");
        }
        assert_eq!(zones(800), None);
        assert_eq!(zones(555), None);
    }
}
