//! `rapport torture`: the proof that the promises hold, which anyone can run.
//!
//! Each run takes a seed and draws from it what leads, reps, Close, the model and the machines do to Rapport: texts in
//! bursts, opt-outs, lost answers, doubled and delayed webhooks, processes killed at any call or commit, processes that
//! hang and come back. The real engine and the real router run, on a simulated clock, against simulated servers, with
//! nothing that a seed does not decide; an oracle watches from outside. A run that breaks a promise is cut down to the
//! shortest one that still does.

mod command;
mod executor;
mod mind;
mod oracle;
#[cfg(feature = "sabotage")]
mod planted;
mod process;
mod run;
mod schedule;
mod shrink;
mod suite;
mod verdict;
mod world;

pub use command::Torture;
pub use oracle::{Promise, Violation};
pub use run::Outcome;
pub use schedule::{Act, Schedule};
pub use suite::{Database, Failed, Suite, Tally};
