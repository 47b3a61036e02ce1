//! What the tests of this room share: a model server made of an axum router, and time that passes by itself.

use std::collections::{BTreeMap, VecDeque};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::Value;

use super::{Model, ModelRequest, ModelSettings, Prices, Provider, Schema};
use crate::prompt::{ChatMessage, Role};
use crate::runtime::clock::{ManualTime, until};
use crate::runtime::{Clock, Http, Random};

/// What the server was asked: path, headers and body.
pub(super) type Seen = (String, http::HeaderMap, Value);

/// An answer that can be given again and again.
pub(super) type Prepared = fn() -> Response;

/// A model server that gives the prepared answers in turn, the last one again and again.
#[derive(Clone)]
pub(super) struct Server {
    answers: Arc<Mutex<VecDeque<Prepared>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) fn new(answers: &[Prepared]) -> Self {
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        Self { answers, seen: Arc::default() }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let body = body.collect().await.expect("a body in memory").to_bytes();
        let body = serde_json::from_slice(&body).expect("requests are JSON");
        self.seen.lock().expect("no panic").push((head.uri.path().to_owned(), head.headers, body));
        let mut answers = self.answers.lock().expect("no panic");
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().copied() };
        next.expect("an answer was prepared")()
    }

    fn router(&self) -> Router {
        let server = self.clone();
        Router::new().fallback(move |request: Request| server.clone().answer(request))
    }
}

/// A model of this server on a clock that stands still, and the hand that moves it.
pub(super) fn model(provider: Provider, server: &Server) -> (Arc<dyn Model>, ManualTime) {
    let (clock, time) = Clock::manual(Timestamp::from_second(1_795_000_000).expect("in range"));
    let http = Http::routed(clock.clone(), BTreeMap::from([("model.test:80".to_owned(), server.router())]));
    let mut settings = ModelSettings::new(provider, "http://model.test", "gpt-test");
    settings.api_key = Some(SecretString::from("sk-test"));
    settings.prices = Prices::from_dollars(1.0, Some(0.1), 4.0);
    let model = super::build(&settings, &http, &clock, &Random::seeded(1)).expect("usable settings");
    (model, time)
}

/// Runs `future`; whenever it waits, the clock jumps to the next alarm. Gives back how long that was on the clock.
pub(super) async fn run<F: Future>(time: &ManualTime, clock_start: Timestamp, future: F) -> (F::Output, Timestamp) {
    let mut future = pin!(future);
    let mut now = clock_start;
    loop {
        if let Poll::Ready(output) = futures_util::poll!(&mut future) {
            return (output, now);
        }
        let at = time.next_wake().expect("whatever waits here waits for the clock");
        time.advance(until(now, at));
        now = at;
    }
}

/// The instant at which [`model`]'s clock starts.
pub(super) fn start() -> Timestamp {
    Timestamp::from_second(1_795_000_000).expect("in range")
}

pub(super) fn json(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let mut answer = Response::builder().status(status).header("content-type", "application/json");
    for (name, value) in headers {
        answer = answer.header(*name, *value);
    }
    answer.body(Body::from(body.to_owned())).expect("a valid answer")
}

pub(super) fn message(role: Role, text: &str) -> ChatMessage {
    ChatMessage { role, text: text.to_owned() }
}

pub(super) fn request() -> ModelRequest {
    ModelRequest {
        messages: vec![message(Role::System, "Answer shortly."), message(Role::User, "Hi, what does it cost?")],
        schema: Some(Schema {
            name: "proposal".to_owned(),
            json: std::sync::Arc::new(
                serde_json::json!({ "type": "object", "properties": { "text": { "type": "string" } } }),
            ),
        }),
        max_output_tokens: 300,
        temperature: Some(0.7),
        cache_key: Some("org".to_owned()),
        safety_identifier: Some("abc".to_owned()),
    }
}
