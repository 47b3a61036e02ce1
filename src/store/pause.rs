//! The kill switch.

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::lane::State;
use super::row::{Columns, ms};
use super::writer::Tx;

/// The setting that holds why and by whom Rapport is paused.
const PAUSED: &str = "paused";

/// A pause that is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Why, and by whom.
    pub why: String,
    /// Since when. It names the pause: whoever lifts one says which.
    pub since: Timestamp,
}

/// What became of a wish to lift a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifting {
    /// It is over.
    Lifted,
    /// It had ended already.
    NotPaused,
    /// This one was made meanwhile, and stays.
    PausedAnew(Pause),
}

impl Store {
    /// The pause that is in force; none while Rapport works.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paused(&self) -> Result<Option<Pause>, StoreError> {
        let row = sqlx::query("select value, updated_at from setting where org = $1 and key = $2")
            .bind(self.org())
            .bind(PAUSED)
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.map(|row| Ok(Pause { why: row.text("value")?, since: row.at("updated_at")? })).transpose()
    }

    /// The kill switch: from now on nothing is sent. Everything that is not on its way is withdrawn, and its
    /// conversations go to a rep; [`Store::resume`] restores none of it.
    ///
    /// # Errors
    /// [`StoreError`]; Rapport may be paused all the same, and what was queued is taken back when its turn comes.
    pub async fn pause(&self, reason: &str, by: &str) -> Result<Pause, StoreError> {
        let why = if reason.is_empty() { format!("by {by}") } else { format!("{reason}, by {by}") };
        let mut tx = self.write().await?;
        let since = self.put_setting(&mut tx, PAUSED, &why).await?;
        self.note_act(&mut tx, None, "pause", by, reason).await?;
        self.publish(tx, PAUSED).await?;
        self.take_back_for_pause(&why).await?;
        Ok(Pause { why, since })
    }

    /// Whoever cleared a text before the pause was there holds its conversation until it has begun to leave. Looked for after
    /// the pause is there, it is waited for: nothing begins to leave once this has returned (`a-person-decides`).
    async fn take_back_for_pause(&self, why: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let rows = sqlx::query(
            "select id from conversation where org = $1 and id in (select conversation_id from outbox \
             where org = $1 and state in ('queued', 'drafting', 'drafted')) order by our_number, their_number",
        )
        .bind(self.org())
        .fetch_all(tx.connection().await?)
        .await?;
        let held = format!("Rapport was paused ({why}) before the reply was sent. It was taken back.");
        for row in &rows {
            let id = row.text("id")?;
            self.hold(&mut tx, &id).await?;
            // One that was waited for may be on its way by now.
            if self.withdraw_effects(&mut tx, &id, &held).await? {
                self.set_state(&mut tx, &id, State::HandedOff, &held).await?;
                self.ring(&mut tx, &id).await?;
            }
        }
        self.publish(tx, PAUSED).await
    }

    /// Ends the pause that began at `since`, and no other: a wish that was long on its way must not lift a pause that whoever
    /// wished it has not seen (`a-person-decides`).
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn resume(&self, by: &str, since: Timestamp) -> Result<Lifting, StoreError> {
        let mut tx = self.write().await?;
        if !self.lift(&mut tx, since).await? {
            drop(tx);
            return Ok(self.paused().await?.map_or(Lifting::NotPaused, Lifting::PausedAnew));
        }
        self.note_act(&mut tx, None, "resume", by, "").await?;
        self.publish(tx, PAUSED).await?;
        Ok(Lifting::Lifted)
    }

    async fn lift(&self, tx: &mut Tx, since: Timestamp) -> Result<bool, StoreError> {
        let ended = sqlx::query("delete from setting where org = $1 and key = $2 and updated_at = $3")
            .bind(self.org())
            .bind(PAUSED)
            .bind(ms(since))
            .execute(tx.connection().await?)
            .await?;
        Ok(ended.rows_affected() > 0)
    }
}
