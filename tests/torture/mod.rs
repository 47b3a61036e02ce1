//! The simulation, seen to hold and seen to find what is broken.

use std::sync::Arc;

use rapport::cli::torture::{Database, Suite, Tally};
use rapport::runtime::sabotage::Sabotage;

use crate::support::postgres;

/// Enough to meet every kind of act many times; `rapport torture` makes as many as one likes.
const RUNS_SQLITE: u64 = 300;
const RUNS_POSTGRES: u64 = 60;
/// Every planted fault shows within so many runs.
const RUNS_TO_FIND: u64 = 2_000;

fn suite(database: Database, runs: u64) -> Suite {
    Suite { runs, first_seed: 1, jobs: 2, database, sabotage: None, failures_max: 1 }
}

async fn run(suite: &Suite) -> Tally {
    suite.run(Arc::new(|_| ())).await.expect("the runs can be made")
}

fn told(tally: &Tally) -> String {
    let tell = |failed: &rapport::cli::torture::Failed| {
        format!("seed {}: {}: {}\n", failed.schedule.seed, failed.violation.promise.name(), failed.violation.what)
    };
    tally.failed.iter().map(tell).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_promise_holds_on_sqlite() {
    let tally = run(&suite(Database::Sqlite, RUNS_SQLITE)).await;
    assert!(tally.failed.is_empty(), "{}", told(&tally));
    assert!(tally.sent > 0 && tally.killed > 0, "something happened: {tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_promise_holds_on_postgres() {
    let tally = run(&suite(Database::Postgres(postgres::new_database().await), RUNS_POSTGRES)).await;
    assert!(tally.failed.is_empty(), "{}", told(&tally));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found() {
    let mut overlooked = Vec::new();
    let only = std::env::var("RAPPORT_SABOTAGE").ok();
    for sabotage in Sabotage::ALL.into_iter().filter(|s| only.as_ref().is_none_or(|o| o.contains(&format!("{s:?}")))) {
        let mut planted = suite(Database::Sqlite, RUNS_TO_FIND);
        planted.sabotage = Some(sabotage);
        let tally = run(&planted).await;
        match tally.failed.first() {
            Some(failed) => println!("{sabotage:?}: {} after {} runs", failed.violation.promise.name(), tally.runs),
            None => overlooked.push(sabotage),
        }
    }
    assert!(overlooked.is_empty(), "not found: {overlooked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_is_the_same_run() {
    let mut once = suite(Database::Sqlite, 20);
    once.failures_max = usize::MAX;
    once.sabotage = Some(Sabotage::SkipFence);
    let (first, second) = (run(&once).await, run(&once).await);
    assert_eq!((first.asked, first.sent, first.killed), (second.asked, second.sent, second.killed));
    assert_eq!(told(&first), told(&second));
}
