//! One turn: gather, propose, and everything it decided as one change, which becomes true together.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::Engine;
use super::assignment::Assignment;
use super::gather::{GatherError, Gathered, Ready};
use super::propose::{LinkSource, NoLinks, Proposed};
use super::spending::{Purse, REPLY};
use super::summary::is_due;
use super::waiting::{Remedy, Wait};
use super::words::{full_stop, sentence};
use crate::conversation::placeholder::told;
use crate::conversation::{Decision, Handoff, HandoffKind, Message, TurnContext};
use crate::runtime::clock::after;
use crate::store::StoreError;
use crate::store::draft::NewDraft;
use crate::store::effect::NewEffect;
use crate::store::lane::{Applied, Ending, Handled, LaneChange, LaneView, Lease, State, Suppression};
use crate::store::turn::TurnRecord;

/// First wait after a failed attempt; doubles up to [`BACKOFF_MAX`], drawn with full jitter.
const BACKOFF_BASE: Duration = Duration::from_secs(2);
const BACKOFF_MAX: Duration = Duration::from_mins(2);

/// Why a turn could not be made this time.
struct Setback {
    sentence: String,
    remedy: Remedy,
    record: Option<TurnRecord>,
}

/// A turn, not written yet.
pub(super) struct Turned {
    change: LaneChange,
    purse: Purse,
    /// What models were paid, also where no record tells.
    cost_microusd: i64,
    /// Its prompt left out what no summary covers.
    summary_due: bool,
}

impl From<LaneChange> for Turned {
    /// No model was asked.
    fn from(change: LaneChange) -> Self {
        Self { change, purse: Purse::Open, cost_microusd: 0, summary_due: false }
    }
}

impl Engine {
    /// Makes a turn, up to what is to be committed. Whoever drops it half way has changed nothing but what may be spent.
    pub(super) async fn turn(&self, view: &LaneView, assignment: &Assignment) -> Result<Turned, StoreError> {
        let begun = self.clock.now();
        // Asked first, so that a turn that cannot end costs nobody a call.
        if let Some(wait) = self.cannot_begin() {
            return Ok(waits(view, wait).into());
        }
        let ready = match self.gather(view, assignment).await {
            Ok(Gathered::Ready(ready)) => ready,
            Ok(Gathered::Missed) => return Ok(self.look_again(view).into()),
            Ok(Gathered::RepAnswered { at, messages }) => {
                return Ok(self.rep_answered(view, assignment, (at, messages)).into());
            }
            Err(GatherError::Store(error)) => return Err(error),
            Err(GatherError::Close(error)) => {
                let remedy = self.remedy_at_close(&error, begun);
                let setback = Setback { sentence: error.to_string(), remedy, record: None };
                return Ok(self.set_back(view, assignment, setback).into());
            }
        };
        if let Some(reason) = self.proposer.policy.statuses.silence(ready.context.lead.status.as_deref()) {
            let proposed = self.proposer.stay_silent(&ready.context, reason);
            return Ok(self.decided(view, assignment, *ready, proposed).into());
        }
        let purse = self.purse_for_turn(&view.conversation.id).await?;
        if let Purse::Awaited(wait) = purse {
            return Ok(waits(view, wait).into());
        }
        if let Purse::Empty(reason) = purse {
            let proposed = self.proposer.hand_off(&ready.context, reason);
            let acknowledgement = self.acknowledgement(view, assignment, &ready, &proposed).await?;
            let change = self.decided(view, assignment, *ready, proposed);
            return Ok(LaneChange { acknowledgement, ..change }.into());
        }
        Ok(match self.propose(view, &ready, begun).await {
            Ok(proposed) => {
                let cost_microusd = proposed.record.cost_microusd;
                let summary_due =
                    is_due(&ready.context.history, ready.recollection.summary.as_ref(), &proposed.manifest);
                let acknowledgement = self.acknowledgement(view, assignment, &ready, &proposed).await?;
                let change = LaneChange { acknowledgement, ..self.decided(view, assignment, *ready, proposed) };
                Turned { change, purse, cost_microusd, summary_due }
            }
            Err(setback) => {
                let cost_microusd = setback.record.as_ref().map_or(0, |record| record.cost_microusd);
                Turned { change: self.set_back(view, assignment, setback), purse, cost_microusd, summary_due: false }
            }
        })
    }

