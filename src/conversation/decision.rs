//! What becomes of a turn.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing against it; there may be something to know.
    Pass,
    /// The text was put right; it may go.
    Mended,
    /// Goes back to the model once with the reason, then to a rep.
    Regenerate,
    /// A rep must look.
    Hold,
    /// Must not be sent by anyone.
    Block,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The check's name, such as `invented_time`.
    pub check: String,
    /// How it ended.
    pub verdict: Verdict,
    /// A sentence for the rep; empty for most passes.
    pub sentence: String,
}

impl Finding {
    /// True when there is something to read.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.verdict != Verdict::Pass || !self.sentence.is_empty()
    }
}

/// What becomes of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Decision {
    /// Goes out by itself.
    Send {
        /// The exact text.
        text: String,
        /// Not before this instant, when the hours forbid it now (`never-out-of-hours`).
        not_before: Option<Timestamp>,
    },
    /// Waits for a rep.
    Draft {
        /// The exact text proposed.
        text: String,
        /// Why it waits, in a sentence.
        reason: String,
    },
    /// Goes to a rep without a draft.
    HandOff {
        /// Why, in a sentence.
        reason: String,
    },
    /// Stays unanswered on purpose.
    Silence {
        /// Why, in a sentence.
        reason: String,
    },
    /// The lead does not want to be texted: nothing is sent to that phone any more (`never-after-stop`).
    OptOut {
        /// Why, in a sentence.
        reason: String,
    },
}

impl Decision {
    /// The name used in records, tables and expectations.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Send { .. } => "send",
            Self::Draft { .. } => "draft",
            Self::HandOff { .. } => "hand_off",
            Self::Silence { .. } => "silence",
            Self::OptOut { .. } => "opt_out",
        }
    }

    /// The text that would reach the lead, if any.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Send { text, .. } | Self::Draft { text, .. } => Some(text),
            Self::HandOff { .. } | Self::Silence { .. } | Self::OptOut { .. } => None,
        }
    }

    /// Why, for a rep; empty for a reply that simply goes out.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Send { .. } => "",
            Self::Draft { reason, .. }
            | Self::HandOff { reason }
            | Self::Silence { reason }
            | Self::OptOut { reason } => reason,
        }
    }
}
