//! How many tokens a prompt may have.

use serde::{Deserialize, Serialize};

use super::tokens::TokenCounter;

/// The tokens of one call to a model. All values in tokens of the counter's encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// The model's window: prompt and answer together.
    pub context_tokens: usize,
    /// What the answer may take, reasoning included.
    pub max_output_tokens: usize,
    /// What the request carries beside the messages: the answer's schema and the tools.
    pub overhead_tokens: usize,
    /// Kept free because counts differ from the provider's.
    pub margin_tokens: usize,
    /// Our own limit for the messages, far below the window: it bounds cost and keeps the model's attention.
    pub cap_tokens: usize,
}

impl Budget {
    /// A budget whose margin follows how well the counter fits the model: 5 % of the window, at least 128 tokens; 20 %,
    /// at least 256, when the encoding only stands in for the model's own.
    #[must_use]
    pub fn for_model(
        context_tokens: usize,
        max_output_tokens: usize,
        overhead_tokens: usize,
        cap_tokens: usize,
        counter: &dyn TokenCounter,
    ) -> Self {
        let margin_tokens =
            if counter.is_models_own() { (context_tokens / 20).max(128) } else { (context_tokens / 5).max(256) };
        Self { context_tokens, max_output_tokens, overhead_tokens, margin_tokens, cap_tokens }
    }

    /// What the messages may take: the window less answer, overhead and margin, and never more than the cap. Zero when
    /// nothing is left.
    #[must_use]
    pub fn available(&self) -> usize {
        self.context_tokens
            .saturating_sub(self.max_output_tokens)
            .saturating_sub(self.overhead_tokens)
            .saturating_sub(self.margin_tokens)
            .min(self.cap_tokens)
    }

    /// What an operator changes for more room: the cap, or the window where that leaves less.
    #[must_use]
    pub fn way_to_more(&self) -> &'static str {
        if self.available() < self.cap_tokens {
            "raise models.main.context_tokens, as far as the model's window goes, or lower models.main.max_output_tokens"
        } else {
            "raise models.main.prompt_tokens_cap"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_of_window_and_cap_counts_and_nothing_goes_below_zero() {
        let budget = Budget {
            context_tokens: 8_192,
            max_output_tokens: 1_000,
            overhead_tokens: 192,
            margin_tokens: 400,
            cap_tokens: 4_000,
        };
        assert_eq!(budget.available(), 4_000);
        assert_eq!(Budget { cap_tokens: 10_000, ..budget }.available(), 6_600);
        assert_eq!(Budget { max_output_tokens: 9_000, ..budget }.available(), 0);
        assert!(budget.way_to_more().contains("prompt_tokens_cap"));
        assert!(
            Budget { max_output_tokens: 7_000, ..budget }.way_to_more().contains("lower models.main.max_output_tokens")
        );
    }
}
