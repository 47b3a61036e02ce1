//! A chat model over OpenAI's Chat Completions and Anthropic's Messages.
//!
//! It answers, in order, what a test queued; with an empty queue a scripted sales agent answers, which reads the
//! prompt's marked parts (`<new_texts>`, `<offered_slots>`, `<knowledge id="…">`, `<history>`) and states no fact that
//! is not in them. It is deterministic: the same prompt gets the same answer.

mod anthropic;
mod ask;
mod intents;
mod openai;
mod scene;
mod script;
#[cfg(test)]
mod tests;
mod wording;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use serde_json::{Value, json};

use self::ask::Ask;
use super::fault::{self, FaultPlan};
use crate::runtime::{Clock, Random};

/// The model's name in `/v1/models`; any other is answered too.
pub const MODEL: &str = "scripted-sales-agent";

/// A simulated model server. Clones share it.
#[derive(Clone)]
pub struct ModelSim(Arc<Inner>);

struct Inner {
    clock: Clock,
    random: Random,
    faults: FaultPlan,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    requests: Vec<Value>,
    queued: VecDeque<Queued>,
    lacks_response_format: bool,
    think: Duration,
    api_key: Option<String>,
    mind: Option<Mind>,
}

/// Answers a request: how long it thinks, and the words.
type Mind = Arc<dyn Fn(&Value) -> (Duration, String) + Send + Sync>;

/// What a test wants answered.
enum Queued {
    /// The words of the answer.
    Content(String),
    /// A whole HTTP answer, status and body.
    Raw(u16, Value),
}

/// What a request is answered with.
enum Reply {
    Content(String),
    Raw(u16, Value),
}

impl std::fmt::Debug for ModelSim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ModelSim")
    }
}

impl ModelSim {
    /// A model that answers at once and takes any key.
    #[must_use]
    pub fn new(clock: Clock, random: Random) -> Self {
        let faults = FaultPlan::new(clock.clone(), random.clone(), error_body);
        Self(Arc::new(Inner { clock, random, faults, state: Mutex::default() }))
    }

    /// The server: `/v1/chat/completions`, `/v1/messages`, `/v1/models`.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/v1/chat/completions", post(openai::complete))
            .route("/v1/models", get(openai::models))
            .route("/v1/messages", post(anthropic::create))
            .with_state(self.clone())
            .layer(axum::middleware::from_fn_with_state(self.0.faults.clone(), fault::strike))
    }

    /// What goes wrong here.
    pub fn faults(&self) -> &FaultPlan {
        &self.0.faults
    }

    /// Every request so far, oldest first, as it came.
    pub fn requests(&self) -> Vec<Value> {
        self.locked(|state| state.requests.clone())
    }

    /// The next unanswered request gets these words.
    pub fn push_answer(&self, content: impl Into<String>) {
        self.locked(|state| state.queued.push_back(Queued::Content(content.into())));
    }

    /// The next unanswered request gets this document as its words.
    #[expect(clippy::needless_pass_by_value, reason = "tests write `push_json(json!({…}))`")]
    pub fn push_json(&self, content: Value) {
        self.push_answer(content.to_string());
    }

    /// The next unanswered request gets this whole HTTP answer: a refusal, a cut-off, an error.
    pub fn push_raw(&self, status: u16, body: Value) {
        self.locked(|state| state.queued.push_back(Queued::Raw(status, body)));
    }

    /// How many queued answers were not asked for yet.
    pub fn answers_left(&self) -> usize {
        self.locked(|state| state.queued.len())
    }

    /// With `true`, requests with a `response_format` are refused with 400, as by servers that lack it.
    pub fn reject_response_format(&self, reject: bool) {
        self.locked(|state| state.lacks_response_format = reject);
    }

    /// How long every answer takes, by the clock.
    pub fn set_think_time(&self, think: Duration) {
        self.locked(|state| state.think = think);
    }

    /// From now on `mind` answers what no test has queued an answer for, instead of the scripted agent: it says how long
    /// it thinks, and the words.
    pub fn think_with(&self, mind: impl Fn(&Value) -> (Duration, String) + Send + Sync + 'static) {
        self.locked(|state| state.mind = Some(Arc::new(mind)));
    }

    /// Only this key is accepted from now on; none takes any.
    pub fn require_key(&self, key: Option<&str>) {
        self.locked(|state| state.api_key = key.map(str::to_owned));
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn admits(&self, key: Option<&str>) -> bool {
        self.locked(|state| state.api_key.as_deref().is_none_or(|wanted| key == Some(wanted)))
    }

    /// Records a request and decides what it is answered, after the time to think.
    async fn reply(&self, request: &Value, ask: &Ask) -> Reply {
        let (queued, mind, mut think) = self.locked(|state| {
            state.requests.push(request.clone());
            (state.queued.pop_front(), state.mind.clone(), state.think)
        });
        let mut thought = None;
        if let (None, Some(mind)) = (&queued, mind) {
            let (time, words) = mind(request);
            (think, thought) = (time, Some(words));
        }
        if !think.is_zero() {
            self.0.clock.sleep(think).await;
        }
        match queued {
            Some(Queued::Content(content)) => Reply::Content(content),
            Some(Queued::Raw(status, body)) => Reply::Raw(status, body),
            None => Reply::Content(thought.unwrap_or_else(|| script::answer(ask))),
        }
    }
}

/// OpenAI's error shape.
fn error_body(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        429 => "rate_limit_exceeded",
        400..500 => "invalid_request_error",
        _ => "server_error",
    };
    json!({ "error": { "message": message, "type": kind, "param": null, "code": null } })
}

/// A rough count: one token for four characters.
fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

/// The text cut to so many tokens, and whether it was cut.
fn cut_to(text: String, tokens_max: Option<u64>) -> (String, bool) {
    let limit = tokens_max.and_then(|max| usize::try_from(max).ok()).unwrap_or(usize::MAX).saturating_mul(4);
    if text.chars().count() <= limit {
        return (text, false);
    }
    (text.chars().take(limit).collect(), true)
}
