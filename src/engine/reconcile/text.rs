//! One text that Close holds, compared with what we hold.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::report::{Finding, Kind, Report};
use super::{DRAFT_GRACE, ReconcileError, SETTLE_GRACE};
use crate::close::sms::{Direction, SmsActivity, SmsStatus};
use crate::engine::Engine;
use crate::engine::listed::is_from_lead;
use crate::engine::receive::number_pair;
use crate::runtime::clock::after;
use crate::sms::has_same_words;
use crate::store::Correction;
use crate::store::effect::{Effect, EffectState};
use crate::store::lane::{EventKind, NumberPair};

/// How far Close's clock may be behind ours.
const CLOCK_SKEW: Duration = Duration::from_mins(10);
/// Two texts of the same words further apart than this are two texts.
const TWICE_WITHIN: Duration = Duration::from_hours(24);

/// A comparison under way.
pub(super) struct Comparison<'a> {
    pub(super) engine: &'a Engine,
    pub(super) repair: bool,
    /// The user our key acts as, if Close said so.
    pub(super) our_user: Option<String>,
    /// What leads texted before is history.
    pub(super) began: Timestamp,
    pub(super) now: Timestamp,
    pub(super) report: Report,
    /// Texts of ours that were compared.
    pub(super) compared: HashSet<String>,
}

