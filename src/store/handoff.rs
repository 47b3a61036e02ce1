//! Handoffs, and the tasks at Close that tell a person of them: one open task for one handoff, whatever crashes or times out.
//!
//! A task is made beside the conversation's own steps, so that losing it holds up nothing. Making one is a POST whose answer
//! can be lost, as with a text: that it begins is written first, and what became of it is read back before it is made again.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::errand::Statement;
use super::error::StoreError;
use super::row::{Columns, clean, clean_opt, ms, ms_opt};
use super::writer::Tx;
use crate::conversation::{Handoff, HandoffKind};
use crate::runtime::clock::after;

/// A lead is told that a person will answer at most once in so long.
const AGAIN_AFTER: Duration = Duration::from_hours(24);
/// Rows taken at once.
const TAKEN_MAX: i64 = 20;

/// How far the task of a handoff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskState {
    /// No task is wanted: the desk alone tells of the handoff.
    Unwanted,
    /// To be made.
    Wanted,
    /// The POST has begun; its answer is not known.
    Making,
    /// Close holds it.
    Made,
    /// The task of an earlier handoff is still open, and is enough.
    Joined,
    /// Close refused it.
    Failed,
    /// Somebody had answered before it was made.
    Needless,
}

impl TaskState {
    const ALL: &[Self] =
        &[Self::Unwanted, Self::Wanted, Self::Making, Self::Made, Self::Joined, Self::Failed, Self::Needless];

    /// The name in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unwanted => "unwanted",
            Self::Wanted => "wanted",
            Self::Making => "making",
            Self::Made => "made",
            Self::Joined => "joined",
            Self::Failed => "failed",
            Self::Needless => "needless",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }
}

/// A handoff to write down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHandoff {
    /// `hand_…`.
    pub id: String,
    /// The turn that decided on it, if one did.
    pub turn_id: Option<String>,
    /// Why, what was said, what to do next.
    pub handoff: Handoff,
    /// Whether a task at Close shall tell of it.
    pub wants_task: bool,
}

/// A handoff as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandoffRecord {
    /// `hand_…`.
    pub id: String,
    /// The conversation.
    pub conversation_id: String,
    /// Why, what was said, what to do next.
    pub handoff: Handoff,
    /// How far its task is.
    pub state: TaskState,
    /// The task of the handoff before, which may still be open.
    pub follows_task_id: Option<String>,
    /// Close's task, once known.
    pub task_id: Option<String>,
    /// What went wrong last; empty if nothing.
    pub error: String,
    /// Attempts at its task that came to nothing.
    pub attempts: u32,
    /// The fencing number of whoever works on its task.
    pub epoch: i64,
    /// When it was decided.
    pub created_at: Timestamp,
    /// Somebody answered the lead since, or said that it is done.
    pub is_settled: bool,
}

/// How an attempt at a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskProgress {
    /// Close holds it.
    Made {
        /// Close's id.
        task_id: String,
    },
    /// The task before is still open.
    Joined {
        /// Close's id.
        task_id: String,
    },
    /// Certain that Close holds none: to be made at `at`.
    NotMade {
        /// When.
        at: Timestamp,
        /// Why, for the rep.
        error: String,
    },
    /// The answer is not known: to be read back at `at`.
    Unclear {
        /// When.
        at: Timestamp,
        /// What happened, for the rep.
        error: String,
    },
    /// It will not be made.
    Failed {
        /// Why, for the rep.
        error: String,
    },
    /// Nobody needs it any more.
    Needless,
}

/// A rep or a reply of ours has answered since the row of this alias was made: not the words that only say that a person will.
macro_rules! answered_since_sql {
    ($row:literal) => {
        concat!(
            "exists (select 1 from message m where m.org = ",
            $row,
            ".org and m.conversation_id = ",
            $row,
            ".conversation_id and m.author in ('agent', 'rep') and m.at > ",
            $row,
            ".created_at and not exists (select 1 from outbox o where o.org = m.org and o.activity_id = m.activity_id and \
             o.purpose = 'acknowledgement'))"
        )
    };
}
pub(super) use answered_since_sql;

macro_rules! handoff_sql {
    ($($rest:tt)*) => {
        concat!(
            "select h.id, h.conversation_id, h.kind, h.reason, h.summary, h.next_step, h.state, h.follows_task_id, \
             h.task_id, h.error, h.attempts, h.epoch, h.created_at, cast(case when h.closed_at is not null or ",
            answered_since_sql!("h"),
            " then 1 else 0 end as bigint) as settled from handoff h where h.org = $1 ",
            $($rest)*
        )
    };
}

