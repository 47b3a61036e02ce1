//! The one layer of retries.
//!
//! The policy is the official SDK's: two retries, half a second doubled up to 8 s, jittered down to three quarters; a
//! server's own wait is obeyed up to two minutes, and a longer one ends the tries.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::failure::Failure;
use super::price::cost_microusd;
use super::{Model, ModelAnswer, ModelError, ModelRequest, ModelSettings, Stop, Usage};
use crate::runtime::clock::until;
use crate::runtime::{Clock, Random};

/// How often and after which waits a call is made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Tries after the first.
    pub retries: u32,
    /// The first wait; each further one doubles.
    pub first_wait: Duration,
    /// No wait of our own is longer.
    pub wait_max: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { retries: 2, first_wait: Duration::from_millis(500), wait_max: Duration::from_secs(8) }
    }
}

impl RetryPolicy {
    /// The wait before retry number `retry`, counted from 0.
    #[must_use]
    pub fn wait(&self, retry: u32, random: &Random) -> Duration {
        let full = self.first_wait.saturating_mul(2_u32.saturating_pow(retry)).min(self.wait_max);
        full.saturating_sub(random.jitter(full / 4))
    }
}

/// What one try brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawAnswer {
    /// The text.
    pub text: String,
    /// Tokens.
    pub usage: Usage,
    /// Input tokens that were written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Why it ended.
    pub stop: Stop,
    /// The provider's id.
    pub request_id: Option<String>,
}

/// One try at a provider, without retries.
#[async_trait]
pub trait Attempt: Send + Sync {
    /// The model that is asked.
    fn settings(&self) -> &ModelSettings;

    /// Asks once.
    ///
    /// # Errors
    /// [`Failure`], which says whether to ask again.
    async fn attempt(&self, request: &ModelRequest) -> Result<RawAnswer, Failure>;
}

/// A provider with retries, priced and timed.
pub struct RetryingModel<A> {
    attempt: A,
    policy: RetryPolicy,
    clock: Clock,
    random: Random,
}

impl<A: Attempt> RetryingModel<A> {
    /// Tries `attempt` by `policy`.
    #[must_use]
    pub fn new(attempt: A, policy: RetryPolicy, clock: Clock, random: Random) -> Self {
        Self { attempt, policy, clock, random }
    }

    fn answer(&self, raw: RawAnswer, began: Timestamp, attempts: u32) -> ModelAnswer {
        let settings = self.attempt.settings();
        let prices = settings.prices.as_ref();
        let latency = until(began, self.clock.now());
        ModelAnswer {
            cost_microusd: prices.map_or(0, |prices| cost_microusd(&raw.usage, raw.cache_write_tokens, prices)),
            text: raw.text,
            model: settings.model.clone(),
            usage: raw.usage,
            stop: raw.stop,
            request_id: raw.request_id,
            latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
            attempts,
        }
    }
}

#[async_trait]
impl<A: Attempt> Model for RetryingModel<A> {
    fn name(&self) -> &str {
        &self.attempt.settings().model
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let began = self.clock.now();
        let mut retry = 0;
        loop {
            let failure = match self.attempt.attempt(request).await {
                Ok(raw) => return Ok(self.answer(raw, began, retry + 1)),
                Err(failure) => failure,
            };
            if !failure.retry || retry >= self.policy.retries {
                return Err(failure.error);
            }
            // A wait of zero would hammer a server that just asked for mercy.
            let asked = failure.after.filter(|after| !after.is_zero());
            let wait = asked.unwrap_or_else(|| self.policy.wait(retry, &self.random));
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(error = %failure.error, wait_ms, "asking the model again");
            self.clock.sleep(wait).await;
            retry += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_their_ceiling_and_lose_a_quarter_at_most() {
        let policy = RetryPolicy::default();
        let random = Random::seeded(3);
        for (retry, full_ms) in [(0, 500), (1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000), (5, 8_000), (99, 8_000)] {
            let full = Duration::from_millis(full_ms);
            for _ in 0..50 {
                let wait = policy.wait(retry, &random);
                assert!(wait <= full && wait >= full * 3 / 4, "{retry}: {wait:?}");
            }
        }
    }
}
