//! Which passages of knowledge fit a text: BM25 over the passages, kept in memory.
//!
//! docs/decisions says why this is not a search engine's index.

use std::collections::{BTreeMap, HashMap};

use super::knowledge::Passage;
use super::words::terms_and_meanings;

/// How soon more of the same word stops counting (Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and
/// Beyond", 2009; the usual value).
const K1: f64 = 1.2;
/// How much a long passage is held against it (same source).
const B: f64 = 0.75;
/// A word of a heading counts as often as this. One of the file's title or name counts once: it stands over all its passages.
const HEADING_WEIGHT: u32 = 3;
/// A word of the new texts counts as often as this, one of earlier texts once.
const NEW_WEIGHT: f64 = 2.0;
/// What has less than this share of the best one's score is not worth its tokens.
const SHARE_MIN: f64 = 0.2;

/// What passages are looked for with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Topic<'a> {
    /// The texts to answer, and what a rep asked for.
    pub new: &'a str,
    /// The texts just before.
    pub before: &'a str,
}

impl Topic<'_> {
    /// The terms that are looked for, with how much they count.
    pub(super) fn wanted(self) -> BTreeMap<String, f64> {
        let mut wanted: BTreeMap<String, f64> =
            terms_and_meanings(self.before).into_iter().map(|term| (term, 1.0)).collect();
        wanted.extend(terms_and_meanings(self.new).into_iter().map(|term| (term, NEW_WEIGHT)));
        wanted
    }
}

/// Finds passages by the words they share with a text; rare words weigh more, words of a heading too.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Index {
    /// For each term, the passages that hold it and how often.
    places: HashMap<String, BTreeMap<usize, u32>>,
    lengths: Vec<u32>,
    mean_length: f64,
}

impl Index {
    pub(super) fn new(passages: &[Passage]) -> Self {
        let mut index = Self::default();
        for (place, passage) in passages.iter().enumerate() {
            let weighing = |text: &str, weight| terms_and_meanings(text).into_iter().map(move |term| (term, weight));
            // The title ends with the heading, whose words it counts once.
            let in_title = weighing(&passage.title, 1).chain(weighing(&passage.heading, HEADING_WEIGHT - 1));
            let mut length = 0;
            for (term, weight) in weighing(&passage.text, 1).chain(in_title) {
                *index.places.entry(term).or_default().entry(place).or_default() += weight;
                length += weight;
            }
            index.lengths.push(length);
        }
        let total: f64 = index.lengths.iter().copied().map(f64::from).sum();
        index.mean_length = if index.lengths.is_empty() { 0.0 } else { total / count(index.lengths.len()) };
        index
    }

    /// Passages by place, best first, with their scores in thousandths. Equal scores keep their order.
    pub(super) fn find(&self, topic: Topic<'_>, max: usize) -> Vec<(usize, u32)> {
        let wanted = topic.wanted();
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for (term, weight) in &wanted {
            let Some(places) = self.places.get(term) else { continue };
            let rarity = self.rarity(places.len());
            for (place, occurs) in places {
                *scores.entry(*place).or_default() += weight * rarity * self.saturated(*place, *occurs);
            }
        }
        let best = scores.values().copied().fold(0.0, f64::max);
        let mut ranked: Vec<(usize, u32)> = scores
            .into_iter()
            .filter(|(_, score)| *score >= best * SHARE_MIN)
            .map(|(place, score)| (place, thousandths(score)))
            .collect();
        ranked.sort_by_key(|(_, score)| std::cmp::Reverse(*score));
        ranked.truncate(max);
        ranked
    }

    fn rarity(&self, holding: usize) -> f64 {
        let (all, holding) = (count(self.lengths.len()), count(holding));
        ((all - holding + 0.5) / (holding + 0.5)).ln_1p()
    }

    fn saturated(&self, place: usize, occurs: u32) -> f64 {
        let length = f64::from(self.lengths[place]) / self.mean_length.max(1.0);
        let occurs = f64::from(occurs);
        occurs * (K1 + 1.0) / (occurs + K1 * (1.0 - B + B * length))
    }
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// Whole numbers, so that machines whose logarithms differ in the last digit rank alike.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores are positive and far below 2^22")]
fn thousandths(score: f64) -> u32 {
    (score.clamp(0.0, 1e6) * 1e3).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::knowledge::passages;

    const FAQ: &str = "General words about us.\n# Pricing\nPlans start at $40.\n# Battery warranty\nThe battery is covered for \
                       ten years.\n# Visits\nA visit takes an hour. We look at the roof, the panels and the battery, and \
                       answer what you want to know about pricing.\n";

    fn found(new: &str, before: &str) -> Vec<String> {
        let all = passages("knowledge/faq.md", FAQ).unwrap();
        let ranked = Index::new(&all).find(Topic { new, before }, 3);
        ranked.into_iter().map(|(place, _)| all[place].id.clone()).collect()
    }

    #[test]
    fn the_passage_about_the_rarest_words_comes_first() {
        assert_eq!(found("is there a warranty on the batteries?", "")[0], "faq#battery-warranty");
        assert_eq!(found("what's the price", "")[0], "faq#pricing");
        assert!(found("zebra, the and of", "").is_empty());
        assert!(Index::new(&[]).find(Topic { new: "price", before: "" }, 3).is_empty());
    }

    #[test]
    fn what_was_just_asked_counts_more_than_what_was_said_before() {
        let all = passages("knowledge/x.md", "# Gutters\nWe clean gutters.\n# Chimneys\nWe sweep chimneys.").unwrap();
        let ranked = Index::new(&all).find(Topic { new: "and chimneys?", before: "do you clean gutters, sweep" }, 1);
        assert_eq!(all[ranked[0].0].id, "x#chimneys", "they are alike but for what was just asked");
        assert_eq!(found("ok, tell me", "what is the price")[0], "faq#pricing");
    }

    #[test]
    fn questions_in_other_words_find_their_passage() {
        let text = "# What does an inspection cost?\nA flat fee of $49.\n# Do you offer financing?\nYes, from $2,000.\n\
                    # Which areas do you serve?\nDenver.\n# What warranty do you give?\nTen years.\n# Can I cancel?\n\
                    Within three days, without any cost.\n# Instalación\nUn día.\n# 安装费用\n三百.\n";
        let all = passages("knowledge/prices.md", text).unwrap();
        let index = Index::new(&all);
        for (question, heading) in [
            ("how much is it", "What does an inspection cost?"),
            ("quote pls", "What does an inspection cost?"),
            ("prices", "What does an inspection cost?"),
            ("¿cuánto cuesta?", "What does an inspection cost?"),
            ("do u do payment plans", "Do you offer financing?"),
            ("guarantee?", "What warranty do you give?"),
            ("y la garanti\u{301}a?", "What warranty do you give?"),
            ("where are u located", "Which areas do you serve?"),
            ("cancellation", "Can I cancel?"),
            ("y la instalacion", "Instalación"),
            ("请问安装费用是多少", "安装费用"),
        ] {
            let ranked = index.find(Topic { new: question, before: "" }, 6);
            assert_eq!(ranked.first().map(|(place, _)| all[*place].heading.as_str()), Some(heading), "{question}");
        }
    }

    #[test]
    fn a_passage_that_only_mentions_it_comes_after_the_one_about_it() {
        assert_eq!(found("battery", ""), ["faq#battery-warranty", "faq#visits"]);
    }
}
