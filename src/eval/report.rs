//! What a run comes to: totals, exit code, and the form that programs read.

use serde::Serialize;
use serde_json::{Value, json};

use super::run::{CaseEnd, CaseResult};
use crate::store::turn::TurnRecord;

/// Where the answers came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// A model was asked.
    Live,
    /// Answers were made and kept.
    Recording,
    /// Answers written by hand were used.
    Written,
    /// Kept answers were used; nothing was spent.
    Recorded,
}

impl Answers {
    /// In words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live answers",
            Self::Recording => "new answers, recorded",
            Self::Written => "prepared answers",
            Self::Recorded => "recorded answers",
        }
    }
}

/// Tokens and money, as the provider reported them when the answers were made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Tokens of the prompts.
    pub input_tokens: u64,
    /// The part of them that came from the provider's cache.
    pub cached_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// Millionths of a dollar; zero when the model has no prices configured.
    pub cost_microusd: u64,
}

impl Usage {
    /// What a turn took.
    #[must_use]
    pub fn of(record: &TurnRecord) -> Self {
        let count = |count: i64| u64::try_from(count).unwrap_or_default();
        Self {
            input_tokens: count(record.input_tokens),
            cached_tokens: count(record.cached_tokens),
            output_tokens: count(record.output_tokens),
            cost_microusd: count(record.cost_microusd),
        }
    }

    fn add(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.cached_tokens += other.cached_tokens;
        self.output_tokens += other.output_tokens;
        self.cost_microusd += other.cost_microusd;
    }
}

/// A run of one suite.
#[derive(Debug, Clone, PartialEq)]
pub struct SuiteReport {
    /// The suite's name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// Where the answers came from.
    pub answers: Answers,
    /// The model that gave them.
    pub model: String,
    /// The cases, in the suite's order.
    pub cases: Vec<CaseResult>,
}

/// The sums over cases.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Every expectation was met.
    pub passed: usize,
    /// An expectation was not met.
    pub failed: usize,
    /// There was no turn to judge.
    pub errors: usize,
    /// What they took.
    #[serde(flatten)]
    pub usage: Usage,
}

impl Totals {
    /// The sums over some results.
    pub fn of<'a>(results: impl IntoIterator<Item = &'a CaseResult>) -> Self {
        let mut totals = Self::default();
        for result in results {
            match &result.end {
                CaseEnd::Error { .. } => totals.errors += 1,
                CaseEnd::Judged { .. } if result.passed() => totals.passed += 1,
                CaseEnd::Judged { .. } => totals.failed += 1,
            }
            totals.usage.add(result.usage);
        }
        totals
    }

    /// 0 when all passed, 1 when some failed, 2 when some could not be run: then nobody knows how they would have ended.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.errors, self.failed) {
            (0, 0) => 0,
            (0, _) => 1,
            _ => 2,
        }
    }
}

/// The form that programs read.
#[must_use]
pub fn json(reports: &[SuiteReport]) -> Value {
    let totals = Totals::of(reports.iter().flat_map(|report| &report.cases));
    json!({
        "suites": reports.iter().map(suite).collect::<Vec<_>>(),
        "totals": totals,
        "exit_code": totals.exit_code(),
    })
}

fn suite(report: &SuiteReport) -> Value {
    json!({
        "name": report.name,
        "file": report.file,
        "answers": report.answers,
        "model": report.model,
        "totals": Totals::of(&report.cases),
        "cases": report.cases.iter().map(case).collect::<Vec<_>>(),
    })
}

fn case(result: &CaseResult) -> Value {
    let mut told = match &result.end {
        CaseEnd::Error { reason } => json!({ "result": "error", "error": reason }),
        CaseEnd::Judged { seen, judged } => json!({
            "result": if result.passed() { "passed" } else { "failed" },
            "decision": seen.decision.as_str(),
            "intent": seen.intent,
            "reply": seen.decision.text(),
            "reason": seen.decision.reason(),
            "slots": seen.slots,
            "findings": seen.findings,
            "expectations": judged,
        }),
    };
    if let Value::Object(fields) = &mut told {
        fields.insert("id".to_owned(), json!(result.id));
        fields.insert("usage".to_owned(), json!(result.usage));
        fields.insert("prompt_hash".to_owned(), json!(result.prompt_hash));
    }
    told
}