impl Store {
    /// The newest handoff of a conversation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn handoff(&self, conversation_id: &str) -> Result<Option<HandoffRecord>, StoreError> {
        self.newest_handoff(&mut *self.reader().await?, conversation_id).await
    }

    /// May the lead be told now that a person will answer? At most once in 24 hours, and not again while nobody has
    /// answered since the last time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn may_acknowledge(&self, conversation_id: &str) -> Result<bool, StoreError> {
        let day_ago = self.now().checked_sub(AGAIN_AFTER).unwrap_or(Timestamp::MIN);
        let told = sqlx::query(concat!(
            "select 1 as found from outbox a where a.org = $1 and a.purpose = 'acknowledgement' and \
             a.state not in ('withdrawn', 'failed') and a.conversation_id in (select id from conversation where org = $1 and \
             their_number = (select their_number from conversation where org = $1 and id = $2)) and (a.created_at > $3 or not ",
            answered_since_sql!("a"),
            ") limit 1"
        ))
        .bind(self.org())
        .bind(clean(conversation_id))
        .bind(ms(day_ago))
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        Ok(told.is_none())
    }

    /// Takes handoffs whose task is due, for `hold`: whoever takes one bears its fencing number from then on. One that is
    /// taken and not heard of again is due again after `hold`.
    ///
    /// # Errors
    /// [`StoreError`]; then none was taken.
    pub async fn take_handoffs(&self, hold: Duration) -> Result<Vec<HandoffRecord>, StoreError> {
        let now = self.now();
        let due = sqlx::query(handoff_sql!("and h.next_at <= $2 order by h.next_at, h.id limit $3"))
            .bind(self.org())
            .bind(ms(now))
            .bind(TAKEN_MAX)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        let mut taken = Vec::new();
        for row in &due {
            let record = read_handoff(row)?;
            let mut tx = self.write().await?;
            let changed = sqlx::query(
                "update handoff set epoch = epoch + 1, next_at = $4 where org = $1 and id = $2 and epoch = $3 and \
                 next_at <= $5",
            )
            .bind(self.org())
            .bind(&record.id)
            .bind(record.epoch)
            .bind(ms(after(now, hold)))
            .bind(ms(now))
            .execute(tx.connection().await?)
            .await?;
            tx.commit().await?;
            if changed.rows_affected() == 1 {
                taken.push(HandoffRecord { epoch: record.epoch + 1, ..record });
            }
        }
        Ok(taken)
    }

    /// May the task be made now? If so, its POST counts as begun, and is read back at `read_back_at` if nothing is heard of
    /// it. False if somebody else took the handoff, or its time has run out.
    ///
    /// # Errors
    /// [`StoreError`]; then it may not.
    pub async fn begin_task(&self, handoff: &HandoffRecord, read_back_at: Timestamp) -> Result<bool, StoreError> {
        let now = self.now();
        let mut tx = self.write().await?;
        let changed = sqlx::query(
            "update handoff set state = 'making', next_at = $4, updated_at = $5 where org = $1 and id = $2 and \
             epoch = $3 and state = 'wanted' and next_at > $5",
        )
        .bind(self.org())
        .bind(&handoff.id)
        .bind(handoff.epoch)
        .bind(ms(read_back_at))
        .bind(ms(now))
        .execute(tx.connection().await?)
        .await?;
        tx.commit().await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Writes how an attempt ended. False if somebody else took the handoff: then nothing was written, and they find out
    /// from Close.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written.
    pub async fn end_task(&self, handoff: &HandoffRecord, progress: &TaskProgress) -> Result<bool, StoreError> {
        let (state, task_id, next_at, error) = match progress {
            TaskProgress::Made { task_id } => (TaskState::Made, Some(task_id), None, ""),
            TaskProgress::Joined { task_id } => (TaskState::Joined, Some(task_id), None, ""),
            TaskProgress::NotMade { at, error } => (TaskState::Wanted, None, Some(*at), error.as_str()),
            TaskProgress::Unclear { at, error } => (TaskState::Making, None, Some(*at), error.as_str()),
            TaskProgress::Failed { error } => (TaskState::Failed, None, None, error.as_str()),
            TaskProgress::Needless => (TaskState::Needless, None, None, ""),
        };
        let mut tx = self.write().await?;
        let changed = sqlx::query(
            "update handoff set state = $4, task_id = $5, next_at = $6, error = $7, attempts = attempts + $8, \
             updated_at = $9 where org = $1 and id = $2 and epoch = $3 and state in ('wanted', 'making')",
        )
        .bind(self.org())
        .bind(&handoff.id)
        .bind(handoff.epoch)
        .bind(state.as_str())
        .bind(clean_opt(task_id.map(String::as_str)))
        .bind(ms_opt(next_at))
        .bind(clean(error))
        .bind(i64::from(next_at.is_some()))
        .bind(ms(self.now()))
        .execute(tx.connection().await?)
        .await?;
        self.publish(tx, &handoff.conversation_id).await?;
        Ok(changed.rows_affected() == 1)
    }

    /// Writes a handoff down. While the one before is not settled and its task not made, the two are one, with the newer words: a
    /// task that is being made keeps those it began with, and is found by its reference. Where the task was made, the new one
    /// names it, so that it is only made again if it was done meanwhile.
    pub(super) async fn add_handoff(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        new: &NewHandoff,
    ) -> Result<(), StoreError> {
        let before =
            self.newest_handoff(tx.connection().await?, conversation_id).await?.filter(|handoff| !handoff.is_settled);
        let follows = match &before {
            Some(HandoffRecord { state: TaskState::Unwanted | TaskState::Wanted | TaskState::Making, id, .. }) => {
                return self.reword_handoff(tx, id, &new.handoff).await;
            }
            Some(before) => before.task_id.as_deref(),
            None => None,
        };
        let (state, next_at) =
            if new.wants_task { (TaskState::Wanted, Some(self.now())) } else { (TaskState::Unwanted, None) };
        Statement::new(
            "insert into handoff (org, id, conversation_id, turn_id, kind, reason, summary, next_step, state, \
             follows_task_id, error, attempts, epoch, next_at, created_at, updated_at) values ($1, $2, $3, $4, $5, $6, $7, \
             $8, $9, $10, '', 0, 0, $11, $12, $12)",
        )
        .bind(self.org())
        .bind(&new.id)
        .bind(conversation_id)
        .bind(clean_opt(new.turn_id.as_deref()))
        .bind(new.handoff.kind.as_str())
        .bind(clean(&new.handoff.reason))
        .bind(clean(&new.handoff.summary))
        .bind(clean(&new.handoff.next_step))
        .bind(state.as_str())
        .bind(clean_opt(follows))
        .bind(ms_opt(next_at))
        .bind(ms(self.now()))
        .run_in(tx)
        .await
    }

    async fn reword_handoff(&self, tx: &mut Tx, id: &str, handoff: &Handoff) -> Result<(), StoreError> {
        Statement::new(
            "update handoff set kind = $3, reason = $4, summary = $5, next_step = $6, updated_at = $7 \
             where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(id)
        .bind(handoff.kind.as_str())
        .bind(clean(&handoff.reason))
        .bind(clean(&handoff.summary))
        .bind(clean(&handoff.next_step))
        .bind(ms(self.now()))
        .run_in(tx)
        .await
    }

    /// A rep says that what was handed off is done.
    pub(super) async fn close_handoffs(&self, tx: &mut Tx, conversation_id: &str) -> Result<(), StoreError> {
        Statement::new(
            "update handoff set closed_at = $3, updated_at = $3 where org = $1 and conversation_id = $2 and \
             closed_at is null",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(ms(self.now()))
        .run_in(tx)
        .await
    }

    /// Somebody was asked to answer, and nobody has, nor said that it is done.
    pub(super) async fn waits_for_person(&self, tx: &mut Tx, conversation_id: &str) -> Result<bool, StoreError> {
        let newest = self.newest_handoff(tx.connection().await?, conversation_id).await?;
        Ok(newest.is_some_and(|handoff| !handoff.is_settled))
    }

    async fn newest_handoff(
        &self,
        connection: &mut AnyConnection,
        conversation_id: &str,
    ) -> Result<Option<HandoffRecord>, StoreError> {
        let row = sqlx::query(handoff_sql!("and h.conversation_id = $2 order by h.created_at desc, h.id desc limit 1"))
            .bind(self.org())
            .bind(clean(conversation_id))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(read_handoff).transpose()
    }
}

fn read_handoff(row: &AnyRow) -> Result<HandoffRecord, StoreError> {
    Ok(HandoffRecord {
        id: row.text("id")?,
        conversation_id: row.text("conversation_id")?,
        handoff: Handoff {
            kind: row.name("kind", HandoffKind::parse)?,
            reason: row.text("reason")?,
            summary: row.text("summary")?,
            next_step: row.text("next_step")?,
        },
        state: row.name("state", TaskState::parse)?,
        follows_task_id: row.text_opt("follows_task_id")?,
        task_id: row.text_opt("task_id")?,
        error: row.text("error")?,
        attempts: row.small("attempts")?,
        epoch: row.int("epoch")?,
        created_at: row.at("created_at")?,
        is_settled: row.int("settled")? != 0,
    })
}
