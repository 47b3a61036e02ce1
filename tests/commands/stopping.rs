//! How the service ends: asked once it ends in order, asked twice at once; nothing is lost and nothing is sent twice.

use std::time::Duration;

use bytes::Bytes;
use rapport::sim::Fault;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::support::outside::Outside;
use crate::support::program::Running;
use crate::support::world::{Database, proposal};

const AUTO: &str = "[policy]\nmode = \"auto\"\nhold_first = false\n";
/// Far longer than any story: only a lease that was given back is taken up before.
const LONG_LEASE: &str = "lease = \"1h\"\n";
const FOREVER: Duration = Duration::from_hours(1);

/// A lead has texted, and the model is thinking about it.
async fn thinking(outside: &Outside, service: &Running) {
    outside.open_door_to(&service.address());
    outside.lead_texts("Do you work in Tucson?").await;
    outside.until("the model is asked", async || !outside.sims.model.requests().is_empty()).await;
}

/// The status and the `Retry-After` of a webhook that may be genuine.
async fn deliver(outside: &Outside, service: &Running) -> (u16, Option<String>) {
    let request = http::Request::post(format!("{}/webhooks/close", service.address()))
        .header("close-sig-timestamp", outside.clock.now().as_second().to_string())
        .header("close-sig-hash", "5e".repeat(32))
        .body(Bytes::from_static(b"{}"))
        .expect("a request");
    let answer = outside.send(request).await;
    let retry_after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok());
    (answer.status().as_u16(), retry_after.map(str::to_owned))
}

async fn a_thinking_turn_is_given_back(database: Database) {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(database, &format!("{LONG_LEASE}drain = \"100ms\"\n{AUTO}")).await;
    let service = workshop.start(&["serve"]);
    outside.sims.model.set_think_time(FOREVER);
    thinking(&outside, &service).await;
    assert_eq!(service.terminate(), Some(0), "{}", workshop.log());
    assert!(outside.sent().is_empty());

    outside.sims.model.set_think_time(Duration::ZERO);
    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    let other = workshop.start(&["serve"]);
    outside.open_door_to(&other.address());
    outside.until("the answer", async || !outside.sent().is_empty()).await;
    assert_eq!(other.terminate(), Some(0));
    assert_eq!(outside.sent(), ["Yes, all of the state."], "nothing-lost, never-twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_still_waits_for_its_model_is_given_back_and_taken_up_at_once() {
    a_thinking_turn_is_given_back(Database::Sqlite).await;
    a_thinking_turn_is_given_back(Database::Postgres).await;
}

async fn a_second_signal(database: Database) {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(database, &format!("lease = \"1s\"\ndrain = \"1h\"\n{AUTO}")).await;
    let service = workshop.start(&["serve"]);
    outside.sims.model.set_think_time(FOREVER);
    thinking(&outside, &service).await;

    service.ask_to_stop();
    let readyz = format!("{}/readyz", service.address());
    outside.until("it drains", async || outside.get(&readyz).await.1.contains("draining")).await;
    assert_eq!(outside.get(&readyz).await.0, 503);
    let (status, retry_after) = deliver(&outside, &service).await;
    assert_eq!((status, retry_after.as_deref()), (503, Some("10")), "webhooks are asked to come again");
    assert_eq!(service.terminate(), Some(1), "{}", workshop.log());
    assert!(outside.sent().is_empty());

    outside.sims.model.set_think_time(Duration::ZERO);
    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    let other = workshop.start(&["serve"]);
    outside.open_door_to(&other.address());
    outside.until("the answer", async || !outside.sent().is_empty()).await;
    assert_eq!(other.terminate(), Some(0));
    assert_eq!(outside.sent(), ["Yes, all of the state."], "nothing-lost, never-twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_drains_it_says_so_and_a_second_signal_ends_it_at_once() {
    a_second_signal(Database::Sqlite).await;
    a_second_signal(Database::Postgres).await;
}

async fn a_turn_that_ends_in_time(database: Database) {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(database, &format!("{LONG_LEASE}{AUTO}")).await;
    let service = workshop.start(&["serve"]);
    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    outside.sims.model.set_think_time(Duration::from_millis(700));
    thinking(&outside, &service).await;
    assert_eq!(service.terminate(), Some(0), "{}", workshop.log());

    let other = workshop.start(&["serve"]);
    outside.open_door_to(&other.address());
    outside.until("the answer", async || !outside.sent().is_empty()).await;
    assert_eq!(other.terminate(), Some(0));
    assert_eq!(outside.sent(), ["Yes, all of the state."]);
    assert_eq!(outside.sims.model.requests().len(), 1, "the first process's turn was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_that_ends_while_it_drains_is_kept() {
    a_turn_that_ends_in_time(Database::Sqlite).await;
    a_turn_that_ends_in_time(Database::Postgres).await;
}

async fn a_text_on_its_way(database: Database) {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(database, &format!("{LONG_LEASE}drain = \"1ms\"\n{AUTO}")).await;
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    outside.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::Delay(Duration::from_secs(1)));
    outside.lead_texts("Do you work in Tucson?").await;
    outside.until("the text is on its way", async || !outside.sims.close.drafts().is_empty()).await;
    assert_eq!(service.terminate(), Some(0), "{}", workshop.log());
    assert_eq!(outside.sent(), ["Yes, all of the state."], "it was not cut off");

    let other = workshop.start(&["serve"]);
    outside.open_door_to(&other.address());
    outside.until("Close's word is taken in", async || outside.sims.close.webhooks_outstanding() == 0).await;
    assert_eq!(other.terminate(), Some(0));
    assert_eq!(outside.sims.close.texts_attempted().len(), 1, "never-twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_on_its_way_is_never_cut_off() {
    a_text_on_its_way(Database::Sqlite).await;
    a_text_on_its_way(Database::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_and_open_pages_do_not_hold_up_the_end() {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(Database::Sqlite, AUTO).await;
    let service = workshop.start(&["serve"]);
    let address = service.address();
    let mut crowd = Vec::new();
    for words in [
        "",
        "POST /webhooks/close HTTP/1.1\r\nhost: rap",
        "GET /desk/events HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ] {
        let mut stranger = TcpStream::connect(address.trim_start_matches("http://")).await.expect("taken");
        stranger.write_all(words.as_bytes()).await.expect("said");
        crowd.push(stranger);
    }
    assert_eq!(outside.get(&format!("{address}/healthz")).await.0, 200, "the crowd has come");
    assert_eq!(service.terminate(), Some(0), "{}", workshop.log());
}
