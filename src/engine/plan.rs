//! What to do next with a conversation: a pure function from what the store holds to one step.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::assignment::Assignment;
use super::words::full_stop;
use crate::conversation::{Author, Message, Mode, Policy};
use crate::runtime::clock::after;
use crate::sms::opt_out::{self, OptOut, OptOutVerdict};
use crate::store::effect::{Effect, EffectState, Purpose};
use crate::store::lane::{Ending, EventKind, Handled, InboxEvent, LaneChange, LaneView, Settled, State, Suppression};

/// How long a rep's unfinished words in Close keep Rapport silent.
pub const COMPOSING_HOLD: Duration = Duration::from_mins(15);

/// What a rep reads beside a text that met silence.
const OPTED_OUT: &str = "Silent because the lead asked not to be texted.";
const CARRIER_BLOCKS: &str =
    "Silent because the lead's carrier holds the stop: it delivers nothing until the lead texts START.";

const SAID_BEFORE_A_STOP: &str = "Unanswered: after this the lead asked not to be texted. It was found late.";

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
    let mut absorb = Absorb {
        outlook,
        change: &mut change,
        pending: Vec::new(),
        instruction: None,
        suppressed: view.suppressed.is_some(),
        taken_over: outlook.taken_over(),
    };
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
    fn taken_over(&self) -> bool {
        self.view.conversation.takeover_until.is_some_and(|until| until > self.now)
    }

    /// An effect whose Close id is not known yet: an outbound event may be about it, so such events wait.
    fn id_unknown(&self) -> bool {
        self.view.effects.iter().any(|effect| effect.state == EffectState::Drafting)
    }
}

/// Sorts inbox events into what is dealt with at once and what needs a turn.
struct Absorb<'a, 'b> {
    outlook: &'a Outlook<'a>,
    change: &'b mut LaneChange,
    pending: Vec<&'a InboxEvent>,
    instruction: Option<&'a InboxEvent>,
    suppressed: bool,
    taken_over: bool,
}

