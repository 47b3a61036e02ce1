//! A circuit breaker: an upstream that has stopped answering is left alone, and asked now and then whether it is back.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::runtime::Random;
use crate::runtime::clock::after;

/// How many failures in a row open the circuit. More than one read makes before it gives up, so that a single endpoint
/// in trouble, between others that answer, does not count as an outage.
const FAILURES_TO_OPEN: u32 = 5;
/// The first rest, at most; each failed probe doubles it.
const REST_FIRST: Duration = Duration::from_secs(5);
/// No rest is longer: whoever comes back is noticed within a minute.
const REST_MAX: Duration = Duration::from_mins(1);
/// Whether an outage goes on that nobody has asked about for so long is not known.
const NEWS_MAX: Duration = Duration::from_mins(5);
/// When to ask again while somebody else's probe is under way.
const PROBE_WAIT: Duration = Duration::from_secs(5);

/// An upstream that has stopped answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// The first of the failures in a row.
    pub since: Timestamp,
    /// When it may be asked again. May lie in the past: then the next call is the probe.
    pub probe_at: Timestamp,
}

/// The states by their usual names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Calls pass.
    Closed,
    /// One call probes, or the next one will.
    HalfOpen,
    /// No call passes.
    Open,
}

impl BreakerState {
    /// The name in `/readyz` and in logs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// So many calls failed in a row, the first of them at `since`.
    Closed { failures: u32, since: Timestamp },
    /// No call passes until then.
    Open { since: Timestamp, until: Timestamp, rest: Duration },
    /// One call was let through to probe. If it never reports back, another may try at `give_up`.
    HalfOpen { since: Timestamp, rest: Duration, give_up: Timestamp },
}

/// What a reported failure changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turned {
    /// The circuit opened just now.
    Opened,
    /// Nothing that anybody needs to hear of.
    Nothing,
}

/// Whether calls may be made.
#[derive(Debug)]
pub(super) struct Breaker {
    state: Mutex<State>,
    random: Random,
    /// How long a probe may take at most.
    probe_max: Duration,
}

/// Leave to make one call. Dropped without a report, the call says nothing about the upstream.
#[derive(Debug)]
pub(super) struct Leave<'a> {
    breaker: &'a Breaker,
    /// When the probe was let through; none for an ordinary call.
    probing: Option<Timestamp>,
}

impl Breaker {
    pub(super) fn new(random: Random, probe_max: Duration) -> Self {
        let state = Mutex::new(State::Closed { failures: 0, since: Timestamp::UNIX_EPOCH });
        Self { state, random, probe_max }
    }

