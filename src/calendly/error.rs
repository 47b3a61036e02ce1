//! How a call to Calendly failed, and what to do about it.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::Value;

use crate::runtime::http::{Response, TransportError};
use crate::runtime::upstream::{
    CallKind, Failed, Outcome, SendError, outcome_of_status, outcome_of_transport, outcome_of_unreadable, pause_asked,
};

/// The most of Calendly's words that a message carries.
const WORDS_CHARS_MAX: usize = 200;

/// The scopes that Rapport needs of a token.
pub const SCOPES: &str =
    "users:read, event_types:read, availability:read, scheduling_links:write, scheduled_events:read, webhooks:write";

/// How a call failed. The message says what to do and never holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendlyError {
    /// The configuration cannot work.
    #[error("the Calendly configuration cannot be used: {0}")]
    Configuration(String),
    /// 401.
    #[error(
        "Calendly refused the token; make a new one under Integrations > API & webhooks (changing the login revokes \
         tokens) and put it where the old one is set (calendly.token, the file of calendly.token_file, or CALENDLY_TOKEN)"
    )]
    Token,
    /// 403: the token was made without a scope that the call needs.
    #[error("the Calendly token lacks a scope ({0}); make one with {SCOPES}")]
    Scope(String),
    /// 403: the account's plan does not include the feature.
    #[error("the Calendly account's plan does not include this ({0}); upgrade it, or leave the feature off")]
    Plan(String),
    /// 403: the user may not do this.
    #[error("the Calendly user may not do this ({0}); use the token of an owner or admin of the organization")]
    Role(String),
    /// 404, or nothing by that name.
    #[error("Calendly knows no {what}; {hint}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What to do.
        hint: String,
    },
    /// 409: the time is gone, or it exists already.
    #[error("Calendly reports a conflict ({0})")]
    Conflict(String),
    /// 424: the calendar behind the account is broken.
    #[error("the calendar connected to Calendly does not work ({0}); reconnect it in Calendly")]
    CalendarBroken(String),
    /// 429, or held back before sending.
    #[error("Calendly's rate limit is used up{}", wait_words(*after))]
    RateLimited {
        /// When it may be tried again.
        after: Option<Duration>,
    },
    /// Not sent, because Calendly has stopped answering and is left alone for a while.
    #[error("Calendly has not answered for a while and is left alone")]
    Resting,
    /// Any other refusal.
    #[error("Calendly rejected the call (status {status}: {words})")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// Calendly's words.
        words: String,
    },
    /// The server is in trouble.
    #[error("Calendly is not available (status {status})")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// Whether the call may have taken effect.
        outcome: Outcome,
    },
    /// There was no answer.
    #[error("Calendly was not reached: {source}")]
    Transport {
        /// Why.
        source: TransportError,
        /// Whether the call may have taken effect.
        outcome: Outcome,
    },
    /// A success that is not what the published API promises.
    #[error("Calendly's answer cannot be read: {reason}")]
    Unreadable {
        /// What is wrong.
        reason: String,
        /// Whether the call may have taken effect.
        outcome: Outcome,
    },
}

impl CalendlyError {
    /// How the call ended.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::RateLimited { after } => Outcome::Retryable { after: *after },
            Self::Resting => Outcome::Retryable { after: None },
            Self::Unavailable { outcome, .. } | Self::Transport { outcome, .. } | Self::Unreadable { outcome, .. } => {
                *outcome
            }
            _ => Outcome::Rejected,
        }
    }

    pub(super) fn unanswered(kind: CallKind, error: SendError) -> Self {
        match error {
            SendError::Held(held) => Self::RateLimited { after: Some(held.after) },
            SendError::Busy(busy) => Self::RateLimited { after: Some(busy.after) },
            SendError::Resting(_) => Self::Resting,
            SendError::Transport(source) => {
                let outcome = outcome_of_transport(kind, &source);
                Self::Transport { source, outcome }
            }
        }
    }

    pub(super) fn unreadable(kind: CallKind, reason: impl Into<String>) -> Self {
        Self::Unreadable { reason: reason.into(), outcome: outcome_of_unreadable(kind) }
    }

    /// Reads an answer with an error status.
    pub(super) fn read(kind: CallKind, answer: &Response, now: Timestamp) -> Self {
        let words = words_of(answer.body());
        match answer.status().as_u16() {
            401 => Self::Token,
            403 => forbidden(words),
            404 => Self::NotFound {
                what: "such thing".to_owned(),
                hint: format!("check calendly.base_url and calendly.event_type ({words})"),
            },
            409 => Self::Conflict(words),
            424 => Self::CalendarBroken(words),
            429 => Self::RateLimited { after: pause_asked(answer.headers(), now) },
            status if status >= 500 || status == 408 => {
                Self::Unavailable { status, outcome: outcome(kind, answer.status(), answer.headers(), now) }
            }
            status => Self::Rejected { status, words },
        }
    }
}

