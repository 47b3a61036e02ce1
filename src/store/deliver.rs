//! The two steps of sending a text, each begun and ended in a transaction (`never-twice`).

use jiff::Timestamp;

use super::Store;
use super::effect::{Clearance, Effect, EffectState, Purpose, SendProgress};
use super::errand::Statement;
use super::error::StoreError;
use super::guard::Liveness;
use super::lane::{LaneChange, Lease};
use super::row::{clean, clean_opt, ms, ms_opt};
use super::writer::Tx;
use crate::conversation::{Author, Message};

/// What a step's end writes.
struct Step {
    state: EffectState,
    next_at: Option<Timestamp>,
    /// Attempts are counted per step: a step that succeeded starts the count again.
    attempts: u32,
    error: String,
}

impl Store {
    /// May the Close draft of a queued text be made? If so, it counts as begun from now on.
    ///
    /// Refused if the lead opted out, Rapport is paused, a rep has taken over, it was withdrawn, or somebody texted since
    /// it was written; then it is withdrawn.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if it is not queued, or an earlier text of the conversation is still on its way
    /// (`in-order`).
    pub async fn clear_drafting(&self, lease: &Lease, effect_id: &str) -> Result<Clearance, StoreError> {
        self.clear(lease, effect_id, EffectState::Queued, None).await
    }

    /// May a Close draft be sent? If so, the sending counts as begun from now on.
    ///
    /// Refused for the same reasons as [`Store::clear_drafting`]. A refused one stays `drafted` and is refused for ever:
    /// delete the draft at Close, then record [`SendProgress::Withdrawn`].
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if it is not drafted.
    pub async fn clear_sending(&self, lease: &Lease, effect_id: &str) -> Result<Clearance, StoreError> {
        self.clear(lease, effect_id, EffectState::Drafted, None).await
    }

    /// The Close draft exists: stores its id and asks at once whether it may be sent, as [`Store::clear_sending`] does.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the draft was not begun.
    pub async fn record_drafted(
        &self,
        lease: &Lease,
        effect_id: &str,
        activity_id: &str,
    ) -> Result<Clearance, StoreError> {
        self.clear(lease, effect_id, EffectState::Drafted, Some(activity_id)).await
    }

    /// May the step that begins at `from` be taken? First of all the Close draft is recorded, if there is a new one.
    async fn clear(
        &self,
        lease: &Lease,
        effect_id: &str,
        from: EffectState,
        drafted: Option<&str>,
    ) -> Result<Clearance, StoreError> {
        let Some((mut tx, lane, mut effect)) = self.hold_effect(lease, effect_id, Liveness::Live).await? else {
            return Ok(Clearance::LeaseLost);
        };
        // Recorded before anything else is asked: what Close tells of its own draft is no other person's.
        if let Some(activity_id) = drafted {
            let drafted = SendProgress::Drafted { activity_id: activity_id.to_owned() };
            self.record(&mut tx, &effect, &drafted).await?;
            effect.state = EffectState::Drafted;
        }
        if effect.state == EffectState::Withdrawn {
            return Ok(Clearance::Withdrawn(effect.error));
        }
        if effect.state != from {
            return Err(StoreError::inconsistent(format!("effect {effect_id} is {}", effect.state.as_str())));
        }
        let Some(reason) = self.refusal(&mut tx, &lane, &effect).await? else {
            let begun = if from == EffectState::Queued { EffectState::Drafting } else { EffectState::Sending };
            self.begin_step(&mut tx, effect_id, begun).await?;
            self.publish(tx, &lane.id).await?;
            return Ok(Clearance::Go);
        };
        self.refuse(&mut tx, &effect, &reason).await?;
        self.publish(tx, &lane.id).await?;
        Ok(Clearance::Withdrawn(reason))
    }

    /// Writes how a step of sending ended. False if the lease was lost: then nothing was written, and whoever holds the
    /// conversation now reads the outcome back from Close.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the effect is not at a step that can end so.
    pub async fn record_send(
        &self,
        lease: &Lease,
        effect_id: &str,
        progress: SendProgress,
    ) -> Result<bool, StoreError> {
        let held = self.hold_effect(lease, effect_id, Liveness::Fenced).await?;
        let Some((mut tx, lane, effect)) = held else { return Ok(false) };
        self.record(&mut tx, &effect, &progress).await?;
        self.publish(tx, &lane.id).await?;
        Ok(true)
    }

    /// Writes how sending ended for now, and gives the conversation back with `change`, in one transaction. False if the
    /// lease was lost, as with [`Store::record_send`].
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if the effect is not at a step that can end so.
    pub async fn end_send(
        &self,
        lease: &Lease,
        effect_id: &str,
        progress: SendProgress,
        change: LaneChange,
    ) -> Result<bool, StoreError> {
        let held = self.hold_effect(lease, effect_id, Liveness::Fenced).await?;
        let Some((mut tx, lane, effect)) = held else { return Ok(false) };
        self.record(&mut tx, &effect, &progress).await?;
        self.commit_held(tx, &lane, change).await.map(|_| true)
    }

    async fn record(&self, tx: &mut Tx, effect: &Effect, progress: &SendProgress) -> Result<(), StoreError> {
        let Some(step) = step(effect, progress) else {
            return Err(StoreError::inconsistent(format!(
                "effect {} is {} and cannot end as {progress:?}",
                effect.id,
                effect.state.as_str()
            )));
        };
        let activity_id = match progress {
            SendProgress::Drafted { activity_id } => Some(activity_id.as_str()),
            _ => None,
        };
        self.end_step(tx, effect, &step, activity_id).await?;
        if matches!(step.state, EffectState::Accepted | EffectState::Sent) {
            self.note_answer(tx, effect).await?;
        }
        Ok(())
    }

