//! Cuts a text into what it states: sentences, their clauses, and the words of a clause that carry its meaning.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::pattern::any_case;

/// A sentence, and whether it asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sentence<'a> {
    pub(super) text: &'a str,
    /// It ends with a question mark.
    pub(super) asks: bool,
}

/// Words whose dot ends no sentence.
const ABBREVIATED: &[&str] = &[
    "dr", "mr", "mrs", "ms", "st", "av", "ave", "rd", "blvd", "ste", "sr", "sra", "srta", "dra", "mme", "tel", "no",
    "ext", "approx", "incl", "inc", "vs", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov",
    "dec", "mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun", "a.m", "p.m", "e.g", "i.e",
];

/// The sentences of a text. The dot of "Dec. 1" and of "10 a.m. on" ends none.
pub(super) fn sentences(text: &str) -> Vec<Sentence<'_>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let ends = match c {
            '?' => rest.is_empty() || rest.starts_with(char::is_whitespace) || !is_link(&text[start..at]),
            '!' | '\n' | ';' => true,
            '.' if rest.is_empty() => true,
            '.' => rest.starts_with(char::is_whitespace) && !is_abbreviated(&text[start..at], rest),
            // "He's not alone 😅 Which part is it?"
            c if is_picture(c) => rest.strip_prefix(' ').is_some_and(|rest| rest.starts_with(char::is_uppercase)),
            _ => false,
        };
        if ends {
            found.push(Sentence { text: text[start..at].trim(), asks: c == '?' });
            start = at + c.len_utf8();
        }
    }
    found.push(Sentence { text: text[start..].trim(), asks: false });
    found.retain(|sentence| !sentence.text.is_empty());
    found
}

/// True where a text ends inside a link: what follows is its query.
fn is_link(before: &str) -> bool {
    before.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"))
}

/// An emoji: symbols from U+2600 on that are no letters (Unicode, `Emoji_Presentation`).
fn is_picture(c: char) -> bool {
    c >= '\u{2600}' && !c.is_alphanumeric()
}

fn is_abbreviated(before: &str, after: &str) -> bool {
    let word = before.rsplit([' ', '\n', ',', '(']).next().unwrap_or_default().to_lowercase();
    let of_clock = ["a.m", "p.m"].iter().any(|half| word.ends_with(half));
    let zone = ["E", "C", "M", "P"].iter().any(|zone| {
        after.trim_start().starts_with(zone) && after.trim_start().get(1..2).is_some_and(|next| "TSD".contains(next))
    });
    let goes_on = zone || !after.trim_start().starts_with(|c: char| c.is_uppercase() || c == '¿' || c == '¡');
    if of_clock { goes_on } else { ABBREVIATED.contains(&word.as_str()) }
}

static CUT: LazyLock<Regex> = LazyLock::new(|| {
    any_case(
        r"[,:]\s+(?:(?:and|but|or|so|then|y|pero|et|e|mais|mas)\s)?|\s[–—-]\s|[()]|\s(?:and|but|or|so|then|because|otherwise|y|e|u|pero|et|ou|mas|mais|donc)\s",
    )
});

/// The clauses of a sentence: its parts between commas and the words that join them.
pub(super) fn clauses(sentence: &str) -> Vec<&str> {
    CUT.split(sentence).map(str::trim).filter(|clause| !clause.is_empty()).collect()
}

/// Words that carry no meaning of their own, folded.
const EMPTY: &str = "the and you your yours for with our ours are was were that this these those have has had will would \
    can could shall should may might not but from they them their its his her him she who what when where which how all \
    any some more most just also too very even get gets got let lets there here than then once after before about over \
    into out off per each every one ones been being does did don doesn didn isn aren won ll re ve yes sure only still \
    yet now plus without if so as at by in is it me my no of on or to up us we be do go an am he \
    el la los las un una unos unas del al que con por para sin sus su mi tu le les se lo nos es son esta este estas \
    estos como mas muy si ya hay y o a de en no \
    les des une est sont pour avec dans sur vous nous votre nos que qui il elle ce cette pas \
    puede pueden puedes puedo podemos \
    os uma um com sao seu sua nosso nossa voce nao em da do das dos";

static EMPTY_WORDS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| EMPTY.split_whitespace().collect());

/// Endings that one word takes in another place of a sentence, longest first.
const ENDINGS: &[&str] = &[
    "ations", "ation", "ements", "ement", "ments", "ment", "ables", "able", "ings", "ing", "ally", "als", "al", "ies",
    "ers", "er", "ed", "es", "ly", "s", "e", "y",
];

/// Letters a word keeps when its ending is taken off.
const ROOT_CHARS: usize = 4;

