//! Spawning: every background task belongs to one tracker that can be told to stop and waited for.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tokio_util::task::TaskTracker;

use super::Clock;

/// How long a part that ended by itself rests before it begins anew: one that always fails must not keep a core busy.
const REST_BEFORE_RESTART: Duration = Duration::from_secs(5);

/// Runs tasks somewhere else than on tokio: a simulation decides whose turn it is.
pub trait Spawner: Send + Sync {
    /// Takes a task over. It may be dropped before it ends, as a process that dies drops it.
    fn spawn(&self, task: BoxFuture<'static, ()>);
}

/// Background tasks that end together, in two steps: [`Tasks::stop`] asks them to begin nothing new, [`Tasks::cut`] to drop
/// what can be begun anew.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
    spawner: Option<Arc<dyn Spawner>>,
}

impl std::fmt::Debug for Tasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tasks({} running)", self.tracker.len())
    }
}

/// A task's result, once it has ended. Dropping this leaves the task running.
#[derive(Debug)]
pub struct Spawned<T>(oneshot::Receiver<T>);

/// The task panicked or was dropped before it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a background task ended without a result")]
pub struct CutOff;

impl<T> Future for Spawned<T> {
    type Output = Result<T, CutOff>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll_unpin(context).map_err(|_| CutOff)
    }
}

impl Tasks {
    /// An empty set of tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty set of tasks that `spawner` runs.
    #[must_use]
    pub fn on(spawner: Arc<dyn Spawner>) -> Self {
        Self { spawner: Some(spawner), ..Self::default() }
    }

    /// Runs `task` in the background. It is expected to end by itself soon after [`Tasks::stopping`] resolves.
    #[expect(clippy::disallowed_methods, reason = "this is the one place that spawns")]
    pub fn spawn<F>(&self, task: F) -> Spawned<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let (ended, result) = oneshot::channel();
        // Not an `async` block, which would keep room for the task twice: as what it was given, and as what it waits for.
        let task = self.tracker.track_future(task.map(move |result| {
            // Nobody may want to know.
            let _ = ended.send(result);
        }));
        match &self.spawner {
            Some(spawner) => spawner.spawn(Box::pin(task)),
            None => drop(tokio::spawn(task)),
        }
        Spawned(result)
    }

    /// Runs `work`, which blocks its thread, on a thread of its own.
    pub fn spawn_blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Spawned<T> {
        let (ended, result) = oneshot::channel();
        let token = self.tracker.token();
        drop(tokio::task::spawn_blocking(move || {
            // Nobody may want to know.
            let _ = ended.send(work());
            drop(token);
        }));
        Spawned(result)
    }

    /// Runs `task` in the background until it ends or [`Tasks::stop`] is called, which cuts it wherever it waits.
    pub fn spawn_until_stopping<F>(&self, task: F) -> Spawned<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let stopping = self.stopping();
        self.spawn(async move {
            tokio::select! {
                biased;
                () = stopping => {}
                () = task => {}
            }
        })
    }

    /// Keeps a part running until [`Tasks::stop`] is called, which cuts it wherever it waits. If it panics or ends by
    /// itself, it begins anew after a rest, and that is counted as `rapport_restarts_total` of `name`.
    pub fn keep<F>(&self, name: &'static str, clock: Clock, begin: impl Fn() -> F + Send + 'static) -> Spawned<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.spawn_until_stopping(async move {
            loop {
                let panicked = AssertUnwindSafe(begin()).catch_unwind().await.is_err();
                metrics::counter!("rapport_restarts_total", "part" => name).increment(1);
                tracing::error!(part = name, panicked, "ended by itself; this is a bug in Rapport. It begins anew");
                clock.sleep(REST_BEFORE_RESTART).await;
            }
        })
    }

    /// Resolves once [`Tasks::stop`] was called.
    pub fn stopping(&self) -> WaitForCancellationFutureOwned {
        self.stop.clone().cancelled_owned()
    }

    /// True once [`Tasks::stop`] was called.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Asks every task to end after what it is doing now.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Resolves once [`Tasks::cut`] was called.
    pub fn cutting(&self) -> WaitForCancellationFutureOwned {
        self.cut.clone().cancelled_owned()
    }

    /// Asks every task to drop now what can be begun anew. It stops them too.
    pub fn cut(&self) {
        self.stop.cancel();
        self.cut.cancel();
    }

    /// Waits until every task has ended.
    pub async fn wait(&self) {
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_part_that_panicked_or_ended_begins_anew_until_all_stops() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let _recording = metrics::set_default_local_recorder(&recorder);
        let (clock, time) = Clock::manual(jiff::Timestamp::UNIX_EPOCH);
        let (tasks, begun) = (Tasks::new(), Arc::new(AtomicU32::new(0)));
        let counted = begun.clone();
        let kept = tasks.keep("test", clock, move || {
            let time_of_it = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert_ne!(time_of_it, 0, "on purpose");
                if time_of_it > 1 {
                    std::future::pending::<()>().await;
                }
            }
        });
        for _ in 0..10 {
            tokio::task::yield_now().await;
            time.advance(REST_BEFORE_RESTART);
        }
        assert_eq!(begun.load(Ordering::Relaxed), 3, "after the panic, and after the end");
        let rendered = recorder.handle().render();
        assert!(rendered.contains("rapport_restarts_total{part=\"test\"} 2"), "{rendered}");
        tasks.stop();
        assert_eq!(kept.await, Ok(()));
    }
}
