//! Holds calls back while the other side has said "not before".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::rate_limit::{RateLimit, pause_asked};
use crate::runtime::Clock;
use crate::runtime::clock::{after, until};

/// The pause after a 429 that does not say how long (what Close's own client waits).
const UNTOLD_PAUSE: Duration = Duration::from_secs(2);

/// The call was not sent: its turn comes later than the caller wants to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("held back for {} ms by a rate limit", after.as_millis())]
pub struct Held {
    /// When it may be tried, counted from now.
    pub after: Duration,
}

/// The earliest next call for each group of endpoints of one upstream. Clones share what they know.
#[derive(Clone, Debug)]
pub struct Gate {
    clock: Clock,
    not_before: Arc<Mutex<HashMap<String, Timestamp>>>,
}

impl Gate {
    /// A gate that stands open.
    #[must_use]
    pub fn new(clock: Clock) -> Self {
        Self { clock, not_before: Arc::default() }
    }

    /// Waits until a call to `group` may go out.
    ///
    /// # Errors
    /// [`Held`], at once, when that would take longer than `patience`.
    pub async fn pass(&self, group: &str, patience: Duration) -> Result<(), Held> {
        let give_up = after(self.clock.now(), patience);
        loop {
            let now = self.clock.now();
            // Asked again after each wait: another caller may have learnt of a longer pause in the meantime.
            match self.not_before(group) {
                Some(at) if at > give_up => return Err(Held { after: until(now, at) }),
                Some(at) if at > now => self.clock.sleep_until(at).await,
                _ => return Ok(()),
            }
        }
    }

    /// Takes in what an answer says about the calls to come.
    pub fn learn(&self, group: &str, status: StatusCode, headers: &HeaderMap) {
        let now = self.clock.now();
        let pause = match status {
            StatusCode::TOO_MANY_REQUESTS => Some(pause_asked(headers, now).unwrap_or(UNTOLD_PAUSE)),
            StatusCode::SERVICE_UNAVAILABLE => super::retry_after(headers, now),
            _ => RateLimit::read(headers, now).filter(RateLimit::is_used_up).and_then(|limit| limit.reset),
        };
        if let Some(pause) = pause.filter(|pause| !pause.is_zero()) {
            let at = after(now, pause);
            let mut known = self.not_before.lock().unwrap_or_else(PoisonError::into_inner);
            let entry = known.entry(group.to_owned()).or_insert(at);
            *entry = at.max(*entry);
        }
    }

    /// The instant before which no call to `group` goes out, if there is one.
    #[must_use]
    pub fn not_before(&self, group: &str) -> Option<Timestamp> {
        self.not_before.lock().unwrap_or_else(PoisonError::into_inner).get(group).copied()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn used_up(reset: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("ratelimit", HeaderValue::from_static(reset));
        headers
    }

    #[tokio::test]
    async fn a_used_up_allowance_holds_its_group_until_the_window_ends() {
        let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let gate = Gate::new(clock);
        gate.learn("GET lead", StatusCode::OK, &used_up("limit=20, remaining=0, reset=5"));
        let pass = gate.pass("GET lead", PATIENCE);
        tokio::pin!(pass);
        assert!(futures_util::poll!(&mut pass).is_pending());
        assert_eq!(gate.pass("POST activity/sms", PATIENCE).await, Ok(()));
        time.advance(Duration::from_secs(5));
        assert_eq!(pass.await, Ok(()));
    }

    #[tokio::test]
    async fn a_call_is_not_sent_when_the_wait_is_too_long() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let gate = Gate::new(clock);
        gate.learn("GET lead", StatusCode::TOO_MANY_REQUESTS, &used_up("limit=20, remaining=0, reset=60"));
        assert_eq!(gate.pass("GET lead", PATIENCE).await, Err(Held { after: Duration::from_mins(1) }));
    }

    #[tokio::test]
    async fn a_refusal_without_a_wait_holds_for_two_seconds() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let gate = Gate::new(clock);
        gate.learn("GET lead", StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new());
        assert_eq!(gate.pass("GET lead", Duration::ZERO).await, Err(Held { after: Duration::from_secs(2) }));
    }

    #[tokio::test]
    async fn an_allowance_that_lasts_holds_nobody() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let gate = Gate::new(clock);
        gate.learn("GET lead", StatusCode::OK, &used_up("limit=20, remaining=1, reset=5"));
        assert_eq!(gate.pass("GET lead", Duration::ZERO).await, Ok(()));
    }
}
