//! The end of a process, in order: nothing new is begun, what is under way ends, what is not is given back.
//!
//! Nothing depends on it: a process that is killed leaves leases that run out. It only makes the next one go on sooner.

use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::runtime::{Clock, Tasks};
use crate::store::Store;

/// How long texts on their way may still take once turns were cut: a few requests to Close, none of which is cut off.
const SENDS_MAX: Duration = Duration::from_mins(1);
/// How long the database may take to end what it is writing.
const FLUSH_MAX: Duration = Duration::from_secs(10);

/// SIGTERM and Ctrl-C, from the moment this is made: none is missed.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Starts listening.
    ///
    /// # Errors
    /// When the system does not let us.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// What is running.
#[derive(Debug)]
pub struct Running {
    /// The engine. While it drains, webhooks are refused and `/readyz` says so.
    pub work: Tasks,
    /// The listener, which ends last.
    pub edge: Tasks,
    /// What is kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// How long turns under way may take.
    pub drain: Duration,
}

impl Running {
    /// Ends it all after the first of `signals`. The next one aborts at once.
    ///
    /// The code is a failure when something could not be ended in order. Nothing is lost then either: it is taken up when
    /// its lease runs out.
    pub async fn shut_down(self, signals: &mut Signals) -> ExitCode {
        tracing::info!("stopping: what is under way is finished, a second signal aborts");
        self.work.stop();
        let in_order = tokio::select! {
            in_order = self.end() => in_order,
            () = signals.next() => {
                tracing::warn!("aborted by a second signal; what was under way is taken up when its lease runs out");
                false
            }
        };
        if in_order { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// True if everything ended in order.
    async fn end(&self) -> bool {
        let worked = self.end_work().await;
        self.edge.stop();
        self.edge.wait().await;
        let flushed = self.clock.timeout(FLUSH_MAX, self.store.close()).await.is_ok();
        if !flushed {
            tracing::warn!("the database did not end what it was doing");
        }
        worked && flushed
    }

    async fn end_work(&self) -> bool {
        if self.clock.timeout(self.drain, self.work.wait()).await.is_ok() {
            return true;
        }
        tracing::info!("turns that still wait for an answer are given back; nothing was sent for them");
        self.work.cut();
        let ended = self.clock.timeout(SENDS_MAX, self.work.wait()).await.is_ok();
        if !ended {
            tracing::warn!("a text is still on its way; what became of it is looked up in Close at the next start");
        }
        ended
    }
}
