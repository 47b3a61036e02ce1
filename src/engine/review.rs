//! What reps do: approve, edit, reject, ask for another draft, take over, hand back, pause.

use jiff::Timestamp;

use super::Engine;
use super::gather::places_of;
use crate::conversation::placeholder::left_in;
use crate::conversation::{Finding, Mode, TurnContext, Verdict};
use crate::prompt::summary::SUMMARY_TOKENS_MAX;
use crate::runtime::clock::after;
use crate::sms::{is_blank, normalise};
use crate::store::desk::{self, Refusal, Review};
use crate::store::{Lifting, Pause, StoreError, TurnRecord};

/// The longest text Close takes from a person (Close help, "SMS and MMS").
const TEXT_CHARS_MAX: usize = 1_000;

/// Why a rep's wish was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// It no longer fits the conversation.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was typed cannot be used.
    #[error("{0}")]
    Invalid(String),
    /// The store.
    #[error("This could not be saved: {0}. Nothing was changed; try again.")]
    Store(#[from] StoreError),
}

impl From<desk::DeskError> for DeskError {
    fn from(error: desk::DeskError) -> Self {
        match error {
            desk::DeskError::Refused(refusal) => Self::Refused(refusal),
            desk::DeskError::Store(error) => Self::Store(error),
        }
    }
}

impl Engine {
    /// Sends a draft, as it is or with the rep's changes, when the hours allow it.
    ///
    /// # Errors
    /// [`DeskError`]: decided already, overtaken by a newer text, suppressed, paused, taken over, or not a text.
    pub async fn approve(&self, draft_id: &str, reviewer: &str, edited: Option<String>) -> Result<(), DeskError> {
        let draft = self.store.draft(draft_id).await?.ok_or(Refusal::NotFound)?;
        let turn = self.store.turn(&draft.turn_id).await?;
        let context: Option<TurnContext> = turn.as_ref().and_then(|turn| turn.context.read().ok());
        let lead = context.as_ref().map(|context| context.lead.clone()).unwrap_or_default();
        let conversation = self.store.conversation(&draft.conversation_id).await?.ok_or(Refusal::NotFound)?;
        let places = places_of(&lead, &conversation.numbers.theirs);
        let not_before = self.hold_until(draft.answers_text_at, &places);
        let edited = edited.map(|text| normalise(text.trim())).filter(|text| *text != draft.text);
        let text = edited.as_deref().unwrap_or(&draft.text);
        written_out(text)?;
        let leaves_at = not_before.unwrap_or_else(|| self.clock.now());
        if let Some(context) = context
            && let Some(offer) = self.gone_offer(text, &context, leaves_at).await
        {
            let words = format!("The text offers {offer}. Edit it, or ask for a new draft.");
            return Err(DeskError::Invalid(words));
        }
        if edited.is_none() {
            turn.as_ref().map_or(Ok(()), claims_nobody)?;
        }
        let review = match edited {
            Some(text) => Review::Edit { text: checked(&text)?, not_before },
            None => Review::Approve { not_before },
        };
        self.review(draft_id, reviewer, review).await
    }

