//! What a rep does with a conversation, other than with its draft.

use jiff::Timestamp;
use serde_json::json;

use super::Store;
use super::desk::{DeskError, Refusal};
use super::errand::{Parameter, Question, Statement};
use super::error::StoreError;
use super::guard::HeldLane;
use super::lane::{Arrival, EventKind, State};
use super::row::{Columns, clean, ms, ms_opt};
use super::writer::Tx;
use crate::conversation::{Author, Mode};

/// Who wrote last. $1 org, $2 conversation.
const LAST_AUTHOR: Question = Question {
    sql: "select author from message where org = $1 and conversation_id = $2 order by at desc, activity_id desc limit 1",
    parameters: 2,
};

/// Why a conversation in this state is not tried again; none if it may be. Everything but what waits for a person goes on by
/// itself, or must not.
fn why_not_again(state: State) -> Option<&'static str> {
    match state {
        State::Parked | State::HandedOff => None,
        State::Quiet => Some("is quiet: nothing waits there"),
        State::Working => Some("is being worked on already"),
        State::Sending => Some("has a text on its way"),
        State::DraftWaiting => Some("has a draft: decide on it on the desk"),
        State::TakenOver => Some("is with a rep: hand it back on the desk first"),
        State::OptedOut => Some("is with a lead who asked not to be texted"),
    }
}

const FROM_CLOSE: &str = "A rep is texting with this lead from Close.";

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

    /// A rep texts this phone, from whichever number: until `until` Rapport is silent there (`never-over-a-human`).
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn rep_texts(&self, phone: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.silence(&mut tx, phone, None, until).await?;
        self.publish(tx, phone).await
    }

    /// Silences a phone's conversations, but for the one that is `held`: what waits there is withdrawn. Those in which nothing is
    /// under way look as before.
    pub(super) async fn silence(
        &self,
        tx: &mut Tx,
        phone: &str,
        held: Option<&str>,
        until: Timestamp,
    ) -> Result<(), StoreError> {
        for (id, state) in self.conversations_with(tx, phone).await? {
            if held == Some(id.as_str()) {
                continue;
            }
            self.withdraw(tx, &id, FROM_CLOSE).await?;
            Statement::new(
                "update conversation set takeover_until = case when takeover_until > $3 then takeover_until else $3 end \
                 where org = $1 and id = $2",
            )
            .bind(self.org())
            .bind(&id)
            .bind(ms(until))
            .changes_one("silencing a conversation")
            .run_in(tx)
            .await?;
            if matches!(state, State::Working | State::DraftWaiting | State::Sending) {
                self.set_state(tx, &id, State::TakenOver, FROM_CLOSE).await?;
            }
            self.ring(tx, &id).await?;
        }
        Ok(())
    }

    /// A rep gives the conversation back; Rapport goes on with what came meanwhile, and answers a lead who had the last word.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn hand_back(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        self.set_takeover(&mut tx, &lane.id, None).await?;
        if lane.state == State::TakenOver {
            if self.has_unhandled_text(&mut tx, &lane.id).await? {
                self.set_state(&mut tx, &lane.id, State::Working, "").await?;
            } else if self.ends_with_lead(&mut tx, &lane.id).await? {
                self.wish_again(&mut tx, &lane, reviewer, false).await?;
            } else {
                self.set_state(&mut tx, &lane.id, State::Quiet, "").await?;
            }
        }
        self.finish_act(tx, &lane, "hand_back", reviewer).await
    }

    /// Sets the conversation's own mode; none returns to the general one.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], or [`StoreError`]; then nothing was changed.
    pub async fn set_mode(&self, conversation_id: &str, mode: Option<Mode>, reviewer: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        Statement::new("update conversation set mode = $3, updated_at = $4 where org = $1 and id = $2")
            .bind(self.org())
            .bind(&lane.id)
            .bind(mode.map(Mode::as_str))
            .bind(ms(self.now()))
            .changes_one("setting a conversation's mode")
            .run_in(&mut tx)
            .await?;
        let detail = mode.map_or("default", Mode::as_str);
        self.note_act(&mut tx, Some(&lane.id), "set_mode", reviewer, detail).await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    /// Asks for the lead's last texts to be answered again: a hand-off with a draft for a person, a parked conversation as it
    /// would have been.
    ///
    /// # Errors
    /// [`Refusal::NotFound`], [`Refusal::NotWaiting`] if neither is the case by now, or [`StoreError`]; then nothing was
    /// changed.
    pub async fn ask_again(&self, conversation_id: &str, by: &str) -> Result<(), DeskError> {
        let (mut tx, lane) = self.hold_for(conversation_id).await?;
        if let Some(why) = why_not_again(lane.state) {
            tx.give_up().await;
            return Err(Refusal::NotWaiting(why).into());
        }
        let is_handed_off = lane.state == State::HandedOff;
        // A bare "Cancel" stands before a person, and is a stop all the same: no draft can come of it.
        if is_handed_off && self.suppression_within(tx.connection().await?, &lane.their_number).await?.is_some() {
            tx.give_up().await;
            return Err(Refusal::Suppressed.into());
        }
        self.wish_again(&mut tx, &lane, by, is_handed_off).await?;
        Ok(self.publish(tx, &lane.id).await?)
    }

    async fn wish_again(&self, tx: &mut Tx, lane: &HeldLane, by: &str, draft: bool) -> Result<(), StoreError> {
        let body = json!({ "instruction": "", "previous_text": "", "draft": draft, "by": by });
        let wish = Arrival::of_desk(self.new_id("retry"), EventKind::Instruction, self.now(), body);
        self.accept_within(tx, &lane.id, &wish).await?;
        self.set_state(tx, &lane.id, State::Working, "").await
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
        .execute(tx.connection().await?)
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
            .execute(tx.connection().await?)
            .await?;
        }
        if matches!(lane.state, State::Parked | State::HandedOff) {
            let stop = self.suppression_within(tx.connection().await?, &lane.their_number).await?;
            let (state, reason) = match stop {
                Some(stop) => (State::OptedOut, stop.sentence()),
                None => (State::Quiet, format!("{reviewer} dealt with it.")),
            };
            self.set_state(&mut tx, &lane.id, state, &reason).await?;
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
        Statement::new("update conversation set takeover_until = $3 where org = $1 and id = $2")
            .bind(self.org())
            .bind(clean(id))
            .bind(ms_opt(until))
            .changes_one("setting the end of a takeover")
            .run_in(tx)
            .await
    }

    async fn has_unhandled_text(&self, tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select count(*) as texts from inbox where org = $1 and conversation_id = $2 and handled_at is null and \
             kind in ('lead_text', 'instruction')",
        )
        .bind(self.org())
        .bind(clean(id))
        .fetch_one(tx.connection().await?)
        .await?;
        Ok(row.int("texts")? > 0)
    }

    async fn ends_with_lead(&self, tx: &mut Tx, id: &str) -> Result<bool, StoreError> {
        let id = clean(id);
        let [last] = tx.ask([LAST_AUTHOR], &[Parameter::Text(self.org()), Parameter::Text(&id)]).await?;
        Ok(last.first().map(|row| row.text("author")).transpose()?.as_deref() == Some(Author::Lead.as_str()))
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
        let body = json!({ "act": act, "by": by, "detail": detail });
        let note = Arrival::of_desk(self.new_id("act"), EventKind::Noted, self.now(), body);
        self.record_within(tx, conversation_id, &note).await
    }
}
