//! What the configuration says about a model.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ModelError, Prices};

/// The protocol a model's server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Chat Completions, as OpenAI and many compatible servers speak it.
    #[serde(rename = "openai")]
    OpenAi,
    /// Anthropic's Messages API.
    Anthropic,
}

impl Provider {
    /// The provider's own address.
    #[must_use]
    pub fn default_base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com/v1",
        }
    }

    /// The environment variable that holds the key.
    #[must_use]
    pub fn key_variable(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI_API_KEY",
            Self::Anthropic => "ANTHROPIC_API_KEY",
        }
    }

    /// The last part of the address an answer is asked from.
    fn endpoint(self) -> &'static str {
        match self {
            Self::OpenAi => "/chat/completions",
            Self::Anthropic => "/messages",
        }
    }
}

/// One model of the configuration: `[models.<name>]`.
#[derive(Debug, Clone)]
pub struct ModelSettings {
    /// The protocol.
    pub provider: Provider,
    /// The server's address, with or without `/v1` and a trailing slash.
    pub base_url: String,
    /// The key; none for servers that want none.
    pub api_key: Option<SecretString>,
    /// The model's name as the server knows it.
    pub model: String,
    /// Tokens that prompt and answer may take together.
    pub context_tokens: u32,
    /// Tokens that an answer may take.
    pub max_output_tokens: u32,
    /// The name of the token encoding, such as `o200k_base`; none when unknown.
    pub encoding: Option<String>,
    /// Time allowed for each try; 30 s unless configured.
    pub timeout: Duration,
    /// What tokens cost; none for a model that costs nothing.
    pub prices: Option<Prices>,
    /// Sent unless a request names its own; none sends nothing, which reasoning models want.
    pub temperature: Option<f32>,
    /// Whether a try that brought no answer, and may be billed all the same, is made again at once. Under a cap it is not: what
    /// is held pays for one.
    pub retries_billed: bool,
    /// Requests at once from this process, at least 1.
    pub concurrency: u32,
    /// How long a request waits for a place among those, and for a rate limit. A turn waits shortly and comes back
    /// later; an evaluation has nothing else to do.
    pub patience: Duration,
}

/// Time allowed for one try when the configuration says nothing.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

/// Requests at once when the configuration says nothing.
pub const DEFAULT_CONCURRENCY: u32 = 32;

/// How long a turn waits for a place or a rate limit: a worker that waits works on nothing else.
pub const TURN_PATIENCE: Duration = Duration::from_secs(2);

impl ModelSettings {
    /// Settings of an ordinary size for `model` at `base_url`, without key and prices.
    #[must_use]
    pub fn new(provider: Provider, base_url: &str, model: &str) -> Self {
        Self {
            provider,
            base_url: base_url.to_owned(),
            api_key: None,
            model: model.to_owned(),
            context_tokens: 128_000,
            max_output_tokens: 1_000,
            encoding: None,
            timeout: DEFAULT_TIMEOUT,
            prices: None,
            temperature: None,
            retries_billed: true,
            concurrency: DEFAULT_CONCURRENCY,
            patience: TURN_PATIENCE,
        }
    }

    /// The address that the protocol's paths are appended to, without a trailing slash. An address without a path gets
    /// `/v1`; one that names the endpoint itself is cut back.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] when it is not an `http` or `https` address.
    pub fn api_base(&self) -> Result<String, ModelError> {
        let wrong = |reason: String| ModelError::Configuration { model: self.model.clone(), reason };
        let example = self.provider.default_base_url();
        let parsed = Url::parse(self.base_url.trim()).map_err(|e| {
            wrong(format!("base_url {:?} is not an address ({e}); write e.g. {example}", self.base_url))
        })?;
        if !matches!(parsed.scheme(), "http" | "https") || parsed.host().is_none() {
            return Err(wrong(format!("base_url {:?} must start with http:// or https://", self.base_url)));
        }
        let mut base = parsed;
        base.set_query(None);
        base.set_fragment(None);
        let base = base.as_str().trim_end_matches('/');
        let base = base.strip_suffix(self.provider.endpoint()).unwrap_or(base).trim_end_matches('/');
        let has_path = base.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
        Ok(if has_path { base.to_owned() } else { format!("{base}/v1") })
    }

    /// The key as it is sent, without the line break that a key file often ends with; none when it is empty.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] when it holds what no header can carry.
    pub fn key(&self) -> Result<Option<SecretString>, ModelError> {
        let Some(key) = self.api_key.as_ref().map(|key| key.expose_secret().trim()).filter(|key| !key.is_empty())
        else {
            return Ok(None);
        };
        if http::HeaderValue::from_str(key).is_err() || !key.is_ascii() {
            let reason = format!(
                "the key (api_key, the file of api_key_file, or {}) holds a line break or another character that no key has; copy \
                 it again, alone",
                self.provider.key_variable()
            );
            return Err(ModelError::Configuration { model: self.model.clone(), reason });
        }
        Ok(Some(SecretString::from(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Option<String> {
        ModelSettings::new(Provider::OpenAi, url, "m").api_base().ok()
    }

    #[test]
    fn an_address_without_a_path_gets_v1_and_any_other_path_is_kept() {
        for (given, used) in [
            ("https://api.openai.com", "https://api.openai.com/v1"),
            ("https://api.openai.com/", "https://api.openai.com/v1"),
            ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"),
            ("https://openrouter.ai/api/v1", "https://openrouter.ai/api/v1"),
            ("https://example.com/v1/chat/completions", "https://example.com/v1"),
            (" https://example.com/llm?x=1 ", "https://example.com/llm"),
        ] {
            assert_eq!(base(given).as_deref(), Some(used), "{given}");
        }
    }

    #[test]
    fn what_is_no_web_address_is_refused() {
        for given in ["", "api.openai.com", "ftp://example.com", "file:///etc/passwd"] {
            assert_eq!(base(given), None, "{given}");
        }
    }

    #[test]
    fn a_key_loses_its_line_end_and_a_broken_one_is_refused_without_being_shown() {
        let mut settings = ModelSettings::new(Provider::OpenAi, "https://example.com", "m");
        settings.api_key = Some(SecretString::from("sk-test\n"));
        assert_eq!(settings.key().expect("usable").expect("present").expose_secret(), "sk-test");
        settings.api_key = Some(SecretString::from("sk-\nsecret"));
        let error = settings.key().expect_err("no header can carry it").to_string();
        assert!(error.contains("OPENAI_API_KEY") && !error.contains("secret"), "{error}");
        settings.api_key = Some(SecretString::from("  "));
        assert!(settings.key().expect("usable").is_none());
    }
}