impl Comparison<'_> {
    pub(super) async fn text(&mut self, sms: &SmsActivity) -> Result<(), ReconcileError> {
        let Some(numbers) = number_pair(sms) else {
            self.unplaced(sms);
            return Ok(());
        };
        if !self.engine.answers_for(&numbers.ours) {
            return Ok(());
        }
        self.report.texts += 1;
        if is_from_lead(sms) {
            return self.of_lead(sms).await;
        }
        if sms.direction != Direction::Outbound {
            return Ok(());
        }
        match self.engine.store.effect_by_activity(&sms.id).await? {
            Some(effect) => {
                self.report.ours += 1;
                self.compared.insert(effect.id.clone());
                self.ours(sms, &effect).await
            }
            None => self.of_others(sms, &numbers).await,
        }
    }

    /// Without both numbers no reply can be sent: a person must look.
    fn unplaced(&mut self, sms: &SmsActivity) {
        if is_from_lead(sms) {
            let what = "A text in Close names no two phone numbers, so Rapport cannot answer it. Look at it in Close.";
            self.note(sms, None, Finding::new(Kind::MissingText, what));
        }
    }

    async fn of_lead(&mut self, sms: &SmsActivity) -> Result<(), ReconcileError> {
        let is_history = sms.date_created.or(sms.at()).is_some_and(|at| at < self.began);
        if is_history || self.engine.unknown_as(sms).await?.is_none() {
            return Ok(());
        }
        let what = format!("A text from the number {} never reached Rapport.", ending(sms.remote_phone.as_deref()));
        let mended = self.take_in(sms, "Taken in; it is being answered like any other.").await?;
        self.note(sms, None, Finding { mended, ..Finding::new(Kind::MissingText, what) });
        Ok(())
    }

    /// A text of ours: does Close say the same of it?
    pub(super) async fn ours(&mut self, sms: &SmsActivity, effect: &Effect) -> Result<(), ReconcileError> {
        use EffectState::{Accepted, Drafted, Failed, Sending, Sent, Withdrawn};
        let finding = match (&sms.status, effect.state) {
            (SmsStatus::Sent | SmsStatus::Error, Drafted | Sending | Accepted)
                if self.is_older(sms.at(), SETTLE_GRACE) =>
            {
                let what = "A text of Rapport's ended at Close, and Rapport had not heard.";
                let mended = self.take_in(sms, "Noted as Close says.").await?;
                Finding { mended, ..Finding::new(Kind::Unsettled, what) }
            }
            (SmsStatus::Sent, Failed | Withdrawn) => {
                let what = format!("Rapport says that a text {}, and Close sent it.", said(effect.state));
                let mended = self.correct(effect, &Correction::Sent(sms.at().unwrap_or(self.now))).await?;
                Finding { mended, ..Finding::new(Kind::Disagreement, what) }
            }
            (SmsStatus::Outbox | SmsStatus::Scheduled, Failed | Withdrawn) => {
                let what = format!(
                    "Rapport says that a text {}, and Close is about to send it. Look at it.",
                    said(effect.state)
                );
                Finding::new(Kind::Disagreement, what)
            }
            (SmsStatus::Error, Sent) => {
                let error = sms.error_message.clone().unwrap_or_else(|| "Close gave no reason.".to_owned());
                let what = format!("Rapport says that a text was sent, and Close could not send it: {error}");
                let mended = self.correct(effect, &Correction::Failed(error)).await?;
                if mended.is_some()
                    && let Some(failure) = self.engine.listed(EventKind::OutboundFailed, sms)
                {
                    // For what else follows from it: a carrier may have told of an opt-out.
                    self.engine.store.accept(&failure).await?;
                }
                Finding { mended, ..Finding::new(Kind::Disagreement, what) }
            }
            (SmsStatus::Draft, Failed | Withdrawn)
                if self.is_older(Some(effect.updated_at), DRAFT_GRACE)
                    && has_same_words(&effect.text, sms.text.as_deref().unwrap_or_default()) =>
            {
                let what = format!("A draft of a text that {} is still in Close.", said(effect.state));
                Finding { mended: self.delete(sms).await?, ..Finding::new(Kind::OrphanDraft, what) }
            }
            _ => return Ok(()),
        };
        self.note(sms, Some(effect), finding);
        Ok(())
    }

    /// A text we do not know by its id: somebody else's, or a copy of ours whose answer was lost.
    async fn of_others(&mut self, sms: &SmsActivity, numbers: &NumberPair) -> Result<(), ReconcileError> {
        let twins = match &sms.text {
            Some(text) if self.may_be_ours(sms) => self.engine.store.effects_saying(numbers, text).await?,
            _ => Vec::new(),
        };
        match sms.status {
            SmsStatus::Draft => self.copy_in_draft(sms, &twins).await,
            SmsStatus::Sent => {
                if let Some(twin) = twins.iter().find(|twin| is_sent_with(twin, sms)) {
                    let what = "Close sent the same words twice to this lead: once as Rapport knows, and once more.";
                    self.note(sms, Some(twin), Finding::new(Kind::SentTwice, what));
                }
                self.of_rep(sms).await
            }
            _ => Ok(()),
        }
    }

    /// A draft that says what a text of ours says, made after it was decided, and that no worker looks for.
    async fn copy_in_draft(&mut self, sms: &SmsActivity, twins: &[Effect]) -> Result<(), ReconcileError> {
        let made = sms.date_created;
        let is_after = |twin: &Effect| made.is_some_and(|made| after(made, CLOCK_SKEW) >= twin.created_at);
        let is_open =
            |twin: &Effect| matches!(twin.state, EffectState::Queued | EffectState::Drafting | EffectState::Drafted);
        let Some(twin) = twins.iter().rfind(|twin| is_after(twin)) else { return Ok(()) };
        if twins.iter().any(is_open) || !self.is_older(made, DRAFT_GRACE) {
            return Ok(());
        }
        let what = format!("A second draft of a text that {} is in Close.", said(twin.state));
        let mended = self.delete(sms).await?;
        self.note(sms, Some(twin), Finding { mended, ..Finding::new(Kind::OrphanDraft, what) });
        Ok(())
    }

    async fn of_rep(&mut self, sms: &SmsActivity) -> Result<(), ReconcileError> {
        let is_news = self.engine.unknown_as(sms).await? == Some(EventKind::OutboundSent);
        if !is_news || sms.sequence_id.is_some() {
            return Ok(());
        }
        let what = "A rep texted a lead, and Rapport did not know of it.";
        let mended = self.take_in(sms, "Taken in; Rapport is silent there.").await?;
        self.note(sms, None, Finding { mended, ..Finding::new(Kind::MissingRep, what) });
        Ok(())
    }

    /// Our key acts as a user, who may also text by hand; another user's text is certainly not ours.
    fn may_be_ours(&self, sms: &SmsActivity) -> bool {
        match (&sms.created_by, &self.our_user) {
            (Some(author), Some(ours)) => author == ours,
            _ => true,
        }
    }

    fn is_older(&self, at: Option<Timestamp>, age: Duration) -> bool {
        at.is_some_and(|at| after(at, age) <= self.now)
    }

    async fn take_in(&self, sms: &SmsActivity, done: &str) -> Result<Option<String>, ReconcileError> {
        let taken = self.repair && self.engine.take_in_listed(sms).await?;
        Ok(taken.then(|| done.to_owned()))
    }

    async fn correct(&self, effect: &Effect, correction: &Correction) -> Result<Option<String>, ReconcileError> {
        let corrected = self.repair && self.engine.store.correct_effect(effect, correction).await?;
        Ok(corrected.then(|| "Rapport's record now says what Close says.".to_owned()))
    }

    /// Deletes a draft, if it is one still: a rep may have sent it meanwhile.
    async fn delete(&self, listed: &SmsActivity) -> Result<Option<String>, ReconcileError> {
        if !self.repair {
            return Ok(None);
        }
        let is_same = |now: &SmsActivity| now.status == SmsStatus::Draft && now.text == listed.text;
        let close = &self.engine.close;
        if !close.get_sms(&listed.id).await?.is_some_and(|now| is_same(&now)) {
            return Ok(None);
        }
        close.delete_sms(&listed.id).await?;
        Ok(Some("Deleted; nothing reached the lead.".to_owned()))
    }

    fn note(&mut self, sms: &SmsActivity, effect: Option<&Effect>, finding: Finding) {
        self.report.add(Finding {
            at: sms.at(),
            conversation_id: effect.map(|effect| effect.conversation_id.clone()),
            lead_id: sms.lead_id.clone(),
            activity_id: Some(sms.id.clone()),
            ..finding
        });
    }
}

/// True if `twin` went out around the same time: the same words on another day are another text.
fn is_sent_with(twin: &Effect, sms: &SmsActivity) -> bool {
    let Some(at) = sms.at() else { return false };
    matches!(twin.state, EffectState::Accepted | EffectState::Sent)
        && after(at, CLOCK_SKEW) >= twin.created_at
        && at <= after(twin.updated_at, TWICE_WITHIN)
}

fn said(state: EffectState) -> &'static str {
    match state {
        EffectState::Failed => "failed",
        EffectState::Withdrawn => "was taken back",
        EffectState::Accepted | EffectState::Sent => "was sent",
        EffectState::Queued | EffectState::Drafting | EffectState::Drafted | EffectState::Sending => "is on its way",
    }
}

/// Enough of a number for somebody who knows the lead.
fn ending(phone: Option<&str>) -> String {
    let digits: Vec<char> = phone.unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    format!("ending in {}", digits[digits.len().saturating_sub(4)..].iter().collect::<String>())
}
