//! The simulated Close against its published facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

mod recovery;

use super::*;
use crate::runtime::clock::ManualTime;
use crate::runtime::http::TransportError;
use crate::sim::fault::{Fault, WebhookFault};

const LEAD: &str = "+17205550111";
type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

struct World {
    close: CloseSim,
    http: Http,
    time: ManualTime,
    received: Received,
    refuse: Arc<AtomicBool>,
}

fn world() -> World {
    let (clock, time) = Clock::manual("2026-11-24T16:00:00Z".parse::<Timestamp>().expect("an instant"));
    let received: Received = Arc::default();
    let refuse = Arc::new(AtomicBool::new(false));
    let (kept, refusing) = (received.clone(), refuse.clone());
    let hook = Router::new().route(
        "/hook",
        post(async move |headers: HeaderMap, body: Bytes| {
            kept.lock().expect("not poisoned").push((headers, body));
            if refusing.load(Ordering::Relaxed) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK }
        }),
    );
    let out = Http::routed(clock.clone(), BTreeMap::from([("rapport.test:80".to_owned(), hook)]));
    let close = CloseSim::new(clock.clone(), Random::seeded(1), out, Tasks::new());
    let http = Http::routed(clock, BTreeMap::from([("close.test:80".to_owned(), close.router())]));
    World { close, http, time, received, refuse }
}

impl World {
    async fn try_call(&self, method: &str, path: &str, body: Value) -> Result<http::Response<Bytes>, TransportError> {
        let key = BASE64_STANDARD.encode(format!("{API_KEY}:"));
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://close.test/api/v1/{path}"))
            .header("authorization", format!("Basic {key}"))
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) })
            .expect("a request");
        self.http.send(request, Duration::from_secs(5)).await
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.try_call(method, path, body).await.expect("an answer");
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    async fn draft(&self, text: &str) -> String {
        let body = json!({"status": "draft", "local_phone": OUR_NUMBER, "remote_phone": LEAD, "text": text});
        let (status, made) = self.call("POST", "activity/sms/", body).await;
        assert_eq!(status, 200, "{made}");
        made["id"].as_str().expect("an id").to_owned()
    }

    fn add_lead(&self) -> (String, String) {
        self.close.add_lead(LeadSeed {
            name: "Whitfield Bakery".into(),
            contact: "Dana".into(),
            phone: LEAD.into(),
            timezone: Some("America/Denver".into()),
            ..LeadSeed::default()
        })
    }
}

/// Every member that the schema `SMSActivity` requires.
const REQUIRED: [&str; 27] = [
    "_type",
    "activity_at",
    "contact_id",
    "cost",
    "created_by",
    "date_created",
    "date_scheduled",
    "date_sent",
    "date_updated",
    "direction",
    "error_message",
    "id",
    "lead_id",
    "local_country_iso",
    "local_phone",
    "local_phone_formatted",
    "organization_id",
    "remote_country_iso",
    "remote_phone",
    "remote_phone_formatted",
    "source",
    "status",
    "template_id",
    "text",
    "updated_by",
    "user_id",
    "users",
];

#[tokio::test]
async fn an_inbound_text_has_every_published_member_and_finds_its_lead() {
    let world = world();
    let (lead_id, contact_id) = world.add_lead();
    let id = world.close.lead_texts(LEAD, OUR_NUMBER, "SMS in Close?");
    let (status, text) = world.call("GET", &format!("activity/sms/{id}/"), Value::Null).await;
    assert_eq!(status, 200);
    for member in REQUIRED {
        assert!(text.get(member).is_some(), "{member} is missing");
    }
    assert_eq!((&text["direction"], &text["status"]), (&json!("inbound"), &json!("inbox")));
    assert_eq!((&text["lead_id"], &text["contact_id"]), (&json!(lead_id), &json!(contact_id)));
    assert_eq!(text["created_by"], Value::Null);
    assert_eq!(text["user_id"], json!(world.close.admin()));
    assert_eq!(text["remote_phone_formatted"], "+1 720-555-0111");
    assert_eq!(text["date_created"], "2026-11-24T16:00:00.000000+00:00");
}

