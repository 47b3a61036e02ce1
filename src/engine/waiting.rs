//! What becomes of a conversation while somebody outside does not answer, or asks for patience: it waits, and that is no
//! attempt of its own.

use std::slice;
use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use super::words::sentence;
use crate::close::CloseError;
use crate::conversation::placeholder::told;
use crate::llm::{self, ModelError};
use crate::runtime::clock::{after, until};
use crate::runtime::upstream::{Outage, Outcome, Upstream};

/// The shortest wait: a conversation that comes back sooner only finds the same.
const WAIT_MIN: Duration = Duration::from_secs(1);
/// The wait for an upstream that asks for patience without saying how much.
const UNTOLD: Duration = Duration::from_secs(5);
/// The longest wait for one that asks for more: it is asked again, in case it meant another day.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A wait for somebody outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wait {
    /// Until when.
    pub(super) until: Timestamp,
    /// For whom, in a sentence for the rep.
    pub(super) sentence: String,
}

/// What is to be done about a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remedy {
    /// Trying again would not help: a person is asked.
    Person,
    /// Trying again may help; a person is asked when it has not for a number of times.
    Retry {
        /// The wait the other side asked for.
        at_least: Duration,
    },
    /// Nothing is wrong with this conversation: it waits, and no attempt is counted.
    Wait(Wait),
}

impl Engine {
    /// Close, the calendar and the models, as this process knows them.
    #[must_use]
    pub fn upstreams(&self) -> Vec<Upstream> {
        let calendar = self.calendar.iter().map(|calendar| calendar.upstream().clone());
        [self.close.upstream().clone()].into_iter().chain(calendar).chain(self.proposer.model.upstreams()).collect()
    }

    /// Who has stopped answering and what that means, a sentence each.
    #[must_use]
    pub fn outages(&self) -> Vec<String> {
        let models = self.proposer.model.upstreams();
        let another_model = models.iter().any(|model| model.outage().is_none());
        let down = |upstream: &Upstream| Some(self.outage_words(upstream, &upstream.outage()?));
        let close = down(self.close.upstream()).map(|words| format!("{words} Texts wait and go on by themselves."));
        let calendar = self.calendar.as_ref().and_then(|calendar| down(calendar.upstream()));
        let calendar = calendar.map(|words| format!("{words} Replies offer no times and no links meanwhile."));
        let consequence =
            if another_model { "The other model answers meanwhile." } else { "Replies wait and are written later." };
        let models = models.iter().filter_map(down).map(|words| format!("{words} {consequence}"));
        close.into_iter().chain(calendar).chain(models).collect()
    }

    /// Why no turn can be made now; none when everybody a turn needs can be asked.
    pub(super) fn cannot_begin(&self) -> Option<Wait> {
        self.close_rests().or_else(|| self.models_rest()).or_else(|| self.model_has_no_place())
    }

    /// The wait for Close, while it is left alone.
    pub(super) fn close_rests(&self) -> Option<Wait> {
        let close = self.close.upstream();
        close.resting().map(|outage| self.wait_for(close, &outage))
    }

    /// The wait for a model, while every one is left alone.
    fn models_rest(&self) -> Option<Wait> {
        let models = self.proposer.model.upstreams();
        let resting: Option<Vec<(Outage, &Upstream)>> =
            models.iter().map(|model| Some((model.resting()?, model))).collect();
        let (outage, model) = resting?.into_iter().min_by_key(|(outage, _)| outage.probe_at)?;
        Some(self.wait_for(model, &outage))
    }

    /// The wait for a place or a rate limit of the main model. While it is left alone the fallback is asked.
    fn model_has_no_place(&self) -> Option<Wait> {
        let models = self.proposer.model.upstreams();
        let main = models.first().filter(|main| main.resting().is_none())?;
        if let Some(busy) = main.busy() {
            let sentence = "Many replies are being written; this one's turn comes.".to_owned();
            return Some(Wait { until: after(self.clock.now(), busy.after.max(WAIT_MIN)), sentence });
        }
        let held = main.held(llm::GROUP).filter(|_| models.len() == 1)?;
        let sentence = format!("{} is over its rate limit; the reply is written when it allows.", main.name());
        Some(Wait { until: self.spread(held.after.min(WAIT_MAX)), sentence })
    }

