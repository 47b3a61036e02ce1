//! A step that failed in a way nobody foresaw: it is counted, tried again, and at last put before a person.

use jiff::Timestamp;

use super::Store;
use super::errand::Statement;
use super::error::StoreError;
use super::guard::Liveness;
use super::handoff::NewHandoff;
use super::lane::{Lease, State, Suppression};
use super::row::{clean, ms};

/// A failed step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedStep {
    /// The newest event that whoever failed had seen.
    pub seen_seq: i64,
    /// When to try again.
    pub retry_at: Timestamp,
    /// Failures before a person is asked.
    pub attempts_max: u32,
    /// What went wrong, in a sentence for the rep.
    pub reason: String,
    /// An opt-out among the texts that could not be dealt with: it holds all the same (`never-after-stop`).
    pub suppress: Option<Suppression>,
    /// What a person is told when attempts have run out.
    pub handoff: Option<NewHandoff>,
}

impl Store {
    /// Counts a failed step and gives the conversation back: to be tried again, or parked with a person when attempts have
    /// run out. It writes as little as it can, so that what made the step fail does not make this fail too. Does nothing
    /// if the lease was lost.
    ///
    /// # Errors
    /// [`StoreError`]; then the lease runs out by itself.
    pub async fn fail_step(&self, lease: &Lease, failed: &FailedStep) -> Result<(), StoreError> {
        let Some((mut tx, lane)) = self.hold_leased(lease, Liveness::Fenced).await? else { return Ok(()) };
        if let Some(suppression) = &failed.suppress {
            self.suppress_within(&mut tx, suppression, Some(&lane.id)).await?;
        }
        let attempts: i64 = sqlx::query_scalar(
            "update conversation set attempts = attempts + 1, updated_at = $3 where org = $1 and id = $2 returning attempts",
        )
        .bind(self.org())
        .bind(&lane.id)
        .bind(ms(self.now()))
        .fetch_one(tx.connection().await?)
        .await?;
        if attempts < i64::from(failed.attempts_max) {
            self.give_back(&mut tx, &lane.id, Some(failed.retry_at)).await?;
            return self.publish(tx, &lane.id).await;
        }
        sqlx::query(
            "update inbox set handled_at = $3, ending = 'handed_off', reason = $4 \
             where org = $1 and conversation_id = $2 and handled_at is null and seq <= $5",
        )
        .bind(self.org())
        .bind(&lane.id)
        .bind(ms(self.now()))
        .bind(clean(&failed.reason))
        .bind(failed.seen_seq)
        .execute(tx.connection().await?)
        .await?;
        self.set_state(&mut tx, &lane.id, State::Parked, &failed.reason).await?;
        Statement::new("update conversation set attempts = 0 where org = $1 and id = $2")
            .bind(self.org())
            .bind(&lane.id)
            .changes_one("parking a conversation")
            .run_in(&mut tx)
            .await?;
        if let Some(handoff) = &failed.handoff {
            self.add_handoff(&mut tx, &lane.id, handoff).await?;
        }
        // What came meanwhile, perhaps a STOP, nobody has looked at: it wakes a parked conversation as any new text does.
        let wake_at = lane.has_news_after(failed.seen_seq).then(|| self.now());
        self.give_back(&mut tx, &lane.id, wake_at).await?;
        self.publish(tx, &lane.id).await
    }
}
