//! Which parts of the protocol a server understands, learned from its complaints.

use serde_json::{Map, Value, json};

use crate::llm::Schema;
use crate::llm::failure::Refusal;

/// How the shape of the answer is asked for, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// `json_schema`, strict.
    Schema,
    /// `json_object`, with the schema in the instructions.
    Object,
    /// Only in the instructions.
    Instructions,
}

/// Parameters that an answer can do without. "store" is the last to be looked for, because other words hold it.
const OPTIONAL: [&str; 4] = ["temperature", "prompt_cache_key", "safety_identifier", "store"];

/// Words of complaints about the shape that was asked for.
const SHAPE: [&str; 9] = [
    "response_format",
    "json_schema",
    "json_object",
    "schema",
    "structured output",
    "grammar",
    "json mode",
    "guided decoding",
    "unrecognized field",
];

/// What is sent to a server. It starts with everything and only ever gets simpler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    format: Format,
    /// `max_tokens` in place of `max_completion_tokens`.
    old_token_limit: bool,
    /// Which of [`OPTIONAL`] are left out.
    left_out: [bool; OPTIONAL.len()],
}

impl Default for Dialect {
    fn default() -> Self {
        Self { format: Format::Schema, old_token_limit: false, left_out: [false; OPTIONAL.len()] }
    }
}

impl Dialect {
    /// The simpler dialect that a complaint about `sent` calls for; none when it is about something else.
    pub(super) fn simplified(self, refusal: &Refusal, sent: &Value) -> Option<Self> {
        if refusal.is_context_overflow() {
            return None;
        }
        let about = |name: &str| sent.get(name).is_some() && refusal.complains_about(name);
        if about("max_completion_tokens") {
            return Some(Self { old_token_limit: true, ..self });
        }
        if sent.get("response_format").is_some() && SHAPE.iter().any(|word| refusal.complains_about(word)) {
            let format = if self.format == Format::Schema { Format::Object } else { Format::Instructions };
            return Some(Self { format, ..self });
        }
        let unknown = OPTIONAL.iter().position(|name| about(name))?;
        let mut simpler = self;
        simpler.left_out[unknown] = true;
        Some(simpler)
    }

    /// What to add to the instructions so that the answer gets its shape; none when the server sees to it.
    pub(super) fn instructions(self, schema: Option<&Schema>) -> Option<String> {
        schema.filter(|_| self.format != Format::Schema).map(|schema| as_instructions(&schema.json))
    }

    /// Rewrites a complete request in this dialect.
    pub(super) fn apply(self, request: &mut Map<String, Value>) {
        match self.format {
            Format::Schema => {}
            Format::Object if request.contains_key("response_format") => {
                request.insert("response_format".to_owned(), json!({ "type": "json_object" }));
            }
            Format::Object | Format::Instructions => drop(request.remove("response_format")),
        }
        if self.old_token_limit
            && let Some(limit) = request.remove("max_completion_tokens")
        {
            request.insert("max_tokens".to_owned(), limit);
        }
        for (name, _) in OPTIONAL.iter().zip(self.left_out).filter(|(_, left_out)| *left_out) {
            request.remove(*name);
        }
    }
}

/// A schema in words, for servers that cannot enforce it.
pub(in crate::llm) fn as_instructions(schema: &Value) -> String {
    format!("Answer with one JSON object and nothing else. It must match this JSON schema:\n{schema}")
}
