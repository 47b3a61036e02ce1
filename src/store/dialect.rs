//! The few places where the two engines differ. Everything else is one body of SQL.

macro_rules! claim_sql {
    ($lock:literal) => {
        concat!(
            "with due as (select id from conversation where org = $1 and wake_at <= $2 \
             and (lease_until is null or lease_until <= $2) order by wake_at limit $5 ",
            $lock,
            ") update conversation set epoch = epoch + 1, lease_until = $3, wake_at = $3, owner = $4, rung = 0 \
             where org = $1 and id in (select id from due) returning id, epoch"
        )
    };
}

macro_rules! hold_sql {
    ($lock:literal) => {
        concat!(
            "select id, their_number, last_seq, epoch, takeover_until, state, rung, wake_at, lease_until from conversation \
             where org = $1 and id = $2",
            $lock
        )
    };
}

use super::connect::Durability;

/// Which database keeps the records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// The name for people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// Begins a transaction that writes. SQLite takes its one write lock at once: a lock taken later can fail in the
    /// middle.
    pub(super) fn begin_write(self) -> &'static str {
        match self {
            Self::Sqlite => "begin immediate",
            Self::Postgres => "begin",
        }
    }

    /// Begins a transaction whose queries all see the same instant.
    pub(super) fn begin_read(self) -> &'static str {
        match self {
            Self::Sqlite => "begin deferred",
            Self::Postgres => "begin isolation level repeatable read, read only",
        }
    }

    /// Leases due conversations, oldest alarm first. $1 org, $2 now, $3 end of lease, $4 owner, $5 limit.
    ///
    /// The alarm moves to the end of the lease, so that a dead worker's lane wakes by itself. PostgreSQL leaves out rows
    /// that another claim or an `accept` holds at this moment; SQLite has one writer and needs no such clause.
    pub(super) fn claim(self) -> &'static str {
        match self {
            Self::Sqlite => claim_sql!(""),
            Self::Postgres => claim_sql!("for update skip locked"),
        }
    }

    /// Reads a conversation's row and holds it until the transaction ends. $1 org, $2 id.
    ///
    /// SQLite's transaction has the only write lock already.
    pub(super) fn hold(self) -> &'static str {
        match self {
            Self::Sqlite => hold_sql!(""),
            Self::Postgres => hold_sql!(" for update"),
        }
    }

    /// What every new connection is told.
    ///
    /// SQLite: readers do not block the writer (WAL), a commit is on the disk when it returns (FULL), a second process
    /// on the same file is waited for.
    pub(super) fn on_connect(self, durability: Durability) -> &'static [&'static str] {
        match (self, durability) {
            (Self::Sqlite, Durability::Power) => &[
                "pragma busy_timeout = 10000",
                "pragma journal_mode = wal",
                "pragma synchronous = full",
                "pragma foreign_keys = on",
            ],
            (Self::Sqlite, Durability::Process) => {
                &["pragma busy_timeout = 10000", "pragma journal_mode = wal", "pragma synchronous = off"]
            }
            (Self::Postgres, Durability::Power) => &[],
            (Self::Postgres, Durability::Process) => &["set synchronous_commit = off"],
        }
    }
}
