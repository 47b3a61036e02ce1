//! One text message of a conversation, as Close holds it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// The lead.
    Lead,
    /// Rapport, by itself or approved by a rep.
    Agent,
    /// A person of the sales team, in Close.
    Rep,
    /// A Close workflow (sequence).
    Workflow,
}

impl Author {
    /// The name used in records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Agent => "agent",
            Self::Rep => "rep",
            Self::Workflow => "workflow",
        }
    }

    /// Reads [`Author::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Lead, Self::Agent, Self::Rep, Self::Workflow].into_iter().find(|author| author.as_str() == name)
    }
}

/// One text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Close's activity id (`acti_…`).
    pub activity_id: String,
    /// Who wrote it.
    pub author: Author,
    /// What it says; empty for a picture without words.
    pub text: String,
    /// When it was sent or received, by Close's own time of the activity.
    pub at: Timestamp,
    /// How many pictures or files came with it.
    #[serde(default)]
    pub attachments: u32,
}
