//! The line that says what was just done, or why it was not.

use jiff::Timestamp;

use super::card::is_with_rep;
use crate::store::desk::DeskThread;
use crate::store::draft::DraftState;
use crate::store::effect::{Effect, EffectState};
use crate::store::lane::State;

/// A line at the top of the page about what was just done or refused.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub refused: bool,
    pub sentence: String,
}

impl Notice {
    pub(super) fn refused(sentence: impl Into<String>) -> Self {
        Self { refused: true, sentence: sentence.into() }
    }

    fn done(sentence: &str) -> Self {
        Self { refused: false, sentence: sentence.to_owned() }
    }

    /// The sentence for `?done=` above the list; unknown names say nothing.
    pub(super) fn on_list(done: &str) -> Option<Self> {
        match done {
            "paused" => Some(Self::done("Paused. Nothing is sent until you resume.")),
            "resumed" => Some(Self::done("Resumed. What was withdrawn stays withdrawn; new texts are answered.")),
            _ => None,
        }
    }

    /// The sentence for `?done=` in a conversation, for as long as it is true: what was approved can have failed since.
    pub(super) fn on_thread(done: &str, thread: &DeskThread, now: Timestamp) -> Option<Self> {
        let state = thread.conversation.state;
        let with_rep = is_with_rep(&thread.conversation, now);
        let last_draft = thread.drafts.last().map(|draft| draft.state);
        let (holds, sentence) = match done {
            "approved" | "edited" => return approved_words(done, thread.effects.last()?, now).map(Self::done),
            "rejected" => (last_draft == Some(DraftState::Rejected), "Rejected. Nothing was sent."),
            "instructed" => {
                (state == State::Working, "Asked for a new draft. It appears on this page when it is written.")
            }
            "taken_over" => {
                (with_rep, "This conversation is yours. Rapport stays silent for as long as it says below.")
            }
            "handed_back" if state == State::Working => {
                (true, "Handed back. Rapport answers what the lead wrote last.")
            }
            "handed_back" => (!with_rep, "Handed back. Rapport answers the next text."),
            "mode" => (true, "The mode is set."),
            "summary" => (true, "The summary is yours. Replies and the next summary go on from it."),
            "dismissed" => (matches!(state, State::Quiet | State::OptedOut), "Marked as done."),
            "retried" => (state == State::Working, "Asked for. What Rapport writes appears on this page."),
            _ => return None,
        };
        holds.then(|| Self::done(sentence))
    }
}

fn approved_words(done: &str, effect: &Effect, now: Timestamp) -> Option<&'static str> {
    let edited = done == "edited";
    Some(match effect.state {
        EffectState::Failed | EffectState::Withdrawn => return None,
        _ if effect.withdraw_reason.is_some() => return None,
        EffectState::Accepted | EffectState::Sent if edited => "Your text is approved and handed to Close.",
        EffectState::Accepted | EffectState::Sent => "Approved and handed to Close.",
        _ if effect.next_at.is_some_and(|at| at > now) && edited => {
            "Your text is approved. It waits, as it says there."
        }
        _ if effect.next_at.is_some_and(|at| at > now) => "Approved. It waits, as it says beside the text.",
        _ if edited => "Your text is approved. Rapport is sending it.",
        _ => "Approved. Rapport is sending it.",
    })
}
