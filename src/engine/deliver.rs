//! Sending a text so that it can never double (`never-twice`).
//!
//! POST it to Close as `draft`, store the id, then PUT `outbox`: only a draft can become outbox, so a second PUT cannot
//! send again. Whatever answer is lost, the next step starts by reading what Close holds.

mod consequence;

use std::time::Duration;

use jiff::Timestamp;

use crate::close::CloseError;
use crate::close::sms::{NewDraft, SmsActivity, SmsStatus};
use crate::conversation::{Decision, TurnContext};
use crate::runtime::clock::after;
use crate::runtime::sabotage::{self, Sabotage};
use crate::runtime::upstream::Outcome;
use crate::sms::has_same_words;
use crate::store::StoreError;
use crate::store::effect::{Clearance, Effect, EffectState, Purpose, SendProgress};
use crate::store::lane::{LaneView, Lease};

use super::Engine;
use super::absorb::{REP_WRITES, is_carrier_opt_out};
use super::gather::places_of;
use super::receive::canonical;
use super::turn::waits_for_hours;
use super::waiting::Wait;

/// How long after an unclear answer Close is read: the request has surely ended by then.
const SETTLE: Duration = Duration::from_secs(5);
/// How far Close's clock may be behind ours when an orphan draft is looked for.
const CLOCK_SKEW: Duration = Duration::from_mins(10);

const DELETED: &str = "The text was deleted in Close before it was sent.";

/// Where a step led.
enum Advance {
    /// The step ended so, which is still to be recorded.
    Ended(SendProgress),
    /// It may not be taken; the store knows already.
    Refused(String),
    /// A rep writes into its Close draft.
    Rewritten,
    /// Somebody else has the conversation.
    LeaseLost,
}

impl Engine {
    /// Takes one text as far as it will go now, then gives the conversation back.
    pub(super) async fn deliver(&self, lease: &Lease, view: &LaneView, effect: &Effect) -> Result<(), StoreError> {
        let mut effect = effect.clone();
        let mut advance = self.advance(lease, view, &effect).await?;
        if let Advance::Ended(SendProgress::Drafted { activity_id }) = advance {
            effect.state = EffectState::Drafted;
            effect.activity_id = Some(activity_id.clone());
            advance = self.advance_drafted(lease, view, &effect, &activity_id).await?;
        }
        match advance {
            Advance::Ended(progress) => {
                let change = self.after(view, &effect, &progress);
                self.store.end_send(lease, &effect.id, progress, change).await.map(|_| ())
            }
            Advance::Refused(reason) => {
                let change = self.after(view, &effect, &SendProgress::Withdrawn { reason });
                self.store.commit(lease, change).await.map(|_| ())
            }
            Advance::Rewritten => {
                let withdrawn = SendProgress::Withdrawn { reason: REP_WRITES.to_owned() };
                self.store.end_send(lease, &effect.id, withdrawn, self.left_to_rep(view)).await.map(|_| ())
            }
            Advance::LeaseLost => Ok(()),
        }
    }

    /// Goes on with a text whose Close draft was just made or found: its id is stored in the same transaction as the last
    /// check.
    async fn advance_drafted(
        &self,
        lease: &Lease,
        view: &LaneView,
        effect: &Effect,
        activity_id: &str,
    ) -> Result<Advance, StoreError> {
        let held = match self.held(view, effect).await? {
            Some(held) => Some(held),
            None => self.close_rests().map(|wait| put_off(effect.state, wait)),
        };
        if held.is_none() && !sabotage::is(Sabotage::SendBeforeCommit) {
            let clearance = self.store.record_drafted(lease, &effect.id, activity_id).await?;
            return Ok(self.send_if(clearance, effect).await);
        }
        let drafted = SendProgress::Drafted { activity_id: activity_id.to_owned() };
        if !self.store.record_send(lease, &effect.id, drafted).await? {
            return Ok(Advance::LeaseLost);
        }
        Ok(Advance::Ended(match held {
            Some(held) => self.hold_or_take_back(effect, held).await,
            None => self.put_outbox(effect).await,
        }))
    }

