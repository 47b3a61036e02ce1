//! What Rapport may do by itself, as the configuration's `[policy]` says.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::intent::Intent;
use crate::sms::{Disclosure, Rulebook, State};

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

/// Statuses of leads for whom less is done than for others. Letter case does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statuses {
    /// Every text to them goes before a rep.
    pub draft: Vec<String>,
    /// Nothing is written to them.
    pub off: Vec<String>,
}

impl Default for Statuses {
    /// Teams that keep such a status do not mean an agent to answer by itself; a rep is to see the text all the same.
    fn default() -> Self {
        let draft = ["Do Not Contact", "Do Not Text", "DNC"].map(str::to_owned).to_vec();
        Self { draft, off: Vec::new() }
    }
}

impl Statuses {
    /// What is done at most for a lead with this status.
    #[must_use]
    pub fn ceiling(&self, status: Option<&str>) -> Mode {
        let is_among = |labels: &[String]| {
            let same = |status: &str, label: &str| status.trim().to_lowercase() == label.trim().to_lowercase();
            status.is_some_and(|status| labels.iter().any(|label| same(status, label)))
        };
        if is_among(&self.off) {
            Mode::Off
        } else if is_among(&self.draft) {
            Mode::Draft
        } else {
            Mode::Auto
        }
    }

    /// Why nothing is written to a lead with this status; none when something may be.
    #[must_use]
    pub fn silence(&self, status: Option<&str>) -> Option<String> {
        let label = status.filter(|_| self.ceiling(status) == Mode::Off)?;
        Some(format!("Silent because Rapport is off for leads with the status \"{}\".", label.trim()))
    }
}

/// The rules of deciding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The mode where nothing narrower says otherwise.
    pub mode: Mode,
    /// Modes for single intents; narrower than `mode`, wider than a conversation's own.
    pub intents: BTreeMap<Intent, Mode>,
    /// What Rapport does at most for leads with a status of Close's, whatever else is set.
    pub statuses: Statuses,
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
    /// When texts say that an AI writes.
    pub disclosure: Disclosure,
    /// The same for leads who may be in a state; it goes before the law's own.
    pub disclosure_in: BTreeMap<State, Disclosure>,
    /// Whether Rapport's first text to a lead names the person and the company.
    pub introduce: bool,
    /// How often a lead is told how to opt out; none for never.
    pub opt_out_notice: Option<Duration>,
    /// Hosts that a link in a reply may point to, beside the booking links Rapport makes.
    pub link_hosts: Vec<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            mode: Mode::Draft,
            intents: BTreeMap::new(),
            statuses: Statuses::default(),
            hold_first: true,
            lead_daily_cap: 20,
            hourly_cap: 200,
            daily_cap: 1_000,
            segments_max: 2,
            takeover: Duration::from_hours(12),
            fresh_reply: Duration::from_mins(10),
            late_after: Duration::from_hours(2),
            disclosure: Disclosure::OnAsk,
            disclosure_in: BTreeMap::new(),
            introduce: true,
            opt_out_notice: Some(Duration::from_hours(30 * 24)),
            link_hosts: Vec::new(),
        }
    }
}

impl Policy {
    /// The mode for a turn, resolved from narrow to wide: conversation, intent, default.
    ///
    /// A conversation that is off is off, and so is a default of off; the four never-automatic intents are at most
    /// drafts. The lead's status is asked apart ([`Statuses::ceiling`]).
    #[must_use]
    pub fn mode_for(&self, conversation: Option<Mode>, intent: Intent) -> Mode {
        let mode = conversation.or_else(|| self.intents.get(&intent).copied()).unwrap_or(self.mode);
        if intent.is_never_auto() { mode.min(Mode::Draft) } else { mode }
    }

    /// The strictest disclosure of all states a lead may be in. What the law asks of texts that no person approves counts only
    /// where they may go `by_itself`, and only where the configuration says nothing of the state.
    #[must_use]
    pub fn disclosure_for(
        &self,
        states: impl IntoIterator<Item = State>,
        rules: &Rulebook,
        by_itself: bool,
    ) -> Disclosure {
        let lawful = |state| {
            rules.disclosure(state).filter(|_| by_itself).map_or(self.disclosure, |law| law.max(self.disclosure))
        };
        let of_state = |state| self.disclosure_in.get(&state).copied().unwrap_or_else(|| lawful(state));
        states.into_iter().map(of_state).max().unwrap_or(self.disclosure)
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

    #[test]
    fn a_leads_status_lowers_what_is_done_however_it_is_spelt() {
        let statuses = Statuses { off: vec!["Customer".to_owned()], ..Statuses::default() };
        assert_eq!(statuses.ceiling(Some("do not contact ")), Mode::Draft);
        assert_eq!(statuses.ceiling(Some("CUSTOMER")), Mode::Off);
        assert_eq!((statuses.ceiling(Some("Customers")), statuses.ceiling(None)), (Mode::Auto, Mode::Auto));
        let why = statuses.silence(Some("Customer")).expect("off");
        assert_eq!(why, "Silent because Rapport is off for leads with the status \"Customer\".");
        assert_eq!(statuses.silence(Some("DNC")), None);
    }

    #[test]
    fn the_strictest_disclosure_of_all_possible_states_counts() {
        let states = |codes: &[&str]| codes.iter().filter_map(|code| State::parse(code)).collect::<Vec<_>>();
        let rules = Rulebook::default();
        let mut policy = Policy::default();
        assert_eq!(
            policy.disclosure_for(states(&["CO", "AZ"]), &rules, true),
            Disclosure::FirstMessage,
            "Colorado asks"
        );
        assert_eq!(policy.disclosure_for(states(&["AZ"]), &rules, true), Disclosure::OnAsk);
        assert_eq!(
            policy.disclosure_for(states(&["CO"]), &rules, false),
            Disclosure::OnAsk,
            "a person approves each text"
        );
        assert_eq!(policy.disclosure_for([], &rules, true), Disclosure::OnAsk, "outside the US");
        for state in states(&["CA", "CO", "ME", "NJ", "UT"]) {
            assert_eq!(policy.disclosure_for([state], &rules, true), Disclosure::FirstMessage, "{state}");
        }
        policy.disclosure = Disclosure::None;
        policy.disclosure_in.extend(states(&["TX"]).into_iter().map(|state| (state, Disclosure::FirstMessage)));
        policy.disclosure_in.extend(states(&["ME"]).into_iter().map(|state| (state, Disclosure::OnAsk)));
        assert_eq!(policy.disclosure_for(states(&["TX", "AZ"]), &rules, false), Disclosure::FirstMessage);
        assert_eq!(policy.disclosure_for(states(&["ME"]), &rules, true), Disclosure::OnAsk, "counsel said so");
        assert_eq!(policy.disclosure_for(states(&["AZ"]), &rules, true), Disclosure::None);
    }
}
