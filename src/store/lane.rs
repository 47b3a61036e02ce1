//! A conversation as a lane: its mailbox (`inbox`), its alarm (`wake_at`), its lease, and one change at a time.

use std::collections::HashSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::draft::{Draft, NewDraft};
use super::effect::{Effect, NewEffect};
use super::handoff::NewHandoff;
use super::turn::TurnRecord;
use crate::conversation::{Message, Mode};
use crate::sms::opt_out;

/// The two numbers that make a conversation. Lead and contact ids are attributes: they can be null, merge or move.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NumberPair {
    /// Our number at Close, E.164.
    pub ours: String,
    /// The lead's number, E.164.
    pub theirs: String,
}

/// Where an arrival was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A Close webhook.
    CloseWebhook,
    /// Close's event log or SMS list, read because a webhook may have been missed.
    CloseLog,
    /// A Calendly webhook.
    CalendlyWebhook,
    /// A rep, on the desk or through the API.
    Desk,
}

impl Source {
    /// Every value.
    pub const ALL: &[Self] = &[Self::CloseWebhook, Self::CloseLog, Self::CalendlyWebhook, Self::Desk];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CloseWebhook => "close_webhook",
            Self::CloseLog => "close_log",
            Self::CalendlyWebhook => "calendly_webhook",
            Self::Desk => "desk",
        }
    }

    /// Reads [`Source::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == name)
    }
}

/// What an inbox event means for the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The lead texted.
    LeadText,
    /// A text left from our number: ours, a rep's or a workflow's.
    OutboundSent,
    /// A text could not be sent.
    OutboundFailed,
    /// Somebody composes a text in Close.
    Composing,
    /// An SMS activity was deleted in Close.
    SmsDeleted,
    /// A rep asked for a new draft.
    Instruction,
    /// A meeting was booked, perhaps in place of another.
    Booking,
    /// A meeting was called off, perhaps because it was moved.
    Cancellation,
    /// Taken for the record; nothing follows from it.
    Noted,
}

impl EventKind {
    /// Every value.
    pub const ALL: &[Self] = &[
        Self::LeadText,
        Self::OutboundSent,
        Self::OutboundFailed,
        Self::Composing,
        Self::SmsDeleted,
        Self::Instruction,
        Self::Booking,
        Self::Cancellation,
        Self::Noted,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LeadText => "lead_text",
            Self::OutboundSent => "outbound_sent",
            Self::OutboundFailed => "outbound_failed",
            Self::Composing => "composing",
            Self::SmsDeleted => "sms_deleted",
            Self::Instruction => "instruction",
            Self::Booking => "booking",
            Self::Cancellation => "cancellation",
            Self::Noted => "noted",
        }
    }

    /// Reads [`EventKind::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == name)
    }
}

/// Something that arrived, before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Where it was read.
    pub source: Source,
    /// The event's own id (`ev_…`); the same id arriving again changes nothing.
    pub event_id: String,
    /// What it means.
    pub kind: EventKind,
    /// The conversation; none for events that belong to none.
    pub lane: Option<NumberPair>,
    /// Close's lead id, if the event names it.
    pub lead_id: Option<String>,
    /// Close's contact id, if the event names it.
    pub contact_id: Option<String>,
    /// The SMS activity. One `LeadText` and one `OutboundSent` is taken for each, whatever the events' ids.
    pub activity_id: Option<String>,
    /// When it happened, by the sender's clock.
    pub occurred_at: Timestamp,
    /// When we read it.
    pub received_at: Timestamp,
    /// The part of the event that the conversation needs, as JSON.
    pub body: serde_json::Value,
}

impl Arrival {
    /// What a person did here, at the desk or with a command, at `at`.
    #[must_use]
    pub fn of_desk(event_id: String, kind: EventKind, at: Timestamp, body: serde_json::Value) -> Self {
        Self {
            source: Source::Desk,
            event_id,
            kind,
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: None,
            occurred_at: at,
            received_at: at,
            body,
        }
    }
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Accepted {
    /// Stored, and the conversation was woken.
    New {
        /// The conversation.
        conversation_id: String,
    },
    /// Stored; it belongs to no conversation.
    Recorded,
    /// Known already: nothing changed.
    Duplicate,
}

/// A worker's right to write to a conversation. Every write checks that `epoch` still stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The conversation.
    pub conversation_id: String,
    /// The fencing number.
    pub epoch: i64,
}

