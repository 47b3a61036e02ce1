//! What changes for a conversation when a step of sending has ended.

use crate::conversation::HandoffKind;
use crate::runtime::clock::after;
use crate::store::effect::{Effect, EffectState, Purpose, SendProgress};
use crate::store::lane::{LaneChange, LaneView, Shown, State};

use super::super::Engine;
use super::super::absorb::{COMPOSING_HOLD, REP_WRITES, carrier_opt_out};
use super::super::words::{full_stop, sentence};

impl Engine {
    /// What changes for the conversation with the end of a step.
    pub(super) fn after(&self, view: &LaneView, effect: &Effect, ended: &SendProgress) -> LaneChange {
        let was_pulled_back = effect.state == EffectState::Accepted && matches!(ended, SendProgress::Withdrawn { .. });
        let not_sent = |error: &str| format!("The text was not sent: {}", full_stop(error));
        let state = match ended {
            // Whatever becomes of it, the lead still waits for a person, and the conversation says so.
            _ if effect.purpose == Purpose::Acknowledgement => None,
            SendProgress::Sent | SendProgress::Accepted { .. } => Some((State::Quiet, String::new())),
            SendProgress::Failed { error } => Some((
                State::HandedOff,
                format!("{} Answer from Close, or ask for a draft on the desk.", not_sent(error)),
            )),
            SendProgress::Refused { error } => Some((State::Parked, not_sent(error))),
            SendProgress::Unclear { error, .. } => {
                Some((State::Sending, format!("{} Checking with Close whether it was sent.", sentence(error))))
            }
            SendProgress::NotDrafted { error, .. } | SendProgress::StillDraft { error, .. } => {
                Some((State::Sending, sentence(error)))
            }
            // Whoever withdrew it has usually said why; if not, a person must know that nothing went out.
            SendProgress::Withdrawn { reason } if was_pulled_back || view.conversation.state == State::Sending => {
                Some((State::HandedOff, format!("The reply was not sent: {reason}")))
            }
            SendProgress::Drafted { .. } | SendProgress::Withdrawn { .. } => None,
        };
        let suppress = match ended {
            SendProgress::Failed { error } => carrier_opt_out(view, self.clock.now(), error),
            _ => None,
        };
        let state = match (&suppress, ended) {
            (Some(_), SendProgress::Failed { error }) => {
                Some((State::OptedOut, state.map_or_else(|| not_sent(error), |(_, reason)| reason)))
            }
            _ => state,
        };
        // The store minds the texts that are still to go. Only what else waits here is looked at again at once.
        let now = self.clock.now();
        let idle = view.inbox.is_empty() && view.conversation.state != State::TakenOver;
        // Whoever pulled it back in Close is at it (`never-over-a-human`).
        let takeover_until = was_pulled_back.then(|| after(now, self.proposer.policy.takeover));
        // A text that left long ago may be heard of only now, when another one was withdrawn and a person told, or a rep took over.
        let shown = match ended {
            _ if suppress.is_some() => Shown::Always,
            _ if was_pulled_back => Shown::UnlessTakenOver,
            SendProgress::Failed { .. } | SendProgress::Refused { .. } => Shown::UnlessTakenOver,
            _ => Shown::WhileSending,
        };
        let change = LaneChange {
            shown,
            takeover_until,
            seen_seq: view.seen_seq,
            attempts: view.conversation.attempts,
            state,
            suppress,
            wake_at: if idle { view.conversation.takeover_until.filter(|until| *until > now) } else { Some(now) },
            ..LaneChange::default()
        };
        self.telling_a_person(view, change, HandoffKind::NotSent)
    }

    /// As when Close had told of the rep who writes.
    pub(super) fn left_to_rep(&self, view: &LaneView) -> LaneChange {
        let now = self.clock.now();
        LaneChange {
            seen_seq: view.seen_seq,
            attempts: view.conversation.attempts,
            takeover_until: Some(after(now, COMPOSING_HOLD)),
            withdraw: Some(REP_WRITES.to_owned()),
            state: Some((State::TakenOver, REP_WRITES.to_owned())),
            wake_at: Some(now),
            ..LaneChange::default()
        }
    }
}
