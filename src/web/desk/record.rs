//! Why this text: a turn's record in words (`always-explained`).
//!
//! A record may be years older than this program: what cannot be read is left out, never an error.

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::words::{dollars, moment, outcome_words, plain, verdict_words};
use crate::conversation::{Finding, Proposal, Verdict};
use crate::prompt::{ChatMessage, Role};
use crate::store::turn::TurnRecord;

/// A turn as the desk shows it.
#[derive(Debug)]
pub(super) struct Record {
    pub id: String,
    pub at: Timestamp,
    pub time: String,
    pub outcome: String,
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
    pub answers: Vec<String>,
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

impl Record {
    pub(super) fn new(turn: &TurnRecord) -> Self {
        let proposal: Option<Proposal> = read(&turn.proposal);
        let findings: Vec<Finding> = read(&turn.findings).unwrap_or_default();
        let passed = findings.iter().filter(|finding| finding.verdict == Verdict::Pass).count();
        let manifest: ManifestShape = read(&turn.manifest).unwrap_or_default();
        Self {
            id: turn.id.clone(),
            at: turn.started_at,
            time: moment(turn.started_at),
            outcome: outcome_words(&turn.outcome),
            reason: turn.reason.clone(),
            intent: turn.intent.as_deref().map(plain).unwrap_or_default(),
            confidence: proposal.as_ref().and_then(|proposal| proposal.confidence).map(percent),
            model_reason: proposal.as_ref().map(|proposal| proposal.reason.clone()).unwrap_or_default(),
            facts: proposal.map(|proposal| proposal.facts_used).unwrap_or_default(),
            model: turn.model.clone().unwrap_or_default(),
            cost: dollars(turn.cost_microusd),
            tokens: tokens(turn),
            took: took(turn),
            findings: findings.into_iter().filter(|f| f.verdict != Verdict::Pass).map(FindingLine::new).collect(),
            passed,
            budget: manifest.budget(),
            sections: manifest.sections.into_iter().map(SectionLine::new).collect(),
            prompt_hash: turn.prompt_hash.clone(),
            messages: prompt_lines(&turn.prompt),
            answers: answers(&turn.answers),
        }
    }
}

impl FindingLine {
    fn new(finding: Finding) -> Self {
        let tone = match finding.verdict {
            Verdict::Pass | Verdict::Mended => "calm",
            Verdict::Regenerate | Verdict::Hold => "act",
            Verdict::Block => "stop",
        };
        Self { check: plain(&finding.check), verdict: verdict_words(finding.verdict), tone, sentence: finding.sentence }
    }
}

fn read<T: DeserializeOwned>(value: &Value) -> Option<T> {
    T::deserialize(value).ok()
}

fn percent(share: f64) -> u8 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=100 before")]
    let percent = (share * 100.0).round().clamp(0.0, 100.0) as u8;
    percent
}

fn tokens(turn: &TurnRecord) -> String {
    let cached = if turn.cached_tokens > 0 { format!(" ({} from cache)", turn.cached_tokens) } else { String::new() };
    format!("{} in{cached}, {} out", turn.input_tokens, turn.output_tokens)
}

fn took(turn: &TurnRecord) -> String {
    let took_ms = turn.finished_at.duration_since(turn.started_at).as_millis().max(0);
    if took_ms < 1_000 { format!("{took_ms} ms") } else { format!("{}.{} s", took_ms / 1_000, took_ms % 1_000 / 100) }
}

fn prompt_lines(prompt: &Value) -> Vec<PromptLine> {
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

/// Answers are stored word for word: as strings, or as whatever the provider sent.
fn answers(value: &Value) -> Vec<String> {
    let text = |answer: &Value| match answer {
        Value::String(text) => text.clone(),
        other => serde_json::to_string_pretty(other).unwrap_or_default(),
    };
    match value {
        Value::Array(answers) => answers.iter().map(text).collect(),
        Value::Null => Vec::new(),
        other => vec![text(other)],
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
