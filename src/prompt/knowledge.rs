//! Knowledge: what the company knows about itself, cut into passages that a reply can cite by id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::Deserialize;

use super::front_matter::part;
use super::template::{TemplateError, version_note};
use super::words::terms;

/// A passage of a knowledge file: a heading and what stands under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// `file#heading`, or `file` for what stands before the first heading.
    pub id: String,
    /// The file's title and the heading.
    pub title: String,
    /// The words.
    pub text: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Front {
    id: Option<String>,
    title: Option<String>,
    /// Accepted as in every prompt file; which version was used is told by the library's hash.
    #[serde(rename = "version", deserialize_with = "version_note")]
    _version: Option<String>,
}

/// Cuts a knowledge file into passages.
///
/// # Errors
/// [`TemplateError`] with the file and the line when its head is wrong.
pub fn passages(file: &str, text: &str) -> Result<Vec<Passage>, TemplateError> {
    let parted = part::<Front>(file, text)?;
    let stem = file.trim_start_matches("knowledge/").trim_end_matches(".md");
    let file_id = parted.front.id.as_deref().map_or_else(|| slug(stem), slug);
    let title = parted.front.title.unwrap_or_else(|| stem.to_owned());
    let mut found: Vec<Passage> = vec![Passage { id: file_id.clone(), title: title.clone(), text: String::new() }];
    let mut in_code = false;
    for line in parted.body.lines() {
        in_code ^= line.trim_start().starts_with("```");
        match heading(line).filter(|_| !in_code) {
            Some(heading) => found.push(Passage {
                id: format!("{file_id}#{}", slug(heading)),
                title: format!("{title}: {heading}"),
                text: String::new(),
            }),
            None => {
                if let Some(passage) = found.last_mut() {
                    passage.text.push_str(line);
                    passage.text.push('\n');
                }
            }
        }
    }
    found.retain(|passage| !passage.text.trim().is_empty());
    number_repeated(&mut found);
    Ok(found)
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && rest.starts_with(' ')).then(|| rest.trim().trim_end_matches('#').trim_end())
}

/// Headings that are alike get `-2`, `-3`, … so that ids stay apart.
fn number_repeated(found: &mut [Passage]) {
    let mut used: BTreeSet<String> = BTreeSet::new();
    for passage in found {
        passage.text = passage.text.trim().to_owned();
        let mut id = passage.id.clone();
        let mut number = 1;
        while !used.insert(id.clone()) {
            number += 1;
            id = format!("{}-{number}", passage.id);
        }
        passage.id = id;
    }
}

fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.trim().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || matches!(c, '/' | '_' | '.') {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Finds passages by the words they share with a text; rare words weigh more, words of a title twice.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Index {
    /// For each term, the passages that hold it and its weight there.
    places: HashMap<String, BTreeMap<usize, u32>>,
    passages: usize,
}

impl Index {
    pub(super) fn new(passages: &[Passage]) -> Self {
        let mut places: HashMap<String, BTreeMap<usize, u32>> = HashMap::new();
        for (index, passage) in passages.iter().enumerate() {
            let in_text = terms(&passage.text).into_iter().map(|term| (term, 1));
            let in_title = terms(&passage.title).into_iter().map(|term| (term, 2));
            for (term, weight) in in_text.chain(in_title) {
                let place = places.entry(term).or_default().entry(index).or_default();
                *place = (*place).max(weight);
            }
        }
        Self { places, passages: passages.len() }
    }

    /// Passages by place, best first, with a score that grows with the shared words. Equal scores keep their order.
    pub(super) fn find(&self, query: &str, max: usize) -> Vec<(usize, u32)> {
        let wanted: BTreeSet<String> = terms(query).into_iter().collect();
        let mut scores: BTreeMap<usize, u32> = BTreeMap::new();
        for places in wanted.iter().filter_map(|term| self.places.get(term)) {
            let rarity = self.rarity(places.len());
            for (passage, weight) in places {
                *scores.entry(*passage).or_default() += rarity * weight;
            }
        }
        let mut ranked: Vec<(usize, u32)> = scores.into_iter().collect();
        ranked.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        ranked.truncate(max);
        ranked
    }

    /// A hundred times the binary logarithm of one plus passages per holding passage, in whole numbers so that every
    /// machine ranks alike: a word that all passages hold weighs 100, one that a single one of 255 holds 800.
    fn rarity(&self, holding: usize) -> u32 {
        let ratio = 1 + self.passages / holding.max(1);
        let whole = ratio.ilog2();
        let above = ratio - (1 << whole);
        whole * 100 + u32::try_from(above * 100 / (1 << whole)).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAQ: &str = "---\nid: faq\ntitle: FAQ\n---\nGeneral words.\n\n# Pricing\nPlans start at $40.\n\n## Battery warranty\n\
                       Ten years.\n```\n# no heading\n```\n# Pricing\nAgain.\n# Empty\n";

    #[test]
    fn a_file_becomes_passages_with_stable_ids() {
        let found = passages("knowledge/company faq.md", FAQ).unwrap();
        let ids: Vec<&str> = found.iter().map(|passage| passage.id.as_str()).collect();
        assert_eq!(ids, ["faq", "faq#pricing", "faq#battery-warranty", "faq#pricing-2"]);
        assert_eq!(found[2].title, "FAQ: Battery warranty");
        assert_eq!(found[2].text, "Ten years.\n```\n# no heading\n```");
        assert_eq!(passages("knowledge/team/A \"b\".md", "x").unwrap()[0].id, "team/a-b");
    }

    #[test]
    fn the_passage_that_shares_the_rarest_words_comes_first() {
        let found = passages("knowledge/faq.md", FAQ).unwrap();
        let index = Index::new(&found);
        assert_eq!(index.find("is there a warranty on the batteries?", 3)[0].0, 2);
        assert_eq!(index.find("what's the price", 1)[0].0, 1);
        assert!(index.find("zebra, the and of", 3).is_empty());
        assert!(Index::new(&[]).find("price", 3).is_empty());
    }
}
