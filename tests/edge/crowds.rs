//! More connections than there is room for.

use crate::support::stranger::{Stranger, genuine, newest_event, plausible_head};
use crate::support::world::{Database, LEAD, OURS, Setup, World};
use rapport::web::Limits;

const ROOM: usize = 32;

/// In real time, so that a webhook nobody takes fails the story instead of waiting for ever.
async fn crowded(database: Database) -> World {
    let setup = Setup::auto(database).with("[engine]\nwait = \"10ms\"\n").in_real_time();
    World::new(setup.with_limits(Limits::of(ROOM))).await
}

async fn a_webhook_is_taken_beside_slow_connections(database: Database) {
    let world = crowded(database).await;
    let mut crowd = Vec::new();
    for n in 0..500 {
        let mut stranger = Stranger::come(&world).await;
        match n % 4 {
            0 => {}
            1 => stranger.say("POST /webhooks/close HTTP/1.1\r\nhost: rap").await,
            2 => stranger.say(plausible_head(&world, 1_000)).await,
            _ => stranger.say("GET /healthz HTTP/1.1\r\nhost: rapport\r\n\r\n").await,
        }
        crowd.push(stranger);
    }
    world.model_answers("Yes, all of the state.", "product_question");
    world.lead_texts("Do you work in Tucson?").await;
    assert_eq!(world.sims.close.webhooks_outstanding(), 0, "taken at the first try");
    world.until("the answer", |thread| thread.messages.len() == 2).await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "nothing-lost, never-twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_slow_connections_do_not_keep_a_webhook_from_being_taken() {
    a_webhook_is_taken_beside_slow_connections(Database::Sqlite).await;
    a_webhook_is_taken_beside_slow_connections(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_desk_pages_leave_room() {
    let world = crowded(Database::Sqlite).await;
    let mut pages = Vec::new();
    for _ in 0..ROOM * 2 {
        let mut page = Stranger::come(&world).await;
        page.say("GET /desk/events HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        pages.push(page);
    }
    world.lead_texts("Hello?").await;
    assert_eq!(world.sims.close.webhooks_outstanding(), 0);
    // A quarter of the room is theirs: the oldest has had to go.
    pages.first_mut().expect("a page").is_put_out().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_brought_webhooks_outlasts_strangers() {
    let world = crowded(Database::Sqlite).await;
    let mut close = Stranger::come(&world).await;
    world.sims.close.lead_texts(LEAD, OURS, "Hello?");
    close.say(genuine(&world, &newest_event(&world))).await;
    assert_eq!(close.status().await, Some(200));
    let mut crowd = Vec::new();
    for _ in 0..ROOM * 3 {
        crowd.push(Stranger::come(&world).await);
    }
    assert_eq!(world.get("/healthz").await.0, 200, "the crowd has come");
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    close.say(genuine(&world, &newest_event(&world))).await;
    assert_eq!(close.status().await, Some(200));
}
