//! Where a conversation stands outside its words: who may be texted, by whom, how often and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::conversation::policy::Mode;

/// Where a conversation stands when a reply is about to be decided on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Standing {
    /// Why nothing may be sent to this phone any more (`never-after-stop`); none while texting is allowed.
    #[serde(default)]
    pub suppressed: Option<String>,
    /// The kill switch is on: nothing is sent by anyone through Rapport.
    #[serde(default)]
    pub paused: bool,
    /// A person of the sales team has the conversation (`never-over-a-human`).
    #[serde(default)]
    pub takeover: bool,
    /// The conversation's own mode; none to follow the policy.
    #[serde(default)]
    pub conversation_mode: Option<Mode>,
    /// A rep asked for this reply, to look at it (`a-person-decides`).
    #[serde(default)]
    pub rep_asked: bool,
    /// The person was never answered before.
    #[serde(default)]
    pub first_contact: bool,
    /// Automatic texts to this lead in the last 24 hours.
    #[serde(default)]
    pub sent_to_lead_24h: u32,
    /// Automatic texts of the organisation in the last hour.
    #[serde(default)]
    pub sent_1h: u32,
    /// Automatic texts of the organisation in the last 24 hours.
    #[serde(default)]
    pub sent_24h: u32,
    /// When a text may go: now, or the next legal instant when it does not answer a fresh text; none when there is none.
    pub send_allowed_at: Option<Timestamp>,
    /// The rule of the hours that makes it wait, in words; none when nothing does.
    #[serde(default)]
    pub hours_rule: Option<String>,
    /// Why the law of a state the lead may be in allows no further text now; none while it does.
    #[serde(default)]
    pub state_cap: Option<String>,
    /// Knowledge passages and instructions that were given to the model.
    #[serde(default)]
    pub known_text: Vec<String>,
}

impl Standing {
    /// A conversation in which nothing stands in the way at `now`.
    #[must_use]
    pub fn clear(now: Timestamp) -> Self {
        Self {
            suppressed: None,
            paused: false,
            takeover: false,
            conversation_mode: None,
            rep_asked: false,
            first_contact: false,
            sent_to_lead_24h: 0,
            sent_1h: 0,
            sent_24h: 0,
            send_allowed_at: Some(now),
            hours_rule: None,
            state_cap: None,
            known_text: Vec::new(),
        }
    }

    pub(crate) fn suppression(&self) -> Option<String> {
        let why = self.suppressed.as_deref()?.trim();
        let why = if why.is_empty() { "the lead opted out" } else { why };
        Some(format!("Nothing is sent to this phone any more: {}.", why.trim_end_matches('.')))
    }

    pub(crate) fn pause(&self) -> Option<String> {
        self.paused.then(|| "Rapport is paused: nothing is sent until it is resumed.".to_owned())
    }

    pub(crate) fn person_in_charge(&self) -> Option<String> {
        self.takeover.then(|| "A person of the team has taken over this conversation.".to_owned())
    }
}
