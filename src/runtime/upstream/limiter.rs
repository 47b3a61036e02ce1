//! Paces calls so that a rate limit is not run into, and holds them back when one was.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use jiff::Timestamp;

use super::rate_limit::{RateLimit, pause_asked, retry_after};
use crate::runtime::Clock;
use crate::runtime::clock::{after, until};

/// The pause after a 429 that does not say how long (what Close's own client waits).
const UNTOLD_PAUSE: Duration = Duration::from_secs(2);
/// No pause is obeyed for longer before the upstream is asked again: what it said may have been meant for another day.
const PAUSE_MAX: Duration = Duration::from_mins(2);
/// From this share of an allowance on, what is left is spread over what is left of the window.
const LOW_SHARE: f64 = 0.2;
/// Calls left that count as few when the size of the allowance is not told.
const LOW_UNTOLD: f64 = 5.0;
/// A window is taken to end a little later than told: instants are rounded, and clocks differ.
const MARGIN: Duration = Duration::from_millis(100);
/// How often a waiting call looks again: an answer may have told of more.
const LOOK: Duration = Duration::from_secs(1);

/// The call was not sent: its turn comes later than the caller wants to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("held back for {} ms by a rate limit", after.as_millis())]
pub struct Held {
    /// When it may be tried, counted from now.
    pub after: Duration,
}

/// What is known of the rate limits of one upstream, by group of endpoints. Clones share it.
#[derive(Clone, Debug)]
pub(super) struct Limiter {
    clock: Clock,
    groups: Arc<Mutex<HashMap<String, Group>>>,
}

#[derive(Debug, Default)]
struct Group {
    /// The upstream said "not before".
    not_before: Option<Timestamp>,
    window: Option<Window>,
    under_way: u32,
}

/// One window of an allowance.
#[derive(Debug)]
struct Window {
    limit: Option<f64>,
    /// What is left, less the calls under way.
    left: f64,
    ends: Timestamp,
    /// The longest time to a window's end that was told.
    length: Duration,
    /// The next call, while few are left.
    next: Timestamp,
}

/// Leave to make one call, counted as under way until it is dropped.
#[derive(Debug)]
pub(super) struct Pass {
    limiter: Limiter,
    group: String,
}

impl Limiter {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, groups: Arc::default() }
    }

    /// Waits until a call to `group` may go out.
    ///
    /// # Errors
    /// [`Held`] when that would take longer than `patience`.
    pub(super) async fn pass(&self, group: &str, patience: Duration) -> Result<Pass, Held> {
        let give_up = after(self.clock.now(), patience);
        loop {
            let now = self.clock.now();
            let earliest = {
                let mut groups = self.lock();
                let group = groups.entry(group.to_owned()).or_default();
                let earliest = group.earliest(now);
                if earliest <= now {
                    group.take(now);
                }
                earliest
            };
            if earliest <= now {
                return Ok(Pass { limiter: self.clone(), group: group.to_owned() });
            }
            if earliest > give_up {
                return Err(Held { after: until(now, earliest) });
            }
            self.clock.sleep_until(earliest.min(after(now, LOOK))).await;
        }
    }

    /// How long a call to `group` would have to wait now; none if not at all.
    pub(super) fn held(&self, group: &str) -> Option<Held> {
        let now = self.clock.now();
        let earliest = self.lock().get_mut(group)?.earliest(now);
        (earliest > now).then(|| Held { after: until(now, earliest) })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Group>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass {
    /// Takes in what the answer says about the calls to come.
    pub(super) fn learn(self, status: StatusCode, headers: &HeaderMap) {
        let now = self.limiter.clock.now();
        let told = RateLimit::read(headers, now);
        let pause = match status {
            StatusCode::TOO_MANY_REQUESTS => Some(pause_asked(headers, now).unwrap_or(UNTOLD_PAUSE)),
            StatusCode::SERVICE_UNAVAILABLE => retry_after(headers, now),
            _ => told.filter(RateLimit::is_used_up).and_then(|told| Some(told.reset? + MARGIN)),
        };
        let mut groups = self.limiter.lock();
        let group = groups.entry(self.group.clone()).or_default();
        if let Some(pause) = pause.filter(|pause| !pause.is_zero()) {
            let at = after(now, pause.min(PAUSE_MAX));
            group.not_before = group.not_before.max(Some(at));
        }
        if let Some(told) = told {
            group.learn(&told, now);
        }
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(group) = self.limiter.lock().get_mut(&self.group) {
            group.under_way = group.under_way.saturating_sub(1);
        }
    }
}

impl Group {
    /// The earliest instant for a call that is asked for at `now`.
    fn earliest(&mut self, now: Timestamp) -> Timestamp {
        self.begin_next_window(now);
        let paced = match &self.window {
            Some(window) if window.left < 1.0 => window.ends,
            Some(window) if window.is_low() => window.next,
            _ => now,
        };
        self.not_before.map_or(paced, |at| at.max(paced)).max(now)
    }

    fn take(&mut self, now: Timestamp) {
        self.under_way += 1;
        let Some(window) = &mut self.window else { return };
        if window.is_low() {
            let spread = until(now, window.ends).div_f64(window.left.max(1.0));
            window.next = after(now, spread);
        }
        window.left -= 1.0;
    }

    /// A window that has ended is followed by one like it, until an answer tells more.
    fn begin_next_window(&mut self, now: Timestamp) {
        let Some(window) = self.window.take_if(|window| window.ends <= now) else { return };
        self.window = window.limit.map(|limit| Window {
            left: limit - f64::from(self.under_way),
            ends: after(now, window.length),
            next: now,
            ..window
        });
    }

    /// The call that tells is still counted as under way, but is part of what it tells.
    fn learn(&mut self, told: &RateLimit, now: Timestamp) {
        let (Some(remaining), Some(reset)) = (told.remaining, told.reset) else { return };
        // A day's allowance is not spread over the day: leads wait. Using it up holds, for a while at a time.
        if reset > PAUSE_MAX {
            self.window = None;
            return;
        }
        let others = self.under_way.saturating_sub(1);
        let known = self.window.take();
        self.window = Some(Window {
            limit: told.limit.or_else(|| known.as_ref().and_then(|known| known.limit)),
            left: remaining - f64::from(others),
            ends: after(now, reset + MARGIN),
            length: known.as_ref().map_or(reset, |known| known.length.max(reset)),
            next: known.map_or(now, |known| known.next),
        });
    }
}

impl Window {
    fn is_low(&self) -> bool {
        self.left <= self.limit.map_or(LOW_UNTOLD, |limit| limit * LOW_SHARE)
    }
}

#[cfg(test)]
#[path = "limiter_tests.rs"]
mod tests;
