//! A chat completion, read leniently: every field may be missing, null, or of an unknown kind.

use serde::Deserialize;
use serde_json::Value;

use crate::llm::failure::{Failure, Refusal};
use crate::llm::provider::{RawAnswer, count};
use crate::llm::thoughts::said;
use crate::llm::{ModelSettings, Stop, Usage};

/// The body of a 200.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Completion {
    id: Value,
    choices: Value,
    usage: Value,
    error: Value,
}

impl Completion {
    /// The answer in it. `request_id` is the header's; the completion's own id stands in for it.
    pub(super) fn into_answer(
        self,
        settings: &ModelSettings,
        request_id: Option<String>,
    ) -> Result<RawAnswer, Failure> {
        // Gateways answer 200 and put the failure behind it into the body.
        if self.error.is_object() || self.error.is_string() {
            return Err(embedded_failure(&self.error, settings));
        }
        let choice = self.choices.get(0).ok_or_else(|| Failure::malformed(settings, "it holds no choices"))?;
        if choice.get("error").is_some_and(Value::is_object) {
            return Err(embedded_failure(&choice["error"], settings));
        }
        let message = choice.get("message").ok_or_else(|| Failure::malformed(settings, "it holds no message"))?;
        let mut text = said(&text_of(&message["content"], "text")).to_owned();
        let mut stop = stop_of(choice["finish_reason"].as_str().unwrap_or_default());
        let refusal =
            message["refusal"].as_str().map_or_else(|| text_of(&message["content"], "refusal"), str::to_owned);
        if !refusal.is_empty() {
            stop = Stop::Refusal;
            text = refusal;
        }
        let (usage, cache_write_tokens) = usage_of(&self.usage).unzip();
        let request_id = request_id.or_else(|| self.id.as_str().map(str::to_owned));
        Ok(RawAnswer { text, usage, cache_write_tokens: cache_write_tokens.unwrap_or(0), stop, request_id })
    }
}

fn embedded_failure(error: &Value, settings: &ModelSettings) -> Failure {
    let status = error["code"].as_u64().and_then(|code| u16::try_from(code).ok());
    let status = status.filter(|code| (400..600).contains(code)).unwrap_or(502);
    Refusal::from_body(status, error).into_failure(settings)
}

/// Content is a string, null, or a list of parts of which those with the text `key` count.
fn text_of(content: &Value, key: &str) -> String {
    match content {
        Value::String(text) if key == "text" => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part[key].as_str()).collect(),
        _ => String::new(),
    }
}

fn stop_of(reason: &str) -> Stop {
    match reason.to_ascii_lowercase().as_str() {
        "" | "stop" | "end_turn" | "eos" => Stop::End,
        "length" | "max_tokens" | "model_length" => Stop::Length,
        "content_filter" | "safety" | "recitation" | "prohibited_content" | "blocklist" | "spii" => Stop::ContentFilter,
        "refusal" => Stop::Refusal,
        _ => Stop::Other(reason.to_owned()),
    }
}

/// None where it is not told, or not in numbers: then nobody knows what the answer costs.
fn usage_of(usage: &Value) -> Option<(Usage, u64)> {
    let details = &usage["prompt_tokens_details"];
    let tokens = Usage {
        input_tokens: count(&usage["prompt_tokens"])?,
        cached_tokens: count(&details["cached_tokens"]).unwrap_or(0),
        output_tokens: count(&usage["completion_tokens"])?,
    };
    Some((tokens, count(&details["cache_write_tokens"]).unwrap_or(0)))
}
