//! `webhook/`: subscriptions. The signature key is told once, in the answer to their creation.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State as Extract};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::state::{Origin, State};
use super::{CloseSim, field_error, general_error, refusal};
use crate::runtime::clock::until;
use crate::sim::courier::Delivered;
use crate::sim::wire::{Refusal, answer, naive, object_of, text};

/// "Max 40 subscriptions per org."
const SUBSCRIPTIONS_MAX: usize = 40;
/// How many attempts the history of a subscription keeps.
const HISTORY_MAX: usize = 20;
/// How long all deliveries may fail before Close pauses a subscription (reference, section 2).
const FAILING_MAX: Duration = Duration::from_hours(72);

/// A webhook subscription.
#[derive(Debug, Clone)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) url: String,
    pub(super) events: Vec<Value>,
    pub(super) signature_key: String,
    status: String,
    pause_reason: Option<String>,
    failing_since: Option<Timestamp>,
    verify_ssl: bool,
    created_by: Option<String>,
    date_created: String,
    date_updated: String,
    latest_error: Value,
    counters: Map<String, Value>,
    errors: Vec<Value>,
    successes: Vec<Value>,
}

impl Subscription {
    pub(super) fn is_active(&self) -> bool {
        self.status == "active"
    }

    /// The object as Close lists it, without the key.
    fn listed(&self) -> Value {
        json!({
            "id": self.id, "url": self.url, "events": self.events, "status": self.status,
            "verify_ssl": self.verify_ssl, "health_status": if self.latest_error.is_null() { "healthy" } else { "failing" },
            "latest_error": self.latest_error, "pause_reason": self.pause_reason, "recent_consecutive_fail_buckets_cnt": 0,
            "counters": self.counters, "history": { "errors": self.errors, "successes": self.successes },
            "created_by": self.created_by, "updated_by": self.created_by,
            "date_created": self.date_created, "date_updated": self.date_updated,
        })
    }

    /// "All delivery fails for 3 days": then Close pauses it.
    pub(super) fn failed_too_long(&self, now: Timestamp) -> bool {
        self.is_active() && self.failing_since.is_some_and(|since| until(since, now) >= FAILING_MAX)
    }

    /// Notes what came of a delivery, for `counters` and `history`.
    pub(super) fn note(&mut self, report: &Delivered, now: Timestamp) {
        let date = naive(now);
        self.failing_since = if report.accepted() { None } else { self.failing_since.or(Some(now)) };
        let counter = match (report.attempt, report.accepted()) {
            (1, true) => "first_success",
            (1, false) => "first_fail",
            (_, true) => "retry_success",
            (_, false) => "retry_fail",
        };
        let count = self.counters.get(counter).and_then(Value::as_u64).unwrap_or_default();
        self.counters.insert(counter.to_owned(), json!(count + 1));
        let error = (!report.accepted()).then(|| {
            report.status.map_or_else(|| "connection error".to_owned(), |status| format!("HTTP status {status}"))
        });
        let entry = json!({
            "attempt_number": report.attempt, "datetime": date, "event_id": report.id, "error": error,
            "response_status_code": report.status,
        });
        self.latest_error = json!(error);
        let list = if report.accepted() { &mut self.successes } else { &mut self.errors };
        list.insert(0, entry);
        list.truncate(HISTORY_MAX);
    }
}

pub(super) fn routes() -> Router<CloseSim> {
    Router::new()
        .route("/webhook/", get(list).post(create))
        .route("/webhook/{id}/", get(one).put(update).delete(remove))
}

/// Adds a subscription; the caller has checked the events.
pub(super) fn add(
    state: &mut State,
    url: &str,
    events: Vec<Value>,
    verify_ssl: bool,
    by: Option<String>,
) -> Subscription {
    let key = hex::encode([(); 4].map(|()| state.random.bits().to_be_bytes()).concat());
    let date = naive(state.clock.now());
    let zero = |name: &str| (name.to_owned(), json!(0));
    let counters = ["first_success", "first_fail", "retry_success", "retry_fail"].map(zero);
    let subscription = Subscription {
        id: state.id("whsub"),
        url: url.to_owned(),
        events,
        signature_key: key,
        status: "active".to_owned(),
        pause_reason: None,
        failing_since: None,
        verify_ssl,
        created_by: by,
        date_created: date.clone(),
        date_updated: date,
        latest_error: Value::Null,
        counters: Map::from_iter(counters),
        errors: Vec::new(),
        successes: Vec::new(),
    };
    state.subscriptions.push(subscription.clone());
    subscription
}

async fn list(Extract(sim): Extract<CloseSim>) -> Response {
    let data: Vec<Value> = sim.locked(|state| state.subscriptions.iter().map(Subscription::listed).collect());
    answer(200, &json!({ "data": data, "has_more": false }))
}

