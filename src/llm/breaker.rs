//! A circuit breaker: after several failures in a row the other side is left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::runtime::clock::{after, until};

/// How many failures in a row open the circuit.
const FAILURES_TO_OPEN: u32 = 3;

/// How long it stays open before one call is let through to probe.
const REST: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Calls pass; this many failed in a row.
    Closed { failures: u32 },
    /// No call passes until then.
    Open { until: Timestamp },
    /// One call was let through to probe. If it never reports back, another may try at that time.
    HalfOpen { next_probe: Timestamp },
}

/// Whether a call may be made.
#[derive(Debug)]
pub struct Breaker(Mutex<State>);

impl Default for Breaker {
    fn default() -> Self {
        Self(Mutex::new(State::Closed { failures: 0 }))
    }
}

impl Breaker {
    /// Asks to make a call.
    ///
    /// # Errors
    /// How long to leave the other side alone.
    pub fn allow(&self, now: Timestamp) -> Result<(), Duration> {
        let mut state = self.lock();
        match *state {
            State::Closed { .. } => Ok(()),
            State::Open { until: at } | State::HalfOpen { next_probe: at } if now < at => Err(until(now, at)),
            State::Open { .. } | State::HalfOpen { .. } => {
                *state = State::HalfOpen { next_probe: after(now, REST) };
                Ok(())
            }
        }
    }

    /// Reports that the other side works.
    pub fn succeeded(&self) {
        *self.lock() = State::Closed { failures: 0 };
    }

    /// Reports that the other side failed.
    pub fn failed(&self, now: Timestamp) {
        let mut state = self.lock();
        *state = match *state {
            State::Closed { failures } if failures + 1 < FAILURES_TO_OPEN => State::Closed { failures: failures + 1 },
            State::Closed { .. } | State::HalfOpen { .. } => State::Open { until: after(now, REST) },
            // A call that began before the circuit opened does not prolong the rest.
            open @ State::Open { .. } => open,
        };
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn open_at(at: i64) -> Breaker {
        let breaker = Breaker::default();
        for _ in 0..FAILURES_TO_OPEN {
            breaker.failed(second(at));
        }
        breaker
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let breaker = Breaker::default();
        breaker.failed(second(0));
        breaker.failed(second(0));
        breaker.succeeded();
        breaker.failed(second(0));
        breaker.failed(second(0));
        assert_eq!(breaker.allow(second(0)), Ok(()));
        breaker.failed(second(0));
        assert_eq!(breaker.allow(second(10)), Err(Duration::from_secs(20)));
    }

    #[test]
    fn after_the_rest_one_call_probes_and_its_success_closes_the_circuit() {
        let breaker = open_at(0);
        assert_eq!(breaker.allow(second(30)), Ok(()));
        assert_eq!(breaker.allow(second(30)), Err(REST), "a second call waits for the probe");
        breaker.succeeded();
        assert_eq!(breaker.allow(second(31)), Ok(()));
    }

    #[test]
    fn a_failed_probe_opens_it_again_and_a_lost_one_does_not_block_for_ever() {
        let breaker = open_at(0);
        assert_eq!(breaker.allow(second(30)), Ok(()));
        breaker.failed(second(40));
        assert_eq!(breaker.allow(second(69)), Err(Duration::from_secs(1)));
        assert_eq!(breaker.allow(second(70)), Ok(()));
        assert_eq!(breaker.allow(second(100)), Ok(()), "the probe of second 70 never reported");
    }
}