    async fn begin_step(&self, tx: &mut Tx, effect_id: &str, to: EffectState) -> Result<(), StoreError> {
        Statement::new("update outbox set state = $3, next_at = null, updated_at = $4 where org = $1 and id = $2")
            .bind(self.org())
            .bind(effect_id)
            .bind(to.as_str())
            .bind(ms(self.now()))
            .changes_one("beginning a step of sending")
            .run_in(tx)
            .await
    }

    /// What Close does not hold is withdrawn; a Close draft is marked, and the worker deletes it.
    async fn refuse(&self, tx: &mut Tx, effect: &Effect, reason: &str) -> Result<(), StoreError> {
        let state = if effect.state == EffectState::Queued { EffectState::Withdrawn } else { effect.state };
        Statement::new(
            "update outbox set state = $3, error = $4, withdraw_reason = $4, updated_at = $5 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(state.as_str())
        .bind(clean(reason))
        .bind(ms(self.now()))
        .changes_one("withdrawing a text")
        .run_in(tx)
        .await
    }

    async fn end_step(
        &self,
        tx: &mut Tx,
        effect: &Effect,
        step: &Step,
        activity_id: Option<&str>,
    ) -> Result<(), StoreError> {
        Statement::new(
            "update outbox set state = $3, next_at = $4, attempts = $5, error = $6, \
             updated_at = case when state = $3 then updated_at else $7 end, \
             activity_id = coalesce($8, activity_id) where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(step.state.as_str())
        .bind(ms_opt(step.next_at))
        .bind(i64::from(step.attempts))
        .bind(clean(&step.error))
        .bind(ms(self.now()))
        .bind(clean_opt(activity_id))
        .changes_one("ending a step of sending")
        .run_in(tx)
        .await
    }

    /// An event or a read told how an effect ended. One that failed or was withdrawn stays so; a sent one too.
    pub(super) async fn end_effect(
        &self,
        tx: &mut Tx,
        effect: &Effect,
        state: &str,
        error: &str,
    ) -> Result<(), StoreError> {
        if !effect.state.is_open() || effect.state == EffectState::Queued {
            return Ok(());
        }
        Statement::new(
            "update outbox set state = $3, error = $4, next_at = null, updated_at = $5 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(state)
        .bind(clean(error))
        .bind(ms(self.now()))
        .changes_one("settling a text")
        .run_in(tx)
        .await
    }

    /// A text left, when its sending began: that may be learnt long after it did.
    pub(super) async fn note_answer(&self, tx: &mut Tx, effect: &Effect) -> Result<(), StoreError> {
        let at = if effect.state == EffectState::Sending { effect.updated_at } else { self.now() };
        self.note_answer_at(tx, effect, at).await
    }

    /// A text left: it is a message of the conversation, before what came since, and if it answers anything, this phone has been
    /// answered.
    pub(super) async fn note_answer_at(&self, tx: &mut Tx, effect: &Effect, at: Timestamp) -> Result<(), StoreError> {
        if let Some(activity_id) = &effect.activity_id {
            let message = Message {
                activity_id: activity_id.clone(),
                author: Author::Agent,
                text: effect.text.clone(),
                at,
                attachments: 0,
            };
            self.add_message(tx, &effect.conversation_id, &message).await?;
        }
        if effect.purpose == Purpose::Acknowledgement {
            return Ok(());
        }
        Statement::new("update conversation set answered_before = 1 where org = $1 and id = $2")
            .bind(self.org())
            .bind(&effect.conversation_id)
            .changes_one("noting an answer")
            .run_in(tx)
            .await
    }
}

/// What the end of a step writes; none if the effect is not at that step.
fn step(effect: &Effect, progress: &SendProgress) -> Option<Step> {
    use EffectState::{Accepted, Drafted, Drafting, Failed, Queued, Sending, Sent, Withdrawn};
    let again = effect.attempts.saturating_add(1);
    let done = |state| Step { state, next_at: None, attempts: 0, error: String::new() };
    let later = |state, at: &Timestamp, error: &String| Step {
        state,
        next_at: Some(*at),
        attempts: again,
        error: error.clone(),
    };
    let over = |state, error: &String| Step { state, next_at: None, attempts: effect.attempts, error: error.clone() };
    match (effect.state, progress) {
        (Drafting, SendProgress::Drafted { .. }) => Some(done(Drafted)),
        (Queued | Drafting, SendProgress::NotDrafted { at, error }) => Some(later(Queued, at, error)),
        (Drafting | Sending | Accepted, SendProgress::Unclear { at, error }) => Some(later(effect.state, at, error)),
        (Drafted | Sending, SendProgress::StillDraft { at, error }) => Some(later(Drafted, at, error)),
        (Drafted | Sending, SendProgress::Accepted { poll_at }) => {
            Some(Step { next_at: Some(*poll_at), ..done(Accepted) })
        }
        (Accepted, SendProgress::Accepted { poll_at }) => Some(later(Accepted, poll_at, &String::new())),
        (Drafted | Sending | Accepted | Sent, SendProgress::Sent) => Some(done(Sent)),
        (
            Queued | Drafting | Drafted | Sending | Accepted,
            SendProgress::Failed { error } | SendProgress::Refused { error },
        ) => Some(over(Failed, error)),
        (Queued | Drafting | Drafted | Sending | Accepted, SendProgress::Withdrawn { reason }) => {
            Some(over(Withdrawn, reason))
        }
        _ => None,
    }
}
