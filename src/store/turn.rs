//! The record of a turn (`always-explained`): enough to see why, and to run it again.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// A part of the record as JSON, written out: as values it would take ten times the memory while thousands of turns wait to be
/// stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// Writes it out. What cannot be written is null.
    pub fn of(part: &(impl Serialize + ?Sized)) -> Self {
        serde_json::to_string(part).map_or_else(|_| Self::default(), |text| Self(text.into()))
    }

    /// As it was stored.
    pub(super) fn stored(text: String) -> Self {
        Self(text.into())
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it is something else than what is asked for.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.0)
    }

    /// It as a value; null if it is no JSON.
    #[must_use]
    pub fn value(&self) -> Value {
        self.read().unwrap_or_default()
    }

    /// The JSON.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One more element of an array.
    pub fn push(&mut self, element: &impl Serialize) {
        let Self(more) = Self::of(element);
        let before = self.0.strip_suffix(']').unwrap_or("[");
        let comma = if before.ends_with('[') { "" } else { "," };
        self.0 = format!("{before}{comma}{more}]").into();
    }
}

impl Default for Json {
    fn default() -> Self {
        Self("null".into())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

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
    pub prompt: Json,
    /// What went into the prompt and what was cut.
    pub manifest: Json,
    /// The model's answers, word for word, in order.
    pub answers: Json,
    /// The proposal read from the last answer.
    pub proposal: Json,
    /// What each check found.
    pub findings: Json,
    /// The decision.
    pub decision: Json,
    /// Everything the turn knew, so that it can be run again.
    pub context: Json,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn elements_are_added_in_order() {
        let mut answers = Json::default();
        assert_eq!(answers.value(), Value::Null);
        answers.push(&json!({ "text": "]," }));
        answers.push(&2);
        assert_eq!(answers.value(), json!([{ "text": "]," }, 2]));
        assert_eq!(serde_json::to_string(&answers).unwrap(), answers.as_str());
    }
}
