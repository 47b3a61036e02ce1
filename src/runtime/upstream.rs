//! The one way to call an upstream: Close, Calendly and models are treated alike.
//!
//! An [`Upstream`] gives each call a time limit, paces calls before a rate limit is used up, makes failed reads again
//! within a budget, and leaves an upstream alone that has stopped answering. What it never does is make a write again
//! whose outcome is unknown: that is resolved by whoever knows how to read it back.

mod breaker;
mod budget;
mod client;
mod limiter;
mod outcome;
mod rate_limit;
mod retry;
mod slots;

pub use breaker::{BreakerState, Outage};
pub use client::{Manner, SendError, Upstream};
pub use limiter::Held;
pub use outcome::{CallKind, Outcome, outcome_of_status, outcome_of_transport, outcome_of_unreadable};
pub use rate_limit::{RateLimit, pause_asked, retry_after};
pub use retry::{Failed, TRIES};
pub use slots::Busy;
