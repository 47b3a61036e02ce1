//! How an outside call ended, and so what may be done next.

use std::time::Duration;

use http::StatusCode;

use crate::runtime::http::TransportError;

/// Does a call change anything at the other side?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// It can be made any number of times without harm.
    Read,
    /// Made twice, it may do twice.
    Write,
}

/// How an outside call that failed ended, and so what may be done next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did not take effect, and trying again in the same way will not help.
    Rejected,
    /// It did not take effect; trying again may help.
    Retryable {
        /// The wait the other side asked for, counted from now.
        after: Option<Duration>,
    },
    /// It may or may not have taken effect: read back before anything else.
    Unknown,
}

/// How a call ended that was answered with `status`, which is not a success.
///
/// 429 and 503 say that the request was not processed (RFC 9110 section 15.6.4, RFC 6585 section 4), 425 that it was
/// put off. Other server errors, and 408, leave open whether a write took effect.
#[must_use]
pub fn outcome_of_status(kind: CallKind, status: StatusCode, after: Option<Duration>) -> Outcome {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_EARLY => {
            Outcome::Retryable { after }
        }
        StatusCode::REQUEST_TIMEOUT => unclear(kind),
        _ if status.is_server_error() => unclear(kind),
        // A redirect is not followed, and any other refusal stands.
        _ if status.is_client_error() || status.is_redirection() => Outcome::Rejected,
        // A success whose body could not be used, or a status nobody knows.
        _ => unclear(kind),
    }
}

/// How a call ended that was not answered.
#[must_use]
pub fn outcome_of_transport(kind: CallKind, error: &TransportError) -> Outcome {
    if error.may_have_taken_effect() { unclear(kind) } else { Outcome::Retryable { after: None } }
}

/// How a call ended whose answer was a success but cannot be read.
#[must_use]
pub fn outcome_of_unreadable(kind: CallKind) -> Outcome {
    unclear(kind)
}

fn unclear(kind: CallKind) -> Outcome {
    match kind {
        CallKind::Read => Outcome::Retryable { after: None },
        CallKind::Write => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_that_may_have_taken_effect_is_unknown() {
        for status in [500, 502, 504, 408] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(outcome_of_status(CallKind::Write, status, None), Outcome::Unknown, "{status}");
            let outcome = outcome_of_status(CallKind::Read, status, None);
            assert!(matches!(outcome, Outcome::Retryable { .. }), "{status}");
        }
        let broken = TransportError::Broken { host: "close.test:443".into(), reason: "reset".into() };
        assert_eq!(outcome_of_transport(CallKind::Write, &broken), Outcome::Unknown);
        assert_eq!(outcome_of_transport(CallKind::Read, &broken), Outcome::Retryable { after: None });
        assert_eq!(outcome_of_unreadable(CallKind::Write), Outcome::Unknown);
    }

    #[test]
    fn a_write_that_was_certainly_not_processed_may_be_tried_again() {
        let after = Some(Duration::from_secs(3));
        for status in [429, 503] {
            let status = StatusCode::from_u16(status).expect("a status");
            assert_eq!(outcome_of_status(CallKind::Write, status, after), Outcome::Retryable { after });
        }
        let refused = TransportError::Connect { host: "close.test:443".into(), reason: "refused".into() };
        assert_eq!(outcome_of_transport(CallKind::Write, &refused), Outcome::Retryable { after: None });
    }

    #[test]
    fn a_refusal_stands() {
        for status in [301, 400, 401, 402, 403, 404, 405, 409, 415, 422] {
            let status = StatusCode::from_u16(status).expect("a status");
            for kind in [CallKind::Read, CallKind::Write] {
                assert_eq!(outcome_of_status(kind, status, None), Outcome::Rejected, "{status}");
            }
        }
    }
}
