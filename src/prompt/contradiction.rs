//! Facts of knowledge of which only one can hold.

use std::collections::BTreeSet;

use super::knowledge::Passage;
use super::lint::Lint;
use super::shrink::sentence_ends;
use super::template::Template;
use super::words::terms;

/// Sentences that share so large a part of their words say the same thing.
const SHARED_MIN_PERCENT: usize = 60;

/// Facts about the same thing with different numbers. What the house says counts as known, so it is one passage more.
pub(super) fn contradictions(passages: &[Passage], house: Option<&Template>) -> Vec<Lint> {
    let house = house.map(|house| Passage { text: house.body().to_owned(), ..Passage::named(house.name()) });
    let facts: Vec<Fact> = passages.iter().chain(&house).flat_map(facts).collect();
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
    /// What it is about; of a label of one word also what the heading says: `Price` under `Pro plan`.
    subject: BTreeSet<String>,
    /// What its heading is about.
    heading: BTreeSet<String>,
    /// Numbers of its heading, and those that are part of a name, as in `the Series 300 window costs $400`.
    named: BTreeSet<String>,
    numbers: BTreeSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Label: value`.
    Label,
    /// A sentence with one price or share.
    Price,
    /// A sentence with numbers of another kind.
    Number,
}

impl Fact {
    fn contradicts(&self, other: &Self) -> bool {
        if self.numbers == other.numbers || self.named != other.named {
            return false;
        }
        // "8 to 5" and "from 8" hold both.
        if self.kind == Kind::Number
            && (self.numbers.is_subset(&other.numbers) || other.numbers.is_subset(&self.numbers))
        {
            return false;
        }
        match (self.kind, other.kind) {
            (Kind::Label, Kind::Label | Kind::Price) | (Kind::Price, Kind::Label) => self.subject == other.subject,
            // In one passage, sentences that are alike tell cases apart.
            (one, two) if one != two || self.id == other.id => false,
            (Kind::Price, _) => self.is_about_the_same(other, 2),
            (_, _) => self.is_about_the_same(other, 3),
        }
    }

    fn is_about_the_same(&self, other: &Self, shared_min: usize) -> bool {
        let shared = self.subject.intersection(&other.subject).count();
        let all = self.subject.union(&other.subject).count();
        // A word that one of them alone has, and its heading as well, says what it is that the other is not.
        let tells_apart =
            |one: &Self, other: &Self| one.subject.difference(&other.subject).any(|term| one.heading.contains(term));
        shared >= shared_min
            && shared * 100 >= all * SHARED_MIN_PERCENT
            && !tells_apart(self, other)
            && !tells_apart(other, self)
    }
}

fn facts(passage: &Passage) -> Vec<Fact> {
    passage
        .text
        .lines()
        .flat_map(|line| label(passage, line).map_or_else(|| sentences(passage, line), |fact| vec![fact]))
        .collect()
}

fn fact(passage: &Passage, kind: Kind, said: &str, subject: BTreeSet<String>, numbers: BTreeSet<String>) -> Fact {
    let heading = terms(&passage.heading).into_iter().collect();
    let (id, said, named) = (passage.id.clone(), said.trim().to_owned(), self::numbers(&passage.heading));
    Fact { id, kind, said, subject, heading, named, numbers }
}

fn label(passage: &Passage, line: &str) -> Option<Fact> {
    let line = line.trim().trim_start_matches(['-', '*', ' ']);
    let (label, value) = line.split_once(": ")?;
    let numbers = numbers(value);
    let mut subject: BTreeSet<String> = terms(label).into_iter().collect();
    let plain = !label.contains(['.', '?', '!']) && label.split_whitespace().count() <= 6;
    if !plain || subject.is_empty() || numbers.is_empty() {
        return None;
    }
    if subject.len() == 1 {
        subject.extend(terms(&passage.heading));
    }
    Some(fact(passage, Kind::Label, line, subject, numbers))
}

fn sentences(passage: &Passage, line: &str) -> Vec<Fact> {
    let mut from = 0;
    let ends = sentence_ends(line).chain([line.len()]);
    let sentences: Vec<&str> = ends.map(|end| &line[std::mem::replace(&mut from, end)..end]).collect();
    sentences.into_iter().filter_map(|said| sentence(passage, said)).collect()
}

fn sentence(passage: &Passage, said: &str) -> Option<Fact> {
    let (prices, others): (BTreeSet<String>, BTreeSet<String>) =
        numbers(said).into_iter().partition(|number| number.contains(['$', '€', '£', '%']));
    let words: Vec<&str> = said.split_whitespace().filter(|word| in_figures(word).is_none()).collect();
    let subject =
        terms(&words.join(" ")).into_iter().filter(|term| !term.contains(|c: char| c.is_ascii_digit())).collect();
    match (prices.len(), others.len()) {
        (1, _) => {
            let mut fact = fact(passage, Kind::Price, said, subject, prices);
            fact.named.extend(others);
            Some(fact)
        }
        (0, 1..) => Some(fact(passage, Kind::Number, said, subject, others)),
        _ => None,
    }
}

/// A number in words. One is none: "one question a heading".
fn in_figures(word: &str) -> Option<&'static str> {
    const WORDS: [(&str, &str); 21] = [
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
        ("ten", "10"),
        ("eleven", "11"),
        ("twelve", "12"),
        ("fifteen", "15"),
        ("twenty", "20"),
        ("thirty", "30"),
        ("forty", "40"),
        ("fifty", "50"),
        ("sixty", "60"),
        ("seventy", "70"),
        ("eighty", "80"),
        ("ninety", "90"),
        ("hundred", "100"),
    ];
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    WORDS.iter().find(|(known, _)| word.eq_ignore_ascii_case(known)).map(|(_, figures)| *figures)
}

/// The numbers of a text with their signs, written alike: `$1,200.00` is `$1200`, `9:00-5` are `9` and `5`, `ten` is `10`.
fn numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | ';' | '/' | '-' | '–'));
    words
        .map(|word| in_figures(word).unwrap_or(word))
        .filter(|word| word.contains(|c: char| c.is_ascii_digit()))
        .map(|word| {
            let plain: String = word
                .replace(":00", "")
                .chars()
                .filter(|c| c.is_ascii_digit() || matches!(c, '.' | '$' | '€' | '£' | '%'))
                .collect();
            let plain = plain.trim_matches('.');
            plain.strip_suffix(".00").unwrap_or(plain).to_owned()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::knowledge::passages;

    fn contradict(one: &str, other: &str) -> bool {
        let mut all = passages("knowledge/a.md", one).unwrap();
        all.extend(passages("knowledge/b.md", other).unwrap());
        !contradictions(&all, None).is_empty()
    }

    #[test]
    fn one_thing_with_two_numbers_is_found_however_it_is_said() {
        for (one, other) in [
            ("An installation takes 3 days on site.", "An installation takes 5 days on site."),
            ("Inspection fee: $49", "The inspection fee is $59."),
            ("An inspection costs 49 dollars.", "The inspection costs 59 dollars."),
            ("# Fees\nThe inspection fee is $59.", "# Visits\n- Inspection fee: $49"),
            ("We are open Monday to Friday 8 to 5.", "We are open Monday to Friday 9 to 6."),
            ("# Time\nAn installation takes 2 to 3 days.", "# Crew\nAn installation takes 4 to 5 days."),
            (
                "# Call\nOur office phone in Denver is 303-555-0100.",
                "# Write\nOur office phone in Denver is 303-555-0199.",
            ),
            ("The spring sale ends on March 5, 2027.", "The spring sale ends on March 9, 2027."),
            ("An oak floor lasts ten years.", "An oak floor lasts twenty years."),
            ("An oak floor lasts ten years.", "An oak floor lasts 12 years."),
        ] {
            assert!(contradict(one, other), "{one} / {other}");
        }
    }

    #[test]
    fn the_house_and_knowledge_cannot_both_be_right() {
        let known = passages("knowledge/a.md", "# Windows\nA window costs $640 installed.").unwrap();
        let house = Template::parse("house.md", "# House\nBe kind.\nA window costs $500 installed.").unwrap();
        let found = contradictions(&known, Some(&house));
        assert_eq!((found.len(), found[0].place.as_str()), (1, "a#windows"));
        assert!(found[0].sentence.contains("house.md says \"A window costs $500 installed.\""), "{found:?}");
    }

    #[test]
    fn what_headings_or_names_tell_apart_is_none() {
        for (one, other) in [
            ("# Series 300\nThe Series 300 window costs $300.", "# Series 400\nThe Series 400 window costs $400."),
            ("# Model 1\nThis window costs $300 with frame.", "# Model 2\nThis window costs $400 with frame."),
            ("# Basic plan\n- Price: $40", "# Pro plan\n- Price: $90"),
            ("# Deposit\nDeposit: 30%", "# Deposit for doors\nDeposit: 50%"),
            ("Office hours: Mon-Fri 9-5", "Office hours: Mon-Fri 9:00 to 5"),
            ("An oak floor lasts ten years.", "An oak floor lasts 10 years."),
            ("We are open Monday to Friday 8 to 5.", "We are open Monday to Friday from 8."),
            ("We are open Monday to Friday 8 to 5.", "We are open on Saturday 9 to 2."),
            (
                "# Oak door\nThe oak door with frame and handle costs $300.",
                "# Pine door\nThe pine door with frame and handle costs $200.",
            ),
        ] {
            assert!(!contradict(one, other), "{one} / {other}");
        }
    }
}