    /// Does the next step at Close.
    async fn advance(&self, lease: &Lease, view: &LaneView, effect: &Effect) -> Result<Advance, StoreError> {
        let rest = self.close_rests();
        // The look may wait for a rate limit: what depends on the time is asked after it (`never-out-of-hours`).
        if rest.is_none()
            && let Some(found) = self.look_at_draft(effect).await
        {
            return Ok(found);
        }
        if let Some(held) = self.held(view, effect).await? {
            return Ok(Advance::Ended(self.hold_or_take_back(effect, held).await));
        }
        if let Some(wait) = rest.or_else(|| self.close_rests()) {
            return Ok(Advance::Ended(put_off(effect.state, wait)));
        }
        Ok(match effect.state {
            EffectState::Queued => match self.store.clear_drafting(lease, &effect.id).await? {
                Clearance::Go => Advance::Ended(self.post_draft(view, effect).await),
                Clearance::Withdrawn(reason) => Advance::Refused(reason),
                Clearance::LeaseLost => Advance::LeaseLost,
            },
            EffectState::Drafting => Advance::Ended(match self.may_be_on_its_way(effect) {
                Some(wait) => wait,
                None => self.find_draft(view, effect).await?,
            }),
            EffectState::Drafted if sabotage::is(Sabotage::SendBeforeCommit) => {
                Advance::Ended(self.put_outbox(effect).await)
            }
            EffectState::Drafted => {
                let clearance = self.store.clear_sending(lease, &effect.id).await?;
                self.send_if(clearance, effect).await
            }
            EffectState::Sending | EffectState::Accepted => Advance::Ended(self.read_back(effect).await),
            EffectState::Sent | EffectState::Failed | EffectState::Withdrawn => {
                Advance::Refused("It had ended already.".to_owned())
            }
        })
    }

    /// A draft that has waited at Close is looked at before it is sent: a rep may have written into it, sent or deleted it, and the
    /// event be late (`never-over-a-human`). None if it says what it said, or need not be sent any more.
    async fn look_at_draft(&self, effect: &Effect) -> Option<Advance> {
        let is_to_go = effect.state == EffectState::Drafted && effect.withdraw_reason.is_none();
        let id = effect.activity_id.as_ref().filter(|_| is_to_go && !sabotage::is(Sabotage::SendBeforeCommit))?;
        Some(match self.close.get_sms(id).await {
            Ok(Some(activity)) if activity.status != SmsStatus::Draft => Advance::Ended(self.judge(effect, &activity)),
            Ok(Some(activity)) if says(&activity, &effect.text) => return None,
            Ok(Some(_)) => Advance::Rewritten,
            Ok(None) => Advance::Ended(SendProgress::Failed { error: DELETED.to_owned() }),
            Err(error) => Advance::Ended(match error.outcome() {
                Outcome::Rejected => refused(&error),
                Outcome::Retryable { after } => self.still_draft(effect, &error, after.unwrap_or_default()),
                Outcome::Unknown => self.still_draft(effect, &error, Duration::ZERO),
            }),
        })
    }

    fn still_draft(&self, effect: &Effect, error: &CloseError, at_least: Duration) -> SendProgress {
        SendProgress::StillDraft { at: self.again_at_close(effect.attempts, at_least), error: error.to_string() }
    }

    async fn send_if(&self, clearance: Clearance, effect: &Effect) -> Advance {
        match clearance {
            Clearance::Go => Advance::Ended(self.put_outbox(effect).await),
            Clearance::Withdrawn(reason) => Advance::Ended(self.take_back(effect, reason).await),
            Clearance::LeaseLost => Advance::LeaseLost,
        }
    }

