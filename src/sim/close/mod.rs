//! Close: SMS activities, leads, webhooks and the event log under `/api/v1`.
//!
//! Built to the published API (reference/close-api.md, close-openapi.yml). Where the documents conflict, both forms are
//! taken: `date_scheduled` and `send_in` are accepted on creation although the request schema lists neither.

mod delivery;
mod event_log;
mod filter;
mod lead;
mod me;
mod phone;
mod rate_limit;
mod sms;
mod state;
mod task;
#[cfg(test)]
mod tests;
mod webhook;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State as Extract};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header;
use serde_json::{Value, json};

pub use lead::LeadSeed;
pub use rate_limit::RateLimit;
pub use state::SentText;

use self::rate_limit::Limiter;
use self::state::{Origin, State};
use super::courier::Courier;
use super::fault::{self, FaultPlan};
use super::wire::{Refusal, answer, text};
use crate::runtime::{Clock, Http, Random, Tasks};

/// The API key a new simulator accepts.
pub const API_KEY: &str = "api_simulated.0123456789";
/// The internal number a new simulator has.
pub const OUR_NUMBER: &str = "+13035550100";
/// Webhooks are retried for 72 hours, then dropped (reference, section 2).
const RETRY_HORIZON: Duration = Duration::from_hours(72);

/// A simulated Close organisation. Clones share it.
#[derive(Clone)]
pub struct CloseSim(Arc<Inner>);

struct Inner {
    clock: Clock,
    tasks: Tasks,
    faults: FaultPlan,
    courier: Arc<Courier>,
    limiter: Limiter,
    sends_at_once: AtomicBool,
    carrier_stops: AtomicBool,
    state: Mutex<State>,
}

impl std::fmt::Debug for CloseSim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CloseSim")
    }
}

impl CloseSim {
    /// An organisation with one rep, one number, the usual lead statuses and no leads. Webhooks leave through `http`.
    #[must_use]
    pub fn new(clock: Clock, random: Random, http: Http, tasks: Tasks) -> Self {
        let faults = FaultPlan::new(clock.clone(), random.clone(), fault::plain_error);
        let courier = Courier::new(clock.clone(), http, faults.clone(), delivery::sign, RETRY_HORIZON);
        let courier = Arc::new(courier);
        let state = me::new_organisation(&clock, random, courier.clone());
        Self(Arc::new(Inner {
            clock,
            tasks,
            faults,
            courier,
            limiter: Limiter::new(),
            sends_at_once: AtomicBool::new(true),
            carrier_stops: AtomicBool::new(false),
            state: Mutex::new(state),
        }))
    }

    /// The server, everything under `/api/v1`.
    pub fn router(&self) -> Router {
        let api = Router::new()
            .merge(sms::routes())
            .merge(lead::routes())
            .merge(me::routes())
            .merge(task::routes())
            .merge(webhook::routes())
            .route("/event/", get(event_log::list))
            .route("/event/{id}/", get(event_log::one))
            .method_not_allowed_fallback(async || not_found_as(405, "Method Not Allowed"))
            .fallback(async || not_found_as(404, "Not Found"))
            .with_state(self.clone());
        Router::new()
            .nest("/api/v1", api)
            .layer(middleware::from_fn_with_state(self.clone(), rate_limit::limit))
            .layer(middleware::from_fn_with_state(self.clone(), authenticate))
            .layer(middleware::from_fn_with_state(self.0.faults.clone(), fault::strike))
    }

    /// What goes wrong here. Paths start with `/api/v1/`.
    pub fn faults(&self) -> &FaultPlan {
        &self.0.faults
    }

    /// Where webhooks leave from now on.
    pub fn set_http(&self, http: Http) {
        self.0.courier.set_http(http);
    }

    /// Limits an endpoint group, such as `POST activity/sms`, or all others with `*`.
    pub fn set_rate_limit(&self, group: &str, limit: RateLimit) {
        self.0.limiter.set(group, limit);
    }

    /// How many requests were refused because a limit was used up.
    #[must_use]
    pub fn rate_limit_refusals(&self) -> u32 {
        self.0.limiter.refused()
    }

    /// What stands between the parts of the `RateLimit` header: `,` as documented or `;` as seen by one client.
    pub fn set_rate_limit_separator(&self, separator: char) {
        self.0.limiter.set_separator(separator);
    }

