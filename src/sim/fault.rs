//! Faults on demand: what goes wrong, where, and how often.
//!
//! A [`FaultPlan`] belongs to one simulated server. Each request takes the first rule that matches it and still has
//! turns left; each webhook takes the first webhook rule. Without rules nothing goes wrong.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::wire::answer;
use crate::runtime::{Clock, Random};

/// How long a request that is never answered hangs: longer than any caller waits.
const FOREVER: Duration = Duration::from_hours(24 * 365);

/// What happens to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The answer comes later, by the clock.
    Delay(Duration),
    /// 429 with a `retry-after` of this many seconds; nothing takes effect.
    TooManyRequests(u64),
    /// This status, usually a 5xx; nothing takes effect.
    Status(u16),
    /// 401; nothing takes effect.
    Unauthorized,
    /// The request takes effect, then the connection breaks before the answer is whole.
    CutAfterAccepting,
    /// The connection breaks before anything takes effect.
    CutBeforeAccepting,
    /// The request takes effect; the answer is half a JSON document.
    MalformedJson,
    /// The request takes effect; the answer never comes.
    NeverAnswers,
}

/// What happens to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFault {
    /// It is delivered twice.
    Duplicate,
    /// It arrives after the others of its batch.
    Reorder,
    /// It is never delivered.
    Drop,
    /// It arrives this much later.
    Delay(Duration),
    /// Its signature is wrong; what the receiver refuses is retried with the right one.
    AlterSignature,
}

/// How often a rule strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turns {
    Left(u32),
    OneIn(u64),
    /// Once, after so many that pass.
    After(u32),
}

#[derive(Debug)]
struct Rule {
    method: String,
    path: String,
    fault: Fault,
    turns: Turns,
}

#[derive(Debug, Default)]
struct Rules {
    requests: Vec<Rule>,
    webhooks: Vec<(WebhookFault, Turns)>,
}

/// The faults of one server. Clones share the plan.
#[derive(Clone, Debug)]
pub struct FaultPlan {
    rules: Arc<Mutex<Rules>>,
    clock: Clock,
    random: Random,
    body: fn(u16, &str) -> Value,
}

impl FaultPlan {
    /// A plan without faults; `body` writes an error in the server's shape.
    pub(super) fn new(clock: Clock, random: Random, body: fn(u16, &str) -> Value) -> Self {
        Self { rules: Arc::default(), clock, random, body }
    }

    /// The next request of `method` to `path` fails. Either may be `*`; a `*` inside the path stands for any text.
    pub fn once(&self, method: &str, path: &str, fault: Fault) {
        self.times(1, method, path, fault);
    }

    /// The next `count` requests of `method` to `path` fail.
    pub fn times(&self, count: u32, method: &str, path: &str, fault: Fault) {
        self.add(method, path, fault, Turns::Left(count));
    }

    /// `count` requests of `method` to `path` go through, and the one after them fails.
    pub fn once_after(&self, count: u32, method: &str, path: &str, fault: Fault) {
        self.add(method, path, fault, Turns::After(count));
    }

    /// One in `one_in` requests of `method` to `path` fails, as the random numbers have it; 1 is every request.
    pub fn one_in(&self, one_in: u64, method: &str, path: &str, fault: Fault) {
        self.add(method, path, fault, Turns::OneIn(one_in));
    }

    /// The next `count` webhooks suffer `fault`.
    pub fn webhooks(&self, count: u32, fault: WebhookFault) {
        self.locked(|rules| rules.webhooks.push((fault, Turns::Left(count))));
    }

    /// One in `one_in` webhooks suffers `fault`.
    pub fn webhooks_one_in(&self, one_in: u64, fault: WebhookFault) {
        self.locked(|rules| rules.webhooks.push((fault, Turns::OneIn(one_in))));
    }

    /// Nothing goes wrong any more.
    pub fn clear(&self) {
        self.locked(|rules| *rules = Rules::default());
    }

    fn add(&self, method: &str, path: &str, fault: Fault, turns: Turns) {
        let rule = Rule { method: method.to_owned(), path: path.to_owned(), fault, turns };
        self.locked(|rules| rules.requests.push(rule));
    }

    fn take(&self, method: &str, path: &str) -> Option<Fault> {
        self.locked(|rules| {
            let matching = rules.requests.iter_mut().filter(|rule| {
                (rule.method == "*" || rule.method.eq_ignore_ascii_case(method)) && matches(&rule.path, path)
            });
            matching.into_iter().find_map(|rule| strikes(&mut rule.turns, &self.random).then_some(rule.fault))
        })
    }

