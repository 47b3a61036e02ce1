//! What the simulated Close holds, and the event log that every change writes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::filter::wants;
use super::webhook::Subscription;
use crate::runtime::clock::{after, until};
use crate::runtime::{Clock, Random};
use crate::sim::courier::Courier;
use crate::sim::wire::{difference, naive, phone_formatted, text, text_at, zoned};

/// Who or what caused a change.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    pub(super) user_id: Option<String>,
    pub(super) api_key_id: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) method: Option<String>,
    pub(super) path: Option<String>,
}

/// A text that went to the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentText {
    /// The activity's id.
    pub activity_id: String,
    /// Our number.
    pub from: String,
    /// The lead's number.
    pub to: String,
    /// What it said.
    pub text: String,
    /// When it left.
    pub at: Timestamp,
    /// The user it is attributed to.
    pub user_id: Option<String>,
    /// The API key that put it into the outbox; none when a person or a workflow did.
    pub api_key_id: Option<String>,
}

/// An entry of the event log, in the order it was written.
pub(super) struct LoggedEvent {
    pub(super) at: Timestamp,
    /// When it shows in the log: events "can become visible out of order" (reference, section 3).
    pub(super) visible_at: Timestamp,
    pub(super) body: Value,
}

/// An SMS in the outbox or scheduled: when it leaves, and who put it there.
pub(super) struct Pending {
    pub(super) due: Timestamp,
    pub(super) origin: Origin,
}

/// Everything Close knows.
pub(super) struct State {
    pub(super) clock: Clock,
    pub(super) random: Random,
    pub(super) courier: Arc<Courier>,
    pub(super) organization_id: String,
    /// API keys: the key, its id, the user it acts as.
    pub(super) api_keys: Vec<(String, String, String)>,
    pub(super) users: Vec<Value>,
    pub(super) numbers: Vec<Value>,
    pub(super) statuses: Vec<Value>,
    pub(super) custom_fields: Vec<Value>,
    pub(super) leads: Vec<Value>,
    pub(super) contacts: Vec<Value>,
    pub(super) texts: Vec<Value>,
    pub(super) notes: Vec<Value>,
    pub(super) tasks: Vec<Value>,
    pub(super) events: Vec<LoggedEvent>,
    /// Events show in the log up to this much late.
    pub(super) log_lag: Duration,
    pub(super) subscriptions: Vec<Subscription>,
    pub(super) pending: BTreeMap<String, Pending>,
    pub(super) sent: Vec<SentText>,
    pub(super) attempted: Vec<SentText>,
    /// Remote numbers whose texts end in an error, and its message.
    pub(super) failing: BTreeMap<String, String>,
    /// Users who are no admins.
    pub(super) plain_users: BTreeSet<String>,
    /// Within what time `updated` events on one object merge; none do by default.
    pub(super) merge_window: Duration,
    /// The largest `_skip` of the list of texts.
    pub(super) skip_max: usize,
}

impl State {
    /// The current instant as Close's objects write it.
    pub(super) fn date(&self) -> String {
        zoned(self.clock.now())
    }

    /// A new id, `prefix_…`.
    pub(super) fn id(&self, prefix: &str) -> String {
        self.random.id(prefix, self.clock.now())
    }

    /// Writes an event and queues it for every subscription that wants it.
    pub(super) fn record(&mut self, kind: (&str, &str), object: &Value, previous: Value, origin: &Origin) {
        let changed: Vec<String> = previous.as_object().map(|p| p.keys().cloned().collect()).unwrap_or_default();
        let meta = origin
            .path
            .as_ref()
            .map_or_else(|| json!({}), |path| json!({ "request_method": origin.method, "request_path": path }));
        self.record_with((kind, meta), object, (changed, previous), origin);
    }

