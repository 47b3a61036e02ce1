//! When a turn happens, as playbooks ask about it: what was said, what it was about before, and where things stand.

use jiff::SignedDuration;
use serde::Deserialize;

use super::words::words;
use crate::conversation::{Author, Intent, TurnContext};

/// A conversation that slept this long begins anew.
const SILENCE: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Where things stand, as a playbook's front matter names it under `when.states`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nothing was sent to this lead before.
    NewLead,
    /// The lead has a meeting.
    Booked,
    /// The lead has none.
    NotBooked,
    /// No times can be offered now.
    NoTimes,
    /// The lead texts after two weeks or more without a text on either side.
    BackAfterSilence,
    /// A rep asked for another draft.
    RepAsked,
}

/// What is known of a turn before the model answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moment {
    /// The words of the new texts and of those just before.
    pub said: Vec<String>,
    /// What the lead wanted in the turn before this one.
    pub last_intent: Option<Intent>,
    /// Where things stand.
    pub states: Vec<State>,
}

impl Moment {
    /// The moment of a turn. `topic` is what the lead said of late.
    pub(super) fn of(context: &TurnContext, topic: &str, last_intent: Option<Intent>) -> Self {
        Self { said: words(topic), last_intent, states: states(context) }
    }
}

fn states(context: &TurnContext) -> Vec<State> {
    let last = context.history.last().map(|message| message.at);
    let slept = last.is_some_and(|at| at.duration_until(context.newest_text_at().unwrap_or(context.now)) >= SILENCE);
    let all = [
        (State::NewLead, context.history.iter().all(|message| message.author == Author::Lead)),
        (State::Booked, !context.bookings.is_empty()),
        (State::NotBooked, context.bookings.is_empty()),
        (State::NoTimes, context.offer.slots.is_empty()),
        (State::BackAfterSilence, slept),
        (State::RepAsked, context.instruction.is_some()),
    ];
    all.into_iter().filter_map(|(state, holds)| holds.then_some(state)).collect()
}
