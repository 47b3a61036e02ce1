//! SQLite's log is carried over to the database beside the one who writes, so that no webhook waits for it.
//!
//! By default whoever commits when the log is long does it before it goes on, which takes tens of milliseconds. That
//! remains for a process in which nobody carries, and for a log that grows faster than it is carried.

use std::sync::atomic::{AtomicU64, Ordering};

use sqlx::Executor as _;
use tokio::sync::Notify;

use super::Store;
use super::dialect::Engine;

/// What is written before the log is worth carrying over: about 4 MB of it.
const WORTH_IT: u64 = 300;

/// How much was written since the log was carried over last.
#[derive(Default)]
pub(super) struct Written {
    since: AtomicU64,
    worth_it: Notify,
}

impl Written {
    /// So many rows or changes more.
    pub(super) fn more(&self, amount: usize) {
        let amount = amount as u64;
        let before = self.since.fetch_add(amount, Ordering::Relaxed);
        if before < WORTH_IT && before + amount >= WORTH_IT {
            self.worth_it.notify_one();
        }
    }
}

impl Store {
    /// Carries SQLite's log over whenever it is worth it, for ever. Returns at once for PostgreSQL, which does so itself.
    pub async fn keep_checkpointed(self) {
        if self.engine() != Engine::Sqlite {
            return;
        }
        loop {
            self.0.written.worth_it.notified().await;
            self.0.written.since.store(0, Ordering::Relaxed);
            let carried = match self.reader().await {
                Ok(mut reader) => reader.execute("pragma wal_checkpoint(passive)").await.map(drop).map_err(Into::into),
                Err(error) => Err(error),
            };
            if let Err(error) = carried {
                tracing::debug!(%error, "the log is carried over later");
            }
        }
    }
}
