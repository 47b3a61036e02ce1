//! Leads move under a conversation: merged ones go on under another id.

use super::Store;
use super::error::StoreError;
use super::row::{clean, ms};

impl Store {
    /// Gives the conversations of a merged lead its new id. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn move_lead(&self, from: &str, to: &str) -> Result<u64, StoreError> {
        let mut tx = self.write().await?;
        let moved =
            sqlx::query("update conversation set lead_id = $3, updated_at = $4 where org = $1 and lead_id = $2")
                .bind(self.org())
                .bind(clean(from))
                .bind(clean(to))
                .bind(ms(self.now()))
                .execute(tx.connection().await?)
                .await?;
        tx.commit().await?;
        Ok(moved.rows_affected())
    }
}
