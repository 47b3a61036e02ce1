//! What is wrong with prompt files that can be read all the same: stale and contradictory facts, and what will not work as
//! its author thinks.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::knowledge::Passage;
use super::library::Library;
use super::tokens::TokenCounter;
use super::words::terms;

/// A passage of more words takes the room of others.
const PASSAGE_WORDS_MAX: usize = 150;
/// House rules of more tokens take the room of the conversation.
const HOUSE_TOKENS_MAX: usize = 800;
/// Sentences that share so large a part of their words say the same thing.
const SHARED_MIN_PERCENT: usize = 60;

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Lint {
    /// The kind: `stale`, `contradiction`, `long`, `unused`, `always`, `empty`.
    pub kind: &'static str,
    /// The file or the passage.
    pub place: String,
    /// What is wrong, and what to do.
    pub sentence: String,
}

impl Lint {
    fn new(kind: &'static str, place: &str, sentence: impl Into<String>) -> Self {
        Self { kind, place: place.to_owned(), sentence: sentence.into() }
    }
}

/// Everything there is to say about a library on a day, by kind and place.
#[must_use]
pub fn lint(library: &Library, today: Date, counter: &dyn TokenCounter) -> Vec<Lint> {
    let mut found = stale(library, today);
    found.extend(contradictions(library.passages()));
    found.extend(long(library, counter));
    found.extend(playbooks(library));
    found.extend(empty(library));
    found
}

/// Passages whose day to be looked at has passed.
#[must_use]
pub fn stale(library: &Library, today: Date) -> Vec<Lint> {
    let overdue = library.passages().iter().filter_map(|passage| Some((passage, passage.review_by?)));
    overdue
        .filter(|(_, day)| *day < today)
        .map(|(passage, day)| {
            let words = format!("was to be looked at by {day}: see whether it still holds, then move the day on");
            Lint::new("stale", &passage.id, words)
        })
        .collect()
}

