//! What can go wrong at Close, in words for a rep or an operator. No phone number and no message text is in them.

use std::sync::LazyLock;
use std::time::Duration;

use http::StatusCode;
use regex::Regex;
use serde_json::Value;

use crate::runtime::http::TransportError;
use crate::runtime::upstream::{
    CallKind, Failed, Outage, Outcome, SendError, outcome_of_status, outcome_of_transport, outcome_of_unreadable,
};

/// How much of Close's own words is repeated, in characters.
const REASON_CHARS_MAX: usize = 400;

/// A call to Close failed. `during` completes the sentence "could not …".
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CloseError {
    /// `close.base_url` is no address.
    #[error("close.base_url {address:?} cannot be used: {reason}. The usual value is https://api.close.com/api/v1")]
    BadAddress {
        /// As configured.
        address: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An id that cannot be Close's.
    #[error("could not {during}: the id {id:?} is not one of Close's")]
    BadId {
        /// What was tried.
        during: &'static str,
        /// The id.
        id: String,
    },
    /// 401.
    #[error(
        "could not {during}: Close refused the API key. Check it where it is set (close.api_key, the file of close.api_key_file, \
         or CLOSE_API_KEY): Close, Settings, Developer, API Keys"
    )]
    Unauthorized {
        /// What was tried.
        during: &'static str,
    },
    /// 403.
    #[error(
        "could not {during}: the Close user of this API key may not do that ({reason}). Use an administrator's key"
    )]
    Forbidden {
        /// What was tried.
        during: &'static str,
        /// Close's words.
        reason: String,
    },
    /// 402.
    #[error(
        "could not {during}: the Close plan or balance does not allow it ({reason}). Check Close, Settings, Billing"
    )]
    PlanLimit {
        /// What was tried.
        during: &'static str,
        /// Close's words.
        reason: String,
    },
    /// 404.
    #[error("could not {during}: Close does not have it (any more), or close.base_url is wrong")]
    Missing {
        /// What was tried.
        during: &'static str,
    },
    /// Any other refusal.
    #[error("could not {during}: Close refused with {status}: {reason}")]
    Refused {
        /// What was tried.
        during: &'static str,
        /// Close's status.
        status: StatusCode,
        /// Close's words.
        reason: String,
    },
    /// Not sent, because a rate limit Close told us of would refuse it.
    #[error("could not {during} yet: Close's rate limit is used up for {} s", after.as_secs_f32().ceil())]
    Held {
        /// What was tried.
        during: &'static str,
        /// When it may be tried, counted from now.
        after: Duration,
    },
    /// Not sent, because Close has stopped answering and is left alone for a while.
    #[error("could not {during} yet: Close has not answered for a while and is left alone")]
    Resting {
        /// What was tried.
        during: &'static str,
        /// Since when, and until when.
        outage: Outage,
    },
    /// 429, 503, or any other failure on Close's side.
    #[error("could not {during}: Close is {} ({status})", if *status == StatusCode::TOO_MANY_REQUESTS { "limiting the rate of calls" } else { "having trouble" })]
    Failing {
        /// What was tried.
        during: &'static str,
        /// Close's status.
        status: StatusCode,
        /// The wait Close asked for.
        after: Option<Duration>,
        /// Whether it may have changed something.
        kind: CallKind,
    },
    /// No answer.
    #[error("could not {during}: {source}")]
    Unreachable {
        /// What was tried.
        during: &'static str,
        /// Why.
        source: TransportError,
        /// Whether it may have changed something.
        kind: CallKind,
    },
    /// An answer that is not what Close documents.
    #[error("could not {during}: the answer is not one of Close's ({reason}). Check close.base_url")]
    Unreadable {
        /// What was tried.
        during: &'static str,
        /// What is wrong with it.
        reason: String,
        /// Whether it may have changed something.
        kind: CallKind,
    },
}

impl CloseError {
    /// What may be done next.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::BadAddress { .. }
            | Self::BadId { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::PlanLimit { .. }
            | Self::Missing { .. }
            | Self::Refused { .. } => Outcome::Rejected,
            Self::Held { after, .. } => Outcome::Retryable { after: Some(*after) },
            Self::Resting { .. } => Outcome::Retryable { after: None },
            Self::Failing { status, after, kind, .. } => outcome_of_status(*kind, *status, *after),
            Self::Unreachable { source, kind, .. } => outcome_of_transport(*kind, source),
            Self::Unreadable { kind, .. } => outcome_of_unreadable(*kind),
        }
    }

    /// True when Close only asked for patience: it works, and nothing is wrong with the call.
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        matches!(self, Self::Held { .. } | Self::Failing { status: StatusCode::TOO_MANY_REQUESTS, .. })
    }

    /// True when every call will fail alike until an operator changes the key, the plan or the address: the text
    /// itself is not at fault and can wait.
    #[must_use]
    pub fn needs_operator(&self) -> bool {
        match self {
            Self::BadAddress { .. } | Self::Unauthorized { .. } | Self::Forbidden { .. } | Self::PlanLimit { .. } => {
                true
            }
            Self::Refused { status, .. } => status.is_redirection(),
            _ => false,
        }
    }

    /// The error of a call without an answer.
    pub(super) fn unanswered(during: &'static str, kind: CallKind, error: SendError) -> Self {
        match error {
            SendError::Held(held) => Self::Held { during, after: held.after },
            SendError::Busy(busy) => Self::Held { during, after: busy.after },
            SendError::Resting(outage) => Self::Resting { during, outage },
            SendError::Transport(source) => Self::Unreachable { during, source, kind },
        }
    }

    /// The error that an answer with a status other than 2xx stands for.
    pub(super) fn from_answer(
        during: &'static str,
        kind: CallKind,
        status: StatusCode,
        after: Option<Duration>,
        body: &[u8],
    ) -> Self {
        if status.is_server_error()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY)
        {
            return Self::Failing { during, status, after, kind };
        }
        let reason = reason(body);
        match status {
            StatusCode::UNAUTHORIZED => Self::Unauthorized { during },
            StatusCode::PAYMENT_REQUIRED => Self::PlanLimit { during, reason },
            StatusCode::FORBIDDEN => Self::Forbidden { during, reason },
            StatusCode::NOT_FOUND => Self::Missing { during },
            _ if status.is_redirection() => {
                Self::Refused { during, status, reason: "a redirect elsewhere; check close.base_url".to_owned() }
            }
            _ => Self::Refused { during, status, reason },
        }
    }

    /// The same error without `private`, which Close may have repeated in its reason.
    pub(super) fn without(mut self, private: &str) -> Self {
        if let Self::Refused { reason, .. } | Self::Forbidden { reason, .. } | Self::PlanLimit { reason, .. } =
            &mut self
            && !private.trim().is_empty()
        {
            *reason = reason.replace(private, "[text]");
        }
        self
    }
}