/// A word without case, accents and ending: "Appraisals" and "appraise" are one.
pub(super) fn stem(word: &str) -> String {
    stem_of_folded(&folded(word)).to_owned()
}

/// Endings are taken off twice: "arrangements" are what is arranged.
fn stem_of_folded(word: &str) -> &str {
    root(root(word))
}

/// A word without one ending.
fn root(word: &str) -> &str {
    let is_plural = word.ends_with('s') && !word.ends_with("ss");
    let last = word.as_bytes().last();
    let cut = ENDINGS.iter().filter(|ending| ending.as_bytes().last() == last).find_map(|ending| {
        let allowed = *ending != "s" || is_plural;
        word.strip_suffix(ending).filter(|root| allowed && root.chars().count() >= ROOT_CHARS.min(word.len()))
    });
    let root = match cut {
        Some(root) => root,
        None if is_plural && word.len() > 3 => &word[..word.len() - 1],
        None => word,
    };
    let mut last = root.chars().rev();
    match (last.next(), last.next()) {
        (Some(c), Some(before)) if c == before && c.is_alphabetic() && root.chars().count() > ROOT_CHARS => {
            &root[..root.len() - c.len_utf8()]
        }
        _ => root,
    }
}

/// Lower case without accents.
pub(super) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The words of a clause that carry its meaning, and its numbers, as stems.
pub(super) fn content(clause: &str) -> BTreeSet<String> {
    folded(clause)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().all(|c| c.is_ascii_digit()) || word.chars().count() > 2)
        .filter(|word| !word.is_empty() && !EMPTY_WORDS.contains(word))
        .map(|word| stem_of_folded(word).to_owned())
        .collect()
}

/// How many of the words are among the known ones.
pub(super) fn shared(words: &BTreeSet<String>, known: &BTreeSet<String>) -> usize {
    words.intersection(known).count()
}

/// Letters at the beginning by which words of one root are told where verbs have many endings: "entregamos" and "entregas".
const COMMON_CHARS: usize = 6;

/// True when a word of each begins alike.
pub(super) fn share_root(words: &BTreeSet<String>, known: &BTreeSet<String>) -> bool {
    let begins = |word: &String| word.get(..COMMON_CHARS).map(str::to_owned);
    let roots: BTreeSet<String> = words.iter().filter_map(begins).collect();
    known.iter().filter_map(begins).any(|root| roots.contains(&root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_of_an_abbreviation_ends_no_sentence() {
        let cut = |text: &'static str| sentences(text).into_iter().map(|s| (s.text, s.asks)).collect::<Vec<_>>();
        assert_eq!(
            cut("Dr. Chen is in. Would Dec. 1 at 10 a.m. CT work? It's $2.40"),
            [("Dr. Chen is in", false), ("Would Dec. 1 at 10 a.m. CT work", true), ("It's $2.40", false)]
        );
        assert_eq!(cut("At 9 a.m. Does that fit?"), [("At 9 a.m", false), ("Does that fit", true)]);
    }

    #[test]
    fn a_question_mark_inside_a_link_ends_no_sentence_and_an_emoji_may() {
        let cut = |text: &'static str| sentences(text).into_iter().map(|s| s.text).collect::<Vec<_>>();
        let link = "Pick any time: https://cal.example/a?utm_source=rapport&utm_content=9f8y50";
        assert_eq!(cut(link), [link]);
        assert_eq!(cut("Is it https://cal.example/a? Yes"), ["Is it https://cal.example/a", "Yes"]);
        assert_eq!(cut("He's not alone \u{1f605} Which part?"), ["He's not alone", "Which part"]);
        assert_eq!(cut("Snacks \u{1f642} all day"), ["Snacks \u{1f642} all day"]);
    }

    #[test]
    fn words_are_one_whatever_their_ending() {
        for (one, other) in [
            ("Appraisals", "appraise"),
            ("refundable", "refund"),
            ("holds", "holding"),
            ("classes", "class"),
            ("passes", "pass"),
            ("cancelled", "cancel"),
            ("clases", "clase"),
            ("Lucía", "lucia"),
            ("prices", "price"),
            ("monthly", "month"),
            ("delivery", "deliver"),
            ("guaranteed", "guarantee"),
        ] {
            assert_eq!(stem(one), stem(other), "{one} and {other}");
        }
        assert_ne!(stem("freehold"), stem("free"));
        assert_ne!(stem("deliver"), stem("delay"));
    }

    #[test]
    fn clauses_end_where_another_statement_begins() {
        assert_eq!(clauses("Solo is $19, Crew $49 and Fleet $1,990"), ["Solo is $19", "Crew $49", "Fleet $1,990"]);
    }
}
