//! Close's webhooks: whether one is genuine, what it says, and what that means for a conversation.

mod signature;

use jiff::Timestamp;
use serde_json::Value;

pub use signature::{Claim, HASH_HEADER, KeyError, SignatureError, TIMESTAMP_HEADER, WebhookKeys};

use super::json::{self, Fields};
use super::sms::{Direction, SmsActivity, SmsStatus};

/// Something that happened in Close, from a webhook or from the event log.
#[derive(Debug, Clone, PartialEq)]
pub struct CloseEvent {
    /// `ev_…`; the same for every delivery of the event.
    pub id: String,
    /// Such as `activity.sms`.
    pub object_type: String,
    /// The id of the object it happened to.
    pub object_id: Option<String>,
    /// Such as `created`.
    pub action: String,
    /// The lead it belongs to.
    pub lead_id: Option<String>,
    /// When it happened.
    pub date_created: Option<Timestamp>,
    /// When it last changed: Close merges events on one object within seconds.
    pub date_updated: Option<Timestamp>,
    /// The object afterwards; none when it was deleted, or when the key may not see it.
    pub data: Option<Value>,
    /// The object's changed fields as they were before.
    pub previous_data: Option<Value>,
    /// More about its cause.
    pub meta: Option<Value>,
}

/// A webhook's body that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// Not JSON.
    #[error("the webhook's body is not JSON: {0}")]
    NotJson(String),
    /// No event, or one without an id.
    #[error("the webhook's body holds no event with an id, an object_type and an action")]
    NoEvent,
}

/// Reads a webhook's body.
///
/// # Errors
/// [`EventError`] when there is no event in it. Unknown types, actions and fields are none.
pub fn parse_event(body: &[u8]) -> Result<CloseEvent, EventError> {
    let mut value: Value = json::parse(body).map_err(|error| EventError::NotJson(error.to_string()))?;
    value.get_mut("event").map(Value::take).and_then(CloseEvent::from_json).ok_or(EventError::NoEvent)
}

impl CloseEvent {
    /// Reads an event as webhooks and the event log hold it; none without an id, a type and an action.
    #[must_use]
    pub fn from_json(mut value: Value) -> Option<Self> {
        // The objects are moved out: a lead with its fields is large, and every webhook comes this way.
        let mut taken = |key| value.get_mut(key).map(Value::take).filter(|part| !part.is_null());
        let (data, previous_data, meta) = (taken("data"), taken("previous_data"), taken("meta"));
        let fields = Fields::of(&value);
        Some(Self {
            id: fields.text("id")?,
            object_type: fields.text("object_type")?,
            object_id: fields.text("object_id"),
            action: fields.text("action")?,
            lead_id: fields.text("lead_id"),
            date_created: fields.time("date_created"),
            date_updated: fields.time("date_updated"),
            data,
            previous_data,
            meta,
        })
    }
}

/// What an event means for a conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Signal {
    /// The lead texted.
    InboundText(SmsActivity),
    /// A lead's text that was known changed: an unknown sender's may have been given a lead.
    InboundChanged(SmsActivity),
    /// A text was sent.
    OutboundSent(SmsActivity),
    /// A text could not be sent.
    OutboundFailed(SmsActivity),
    /// A draft exists or changed: half-typed by a person, or ours. Its text is not to be trusted.
    Composing(SmsActivity),
    /// A text is on its way out, now or at a set time.
    OutboundQueued(SmsActivity),
    /// A text was deleted.
    SmsDeleted {
        /// Its id.
        activity_id: String,
        /// What it was.
        previous: Option<SmsActivity>,
    },
    /// Two leads became one.
    LeadMerged {
        /// The lead that is gone.
        source: String,
        /// The lead that holds both.
        destination: String,
    },
    /// Phones of a contact to which Close sends no more texts since this change.
    PhonesBlocked(Vec<String>),
    /// An event about a text that cannot be understood: read the text from Close instead.
    Malformed {
        /// What is wrong, without content.
        why: String,
        /// The text it is about, if it says so.
        activity_id: Option<String>,
    },
    /// Nothing that concerns a conversation.
    Ignored,
}

