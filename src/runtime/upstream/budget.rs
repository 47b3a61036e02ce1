//! A budget of retries: when everything fails, tries must not multiply the load.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Retries that can be saved up.
const SAVED_MAX: f64 = 10.0;
/// What each call earns: one retry for ten calls.
const EARNED_BY_CALL: f64 = 0.1;
/// What each second earns, so that a quiet service may try again, too.
const EARNED_BY_SECOND: f64 = 0.1;

/// Retries one upstream may still be asked.
#[derive(Debug)]
pub(super) struct Budget(Mutex<Saved>);

#[derive(Debug)]
struct Saved {
    retries: f64,
    counted_at: Timestamp,
}

impl Budget {
    pub(super) fn new(now: Timestamp) -> Self {
        Self(Mutex::new(Saved { retries: SAVED_MAX, counted_at: now }))
    }

    /// Notes a call that is no retry.
    pub(super) fn earn(&self, now: Timestamp) {
        self.with(now, |saved| saved.retries = (saved.retries + EARNED_BY_CALL).min(SAVED_MAX));
    }

    /// True if a retry may be made; then it is paid.
    pub(super) fn spend(&self, now: Timestamp) -> bool {
        self.with(now, |saved| {
            let affordable = saved.retries >= 1.0;
            if affordable {
                saved.retries -= 1.0;
            }
            affordable
        })
    }

    fn with<T>(&self, now: Timestamp, change: impl FnOnce(&mut Saved) -> T) -> T {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = now.duration_since(saved.counted_at).as_secs_f64().max(0.0);
        saved.retries = (saved.retries + passed * EARNED_BY_SECOND).min(SAVED_MAX);
        saved.counted_at = now;
        change(&mut saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_everything_fails_a_tenth_of_the_calls_is_made_again() {
        let now = Timestamp::UNIX_EPOCH;
        let budget = Budget::new(now);
        let mut retries = 0;
        for _ in 0..1_000 {
            budget.earn(now);
            retries += i32::from(budget.spend(now)) + i32::from(budget.spend(now));
        }
        assert!((105..=110).contains(&retries), "{retries}");
    }

    #[test]
    fn a_quiet_service_earns_its_retries_back_by_waiting() {
        let budget = Budget::new(Timestamp::UNIX_EPOCH);
        while budget.spend(Timestamp::UNIX_EPOCH) {}
        assert!(budget.spend(Timestamp::from_second(11).expect("in range")));
        assert!(!budget.spend(Timestamp::from_second(11).expect("in range")));
    }
}