/// How far a conversation is, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing is pending.
    Quiet,
    /// A text came; Rapport waits for more or is writing.
    Working,
    /// A draft waits for a rep.
    DraftWaiting,
    /// An approved or automatic text is on its way.
    Sending,
    /// A person must act; there is no draft.
    HandedOff,
    /// A rep writes in Close: Rapport is silent.
    TakenOver,
    /// The lead does not want to be texted.
    OptedOut,
    /// Attempts ran out; a person must look.
    Parked,
}

impl State {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Quiet,
        Self::Working,
        Self::DraftWaiting,
        Self::Sending,
        Self::HandedOff,
        Self::TakenOver,
        Self::OptedOut,
        Self::Parked,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quiet => "quiet",
            Self::Working => "working",
            Self::DraftWaiting => "draft_waiting",
            Self::Sending => "sending",
            Self::HandedOff => "handed_off",
            Self::TakenOver => "taken_over",
            Self::OptedOut => "opted_out",
            Self::Parked => "parked",
        }
    }

    /// Reads [`State::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }
}

/// The conversation's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Our id (`conv_…`).
    pub id: String,
    /// The number pair.
    pub numbers: NumberPair,
    /// Close's lead, once known.
    pub lead_id: Option<String>,
    /// Close's contact, once known.
    pub contact_id: Option<String>,
    /// The name to show: the contact's or the lead's. Empty when neither has one, none until Close was asked.
    pub display_name: Option<String>,
    /// The conversation's own mode, if a rep set one.
    pub mode: Option<Mode>,
    /// How far it is.
    pub state: State,
    /// Why, in a sentence for the rep; empty when there is nothing to say.
    pub reason: String,
    /// Until when Rapport stays silent because a rep writes.
    pub takeover_until: Option<Timestamp>,
    /// Failed attempts at the current turn.
    pub attempts: u32,
    /// When it wakes by itself.
    pub wake_at: Option<Timestamp>,
    /// When anything last changed.
    pub updated_at: Timestamp,
}

/// An inbox event that has not been dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxEvent {
    /// Row id.
    pub id: String,
    /// Its place in the conversation, from 1.
    pub seq: i64,
    /// What it means.
    pub kind: EventKind,
    /// The SMS activity.
    pub activity_id: Option<String>,
    /// When it happened, by the sender's clock.
    pub occurred_at: Timestamp,
    /// When we read it.
    pub received_at: Timestamp,
    /// What it holds.
    pub body: serde_json::Value,
}

/// Everything a worker needs to go on with a conversation.
#[derive(Debug, Clone)]
pub struct LaneView {
    /// The row.
    pub conversation: Conversation,
    /// Events not dealt with, by `seq`.
    pub inbox: Vec<InboxEvent>,
    /// Activities among them that Rapport itself made.
    pub own: HashSet<String>,
    /// The newest `seq` given out: what a change based on this view has seen.
    pub seen_seq: i64,
    /// The messages stored, oldest first.
    pub messages: Vec<Message>,
    /// The draft that waits for a rep, if any.
    pub draft: Option<Draft>,
    /// Effects not finished, in their order.
    pub effects: Vec<Effect>,
    /// Why this phone must not be texted; none if it may.
    pub suppressed: Option<Suppression>,
    /// Set while the kill switch is on: why and by whom.
    pub paused: Option<String>,
    /// True once a reply of ours has ever gone to this phone.
    pub answered_before: bool,
    /// After a takeover, and where a reply was on its way: the lead said something that nobody has answered.
    pub owed: bool,
}

/// How an inbound text ended (`nothing-lost`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Answered by a text that was decided on.
    Answered,
    /// A draft was put before a rep.
    Drafted,
    /// A person was asked to answer.
    HandedOff,
    /// Deliberately unanswered.
    Unanswered,
    /// Not a text of the lead; taken note of.
    Noted,
}

impl Ending {
    /// Every value.
    pub const ALL: &[Self] = &[Self::Answered, Self::Drafted, Self::HandedOff, Self::Unanswered, Self::Noted];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Drafted => "drafted",
            Self::HandedOff => "handed_off",
            Self::Unanswered => "unanswered",
            Self::Noted => "noted",
        }
    }

    /// Reads [`Ending::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == name)
    }
}

/// An inbox event dealt with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handled {
    /// [`InboxEvent::id`].
    pub inbox_id: String,
    /// How it ended.
    pub ending: Ending,
    /// Why, in a sentence a rep can read.
    pub reason: String,
}

