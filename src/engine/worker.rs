//! Workers: claim conversations that are due, take one step in each, give them back.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{Semaphore, watch};

use super::Engine;
use super::absorb::waiting_stop;
use super::plan::{Outlook, Step, next};
use crate::conversation::HandoffKind;
use crate::runtime::Tasks;
use crate::runtime::clock::until;
use crate::store::lane::{Applied, LaneChange, Lease};
use crate::store::{FailedStep, StoreError};

/// The leases this process holds, so that a heartbeat can renew them.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashSet<Lease>>>);

/// Steps that a worker takes in one conversation before others have their turn: a text that arrives, its answer, its sending.
const STEPS_MAX: usize = 4;

/// How long after a claim that failed.
const CLAIM_AGAIN: Duration = Duration::from_secs(1);
/// How long after a claim that found nothing, at least, if nothing changes.
const REST_MIN: Duration = Duration::from_millis(5);

/// How a look at a conversation ended.
enum Visit {
    Done,
    /// The next step is due.
    GoesOn(Lease),
    /// Its turn was given up.
    Cut,
}

impl From<Applied> for Visit {
    fn from(applied: Applied) -> Self {
        match applied {
            Applied::GoesOn(next) => Self::GoesOn(next),
            Applied::Yes | Applied::Superseded | Applied::LeaseLost => Self::Done,
        }
    }
}

impl Held {
    fn leases(&self) -> MutexGuard<'_, HashSet<Lease>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hold(&self, lease: &Lease) -> Holding {
        self.leases().insert(lease.clone());
        Holding { held: self.clone(), lease: lease.clone() }
    }

    fn all(&self) -> Vec<Lease> {
        self.leases().iter().cloned().collect()
    }
}

/// A lease among those held, until it is dropped: however the work ends, nobody renews its lease for ever.
struct Holding {
    held: Held,
    lease: Lease,
}

impl Holding {
    /// The same conversation under its next lease.
    fn follow(&mut self, next: Lease) {
        let mut leases = self.held.leases();
        leases.remove(&self.lease);
        leases.insert(next.clone());
        drop(leases);
        self.lease = next;
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.held.leases().remove(&self.lease);
    }
}

impl Engine {
    /// Works until told to stop. Turns under way are finished, or cut when `tasks` say so; what was not begun or was cut
    /// is given back, so that another process can go on at once. A text on its way is always taken to the end of its
    /// step.
    pub async fn work(self, tasks: Tasks) {
        let slots = Arc::new(Semaphore::new(self.settings.concurrency));
        let held = Held::default();
        let mut changed = self.store.changed();
        self.working.store(true, Ordering::Relaxed);
        let working = async {
            while !tasks.is_stopping() {
                // Armed before the query, so that a change in between is not missed.
                changed.mark_unchanged();
                match self.claim_into(&slots, &held, &tasks).await {
                    Ok(0) => self.rest(&mut changed, &tasks).await,
                    Ok(_) => {}
                    Err(error) => {
                        tracing::error!(%error, "no conversations could be claimed; trying again in a second");
                        // A change elsewhere does not mend a database: nothing wakes this earlier.
                        tokio::select! {
                            biased;
                            () = tasks.stopping() => {}
                            () = self.clock.sleep(CLAIM_AGAIN) => {}
                        }
                    }
                }
            }
            self.working.store(false, Ordering::Relaxed);
            let everyone = u32::try_from(self.settings.concurrency).unwrap_or(u32::MAX);
            // Fails only if the semaphore is closed, which nobody does.
            let _ = slots.acquire_many(everyone).await;
        };
        tokio::select! {
            biased;
            () = working => {}
            () = self.heartbeat(&held) => {}
        }
    }

    /// Begins the work of as many conversations as there are places, and returns how many were due.
    async fn claim_into(&self, slots: &Arc<Semaphore>, held: &Held, tasks: &Tasks) -> Result<usize, StoreError> {
        let first = tokio::select! {
            biased;
            () = tasks.stopping() => return Ok(0),
            first = slots.clone().acquire_owned() => first,
        };
        let Ok(first) = first else { return Ok(0) };
        let mut permits = vec![first];
        while let Ok(more) = slots.clone().try_acquire_owned() {
            permits.push(more);
        }
        let leases = self.store.claim(permits.len(), self.settings.lease, &self.owner).await?;
        let claimed = leases.len();
        for (lease, permit) in leases.into_iter().zip(permits) {
            let (engine, tasks_of_visit) = (self.clone(), tasks.clone());
            let mut holding = held.hold(&lease);
            tasks.spawn(async move {
                for left in (0..STEPS_MAX).rev() {
                    let Some(next) = engine.visit_or_give_back(&holding.lease, left > 0, &tasks_of_visit).await else {
                        break;
                    };
                    holding.follow(next);
                }
                drop(holding);
                drop(permit);
            });
        }
        Ok(claimed)
    }

    /// Sleeps until something changes, the next alarm rings, or the poll comes round.
    async fn rest(&self, changed: &mut watch::Receiver<u64>, tasks: &Tasks) {
        let now = self.clock.now();
        let alarm = self.store.next_wake().await.ok().flatten().map(|at| until(now, at));
        // One that is due already was not to be had: another process is at it this moment.
        let wait = alarm.map_or(self.settings.poll, |alarm| alarm.max(REST_MIN).min(self.settings.poll));
        tokio::select! {
            biased;
            () = tasks.stopping() => {}
            _ = changed.changed() => {}
            () = self.clock.sleep(wait) => {}
        }
    }

