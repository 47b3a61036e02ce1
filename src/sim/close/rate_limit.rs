//! Rate limits per endpoint group, told in the `RateLimit` header of every answer.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderValue;
use jiff::Timestamp;
use serde_json::json;

use super::CloseSim;
use crate::runtime::clock::{after, until};
use crate::sim::wire::answer;

/// So many requests in a window, for one endpoint group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests allowed in a window.
    pub limit: u32,
    /// How long a window lasts.
    pub window: Duration,
}

/// High enough to stay out of the way; Close's own numbers are not published.
const DEFAULT: RateLimit = RateLimit { limit: 600, window: Duration::from_secs(10) };

struct Window {
    ends: Timestamp,
    used: u32,
}

pub(super) struct Limiter {
    inner: Mutex<Limits>,
}

struct Limits {
    default: RateLimit,
    groups: BTreeMap<String, RateLimit>,
    windows: BTreeMap<String, Window>,
    separator: char,
    refused: u32,
}

/// What is left for a group after a request.
struct Standing {
    limit: u32,
    remaining: u32,
    reset: Duration,
    allowed: bool,
}

impl Limiter {
    pub(super) fn new() -> Self {
        let (groups, windows) = (BTreeMap::new(), BTreeMap::new());
        Self { inner: Mutex::new(Limits { default: DEFAULT, groups, windows, separator: ',', refused: 0 }) }
    }

    /// Limits one group, such as `POST activity/sms`; the group `*` stands for all others.
    pub(super) fn set(&self, group: &str, limit: RateLimit) {
        self.locked(|limits| {
            limits.windows.clear();
            if group == "*" {
                limits.default = limit;
            } else {
                limits.groups.insert(group.to_owned(), limit);
            }
        });
    }

    pub(super) fn set_separator(&self, separator: char) {
        self.locked(|limits| limits.separator = separator);
    }

    pub(super) fn refused(&self) -> u32 {
        self.locked(|limits| limits.refused)
    }

    fn count(&self, group: &str, now: Timestamp) -> Standing {
        self.locked(|limits| {
            let rule = limits.groups.get(group).copied().unwrap_or(limits.default);
            let fresh = Window { ends: after(now, rule.window), used: 0 };
            let window = limits.windows.entry(group.to_owned()).or_insert(fresh);
            if window.ends <= now {
                *window = Window { ends: after(now, rule.window), used: 0 };
            }
            let allowed = window.used < rule.limit;
            window.used += u32::from(allowed);
            limits.refused += u32::from(!allowed);
            let (remaining, reset) = (rule.limit - window.used, until(now, window.ends));
            Standing { limit: rule.limit, remaining, reset, allowed }
        })
    }

    fn header(&self, standing: &Standing) -> String {
        let separator = self.locked(|limits| limits.separator);
        let reset = standing.reset.as_millis();
        let (seconds, tenths) = (reset / 1000, reset % 1000 / 100);
        let (limit, remaining) = (standing.limit, standing.remaining);
        format!("limit={limit}{separator} remaining={remaining}{separator} reset={seconds}.{tenths}")
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Limits) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The endpoint group of a request: the method and the path without ids, such as `POST activity/sms`.
fn group_of(request: &Request) -> String {
    let path = request.uri().path().trim_start_matches("/api/v1/");
    let stems: Vec<&str> = path.split('/').filter(|part| !part.is_empty() && !is_id(part)).collect();
    format!("{} {}", request.method(), stems.join("/"))
}

/// Ids end in `_` and a random part that holds a digit; names such as `phone_number` do not.
fn is_id(part: &str) -> bool {
    part.split_once('_').is_some_and(|(_, rest)| rest.contains(|c: char| c.is_ascii_digit()))
}

/// The axum middleware that counts, refuses, and writes the header.
pub(super) async fn limit(State(sim): State<CloseSim>, request: Request, next: Next) -> Response {
    let standing = sim.limiter().count(&group_of(&request), sim.clock().now());
    let mut answer = if standing.allowed {
        next.run(request).await
    } else {
        let wait_s = standing.reset.as_secs() + u64::from(standing.reset.subsec_nanos() > 0);
        let mut refusal =
            answer(429, &json!({ "error": "Too many requests", "rate_reset": standing.reset.as_secs_f64() }));
        refusal.headers_mut().insert("retry-after", HeaderValue::from(wait_s));
        refusal
    };
    if let Ok(header) = HeaderValue::from_str(&sim.limiter().header(&standing)) {
        answer.headers_mut().insert("ratelimit", header);
    }
    answer
}
