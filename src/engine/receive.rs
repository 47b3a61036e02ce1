//! From an outside event to an arrival in a conversation's inbox.

use jiff::Timestamp;
use serde_json::json;

use super::Engine;
use super::absorb::COMPOSING_HOLD;
use crate::calendly::webhook::{BookingEvent, BookingEventKind};
use crate::close::sms::{Direction, SmsActivity};
use crate::close::webhook::{CloseEvent, Signal, signal};
use crate::conversation::{Author, Message};
use crate::runtime::clock::after;
use crate::runtime::sabotage::{self, Sabotage};
use crate::sms::{Phone, opt_out};
use crate::store::StoreError;
use crate::store::lane::{Accepted, Arrival, EventKind, NumberPair, Source, Suppression};

/// The rule of a stop that Close tells of.
const BLOCKED: &str = "carrier:blocked";

impl Engine {
    /// Stores a Close event and wakes its conversation. An event known already changes nothing.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored; the sender must try again.
    pub async fn receive_close(&self, event: &CloseEvent, source: Source) -> Result<Accepted, StoreError> {
        let signal = signal(event);
        let is_heard_at_once = matches!(
            signal,
            Signal::LeadMerged { .. } | Signal::InboundChanged(_) | Signal::OutboundSent(_) | Signal::PhonesBlocked(_)
        );
        if is_heard_at_once {
            // What follows from it must not follow again: a rep may have handed back since, or a lead said START.
            if !self.store.known_events(&[version(event)]).await?.is_empty() {
                return Ok(Accepted::Duplicate);
            }
            self.hear(&signal, event).await?;
        }
        let mut arrival = self.arrival(event, signal, source);
        if sabotage::is(Sabotage::TakeTwice) {
            arrival.event_id = self.random.id("ev", self.clock.now());
            arrival.activity_id = arrival.activity_id.map(|_| self.random.id("acti", self.clock.now()));
        }
        self.store.accept(&arrival).await
    }

    /// Does what follows from an event for conversations other than the one in whose inbox it is put.
    async fn hear(&self, signal: &Signal, event: &CloseEvent) -> Result<(), StoreError> {
        match signal {
            Signal::LeadMerged { source, destination } => {
                let moved = self.store.move_lead(source, destination).await?;
                tracing::info!(moved, "conversations of a merged lead go on with the other lead");
                Ok(())
            }
            Signal::InboundChanged(sms) => self.hear_of_lead(sms).await,
            Signal::OutboundSent(sms) => self.hear_of_rep(sms).await,
            Signal::PhonesBlocked(blocked) => self.hear_of_blocks(blocked, event).await,
            _ => Ok(()),
        }
    }

    /// An unknown sender's conversation goes on under the lead that its text was given.
    async fn hear_of_lead(&self, sms: &SmsActivity) -> Result<(), StoreError> {
        let numbers = number_pair(sms).filter(|numbers| self.answers_for(&numbers.ours));
        match (numbers, &sms.lead_id) {
            (Some(numbers), Some(lead_id)) => self.store.attach(&numbers, lead_id, sms.contact_id.as_deref()).await,
            _ => Ok(()),
        }
    }

    /// Phones that Close texts no more are not texted again until their leads want to be (`never-after-stop`).
    async fn hear_of_blocks(&self, blocked: &[String], event: &CloseEvent) -> Result<(), StoreError> {
        for phone in blocked.iter().map(|phone| canonical(phone)) {
            if self.store.suppression(&phone).await?.is_some() {
                continue;
            }
            let since = event.date_updated.unwrap_or_else(|| self.clock.now());
            // Found late, it may be over.
            let later = self.store.lead_texts_since(&phone, since).await?;
            if later.iter().any(|text| opt_out::takes_back(text, BLOCKED)) {
                continue;
            }
            let stop = Suppression { phone, rule: BLOCKED.to_owned(), activity_id: None, since };
            self.store.suppress(&stop).await?;
        }
        Ok(())
    }