    /// Renews the leases this process holds. One that is lost is noticed at its next commit, which is refused.
    async fn heartbeat(&self, held: &Held) {
        loop {
            self.clock.sleep(self.settings.lease / 3).await;
            let leases = held.all();
            if leases.is_empty() {
                continue;
            }
            if let Err(error) = self.store.renew(&leases, self.settings.lease).await {
                tracing::warn!(%error, "leases could not be renewed");
            }
        }
    }

    /// Takes every step that is due now, one after the other, and returns how many. For tests and simulation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn run_due(&self) -> Result<usize, StoreError> {
        let mut steps = 0;
        loop {
            let leases = self.store.claim(self.settings.concurrency, self.settings.lease, &self.owner).await?;
            if leases.is_empty() {
                return Ok(steps);
            }
            for lease in leases {
                let mut next = Some(lease);
                while let Some(lease) = next {
                    steps += 1;
                    next = match self.visit(&lease, true, std::future::pending()).await? {
                        Visit::GoesOn(next) => Some(next),
                        Visit::Done | Visit::Cut => None,
                    };
                }
            }
        }
    }

    /// Takes a step. Returns the lease for the next one, if that is due and the worker `goes_on`.
    async fn visit_or_give_back(&self, lease: &Lease, goes_on: bool, tasks: &Tasks) -> Option<Lease> {
        if tasks.is_stopping() {
            self.hand_over(lease).await;
            return None;
        }
        let visit = AssertUnwindSafe(self.visit(lease, goes_on, tasks.cutting())).catch_unwind();
        let reason = match visit.await {
            Ok(Ok(Visit::Done)) => return None,
            Ok(Ok(Visit::GoesOn(next))) => return Some(next),
            Ok(Ok(Visit::Cut)) => {
                self.hand_over(lease).await;
                return None;
            }
            Ok(Err(error)) => {
                tracing::error!(%error, conversation = %lease.conversation_id, "a step failed");
                format!("This could not be worked on: {error}.")
            }
            Err(_) => {
                tracing::error!(conversation = %lease.conversation_id, "a step panicked; this is a bug in Rapport");
                metrics::counter!("rapport_panics_total").increment(1);
                "This could not be worked on: Rapport met a defect of its own; its log says more.".to_owned()
            }
        };
        if let Err(error) = self.count_failure(lease, reason).await {
            // The lease runs out and the conversation wakes again by itself.
            tracing::error!(%error, conversation = %lease.conversation_id, "the failure could not be noted");
        }
        None
    }

    /// Gives a conversation back as it was, for another process to take up at once. If that fails, its lease runs out.
    async fn hand_over(&self, lease: &Lease) {
        if let Err(error) = self.store.release(lease, Some(self.clock.now()), None).await {
            tracing::warn!(%error, conversation = %lease.conversation_id, "could not be given back; its lease runs out");
        }
    }

    /// Tries again later, or asks a person. An opt-out among the texts that wait holds at once.
    async fn count_failure(&self, lease: &Lease, reason: String) -> Result<(), StoreError> {
        // What made the step fail may make this fail too, and must not hide it.
        let view = self.store.load(lease).await.unwrap_or_else(|error| {
            tracing::error!(%error, conversation = %lease.conversation_id, "a conversation cannot be read");
            None
        });
        let suppress = view.as_ref().and_then(waiting_stop);
        let handoff = view.as_ref().and_then(|view| self.parking(view, &reason));
        let (attempts, seen_seq) = view.map_or((0, i64::MAX), |view| (view.conversation.attempts, view.seen_seq));
        let failed = FailedStep {
            seen_seq,
            retry_at: self.backoff(attempts + 1, Duration::ZERO),
            attempts_max: self.settings.timing.attempts_max,
            reason,
            suppress,
            handoff,
        };
        self.store.fail_step(lease, &failed).await
    }

    /// One look at a conversation, one step. A turn is given up when `cut` resolves: it has changed nothing yet.
    async fn visit(&self, lease: &Lease, goes_on: bool, cut: impl Future<Output = ()>) -> Result<Visit, StoreError> {
        let Some(view) = self.store.load(lease).await? else { return Ok(Visit::Done) };
        let outlook = Outlook {
            view: &view,
            own: &view.own,
            policy: &self.proposer.policy,
            timing: &self.settings.timing,
            now: self.clock.now(),
        };
        // What writes is put on the heap when its time comes: a turn that waits for a model keeps no room for it.
        let change = match next(&outlook) {
            Step::Deliver(effect) => {
                Box::pin(self.deliver(lease, &view, &effect)).await?;
                return Ok(Visit::Done);
            }
            Step::Commit(change) => {
                let failed = change.settled.iter().any(|settled| settled.error.is_some());
                let kind = if failed { HandoffKind::NotSent } else { HandoffKind::LeadWaits };
                self.telling_a_person(&view, *change, kind)
            }
            Step::Turn(assignment) => tokio::select! {
                biased;
                turned = self.turn(&view, &assignment) => {
                    return Ok(Box::pin(self.commit_turn(lease, turned?, goes_on)).await?.into());
                }
                () = cut => return Ok(Visit::Cut),
            },
        };
        Ok(Box::pin(self.store.commit(lease, LaneChange { goes_on, ..change })).await?.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lease_that_follows_is_renewed_instead_of_the_one_before() {
        let lease = |epoch| Lease { conversation_id: "conv_1".to_owned(), epoch };
        let held = Held::default();
        let mut holding = held.hold(&lease(1));
        holding.follow(lease(2));
        assert_eq!(held.all(), [lease(2)]);
        drop(holding);
        assert_eq!(held.all(), []);
    }
}
