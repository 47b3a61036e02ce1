//! Chores: what one process does from time to time for all of them.

use std::time::Duration;

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::row::ms;
use crate::runtime::clock::after;

impl Store {
    /// Takes a chore that is due, for `hold`. False if it is not due, or another process has it. One that is taken and never
    /// [finished](Store::finish_chore) is due again after `hold`.
    ///
    /// # Errors
    /// [`StoreError`]; then it was not taken.
    pub async fn claim_chore(&self, name: &str, hold: Duration) -> Result<bool, StoreError> {
        let now = self.now();
        let mut tx = self.write().await?;
        let taken = sqlx::query(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) on conflict (org, key) do update \
             set value = excluded.value, updated_at = excluded.updated_at \
             where cast(setting.value as bigint) <= excluded.updated_at",
        )
        .bind(self.org())
        .bind(key(name))
        .bind(ms(after(now, hold)).to_string())
        .bind(ms(now))
        .execute(tx.connection().await?)
        .await?;
        tx.commit().await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Says when a chore is due again.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn finish_chore(&self, name: &str, due_at: Timestamp) -> Result<(), StoreError> {
        self.set_setting(&key(name), &ms(due_at).to_string()).await
    }
}

fn key(name: &str) -> String {
    format!("chore:{name}")
}
