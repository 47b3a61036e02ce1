//! Tells a lead, if that is configured, that a person will answer.

use super::Engine;
use super::assignment::Assignment;
use super::gather::Ready;
use super::propose::Proposed;
use crate::conversation::Handoff;
use crate::conversation::acknowledge::{OWNER, hindrance, is_due, written_out};
use crate::store::StoreError;
use crate::store::effect::NewEffect;
use crate::store::lane::LaneView;

impl Engine {
    /// The words for a lead who is handed to a person, on their way like any other text; none where there is nothing to say,
    /// or where a check or an earlier acknowledgement stands against it.
    pub(super) async fn acknowledgement(
        &self,
        view: &LaneView,
        assignment: &Assignment,
        ready: &Ready,
        proposed: &Proposed,
    ) -> Result<Option<NewEffect>, StoreError> {
        let Some(words) = &self.settings.handoffs.acknowledge else { return Ok(None) };
        let handoff = Handoff::of_turn(&ready.context, proposed.proposal.as_ref(), &proposed.decision);
        // A rep who asks for a draft is there already.
        let is_wanted = handoff.is_some_and(|handoff| is_due(handoff.kind)) && !assignment.activity_ids.is_empty();
        if !is_wanted || !self.store.may_acknowledge(&view.conversation.id).await? {
            return Ok(None);
        }
        let text = written_out(words, self.owner_named_in(words, ready).await.as_deref());
        // It may be the first text that the lead ever gets from us.
        let text = ready.context.notices.complete(&text, &ready.context);
        if let Some(why) = hindrance(&text, &ready.context, &self.proposer.policy, &ready.standing) {
            tracing::debug!(conversation = %view.conversation.id, %why, "no acknowledgement is sent");
            return Ok(None);
        }
        let id = self.random.id("out", self.clock.now());
        Ok(Some(NewEffect { id, turn_id: Some(proposed.record.id.clone()), text, not_before: None }))
    }

    /// The first name of the lead's owner, where the words have a place for it. What Close does not tell is not worth losing
    /// the turn.
    async fn owner_named_in(&self, words: &str, ready: &Ready) -> Option<String> {
        let lead_id = ready.identity.lead_id.as_deref().filter(|_| words.contains(OWNER))?;
        match self.owner_of(lead_id).await {
            Ok(owner) => owner?.first_name,
            Err(error) => {
                tracing::debug!(%error, "the acknowledgement names nobody");
                None
            }
        }
    }
}
