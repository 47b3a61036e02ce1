//! The conversation as bubbles: what was said, what is on its way, what failed, and why a text stayed unanswered.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;

use super::words::{author_words, moment};
use crate::conversation::{Author, Message};
use crate::store::desk::{DeskThread, InboxRecord};
use crate::store::effect::{Effect, EffectState};
use crate::store::lane::{Ending, EventKind};

/// One text in the thread.
#[derive(Debug)]
pub(super) struct Bubble {
    /// Stable while the page lives, so that only what is new is announced.
    pub id: String,
    /// The style: `lead`, `ours`, or `ours other` for what Rapport did not write.
    pub kind: &'static str,
    pub who: String,
    pub text: String,
    /// What came beside the words, such as `2 pictures or files`.
    pub attached: String,
    pub at: Timestamp,
    pub time: String,
    /// How far it is, in words; empty for what simply arrived.
    pub status: String,
    /// Until when it waits, and that in words.
    pub until: Option<(Timestamp, String)>,
    /// What went wrong; empty if nothing.
    pub error: String,
    /// Why it got no answer; empty when it did or still may.
    pub silence: String,
}

/// All bubbles, oldest first.
pub(super) fn bubbles(thread: &DeskThread, lead_name: &str, now: Timestamp) -> Vec<Bubble> {
    let by_activity: HashMap<&str, &Effect> = thread
        .effects
        .iter()
        .filter_map(|effect| effect.activity_id.as_deref().map(|activity| (activity, effect)))
        .collect();
    let silences = silences(&thread.inbox);
    let known: HashSet<&str> = thread.messages.iter().map(|message| message.activity_id.as_str()).collect();
    let said = thread.messages.iter().map(|message| {
        let activity = message.activity_id.as_str();
        let effect = by_activity.get(activity).copied();
        of_message(message, effect, silences.get(activity).copied().unwrap_or_default(), lead_name)
    });
    let on_its_way = thread
        .effects
        .iter()
        .filter(|effect| effect.state != EffectState::Withdrawn)
        .filter(|effect| effect.activity_id.as_deref().is_none_or(|activity| !known.contains(activity)))
        .map(|effect| of_effect(effect, now));
    let mut all: Vec<Bubble> = said.chain(on_its_way).collect();
    all.sort_by_key(|bubble| bubble.at);
    all
}

fn of_message(message: &Message, effect: Option<&Effect>, silence: &str, lead_name: &str) -> Bubble {
    let who = match message.author {
        Author::Lead => lead_name.to_owned(),
        author => author_words(author).to_owned(),
    };
    Bubble {
        id: format!("m-{}", message.activity_id),
        kind: match message.author {
            Author::Lead => "lead",
            Author::Agent => "ours",
            Author::Rep | Author::Workflow => "ours other",
        },
        who,
        text: message.text.clone(),
        attached: attached(message.attachments),
        at: message.at,
        time: moment(message.at),
        status: effect.map(sender_words).unwrap_or_default(),
        until: None,
        error: effect.map(error_words).unwrap_or_default(),
        silence: silence.to_owned(),
    }
}

fn of_effect(effect: &Effect, now: Timestamp) -> Bubble {
    let progress = match effect.state {
        EffectState::Queued => "Waiting to be sent",
        EffectState::Drafting | EffectState::Drafted | EffectState::Sending => "Sending…",
        EffectState::Accepted => "Handed to Close",
        EffectState::Sent => "Sent",
        EffectState::Failed => "Not sent",
        EffectState::Withdrawn => "Taken back",
    };
    Bubble {
        id: format!("e-{}", effect.id),
        kind: "ours",
        who: author_words(Author::Agent).to_owned(),
        text: effect.text.clone(),
        attached: String::new(),
        at: effect.created_at,
        time: moment(effect.created_at),
        status: format!("{progress} · {}", sender_words(effect)),
        until: effect.next_at.filter(|at| *at > now && effect.state.is_open()).map(|at| (at, moment(at))),
        error: error_words(effect),
        silence: String::new(),
    }
}

fn sender_words(effect: &Effect) -> String {
    effect.approved_by.as_ref().map_or_else(|| "by itself".to_owned(), |reviewer| format!("approved by {reviewer}"))
}

/// What went wrong and what to do, only where something did.
fn error_words(effect: &Effect) -> String {
    let error = effect.error.trim().trim_end_matches('.');
    match effect.state {
        EffectState::Failed if error.is_empty() => "This text was not sent. Answer the lead in Close.".to_owned(),
        EffectState::Failed => format!("This text was not sent: {error}. Put that right, or answer the lead in Close."),
        state if state.is_open() && !error.is_empty() => format!("{error}. Rapport keeps trying."),
        _ => String::new(),
    }
}

fn attached(count: u32) -> String {
    match count {
        0 => String::new(),
        1 => "1 picture or file, to be seen in Close".to_owned(),
        many => format!("{many} pictures or files, to be seen in Close"),
    }
}

/// Activity to the reason why that text has no answer.
fn silences(inbox: &[InboxRecord]) -> HashMap<&str, &str> {
    inbox
        .iter()
        .filter(|record| record.kind == EventKind::LeadText && record.ending == Some(Ending::Unanswered))
        .filter_map(|record| Some((record.activity_id.as_deref()?, record.reason.as_str())))
        .collect()
}
