//! What providers report, against what was counted: the budget follows the worst of late, and only to the safe side.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::budget::Budget;

/// Answers of one model that are remembered.
const SAMPLES: usize = 50;
/// Models that are remembered; a configuration has two.
const MODELS_MAX: usize = 8;
/// Of a smaller prompt, the few tokens around the messages say more than the encoding.
const TOKENS_MIN: usize = 200;
/// A thousandth: a prompt counted as 1,000 tokens that the provider counts as 1,100 has a ratio of 1,100.
const EVEN: usize = 1_000;
/// However wrong a server's numbers are, they at most halve the prompt.
const RATIO_MAX: usize = 2_000;
/// No encoding takes so many times the tokens of another: such a report measures nothing.
const NONSENSE: usize = 4_000;

/// How far counts were from the providers', by model. Kept in memory: the first answer after a start teaches it again, and
/// until then the margin of [`Budget::for_model`] alone stands for it.
#[derive(Debug, Default)]
pub struct Calibration(Mutex<BTreeMap<String, VecDeque<usize>>>);

impl Calibration {
    /// Notes what a model's server reported for a prompt that was counted as `counted` tokens, schema included.
    pub fn observe(&self, model: &str, counted: usize, reported: u64) {
        let reported = usize::try_from(reported).unwrap_or(usize::MAX);
        if counted < TOKENS_MIN || reported == 0 {
            return;
        }
        let ratio = reported.saturating_mul(EVEN).div_ceil(counted);
        if ratio > NONSENSE {
            return;
        }
        let ratio = ratio.clamp(1, RATIO_MAX);
        let mut models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !models.contains_key(model) && models.len() >= MODELS_MAX {
            return;
        }
        let samples = models.entry(model.to_owned()).or_default();
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(ratio);
    }

    /// The worst ratio of late in thousandths, over all models because the fallback gets the same prompt. Never below 1,000:
    /// a server that counts less does not make prompts longer.
    #[must_use]
    pub fn worst_permille(&self) -> usize {
        let models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.values().flatten().copied().max().unwrap_or(EVEN).max(EVEN)
    }

    /// The newest ratio of each model in thousandths, for a gauge.
    #[must_use]
    pub fn newest_permille(&self) -> Vec<(String, usize)> {
        let models = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        models.iter().filter_map(|(model, samples)| Some((model.clone(), *samples.back()?))).collect()
    }

    /// A budget in our own tokens that stays within `budget` in the provider's.
    #[must_use]
    pub fn corrected(&self, budget: &Budget) -> Budget {
        Budget { cap_tokens: budget.available() * EVEN / self.worst_permille(), ..*budget }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget {
        context_tokens: 128_000,
        max_output_tokens: 1_000,
        overhead_tokens: 300,
        margin_tokens: 6_400,
        cap_tokens: 6_000,
    };

    #[test]
    fn a_provider_that_counts_more_gets_shorter_prompts_and_one_that_counts_less_the_same() {
        let calibration = Calibration::default();
        assert_eq!(calibration.corrected(&BUDGET), BUDGET);
        calibration.observe("small", 1_000, 900);
        assert_eq!(calibration.corrected(&BUDGET).available(), 6_000);
        calibration.observe("small", 1_000, 1_200);
        assert_eq!(calibration.corrected(&BUDGET).available(), 5_000);
        calibration.observe("other", 1_000, 1_000);
        assert_eq!(calibration.corrected(&BUDGET).available(), 5_000, "the worst of all models counts");
    }

    #[test]
    fn wild_reports_are_bounded_and_old_ones_forgotten() {
        let calibration = Calibration::default();
        calibration.observe("m", 1_000, u64::MAX);
        assert_eq!(calibration.worst_permille(), EVEN, "that is no measure");
        calibration.observe("m", 1_000, 3_500);
        assert_eq!(calibration.worst_permille(), RATIO_MAX);
        calibration.observe("m", 10, 500);
        calibration.observe("m", 5_000, 0);
        for _ in 0..SAMPLES {
            calibration.observe("m", 1_000, 1_010);
        }
        assert_eq!(calibration.worst_permille(), 1_010);
        for n in 0..100 {
            calibration.observe(&format!("model {n}"), 1_000, 1_000);
        }
        assert_eq!(calibration.newest_permille().len(), MODELS_MAX);
    }
}
