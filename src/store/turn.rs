//! The record of a turn (`always-explained`): enough to see why, and to run it again.

use jiff::Timestamp;

/// One turn, as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRecord {
    /// `turn_…`.
    pub id: String,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Timestamp,
    /// The decision's name, or `superseded`, or `failed`.
    pub outcome: String,
    /// Why, in a sentence for the rep.
    pub reason: String,
    /// The intent the model named.
    pub intent: Option<String>,
    /// Hash of the prompt files used.
    pub prompt_hash: String,
    /// The exact messages sent, as JSON.
    pub prompt: serde_json::Value,
    /// What went into the prompt and what was cut.
    pub manifest: serde_json::Value,
    /// The model's answers, word for word, in order.
    pub answers: serde_json::Value,
    /// The proposal read from the last answer.
    pub proposal: serde_json::Value,
    /// What each check found.
    pub findings: serde_json::Value,
    /// The decision.
    pub decision: serde_json::Value,
    /// Everything the turn knew, so that it can be run again.
    pub context: serde_json::Value,
    /// The model that answered.
    pub model: Option<String>,
    /// Tokens of the prompts, as reported.
    pub input_tokens: i64,
    /// Tokens answered from the provider's cache.
    pub cached_tokens: i64,
    /// Tokens of the answers.
    pub output_tokens: i64,
    /// What it cost, in millionths of a dollar.
    pub cost_microusd: i64,
}
