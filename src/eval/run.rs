//! Runs the cases of a suite through the engine, several at once.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;

use super::case::{BOOKING_LINK, Case};
use super::expect::{Judged, judge};
use super::report::Usage;
use super::suite::Suite;
use crate::conversation::check::slots_told;
use crate::conversation::{Decision, Finding, Intent, Mode, Policy, TurnContext, Verdict};
use crate::engine::{LinkSource, ModelLimits, Prompts, Proposed, Proposer};
use crate::llm::Model;
use crate::prompt::{Library, TokenCounter};
use crate::runtime::{Clock, Random};
use crate::sms::opt_out::{self, OptOutVerdict};

/// Every case draws its ids from this seed.
const SEED: u64 = 1;

/// What all cases are run with.
#[derive(Clone)]
pub struct Bench {
    /// What the model is told.
    pub library: Arc<Library>,
    /// Counts tokens.
    pub counter: Arc<dyn TokenCounter>,
    /// What the model is allowed.
    pub limits: ModelLimits,
    /// Ends the run: cases that have not ended by then are errors.
    pub stop: CancellationToken,
}

/// What came of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What becomes of it.
    pub decision: Decision,
    /// What the lead wants; none when no model was asked and no word decided.
    pub intent: Option<Intent>,
    /// Places of the slots whose time or page stands in the reply, from 1.
    pub slots: Vec<u32>,
    /// What the checks found, passes left out.
    pub findings: Vec<Finding>,
}

impl Observed {
    /// A decision and nothing else.
    #[must_use]
    pub fn of(decision: Decision) -> Self {
        Self { decision, intent: None, slots: Vec::new(), findings: Vec::new() }
    }
}

/// How a case ended.
#[derive(Debug, Clone, PartialEq)]
pub enum CaseEnd {
    /// The turn was made and judged.
    Judged {
        /// What came of it.
        seen: Observed,
        /// Each expectation.
        judged: Vec<Judged>,
    },
    /// There was no turn to judge: the model was not reached, or no answer is recorded.
    Error {
        /// Why, in a sentence.
        reason: String,
    },
}

/// One case with its end.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseResult {
    /// The case's id.
    pub id: String,
    /// How it ended.
    pub end: CaseEnd,
    /// What it took.
    pub usage: Usage,
    /// Hash of the prompt files; empty when no model was asked.
    pub prompt_hash: String,
}

impl CaseResult {
    /// True when every expectation was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        matches!(&self.end, CaseEnd::Judged { judged, .. } if judged.iter().all(|one| one.passed))
    }
}

/// Runs every case, at most `concurrency` at once, and gives the results in the suite's order. `model_of` gives the
/// model of the case at a place; `done` is told of each case as it ends.
pub async fn run_suite(
    suite: &Suite,
    bench: &Bench,
    model_of: &(dyn Fn(usize) -> Arc<dyn Model> + Sync),
    concurrency: usize,
    done: &(dyn Fn(&CaseResult) + Sync),
) -> Vec<CaseResult> {
    let runs = suite.cases.iter().enumerate().map(|(place, case)| async move {
        let result = tokio::select! {
            biased;
            () = bench.stop.cancelled() => stopped(case),
            result = run_case(suite, case, bench, model_of(place)) => result,
        };
        done(&result);
        result
    });
    futures_util::stream::iter(runs).buffered(concurrency.max(1)).collect().await
}

/// Runs one case: what the service decides before any model, then a turn.
pub async fn run_case(suite: &Suite, case: &Case, bench: &Bench, model: Arc<dyn Model>) -> CaseResult {
    let context = case.context(&suite.defaults);
    let rules = case.policy(&suite.defaults);
    if let Some(seen) = before_the_model(&context, &rules) {
        return judged(case, seen, Usage::default(), String::new());
    }
    let (clock, _still) = Clock::manual(context.now);
    let proposer = Proposer {
        prompts: Prompts::new(bench.library.clone()),
        counter: bench.counter.clone(),
        model,
        limits: bench.limits,
        calibration: Arc::default(),
        policy: rules,
        clock,
        random: Random::seeded(SEED),
    };
    match proposer.propose(&context, &case.standing(&suite.defaults), &CaseLink).await {
        Ok(turn) => {
            let usage = Usage::of(&turn.record);
            let hash = turn.record.prompt_hash.clone();
            judged(case, observed(&context, turn), usage, hash)
        }
        Err(error) => CaseResult {
            id: case.id.clone(),
            end: CaseEnd::Error { reason: error.source.to_string() },
            usage: Usage::of(&error.record),
            prompt_hash: error.record.prompt_hash.clone(),
        },
    }
}

fn stopped(case: &Case) -> CaseResult {
    CaseResult {
        id: case.id.clone(),
        end: CaseEnd::Error { reason: "the run was stopped before this case had ended".to_owned() },
        usage: Usage::default(),
        prompt_hash: String::new(),
    }
}

/// A word that asks us to stop is obeyed, and a mode of off kept, before any model is asked; the service does the same
/// (`never-after-stop`).
fn before_the_model(context: &TurnContext, policy: &Policy) -> Option<Observed> {
    let classified = context.new_texts.iter().map(|message| opt_out::classify(&message.text));
    if let Some(stop) = classified.into_iter().find(|seen| seen.verdict == OptOutVerdict::Stop) {
        let decision = Decision::OptOut { reason: stop.reason };
        return Some(Observed { intent: Some(Intent::OptOut), ..Observed::of(decision) });
    }
    let is_off = policy.mode_before_intent(None) == Mode::Off;
    let reason = is_off.then(|| "Silent because Rapport is off here.".to_owned());
    let reason = reason.or_else(|| policy.statuses.silence(context.lead.status.as_deref()));
    reason.map(|reason| Observed::of(Decision::Silence { reason }))
}

fn observed(context: &TurnContext, proposed: Proposed) -> Observed {
    let findings = proposed.findings.into_iter().filter(|finding| finding.verdict != Verdict::Pass).collect();
    Observed {
        slots: slots_told(context, proposed.decision.text().unwrap_or_default()),
        decision: proposed.decision,
        intent: proposed.proposal.map(|proposal| proposal.intent),
        findings,
    }
}

fn judged(case: &Case, seen: Observed, usage: Usage, prompt_hash: String) -> CaseResult {
    let judged = judge(&case.expect, &seen);
    CaseResult { id: case.id.clone(), end: CaseEnd::Judged { seen, judged }, usage, prompt_hash }
}

/// The same link for every case.
struct CaseLink;

#[async_trait]
impl LinkSource for CaseLink {
    async fn booking_link(&self) -> Result<String, String> {
        Ok(BOOKING_LINK.to_owned())
    }
}
