//! Why there is no answer from a model.

use std::time::Duration;

/// Why there is no answer. The message says what happened and what to do; it holds neither prompt nor key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    /// The settings cannot work.
    #[error("the settings of model {model} cannot be used: {reason}")]
    Configuration {
        /// The model.
        model: String,
        /// What is wrong and how to mend it.
        reason: String,
    },
    /// 401 or 403.
    #[error(
        "the provider of model {model} refused the key (status {status}); check its api_key, the file of its api_key_file, or {key}{detail}"
    )]
    Credentials {
        /// The model.
        model: String,
        /// 401 or 403.
        status: u16,
        /// The environment variable with the key.
        key: &'static str,
        /// What the provider said about it, or nothing.
        detail: String,
    },
    /// The server has no such model or no such address.
    #[error("{url} knows no model {model}; check the model's name and base_url{detail}")]
    NotFound {
        /// The model.
        model: String,
        /// The address that was asked.
        url: String,
        /// What the server said, or nothing.
        detail: String,
    },
    /// The prompt does not fit the model.
    #[error("the prompt is too long for model {model}; lower its context_tokens or the budget{detail}")]
    ContextTooLong {
        /// The model.
        model: String,
        /// What the server said, or nothing.
        detail: String,
    },
    /// No money or quota is left: waiting does not help.
    #[error("the account behind model {model} has no quota left; add credit or raise its limit{detail}")]
    QuotaExhausted {
        /// The model.
        model: String,
        /// What the server said, or nothing.
        detail: String,
    },
    /// Too many requests or tokens for now.
    #[error("model {model} is over its rate limit; it can be asked again {}", later(*after))]
    RateLimited {
        /// The model.
        model: String,
        /// When the server wants to be asked again.
        after: Option<Duration>,
    },
    /// The server says it cannot answer now.
    #[error("model {model} is not available (status {status}); it can be asked again {}{detail}", later(*after))]
    Unavailable {
        /// The model.
        model: String,
        /// The HTTP status.
        status: u16,
        /// When the server wants to be asked again.
        after: Option<Duration>,
        /// What the server said, or nothing.
        detail: String,
    },
    /// The server was not reached.
    #[error("model {model} was not reached: {reason}; check base_url and the network")]
    Unreachable {
        /// The model.
        model: String,
        /// The system's words.
        reason: String,
    },
    /// The connection broke before the whole answer was read.
    #[error("model {model} was asked, and no whole answer came: {reason}; check the network")]
    Broken {
        /// The model.
        model: String,
        /// The system's words.
        reason: String,
    },
    /// No whole answer came in time.
    #[error("model {model} did not answer within {} ms; raise its timeout if this is usual", after.as_millis())]
    TimedOut {
        /// The model.
        model: String,
        /// The time allowed for a try.
        after: Duration,
    },
    /// The server does not take the request.
    #[error("model {model} rejected the request (status {status}){detail}")]
    Rejected {
        /// The model.
        model: String,
        /// The HTTP status.
        status: u16,
        /// What the server said, or nothing.
        detail: String,
    },
    /// The answer is not what the protocol promises.
    #[error("model {model} sent an answer that cannot be read: {reason}; check that base_url speaks its protocol")]
    Malformed {
        /// The model.
        model: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Not asked, because the model has stopped answering and is left alone for a while.
    #[error("model {model} has not answered for a while and is left alone")]
    Resting {
        /// The model.
        model: String,
    },
    /// Not asked, because as many requests are under way as the configuration allows.
    #[error("model {model} has as many requests under way as its concurrency allows; one more {}", later(Some(*after)))]
    Busy {
        /// The model.
        model: String,
        /// When a place is expected.
        after: Duration,
    },
    /// Neither the main model nor its fallback answered.
    #[error("no model answered: {main}; and the fallback: {fallback}")]
    NoneAnswered {
        /// Why the main model did not.
        main: Box<ModelError>,
        /// Why the fallback did not.
        fallback: Box<ModelError>,
    },
    /// A replay has no answer for this request.
    #[error("no answer is recorded for request {key} (\"{opening}\"); record the suite again with a live model")]
    NotRecorded {
        /// The start of the request's hash.
        key: String,
        /// How its newest message begins.
        opening: String,
    },
    /// A file of recorded answers cannot be read or written.
    #[error("the recorded answers in {path} cannot be used: {reason}")]
    Recording {
        /// The file.
        path: String,
        /// What is wrong.
        reason: String,
    },
}

impl ModelError {
    /// True when the same request may succeed later without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unavailable { .. }
            | Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::TimedOut { .. }
            | Self::Malformed { .. }
            | Self::Resting { .. }
            | Self::Busy { .. } => true,
            Self::NoneAnswered { main, fallback } => main.is_retryable() || fallback.is_retryable(),
            _ => false,
        }
    }

    /// True when the provider may have written an answer, which it bills, that nobody got to read.
    #[must_use]
    pub fn may_be_billed(&self) -> bool {
        match self {
            Self::Broken { .. } | Self::TimedOut { .. } | Self::Malformed { .. } => true,
            Self::NoneAnswered { main, fallback } => main.may_be_billed() || fallback.may_be_billed(),
            _ => false,
        }
    }

    /// The same without the server's own words, which may repeat what the lead wrote: what logs may hold.
    #[must_use]
    pub fn without_words(&self) -> Self {
        let mut error = self.clone();
        match &mut error {
            Self::Credentials { detail, .. }
            | Self::NotFound { detail, .. }
            | Self::ContextTooLong { detail, .. }
            | Self::QuotaExhausted { detail, .. }
            | Self::Unavailable { detail, .. }
            | Self::Rejected { detail, .. } => detail.clear(),
            Self::NoneAnswered { main, fallback } => {
                **main = main.without_words();
                **fallback = fallback.without_words();
            }
            _ => {}
        }
        error
    }

    /// How long the other side wants us to wait, when it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { after, .. } | Self::Unavailable { after, .. } => *after,
            Self::Busy { after, .. } => Some(*after),
            Self::NoneAnswered { main, fallback } => match (main.retry_after(), fallback.retry_after()) {
                (Some(main), Some(fallback)) => Some(main.min(fallback)),
                (main, fallback) => main.or(fallback),
            },
            _ => None,
        }
    }

    /// True when the model only asked for patience: it works, and nothing is wrong with the request.
    #[must_use]
    pub fn is_rate_limit(&self) -> bool {
        match self {
            Self::RateLimited { .. } | Self::Busy { .. } => true,
            Self::NoneAnswered { main, fallback } => main.is_rate_limit() || fallback.is_rate_limit(),
            _ => false,
        }
    }
}

fn later(after: Option<Duration>) -> String {
    after.map_or_else(|| "later".to_owned(), |after| format!("in {} s", after.as_secs().max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_hold_no_word_of_the_server() {
        let rejected = ModelError::Rejected {
            model: "m".to_owned(),
            status: 400,
            detail: ": Invalid value in messages: 'How much is a bay window?'".to_owned(),
        };
        let refused = ModelError::Credentials {
            model: "m".to_owned(),
            status: 403,
            key: "OPENAI_API_KEY",
            detail: ": bay window".to_owned(),
        };
        let both = ModelError::NoneAnswered { main: Box::new(rejected), fallback: Box::new(refused) };
        assert!(both.to_string().contains("bay window"));
        let logged = both.without_words().to_string();
        assert!(!logged.contains("bay window") && logged.contains("400") && logged.contains("403"), "{logged}");
    }
}