impl<'a> Absorb<'a, '_> {
    fn take(&mut self, event: &'a InboxEvent) {
        let own = event.activity_id.as_ref().is_some_and(|id| self.outlook.own.contains(id));
        match event.kind {
            EventKind::LeadText => self.lead_text(event),
            EventKind::Instruction if self.suppressed => {
                let reason = "The lead asked not to be texted.";
                self.handle(event, Ending::Unanswered, reason);
                self.change.state = Some((State::OptedOut, reason.to_owned()));
            }
            EventKind::Instruction => {
                if let Some(earlier) = self.instruction.replace(event) {
                    self.handle(earlier, Ending::Noted, "A newer instruction took its place.");
                }
            }
            EventKind::OutboundSent | EventKind::OutboundFailed | EventKind::Composing | EventKind::SmsDeleted
                if self.outlook.id_unknown() => {}
            EventKind::OutboundSent if own => self.own_sent(event),
            EventKind::OutboundSent => self.foreign_sent(event),
            EventKind::OutboundFailed if own => self.own_failed(event),
            EventKind::Composing if !own && !self.is_copy_of_ours(event) => self.composing(event),
            EventKind::OutboundFailed
            | EventKind::Composing
            | EventKind::SmsDeleted
            | EventKind::Booking
            | EventKind::Noted => self.handle(event, Ending::Noted, ""),
        }
    }

    fn handle(&mut self, event: &InboxEvent, ending: Ending, reason: &str) {
        self.change.handled.push(Handled { inbox_id: event.id.clone(), ending, reason: reason.to_owned() });
    }

    /// Ends a lead's text without a reply; the thread shows it all the same.
    fn end_text(&mut self, event: &InboxEvent, ending: Ending, state: State, reason: &str) {
        self.handle(event, ending, reason);
        self.change.messages.extend(message_of(event));
        self.change.state = Some((state, reason.to_owned()));
    }

    fn lead_text(&mut self, event: &'a InboxEvent) {
        let Some(message) = message_of(event) else {
            return self.handle(event, Ending::HandedOff, "The text could not be read. Look at it in Close.");
        };
        let heard = opt_out::classify(&message.text);
        if heard.verdict == OptOutVerdict::Stop {
            return self.stop(event, &message, heard);
        }
        if self.suppressed {
            if !self.opts_in_again(&message) {
                let reason = if opt_out::asks_again(&message.text) { CARRIER_BLOCKS } else { OPTED_OUT };
                return self.end_text(event, Ending::Unanswered, State::OptedOut, reason);
            }
            self.suppressed = false;
            self.change.unsuppress = true;
        }
        if self.is_before_a_stop(&message) {
            self.handle(event, Ending::Unanswered, SAID_BEFORE_A_STOP);
            self.change.messages.push(message);
            return;
        }
        if self.taken_over {
            let reason = "Silent because a rep is texting with this lead.";
            return self.end_text(event, Ending::HandedOff, State::TakenOver, reason);
        }
        if let Some(why) = &self.outlook.view.paused {
            let reason = format!("Silent because Rapport is paused: {why}");
            return self.end_text(event, Ending::HandedOff, State::HandedOff, &reason);
        }
        if self.outlook.policy.mode_before_intent(self.outlook.view.conversation.mode) == Mode::Off {
            let reason = "Silent because Rapport is off here.";
            return self.end_text(event, Ending::Unanswered, State::Quiet, reason);
        }
        self.pending.push(event);
    }

    /// A text that is found after its lead had said stop, and START again, ends as those did that were known then: to answer it
    /// alone would go past them (`in-order`).
    fn is_before_a_stop(&self, message: &Message) -> bool {
        let later =
            self.outlook.view.messages.iter().chain(&self.change.messages).filter(|later| later.at > message.at);
        let mut of_lead = later.filter(|later| later.author == Author::Lead);
        of_lead.any(|later| opt_out::classify(&later.text).verdict == OptOutVerdict::Stop)
    }

    /// START, or plain words, lift a stop that was said before them; events can arrive in another order than they were written.
    fn opts_in_again(&self, message: &Message) -> bool {
        let stopped = self.change.suppress.as_ref().or(self.outlook.view.suppressed.as_ref());
        stopped.map_or_else(
            || opt_out::is_opt_in(&message.text),
            |stop| opt_out::takes_back(&message.text, &stop.rule) && stop.since < message.at,
        )
    }

    /// `never-after-stop`: before any wait, before any model.
    fn stop(&mut self, event: &InboxEvent, message: &Message, OptOut { rule, reason, .. }: OptOut) {
        self.suppressed = true;
        self.change.unsuppress = false;
        self.change.suppress = Some(suppression(self.outlook.view, message, rule));
        self.change.withdraw = Some(reason.clone());
        for earlier in std::mem::take(&mut self.pending) {
            self.end_text(earlier, Ending::Unanswered, State::OptedOut, &reason);
        }
        if let Some(wish) = self.instruction.take() {
            self.handle(wish, Ending::Unanswered, &reason);
        }
        self.end_text(event, Ending::Unanswered, State::OptedOut, &reason);
    }

    fn own_sent(&mut self, event: &InboxEvent) {
        self.settle(event, None);
        self.handle(event, Ending::Noted, "");
    }

    fn own_failed(&mut self, event: &InboxEvent) {
        let error = event.body.get("error").and_then(|e| e.as_str()).unwrap_or("Close gave no reason").to_owned();
        self.handle(event, Ending::Noted, "");
        self.change.suppress =
            self.change.suppress.take().or_else(|| carrier_opt_out(self.outlook.view, self.outlook.now, &error));
        let state = if self.change.suppress.is_some() { State::OptedOut } else { State::HandedOff };
        let effect = self.outlook.view.effects.iter().find(|effect| effect.activity_id == event.activity_id);
        let answers = effect.is_none_or(|effect| effect.purpose == Purpose::Reply);
        if answers || state == State::OptedOut {
            self.change.state = Some((state, format!("The text was not delivered: {}", full_stop(&error))));
        }
        self.settle(event, Some(error));
    }

    fn settle(&mut self, event: &InboxEvent, error: Option<String>) {
        let effect = self.outlook.view.effects.iter().find(|effect| effect.activity_id == event.activity_id);
        if let Some(effect) = effect {
            self.change.settled.push(Settled { effect_id: effect.id.clone(), error });
        }
    }

    /// `never-over-a-human`: a text that is not ours left from our number.
    fn foreign_sent(&mut self, event: &InboxEvent) {
        let Some(message) = message_of(event) else {
            return self.handle(event, Ending::Noted, "The text could not be read.");
        };
        let by_workflow = message.author == Author::Workflow;
        self.change.messages.push(message);
        self.handle(event, Ending::Noted, "");
        if by_workflow {
            return;
        }
        let until = after(event.occurred_at, self.outlook.policy.takeover);
        if until > self.outlook.now {
            self.step_back(until, "A rep is texting with this lead from Close.");
        } else {
            self.answered_long_ago(event.occurred_at);
        }
    }

    /// A draft that says what we say or said word for word: a call of ours that arrived after we had given it up. It reaches
    /// nobody, and comparing with Close deletes it.
    fn is_copy_of_ours(&self, event: &InboxEvent) -> bool {
        let view = self.outlook.view;
        message_of(event).is_some_and(|copy| {
            view.effects.iter().any(|effect| effect.text == copy.text)
                || view.messages.iter().any(|known| known.author == Author::Agent && known.text == copy.text)
        })
    }

    fn composing(&mut self, event: &InboxEvent) {
        self.handle(event, Ending::Noted, "");
        self.step_back(after(self.outlook.now, COMPOSING_HOLD), "A rep is writing to this lead in Close.");
    }

    /// A rep's text that was found late: it answers what came before it, and nobody is texting any more.
    fn answered_long_ago(&mut self, rep_at: Timestamp) {
        const REASON: &str = "A rep had answered this in Close before Rapport found it.";
        let (before, since): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.pending).into_iter().partition(|event| event.occurred_at <= rep_at);
        self.pending = since;
        for earlier in before {
            self.end_text(earlier, Ending::Unanswered, State::Quiet, REASON);
        }
        let view = self.outlook.view;
        if view.draft.is_none() && view.effects.is_empty() {
            return;
        }
        self.change.withdraw.get_or_insert_with(|| REASON.to_owned());
        // What is taken back may have answered a text that is newer than the rep's: nobody has seen to that one.
        let last = view.messages.iter().rfind(|message| message.author == Author::Lead);
        if last.is_some_and(|message| message.at > rep_at) {
            let reason = "A rep's text was found that the reply did not know of. It was taken back: look at both.";
            self.change.state = Some((State::HandedOff, reason.to_owned()));
        }
    }

    fn step_back(&mut self, until: Timestamp, reason: &str) {
        self.taken_over = true;
        let standing = self.change.takeover_until.unwrap_or(self.outlook.view.conversation.takeover_until);
        self.change.takeover_until = Some(Some(standing.map_or(until, |standing| standing.max(until))));
        self.change.withdraw.get_or_insert_with(|| reason.to_owned());
        self.change.state = Some((State::TakenOver, reason.to_owned()));
        for earlier in std::mem::take(&mut self.pending) {
            self.end_text(earlier, Ending::HandedOff, State::TakenOver, reason);
        }
        if let Some(wish) = self.instruction.take() {
            self.handle(wish, Ending::HandedOff, reason);
        }
    }
}

