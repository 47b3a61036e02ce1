//! The second look at promises: a linear classifier, learned from `evals/checks`, that weighs how a sentence is put beside how much
//! of it is known. Plain arithmetic over a file of weights: the same reply always gets the same answer.

mod features;
#[cfg(test)]
mod training;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use super::backing::Fact;
use super::statements::Sentence;

/// One feature a line, sorted: its name and what it weighs. `training` writes it.
const WEIGHTS: &str = include_str!("weights.tsv");

/// From this score on a sentence is held although no rule knows its words.
const HOLD_FROM: f64 = 0.46;
/// Below this score a rule that takes a sentence for a promise by its words is mistaken.
const MISTAKEN_BELOW: f64 = -0.39;
/// Below this score one that takes a deed for a promise is mistaken: that rule knows a form, and the others blunt words.
const MISTAKEN_OF_DEED_BELOW: f64 = -0.24;
/// Weights are kept in such parts of one.
const WEIGHT_PARTS: f64 = 1_000.0;
/// The name of the weight that every sentence has.
const BIAS: &str = "bias";

/// What each feature weighs, by name.
struct Model<'a>(HashMap<&'a str, f64>);

static MODEL: LazyLock<Model<'static>> = LazyLock::new(|| Model::read(WEIGHTS));

impl<'a> Model<'a> {
    fn read(weights: &'a str) -> Self {
        let lines = weights.lines().filter_map(|line| line.split_once('\t'));
        Self(lines.filter_map(|(name, parts)| Some((name, parts.parse::<f64>().ok()? / WEIGHT_PARTS))).collect())
    }

    /// How much a sentence sounds like a promise that nothing known bears out: above 0 rather one, below 0 rather none.
    fn score(&self, sentence: Sentence<'_>, known: &[Arc<[Fact]>]) -> f64 {
        let mut seen = Vec::new();
        features::each(sentence, known, &mut |name| seen.extend(self.0.get_key_value(name)));
        // Summed in one order, so that the last bit is always the same.
        seen.sort_unstable_by_key(|(name, _)| **name);
        seen.dedup_by_key(|(name, _)| **name);
        let bias = self.0.get(BIAS).copied().unwrap_or_default();
        bias + seen.into_iter().map(|(_, weight)| weight).sum::<f64>()
    }
}

/// True for a sentence that promises, although no rule knows its words.
pub(super) fn is_promise(sentence: Sentence<'_>, around: &[Arc<[Fact]>]) -> bool {
    MODEL.score(sentence, around) >= HOLD_FROM
}

/// True for a sentence that promises nothing, although a rule takes it for a promise: `of_deed` where it is the one that reads
/// who commits whom to what.
pub(super) fn is_harmless(sentence: Sentence<'_>, known: &[Arc<[Fact]>], of_deed: bool) -> bool {
    MODEL.score(sentence, known) < if of_deed { MISTAKEN_OF_DEED_BELOW } else { MISTAKEN_BELOW }
}
