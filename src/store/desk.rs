//! What reps see and do.

use jiff::Timestamp;

use super::draft::Draft;
use super::effect::Effect;
use super::error::StoreError;
use super::lane::{Conversation, Ending, EventKind};
use super::turn::TurnRecord;
use crate::conversation::Message;

/// A line of the desk's list.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskItem {
    /// The conversation.
    pub conversation: Conversation,
    /// The draft that waits, if any.
    pub draft: Option<Draft>,
    /// The newest message.
    pub last_message: Option<Message>,
}

/// A stretch of the desk's list.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskList {
    /// What waits for a rep.
    pub waiting: Vec<DeskItem>,
    /// How much waits in all.
    pub waiting_total: usize,
    /// The other conversations, last changed first.
    pub recent: Vec<Conversation>,
    /// How many others there are in all.
    pub recent_total: usize,
}

/// An inbox event with its ending, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxRecord {
    /// Its place in the conversation.
    pub seq: i64,
    /// What it means.
    pub kind: EventKind,
    /// The SMS activity.
    pub activity_id: Option<String>,
    /// When we read it.
    pub received_at: Timestamp,
    /// How it ended; none while it is not dealt with.
    pub ending: Option<Ending>,
    /// Why, in a sentence.
    pub reason: String,
}

/// A whole conversation for the desk.
#[derive(Debug, Clone)]
pub struct DeskThread {
    /// The row.
    pub conversation: Conversation,
    /// All messages, oldest first.
    pub messages: Vec<Message>,
    /// All drafts, oldest first.
    pub drafts: Vec<Draft>,
    /// All effects, oldest first.
    pub effects: Vec<Effect>,
    /// All turns, oldest first, without their prompts.
    pub turns: Vec<TurnRecord>,
    /// All inbox events, oldest first.
    pub inbox: Vec<InboxRecord>,
}

/// What a rep does with a draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Review {
    /// Send it as it is, not before `not_before`.
    Approve {
        /// From when on the hours allow it; none for now.
        not_before: Option<Timestamp>,
    },
    /// Send this text instead.
    Edit {
        /// The exact text.
        text: String,
        /// From when on the hours allow it; none for now.
        not_before: Option<Timestamp>,
    },
    /// Do not send it.
    Reject {
        /// Why; may be empty.
        reason: String,
    },
    /// Write a new one.
    Regenerate {
        /// What to do differently.
        instruction: String,
    },
}

/// Why a rep's wish was refused. Each says what happened and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such draft or conversation.
    #[error("This is no longer here. Go back to the list.")]
    NotFound,
    /// Somebody else decided.
    #[error("This draft was already {how}{}. Nothing was changed.", by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default())]
    AlreadyDecided {
        /// The draft's state.
        how: &'static str,
        /// Who.
        by: Option<String>,
    },
    /// The conversation does not wait for a person.
    #[error("This conversation {0}. Nothing was changed.")]
    NotWaiting(&'static str),
    /// The conversation moved on.
    #[error("A newer text came in. This draft does not answer it and was not sent; a new one is being written.")]
    Stale,
    /// The summary was made anew meanwhile.
    #[error("A newer summary was made while you wrote. Yours was not kept: look at the new one, and change that.")]
    SummaryMoved,
    /// The lead opted out.
    #[error("This lead asked not to be texted. Nothing can be sent to this number.")]
    Suppressed,
    /// The kill switch is on.
    #[error("Rapport is paused ({0}). Nothing is sent until it is resumed.")]
    Paused(String),
    /// The kill switch was pulled anew while somebody was about to lift an older pause.
    #[error("Rapport was paused anew meanwhile ({0}), and stays paused. If that pause may end too, resume again.")]
    PausedAnew(String),
    /// A rep writes in Close.
    #[error("A rep is texting with this lead from Close. Hand the conversation back to Rapport first.")]
    TakenOver,
}

/// Why a rep's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// It may not be done; nothing was changed.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed; nothing was changed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for DeskError {
    fn from(source: sqlx::Error) -> Self {
        Self::Store(source.into())
    }
}
