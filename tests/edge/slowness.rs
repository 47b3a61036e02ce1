//! Heads, bodies and pauses that never end.

use rapport::web::Limits;
use std::time::Duration;

use crate::support::stranger::{Stranger, genuine, newest_event, plausible_head};
use crate::support::world::{Database, LEAD, OURS, Setup, World};

/// A little more than the limit and the pace of looking for those who overdraw it.
const HEAD: Duration = Duration::from_secs(16);
const BODY: Duration = Duration::from_secs(21);
const IDLE: Duration = Duration::from_secs(81);

async fn world() -> World {
    World::new(Setup::draft(Database::Sqlite).with_limits(Limits::default())).await
}

/// Connections are taken in their order: after a later one was answered, the earlier ones are there.
async fn all_have_come(world: &World) {
    assert_eq!(world.get("/healthz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_that_does_not_end_is_not_waited_for() {
    let world = world().await;
    let (mut silent, mut slow) = (Stranger::come(&world).await, Stranger::come(&world).await);
    slow.say("POST /webhooks/close HTTP/1.1\r\nhost: rap").await;
    all_have_come(&world).await;
    world.time_passes(HEAD);
    silent.is_put_out().await;
    slow.is_put_out().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dripping_bytes_buys_no_time() {
    let world = world().await;
    let mut drips = Stranger::come(&world).await;
    for _ in 0..60 {
        drips.say("x").await;
        all_have_come(&world).await;
        world.time_passes(Duration::from_secs(1));
        if drips.was_put_out() {
            return;
        }
    }
    panic!("a minute has passed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_does_not_end_is_answered_408() {
    let world = world().await;
    let mut slow = Stranger::come(&world).await;
    slow.say(plausible_head(&world, 1_000).replace("host: rapport", "host: rapport\r\nexpect: 100-continue")).await;
    slow.is_told_to_go_on().await;
    slow.say("{\"event\":").await;
    world.time_passes(BODY);
    assert_eq!(slow.status().await, Some(408));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_kept_between_webhooks_for_a_while() {
    let world = world().await;
    let mut close = Stranger::come(&world).await;
    for text in ["Hello?", "Anybody there?"] {
        world.sims.close.lead_texts(LEAD, OURS, text);
        close.say(genuine(&world, &newest_event(&world))).await;
        assert_eq!(close.status().await, Some(200));
        world.time_passes(Duration::from_mins(1));
    }
    world.time_passes(IDLE);
    close.is_put_out().await;
}
