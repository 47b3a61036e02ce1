//! What the tests of this room share: a server made of closures, and time that passes by itself.

use std::collections::{BTreeMap, HashMap};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt;
use secrecy::SecretString;
use serde_json::Value;

use super::{CalendlyClient, EventType};
use crate::runtime::clock::{ManualTime, until};
use crate::runtime::{Clock, Http};

/// One call that the server saw.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) endpoint: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorization: String,
    pub(super) body: Value,
    /// Which call to this endpoint it was, from 1.
    pub(super) count: usize,
}

impl Seen {
    pub(super) fn param(&self, name: &str) -> Option<String> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }
}

type Handler = fn(&Seen) -> Response;

/// A server with a handler for each `METHOD /path`; everything else is 404.
#[derive(Clone, Default)]
pub(super) struct Server {
    handlers: HashMap<&'static str, Handler>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn on(mut self, endpoint: &'static str, handler: Handler) -> Self {
        self.handlers.insert(endpoint, handler);
        self
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("no panic").clone()
    }

    async fn answer(self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = body.collect().await.expect("a body in memory").to_bytes();
        let endpoint = format!("{} {}", head.method, head.uri.path());
        let query = url::form_urlencoded::parse(head.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let authorization = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let count = 1 + self.seen().iter().filter(|seen| seen.endpoint == endpoint).count();
        let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let seen = Seen { endpoint, query, authorization: authorization.to_owned(), body, count };
        self.seen.lock().expect("no panic").push(seen.clone());
        match self.handlers.get(seen.endpoint.as_str()) {
            Some(handler) => handler(&seen),
            None => answer(404, &serde_json::json!({ "title": "Resource Not Found", "message": "no such thing" })),
        }
    }
}

/// A JSON answer.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    Response::builder().status(status).body(Body::from(body.to_string())).expect("a valid answer")
}

pub(super) fn client(server: &Server) -> CalendlyClient {
    client_at(server, "2026-11-23T12:00:00Z").0
}

/// Moves the clock of a test.
pub(super) struct Hand {
    clock: Clock,
    time: ManualTime,
}

/// A client of this server on a clock that stands still at `now`, and the hand that moves it.
pub(super) fn client_at(server: &Server, now: &str) -> (CalendlyClient, Hand) {
    let (clock, time) = Clock::manual(now.parse().expect("an instant"));
    let server = server.clone();
    let router = Router::new().fallback(move |request: Request| server.clone().answer(request));
    let http = Http::routed(clock.clone(), BTreeMap::from([("calendly.test:80".to_owned(), router)]));
    let token = SecretString::from("token-test");
    let client = CalendlyClient::new(http, clock.clone(), "http://calendly.test/", &token, Duration::from_secs(5));
    (client.expect("usable settings"), Hand { clock, time })
}

/// Runs `future`; whenever it waits, the clock jumps to the next alarm.
pub(super) async fn run<F: Future>(hand: &Hand, future: F) -> F::Output {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = futures_util::poll!(&mut future) {
            return output;
        }
        let at = hand.time.next_wake().expect("whatever waits here waits for the clock");
        hand.time.advance(until(hand.clock.now(), at));
    }
}

pub(super) fn event_type() -> EventType {
    EventType {
        uri: "https://api.calendly.com/event_types/T1".to_owned(),
        name: "Intro call".to_owned(),
        slug: Some("intro".to_owned()),
        duration_minutes: Some(30),
        scheduling_url: "https://calendly.com/ada/intro".to_owned(),
        active: true,
        is_paid: false,
        is_poll: false,
    }
}
