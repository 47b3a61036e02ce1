//! From what a turn knows to a decision: compose → generate → check → decide. The service and evaluations run this very
//! code; it touches neither the store nor Close.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::OnceCell;

use super::prompts::Prompts;
use crate::conversation::check::{self, Candidate, Standing};
use crate::conversation::decide::decide;
use crate::conversation::{Decision, Finding, Intent, Policy, Proposal, TurnContext, Verdict, placeholder};
use crate::llm::{Model, ModelAnswer, ModelError, ModelRequest, Schema, Stop};
use crate::prompt::{self, Budget, Calibration, ComposeError, Hints, Library, Manifest, TokenCounter, TurnPrompt};
use crate::runtime::{Clock, Random};
use crate::sms::normalise::normalise;
use crate::sms::opt_out::{self, OptOutVerdict};
use crate::store::turn::{Json, TurnRecord};

/// Where a single-use booking link comes from, when a reply asks for one.
#[async_trait]
pub trait LinkSource: Send + Sync {
    /// A fresh link for this conversation.
    ///
    /// # Errors
    /// A sentence for the rep: why there is none.
    async fn booking_link(&self) -> Result<String, String>;
}

/// The organisation that offers no links.
pub struct NoLinks;

#[async_trait]
impl LinkSource for NoLinks {
    async fn booking_link(&self) -> Result<String, String> {
        Err("No calendar is connected, so there is no booking link.".to_owned())
    }
}

/// What the model is allowed.
#[derive(Debug, Clone, Copy)]
pub struct ModelLimits {
    /// The prompt's own budget.
    pub budget: Budget,
    /// Tokens of an answer, at most.
    pub max_output_tokens: u32,
    /// Sampling temperature; none leaves the provider's default.
    pub temperature: Option<f32>,
}

/// Makes proposals and decides what becomes of them.
#[derive(Clone)]
pub struct Proposer {
    /// What the model is told.
    pub prompts: Prompts,
    /// Counts tokens with the model's own encoding.
    pub counter: Arc<dyn TokenCounter>,
    /// The model.
    pub model: Arc<dyn Model>,
    /// What it is allowed.
    pub limits: ModelLimits,
    /// How far its tokens are from ours.
    pub calibration: Arc<Calibration>,
    /// What Rapport may do by itself.
    pub policy: Policy,
    /// The time.
    pub clock: Clock,
    /// Ids.
    pub random: Random,
}

/// A turn's result.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// What becomes of it.
    pub decision: Decision,
    /// The proposal behind it; none when no model was asked.
    pub proposal: Option<Proposal>,
    /// What each check found.
    pub findings: Vec<Finding>,
    /// What the prompt held and what was cut; empty when no model was asked.
    pub manifest: Manifest,
    /// The record (`always-explained`).
    pub record: TurnRecord,
}

/// Why there is no decision. The record tells how far the turn came.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct ProposeError {
    /// What the model's room reported.
    pub source: ModelError,
    /// How far the turn came.
    pub record: Box<TurnRecord>,
}

/// One link for a whole turn: a reply that is written again has the link of the first, which would otherwise stay unused.
struct OneLink<'a> {
    source: &'a dyn LinkSource,
    made: OnceCell<String>,
}

#[async_trait]
impl LinkSource for OneLink<'_> {
    async fn booking_link(&self) -> Result<String, String> {
        self.made.get_or_try_init(|| self.source.booking_link()).await.cloned()
    }
}

/// One answer, read, expanded and checked.
struct Round {
    proposal: Proposal,
    text: String,
    findings: Vec<Finding>,
    booking_link: Option<String>,
}

impl Round {
    /// What the checks and the decision look at.
    fn candidate<'a>(&'a self, ctx: &'a TurnContext, standing: &'a Standing, policy: &'a Policy) -> Candidate<'a> {
        let booking_link = self.booking_link.as_deref();
        Candidate { ctx, proposal: &self.proposal, text: &self.text, policy, standing, booking_link }
    }
}