    /// A text that was fresh when it was decided may no longer be: what it offers is over or taken, or a person must look at it first, or
    /// after an outage it waits for legal hours (`never-out-of-hours`).
    async fn held(&self, view: &LaneView, effect: &Effect) -> Result<Option<SendProgress>, StoreError> {
        let Some(turn_id) = effect.turn_id.as_deref() else { return Ok(None) };
        let waiting = matches!(effect.state, EffectState::Queued | EffectState::Drafted);
        if !waiting || self.clock.now() <= after(effect.created_at, self.proposer.policy.fresh_reply) {
            return Ok(None);
        }
        let Some(turn) = self.store.turn(turn_id).await? else { return Ok(None) };
        let context: Option<TurnContext> = turn.context.read().ok();
        if let Some(reason) = self.outdated(effect, context.as_ref(), turn.decision.read().ok().as_ref()).await {
            return Ok(Some(SendProgress::Withdrawn { reason }));
        }
        let lead = context.map(|context| context.lead).unwrap_or_default();
        let Some(at) = self.hold_until(None, &places_of(&lead, &view.conversation.numbers.theirs)) else {
            return Ok(None);
        };
        if effect.purpose == Purpose::Acknowledgement {
            let reason = "It could not go out at once, and later nobody needs it.".to_owned();
            return Ok(Some(SendProgress::Withdrawn { reason }));
        }
        let error = waits_for_hours(at, lead.zone(&self.settings.organisation.timezone));
        Ok(Some(match effect.state {
            EffectState::Drafted => SendProgress::StillDraft { at, error },
            _ => SendProgress::NotDrafted { at, error },
        }))
    }

    /// Why a text that waited may not go any more, if so.
    async fn outdated(
        &self,
        effect: &Effect,
        context: Option<&TurnContext>,
        decision: Option<&Decision>,
    ) -> Option<String> {
        let now = self.clock.now();
        if let Some(context) = context
            && let Some(offer) = self.gone_offer(&effect.text, context, now).await
        {
            return Some(format!("It offers {offer}."));
        }
        let planned = match decision {
            Some(Decision::Send { not_before, .. }) => *not_before,
            _ => None,
        };
        let due = planned.unwrap_or(effect.created_at).max(effect.created_at);
        let by_itself = effect.approved_by.is_none() && effect.purpose == Purpose::Reply;
        let is_late = now > after(due, self.proposer.policy.late_after);
        (by_itself && is_late)
            .then(|| "It was held up for so long that a person decides whether it still fits.".to_owned())
    }

    /// What is held waits, unless it is not needed later: then its draft at Close goes too.
    async fn hold_or_take_back(&self, effect: &Effect, held: SendProgress) -> SendProgress {
        match held {
            SendProgress::Withdrawn { reason } => self.take_back(effect, reason).await,
            held => held,
        }
    }

    async fn post_draft(&self, view: &LaneView, effect: &Effect) -> SendProgress {
        let draft = NewDraft {
            lead_id: view.conversation.lead_id.clone(),
            contact_id: view.conversation.contact_id.clone(),
            local_phone: view.conversation.numbers.ours.clone(),
            remote_phone: view.conversation.numbers.theirs.clone(),
            text: effect.text.clone(),
            user_id: None,
        };
        match self.close.create_draft(draft).await {
            Ok(activity) => SendProgress::Drafted { activity_id: activity.id },
            Err(error) => self.not_done(effect, &error, |at, error| SendProgress::NotDrafted { at, error }),
        }
    }

    /// A process that was killed may have left a request behind that Close has not dealt with: looked for too early, its draft
    /// would be made twice.
    fn may_be_on_its_way(&self, effect: &Effect) -> Option<SendProgress> {
        let at = after(effect.updated_at, SETTLE);
        let error = "Rapport was interrupted while Close made the draft.".to_owned();
        (at > self.clock.now()).then_some(SendProgress::Unclear { at, error })
    }

