//! One failed try: what it means, and whether and when another may be made.
//!
//! Servers that speak "the OpenAI protocol" disagree most about errors: `code` is a string or an integer, the object
//! is nested or not, wrapped in a list, or the body is HTML from a proxy. Everything here is read leniently.

use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use serde_json::Value;

use super::{ModelError, ModelSettings};
use crate::runtime::http::{Response, TransportError};
use crate::runtime::upstream::{Failed, SendError, retry_after};

/// The longest wait that a server may ask for; a longer one ends the tries.
pub const WAIT_MAX: Duration = Duration::from_mins(2);

/// The most of a server's words that an error message carries.
const DETAIL_CHARS_MAX: usize = 200;

/// The most of an error body that is searched for a parameter's name.
const SEARCHED_CHARS_MAX: usize = 4_000;

/// `error.type` and `error.code` of a 429 that waiting does not cure.
const QUOTA_CODES: [&str; 5] = [
    "insufficient_quota",
    "credit_balance_exhausted",
    "organization_spend_limit_exceeded",
    "project_spend_limit_exceeded",
    "organization_usage_limit_exceeded",
];

/// One try that brought no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it means to the caller.
    pub error: ModelError,
    /// True when another try is worth making.
    pub retry: bool,
    /// The wait the server asked for.
    pub after: Option<Duration>,
}

impl Failure {
    /// A failure that another try does not cure.
    #[must_use]
    pub fn terminal(error: ModelError) -> Self {
        Self { error, retry: false, after: None }
    }

    /// An answer that breaks the protocol; a second one may not.
    #[must_use]
    pub fn malformed(settings: &ModelSettings, reason: impl Into<String>) -> Self {
        let error = ModelError::Malformed { model: settings.model.clone(), reason: reason.into() };
        Self { error, retry: true, after: None }
    }

    /// No answer at all. A model call changes nothing, so one of unknown outcome may be made again, where money allows it.
    #[must_use]
    pub fn unanswered(settings: &ModelSettings, error: SendError) -> Self {
        let model = settings.model.clone();
        let error = match error {
            SendError::Transport(TransportError::TimedOut { after, .. }) => ModelError::TimedOut { model, after },
            SendError::Transport(unreached @ TransportError::Connect { .. }) => {
                ModelError::Unreachable { model, reason: unreached.to_string() }
            }
            SendError::Transport(broken @ TransportError::Broken { .. }) => {
                ModelError::Broken { model, reason: broken.to_string() }
            }
            // Not sent, and it would not be a moment later either.
            SendError::Held(held) => {
                return Self::terminal(ModelError::RateLimited { model, after: Some(held.after) });
            }
            SendError::Busy(busy) => return Self::terminal(ModelError::Busy { model, after: busy.after }),
            SendError::Resting(_) => return Self::terminal(ModelError::Resting { model }),
        };
        Self { error, retry: true, after: None }
    }
}

impl Failed for Failure {
    fn again(&self) -> Option<Duration> {
        self.retry.then(|| self.after.unwrap_or_default())
    }
}

/// An answer that is an error, read as far as it can be read.
#[derive(Debug, Clone)]
pub struct Refusal {
    /// The HTTP status, or the one that a 200's error object names.
    pub status: u16,
    /// A short sentence from the server; empty when it gave none.
    message: String,
    /// `type` and `code`, in the server's words.
    labels: Vec<String>,
    /// The start of the body in lower case, to look for names of parameters.
    searched: String,
    /// What `x-should-retry` says.
    should_retry: Option<bool>,
    /// What `retry-after-ms` or `retry-after` say.
    after: Option<Duration>,
}

impl Refusal {
    /// Reads an answer with an error status.
    #[must_use]
    pub fn read(answer: &Response, now: Timestamp) -> Self {
        let body = serde_json::from_slice::<Value>(answer.body()).unwrap_or(Value::Null);
        let mut refusal = Self::from_body(answer.status().as_u16(), &body);
        if body.is_null() {
            refusal.searched = lowered(&String::from_utf8_lossy(answer.body()));
        }
        refusal.should_retry = match header(answer.headers(), "x-should-retry") {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        };
        refusal.after = retry_after(answer.headers(), now);
        refusal
    }

    /// Reads an error object that came with `status`, or without any header.
    #[must_use]
    pub fn from_body(status: u16, body: &Value) -> Self {
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").filter(|error| !error.is_null()).unwrap_or(body);
        let labels = ["type", "code", "status"].iter().filter_map(|key| label(error.get(key)?)).collect();
        let message = error
            .as_str()
            .or_else(|| ["message", "detail", "msg"].iter().find_map(|key| error.get(key)?.as_str()))
            .unwrap_or_default();
        Self {
            status,
            message: shortened(message),
            labels,
            searched: lowered(&body.to_string()),
            should_retry: None,
            after: None,
        }
    }

