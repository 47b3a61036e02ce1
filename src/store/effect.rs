//! A text that was decided on: a row of the outbox, sent in two steps so that it can never double (`never-twice`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How far a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectState {
    /// Decided; nothing was done at Close.
    Queued,
    /// The POST of the Close draft has begun; its answer is not known.
    Drafting,
    /// The Close draft exists and its id is stored.
    Drafted,
    /// The PUT to `outbox` has begun; its answer is not known.
    Sending,
    /// Close took it.
    Accepted,
    /// Close says it was sent.
    Sent,
    /// Close or we refused; it was not sent.
    Failed,
    /// Taken back before it was sent.
    Withdrawn,
}

impl EffectState {
    /// Every state.
    pub const ALL: &[Self] = &[
        Self::Queued,
        Self::Drafting,
        Self::Drafted,
        Self::Sending,
        Self::Accepted,
        Self::Sent,
        Self::Failed,
        Self::Withdrawn,
    ];

    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Drafting => "drafting",
            Self::Drafted => "drafted",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`EffectState::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == name)
    }

    /// True while something is left to do.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Drafting | Self::Drafted | Self::Sending | Self::Accepted)
    }
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// It answers the lead.
    Reply,
    /// It only says that a person will.
    Acknowledgement,
}

impl Purpose {
    /// The name in the database and the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reply => "reply",
            Self::Acknowledgement => "acknowledgement",
        }
    }

    /// Reads [`Purpose::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Reply, Self::Acknowledgement].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// A text to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEffect {
    /// `out_…`.
    pub id: String,
    /// The turn that decided on it.
    pub turn_id: Option<String>,
    /// The exact text.
    pub text: String,
    /// Not before this instant (`never-out-of-hours`).
    pub not_before: Option<Timestamp>,
}

/// A row of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// `out_…`.
    pub id: String,
    /// Its conversation.
    pub conversation_id: String,
    /// The turn that decided on it.
    pub turn_id: Option<String>,
    /// The draft it came from, when a rep approved it.
    pub draft_id: Option<String>,
    /// What it is for.
    pub purpose: Purpose,
    /// Its place among the conversation's effects, from 1.
    pub ordinal: i64,
    /// The exact text.
    pub text: String,
    /// How far it is.
    pub state: EffectState,
    /// Close's activity id, once known.
    pub activity_id: Option<String>,
    /// The newest inbox `seq` it knows of: anything newer withdraws it.
    pub basis_seq: i64,
    /// Not before this instant.
    pub next_at: Option<Timestamp>,
    /// Attempts at the current step.
    pub attempts: u32,
    /// What went wrong last; empty if nothing.
    pub error: String,
    /// Why it will be taken back, once that is decided: its draft may still be at Close.
    pub withdraw_reason: Option<String>,
    /// Who approved it; none if it went by itself.
    pub approved_by: Option<String>,
    /// When it was decided.
    pub created_at: Timestamp,
    /// When it came to its state.
    pub updated_at: Timestamp,
}

/// May a step of sending be taken? Checked in the transaction that starts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clearance {
    /// Yes, and the effect's new state is stored.
    Go,
    /// No: it was withdrawn for this reason, and nothing may be sent.
    Withdrawn(String),
    /// No: the lease was lost.
    LeaseLost,
}

/// How a step of sending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendProgress {
    /// The Close draft exists.
    Drafted {
        /// Close's activity id.
        activity_id: String,
    },
    /// Certain that no draft exists: the first step may begin again at `at`.
    NotDrafted {
        /// When.
        at: Timestamp,
        /// Why, for the rep.
        error: String,
    },
    /// The answer is not known; read back at `at`.
    Unclear {
        /// When.
        at: Timestamp,
        /// What happened, for the rep.
        error: String,
    },
    /// Certain that the draft is still a draft: the second step may begin again at `at`.
    StillDraft {
        /// When.
        at: Timestamp,
        /// Why, for the rep.
        error: String,
    },
    /// Close took it for sending.
    Accepted {
        /// When to ask Close whether it was sent, if no event says so before.
        poll_at: Timestamp,
    },
    /// Close says it was sent.
    Sent,
    /// It was not sent and will not be.
    Failed {
        /// Why, for the rep.
        error: String,
    },
    /// It was not sent, because Close refuses everything until an operator has changed the key or the plan.
    Refused {
        /// Why, for the rep.
        error: String,
    },
    /// Taken back; nothing was sent.
    Withdrawn {
        /// Why, for the rep.
        reason: String,
    },
}
