//! One step of a worker, written at once or not at all.

use jiff::Timestamp;

use super::Store;
use super::effect::Purpose;
use super::errand::Statement;
use super::error::StoreError;
use super::guard::HeldLane;
use super::lane::{Applied, Handled, LaneChange, Lease, Settled, Shown, State};
use super::outbox::Queued;
use super::row::{clean, clean_opt, ms, ms_opt};
use super::writer::Tx;
use crate::runtime::sabotage::{self, Sabotage};
use crate::store::draft::NewDraft;
use crate::store::turn::TurnRecord;

/// The outcome and the reason of a turn that came too late.
const SUPERSEDED: (&str, &str) = ("superseded", "The conversation moved on while this was written.");

/// Whether the conversation is to show what a change says of it.
fn is_shown(lane: &HeldLane, change: &LaneChange, now: Timestamp) -> bool {
    match change.shown {
        Shown::Always => true,
        Shown::UnlessTakenOver => {
            lane.state != State::TakenOver || lane.takeover_until.is_none_or(|until| until <= now)
        }
        Shown::WhileSending => lane.state == State::Sending,
    }
}

impl Store {
    /// Writes a worker's change and gives the lease back, or follows it with the next one, in one transaction.
    ///
    /// The conversation wakes at [`LaneChange::wake_at`], earlier if an effect is due, and at once if something came that
    /// the change has not seen.
    ///
    /// The change is superseded when it asks for that to be checked and a newer text of the lead came, or somebody took over,
    /// stopped the phone or decided on a draft meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written and the lease still runs.
    pub async fn commit(&self, lease: &Lease, change: LaneChange) -> Result<Applied, StoreError> {
        let Some((mut tx, lane, is_superseded)) = self.hold_for_change(lease, &change).await? else {
            return Ok(Applied::LeaseLost);
        };
        if !is_superseded {
            return self.commit_held(tx, &lane, change).await;
        }
        if let Some(turn) = &change.turn {
            let record = TurnRecord { outcome: SUPERSEDED.0.into(), reason: SUPERSEDED.1.into(), ..turn.clone() };
            self.add_turn(&mut tx, &lane.id, change.seen_seq, &record).await?;
        }
        self.give_back(&mut tx, &lane.id, Some(self.now())).await?;
        self.publish(tx, &lane.id).await?;
        Ok(Applied::Superseded)
    }

    /// [`Store::commit`] of a transaction that has checked the lease and may have written more.
    pub(super) async fn commit_held(
        &self,
        mut tx: Tx,
        lane: &HeldLane,
        change: LaneChange,
    ) -> Result<Applied, StoreError> {
        let is_shown = is_shown(lane, &change, self.now());
        let change = if is_shown { change } else { LaneChange { state: None, handoff: None, ..change } };
        self.apply_facts(&mut tx, lane, &change).await?;
        self.apply_outcome(&mut tx, lane, &change).await?;
        let wake_at = self.alarm_after(&mut tx, lane, change.seen_seq, change.wake_at).await?;
        let now = self.now();
        let goes_on = change.goes_on && lane.is_leased_at(now) && wake_at.is_some_and(|at| at <= now);
        self.settle_lane(&mut tx, lane, &change, (wake_at, goes_on)).await?;
        self.publish(tx, &lane.id).await?;
        Ok(if goes_on { Applied::GoesOn(lane.next_lease()) } else { Applied::Yes })
    }

