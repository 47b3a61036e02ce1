//! What a delivery says: somebody booked, moved or called off a meeting.
//!
//! A meeting that is moved comes as two deliveries, in either order: the old one is called off and the new one booked,
//! both marked as rescheduled.

use jiff::Timestamp;
use serde_json::Value;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookingEventKind {
    /// `invitee.created`.
    Created,
    /// `invitee.canceled`.
    Canceled,
}

impl BookingEventKind {
    /// The wire's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "invitee.created",
            Self::Canceled => "invitee.canceled",
        }
    }
}

/// One delivery about a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingEvent {
    /// What happened.
    pub kind: BookingEventKind,
    /// The person's entry, which is new for every booking.
    pub invitee_uri: String,
    /// The meeting.
    pub event_uri: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// When it starts.
    pub start: Option<Timestamp>,
    /// The token that a link of ours carried (`utm_content`). Also set by other people's links: look it up.
    pub token: Option<String>,
    /// The page where the person can move it.
    pub reschedule_url: Option<String>,
    /// The page where the person can call it off.
    pub cancel_url: Option<String>,
    /// True when this is one half of a move, so that a cancellation is no farewell.
    pub rescheduled: bool,
    /// The entry that this one replaces. Whose it is stands there when the token did not survive the move.
    pub old_invitee_uri: Option<String>,
    /// When the entry last changed.
    pub updated_at: Option<String>,
    /// What may be the person's phone number, as they wrote it, best first.
    pub phones: Vec<String>,
}

/// A delivery that is not what the published API promises.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the delivery cannot be read: {0}")]
pub struct DeliveryError(String);

impl BookingEvent {
    /// Reads a delivery; none when it is about something else.
    ///
    /// # Errors
    /// [`DeliveryError`] when it is no delivery at all.
    pub fn parse(body: &[u8]) -> Result<Option<Self>, DeliveryError> {
        let delivery: Value = serde_json::from_slice(body).map_err(|_| DeliveryError("it is not JSON".to_owned()))?;
        let kind = match delivery["event"].as_str() {
            Some("invitee.created") => BookingEventKind::Created,
            Some("invitee.canceled") => BookingEventKind::Canceled,
            Some(_) => return Ok(None),
            None => return Err(DeliveryError("it names no event".to_owned())),
        };
        let payload = &delivery["payload"];
        let meeting = &payload["scheduled_event"];
        let invitee_uri = text(&payload["uri"]).ok_or_else(|| DeliveryError("its payload has no uri".to_owned()))?;
        let old_invitee_uri = text(&payload["old_invitee"]);
        Ok(Some(Self {
            kind,
            invitee_uri,
            event_uri: text(&meeting["uri"]).or_else(|| text(&payload["event"])),
            name: text(&meeting["name"]),
            start: text(&meeting["start_time"]).and_then(|start| start.parse().ok()),
            token: text(&payload["tracking"]["utm_content"]),
            reschedule_url: text(&payload["reschedule_url"]),
            cancel_url: text(&payload["cancel_url"]),
            rescheduled: payload["rescheduled"].as_bool().unwrap_or(false) || old_invitee_uri.is_some(),
            old_invitee_uri,
            updated_at: text(&payload["updated_at"]),
            phones: phones_of(payload),
        }))
    }

