//! Leads move under a conversation: an unknown sender is given one, merged ones go on under another id.

use super::Store;
use super::error::StoreError;
use super::lane::NumberPair;
use super::row::{clean, clean_opt, ms};

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

    /// Gives a conversation the lead, and the contact if one is named, that Close has put its texts under. One that is not there, or
    /// has them already, is left as it is.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn attach(
        &self,
        numbers: &NumberPair,
        lead_id: &str,
        contact_id: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(
            "update conversation set lead_id = $4, contact_id = coalesce($5, contact_id), updated_at = $6 where org = $1 \
             and our_number = $2 and their_number = $3 and (coalesce(lead_id, '') <> $4 or coalesce(contact_id, '') <> $5)",
        )
        .bind(self.org())
        .bind(clean(&numbers.ours))
        .bind(clean(&numbers.theirs))
        .bind(clean(lead_id))
        .bind(clean_opt(contact_id))
        .bind(ms(self.now()))
        .execute(tx.connection().await?)
        .await?;
        tx.commit().await
    }
}
