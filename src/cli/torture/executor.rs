//! Runs tasks one at a time in an order that a seed decides, on a clock that only this moves.
//!
//! Tokio's paused clock would run ahead while a database thread works, and its scheduler cannot be repeated. Here a task
//! that waits for the database keeps its turn until the database has answered, so that nothing outside the seed decides
//! what comes first.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::Duration;

use futures_util::future::BoxFuture;
use jiff::Timestamp;

use crate::runtime::clock::{ManualTime, until};
use crate::runtime::tasks::Spawner;
use crate::runtime::{Clock, Random, Tasks};
use crate::store::{Point, Probe};

/// What one poll costs on the simulated clock, so that no two things happen at the same instant.
const POLL_COST: Duration = Duration::from_millis(1);

/// Which tasks live and die together: the outside world, or one process.
pub(super) type Group = u32;

/// The group of the outside world, which never dies.
pub(super) const OUTSIDE: Group = 0;

/// Runs tasks. Clones share them.
#[derive(Clone)]
pub(super) struct Executor(Arc<Shared>);

struct Shared {
    clock: Clock,
    time: ManualTime,
    random: Random,
    tasks: Mutex<BTreeMap<u64, Task>>,
    next: AtomicUsize,
    /// Calls that use a database at this moment.
    at_database: AtomicUsize,
    stalled: Mutex<BTreeMap<Group, Timestamp>>,
}

struct Task {
    group: Group,
    /// None while it is polled.
    future: Option<BoxFuture<'static, ()>>,
    alarm: Arc<Alarm>,
}

/// Wakes a task, and the executor's thread if it waits for the database.
struct Alarm {
    rung: AtomicBool,
    thread: Thread,
}

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.rung.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// A member of a group spawns more members of it.
struct Member {
    executor: Executor,
    group: Group,
}

impl Spawner for Member {
    fn spawn(&self, task: BoxFuture<'static, ()>) {
        self.executor.spawn(self.group, task);
    }
}

impl Executor {
    /// An executor whose choices come from `random`. It must be used on the thread that made it.
    pub(super) fn new(clock: Clock, time: ManualTime, random: Random) -> Self {
        Self(Arc::new(Shared {
            clock,
            time,
            random,
            tasks: Mutex::default(),
            next: AtomicUsize::new(0),
            at_database: AtomicUsize::new(0),
            stalled: Mutex::default(),
        }))
    }

    /// Background tasks that belong to `group`.
    pub(super) fn tasks(&self, group: Group) -> Tasks {
        Tasks::on(Arc::new(Member { executor: self.clone(), group }))
    }

    /// Adds a task.
    pub(super) fn spawn(&self, group: Group, future: BoxFuture<'static, ()>) {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed) as u64;
        let alarm = Arc::new(Alarm { rung: AtomicBool::new(true), thread: std::thread::current() });
        self.locked(|tasks| tasks.insert(id, Task { group, future: Some(future), alarm }));
    }

    /// Drops every task of `group` where it stands, as `kill -9` does.
    pub(super) fn kill(&self, group: Group) {
        let dead: Vec<Task> = self.locked(|tasks| {
            let ids: Vec<u64> = tasks.iter().filter(|(_, task)| task.group == group).map(|(id, _)| *id).collect();
            ids.iter().filter_map(|id| tasks.remove(id)).collect()
        });
        drop(dead);
    }

    /// Lets no task of `group` go on for so long, as a machine that hangs does.
    pub(super) fn stall(&self, group: Group, duration: Duration) {
        let until = crate::runtime::clock::after(self.0.clock.now(), duration);
        self.0.stalled.lock().unwrap_or_else(PoisonError::into_inner).insert(group, until);
    }

    /// Lets everything happen until the clock shows `end`, or until `done` holds.
    pub(super) fn run_until(&self, end: Timestamp, done: impl Fn() -> bool) {
        while !done() {
            if let Some(id) = self.next_ready() {
                self.0.time.advance(POLL_COST);
                self.poll(id);
            } else if !self.pass_time(end) {
                return;
            }
        }
    }

