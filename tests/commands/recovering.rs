//! `reconcile`, `retry`, and what the service mends by itself.

use std::time::Duration;

use rapport::sim::Fault;
use rapport::sim::close::OUR_NUMBER;
use rapport::store::State;

use crate::support::outside::{LEAD, Outside};
use crate::support::program::{Finished, Workshop};
use crate::support::world::proposal;

fn subscribed(outside: &Outside, more: &str) -> Workshop {
    let workshop = Workshop::new(&outside.toml("sqlite:rapport.db", more));
    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
    let synced = workshop.run(&["webhooks", "sync"]);
    assert_eq!(synced.code, Some(0), "{}", synced.err);
    workshop
}

fn json(finished: &Finished) -> serde_json::Value {
    serde_json::from_str(&finished.out).unwrap_or_else(|error| panic!("{error}: {}{}", finished.out, finished.err))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_says_what_is_missing_and_mends_it_when_asked() {
    let outside = Outside::new().await;
    let workshop = subscribed(&outside, "");
    let an_hour_ago = outside.clock.now() - Duration::from_hours(1);
    workshop.store().await.begin_mark("began", an_hour_ago).await.expect("the store works");
    let well = workshop.run(&["reconcile"]);
    assert_eq!(well.code, Some(0), "{}{}", well.out, well.err);
    assert!(well.out.contains("Close and Rapport agree") && !well.out.contains("FAIL"), "{}", well.out);

    let at = outside.clock.now() - Duration::from_mins(30);
    let id = outside.sims.close.add_history(LEAD, OUR_NUMBER, (true, "Anybody there?"), at);
    let told = workshop.run(&["reconcile", "--since", "2h"]);
    assert_eq!(told.code, Some(1), "{}{}", told.out, told.err);
    for words in ["FAIL  Leads' texts that never reached Rapport: 1", "0142", id.as_str(), "rapport reconcile --repair"]
    {
        assert!(told.out.contains(words), "{words} in {}", told.out);
    }
    assert!(!told.out.contains("Anybody there?") && !told.out.contains(LEAD), "{}", told.out);
    let report = json(&workshop.run(&["reconcile", "--json"]));
    assert_eq!(report["counts"]["missing_text"], serde_json::json!({ "found": 1, "mended": 0 }));
    assert_eq!(report["findings"][0]["activity_id"], id.as_str());
    assert_eq!(workshop.run(&["reconcile", "--since", "10m"]).code, Some(0), "it is older than that");

    let mended = workshop.run(&["reconcile", "--repair"]);
    assert_eq!(mended.code, Some(0), "{}{}", mended.out, mended.err);
    assert!(mended.out.contains("done  Leads' texts that never reached Rapport: 1, mended"), "{}", mended.out);
    assert!(workshop.store().await.has_text(&id).await.expect("the store works"), "nothing-lost");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_subscription_fails_the_comparison_and_the_doctor() {
    let outside = Outside::new().await;
    let workshop = subscribed(&outside, "");
    let id = outside.sims.close.subscriptions()[0]["id"].as_str().expect("an id").to_owned();
    outside.sims.close.pause_subscription(&id, "All deliveries failed for 3 days.");
    let sick = workshop.run(&["doctor"]);
    assert!(sick.out.contains("FAIL  webhook") && sick.out.contains("has paused"), "{}", sick.out);
    assert_eq!(workshop.run(&["reconcile"]).code, Some(1));
    let mended = workshop.run(&["reconcile", "--repair"]);
    assert_eq!(mended.code, Some(0), "{}{}", mended.out, mended.err);
    assert_eq!(outside.sims.close.subscriptions()[0]["status"], "active");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_service_takes_up_a_paused_subscription_and_reads_what_it_lost() {
    let outside = Outside::new().await;
    let toml =
        outside.toml("sqlite:rapport.db", "webhook_check = \"200ms\"\n[policy]\nmode = \"auto\"\nhold_first = false\n");
    // Without the event log, only the look at the subscription can find what is missing.
    let workshop = Workshop::new(&toml.replace("[close]\n", "[close]\nevent_log = false\n"));
    assert_eq!(workshop.run(&["migrate"]).code, Some(0));
    assert_eq!(workshop.run(&["webhooks", "sync"]).code, Some(0));
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    let store = workshop.store().await;
    let seen = async || store.mark("close_webhook_whole").await.expect("the store works").is_some();
    outside.until("the subscription is seen to work", seen).await;

    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    outside.sims.close.lead_texts(LEAD, OUR_NUMBER, "Do you work in Tucson?");
    let id = outside.sims.close.subscriptions()[0]["id"].as_str().expect("an id").to_owned();
    outside.sims.close.pause_subscription(&id, "All deliveries failed for 3 days.");
    outside.until("the answer", async || !outside.sent().is_empty()).await;
    assert_eq!(outside.sims.close.subscriptions()[0]["status"], "active");
    assert_eq!(service.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parked_conversations_are_tried_again() {
    let outside = Outside::new().await;
    let workshop = subscribed(&outside, "attempts = 1\n[policy]\nmode = \"auto\"\nhold_first = false\n");
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    let store = workshop.store().await;
    let is_parked = async || {
        let found = store.find_conversation(LEAD).await.expect("the store works");
        found.is_some_and(|conversation| conversation.state == State::Parked)
    };
    let fails = async |text: &str| {
        outside.sims.model.faults().one_in(1, "POST", "*", Fault::Status(400));
        outside.lead_texts(text).await;
        outside.until("nobody can write a reply", is_parked).await;
        outside.sims.model.faults().clear();
    };
    fails("Do you work in Tucson?").await;
    let unknown = workshop.run(&["retry", "conv_nobody"]);
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.err.contains("there is no conversation conv_nobody"), "{}", unknown.err);
    assert_eq!(workshop.run(&["retry"]).code, Some(2), "which one?");

    outside.sims.model.push_json(proposal("Yes, all of the state.", "product_question"));
    let all = workshop.run(&["retry", "--all-parked"]);
    assert!(all.out.contains("1 conversation is tried again"), "{}{}", all.out, all.err);
    outside.until("the first answer", async || outside.sent().len() == 1).await;

    fails("And in Phoenix?").await;
    outside.sims.model.push_json(proposal("In the city too.", "product_question"));
    let one = workshop.run(&["retry", LEAD]);
    assert_eq!(one.code, Some(0), "{}{}", one.out, one.err);
    outside.until("the second answer", async || outside.sent().len() == 2).await;
    assert_eq!(outside.sent(), ["Yes, all of the state.", "In the city too."]);
    outside.until("it is quiet", async || !is_parked().await).await;
    let nothing = workshop.run(&["retry", "--all-parked"]);
    assert!(nothing.out.contains("No conversation is parked"), "{}", nothing.out);
    assert_eq!(workshop.run(&["retry", LEAD]).code, Some(1), "nothing waits there");
    assert_eq!(service.terminate(), Some(0));
}
