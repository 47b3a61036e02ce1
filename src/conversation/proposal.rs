//! What a model proposes. A proposal has no power: code decides what becomes of it.

use serde::{Deserialize, Serialize};

use super::intent::Intent;

/// A model's answer, after lenient reading.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// The reply, with placeholders (`{slot:2}`, `{booking_link}`) where data goes. Empty for no reply.
    pub text: String,
    /// What the lead wants.
    pub intent: Intent,
    /// Ids of the knowledge passages the reply draws on.
    #[serde(default)]
    pub facts_used: Vec<String>,
    /// Places of the slots the reply offers, from 1.
    #[serde(default)]
    pub slots_named: Vec<u32>,
    /// The lead asks for a person, or the model cannot help.
    #[serde(default)]
    pub wants_human: bool,
    /// The lead asks not to be texted, in whatever words.
    #[serde(default)]
    pub opt_out: bool,
    /// How sure the model says it is, 0 to 1; shown to reps, never a licence to send.
    #[serde(default)]
    pub confidence: Option<f64>,
    /// One sentence for the rep: why this reply.
    #[serde(default)]
    pub reason: String,
    /// False when the model did not keep to the schema and its plain words were taken as the reply: such a proposal is
    /// always held for a person.
    #[serde(default = "yes")]
    pub structured: bool,
}

impl Proposal {
    /// A reply, and nothing said about it.
    #[must_use]
    pub fn reply(text: impl Into<String>, intent: Intent) -> Self {
        Self {
            text: text.into(),
            intent,
            facts_used: Vec::new(),
            slots_named: Vec::new(),
            wants_human: false,
            opt_out: false,
            confidence: None,
            reason: String::new(),
            structured: true,
        }
    }

    /// True when the model heard a wish not to be texted. What it says of that stands: it is not asked again
    /// (`never-after-stop`).
    #[must_use]
    pub fn asks_for_silence(&self) -> bool {
        self.opt_out || self.intent == Intent::OptOut
    }
}

fn yes() -> bool {
    true
}
