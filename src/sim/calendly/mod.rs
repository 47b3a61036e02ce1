//! Calendly API v2: event types, available times, single-use links, bookings and webhooks.
//!
//! Built to reference/calendly-api.md. Resources are named by full URI under `https://api.calendly.com`, wherever the
//! server itself is mounted; callers use the last part of a URI as the id.

mod booking;
mod delivery;
mod event_type;
mod invitee;
mod scheduled_event;
mod slots;
mod state;
mod subscription;
#[cfg(test)]
mod tests;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State as Extract};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use jiff::Timestamp;
use serde_json::{Value, json};

pub use booking::Tracking;

use self::state::State;
use super::courier::Courier;
use super::fault::{self, FaultPlan};
use super::wire::{Params, Refusal};
use crate::runtime::clock::{after, until};
use crate::runtime::{Clock, Http, Random, Tasks};

/// The personal access token a new simulator accepts.
pub const TOKEN: &str = "calendly-simulated-token";
/// What every URI starts with.
pub const API: &str = "https://api.calendly.com";
/// Paid plans get 500 requests a minute per user.
const RATE_LIMIT: u32 = 500;
const RATE_WINDOW: Duration = Duration::from_mins(1);
/// Webhooks are retried for 24 hours, then the subscription is disabled.
const RETRY_HORIZON: Duration = Duration::from_hours(24);

/// A simulated Calendly account. Clones share it.
#[derive(Clone)]
pub struct CalendlySim(Arc<Inner>);

struct Inner {
    clock: Clock,
    tasks: Tasks,
    faults: FaultPlan,
    courier: Arc<Courier>,
    state: Mutex<State>,
}

impl std::fmt::Debug for CalendlySim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CalendlySim")
    }
}

impl CalendlySim {
    /// An account with one host in Denver and one event type, `Intro call` of 20 minutes. Webhooks leave through
    /// `http`.
    #[must_use]
    pub fn new(clock: Clock, random: Random, http: Http, tasks: Tasks) -> Self {
        let faults = FaultPlan::new(clock.clone(), random.clone(), error_body);
        let courier = Courier::new(clock.clone(), http, faults.clone(), delivery::sign, RETRY_HORIZON);
        let courier = Arc::new(courier);
        let state = State::new(clock.clone(), random, courier.clone());
        Self(Arc::new(Inner { clock, tasks, faults, courier, state: Mutex::new(state) }))
    }

    /// The server, mounted at the root.
    pub fn router(&self) -> Router {
        Router::new()
            .merge(event_type::routes())
            .merge(scheduled_event::routes())
            .merge(invitee::routes())
            .merge(subscription::routes())
            .method_not_allowed_fallback(async || refusal(405, "Method not allowed").into_response())
            .fallback(async || refusal(404, "The requested path does not exist").into_response())
            .with_state(self.clone())
            .layer(middleware::from_fn_with_state(self.clone(), admit))
            .layer(middleware::from_fn_with_state(self.0.faults.clone(), fault::strike))
    }

    /// What goes wrong here.
    pub fn faults(&self) -> &FaultPlan {
        &self.0.faults
    }

    /// Where webhooks leave from now on.
    pub fn set_http(&self, http: Http) {
        self.0.courier.set_http(http);
    }

    /// Requests allowed per minute; 500 on paid plans, 50 on the free one.
    pub fn set_rate_limit(&self, per_minute: u32) {
        self.locked(|state| state.rate_limit = per_minute);
    }

    /// The only token accepted from now on.
    pub fn set_token(&self, token: &str) {
        self.locked(|state| token.clone_into(&mut state.token));
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `{"title", "message"}`, with the title Calendly gives the status.
fn error_body(status: u16, message: &str) -> Value {
    let title = match status {
        400 => "Invalid Argument",
        401 => "Unauthenticated",
        403 => "Permission Denied",
        404 => "Resource Not Found",
        405 => "Method Not Allowed",
        409 => "Already Exists",
        424 => "External Calendar Error",
        429 => "Too Many Requests",
        _ => "Internal Server Error",
    };
    json!({ "title": title, "message": message })
}

fn refusal(status: u16, message: &str) -> Refusal {
    Refusal { status, body: error_body(status, message) }
}

/// A validation error: 400 with `details`.
fn invalid(parameter: &str, message: &str) -> Refusal {
    let mut body = error_body(400, "The supplied parameters are invalid.");
    body["details"] = json!([{ "parameter": parameter, "message": message }]);
    Refusal { status: 400, body }
}

/// The last part of a URI, which is the id in a path.
fn id_of(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Lets in who holds the token, counts the request, and writes the rate-limit headers.
async fn admit(Extract(sim): Extract<CalendlySim>, request: Request, next: Next) -> Response {
    let header = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header.and_then(|header| header.split_once(' ')).map(|(_, token)| token.to_owned());
    let bearer = header.is_some_and(|header| header.to_ascii_lowercase().starts_with("bearer "));
    let now = sim.0.clock.now();
    let (known, standing) = sim.locked(|state| (bearer && token.as_ref() == Some(&state.token), state.count(now)));
    let mut answer = match (known, standing.0) {
        (false, _) => refusal(401, "The access token is invalid").into_response(),
        (true, None) => refusal(429, "You have exceeded your rate limit").into_response(),
        (true, Some(_)) => next.run(request).await,
    };
    let reset = until(now, standing.2).as_secs();
    let headers = answer.headers_mut();
    headers.insert("x-ratelimit-limit", HeaderValue::from(standing.1));
    headers.insert("x-ratelimit-remaining", HeaderValue::from(standing.0.unwrap_or(0)));
    headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
    answer
}

impl State {
    /// Counts a request: what remains, none when it is refused; the limit; when the window ends.
    fn count(&mut self, now: Timestamp) -> (Option<u32>, u32, Timestamp) {
        if self.window_ends <= now {
            self.window_ends = after(now, RATE_WINDOW);
            self.window_used = 0;
        }
        let allowed = self.window_used < self.rate_limit;
        self.window_used += u32::from(allowed);
        let remaining = allowed.then(|| self.rate_limit - self.window_used);
        (remaining, self.rate_limit, self.window_ends)
    }
}

/// One page of a collection, by `count` (1 to 100, 20 if absent) and `page_token`.
fn collection(found: &[Value], params: &Params, path: &str) -> Result<Value, Refusal> {
    let count = params.get("count").map_or(Ok(20), |text| text.parse::<usize>());
    let count = count.ok().filter(|count| (1..=100).contains(count));
    let count = count.ok_or_else(|| invalid("count", "must be between 1 and 100"))?;
    let start = params.get("page_token").map_or(Some(0), |token| token.strip_prefix("page")?.parse::<usize>().ok());
    let start = start.ok_or_else(|| invalid("page_token", "is invalid"))?;
    let shown: Vec<&Value> = found.iter().skip(start).take(count).collect();
    let next = (start + shown.len() < found.len()).then(|| format!("page{}", start + count));
    let previous = (start > 0).then(|| format!("page{}", start.saturating_sub(count)));
    let page =
        |token: &Option<String>| token.as_ref().map(|token| format!("{API}{path}?count={count}&page_token={token}"));
    Ok(json!({
        "collection": shown,
        "pagination": { "count": shown.len(), "next_page": page(&next), "previous_page": page(&previous),
                        "next_page_token": next, "previous_page_token": previous },
    }))
}
