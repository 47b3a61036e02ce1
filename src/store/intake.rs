//! Where arrivals wait to be written together.
//!
//! A commit costs a wait for the disk, so arrivals that come while others are written share the next transaction. There
//! is no timer and no task: whoever comes to an idle store writes at once, alone; whoever comes meanwhile queues, and when
//! a transaction ends the first in the queue writes for all of them. Whoever goes away early is left out, and if it was
//! the one who writes, the next takes its place.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::accept::Incoming;
use super::error::StoreError;
use super::lane::Accepted;

/// Arrivals of one transaction, at most.
const BATCH_MAX: usize = 256;
/// Arrivals that may wait. Beyond that the sender is asked to come again: memory is bounded, and so is the wait.
pub(super) const WAITING_MAX: usize = 4096;

/// The queue.
#[derive(Default)]
pub(super) struct Intake(Mutex<Queue>);

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    /// Somebody writes, or is about to. While nobody does, the queue is empty.
    is_led: bool,
}

struct Waiting {
    incoming: Incoming,
    caller: oneshot::Sender<Told>,
}

/// What a caller in the queue is told.
enum Told {
    /// What became of its arrival.
    Ended(Result<Accepted, StoreError>),
    /// It writes now.
    Writes(Lead, Incoming),
}

/// The right to write. Whoever drops it passes it on.
struct Lead(Option<Arc<Intake>>);

/// Arrivals to be written together. Dropped untold, they wait again.
pub(super) struct Batch {
    own: Incoming,
    others: VecDeque<Waiting>,
    lead: Lead,
}

/// How a caller's wait ended.
pub(super) enum Turn {
    /// Another caller has written its arrival.
    Ended(Result<Accepted, StoreError>),
    /// It is to write these, its own among them, and to tell the others.
    Writes(Batch),
}

impl Intake {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the arrival is written, or until it is this caller's turn to write.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when too many wait already.
    pub(super) async fn enter(self: &Arc<Self>, incoming: Incoming) -> Result<Turn, StoreError> {
        let told = {
            let mut queue = self.queue();
            if !queue.is_led {
                queue.is_led = true;
                drop(queue);
                return Ok(Turn::Writes(Batch::led_by(Lead(Some(self.clone())), incoming)));
            }
            if queue.waiting.len() >= WAITING_MAX {
                return Err(StoreError::Busy);
            }
            let (caller, told) = oneshot::channel();
            queue.waiting.push_back(Waiting { incoming, caller });
            told
        };
        match told.await {
            Ok(Told::Ended(result)) => Ok(Turn::Ended(result)),
            Ok(Told::Writes(lead, incoming)) => Ok(Turn::Writes(Batch::led_by(lead, incoming))),
            Err(_) => Err(StoreError::inconsistent("an arrival left the queue untold")),
        }
    }

    /// Lets the first that still waits write.
    fn pass_on(self: Arc<Self>) {
        let mut queue = self.queue();
        while let Some(Waiting { incoming, caller }) = queue.waiting.pop_front() {
            match caller.send(Told::Writes(Lead(Some(self.clone())), incoming)) {
                Ok(()) => return,
                // It has gone away. Its lead is this one, which goes to the next.
                Err(Told::Writes(mut lead, _)) => drop(lead.0.take()),
                Err(Told::Ended(_)) => {}
            }
        }
        queue.is_led = false;
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        if let Some(intake) = self.0.take() {
            intake.pass_on();
        }
    }
}

impl Batch {
    /// Takes what waits, as far as it fits.
    fn led_by(lead: Lead, own: Incoming) -> Self {
        let mut others = VecDeque::new();
        if let Some(intake) = &lead.0 {
            let mut queue = intake.queue();
            while others.len() + 1 < BATCH_MAX
                && let Some(waiting) = queue.waiting.pop_front()
            {
                if !waiting.caller.is_closed() {
                    others.push_back(waiting);
                }
            }
        }
        Self { own, others, lead }
    }

    /// The arrivals: the writer's own first, then as they came.
    pub(super) fn arrivals(&self) -> Vec<&Incoming> {
        std::iter::once(&self.own).chain(self.others.iter().map(|waiting| &waiting.incoming)).collect()
    }

    /// Tells the next of the others. The first arrival is the writer's own: it knows.
    pub(super) fn tell_next(&mut self, result: Result<Accepted, StoreError>) {
        if let Some(waiting) = self.others.pop_front() {
            // It may have gone away meanwhile.
            let _ = waiting.caller.send(Told::Ended(result));
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if let Some(intake) = &self.lead.0 {
            let mut queue = intake.queue();
            while let Some(waiting) = self.others.pop_back() {
                queue.waiting.push_front(waiting);
            }
        }
    }
}
