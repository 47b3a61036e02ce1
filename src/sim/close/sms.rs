//! `activity/sms/`: list, create, edit, send, delete, with Close's rules on status.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::state::{Origin, Pending, SentText, State, set_phone};
use super::{CloseSim, field_error, general_error, list_page, refusal};
use crate::runtime::clock::after;
use crate::sim::wire::{Params, Refusal, answer, instant, object_of, text, text_at, zoned};

/// What a create request may hold: the schema `CreateSMSActivity`, and what the prose of the same page adds.
const CREATE_FIELDS: [&str; 17] = [
    "activity_at",
    "attachments",
    "contact_id",
    "created_by",
    "created_by_id",
    "date_created",
    "direction",
    "lead_id",
    "local_phone",
    "organization_id",
    "remote_phone",
    "source",
    "status",
    "template_id",
    "text",
    "user_id",
    "date_scheduled",
];
/// What an update may hold: the schema `UpdateSMSActivity`, and the prose.
const UPDATE_FIELDS: [&str; 11] = [
    "activity_at",
    "attachments",
    "contact_id",
    "lead_id",
    "local_phone",
    "remote_phone",
    "status",
    "template_id",
    "text",
    "user_id",
    "date_scheduled",
];
const STATUSES: [&str; 6] = ["inbox", "draft", "scheduled", "outbox", "sent", "error"];
/// "`send_in` in seconds (must be less than 60)".
const SEND_IN_MAX_S: u64 = 60;

pub(super) fn routes() -> Router<CloseSim> {
    Router::new()
        .route("/activity/sms/", get(list).post(create))
        .route("/activity/sms/{id}/", get(one).put(update).delete(remove))
}

async fn list(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let skip: usize = params.get("_skip").and_then(|skip| skip.parse().ok()).unwrap_or_default();
    let (found, skip_max) = sim.locked(|state| {
        let matching = state.texts.iter().filter(|text| matches(text, &params));
        (matching.cloned().collect::<Vec<Value>>(), state.skip_max)
    });
    if skip > skip_max {
        return Err(general_error(&format!("The _skip parameter is too large (max_skip = {skip_max}).")));
    }
    Ok(answer(200, &list_page(found, &params)?))
}

fn matches(object: &Value, params: &Params) -> bool {
    params.iter().all(|(key, wanted)| match key.as_str() {
        "id__in" => wanted.split(',').any(|id| object["id"] == id),
        "lead_id" | "contact_id" | "user_id" | "organization_id" => wanted.split(',').any(|id| object[key] == id),
        _ => match key.rsplit_once("__") {
            Some((field @ ("date_created" | "activity_at"), bound)) => {
                within(instant(text(object, field)), bound, instant(wanted))
            }
            // Parameters that are not documented, such as `direction`, are ignored.
            _ => true,
        },
    })
}

fn within(at: Option<Timestamp>, bound: &str, limit: Option<Timestamp>) -> bool {
    let (Some(at), Some(limit)) = (at, limit) else { return false };
    match bound {
        "gt" => at > limit,
        "gte" => at >= limit,
        "lt" => at < limit,
        "lte" => at <= limit,
        _ => true,
    }
}

async fn one(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.text_by_id(&id).cloned());
    found.map(|object| answer(200, &object)).ok_or_else(|| missing(&id))
}

fn missing(id: &str) -> Refusal {
    refusal(404, &format!("SMS activity {id} was not found."))
}

async fn create(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    let send_in = take_send_in(&mut given)?;
    only(&given, &CREATE_FIELDS)?;
    let status = given.get("status").and_then(Value::as_str).unwrap_or_default().to_owned();
    if !["inbox", "draft", "scheduled", "outbox", "sent"].contains(&status.as_str()) {
        return Err(field_error("status", "This field must be one of inbox, draft, scheduled, outbox, sent."));
    }
    let created = sim.locked(|state| {
        let object = state.new_text(&given, &origin);
        check_places(state, &object)?;
        if matches!(status.as_str(), "outbox" | "scheduled") {
            check_sendable(&object)?;
        }
        let object = state.add_text(object, &origin);
        if matches!(status.as_str(), "outbox" | "scheduled") {
            queue(state, &object, send_in, &origin);
        }
        Ok(object)
    })?;
    sim.settle_outbox();
    Ok(answer(200, &created))
}

