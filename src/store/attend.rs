//! What a rep does with a conversation, other than with its draft.

use jiff::Timestamp;
use serde_json::json;

use super::Store;
use super::desk::{DeskError, Refusal};
use super::error::StoreError;
use super::guard::HeldLane;
use super::lane::{Arrival, EventKind, Source, State};
use super::row::{Columns, clean, ms, ms_opt, one_row};
use super::writer::Tx;
use crate::conversation::Mode;

impl Store {
    /// A rep takes the conversation over until `until`: Rapport is silent, and what waits is withdrawn
    /// (`never-over-a-human`).
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn take_over(&self, conversation_id: &str, reviewer: &str, until: Timestamp) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        let reason = format!("{reviewer} took over.");
        self.withdraw(&mut tx, &lane.id, &reason).await?;
        self.set_takeover(&mut tx, &lane.id, Some(until)).await?;
        self.set_state(&mut tx, &lane.id, State::TakenOver, &reason).await?;
        self.finish_act(tx, &lane, "take_over", reviewer).await
    }

    /// A rep gives the conversation back; Rapport goes on with what came meanwhile.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn hand_back(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        self.set_takeover(&mut tx, &lane.id, None).await?;
        if lane.state == State::TakenOver {
            let unanswered = self.has_unhandled_text(&mut tx, &lane.id).await?;
            let state = if unanswered { State::Working } else { State::Quiet };
            self.set_state(&mut tx, &lane.id, state, "").await?;
        }
        self.finish_act(tx, &lane, "hand_back", reviewer).await
    }

    /// Sets the conversation's own mode; none returns to the general one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn set_mode(&self, conversation_id: &str, mode: Option<Mode>, reviewer: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        let changed = sqlx::query("update conversation set mode = $3, updated_at = $4 where org = $1 and id = $2")
            .bind(self.org())
            .bind(&lane.id)
            .bind(mode.map(Mode::as_str))
            .bind(ms(self.now()))
            .execute(&mut *tx)
            .await?;
        one_row(&changed, "setting a conversation's mode")?;
        let detail = mode.map_or("default", Mode::as_str);
        self.note_act(&mut tx, Some(&lane.id), "set_mode", reviewer, detail).await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    /// Asks for the lead's last texts to be answered again, by itself or with a person's help.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn ask_again(&self, conversation_id: &str, by: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        let now = self.now();
        let wish = Arrival {
            source: Source::Desk,
            event_id: self.new_id("retry"),
            kind: EventKind::Instruction,
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: None,
            occurred_at: now,
            received_at: now,
            body: json!({ "instruction": "", "previous_text": "", "by": by }),
        };
        self.accept_within(&mut tx, &lane.id, &wish).await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    /// A rep has dealt with a hand-off, a parked conversation or a failed text: it leaves the list of what waits.
    ///
    /// Texts that a parked conversation could not answer end as handed off.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn dismiss(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        let now = ms(self.now());
        sqlx::query(
            "update outbox set failure_seen = 1 where org = $1 and conversation_id = $2 and state = 'failed' and \
             failure_seen = 0",
        )
        .bind(self.org())
        .bind(&lane.id)
        .execute(&mut *tx)
        .await?;
        if lane.state == State::Parked {
            // A parked lane sleeps. If it has an alarm again, something new came, which is not what the rep dismissed.
            sqlx::query(
                "update inbox set handled_at = $3, ending = 'handed_off', reason = $4 \
                 where org = $1 and conversation_id = $2 and handled_at is null and \
                 exists (select 1 from conversation c where c.org = $1 and c.id = $2 and c.wake_at is null)",
            )
            .bind(self.org())
            .bind(&lane.id)
            .bind(now)
            .bind(clean(&format!("{reviewer} dealt with it.")))
            .execute(&mut *tx)
            .await?;
        }
        if matches!(lane.state, State::Parked | State::HandedOff) {
            let reason = format!("{reviewer} dealt with it.");
            self.set_state(&mut tx, &lane.id, State::Quiet, &reason).await?;
        }
        self.close_handoffs(&mut tx, &lane.id).await?;
        self.note_act(&mut tx, Some(&lane.id), "dismiss", reviewer, "").await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    /// Holds a conversation for a rep.
    async fn hold_for(&self, conversation_id: &str) -> Result<(Tx, HeldLane), DeskError> {
        let mut tx = self.write().await?;
        let lane = self.hold(&mut tx, conversation_id).await?.ok_or(Refusal::NotFound)?;
        Ok((tx, lane))
    }

    /// Records the act, wakes the conversation, commits.
    async fn finish_act(&self, mut tx: Tx, lane: &HeldLane, act: &str, reviewer: &str) -> Result<(), DeskError> {
        self.note_act(&mut tx, Some(&lane.id), act, reviewer, "").await?;
        self.ring(&mut tx, &lane.id).await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    async fn set_takeover(&self, tx: &mut Tx, id: &str, until: Option<Timestamp>) -> Result<(), StoreError> {
        let changed = sqlx::query("update conversation set takeover_until = $3 where org = $1 and id = $2")
            .bind(self.org())
            .bind(clean(id))
            .bind(ms_opt(until))
            .execute(&mut **tx)
            .await?;
        one_row(&changed, "setting the end of a takeover")
    }

    async fn has_unhandled_text(&self, tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select count(*) as texts from inbox where org = $1 and conversation_id = $2 and handled_at is null and \
             kind in ('lead_text', 'instruction')",
        )
        .bind(self.org())
        .bind(clean(id))
        .fetch_one(&mut **tx)
        .await?;
        Ok(row.int("texts")? > 0)
    }

    /// Records what a person did (`always-explained`).
    pub(super) async fn note_act(
        &self,
        tx: &mut Tx,
        conversation_id: Option<&str>,
        act: &str,
        by: &str,
        detail: &str,
    ) -> Result<(), StoreError> {
        let now = self.now();
        let note = Arrival {
            source: Source::Desk,
            event_id: self.new_id("act"),
            kind: EventKind::Noted,
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: None,
            occurred_at: now,
            received_at: now,
            body: json!({ "act": act, "by": by, "detail": detail }),
        };
        self.record_within(tx, conversation_id, &note).await
    }
}
