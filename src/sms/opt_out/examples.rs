//! The texts of `evals/opt_out`, which rules are written against, weights are learned from and both are judged by.

use serde::Deserialize;

use super::OptOutVerdict;

/// Texts that rules were written against.
pub(super) const TUNING: &str = include_str!("../../../evals/opt_out/tuning.jsonl");
/// Further texts that weights are learned from.
pub(super) const TRAINING: &str = include_str!("../../../evals/opt_out/training.jsonl");
/// Texts that only figures are told of.
pub(super) const TEST: &str = include_str!("../../../evals/opt_out/test.jsonl");
/// Texts of authors who knew none of the others; nothing is learned from them, and nobody looks at which are misread.
pub(super) const STRANGERS: &str = include_str!("../../../evals/opt_out/strangers.jsonl");
/// What people text on other days, one a line: none is an opt-out.
pub(super) const EVERYDAY: &str = include_str!("../../../evals/opt_out/everyday.txt");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    pub(super) text: String,
    pub(super) language: String,
    pub(super) expect: OptOutVerdict,
    /// Who wrote it, by a letter: people write alike with themselves, so figures are taken on those left out.
    #[serde(default)]
    pub(super) author: String,
}

pub(super) fn examples(lines: &str) -> Vec<Example> {
    lines.lines().map(|line| serde_json::from_str::<Example>(line).expect("an example")).collect()
}

/// Everyday texts as examples.
pub(super) fn everyday() -> Vec<Example> {
    let keep = |text: &str| Example {
        text: text.to_owned(),
        language: "any".to_owned(),
        expect: OptOutVerdict::Keep,
        author: "everyday".to_owned(),
    };
    EVERYDAY.lines().map(keep).collect()
}