    /// [`State::record`] with its own `meta` and list of changed fields.
    pub(super) fn record_with(
        &mut self,
        (kind, meta): ((&str, &str), Value),
        object: &Value,
        (changed, previous): (Vec<String>, Value),
        origin: &Origin,
    ) {
        let now = self.clock.now();
        if kind.1 == "updated" && self.merge(object, &changed, &previous) {
            return;
        }
        let deleted = kind.1 == "deleted";
        let lead_id = if kind.0 == "lead" { &object["id"] } else { &object["lead_id"] };
        let event = json!({
            "id": self.id("ev"),
            "object_type": kind.0,
            "action": kind.1,
            "object_id": object["id"],
            "lead_id": lead_id,
            "organization_id": self.organization_id,
            "user_id": origin.user_id,
            "api_key_id": origin.api_key_id,
            "request_id": origin.request_id,
            "changed_fields": if deleted { Vec::new() } else { changed },
            "previous_data": if deleted { object.clone() } else { previous },
            "data": if deleted { Value::Null } else { object.clone() },
            "meta": meta,
            "date_created": naive(now),
            "date_updated": naive(now),
        });
        self.announce(&event);
        let visible_at = after(now, self.random.jitter(self.log_lag));
        self.events.push(LoggedEvent { at: now, visible_at, body: event });
    }

    /// "Events on one object within a few seconds merge": the id and `date_created` stay, `date_updated` moves,
    /// `previous_data` is from before the first change. False if there is none to merge with.
    fn merge(&mut self, object: &Value, changed: &[String], previous: &Value) -> bool {
        let (now, window) = (self.clock.now(), self.merge_window);
        let of_object = |event: &&mut LoggedEvent| event.body["object_id"] == object["id"];
        let Some(last) = self.events.iter_mut().rev().find(of_object) else { return false };
        if window.is_zero() || last.body["action"] != "updated" || until(last.at, now) > window {
            return false;
        }
        last.at = now;
        last.body["date_updated"] = json!(naive(now));
        last.body["data"] = object.clone();
        for name in changed {
            if last.body["previous_data"].get(name).is_none() {
                last.body["previous_data"][name] = previous[name].clone();
            }
        }
        let names: Vec<&String> = last.body["previous_data"].as_object().into_iter().flat_map(Map::keys).collect();
        last.body["changed_fields"] = json!(names);
        let event = last.body.clone();
        self.courier.recall(text(&event, "id"));
        self.announce(&event);
        true
    }

    fn announce(&self, event: &Value) {
        for subscription in self.subscriptions.iter().filter(|s| s.is_active()) {
            if subscription.events.iter().any(|wish| wants(wish, event)) {
                let body = json!({ "subscription_id": subscription.id, "event": event }).to_string();
                let to = (subscription.url.as_str(), subscription.signature_key.as_str());
                self.courier.post(text(event, "id"), &subscription.id, to, body.into());
            }
        }
    }

    /// A full SMS object from the members the maker knows; the rest is filled as Close fills it.
    pub(super) fn new_text(&self, given: &Map<String, Value>, origin: &Origin) -> Value {
        let given = Value::Object(given.clone());
        let date = text_at(&given, "date_created").unwrap_or_else(|| self.date());
        let owner = text_at(&given, "user_id").or_else(|| origin.user_id.clone());
        let user_name = owner.as_deref().and_then(|id| self.user_name(id));
        let author = origin.user_id.clone();
        let status = text(&given, "status");
        let direction = text_at(&given, "direction")
            .unwrap_or_else(|| if status == "inbox" { "inbound" } else { "outbound" }.to_owned());
        let sent_at = if status == "sent" { json!(date) } else { Value::Null };
        let mut object = json!({
            "_type": "SMS", "id": self.id("acti"), "organization_id": self.organization_id,
            "lead_id": null, "contact_id": null, "user_id": owner, "user_name": user_name, "users": [],
            "direction": direction, "status": status, "text": null, "source": "Close.io", "cost": null,
            "local_phone": null, "local_phone_formatted": null, "local_country_iso": null,
            "remote_phone": null, "remote_phone_formatted": null, "remote_country_iso": null,
            "error_message": null, "template_id": null, "attachments": [],
            "date_created": date, "date_updated": date, "date_sent": sent_at, "date_scheduled": null,
            "activity_at": date, "created_by": author, "created_by_name": author.as_deref().and_then(|id| self.user_name(id)),
            "updated_by": author, "updated_by_name": author.as_deref().and_then(|id| self.user_name(id)),
            "sequence_id": null, "sequence_name": null, "sequence_subscription_id": null,
            "agent_config_id": null, "agent_action_reason": null,
        });
        for key in ["lead_id", "contact_id", "text", "source", "template_id", "attachments", "date_scheduled"] {
            copy(&given, &mut object, key);
        }
        for key in ["sequence_id", "sequence_name", "sequence_subscription_id", "activity_at"] {
            copy(&given, &mut object, key);
        }
        for (side, key) in [("local", "local_phone"), ("remote", "remote_phone")] {
            if let Some(phone) = text_at(&given, key) {
                set_phone(&mut object, side, &phone);
            }
        }
        self.complete_addressee(&mut object);
        object
    }

