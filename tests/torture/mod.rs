//! The simulation, seen to hold and seen to find what is broken.

use std::sync::Arc;

use rapport::cli::torture::{Database, Suite, Tally};
use rapport::runtime::Tasks;
use rapport::runtime::sabotage::Sabotage;

use crate::support::postgres;

/// Enough to meet every kind of act many times; `rapport torture` makes as many as one likes.
const RUNS_SQLITE: u64 = 120;
const RUNS_POSTGRES: u64 = 24;
/// Every planted fault shows within so many runs.
const RUNS_TO_FIND: u64 = 2_000;

fn suite(database: Database, runs: u64) -> Suite {
    Suite { runs, first_seed: 1, jobs: 2, database, sabotage: None, failures_max: 1 }
}

async fn run(suite: &Suite) -> Tally {
    suite.run(Arc::new(|_| ()), &Tasks::new()).await.expect("the runs can be made")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_interrupts_it_is_told_of_the_runs_so_far() {
    let tasks = Tasks::new();
    let stopping = tasks.clone();
    let after_three = move |tally: &Tally| {
        if tally.runs == 3 {
            stopping.stop();
        }
    };
    let tally = suite(Database::Sqlite, 1_000_000).run(Arc::new(after_three), &tasks).await.expect("it ends in order");
    assert!((3..=4).contains(&tally.runs), "the other thread ends its run: {}", tally.runs);
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

/// Makes a test of each planted fault: it is found, by the name of a promise.
macro_rules! found_when {
    ($($name:ident: $fault:ident),+ $(,)?) => {
        mod found_when {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::is_found(rapport::runtime::sabotage::Sabotage::$fault).await;
            })+
        }
        const PLANTED: &[Sabotage] = &[$(Sabotage::$fault),+];
    };
}

found_when!(
    a_worker_whose_lease_was_lost_writes: SkipFence,
    a_text_is_released_off_the_record: SendBeforeCommit,
    opt_outs_are_overlooked: IgnoreSuppression,
    a_rep_who_took_over_is_overlooked: IgnoreTakeover,
    the_kill_switch_is_overlooked: IgnorePause,
    a_newer_text_is_overlooked: IgnoreNewerText,
    the_event_log_is_read_without_overlap: DropOverlap,
    an_unknown_draft_is_made_again: RetryUnknownPost,
    an_unknown_sending_counts_as_failed: GiveUpUnknownPut,
    a_webhook_is_answered_before_it_is_stored: AnswerBeforeCommit,
    a_claim_leaves_no_alarm: ClaimWithoutAlarm,
    the_watermark_moves_before_events_are_stored: WatermarkFirst,
    a_decided_text_is_not_queued: LoseEffect,
    the_same_text_is_taken_twice: TakeTwice,
    a_withdrawn_draft_stays_in_close: LeaveDraft,
);

async fn is_found(sabotage: Sabotage) {
    let planted = Suite { jobs: 1, sabotage: Some(sabotage), ..suite(Database::Sqlite, RUNS_TO_FIND) };
    let tally = run(&planted).await;
    let failed = tally.failed.first().unwrap_or_else(|| panic!("{sabotage:?} was not found in {} runs", tally.runs));
    println!("{sabotage:?}: {} after {} runs: {}", failed.violation.promise.name(), tally.runs, failed.violation.what);
}

#[test]
fn every_fault_that_can_be_planted_is_planted() {
    assert_eq!(PLANTED, Sabotage::ALL);
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
