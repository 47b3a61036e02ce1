//! Reading a model's answer. Lenient in form, because servers differ; what it may lead to is decided elsewhere.

use serde_json::{Map, Value};

use crate::conversation::intent::plain_name;
use crate::conversation::{Intent, Proposal};

/// Why an answer is not a proposal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    /// There is no JSON object in it; perhaps plain words, see [`plain_text_proposal`].
    #[error("the model's answer holds no JSON object")]
    NotJson,
    /// There is an object, but no reply in it.
    #[error("the model's answer has no field \"text\"")]
    NoText,
}

/// Reads a proposal out of an answer: through code fences and words around it, with missing fields, other spellings of
/// names, numbers as strings, and intents that there are not.
///
/// # Errors
/// [`ProposalError::NotJson`] without an object, [`ProposalError::NoText`] for one without a reply.
pub fn read_proposal(answer: &str) -> Result<Proposal, ProposalError> {
    let (objects, rest) = objects(answer);
    let mut proposals: Vec<Proposal> =
        objects.iter().filter_map(|object| read_object(object).or_else(|| read_wrapped(object))).collect();
    // Of several the last one is what the model came to. Whoever says more than one, or goes on after it, may have changed its mind:
    // a person looks.
    let is_sure = proposals.len() == 1 && !rest.contains(char::is_alphanumeric);
    match proposals.pop() {
        Some(proposal) => Ok(Proposal { structured: is_sure && proposal.structured, ..proposal }),
        None if objects.is_empty() => Err(ProposalError::NotJson),
        None => Err(ProposalError::NoText),
    }
}

/// An answer in plain words, taken as the reply. It is marked so that it always waits for a person.
#[must_use]
pub fn plain_text_proposal(answer: &str) -> Proposal {
    let answer = answer.trim();
    let unquoted =
        answer.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|inner| !inner.contains('"'));
    Proposal {
        reason: "The model answered in plain words instead of the agreed form.".to_owned(),
        structured: false,
        ..Proposal::reply(unquoted.unwrap_or(answer), Intent::Other)
    }
}

/// The outermost JSON objects of a text, in order, and what is said after them. Braces in words around them do no harm.
fn objects(text: &str) -> (Vec<Map<String, Value>>, &str) {
    const TRIES: usize = 64;
    let mut found = Vec::new();
    let (mut from, mut end) = (0, 0);
    for _ in 0..TRIES {
        let Some(start) = text[from..].find('{').map(|at| from + at) else { break };
        let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(Value::Object(object))) => {
                found.push(object);
                from = start + values.byte_offset();
                end = from;
            }
            _ => from = start + 1,
        }
    }
    (found, &text[end..])
}

/// Some models wrap the object in another, such as `{"reply_proposal": {…}}`.
fn read_wrapped(object: &Map<String, Value>) -> Option<Proposal> {
    object.values().find_map(|value| read_object(value.as_object()?))
}

fn read_object(object: &Map<String, Value>) -> Option<Proposal> {
    let field = |names: &[&str]| names.iter().find_map(|name| find(object, name));
    let text = match field(&["text", "reply", "message", "replytext", "sms", "response"])? {
        // Some models escape their line breaks twice.
        Value::String(text) => text.replace("\\r\\n", "\n").replace("\\n", "\n").trim().to_owned(),
        Value::Null => String::new(),
        _ => return None,
    };
    let said = field(&["intent"]).and_then(Value::as_str).unwrap_or_default();
    let intent = Intent::parse(said);
    Some(Proposal {
        text,
        intent: intent.unwrap_or(Intent::Other),
        facts_used: field(&["factsused", "facts"]).map(strings).unwrap_or_default(),
        slots_named: field(&["slotsnamed", "slots"]).map(numbers).unwrap_or_default(),
        wants_human: field(&["wantshuman", "needshuman"]).is_some_and(truth),
        opt_out: field(&["optout", "stop"]).is_some_and(truth) || is_opt_out(said),
        confidence: field(&["confidence"]).and_then(number).map(share),
        reason: field(&["reason", "reasoning"]).and_then(Value::as_str).unwrap_or_default().trim().to_owned(),
        // An intent that cannot be read may be one that is never answered without a person (`a-person-decides`).
        structured: intent.is_some(),
    })
}

/// Other names that models have for the intent `opt_out`.
fn is_opt_out(intent: &str) -> bool {
    const NAMES: [&str; 7] =
        ["stop", "unsubscribe", "donotcontact", "donottext", "optedout", "optoutrequest", "removefromlist"];
    NAMES.contains(&plain_name(intent).as_str())
}

/// Finds a field however its name is cased and joined. Names are given in lower case without separators.
fn find<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| plain_name(key) == name).map(|(_, value)| value)
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        Value::String(text) => text.split(',').map(|part| Value::String(part.to_owned())).collect(),
        other => vec![other.clone()],
    }
}

fn strings(value: &Value) -> Vec<String> {
    let text = |item: &Value| match item {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    list(value).iter().filter_map(text).collect()
}

/// Slot numbers, also written as `"2"` or `"{slot:2}"`.
fn numbers(value: &Value) -> Vec<u32> {
    let whole = |item: &Value| match item {
        Value::Number(number) => number.to_string().trim_end_matches(".0").parse().ok(),
        Value::String(text) => text.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok(),
        _ => None,
    };
    list(value).iter().filter_map(whole).collect()
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "yes" | "1"),
        _ => false,
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            match text.strip_suffix('%') {
                Some(percent) => percent.trim().parse::<f64>().ok().map(|percent| percent / 100.0),
                None => text.parse().ok(),
            }
        }
        _ => None,
    }
    .filter(|number| number.is_finite())
}