    pub(super) fn take_webhook(&self) -> Option<WebhookFault> {
        self.locked(|rules| {
            rules.webhooks.iter_mut().find_map(|(fault, turns)| strikes(turns, &self.random).then_some(*fault))
        })
    }

    fn locked<T>(&self, work: impl FnOnce(&mut Rules) -> T) -> T {
        work(&mut self.rules.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn refuse(&self, status: u16, message: &str) -> Response {
        answer(status, &(self.body)(status, message))
    }
}

fn strikes(turns: &mut Turns, random: &Random) -> bool {
    match turns {
        Turns::Left(0) => false,
        Turns::Left(left) => {
            *left -= 1;
            true
        }
        Turns::OneIn(one_in) => random.chance(*one_in),
        Turns::After(0) => {
            *turns = Turns::Left(0);
            true
        }
        Turns::After(left) => {
            *left -= 1;
            false
        }
    }
}

/// Whether `path` fits `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == path };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    let mut pieces = rest.split('*').peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return left.ends_with(piece);
        }
        let Some(at) = left.find(piece) else { return false };
        left = &left[at + piece.len()..];
    }
    true
}

/// The axum middleware that applies the plan, outermost of a server.
pub(super) async fn strike(State(plan): State<FaultPlan>, request: Request, next: Next) -> Response {
    let Some(fault) = plan.take(request.method().as_str(), request.uri().path()) else {
        return next.run(request).await;
    };
    match fault {
        Fault::Delay(duration) => {
            plan.clock.sleep(duration).await;
            next.run(request).await
        }
        Fault::TooManyRequests(seconds) => {
            let mut refusal = plan.refuse(429, "Rate limit exceeded");
            refusal.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            refusal
        }
        Fault::Status(status) => plan.refuse(status, "The server failed on demand"),
        Fault::Unauthorized => plan.refuse(401, "Invalid credentials"),
        Fault::CutBeforeAccepting => cut(),
        Fault::CutAfterAccepting => {
            let _ = next.run(request).await;
            cut()
        }
        Fault::MalformedJson => {
            let status = next.run(request).await.status();
            (status, [(header::CONTENT_TYPE, "application/json")], "{\"id\": \"acti_").into_response()
        }
        Fault::NeverAnswers => {
            let _ = next.run(request).await;
            plan.clock.sleep(FOREVER).await;
            plan.refuse(504, "Gave up at last")
        }
    }
}

/// An answer whose body breaks off.
fn cut() -> Response {
    let pieces: [Result<Bytes, std::io::Error>; 2] = [
        Ok(Bytes::from_static(b"{")),
        Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection cut on demand")),
    ];
    (StatusCode::OK, Body::from_stream(stream::iter(pieces))).into_response()
}

/// The error body of servers that write `{"error": "…"}`.
pub(super) fn plain_error(_status: u16, message: &str) -> Value {
    json!({ "error": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text() {
        assert!(matches("/api/v1/activity/sms/", "/api/v1/activity/sms/"));
        assert!(!matches("/api/v1/activity/sms/", "/api/v1/activity/sms/acti_1/"));
        assert!(matches("/api/v1/activity/sms/*", "/api/v1/activity/sms/acti_1/"));
        assert!(matches("*/sms/*/", "/api/v1/activity/sms/acti_1/"));
        assert!(!matches("*/note/*", "/api/v1/activity/sms/acti_1/"));
        assert!(matches("*", "/"));
    }

    #[test]
    fn a_rule_strikes_as_often_as_it_was_told() {
        let (clock, _time) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let plan = FaultPlan::new(clock, Random::seeded(1), plain_error);
        plan.times(2, "POST", "/a", Fault::Status(500));
        plan.once("POST", "/a", Fault::Unauthorized);
        let taken: Vec<_> = (0..4).map(|_| plan.take("POST", "/a")).collect();
        let failed = Some(Fault::Status(500));
        assert_eq!(taken, [failed, failed, Some(Fault::Unauthorized), None]);
        assert_eq!(plan.take("GET", "/a"), None);
        plan.once_after(1, "GET", "/a", Fault::Unauthorized);
        let taken: Vec<_> = (0..3).map(|_| plan.take("GET", "/a")).collect();
        assert_eq!(taken, [None, Some(Fault::Unauthorized), None]);
    }
}
