//! The desk's list: what waits, then what happened lately.

use jiff::Timestamp;

use super::words::{StateWords, age, begun, for_rep, in_order, phone, snippet, state_words};
use crate::conversation::{Author, Message};
use crate::store::desk::DeskList;
use crate::store::draft::Draft;
use crate::store::lane::Conversation;

/// Rows shown on a page of what waits, and of what happened lately.
pub(super) const ROWS: usize = 100;
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

/// Both halves of the list, a page of each.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub waiting: Vec<Row>,
    /// How much waits in all.
    pub waiting_total: usize,
    pub recent: Vec<Row>,
    /// The pages around this one, where there are any.
    pub before: Option<usize>,
    pub after: Option<usize>,
    /// Which rows these are, such as `101–200 of 332`; empty where they are all there is.
    pub stretch: String,
}

impl Rows {
    /// A page of what waits, and of the other conversations; `at` is now, and the organisation's zone.
    pub(super) fn new(list: &DeskList, page: usize, at: (Timestamp, &str), current: Option<&str>) -> Self {
        let waiting = list.waiting.iter().map(|item| {
            Row::new(&item.conversation, item.draft.as_ref(), item.last_message.as_ref(), at).marked(current)
        });
        let recent = list.recent.iter().map(|conversation| Row::new(conversation, None, None, at).marked(current));
        let (first, total) = ((page - 1) * ROWS + 1, list.waiting_total);
        let end = first + list.waiting.len().saturating_sub(1);
        let is_all = list.waiting.is_empty() || list.waiting.len() == total;
        Self {
            waiting: waiting.collect(),
            waiting_total: total,
            recent: recent.collect(),
            before: (page > 1).then(|| page - 1),
            after: (total.max(list.recent_total) > page * ROWS).then(|| page + 1),
            stretch: if is_all { String::new() } else { format!("{first}–{end} of {total}") },
        }
    }

    /// Everything there is to see, in order, for templates that only need to know if there is any.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting_total == 0 && self.recent.is_empty()
    }

    /// What waits beside the conversation that is open, if anything.
    pub(super) fn next_waiting(&self) -> Option<&Row> {
        self.waiting.iter().find(|row| !row.current)
    }
}

impl Row {
    fn new(
        conversation: &Conversation,
        draft: Option<&Draft>,
        last: Option<&Message>,
        (now, zone): (Timestamp, &str),
    ) -> Self {
        let at = draft.map_or(conversation.updated_at, |draft| draft.created_at);
        let (name, number) = name_of(conversation);
        Self {
            id: conversation.id.clone(),
            name,
            number,
            snippet: last.map(last_text).unwrap_or_default(),
            state: state_words(conversation.state),
            why: begun(&for_rep(draft.map_or(&conversation.reason, |draft| &draft.reason), zone)),
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
    let name = conversation.display_name.as_deref().map(in_order).unwrap_or_default();
    match Some(name.trim()).filter(|name| !name.is_empty()) {
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