    /// Moves the clock to the next thing that happens; false when that is not before `end`.
    fn pass_time(&self, end: Timestamp) -> bool {
        let now = self.0.clock.now();
        if now >= end {
            return false;
        }
        let stalls_end = {
            let mut stalled = self.0.stalled.lock().unwrap_or_else(PoisonError::into_inner);
            stalled.retain(|_, until| *until > now);
            stalled.values().copied().min()
        };
        let next = [self.0.time.next_wake(), stalls_end].into_iter().flatten().min();
        let next = next.filter(|at| *at < end).unwrap_or(end);
        self.0.time.advance(until(now, next));
        true
    }

    /// One of the tasks that can go on, as the seed has it.
    fn next_ready(&self) -> Option<u64> {
        let now = self.0.clock.now();
        let stalled = self.0.stalled.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let is_free = |group: Group| stalled.get(&group).is_none_or(|until| *until <= now);
        let ready: Vec<u64> = self.locked(|tasks| {
            let ready = tasks.iter().filter(|(_, t)| t.alarm.rung.load(Ordering::Acquire) && is_free(t.group));
            ready.map(|(id, _)| *id).collect()
        });
        let choices = u64::try_from(ready.len()).ok().filter(|count| *count > 0)?;
        let chosen = usize::try_from(self.0.random.bits() % choices).unwrap_or_default();
        ready.get(chosen).copied()
    }

    /// Polls a task, and again as long as it waits for the database.
    fn poll(&self, id: u64) {
        let taken = self.locked(|tasks| {
            let task = tasks.get_mut(&id)?;
            Some((task.future.take()?, task.alarm.clone()))
        });
        let Some((mut future, alarm)) = taken else { return };
        let waker = Waker::from(alarm.clone());
        loop {
            alarm.rung.store(false, Ordering::Release);
            if let Poll::Ready(()) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                self.locked(|tasks| tasks.remove(&id));
                return;
            }
            // A task that was killed meanwhile ends here.
            let is_alive = self.locked(|tasks| tasks.contains_key(&id));
            if !is_alive {
                return;
            }
            if self.0.at_database.load(Ordering::Acquire) == 0 {
                break;
            }
            while !alarm.rung.load(Ordering::Acquire) {
                std::thread::park();
            }
        }
        self.locked(|tasks| {
            if let Some(task) = tasks.get_mut(&id) {
                task.future = Some(future);
            }
        });
    }

    fn locked<T>(&self, work: impl FnOnce(&mut BTreeMap<u64, Task>) -> T) -> T {
        work(&mut self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Where a process is to die: after so many points were passed.
#[derive(Clone, Default)]
pub(super) struct Fuse(Arc<AtomicUsize>);

impl Fuse {
    /// Dies at the `points`-th point from now.
    pub(super) fn light(&self, points: usize) {
        self.0.store(points, Ordering::Relaxed);
    }

    /// True when the process dies here.
    pub(super) fn burns_out(&self) -> bool {
        let burn = |left: usize| (left > 0).then(|| left - 1);
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, burn) == Ok(1)
    }
}

/// Tells the executor of one process's use of its database, and kills the process at a point.
pub(super) struct ProcessProbe {
    pub(super) executor: Executor,
    pub(super) fuse: Fuse,
    pub(super) die: Arc<dyn Fn() + Send + Sync>,
}

impl Probe for ProcessProbe {
    fn begins(&self) {
        self.executor.0.at_database.fetch_add(1, Ordering::AcqRel);
    }

    fn ends(&self) {
        self.executor.0.at_database.fetch_sub(1, Ordering::AcqRel);
    }

    fn reached(&self, _: Point) -> BoxFuture<'static, ()> {
        if self.fuse.burns_out() {
            (self.die)();
            return Box::pin(std::future::pending());
        }
        Box::pin(std::future::ready(()))
    }
}
