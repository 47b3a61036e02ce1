//! What a person is told who goes on where Rapport stops, and whether a task at Close tells it too.

use super::words::{apart, begun, in_order};
use crate::store::handoff::{HandoffRecord, TaskState};
use crate::store::lane::{Conversation, State};

/// A handoff that stands.
#[derive(Debug)]
pub(super) struct HandoffLine {
    /// Who the lead is and what was said, a line each.
    pub summary: String,
    pub next_step: String,
    /// What became of the task, in a sentence; empty where none is wanted.
    pub task: String,
}

impl HandoffLine {
    /// The handoff of `conversation`; none when nobody is waited for any more.
    pub(super) fn of(record: &HandoffRecord, conversation: &Conversation) -> Option<Self> {
        let is_over = record.is_settled || matches!(conversation.state, State::Quiet | State::OptedOut);
        let name = conversation.display_name.as_deref().unwrap_or_default();
        (!is_over).then(|| Self {
            summary: apart(&in_order(&record.handoff.summary), &in_order(name)),
            next_step: in_order(&record.handoff.next_step),
            task: task_words(record),
        })
    }
}

fn task_words(record: &HandoffRecord) -> String {
    let error = begun(record.error.trim().trim_end_matches('.'));
    match record.state {
        TaskState::Unwanted | TaskState::Needless => String::new(),
        TaskState::Wanted if error.is_empty() => "A task is being made at Close.".to_owned(),
        TaskState::Wanted => format!("The task at Close is not made yet. {error}. Rapport keeps trying."),
        TaskState::Making => "Whether the task was made at Close is being looked up.".to_owned(),
        TaskState::Made => "A task at Close tells the lead's owner.".to_owned(),
        TaskState::Joined => "The task at Close from before is still open.".to_owned(),
        TaskState::Failed => format!("No task was made at Close. {error}."),
    }
}
