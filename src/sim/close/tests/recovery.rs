//! What makes recovery hard at Close, as published: pauses, what the log hides, when it shows, how it merges.

use super::*;

const LOG: &str = "event/?object_type=activity.sms&action=created";

#[tokio::test]
async fn a_paused_subscription_loses_what_was_on_its_way() {
    let world = world();
    let (id, _) = world.close.subscribe("http://rapport.test/hook", &[("activity.sms", "created")]);
    world.close.lead_texts(LEAD, OUR_NUMBER, "before");
    world.close.pause_subscription(&id, "backlog");
    world.close.lead_texts(LEAD, OUR_NUMBER, "meanwhile");
    assert_eq!(world.close.webhooks_outstanding(), 0, "the queue is cleared, and nothing is queued");
    let (_, listed) = world.call("GET", "webhook/", Value::Null).await;
    assert_eq!(
        (&listed["data"][0]["status"], &listed["data"][0]["pause_reason"]),
        (&json!("paused"), &json!("backlog"))
    );

    let (status, _) = world.call("PUT", &format!("webhook/{id}/"), json!({"status": "active"})).await;
    assert_eq!(status, 200);
    world.close.lead_texts(LEAD, OUR_NUMBER, "after");
    world.close.deliver_webhooks().await;
    assert_eq!(world.received.lock().expect("not poisoned").len(), 1, "only what came after");
}

#[tokio::test]
async fn three_days_of_failures_pause_a_subscription() {
    let world = world();
    world.close.subscribe("http://rapport.test/hook", &[("activity.sms", "created")]);
    world.refuse.store(true, Ordering::Relaxed);
    for _ in 0..4 {
        world.close.lead_texts(LEAD, OUR_NUMBER, "Anybody there?");
        world.close.deliver_webhooks().await;
        world.time.advance(Duration::from_hours(24));
    }
    assert_eq!(world.close.subscriptions()[0]["status"], "paused");
    assert_eq!(world.close.webhooks_outstanding(), 0);
}

#[tokio::test]
async fn the_log_hides_what_is_an_hour_old_from_keys_that_are_no_admins() {
    let world = world();
    world.close.lead_texts(LEAD, OUR_NUMBER, "Hello");
    world.close.demote(&world.close.admin());
    let (_, fresh) = world.call("GET", LOG, Value::Null).await;
    assert_eq!(fresh["data"][0]["data"]["text"], "Hello");
    world.time.advance(Duration::from_mins(61));
    let (_, old) = world.call("GET", LOG, Value::Null).await;
    assert_eq!((&old["data"][0]["data"], &old["data"][0]["previous_data"]), (&Value::Null, &Value::Null));
    assert!(old["data"][0]["object_id"].is_string(), "but says what it is about");
}

#[tokio::test]
async fn changes_within_seconds_become_one_event() {
    let world = world();
    world.close.merge_events_within(Duration::from_secs(5));
    let admin = world.close.admin();
    let id = world.close.rep_types_draft(&admin, LEAD, OUR_NUMBER, "Hi");
    for (after, text) in [(1, "Hi M"), (2, "Hi Maria"), (60, "Hi Maria,")] {
        world.time.advance(Duration::from_secs(after));
        world.close.rep_edits_draft(&admin, &id, text);
    }
    let updates: Vec<Value> = world.close.events().into_iter().filter(|event| event["action"] == "updated").collect();
    assert_eq!(updates.len(), 2);
    assert_eq!((&updates[0]["data"]["text"], &updates[0]["previous_data"]["text"]), (&json!("Hi Maria"), &json!("Hi")));
    assert_ne!(updates[0]["date_created"], updates[0]["date_updated"]);
}

#[tokio::test]
async fn a_list_can_be_paged_only_so_far() {
    let world = world();
    world.close.limit_skip(900);
    assert_eq!(world.call("GET", "activity/sms/?_skip=900", Value::Null).await.0, 200);
    let (status, refusal) = world.call("GET", "activity/sms/?_skip=901", Value::Null).await;
    assert_eq!(status, 400);
    assert!(refusal.to_string().contains("max_skip = 900"), "{refusal}");
}