    /// Events show in the event log up to `lag` after they happened, in no particular order.
    pub fn set_log_lag(&self, lag: Duration) {
        self.locked(|state| state.log_lag = lag);
    }

    /// With `false`, texts stay in the outbox until [`CloseSim::deliver_outbox`].
    pub fn send_at_once(&self, at_once: bool) {
        self.0.sends_at_once.store(at_once, Ordering::Relaxed);
    }

    /// With `true`, the carrier blocks a number that texted STOP, as Twilio does; by default it lets everything
    /// through, so that a text after a stop shows in [`CloseSim::texts_sent`].
    pub fn carrier_obeys_stop(&self, obeys: bool) {
        self.0.carrier_stops.store(obeys, Ordering::Relaxed);
    }

    /// `updated` events on one object within this time merge into one.
    pub fn merge_events_within(&self, window: Duration) {
        self.locked(|state| state.merge_window = window);
    }

    /// The list of texts refuses a larger `_skip` from now on.
    pub fn limit_skip(&self, skip_max: usize) {
        self.locked(|state| state.skip_max = skip_max);
    }

    /// The simulator's time.
    pub fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    fn clock(&self) -> &Clock {
        &self.0.clock
    }

    fn limiter(&self) -> &Limiter {
        &self.0.limiter
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn not_found_as(status: u16, message: &str) -> Response {
    answer(status, &json!({ "error": message }))
}

/// `{"error": "…"}`, as 401 and 404 look.
fn refusal(status: u16, message: &str) -> Refusal {
    Refusal { status, body: json!({ "error": message }) }
}

/// `{"errors": [], "field-errors": {…}}`, as 400 looks.
fn field_error(field: &str, message: &str) -> Refusal {
    Refusal { status: 400, body: json!({ "errors": [], "field-errors": { field: message } }) }
}

/// `{"errors": ["…"], "field-errors": {}}`.
fn general_error(message: &str) -> Refusal {
    Refusal { status: 400, body: json!({ "errors": [message], "field-errors": {} }) }
}

/// Lets in who holds an API key, by HTTP Basic with the key as the user name, and tells the handler who it is.
async fn authenticate(Extract(sim): Extract<CloseSim>, mut request: Request, next: Next) -> Response {
    let key = request.headers().get(header::AUTHORIZATION).and_then(|value| basic_user(value.to_str().ok()?));
    let path = request.uri().path().to_owned();
    let method = request.method().to_string();
    let origin = sim.locked(|state| {
        let (_, id, user) = state.api_keys.iter().find(|(known, ..)| Some(known) == key.as_ref())?;
        let (api_key_id, user_id) = (Some(id.clone()), Some(user.clone()));
        let request_id = Some(state.id("req"));
        Some(Origin { user_id, api_key_id, request_id, method: Some(method), path: Some(path) })
    });
    match origin {
        Some(origin) => {
            request.extensions_mut().insert(origin);
            next.run(request).await
        }
        None => refusal(401, "The API key is invalid or was revoked.").into_response(),
    }
}

/// The user name of an `Authorization: Basic` header.
fn basic_user(header: &str) -> Option<String> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64_STANDARD.decode(encoded.trim()).ok()?).ok()?;
    Some(pair.split_once(':').map_or(pair.clone(), |(user, _)| user.to_owned()))
}

/// Newest first, with `_limit`, `_skip` and `_fields` as the query says.
fn list_page(mut found: Vec<Value>, params: &super::wire::Params) -> Result<Value, Refusal> {
    let count = |key: &str, otherwise: usize| match params.get(key) {
        None => Ok(otherwise),
        Some(text) => text.parse::<usize>().map_err(|_| field_error(key, "Value must be an integer.")),
    };
    let (limit, skip) = (count("_limit", 100)?, count("_skip", 0)?);
    if limit > 100 {
        return Err(general_error("The maximum value for _limit is 100."));
    }
    found.reverse();
    found.sort_by(|a, b| text(b, "date_created").cmp(text(a, "date_created")));
    let has_more = found.len() > skip.saturating_add(limit);
    let fields = params.get("_fields");
    let shown = found.iter().skip(skip).take(limit);
    let data: Vec<Value> = shown.map(|object| super::wire::trimmed(object, fields)).collect();
    Ok(super::wire::data_page(&data, has_more))
}
