//! Lenient reading of Close's JSON: a missing, null or misshapen part is simply not there.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

/// Parses JSON as Close sends it. A half of a surrogate pair, which a phone may cut off a picture letter, is no Unicode: it
/// becomes U+FFFD instead of making the whole text unreadable.
pub(super) fn parse(bytes: &[u8]) -> Result<Value, serde_json::Error> {
    serde_json::from_slice(bytes).or_else(|error| match mend_surrogates(bytes) {
        Some(mended) => serde_json::from_slice(&mended),
        None => Err(error),
    })
}

/// The same JSON with every unpaired surrogate escape replaced; none if there is nothing to mend.
fn mend_surrogates(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut mended = bytes.to_vec();
    let (mut at, mut found) = (0, false);
    while at + 1 < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match (unit(bytes, at), unit(bytes, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => at += 12,
            (Some(0xD800..=0xDFFF), _) => {
                mended[at + 2..at + 6].copy_from_slice(b"fffd");
                found = true;
                at += 6;
            }
            (Some(_), _) => at += 6,
            (None, _) => at += 2,
        }
    }
    found.then_some(mended)
}

/// The value of the `\\uXXXX` escape at `at`, if there is one.
fn unit(bytes: &[u8], at: usize) -> Option<u16> {
    let digits = bytes.get(at..at + 6)?.strip_prefix(b"\\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// An object's fields.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(Option<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    /// The fields of `value`; none at all when it is not an object.
    pub(super) fn of(value: &'a Value) -> Self {
        Self(value.as_object())
    }

    /// The value of `key`, unless it is null.
    pub(super) fn value(self, key: &str) -> Option<&'a Value> {
        self.0?.get(key).filter(|value| !value.is_null())
    }

    /// A text that is not empty; a number counts as its digits.
    pub(super) fn text(self, key: &str) -> Option<String> {
        self.raw_text(key).filter(|text| !text.trim().is_empty())
    }

    /// A text, empty or not.
    pub(super) fn raw_text(self, key: &str) -> Option<String> {
        match self.value(key)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// A yes or no.
    pub(super) fn flag(self, key: &str) -> Option<bool> {
        self.value(key)?.as_bool()
    }

    /// An instant, with or without an offset.
    pub(super) fn time(self, key: &str) -> Option<Timestamp> {
        parse_time(self.value(key)?.as_str()?)
    }

    /// The items of a list; nothing when it is not one.
    pub(super) fn list(self, key: &str) -> &'a [Value] {
        self.value(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The texts of a list.
    pub(super) fn texts(self, key: &str) -> Vec<String> {
        self.list(key).iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The fields of an object inside.
    pub(super) fn object(self, key: &str) -> Fields<'a> {
        Fields(self.value(key).and_then(Value::as_object))
    }

    /// Every field with its name.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.0.into_iter().flatten()
    }
}

/// Reads an instant as Close writes it: `2016-10-03T16:06:11.167000+00:00` in objects, without an offset (and then UTC)
/// in events and subscriptions.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_does_not_hide_the_text() {
        let text = |json: &str| parse(json.as_bytes()).expect("readable")["text"].as_str().map(str::to_owned);
        assert_eq!(text(r#"{"text":"bye \ud83d"}"#).as_deref(), Some("bye \u{fffd}"));
        assert_eq!(text(r#"{"text":"\udc00 \ud83d\ude00 ok"}"#).as_deref(), Some("\u{fffd} \u{1f600} ok"));
        assert_eq!(text(r#"{"text":"a \\ud83d"}"#).as_deref(), Some("a \\ud83d"), "an escaped backslash is no escape");
        assert!(parse(b"{\"text\":").is_err());
    }

    #[test]
    fn an_instant_without_an_offset_is_utc() {
        let instant = "2019-01-15T12:48:23.395Z".parse().ok();
        assert_eq!(parse_time("2019-01-15T12:48:23.395000"), instant);
        assert_eq!(parse_time("2019-01-15T12:48:23.395000+00:00"), instant);
        assert_eq!(parse_time("2019-01-15T13:48:23.395+01:00"), instant);
        assert_eq!(parse_time("2019-01-15 12:48:23.395"), instant);
        assert_eq!(parse_time("yesterday"), None);
    }
}
