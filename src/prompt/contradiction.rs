//! Facts of knowledge of which only one can hold.

use std::collections::BTreeSet;

use super::knowledge::Passage;
use super::lint::Lint;
use super::words::terms;

/// Sentences that share so large a part of their words say the same thing.
const SHARED_MIN_PERCENT: usize = 60;

/// Facts about the same thing with different numbers.
pub(super) fn contradictions(passages: &[Passage]) -> Vec<Lint> {
    let facts: Vec<Fact> = passages.iter().flat_map(facts).collect();
    let mut found = Vec::new();
    for (place, one) in facts.iter().enumerate() {
        let others = facts.iter().skip(place + 1);
        if let Some(other) = others.into_iter().find(|other| one.contradicts(other)) {
            let words = format!("says {:?}, and {} says {:?}: only one can hold", one.said, other.id, other.said);
            found.push(Lint::new("contradiction", &one.id, words));
        }
    }
    found.dedup();
    found
}

/// A statement with numbers.
struct Fact {
    id: String,
    kind: Kind,
    said: String,
    subject: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Label: value`.
    Label,
    /// A sentence with one price or share.
    Sentence,
}

impl Fact {
    fn contradicts(&self, other: &Self) -> bool {
        if self.kind != other.kind || self.numbers == other.numbers {
            return false;
        }
        match self.kind {
            Kind::Label => self.subject == other.subject,
            Kind::Sentence => {
                let shared = self.subject.intersection(&other.subject).count();
                let all = self.subject.union(&other.subject).count();
                // In one passage, sentences that are alike tell cases apart.
                self.id != other.id && shared >= 2 && shared * 100 >= all * SHARED_MIN_PERCENT
            }
        }
    }
}

fn facts(passage: &Passage) -> Vec<Fact> {
    passage
        .text
        .lines()
        .flat_map(|line| label(passage, line).map_or_else(|| sentences(passage, line), |fact| vec![fact]))
        .collect()
}

fn label(passage: &Passage, line: &str) -> Option<Fact> {
    let line = line.trim().trim_start_matches(['-', '*', ' ']);
    let (label, value) = line.split_once(": ")?;
    let numbers = numbers(value);
    let subject: BTreeSet<String> = terms(label).into_iter().collect();
    let plain = !label.contains(['.', '?', '!']) && label.split_whitespace().count() <= 6;
    (plain && !subject.is_empty() && !numbers.is_empty()).then(|| Fact {
        id: passage.id.clone(),
        kind: Kind::Label,
        said: line.to_owned(),
        subject,
        numbers,
    })
}

fn sentences(passage: &Passage, line: &str) -> Vec<Fact> {
    let ends = |(at, c): (usize, char)| {
        let next = line[at + c.len_utf8()..].chars().next();
        // A stop inside a number or an address ends nothing.
        (matches!(c, '.' | '!' | '?') && next.is_none_or(char::is_whitespace)).then_some(at + c.len_utf8())
    };
    let mut from = 0;
    let ends = line.char_indices().filter_map(ends).chain([line.len()]);
    let sentences: Vec<&str> = ends.map(|end| &line[std::mem::replace(&mut from, end)..end]).collect();
    sentences
        .iter()
        .filter_map(|sentence| {
            let numbers: BTreeSet<String> =
                numbers(sentence).into_iter().filter(|number| number.contains(['$', '€', '£', '%'])).collect();
            let subject =
                terms(sentence).into_iter().filter(|term| !term.contains(|c: char| c.is_ascii_digit())).collect();
            let said = sentence.trim().to_owned();
            (numbers.len() == 1).then(|| Fact { id: passage.id.clone(), kind: Kind::Sentence, said, subject, numbers })
        })
        .collect()
}

/// The numbers of a text with their signs, written alike: `$1,200.00` is `$1200`.
fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';' | '/' | '–'));
    words
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| {
            let plain: String =
                word.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | '$' | '€' | '£' | '%')).collect();
            let plain = plain.trim_matches('.');
            plain.strip_suffix(".00").unwrap_or(plain).to_owned()
        })
        .collect()
}
