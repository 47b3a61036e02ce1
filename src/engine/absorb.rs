//! What comes of the events in a conversation's inbox: some are dealt with at once, the others need a turn.

use std::time::Duration;

use jiff::Timestamp;

use super::plan::Outlook;
use super::words::full_stop;
use crate::conversation::heard::threatens_law;
use crate::conversation::{Author, Message, Mode};
use crate::runtime::clock::after;
use crate::sms::has_same_words;
use crate::sms::opt_out::{self, OptOut, OptOutVerdict};
use crate::store::effect::{EffectState, Purpose};
use crate::store::lane::{Ending, EventKind, Handled, InboxEvent, LaneChange, LaneView, Settled, State, Suppression};

/// How long a rep's unfinished words in Close keep Rapport silent.
pub const COMPOSING_HOLD: Duration = Duration::from_mins(15);

/// Why Rapport is silent then.
pub(super) const REP_WRITES: &str = "A rep is writing to this lead in Close.";

/// What a rep reads beside a text that met silence.
const OPTED_OUT: &str = "Silent because the lead asked not to be texted.";
const CARRIER_BLOCKS: &str =
    "Silent because the lead's carrier holds the stop: it delivers nothing until the lead texts START.";

const SAID_BEFORE_A_STOP: &str = "Unanswered: after this the lead asked not to be texted. It was found late.";
const UNREADABLE: &str = "A text of the lead could not be read. Look at it in Close.";
const THREATENS: &str = "The lead asked not to be texted and mentions legal steps. Nothing is sent.";
const BARE_CANCEL: &str =
    "The lead wrote only \"Cancel\", which stops texts, and may have meant a meeting. Nothing is sent.";

/// Sorts inbox events into what is dealt with at once and what needs a turn.
pub(super) struct Absorb<'a, 'b> {
    outlook: &'a Outlook<'a>,
    change: &'b mut LaneChange,
    /// Texts that need a turn.
    pub(super) pending: Vec<&'a InboxEvent>,
    /// A rep's wish that needs one.
    pub(super) instruction: Option<&'a InboxEvent>,
    suppressed: bool,
    taken_over: bool,
    /// Why a person must know of texts that nobody may answer.
    person: Option<&'static str>,
}

impl<'a, 'b> Absorb<'a, 'b> {
    /// Begins with the events of `outlook`. What is dealt with at once is written to `change`.
    pub(super) fn new(outlook: &'a Outlook<'a>, change: &'b mut LaneChange) -> Self {
        Self {
            outlook,
            change,
            pending: Vec::new(),
            instruction: None,
            suppressed: outlook.view.suppressed.is_some(),
            taken_over: outlook.taken_over(),
            person: None,
        }
    }

    pub(super) fn take(&mut self, event: &'a InboxEvent) {
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
            EventKind::Composing if own && self.rewrites_ours(event) => self.composing(event),
            EventKind::Composing if !own && !self.is_copy_of_ours(event) => self.composing(event),
            EventKind::OutboundFailed
            | EventKind::Composing
            | EventKind::SmsDeleted
            | EventKind::Booking
            | EventKind::Cancellation
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
            self.change.state = Some((State::HandedOff, UNREADABLE.to_owned()));
            return self.handle(event, Ending::HandedOff, UNREADABLE);
        };
        let heard = opt_out::classify(&message.text);
        if heard.verdict == OptOutVerdict::Stop {
            return self.stop(event, &message, heard);
        }
        if self.suppressed {
            if !self.opts_in_again(&message) {
                let reason = if opt_out::asks_again(&message.text) { CARRIER_BLOCKS } else { OPTED_OUT };
                return self.end_unanswerable(event, &message.text, reason);
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
        let stop = suppression(self.outlook.view, message, rule);
        self.change.suppress = Some(match self.change.suppress.take() {
            Some(earlier) => earlier.followed_by(stop),
            None => stop,
        });
        self.change.withdraw = Some(reason.clone());
        for earlier in std::mem::take(&mut self.pending) {
            let text = message_of(earlier).map_or_else(String::new, |message| message.text);
            self.end_unanswerable(earlier, &text, &reason);
        }
        if let Some(wish) = self.instruction.take() {
            self.handle(wish, Ending::Unanswered, &reason);
        }
        self.end_unanswerable(event, &message.text, &reason);
    }

    /// Ends a text of a lead who must not be texted. Some must not end unseen (`nothing-lost`).
    fn end_unanswerable(&mut self, event: &InboxEvent, text: &str, reason: &str) {
        let grave = threatens_law(text).then_some(THREATENS);
        self.person = self.person.or(grave).or_else(|| opt_out::may_mean_a_meeting(text).then_some(BARE_CANCEL));
        match self.person {
            Some(why) => self.end_text(event, Ending::HandedOff, State::HandedOff, why),
            None => self.end_text(event, Ending::Unanswered, State::OptedOut, reason),
        }
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

    /// A draft that says what we say or said, word for word: a call of ours that arrived after we had given it up. It reaches
    /// nobody, and comparing with Close deletes it.
    fn is_copy_of_ours(&self, event: &InboxEvent) -> bool {
        let view = self.outlook.view;
        message_of(event).is_some_and(|copy| {
            view.effects.iter().any(|effect| has_same_words(&effect.text, &copy.text))
                || view
                    .messages
                    .iter()
                    .any(|known| known.author == Author::Agent && has_same_words(&known.text, &copy.text))
        })
    }

    /// A rep writes into the draft that waits at Close to be sent.
    fn rewrites_ours(&self, event: &InboxEvent) -> bool {
        let effects = &self.outlook.view.effects;
        let ours = effects.iter().find(|effect| effect.activity_id == event.activity_id);
        let draft = ours.filter(|effect| effect.state == EffectState::Drafted).zip(message_of(event));
        draft.is_some_and(|(effect, message)| !has_same_words(&effect.text, &message.text))
    }

    fn composing(&mut self, event: &InboxEvent) {
        self.handle(event, Ending::Noted, "");
        self.step_back(after(self.outlook.now, COMPOSING_HOLD), REP_WRITES);
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
        self.change.takeover_until = self.change.takeover_until.max(Some(until));
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

pub(super) fn message_of(event: &InboxEvent) -> Option<Message> {
    serde_json::from_value(event.body.get("message")?.clone()).ok()
}

/// Whether a delivery error says that the carrier blocks us at the lead's wish: Twilio's 21610, in its number or either of its
/// wordings (<https://www.twilio.com/docs/api/errors/21610>), or Close's `outbound_sms_blocked`.
pub(super) fn is_carrier_opt_out(error: &str) -> bool {
    let lower = error.to_lowercase();
    ["21610", "outbound_sms_blocked", "unsubscribed", "opted out", "violates a blacklist rule"]
        .iter()
        .any(|sign| lower.contains(sign))
}

/// Such an error counts as an opt-out, whether an event tells of it or Close is asked (`never-after-stop`).
pub(super) fn carrier_opt_out(view: &LaneView, now: Timestamp, error: &str) -> Option<Suppression> {
    is_carrier_opt_out(error).then(|| Suppression {
        phone: view.conversation.numbers.theirs.clone(),
        rule: "carrier:21610".to_owned(),
        activity_id: None,
        since: now,
    })
}
