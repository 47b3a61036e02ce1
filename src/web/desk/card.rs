//! What a rep is asked to decide: the draft that waits, or the conversation that needs a person.

use jiff::Timestamp;

use super::record::Record;
use super::segments::Cost;
use super::words::{StateWords, age, begun, for_rep, moment, phone, state_words};
use crate::conversation::Mode;
use crate::store::desk::DeskThread;
use crate::store::draft::{Draft, DraftState};
use crate::store::lane::{Conversation, State};

/// What a rep wrote that was refused.
#[derive(Debug)]
pub(super) enum Typed {
    /// A text to send instead of the draft.
    Text(String),
    /// What a new draft should do differently.
    Wish(String),
    /// Why the draft is rejected.
    Reason(String),
    /// Words for the summary.
    Summary(String),
}

impl Typed {
    /// It belongs to no draft.
    pub(super) fn is_summary(&self) -> bool {
        matches!(self, Self::Summary(_))
    }

    pub(super) fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Wish(text) | Self::Reason(text) | Self::Summary(text) => text,
        }
    }
}

/// The draft that waits.
#[derive(Debug)]
pub(super) struct Card {
    pub draft_id: String,
    pub text: String,
    /// The text in the edit box: a rep's own, when it was refused.
    pub typed: String,
    /// True while the edit box is open.
    pub editing: bool,
    /// A rep's wish or reason, when it was refused; its box is open then.
    pub wish: String,
    pub rejection: String,
    pub why: String,
    pub at: Timestamp,
    pub age: String,
    pub cost: Cost,
    pub typed_cost: Cost,
    /// Why it cannot be sent at the moment; empty when it can.
    pub held: String,
    /// A rep has the conversation, and may hand it back.
    pub with_rep: bool,
    pub record: Option<Record>,
}

impl Card {
    /// The draft that waits in `thread`, if any, `now` and for the organisation's zone. `typed` is what a rep wrote that was
    /// refused.
    pub(super) fn of(
        thread: &DeskThread,
        paused: bool,
        typed: Option<&Typed>,
        (now, zone): (Timestamp, &str),
    ) -> Option<Self> {
        let draft = waiting(thread)?;
        let turn = thread.turns.iter().find(|turn| turn.id == draft.turn_id);
        let (mut text, mut wish, mut rejection) = (None, "", "");
        match typed {
            Some(Typed::Text(typed)) => text = Some(typed),
            Some(Typed::Wish(typed)) => wish = typed,
            Some(Typed::Reason(typed)) => rejection = typed,
            Some(Typed::Summary(_)) | None => {}
        }
        let (editing, text) = (text.is_some(), text.unwrap_or(&draft.text));
        let why = for_rep(&draft.reason, zone);
        Some(Self {
            draft_id: draft.id.clone(),
            text: draft.text.clone(),
            typed: text.clone(),
            editing,
            wish: wish.to_owned(),
            rejection: rejection.to_owned(),
            at: draft.created_at,
            age: age(now, draft.created_at),
            cost: Cost::of(&draft.text),
            typed_cost: Cost::of(text),
            held: held(&thread.conversation, paused, now),
            with_rep: is_with_rep(&thread.conversation, now),
            record: turn.map(|turn| Record::new(turn, &[], zone).without_findings_of(&why)),
            why,
        })
    }
}

/// A rep has the conversation, also where it says for a moment how far a text of before is.
pub(super) fn is_with_rep(conversation: &Conversation, now: Timestamp) -> bool {
    conversation.state == State::TakenOver || conversation.takeover_until.is_some_and(|until| until > now)
}

fn waiting(thread: &DeskThread) -> Option<&Draft> {
    thread.drafts.iter().rev().find(|draft| draft.state == DraftState::Waiting)
}

fn held(conversation: &Conversation, paused: bool, now: Timestamp) -> String {
    match conversation.state {
        _ if paused => "Rapport is paused. Resume it to send this.".to_owned(),
        State::OptedOut => "This lead asked not to be texted. Nothing can be sent.".to_owned(),
        _ if is_with_rep(conversation, now) => "A rep is texting this lead from Close. Hand back first.".to_owned(),
        _ => String::new(),
    }
}

/// The head of a conversation's page.
#[derive(Debug)]
pub(super) struct Head {
    pub id: String,
    pub name: String,
    pub number: String,
    pub our_number: String,
    pub state: StateWords,
    at: State,
    with_rep: bool,
    /// The state in a sentence, and for every silence its reason.
    pub line: String,
    /// When that ends by itself, and that in words.
    pub until: Option<(Timestamp, String)>,
    pub mode: &'static str,
    /// The lead in Close's own app.
    pub close_url: Option<String>,
}

impl Head {
    pub(super) fn of(conversation: &Conversation, close_leads: Option<&str>, now: Timestamp) -> Self {
        let with_rep = is_with_rep(conversation, now);
        let (name, number) = super::rows::name_of(conversation);
        let lead_url = |base: &str| conversation.lead_id.as_ref().map(|lead| format!("{base}{lead}"));
        Self {
            id: conversation.id.clone(),
            name,
            number,
            our_number: phone(&conversation.numbers.ours),
            state: state_words(conversation.state),
            line: state_line(conversation),
            until: conversation.takeover_until.filter(|_| with_rep).map(|at| (at, moment(at))),
            mode: conversation.mode.map_or("default", Mode::as_str),
            at: conversation.state,
            with_rep,
            close_url: close_leads.and_then(lead_url),
        }
    }

    /// A person was asked to act and may say that it is done.
    pub(super) fn is_handed_off(&self) -> bool {
        self.at == State::HandedOff
    }

    /// Attempts ran out; they may begin again.
    pub(super) fn is_parked(&self) -> bool {
        self.at == State::Parked
    }

    /// A rep may give the conversation back to Rapport.
    pub(super) fn is_taken_over(&self) -> bool {
        self.with_rep
    }

    /// A rep may take the conversation.
    pub(super) fn may_be_taken(&self) -> bool {
        !self.with_rep && self.at != State::OptedOut
    }
}

/// How far the conversation is in a sentence and, where Rapport is silent, why.
pub(super) fn state_line(conversation: &Conversation) -> String {
    // Some reasons say already that they are about a silence.
    let reason = conversation.reason.trim();
    let reason = reason.strip_prefix("Silent because ").unwrap_or(reason);
    let or = |words: &str| begun(if reason.is_empty() { words } else { reason });
    match conversation.state {
        State::Quiet if conversation.mode == Some(Mode::Off) && reason.is_empty() => {
            "Silent because: Rapport is switched off for this conversation.".to_owned()
        }
        State::Quiet if reason.is_empty() => "Nothing to do. Rapport answers the next text.".to_owned(),
        State::Quiet => format!("Silent because: {}", begun(reason)),
        State::Working => or("Rapport waits a moment for more texts, then writes one reply."),
        State::DraftWaiting => or("A draft waits for you."),
        State::Sending => or("A text is on its way."),
        State::HandedOff => or("A person must answer; there is no draft."),
        State::TakenOver => format!("Silent because: {}", or("A rep is texting from Close.")),
        State::OptedOut => format!("Silent because: {}", or("The lead asked not to be texted.")),
        State::Parked => or("Attempts ran out. A person must look."),
    }
}
