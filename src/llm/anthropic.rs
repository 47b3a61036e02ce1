//! Anthropic's Messages API.
//!
//! Instructions stand outside the messages, turns of the same role are merged, and the limit on output is required.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::failure::{Failure, Refusal, header};
use super::openai::as_instructions;
use super::provider::{Attempt, RawAnswer, count};
use super::{GROUP, ModelError, ModelRequest, ModelSettings, Stop, Usage};
use crate::prompt::{ChatMessage, Role};
use crate::runtime::http::{Request, Response};
use crate::runtime::upstream::{CallKind, Upstream};

/// The protocol's version, as every request names it.
const VERSION: &str = "2023-06-01";

/// The API wants a first turn of the user; this one stands in when the prompt has none.
const OPENING: &str = "(The conversation starts here.)";

/// One try at a server that speaks the Messages API.
pub struct AnthropicAttempt {
    settings: ModelSettings,
    url: String,
    key: Option<SecretString>,
    upstream: Upstream,
    lacks: Mutex<Lacks>,
}

/// What the model does not take, learned from its complaints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Lacks {
    /// No `output_config`: the schema goes into the instructions.
    output_config: bool,
    /// No `temperature`.
    temperature: bool,
}

/// Words of complaints about the shape that was asked for.
const SHAPE: [&str; 5] = ["output_config", "output config", "json_schema", "schema", "structured output"];

impl Lacks {
    /// What a complaint about `sent` adds; none when it is about something else.
    fn learn(self, refusal: &Refusal, sent: &Value) -> Option<Self> {
        if refusal.is_context_overflow() {
            return None;
        }
        if sent.get("output_config").is_some() && SHAPE.iter().any(|word| refusal.complains_about(word)) {
            return Some(Self { output_config: true, ..self });
        }
        if sent.get("temperature").is_some() && refusal.complains_about("temperature") {
            return Some(Self { temperature: true, ..self });
        }
        None
    }
}

impl AnthropicAttempt {
    /// Prepares the calls.
    ///
    /// # Errors
    /// [`ModelError::Configuration`] when address or key cannot be used.
    pub fn new(settings: ModelSettings, upstream: Upstream) -> Result<Self, ModelError> {
        let url = format!("{}/messages", settings.api_base()?);
        let key = settings.key()?;
        Ok(Self { settings, url, key, upstream, lacks: Mutex::default() })
    }

    fn body(&self, request: &ModelRequest, lacks: Lacks) -> Value {
        let mut body = json!({
            "model": self.settings.model,
            "max_tokens": request.max_output_tokens,
            "messages": turns(&request.messages),
        });
        let mut system: Vec<String> =
            request.messages.iter().filter(|m| m.role == Role::System).map(|m| m.text.clone()).collect();
        if let Some(schema) = &request.schema {
            if lacks.output_config {
                system.push(as_instructions(&schema.json));
            } else {
                body["output_config"] = json!({ "format": { "type": "json_schema", "schema": schema.json } });
            }
        }
        if !system.is_empty() {
            body["system"] = system.join("\n\n").into();
        }
        if let Some(temperature) = request.temperature.or(self.settings.temperature).filter(|_| !lacks.temperature) {
            // Through text, so that 0.7 stays 0.7.
            body["temperature"] = temperature.to_string().parse::<f64>().unwrap_or(1.0).into();
        }
        if let Some(user) = &request.safety_identifier {
            body["metadata"] = json!({ "user_id": user });
        }
        body
    }

    async fn send(&self, body: &Value) -> Result<Response, Failure> {
        let mut request = http::Request::post(&self.url)
            .header("content-type", "application/json")
            .header("anthropic-version", VERSION);
        if let Some(key) = &self.key {
            request = request.header("x-api-key", key.expose_secret());
        }
        let request: Request = request.body(Bytes::from(body.to_string())).map_err(|e| {
            let model = self.settings.model.clone();
            Failure::terminal(ModelError::Configuration { model, reason: e.to_string() })
        })?;
        let sent = self.upstream.send(CallKind::Read, GROUP, request).await;
        sent.map_err(|error| Failure::unanswered(&self.settings, error))
    }
}

#[async_trait]
impl Attempt for AnthropicAttempt {
    fn settings(&self) -> &ModelSettings {
        &self.settings
    }

    async fn attempt(&self, request: &ModelRequest) -> Result<RawAnswer, Failure> {
        let mut lacks = *self.lacks.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let body = self.body(request, lacks);
            let answer = self.send(&body).await?;
            if answer.status().is_success() {
                *self.lacks.lock().unwrap_or_else(PoisonError::into_inner) = lacks;
                return self.read(&answer);
            }
            let refusal = Refusal::read(&answer, self.upstream.clock().now());
            // Each round leaves out one thing more, so there are three at most.
            match lacks.learn(&refusal, &body) {
                Some(more) => lacks = more,
                None => return Err(refusal.into_failure(&self.settings)),
            }
        }
    }
}

impl AnthropicAttempt {
    fn read(&self, answer: &Response) -> Result<RawAnswer, Failure> {
        let body: Value =
            serde_json::from_slice(answer.body()).map_err(|_| Failure::malformed(&self.settings, "it is not JSON"))?;
        let blocks =
            body["content"].as_array().ok_or_else(|| Failure::malformed(&self.settings, "it holds no content"))?;
        let text = blocks.iter().filter(|block| block["type"] == "text").filter_map(|block| block["text"].as_str());
        let usage = &body["usage"];
        let of_cache = |name: &str| count(&usage[name]).unwrap_or(0);
        let (cached_tokens, cache_write_tokens) =
            (of_cache("cache_read_input_tokens"), of_cache("cache_creation_input_tokens"));
        // The protocol's input_tokens are only those that were neither read from nor written to the cache.
        let told = count(&usage["input_tokens"]).zip(count(&usage["output_tokens"]));
        let usage = told.map(|(fresh, output_tokens)| Usage {
            input_tokens: fresh.saturating_add(cached_tokens).saturating_add(cache_write_tokens),
            cached_tokens,
            output_tokens,
        });
        let request_id = header(answer.headers(), "request-id").or_else(|| body["id"].as_str()).map(str::to_owned);
        Ok(RawAnswer {
            text: text.collect(),
            usage,
            cache_write_tokens,
            stop: stop_of(body["stop_reason"].as_str().unwrap_or_default()),
            request_id,
        })
    }
}

/// The turns after the instructions: the first is the user's, and roles alternate.
fn turns(prompt: &[ChatMessage]) -> Vec<Value> {
    let mut turns: Vec<(&str, String)> = Vec::new();
    for message in prompt.iter().filter(|message| !message.text.trim().is_empty()) {
        let role = match message.role {
            Role::System => continue,
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        match turns.last_mut() {
            Some((last, text)) if *last == role => {
                text.push_str("\n\n");
                text.push_str(&message.text);
            }
            _ => turns.push((role, message.text.clone())),
        }
    }
    if turns.first().is_none_or(|(role, _)| *role != "user") {
        turns.insert(0, ("user", OPENING.to_owned()));
    }
    turns.into_iter().map(|(role, text)| json!({ "role": role, "content": text })).collect()
}

fn stop_of(reason: &str) -> Stop {
    match reason {
        "" | "end_turn" | "stop_sequence" => Stop::End,
        "max_tokens" | "model_context_window_exceeded" => Stop::Length,
        "refusal" => Stop::Refusal,
        other => Stop::Other(other.to_owned()),
    }
}

#[cfg(test)]
mod tests;