/// A phone that must not be texted (`never-after-stop`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// The phone, E.164.
    pub phone: String,
    /// What decided it: a rule of [`crate::sms::opt_out`] (`keyword`, `stop_texting`, `learned`, …), `model`, `carrier:21610`, or
    /// `admin`.
    pub rule: String,
    /// The message that said so.
    pub activity_id: Option<String>,
    /// Since when.
    pub since: Timestamp,
}

impl Suppression {
    /// The carrier took the stop as well, or alone: only its own words take it back.
    #[must_use]
    pub fn is_held_by_carrier(&self) -> bool {
        opt_out::is_held_by_carrier(&self.rule)
    }

    /// What a rep reads of it.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("This lead asked not to be texted ({}).", self.rule)
    }

    /// This stop, after another was said: the newest word counts, and what a carrier holds stays so.
    #[must_use]
    pub fn followed_by(self, later: Self) -> Self {
        let since = self.since.max(later.since);
        let kept = if self.is_held_by_carrier() && !later.is_held_by_carrier() { self } else { later };
        Self { since, ..kept }
    }
}

/// Everything that changes in one transaction when a worker has done a step.
#[derive(Debug, Clone, Default)]
pub struct LaneChange {
    /// [`LaneView::seen_seq`] of the view this change is based on.
    pub seen_seq: i64,
    /// Refuse the change, recording the turn as superseded, if a lead's text with a higher `seq` has come, or if a person acted
    /// meanwhile and it brings no stop.
    pub refuse_if_overtaken: bool,
    /// Events dealt with.
    pub handled: Vec<Handled>,
    /// Messages to add, if their activity is not stored yet; a known one gets its newer text.
    pub messages: Vec<Message>,
    /// Lead id, contact id and name to show, when learnt.
    pub identity: Option<Identity>,
    /// A rep has the conversation until then, or longer if somebody has said so.
    pub takeover_until: Option<Timestamp>,
    /// Withdraw the waiting draft and every effect that has not begun, for this reason.
    pub withdraw: Option<String>,
    /// Suppress the lead's phone, at once and across the organisation.
    pub suppress: Option<Suppression>,
    /// Lift the suppression (the lead opted in again).
    pub unsuppress: bool,
    /// The turn made.
    pub turn: Option<TurnRecord>,
    /// A draft to put before a rep; it replaces a waiting one.
    pub draft: Option<NewDraft>,
    /// A text to send.
    pub effect: Option<NewEffect>,
    /// Words that only say that a person will answer: a text to send that answers nothing.
    pub acknowledgement: Option<NewEffect>,
    /// A person is asked to go on.
    pub handoff: Option<NewHandoff>,
    /// Effects that events have settled, and how.
    pub settled: Vec<Settled>,
    /// Failed attempts at the current turn.
    pub attempts: u32,
    /// How far the conversation is now; none leaves it.
    pub state: Option<(State, String)>,
    /// When `state` and `handoff` are written.
    pub shown: Shown,
    /// When to wake next. An event newer than `seen_seq` wakes at once in any case.
    pub wake_at: Option<Timestamp>,
    /// The worker takes the next step itself if that is due already: the lease is then followed by another of the same worker, as
    /// if it had been given back and claimed again.
    pub goes_on: bool,
}

/// When a conversation shows what a change says of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// In any case.
    #[default]
    Always,
    /// Unless a rep took over meanwhile (`never-over-a-human`): what became of a text stands beside it, and nobody else is asked
    /// to act.
    UnlessTakenOver,
    /// While it still shows that a text is on its way. Whoever has changed that since knew more than what became of the text.
    WhileSending,
}

/// Who a conversation is with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Close's lead.
    pub lead_id: Option<String>,
    /// Close's contact.
    pub contact_id: Option<String>,
    /// The name to show.
    pub display_name: Option<String>,
}

/// How an effect ended, told by an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// [`Effect::id`].
    pub effect_id: String,
    /// None when it was sent; the error otherwise.
    pub error: Option<String>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// Written, and the lease given back.
    Yes,
    /// Written, and the next step is due: this is the lease for it, which ends when the one before would have.
    GoesOn(Lease),
    /// It was overtaken: only the turn was recorded, as superseded, and the conversation wakes at once.
    Superseded,
    /// The lease was lost: nothing was written.
    LeaseLost,
}
