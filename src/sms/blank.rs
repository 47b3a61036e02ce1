//! Does a text show anything?

use std::sync::LazyLock;

use regex::Regex;

/// Spaces, controls, formatting and what fonts draw as nothing: soft hyphen and zero-width space (Unicode categories C and Z),
/// the Hangul fillers, the empty Braille pattern, variation selectors.
static UNSEEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^[\p{C}\p{Z}\s\u{115F}\u{1160}\u{3164}\u{FFA0}\u{2800}\u{034F}\u{FE00}-\u{FE0F}\u{E0100}-\u{E01EF}]*$")
        .ok()
});

/// True for a text in which a reader sees nothing.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    UNSEEN.as_ref().is_none_or(|unseen| unseen.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_no_text() {
        for text in ["", " \n", "\u{2063}\u{AD}", "\u{200B}\u{200B}", "\0", "\u{3164}", "\u{FE0F}"] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [".", "\u{200B}ok", "👍", "ñ", "❤\u{FE0F}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
