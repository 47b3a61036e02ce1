//! Evaluations: suites of cases, run through the same engine as the service, against a live or a recorded model.
//!
//! The path of a run: [`Suite::load`] reads and checks a file, [`run::run_suite`] makes one turn a case, [`expect`]
//! holds what was seen against what was expected, [`report`] tells it to a person or a program. The same case with the
//! same answers always ends the same: its time stands still and its ids come from a seed.
//!
//! What must never be: a case that passes because it expects nothing, or a model that was not reached counted as a
//! model that failed.

pub mod case;
pub mod expect;
pub mod expectation;
pub mod patience;
pub mod problem;
pub mod recording;
pub mod report;
pub mod run;
pub mod script;
pub mod suite;
pub mod table;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub use case::Case;
pub use expectation::{Expect, Outcome, SlotsOffered};
pub use patience::PatientModel;
pub use problem::SuiteError;
pub use recording::Recorder;
pub use report::{SuiteReport, Totals};
pub use run::{Bench, CaseEnd, CaseResult, Observed, run_suite};
pub use script::Script;
pub use suite::Suite;
