//! How many calls an upstream gets at once. Whoever finds no place is told when to come again.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::runtime::Clock;
use crate::runtime::clock::{after, until};

/// How long a call is taken to last before one has ended.
const FIRST_GUESS: Duration = Duration::from_secs(3);

/// No place is free: so many calls as are allowed at once are under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("as many calls are under way as are allowed at once; a place is expected in {} ms", after.as_millis())]
pub struct Busy {
    /// When a place is expected, counted from now.
    pub after: Duration,
}

/// The places of one upstream.
#[derive(Debug, Clone)]
pub(super) struct Slots {
    clock: Clock,
    free: Arc<Semaphore>,
    size: u32,
    queue: Arc<Mutex<Queue>>,
}

/// Where those who were turned away stand: each is told a later time than the one before, so that they do not all come
/// back at once.
#[derive(Debug)]
struct Queue {
    /// When the last of them was told to come.
    last: Timestamp,
    /// How long a call lasts, the newer calls counting for more.
    usual: Duration,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub(super) struct Slot {
    slots: Slots,
    began: Timestamp,
    _permit: OwnedSemaphorePermit,
}

impl Slots {
    /// `size` calls at once, at least one.
    pub(super) fn new(clock: Clock, size: u32) -> Self {
        let size = size.max(1);
        let queue = Queue { last: Timestamp::MIN, usual: FIRST_GUESS };
        Self {
            clock,
            free: Arc::new(Semaphore::new(usize::try_from(size).unwrap_or(Semaphore::MAX_PERMITS))),
            size,
            queue: Arc::new(Mutex::new(queue)),
        }
    }

    /// Waits for a place, in the order of coming.
    ///
    /// # Errors
    /// [`Busy`] when none is free within `patience`.
    pub(super) async fn take(&self, patience: Duration) -> Result<Slot, Busy> {
        let permit = match self.free.clone().try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => match self.clock.timeout(patience, self.free.clone().acquire_owned()).await {
                Ok(Ok(permit)) => permit,
                // The semaphore is never closed.
                Ok(Err(_)) | Err(_) => return Err(self.turn_away()),
            },
        };
        Ok(Slot { slots: self.clone(), began: self.clock.now(), _permit: permit })
    }

    /// Whether a call would have to wait now; then a place in the queue is given.
    pub(super) fn busy(&self) -> Option<Busy> {
        (self.free.available_permits() == 0).then(|| self.turn_away())
    }

    fn turn_away(&self) -> Busy {
        let now = self.clock.now();
        let mut queue = self.lock();
        queue.last = after(queue.last.max(now), queue.usual / self.size);
        Busy { after: until(now, queue.last) }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let lasted = until(self.began, self.slots.clock.now());
        let mut queue = self.slots.lock();
        queue.usual = (queue.usual * 7 + lasted) / 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn no_more_calls_than_allowed_are_made_at_once_and_the_next_waits_its_turn() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let slots = Slots::new(clock, 2);
        let first = slots.take(Duration::ZERO).await.expect("free");
        let _second = slots.take(Duration::ZERO).await.expect("free");
        let third = slots.take(Duration::from_secs(1));
        tokio::pin!(third);
        assert!(futures_util::poll!(&mut third).is_pending());
        assert!(slots.busy().is_some());
        drop(first);
        assert!(third.await.is_ok());
    }

    #[tokio::test]
    async fn whoever_is_turned_away_comes_back_when_a_place_is_due() {
        let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let slots = Slots::new(clock, 100);
        for _ in 0..50 {
            let slot = slots.take(Duration::ZERO).await.expect("free");
            time.advance(Duration::from_secs(5));
            drop(slot);
        }
        let mut taken = Vec::new();
        for _ in 0..100 {
            taken.push(slots.take(Duration::ZERO).await.expect("free"));
        }
        let told: Vec<Duration> = (0..5_000).map(|_| slots.busy().expect("no place").after).collect();
        assert!(told.windows(2).all(|pair| pair[0] < pair[1]), "one after the other");
        let last_s = told[4_999].as_secs_f64();
        assert!((245.0..=251.0).contains(&last_s), "5,000 calls of 5 s, 100 at once, take 250 s: {last_s}");
    }
}
