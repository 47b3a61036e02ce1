//! Many runs on several threads, and their sum.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;

use super::oracle::{Promise, Violation};
use super::run::{Outcome, run};
use super::schedule::Schedule;
use super::shrink::shrink;
use super::world::Records;
use crate::runtime::sabotage::{self, Sabotage};
use crate::runtime::{Clock, Random, Tasks};
use crate::store::Store;

/// Where the records of runs are kept.
#[derive(Debug, Clone)]
pub enum Database {
    /// A new file for each run.
    Sqlite,
    /// One database for all, at this address; each run is an organisation of its own.
    Postgres(String),
}

/// Many runs.
#[derive(Debug, Clone)]
pub struct Suite {
    /// How many.
    pub runs: u64,
    /// The seed of the first; the others follow.
    pub first_seed: u64,
    /// Threads.
    pub jobs: usize,
    /// Where records are kept.
    pub database: Database,
    /// What is broken on purpose, to see it found.
    pub sabotage: Option<Sabotage>,
    /// No further run begins after this many broken promises.
    pub failures_max: usize,
}

/// A run that broke a promise.
#[derive(Debug, Clone)]
pub struct Failed {
    /// The run, whole.
    pub schedule: Schedule,
    /// The first promise it broke.
    pub violation: Violation,
    /// What happened in it, if that was asked for.
    pub notes: Vec<String>,
}

/// The sum of runs.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Runs made.
    pub runs: u64,
    /// Texts that leads sent.
    pub asked: usize,
    /// Texts of ours that left.
    pub sent: usize,
    /// Processes killed.
    pub killed: usize,
    /// Runs that broke a promise, by seed.
    pub failed: Vec<Failed>,
}

/// Told after each run.
pub type Progress = Arc<dyn Fn(&Tally) + Send + Sync>;

/// What the threads share.
struct Shared {
    suite: Suite,
    stage: Stage,
    next: AtomicU64,
    tally: Mutex<Tally>,
    progress: Progress,
}

impl Suite {
    /// Makes the runs. None begins after `tasks` was told to stop: then the sum is of those before.
    ///
    /// # Errors
    /// When the database cannot be made or a run cannot begin.
    pub async fn run(&self, progress: Progress, tasks: &Tasks) -> anyhow::Result<Tally> {
        let stage = Stage::prepare(&self.database).await?;
        let shared =
            Arc::new(Shared { suite: self.clone(), stage, next: AtomicU64::new(0), tally: Mutex::default(), progress });
        let threads: Vec<_> = (0..self.jobs.max(1))
            .map(|_| {
                let (shared, stopping) = (shared.clone(), tasks.clone());
                tasks.spawn_blocking(move || shared.work(&stopping))
            })
            .collect();
        for thread in threads {
            thread.await.context("a thread of runs panicked")??;
        }
        let mut tally = shared.tally.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tally.failed.sort_by_key(|failed| failed.schedule.seed);
        Ok(tally)
    }

    /// The shortest run that breaks the same promise as `failed`; the shortest so far once `tasks` is told to stop.
    ///
    /// # Errors
    /// When the database cannot be made or a run cannot begin.
    pub async fn shortest(&self, failed: &Failed, tasks: &Tasks) -> anyhow::Result<Failed> {
        let stage = Stage::prepare(&self.database).await?;
        let (failed, sabotage, stopping) = (failed.clone(), self.sabotage, tasks.clone());
        let work = move || {
            let _planted = sabotage::plant(sabotage);
            let mut last = failed.violation.clone();
            let schedule = shrink(&failed.schedule, failed.violation.promise, |shorter| {
                if stopping.is_stopping() {
                    return None;
                }
                let violation = stage.run(shorter, false).ok()?.violations.into_iter().next()?;
                let promise = violation.promise;
                if promise == last.promise {
                    last = violation;
                }
                Some(promise)
            });
            let notes = stage.run(&schedule, true).map(|outcome| outcome.notes).unwrap_or_default();
            Failed { schedule, violation: last, notes }
        };
        tasks.spawn_blocking(work).await.context("the thread panicked")
    }
}

