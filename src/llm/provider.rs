//! A provider's model: one try behind [`Attempt`], made again by the one layer of retries
//! ([`crate::runtime::upstream`]), priced and timed.

use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

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
    /// Tokens; none when the provider does not tell.
    pub usage: Option<Usage>,
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

    /// The answer to a request, after `unread` tries that may have been billed as well (`never-over-budget`).
    fn answer(
        &self,
        request: &ModelRequest,
        raw: RawAnswer,
        (began, attempts, unread): (Timestamp, u32, u32),
    ) -> ModelAnswer {
        let settings = self.attempt.settings();
        let counted = raw.usage.filter(|usage| is_plausible(usage, request));
        let latency = until(began, self.upstream.clock().now());
        let cost = settings.prices.as_ref().map_or(0, |prices| {
            let uncounted = u64::from(unread) + u64::from(counted.is_none());
            // The request is measured only where something was not counted.
            let most = if uncounted > 0 { self.most_microusd(request) } else { 0 };
            let told = counted.as_ref().map_or(0, |usage| cost_microusd(usage, raw.cache_write_tokens, prices));
            told.saturating_add(most.saturating_mul(uncounted))
        });
        ModelAnswer {
            cost_microusd: cost,
            text: raw.text,
            model: settings.model.clone(),
            usage: counted.unwrap_or_default(),
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
        let (attempts, unread) = (AtomicU32::new(0), AtomicU32::new(0));
        let attempt = async || {
            attempts.fetch_add(1, Ordering::Relaxed);
            self.attempt.attempt(request).await.map_err(|mut failure| {
                if failure.error.may_be_billed() {
                    unread.fetch_add(1, Ordering::Relaxed);
                    failure.retry &= self.attempt.settings().retries_billed;
                }
                failure
            })
        };
        match self.upstream.with_retries(attempt).await {
            Ok(raw) => Ok(self.answer(request, raw, (began, attempts.into_inner(), unread.into_inner()))),
            Err(failure) => Err(failure.error),
        }
    }

    fn most_microusd(&self, request: &ModelRequest) -> u64 {
        let prices = self.attempt.settings().prices.as_ref();
        prices.map_or(0, |prices| cost_microusd(&most_tokens(request), 0, prices))
    }

    fn upstreams(&self) -> Vec<Upstream> {
        vec![self.upstream.clone()]
    }
}

/// A count of tokens as servers write it: `12`, `12.0` or `"12"`.
pub(super) fn count(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64().or_else(|| number.to_string().strip_suffix(".0")?.parse().ok()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// No server needs more tokens for a request than it has bytes, nor many times the answer that was allowed: such a count is a
/// fault of the server's, and would empty every budget at once.
fn is_plausible(usage: &Usage, request: &ModelRequest) -> bool {
    const AROUND: u64 = 10_000;
    let most = most_tokens(request);
    usage.input_tokens <= most.input_tokens.saturating_mul(2).saturating_add(AROUND)
        && usage.output_tokens <= most.output_tokens.saturating_mul(10).saturating_add(AROUND)
}

/// More tokens than a request and its answer can take: a token has more than two bytes in almost any text.
fn most_tokens(request: &ModelRequest) -> Usage {
    let bytes: usize = request.messages.iter().map(|message| message.text.len()).sum();
    let schema = request.schema.as_ref().map_or(0, |schema| schema.json.to_string().len());
    let input_tokens = u64::try_from(bytes.saturating_add(schema).div_ceil(2)).unwrap_or(u64::MAX);
    Usage { input_tokens, cached_tokens: 0, output_tokens: request.max_output_tokens.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tokens_are_counted_however_they_are_written_and_never_guessed() {
        for value in [json!(3000), json!(3000.0), json!("3000"), json!(" 3000 ")] {
            assert_eq!(count(&value), Some(3000), "{value}");
        }
        for value in [json!(null), json!("many"), json!(-1), json!(0.5), json!([3])] {
            assert_eq!(count(&value), None, "{value}");
        }
    }
}