/// An opt-out among the texts that wait, if there is one.
#[must_use]
pub fn waiting_stop(view: &LaneView) -> Option<Suppression> {
    let texts = view.inbox.iter().filter(|event| event.kind == EventKind::LeadText).filter_map(message_of);
    let mut stops = texts.filter_map(|message| {
        let seen = opt_out::classify(&message.text);
        (seen.verdict == OptOutVerdict::Stop).then(|| suppression(view, &message, seen.rule))
    });
    stops.next()
}

fn suppression(view: &LaneView, message: &Message, rule: &str) -> Suppression {
    Suppression {
        phone: view.conversation.numbers.theirs.clone(),
        rule: rule.to_owned(),
        activity_id: Some(message.activity_id.clone()),
        since: message.at,
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

pub(super) fn message_of(event: &InboxEvent) -> Option<Message> {
    serde_json::from_value(event.body.get("message")?.clone()).ok()
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
    let newest = pending.iter().map(|event| event.received_at).max();
    let oldest = pending.iter().map(|event| event.received_at).min();
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
        (Some(stop), _) => (State::OptedOut, format!("This lead asked not to be texted ({}).", stop.rule)),
        (None, Some(why)) => (State::HandedOff, format!("{why}: the lead still waits.")),
        (None, None) => (State::Quiet, String::new()),
    }
}

/// A delivery error that says the carrier blocks us at the lead's wish (Twilio 21610, Close's `outbound_sms_blocked`) counts
/// as an opt-out, whether an event tells of it or Close is asked (`never-after-stop`).
pub(super) fn carrier_opt_out(view: &LaneView, now: Timestamp, error: &str) -> Option<Suppression> {
    let lower = error.to_lowercase();
    let told = lower.contains("21610")
        || lower.contains("outbound_sms_blocked")
        || lower.contains("unsubscribed")
        || lower.contains("opted out");
    told.then(|| Suppression {
        phone: view.conversation.numbers.theirs.clone(),
        rule: "carrier:21610".to_owned(),
        activity_id: None,
        since: now,
    })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
