//! The only room that joins the pure rooms to the outside: receive, gather, compose, generate, check, decide, deliver,
//! recover.
//!
//! A conversation is an actor. Its mailbox is the inbox, its alarm is `wake_at`; a worker claims it, looks at it once
//! ([`plan`]), does one step and gives it back. Nothing here keeps state between two steps: what is not in the store
//! did not happen.

mod absorb;
mod acknowledge;
pub mod assignment;
mod bookings;
pub mod calendar;
pub mod deliver;
pub mod gather;
pub mod handoff;
mod listed;
pub mod plan;
pub mod prompts;
pub mod propose;
pub mod receive;
pub mod reconcile;
pub mod recover;
pub mod review;
pub mod spending;
pub mod subscriptions;
pub mod summary;
pub mod turn;
mod waiting;
pub mod watch;
pub mod worker;

mod words;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use absorb::COMPOSING_HOLD;
pub use calendar::Calendar;
pub use handoff::Handoffs;
pub use prompts::Prompts;
pub use propose::{LinkSource, ModelLimits, NoLinks, Proposed, Proposer};
pub use review::DeskError;
pub use spending::Spending;
pub use subscriptions::{CLOSE_KEY_SETTING, Subscriptions};
pub use summary::Summaries;

use jiff::Timestamp;

use crate::close::CloseClient;
use crate::conversation::Organisation;
use crate::runtime::{Clock, Random};
use crate::sms::Rulebook;
use crate::store::Store;
use plan::Timing;

/// How the engine runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who the texts come from.
    pub organisation: Organisation,
    /// The numbers of ours that are answered; empty for all.
    pub numbers: Vec<String>,
    /// The waits.
    pub timing: Timing,
    /// How often due conversations are looked for when nothing wakes the worker.
    pub poll: Duration,
    /// How long a claim holds without a heartbeat.
    pub lease: Duration,
    /// Conversations worked on at once.
    pub concurrency: usize,
    /// How often Close's event log is read.
    pub event_log_poll: Duration,
    /// How far back it is read again each time.
    pub overlap: Duration,
    /// When texts may go that do not answer a fresh one.
    pub rulebook: Rulebook,
    /// What models may cost.
    pub spending: Spending,
    /// How a person is told who goes on where Rapport stops.
    pub handoffs: Handoffs,
}

/// Everything the engine works with. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    /// What is kept.
    pub store: Store,
    /// Close.
    pub close: CloseClient,
    /// The calendar, if one is connected.
    pub calendar: Option<Calendar>,
    /// Composes, asks the model, checks and decides.
    pub proposer: Proposer,
    /// How it runs.
    pub settings: Arc<Settings>,
    /// The time.
    pub clock: Clock,
    /// Ids and jitter.
    pub random: Random,
    /// This process's name on its claims.
    pub owner: String,
    /// True while the worker runs.
    pub working: Arc<AtomicBool>,
    /// Conversations that need a summary.
    pub summaries: Summaries,
    /// Since when there are records, once it was asked: that never changes.
    pub began: Arc<OnceLock<Timestamp>>,
}

impl Engine {
    /// Whether the worker is running.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub fn ready(&self) -> Result<(), String> {
        if self.working.load(Ordering::Relaxed) { Ok(()) } else { Err("the worker is not running".to_owned()) }
    }
}