    /// Writes a turn, and settles what it cost: its record tells, if it was written.
    pub(super) async fn commit_turn(
        &self,
        lease: &Lease,
        turned: Turned,
        goes_on: bool,
    ) -> Result<Applied, StoreError> {
        let Turned { change, purse, cost_microusd, summary_due } = turned;
        let has_record = change.turn.is_some();
        let applied = self.store.commit(lease, LaneChange { goes_on, ..change }).await?;
        let is_told = has_record && applied != Applied::LeaseLost;
        if is_told {
            self.settle(purse, None).await;
        } else {
            self.spent_beside_turns(&lease.conversation_id, REPLY, purse, cost_microusd).await;
        }
        if summary_due && matches!(applied, Applied::Yes | Applied::GoesOn(_)) {
            self.want_summary(&lease.conversation_id);
        }
        Ok(applied)
    }

    async fn propose(&self, view: &LaneView, ready: &Ready, begun: Timestamp) -> Result<Proposed, Setback> {
        let links: Box<dyn LinkSource + '_> = match &self.calendar {
            Some(_) => Box::new(ConversationLinks { engine: self, conversation_id: &view.conversation.id }),
            None => Box::new(NoLinks),
        };
        let last_intent = ready.recollection.last_intent;
        let proposed = self.proposer.propose_after(last_intent, &ready.context, &ready.standing, links.as_ref()).await;
        proposed.map_err(|error| Setback {
            sentence: error.source.to_string(),
            remedy: self.remedy_at_model(&error.source, begun),
            record: Some(TurnRecord {
                cost_microusd: error.record.cost_microusd.saturating_add(self.cost_unread(&error.source)),
                ..*error.record
            }),
        })
    }

    /// The conversation is to be looked at again at once.
    fn look_again(&self, view: &LaneView) -> LaneChange {
        LaneChange {
            seen_seq: view.seen_seq,
            attempts: view.conversation.attempts,
            wake_at: Some(self.clock.now()),
            ..LaneChange::default()
        }
    }

    /// Everything a decision changes, in one piece.
    fn decided(&self, view: &LaneView, assignment: &Assignment, ready: Ready, proposed: Proposed) -> LaneChange {
        let turn_id = proposed.record.id.clone();
        let (ending, state, reason) = ending(&proposed.decision, ready.context.zone());
        let handoff = Handoff::of_turn(&ready.context, proposed.proposal.as_ref(), &proposed.decision)
            .filter(|_| !ready.standing.paused)
            .map(|handoff| self.handed_off(Some(&turn_id), handoff));
        let mut change = LaneChange {
            seen_seq: view.seen_seq,
            refuse_if_overtaken: true,
            handled: handled(assignment, ending, &reason),
            messages: ready.messages,
            identity: Some(ready.identity),
            turn: Some(proposed.record),
            state: Some((state, reason.clone())),
            handoff,
            ..LaneChange::default()
        };
        match proposed.decision {
            Decision::Send { text, not_before } => {
                let id = self.random.id("out", self.clock.now());
                change.effect = Some(NewEffect { id, turn_id: Some(turn_id), text, not_before });
            }
            Decision::Draft { text, reason } => {
                let id = self.random.id("draft", self.clock.now());
                let answers_text_at = ready.context.newest_text_at();
                change.draft = Some(NewDraft { id, turn_id, text, reason, answers_text_at });
            }
            Decision::OptOut { .. } => {
                change.withdraw = Some(reason);
                change.suppress = Some(self.told_to_stop(view, &ready.context));
            }
            Decision::HandOff { .. } | Decision::Silence { .. } => {}
        }
        change
    }

    /// A stop that a model heard in the newest text. A START that was written after that text, while the model thought, lifts it.
    fn told_to_stop(&self, view: &LaneView, context: &TurnContext) -> Suppression {
        let newest = context.new_texts.iter().max_by_key(|text| text.at);
        Suppression {
            phone: view.conversation.numbers.theirs.clone(),
            rule: "model".to_owned(),
            activity_id: newest.map(|text| text.activity_id.clone()),
            since: newest.map_or_else(|| self.clock.now(), |text| text.at),
        }
    }

    /// A rep who texted lately goes on; one who texted long ago has answered, and that is all.
    fn rep_answered(
        &self,
        view: &LaneView,
        assignment: &Assignment,
        (at, messages): (Timestamp, Vec<Message>),
    ) -> LaneChange {
        let until = after(at, self.proposer.policy.takeover);
        let (ending, state, reason) = if until > self.clock.now() {
            (Ending::HandedOff, State::TakenOver, "A rep has answered from Close.")
        } else {
            (Ending::Unanswered, State::Quiet, "A rep had answered this in Close before Rapport found it.")
        };
        LaneChange {
            seen_seq: view.seen_seq,
            handled: handled(assignment, ending, reason),
            messages,
            takeover_until: (state == State::TakenOver).then_some(until),
            withdraw: Some(reason.to_owned()),
            state: Some((state, reason.to_owned())),
            ..LaneChange::default()
        }
    }

    /// Waits, tries again later, or asks a person when attempts have run out or would not help. Nothing is dropped.
    fn set_back(&self, view: &LaneView, assignment: &Assignment, setback: Setback) -> LaneChange {
        let attempts = view.conversation.attempts + 1;
        let base = LaneChange { seen_seq: view.seen_seq, turn: setback.record, ..LaneChange::default() };
        match setback.remedy {
            // What a model has said is kept, though it waits (`always-explained`).
            Remedy::Wait(wait) => {
                LaneChange { turn: base.turn.filter(|record| record.model.is_some()), ..waits(view, wait) }
            }
            Remedy::Retry { at_least } if attempts < self.settings.timing.attempts_max => {
                let at = self.backoff(attempts, at_least);
                let reason = format!("{} Trying again by itself.", sentence(&setback.sentence));
                LaneChange { attempts, state: Some((State::Working, reason)), wake_at: Some(at), ..base }
            }
            Remedy::Retry { .. } | Remedy::Person => {
                let reason = format!("No reply was written: {}", full_stop(&setback.sentence));
                let handled = handled(assignment, Ending::HandedOff, &reason);
                let parked =
                    LaneChange { handled, refuse_if_overtaken: true, state: Some((State::Parked, reason)), ..base };
                self.telling_a_person(view, parked, HandoffKind::NoReply)
            }
        }
    }

    /// When to try again: exponential with full jitter, never before the other side asked.
    pub(super) fn backoff(&self, attempts: u32, at_least: Duration) -> Timestamp {
        let ceiling = BACKOFF_BASE.saturating_mul(1 << attempts.min(16)).min(BACKOFF_MAX);
        after(self.clock.now(), at_least.max(self.random.jitter(ceiling)))
    }
}

