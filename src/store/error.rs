//! What can go wrong when something is kept, said so that a person can act on it.

use std::sync::Arc;

/// Why the store could not do what was asked. What failed together gets one error each.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The database could not be reached or opened.
    #[error("cannot open the database {url}: {reason}. {advice}")]
    Connect {
        /// The address without its password.
        url: String,
        /// What happened.
        reason: String,
        /// What to do.
        advice: String,
    },
    /// The tables could not be brought up to date.
    #[error("cannot bring the database up to date: {reason}. {advice}")]
    Schema {
        /// What happened.
        reason: String,
        /// What to do.
        advice: &'static str,
    },
    /// The disk is full or read-only: nothing was written.
    #[error("the database cannot be written: {reason}. Free disk space or make the file writable; nothing was lost")]
    Full {
        /// The database's words.
        reason: String,
    },
    /// The SQLite file at its path is not the one that is open: whoever looks there would find nothing of what is written.
    #[error(
        "the file {path} was replaced, moved or deleted while it was in use: nothing is kept or sent until Rapport is \
         stopped, the right database is there, and Rapport is started again"
    )]
    Displaced {
        /// Where it was.
        path: String,
    },
    /// The database refused or the connection broke.
    #[error("the database failed: {source}")]
    Database {
        /// The driver's error.
        source: Arc<sqlx::Error>,
    },
    /// More arrives than can be written: nothing was stored.
    #[error("too much arrives at once; nothing of this was stored, send it again in a few seconds")]
    Busy,
    /// The rows contradict each other or the call: a defect. Nothing was written.
    #[error("the stored data does not fit: {what}. Nothing was changed; please report this")]
    Inconsistent {
        /// What does not fit.
        what: String,
    },
}

impl StoreError {
    /// True when the same call may succeed a little later without anybody doing something.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Schema { .. }
            | Self::Full { .. }
            | Self::Displaced { .. }
            | Self::Inconsistent { .. } => false,
            Self::Database { source } => is_passing(source),
            Self::Busy => true,
        }
    }

    /// True when one of several things that were written together may be the cause: without it the others may succeed.
    pub(super) fn may_be_of_one_part(&self) -> bool {
        match self {
            Self::Inconsistent { .. } => true,
            Self::Database { source } => {
                let code = source.as_database_error().and_then(sqlx::error::DatabaseError::code);
                // 40: PostgreSQL asks for the transaction to be repeated.
                code.is_some_and(|code| !is_passing(source) || (code.len() == 5 && code.starts_with("40")))
            }
            Self::Connect { .. } | Self::Schema { .. } | Self::Full { .. } | Self::Displaced { .. } | Self::Busy => {
                false
            }
        }
    }

    /// True when a row that was to be new is there already.
    pub(super) fn says_it_is_there(&self) -> bool {
        let Self::Database { source } = self else { return false };
        source.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation)
    }

    pub(super) fn inconsistent(what: impl Into<String>) -> Self {
        Self::Inconsistent { what: what.into() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        match source.as_database_error() {
            Some(error) if is_full(error.code().as_deref().unwrap_or_default()) => {
                Self::Full { reason: error.message().to_owned() }
            }
            _ => Self::Database { source: Arc::new(source) },
        }
    }
}

/// SQLite's primary result code is the low byte of the extended one: 8 read-only, 13 full
/// (<https://www.sqlite.org/rescode.html>). PostgreSQL: 53100 disk full, 25006 read-only transaction
/// (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn is_full(code: &str) -> bool {
    if code.len() == 5 {
        return matches!(code, "53100" | "25006");
    }
    code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 8 | 13))
}

/// Connections that broke, locks that were busy, transactions the engine asks to repeat.
fn is_passing(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if code.len() == 5 {
                // Classes: 08 connection, 40 rollback (serialization, deadlock), 53 resources, 57 operator, 55P03 lock.
                return ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03";
            }
            // SQLite: 5 busy, 6 locked.
            code.parse::<u32>().is_ok_and(|code| matches!(code & 0xff, 5 | 6))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_or_read_only_database_is_told_from_other_failures() {
        for code in ["13", "8", "1032", "53100", "25006"] {
            assert!(is_full(code), "{code}");
        }
        for code in ["5", "2067", "23505", ""] {
            assert!(!is_full(code), "{code}");
        }
    }

    #[test]
    fn only_passing_failures_are_worth_repeating() {
        assert!(StoreError::from(sqlx::Error::PoolTimedOut).is_retryable());
        assert!(!StoreError::from(sqlx::Error::RowNotFound).is_retryable());
        assert!(!StoreError::inconsistent("two rows").is_retryable());
    }
}