    /// What was learnt: messages, what became of events and effects, consent.
    async fn apply_facts(&self, tx: &mut Tx, lane: &HeldLane, change: &LaneChange) -> Result<(), StoreError> {
        self.put_messages(tx, &lane.id, &change.messages).await?;
        for handled in &change.handled {
            self.mark_handled(tx, &lane.id, handled).await?;
        }
        for settled in &change.settled {
            self.settle(tx, &lane.id, settled).await?;
        }
        if let Some(reason) = &change.withdraw {
            self.withdraw(tx, &lane.id, reason).await?;
        }
        if let Some(until) = change.takeover_until {
            self.silence(tx, &lane.their_number, Some(&lane.id), until).await?;
        }
        if let Some(suppression) = &change.suppress {
            self.suppress_within(tx, suppression, Some(&lane.id)).await?;
        }
        if change.unsuppress {
            self.lift_within(tx, &lane.their_number, "lead", "The lead asked to be texted again.").await?;
        }
        Ok(())
    }

    /// What was decided: the turn, a draft, a text to send, a handoff.
    async fn apply_outcome(&self, tx: &mut Tx, lane: &HeldLane, change: &LaneChange) -> Result<(), StoreError> {
        if let Some(turn) = &change.turn {
            self.add_turn(tx, &lane.id, change.seen_seq, turn).await?;
        }
        if let Some(draft) = &change.draft {
            self.put_draft(tx, &lane.id, change.seen_seq, draft).await?;
        }
        let reply = change.effect.as_ref().filter(|_| !sabotage::is(Sabotage::LoseEffect));
        let texts = [(reply, Purpose::Reply), (change.acknowledgement.as_ref(), Purpose::Acknowledgement)];
        for (effect, purpose) in texts.into_iter().filter_map(|(effect, purpose)| Some((effect?, purpose))) {
            let queued = Queued {
                id: &effect.id,
                conversation_id: &lane.id,
                turn_id: effect.turn_id.as_deref(),
                draft_id: None,
                text: &effect.text,
                basis_seq: change.seen_seq,
                not_before: effect.not_before,
                approved_by: None,
                purpose,
            };
            self.queue(tx, &queued).await?;
        }
        if let Some(handoff) = &change.handoff {
            self.add_handoff(tx, &lane.id, handoff).await?;
        }
        Ok(())
    }