#[tokio::test]
async fn a_draft_becomes_outbox_once_and_a_sent_text_cannot_change() {
    let world = world();
    let id = world.draft("Hi").await;
    assert_eq!(world.close.drafts().len(), 1);
    let path = format!("activity/sms/{id}/");
    let (status, edited) = world.call("PUT", &path, json!({"text": "Hi there"})).await;
    assert_eq!((status, &edited["status"]), (200, &json!("draft")));
    let (status, sent) = world.call("PUT", &path, json!({"status": "outbox"})).await;
    assert_eq!((status, &sent["status"]), (200, &json!("outbox")));
    let texts = world.close.texts_sent();
    assert_eq!((texts.len(), texts[0].text.as_str(), texts[0].to.as_str()), (1, "Hi there", LEAD));
    assert_eq!(world.close.activity(&id)["status"], "sent");
    for change in [json!({"status": "outbox"}), json!({"text": "again"}), json!({"status": "draft"})] {
        let (status, body) = world.call("PUT", &path, change).await;
        assert_eq!(status, 400);
        assert!(body["errors"].is_array() && body["field-errors"].is_object());
    }
    assert_eq!(world.close.texts_sent().len(), 1);
}

#[tokio::test]
async fn what_waits_in_the_outbox_can_be_called_back() {
    let world = world();
    world.close.send_at_once(false);
    let id = world.draft("Hi").await;
    let path = format!("activity/sms/{id}/");
    world.call("PUT", &path, json!({"status": "outbox"})).await;
    assert_eq!(world.call("PUT", &path, json!({"text": "no"})).await.0, 400);
    let (status, back) = world.call("PUT", &path, json!({"status": "draft"})).await;
    assert_eq!((status, &back["status"]), (200, &json!("draft")));
    assert!(world.close.deliver_outbox().is_empty());
    world.call("PUT", &path, json!({"status": "outbox"})).await;
    assert_eq!(world.close.deliver_outbox(), std::slice::from_ref(&id));
    assert_eq!(world.close.texts_sent().len(), 1);
    assert_eq!(world.close.texts_attempted().len(), 2);
    assert_eq!(world.call("DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(world.call("GET", &path, Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_scheduled_text_and_an_undo_window_wait_for_their_time() {
    let world = world();
    let base = json!({"local_phone": OUR_NUMBER, "remote_phone": LEAD, "text": "later"});
    let mut scheduled = base.clone();
    scheduled["status"] = json!("scheduled");
    assert_eq!(world.call("POST", "activity/sms/", scheduled.clone()).await.0, 400);
    scheduled["date_scheduled"] = json!("2026-11-24T17:00:00Z");
    assert_eq!(world.call("POST", "activity/sms/", scheduled).await.0, 200);
    let mut soon = base;
    soon["status"] = json!("outbox");
    soon["send_in"] = json!(30);
    assert_eq!(world.call("POST", "activity/sms/", soon.clone()).await.0, 200);
    soon["send_in"] = json!(60);
    assert_eq!(world.call("POST", "activity/sms/", soon).await.0, 400);
    world.close.deliver_outbox();
    assert_eq!(world.close.texts_sent().len(), 0);
    world.time.advance(Duration::from_secs(30));
    world.close.deliver_outbox();
    assert_eq!(world.close.texts_sent().len(), 1);
    world.time.advance(Duration::from_hours(1));
    world.close.deliver_outbox();
    assert_eq!(world.close.texts_sent().len(), 2);
}

#[tokio::test]
async fn wrong_requests_are_refused_in_closes_shape() {
    let world = world();
    let good = json!({"status": "draft", "local_phone": OUR_NUMBER, "remote_phone": LEAD, "text": "x"});
    let with = |key: &str, value: Value| {
        let mut body = good.clone();
        body[key] = value;
        body
    };
    let cases = [
        ("external_id", with("external_id", json!("ours"))),
        ("local_phone", with("local_phone", json!("+13035550199"))),
        ("status", with("status", json!("delivered"))),
        ("lead_id", with("lead_id", json!("lead_unknown"))),
    ];
    for (field, body) in cases {
        let (status, answer) = world.call("POST", "activity/sms/", body).await;
        assert_eq!(status, 400);
        assert!(answer["field-errors"][field].is_string(), "{answer}");
    }
    let stranger = http::Request::get("http://close.test/api/v1/me/").body(Bytes::new()).expect("a request");
    let answer = world.http.send(stranger, Duration::from_secs(1)).await.expect("an answer");
    assert_eq!(answer.status(), 401);
    let body: Value = serde_json::from_slice(answer.body()).expect("JSON");
    assert!(body["error"].is_string());
    assert_eq!(world.call("GET", "activity/sms/acti_none/", Value::Null).await.0, 404);
}

#[tokio::test]
async fn a_text_that_leaves_writes_created_updated_and_sent() {
    let world = world();
    let id = world.draft("Hi").await;
    world.call("PUT", &format!("activity/sms/{id}/"), json!({"status": "outbox"})).await;
    let events = world.close.events();
    let told: Vec<(&str, &str)> =
        events.iter().map(|e| (text(e, "action"), e["data"]["status"].as_str().unwrap_or_default())).collect();
    assert_eq!(told, [("created", "draft"), ("updated", "outbox"), ("sent", "sent")]);
    assert_eq!(events[1]["changed_fields"], json!(["status"]));
    assert_eq!(events[1]["previous_data"], json!({"status": "draft"}));
    assert!(events.iter().all(|event| event["api_key_id"].is_string() && event["object_id"] == id.as_str()));
    assert_eq!(events[0]["date_created"], "2026-11-24T16:00:00.000000");
}

#[tokio::test]
async fn a_blocked_number_ends_in_an_error_that_an_updated_event_tells() {
    let world = world();
    let (_, contact) = world.add_lead();
    world.close.block_number(LEAD);
    let id = world.draft("Hi").await;
    world.call("PUT", &format!("activity/sms/{id}/"), json!({"status": "outbox"})).await;
    let text = world.close.activity(&id);
    assert_eq!(text["status"], "error");
    assert!(text["error_message"].as_str().is_some_and(|message| message.contains("21610")));
    assert!(world.close.texts_sent().is_empty());
    let events = world.close.events();
    let last = events.last().expect("an event");
    assert_eq!((&last["action"], &last["data"]["status"]), (&json!("updated"), &json!("error")));
    let (_, contact) = world.call("GET", &format!("contact/{contact}/"), Value::Null).await;
    assert_eq!(contact["phones"][0]["outbound_sms_blocked"], true);
}

#[tokio::test]
async fn a_webhook_is_signed_over_its_raw_bytes_and_its_key_told_once() {
    let world = world();
    let wish =
        json!({"url": "http://rapport.test/hook", "events": [{"object_type": "activity.sms", "action": "created"}]});
    let (status, made) = world.call("POST", "webhook/", wish).await;
    assert_eq!(status, 201);
    let key = hex::decode(made["signature_key"].as_str().expect("a key")).expect("hex");
    assert_eq!(key.len(), 32);
    let (_, listed) = world.call("GET", "webhook/", Value::Null).await;
    assert_eq!(listed["data"][0]["id"], made["id"]);
    assert!(listed["data"][0].get("signature_key").is_none());
    world.close.lead_texts(LEAD, OUR_NUMBER, "hello");
    let reports = world.close.deliver_webhooks().await;
    assert!(reports.len() == 1 && reports[0].accepted());
    let received = world.received.lock().expect("not poisoned").clone();
    let (headers, body) = &received[0];
    let mut message = headers["close-sig-timestamp"].as_bytes().to_vec();
    message.extend_from_slice(body);
    let expected = super::super::wire::hmac_hex(&key, &message);
    assert_eq!(headers["close-sig-hash"], expected.as_str());
    let body: Value = serde_json::from_slice(body).expect("JSON");
    assert_eq!(body["subscription_id"], made["id"]);
    assert_eq!(body["event"]["data"]["text"], "hello");
}

#[tokio::test]
async fn a_failed_webhook_is_kept_and_retried_after_61_seconds() {
    let world = world();
    world.close.subscribe("http://rapport.test/hook", &[("activity.sms", "created")]);
    world.refuse.store(true, Ordering::Relaxed);
    world.close.lead_texts(LEAD, OUR_NUMBER, "hello");
    assert_eq!(world.close.deliver_webhooks().await[0].status, Some(503));
    assert_eq!(world.close.webhooks_outstanding(), 1);
    world.refuse.store(false, Ordering::Relaxed);
    world.time.advance(Duration::from_mins(1));
    assert!(world.close.0.courier.retry_due().await.is_empty());
    world.time.advance(Duration::from_secs(1));
    let retried = world.close.0.courier.retry_due().await;
    assert_eq!((retried[0].attempt, retried[0].accepted()), (2, true));
    assert_eq!(world.close.webhooks_outstanding(), 0);
}

#[tokio::test]
async fn webhook_faults_do_what_they_say() {
    let world = world();
    world.close.subscribe("http://rapport.test/hook", &[("activity.sms", "created")]);
    let ids = |reports: &[crate::sim::Delivered]| reports.iter().map(|report| report.id.clone()).collect::<Vec<_>>();
    let text = |words: &str| world.close.lead_texts(LEAD, OUR_NUMBER, words);
    world.close.faults().webhooks(1, WebhookFault::Duplicate);
    text("one");
    let twice = ids(&world.close.deliver_webhooks().await);
    assert!(twice.len() == 2 && twice[0] == twice[1]);
    world.close.faults().webhooks(1, WebhookFault::Reorder);
    text("two");
    text("three");
    let order = ids(&world.close.deliver_webhooks().await);
    let logged: Vec<String> = world.close.events().iter().map(|event| super::text(event, "id").to_owned()).collect();
    let place = |id: &String| logged.iter().position(|known| known == id);
    assert!(place(&order[0]) > place(&order[1]));
    world.close.faults().webhooks(1, WebhookFault::Drop);
    text("four");
    assert!(world.close.deliver_webhooks().await.is_empty());
    assert_eq!(world.close.webhooks_outstanding(), 0);
    world.close.faults().webhooks(1, WebhookFault::Delay(Duration::from_secs(30)));
    text("five");
    assert!(world.close.deliver_webhooks().await.is_empty());
    assert_eq!(world.close.retry_webhooks().await.len(), 1);
}

#[tokio::test]
async fn the_event_log_pages_by_cursor_newest_first_and_back() {
    let world = world();
    for number in 0..7 {
        world.close.lead_texts(LEAD, OUR_NUMBER, &format!("text {number}"));
        world.time.advance(Duration::from_secs(1));
    }
    let path = "event/?object_type=activity.sms&action=created&_limit=3";
    let mut seen: Vec<String> = Vec::new();
    let mut cursor = String::new();
    let last_previous;
    loop {
        let (status, page) = world.call("GET", &format!("{path}{cursor}"), Value::Null).await;
        assert_eq!(status, 200);
        seen.extend(page["data"].as_array().expect("data").iter().map(|e| text(&e["data"], "text").to_owned()));
        let Some(next) = page["cursor_next"].as_str() else {
            last_previous = page["cursor_previous"].clone();
            break;
        };
        cursor = format!("&_cursor={next}");
    }
    assert_eq!(seen, ["text 6", "text 5", "text 4", "text 3", "text 2", "text 1", "text 0"]);
    let (_, back) =
        world.call("GET", &format!("{path}&_cursor={}", last_previous.as_str().expect("a cursor")), Value::Null).await;
    assert_eq!(back["data"][0]["data"]["text"], "text 3");
    let since = "event/?object_type=activity.sms&action=created&date_updated__gte=2026-11-24T16:00:05";
    assert_eq!(world.call("GET", since, Value::Null).await.1["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(world.call("GET", "event/?action=created", Value::Null).await.0, 400);
    world.time.advance(Duration::from_hours(24 * 31));
    assert_eq!(world.call("GET", path, Value::Null).await.1["data"], json!([]));
}

#[tokio::test]
async fn the_list_filters_by_lead_and_date_and_says_whether_there_is_more() {
    let world = world();
    let (lead_id, _) = world.add_lead();
    for words in ["a", "b", "c"] {
        world.close.lead_texts(LEAD, OUR_NUMBER, words);
        world.time.advance(Duration::from_secs(1));
    }
    world.close.lead_texts("+17205550199", OUR_NUMBER, "a stranger");
    let path = format!("activity/sms/?lead_id={lead_id}&_limit=2&_fields=text,lead_id");
    let (_, page) = world.call("GET", &path, Value::Null).await;
    assert_eq!(page["data"], json!([{"text": "c", "lead_id": lead_id}, {"text": "b", "lead_id": lead_id}]));
    assert_eq!(page["has_more"], true);
    let later = format!("activity/sms/?lead_id={lead_id}&date_created__gt=2026-11-24T16:00:01%2B00:00");
    let (_, page) = world.call("GET", &later, Value::Null).await;
    assert_eq!((page["data"].as_array().map(Vec::len), &page["has_more"]), (Some(1), &json!(false)));
}

#[tokio::test]
async fn every_answer_tells_the_rate_limit_and_too_many_are_refused() {
    let world = world();
    world.close.set_rate_limit("GET me", RateLimit { limit: 1, window: Duration::from_secs(5) });
    let first = world.try_call("GET", "me/", Value::Null).await.expect("an answer");
    assert_eq!(first.headers()["ratelimit"], "limit=1, remaining=0, reset=5.0");
    world.close.set_rate_limit_separator(';');
    let second = world.try_call("GET", "me/", Value::Null).await.expect("an answer");
    assert_eq!((second.status().as_u16(), &second.headers()["retry-after"]), (429, &"5".parse().expect("a header")));
    assert_eq!(second.headers()["ratelimit"], "limit=1; remaining=0; reset=5.0");
    assert_eq!(world.call("GET", "user/", Value::Null).await.0, 200);
    world.time.advance(Duration::from_secs(5));
    assert_eq!(world.call("GET", "me/", Value::Null).await.0, 200);
}

#[tokio::test]
async fn a_cut_after_accepting_takes_effect_and_breaks_the_answer() {
    let world = world();
    let body = json!({"status": "draft", "local_phone": OUR_NUMBER, "remote_phone": LEAD, "text": "x"});
    world.close.faults().once("POST", "/api/v1/activity/sms/", Fault::CutAfterAccepting);
    let broken = world.try_call("POST", "activity/sms/", body.clone()).await;
    assert!(matches!(broken, Err(TransportError::Broken { .. })));
    assert_eq!(world.close.drafts().len(), 1);
    world.close.faults().once("POST", "/api/v1/activity/*", Fault::CutBeforeAccepting);
    assert!(world.try_call("POST", "activity/sms/", body.clone()).await.is_err());
    assert_eq!(world.close.drafts().len(), 1);
    world.close.faults().once("*", "*", Fault::TooManyRequests(7));
    let limited = world.try_call("POST", "activity/sms/", body.clone()).await.expect("an answer");
    assert_eq!((limited.status().as_u16(), &limited.headers()["retry-after"]), (429, &"7".parse().expect("a header")));
    world.close.faults().once("*", "*", Fault::MalformedJson);
    let malformed = world.try_call("POST", "activity/sms/", body).await.expect("an answer");
    assert!(serde_json::from_slice::<Value>(malformed.body()).is_err());
    assert_eq!(world.close.drafts().len(), 2);
}

#[tokio::test]
async fn a_merge_moves_texts_and_says_from_where_to_where() {
    let world = world();
    let (source, _) = world.add_lead();
    let (destination, _) =
        world.close.add_lead(LeadSeed { name: "Kept".into(), contact: "Kim".into(), ..LeadSeed::default() });
    let id = world.close.lead_texts(LEAD, OUR_NUMBER, "hello");
    assert!(world.close.merge_leads(&source, &destination));
    assert_eq!(world.close.activity(&id)["lead_id"], json!(destination));
    assert_eq!(world.call("GET", &format!("lead/{source}/"), Value::Null).await.0, 404);
    let (_, lead) = world.call("GET", &format!("lead/{destination}/"), Value::Null).await;
    assert_eq!(lead["contacts"].as_array().map(Vec::len), Some(2));
    let merged = world.close.events().pop().expect("an event");
    assert_eq!((&merged["object_type"], &merged["action"]), (&json!("lead"), &json!("merged")));
    assert_eq!(merged["meta"]["merge_source_lead_id"], json!(source));
    assert_eq!(merged["meta"]["merge_destination_lead_id"], json!(destination));
}

#[tokio::test]
async fn a_rep_who_types_leaves_a_draft_without_an_api_key() {
    let world = world();
    let user = world.close.admin();
    let id = world.close.rep_types_draft(&user, LEAD, OUR_NUMBER, "we have an");
    let created = world.close.events().pop().expect("an event");
    assert_eq!((&created["action"], &created["data"]["direction"]), (&json!("created"), &json!("outbound")));
    assert_eq!((&created["api_key_id"], &created["user_id"]), (&Value::Null, &json!(user)));
    assert!(world.close.rep_edits_draft(&user, &id, "we have an opening"));
    assert!(world.close.rep_sends_draft(&user, &id));
    assert_eq!(world.close.texts_sent()[0].api_key_id, None);
    assert!(!world.close.rep_sends_draft(&user, &id));
}

#[tokio::test]
async fn who_we_are_what_we_have_and_what_is_to_do_can_be_read() {
    let world = world();
    let (lead_id, _) = world.add_lead();
    let (_, me) = world.call("GET", "me/", Value::Null).await;
    assert_eq!(me["memberships"][0]["user_id"], me["id"]);
    let (_, numbers) = world.call("GET", "phone_number/?number=%2B13035550100", Value::Null).await;
    assert_eq!(numbers["data"][0]["type"], "internal");
    assert_eq!(numbers["data"][0]["sms_enabled"], true);
    let (status, task) =
        world.call("POST", "task/", json!({"_type": "lead", "lead_id": lead_id, "text": "Call"})).await;
    assert_eq!((status, &task["is_complete"]), (200, &json!(false)));
    world.close.lead_texts(LEAD, OUR_NUMBER, "hello");
    let open = format!("task/?_type=incoming_sms&is_complete=false&lead_id={lead_id}");
    let (_, inbox) = world.call("GET", &open, Value::Null).await;
    let item = inbox["data"][0]["id"].as_str().expect("an id");
    world.call("PUT", &format!("task/{item}/"), json!({"is_complete": true})).await;
    assert_eq!(world.call("GET", &open, Value::Null).await.1["data"], json!([]));
    let (_, note) = world.call("POST", "activity/note/", json!({"lead_id": lead_id, "note": "Why"})).await;
    assert_eq!(note["_type"], "Note");
    let (_, found) = world.call("GET", "lead/?query=phone:7205550111", Value::Null).await;
    assert_eq!(found["data"][0]["id"], json!(lead_id));
    assert_eq!(found["data"][0]["contacts"][0]["timezone"], "America/Denver");
}

#[tokio::test]
async fn tasks_are_found_by_lead_done_and_deleted() {
    let world = world();
    let (lead_id, _) = world.add_lead();
    let (_, other) = world.call("POST", "task/", json!({"_type": "lead", "lead_id": "lead_none", "text": "x"})).await;
    assert_eq!(other["field-errors"]["lead_id"], "This lead does not exist.");
    let (_, task) = world.call("POST", "task/", json!({"_type": "lead", "lead_id": lead_id, "text": "Call"})).await;
    let id = task["id"].as_str().expect("an id");
    let of_lead = format!("task/?_type=lead&lead_id={lead_id}&_order_by=-date_created");
    assert!(world.close.rep_completes_task(&world.close.admin(), id));
    let (_, found) = world.call("GET", &of_lead, Value::Null).await;
    assert_eq!((&found["data"][0]["id"], &found["data"][0]["is_complete"]), (&json!(id), &json!(true)));
    assert_eq!(world.call("DELETE", &format!("task/{id}/"), Value::Null).await.0, 200);
    assert_eq!(world.call("DELETE", &format!("task/{id}/"), Value::Null).await.0, 404);
    assert_eq!(world.call("GET", &of_lead, Value::Null).await.1["data"], json!([]));
}
