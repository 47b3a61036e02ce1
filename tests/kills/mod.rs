//! The real binary, killed with SIGKILL again and again while leads text.
//!
//! `RAPPORT_KILLS` says how often (6 unless set), `RAPPORT_SEED` which run (1 unless set).

mod answers;
mod fleet;
mod leads;
mod story;
mod verdict;

use std::sync::Arc;

use rapport::runtime::Random;
use rapport::sim::{Fault, WebhookFault};

use crate::support::outside::Outside;
use crate::support::world::Database;
use fleet::Fleet;
use leads::Leads;
use verdict::Verdict;

/// Automatic, without a cap that so many texts would meet; quick, and with leases that end soon.
const TOML: &str = "max_wait = \"400ms\"\nlease = \"1s\"\npoll = \"200ms\"\noverlap = \"1m\"\n\
     [policy]\nmode = \"auto\"\nhold_first = false\nlead_daily_cap = 1000000\nhourly_cap = 1000000\n\
     daily_cap = 1000000\nsegments_max = 10\n";

fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::vars().find(|(key, _)| key == name).and_then(|(_, value)| value.parse().ok()).unwrap_or(otherwise)
}

/// What goes wrong beside the kills.
fn trouble(outside: &Outside) {
    let faults = outside.sims.close.faults();
    for fault in [WebhookFault::Drop, WebhookFault::Duplicate, WebhookFault::Reorder] {
        faults.webhooks_one_in(25, fault);
    }
    faults.one_in(40, "POST", "/api/v1/activity/sms/", Fault::CutAfterAccepting);
    faults.one_in(40, "PUT", "/api/v1/activity/sms/*", Fault::CutAfterAccepting);
    faults.one_in(60, "GET", "*", Fault::Status(500));
}

async fn killed_again_and_again(database: Database, processes: usize) {
    let (kills, seed) = (setting("RAPPORT_KILLS", 6), setting("RAPPORT_SEED", 1));
    println!("{database:?}: {kills} kills, seed {seed}");
    let random = Random::seeded(seed);
    let mut outside = Outside::new().await;
    outside.use_model(answers::router(outside.clock.clone(), random.clone())).await;
    let (workshop, url) = outside.workshop(database, TOML).await;
    let workshop = Arc::new(workshop);
    let leads = Leads::new(&outside, random.clone());
    let mut fleet = Fleet::new(workshop.clone(), &outside, processes);
    trouble(&outside);
    // What is said before Rapport came is history, and not missed.
    fleet.settle().await;
    let killing = async {
        for kill in 1..=kills {
            fleet.kill_one(&random).await;
            leads.note_kill();
            if kill % 25 == 0 {
                println!("{database:?}: killed {kill} times");
            }
        }
    };
    tokio::select! {
        () = killing => {}
        () = leads.text_for_ever() => unreachable!("leads text for ever"),
        () = leads.carry_webhooks() => unreachable!("webhooks come for ever"),
    }
    outside.sims.close.faults().clear();
    fleet.settle().await;
    let verdict = Verdict::open(&outside, &workshop, &url, &leads).await;
    verdict.wait_for_calm().await;
    println!("{database:?}: {}", verdict.judge().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_nothing_is_lost_or_doubled_on_sqlite() {
    killed_again_and_again(Database::Sqlite, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_killed_nothing_is_lost_or_doubled_on_postgres() {
    killed_again_and_again(Database::Postgres, 2).await;
}
