//! Texts as Close's lists hold them, taken in as if their events had come.

use jiff::Timestamp;

use super::Engine;
use crate::close::sms::{Direction, SmsActivity, SmsStatus};
use crate::runtime::clock::after;
use crate::store::StoreError;
use crate::store::effect::EffectState;
use crate::store::lane::{Accepted, EventKind};

impl Engine {
    /// Takes in a text if its conversation does not know of it, and if it matters still. True if it did.
    pub(super) async fn take_in_listed(&self, sms: &SmsActivity) -> Result<bool, StoreError> {
        let Some(kind) = self.unknown_as(sms).await? else { return Ok(false) };
        let Some(arrival) = self.listed(kind, sms) else { return Ok(false) };
        Ok(matches!(self.store.accept(&arrival).await?, Accepted::New { .. }))
    }

    /// What a text tells that is not known yet; none if there is nothing.
    pub(super) async fn unknown_as(&self, sms: &SmsActivity) -> Result<Option<EventKind>, StoreError> {
        if is_from_lead(sms) {
            return Ok((!self.store.has_text(&sms.id).await?).then_some(EventKind::LeadText));
        }
        let kind = match (sms.direction, &sms.status) {
            (Direction::Outbound, SmsStatus::Sent) => EventKind::OutboundSent,
            (Direction::Outbound, SmsStatus::Error) => EventKind::OutboundFailed,
            _ => return Ok(None),
        };
        if let Some(effect) = self.store.effect_by_activity(&sms.id).await? {
            // One of ours: its end is news while we think it is under way.
            let is_open = matches!(effect.state, EffectState::Drafted | EffectState::Sending | EffectState::Accepted);
            return Ok(is_open.then_some(kind));
        }
        let is_news = kind == EventKind::OutboundSent && self.silences(sms) && !self.store.has_text(&sms.id).await?;
        Ok(is_news.then_some(kind))
    }

    /// True if Rapport must be silent because of this text, if a rep sent it (`never-over-a-human`). An older one is
    /// history, which a turn reads by itself.
    fn silences(&self, sms: &SmsActivity) -> bool {
        let sent_at = sms.at().unwrap_or(Timestamp::MIN);
        after(sent_at, self.proposer.policy.takeover) > self.clock.now()
    }
}

/// True for a text that a lead sent.
pub(super) fn is_from_lead(sms: &SmsActivity) -> bool {
    sms.direction == Direction::Inbound && matches!(sms.status, SmsStatus::Inbox | SmsStatus::Other(_))
}
