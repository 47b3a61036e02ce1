//! Why this text: a turn's record in words (`always-explained`).
//!
//! A record may be years older than this program: what cannot be read is left out, never an error.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::words::{for_rep, in_order, moment, outcome_words, plain, verdict_words};
use crate::conversation::{Finding, Proposal, Verdict};
use crate::llm::price::dollars;
use crate::prompt::{ChatMessage, Role};
use crate::store::draft::{Draft, DraftState};
use crate::store::turn::{Json, TurnRecord};

/// A turn as the desk shows it.
#[derive(Debug)]
pub(super) struct Record {
    pub id: String,
    pub at: Timestamp,
    pub time: String,
    pub outcome: String,
    /// What a rep made of its draft; empty when there is none, or it waits.
    pub review: String,
    pub reason: String,
    pub intent: String,
    /// In percent; none when the model gave none.
    pub confidence: Option<u8>,
    /// The model's own sentence.
    pub model_reason: String,
    /// Passages of knowledge the reply draws on.
    pub facts: Vec<String>,
    pub model: String,
    pub cost: String,
    pub tokens: String,
    pub took: String,
    /// What the checks said, beside a pass.
    pub findings: Vec<FindingLine>,
    /// How many checks had nothing to say.
    pub passed: usize,
    pub sections: Vec<SectionLine>,
    /// Tokens used and allowed, in words.
    pub budget: String,
    pub prompt_hash: String,
    pub messages: Vec<PromptLine>,
    pub answers: Vec<AnswerLine>,
}

/// What one check found.
#[derive(Debug)]
pub(super) struct FindingLine {
    pub check: String,
    pub verdict: &'static str,
    pub tone: &'static str,
    pub sentence: String,
}

/// A section of the prompt.
#[derive(Debug)]
pub(super) struct SectionLine {
    pub name: String,
    pub tokens: u64,
    pub tokens_before: u64,
    pub kept: usize,
    pub cut: Vec<String>,
    pub why: String,
}

/// A message of the prompt.
#[derive(Debug)]
pub(super) struct PromptLine {
    pub role: &'static str,
    pub text: String,
}

/// An answer of the model.
#[derive(Debug)]
pub(super) struct AnswerLine {
    /// Word for word.
    pub text: String,
    /// Tries, time and the provider's id, for whoever has to ask the provider.
    pub about: String,
}

impl Record {
    /// A turn's record for the organisation's `zone`; `drafts` are those of its conversation, as far as they are known.
    pub(super) fn new(turn: &TurnRecord, drafts: &[Draft], zone: &str) -> Self {
        let proposal: Option<Proposal> = read(&turn.proposal);
        let findings: Vec<Finding> = read(&turn.findings).unwrap_or_default();
        let passed = findings.iter().filter(|finding| !finding.tells()).count();
        let manifest: ManifestShape = read(&turn.manifest).unwrap_or_default();
        Self {
            id: turn.id.clone(),
            at: turn.started_at,
            time: moment(turn.started_at),
            outcome: outcome_words(&turn.outcome),
            review: drafts.iter().find(|draft| draft.turn_id == turn.id).map(review_words).unwrap_or_default(),
            reason: for_rep(&turn.reason, zone),
            intent: turn.intent.as_deref().map(plain).unwrap_or_default(),
            confidence: proposal.as_ref().and_then(|proposal| proposal.confidence).map(percent),
            model_reason: proposal.as_ref().map(|proposal| in_order(&proposal.reason)).unwrap_or_default(),
            facts: proposal.map(|proposal| proposal.facts_used).unwrap_or_default(),
            model: turn.model.clone().unwrap_or_default(),
            cost: cost(turn),
            tokens: tokens(turn),
            took: took(turn),
            findings: findings
                .iter()
                .filter(|finding| finding.tells())
                .map(|finding| FindingLine::new(finding, zone))
                .collect(),
            passed,
            budget: manifest.budget(),
            sections: manifest.sections.into_iter().map(SectionLine::new).collect(),
            prompt_hash: turn.prompt_hash.clone(),
            messages: prompt_lines(&turn.prompt),
            answers: answers(&turn.answers),
        }
    }
}

impl Record {
    /// Leaves out what `reason` says already.
    pub(super) fn without_findings_of(mut self, reason: &str) -> Self {
        self.findings.retain(|finding| !reason.contains(&finding.sentence));
        self
    }
}