    /// The same for every delivery of the same news. Deliveries carry no id of their own.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}:{}", self.kind.as_str(), self.invitee_uri, self.updated_at.as_deref().unwrap_or_default())
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The number for reminders, the number to call, and answers to questions about a phone.
fn phones_of(payload: &Value) -> Vec<String> {
    let mut phones: Vec<String> = Vec::new();
    phones.extend(text(&payload["text_reminder_number"]));
    let place = &payload["scheduled_event"]["location"];
    // The other kind of call, `inbound_call`, goes to the host's number.
    if place["type"] == "outbound_call" {
        phones.extend(text(&place["location"]).filter(|place| looks_like_phone(place)));
    }
    for pair in payload["questions_and_answers"].as_array().into_iter().flatten() {
        phones.extend(text(&pair["answer"]).filter(|answer| looks_like_phone(answer)));
    }
    let mut seen = Vec::new();
    phones.retain(|phone| {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let new = !seen.contains(&digits);
        seen.push(digits);
        new
    });
    phones
}

/// At most 15 digits (the longest of E.164), enough to be no date, and nothing but what people write between them.
fn looks_like_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let least = if text.starts_with('+') { 8 } else { 10 };
    (least..=15).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || " +-.()/".contains(c))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The published example of a delivery, with every field.
    fn delivery() -> Value {
        json!({
            "event": "invitee.created", "created_at": "2026-11-23T17:51:19.000000Z",
            "created_by": "https://api.calendly.com/users/AAA",
            "payload": {
                "uri": "https://api.calendly.com/scheduled_events/E1/invitees/I2",
                "event": "https://api.calendly.com/scheduled_events/E1",
                "email": "jane@example.com", "name": "Jane Doe", "first_name": null, "last_name": null,
                "status": "active", "timezone": "America/New_York",
                "questions_and_answers": [
                    { "question": "Phone", "answer": "(415) 555-0144", "position": 0 },
                    { "question": "Seats", "answer": "25", "position": 1 },
                    { "question": "When?", "answer": "2026-12-02", "position": 2 },
                    { "question": "Again?", "answer": "415.555.0144", "position": 3 },
                ],
                "text_reminder_number": null,
                "tracking": { "utm_campaign": null, "utm_source": "rapport", "utm_medium": null,
                    "utm_content": "tok", "utm_term": null, "salesforce_uuid": null },
                "rescheduled": false, "old_invitee": null, "new_invitee": null,
                "cancel_url": "https://calendly.com/cancellations/C", "reschedule_url": "https://calendly.com/reschedulings/R",
                "routing_form_submission": null, "payment": null, "no_show": null, "reconfirmation": null,
                "scheduling_method": null, "invitee_scheduled_by": null,
                "created_at": "2026-11-23T17:51:18.000000Z", "updated_at": "2026-11-23T17:51:18.000000Z",
                "scheduled_event": {
                    "uri": "https://api.calendly.com/scheduled_events/E1", "name": "Demo", "status": "active",
                    "start_time": "2026-12-02T20:00:00.000000Z", "end_time": "2026-12-02T20:30:00.000000Z",
                    "event_type": "https://api.calendly.com/event_types/T1",
                    "location": { "type": "outbound_call", "location": "+14155550142" },
                    "event_memberships": [], "event_guests": [],
                },
            },
        })
    }

    fn parse(delivery: &Value) -> BookingEvent {
        BookingEvent::parse(delivery.to_string().as_bytes()).expect("a delivery").expect("about a booking")
    }

    #[test]
    fn a_booking_tells_who_when_and_by_which_link() {
        assert_eq!(
            parse(&delivery()),
            BookingEvent {
                kind: BookingEventKind::Created,
                invitee_uri: "https://api.calendly.com/scheduled_events/E1/invitees/I2".to_owned(),
                event_uri: Some("https://api.calendly.com/scheduled_events/E1".to_owned()),
                name: Some("Demo".to_owned()),
                start: Some("2026-12-02T20:00:00Z".parse().expect("an instant")),
                token: Some("tok".to_owned()),
                reschedule_url: Some("https://calendly.com/reschedulings/R".to_owned()),
                cancel_url: Some("https://calendly.com/cancellations/C".to_owned()),
                rescheduled: false,
                old_invitee_uri: None,
                updated_at: Some("2026-11-23T17:51:18.000000Z".to_owned()),
                phones: vec!["+14155550142".to_owned(), "(415) 555-0144".to_owned()],
            }
        );
    }

    #[test]
    fn both_halves_of_a_move_are_marked() {
        let mut old = delivery();
        old["event"] = json!("invitee.canceled");
        old["payload"]["rescheduled"] = json!(true);
        old["payload"]["new_invitee"] = json!("https://api.calendly.com/scheduled_events/E2/invitees/I3");
        let old = parse(&old);
        assert!(old.kind == BookingEventKind::Canceled && old.rescheduled);
        let mut new = delivery();
        new["payload"]["old_invitee"] = json!("https://api.calendly.com/scheduled_events/E1/invitees/I1");
        let new = parse(&new);
        assert!(new.rescheduled);
        assert_eq!(new.old_invitee_uri.as_deref(), Some("https://api.calendly.com/scheduled_events/E1/invitees/I1"));
    }

    #[test]
    fn a_repeated_delivery_has_the_same_key_and_other_news_another() {
        let created = parse(&delivery());
        assert_eq!(created.key(), parse(&delivery()).key());
        let mut canceled = delivery();
        canceled["event"] = json!("invitee.canceled");
        assert_ne!(parse(&canceled).key(), created.key());
        let mut changed = delivery();
        changed["payload"]["updated_at"] = json!("2026-11-24T00:00:00.000000Z");
        assert_ne!(parse(&changed).key(), created.key());
    }

    #[test]
    fn a_bare_delivery_still_counts() {
        let bare = json!({ "event": "invitee.canceled", "payload": { "uri": "u", "tracking": null,
            "scheduled_event": null, "questions_and_answers": null, "future": {} } });
        let event = parse(&bare);
        assert_eq!(
            (event.kind, event.start, event.token, event.phones),
            (BookingEventKind::Canceled, None, None, vec![])
        );
    }

    #[test]
    fn other_news_is_passed_over_and_nonsense_is_an_error() {
        assert_eq!(BookingEvent::parse(br#"{"event":"contact.created","payload":{}}"#), Ok(None));
        for body in [&b"<html>"[..], b"{}", b"[]", br#"{"event":"invitee.created","payload":{}}"#] {
            assert!(BookingEvent::parse(body).is_err());
        }
    }
}