impl Shared {
    fn work(&self, tasks: &Tasks) -> anyhow::Result<()> {
        let _planted = sabotage::plant(self.suite.sabotage);
        while let Some(seed) = self.next_seed(tasks) {
            let schedule = Schedule::of(seed);
            let outcome = self.stage.run(&schedule, false).with_context(|| format!("run {seed}"))?;
            self.count(schedule, outcome);
        }
        Ok(())
    }

    /// Whoever gets a seed makes its run, so that the runs that were made are the first so many.
    fn next_seed(&self, tasks: &Tasks) -> Option<u64> {
        if tasks.is_stopping() {
            return None;
        }
        let failed = self.tally.lock().unwrap_or_else(PoisonError::into_inner).failed.len();
        let n = self.next.fetch_add(1, Ordering::Relaxed);
        (n < self.suite.runs && failed < self.suite.failures_max).then(|| self.suite.first_seed + n)
    }

    fn count(&self, schedule: Schedule, outcome: Outcome) {
        let mut tally = self.tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.runs += 1;
        tally.asked += outcome.asked;
        tally.sent += outcome.sent;
        tally.killed += outcome.killed;
        if let Some(violation) = outcome.violations.into_iter().next() {
            tally.failed.push(Failed { schedule, violation, notes: Vec::new() });
        }
        (self.progress)(&tally);
    }
}

/// Databases for runs, ready to use.
enum Stage {
    /// A folder with an empty database to copy.
    Folder {
        folder: tempfile::TempDir,
        next: AtomicU64,
    },
    Server {
        url: String,
        next: AtomicU64,
    },
}

/// The empty database in a stage's folder.
const TEMPLATE: &str = "template.db";

impl Stage {
    async fn prepare(database: &Database) -> anyhow::Result<Self> {
        let next = AtomicU64::new(0);
        let stage = match database {
            Database::Sqlite => {
                let folder = tempfile::tempdir().context("no temporary folder for the databases of the runs")?;
                Self::Folder { folder, next }
            }
            Database::Postgres(url) => Self::Server { url: url.clone(), next },
        };
        let url = match &stage {
            Self::Folder { folder, .. } => address(&folder.path().join(TEMPLATE)),
            Self::Server { url, .. } => url.clone(),
        };
        let store = Store::open(&url, "torture", Clock::system(), Random::system()).await?;
        store.migrate().await?;
        store.close().await;
        Ok(stage)
    }

    /// Makes one run with records of its own.
    fn run(&self, schedule: &Schedule, takes_notes: bool) -> anyhow::Result<Outcome> {
        match self {
            Self::Server { url, next } => {
                let n = next.fetch_add(1, Ordering::Relaxed);
                // The time keeps the runs of today apart from those of yesterday in the same database.
                let stamp = Clock::system().now().as_millisecond();
                let records = Records { url: url.clone(), organisation: format!("torture_{stamp}_{n}") };
                run(schedule, &records, takes_notes)
            }
            Self::Folder { folder, next } => {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let own = folder.path().join(n.to_string());
                std::fs::create_dir(&own).context("a folder for the run's database")?;
                let file = own.join("rapport.db");
                std::fs::copy(folder.path().join(TEMPLATE), &file).context("the run's database")?;
                let outcome =
                    run(schedule, &Records { url: address(&file), organisation: "torture".to_owned() }, takes_notes);
                // Left behind, it goes with the folder around it.
                let _ = std::fs::remove_dir_all(&own);
                outcome
            }
        }
    }
}

fn address(file: &Path) -> String {
    format!("sqlite:{}", PathBuf::from(file).display())
}

impl Tally {
    /// How often a promise was broken.
    #[must_use]
    pub fn broken(&self, promise: Promise) -> usize {
        self.failed.iter().filter(|failed| failed.violation.promise == promise).count()
    }
}
