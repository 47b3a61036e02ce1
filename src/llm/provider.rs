//! A provider's model: one try behind [`Attempt`], made again by the one layer of retries
//! ([`crate::runtime::upstream`]), priced and timed.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;

use super::failure::Failure;
use super::price::cost_microusd;
use super::{Model, ModelAnswer, ModelError, ModelRequest, ModelSettings, Stop, Usage};
use crate::runtime::clock::until;
use crate::runtime::upstream::Upstream;

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

/// A provider's model.
pub struct ProviderModel<A> {
    attempt: A,
    upstream: Upstream,
}

impl<A: Attempt> ProviderModel<A> {
    /// Makes `attempt`, whose calls go to `upstream`.
    #[must_use]
    pub fn new(attempt: A, upstream: Upstream) -> Self {
        Self { attempt, upstream }
    }

    fn answer(&self, raw: RawAnswer, began: Timestamp, attempts: u32) -> ModelAnswer {
        let settings = self.attempt.settings();
        let prices = settings.prices.as_ref();
        let latency = until(began, self.upstream.clock().now());
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
impl<A: Attempt> Model for ProviderModel<A> {
    fn name(&self) -> &str {
        &self.attempt.settings().model
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let began = self.upstream.clock().now();
        let attempts = AtomicU32::new(0);
        let attempt = || {
            attempts.fetch_add(1, Ordering::Relaxed);
            self.attempt.attempt(request)
        };
        match self.upstream.with_retries(attempt).await {
            Ok(raw) => Ok(self.answer(raw, began, attempts.into_inner())),
            Err(failure) => Err(failure.error),
        }
    }

    fn upstreams(&self) -> Vec<Upstream> {
        vec![self.upstream.clone()]
    }
}