    /// A rep who texts a lead is not talked over (`never-over-a-human`): not from another number either, nor while the conversation
    /// is at work and has not read of it.
    async fn hear_of_rep(&self, sms: &SmsActivity) -> Result<(), StoreError> {
        let Some((numbers, at)) = number_pair(sms).zip(sms.at()) else { return Ok(()) };
        let until = after(at, self.proposer.policy.takeover);
        if sms.sequence_id.is_some() || until <= self.clock.now() {
            return Ok(());
        }
        // A text of ours; or one whose event has come already, and tells of another change now.
        if self.store.knows_activity(&sms.id).await? || self.store.has_text(&sms.id).await? {
            return Ok(());
        }
        self.store.rep_texts(&numbers.theirs, until).await
    }

    /// Stores a Calendly event with the conversation whose link it came from.
    ///
    /// # Errors
    /// [`StoreError`] when it could not be stored; the sender must try again.
    pub async fn receive_calendly(&self, event: &BookingEvent) -> Result<Accepted, StoreError> {
        let conversation = self.conversation_of(event).await?;
        let now = self.clock.now();
        let arrival = Arrival {
            source: Source::CalendlyWebhook,
            event_id: event.key(),
            kind: match (&conversation, event.kind) {
                (None, _) => EventKind::Noted,
                (Some(_), BookingEventKind::Created) => EventKind::Booking,
                (Some(_), BookingEventKind::Canceled) => EventKind::Cancellation,
            },
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: Some(event.invitee_uri.clone()),
            occurred_at: event.updated_at.as_deref().and_then(|at| at.parse().ok()).unwrap_or(now),
            received_at: now,
            body: json!({
                "event_uri": event.event_uri,
                "invitee_uri": event.invitee_uri,
                "name": event.name,
                "start": event.start,
                "rescheduled": event.rescheduled,
                "reschedule_url": event.reschedule_url,
                "cancel_url": event.cancel_url,
            }),
        };
        match conversation {
            Some(id) => self.store.accept_for(&id, &arrival).await,
            None => self.store.accept(&arrival).await,
        }
    }

    /// By our link's token, by an earlier entry of the same person (a move may lose the token), or by the number they texted
    /// from: leads also book on a page that they found themselves.
    async fn conversation_of(&self, event: &BookingEvent) -> Result<Option<String>, StoreError> {
        if let Some(token) = &event.token
            && let Some(id) = self.store.conversation_by_token(token).await?
        {
            return Ok(Some(id));
        }
        for invitee in [Some(&event.invitee_uri), event.old_invitee_uri.as_ref()].into_iter().flatten() {
            if let Some(id) = self.store.conversation_by_invitee(invitee).await? {
                return Ok(Some(id));
            }
        }
        for phone in event.phones.iter().filter_map(|phone| Phone::parse(phone).ok()) {
            if let Some(conversation) = self.store.find_conversation(phone.as_str()).await? {
                return Ok(Some(conversation.id));
            }
        }
        Ok(None)
    }

    fn arrival(&self, event: &CloseEvent, signal: Signal, source: Source) -> Arrival {
        let now = self.clock.now();
        let mut arrival = Arrival {
            source,
            event_id: version(event),
            kind: EventKind::Noted,
            lane: None,
            lead_id: event.lead_id.clone(),
            contact_id: None,
            activity_id: None,
            occurred_at: event.date_created.unwrap_or(now),
            received_at: now,
            body: json!({ "object_type": event.object_type, "action": event.action, "object_id": event.object_id }),
        };
        if Self::is_unplaced(&signal) {
            tracing::warn!(event_id = %event.id, "a Close event of a text names no two numbers; it is looked for in the event log");
            arrival.event_id = unplaced(&arrival.event_id);
        }
        match signal {
            Signal::InboundText(sms) => self.fill(&mut arrival, EventKind::LeadText, &sms),
            Signal::OutboundSent(sms) => self.fill(&mut arrival, EventKind::OutboundSent, &sms),
            Signal::OutboundFailed(sms) => self.fill(&mut arrival, EventKind::OutboundFailed, &sms),
            // A workflow's draft is nobody's composing, and what was typed long ago is over.
            Signal::Composing(sms) | Signal::OutboundQueued(sms) if sms.sequence_id.is_none() => {
                let typed_at = event.date_updated.or(event.date_created).unwrap_or(now);
                if after(typed_at, COMPOSING_HOLD) > now {
                    self.fill(&mut arrival, EventKind::Composing, &sms);
                }
            }
            Signal::SmsDeleted { activity_id, previous } => {
                if let Some(sms) = previous {
                    self.fill(&mut arrival, EventKind::SmsDeleted, &sms);
                }
                arrival.activity_id = Some(activity_id);
            }
            Signal::Malformed { why, .. } => {
                tracing::warn!(event_id = %event.id, why, "a Close event could not be read; it is looked for in the event log");
                arrival.event_id = unplaced(&arrival.event_id);
            }
            _ => {}
        }
        arrival
    }

