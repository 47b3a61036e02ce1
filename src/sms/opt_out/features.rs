//! What the learned stage sees in a text: its words, what they are about, how they stand together, how they are spelt, and
//! what the rules made of it.

use super::OptOut;
use super::concepts::{Concept, concept};
use super::spelling::canonical;
use crate::sms::fold::{Cut, fold};

/// Stands for a word of no group.
const OTHER: &str = "_";
/// Stand before the first and behind the last word of a sentence.
const EDGES: [&str; 2] = ["^", "$"];
/// Two groups of words are seen together within so many words.
const TOGETHER_WORDS: usize = 6;
/// Three groups of words are seen together with so many steps from one to the next.
const STEPS_MAX: usize = 3;
/// Runs of so many letters of a word are looked at, its ends included.
const LETTERS: std::ops::RangeInclusive<usize> = 2..=5;
/// Stands between two sentences.
const STOP_MARK: &str = ".";
/// The family of runs of letters.
const OF_LETTERS: &str = "h";

const HAPPY: &[char] = &['😂', '🤣', '😆', '😹', '😄', '😁', '😅', '😍', '🎉', '👍', '😊', '❤'];
const ANGRY: &[char] = &['😡', '🤬', '🖕', '🛑', '⛔', '🚫', '👎', '😤', '🙄'];

/// Words of these groups can refuse something.
const REFUSING: &[&str] = &[
    "STOP", "LEAVE", "END", "CANCEL", "UNSUB", "REMOVE", "TAKE", "LOSE", "BLOCK", "OFF", "NEG", "ANNOY", "SPAM",
    "LEGAL", "CONSENT", "REVOKE", "ALONE", "AWAY", "DONE", "DEAD", "WRONG", "LAST",
];

/// True when a word of the text can refuse something.
pub(super) fn hints_at_refusal(text: &str) -> bool {
    let sentences = fold(text, Cut::Lines);
    let mut words = sentences.iter().flat_map(|sentence| sentence.split(' '));
    words.any(|word| concept(word).is_some_and(|known| REFUSING.contains(&known.name)))
}

/// True for the name of a run of letters. There are so many of those that they are measured by themselves.
pub(super) fn is_of_letters(name: &str) -> bool {
    name.strip_prefix(OF_LETTERS).is_some_and(|rest| rest.starts_with(' '))
}

/// Calls `found` with every feature of a text; one that stands in it twice may be told twice.
pub(super) fn each_feature(text: &str, found: &mut impl FnMut(&str)) {
    let as_written = fold(text, Cut::Lines);
    let sentences: Vec<String> = as_written.iter().map(|sentence| canonical(sentence)).collect();
    let mut name = String::new();
    let mut teller = Teller { name: &mut name, found };
    for sentence in &sentences {
        Sentence::read(sentence).each_feature(&mut teller);
    }
    words_as_written(&as_written, &mut teller);
    each_feature_of_the_whole(text, &sentences, &mut teller);
}

/// Words and their neighbours in no common spelling and over the ends of sentences, and their letters.
fn words_as_written<F: FnMut(&str)>(sentences: &[String], teller: &mut Teller<'_, F>) {
    let mut row = vec![EDGES[0]];
    for sentence in sentences {
        row.extend(sentence.split(' '));
        row.push(STOP_MARK);
    }
    teller.runs("r", &row, 3);
    for word in sentences.iter().flat_map(|sentence| sentence.split(' ')) {
        letters(word, teller);
    }
}

fn letters<F: FnMut(&str)>(word: &str, teller: &mut Teller<'_, F>) {
    let bounded = format!("<{word}>");
    let mut bounds: Vec<usize> = bounded.char_indices().map(|(at, _)| at).collect();
    bounds.push(bounded.len());
    for length in LETTERS {
        for run in bounds.windows(length + 1) {
            teller.tell(OF_LETTERS, &[&bounded[run[0]..run[length]]]);
        }
    }
}

/// Calls `found` with what the rules made of the text.
pub(super) fn each_feature_of_rules(by_rules: &OptOut, found: &mut impl FnMut(&str)) {
    let mut name = String::new();
    let mut teller = Teller { name: &mut name, found };
    teller.tell("rule", &[by_rules.rule]);
    teller.tell("verdict", &[by_rules.verdict.name()]);
}

/// Names features without making a string for each.
struct Teller<'a, F> {
    name: &'a mut String,
    found: &'a mut F,
}

