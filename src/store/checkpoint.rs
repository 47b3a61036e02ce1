//! SQLite's log is carried over to the database (a checkpoint) beside the connection that writes. Left to that connection, each
//! 4,000 pages stop all who write for some 12 ms; what it finds left to carry over is little now, and then the log begins anew.

use std::time::Duration;

use super::Store;
use super::error::StoreError;

/// What is written within so long is carried over together.
const APART: Duration = Duration::from_millis(2);

impl Store {
    /// Carries over what this process writes. Runs until it is dropped; a database in memory has no log.
    pub(super) async fn carry_over(&self) {
        if !self.0.pools.reader.are_of_a_file() {
            return std::future::pending().await;
        }
        let mut changed = self.0.changed_here.subscribe();
        loop {
            // Fails only if the sender is gone, which this store holds.
            let _ = changed.changed().await;
            if let Err(error) = self.checkpoint().await {
                tracing::debug!(%error, "the log was not carried over; whoever writes does it when it is long");
            }
            self.0.clock.sleep(APART).await;
        }
    }

    /// As far as nobody must wait for it.
    async fn checkpoint(&self) -> Result<(), StoreError> {
        sqlx::query("pragma wal_checkpoint(passive)").fetch_all(&mut *self.reader().await?).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::{Clock, Random};

    #[tokio::test]
    async fn what_is_written_reaches_the_file_itself_while_it_is_open() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("rapport.db");
        let url = format!("sqlite:{}", file.display());
        let store = Store::open(&url, "org", Clock::system(), Random::system()).await.expect("opens");
        store.migrate().await.expect("tables");
        let bytes = || std::fs::metadata(&file).expect("the file").len();
        let in_the_log = bytes();
        let written = async {
            store.tell_changed();
            while bytes() == in_the_log {
                tokio::task::yield_now().await;
            }
        };
        let carried = async {
            tokio::select! {
                biased;
                () = store.carry_over() => unreachable!("it goes on until it is dropped"),
                () = written => {}
            }
        };
        store.0.clock.timeout(Duration::from_secs(20), carried).await.expect("it grows");
        store.close().await;
    }
}
