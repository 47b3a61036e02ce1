//! The two steps of sending a text, each begun and ended in a transaction (`never-twice`).

use jiff::Timestamp;

use super::Store;
use super::effect::{Clearance, Effect, EffectState, SendProgress};
use super::error::StoreError;
use super::guard::{HeldLane, Liveness};
use super::lane::Lease;
use super::row::{clean, ms, ms_opt, one_row};
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
        self.clear(lease, effect_id, EffectState::Queued, EffectState::Drafting).await
    }

    /// May a Close draft be sent? If so, the sending counts as begun from now on.
    ///
    /// Refused for the same reasons as [`Store::clear_drafting`]. A refused one stays `drafted` and is refused for ever:
    /// delete the draft at Close, then record [`SendProgress::Withdrawn`].
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if it is not drafted.
    pub async fn clear_sending(&self, lease: &Lease, effect_id: &str) -> Result<Clearance, StoreError> {
        self.clear(lease, effect_id, EffectState::Drafted, EffectState::Sending).await
    }

    async fn clear(
        &self,
        lease: &Lease,
        effect_id: &str,
        from: EffectState,
        to: EffectState,
    ) -> Result<Clearance, StoreError> {
        let mut tx = self.write().await?;
        let Some(lane) = self.hold_leased(&mut tx, lease, Liveness::Live).await? else {
            return Ok(Clearance::LeaseLost);
        };
        let effect = self.effect_of(&mut tx, &lane, effect_id).await?;
        if effect.state == EffectState::Withdrawn {
            return Ok(Clearance::Withdrawn(effect.error));
        }
        if effect.state != from {
            return Err(StoreError::inconsistent(format!("effect {effect_id} is {}", effect.state.as_str())));
        }
        self.is_next(&mut tx, &effect).await?;
        let refusal = match self.withdraw_reason(&mut tx, effect_id).await? {
            Some(reason) => Some(reason),
            None => self.obstacle(&mut tx, &lane, effect.basis_seq).await?.map(|obstacle| obstacle.to_string()),
        };
        let Some(reason) = refusal else {
            self.begin_step(&mut tx, effect_id, to).await?;
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
        let mut tx = self.write().await?;
        let Some(lane) = self.hold_leased(&mut tx, lease, Liveness::Fenced).await? else { return Ok(false) };
        let effect = self.effect_of(&mut tx, &lane, effect_id).await?;
        let Some(step) = step(&effect, &progress) else {
            return Err(StoreError::inconsistent(format!(
                "effect {effect_id} is {} and cannot end as {progress:?}",
                effect.state.as_str()
            )));
        };
        self.end_step(&mut tx, &effect, &step).await?;
        if let SendProgress::Drafted { activity_id } = &progress {
            self.set_activity(&mut tx, effect_id, activity_id).await?;
        }
        if matches!(step.state, EffectState::Accepted | EffectState::Sent) {
            self.note_answer(&mut tx, &effect).await?;
        }
        self.publish(tx, &lane.id).await?;
        Ok(true)
    }

    async fn effect_of(&self, tx: &mut Tx, lane: &HeldLane, effect_id: &str) -> Result<Effect, StoreError> {
        self.effect_within(&mut *tx, effect_id)
            .await?
            .filter(|effect| effect.conversation_id == lane.id)
            .ok_or_else(|| StoreError::inconsistent(format!("conversation {} has no effect {effect_id}", lane.id)))
    }

    /// Fails if an earlier text of the conversation has not left yet.
    async fn is_next(&self, tx: &mut Tx, effect: &Effect) -> Result<(), StoreError> {
        let earlier = sqlx::query(
            "select 1 as found from outbox where org = $1 and conversation_id = $2 and ordinal < $3 and \
             state in ('queued', 'drafting', 'drafted', 'sending') limit 1",
        )
        .bind(self.org())
        .bind(&effect.conversation_id)
        .bind(effect.ordinal)
        .fetch_optional(&mut **tx)
        .await?;
        match earlier {
            Some(_) => {
                Err(StoreError::inconsistent(format!("an earlier text than effect {} is on its way", effect.id)))
            }
            None => Ok(()),
        }
    }

    async fn withdraw_reason(&self, tx: &mut Tx, effect_id: &str) -> Result<Option<String>, StoreError> {
        let reason = sqlx::query_scalar("select withdraw_reason from outbox where org = $1 and id = $2")
            .bind(self.org())
            .bind(effect_id)
            .fetch_one(&mut **tx)
            .await?;
        Ok(reason)
    }

    async fn begin_step(&self, tx: &mut Tx, effect_id: &str, to: EffectState) -> Result<(), StoreError> {
        let changed =
            sqlx::query("update outbox set state = $3, next_at = null, updated_at = $4 where org = $1 and id = $2")
                .bind(self.org())
                .bind(effect_id)
                .bind(to.as_str())
                .bind(ms(self.now()))
                .execute(&mut **tx)
                .await?;
        one_row(&changed, "beginning a step of sending")
    }

    /// What Close does not hold is withdrawn; a Close draft is marked, and the worker deletes it.
    async fn refuse(&self, tx: &mut Tx, effect: &Effect, reason: &str) -> Result<(), StoreError> {
        let state = if effect.state == EffectState::Queued { EffectState::Withdrawn } else { effect.state };
        let changed = sqlx::query(
            "update outbox set state = $3, error = $4, withdraw_reason = $4, updated_at = $5 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(state.as_str())
        .bind(clean(reason))
        .bind(ms(self.now()))
        .execute(&mut **tx)
        .await?;
        one_row(&changed, "withdrawing a text")
    }

    async fn end_step(&self, tx: &mut Tx, effect: &Effect, step: &Step) -> Result<(), StoreError> {
        let changed = sqlx::query(
            "update outbox set state = $3, next_at = $4, attempts = $5, error = $6, updated_at = $7 \
             where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(step.state.as_str())
        .bind(ms_opt(step.next_at))
        .bind(i64::from(step.attempts))
        .bind(clean(&step.error))
        .bind(ms(self.now()))
        .execute(&mut **tx)
        .await?;
        one_row(&changed, "ending a step of sending")
    }

    async fn set_activity(&self, tx: &mut Tx, effect_id: &str, activity_id: &str) -> Result<(), StoreError> {
        let changed = sqlx::query("update outbox set activity_id = $3 where org = $1 and id = $2")
            .bind(self.org())
            .bind(effect_id)
            .bind(clean(activity_id))
            .execute(&mut **tx)
            .await?;
        one_row(&changed, "storing the id of a Close draft")
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
        let changed = sqlx::query(
            "update outbox set state = $3, error = $4, next_at = null, updated_at = $5 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(state)
        .bind(clean(error))
        .bind(ms(self.now()))
        .execute(&mut **tx)
        .await?;
        one_row(&changed, "settling a text")
    }

    /// A text left: it is a message of the conversation, and this phone has been answered.
    pub(super) async fn note_answer(&self, tx: &mut Tx, effect: &Effect) -> Result<(), StoreError> {
        if let Some(activity_id) = &effect.activity_id {
            let message = Message {
                activity_id: activity_id.clone(),
                author: Author::Agent,
                text: effect.text.clone(),
                at: self.now(),
                attachments: 0,
            };
            self.add_message(tx, &effect.conversation_id, &message).await?;
        }
        let changed = sqlx::query("update conversation set answered_before = 1 where org = $1 and id = $2")
            .bind(self.org())
            .bind(&effect.conversation_id)
            .execute(&mut **tx)
            .await?;
        one_row(&changed, "noting an answer")
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
        (Queued | Drafting | Drafted | Sending | Accepted, SendProgress::Failed { error }) => Some(over(Failed, error)),
        (Queued | Drafting | Drafted | Sending | Accepted, SendProgress::Withdrawn { reason }) => {
            Some(over(Withdrawn, reason))
        }
        _ => None,
    }
}
