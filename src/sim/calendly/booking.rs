//! Making and undoing bookings, with the webhooks they cause.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::State;
use super::{API, CalendlySim, id_of};
use crate::runtime::clock::after;
use crate::sim::wire::{text, text_at, zulu};

/// What a booking carries back to whoever made the link.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tracking {
    /// `utm_source`.
    pub source: Option<String>,
    /// `utm_medium`.
    pub medium: Option<String>,
    /// `utm_campaign`.
    pub campaign: Option<String>,
    /// `utm_content`.
    pub content: Option<String>,
    /// `utm_term`.
    pub term: Option<String>,
}

impl Tracking {
    fn written(&self) -> Value {
        json!({
            "utm_campaign": self.campaign, "utm_source": self.source, "utm_medium": self.medium,
            "utm_content": self.content, "utm_term": self.term, "salesforce_uuid": null,
        })
    }
}

/// A booking to be made.
pub(super) struct Wish {
    pub(super) event_type: String,
    pub(super) start: Timestamp,
    /// As Calendly's `invitee` and the other members of `POST /invitees`.
    pub(super) given: Value,
    pub(super) method: Option<&'static str>,
    /// The invitee this one replaces.
    pub(super) replaces: Option<String>,
}

impl State {
    /// Books, and tells the subscribers; the caller has checked that the time is open. Returns the invitee.
    pub(super) fn book(&mut self, wish: &Wish) -> Value {
        let (event_id, invitee_id, date) = (self.id(), self.id(), self.date());
        let event_uri = format!("{API}/scheduled_events/{event_id}");
        let event_type = self.event_type(&wish.event_type).cloned().unwrap_or_default();
        let location = if wish.given["location"].is_object() {
            json!({ "type": wish.given["location"]["kind"], "location": wish.given["location"]["location"] })
        } else {
            json!({ "type": "outbound_call", "location": null })
        };
        let end = after(wish.start, self.duration(&wish.event_type));
        self.events.push(json!({
            "uri": event_uri, "name": event_type["name"], "status": "active", "start_time": zulu(wish.start),
            "end_time": zulu(end), "event_type": event_type["uri"], "location": location,
            "invitees_counter": { "total": 1, "active": 1, "limit": 1 },
            "event_memberships": [{ "user": self.user["uri"], "user_email": self.user["email"],
                "user_name": self.user["name"] }],
            "event_guests": [], "calendar_event": null, "meeting_notes_plain": null,
            "created_at": date, "updated_at": date,
        }));
        let person = &wish.given["invitee"];
        let first = text_at(person, "first_name");
        let name = text_at(person, "name").or_else(|| {
            let last = text(person, "last_name");
            Some(format!("{} {last}", first.as_deref()?).trim().to_owned())
        });
        let tracking = Some(&wish.given["tracking"]).filter(|given| given.is_object()).cloned();
        let invitee = json!({
            "uri": format!("{event_uri}/invitees/{invitee_id}"), "event": event_uri, "email": person["email"],
            "name": name, "first_name": first, "last_name": text_at(person, "last_name"), "status": "active",
            "timezone": person["timezone"], "questions_and_answers": wish.given["questions_and_answers"].as_array()
                .cloned().unwrap_or_default(),
            "text_reminder_number": person["text_reminder_number"],
            "tracking": tracking.unwrap_or_else(|| Tracking::default().written()), "rescheduled": false,
            "old_invitee": wish.replaces, "new_invitee": null,
            "cancel_url": format!("{}/cancellations/{invitee_id}", self.public_url),
            "reschedule_url": format!("{}/reschedulings/{invitee_id}", self.public_url),
            "routing_form_submission": null, "payment": null, "no_show": null, "reconfirmation": null,
            "scheduling_method": wish.method, "invitee_scheduled_by": null, "created_at": date, "updated_at": date,
        });
        self.invitees.push(invitee.clone());
        self.announce("invitee.created", &invitee);
        invitee
    }

