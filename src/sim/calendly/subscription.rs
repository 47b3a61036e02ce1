//! `webhook_subscriptions`: made, listed and deleted; there is no update.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde_json::{Value, json};

use super::state::{State, Subscription};
use super::{API, CalendlySim, collection, id_of, invalid, refusal};
use crate::sim::wire::{Params, Refusal, answer, object_of, text, text_at};

const EVENTS: [&str; 11] = [
    "invitee.created",
    "invitee.canceled",
    "invitee_no_show.created",
    "invitee_no_show.deleted",
    "routing_form_submission.created",
    "event_type.created",
    "event_type.updated",
    "event_type.deleted",
    "contact.created",
    "contact.updated",
    "contact.deleted",
];

pub(super) fn routes() -> Router<CalendlySim> {
    Router::new()
        .route("/webhook_subscriptions", get(list).post(create))
        .route("/webhook_subscriptions/{id}", get(one).delete(remove))
}

async fn list(Extract(sim): Extract<CalendlySim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    for key in ["organization", "scope"] {
        params.get(key).ok_or_else(|| invalid(key, "is missing"))?;
    }
    let found = sim.locked(|state| {
        let resources = state.subscriptions.iter().map(|subscription| &subscription.resource);
        let wanted = |resource: &&Value| {
            ["organization", "scope", "user"]
                .iter()
                .all(|key| params.get(*key).is_none_or(|given| resource[key] == given.as_str()))
        };
        resources.filter(wanted).cloned().collect::<Vec<Value>>()
    });
    Ok(answer(200, &collection(&found, &params, "/webhook_subscriptions")?))
}

async fn one(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let mut resources = state.subscriptions.iter().map(|subscription| &subscription.resource);
        resources.find(|resource| id_of(text(resource, "uri")) == id).cloned()
    });
    Ok(answer(200, &json!({ "resource": found.ok_or_else(missing)? })))
}

fn missing() -> Refusal {
    refusal(404, "The server could not find the requested resource.")
}

async fn create(Extract(sim): Extract<CalendlySim>, body: Bytes) -> Result<Response, Refusal> {
    let given = Value::Object(object_of(&body).ok_or_else(|| refusal(400, "The request body is not JSON"))?);
    for key in ["url", "organization", "scope"] {
        text_at(&given, key).ok_or_else(|| invalid(key, "is missing"))?;
    }
    let scope = text(&given, "scope");
    if !["organization", "user", "group"].contains(&scope) {
        return Err(invalid("scope", "must be organization, user or group"));
    }
    if scope == "user" && text_at(&given, "user").is_none() {
        return Err(invalid("user", "is missing"));
    }
    let events = given["events"].as_array().filter(|events| !events.is_empty());
    let events = events.ok_or_else(|| invalid("events", "is missing"))?;
    if !events.iter().all(|event| EVENTS.contains(&event.as_str().unwrap_or_default())) {
        return Err(invalid("events", "holds an unknown event"));
    }
    sim.locked(|state| {
        let taken = state
            .subscriptions
            .iter()
            .any(|known| known.resource["callback_url"] == given["url"] && known.resource["scope"] == given["scope"]);
        if taken {
            return Err(refusal(409, "Hook with this url already exists"));
        }
        Ok(answer(201, &json!({ "resource": add(state, &given) })))
    })
}

fn add(state: &mut State, given: &Value) -> Value {
    let date = state.date();
    let resource = json!({
        "uri": format!("{API}/webhook_subscriptions/{}", state.id()), "callback_url": given["url"],
        "created_at": date, "updated_at": date, "retry_started_at": null, "state": "active",
        "events": given["events"], "scope": given["scope"], "organization": given["organization"],
        "user": given["user"], "group": given["group"], "creator": state.user["uri"],
    });
    let key = text_at(given, "signing_key").unwrap_or_default();
    state.subscriptions.push(Subscription { resource: resource.clone(), key });
    resource
}

async fn remove(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    sim.locked(|state| {
        let wanted = |known: &Subscription| id_of(text(&known.resource, "uri")) == id;
        let place = state.subscriptions.iter().position(wanted).ok_or_else(missing)?;
        let gone = state.subscriptions.remove(place);
        state.courier.forget(text(&gone.resource, "uri"));
        Ok(StatusCode::NO_CONTENT)
    })
}

impl CalendlySim {
    /// Calendly disables every subscription, as after a day of failed deliveries.
    pub fn disable_subscriptions(&self) {
        self.locked(|state| {
            for subscription in &mut state.subscriptions {
                subscription.resource["state"] = json!("disabled");
                state.courier.forget(text(&subscription.resource, "uri"));
            }
        });
    }

    /// The subscriptions as Calendly lists them.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.locked(|state| state.subscriptions.iter().map(|subscription| subscription.resource.clone()).collect())
    }

    /// Subscribes `url` to bookings and cancellations of the whole organisation, signed with `key`; returns the URI.
    pub fn subscribe(&self, url: &str, key: &str) -> String {
        self.locked(|state| {
            let given = json!({
                "url": url, "events": ["invitee.created", "invitee.canceled"], "scope": "organization",
                "organization": state.user["current_organization"], "signing_key": key,
            });
            text(&add(state, &given), "uri").to_owned()
        })
    }
}
