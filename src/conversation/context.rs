//! Everything a turn knows when it composes and decides. Evaluations build the same value from a file.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::lead::LeadFacts;
use super::message::Message;
use super::notices::Notices;
use super::slot::Offer;

/// Who the texts come from, as the configuration's `[organisation]` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organisation {
    /// The company's name, as leads know it.
    pub name: String,
    /// The name the texts are signed with.
    pub agent_name: String,
    /// What the company offers, in a sentence or two.
    pub offer: String,
    /// IANA zone of the office; used when nothing is known of a lead's.
    pub timezone: String,
    /// The language to answer in when the lead's own is unclear, as a BCP 47 tag.
    pub language: String,
}

impl Default for Organisation {
    fn default() -> Self {
        Self {
            name: "our team".to_owned(),
            agent_name: "Alex".to_owned(),
            offer: String::new(),
            timezone: "America/New_York".to_owned(),
            language: "en".to_owned(),
        }
    }
}

/// A rep's wish for a new draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instruction {
    /// What to do differently, in the rep's words.
    pub text: String,
    /// The draft it is about.
    pub previous_text: String,
}

/// A meeting the lead has booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    /// Its name.
    pub name: String,
    /// When it starts.
    pub start: Timestamp,
    /// The page where the lead can move it.
    #[serde(default)]
    pub reschedule_url: Option<String>,
    /// The page where the lead can call it off.
    #[serde(default)]
    pub cancel_url: Option<String>,
}

/// What a turn knows. One lead's data, by construction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TurnContext {
    /// The instant the turn is made for.
    pub now: Timestamp,
    /// Who the texts come from.
    pub organisation: Organisation,
    /// Who they go to.
    pub lead: LeadFacts,
    /// What was said before the new texts, oldest first.
    pub history: Vec<Message>,
    /// The texts to answer, oldest first. Empty when a rep asked for a new draft without a newer text.
    pub new_texts: Vec<Message>,
    /// A summary of messages older than `history`, if there is one.
    #[serde(default)]
    pub summary: Option<String>,
    /// What may be offered.
    #[serde(default)]
    pub offer: Offer,
    /// Meetings the lead has.
    #[serde(default)]
    pub bookings: Vec<Booking>,
    /// What a rep asked for.
    #[serde(default)]
    pub instruction: Option<Instruction>,
    /// What the text must say beside its answer.
    #[serde(default)]
    pub notices: Notices,
}

impl TurnContext {
    /// The zone in which times are told to this lead.
    #[must_use]
    pub fn zone(&self) -> &str {
        self.lead.zone(&self.organisation.timezone)
    }

    /// When the newest text to answer was written.
    #[must_use]
    pub fn newest_text_at(&self) -> Option<Timestamp> {
        self.new_texts.iter().map(|message| message.at).max()
    }
}
