//! Spans of time: a month of events does not have to fit into memory, because it is read a span at a time.

use std::time::Duration;

use jiff::Timestamp;

use crate::runtime::clock::{after, until};

/// The span that is tried first; a longer one is tried once that was little.
const LENGTH_FIRST: Duration = Duration::from_hours(6);
/// No shorter span is tried: what it holds is read, however much it is.
const LENGTH_MIN: Duration = Duration::from_secs(1);
/// Pages of one list that a span may have before a shorter one is tried.
const PAGES_MAX: usize = 10;

/// A span of time: from `from` on, and before `to`. Without `to` it has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its first instant.
    pub from: Timestamp,
    /// The first instant after it.
    pub to: Option<Timestamp>,
    /// Pages of one list to read at most.
    pub pages_max: usize,
}

impl Span {
    /// Everything since `from`, however much it is.
    #[must_use]
    pub fn since(from: Timestamp) -> Self {
        Self { from, to: None, pages_max: usize::MAX }
    }

    /// True for an instant in the span.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        at >= self.from && self.to.is_none_or(|to| at < to)
    }
}

impl Span {
    /// True if it is no longer than `length`; one without an end is taken to end `now`.
    #[must_use]
    pub fn is_within(&self, length: Duration, now: Timestamp) -> bool {
        until(self.from, self.to.unwrap_or(now)) <= length
    }
}

/// What a span holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InSpan<T> {
    /// All of it, oldest first.
    All(Vec<T>),
    /// More than [`Span::pages_max`] pages: try a shorter one.
    TooMuch,
}

/// Cuts a stretch of time into spans, oldest first, as short as what they hold asks for.
///
/// Oldest first, so that nothing is missed: an event that changes while the stretch is read moves to a later span.
#[derive(Debug, Clone)]
pub struct Spans {
    next: Timestamp,
    end: Timestamp,
    is_open: bool,
    is_done: bool,
    length: Duration,
}

impl Spans {
    /// From `from` until `end`.
    #[must_use]
    pub fn between(from: Timestamp, end: Timestamp) -> Self {
        Self { next: from, end, is_open: false, is_done: from >= end, length: LENGTH_FIRST }
    }

    /// From `from` until now. The last span has no end, since Close's clock may be ahead of ours.
    #[must_use]
    pub fn until_now(from: Timestamp, now: Timestamp) -> Self {
        Self { is_open: true, is_done: false, ..Self::between(from, now) }
    }

    /// The span to read; none when everything was read.
    #[must_use]
    pub fn current(&self) -> Option<Span> {
        if self.is_done {
            return None;
        }
        let to = after(self.next, self.length).min(self.end);
        let is_last = to >= self.end;
        Some(Span {
            from: self.next,
            to: (!(is_last && self.is_open)).then_some(to),
            pages_max: if self.length > LENGTH_MIN { PAGES_MAX } else { usize::MAX },
        })
    }

    /// The current span was too much: the next [`Spans::current`] is half of it.
    pub fn shorten(&mut self) {
        let tried = until(self.next, self.end).min(self.length);
        self.length = (tried / 2).max(LENGTH_MIN);
    }

    /// The current span was read. Returns the instant before which everything was.
    pub fn advance(&mut self) -> Timestamp {
        self.next = after(self.next, self.length).min(self.end);
        self.is_done = self.next >= self.end;
        self.length = self.length.saturating_mul(2);
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    /// Reads a stretch in which each second holds `pages_per_second`, and returns the spans that were read.
    fn read(mut spans: Spans, pages_per_second: f64) -> Vec<Span> {
        let mut read = Vec::new();
        while let Some(span) = spans.current() {
            let length = until(span.from, span.to.unwrap_or(spans.end));
            if span.pages_max != usize::MAX && length.as_secs_f64() * pages_per_second > 10.0 {
                spans.shorten();
            } else {
                read.push(span);
                spans.advance();
            }
        }
        read
    }

    #[test]
    fn a_quiet_minute_is_one_span_without_an_end() {
        let spans = read(Spans::until_now(at("2026-09-01T12:00:00Z"), at("2026-09-01T12:06:00Z")), 0.0);
        assert_eq!(spans.len(), 1);
        assert_eq!((spans[0].from, spans[0].to), (at("2026-09-01T12:00:00Z"), None));
        assert!(spans[0].holds(at("2026-09-01T13:00:00Z")) && !spans[0].holds(at("2026-09-01T11:59:59Z")));
        let nothing = read(Spans::until_now(at("2026-09-01T12:00:00Z"), at("2026-09-01T12:00:00Z")), 0.0);
        assert_eq!(nothing.len(), 1, "the newest is always read");
    }

    #[test]
    fn a_busy_month_is_read_without_a_hole_in_spans_that_fit() {
        let (from, end) = (at("2026-08-01T00:00:00Z"), at("2026-08-31T00:00:00Z"));
        for pages_per_second in [0.000_01, 0.01, 3.0] {
            let spans = read(Spans::between(from, end), pages_per_second);
            assert_eq!(spans.first().map(|span| span.from), Some(from));
            assert_eq!(spans.last().and_then(|span| span.to), Some(end));
            assert!(spans.windows(2).all(|pair| pair[0].to == Some(pair[1].from)));
        }
    }

    #[test]
    fn a_second_that_holds_too_much_is_read_all_the_same() {
        let spans = read(Spans::between(at("2026-08-01T00:00:00Z"), at("2026-08-01T00:00:02Z")), 1_000.0);
        assert_eq!(spans.len(), 2);
        assert!(spans.iter().all(|span| span.pages_max == usize::MAX));
    }
}
