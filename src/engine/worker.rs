//! Workers: claim conversations that are due, take one step in each, give them back.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::Engine;
use super::plan::{Outlook, Step, next, waiting_stop};
use crate::runtime::Tasks;
use crate::runtime::clock::until;
use crate::store::lane::{EventKind, LaneView, Lease};
use crate::store::{FailedStep, StoreError};

/// The leases this process holds, so that a heartbeat can renew them.
#[derive(Clone, Default)]
struct Held(Arc<Mutex<HashSet<Lease>>>);

impl Held {
    fn add(&self, lease: &Lease) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(lease.clone());
    }

    fn remove(&self, lease: &Lease) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(lease);
    }

    fn all(&self) -> Vec<Lease> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl Engine {
    /// Works until told to stop. Turns under way are finished; their conversations are given back.
    pub async fn work(self, tasks: Tasks) {
        let slots = Arc::new(Semaphore::new(self.settings.concurrency));
        let held = Held::default();
        tasks.spawn(self.clone().heartbeat(tasks.clone(), held.clone()));
        let mut changed = self.store.changed();
        self.working.store(true, Ordering::Relaxed);
        while !tasks.is_stopping() {
            // Armed before the query, so that a change in between is not missed.
            changed.mark_unchanged();
            let claimed = self.claim_into(&slots, &held, &tasks).await;
            if claimed == 0 {
                self.rest(&mut changed, &tasks).await;
            }
        }
        self.working.store(false, Ordering::Relaxed);
    }

    async fn claim_into(&self, slots: &Arc<Semaphore>, held: &Held, tasks: &Tasks) -> usize {
        let Ok(first) = slots.clone().acquire_owned().await else { return 0 };
        let mut permits = vec![first];
        while let Ok(more) = slots.clone().try_acquire_owned() {
            permits.push(more);
        }
        let leases = match self.store.claim(permits.len(), self.settings.lease, &self.owner).await {
            Ok(leases) => leases,
            Err(error) => {
                tracing::error!(%error, "no conversations could be claimed; trying again");
                Vec::new()
            }
        };
        let claimed = leases.len();
        for (lease, permit) in leases.into_iter().zip(permits) {
            let (engine, held) = (self.clone(), held.clone());
            held.add(&lease);
            tasks.spawn(async move {
                engine.visit_and_log(&lease).await;
                held.remove(&lease);
                drop(permit);
            });
        }
        claimed
    }

    /// Sleeps until something changes, the next alarm rings, or the poll comes round.
    async fn rest(&self, changed: &mut watch::Receiver<u64>, tasks: &Tasks) {
        let now = self.clock.now();
        let alarm = self.store.next_wake().await.ok().flatten().map(|at| until(now, at));
        let wait = alarm.map_or(self.settings.poll, |alarm| alarm.min(self.settings.poll));
        tokio::select! {
            biased;
            () = tasks.stopping() => {}
            _ = changed.changed() => {}
            () = self.clock.sleep(wait) => {}
        }
    }

    /// Renews the leases this process holds. One that is lost is noticed at its next commit, which is refused.
    async fn heartbeat(self, tasks: Tasks, held: Held) {
        loop {
            tokio::select! {
                biased;
                () = tasks.stopping() => return,
                () = self.clock.sleep(self.settings.lease / 3) => {}
            }
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
            for lease in &leases {
                self.visit(lease).await?;
                steps += 1;
            }
        }
    }

    async fn visit_and_log(&self, lease: &Lease) {
        let Err(error) = self.visit(lease).await else { return };
        tracing::error!(%error, conversation = %lease.conversation_id, "a step failed");
        if let Err(error) = self.count_failure(lease, &error).await {
            // The lease runs out and the conversation wakes again by itself.
            tracing::error!(%error, conversation = %lease.conversation_id, "the failure could not be noted");
        }
    }

    /// Tries again later, or asks a person. An opt-out among the texts that wait holds at once.
    async fn count_failure(&self, lease: &Lease, error: &StoreError) -> Result<(), StoreError> {
        let view = self.store.load(lease).await?;
        let suppress = view.as_ref().and_then(waiting_stop);
        let attempts = view.map_or(0, |view| view.conversation.attempts);
        let failed = FailedStep {
            retry_at: self.backoff(attempts + 1, Duration::ZERO),
            attempts_max: self.settings.timing.attempts_max,
            reason: format!("This could not be worked on: {error}."),
            suppress,
        };
        self.store.fail_step(lease, &failed).await
    }

    /// One look at a conversation, one step.
    async fn visit(&self, lease: &Lease) -> Result<(), StoreError> {
        let Some(view) = self.store.load(lease).await? else { return Ok(()) };
        let own = self.own_activities(&view).await?;
        let outlook = Outlook {
            view: &view,
            own: &own,
            policy: &self.proposer.policy,
            timing: &self.settings.timing,
            now: self.clock.now(),
        };
        match next(&outlook) {
            Step::Commit(change) => self.store.commit(lease, *change).await.map(|_| ()),
            Step::Deliver(effect) => self.deliver(lease, &view, &effect).await,
            Step::Turn(assignment) => self.turn(lease, &view, &assignment).await.map(|_| ()),
        }
    }

    /// Which of the outbound activities in the inbox are Rapport's own doing.
    async fn own_activities(&self, view: &LaneView) -> Result<HashSet<String>, StoreError> {
        let mut own = HashSet::new();
        for event in view.inbox.iter().filter(|event| event.kind != EventKind::LeadText) {
            if let Some(id) = &event.activity_id
                && self.store.knows_activity(id).await?
            {
                own.insert(id.clone());
            }
        }
        Ok(own)
    }
}
