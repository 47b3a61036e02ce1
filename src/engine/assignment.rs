//! What a turn is to answer.

use std::collections::BTreeSet;

use super::absorb::message_of;
use crate::conversation::{Author, Message};
use crate::sms::opt_out;
use crate::store::lane::{InboxEvent, LaneView};

/// What a turn is to answer.
#[derive(Debug, Clone, Default)]
pub struct Assignment {
    /// The inbox events it deals with.
    pub inbox_ids: Vec<String>,
    /// The lead's texts among them, by activity.
    pub activity_ids: BTreeSet<String>,
    /// A rep's wish, and the draft it is about.
    pub instruction: Option<(String, String)>,
    /// The rep wants to look at what is written (`a-person-decides`).
    pub wants_draft: bool,
}

impl Assignment {
    /// The events that wait, and what a rep asked for.
    pub(super) fn new(view: &LaneView, pending: &[&InboxEvent], instruction: Option<&InboxEvent>) -> Self {
        let word = |event: &InboxEvent, key: &str| {
            event.body.get(key).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
        };
        Self {
            inbox_ids: pending.iter().copied().chain(instruction).map(|event| event.id.clone()).collect(),
            activity_ids: pending
                .iter()
                .filter_map(|event| event.activity_id.clone())
                .chain(silenced_after_opt_in(view, pending))
                .collect(),
            wants_draft: instruction.is_some_and(|event| event.body.get("draft") == Some(&true.into())),
            instruction: instruction.map(|event| (word(event, "instruction"), word(event, "previous_text"))),
        }
    }
}

/// Texts written after a START that came late: they met silence, and are to be answered with it (`nothing-lost`).
fn silenced_after_opt_in(view: &LaneView, pending: &[&InboxEvent]) -> Vec<String> {
    let texts = pending.iter().filter_map(|event| message_of(event));
    let asks_again = |text: &Message| opt_out::is_opt_in(&text.text) || opt_out::asks_again(&text.text);
    let Some(since) = texts.filter(asks_again).map(|text| text.at).min() else {
        return Vec::new();
    };
    let unanswered = view.messages.rsplit(|message| message.author != Author::Lead).next().unwrap_or_default();
    unanswered.iter().filter(|text| text.at > since).map(|text| text.activity_id.clone()).collect()
}