    /// Cancels an active event and tells the subscribers; the cancellation, or none when there is no such event.
    /// `successor` is the invitee that replaces this one in a reschedule.
    pub(super) fn cancel(
        &mut self,
        event: &str,
        reason: &str,
        by_host: bool,
        successor: Option<&str>,
    ) -> Option<Value> {
        let date = self.date();
        let host = self.user["name"].clone();
        let uri = self.event(event).filter(|event| event["status"] == "active")?["uri"].clone();
        let invitee_name = self.invitees.iter().find(|invitee| invitee["event"] == uri)?["name"].clone();
        let cancellation = json!({
            "canceled_by": if by_host { host } else { invitee_name }, "reason": reason,
            "canceler_type": if by_host { "host" } else { "invitee" }, "created_at": date,
        });
        for object in self.events.iter_mut().filter(|object| object["uri"] == uri) {
            object["status"] = json!("canceled");
            object["cancellation"] = cancellation.clone();
            object["invitees_counter"]["active"] = json!(0);
            object["updated_at"] = json!(date);
        }
        let mut gone = Vec::new();
        for invitee in self.invitees.iter_mut().filter(|invitee| invitee["event"] == uri) {
            invitee["status"] = json!("canceled");
            invitee["cancellation"] = cancellation.clone();
            invitee["rescheduled"] = json!(successor.is_some());
            invitee["new_invitee"] = json!(successor);
            invitee["updated_at"] = json!(date);
            gone.push(invitee.clone());
        }
        for invitee in gone {
            self.announce("invitee.canceled", &invitee);
        }
        Some(cancellation)
    }

    /// The scheduled event a URI or an id means.
    pub(super) fn event(&self, uri: &str) -> Option<&Value> {
        let wanted = id_of(uri);
        self.events.iter().find(|event| id_of(text(event, "uri")) == wanted)
    }
}

impl CalendlySim {
    /// Somebody books the first event type on Calendly's page; returns the invitee's URI, or none when the time is
    /// not open.
    pub fn book(&self, slot_start: Timestamp, name: &str, email: &str, tracking: &Tracking) -> Option<String> {
        self.locked(|state| {
            let wish = Wish {
                event_type: state.event_types.first().map(|known| text(known, "uri").to_owned())?,
                start: slot_start,
                given: json!({
                    "invitee": { "name": name, "email": email, "timezone": super::state::HOST_ZONE },
                    "tracking": tracking.written(),
                }),
                method: None,
                replaces: None,
            };
            state.is_open(&wish.event_type, slot_start).then(|| text(&state.book(&wish), "uri").to_owned())
        })
    }

    /// Somebody opens a single-use link and books; none when the link was used or the time is not open.
    pub fn book_by_link(&self, link: &str, slot_start: Timestamp, name: &str, email: &str) -> Option<String> {
        let (page, query) = link.split_once('?').unwrap_or((link, ""));
        let tracking = tracking_of(query);
        let open = self.locked(|state| {
            let link = state.links.iter_mut().find(|known| known.url == page && !known.used)?;
            link.used = true;
            Some(link.event_type.clone())
        });
        open?;
        self.book(slot_start, name, email, &tracking)
    }

    /// The invitee cancels; false when there is no such active event. Takes the event's or the invitee's URI.
    pub fn cancel(&self, event: &str) -> bool {
        let event = event.split("/invitees/").next().unwrap_or(event);
        self.locked(|state| state.cancel(event, "Something came up", false, None).is_some())
    }

    /// The invitee moves a booking: the old one is canceled and a new one made. Returns the new invitee's URI.
    pub fn reschedule(&self, event: &str, to: Timestamp) -> Option<String> {
        let event = event.split("/invitees/").next().unwrap_or(event).to_owned();
        self.locked(|state| {
            let uri = state.event(&event)?["uri"].clone();
            let old = state.invitees.iter().find(|invitee| invitee["event"] == uri)?.clone();
            let event_type = text(state.event(&event)?, "event_type").to_owned();
            if !state.is_open(&event_type, to) {
                return None;
            }
            let given = json!({
                "invitee": { "name": old["name"], "email": old["email"], "timezone": old["timezone"] },
                "tracking": old["tracking"],
            });
            let replaces = Some(text(&old, "uri").to_owned());
            let made = state.book(&Wish { event_type, start: to, given, method: None, replaces });
            let made = text(&made, "uri").to_owned();
            state.cancel(&event, "Rescheduled", false, Some(&made));
            Some(made)
        })
    }

    /// The bookings, oldest first, cancelled ones included.
    pub fn bookings(&self) -> Vec<Value> {
        self.locked(|state| state.events.clone())
    }
}

fn tracking_of(query: &str) -> Tracking {
    let value = |key: &str| {
        url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == key).map(|(_, value)| value.into_owned())
    };
    Tracking {
        source: value("utm_source"),
        medium: value("utm_medium"),
        campaign: value("utm_campaign"),
        content: value("utm_content"),
        term: value("utm_term"),
    }
}