impl Proposer {
    /// Makes one turn. The model is asked at most twice: a reply that a check sends back is written once more with the
    /// reason, and goes to a rep if it fails again.
    ///
    /// # Errors
    /// [`ProposeError`] when the model gave no answer at all.
    pub async fn propose(
        &self,
        context: &TurnContext,
        standing: &Standing,
        links: &dyn LinkSource,
    ) -> Result<Proposed, ProposeError> {
        self.propose_after(None, context, standing, links).await
    }

    /// [`Proposer::propose`], with what the lead wanted in the turn before.
    ///
    /// # Errors
    /// As [`Proposer::propose`].
    pub async fn propose_after(
        &self,
        last_intent: Option<Intent>,
        context: &TurnContext,
        standing: &Standing,
        links: &dyn LinkSource,
    ) -> Result<Proposed, ProposeError> {
        let library = self.prompts.current();
        let links = OneLink { source: links, made: OnceCell::new() };
        let mut record = self.open_record();
        let mut feedback: Option<String> = None;
        let mut standing = standing.clone();
        loop {
            let hints = Hints { feedback: feedback.as_deref(), last_intent };
            let mut prompt = match self.compose(context, &library, hints) {
                Ok(prompt) => prompt,
                Err(error) => {
                    return Ok(self.without_model(context, record, Decision::HandOff { reason: error.to_string() }));
                }
            };
            // Thousands of turns may wait for a model: what tells of one is written down when the wait is over.
            let request = self.request(&mut prompt, &library);
            let answer = self.model.generate(&request).await;
            prompt.messages = request.messages;
            record.remember_prompt(&prompt);
            let answer = match answer {
                Ok(answer) => answer,
                Err(source) => {
                    record.remember_context(context);
                    record.close(self.clock.now(), "failed", &source.to_string());
                    return Err(ProposeError { source, record: Box::new(record) });
                }
            };
            standing.known_text.clone_from(&prompt.known_text);
            record.remember_answer(&answer);
            self.calibrate(&prompt, &answer);
            let last_chance = feedback.is_some();
            let round = match self.read(context, &standing, (&prompt, &answer), &links, last_chance).await {
                Ok(round) => round,
                Err(why) => {
                    feedback = Some(why);
                    continue;
                }
            };
            let may_ask_again = !last_chance && !round.proposal.asks_for_silence() && !is_declined(&answer);
            if may_ask_again && let Some(why) = check::reason_to_regenerate(&round.findings) {
                feedback = Some(why);
                continue;
            }
            return Ok(self.conclude(context, &standing, round, (prompt.manifest, record)));
        }
    }

    fn compose(&self, context: &TurnContext, library: &Library, hints: Hints<'_>) -> Result<TurnPrompt, ComposeError> {
        let compose = |budget: &Budget| prompt::compose_turn(context, library, budget, self.counter.as_ref(), hints);
        let corrected = self.calibration.corrected(&self.limits.budget);
        // Where what must be told fits only by our own count, the model is asked all the same: without another answer a wrong
        // report would never be corrected.
        compose(&corrected).or_else(|error| match error {
            ComposeError::RequiredDoesNotFit { .. } if corrected != self.limits.budget => compose(&self.limits.budget),
            error => Err(error),
        })
    }

    /// `never-over-budget` in the provider's tokens, too.
    fn calibrate(&self, prompt: &TurnPrompt, answer: &ModelAnswer) {
        let counted = prompt.prompt_tokens + self.limits.budget.overhead_tokens;
        self.calibration.observe(&answer.model, counted, answer.usage.input_tokens);
        for (model, permille) in self.calibration.newest_permille() {
            let ratio = f64::from(u32::try_from(permille).unwrap_or(u32::MAX)) / 1e3;
            metrics::gauge!("rapport_prompt_tokens_reported_per_counted", "model" => model).set(ratio);
        }
    }

    /// What the model is asked. It takes the prompt's messages with it.
    fn request(&self, prompt: &mut TurnPrompt, library: &Library) -> ModelRequest {
        ModelRequest {
            messages: std::mem::take(&mut prompt.messages),
            schema: Some(reply_schema()),
            max_output_tokens: self.limits.max_output_tokens,
            temperature: library.reply().front().temperature.map(as_sent).or(self.limits.temperature),
            cache_key: Some(format!("rapport-{}", prompt.hash)),
            safety_identifier: None,
        }
    }