    /// True when the server complains about a request's content and says `word`.
    #[must_use]
    pub fn complains_about(&self, word: &str) -> bool {
        matches!(self.status, 400 | 404 | 422) && self.searched.contains(word)
    }

    /// True when the prompt does not fit the model.
    #[must_use]
    pub fn is_context_overflow(&self) -> bool {
        /// OpenAI and vLLM, llama.cpp, Anthropic, Gemini, LM Studio, Bedrock, Text Generation Inference.
        const WORDS: [&str; 10] = [
            "context_length_exceeded",
            "maximum context length",
            "longer than the maximum model length",
            "exceed_context_size",
            "prompt is too long",
            "exceed context limit",
            "exceeds the maximum number of tokens",
            "trying to keep the first",
            "input is too long",
            "`max_new_tokens` must be",
        ];
        self.status == 413 || WORDS.iter().any(|words| self.complains_about(words))
    }

    fn is_quota(&self) -> bool {
        let labelled = self.labels.iter().any(|label| QUOTA_CODES.contains(&label.as_str()));
        self.status == 402
            || (matches!(self.status, 400 | 403 | 429) && labelled)
            || self.complains_about("credit balance is too low")
    }

    /// What this means for a model with `settings`.
    #[must_use]
    pub fn into_failure(self, settings: &ModelSettings) -> Failure {
        // Groq's 400 where the model's words came out as no JSON, and its 498 where it has no room: another try may do.
        let temporary = matches!(self.status, 408 | 409 | 429 | 498)
            || self.status >= 500
            || self.labels.iter().any(|label| label == "json_validate_failed");
        let too_long = self.after.is_some_and(|after| after > WAIT_MAX);
        let retry = !too_long && !self.is_quota() && self.should_retry.unwrap_or(temporary);
        let after = self.after;
        Failure { error: self.into_error(settings, temporary), retry, after }
    }

    fn into_error(self, settings: &ModelSettings, temporary: bool) -> ModelError {
        let model = settings.model.clone();
        let detail = if self.message.is_empty() { String::new() } else { format!(": {}", self.message) };
        let Self { status, after, .. } = self;
        if self.is_quota() {
            return ModelError::QuotaExhausted { model, detail };
        }
        if self.is_context_overflow() {
            return ModelError::ContextTooLong { model, detail };
        }
        match status {
            // Some servers repeat the key in their message, so a refused key gets no detail.
            401 => {
                let key = settings.provider.key_variable();
                ModelError::Credentials { model, status, key, detail: String::new() }
            }
            403 => ModelError::Credentials { model, status, key: settings.provider.key_variable(), detail },
            404 => ModelError::NotFound { model, url: settings.base_url.clone(), detail },
            400 if self.labels.iter().any(|label| label == "model_not_found") => {
                ModelError::NotFound { model, url: settings.base_url.clone(), detail }
            }
            429 => ModelError::RateLimited { model, after },
            _ if temporary => ModelError::Unavailable { model, status, after, detail },
            _ => ModelError::Rejected { model, status, detail },
        }
    }
}

