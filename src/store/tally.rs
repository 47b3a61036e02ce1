//! Counting: caps and metrics.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::row::{Columns, ms};

/// Automatic texts decided on, those that failed or were withdrawn left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentCounts {
    /// To this phone in the last 24 hours.
    pub lead_24h: i64,
    /// Of the whole organisation in the last hour.
    pub hour: i64,
    /// Of the whole organisation in the last 24 hours.
    pub day: i64,
}

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
    /// What counts against the caps on automatic texts at `now`. Texts that a rep approved do not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sent_counts(&self, conversation_id: &str, now: Timestamp) -> Result<SentCounts, StoreError> {
        let before = |hours| ms(now.checked_sub(Duration::from_hours(hours)).unwrap_or(Timestamp::MIN));
        let mut tx = self.read().await?;
        let all = sqlx::query(
            "select count(*) as day, cast(coalesce(sum(case when created_at > $3 then 1 else 0 end), 0) as bigint) as hour \
             from outbox where org = $1 and created_at > $2 and approved_by is null and \
             state not in ('failed', 'withdrawn')",
        )
        .bind(self.org())
        .bind(before(24))
        .bind(before(1))
        .fetch_one(&mut *tx)
        .await?;
        let lead = sqlx::query(
            "select count(*) as day from outbox where org = $1 and created_at > $2 and approved_by is null and \
             state not in ('failed', 'withdrawn') and conversation_id in (select id from conversation where org = $1 and \
             their_number = (select their_number from conversation where org = $1 and id = $3))",
        )
        .bind(self.org())
        .bind(before(24))
        .bind(conversation_id)
        .fetch_one(&mut *tx)
        .await?;
        Ok(SentCounts { lead_24h: lead.int("day")?, hour: all.int("hour")?, day: all.int("day")? })
    }

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