    /// Reads, expands and checks one answer. An error is the reason to ask again.
    async fn read(
        &self,
        context: &TurnContext,
        standing: &Standing,
        (prompt, answer): (&TurnPrompt, &ModelAnswer),
        links: &dyn LinkSource,
        last_chance: bool,
    ) -> Result<Round, String> {
        let mut extra = opt_out_doubt(context);
        if is_declined(answer) {
            extra.push(finding("model_declined", Verdict::Hold, "The model declined to answer this.".to_owned()));
        }
        if answer.stop == Stop::Length {
            if !last_chance {
                return Err("The answer was cut off before its end: answer with the JSON object alone.".to_owned());
            }
            extra.push(finding("cut_off", Verdict::Hold, "The model's answer was cut off before its end.".to_owned()));
        }
        let last_chance = last_chance || is_declined(answer);
        let proposal = match prompt::read_proposal(&answer.text) {
            Ok(proposal) => proposal,
            Err(_) if last_chance => prompt::plain_text_proposal(plain_words(answer)),
            Err(error) => return Err(format!("The answer must be one JSON object in the required form: {error}")),
        };
        let last_chance = last_chance || proposal.asks_for_silence();
        if let Some(sentence) = unknown_facts(prompt, &proposal) {
            if !last_chance {
                return Err(sentence);
            }
            extra.push(finding("unknown_fact", Verdict::Hold, sentence));
        }
        let mut booking_link = None;
        if context.offer.link_available && placeholder::mentions_booking_link(&proposal.text) {
            match links.booking_link().await {
                Ok(link) => booking_link = Some(link),
                Err(sentence) => extra.push(finding("booking_link", Verdict::Hold, sentence)),
            }
        }
        let text = match placeholder::expand(&proposal.text, context, booking_link.as_deref()) {
            Ok(expanded) => normalise(expanded.text.trim()),
            Err(error) if last_chance => {
                extra.push(finding("placeholder", Verdict::Hold, error.to_string()));
                normalise(proposal.text.trim())
            }
            Err(error) => return Err(error.to_string()),
        };
        let text = context.notices.complete(&text, context);
        let mut round = Round { proposal, text, findings: Vec::new(), booking_link };
        round.findings = check::run(&round.candidate(context, standing, &self.policy));
        round.findings.extend(extra);
        Ok(round)
    }

    fn conclude(
        &self,
        context: &TurnContext,
        standing: &Standing,
        round: Round,
        (manifest, mut record): (Manifest, TurnRecord),
    ) -> Proposed {
        let decision = decide(&round.candidate(context, standing, &self.policy), &round.findings);
        record.remember_context(context);
        record.remember_decision(&round.proposal, &round.findings, &decision);
        record.close(self.clock.now(), decision.as_str(), decision.reason());
        Proposed { decision, proposal: Some(round.proposal), findings: round.findings, manifest, record }
    }

    /// Puts the texts before a person without asking a model.
    #[must_use]
    pub fn hand_off(&self, context: &TurnContext, reason: String) -> Proposed {
        self.without_model(context, self.open_record(), Decision::HandOff { reason })
    }

    /// Leaves the texts unanswered without asking a model.
    #[must_use]
    pub fn stay_silent(&self, context: &TurnContext, reason: String) -> Proposed {
        self.without_model(context, self.open_record(), Decision::Silence { reason })
    }

    /// The turn ends before a model is asked: for one, what the prompt requires may not fit, and nothing is trimmed silently
    /// (`never-over-budget`).
    fn without_model(&self, context: &TurnContext, mut record: TurnRecord, decision: Decision) -> Proposed {
        record.remember_context(context);
        record.decision = Json::of(&decision);
        record.close(self.clock.now(), decision.as_str(), decision.reason());
        Proposed { decision, proposal: None, findings: Vec::new(), manifest: Manifest::default(), record }
    }

