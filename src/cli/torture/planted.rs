//! Faults planted on purpose: the simulation is worth what it finds.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use super::suite::{Suite, Tally};
use crate::cli::output::say;
use crate::runtime::Tasks;
use crate::runtime::sabotage::Sabotage;

/// The name under which every fault is planted, one after the other.
const ALL: &str = "all";

/// The faults that `name` stands for.
///
/// # Errors
/// When there is no such fault.
pub(super) fn named(name: &str) -> anyhow::Result<Vec<Sabotage>> {
    if name == ALL {
        return Ok(Sabotage::ALL.to_vec());
    }
    let written = |fault: &Sabotage| format!("{fault:?}");
    let known = Sabotage::ALL.into_iter().find(|fault| written(fault).eq_ignore_ascii_case(name));
    let names = || Sabotage::ALL.each_ref().map(written).join(", ");
    let fault = known.with_context(|| format!("no fault is called {name:?}; there are all, {}", names()))?;
    Ok(vec![fault])
}

/// Plants each fault until a promise is seen broken, and prints by which run. The exit code is 0 if every one was found.
///
/// # Errors
/// When the database cannot be used or a run cannot begin.
pub(super) async fn find(faults: &[Sabotage], suite: &Suite) -> anyhow::Result<ExitCode> {
    let mut missed = 0;
    say!("  {:<18} {:>10}   broken promise", "planted fault", "found after")?;
    for fault in faults {
        let tally = Suite { sabotage: Some(*fault), failures_max: 1, ..suite.clone() }
            .run(Arc::new(|_| ()), &Tasks::new())
            .await?;
        say!("{}", line(*fault, &tally))?;
        missed += usize::from(tally.failed.is_empty());
    }
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(fault: Sabotage, tally: &Tally) -> String {
    let name = format!("{fault:?}");
    match tally.failed.first() {
        Some(failed) => {
            let (runs, violation) = (tally.runs, &failed.violation);
            format!("  {name:<18} {runs:>6} runs   {}: {}", violation.promise.name(), violation.what)
        }
        None => format!("  {name:<18} not found in {} runs", tally.runs),
    }
}
