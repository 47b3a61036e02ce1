//! The model behind one trait.
//!
//! A model call has no effect outside: whatever its outcome, it may be made again. The engine sees one [`Model`];
//! behind it stand a provider's protocol ([`openai`], [`anthropic`]), called as every upstream is
//! ([`crate::runtime::upstream`]), and a second model for when the first is down ([`fallback`]). Evaluations record and
//! replay answers ([`recorded`]).
//!
//! What must never be: a layer of retries in here, a request that the provider stores, a log line with a prompt or an
//! answer in it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::prompt::ChatMessage;
use crate::runtime::upstream::{Manner, Upstream};
use crate::runtime::{Clock, Http, Random};

pub mod anthropic;
pub mod error;
pub mod failure;
pub mod fallback;
pub mod openai;
pub mod price;
pub mod provider;
pub mod recorded;
pub mod settings;
mod thoughts;

#[cfg(test)]
mod testing;

pub use error::ModelError;
pub use fallback::FallbackModel;
pub use price::Prices;
pub use provider::ProviderModel;
pub use recorded::{RecordingModel, ReplayModel};
pub use settings::{ModelSettings, Provider};

/// A language model that answers one chat prompt.
#[async_trait]
pub trait Model: Send + Sync {
    /// The model's name as the provider knows it, such as `gpt-6-luna`.
    fn name(&self) -> &str;

    /// Asks for one answer. Retries and the time limit are inside.
    ///
    /// # Errors
    /// [`ModelError`], which says whether asking later makes sense.
    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError>;

    /// What one try at `request` may cost, in millionths of a dollar, where nobody counted: more than it can.
    fn most_microusd(&self, _request: &ModelRequest) -> u64 {
        0
    }

    /// The upstreams behind it, in the order they are asked; none for answers that are recorded.
    fn upstreams(&self) -> Vec<Upstream> {
        Vec::new()
    }
}

/// What a model is asked. Recordings are keyed by its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelRequest {
    /// The prompt, in order.
    pub messages: Vec<ChatMessage>,
    /// The shape the answer must have; none for free text.
    #[serde(default)]
    pub schema: Option<Schema>,
    /// The most tokens the answer may take, a reasoning model's thoughts included.
    pub max_output_tokens: u32,
    /// How freely to sample, 0 to 2; none sends the model's configured value, or nothing.
    #[serde(default)]
    pub temperature: Option<f32>,
    /// Requests with the same key and prefix are routed to the same prompt cache.
    #[serde(default)]
    pub cache_key: Option<String>,
    /// A keyed hash of the lead, at most 64 characters, by which the provider can name an abuser without knowing them.
    #[serde(default)]
    pub safety_identifier: Option<String>,
}

/// A JSON schema with the name the provider shows it under.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    /// Letters, digits, `_` and `-`, at most 64.
    pub name: String,
    /// The schema, in the subset that strict structured outputs take. Every request shares it.
    pub json: Arc<serde_json::Value>,
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelAnswer {
    /// The text; with a schema asked for, meant to be JSON. On a refusal, the model's words about it.
    pub text: String,
    /// The model that answered, by its configured name.
    pub model: String,
    /// Tokens, as the provider counted them.
    pub usage: Usage,
    /// The price in millionths of a dollar; zero when the model has no prices configured.
    pub cost_microusd: u64,
    /// Why the answer ended.
    pub stop: Stop,
    /// The provider's id of the request, for their support.
    pub request_id: Option<String>,
    /// From the first try's start to the answer, waits included.
    pub latency_ms: u64,
    /// How many tries it took, at least 1.
    pub attempts: u32,
}

/// Tokens of one answer. All zero when the server does not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the prompt, those read from a cache included.
    pub input_tokens: u64,
    /// The part of `input_tokens` that came from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens of the answer, hidden reasoning included.
    pub output_tokens: u64,
}

/// Why an answer ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// The model was done.
    End,
    /// The output limit or the context was reached: the text is cut off.
    Length,
    /// The model declined to answer.
    Refusal,
    /// The provider's filter withheld the answer.
    ContentFilter,
    /// Something the published protocol does not name, in the server's word.
    Other(String),
}

/// The group of endpoints that all requests for a model belong to: providers count them together.
pub const GROUP: &str = "generate";

/// No further try begins after this: three tries of a model that takes its time.
const RETRY_WINDOW: Duration = Duration::from_secs(90);

/// Makes the model that `settings` describe.
///
/// # Errors
/// [`ModelError::Configuration`] when the address or the key cannot be used.
pub fn build(
    settings: &ModelSettings,
    http: &Http,
    clock: &Clock,
    random: &Random,
) -> Result<Arc<dyn Model>, ModelError> {
    let manner = Manner {
        name: format!("Model {}", settings.model),
        timeout: settings.timeout,
        retry_window: RETRY_WINDOW.max(settings.patience),
        read_patience: settings.patience,
        write_patience: settings.patience,
        concurrency: Some(settings.concurrency),
    };
    let upstream = Upstream::new(manner, http.clone(), clock.clone(), random.clone());
    Ok(match settings.provider {
        Provider::OpenAi => {
            let attempt = openai::OpenAiAttempt::new(settings.clone(), upstream.clone())?;
            Arc::new(ProviderModel::new(attempt, upstream))
        }
        Provider::Anthropic => {
            let attempt = anthropic::AnthropicAttempt::new(settings.clone(), upstream.clone())?;
            Arc::new(ProviderModel::new(attempt, upstream))
        }
    })
}
