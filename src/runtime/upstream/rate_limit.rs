//! What an answer's headers say about when to come again.

use std::time::Duration;

use http::HeaderMap;
use jiff::fmt::rfc2822::DateTimeParser;
use jiff::{SignedDuration, Timestamp};

use crate::runtime::clock::until;

/// Numbers of seconds above this are instants (seconds since 1970), not waits.
const EPOCH_SECONDS_MIN: f64 = 1e9;

/// What is left of an allowance, as the other side reports it.
///
/// Read from `RateLimit: limit=100, remaining=50, reset=5` (Close; `,` or `;` between the parts, decimals allowed),
/// from `RateLimit: "name";r=50;t=5` (newer IETF drafts), or from a header for each part: `RateLimit-Remaining`,
/// `X-RateLimit-Remaining` (Calendly) and the older `X-Rate-Limit-Remaining`. Models tell of requests in
/// `X-RateLimit-Remaining-Requests`, with `6m0s` as the reset (OpenAI docs, "Rate limits"), or in
/// `Anthropic-RateLimit-Requests-Remaining`, with an instant (Anthropic docs, "Rate limits").
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct RateLimit {
    /// Calls allowed in a window.
    pub limit: Option<f64>,
    /// Calls left in this window.
    pub remaining: Option<f64>,
    /// Until the window ends.
    pub reset: Option<Duration>,
}

impl RateLimit {
    /// Reads the allowance out of an answer's headers; none when they say nothing about it.
    #[must_use]
    pub fn read(headers: &HeaderMap, now: Timestamp) -> Option<Self> {
        let mut found =
            headers.get("ratelimit").and_then(|value| value.to_str().ok()).map(parse_parts).unwrap_or_default();
        found.limit = found.limit.or_else(|| single(headers, "limit").and_then(number));
        found.remaining = found.remaining.or_else(|| single(headers, "remaining").and_then(number));
        found.reset = found.reset.or_else(|| single(headers, "reset").and_then(|text| time_until(text, now)));
        (found != Self::default()).then_some(found)
    }

    /// True when the next call in this window would be refused.
    #[must_use]
    pub fn is_used_up(&self) -> bool {
        self.remaining.is_some_and(|remaining| remaining < 1.0)
    }
}

/// The value of a header for one part, in any spelling.
fn single<'a>(headers: &'a HeaderMap, part: &str) -> Option<&'a str> {
    let names = [
        format!("ratelimit-{part}"),
        format!("x-ratelimit-{part}"),
        format!("x-rate-limit-{part}"),
        format!("x-ratelimit-{part}-requests"),
        format!("anthropic-ratelimit-requests-{part}"),
    ];
    let value = names.iter().find_map(|name| headers.get(name)?.to_str().ok())?;
    // IETF drafts allow `100, 100;w=60`: the first number counts.
    value.split([',', ';']).next().map(str::trim)
}

/// The end of a window: seconds, an instant in seconds since 1970, a span such as `6m0s`, or an instant in words.
fn time_until(text: &str, now: Timestamp) -> Option<Duration> {
    if let Some(seconds) = number(text) {
        return wait(seconds, now);
    }
    let span = text.parse::<SignedDuration>().ok().and_then(|span| Duration::try_from(span).ok());
    span.or_else(|| text.parse::<Timestamp>().ok().map(|at| until(now, at)))
}

/// Reads `retry-after-ms`, or else `retry-after` as seconds (with or without decimals) or as an HTTP date.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(ms / 1000.0).ok();
    }
    let value = text("retry-after")?;
    match number(value) {
        Some(seconds) => wait(seconds, now),
        None => http_date(value).map(|at| until(now, at)),
    }
}

/// The wait that a refusal's headers ask for: the longer of `retry-after` and the end of the window.
#[must_use]
pub fn pause_asked(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    retry_after(headers, now).max(RateLimit::read(headers, now).and_then(|limit| limit.reset))
}

