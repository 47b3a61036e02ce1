//! The form of the model's answer, in the strict subset of JSON Schema that providers accept: the root is an object,
//! every field is required, nothing else is allowed.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::tokens::TokenCounter;
use crate::conversation::Intent;

/// The schema's name, as requests carry it.
#[must_use]
pub fn schema_name() -> &'static str {
    "reply_proposal"
}

/// The schema of a proposal.
#[must_use]
pub fn proposal_schema() -> Value {
    let intents: Vec<&str> = Intent::ALL.iter().map(|intent| intent.as_str()).collect();
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for (name, mut schema, meaning) in fields(&intents) {
        schema["description"] = json!(meaning);
        properties.insert(name.to_owned(), schema);
        required.push(name);
    }
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// [`proposal_schema`], made once and shared by all requests.
#[must_use]
pub fn shared_proposal_schema() -> Arc<Value> {
    static SCHEMA: LazyLock<Arc<Value>> = LazyLock::new(|| Arc::new(proposal_schema()));
    SCHEMA.clone()
}

/// What the schema adds to a request, in tokens: for [`super::Budget::overhead_tokens`].
#[must_use]
pub fn schema_tokens(counter: &dyn TokenCounter) -> usize {
    counter.count(&proposal_schema().to_string())
}

/// The same in words, for servers that do not enforce a schema.
#[must_use]
pub fn answer_notes() -> &'static str {
    static NOTES: LazyLock<String> = LazyLock::new(notes);
    &NOTES
}

fn notes() -> String {
    let intents: Vec<&str> = Intent::ALL.iter().map(|intent| intent.as_str()).collect();
    let lines = fields(&intents).map(|(name, schema, meaning)| {
        let kind = schema["type"].as_str().unwrap_or_default().to_owned();
        let kind = if kind == "array" {
            format!("array of {}s", schema["items"]["type"].as_str().unwrap_or("string"))
        } else {
            kind
        };
        format!("- \"{name}\" ({kind}): {meaning}")
    });
    let head = "# Your answer\nAnswer with one JSON object and nothing else: no code fence, no words around it. It has all of \
                these fields:";
    let choice = format!("The intents are: {}.", intents.join(", "));
    [head.to_owned()].into_iter().chain(lines).chain([choice]).collect::<Vec<_>>().join("\n")
}

fn fields(intents: &[&str]) -> [(&'static str, Value, &'static str); 8] {
    [
        (
            "text",
            json!({"type": "string"}),
            "the reply exactly as the lead shall read it, with placeholders such as {slot:1} \
            where data goes; empty when nothing should be sent",
        ),
        ("intent", json!({"type": "string", "enum": intents}), "what the new texts want, one of the intents"),
        (
            "facts_used",
            json!({"type": "array", "items": {"type": "string"}}),
            "ids of the knowledge passages the reply \
            draws on; [] for none",
        ),
        (
            "slots_named",
            json!({"type": "array", "items": {"type": "integer"}}),
            "numbers of the slots the reply names, such \
            as [1, 3]; [] for none",
        ),
        (
            "wants_human",
            json!({"type": "boolean"}),
            "true when the lead asks for a person, or you cannot help with what you \
            were given",
        ),
        ("opt_out", json!({"type": "boolean"}), "true when the lead does not want to be texted, in whatever words"),
        ("confidence", json!({"type": "number"}), "from 0 to 1: how sure you are that this reply is right"),
        ("reason", json!({"type": "string"}), "one short sentence to our sales rep: why this reply"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prompt::Tiktoken;

    #[test]
    fn the_schema_keeps_to_the_strict_subset() {
        let schema = proposal_schema();
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], false);
        let properties = schema["properties"].as_object().unwrap();
        let required: Vec<&str> =
            schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        let expected =
            ["text", "intent", "facts_used", "slots_named", "wants_human", "opt_out", "confidence", "reason"];
        assert_eq!(required, expected);
        assert_eq!(properties.len(), required.len());
        assert_eq!(schema["properties"]["intent"]["enum"].as_array().unwrap().len(), Intent::ALL.len());
        let forbidden = ["oneOf", "anyOf", "allOf", "not", "maxLength", "$ref", "default"];
        assert!(forbidden.iter().all(|word| !schema.to_string().contains(&format!("\"{word}\""))));
    }

    #[test]
    fn the_words_name_every_field_and_intent_and_the_cost_is_small() {
        let notes = answer_notes();
        assert!(["\"text\" (string)", "array of integers", "are_you_a_bot"].iter().all(|part| notes.contains(part)));
        assert!((100..600).contains(&schema_tokens(&Tiktoken::fallback())));
    }
}