impl Failed for CalendlyError {
    fn again(&self) -> Option<Duration> {
        match self.outcome() {
            // Not sent, and it would not be this time either.
            _ if matches!(self, Self::Resting) => None,
            Outcome::Retryable { after } => Some(after.unwrap_or_default()),
            Outcome::Rejected | Outcome::Unknown => None,
        }
    }
}

fn outcome(kind: CallKind, status: StatusCode, headers: &HeaderMap, now: Timestamp) -> Outcome {
    outcome_of_status(kind, status, pause_asked(headers, now))
}

/// The three kinds of 403 differ only in their words.
fn forbidden(words: String) -> CalendlyError {
    let lower = words.to_ascii_lowercase();
    if lower.contains("scope") {
        CalendlyError::Scope(words)
    } else if lower.contains("upgrade") || lower.contains(" plan") {
        CalendlyError::Plan(words)
    } else {
        CalendlyError::Role(words)
    }
}

/// `title: message (parameter: message)` in one line, as far as the body has them.
fn words_of(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut parts = vec![text(&body["title"]), text(&body["message"])];
    for detail in body["details"].as_array().into_iter().flatten().take(3) {
        parts.push(format!("{} {}", text(&detail["parameter"]), text(&detail["message"])));
    }
    parts.retain(|part| !part.trim().is_empty());
    let line = parts.join(": ").split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() { "no reason given".to_owned() } else { line.chars().take(WORDS_CHARS_MAX).collect() }
}

fn wait_words(after: Option<Duration>) -> String {
    after.map_or_else(String::new, |after| format!("; it can be asked again in {} s", after.as_secs().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: CallKind, status: u16, header: Option<(&str, &str)>, body: &str) -> CalendlyError {
        let mut answer = http::Response::builder().status(status);
        if let Some((name, value)) = header {
            answer = answer.header(name, value);
        }
        let answer = answer.body(bytes::Bytes::copy_from_slice(body.as_bytes())).expect("a valid answer");
        CalendlyError::read(kind, &answer, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_three_kinds_of_403_are_told_apart() {
        let read = |body| error(CallKind::Read, 403, None, body);
        let scope = read(r#"{"title":"Insufficient Scope","message":"Token is missing scope availability:read"}"#);
        assert!(matches!(scope, CalendlyError::Scope(_)) && scope.to_string().contains("scheduling_links:write"));
        let plan =
            read(r#"{"title":"Permission Denied","message":"Please upgrade your Calendly account to Standard"}"#);
        assert!(matches!(plan, CalendlyError::Plan(_)), "{plan:?}");
        let role = read(r#"{"title":"Permission Denied","message":"You do not have permission"}"#);
        assert!(matches!(role, CalendlyError::Role(_)) && role.to_string().contains("owner or admin"));
    }

    #[test]
    fn a_validation_error_names_the_parameter() {
        let body = r#"{"title":"Invalid Argument","message":"The supplied parameters are invalid.",
            "details":[{"parameter":"start_time","message":"must be in the future"}]}"#;
        let error = error(CallKind::Read, 400, None, body);
        assert!(error.to_string().contains("start_time must be in the future"), "{error}");
        assert_eq!(error.outcome(), Outcome::Rejected);
    }

    #[test]
    fn a_429_waits_for_the_reset_header_which_counts_seconds() {
        let error = error(CallKind::Write, 429, Some(("x-ratelimit-reset", "60")), "");
        assert_eq!(error.outcome(), Outcome::Retryable { after: Some(Duration::from_mins(1)) });
    }

    #[test]
    fn a_server_error_leaves_a_write_unknown_and_a_read_retryable() {
        assert_eq!(error(CallKind::Write, 500, None, "<html>").outcome(), Outcome::Unknown);
        assert_eq!(error(CallKind::Read, 500, None, "<html>").outcome(), Outcome::Retryable { after: None });
    }
}