async fn update(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    let send_in = take_send_in(&mut given)?;
    only(&given, &UPDATE_FIELDS)?;
    let updated = sim.locked(|state| {
        let before = state.text_by_id(&id).cloned().ok_or_else(|| missing(&id))?;
        check_transition(text(&before, "status"), &given)?;
        let mut wanted = before.clone();
        apply(&mut wanted, &given);
        state.complete_addressee(&mut wanted);
        check_places(state, &wanted)?;
        let leaves = matches!(text(&wanted, "status"), "outbox" | "scheduled");
        if leaves {
            check_sendable(&wanted)?;
        }
        let after =
            state.change_text(&id, "updated", &origin, |object| *object = wanted).ok_or_else(|| missing(&id))?;
        if leaves {
            queue(state, &after, send_in, &origin);
        } else {
            state.pending.remove(&id);
        }
        Ok(after)
    })?;
    sim.settle_outbox();
    Ok(answer(200, &updated))
}

async fn remove(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
) -> Result<StatusCode, Refusal> {
    sim.locked(|state| {
        let place = state.texts.iter().position(|text| text["id"] == id.as_str()).ok_or_else(|| missing(&id))?;
        let object = state.texts.remove(place);
        state.pending.remove(&id);
        state.record(("activity.sms", "deleted"), &object, json!({}), &origin);
        Ok(StatusCode::NO_CONTENT)
    })
}

fn only(given: &Map<String, Value>, allowed: &[&str]) -> Result<(), Refusal> {
    let unknown = given.keys().find(|key| !allowed.contains(&key.as_str()));
    unknown.map_or(Ok(()), |key| Err(field_error(key, "Extra fields are not permitted.")))
}

fn take_send_in(given: &mut Map<String, Value>) -> Result<u64, Refusal> {
    let Some(value) = given.remove("send_in").filter(|value| !value.is_null()) else { return Ok(0) };
    let seconds = value.as_u64().filter(|seconds| *seconds < SEND_IN_MAX_S);
    seconds.ok_or_else(|| field_error("send_in", "Must be a number of seconds below 60."))
}

/// Only drafts may be edited; a scheduled text, or one still in the outbox, may become a draft again.
fn check_transition(status: &str, given: &Map<String, Value>) -> Result<(), Refusal> {
    let wanted = given.get("status").filter(|wanted| !wanted.is_null());
    let wanted = wanted.map(|wanted| wanted.as_str().unwrap_or_default());
    if wanted.is_some_and(|wanted| !STATUSES.contains(&wanted)) {
        return Err(field_error("status", "Not a valid status."));
    }
    match (status, wanted) {
        ("draft", None | Some("draft" | "scheduled" | "outbox")) | ("scheduled" | "outbox", Some("draft")) => Ok(()),
        ("draft", Some(_)) => Err(field_error("status", "A draft can only become scheduled or outbox.")),
        _ => Err(general_error("Only SMS drafts can be modified.")),
    }
}

fn apply(object: &mut Value, given: &Map<String, Value>) {
    for (key, value) in given {
        match key.as_str() {
            "local_phone" => set_phone(object, "local", value.as_str().unwrap_or_default()),
            "remote_phone" => set_phone(object, "remote", value.as_str().unwrap_or_default()),
            "status" if value.is_null() => {}
            _ => object[key] = value.clone(),
        }
    }
    if text(object, "status") == "draft" {
        object["date_scheduled"] = Value::Null;
    }
}

/// The lead, the contact and our number must exist; a text that may leave needs an internal number that can text.
fn check_places(state: &State, object: &Value) -> Result<(), Refusal> {
    let known = |list: &[Value], id: &Value| id.is_null() || list.iter().any(|object| object["id"] == *id);
    if !known(&state.leads, &object["lead_id"]) {
        return Err(field_error("lead_id", "This lead does not exist."));
    }
    if !known(&state.contacts, &object["contact_id"]) {
        return Err(field_error("contact_id", "This contact does not exist."));
    }
    if !matches!(text(object, "status"), "draft" | "outbox" | "scheduled") {
        return Ok(());
    }
    let number = state.number(text(object, "local_phone"));
    match number {
        Some(number) if number["type"] == "internal" && number["sms_enabled"] == true => Ok(()),
        Some(_) => Err(field_error("local_phone", "This phone number cannot send SMS.")),
        None => Err(field_error("local_phone", "This is not a phone number of your organization.")),
    }
}

