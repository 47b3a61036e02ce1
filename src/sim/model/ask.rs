//! What a request asks, whichever protocol it came in.

use serde_json::{Map, Value, json};

/// The parts of a request that the scripted agent reads.
#[derive(Debug, Clone, Default)]
pub(super) struct Ask {
    /// The instructions.
    pub(super) system: String,
    /// All user messages, oldest first.
    pub(super) user: String,
    /// The schema the answer has to keep to.
    pub(super) schema: Option<Value>,
}

impl Ask {
    /// Reads `messages` as both protocols write them; `system` is Anthropic's top-level one.
    pub(super) fn new(messages: &Value, system: &Value, schema: Option<Value>) -> Self {
        let of_role = |wanted: &[&str]| -> String {
            let messages = messages.as_array().into_iter().flatten();
            let chosen = messages.filter(|message| wanted.contains(&message["role"].as_str().unwrap_or_default()));
            chosen.map(|message| words(&message["content"])).collect::<Vec<_>>().join("\n\n")
        };
        let system = format!("{}\n{}", words(system), of_role(&["system", "developer"]));
        Self { system, user: of_role(&["user"]), schema }
    }

    /// True when the answer shall be a JSON document.
    pub(super) fn wants_json(&self) -> bool {
        self.schema.is_some() || self.system.contains("JSON") || self.user.contains("JSON object")
    }

    /// `answer` with exactly the members the schema has; what is absent gets an empty value of its type.
    pub(super) fn conform(&self, answer: &Value) -> Value {
        let Some(properties) = self.schema.as_ref().and_then(|schema| schema["properties"].as_object()) else {
            return answer.clone();
        };
        let member = |(name, schema): (&String, &Value)| {
            let value = answer.get(name).filter(|value| allowed(schema, value)).cloned();
            (name.clone(), value.unwrap_or_else(|| empty(schema)))
        };
        Value::Object(properties.iter().map(member).collect::<Map<String, Value>>())
    }
}

/// The text of a message's content: a string, or parts.
pub(super) fn words(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

fn allowed(schema: &Value, value: &Value) -> bool {
    schema["enum"].as_array().is_none_or(|choices| choices.contains(value))
}

fn empty(schema: &Value) -> Value {
    if let Some(choices) = schema["enum"].as_array() {
        let other = choices.iter().find(|choice| **choice == "other");
        return other.or(choices.first()).cloned().unwrap_or_default();
    }
    match schema["type"].as_str().unwrap_or_default() {
        "string" => json!(""),
        "boolean" => json!(false),
        "number" | "integer" => json!(0),
        "array" => json!([]),
        "object" => json!({}),
        _ => Value::Null,
    }
}