/// Waits for somebody outside: nothing was tried, and no attempt is counted.
fn waits(view: &LaneView, wait: Wait) -> LaneChange {
    LaneChange {
        seen_seq: view.seen_seq,
        attempts: view.conversation.attempts,
        state: Some((State::Working, wait.sentence)),
        wake_at: Some(wait.until),
        ..LaneChange::default()
    }
}

fn handled(assignment: &Assignment, ending: Ending, reason: &str) -> Vec<Handled> {
    let one = |id: &String| Handled { inbox_id: id.clone(), ending, reason: reason.to_owned() };
    assignment.inbox_ids.iter().map(one).collect()
}

/// Why a text that was decided on has not left.
pub(super) fn waits_for_hours(at: Timestamp, zone: &str) -> String {
    format!("Waits for legal texting hours: it goes out {}.", told(at, zone))
}

/// How a decision ends the texts it answers, and what people are shown.
fn ending(decision: &Decision, zone: &str) -> (Ending, State, String) {
    let reason = decision.reason().to_owned();
    match decision {
        Decision::Send { not_before: Some(at), .. } => (Ending::Answered, State::Sending, waits_for_hours(*at, zone)),
        Decision::Send { .. } => (Ending::Answered, State::Sending, reason),
        Decision::Draft { .. } => (Ending::Drafted, State::DraftWaiting, reason),
        Decision::HandOff { .. } => (Ending::HandedOff, State::HandedOff, reason),
        Decision::Silence { .. } => (Ending::Unanswered, State::Quiet, reason),
        Decision::OptOut { .. } => (Ending::Unanswered, State::OptedOut, reason),
    }
}

/// Links that lead back to the conversation they were made for.
struct ConversationLinks<'a> {
    engine: &'a Engine,
    conversation_id: &'a str,
}

#[async_trait]
impl LinkSource for ConversationLinks<'_> {
    async fn booking_link(&self) -> Result<String, String> {
        let Some(calendar) = &self.engine.calendar else { return NoLinks.booking_link().await };
        let token = self.engine.store.booking_token(self.conversation_id).await.map_err(|e| e.to_string())?;
        calendar.link(&token).await
    }
}
