//! Close, Calendly and a chat model as HTTP servers, with state and with faults on demand.
//!
//! The simulators speak the published wire formats and share no types with the clients, so that a misreading cannot
//! cancel itself out. Each is a cheap handle with a `router()` to mount in process ([`crate::runtime::Http::routed`])
//! or on a socket ([`serve`]), a `faults()` plan, and actions for what people outside do: a lead texts, a rep types,
//! somebody books. They read no clock but [`Clock`], spawn nothing but through [`Tasks`], and draw every id from
//! [`Random`], so that one seed repeats a whole run.
//!
//! - [`close`]: SMS activities with their status rules, leads, contacts, numbers, tasks, notes, webhooks (signed,
//!   retried), the event log, rate limits. [`CloseSim::texts_sent`] is the oracle of what really left.
//! - [`calendly`]: event types, available times, single-use links, bookings, webhooks.
//! - [`model`]: OpenAI's and Anthropic's protocols; answers what a test queued, else plays a scripted sales agent.
//! - [`seed`]: Northwind Solar, the small business of `rapport demo`, with its leads and its knowledge.
//!
//! Webhooks wait in a queue until a test calls `deliver_webhooks().await`; `run_deliveries()` delivers as they come.

pub mod calendly;
pub mod close;
mod courier;
pub mod fault;
pub mod model;
pub mod seed;
mod wire;

use std::collections::BTreeMap;

use axum::Router;
use tokio::net::TcpListener;

pub use calendly::CalendlySim;
pub use close::CloseSim;
pub use courier::Delivered;
pub use fault::{Fault, FaultPlan, WebhookFault};
pub use model::ModelSim;

use crate::runtime::{Clock, Http, Random, Tasks};

/// The outside world: the three servers Rapport talks to.
#[derive(Clone, Debug)]
pub struct Simulators {
    /// Close, the CRM.
    pub close: CloseSim,
    /// Calendly, the calendar.
    pub calendly: CalendlySim,
    /// The model.
    pub model: ModelSim,
}

impl Simulators {
    /// Three empty servers: one organisation, one rep, one number, no leads. Webhooks leave through `http`.
    #[must_use]
    pub fn new(clock: Clock, random: Random, http: Http, tasks: Tasks) -> Self {
        Self {
            close: CloseSim::new(clock.clone(), random.clone(), http.clone(), tasks.clone()),
            calendly: CalendlySim::new(clock.clone(), random.clone(), http, tasks),
            model: ModelSim::new(clock, random),
        }
    }

    /// The same with the leads and the history of the demo's business.
    #[must_use]
    pub fn demo(clock: Clock, random: Random, http: Http, tasks: Tasks) -> Self {
        let simulators = Self::new(clock, random, http, tasks);
        seed::plant(&simulators.close);
        simulators
    }

    /// Where webhooks leave, when that is known only later.
    pub fn set_http(&self, http: &Http) {
        self.close.set_http(http.clone());
        self.calendly.set_http(http.clone());
    }

    /// The routers under the host names `close.test`, `calendly.test` and `model.test`, for
    /// [`Http::routed`](crate::runtime::Http::routed).
    #[must_use]
    pub fn hosts(&self) -> BTreeMap<String, Router> {
        BTreeMap::from([
            ("close.test:80".to_owned(), self.close.router()),
            ("calendly.test:80".to_owned(), self.calendly.router()),
            ("model.test:80".to_owned(), self.model.router()),
        ])
    }
}

/// Serves `router` on `listener` until the tasks stop. Connections that still hang then are left to the process's end.
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, router: Router, tasks: &Tasks) -> std::io::Result<()> {
    tokio::select! {
        () = tasks.stopping() => Ok(()),
        served = async { axum::serve(listener, router).await } => served,
    }
}
