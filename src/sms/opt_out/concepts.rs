//! Words that mean alike, in four languages, so that what is learned of one is known of the others.

use std::collections::HashMap;
use std::sync::LazyLock;

const WORDS: &str = include_str!("concepts.txt");

/// What a word is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Concept {
    /// The group of words it belongs to, such as `WRITE`.
    pub(super) name: &'static str,
    /// The wider kind of that group, such as `COMM`.
    pub(super) kind: &'static str,
}

struct Concepts {
    words: HashMap<&'static str, Concept>,
    beginnings: HashMap<&'static str, Concept>,
}

static CONCEPTS: LazyLock<Concepts> = LazyLock::new(|| {
    let mut concepts = Concepts { words: HashMap::new(), beginnings: HashMap::new() };
    for line in WORDS.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let (Some(name), Some(kind)) = (words.next(), words.next()) else { continue };
        for word in words {
            let (group, word) = match word.strip_suffix('*') {
                Some(beginning) => (&mut concepts.beginnings, beginning),
                None => (&mut concepts.words, word),
            };
            group.entry(word).or_insert(Concept { name, kind });
        }
    }
    concepts
});

/// What a folded word is about, if it is in a group.
pub(super) fn concept(word: &str) -> Option<Concept> {
    if let Some(known) = CONCEPTS.words.get(word) {
        return Some(*known);
    }
    let ends = word.char_indices().map(|(at, c)| at + c.len_utf8()).rev();
    let begun = ends.filter(|end| *end >= 2).find_map(|end| CONCEPTS.beginnings.get(&word[..end]).copied());
    let is_number = || !word.is_empty() && word.bytes().all(|c| c.is_ascii_digit());
    begun.or_else(|| is_number().then_some(Concept { name: "NUM", kind: "NUM" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_four_languages_share_a_group() {
        let name = |word| concept(word).map(|found| found.name);
        assert_eq!(["writing", "escriban", "ecrivez", "escrevam"].map(name), [Some("WRITE"); 4]);
        assert_eq!(name("2015"), Some("NUM"));
        assert_eq!(name("gutters"), None);
    }

    #[test]
    fn the_longest_beginning_decides() {
        assert_eq!(concept("envoyez").map(|found| found.kind), Some("COMM"));
        assert_eq!(concept("retirez").map(|found| found.kind), Some("RM"));
    }
}
