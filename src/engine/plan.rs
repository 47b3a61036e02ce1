//! What to do next with a conversation: a pure function from what the store holds to one step.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::absorb::{Absorb, message_of};
use super::assignment::Assignment;
use crate::conversation::{Author, Message, Policy};
use crate::runtime::clock::after;
use crate::store::CLOCKS_APART;
use crate::store::effect::{Effect, EffectState};
use crate::store::lane::{InboxEvent, LaneChange, LaneView, State};

/// The engine's own settings.
#[derive(Debug, Clone)]
pub struct Timing {
    /// The wait for more texts, after the newest.
    pub wait: Duration,
    /// The wait for more texts, at most, after the oldest.
    pub wait_max: Duration,
    /// Attempts at a turn before a person is asked.
    pub attempts_max: u32,
}

/// One step.
#[derive(Debug)]
pub enum Step {
    /// Go on with a text that was decided on.
    Deliver(Effect),
    /// Write this, and give the conversation back.
    Commit(Box<LaneChange>),
    /// Answer these.
    Turn(Assignment),
}

/// What a plan is made from.
pub struct Outlook<'a> {
    /// What the store holds.
    pub view: &'a LaneView,
    /// Activities among the inbox events that Rapport itself caused.
    pub own: &'a HashSet<String>,
    /// The rules.
    pub policy: &'a Policy,
    /// The waits.
    pub timing: &'a Timing,
    /// The time.
    pub now: Timestamp,
}

/// Chooses the next step.
#[must_use]
pub fn next(outlook: &Outlook<'_>) -> Step {
    let view = outlook.view;
    let mut change =
        LaneChange { seen_seq: view.seen_seq, attempts: view.conversation.attempts, ..LaneChange::default() };
    let mut absorb = Absorb::new(outlook, &mut change);
    for event in &view.inbox {
        absorb.take(event);
    }
    let (pending, instruction) = (absorb.pending, absorb.instruction);
    if !pending.is_empty() {
        welcome(outlook, &pending, &mut change);
    }
    if has_news(&change) {
        // Effects and pending texts are looked at again at once, from what was just written. Texts that are only shown
        // can wait as long as they would after that look.
        let due = due_at(outlook, change.attempts, &pending, instruction);
        let undecided = due_effect(outlook).is_some() || fate_known_at(outlook).is_some();
        let waits = only_shows(&change) && !undecided && due > outlook.now;
        change.wake_at = Some(if waits { earliest(due, rest_until(outlook)) } else { outlook.now });
        return Step::Commit(Box::new(change));
    }
    if let Some(effect) = due_effect(outlook) {
        return Step::Deliver(effect.clone());
    }
    let rest = rest_until(outlook);
    if pending.is_empty() && instruction.is_none() {
        change.wake_at = rest;
        change.state = settled_state(outlook);
        return Step::Commit(Box::new(change));
    }
    if let Some(known_at) = fate_known_at(outlook) {
        // Whether the last text left decides what is still to be answered.
        change.wake_at = Some(earliest(known_at, rest));
        return Step::Commit(Box::new(change));
    }
    let due = due_at(outlook, change.attempts, &pending, instruction);
    if due > outlook.now {
        change.state = Some((State::Working, "Waiting a moment for more texts.".to_owned()));
        change.wake_at = Some(earliest(due, rest));
        return Step::Commit(Box::new(change));
    }
    Step::Turn(Assignment::new(view, &pending, instruction))
}

impl Outlook<'_> {
    pub(super) fn taken_over(&self) -> bool {
        self.view.conversation.takeover_until.is_some_and(|until| until > self.now)
    }

    /// An effect whose Close id is not known yet: an outbound event may be about it, so such events wait.
    pub(super) fn id_unknown(&self) -> bool {
        self.view.effects.iter().any(|effect| effect.state == EffectState::Drafting)
    }
}

/// New texts are shown at once, and whatever was composed before them is taken back (`in-order`).
fn welcome(outlook: &Outlook<'_>, pending: &[&InboxEvent], change: &mut LaneChange) {
    let view = outlook.view;
    let known: HashSet<&str> = view.messages.iter().map(|message| message.activity_id.as_str()).collect();
    let fresh: Vec<Message> = pending
        .iter()
        .filter_map(|event| message_of(event))
        .filter(|message| !known.contains(message.activity_id.as_str()))
        .collect();
    let overtaken = view.effects.iter().any(|effect| withdrawable(effect, pending));
    if (overtaken || view.draft.is_some() && !fresh.is_empty()) && change.withdraw.is_none() {
        change.withdraw = Some("The lead texted again before this was sent.".to_owned());
    }
    if fresh.is_empty() {
        return;
    }
    change.messages.extend(fresh);
    change.attempts = 0;
    change.state = Some((State::Working, "Waiting a moment for more texts.".to_owned()));
}

