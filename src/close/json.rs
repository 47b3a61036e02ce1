//! Lenient reading of Close's JSON: a missing, null or misshapen part is simply not there.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value};

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
    fn an_instant_without_an_offset_is_utc() {
        let instant = "2019-01-15T12:48:23.395Z".parse().ok();
        assert_eq!(parse_time("2019-01-15T12:48:23.395000"), instant);
        assert_eq!(parse_time("2019-01-15T12:48:23.395000+00:00"), instant);
        assert_eq!(parse_time("2019-01-15T13:48:23.395+01:00"), instant);
        assert_eq!(parse_time("2019-01-15 12:48:23.395"), instant);
        assert_eq!(parse_time("yesterday"), None);
    }
}
