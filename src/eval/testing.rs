//! What the tests of evaluations share: a small suite, and a model that reads its answers off a list.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;

use super::{Bench, CaseResult, Recorder, Suite, run_suite};
use crate::engine::ModelLimits;
use crate::llm::{Model, ModelAnswer, ModelError, ModelRequest, Stop, Usage};
use crate::prompt::{Budget, Library, Tiktoken};

/// Gives the prepared answers to a prompt that holds certain words, in turn; without one left, it is not reached.
pub(crate) struct Scripted(Mutex<Vec<(String, VecDeque<String>)>>);

impl Scripted {
    /// Answers any prompt.
    pub(crate) fn answering(answers: &[String]) -> Arc<dyn Model> {
        Self::knowing(&[("", answers)])
    }

    /// Answers the prompts that hold the words.
    pub(crate) fn knowing(scripts: &[(&str, &[String])]) -> Arc<dyn Model> {
        let script = |(words, answers): &(&str, &[String])| ((*words).to_owned(), answers.iter().cloned().collect());
        Arc::new(Self(Mutex::new(scripts.iter().map(script).collect())))
    }

    fn next(&self, request: &ModelRequest) -> Option<String> {
        let prompt: String = request.messages.iter().map(|message| message.text.as_str()).collect();
        let mut scripts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        scripts.iter_mut().find(|(words, _)| prompt.contains(words.as_str()))?.1.pop_front()
    }
}

#[async_trait]
impl Model for Scripted {
    fn name(&self) -> &'static str {
        "scripted"
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let text = self.next(request).ok_or_else(|| ModelError::Unreachable {
            model: "scripted".to_owned(),
            reason: "the script has ended".to_owned(),
        })?;
        Ok(ModelAnswer {
            text,
            model: "scripted".to_owned(),
            usage: Usage { input_tokens: 900, cached_tokens: 600, output_tokens: 40 },
            cost_microusd: 120,
            stop: Stop::End,
            request_id: None,
            latency_ms: 7,
            attempts: 1,
        })
    }
}

/// A proposal as a model writes it.
pub(crate) fn proposal(intent: &str, text: &str) -> String {
    serde_json::json!({ "intent": intent, "text": text }).to_string()
}

/// The shipped prompts, and the limits of a model that is not configured.
pub(crate) fn bench() -> Bench {
    bench_with(Library::embedded().expect("the shipped prompts"))
}

/// The same limits with other prompts.
pub(crate) fn bench_with(library: Library) -> Bench {
    let counter = Tiktoken::for_encoding("o200k_base").expect("a known encoding");
    Bench {
        library: Arc::new(library),
        counter: Arc::new(counter),
        limits: ModelLimits {
            budget: Budget::for_model(128_000, 1_000, crate::prompt::schema_tokens(&counter), 6_000, &counter),
            max_output_tokens: 1_000,
            temperature: None,
        },
        stop: tokio_util::sync::CancellationToken::new(),
    }
}

/// Two questions and a stop word, in automatic mode, with two slots.
pub(crate) const SMALL: &str = r#"
name: small
defaults:
  now: 2026-11-24T17:00:00Z
  mode: auto
  zone: America/Denver
  organisation: {name: Northwind Solar, offer: Solar for small businesses. A site check is free.}
  slots: [2026-12-01T17:00:00Z, 2026-12-01T21:30:00Z]
  link: true
cases:
  - id: price
    texts: ["What does a site check cost?"]
    expect: {decision: send, intent: price, contains: free}
  - id: times
    texts: ["When could we talk?"]
    expect: {decision: send, slots_offered: [2]}
  - id: stop
    texts: ["Stop"]
    expect: {decision: opt_out, intent: opt_out}
"#;

/// The suite above with answers that meet it.
pub(crate) fn small() -> (Suite, Arc<dyn Model>) {
    let suite = Suite::parse(SMALL, Path::new("evals/small.yaml")).expect("a suite");
    let price = [proposal("price", "The site check is free.")];
    let times = [proposal("booking", "Does {slot:2} suit you?")];
    (suite, Scripted::knowing(&[("site check cost", &price), ("could we talk", &times)]))
}

/// Runs a suite with one model, some cases at once.
pub(crate) async fn run(suite: &Suite, model: &Arc<dyn Model>) -> Vec<CaseResult> {
    run_suite(suite, &bench(), &|_| model.clone(), 4, &|_| ()).await
}

/// Runs a suite and keeps its answers in `path`.
pub(crate) async fn record(suite: &Suite, model: &Arc<dyn Model>, path: &Path) -> Vec<CaseResult> {
    let recorder = Recorder::begin(&vec![model.clone(); suite.cases.len()], path).expect("a writable folder");
    let results = run_suite(suite, &bench(), &|place| recorder.model(place), 4, &|_| ()).await;
    recorder.keep().await.expect("written");
    results
}
