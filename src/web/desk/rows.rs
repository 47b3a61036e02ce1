//! The desk's list: what waits, then what happened lately.

use std::collections::HashSet;

use jiff::Timestamp;

use super::words::{StateWords, age, begun, phone, snippet, state_words};
use crate::conversation::{Author, Message};
use crate::store::desk::DeskItem;
use crate::store::draft::Draft;
use crate::store::lane::Conversation;

/// Characters of the last text shown in a row.
const SNIPPET: usize = 140;

/// One line of the list.
#[derive(Debug)]
pub(super) struct Row {
    pub id: String,
    pub name: String,
    /// The number, where the name is shown instead.
    pub number: String,
    pub snippet: String,
    pub state: StateWords,
    /// Why it is in this state; empty when there is nothing to say.
    pub why: String,
    pub at: Timestamp,
    pub age: String,
    /// True for the conversation that is open beside the list.
    pub current: bool,
}

/// Both halves of the list.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub waiting: Vec<Row>,
    pub recent: Vec<Row>,
}

impl Rows {
    /// What waits, newest first, and the rest of the recent conversations.
    pub(super) fn new(waiting: &[DeskItem], recent: &[Conversation], now: Timestamp, current: Option<&str>) -> Self {
        let waits: HashSet<&str> = waiting.iter().map(|item| item.conversation.id.as_str()).collect();
        let waiting = waiting.iter().map(|item| {
            Row::new(&item.conversation, item.draft.as_ref(), item.last_message.as_ref(), now).marked(current)
        });
        let rest = recent.iter().filter(|conversation| !waits.contains(conversation.id.as_str()));
        let recent = rest.map(|conversation| Row::new(conversation, None, None, now).marked(current));
        Self { waiting: waiting.collect(), recent: recent.collect() }
    }

    /// Everything there is to see, in order, for templates that only need to know if there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.recent.is_empty()
    }

    /// What waits beside the conversation that is open, if anything.
    pub(super) fn next_waiting(&self) -> Option<&Row> {
        self.waiting.iter().find(|row| !row.current)
    }
}

impl Row {
    fn new(conversation: &Conversation, draft: Option<&Draft>, last: Option<&Message>, now: Timestamp) -> Self {
        let at = draft.map_or(conversation.updated_at, |draft| draft.created_at);
        let (name, number) = name_of(conversation);
        Self {
            id: conversation.id.clone(),
            name,
            number,
            snippet: last.map(last_text).unwrap_or_default(),
            state: state_words(conversation.state),
            why: begun(draft.map_or(&conversation.reason, |draft| &draft.reason)),
            at,
            age: age(now, at),
            current: false,
        }
    }

    fn marked(self, current: Option<&str>) -> Self {
        Self { current: current == Some(self.id.as_str()), ..self }
    }
}

/// The name to show, and the number beside it when the name is not the number itself.
pub(super) fn name_of(conversation: &Conversation) -> (String, String) {
    let number = phone(&conversation.numbers.theirs);
    match conversation.display_name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        Some(name) => (name.to_owned(), number),
        None => (number, String::new()),
    }
}

fn last_text(message: &Message) -> String {
    let text = if message.text.trim().is_empty() && message.attachments > 0 { "(picture)" } else { &message.text };
    let text = snippet(text, SNIPPET);
    match message.author {
        Author::Lead => text,
        Author::Agent => format!("You: {text}"),
        Author::Rep => format!("Rep: {text}"),
        Author::Workflow => format!("Workflow: {text}"),
    }
}