impl FindingLine {
    pub(super) fn new(finding: &Finding, zone: &str) -> Self {
        let tone = match finding.verdict {
            Verdict::Pass | Verdict::Mended => "calm",
            Verdict::Regenerate | Verdict::Hold => "act",
            Verdict::Block => "stop",
        };
        Self {
            check: plain(&finding.check),
            verdict: verdict_words(finding.verdict),
            tone,
            sentence: for_rep(&finding.sentence, zone),
        }
    }
}

fn read<T: DeserializeOwned>(part: &Json) -> Option<T> {
    part.read().ok()
}

fn percent(share: f64) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
    let percent = (share * 100.0).round().clamp(0.0, 100.0) as u8;
    percent
}

fn review_words(draft: &Draft) -> String {
    let by = draft.reviewer.as_ref().map(|reviewer| format!(" by {reviewer}")).unwrap_or_default();
    match draft.state {
        DraftState::Waiting => String::new(),
        DraftState::Approved => format!("approved{by}"),
        DraftState::Edited => format!("edited and approved{by}"),
        DraftState::Rejected => format!("rejected{by}"),
        DraftState::Replaced => "replaced by a newer draft".to_owned(),
        DraftState::Withdrawn => "taken back".to_owned(),
    }
}

/// Without prices nothing is known, which is not the same as nothing.
fn cost(turn: &TurnRecord) -> String {
    if turn.cost_microusd == 0 && turn.input_tokens > 0 {
        "no price set".to_owned()
    } else {
        dollars(turn.cost_microusd)
    }
}

fn tokens(turn: &TurnRecord) -> String {
    let cached = if turn.cached_tokens > 0 { format!(" ({} from cache)", turn.cached_tokens) } else { String::new() };
    format!("{} in{cached}, {} out", turn.input_tokens, turn.output_tokens)
}

fn took(turn: &TurnRecord) -> String {
    let took_ms = turn.finished_at.duration_since(turn.started_at).as_millis().max(0);
    if took_ms < 1_000 { format!("{took_ms} ms") } else { format!("{}.{} s", took_ms / 1_000, took_ms % 1_000 / 100) }
}

fn prompt_lines(prompt: &Json) -> Vec<PromptLine> {
    let messages: Vec<ChatMessage> = read(prompt).unwrap_or_default();
    let line = |message: ChatMessage| {
        let role = match message.role {
            Role::System => "Instructions",
            Role::User => "Data and texts",
            Role::Assistant => "Earlier answer",
        };
        PromptLine { role, text: message.text }
    };
    messages.into_iter().map(line).collect()
}

/// Answers are stored word for word, with what is known about them.
fn answers(answers: &Json) -> Vec<AnswerLine> {
    match answers.value() {
        Value::Array(answers) => answers.iter().map(AnswerLine::new).collect(),
        Value::Null => Vec::new(),
        other => vec![AnswerLine::new(&other)],
    }
}

impl AnswerLine {
    fn new(answer: &Value) -> Self {
        let Some(text) = answer.as_str().or_else(|| answer["text"].as_str()) else {
            return Self { text: serde_json::to_string_pretty(answer).unwrap_or_default(), about: String::new() };
        };
        let tries = answer["attempts"].as_u64().map(|n| if n == 1 { "1 try".to_owned() } else { format!("{n} tries") });
        let took = answer["latency_ms"].as_u64().map(|ms| format!("{ms} ms"));
        let request = answer["request_id"].as_str().map(|id| format!("request {id}"));
        let about: Vec<String> = [tries, took, request].into_iter().flatten().collect();
        Self { text: text.to_owned(), about: about.join(" · ") }
    }
}

/// The part of a prompt's manifest that is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ManifestShape {
    encoding: String,
    prompt_tokens: u64,
    available_tokens: u64,
    sections: Vec<SectionShape>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SectionShape {
    name: String,
    tokens_before: u64,
    tokens_after: u64,
    kept: Vec<Value>,
    cut: Vec<CutShape>,
    why: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct CutShape {
    id: String,
    why: String,
}

impl ManifestShape {
    fn budget(&self) -> String {
        if self.available_tokens == 0 {
            return String::new();
        }
        format!("{} of {} tokens, counted with {}", self.prompt_tokens, self.available_tokens, self.encoding)
    }
}

impl SectionLine {
    fn new(section: SectionShape) -> Self {
        let cut = section.cut.into_iter().map(|cut| format!("{}: {}", cut.id, cut.why)).collect();
        Self {
            name: plain(&section.name),
            tokens: section.tokens_after,
            tokens_before: section.tokens_before,
            kept: section.kept.len(),
            cut,
            why: section.why,
        }
    }
}