    /// After a lost answer: is there a draft of ours? One is adopted, further copies are deleted.
    async fn find_draft(&self, view: &LaneView, effect: &Effect) -> Result<SendProgress, StoreError> {
        if sabotage::is(Sabotage::RetryUnknownPost) {
            return Ok(SendProgress::NotDrafted { at: self.clock.now(), error: "made again".to_owned() });
        }
        let since = effect.created_at.checked_sub(CLOCK_SKEW).unwrap_or(Timestamp::MIN);
        let listed = match &view.conversation.lead_id {
            Some(lead_id) => self.close.list_sms(lead_id, Some(since)).await,
            None => self.close.list_all_sms(since).await,
        };
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return Ok(self.unclear(effect, &error)),
        };
        let mut adopted: Option<String> = None;
        for activity in listed.iter().filter(|activity| is_orphan(activity, view, effect)) {
            if self.store.knows_activity(&activity.id).await? {
                continue;
            }
            if adopted.is_none() {
                adopted = Some(activity.id.clone());
            } else if let Err(error) = self.close.delete_sms(&activity.id).await {
                tracing::warn!(%error, "a surplus draft of ours stays in Close; it reaches nobody");
            }
        }
        Ok(match adopted {
            Some(activity_id) => SendProgress::Drafted { activity_id },
            None => SendProgress::NotDrafted {
                at: self.clock.now(),
                error: "Close did not answer and holds no draft; it is made again.".to_owned(),
            },
        })
    }

    async fn put_outbox(&self, effect: &Effect) -> SendProgress {
        let Some(id) = &effect.activity_id else {
            return SendProgress::Failed { error: "The draft's id is missing.".to_owned() };
        };
        match self.close.send_draft(id).await {
            Ok(activity) => self.judge(effect, &activity),
            // Refused: perhaps because an earlier PUT whose answer was lost has already sent it.
            Err(error) if matches!(error.outcome(), Outcome::Rejected) => match self.close.get_sms(id).await {
                Ok(Some(activity)) if activity.status != SmsStatus::Draft => self.judge(effect, &activity),
                Ok(held) => {
                    if held.is_some() {
                        self.delete_refused(id).await;
                    }
                    refused(&error)
                }
                Err(_) => self.unclear(effect, &error),
            },
            Err(error) => self.not_done(effect, &error, |at, error| SendProgress::StillDraft { at, error }),
        }
    }

    /// A draft that will not be sent is nobody's to send from Close, beside the one that a rep may be shown next. What cannot be
    /// deleted now is found by the comparison with Close.
    async fn delete_refused(&self, id: &str) {
        if let Err(error) = self.close.delete_sms(id).await {
            tracing::warn!(%error, "a refused draft stays in Close for now; it reaches nobody");
        }
    }

    /// The conversation moved on: the Close draft goes, nothing is sent.
    async fn take_back(&self, effect: &Effect, reason: String) -> SendProgress {
        let Some(id) = &effect.activity_id else { return SendProgress::Withdrawn { reason } };
        if sabotage::is(Sabotage::LeaveDraft) {
            return SendProgress::Withdrawn { reason };
        }
        // Close may hold more than a draft by now: a rep can have sent it, and what left is not deleted. Nor are a rep's words.
        let deleted = match self.close.get_sms(id).await {
            Ok(Some(activity)) if activity.status != SmsStatus::Draft => return self.judge(effect, &activity),
            Ok(Some(activity)) if says(&activity, &effect.text) => self.close.delete_sms(id).await,
            Ok(Some(_) | None) => Ok(()),
            Err(error) => Err(error),
        };
        match deleted {
            Ok(()) => SendProgress::Withdrawn { reason },
            Err(error) if matches!(error.outcome(), Outcome::Rejected) => {
                tracing::warn!(%error, "a withdrawn draft stays in Close; it reaches nobody");
                SendProgress::Withdrawn { reason }
            }
            Err(error) => SendProgress::StillDraft {
                at: self.again_at_close(effect.attempts, SETTLE),
                error: format!("{reason} Its draft in Close could not be deleted yet: {error}"),
            },
        }
    }

    /// What does Close hold? Asked after a lost answer, and until a text it took is sent.
    async fn read_back(&self, effect: &Effect) -> SendProgress {
        let Some(id) = &effect.activity_id else {
            return SendProgress::Failed { error: "The draft's id is missing.".to_owned() };
        };
        match self.close.get_sms(id).await {
            Ok(Some(activity)) => self.judge(effect, &activity),
            Ok(None) => SendProgress::Failed { error: DELETED.to_owned() },
            Err(error) => self.unclear(effect, &error),
        }
    }

    fn judge(&self, effect: &Effect, activity: &SmsActivity) -> SendProgress {
        match &activity.status {
            SmsStatus::Sent => SendProgress::Sent,
            SmsStatus::Outbox | SmsStatus::Scheduled => SendProgress::Accepted { poll_at: self.poll_at(effect) },
            SmsStatus::Draft if effect.state == EffectState::Accepted => SendProgress::Withdrawn {
                reason: "Somebody took the text back in Close before it was sent.".to_owned(),
            },
            SmsStatus::Draft => SendProgress::StillDraft {
                at: self.backoff(effect.attempts, Duration::ZERO),
                error: "Close still holds it as a draft.".to_owned(),
            },
            SmsStatus::Error => SendProgress::Failed {
                error: activity.error_message.clone().unwrap_or_else(|| "Close gave no reason.".to_owned()),
            },
            SmsStatus::Inbox | SmsStatus::Other(_) => {
                SendProgress::Failed { error: "Close does not hold it as a text of ours.".to_owned() }
            }
        }
    }

    /// A text Close took is read again after a minute, then less and less often.
    fn poll_at(&self, effect: &Effect) -> Timestamp {
        after(self.clock.now(), Duration::from_mins(1).saturating_mul(1 << effect.attempts.min(6)))
    }

    fn unclear(&self, effect: &Effect, error: &CloseError) -> SendProgress {
        if sabotage::is(Sabotage::GiveUpUnknownPut) {
            return SendProgress::Failed { error: error.to_string() };
        }
        SendProgress::Unclear { at: self.again_at_close(effect.attempts, SETTLE), error: error.to_string() }
    }

    /// A failed write: certain that nothing happened, or not.
    fn not_done(
        &self,
        effect: &Effect,
        error: &CloseError,
        again: impl FnOnce(Timestamp, String) -> SendProgress,
    ) -> SendProgress {
        match error.outcome() {
            Outcome::Rejected => refused(error),
            Outcome::Retryable { after } => {
                again(self.again_at_close(effect.attempts, after.unwrap_or_default()), error.to_string())
            }
            Outcome::Unknown => self.unclear(effect, error),
        }
    }
}

