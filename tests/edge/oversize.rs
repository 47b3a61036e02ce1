//! Too much of everything.

use std::time::Duration;

use crate::support::stranger::{Stranger, plausible_head};
use crate::support::world::{Database, Setup, World};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rapport::web::Limits;

async fn answered(world: &World, request: String) -> Option<u16> {
    let mut stranger = Stranger::come(world).await;
    stranger.say(request).await;
    stranger.status().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_beyond_measure_are_refused() {
    let world = World::new(Setup::draft(Database::Sqlite)).await;
    let post = "POST /webhooks/close HTTP/1.1\r\nhost: rapport\r\n";
    let long_value = format!("{post}x-long: {}\r\n\r\n", "x".repeat(64 << 10));
    assert_eq!(answered(&world, long_value).await, Some(431));
    let many = "x: 1\r\n".repeat(200);
    assert_eq!(answered(&world, format!("{post}{many}\r\n")).await, Some(431));
    let long_address = format!("GET /{} HTTP/1.1\r\nhost: rapport\r\n\r\n", "a".repeat(80 << 10));
    assert!(matches!(answered(&world, long_address).await, Some(414 | 431)));
    assert_eq!(answered(&world, "\u{0}\u{1}\u{2}\r\n\r\n".to_owned()).await, Some(400));
    assert_eq!(world.get("/readyz").await.0, 503, "no worker runs in this story, but the edge answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_announces_too_much_is_refused_unread() {
    let world = World::new(Setup::draft(Database::Sqlite)).await;
    assert_eq!(answered(&world, plausible_head(&world, 100 << 30)).await, Some(413));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_unknown_length_is_read_up_to_the_limit() {
    let world = World::new(Setup::draft(Database::Sqlite)).await;
    let head = plausible_head(&world, 0).replace("content-length: 0", "transfer-encoding: chunked");
    let mut endless = Stranger::come(&world).await;
    endless.say(head).await;
    for _ in 0..5 {
        endless.say(format!("{:x}\r\n{}\r\n", 1 << 20, "x".repeat(1 << 20))).await;
    }
    assert!(matches!(endless.status().await, Some(413) | None), "it may be cut off before it hears the answer");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_large_bodies_do_not_fill_the_memory() {
    const EACH: usize = 300 << 10;
    let limits = Limits { body_bytes: 1 << 20, ..Limits::of(64) };
    let world = World::new(Setup::draft(Database::Sqlite).in_real_time().with_limits(limits)).await;
    let mut strangers = Vec::new();
    for _ in 0..20 {
        let mut stranger = Stranger::come(&world).await;
        stranger.say(plausible_head(&world, 4 << 20)).await;
        stranger.say("x".repeat(EACH)).await;
        strangers.push(stranger);
    }
    // Three fit; the others must give way, and the webhook, which is smaller than any of them, need not.
    world.lead_texts("Hello?").await;
    assert_eq!(world.sims.close.webhooks_outstanding(), 0);
    let leaving: FuturesUnordered<_> = strangers.iter_mut().map(Stranger::is_put_out).collect();
    let too_many = leaving.take(17).count();
    // Sooner than bodies have to be there.
    assert_eq!(world.clock.timeout(Duration::from_secs(15), too_many).await, Ok(17));
}