impl<F: FnMut(&str)> Teller<'_, F> {
    fn tell(&mut self, family: &str, parts: &[&str]) {
        self.name.clear();
        self.name.push_str(family);
        for part in parts {
            self.name.push(' ');
            self.name.push_str(part);
        }
        (self.found)(self.name);
    }

    /// All runs of up to `longest` neighbours, but those that only hold edges and words of no group.
    fn runs(&mut self, family: &str, row: &[&str], longest: usize) {
        for length in 1..=longest {
            for run in row.windows(length) {
                if run.iter().any(|part| *part != OTHER && !EDGES.contains(part)) {
                    self.tell(family, run);
                }
            }
        }
    }
}

struct Sentence<'a> {
    words: Vec<&'a str>,
    concepts: Vec<Option<Concept>>,
}

impl<'a> Sentence<'a> {
    fn read(sentence: &'a str) -> Self {
        let words: Vec<&str> = sentence.split(' ').collect();
        let concepts = words.iter().map(|word| concept(word)).collect();
        Self { words, concepts }
    }

    fn each_feature<F: FnMut(&str)>(&self, teller: &mut Teller<'_, F>) {
        let names = self.concepts.iter().map(|concept| concept.map_or(OTHER, |known| known.name));
        let kinds = self.concepts.iter().flatten().map(|known| known.kind);
        teller.runs("w", &between_edges(self.words.iter().copied()), 3);
        teller.runs("c", &between_edges(names), 3);
        teller.runs("k", &between_edges(kinds), 3);
        self.words_beside_concepts(teller);
        self.concepts_together(teller);
    }

    fn words_beside_concepts<F: FnMut(&str)>(&self, teller: &mut Teller<'_, F>) {
        for (words, concepts) in self.words.windows(2).zip(self.concepts.windows(2)) {
            if let Some(next) = concepts[1] {
                teller.tell("m", &[words[0], next.name]);
            }
            if let Some(before) = concepts[0] {
                teller.tell("m", &[before.name, words[1]]);
            }
        }
    }

    fn concepts_together<F: FnMut(&str)>(&self, teller: &mut Teller<'_, F>) {
        let known: Vec<(usize, &str)> =
            self.concepts.iter().enumerate().filter_map(|(at, concept)| Some((at, (*concept)?.name))).collect();
        for (place, (at, first)) in known.iter().enumerate() {
            let rest = &known[place + 1..];
            for (_, second) in rest.iter().take_while(|(later, _)| later - at <= TOGETHER_WORDS) {
                teller.tell("s", &[first, second]);
            }
            for (step, (_, second)) in rest.iter().enumerate().take(STEPS_MAX) {
                for (_, third) in rest[step + 1..].iter().take(STEPS_MAX) {
                    teller.tell("t", &[first, second, third]);
                }
            }
        }
    }
}

fn between_edges<'a>(row: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    std::iter::once(EDGES[0]).chain(row).chain([EDGES[1]]).collect()
}

fn each_feature_of_the_whole<F: FnMut(&str)>(text: &str, sentences: &[String], teller: &mut Teller<'_, F>) {
    let words: usize = sentences.iter().map(|sentence| sentence.split(' ').count()).sum();
    let length = match words {
        0..=2 => "2",
        3..=4 => "4",
        5..=8 => "8",
        9..=14 => "14",
        15..=25 => "25",
        _ => "more",
    };
    teller.tell("length", &[length]);
    teller.tell("sentences", &[["0", "1", "2", "3", "more"][sentences.len().min(4)]]);
    let signs = [
        ("asks", text.contains('?')),
        ("ends in a question", text.trim_end().ends_with('?')),
        ("exclaims", text.contains('!')),
        ("happy", text.contains(HAPPY)),
        ("angry", text.contains(ANGRY)),
    ];
    for (sign, _) in signs.iter().filter(|(_, is_there)| *is_there) {
        teller.tell(sign, &[]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn features(text: &str) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        each_feature(text, &mut |feature: &str| {
            all.insert(feature.to_owned());
        });
        all
    }

    #[test]
    fn words_groups_and_letters_are_seen_with_their_order() {
        let seen = features("Please stop the gutter texts!");
        let some = [
            "w ^ please",
            "w stop the",
            "r the gutter texts",
            "c STOP _ _",
            "k HALT COMM $",
            "s STOP TEXT",
            "h <text",
            "exclaims",
        ];
        for feature in some {
            assert!(seen.contains(feature), "{feature}: {seen:?}");
        }
        assert!(!seen.contains("s TEXT STOP") && !seen.contains("asks"));
    }

    #[test]
    fn two_languages_share_what_their_words_are_about() {
        let (spanish, french) = (features("no me escriban"), features("ne m'ecrivez pas"));
        assert!(spanish.contains("s NEG WRITE") && french.contains("s NEG WRITE"));
    }
}
