//! What Rapport may do by itself, as the configuration's `[policy]` says.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::intent::Intent;

/// How much Rapport does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Reads along and stays silent.
    Off,
    /// Puts every reply before a rep (`a-person-decides`).
    #[default]
    Draft,
    /// Sends replies that pass every check.
    Auto,
}

impl Mode {
    /// The name used in configuration and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Draft => "draft",
            Self::Auto => "auto",
        }
    }

    /// Reads [`Mode::as_str`] back.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Off, Self::Draft, Self::Auto].into_iter().find(|mode| mode.as_str() == name)
    }
}

/// The rules of deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The mode where nothing narrower says otherwise.
    pub mode: Mode,
    /// Modes for single intents; narrower than `mode`, wider than a conversation's own.
    pub intents: BTreeMap<Intent, Mode>,
    /// Hold the first answer to a person who was never answered before.
    pub hold_first: bool,
    /// Automatic texts to one lead in 24 hours, at most.
    pub lead_daily_cap: u32,
    /// Automatic texts of the whole organisation in one hour, at most.
    pub hourly_cap: u32,
    /// Automatic texts of the whole organisation in 24 hours, at most.
    pub daily_cap: u32,
    /// Segments of one reply, at most.
    pub segments_max: u32,
    /// How long Rapport stays silent after a rep texted or composed in Close.
    pub takeover: Duration,
    /// How long after a lead's own text a reply may go at any hour.
    pub fresh_reply: Duration,
    /// How old the text that a reply answers may be, for the reply to go by itself.
    pub late_after: Duration,
    /// Hosts that a link in a reply may point to, beside the booking links Rapport makes.
    pub link_hosts: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::Draft,
            intents: BTreeMap::new(),
            hold_first: true,
            lead_daily_cap: 20,
            hourly_cap: 200,
            daily_cap: 1_000,
            segments_max: 2,
            takeover: Duration::from_hours(12),
            fresh_reply: Duration::from_mins(10),
            late_after: Duration::from_hours(2),
            link_hosts: Vec::new(),
        }
    }
}

impl Policy {
    /// The mode for a turn, resolved from narrow to wide: conversation, intent, default.
    ///
    /// A conversation that is off is off, and so is a default of off; the four never-automatic intents are at most
    /// drafts.
    #[must_use]
    pub fn mode_for(&self, conversation: Option<Mode>, intent: Intent) -> Mode {
        let mode = conversation.or_else(|| self.intents.get(&intent).copied()).unwrap_or(self.mode);
        if intent.is_never_auto() { mode.min(Mode::Draft) } else { mode }
    }

    /// The mode before the intent is known: off means that no model needs to be asked.
    #[must_use]
    pub fn mode_before_intent(&self, conversation: Option<Mode>) -> Mode {
        conversation.unwrap_or_else(|| self.intents.values().copied().fold(self.mode, Mode::max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_narrowest_setting_wins_and_four_intents_never_go_by_themselves() {
        let mut policy = Policy { mode: Mode::Draft, ..Policy::default() };
        policy.intents.insert(Intent::Booking, Mode::Auto);
        policy.intents.insert(Intent::Complaint, Mode::Auto);
        assert_eq!(policy.mode_for(None, Intent::Price), Mode::Draft);
        assert_eq!(policy.mode_for(None, Intent::Booking), Mode::Auto);
        assert_eq!(policy.mode_for(Some(Mode::Off), Intent::Booking), Mode::Off);
        assert_eq!(policy.mode_for(None, Intent::Complaint), Mode::Draft);
        assert_eq!(policy.mode_for(Some(Mode::Auto), Intent::WantsHuman), Mode::Draft);
    }
}
