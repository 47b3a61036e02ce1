//! An engine for tests that serve pages: it has a store, and nobody to talk to.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use secrecy::SecretString;

use crate::close::CloseClient;
use crate::conversation::{Organisation, Policy};
use crate::engine::plan::Timing;
use crate::engine::{Engine, Handoffs, ModelLimits, Prompts, Proposer, Settings, Spending, Summaries};
use crate::llm::ReplayModel;
use crate::prompt::{Budget, Library, TokenCounter};
use crate::runtime::{Clock, Http, Random};
use crate::sms::Rulebook;
use crate::store::Store;

/// Counts bytes: no prompt is composed here.
struct Bytes;

impl TokenCounter for Bytes {
    fn count(&self, text: &str) -> usize {
        text.len()
    }

    fn name(&self) -> &'static str {
        "bytes"
    }

    fn is_models_own(&self) -> bool {
        false
    }
}

/// An engine over `store` whose Close cannot be reached and whose model knows no answer.
pub(super) fn engine(store: &Store, clock: &Clock) -> Engine {
    let http = Http::routed(clock.clone(), BTreeMap::new());
    let key = SecretString::from("api_none");
    let close = CloseClient::new(http, clock.clone(), "http://close.test", key, Duration::from_secs(1));
    let counter = Arc::new(Bytes);
    let budget = Budget::for_model(8_000, 500, 0, 4_000, counter.as_ref());
    let proposer = Proposer {
        prompts: Prompts::new(Library::embedded().expect("our own prompts")),
        counter,
        model: Arc::new(ReplayModel::from_lines("").expect("no lines are fine")),
        limits: ModelLimits { budget, max_output_tokens: 500, temperature: None },
        calibration: Arc::default(),
        policy: Policy::default(),
        clock: clock.clone(),
        random: Random::seeded(2),
    };
    Engine {
        store: store.clone(),
        close: close.expect("an address"),
        calendar: None,
        proposer,
        settings: Arc::new(settings()),
        clock: clock.clone(),
        random: Random::seeded(3),
        owner: "test".to_owned(),
        working: Arc::new(AtomicBool::new(true)),
        summaries: Summaries::default(),
        began: Arc::default(),
    }
}

fn settings() -> Settings {
    Settings {
        organisation: Organisation::default(),
        numbers: Vec::new(),
        timing: Timing { wait: Duration::from_secs(8), wait_max: Duration::from_secs(45), attempts_max: 5 },
        poll: Duration::from_secs(1),
        lease: Duration::from_mins(1),
        concurrency: 1,
        event_log_poll: Duration::from_mins(1),
        overlap: Duration::from_mins(5),
        rulebook: Rulebook::default(),
        spending: Spending::default(),
        handoffs: Handoffs::default(),
    }
}