fn label(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// One line of at most [`DETAIL_CHARS_MAX`] characters, without what may be a key: some servers repeat it.
fn shortened(message: &str) -> String {
    let line = message.split_whitespace().map(without_key).collect::<Vec<_>>().join(" ");
    if line.chars().count() <= DETAIL_CHARS_MAX {
        return line;
    }
    line.chars().take(DETAIL_CHARS_MAX).chain(['…']).collect()
}

/// A word, unless it is as long and as mixed as keys are.
fn without_key(word: &str) -> &str {
    const KEY_CHARS_MIN: usize = 12;
    let is_mixed = word.contains(|c: char| c.is_ascii_digit()) && word.contains(|c: char| c.is_ascii_alphabetic());
    let has_prefix = ["sk-", "pk-", "sk_", "key-", "gsk_", "xai-", "AIza"].iter().any(|prefix| word.contains(prefix));
    if has_prefix || is_mixed && word.len() >= KEY_CHARS_MIN && !word.contains(['/', '.']) { "…" } else { word }
}

fn lowered(body: &str) -> String {
    body.chars().take(SEARCHED_CHARS_MAX).collect::<String>().to_ascii_lowercase()
}

/// A header's text.
pub(super) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::Provider;

    fn settings() -> ModelSettings {
        ModelSettings::new(Provider::OpenAi, "http://model.test/v1", "m")
    }

    fn failure(status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
        let mut answer = http::Response::builder().status(status);
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let answer = answer.body(bytes::Bytes::copy_from_slice(body.as_bytes())).expect("a valid answer");
        let now = "2026-11-23T12:00:00Z".parse().expect("an instant");
        Refusal::read(&answer, now).into_failure(&settings())
    }

    #[test]
    fn a_sample_that_was_no_json_may_be_better_next_time() {
        let body = r#"{"error":{"message":"Failed to generate JSON.","type":"invalid_request_error","code":"json_validate_failed"}}"#;
        assert!(failure(400, &[], body).retry && failure(400, &[], body).error.is_retryable());
        assert!(failure(498, &[], r#"{"error":{"message":"capacity exceeded"}}"#).retry);
    }

    #[test]
    fn an_integer_code_keeps_the_status_and_the_message() {
        let body = r#"{"error":{"code":400,"message":"bad grammar","type":"invalid_request_error"}}"#;
        let failure = failure(400, &[], body);
        let detail = ": bad grammar".to_owned();
        assert_eq!(failure.error, ModelError::Rejected { model: "m".to_owned(), status: 400, detail });
        assert!(!failure.retry);
    }

    #[test]
    fn a_proxys_html_is_a_temporary_failure_and_is_not_quoted() {
        let failure = failure(503, &[], "<html><body>Service Unavailable: secret-host</body></html>");
        assert!(failure.retry && failure.error.is_retryable());
        assert!(!failure.error.to_string().contains("secret-host"));
    }

    #[test]
    fn an_empty_quota_is_terminal_whether_it_stands_in_type_or_in_code() {
        for body in [
            r#"{"error":{"type":"insufficient_quota","message":"x"}}"#,
            r#"{"error":{"type":"rate_limit","code":"insufficient_quota","message":"x"}}"#,
            r#"{"error":{"code":"credit_balance_exhausted"}}"#,
            r#"{"error":{"code":"project_spend_limit_exceeded"}}"#,
        ] {
            let failure = failure(429, &[("retry-after", "1")], body);
            assert!(matches!(failure.error, ModelError::QuotaExhausted { .. }), "{body}");
            assert!(!failure.retry, "{body}");
        }
    }

    #[test]
    fn a_rate_limit_is_retried_after_the_wait_it_names() {
        for (header, text, wait_ms) in [
            ("retry-after", "2", 2_000),
            ("retry-after", "0.5", 500),
            ("retry-after-ms", "750", 750),
            ("retry-after", "Mon, 23 Nov 2026 12:00:20 GMT", 20_000),
            ("retry-after", "Mon, 23 Nov 2026 11:59:00 GMT", 0),
        ] {
            let failure = failure(429, &[(header, text)], "{}");
            assert_eq!(failure.after, Some(Duration::from_millis(wait_ms)), "{header}: {text}");
            assert!(failure.retry);
        }
        assert_eq!(failure(429, &[("retry-after", "soon")], "").after, None);
    }

    #[test]
    fn a_wait_of_an_hour_ends_the_tries_but_is_reported() {
        let failure = failure(429, &[("retry-after", "3600")], "{}");
        assert!(!failure.retry);
        assert_eq!(failure.error.retry_after(), Some(Duration::from_hours(1)));
        assert!(failure.error.is_retryable());
    }

    #[test]
    fn the_server_may_overrule_what_its_status_means() {
        assert!(!failure(500, &[("x-should-retry", "false")], "").retry);
        assert!(failure(400, &[("x-should-retry", "true")], "").retry);
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert!(failure(status, &[], "").retry, "{status}");
        }
        for status in [400, 401, 403, 404, 413, 422] {
            assert!(!failure(status, &[], "").retry, "{status}");
        }
    }

    #[test]
    fn a_prompt_that_is_too_long_is_recognised_in_several_dialects() {
        for body in [
            r#"{"error":{"code":"context_length_exceeded","message":"This model's maximum context length is 8"}}"#,
            r#"{"error":{"code":400,"type":"exceed_context_size_error","message":"the request exceeds"}}"#,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 9 tokens > 8"}}"#,
            r#"{"object":"error","message":"This model's maximum context length is 8 tokens","code":400}"#,
        ] {
            assert!(matches!(failure(400, &[], body).error, ModelError::ContextTooLong { .. }), "{body}");
        }
    }

    #[test]
    fn a_refused_key_names_the_variable_and_never_the_key() {
        let error = failure(401, &[], r#"{"error":{"message":"Incorrect API key provided: sk-secret"}}"#).error;
        let text = error.to_string();
        assert!(text.contains("OPENAI_API_KEY") && !text.contains("sk-secret"), "{text}");
    }

    #[test]
    fn a_long_message_is_cut() {
        let body = serde_json::json!({ "error": { "message": "long \n words ".repeat(500) } }).to_string();
        assert!(failure(400, &[], &body).error.to_string().chars().count() < 300);
    }

    #[test]
    fn a_key_that_the_server_repeats_is_left_out() {
        for (said, told) in [
            ("key sk-SECRET0123 has no access", "key … has no access"),
            ("Incorrect API key: 9f8a7b6c5d4e3f2a1b0c", "Incorrect API key: …"),
            ("model gpt-4.1-mini takes 128000 tokens", "model gpt-4.1-mini takes 128000 tokens"),
        ] {
            assert_eq!(shortened(said), told);
        }
    }
}
