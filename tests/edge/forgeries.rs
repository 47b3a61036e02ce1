//! Webhooks that are not genuine, and genuine ones that come again.

use std::time::Duration;

use crate::support::stranger::{Stranger, genuine, newest_event, plausible_head};
use crate::support::world::{Database, LEAD, OURS, Setup, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_forgeries_never_reaches_the_database() {
    let world = World::new(Setup::draft(Database::Sqlite)).await;
    // With the database closed, whatever asks it would be answered 503.
    world.store.close().await;
    let mut forger = Stranger::come(&world).await;
    for n in 0..1_000 {
        let body = format!("{{\"event\":{{\"id\":\"ev_{n}\"}}}}");
        forger.say(plausible_head(&world, body.len()) + &body).await;
        assert_eq!(forger.status().await, Some(401), "forgery {n}");
    }
    world.sims.close.lead_texts(LEAD, OURS, "Hello?");
    forger.say(genuine(&world, &newest_event(&world))).await;
    assert_eq!(forger.status().await, Some(503), "what is genuine does reach it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_genuine_is_refused_before_its_body_is_read() {
    let world = World::new(Setup::draft(Database::Sqlite)).await;
    let head = plausible_head(&world, 1_000);
    let (now, hash) = (world.clock.now().as_second().to_string(), "5e".repeat(32));
    for (right, wrong) in [(now.as_str(), "1544271450"), (now.as_str(), "soon"), (hash.as_str(), "5e5e")] {
        let mut forger = Stranger::come(&world).await;
        forger.say(head.replace(right, wrong)).await;
        assert_eq!(forger.status().await, Some(401), "{wrong}");
    }
}

async fn replayed(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.sims.close.lead_texts(LEAD, OURS, "Do you work in Tucson?");
    let delivery = genuine(&world, &newest_event(&world));
    let mut replayer = Stranger::come(&world).await;
    for _ in 0..20 {
        replayer.say(&delivery).await;
        assert_eq!(replayer.status().await, Some(200));
    }
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    replayer.say(&delivery).await;
    assert_eq!(replayer.status().await, Some(200));
    world.settle().await;
    world.after(Duration::from_mins(1)).await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "never-twice");
    assert_eq!(world.thread().await.messages.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_that_is_replayed_changes_nothing() {
    replayed(Database::Sqlite).await;
    replayed(Database::Postgres).await;
}
