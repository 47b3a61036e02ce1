//! What the simulated Calendly account holds.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{API, RATE_LIMIT, TOKEN};
use crate::runtime::{Clock, Random};
use crate::sim::courier::Courier;
use crate::sim::wire::zulu;

/// The host's zone, in which working hours are.
pub(super) const HOST_ZONE: &str = "America/Denver";

/// A webhook subscription.
pub(super) struct Subscription {
    pub(super) resource: Value,
    pub(super) key: String,
}

/// A single-use link and the event type it books.
pub(super) struct Link {
    pub(super) url: String,
    pub(super) event_type: String,
    pub(super) used: bool,
}

/// Everything the account knows.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) courier: Arc<Courier>,
    pub(super) token: String,
    pub(super) rate_limit: u32,
    pub(super) window_ends: Timestamp,
    pub(super) window_used: u32,
    pub(super) public_url: String,
    pub(super) zone: TimeZone,
    pub(super) user: Value,
    pub(super) event_types: Vec<Value>,
    pub(super) explicit_slots: Option<Vec<Timestamp>>,
    pub(super) events: Vec<Value>,
    pub(super) invitees: Vec<Value>,
    pub(super) links: Vec<Link>,
    pub(super) subscriptions: Vec<Subscription>,
}

impl State {
    pub(super) fn new(clock: Clock, random: Random, courier: Arc<Courier>) -> Self {
        let now = clock.now();
        let token = |random: &Random| random.token().to_uppercase()[..16].to_owned();
        let user_id = token(&random);
        let organization = format!("{API}/organizations/{}", token(&random));
        let public_url = "https://calendly.com".to_owned();
        let user = json!({
            "uri": format!("{API}/users/{user_id}"), "name": "Maya Okafor", "slug": "northwind-solar",
            "email": "maya@northwind.example", "scheduling_url": format!("{public_url}/northwind-solar"),
            "timezone": HOST_ZONE, "time_notation": "12h", "locale": "en", "avatar_url": null,
            "created_at": zulu(now), "updated_at": zulu(now), "current_organization": organization,
            "resource_type": "User",
        });
        let mut state = Self {
            clock,
            random,
            courier,
            token: TOKEN.to_owned(),
            rate_limit: RATE_LIMIT,
            window_ends: now,
            window_used: 0,
            public_url,
            zone: jiff::tz::TimeZoneDatabase::bundled().get(HOST_ZONE).unwrap_or(TimeZone::UTC),
            user,
            event_types: Vec::new(),
            explicit_slots: None,
            events: Vec::new(),
            invitees: Vec::new(),
            links: Vec::new(),
            subscriptions: Vec::new(),
        };
        state.add_event_type("Intro call", "intro-call", 20);
        state
    }

    /// A new id such as Calendly's opaque ones.
    pub(super) fn id(&self) -> String {
        self.random.token().to_uppercase()
    }

    /// The current instant as Calendly writes it.
    pub(super) fn date(&self) -> String {
        zulu(self.clock.now())
    }

    pub(super) fn add_event_type(&mut self, name: &str, slug: &str, minutes: u32) -> String {
        let (uri, date) = (format!("{API}/event_types/{}", self.id()), self.date());
        let owner = &self.user["uri"];
        self.event_types.push(json!({
            "uri": uri, "name": name, "active": true, "slug": slug,
            "scheduling_url": format!("{}/northwind-solar/{slug}", self.public_url), "duration": minutes,
            "duration_options": null, "kind": "solo", "pooling_type": null, "type": "StandardEventType",
            "booking_method": "instant", "color": "#0069ff", "secret": false, "internal_note": null,
            "description_plain": "A short call with a solar advisor.",
            "description_html": "<p>A short call with a solar advisor.</p>",
            "profile": { "type": "User", "name": self.user["name"], "owner": owner },
            "custom_questions": [{ "name": "Please share anything that will help prepare for our meeting.",
                "type": "text", "position": 0, "enabled": true, "required": false, "answer_choices": [],
                "include_other": false }],
            "locations": [{ "kind": "outbound_call" }], "position": 0, "admin_managed": false, "is_paid": false,
            "locale": "en", "deleted_at": null, "created_at": date, "updated_at": date,
        }));
        uri
    }

    /// The event type a URI or an id means.
    pub(super) fn event_type(&self, uri: &str) -> Option<&Value> {
        let wanted = super::id_of(uri);
        let mut types = self.event_types.iter();
        types.find(|known| known["uri"].as_str().is_some_and(|uri| super::id_of(uri) == wanted))
    }

    /// How long a meeting of this type lasts.
    pub(super) fn duration(&self, event_type: &str) -> Duration {
        let minutes = self.event_type(event_type).and_then(|known| known["duration"].as_u64()).unwrap_or(30);
        Duration::from_mins(minutes)
    }
}