fn withdrawable(effect: &Effect, pending: &[&InboxEvent]) -> bool {
    let begun = matches!(effect.state, EffectState::Sending | EffectState::Accepted);
    !begun && effect.withdraw_reason.is_none() && pending.iter().any(|event| event.seq > effect.basis_seq)
}

fn has_news(change: &LaneChange) -> bool {
    !change.handled.is_empty()
        || !change.messages.is_empty()
        || change.withdraw.is_some()
        || change.unsuppress
        || change.takeover_until.is_some()
}

/// The change only adds messages.
fn only_shows(change: &LaneChange) -> bool {
    change.handled.is_empty() && change.withdraw.is_none() && !change.unsuppress && change.takeover_until.is_none()
}

fn earliest(due: Timestamp, rest: Option<Timestamp>) -> Timestamp {
    rest.map_or(due, |at| at.min(due))
}

/// The next text to go on with: strictly in order, but one that Close has taken no longer holds up the others.
fn due_effect<'a>(outlook: &Outlook<'a>) -> Option<&'a Effect> {
    let due = |effect: &&Effect| effect.next_at.is_none_or(|at| at <= outlook.now);
    let taken = |effect: &&Effect| effect.state == EffectState::Accepted;
    let effects = &outlook.view.effects;
    let first = effects.iter().find(|effect| !taken(effect)).filter(due);
    first.or_else(|| effects.iter().filter(taken).find(due))
}

/// When the wait for more texts is over. A rep's wish does not wait; neither does a retry, which had its own alarm.
fn due_at(
    outlook: &Outlook<'_>,
    attempts: u32,
    pending: &[&InboxEvent],
    instruction: Option<&InboxEvent>,
) -> Timestamp {
    if attempts > 0 {
        return outlook.now;
    }
    // What was received in the future came while the clock was ahead, and has waited.
    let latest = after(outlook.now, CLOCKS_APART);
    let received = || pending.iter().map(|event| event.received_at).filter(|at| *at <= latest);
    let (newest, oldest) = (received().max(), received().min());
    match (newest, oldest) {
        (Some(newest), Some(oldest)) if instruction.is_none() => {
            after(newest, outlook.timing.wait).min(after(oldest, outlook.timing.wait_max))
        }
        _ => outlook.now,
    }
}

/// When Close is asked what became of a text whose sending got no answer; none if there is no such text.
fn fate_known_at(outlook: &Outlook<'_>) -> Option<Timestamp> {
    let unclear = |effect: &&Effect| matches!(effect.state, EffectState::Drafting | EffectState::Sending);
    outlook.view.effects.iter().filter(unclear).filter_map(|effect| effect.next_at).max()
}

fn rest_until(outlook: &Outlook<'_>) -> Option<Timestamp> {
    // A text waits for those before it, so only the first one that Close has not taken rings.
    let taken = |effect: &&Effect| effect.state == EffectState::Accepted;
    let first = outlook.view.effects.iter().find(|effect| !taken(effect));
    let effects = outlook.view.effects.iter().filter(taken).chain(first).filter_map(|effect| effect.next_at);
    let takeover = outlook.view.conversation.takeover_until.filter(|until| *until > outlook.now);
    effects.chain(takeover).min()
}

/// A takeover that has run out leaves its state behind, and so does a text whose end an event told, or whose end was noted by
/// a process that died before it could say more: say so once. A lead whose words nobody answered is put before a rep
/// (`nothing-lost`).
fn settled_state(outlook: &Outlook<'_>) -> Option<(State, String)> {
    let view = outlook.view;
    let is_done = view.effects.iter().all(|effect| effect.state == EffectState::Accepted);
    match view.conversation.state {
        State::TakenOver if !outlook.taken_over() => {
            let ends_with_lead = view.messages.last().is_some_and(|message| message.author == Author::Lead);
            let waits = (view.owed || ends_with_lead).then_some("A rep took over and did not answer");
            Some(settled(view, waits))
        }
        State::Sending if is_done => {
            Some(settled(view, view.owed.then_some("The reply was taken back before it left")))
        }
        _ => None,
    }
}

/// The state of a conversation in which nothing is under way; `why` the lead waits, if so.
fn settled(view: &LaneView, why: Option<&str>) -> (State, String) {
    match (&view.suppressed, why) {
        (Some(stop), _) => (State::OptedOut, stop.sentence()),
        (None, Some(why)) => (State::HandedOff, format!("{why}: the lead still waits.")),
        (None, None) => (State::Quiet, String::new()),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
