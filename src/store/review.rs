//! What a rep does with a draft (`a-person-decides`): decided once, by one, against the conversation as it is now.

use jiff::Timestamp;
use serde_json::json;

use super::Store;
use super::desk::{DeskError, Refusal, Review};
use super::draft::{Draft, DraftState};
use super::effect::Purpose;
use super::errand::Statement;
use super::error::StoreError;
use super::guard::{HeldLane, Obstacle};
use super::lane::{Arrival, EventKind, State};
use super::load::{draft_sql, read_draft};
use super::outbox::Queued;
use super::row::{clean, clean_opt, ms};
use super::writer::Tx;

/// How a draft ended.
struct Verdict<'a> {
    state: DraftState,
    edited_text: Option<&'a str>,
    ended_reason: &'a str,
}

impl Store {
    /// Does what a rep wants with a draft, in one transaction: approve or edit queues the text, regenerate asks for a
    /// new draft, reject ends it.
    ///
    /// Of two reps one is first and the other is refused. Nothing is approved that a newer text, an opt-out, a rep who
    /// writes in Close or the kill switch has overtaken.
    ///
    /// # Errors
    /// [`DeskError::Refused`] with a sentence for the rep, or [`StoreError`]; then nothing was changed.
    pub async fn review(&self, draft_id: &str, reviewer: &str, review: Review) -> Result<(), DeskError> {
        let mut tx = self.write().await?;
        match self.review_within(&mut tx, draft_id, reviewer, &review).await {
            Ok(conversation_id) => Ok(self.publish(tx, &conversation_id).await?),
            Err(refused) => {
                tx.give_up().await;
                Err(refused)
            }
        }
    }

    /// A draft.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn draft(&self, draft_id: &str) -> Result<Option<Draft>, StoreError> {
        let mut connection = self.reader().await?;
        self.draft_within(&mut connection, draft_id).await
    }

    /// Returns the conversation's id.
    async fn review_within(
        &self,
        tx: &mut Tx,
        draft_id: &str,
        reviewer: &str,
        review: &Review,
    ) -> Result<String, DeskError> {
        let found = self.draft_within(tx.connection().await?, draft_id).await?.ok_or(Refusal::NotFound)?;
        let lane = self.hold(tx, &found.conversation_id).await?.ok_or(Refusal::NotFound)?;
        // Read again under the conversation's row: another rep may have decided while this one waited for it.
        let draft = self.draft_within(tx.connection().await?, draft_id).await?.ok_or(Refusal::NotFound)?;
        if draft.state != DraftState::Waiting {
            return Err(Refusal::AlreadyDecided { how: draft.state.as_str(), by: draft.reviewer }.into());
        }
        match review {
            Review::Approve { not_before } => {
                self.approve(tx, &lane, &draft, reviewer, (&draft.text, *not_before)).await?;
            }
            Review::Edit { text, not_before } => {
                self.approve(tx, &lane, &draft, reviewer, (text, *not_before)).await?;
            }
            Review::Reject { reason } => self.reject(tx, &draft, reviewer, reason).await?,
            Review::Regenerate { instruction } => self.regenerate(tx, &draft, reviewer, instruction).await?,
        }
        self.ring(tx, &lane.id).await?;
        Ok(lane.id)
    }

    async fn approve(
        &self,
        tx: &mut Tx,
        lane: &HeldLane,
        draft: &Draft,
        reviewer: &str,
        (text, not_before): (&str, Option<Timestamp>),
    ) -> Result<(), DeskError> {
        if let Some(obstacle) = self.obstacle(tx, lane, draft.basis_seq).await? {
            return Err(refusal(obstacle).into());
        }
        let edited = text != draft.text;
        let verdict = Verdict {
            state: if edited { DraftState::Edited } else { DraftState::Approved },
            edited_text: edited.then_some(text),
            ended_reason: "",
        };
        self.decide(tx, draft, reviewer, &verdict).await?;
        let queued = Queued {
            id: &self.new_id("out"),
            conversation_id: &lane.id,
            turn_id: Some(&draft.turn_id),
            draft_id: Some(&draft.id),
            text,
            basis_seq: draft.basis_seq,
            not_before,
            approved_by: Some(reviewer),
            purpose: Purpose::Reply,
        };
        self.queue(tx, &queued).await?;
        // Until when stands beside the text itself, in the reader's zone.
        let waits = not_before.is_some_and(|at| at > self.now());
        let reason = if waits { "Approved. It waits for legal texting hours." } else { "" };
        self.set_state(tx, &lane.id, State::Sending, reason).await?;
        Ok(())
    }

    async fn reject(&self, tx: &mut Tx, draft: &Draft, reviewer: &str, reason: &str) -> Result<(), DeskError> {
        let verdict = Verdict { state: DraftState::Rejected, edited_text: None, ended_reason: reason };
        self.decide(tx, draft, reviewer, &verdict).await?;
        let sentence = match reason {
            "" => format!("{reviewer} rejected the draft."),
            reason => format!("{reviewer} rejected the draft: {reason}"),
        };
        // Whoever asked for a person has got none with the end of a draft (`nothing-lost`).
        let waits = self.waits_for_person(tx, &draft.conversation_id).await?;
        let state = if waits { State::HandedOff } else { State::Quiet };
        self.set_state(tx, &draft.conversation_id, state, &sentence).await?;
        Ok(())
    }

    async fn regenerate(&self, tx: &mut Tx, draft: &Draft, reviewer: &str, instruction: &str) -> Result<(), DeskError> {
        let verdict =
            Verdict { state: DraftState::Replaced, edited_text: None, ended_reason: "A rep asked for a new draft." };
        self.decide(tx, draft, reviewer, &verdict).await?;
        let body = json!({ "instruction": instruction, "previous_text": draft.text, "draft": true, "by": reviewer });
        let wish = Arrival::of_desk(self.new_id("wish"), EventKind::Instruction, self.now(), body);
        self.accept_within(tx, &draft.conversation_id, &wish).await?;
        self.set_state(tx, &draft.conversation_id, State::Working, "").await?;
        Ok(())
    }

    async fn decide(
        &self,
        tx: &mut Tx,
        draft: &Draft,
        reviewer: &str,
        verdict: &Verdict<'_>,
    ) -> Result<(), StoreError> {
        Statement::new(
            "update draft set state = $3, edited_text = $4, ended_reason = $5, reviewer = $6, decided_at = $7 \
             where org = $1 and id = $2 and state = 'waiting'",
        )
        .bind(self.org())
        .bind(&draft.id)
        .bind(verdict.state.as_str())
        .bind(clean_opt(verdict.edited_text))
        .bind(clean(verdict.ended_reason))
        .bind(clean(reviewer))
        .bind(ms(self.now()))
        .changes_one("deciding on a draft")
        .run_in(tx)
        .await
    }

    async fn draft_within(
        &self,
        connection: &mut sqlx::AnyConnection,
        draft_id: &str,
    ) -> Result<Option<Draft>, StoreError> {
        let row =
            sqlx::query(draft_sql!("and id = $2")).bind(self.org()).bind(draft_id).fetch_optional(connection).await?;
        row.as_ref().map(read_draft).transpose()
    }
}

/// An obstacle in the words of the desk.
fn refusal(obstacle: Obstacle) -> Refusal {
    match obstacle {
        Obstacle::Suppressed(_) => Refusal::Suppressed,
        Obstacle::Paused(reason) => Refusal::Paused(reason),
        Obstacle::TakenOver | Obstacle::HumanTexted => Refusal::TakenOver,
        Obstacle::NewerText => Refusal::Stale,
    }
}