fn says(activity: &SmsActivity, text: &str) -> bool {
    has_same_words(activity.text.as_deref().unwrap_or_default(), text)
}

/// Close did nothing, and would not if it was asked again. Where an operator can change that, and it is not the lead who wants no
/// texts, the conversation is to be found again.
fn refused(refusal: &CloseError) -> SendProgress {
    let error = refusal.to_string();
    if refusal.needs_operator() && !is_carrier_opt_out(&error) {
        SendProgress::Refused { error }
    } else {
        SendProgress::Failed { error }
    }
}

/// Close is left alone: the text stays where it is.
fn put_off(state: EffectState, wait: Wait) -> SendProgress {
    let Wait { until: at, sentence: error } = wait;
    match state {
        EffectState::Queued => SendProgress::NotDrafted { at, error },
        EffectState::Drafted => SendProgress::StillDraft { at, error },
        _ => SendProgress::Unclear { at, error },
    }
}

/// A draft that looks like the one we tried to make.
fn is_orphan(activity: &SmsActivity, view: &LaneView, effect: &Effect) -> bool {
    let same_phone = |phone: &Option<String>, wanted: &str| phone.as_deref().map(canonical).as_deref() == Some(wanted);
    activity.status == SmsStatus::Draft
        && says(activity, &effect.text)
        && same_phone(&activity.local_phone, &view.conversation.numbers.ours)
        && same_phone(&activity.remote_phone, &view.conversation.numbers.theirs)
}
