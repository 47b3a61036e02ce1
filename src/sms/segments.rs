//! How a text is encoded on the air and how many segments it costs (3GPP TS 23.038 and 23.040).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The GSM 7-bit default alphabet without ESC (3GPP TS 23.038, section 6.2.1): one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ\
ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// The extension table (section 6.2.1.1): ESC and the character, two septets.
const EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// How a text is encoded on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Encoding {
    /// The GSM 7-bit default alphabet with its extension table.
    #[serde(rename = "GSM-7")]
    Gsm7,
    /// UTF-16: one character outside the alphabet turns the whole text.
    #[serde(rename = "UCS-2")]
    Ucs2,
}

impl Encoding {
    /// Units that fit a text of one segment: septets, or UTF-16 code units.
    fn single(self) -> u32 {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units that fit each part of a longer text, beside the header that joins the parts.
    fn part(self) -> u32 {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    /// Units one character takes; it is never split over two parts.
    fn width(self, c: char) -> u32 {
        match self {
            Self::Gsm7 => 1 + u32::from(EXTENSION.contains(c)),
            Self::Ucs2 => 1 + u32::from(u32::from(c) > 0xFFFF),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        })
    }
}

/// What a text costs on the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segments {
    /// How it is encoded.
    pub encoding: Encoding,
    /// Parts it is sent and billed in; at least 1.
    pub segments: u32,
    /// Septets, or UTF-16 code units.
    pub units: u32,
}

/// True when the character is in the GSM alphabet or its extension table.
#[must_use]
pub fn is_gsm(c: char) -> bool {
    BASIC.contains(c) || EXTENSION.contains(c)
}

/// The distinct characters that force UCS-2, in order of appearance.
#[must_use]
pub fn outside_gsm(text: &str) -> Vec<char> {
    let mut found = Vec::new();
    for c in text.chars().filter(|c| !is_gsm(*c)) {
        if !found.contains(&c) {
            found.push(c);
        }
    }
    found
}

