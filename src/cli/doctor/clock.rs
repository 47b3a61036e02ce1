//! Is this machine's clock right?

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::super::assemble::World;
use super::{Health, Line, good};
use crate::config::Config;
use crate::engine::recover::{WATERMARK, longest_sleep};
use crate::runtime::clock::after;
use crate::store::{CLOCKS_APART, Store};

/// The difference that is still nobody's business.
const SLACK: SignedDuration = SignedDuration::from_secs(30);
/// How long Close may take to answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Compares the clock with the date in Close's answer. None when Close was not reached, which another line says.
pub(super) async fn line(config: &Config, world: &World) -> Option<Line> {
    let request = http::Request::get(&config.close.base_url).body(Bytes::new()).ok()?;
    let answer = world.http.send(request, LIMIT).await.ok()?;
    let here = world.clock.now();
    Some(match answer.headers().get(http::header::DATE).and_then(|date| there(date.to_str().ok()?)) {
        Some(there) => judge(here, there),
        None => Line { what: "clock", health: Health::Absent("not compared: Close's answer has no date".into()) },
    })
}

/// What a clock that was ahead has left in the records; none if there is nothing of the kind.
pub(super) async fn records(config: &Config, store: &Store, now: Timestamp) -> Option<Line> {
    let mark = store.mark(WATERMARK).await.ok().flatten().filter(|mark| *mark > after(now, CLOCKS_APART));
    let asleep = store.oversleepers(longest_sleep(config.engine.lease, config.engine.max_wait)).await.unwrap_or(0);
    let words = match (mark, asleep) {
        (None, 0) => return None,
        (Some(mark), 0) => format!("Close's events count as read up to {mark}, which is in the future"),
        (_, asleep) => format!("{asleep} conversations sleep longer than they can"),
    };
    let words =
        format!("{words}: the clock was ahead. A running `rapport serve` puts this right within a minute or so");
    Some(Line { what: "records", health: Health::Warning(words) })
}

/// A date as HTTP writes it (RFC 9110, 5.6.7): `Thu, 26 Nov 2026 15:00:00 GMT`.
fn there(date: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()
}

fn judge(here: Timestamp, there: Timestamp) -> Line {
    let ahead = here.duration_since(there);
    if ahead.abs() <= SLACK {
        return good("clock", "agrees with Close's");
    }
    let way = if ahead.is_positive() { "ahead of" } else { "behind" };
    let words = format!(
        "{} s {way} Close's: webhooks dated in the future are refused and texting hours are misjudged. Set the clock, \
         and keep it right with NTP",
        ahead.abs().as_secs()
    );
    Line { what: "clock", health: Health::Bad(words) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_by_how_much_and_which_way() {
        let there = there("Tue, 15 Nov 1994 08:12:31 GMT").expect("RFC 9110's own example");
        assert_eq!(judge(there, there).health, Health::Good("agrees with Close's".to_owned()));
        for (off, words) in [(600, "600 s ahead of Close's"), (-45, "45 s behind Close's")] {
            let Health::Bad(told) = judge(there + SignedDuration::from_secs(off), there).health else {
                panic!("{off}")
            };
            assert!(told.starts_with(words), "{told}");
        }
    }
}