/// What `event` means. Outbound text counts only once it was sent: while a person types in Close, `created` and
/// `updated` carry half of it.
#[must_use]
pub fn signal(event: &CloseEvent) -> Signal {
    match (event.object_type.as_str(), event.action.as_str()) {
        ("activity.sms", "deleted") => sms_deleted(event),
        ("activity.sms", "created" | "updated" | "sent") => sms_changed(event),
        ("lead", "merged") => lead_merged(event),
        ("contact", "updated") => match newly_blocked(event) {
            none if none.is_empty() => Signal::Ignored,
            blocked => Signal::PhonesBlocked(blocked),
        },
        _ => Signal::Ignored,
    }
}

/// Close marks a phone whose carrier has taken a stop (`outbound_sms_blocked`), and says so by changing the contact.
fn newly_blocked(event: &CloseEvent) -> Vec<String> {
    let blocked = |contact: Option<&Value>| -> Vec<String> {
        let phones = contact.map(|contact| Fields::of(contact).list("phones")).unwrap_or_default();
        let blocked = phones.iter().map(Fields::of).filter(|phone| phone.flag("outbound_sms_blocked") == Some(true));
        blocked.filter_map(|phone| phone.text("phone")).collect()
    };
    let before = blocked(event.previous_data.as_ref());
    blocked(event.data.as_ref()).into_iter().filter(|phone| !before.contains(phone)).collect()
}

fn sms_changed(event: &CloseEvent) -> Signal {
    let malformed = |why: &str| Signal::Malformed { why: why.to_owned(), activity_id: event.object_id.clone() };
    let Some(data) = &event.data else {
        return malformed("the event holds no data; the event log hides it from keys that are not an administrator's");
    };
    let Some(mut sms) = SmsActivity::from_json(data) else {
        return malformed("the event's data is not an SMS activity with an id");
    };
    sms.lead_id = sms.lead_id.or_else(|| event.lead_id.clone());
    match (sms.direction, &sms.status, event.action.as_str()) {
        (Direction::Inbound, SmsStatus::Inbox | SmsStatus::Other(_), "created") => Signal::InboundText(sms),
        (Direction::Inbound, _, "updated") => Signal::InboundChanged(sms),
        (Direction::Inbound, _, _) => Signal::Ignored,
        (_, SmsStatus::Error, _) => Signal::OutboundFailed(sms),
        (_, _, "sent") | (_, SmsStatus::Sent, _) => Signal::OutboundSent(sms),
        (_, SmsStatus::Draft, _) => Signal::Composing(sms),
        (_, SmsStatus::Outbox | SmsStatus::Scheduled, _) => Signal::OutboundQueued(sms),
        (Direction::Other, SmsStatus::Other(_), _) => malformed("the SMS has neither a known direction nor status"),
        (_, SmsStatus::Inbox | SmsStatus::Other(_), _) => Signal::Ignored,
    }
}

fn sms_deleted(event: &CloseEvent) -> Signal {
    // The data is null then, and previous_data holds every attribute, but not always the id.
    let previous = event.previous_data.as_ref().or(event.data.as_ref()).map(|previous| {
        let mut previous = previous.clone();
        if let (Some(fields), Some(id)) = (previous.as_object_mut(), &event.object_id) {
            fields.entry("id").or_insert_with(|| Value::String(id.clone()));
        }
        previous
    });
    let previous = previous.as_ref().and_then(SmsActivity::from_json);
    match event.object_id.clone().or_else(|| previous.as_ref().map(|sms| sms.id.clone())) {
        Some(activity_id) => Signal::SmsDeleted { activity_id, previous },
        None => Signal::Malformed { why: "a deleted SMS without an id".to_owned(), activity_id: None },
    }
}

fn lead_merged(event: &CloseEvent) -> Signal {
    let meta = event.meta.as_ref().map(Fields::of);
    let of_meta = |key: &str| meta.and_then(|meta| meta.text(key));
    let destination = of_meta("merge_destination_lead_id").or_else(|| event.object_id.clone());
    match (of_meta("merge_source_lead_id"), destination) {
        (Some(source), Some(destination)) if source != destination => Signal::LeadMerged { source, destination },
        _ => Signal::Ignored,
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