/// From 0 to 1; what is out of range is clamped.
fn share(number: f64) -> f64 {
    number.clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agreed_form_is_read_field_by_field() {
        let answer = r#"{"text":" Does {slot:1} work? ","intent":"booking","facts_used":["faq#price"],"slots_named":[1,2],
            "wants_human":true,"opt_out":false,"confidence":0.8,"reason":"asked for a call"}"#;
        let proposal = read_proposal(answer).unwrap();
        assert_eq!(proposal.text, "Does {slot:1} work?");
        assert_eq!((proposal.intent, proposal.slots_named, proposal.wants_human), (Intent::Booking, vec![1, 2], true));
        assert_eq!((proposal.facts_used, proposal.confidence), (vec!["faq#price".to_owned()], Some(0.8)));
        assert!(proposal.structured && !proposal.opt_out && proposal.reason == "asked for a call");
    }

    #[test]
    fn fences_chatter_and_braces_around_it_do_no_harm() {
        let fenced = "Sure {as you wish}! Here:\n```json\n{\"text\": \"Hi {slot:1}\", \"intent\": \"small talk\"}\n```\nDone {ok}.";
        let proposal = read_proposal(fenced).unwrap();
        assert_eq!((proposal.text.as_str(), proposal.intent), ("Hi {slot:1}", Intent::SmallTalk));
        assert_eq!(read_proposal(r#"{"thought":{"a":1}} {"text":"b"}"#).unwrap().text, "b");
        assert_eq!(read_proposal(r#"{"reply_proposal":{"text":"b"}}"#).unwrap().text, "b");
    }

    #[test]
    fn other_spellings_and_types_are_understood() {
        let answer = r#"{"Reply":"ok","intent":"chitchat","factsUsed":"a, b","slots-named":["{slot:2}","3",4.0,-1],"wantsHuman":"yes",
            "optOut":1,"confidence":"95%","reason":null,"extra":[1]}"#;
        let proposal = read_proposal(answer).unwrap();
        assert_eq!((proposal.text.as_str(), proposal.intent), ("ok", Intent::Other));
        assert_eq!((proposal.facts_used, proposal.slots_named), (vec!["a".to_owned(), "b".to_owned()], vec![2, 3, 4]));
        assert_eq!((proposal.wants_human, proposal.opt_out, proposal.confidence), (true, true, Some(0.95)));
        let bare = read_proposal(r#"{"message":"x","confidence":7,"opt_out":null,"facts_used":null}"#).unwrap();
        assert_eq!((bare.confidence, bare.opt_out, bare.facts_used.len()), (Some(1.0), false, 0));
        assert_eq!(read_proposal(r#"{"text":"x","confidence":-3}"#).unwrap().confidence, Some(0.0));
    }

    #[test]
    fn an_intent_that_cannot_be_read_leaves_the_reply_to_a_person() {
        for intent in ["null", "\"complaints\"", "[\"complaint\"]", "\"complaint|legal_threat\""] {
            let proposal = read_proposal(&format!(r#"{{"text":"ok","intent":{intent}}}"#)).unwrap();
            assert!(!proposal.structured && !proposal.opt_out, "a-person-decides: {intent}");
        }
        assert!(!read_proposal(r#"{"text":"ok"}"#).unwrap().structured);
        for intent in ["unsubscribe", "STOP", "do-not-contact"] {
            let proposal = read_proposal(&format!(r#"{{"text":"ok","intent":"{intent}"}}"#)).unwrap();
            assert!(proposal.opt_out, "never-after-stop: {intent}");
        }
    }

    #[test]
    fn line_breaks_that_were_escaped_twice_are_line_breaks() {
        assert_eq!(
            read_proposal(r#"{"text":"Sure!\\nMore?\\r\\nOk","intent":"other"}"#).unwrap().text,
            "Sure!\nMore?\nOk"
        );
    }

    #[test]
    fn what_is_no_proposal_is_said_so() {
        assert_eq!(read_proposal("Happy to help, does {slot:1} work?"), Err(ProposalError::NotJson));
        assert_eq!(read_proposal(""), Err(ProposalError::NotJson));
        assert_eq!(read_proposal(r#"{"intent":"price"}"#), Err(ProposalError::NoText));
        assert_eq!(read_proposal(r#"{"text": ["a"]}"#), Err(ProposalError::NoText));
        assert_eq!(read_proposal(r#"{"text":null}"#).unwrap().text, "");
        assert_eq!(read_proposal(r#"{"text":"cut off by the len"#), Err(ProposalError::NotJson));
        assert_eq!(read_proposal(&"{".repeat(100_000)), Err(ProposalError::NotJson));
    }

    #[test]
    fn plain_words_are_kept_but_marked() {
        let proposal = plain_text_proposal(" \"Sure, call me.\" ");
        assert_eq!((proposal.text.as_str(), proposal.structured), ("Sure, call me.", false));
        assert_eq!(proposal.intent, Intent::Other);
    }

    proptest::proptest! {
        #[test]
        fn no_answer_makes_it_panic(answer in "([{}\":,\\[\\]a-z0-9é😀 ]|\"text\":){0,120}") {
            let _ = read_proposal(&answer);
        }

        #[test]
        fn every_text_survives_the_way_through_json(text in "\\PC{0,200}") {
            let answer = serde_json::json!({"text": text}).to_string();
            proptest::prop_assume!(!text.contains("\\n"));
            proptest::prop_assert_eq!(read_proposal(&answer).unwrap().text, text.trim());
        }
    }
}