/// Counts a text's segments. Extension characters and surrogate pairs stay in one part. An empty text is one segment
/// of no units.
#[must_use]
pub fn count(text: &str) -> Segments {
    let encoding = if text.chars().all(is_gsm) { Encoding::Gsm7 } else { Encoding::Ucs2 };
    let units = text.chars().map(|c| encoding.width(c)).sum();
    if units <= encoding.single() {
        return Segments { encoding, segments: 1, units };
    }
    let (mut segments, mut filled) = (1, 0);
    for width in text.chars().map(|c| encoding.width(c)) {
        if filled + width > encoding.part() {
            segments += 1;
            filled = 0;
        }
        filled += width;
    }
    Segments { encoding, segments, units }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(text: &str) -> (String, u32, u32) {
        let counted = count(text);
        (counted.encoding.to_string(), counted.segments, counted.units)
    }

    #[test]
    fn the_published_limits_hold() {
        assert_eq!(of(&"a".repeat(160)), ("GSM-7".into(), 1, 160));
        assert_eq!(of(&"a".repeat(161)), ("GSM-7".into(), 2, 161));
        assert_eq!(of(&"a".repeat(306)), ("GSM-7".into(), 2, 306));
        assert_eq!(of(&"a".repeat(307)), ("GSM-7".into(), 3, 307));
        assert_eq!(of(&"я".repeat(70)), ("UCS-2".into(), 1, 70));
        assert_eq!(of(&"я".repeat(71)), ("UCS-2".into(), 2, 71));
        assert_eq!(of(&"я".repeat(135)), ("UCS-2".into(), 3, 135));
        assert_eq!(of(""), ("GSM-7".into(), 1, 0));
    }

    #[test]
    fn one_smart_quote_turns_one_segment_into_three() {
        assert_eq!(count(&"a".repeat(150)).segments, 1);
        assert_eq!(of(&format!("{}\u{2019}", "a".repeat(149))), ("UCS-2".into(), 3, 150));
    }

    #[test]
    fn an_extension_character_is_never_split_over_parts() {
        // The euro would be septets 153 and 154: it moves to the second part, which then overflows into a third.
        assert_eq!(of(&format!("{}€{}", "a".repeat(152), "a".repeat(151))), ("GSM-7".into(), 2, 305));
        assert_eq!(of(&format!("{}€{}", "a".repeat(152), "a".repeat(152))), ("GSM-7".into(), 3, 306));
    }

    #[test]
    fn a_surrogate_pair_is_never_split_over_parts() {
        assert_eq!(of(&format!("{}😀{}", "я".repeat(66), "я".repeat(66))), ("UCS-2".into(), 3, 134));
    }

    #[test]
    fn the_plain_characters_missing_from_the_alphabet_are_named() {
        assert_eq!(outside_gsm("`a\tçà€`"), ['`', '\t', 'ç']);
    }

    fn mixed() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            8 => "[a-zA-Z0-9 .,!?\n]{1,60}",
            3 => "[\\^{}\\[\\]~|€\\\\]{1,8}",
            2 => "[éñüàßΔΩ@£_]{1,5}",
            1 => "[’“—…çáí😀👍🏽`\t]{1,4}",
            1 => any::<char>().prop_map(String::from),
        ];
        proptest::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
    }

    /// The alphabet as 3GPP TS 23.038 numbers it, by code point; written from its tables, not from the code above.
    fn septets_by_the_standard(c: char) -> Option<u32> {
        match u32::from(c) {
            0x0A
            | 0x0D
            | 0x20..=0x5A
            | 0x5F
            | 0x61..=0x7A
            | 0xA1
            | 0xA3..=0xA5
            | 0xA7
            | 0xBF
            | 0xC4..=0xC7
            | 0xC9
            | 0xD1
            | 0xD6
            | 0xD8
            | 0xDC
            | 0xDF
            | 0xE0
            | 0xE4..=0xE6
            | 0xE8
            | 0xE9
            | 0xEC
            | 0xF1
            | 0xF2
            | 0xF6
            | 0xF8
            | 0xF9
            | 0xFC
            | 0x393
            | 0x394
            | 0x398
            | 0x39B
            | 0x39E
            | 0x3A0
            | 0x3A3
            | 0x3A6
            | 0x3A8
            | 0x3A9 => Some(1),
            0x0C | 0x5B | 0x5C | 0x5D | 0x5E | 0x7B | 0x7C | 0x7D | 0x7E | 0x20AC => Some(2),
            _ => None,
        }
    }

    /// Parts are filled character by character into vectors of units, which are then measured.
    fn by_the_standard(text: &str) -> (bool, usize, usize) {
        let septets: Option<Vec<u32>> = text.chars().map(septets_by_the_standard).collect();
        let (widths, single, part) = match &septets {
            Some(widths) => (widths.iter().map(|width| *width as usize).collect::<Vec<_>>(), 160, 153),
            None => (text.chars().map(char::len_utf16).collect(), 70, 67),
        };
        let units: usize = widths.iter().sum();
        if units <= single {
            return (septets.is_some(), 1, units);
        }
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        for width in widths {
            let full = parts.last().is_some_and(|last| last.iter().sum::<usize>() + width > part);
            if full {
                parts.push(Vec::new());
            }
            if let Some(last) = parts.last_mut() {
                last.push(width);
            }
        }
        (septets.is_some(), parts.len(), units)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn twenty_thousand_random_texts_count_as_the_standard_says(text in mixed()) {
            let counted = count(&text);
            let found = (counted.encoding == Encoding::Gsm7, counted.segments as usize, counted.units as usize);
            prop_assert_eq!(found, by_the_standard(&text), "{:?}", text);
        }
    }

    proptest! {
        #[test]
        fn counts_agree_with_an_independent_splitter(text in mixed()) {
            let counted = count(&text);
            let oracle = sms_splitter::SplitSms::default().split(text.clone());
            prop_assert_eq!(counted.encoding == Encoding::Gsm7, oracle.character_set == "GSM");
            prop_assert_eq!(counted.segments as usize, oracle.parts.len());
            let bytes_per_unit = if counted.encoding == Encoding::Gsm7 { 1 } else { 2 };
            prop_assert_eq!(counted.units as usize * bytes_per_unit, oracle.bytes);
        }
    }
}