fn parse_parts(value: &str) -> RateLimit {
    let mut found = RateLimit::default();
    for part in value.split([',', ';']) {
        let Some((name, value)) = part.split_once('=') else { continue };
        let Some(value) = number(value) else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "limit" | "q" => found.limit = Some(value),
            "remaining" | "r" => found.remaining = Some(value),
            "reset" | "t" => found.reset = Duration::try_from_secs_f64(value).ok(),
            _ => {}
        }
    }
    found
}

fn number(text: &str) -> Option<f64> {
    let value: f64 = text.trim().trim_matches('"').parse().ok()?;
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// Some servers write the end of the window as an instant; the difference to `now` is meant.
fn wait(seconds: f64, now: Timestamp) -> Option<Duration> {
    let wait = Duration::try_from_secs_f64(seconds).ok()?;
    if seconds < EPOCH_SECONDS_MIN {
        return Some(wait);
    }
    Timestamp::UNIX_EPOCH.checked_add(wait).ok().map(|at| until(now, at))
}

fn http_date(text: &str) -> Option<Timestamp> {
    DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn now() -> Timestamp {
        "2026-09-01T12:00:00Z".parse().expect("an instant")
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let pair = |&(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header value"))
        };
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn both_spellings_of_closes_header_are_read() {
        let wanted = RateLimit { limit: Some(100.0), remaining: Some(50.0), reset: Some(Duration::from_millis(5250)) };
        for value in ["limit=100, remaining=50, reset=5.25", "limit=100;remaining=50;reset=5.25"] {
            assert_eq!(RateLimit::read(&headers(&[("ratelimit", value)]), now()), Some(wanted), "{value}");
        }
    }

    #[test]
    fn separate_headers_are_read_in_every_spelling() {
        for prefix in ["ratelimit", "x-ratelimit", "x-rate-limit"] {
            let mut headers = HeaderMap::new();
            for (part, value) in [("limit", "100"), ("remaining", "0"), ("reset", "30")] {
                let name = HeaderName::try_from(format!("{prefix}-{part}")).expect("a name");
                headers.insert(name, HeaderValue::from_static(value));
            }
            let read = RateLimit::read(&headers, now()).expect("an allowance");
            assert!(read.is_used_up());
            assert_eq!(read.reset, Some(Duration::from_secs(30)));
        }
    }

    #[test]
    fn the_newest_draft_and_an_instant_are_read() {
        let newest = RateLimit::read(&headers(&[("ratelimit", "\"default\";r=0;t=12")]), now()).expect("an allowance");
        assert!(newest.is_used_up());
        assert_eq!(newest.reset, Some(Duration::from_secs(12)));
        let at = (now().as_second() + 90).to_string();
        let instant = RateLimit::read(&headers(&[("x-ratelimit-reset", &at)]), now()).expect("an allowance");
        assert_eq!(instant.reset, Some(Duration::from_secs(90)));
    }

    #[test]
    fn retry_after_is_seconds_decimals_milliseconds_or_a_date() {
        let read = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), now());
        assert_eq!(read(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(read(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
        assert_eq!(read(&[("retry-after-ms", "250"), ("retry-after", "1")]), Some(Duration::from_millis(250)));
        assert_eq!(read(&[("retry-after", "Tue, 01 Sep 2026 12:00:20 GMT")]), Some(Duration::from_secs(20)));
        assert_eq!(read(&[("retry-after", "Tue, 01 Sep 2026 11:00:00 GMT")]), Some(Duration::ZERO));
    }

    #[test]
    fn nonsense_says_nothing() {
        for value in ["", "soon", "-5", "NaN", "inf"] {
            assert_eq!(retry_after(&headers(&[("retry-after", value)]), now()), None, "{value}");
            assert_eq!(RateLimit::read(&headers(&[("ratelimit", value)]), now()), None, "{value}");
        }
    }

    #[test]
    fn a_refusal_asks_for_the_longer_of_its_two_waits() {
        let headers = headers(&[("retry-after", "2"), ("ratelimit", "limit=20, remaining=0, reset=4.5")]);
        assert_eq!(pause_asked(&headers, now()), Some(Duration::from_millis(4500)));
    }
}
