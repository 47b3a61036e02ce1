//! Counting, for metrics.

use std::collections::BTreeMap;

use super::Store;
use super::error::StoreError;
use super::row::Columns;

/// How much there is of what, for metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Conversations by the name of their state.
    pub conversations: BTreeMap<String, i64>,
    /// Inbox events not dealt with.
    pub inbox_unhandled: i64,
    /// Texts on their way.
    pub outbox_open: i64,
}

impl Store {
    /// How much there is of what.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        let mut tx = self.read().await?;
        let states = sqlx::query("select state, count(*) as amount from conversation where org = $1 group by state")
            .bind(self.org())
            .fetch_all(&mut *tx)
            .await?;
        let inbox = sqlx::query("select count(*) as amount from inbox where org = $1 and handled_at is null")
            .bind(self.org())
            .fetch_one(&mut *tx)
            .await?;
        let outbox = sqlx::query(
            "select count(*) as amount from outbox where org = $1 and \
             state in ('queued', 'drafting', 'drafted', 'sending', 'accepted')",
        )
        .bind(self.org())
        .fetch_one(&mut *tx)
        .await?;
        let conversations =
            states.iter().map(|row| Ok((row.text("state")?, row.int("amount")?))).collect::<Result<_, StoreError>>()?;
        Ok(Counts { conversations, inbox_unhandled: inbox.int("amount")?, outbox_open: outbox.int("amount")? })
    }
}