    fn open_record(&self) -> TurnRecord {
        let now = self.clock.now();
        TurnRecord::open(self.random.id("turn", now), now)
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a temperature has few digits")]
pub(super) fn as_sent(temperature: f64) -> f32 {
    temperature as f32
}

/// A reply may only cite what it was shown (`never-invented`).
fn unknown_facts(prompt: &TurnPrompt, proposal: &Proposal) -> Option<String> {
    let unknown = prompt.unknown_facts(&proposal.facts_used);
    (!unknown.is_empty()).then(|| {
        format!(
            "It cites knowledge that it was not given ({}); only ids of <knowledge> may be named.",
            unknown.join(", ")
        )
    })
}

fn is_declined(answer: &ModelAnswer) -> bool {
    matches!(answer.stop, Stop::Refusal | Stop::ContentFilter)
}

/// What can be read as a reply in an answer that is not in the required form. A refusal, half a JSON object or a filter's
/// leftovers are nothing to put before a rep.
fn plain_words(answer: &ModelAnswer) -> &str {
    let whole = matches!(answer.stop, Stop::End | Stop::Other(_));
    let is_markup = answer.text.trim_start().starts_with(['{', '[', '`', '<']);
    if whole && !is_markup { answer.text.trim() } else { "" }
}

/// Words that may or may not ask for silence: a person must look before anything is sent (`never-after-stop`).
fn opt_out_doubt(context: &TurnContext) -> Vec<Finding> {
    context
        .new_texts
        .iter()
        .map(|message| opt_out::classify(&message.text))
        .filter(|seen| seen.verdict != OptOutVerdict::Keep)
        .map(|seen| finding("opt_out_doubt", Verdict::Hold, seen.reason))
        .collect()
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn finding(check: &str, verdict: Verdict, sentence: String) -> Finding {
    Finding { check: check.to_owned(), verdict, sentence }
}

impl TurnRecord {
    /// A record of a turn that begins now.
    #[must_use]
    pub fn open(id: String, now: Timestamp) -> Self {
        Self {
            id,
            started_at: now,
            finished_at: now,
            outcome: String::new(),
            reason: String::new(),
            intent: None,
            prompt_hash: String::new(),
            prompt: Json::default(),
            manifest: Json::default(),
            answers: Json::of(&[(); 0]),
            proposal: Json::default(),
            findings: Json::default(),
            decision: Json::default(),
            context: Json::default(),
            model: None,
            input_tokens: 0,
            cached_tokens: 0,
            output_tokens: 0,
            cost_microusd: 0,
        }
    }

    /// Keeps everything the turn knew.
    pub fn remember_context(&mut self, context: &TurnContext) {
        self.context = Json::of(context);
    }

    fn remember_prompt(&mut self, prompt: &TurnPrompt) {
        self.prompt_hash.clone_from(&prompt.hash);
        self.prompt = Json::of(&prompt.messages);
        self.manifest = Json::of(&prompt.manifest);
    }

    fn remember_answer(&mut self, answer: &ModelAnswer) {
        self.answers.push(answer);
        self.model = Some(answer.model.clone());
        self.input_tokens += whole(answer.usage.input_tokens);
        self.cached_tokens += whole(answer.usage.cached_tokens);
        self.output_tokens += whole(answer.usage.output_tokens);
        self.cost_microusd += whole(answer.cost_microusd);
    }

    fn remember_decision(&mut self, proposal: &Proposal, findings: &[Finding], decision: &Decision) {
        self.intent = Some(proposal.intent.as_str().to_owned());
        self.proposal = Json::of(proposal);
        self.findings = Json::of(findings);
        self.decision = Json::of(decision);
    }

    /// Ends the record.
    pub fn close(&mut self, now: Timestamp, outcome: &str, reason: &str) {
        self.finished_at = now;
        outcome.clone_into(&mut self.outcome);
        reason.clone_into(&mut self.reason);
    }
}

/// The form in which a model is asked for a reply.
#[must_use]
pub fn reply_schema() -> Schema {
    Schema { name: prompt::schema_name().to_owned(), json: prompt::shared_proposal_schema() }
}
