//! `[models.<name>]`: the main model and an optional fallback.

use std::time::Duration;

use super::problem::Problem;
use super::reader::Reader;
use super::sections::{TIMEOUT_MIN, web_address};
use crate::llm::settings::{DEFAULT_CONCURRENCY, TURN_PATIENCE};
use crate::llm::{ModelSettings, Prices, Provider};
use crate::prompt::Tiktoken;

/// The models.
#[derive(Debug, Clone, Default)]
pub struct Models {
    /// The one that answers.
    pub main: Option<ModelConfig>,
    /// The one that answers when the main one cannot.
    pub fallback: Option<ModelConfig>,
}

impl Models {
    /// A cap on spending cannot be kept for a model of which nobody knows what it costs.
    pub(super) fn without_prices(&self) -> impl Iterator<Item = Problem> {
        let named = [("models.main", &self.main), ("models.fallback", &self.fallback)];
        let unpriced =
            named.into_iter().filter(|(_, model)| model.as_ref().is_some_and(|model| model.settings.prices.is_none()));
        unpriced.map(|(section, _)| {
            let key = format!("{section}.prices");
            Problem::missing(&key, "set input and output in dollars per million tokens (0 for a model of your own), or take the caps in [budget] out")
        })
    }

    /// The providers' own servers refuse every request without a key; other servers may want none.
    pub(super) fn without_a_needed_key(&self) -> impl Iterator<Item = Problem> {
        let named = [("models.main", &self.main), ("models.fallback", &self.fallback)];
        named.into_iter().filter_map(|(section, model)| {
            let model = &model.as_ref()?.settings;
            let refuses = model.api_key.is_none() && model.base_url == model.provider.default_base_url();
            refuses.then(|| {
                let variable = model.provider.key_variable();
                let key = format!("{section}.api_key");
                Problem::missing(&key, &format!("set {variable}, or {key}_file; {} asks for it", model.base_url))
            })
        })
    }
}

/// One model.
#[derive(Debug, Clone)]
pub struct ModelConfig {
    /// How it is reached and what it may do.
    pub settings: ModelSettings,
    /// Tokens of a prompt, at most: our own limit, far below the window.
    pub prompt_tokens_cap: u32,
}

pub(super) fn models(reader: &mut Reader) -> Models {
    reader.only_sections(
        "models",
        &["main", "fallback"],
        "is not a model Rapport asks: call it models.main, or models.fallback for the one that steps in",
    );
    let models = Models { main: model(reader, "main"), fallback: model(reader, "fallback") };
    if models.main.is_none() && models.fallback.is_some() {
        reader.complain_at("models.main", "models.fallback", "is missing: a fallback needs a model to step in for");
    }
    models
}

fn model(reader: &mut Reader, name: &str) -> Option<ModelConfig> {
    let section = format!("models.{name}");
    let key = |last: &str| format!("{section}.{last}");
    let present = reader.has_section(&section);
    let provider = reader.parsed(&key("provider"), provider).unwrap_or(Provider::OpenAi);
    let base_url = reader.parsed(&key("base_url"), web_address);
    let model = reader.text(&key("model"));
    let prices = prices(reader, &key("prices"));
    let concurrency = reader.count_or(&key("concurrency"), 1..=10_000, DEFAULT_CONCURRENCY);
    let settings = ModelSettings {
        provider,
        base_url: base_url.unwrap_or_else(|| provider.default_base_url().to_owned()),
        api_key: reader.secret(&key("api_key"), Some(provider.key_variable())),
        model: model.clone().unwrap_or_default(),
        context_tokens: reader.count_or(&key("context_tokens"), 1.., 128_000),
        max_output_tokens: reader.count_or(&key("max_output_tokens"), 16.., 1_000),
        encoding: reader.parsed(&key("encoding"), encoding).flatten(),
        timeout: reader.duration_from(&key("timeout"), TIMEOUT_MIN, Duration::from_secs(30)),
        prices,
        temperature: reader.parsed(&key("temperature"), temperature),
        retries_billed: true,
        concurrency,
        patience: TURN_PATIENCE,
    };
    let prompt_tokens_cap = reader.count_or(&key("prompt_tokens_cap"), 1.., 6_000);
    if settings.max_output_tokens >= settings.context_tokens {
        let words = format!(
            "{} of context_tokens = {} leaves no room for a prompt",
            settings.max_output_tokens, settings.context_tokens
        );
        reader.complain_at(&key("max_output_tokens"), &section, words);
    }
    if present && model.is_none() {
        reader.complain_at(&key("model"), &section, "is missing: write the model's name as its server knows it");
    }
    present.then_some(ModelConfig { settings, prompt_tokens_cap })
}

fn provider(text: &str) -> Result<Provider, String> {
    match text {
        "openai" => Ok(Provider::OpenAi),
        "anthropic" => Ok(Provider::Anthropic),
        _ => Err("is not a provider; write \"openai\" (also for compatible servers) or \"anthropic\"".to_owned()),
    }
}

fn encoding(text: &str) -> Result<Option<String>, String> {
    match text.trim() {
        "" => Ok(None),
        known if Tiktoken::ENCODINGS.contains(&known) => Ok(Some(known.to_owned())),
        _ => Err(format!(
            "is not a known encoding; write one of {}, or leave it out to count with a wider margin",
            Tiktoken::ENCODINGS.join(", ")
        )),
    }
}

fn temperature(text: &str) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (0.0..=2.0).contains(&value) => Ok(value),
        _ => Err("is not a number from 0 to 2".to_owned()),
    }
}

/// Dollars per million tokens.
fn prices(reader: &mut Reader, section: &str) -> Option<Prices> {
    let (input_key, output_key) = (format!("{section}.input"), format!("{section}.output"));
    let input = reader.amount(&input_key);
    let cached_input = reader.amount(&format!("{section}.cached_input"));
    let output = reader.amount(&output_key);
    match (input, output) {
        (Some(input), Some(output)) => {
            let prices = Prices::from_dollars(input, cached_input, output);
            if prices.is_none() {
                reader.complain(&input_key, "is too large: prices are in dollars per million tokens");
            }
            prices
        }
        (None, None) if cached_input.is_none() => None,
        (input, output) => {
            let words = "is missing: prices need both input and output, in dollars per million tokens";
            for (half, key) in [(input, &input_key), (output, &output_key)] {
                if half.is_none() && !reader.has_mistake(key) {
                    reader.complain_at(key, section, words);
                }
            }
            None
        }
    }
}
