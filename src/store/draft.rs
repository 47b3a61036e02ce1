//! A reply that waits for a rep.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// Waits for a rep.
    Waiting,
    /// Approved as it was.
    Approved,
    /// Approved with changes.
    Edited,
    /// Rejected.
    Rejected,
    /// Replaced by a newer draft.
    Replaced,
    /// Taken back: the conversation moved on.
    Withdrawn,
}

impl DraftState {
    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Edited => "edited",
            Self::Rejected => "rejected",
            Self::Replaced => "replaced",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`DraftState::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Edited, Self::Rejected, Self::Replaced, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// A draft to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDraft {
    /// `draft_…`.
    pub id: String,
    /// The turn that made it.
    pub turn_id: String,
    /// The exact text proposed.
    pub text: String,
    /// Why it waits, in a sentence.
    pub reason: String,
    /// When the newest text it answers was written: decides whether an approved reply is fresh.
    pub answers_text_at: Option<Timestamp>,
}

/// A stored draft.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// `draft_…`.
    pub id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// The turn that made it.
    pub turn_id: String,
    /// The exact text proposed.
    pub text: String,
    /// What was sent instead, if a rep changed it.
    pub edited_text: Option<String>,
    /// Why it waits, in a sentence.
    pub reason: String,
    /// How far it is.
    pub state: DraftState,
    /// Why it is no longer waiting, for rejected, replaced and withdrawn ones.
    pub ended_reason: String,
    /// Who decided.
    pub reviewer: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was decided.
    pub decided_at: Option<Timestamp>,
    /// When the newest text it answers was written.
    pub answers_text_at: Option<Timestamp>,
    /// The newest inbox `seq` it knows of.
    pub basis_seq: i64,
}