    /// Drops a draft. The conversation stays with the rep.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn reject(&self, draft_id: &str, reviewer: &str, reason: &str) -> Result<(), DeskError> {
        let reason = short("The reason", reason)?;
        self.review(draft_id, reviewer, Review::Reject { reason }).await
    }

    /// Asks for another draft.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn regenerate(&self, draft_id: &str, reviewer: &str, instruction: &str) -> Result<(), DeskError> {
        let instruction = short("The instruction", instruction)?;
        self.review(draft_id, reviewer, Review::Regenerate { instruction }).await
    }

    async fn review(&self, draft_id: &str, reviewer: &str, review: Review) -> Result<(), DeskError> {
        Ok(self.store.review(draft_id, reviewer, review).await?)
    }

    /// Keeps Rapport silent in a conversation until it is handed back or the takeover runs out
    /// (`never-over-a-human`).
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn take_over(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        let until = after(self.clock.now(), self.proposer.policy.takeover);
        Ok(self.store.take_over(conversation_id, reviewer, until).await?)
    }

    /// Ends a takeover. If the lead had the last word, it is answered.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn hand_back(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        Ok(self.store.hand_back(conversation_id, reviewer).await?)
    }

    /// Gives a conversation a mode of its own, or takes it away.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn set_mode(&self, conversation_id: &str, mode: Option<Mode>, reviewer: &str) -> Result<(), DeskError> {
        Ok(self.store.set_mode(conversation_id, mode, reviewer).await?)
    }

    /// Puts a rep's words in place of a summary's; empty words want none. What it covers stays, and the next summary goes on
    /// from them.
    ///
    /// # Errors
    /// [`DeskError`]: another summary stands by now, or the text is too long.
    pub async fn correct_summary(
        &self,
        conversation_id: &str,
        summary_id: &str,
        text: &str,
        reviewer: &str,
    ) -> Result<(), DeskError> {
        let tokens = self.proposer.counter.count(text);
        if tokens > SUMMARY_TOKENS_MAX {
            let words = format!("The summary has {tokens} tokens; {SUMMARY_TOKENS_MAX} fit a prompt. Shorten it.");
            return Err(DeskError::Invalid(words));
        }
        Ok(self.store.correct_summary(conversation_id, summary_id, text, reviewer).await?)
    }

    /// Marks a hand-off as done.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn dismiss(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        Ok(self.store.dismiss(conversation_id, reviewer).await?)
    }

    /// Answers the lead's last texts again, after attempts ran out, or writes a draft after a hand-off.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn retry(&self, conversation_id: &str, reviewer: &str) -> Result<(), DeskError> {
        Ok(self.store.ask_again(conversation_id, reviewer).await?)
    }

    /// Stops everything (the kill switch): waiting texts are withdrawn, nothing is sent.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn pause(&self, reason: &str, by: &str) -> Result<Pause, DeskError> {
        Ok(self.store.pause(&short("The reason", reason)?, by).await?)
    }

    /// Lifts the pause that began at `since`; nothing is left to do if it has ended. It restores nothing by itself.
    ///
    /// # Errors
    /// [`DeskError`]; refused when Rapport has been paused anew.
    pub async fn resume(&self, by: &str, since: Timestamp) -> Result<(), DeskError> {
        match self.store.resume(by, since).await? {
            Lifting::Lifted | Lifting::NotPaused => Ok(()),
            Lifting::PausedAnew(pause) => Err(Refusal::PausedAnew(pause.why).into()),
        }
    }
}

/// What a rep says beside a text, if it is no longer than one.
fn short(what: &str, words: &str) -> Result<String, DeskError> {
    let words = words.trim();
    if words.chars().count() > TEXT_CHARS_MAX {
        return Err(DeskError::Invalid(format!("{what} is longer than {TEXT_CHARS_MAX} characters. Shorten it.")));
    }
    Ok(words.to_owned())
}

fn checked(text: &str) -> Result<String, DeskError> {
    if is_blank(text) {
        return Err(DeskError::Invalid("The text is empty. Write something, or reject the draft.".to_owned()));
    }
    let chars = text.chars().count();
    if chars > TEXT_CHARS_MAX {
        return Err(DeskError::Invalid(format!(
            "The text has {chars} characters; Close sends at most {TEXT_CHARS_MAX}. Shorten it."
        )));
    }
    Ok(text.to_owned())
}

/// Placeholders are written out before a rep sees a text: one that stands in it now would reach the lead as it is
/// (`never-invented`).
/// A person who writes may say so; a model's "I'm human" is no more true for being approved.
fn claims_nobody(turn: &TurnRecord) -> Result<(), DeskError> {
    let findings: Vec<Finding> = turn.findings.read().unwrap_or_default();
    let claim = findings.iter().find(|found| found.check == "claims_human" && found.verdict != Verdict::Pass);
    claim
        .map_or(Ok(()), |claim| Err(DeskError::Invalid(format!("{} Edit it, or ask for a new draft.", claim.sentence))))
}

fn written_out(text: &str) -> Result<(), DeskError> {
    let Some(placeholder) = left_in(text) else { return Ok(()) };
    Err(DeskError::Invalid(format!(
        "The text has {placeholder} in it, and the lead would read just that. Write out the time or the link itself, or leave \
         it out."
    )))
}