async fn one(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.subscriptions.iter().find(|s| s.id == id).map(Subscription::listed));
    found.map(|object| answer(200, &object)).ok_or_else(missing)
}

fn missing() -> Refusal {
    refusal(404, "Webhook subscription not found.")
}

async fn create(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    if let Some(key) = given.keys().find(|key| !["url", "events", "verify_ssl", "event_filter"].contains(&key.as_str()))
    {
        return Err(field_error(key, "Extra fields are not permitted."));
    }
    let url = read_url(given.get("url"))?;
    let events = read_events(given.get("events"))?;
    let verify_ssl = given.get("verify_ssl").and_then(Value::as_bool).unwrap_or(true);
    let subscription = sim.locked(|state| {
        if state.subscriptions.len() >= SUBSCRIPTIONS_MAX {
            return Err(general_error("You can have at most 40 webhook subscriptions."));
        }
        Ok(add(state, &url, events, verify_ssl, origin.user_id))
    })?;
    let mut created = subscription.listed();
    created["signature_key"] = json!(subscription.signature_key);
    Ok(answer(201, &created))
}

fn read_url(given: Option<&Value>) -> Result<String, Refusal> {
    let url = given.and_then(Value::as_str).unwrap_or_default();
    match url::Url::parse(url) {
        Ok(parsed) if matches!(parsed.scheme(), "http" | "https") => Ok(url.to_owned()),
        _ => Err(field_error("url", "Not a valid URL.")),
    }
}

fn read_events(given: Option<&Value>) -> Result<Vec<Value>, Refusal> {
    let events = given.and_then(Value::as_array).filter(|events| !events.is_empty());
    let events = events.ok_or_else(|| field_error("events", "This field is required."))?;
    if events.iter().any(|event| text(event, "object_type").is_empty() || text(event, "action").is_empty()) {
        return Err(field_error("events", "Each event needs an object_type and an action."));
    }
    Ok(events.clone())
}

async fn update(Extract(sim): Extract<CloseSim>, Path(id): Path<String>, body: Bytes) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    let url = given.get("url").map(|url| read_url(Some(url))).transpose()?;
    let events = given.get("events").map(|events| read_events(Some(events))).transpose()?;
    let status = given.get("status").map(|status| status.as_str().unwrap_or_default().to_owned());
    if status.as_deref().is_some_and(|status| !["active", "paused"].contains(&status)) {
        return Err(field_error("status", "Must be active or paused."));
    }
    sim.locked(|state| {
        if status.as_deref() == Some("paused") {
            pause(state, &id, None);
        }
        let date = naive(state.clock.now());
        let subscription = state.subscriptions.iter_mut().find(|s| s.id == id).ok_or_else(missing)?;
        if status.as_deref() == Some("active") {
            (subscription.pause_reason, subscription.failing_since) = (None, None);
        }
        subscription.url = url.unwrap_or_else(|| subscription.url.clone());
        subscription.events = events.unwrap_or_else(|| subscription.events.clone());
        subscription.status = status.unwrap_or_else(|| subscription.status.clone());
        subscription.verify_ssl = given.get("verify_ssl").and_then(Value::as_bool).unwrap_or(subscription.verify_ssl);
        subscription.date_updated = date;
        Ok(answer(200, &subscription.listed()))
    })
}

/// Pauses a subscription: "the queue is cleared".
pub(super) fn pause(state: &mut State, id: &str, reason: Option<&str>) {
    if let Some(subscription) = state.subscriptions.iter_mut().find(|s| s.id == id) {
        "paused".clone_into(&mut subscription.status);
        subscription.pause_reason = reason.map(str::to_owned);
        state.courier.forget(id);
    }
}

impl CloseSim {
    /// Close pauses a subscription, and what was on its way by it is gone.
    pub fn pause_subscription(&self, id: &str, reason: &str) {
        self.locked(|state| pause(state, id, Some(reason)));
    }

    /// Somebody deletes a subscription; false when there is none.
    pub fn delete_subscription(&self, id: &str) -> bool {
        self.locked(|state| {
            let before = state.subscriptions.len();
            state.subscriptions.retain(|s| s.id != id);
            state.courier.forget(id);
            state.subscriptions.len() < before
        })
    }

    /// The subscriptions as Close lists them.
    pub fn subscriptions(&self) -> Vec<Value> {
        self.locked(|state| state.subscriptions.iter().map(Subscription::listed).collect())
    }
}

async fn remove(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<StatusCode, Refusal> {
    sim.locked(|state| {
        let place = state.subscriptions.iter().position(|s| s.id == id).ok_or_else(missing)?;
        state.subscriptions.remove(place);
        state.courier.forget(&id);
        Ok(StatusCode::NO_CONTENT)
    })
}
