//! `rapport bench`: how fast it is on this machine, each figure beside a baseline measured in the same run.
//!
//! A number of requests a second says more about a disk than about a program. So each benchmark also measures what the
//! same machine can do without Rapport (bare commits, bare rows, the handler without storage) and tells the ratio.

mod baseline;
mod claim;
mod compose;
mod house;
mod ingest;
mod load;
mod machine;
mod place;
mod report;
mod send;
mod stand_in;
mod turns;
mod webhooks;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::cli::output::say;
use crate::runtime::Clock;
use place::Place;
use report::Report;

/// Measure speed on this machine.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Signed webhooks over loopback HTTP: how many a second are stored, and how long an answer takes.
    Ingest(ingest::Ingest),
    /// Leasing conversations and giving them back, with many of them and with few.
    Claim(claim::Claim),
    /// Writing a prompt, with token counts known and not known, and after a long history.
    Compose(compose::Compose),
    /// Whole turns with a model and a Close that answer at once, or many turns that wait for a slow model.
    Turns(turns::Turns),
    /// Texts sent in two steps through a Close that answers at once.
    Send(send::Send),
}

/// Where to measure and how to tell.
#[derive(Debug, Args)]
struct Common {
    /// Measure on PostgreSQL: `postgres://user@host/database`. A database of its own is made beside it and removed.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where the SQLite file is made, and the disk's waiting time is measured. Removed afterwards.
    #[arg(long, default_value = ".", value_name = "FOLDER")]
    folder: PathBuf,
    /// Write the figures as JSON.
    #[arg(long)]
    json: bool,
}

impl Bench {
    /// Measures and prints.
    ///
    /// # Errors
    /// When the database cannot be made or something fails while it is measured.
    pub async fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::Ingest(ingest) => ingest.run().await,
            Self::Claim(claim) => claim.run().await,
            Self::Compose(compose) => compose.run(),
            Self::Turns(turns) => turns.run().await,
            Self::Send(send) => send.run().await,
        }
    }
}

impl Common {
    fn place(&self) -> anyhow::Result<Place> {
        Place::open(self.database_url.as_deref(), &self.folder)
    }

    fn finish(&self, report: &Report) -> anyhow::Result<()> {
        say!("{}", if self.json { report.json()? } else { report.table() })?;
        Ok(())
    }
}

/// How long something takes, by the clock.
async fn timed<T>(clock: &Clock, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<(T, Duration)> {
    let begun = clock.now();
    let output = work.await?;
    Ok((output, crate::runtime::clock::until(begun, clock.now())))
}

/// How many a second.
#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64().max(f64::EPSILON)
}

/// The middle value; of two, the mean.
fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

/// The value that `share` of them do not exceed.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a count far below 2^52 is an index"
)]
fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => f64::NAN,
        len => sorted[((len as f64 * share).ceil() as usize).clamp(1, len) - 1],
    }
}
