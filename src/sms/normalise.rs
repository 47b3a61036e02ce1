//! Puts typographic characters into plain ones, so that a reply does not triple its segments for a curly quote.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::unseen::{is_joiner, is_unseen};

#[expect(clippy::expect_used, reason = "a constant pattern, compiled by the tests")]
static URL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:\bhttps?://|\bwww\.|\b(?:[a-z0-9-]+\.)+[a-z]{2,}[/?#])[^\s\u{200B}\u{2060}\u{FEFF}“”„‟«»…"<>]*"#,
    )
    .expect("constant pattern")
});

/// Normalises a text for sending: Unicode NFC, then plain characters for typographic ones. Links are not touched, and
/// emoji, joined ones included, are kept. Accented letters are kept: names are not misspelt to save a segment.
#[must_use]
pub fn normalise(text: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = 0;
    for found in URL.find_iter(text) {
        let url = found.as_str().trim_end_matches(|c: char| !c.is_alphanumeric() && !c.is_ascii());
        writer.plain(&text[rest..found.start()]);
        writer.verbatim(url);
        rest = found.start() + url.len();
    }
    writer.plain(&text[rest..]);
    writer.out
}

/// Whether two texts say the same. What keeps a text may set other marks and spaces; one of marks alone is compared as it is.
#[must_use]
pub fn has_same_words(one: &str, other: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let said = words(one);
    if said.is_empty() { one.trim() == other.trim() } else { said == words(other) }
}

/// Output that knows what an em dash still owes it.
#[derive(Default)]
struct Writer {
    out: String,
    /// A dash was written; a space follows unless the line ends.
    after_dash: bool,
}

impl Writer {
    fn plain(&mut self, text: &str) {
        let composed: Vec<char> = text.nfc().collect();
        for (at, &c) in composed.iter().enumerate() {
            let next = composed.get(at + 1).copied();
            match half_width(c) {
                '\u{2014}' | '\u{2015}' => self.dash(),
                '\u{FE0F}' if !(self.out.ends_with(is_emoji) || next == Some('\u{20E3}')) => {}
                '\u{200D}' if !(self.out.ends_with(joins_emoji) && next.is_some_and(is_emoji)) => {}
                // A power or a footnote, not a unit: without the sign it would be another number.
                '\u{B2}' | '\u{B3}' if !self.out.ends_with(char::is_alphabetic) => {
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
                // "£3·50" and "Catal·là": a point within a number, and within a word a letter's own sign.
                '\u{B7}' if self.is_within(next, |c| c.is_ascii_digit()) => self.push("."),
                '\u{B7}' if self.is_within(next, char::is_alphabetic) => self.push("\u{B7}"),
                // The flag of England is a black flag and the letters "gbeng" in tags.
                '\u{E0020}'..='\u{E007F}' if self.out.ends_with(is_of_flag) => {
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
                c if is_hidden(c) => {}
                c => match replacement(c) {
                    Some(plain) => self.push(plain),
                    None => self.push(c.encode_utf8(&mut [0; 4])),
                },
            }
        }
    }

    /// Between two characters of a kind.
    fn is_within(&self, next: Option<char>, kind: impl Fn(char) -> bool) -> bool {
        self.out.chars().next_back().is_some_and(&kind) && next.is_some_and(&kind)
    }

    fn verbatim(&mut self, url: &str) {
        self.push(url);
    }

    fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.after_dash) && !text.is_empty() {
            match text {
                // Exactly one space stands after the dash, whether or not one was written.
                " " => {
                    self.after_dash = true;
                    return;
                }
                "\n" | "\r" => {}
                _ => self.out.push(' '),
            }
        }
        self.out.push_str(text);
    }

    fn dash(&mut self) {
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        let line_start = self.out.is_empty() || self.out.ends_with('\n');
        self.out.push_str(if line_start { "-" } else { " -" });
        self.after_dash = true;
    }
}

/// Full-width forms of ASCII (U+FF01 to U+FF5E) as ASCII.
fn half_width(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

fn replacement(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{201C}' | '\u{201D}' | '\u{201E}' | '\u{201F}' | '\u{AB}' | '\u{BB}' | '\u{2033}' | '\u{2BA}'
        | '\u{301D}' | '\u{301E}' | '\u{275D}' | '\u{275E}' => "\"",
        '\u{2018}' | '\u{2019}' | '\u{201A}' | '\u{201B}' | '\u{2032}' | '\u{2B9}' | '\u{2BB}' | '\u{2BC}'
        | '\u{2BD}' | '\u{2C8}' | '\u{B4}' | '\u{60}' | '\u{2CA}' | '\u{2CB}' | '\u{275B}' | '\u{275C}' => "'",
        '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{2043}' | '\u{2022}' | '\u{B7}' => "-",
        '\u{2026}' => "...",
        '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' | '\t' => " ",
        '\u{200C}' => "",
        '\u{2192}' => "->",
        // Square and cubic metres.
        '\u{B2}' => "2",
        '\u{B3}' => "3",
        _ => return None,
    })
}

