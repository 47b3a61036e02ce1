//! Puts a text into the form that rules are written for: lower case, no accents, no apostrophes, plain words.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::unseen::is_unseen;

/// What a text is cut at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Ends of sentences.
    Sentences,
    /// Ends of sentences and of lines.
    Lines,
    /// Commas, colons, brackets and dashes too.
    Clauses,
}

/// Letters before an apostrophe that stand for a word of their own, as in French `m'écrire` and `d'arrêter`.
const ELIDED: &[&str] = &["l", "d", "m", "n", "s", "t", "j", "c", "qu"];

/// Words that answer before a comma: what follows is a sentence of its own, as in "no, text me tomorrow".
const ANSWERS: &[&str] =
    &["no", "nope", "nah", "non", "nao", "n", "yes", "yeah", "si", "oui", "sim", "sorry", "ok", "okay"];

/// The parts of a text in folded form.
pub(crate) fn fold(text: &str, cut: Cut) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    let plain = text.chars().filter(|c| !is_unseen(*c)).nfkd().filter(|c| !is_combining_mark(*c));
    let letters: Vec<char> = plain.flat_map(char::to_lowercase).collect();
    for (at, &c) in letters.iter().enumerate() {
        match c {
            c if is_apostrophe(c) => {
                let word = folded.rsplit([' ', '\n']).next().unwrap_or_default();
                if ELIDED.contains(&word) && letters.get(at + 1).is_some_and(|next| next.is_alphanumeric()) {
                    folded.push(' ');
                }
            }
            '.' | '!' | '?' | ';' | '¡' | '¿' | '。' => folded.push('\n'),
            '\n' | '\r' if cut != Cut::Sentences => folded.push('\n'),
            ',' if is_answer(&folded) => folded.push('\n'),
            ',' | ':' | '(' | ')' | '\u{2014}' | '/' if cut == Cut::Clauses => folded.push('\n'),
            '-' | '\u{2013}' if cut == Cut::Clauses && stands_alone(&letters, at) => folded.push('\n'),
            '#' if !letters.get(at + 1).is_some_and(char::is_ascii_digit) => folded.push_str(" number "),
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded
        .split('\n')
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|part| !part.is_empty())
        .collect()
}

fn is_answer(folded: &str) -> bool {
    let sentence = folded.rsplit('\n').next().unwrap_or_default();
    ANSWERS.contains(&sentence.trim())
}

fn stands_alone(letters: &[char], at: usize) -> bool {
    let space = |c: Option<&char>| c.is_none_or(|c| c.is_whitespace());
    space(at.checked_sub(1).and_then(|before| letters.get(before))) || space(letters.get(at + 1))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{B4}' | '`')
}

/// The Latin letter that a Cyrillic or Greek one cannot be told from by eye: a stop written with it is still a stop. A
/// selection of Unicode's confusables (UTS 39) for the letters of the keywords.
pub(crate) fn latin_twin(c: char) -> char {
    match c {
        'А' | 'а' | 'Α' => 'a',
        'В' | 'Β' => 'b',
        'С' | 'с' => 'c',
        'Е' | 'е' | 'Ε' => 'e',
        'І' | 'і' | 'Ι' => 'i',
        'Ј' | 'ј' => 'j',
        'К' | 'Κ' => 'k',
        'М' | 'Μ' => 'm',
        'Н' | 'Η' => 'h',
        'О' | 'о' | 'Ο' | 'ο' => 'o',
        'Р' | 'р' | 'Ρ' => 'p',
        'Ѕ' | 'ѕ' => 's',
        'Т' | 'Τ' => 't',
        'У' | 'у' | 'Υ' => 'y',
        'Х' | 'х' | 'Χ' => 'x',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_folded_words() {
        assert_eq!(fold("Don’t TEXT me, ok? Arrêtez", Cut::Lines), ["dont text me ok", "arretez"]);
        assert_eq!(fold("No, text me", Cut::Lines), ["no", "text me"]);
        assert_eq!(fold("no - stop, opt-out", Cut::Clauses), ["no", "stop", "opt out"]);
        assert_eq!(fold("merci d'arrêter de m’écrire", Cut::Lines), ["merci d arreter de m ecrire"]);
        assert_eq!(fold("please stop\ntexting", Cut::Sentences), ["please stop texting"]);
        assert_eq!(fold("I'm 'fine'", Cut::Lines), ["im fine"]);
    }
}
