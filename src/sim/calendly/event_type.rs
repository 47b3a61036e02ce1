//! Who the token belongs to, what can be booked and when, and links to book it.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::state::{Link, State};
use super::{CalendlySim, collection, id_of, invalid, refusal};
use crate::runtime::clock::until;
use crate::sim::wire::{Params, Refusal, answer, instant, object_of, text, zulu};

/// The longest span of available times, since July 2026.
const SPAN_MAX: Duration = Duration::from_hours(31 * 24);

pub(super) fn routes() -> Router<CalendlySim> {
    Router::new()
        .route("/users/{id}", get(user))
        .route("/event_types", get(list))
        .route("/event_types/{id}", get(one))
        .route("/event_type_available_times", get(available_times))
        .route("/scheduling_links", post(create_link))
}

async fn user(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let user = sim.locked(|state| state.user.clone());
    if id != "me" && id != id_of(text(&user, "uri")) {
        return Err(refusal(404, "The server could not find the requested resource."));
    }
    Ok(answer(200, &json!({ "resource": user })))
}

async fn list(Extract(sim): Extract<CalendlySim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let (user, organization, types) = sim.locked(|state| {
        let organization = state.user["current_organization"].clone();
        (state.user["uri"].clone(), organization, state.event_types.clone())
    });
    match (params.get("user"), params.get("organization")) {
        (None, None) => return Err(invalid("user", "either organization or user must be supplied")),
        (Some(given), _) if user != given.as_str() => return Err(refusal(403, "You do not have permission")),
        (None, Some(given)) if organization != given.as_str() => {
            return Err(refusal(403, "You do not have permission"));
        }
        _ => {}
    }
    let active = params.get("active").map(|active| active == "true");
    let found: Vec<Value> = types.into_iter().filter(|known| active.is_none_or(|a| known["active"] == a)).collect();
    Ok(answer(200, &collection(&found, &params, "/event_types")?))
}

async fn one(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.event_type(&id).cloned());
    let found = found.ok_or_else(|| refusal(404, "The server could not find the requested resource."))?;
    Ok(answer(200, &json!({ "resource": found })))
}

async fn available_times(
    Extract(sim): Extract<CalendlySim>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let bound = |key: &str| {
        let given = params.get(key).ok_or_else(|| invalid(key, "is missing"))?;
        instant(given).ok_or_else(|| invalid(key, "must be a valid ISO 8601 date"))
    };
    let (from, to) = (bound("start_time")?, bound("end_time")?);
    let uri = params.get("event_type").ok_or_else(|| invalid("event_type", "is missing"))?;
    if from <= sim.0.clock.now() {
        return Err(invalid("start_time", "must be in the future"));
    }
    if to <= from {
        return Err(invalid("end_time", "must be after start_time"));
    }
    if until(from, to) > SPAN_MAX {
        return Err(invalid("end_time", "date range must be no longer than 31 days"));
    }
    let slots = sim.locked(|state| {
        let known = state.event_type(uri)?;
        let page = text(known, "scheduling_url").to_owned();
        let open = state.open_times(uri, from, to);
        Some(open.into_iter().map(|start| available(state, &page, start)).collect::<Vec<Value>>())
    });
    let slots = slots.ok_or_else(|| refusal(404, "The server could not find the requested resource."))?;
    Ok(answer(200, &json!({ "collection": slots })))
}

fn available(state: &State, page: &str, start: Timestamp) -> Value {
    let local = state.zone.to_datetime(start);
    let query = format!("month={}&date={}", local.strftime("%Y-%m"), local.strftime("%Y-%m-%d"));
    json!({
        "status": "available", "invitees_remaining": 1, "start_time": zulu(start),
        "scheduling_url": format!("{page}/{}?{query}", start.strftime("%Y-%m-%dT%H:%M:%SZ")),
    })
}

async fn create_link(Extract(sim): Extract<CalendlySim>, body: Bytes) -> Result<Response, Refusal> {
    let given = Value::Object(object_of(&body).ok_or_else(|| refusal(400, "The request body is not JSON"))?);
    let count = &given["max_event_count"];
    if *count != 1 && *count != "1" {
        return Err(invalid("max_event_count", "must be 1"));
    }
    if given["owner_type"] != "EventType" {
        return Err(invalid("owner_type", "must be EventType"));
    }
    let owner = text(&given, "owner").to_owned();
    sim.locked(|state| {
        let known = state.event_type(&owner).ok_or_else(|| invalid("owner", "is unknown"))?;
        let (slug, event_type) = (text(known, "slug").to_owned(), text(known, "uri").to_owned());
        let token = state.random.token();
        let url = format!("{}/d/{}-{}/{slug}", state.public_url, &token[..4], &token[4..7]);
        state.links.push(Link { url: url.clone(), event_type, used: false });
        let resource = json!({ "booking_url": url, "owner": owner, "owner_type": "EventType" });
        Ok(answer(201, &json!({ "resource": resource })))
    })
}

impl CalendlySim {
    /// Adds an event type; returns its URI.
    pub fn add_event_type(&self, name: &str, slug: &str, minutes: u32) -> String {
        self.locked(|state| state.add_event_type(name, slug, minutes))
    }

    /// The URIs of the event types, in order.
    pub fn event_types(&self) -> Vec<String> {
        self.locked(|state| state.event_types.iter().map(|known| text(known, "uri").to_owned()).collect())
    }

    /// Turns an event type off or on.
    pub fn set_active(&self, event_type: &str, active: bool) {
        self.locked(|state| {
            for known in state.event_types.iter_mut().filter(|known| known["uri"] == event_type) {
                known["active"] = json!(active);
            }
        });
    }

    /// The single-use links made so far, oldest first.
    pub fn links(&self) -> Vec<String> {
        self.locked(|state| state.links.iter().map(|link| link.url.clone()).collect())
    }

    /// What booking pages start with, instead of `https://calendly.com`; for links that open in a demo.
    pub fn set_public_url(&self, url: &str) {
        self.locked(|state| {
            url.trim_end_matches('/').clone_into(&mut state.public_url);
            for known in &mut state.event_types {
                let page = format!("{}/northwind-solar/{}", state.public_url, text(known, "slug"));
                known["scheduling_url"] = json!(page);
            }
        });
    }
}