/// Characters that show nothing, or turn round what stands beside them: no lead can read them, and they cost a text its encoding.
/// Joiners and the emoji's variation selector are looked at where they stand; marks of direction are part of several scripts.
fn is_hidden(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
        || is_unseen(c) && !is_joiner(c) && !matches!(c, '\u{FE0F}' | '\u{61C}' | '\u{200E}' | '\u{200F}')
}

fn is_of_flag(c: char) -> bool {
    matches!(c, '\u{1F3F4}' | '\u{E0020}'..='\u{E007E}')
}

/// Symbols that a variation selector or a joiner may follow.
fn is_emoji(c: char) -> bool {
    matches!(c, '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}')
        || matches!(u32::from(c), 0x2190..=0x2BFF | 0x3030 | 0x303D | 0x3297 | 0x3299 | 0x1F000..=0x1FAFF)
}

fn joins_emoji(c: char) -> bool {
    is_emoji(c) || c == '\u{FE0F}'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::sms::segments::{Encoding, count};

    #[test]
    fn what_nobody_can_read_is_left_out() {
        assert_eq!(normalise("a b \u{7} ok \u{E0041} there\u{202E}"), "a b  ok  there");
        assert_eq!(normalise("nul\0, \u{1B}[31m, wa\u{FE01}ve\u{E0101}"), "nul, [31m, wave");
        let england = "\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}";
        assert_eq!(normalise(england), england);
        assert_eq!(normalise("one\ntwo"), "one\ntwo");
    }

    #[test]
    fn other_marks_make_no_other_words() {
        assert!(has_same_words("Yes, \"we\" do…", "Yes, “we” do... "));
        assert!(!has_same_words("Yes, we do.", "Yes, we"));
        assert!(has_same_words("👍", "👍 ") && !has_same_words("👍", "") && !has_same_words("", "!"));
    }

    #[test]
    fn typographic_characters_become_plain_ones() {
        let cases = [
            ("“Hi” — it’s me…", "\"Hi\" - it's me..."),
            ("word—word", "word - word"),
            ("— first\nlast —\nnext", "- first\nlast -\nnext"),
            ("9\u{2013}10\u{A0}AM\u{202F}\u{2212}5", "9-10 AM -5"),
            ("• one\t→ two", "- one -> two"),
            ("74 m² and 3 m³, CO²", "74 m2 and 3 m3, CO2"),
            ("10² = 100, 2³ = 8", "10² = 100, 2³ = 8"),
            ("5·5 kg, £3·50 · Catal·là", "5.5 kg, £3.50 - Catal·là"),
            ("a\u{200B}b\u{FEFF}c\u{AD}d\u{FE0F}e", "abcde"),
            ("ＡＢＣ！＂｀", "ABC!\"'"),
            ("e\u{301}", "é"),
        ];
        for (from, to) in cases {
            assert_eq!(normalise(from), to, "{from}");
        }
        assert_eq!(count(&normalise("“Hi” — it’s me…")).encoding, Encoding::Gsm7);
    }

    #[test]
    fn joined_emoji_and_keycaps_are_kept() {
        for text in ["👩\u{200D}💻 ok", "❤\u{FE0F}\u{200D}🔥", "1\u{FE0F}\u{20E3}", "👍🏽", "🇺🇸"] {
            assert_eq!(normalise(text), text);
        }
        assert_eq!(normalise("👍🏽\u{200D}"), "👍🏽");
    }

    #[test]
    fn links_are_never_altered() {
        for link in ["https://example.com/a—b`c’d", "calendly.com/x/e\u{301}–y", "www.example.com/·"] {
            let text = format!("“see” {link} ok");
            let expected = link.trim_end_matches('·');
            assert!(normalise(&text).contains(expected), "{link}");
        }
        assert_eq!(normalise("“https://example.com/a”…"), "\"https://example.com/a\"...");
        assert_eq!(normalise("here—https://example.com/a"), "here - https://example.com/a");
    }

    #[test]
    fn accents_in_names_are_kept() {
        assert_eq!(normalise("José Núñez"), "José Núñez");
    }

    proptest! {
        #[test]
        fn a_text_without_links_has_none_of_the_replaced_characters_left(text in "[^.:/]{0,80}") {
            let out = normalise(&text);
            let typographic = |c: char| matches!(c, '\u{2014}' | '\u{2015}' | '\u{FF01}'..='\u{FF5E}');
            // These stay where they mean something else.
            let ambiguous = |c: char| matches!(c, '\u{B2}' | '\u{B3}' | '\u{B7}');
            let is_left = |c: &char| (replacement(*c).is_some() || typographic(*c)) && !ambiguous(*c);
            let left: Vec<char> = out.chars().filter(is_left).collect();
            prop_assert_eq!(left, Vec::<char>::new());
        }

        #[test]
        fn plain_ascii_stays_as_it_is(text in "[ -_a-~\n]{0,80}") {
            prop_assert_eq!(normalise(&text), text);
        }
    }
}
