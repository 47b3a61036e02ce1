//! `scheduled_events`: what was booked, by whom, and calling it off.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{CalendlySim, collection, id_of, invalid, refusal};
use crate::sim::wire::{Params, Refusal, answer, instant, object_of, text};

pub(super) fn routes() -> Router<CalendlySim> {
    Router::new()
        .route("/scheduled_events", get(list))
        .route("/scheduled_events/{id}", get(one))
        .route("/scheduled_events/{id}/invitees", get(invitees))
        .route("/scheduled_events/{id}/invitees/{invitee}", get(invitee))
        .route("/scheduled_events/{id}/cancellation", post(cancel))
}

async fn list(Extract(sim): Extract<CalendlySim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    if !["user", "organization", "group"].iter().any(|key| params.contains_key(*key)) {
        return Err(invalid("user", "either organization, user or group must be supplied"));
    }
    let mut found = sim.locked(|state| {
        let by_email = |event: &Value| {
            params.get("invitee_email").is_none_or(|email| {
                state
                    .invitees
                    .iter()
                    .any(|invitee| invitee["event"] == event["uri"] && invitee["email"] == email.as_str())
            })
        };
        let matching = state.events.iter().filter(|event| matches(event, &params) && by_email(event));
        matching.cloned().collect::<Vec<Value>>()
    });
    found.sort_by(|a, b| text(a, "start_time").cmp(text(b, "start_time")));
    if params.get("sort").is_some_and(|sort| sort.ends_with(":desc")) {
        found.reverse();
    }
    Ok(answer(200, &collection(&found, &params, "/scheduled_events")?))
}

fn matches(event: &Value, params: &Params) -> bool {
    let start = instant(text(event, "start_time"));
    params.iter().all(|(key, wanted)| match key.as_str() {
        "status" => event["status"] == wanted.as_str(),
        "min_start_time" => start >= instant(wanted),
        "max_start_time" => start <= instant(wanted),
        "user" => event["event_memberships"][0]["user"] == wanted.as_str(),
        _ => true,
    })
}

fn missing() -> Refusal {
    refusal(404, "The server could not find the requested resource.")
}

async fn one(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.event(&id).cloned()).ok_or_else(missing)?;
    Ok(answer(200, &json!({ "resource": found })))
}

async fn invitees(
    Extract(sim): Extract<CalendlySim>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let uri = state.event(&id).ok_or_else(missing)?["uri"].clone();
        let wanted = |invitee: &&Value| {
            invitee["event"] == uri
                && params.get("status").is_none_or(|status| invitee["status"] == status.as_str())
                && params.get("email").is_none_or(|email| invitee["email"] == email.as_str())
        };
        Ok(state.invitees.iter().filter(wanted).cloned().collect::<Vec<Value>>())
    })?;
    Ok(answer(200, &collection(&found, &params, &format!("/scheduled_events/{id}/invitees"))?))
}

async fn invitee(
    Extract(sim): Extract<CalendlySim>,
    Path((id, invitee)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let uri = state.event(&id)?["uri"].clone();
        let mut invitees = state.invitees.iter().filter(|known| known["event"] == uri);
        invitees.find(|known| id_of(text(known, "uri")) == invitee).cloned()
    });
    Ok(answer(200, &json!({ "resource": found.ok_or_else(missing)? })))
}

async fn cancel(Extract(sim): Extract<CalendlySim>, Path(id): Path<String>, body: Bytes) -> Result<Response, Refusal> {
    let reason =
        object_of(&body).and_then(|given| given.get("reason")?.as_str().map(str::to_owned)).unwrap_or_default();
    sim.locked(|state| {
        state.event(&id).ok_or_else(missing)?;
        let cancellation = state.cancel(&id, &reason, true, None);
        let cancellation = cancellation.ok_or_else(|| refusal(403, "Event is already canceled"))?;
        Ok(answer(201, &json!({ "resource": cancellation })))
    })
}