/// Facts about the same thing with different numbers.
fn contradictions(passages: &[Passage]) -> Vec<Lint> {
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

fn long(library: &Library, counter: &dyn TokenCounter) -> Vec<Lint> {
    let passages = library.passages().iter().filter_map(|passage| {
        let words = passage.text.split_whitespace().count();
        (words > PASSAGE_WORDS_MAX).then(|| {
            let sentence =
                format!("has {words} words: under {PASSAGE_WORDS_MAX} it leaves room for others; part it by headings");
            Lint::new("long", &passage.id, sentence)
        })
    });
    let house = library.house().and_then(|house| {
        let tokens = counter.count(house.body());
        (tokens > HOUSE_TOKENS_MAX).then(|| {
            let sentence = format!(
                "takes {tokens} tokens of every prompt: facts belong into knowledge/, special cases into playbooks/"
            );
            Lint::new("long", house.name(), sentence)
        })
    });
    passages.chain(house).collect()
}

fn playbooks(library: &Library) -> Vec<Lint> {
    let told_always = library.playbooks().iter().filter(|playbook| playbook.always_applies());
    let words = "names no intents, states or words under `when`, so it is told in every turn: name some, or move it to house.md";
    let model = [Some(library.reply()), library.follow_up(), library.summarize()].into_iter().flatten();
    let model = model.filter(|template| template.front().model.is_some());
    let unused = "names a model; models are chosen in rapport.toml, under [models.main]";
    let always = told_always.map(|playbook| Lint::new("always", playbook.template().name(), words));
    always.chain(model.map(|template| Lint::new("unused", template.name(), unused))).collect()
}

fn empty(library: &Library) -> Vec<Lint> {
    let mut found = Vec::new();
    if library.house().is_none() {
        found.push(Lint::new(
            "empty",
            "house.md",
            "is missing: persona, tone, dos and don'ts belong there; `rapport prompt copy` writes one",
        ));
    }
    let emptied = [
        (library.house(), "says nothing: persona, tone, dos and don'ts belong there; `rapport prompt copy` writes one"),
        (library.follow_up(), "says nothing: write how to write first, or take the file out"),
        (library.summarize(), "says nothing of how to summarise: write it, or take the file out"),
    ];
    let emptied = emptied.into_iter().filter_map(|(template, words)| Some((template?, words)));
    found.extend(
        emptied
            .filter(|(template, _)| template.is_empty())
            .map(|(template, words)| Lint::new("empty", template.name(), words)),
    );
    if library.passages().is_empty() {
        found.push(Lint::new(
            "empty",
            "knowledge/",
            "has no facts: replies can state no price and answer no question about what you offer",
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Tiktoken;

    fn lints(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let files = files.iter().chain(&[("reply.md", "x"), ("house.md", "x")]);
        let files = files.map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let library = Library::from_files(files).unwrap();
        let found = lint(&library, "2026-11-24".parse().unwrap(), &Tiktoken::fallback());
        found.into_iter().map(|lint| (format!("{} {}", lint.kind, lint.place), lint.sentence)).collect()
    }

    #[test]
    fn a_fact_past_its_day_is_stale() {
        let found = lints(&[
            ("knowledge/a.md", "---\nreview_by: 2026-11-23\n---\nx"),
            ("knowledge/b.md", "---\nreview_by: 2026-11-24\n---\nx"),
        ]);
        assert_eq!(found[0].0, "stale a");
        assert!(found[0].1.contains("2026-11-23") && found.len() == 1, "{found:?}");
    }

    #[test]
    fn one_label_or_one_sentence_with_two_numbers_is_a_contradiction() {
        let found = lints(&[
            ("knowledge/a.md", "# Visits\n- Inspection fee: $49.00\n- Radius: 30 miles\n"),
            ("knowledge/b.md", "# Fees\n- inspection fees: $59\n- Radius: 30 miles\n"),
        ]);
        assert_eq!(found[0].0, "contradiction a#visits");
        assert!(found[0].1.contains("b#fees says \"inspection fees: $59\"") && found.len() == 1, "{found:?}");
        let prose = lints(&[
            ("knowledge/a.md", "A roof inspection costs $1,200. We come quickly."),
            ("knowledge/b.md", "The roof inspections cost $1,300."),
        ]);
        assert_eq!(prose[0].0, "contradiction a");
    }

    #[test]
    fn other_things_with_other_numbers_are_none() {
        let found = lints(&[
            ("knowledge/a.md", "- Basic plan: $40\n- Pro plan: $90\nA window costs $400. A door costs $900."),
            ("knowledge/b.md", "An inspection costs $49. Financing starts at $2,000.\nA roof costs $1200.00 and more."),
            ("knowledge/c.md", "A roof costs $1,200 and more."),
        ]);
        assert_eq!(found, []);
    }

    #[test]
    fn what_takes_room_or_does_nothing_is_told() {
        let long = "word ".repeat(151);
        let found = lints(&[
            ("knowledge/a.md", &long),
            ("playbooks/p.md", "Be kind."),
            ("follow_up.md", "---\nmodel: x\n---\nx"),
        ]);
        let kinds: Vec<&str> = found.iter().map(|(kind, _)| kind.as_str()).collect();
        assert_eq!(kinds, ["long a", "always playbooks/p.md", "unused follow_up.md"]);
        assert_eq!(lints(&[])[0].0, "empty knowledge/");
    }

    #[test]
    fn an_emptied_file_is_told() {
        let files = [("reply.md", "x"), ("house.md", ""), ("summarize.md", "---\nversion: 2\n---\n \n")];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned())).to_vec();
        let found = lint(&Library::from_files(files).unwrap(), "2026-11-24".parse().unwrap(), &Tiktoken::fallback());
        let places: Vec<(&str, &str)> = found.iter().map(|lint| (lint.kind, lint.place.as_str())).collect();
        assert_eq!(places, [("empty", "house.md"), ("empty", "summarize.md"), ("empty", "knowledge/")]);
    }
}