    /// Everything that changes in the conversation's own row, its lease and its alarm among it.
    async fn settle_lane(
        &self,
        tx: &mut Tx,
        lane: &HeldLane,
        change: &LaneChange,
        (wake_at, goes_on): (Option<Timestamp>, bool),
    ) -> Result<(), StoreError> {
        let identity = change.identity.clone().unwrap_or_default();
        let state = change.state.as_ref();
        Statement::new(
            "update conversation set lead_id = coalesce($3, lead_id), contact_id = coalesce($4, contact_id), \
             display_name = coalesce($5, display_name), \
             takeover_until = case when takeover_until > $6 then takeover_until else coalesce($6, takeover_until) end, \
             state_at = case when $7 is null or (state = $7 and reason = $8) then state_at else $9 end, \
             state = coalesce($7, state), reason = coalesce($8, reason), attempts = $10, updated_at = $9, \
             handled_seq = coalesce((select min(i.seq) - 1 from inbox i where i.org = $1 and i.conversation_id = $2 and \
             i.seq > handled_seq and i.handled_at is null), last_seq), \
             epoch = epoch + $12, lease_until = case when $12 = 1 then lease_until end, \
             owner = case when $12 = 1 then owner end, rung = 0, \
             wake_at = case when $12 = 1 then lease_until else $11 end where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&lane.id)
        .bind(clean_opt(identity.lead_id.as_deref()))
        .bind(clean_opt(identity.contact_id.as_deref()))
        .bind(clean_opt(identity.display_name.as_deref()))
        .bind(ms_opt(change.takeover_until))
        .bind(state.map(|(state, _)| state.as_str()))
        .bind(state.map(|(_, reason)| clean(reason)))
        .bind(ms(self.now()))
        .bind(i64::from(change.attempts))
        .bind(ms_opt(wake_at))
        .bind(i64::from(goes_on)).changes_one("writing how far a conversation is").run_in(tx).await
    }

    async fn mark_handled(&self, tx: &mut Tx, conversation_id: &str, handled: &Handled) -> Result<(), StoreError> {
        let ends = Statement::new(
            "update inbox set handled_at = $4, ending = $5, reason = $6 \
             where org = $1 and conversation_id = $2 and id = $3 and handled_at is null",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(&handled.inbox_id)
        .bind(ms(self.now()))
        .bind(handled.ending.as_str())
        .bind(clean(&handled.reason));
        let skips = sabotage::is(Sabotage::SkipFence);
        if skips { ends } else { ends.changes_one("ending an inbox event") }.run_in(tx).await
    }

    /// An event told how an effect ended. What has ended already stays as it is, except that Close's word of a failure
    /// or of the sending wins over "accepted".
    async fn settle(&self, tx: &mut Tx, conversation_id: &str, settled: &Settled) -> Result<(), StoreError> {
        let Some(effect) = self.effect_within(tx.connection().await?, &settled.effect_id).await? else {
            return Err(StoreError::inconsistent(format!("no effect {} to settle", settled.effect_id)));
        };
        if effect.conversation_id != conversation_id {
            return Err(StoreError::inconsistent(format!("effect {} is of another conversation", settled.effect_id)));
        }
        match &settled.error {
            None => self.end_effect(tx, &effect, "sent", "").await?,
            Some(error) => self.end_effect(tx, &effect, "failed", error).await?,
        }
        if settled.error.is_none() {
            self.note_answer(tx, &effect).await?;
        }
        Ok(())
    }

    /// The waiting draft is replaced by this one.
    async fn put_draft(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        seen_seq: i64,
        draft: &NewDraft,
    ) -> Result<(), StoreError> {
        let now = ms(self.now());
        sqlx::query(
            "update draft set state = 'replaced', ended_reason = 'A newer draft took its place.', decided_at = $3 \
             where org = $1 and conversation_id = $2 and state = 'waiting'",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(now)
        .execute(tx.connection().await?)
        .await?;
        Statement::new(
            "insert into draft (org, id, conversation_id, turn_id, text, reason, state, ended_reason, created_at, \
             answers_text_at, basis_seq) values ($1, $2, $3, $4, $5, $6, 'waiting', '', $7, $8, $9)",
        )
        .bind(self.org())
        .bind(&draft.id)
        .bind(conversation_id)
        .bind(&draft.turn_id)
        .bind(clean(&draft.text))
        .bind(clean(&draft.reason))
        .bind(now)
        .bind(ms_opt(draft.answers_text_at))
        .bind(seen_seq)
        .run_in(tx)
        .await
    }

    async fn add_turn(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        seen_seq: i64,
        turn: &TurnRecord,
    ) -> Result<(), StoreError> {
        Statement::new(
            "insert into turn (org, id, conversation_id, seen_seq, started_at, finished_at, outcome, reason, intent, \
             prompt_hash, prompt, manifest, answers, proposal, findings, decision, context, model, input_tokens, \
             cached_tokens, output_tokens, cost_microusd) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, \
             $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(self.org())
        .bind(&turn.id)
        .bind(conversation_id)
        .bind(seen_seq)
        .bind(ms(turn.started_at))
        .bind(ms(turn.finished_at))
        .bind(&turn.outcome)
        .bind(clean(&turn.reason))
        .bind(clean_opt(turn.intent.as_deref()))
        .bind(&turn.prompt_hash)
        .bind(turn.prompt.as_str())
        .bind(turn.manifest.as_str())
        .bind(turn.answers.as_str())
        .bind(turn.proposal.as_str())
        .bind(turn.findings.as_str())
        .bind(turn.decision.as_str())
        .bind(turn.context.as_str())
        .bind(clean_opt(turn.model.as_deref()))
        .bind(turn.input_tokens)
        .bind(turn.cached_tokens)
        .bind(turn.output_tokens)
        .bind(turn.cost_microusd)
        .run_in(tx)
        .await
    }
}