    /// What a failed call to Close means for a turn that began at `begun`.
    pub(super) fn remedy_at_close(&self, error: &CloseError, begun: Timestamp) -> Remedy {
        let at_least = match error.outcome() {
            Outcome::Rejected => return Remedy::Person,
            Outcome::Retryable { after } => after.unwrap_or_default(),
            // A read changes nothing.
            Outcome::Unknown => Duration::ZERO,
        };
        if let Some(wait) = self.outage_before(slice::from_ref(self.close.upstream()), begun) {
            return Remedy::Wait(wait);
        }
        if error.is_rate_limit() {
            return Remedy::Wait(self.as_asked(error, at_least));
        }
        Remedy::Retry { at_least: at_least.min(WAIT_MAX) }
    }

    /// What a failed call to the models means for a turn that began at `begun`.
    pub(super) fn remedy_at_model(&self, error: &ModelError, begun: Timestamp) -> Remedy {
        if !error.is_retryable() {
            return Remedy::Person;
        }
        let at_least = error.retry_after().unwrap_or_default();
        if let Some(wait) = self.outage_before(&self.proposer.model.upstreams(), begun) {
            return Remedy::Wait(wait);
        }
        if error.is_rate_limit() {
            return Remedy::Wait(self.as_asked(error, at_least));
        }
        Remedy::Retry { at_least: at_least.min(WAIT_MAX) }
    }

    /// The wait for an outage that began before the turn did: it is the reason, whatever the error says. One that began
    /// in the turn may also be the turn's own doing (a lead's record that Close cannot give out), so that such a failure
    /// counts as an attempt.
    fn outage_before(&self, upstreams: &[Upstream], begun: Timestamp) -> Option<Wait> {
        let down = |upstream: &Upstream| {
            upstream.outage().filter(|outage| outage.since < begun).map(|outage| self.wait_for(upstream, &outage))
        };
        upstreams.iter().filter_map(down).min_by_key(|wait| wait.until)
    }

    /// The wait that an upstream asked for.
    fn as_asked(&self, error: &impl std::fmt::Display, at_least: Duration) -> Wait {
        let wait = if at_least.is_zero() { UNTOLD } else { at_least.min(WAIT_MAX) };
        Wait { until: self.spread(wait), sentence: sentence(&error.to_string()) }
    }

    /// When to go on with a text after Close failed: at the end of its rest, or soon.
    pub(super) fn again_at_close(&self, attempts: u32, at_least: Duration) -> Timestamp {
        let at_least = at_least.min(WAIT_MAX);
        match self.close.upstream().outage() {
            Some(outage) => self.after_outage(&outage).max(after(self.clock.now(), at_least)),
            None => self.backoff(attempts, at_least),
        }
    }

    fn wait_for(&self, upstream: &Upstream, outage: &Outage) -> Wait {
        let sentence = format!("{} It goes on by itself.", self.outage_words(upstream, outage));
        Wait { until: self.after_outage(outage), sentence }
    }

    fn outage_words(&self, upstream: &Upstream, outage: &Outage) -> String {
        let since = told(outage.since, &self.settings.organisation.timezone);
        format!("{} has not answered since {since} ({}).", upstream.name(), upstream.trouble())
    }

    fn after_outage(&self, outage: &Outage) -> Timestamp {
        self.spread(until(self.clock.now(), outage.probe_at))
    }

    /// An instant between once and twice `wait` from now, so that not everyone who waits comes at once.
    pub(super) fn spread(&self, wait: Duration) -> Timestamp {
        let wait = wait.max(WAIT_MIN);
        after(self.clock.now(), wait + self.random.jitter(wait))
    }
}
