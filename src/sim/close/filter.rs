//! Which events a webhook subscription wants: object type, action, and Close's `extra_filter`.

use serde_json::Value;

/// Whether an entry of a subscription's `events` matches the event.
pub(super) fn wants(wish: &Value, event: &Value) -> bool {
    wish["object_type"] == event["object_type"]
        && wish["action"] == event["action"]
        && (wish["extra_filter"].is_null() || holds(&wish["extra_filter"], event))
}

/// Whether a filter holds for a value. A filter of an unknown type holds for nothing.
pub(super) fn holds(filter: &Value, value: &Value) -> bool {
    let filters = || filter["filters"].as_array().into_iter().flatten();
    match filter["type"].as_str().unwrap_or_default() {
        "equals" => *value == filter["value"],
        "not_equals" => *value != filter["value"],
        "is_null" => value.is_null(),
        "non_null" => !value.is_null(),
        "contains" => contains(value, &filter["value"]),
        "and" => filters().all(|inner| holds(inner, value)),
        "or" => filters().any(|inner| holds(inner, value)),
        "not" => !holds(&filter["filter"], value),
        "field_accessor" => {
            let field = filter["field"].as_str().unwrap_or_default();
            holds(&filter["filter"], value.get(field).unwrap_or(&Value::Null))
        }
        "any_array_value" => {
            value.as_array().is_some_and(|items| items.iter().any(|item| holds(&filter["filter"], item)))
        }
        _ => false,
    }
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(items), part) => items.contains(part),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_documented_filter_lets_only_inbound_texts_to_one_number_through() {
        let wish = json!({"object_type":"activity.sms","action":"created","extra_filter":{"type":"and","filters":[
            {"type":"field_accessor","field":"data","filter":{"type":"field_accessor","field":"direction",
             "filter":{"type":"equals","value":"inbound"}}},
            {"type":"field_accessor","field":"data","filter":{"type":"field_accessor","field":"local_phone",
             "filter":{"type":"equals","value":"+13035550100"}}}]}});
        let event = |direction: &str, phone: &str| json!({"object_type":"activity.sms","action":"created","data":{"direction":direction,"local_phone":phone}});
        assert!(wants(&wish, &event("inbound", "+13035550100")));
        assert!(!wants(&wish, &event("outbound", "+13035550100")));
        assert!(!wants(&wish, &event("inbound", "+13035550199")));
        let sent = json!({"object_type":"activity.sms","action":"sent","data":null});
        assert!(!wants(&wish, &sent));
    }

    #[test]
    fn the_other_operators_do_what_they_say() {
        let value = json!({"tags":["a","b"],"text":"hello there","gone":null});
        let field = |field: &str, filter: Value| json!({"type":"field_accessor","field":field,"filter":filter});
        assert!(holds(&field("text", json!({"type":"contains","value":"lo t"})), &value));
        assert!(holds(&field("gone", json!({"type":"is_null"})), &value));
        assert!(holds(&field("absent", json!({"type":"is_null"})), &value));
        assert!(!holds(&field("gone", json!({"type":"non_null"})), &value));
        let any_b = json!({"type":"any_array_value","filter":{"type":"equals","value":"b"}});
        assert!(holds(&field("tags", any_b.clone()), &value));
        assert!(!holds(&json!({"type":"not","filter":field("tags", any_b)}), &value));
        assert!(!holds(&json!({"type":"sounds_like","value":"x"}), &value));
    }
}
