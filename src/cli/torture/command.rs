//! The command: its options, its progress, its table.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::oracle::Promise;
use super::schedule::Schedule;
use super::suite::{Database, Failed, Suite, Tally};
use crate::cli::output::say;
use crate::cli::shutdown::Signals;
use crate::runtime::clock::until;
use crate::runtime::{Clock, Tasks};

/// Broken promises that are cut down and shown, at most.
const SHOWN_MAX: usize = 3;

/// Run seeded schedules of faults against the promises, and print what held.
#[derive(Debug, Args)]
pub struct Torture {
    /// How many runs.
    #[arg(long, default_value_t = 1_000)]
    runs: u64,
    /// The seed of the first run; the others follow. The same seed is the same run.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The database under the runs.
    #[arg(long, value_enum, default_value_t = Kind::Sqlite)]
    engine: Kind,
    /// An empty PostgreSQL database for the runs, such as `postgres://user:password@localhost/torture`.
    #[arg(long, value_name = "URL", required_if_eq("engine", "postgres"))]
    database_url: Option<String>,
    /// Print everything that happened in the shortest run that breaks a promise.
    #[arg(long)]
    trace: bool,
    /// Threads; as many as there are processors if not given.
    #[arg(long)]
    jobs: Option<usize>,
    /// Break Rapport on purpose, to see it found: the name of a fault, or `all`.
    #[cfg(feature = "sabotage")]
    #[arg(long, value_name = "FAULT")]
    planted: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Sqlite,
    #[value(alias = "postgresql")]
    Postgres,
}

impl Torture {
    /// Makes the runs and prints the table. The exit code is 0 only if every promise held in all of them; Ctrl-C ends it with the
    /// table of the runs so far.
    ///
    /// # Errors
    /// When the database cannot be used or a run cannot begin.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        if self.runs == 0 {
            bail!("--runs 0 proves nothing: ask for at least one run");
        }
        let suite = self.suite()?;
        #[cfg(feature = "sabotage")]
        if let Some(name) = &self.planted {
            return super::planted::find(&super::planted::named(name)?, &suite).await;
        }
        let clock = Clock::system();
        let begun = clock.now();
        let bar = ProgressBar::new(self.runs);
        bar.set_style(ProgressStyle::with_template("{bar:30} {pos}/{len} runs, {msg} ({eta} left)")?);
        let shown = bar.clone();
        let progress = move |tally: &Tally| {
            shown.set_position(tally.runs);
            shown.set_message(format!("{} broken", tally.failed.len()));
        };
        let (tasks, mut signals) = (Tasks::new(), Signals::listen().context("signals cannot be listened to")?);
        let tally = until_told(suite.run(Arc::new(progress), &tasks), &tasks, &mut signals).await?;
        bar.finish_and_clear();
        say!("{}", table(self, &tally, until(begun, clock.now()), tasks.is_stopping()))?;
        for failed in tally.failed.iter().take(SHOWN_MAX) {
            let shortest = until_told(suite.shortest(failed, &tasks), &tasks, &mut signals).await?;
            say!("{}", story(&shortest, self.engine))?;
            if self.trace {
                for note in &shortest.notes {
                    say!("    {note}")?;
                }
            }
        }
        Ok(if tally.failed.is_empty() && !tasks.is_stopping() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn suite(&self) -> anyhow::Result<Suite> {
        let database = match self.engine {
            Kind::Sqlite => Database::Sqlite,
            Kind::Postgres => Database::Postgres(self.database_url.clone().context("--database-url is missing")?),
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Suite {
            runs: self.runs,
            first_seed: self.seed,
            jobs: self.jobs.unwrap_or(processors),
            database,
            sabotage: None,
            failures_max: 100,
        })
    }
}

/// Does `work`, which looks at `tasks`, and has it end early when a signal comes.
async fn until_told<T>(work: impl Future<Output = T>, tasks: &Tasks, signals: &mut Signals) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => done,
        () = signals.next() => {
            tasks.stop();
            work.await
        }
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// What somebody who does not program is told of a promise.
fn meaning(promise: Promise) -> &'static str {
    match promise {
        Promise::NothingLost => {
            "Every text a lead sends is answered, put before a rep, or left unanswered for a stated reason."
        }
        Promise::NeverTwice => "No answer goes out twice, whatever crashes or times out.",
        Promise::NeverAfterStop => "Nothing goes out to a lead who asked for silence.",
        Promise::NeverOverAHuman => "When a rep texts or types, Rapport stays out of it.",
        Promise::InOrder => "Texts are answered in order, and never past a newer one.",
        Promise::AlwaysExplained => "What the records say is what happened.",
        Promise::APersonDecides => "Nothing goes out while Rapport is paused.",
    }
}

fn table(asked: &Torture, tally: &Tally, took: Duration, interrupted: bool) -> String {
    let (first, last) = (asked.seed, asked.seed + tally.runs.saturating_sub(1));
    let (runs, engine, took_s) = (tally.runs, asked.engine.name(), took.as_secs());
    let mut lines = vec![
        String::new(),
        format!("{runs} simulated bad days on {engine} (seeds {first} to {last}, {took_s} s)"),
        String::new(),
    ];
    let counts = [("texts from leads", tally.asked), ("texts sent", tally.sent), ("processes killed", tally.killed)];
    lines.extend(counts.map(|(label, count)| format!("  {label:<20} {count:>9}")));
    lines.push(format!("\n  {:<20} {:>9}", "promise", "broken"));
    lines.extend(
        Promise::ALL
            .map(|promise| format!("  {:<20} {:>9}   {}", promise.name(), tally.broken(promise), meaning(promise))),
    );
    if interrupted {
        lines.push(format!("\nInterrupted: this is the sum of {runs} of {} runs.", asked.runs));
    }
    lines.push(match tally.failed.len() {
        0 => "\nEvery promise held in every run.".to_owned(),
        1 => "\nA promise was broken in one run.".to_owned(),
        runs => format!("\nPromises were broken in {runs} runs."),
    });
    lines.join("\n")
}

fn story(failed: &Failed, engine: Kind) -> String {
    let Schedule { seed, auto, processes, leads, log_lag, acts } = &failed.schedule;
    let mode = if *auto { "auto" } else { "draft" };
    let (lag_s, promise) = (log_lag.as_secs(), failed.violation.promise.name());
    let mut lines = vec![
        format!("\n{promise} broken by seed {seed}: {}", failed.violation.what),
        format!("  {processes} process(es), {leads} lead(s), mode {mode}, log up to {lag_s} s late"),
    ];
    lines.extend(acts.iter().map(|act| format!("  - {act:?}")));
    let engine = engine.name().to_lowercase();
    lines.push(format!("  Again: rapport torture --runs 1 --seed {seed} --engine {engine}"));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Line {
        #[command(flatten)]
        torture: Torture,
    }

    #[test]
    fn an_interrupted_proof_says_what_it_is_the_sum_of() {
        let asked = Line::parse_from(["torture", "--runs", "20000", "--seed", "5"]).torture;
        let tally = Tally { runs: 812, ..Tally::default() };
        let told = table(&asked, &tally, Duration::from_secs(90), true);
        assert!(told.contains("812 simulated bad days on SQLite (seeds 5 to 816, 90 s)"), "{told}");
        assert!(told.contains("Interrupted: this is the sum of 812 of 20000 runs."), "{told}");
        assert!(!table(&asked, &tally, Duration::from_secs(90), false).contains("Interrupted"));
    }
}
