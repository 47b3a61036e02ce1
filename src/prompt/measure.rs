//! Counting what sections would take, each piece once.

use super::section::{Requirement, Section, Shrink};
use super::tokens::TokenCounter;

/// A section with the tokens of its pieces.
pub(super) struct Measured<'a> {
    pub(super) section: &'a Section,
    /// Opening, closing and the empty line to the next section.
    pub(super) frame: usize,
    /// Each item with its line end.
    pub(super) items: Vec<usize>,
    /// Everything together.
    pub(super) total: usize,
}

impl<'a> Measured<'a> {
    pub(super) fn new(section: &'a Section, counter: &dyn TokenCounter) -> Self {
        let line = |text: &str| if text.is_empty() { 0 } else { counter.count(&format!("{text}\n")) };
        let frame = line(&section.opening) + line(&section.closing) + counter.count("\n");
        let items = item_tokens(section, counter);
        let total = items.iter().fold(frame + section.earlier.weight, |sum, tokens| sum.saturating_add(*tokens));
        Self { section, frame, items, total }
    }

    pub(super) fn is_required(&self) -> bool {
        self.section.requirement == Requirement::Required
    }

    /// What the section would like to have.
    pub(super) fn wanted(&self) -> usize {
        self.total.min(self.section.ceiling)
    }
}

/// History is counted from its newest message until twice the ceiling is reached: what is older cannot be kept, and
/// counting ten thousand messages for every turn would be slow. The rest is estimated.
fn item_tokens(section: &Section, counter: &dyn TokenCounter) -> Vec<usize> {
    let lazily = section.shrink == Shrink::WholeItemsOldestFirst && section.requirement != Requirement::Required;
    let enough = if lazily { section.ceiling.saturating_mul(2) } else { usize::MAX };
    let mut spent = 0_usize;
    let mut tokens: Vec<usize> = section
        .items
        .iter()
        .rev()
        .map(|item| {
            let known = item.tokens.or_else(|| (spent <= enough).then(|| counter.count(&format!("{}\n", item.text))));
            let tokens = known.unwrap_or(item.weight);
            spent = spent.saturating_add(tokens);
            tokens
        })
        .collect();
    tokens.reverse();
    tokens
}