impl Failed for CloseError {
    fn again(&self) -> Option<Duration> {
        match self.outcome() {
            // Not sent, and it would not be this time either.
            _ if matches!(self, Self::Held { .. } | Self::Resting { .. }) => None,
            Outcome::Retryable { after } => Some(after.unwrap_or_default()),
            Outcome::Rejected | Outcome::Unknown => None,
        }
    }
}

/// Close's own words out of a refusal's body, whatever its shape: `error`, `errors` (a list or a map by index),
/// `field-errors` (nested).
fn reason(body: &[u8]) -> String {
    let mut parts = Vec::new();
    match serde_json::from_slice(body) {
        Ok(value) => flatten(&value, "", &mut parts),
        Err(_) if body.is_empty() => {}
        Err(_) => parts.push("an answer that is not JSON".to_owned()),
    }
    if parts.is_empty() {
        parts.push("no reason given".to_owned());
    }
    let joined = mask_phones(&parts.join("; "));
    match joined.char_indices().nth(REASON_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

fn flatten(value: &Value, path: &str, parts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().for_each(|item| flatten(item, path, parts)),
        Value::Object(fields) => {
            for (name, value) in fields {
                let wrapper = matches!(name.as_str(), "error" | "errors" | "field-errors" | "message");
                let path = match (wrapper, path.is_empty()) {
                    (true, _) => path.to_owned(),
                    (false, true) => name.clone(),
                    (false, false) => format!("{path}.{name}"),
                };
                flatten(value, &path, parts);
            }
        }
        leaf => {
            let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            parts.push(if path.is_empty() { text } else { format!("{path}: {text}") });
        }
    }
}

/// Replaces what looks like a phone number: seven digits or more, with the usual signs between them.
fn mask_phones(text: &str) -> String {
    #[expect(clippy::expect_used, reason = "a fixed pattern that the tests compile")]
    static PHONE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(^|[^\w+])\+?\(?\d(?:[\s().-]{0,2}\d){6,}").expect("a valid pattern"));
    PHONE.replace_all(text, "$1[number]").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, body: &str) -> CloseError {
        let status = StatusCode::from_u16(status).expect("a status");
        CloseError::from_answer("create a draft", CallKind::Write, status, None, body.as_bytes())
    }

    #[test]
    fn every_shape_of_close_errors_becomes_one_line() {
        let body = r#"{"errors":[],"field-errors":{"contacts":{"errors":{"0":{"field-errors":{"emails":{"errors":
            ["Invalid email address."]}}}}},"local_phone":"This field is required."}}"#;
        let text = refusal(400, body).to_string();
        assert!(text.contains("contacts.0.emails: Invalid email address."), "{text}");
        assert!(text.contains("local_phone: This field is required."), "{text}");
        for body in
            [r#"{"errors":["No such lead."]}"#, r#"{"error":"No such lead."}"#, r#"{"errors":{"0":"No such lead."}}"#]
        {
            assert!(refusal(400, body).to_string().contains("No such lead."), "{body}");
        }
        assert!(refusal(400, "<html>").to_string().contains("not JSON"));
        assert!(refusal(400, "").to_string().contains("no reason given"));
    }

    #[test]
    fn phone_numbers_and_texts_are_not_repeated() {
        let body = r#"{"errors":["+1 (650) 555-0123 and 6505550123 are not yours: 'see you at nine'",
            "no acti_12345678901 in lead_9f8"]}"#;
        let text = refusal(400, body).without("see you at nine").to_string();
        assert!(!text.contains("555") && !text.contains("nine"), "{text}");
        assert!(text.contains("[number] and [number]") && text.contains("acti_12345678901"), "{text}");
    }

    #[test]
    fn each_status_says_what_to_do() {
        let refused = refusal(401, r#"{"error":"unauthorized"}"#).to_string();
        assert!(refused.contains("CLOSE_API_KEY") && refused.contains("close.api_key_file"), "{refused}");
        assert!(refusal(402, r#"{"error":"upgrade"}"#).to_string().contains("Billing"));
        assert!(refusal(401, "").needs_operator() && !refusal(400, "").needs_operator());
        assert_eq!(refusal(404, "").outcome(), Outcome::Rejected);
        assert_eq!(refusal(302, "").outcome(), Outcome::Rejected);
        assert!(refusal(302, "").needs_operator(), "the address is wrong for every call");
        assert_eq!(refusal(502, "").outcome(), Outcome::Unknown);
    }
}
