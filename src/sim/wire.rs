//! What the three servers have in common on the wire: instants, phone numbers, refusals and pages of JSON.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use hmac::{Hmac, KeyInit, Mac};
use http::{StatusCode, header};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use sha2::Sha256;

/// The query of a request, by key.
pub(super) type Params = BTreeMap<String, String>;

/// A request that is answered with an error.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    /// The HTTP status.
    pub(super) status: u16,
    /// The body, in the shape of the server that refuses.
    pub(super) body: Value,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        answer(self.status, &self.body)
    }
}

/// An answer of `status` with `body` as JSON.
pub(super) fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body.to_string())).into_response()
}

/// `2016-10-03T16:06:11.167000`: how Close's event log writes an instant, without its zone (UTC).
pub(super) fn naive(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// `2016-10-03T16:06:11.167000+00:00`: how Close's objects write an instant.
pub(super) fn zoned(at: Timestamp) -> String {
    format!("{}+00:00", naive(at))
}

/// `2016-10-03T16:06:11.167000Z`: how Calendly writes an instant.
pub(super) fn zulu(at: Timestamp) -> String {
    format!("{}Z", naive(at))
}

/// Reads an instant with or without a zone, or a plain date; without a zone it is UTC.
pub(super) fn instant(text: &str) -> Option<Timestamp> {
    // A plus sign that was not escaped in a query arrives as a space.
    let text = text.trim().replacen(' ', "+", 1);
    text.parse::<Timestamp>()
        .ok()
        .or_else(|| TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok())
        .or_else(|| TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok())
}

/// `+1 415-444-5555` for `+14154445555`; other numbers stay as they are.
pub(super) fn phone_formatted(e164: &str) -> String {
    match e164.strip_prefix("+1") {
        Some(rest) if rest.len() == 10 && rest.is_ascii() => {
            format!("+1 {}-{}-{}", &rest[..3], &rest[3..6], &rest[6..])
        }
        _ => e164.to_owned(),
    }
}

/// The lower-case hex HMAC-SHA256 of `message`.
pub(super) fn hmac_hex(key: &[u8], message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    hex::encode(mac.finalize().into_bytes())
}

/// The object with only the comma-separated `fields`, or all of it.
pub(super) fn trimmed(object: &Value, fields: Option<&String>) -> Value {
    let (Some(fields), Some(members)) = (fields, object.as_object()) else { return object.clone() };
    let wanted: Vec<&str> = fields.split(',').map(str::trim).collect();
    let kept: Map<String, Value> =
        members.iter().filter(|(key, _)| wanted.contains(&key.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect();
    Value::Object(kept)
}

/// The text under `key`; empty when it is absent or null.
pub(super) fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The non-empty text under `key`, owned.
pub(super) fn text_at(object: &Value, key: &str) -> Option<String> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Which members differ, and what they held before.
pub(super) fn difference(before: &Value, after: &Value) -> (Vec<String>, Value) {
    let empty = Map::new();
    let before = before.as_object().unwrap_or(&empty);
    let after = after.as_object().unwrap_or(&empty);
    let mut changed = Vec::new();
    let mut previous = Map::new();
    for (key, value) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old != value && key != "date_updated" {
            changed.push(key.clone());
            previous.insert(key.clone(), old.clone());
        }
    }
    (changed, Value::Object(previous))
}

/// The body of a request as a JSON object.
pub(super) fn object_of(body: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(body).ok()? {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// `{"data": …, "has_more": …}`.
pub(super) fn data_page(data: &[Value], has_more: bool) -> Value {
    json!({ "data": data, "has_more": has_more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_a_zone_without_one_and_as_a_date() {
        let at: Timestamp = "2026-11-20T15:00:00Z".parse().expect("an instant");
        assert_eq!(instant("2026-11-20T15:00:00Z"), Some(at));
        assert_eq!(instant("2026-11-20T15:00:00.000000+00:00"), Some(at));
        assert_eq!(instant("2026-11-20T15:00:00.000000 00:00"), Some(at));
        assert_eq!(instant("2026-11-20T10:00:00-05:00"), Some(at));
        assert_eq!(instant("2026-11-20T15:00:00"), Some(at));
        assert_eq!(instant("2026-11-20").map(|at| at.to_string()), Some("2026-11-20T00:00:00Z".to_owned()));
        assert_eq!(instant("yesterday"), None);
    }

    #[test]
    fn instants_are_written_as_close_and_calendly_write_them() {
        let at: Timestamp = "2016-10-03T16:06:11.167Z".parse().expect("an instant");
        assert_eq!(naive(at), "2016-10-03T16:06:11.167000");
        assert_eq!(zoned(at), "2016-10-03T16:06:11.167000+00:00");
        assert_eq!(zulu(at), "2016-10-03T16:06:11.167000Z");
    }

    #[test]
    fn american_numbers_are_formatted_and_others_left_alone() {
        assert_eq!(phone_formatted("+14154445555"), "+1 415-444-5555");
        assert_eq!(phone_formatted("+442079460018"), "+442079460018");
    }
}