    /// True for a text that names no two numbers. Close has them, or nobody does.
    pub(super) fn is_unplaced(signal: &Signal) -> bool {
        match signal {
            Signal::InboundText(sms) | Signal::OutboundSent(sms) => number_pair(sms).is_none(),
            _ => false,
        }
    }

    /// Gives the arrival its conversation, if the activity names both numbers and ours is one we answer for.
    fn fill(&self, arrival: &mut Arrival, kind: EventKind, sms: &SmsActivity) {
        let Some(lane) = number_pair(sms).filter(|lane| self.answers_for(&lane.ours)) else { return };
        arrival.kind = kind;
        arrival.lane = Some(lane);
        arrival.lead_id = sms.lead_id.clone().or_else(|| arrival.lead_id.take());
        arrival.contact_id.clone_from(&sms.contact_id);
        arrival.activity_id = Some(sms.id.clone());
        arrival.occurred_at = sms.at().unwrap_or(arrival.occurred_at);
        let message = message(sms, None, arrival.occurred_at);
        arrival.body = json!({ "message": message, "error": sms.error_message, "user_id": sms.user_id });
    }

    pub(super) fn answers_for(&self, ours: &str) -> bool {
        self.settings.numbers.is_empty() || self.settings.numbers.iter().any(|number| number == ours)
    }

    /// An activity found by reading lists, taken as if an event of `kind` had come. None if it belongs to no conversation.
    pub(super) fn listed(&self, kind: EventKind, sms: &SmsActivity) -> Option<Arrival> {
        let now = self.clock.now();
        let mut arrival = Arrival {
            source: Source::CloseLog,
            event_id: format!("{}:{}", kind.as_str(), sms.id),
            kind: EventKind::Noted,
            lane: None,
            lead_id: sms.lead_id.clone(),
            contact_id: None,
            activity_id: None,
            occurred_at: now,
            received_at: now,
            body: serde_json::Value::Null,
        };
        self.fill(&mut arrival, kind, sms);
        arrival.lane.is_some().then_some(arrival)
    }
}

/// An event's id, and which version of it this is: Close merges events on one object within seconds. The id stays,
/// `date_updated` moves, and what is told changes: a text on its way may have failed meanwhile.
pub(super) fn version(event: &CloseEvent) -> String {
    match (event.date_created, event.date_updated) {
        (Some(created), Some(updated)) if created != updated => format!("{}@{}", event.id, updated.as_microsecond()),
        _ => event.id.clone(),
    }
}

/// The id of an event that could not be placed: the same event is new when it is read again, whole.
fn unplaced(event_id: &str) -> String {
    format!("{event_id}?")
}

/// The conversation an activity belongs to.
pub(super) fn number_pair(sms: &SmsActivity) -> Option<NumberPair> {
    Some(NumberPair { ours: canonical(sms.local_phone.as_deref()?), theirs: canonical(sms.remote_phone.as_deref()?) })
}

/// E.164 where the number can be read; Close's own spelling otherwise, which is at least always the same.
pub(super) fn canonical(phone: &str) -> String {
    Phone::parse(phone).map_or_else(|_| phone.trim().to_owned(), |phone| phone.to_string())
}

/// The message an activity holds, written at `at`; `own` tells whether Rapport sent it.
pub(super) fn message(sms: &SmsActivity, own: Option<bool>, at: Timestamp) -> Message {
    let author = match (sms.direction == Direction::Inbound, own.unwrap_or(false), sms.sequence_id.is_some()) {
        (true, ..) => Author::Lead,
        (_, true, _) => Author::Agent,
        (_, _, true) => Author::Workflow,
        _ => Author::Rep,
    };
    Message {
        activity_id: sms.id.clone(),
        author,
        text: sms.text.clone().unwrap_or_default(),
        at,
        attachments: sms.attachments,
    }
}
