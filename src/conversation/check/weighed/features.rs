//! What the second look sees in a sentence: its words and how they stand together, which of them are known, the letters of those
//! that are not, and how much of it one known statement holds.

use std::sync::Arc;

use super::super::backing::{Fact, affirms, each as each_fact};
use super::super::statements::{Sentence, content, folded, shared, stem};

/// Stands for any number.
const NUMBER: &str = "#";
/// Runs of so many letters of an unknown word are looked at, its ends included.
const LETTERS: std::ops::RangeInclusive<usize> = 3..=4;
/// Shares are told in such parts of a hundred.
const SHARE_STEP: usize = 20;
/// More unknown words than this are as many.
const UNKNOWN_MAX: usize = 6;

/// Calls `found` with every feature of a sentence; one that stands in it twice may be told twice.
pub(super) fn each(sentence: Sentence<'_>, known: &[Arc<[Fact]>], found: &mut impl FnMut(&str)) {
    let mut teller = Teller { name: String::new(), found };
    let written = words(sentence.text);
    let stems: Vec<String> =
        written.iter().map(|word| if is_number(word) { NUMBER.to_owned() } else { stem(word) }).collect();
    for stem in &stems {
        teller.tell("w", &[stem]);
    }
    for pair in stems.windows(2) {
        teller.tell("2", &[&pair[0], &pair[1]]);
    }
    if let [first, second, ..] = stems.as_slice() {
        teller.tell("s", &[first]);
        teller.tell("b", &[first, second]);
    }
    if sentence.asks {
        teller.tell("asks", &[]);
    }
    support(sentence, &written, known, &mut teller);
}

/// How far what is known bears the sentence out.
fn support<F: FnMut(&str)>(
    sentence: Sentence<'_>,
    written: &[String],
    known: &[Arc<[Fact]>],
    teller: &mut Teller<'_, F>,
) {
    let (telling, affirms) = (content(sentence.text), affirms(sentence.text));
    let best = each_fact(known).map(|fact| shared(&telling, fact.behind(affirms))).max().unwrap_or_default();
    teller.share("best", best, telling.len());
    let (of_known, unknown): (Vec<_>, Vec<_>) =
        telling.iter().partition(|word| each_fact(known).any(|fact| fact.behind(affirms).contains(*word)));
    teller.share("unknown", unknown.len(), telling.len());
    for count in 1..=unknown.len().min(UNKNOWN_MAX) {
        teller.tell("unknown words", &[&count.to_string()]);
    }
    for word in of_known {
        teller.tell("k", &[if is_number(word) { NUMBER } else { word }]);
    }
    for word in written.iter().filter(|word| unknown.contains(&&stem(word))) {
        letters(word, teller);
    }
}

fn letters<F: FnMut(&str)>(word: &str, teller: &mut Teller<'_, F>) {
    let bounded = format!("<{word}>");
    let mut bounds: Vec<usize> = bounded.char_indices().map(|(at, _)| at).collect();
    bounds.push(bounded.len());
    for length in LETTERS {
        for run in bounds.windows(length + 1) {
            teller.tell("c", &[&bounded[run[0]..run[length]]]);
        }
    }
}

/// All words, folded, without apostrophes.
fn words(sentence: &str) -> Vec<String> {
    let folded = folded(sentence).replace(['\'', '\u{2019}'], "");
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// Names features without making a string for each.
struct Teller<'a, F> {
    name: String,
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
        (self.found)(&self.name);
    }

    /// Each step that a share reaches.
    fn share(&mut self, family: &str, part: usize, whole: usize) {
        let percent = 100 * part / whole.max(1);
        for step in (SHARE_STEP..=percent).step_by(SHARE_STEP) {
            self.tell(family, &[&step.to_string()]);
        }
    }
}