fn check_sendable(object: &Value) -> Result<(), Refusal> {
    if text_at(object, "remote_phone").is_none() {
        return Err(field_error("remote_phone", "This field is required."));
    }
    let attached = object["attachments"].as_array().is_some_and(|list| !list.is_empty());
    if text_at(object, "text").is_none() && !attached {
        return Err(field_error("text", "This field is required."));
    }
    if text(object, "status") == "scheduled" && instant(text(object, "date_scheduled")).is_none() {
        return Err(field_error("date_scheduled", "This field is required for scheduled SMS."));
    }
    Ok(())
}

fn as_sent(state: &State, object: &Value, origin: &Origin) -> SentText {
    SentText {
        activity_id: text(object, "id").to_owned(),
        from: text(object, "local_phone").to_owned(),
        to: text(object, "remote_phone").to_owned(),
        text: text(object, "text").to_owned(),
        at: state.clock.now(),
        user_id: text_at(object, "user_id"),
        api_key_id: origin.api_key_id.clone(),
    }
}

/// Notes when a text in the outbox leaves.
pub(super) fn queue(state: &mut State, object: &Value, send_in_s: u64, origin: &Origin) {
    let now = state.clock.now();
    let scheduled = instant(text(object, "date_scheduled")).filter(|_| text(object, "status") == "scheduled");
    let due = scheduled.unwrap_or_else(|| after(now, std::time::Duration::from_secs(send_in_s)));
    let attempt = as_sent(state, object, origin);
    state.attempted.push(attempt);
    state.pending.insert(text(object, "id").to_owned(), Pending { due, origin: origin.clone() });
}

impl CloseSim {
    /// Sends what is due, unless texts wait for [`CloseSim::deliver_outbox`], and comes back for what is due later.
    pub(super) fn settle_outbox(&self) {
        if !self.0.sends_at_once.load(std::sync::atomic::Ordering::Relaxed) {
            return;
        }
        self.deliver_outbox();
        let next = self.locked(|state| state.pending.values().map(|pending| pending.due).min());
        if let Some(due) = next {
            let sim = self.clone();
            self.0.tasks.spawn(async move {
                tokio::select! {
                    biased;
                    () = sim.clock().sleep_until(due) => sim.settle_outbox(),
                    () = sim.0.tasks.stopping() => {}
                }
            });
        }
    }

    /// Hands the texts in the outbox that are due to the carrier; returns the ids of those that left or failed.
    pub fn deliver_outbox(&self) -> Vec<String> {
        self.locked(|state| {
            let now = state.clock.now();
            let due: Vec<String> =
                state.pending.iter().filter(|(_, pending)| pending.due <= now).map(|(id, _)| id.clone()).collect();
            for id in &due {
                if let Some(pending) = state.pending.remove(id) {
                    leave(state, id, &pending.origin);
                }
            }
            due
        })
    }
}

/// The carrier takes a text, or refuses it.
fn leave(state: &mut State, id: &str, origin: &Origin) {
    let Some(object) = state.text_by_id(id).cloned() else { return };
    // Sending happens after the request that asked for it; its events carry who asked but no request.
    let origin = Origin { request_id: None, method: None, path: None, ..origin.clone() };
    let failure = state.failing.get(text(&object, "remote_phone")).cloned();
    if let Some(message) = failure {
        state.change_text(id, "updated", &origin, |object| {
            object["status"] = json!("error");
            object["error_message"] = json!(message);
        });
        return;
    }
    let now = state.clock.now();
    let sent = as_sent(state, &object, &origin);
    state.sent.push(sent);
    state.change_text(id, "sent", &origin, |object| {
        object["status"] = json!("sent");
        object["date_sent"] = json!(zoned(now));
        object["activity_at"] = json!(zoned(now));
        object["cost"] = json!("1");
    });
}