    /// Fills lead, contact and remote number from one another, as far as they are known.
    pub(super) fn complete_addressee(&self, object: &mut Value) {
        if object["contact_id"].is_null()
            && let Some(contact) = self.contact_by_phone(text(object, "remote_phone"))
        {
            let same_lead = object["lead_id"].is_null() || object["lead_id"] == contact["lead_id"];
            if same_lead {
                object["contact_id"] = contact["id"].clone();
            }
        }
        let contact = self.contacts.iter().find(|contact| contact["id"] == object["contact_id"]);
        let Some(contact) = contact else { return };
        if object["lead_id"].is_null() {
            object["lead_id"] = contact["lead_id"].clone();
        }
        if object["remote_phone"].is_null()
            && let Some(phone) = text_at(&contact["phones"][0], "phone")
        {
            set_phone(object, "remote", &phone);
        }
    }

    /// Adds a text and writes its `created` event.
    pub(super) fn add_text(&mut self, object: Value, origin: &Origin) -> Value {
        self.texts.push(object.clone());
        self.record(("activity.sms", "created"), &object, json!({}), origin);
        object
    }

    /// Changes a text and writes one event for it.
    pub(super) fn change_text(
        &mut self,
        id: &str,
        action: &str,
        origin: &Origin,
        change: impl FnOnce(&mut Value),
    ) -> Option<Value> {
        let place = self.texts.iter().position(|text| text["id"] == id)?;
        let date = self.date();
        let before = self.texts[place].clone();
        let after = &mut self.texts[place];
        change(after);
        after["date_updated"] = json!(date);
        if let Some(user) = &origin.user_id {
            after["updated_by"] = json!(user);
        }
        let after = after.clone();
        let (_, previous) = difference(&before, &after);
        self.record(("activity.sms", action), &after, previous, origin);
        Some(after)
    }

    /// The text of this id.
    pub(super) fn text_by_id(&self, id: &str) -> Option<&Value> {
        self.texts.iter().find(|text| text["id"] == id)
    }

    /// The first contact that has this number.
    pub(super) fn contact_by_phone(&self, phone: &str) -> Option<&Value> {
        self.contacts.iter().find(|contact| {
            contact["phones"].as_array().is_some_and(|phones| phones.iter().any(|p| p["phone"] == phone))
        })
    }

    /// The number of ours, if we have it.
    pub(super) fn number(&self, phone: &str) -> Option<&Value> {
        self.numbers.iter().find(|number| number["number"] == phone)
    }

    fn user_name(&self, id: &str) -> Option<String> {
        let user = self.users.iter().find(|user| user["id"] == id)?;
        Some(format!("{} {}", text(user, "first_name"), text(user, "last_name")))
    }
}

fn copy(from: &Value, to: &mut Value, key: &str) {
    if let Some(value) = from.get(key).filter(|value| !value.is_null()) {
        to[key] = value.clone();
    }
}

/// Writes a number with its formatted form and its country.
pub(super) fn set_phone(object: &mut Value, side: &str, phone: &str) {
    object[format!("{side}_phone")] = json!(phone);
    object[format!("{side}_phone_formatted")] = json!(phone_formatted(phone));
    let country = if phone.starts_with("+1") { json!("US") } else { Value::Null };
    object[format!("{side}_country_iso")] = country;
}