    /// Asks to make a call. While the circuit is open one caller at a time gets through, and only after the rest.
    pub(super) fn ask(&self, now: Timestamp) -> Result<Leave<'_>, Outage> {
        let mut state = self.lock();
        if let Some(outage) = resting(&state, now) {
            return Err(outage);
        }
        let (State::Open { since, rest, .. } | State::HalfOpen { since, rest, .. }) = *state else {
            return Ok(Leave { breaker: self, probing: None });
        };
        *state = State::HalfOpen { since, rest, give_up: after(now, self.probe_max) };
        Ok(Leave { breaker: self, probing: Some(now) })
    }

    /// The outage, while calls are refused.
    pub(super) fn resting(&self, now: Timestamp) -> Option<Outage> {
        resting(&self.lock(), now)
    }

    /// The outage, until a call has been answered again or nobody has asked for long.
    pub(super) fn outage(&self, now: Timestamp) -> Option<Outage> {
        match *self.lock() {
            State::Closed { .. } => None,
            State::Open { until, .. } if now > after(until, NEWS_MAX) => None,
            State::Open { since, until, .. } => Some(Outage { since, probe_at: until }),
            State::HalfOpen { since, .. } => Some(Outage { since, probe_at: after(now, PROBE_WAIT) }),
        }
    }

    pub(super) fn state(&self, now: Timestamp) -> BreakerState {
        match *self.lock() {
            State::Closed { .. } => BreakerState::Closed,
            State::Open { until, .. } if now < until => BreakerState::Open,
            State::Open { .. } | State::HalfOpen { .. } => BreakerState::HalfOpen,
        }
    }

    /// Between half of `ceiling` and the whole, so that several processes do not probe at once.
    fn rest(&self, ceiling: Duration) -> Duration {
        ceiling / 2 + self.random.jitter(ceiling / 2)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn resting(state: &State, now: Timestamp) -> Option<Outage> {
    match *state {
        State::Open { since, until, .. } if now < until => Some(Outage { since, probe_at: until }),
        State::HalfOpen { since, give_up, .. } if now < give_up => {
            Some(Outage { since, probe_at: after(now, PROBE_WAIT).min(give_up) })
        }
        _ => None,
    }
}

impl Leave<'_> {
    /// The upstream answered. True if that ended an outage.
    pub(super) fn answered(mut self) -> bool {
        self.probing = None;
        let mut state = self.breaker.lock();
        let ended = !matches!(*state, State::Closed { .. });
        *state = State::Closed { failures: 0, since: Timestamp::UNIX_EPOCH };
        ended
    }

    /// The upstream did not answer, or answered that it is in trouble.
    pub(super) fn failed(mut self, now: Timestamp) -> Turned {
        let probing = self.probing.take().is_some();
        let mut state = self.breaker.lock();
        match *state {
            State::Closed { failures, since } => {
                let since = if failures == 0 { now } else { since };
                if failures + 1 < FAILURES_TO_OPEN {
                    *state = State::Closed { failures: failures + 1, since };
                    return Turned::Nothing;
                }
                let until = after(now, self.breaker.rest(REST_FIRST));
                *state = State::Open { since, until, rest: REST_FIRST };
                Turned::Opened
            }
            State::HalfOpen { since, rest, .. } if probing => {
                let rest = rest.saturating_mul(2).min(REST_MAX);
                *state = State::Open { since, until: after(now, self.breaker.rest(rest)), rest };
                Turned::Nothing
            }
            // A call that began before the circuit opened does not prolong the rest.
            State::Open { .. } | State::HalfOpen { .. } => Turned::Nothing,
        }
    }
}

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        let Some(began) = self.probing else { return };
        // The probe was given up before it ended: the next caller may try at once.
        let mut state = self.breaker.lock();
        match *state {
            State::HalfOpen { since, rest, give_up } if give_up == after(began, self.breaker.probe_max) => {
                *state = State::Open { since, until: began, rest };
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn breaker() -> Breaker {
        Breaker::new(Random::seeded(1), Duration::from_secs(40))
    }

    fn fail(breaker: &Breaker, at: i64) -> Turned {
        breaker.ask(second(at)).expect("calls pass").failed(second(at))
    }

    /// A breaker that opened at second 4, and the end of its first rest.
    fn opened() -> (Breaker, Timestamp) {
        let breaker = breaker();
        let turned: Vec<Turned> = (0..5).map(|at| fail(&breaker, at)).collect();
        assert_eq!(turned[4], Turned::Opened);
        let outage = breaker.resting(second(4)).expect("open");
        assert_eq!(outage.since, second(0), "an outage began with its first failure");
        (breaker, outage.probe_at)
    }

    #[test]
    fn it_opens_after_failures_in_a_row_only() {
        let breaker = breaker();
        for _ in 0..4 {
            fail(&breaker, 0);
        }
        assert!(!breaker.ask(second(0)).expect("calls pass").answered());
        for _ in 0..4 {
            fail(&breaker, 0);
        }
        assert_eq!((breaker.state(second(0)), breaker.outage(second(0))), (BreakerState::Closed, None));
        assert_eq!(fail(&breaker, 0), Turned::Opened);
        assert_eq!(breaker.state(second(0)), BreakerState::Open);
    }

    #[test]
    fn after_the_rest_one_call_probes_and_its_answer_closes_the_circuit() {
        let (breaker, probe_at) = opened();
        assert!(probe_at <= second(4 + 5));
        let probe = breaker.ask(probe_at).expect("the probe passes");
        assert_eq!(breaker.state(probe_at), BreakerState::HalfOpen);
        let refused = breaker.ask(probe_at).expect_err("a second call waits for the probe");
        assert_eq!(refused.probe_at, after(probe_at, PROBE_WAIT));
        assert!(probe.answered(), "the outage is over");
        assert_eq!(breaker.outage(probe_at), None);
        assert!(breaker.ask(probe_at).is_ok());
    }

    #[test]
    fn failed_probes_rest_longer_but_never_longer_than_a_minute() {
        let (breaker, mut at) = opened();
        let mut rests = Vec::new();
        for _ in 0..8 {
            breaker.ask(at).expect("the probe passes").failed(at);
            let outage = breaker.resting(at).expect("open again");
            assert_eq!(outage.since, second(0), "it is one outage");
            rests.push(outage.probe_at.duration_since(at).as_secs_f64());
            at = outage.probe_at;
        }
        assert!((5.0..=10.0).contains(&rests[0]), "{rests:?}");
        assert!(rests[4..].iter().all(|rest| (30.0..=60.0).contains(rest)), "{rests:?}");
    }

    #[test]
    fn an_outage_that_nobody_asks_about_is_no_news_but_the_next_call_is_still_a_probe() {
        let (breaker, probe_at) = opened();
        assert!(breaker.outage(after(probe_at, NEWS_MAX)).is_some());
        let much_later = after(probe_at, Duration::from_hours(3));
        assert_eq!((breaker.outage(much_later), breaker.state(much_later)), (None, BreakerState::HalfOpen));
        breaker.ask(much_later).expect("the probe passes").failed(much_later);
        assert_eq!(breaker.outage(much_later).expect("still down").since, second(0));
    }

    #[test]
    fn a_probe_that_is_dropped_or_lost_does_not_block_for_ever() {
        let (breaker, at) = opened();
        drop(breaker.ask(at).expect("the probe passes"));
        let lost = breaker.ask(at).expect("another may probe at once");
        assert!(breaker.ask(after(at, Duration::from_secs(39))).is_err());
        assert!(breaker.ask(after(at, Duration::from_secs(40))).is_ok(), "the probe never reported");
        drop(lost);
    }

    #[test]
    fn a_call_that_began_before_the_outage_changes_its_end_only_by_an_answer() {
        let breaker = breaker();
        let (late_failure, late_answer) =
            (breaker.ask(second(0)).expect("passes"), breaker.ask(second(0)).expect("passes"));
        for _ in 0..5 {
            fail(&breaker, 1);
        }
        let before = breaker.outage(second(2));
        late_failure.failed(second(2));
        assert_eq!(breaker.outage(second(2)), before);
        assert!(late_answer.answered(), "an answer is an answer");
    }
}
