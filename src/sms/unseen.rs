//! Characters that show nothing.

/// True for what a font draws as nothing wherever it stands: Unicode's `Default_Ignorable_Code_Point` (soft hyphen, zero-width
/// characters, direction marks, fillers, variation selectors, tags) and the signs of interlinear annotations. Each of them can
/// be hidden in a text to spell out something else, or to make a word unlike itself.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}')
        || matches!(c, '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
        || matches!(c, '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}')
        || matches!(c, '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}

/// True for the characters that join and part letters: unseen, but emoji and several scripts need them.
pub(crate) fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// True for a text in which a reader sees nothing.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    // The Braille pattern without a dot is a character of its own, and empty.
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_unseen(c) || c == '\u{2800}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_no_text() {
        for text in ["", " \n", "\u{2063}\u{AD}", "\u{200B}\u{200B}", "\0", "\u{3164}", "\u{FE0F}", "\u{2800}\u{E0041}"]
        {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [".", "\u{200B}ok", "👍", "ñ", "❤\u{FE0F}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn what_is_unseen_is_what_unicode_lets_fonts_ignore() {
        let ignorable = regex::Regex::new(r"^\p{Default_Ignorable_Code_Point}$").expect("a pattern");
        for c in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|c| !matches!(c, '\u{FFF9}'..='\u{FFFB}')) {
            assert_eq!(is_unseen(c), ignorable.is_match(c.encode_utf8(&mut [0; 4])), "{:x}", u32::from(c));
        }
    }
}
