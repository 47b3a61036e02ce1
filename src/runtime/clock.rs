//! Time: one clock that is either the machine's or moved by hand.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::sync::oneshot;

/// Where the time comes from.
trait TimeSource: Send + Sync {
    fn now(&self) -> Timestamp;
    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()>;
}

/// A cheap handle to the time. Two clones always agree.
#[derive(Clone)]
pub struct Clock(Arc<dyn TimeSource>);

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The time allowed for something ran out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no answer within {0:?}")]
pub struct Elapsed(pub Duration);

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(SystemTime))
    }

    /// A clock that stands still until [`ManualTime`] moves it.
    #[must_use]
    pub fn manual(start: Timestamp) -> (Self, ManualTime) {
        let time = ManualTime(Arc::new(Mutex::new(Manual { now: start, sequence: 0, sleepers: BTreeMap::new() })));
        (Self(Arc::new(time.clone())), time)
    }

    /// The current instant.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.now()
    }

    /// Waits until `at`; returns at once if that has passed.
    pub async fn sleep_until(&self, at: Timestamp) {
        self.0.sleep_until(at).await;
    }

    /// Waits for `duration`.
    pub async fn sleep(&self, duration: Duration) {
        self.sleep_until(after(self.now(), duration)).await;
    }

    /// Runs `future`, giving it up after `limit`.
    ///
    /// # Errors
    /// [`Elapsed`] when the limit came first.
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.sleep(limit) => Err(Elapsed(limit)),
        }
    }
}

/// `at` plus `duration`, held at the end of time instead of overflowing.
#[must_use]
pub fn after(at: Timestamp, duration: Duration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}

/// How long from `now` until `at`; zero if that has passed.
#[must_use]
pub fn until(now: Timestamp, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}

struct SystemTime;

#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the machine's clock")]
impl TimeSource for SystemTime {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let wait = until(self.now(), at);
        Box::pin(tokio::time::sleep(wait))
    }
}

struct Manual {
    now: Timestamp,
    sequence: u64,
    sleepers: BTreeMap<(Timestamp, u64), oneshot::Sender<()>>,
}

/// Moves a [`Clock`] made by [`Clock::manual`].
#[derive(Clone)]
pub struct ManualTime(Arc<Mutex<Manual>>);

impl ManualTime {
    /// Moves the clock forward and wakes everyone whose time has come, earliest first.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.now = after(state.now, duration);
        let now = state.now;
        while let Some(entry) = state.sleepers.first_entry().filter(|entry| entry.key().0 <= now) {
            // A sleeper that was dropped in the meantime has nobody to wake.
            let _ = entry.remove().send(());
        }
    }

    /// When the earliest sleeper wants to be woken.
    #[must_use]
    pub fn next_wake(&self) -> Option<Timestamp> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.sleepers.retain(|_, sleeper| !sleeper.is_closed());
        state.sleepers.keys().next().map(|(at, _)| *at)
    }
}

impl TimeSource for ManualTime {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).now
    }

    fn sleep_until(&self, at: Timestamp) -> BoxFuture<'static, ()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if at <= state.now {
            return Box::pin(std::future::ready(()));
        }
        let (wake, woken) = oneshot::channel();
        state.sequence += 1;
        let key = (at, state.sequence);
        state.sleepers.insert(key, wake);
        Box::pin(async move {
            // The sender only goes away with the clock itself; then nobody waits for the time any more.
            let _ = woken.await;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_time_comes_and_not_before() {
        let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let sleeper = clock.sleep(Duration::from_secs(8));
        tokio::pin!(sleeper);
        assert!(futures_util::poll!(&mut sleeper).is_pending());
        time.advance(Duration::from_secs(7));
        assert!(futures_util::poll!(&mut sleeper).is_pending());
        time.advance(Duration::from_secs(1));
        assert!(futures_util::poll!(&mut sleeper).is_ready());
    }

    #[tokio::test]
    async fn a_timeout_lets_a_ready_answer_through() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        assert_eq!(clock.timeout(Duration::ZERO, async { 7 }).await, Ok(7));
    }
}
