//! One upstream, and one exchange with it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;

use super::breaker::{Breaker, BreakerState, Outage, Turned};
use super::budget::Budget;
use super::limiter::{Held, Limiter};
use super::outcome::CallKind;
use super::slots::{Busy, Slots};
use crate::runtime::http::{Http, Request, Response, TransportError};
use crate::runtime::{Clock, Random};

/// How long a probe may take beyond the time limit of its call before another may be made.
const PROBE_SLACK: Duration = Duration::from_secs(30);

/// How an upstream is called.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Its name, for people and metrics: `Close`, `Model gpt-4.1-mini`.
    pub name: String,
    /// Time allowed for one exchange.
    pub timeout: Duration,
    /// No try begins later than this after the first.
    pub retry_window: Duration,
    /// How long a read waits for a place and for a rate limit.
    pub read_patience: Duration,
    /// The same for a write: shortly, because what cleared it may change meanwhile.
    pub write_patience: Duration,
    /// Exchanges at once; none for any number.
    pub concurrency: Option<u32>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Not sent: the rate limit would refuse it.
    #[error(transparent)]
    Held(#[from] Held),
    /// Not sent: as many calls are under way as are allowed.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// Not sent: the upstream has stopped answering and is left alone.
    #[error("it has not answered for a while and is left alone")]
    Resting(Outage),
    /// Sent, perhaps in part.
    #[error(transparent)]
    Transport(#[from] TransportError),
}

/// Close, Calendly or a model, as this process knows it. Clones share what is known.
#[derive(Clone, Debug)]
pub struct Upstream {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    manner: Manner,
    http: Http,
    clock: Clock,
    random: Random,
    limiter: Limiter,
    breaker: Breaker,
    budget: Budget,
    slots: Option<Slots>,
    /// What the last failure was, for people.
    trouble: Mutex<String>,
}

impl Upstream {
    /// An upstream of which nothing is known yet.
    #[must_use]
    pub fn new(manner: Manner, http: Http, clock: Clock, random: Random) -> Self {
        let inner = Inner {
            limiter: Limiter::new(clock.clone()),
            breaker: Breaker::new(random.clone(), manner.timeout + PROBE_SLACK),
            budget: Budget::new(clock.now()),
            slots: manner.concurrency.map(|size| Slots::new(clock.clone(), size)),
            trouble: Mutex::default(),
            manner,
            http,
            clock,
            random,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The same upstream, forgotten, with its jitter drawn from `random`.
    #[must_use]
    pub fn with_random(&self, random: Random) -> Self {
        let Inner { manner, http, clock, .. } = &*self.inner;
        Self::new(manner.clone(), http.clone(), clock.clone(), random)
    }

    /// Its name, for people and metrics.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.manner.name
    }

    /// The outage, from the call that was one failure too many until one is answered again, or nobody has asked for
    /// some minutes.
    #[must_use]
    pub fn outage(&self) -> Option<Outage> {
        self.inner.breaker.outage(self.inner.clock.now())
    }

    /// The outage, as long as a call would be refused without being sent.
    #[must_use]
    pub fn resting(&self) -> Option<Outage> {
        self.inner.breaker.resting(self.inner.clock.now())
    }

    /// Whether a call would have to wait for a place; then one in the queue is given.
    #[must_use]
    pub fn busy(&self) -> Option<Busy> {
        self.inner.slots.as_ref().and_then(Slots::busy)
    }

    /// Whether a read of `group` would have to wait for a rate limit longer than it is willing to.
    #[must_use]
    pub fn held(&self, group: &str) -> Option<Held> {
        self.inner.limiter.held(group).filter(|held| held.after > self.inner.manner.read_patience)
    }

    /// How its circuit breaker stands.
    #[must_use]
    pub fn breaker(&self) -> BreakerState {
        self.inner.breaker.state(self.inner.clock.now())
    }

    /// What the last failure was, in a few words; empty when there was none.
    #[must_use]
    pub fn trouble(&self) -> String {
        self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes one exchange with the endpoints that `group` names, when a place is free and the rate limit allows it.
    ///
    /// # Errors
    /// [`SendError`]. An answer of any status is `Ok`.
    pub async fn send(&self, kind: CallKind, group: &str, request: Request) -> Result<Response, SendError> {
        let Inner { manner, http, clock, limiter, breaker, slots, .. } = &*self.inner;
        let patience = match kind {
            CallKind::Read => manner.read_patience,
            CallKind::Write => manner.write_patience,
        };
        // Asked first of all, so that nobody waits for a place in order to be refused.
        if let Some(outage) = breaker.resting(clock.now()) {
            return self.unsent(SendError::Resting(outage));
        }
        let _slot = match slots {
            Some(slots) => match slots.take(patience).await {
                Ok(slot) => Some(slot),
                Err(busy) => return self.unsent(busy.into()),
            },
            None => None,
        };
        let pass = match limiter.pass(group, patience).await {
            Ok(pass) => pass,
            Err(held) => return self.unsent(held.into()),
        };
        let leave = match breaker.ask(clock.now()) {
            Ok(leave) => leave,
            Err(outage) => return self.unsent(SendError::Resting(outage)),
        };
        let answer = http.send(request, manner.timeout).await;
        let trouble = match &answer {
            Ok(answer) => trouble_of(answer.status()),
            Err(error) => Some(error.to_string()),
        };
        match trouble {
            Some(trouble) => self.note_failure(trouble, leave.failed(clock.now())),
            None if leave.answered() => tracing::info!(upstream = self.name(), "answers again"),
            None => {}
        }
        self.count(answer.as_ref().map_or("unanswered", |answer| result_of(answer.status())));
        let answer = answer?;
        pass.learn(answer.status(), answer.headers());
        tracing::debug!(upstream = self.name(), group, status = answer.status().as_u16(), "answered");
        Ok(answer)
    }

    fn unsent(&self, error: SendError) -> Result<Response, SendError> {
        self.count("held");
        Err(error)
    }

    fn note_failure(&self, trouble: String, turned: Turned) {
        if turned == Turned::Opened {
            tracing::warn!(
                upstream = self.name(),
                "does not answer ({trouble}): it is left alone, and asked now and then, every minute at most, whether it is back"
            );
        }
        *self.inner.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    fn count(&self, result: &'static str) {
        let name = self.name().to_owned();
        metrics::counter!("rapport_upstream_calls_total", "upstream" => name, "result" => result).increment(1);
    }

    pub(super) fn manner(&self) -> &Manner {
        &self.inner.manner
    }

    pub(super) fn budget(&self) -> &Budget {
        &self.inner.budget
    }

    /// The time.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    pub(super) fn random(&self) -> &Random {
        &self.inner.random
    }
}

/// Only a server in trouble counts as one that does not answer: a refusal, of whatever kind, is an answer.
fn trouble_of(status: StatusCode) -> Option<String> {
    status.is_server_error().then(|| format!("it answers {}", status.as_u16()))
}

fn result_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::TOO_MANY_REQUESTS => "limited",
        _ if status.is_server_error() => "failed",
        _ if status.is_success() => "ok",
        _ => "refused",
    }
}

impl Outage {
    /// When calls were first not answered, as `14:02 UTC`, with the day if that is not today.
    #[must_use]
    pub fn since_words(&self, now: Timestamp) -> String {
        let (since, now) =
            (self.since.to_zoned_datetime(jiff::tz::TimeZone::UTC), now.to_zoned_datetime(jiff::tz::TimeZone::UTC));
        let form = if since.date() == now.date() { "%H:%M UTC" } else { "%b %-d, %H:%M UTC" };
        since.strftime(form).to_string()
    }
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
