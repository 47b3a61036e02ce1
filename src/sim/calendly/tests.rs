//! The simulated Calendly against its published facts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::routing::post;
use http::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::sim::wire::{hmac_hex, instant};

struct World {
    calendly: CalendlySim,
    http: Http,
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
}

/// Tuesday, 9:00 in Denver.
const NOW: &str = "2026-11-24T16:00:00Z";

fn world() -> World {
    let (clock, _) = Clock::manual(NOW.parse().expect("an instant"));
    let received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>> = Arc::default();
    let kept = received.clone();
    let keep = async move |headers: HeaderMap, body: Bytes| kept.lock().expect("not poisoned").push((headers, body));
    let hook = Router::new().route("/hook", post(keep));
    let out = Http::routed(clock.clone(), BTreeMap::from([("rapport.test:80".to_owned(), hook)]));
    let calendly = CalendlySim::new(clock.clone(), Random::seeded(1), out, Tasks::new());
    let http = Http::routed(clock, BTreeMap::from([("calendly.test:80".to_owned(), calendly.router())]));
    World { calendly, http, received }
}

impl World {
    async fn answer(&self, method: &str, path: &str, body: Value) -> http::Response<Bytes> {
        let request = http::Request::builder()
            .method(method)
            .uri(format!("http://calendly.test/{path}"))
            .header("authorization", format!("Bearer {TOKEN}"))
            .body(if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) })
            .expect("a request");
        self.http.send(request, Duration::from_secs(5)).await.expect("an answer")
    }

    async fn call(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let answer = self.answer(method, path, body).await;
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap_or_default())
    }

    fn event_type(&self) -> String {
        self.calendly.event_types().remove(0)
    }

    async fn times(&self, from: &str, to: &str) -> (u16, Value) {
        let path =
            format!("event_type_available_times?event_type={}&start_time={from}&end_time={to}", self.event_type());
        self.call("GET", &path, Value::Null).await
    }
}

#[tokio::test]
async fn open_times_are_weekday_office_hours_of_the_host() {
    let world = world();
    let (status, page) = world.times("2026-11-24T16:01:00Z", "2026-11-25T23:59:00Z").await;
    assert_eq!(status, 200);
    let slots = page["collection"].as_array().expect("a collection");
    // Denver is UTC-7: two hours' notice makes 11:00 the first of today, 16:30 the last of a day.
    assert_eq!(slots[0]["start_time"], "2026-11-24T18:00:00.000000Z");
    assert_eq!(slots.last().expect("slots")["start_time"], "2026-11-25T23:30:00.000000Z");
    assert_eq!(slots.len(), 12 + 16);
    assert_eq!((&slots[0]["status"], &slots[0]["invitees_remaining"]), (&json!("available"), &json!(1)));
    let url = slots[0]["scheduling_url"].as_str().expect("a URL");
    assert!(url.ends_with("/intro-call/2026-11-24T18:00:00Z?month=2026-11&date=2026-11-24"), "{url}");
    let (_, weekend) = world.times("2026-11-28T07:00:00Z", "2026-11-30T07:00:00Z").await;
    assert_eq!(weekend["collection"], json!([]));
}

#[tokio::test]
async fn times_in_the_past_or_over_more_than_31_days_are_refused_with_details() {
    let world = world();
    let (status, refused) = world.times(NOW, "2026-11-25T00:00:00Z").await;
    assert_eq!((status, &refused["title"]), (400, &json!("Invalid Argument")));
    assert_eq!(refused["details"][0], json!({"parameter": "start_time", "message": "must be in the future"}));
    assert_eq!(world.times("2026-11-25T00:00:00Z", "2026-12-26T00:00:00Z").await.0, 200);
    assert_eq!(world.times("2026-11-25T00:00:00Z", "2026-12-26T00:00:01Z").await.0, 400);
}

#[tokio::test]
async fn the_token_is_required_and_every_answer_tells_the_rate_limit() {
    let world = world();
    let stranger = http::Request::get("http://calendly.test/users/me").body(Bytes::new()).expect("a request");
    let refused = world.http.send(stranger, Duration::from_secs(1)).await.expect("an answer");
    assert_eq!(refused.status(), 401);
    world.calendly.set_rate_limit(2);
    let second = world.answer("GET", "users/me", Value::Null).await;
    assert_eq!(second.headers()["x-ratelimit-remaining"], "0");
    assert_eq!(second.headers()["x-ratelimit-reset"], "60");
    let third = world.answer("GET", "users/me", Value::Null).await;
    assert_eq!(third.status(), 429);
    assert!(!third.headers().contains_key("retry-after"));
}

#[tokio::test]
async fn a_link_is_made_for_an_event_type_and_books_once() {
    let world = world();
    let body = json!({"max_event_count": 1, "owner": world.event_type(), "owner_type": "EventType"});
    let (status, made) = world.call("POST", "scheduling_links", body).await;
    assert_eq!(status, 201);
    let url = made["resource"]["booking_url"].as_str().expect("a URL").to_owned();
    assert!(url.starts_with("https://calendly.com/d/") && url.ends_with("/intro-call"), "{url}");
    let open = world.calendly.open_slots(3);
    let tracked = format!("{url}?utm_source=rapport&utm_content=tok");
    let invitee = world.calendly.book_by_link(&tracked, open[0], "Dana", "dana@example.com").expect("booked");
    let path = invitee.trim_start_matches("https://api.calendly.com/");
    let (_, read) = world.call("GET", path, Value::Null).await;
    assert_eq!(read["resource"]["tracking"]["utm_content"], "tok");
    assert!(world.calendly.book_by_link(&url, open[2], "Dana", "dana@example.com").is_none());
    let wrong = json!({"max_event_count": 2, "owner": world.event_type(), "owner_type": "EventType"});
    assert_eq!(world.call("POST", "scheduling_links", wrong).await.0, 400);
}

#[tokio::test]
async fn a_booked_time_is_gone_and_booking_it_again_is_a_conflict() {
    let world = world();
    let start: jiff::Timestamp = "2026-11-30T17:00:00Z".parse().expect("an instant");
    world.calendly.set_slots(vec![start]);
    let body = json!({
        "event_type": world.event_type(), "start_time": "2026-11-30T17:00:00Z",
        "invitee": {"name": "Dana", "email": "dana@example.com", "timezone": "America/Denver"},
        "location": {"kind": "outbound_call", "location": "+17205550111"},
    });
    let mut nameless = body.clone();
    nameless["invitee"].as_object_mut().expect("an object").remove("email");
    let (status, refused) = world.call("POST", "invitees", nameless).await;
    assert_eq!((status, &refused["details"][0]["parameter"]), (400, &json!("invitee.email")));
    let (status, made) = world.call("POST", "invitees", body.clone()).await;
    assert_eq!((status, &made["resource"]["scheduling_method"]), (201, &json!("api")));
    assert_eq!(world.call("POST", "invitees", body).await.0, 409);
    let user = world.call("GET", "users/me", Value::Null).await.1["resource"]["uri"].clone();
    let path =
        format!("scheduled_events?user={}&invitee_email=dana@example.com&status=active", user.as_str().expect("a URI"));
    let (_, events) = world.call("GET", &path, Value::Null).await;
    let event = &events["collection"][0];
    assert_eq!(event["end_time"], "2026-11-30T17:20:00.000000Z");
    let id = id_of(event["uri"].as_str().expect("a URI")).to_owned();
    let cancel = format!("scheduled_events/{id}/cancellation");
    let (status, cancelled) = world.call("POST", &cancel, json!({"reason": "Moved"})).await;
    assert_eq!((status, &cancelled["resource"]["canceler_type"]), (201, &json!("host")));
    assert_ne!(world.call("POST", &cancel, json!({})).await.0, 201);
    assert_eq!(world.calendly.open_slots(10), [start]);
}

#[tokio::test]
async fn webhooks_are_signed_with_the_chosen_key_and_a_second_subscription_conflicts() {
    let world = world();
    let organization = world.call("GET", "users/me", Value::Null).await.1["resource"]["current_organization"].clone();
    let body = json!({"url": "http://rapport.test/hook", "events": ["invitee.created", "invitee.canceled"],
        "organization": organization, "scope": "organization", "signing_key": "our secret"});
    let (status, made) = world.call("POST", "webhook_subscriptions", body.clone()).await;
    assert_eq!((status, &made["resource"]["state"]), (201, &json!("active")));
    assert_eq!(world.call("POST", "webhook_subscriptions", body).await.0, 409);
    let open = world.calendly.open_slots(3);
    let tracking = Tracking { content: Some("tok".into()), ..Tracking::default() };
    let invitee = world.calendly.book(open[0], "Dana", "dana@example.com", &tracking).expect("booked");
    let moved = world.calendly.reschedule(&invitee, open[4]).expect("moved");
    assert_eq!(world.calendly.deliver_webhooks().await.len(), 3);
    let received = world.received.lock().expect("not poisoned").clone();
    for (headers, body) in &received {
        let header = headers["calendly-webhook-signature"].to_str().expect("text");
        let (t, v1) = header.split_once(",v1=").expect("two parts");
        let t = t.strip_prefix("t=").expect("a time");
        let message = [t.as_bytes(), b".", body].concat();
        assert_eq!(v1, hmac_hex(b"our secret", &message));
    }
    let bodies: Vec<Value> = received.iter().map(|(_, body)| serde_json::from_slice(body).expect("JSON")).collect();
    let kinds: Vec<&str> = bodies.iter().map(|body| text(body, "event")).collect();
    assert_eq!(kinds, ["invitee.created", "invitee.created", "invitee.canceled"]);
    assert_eq!(bodies[1]["payload"]["old_invitee"], json!(invitee));
    assert_eq!(bodies[2]["payload"]["rescheduled"], true);
    assert_eq!(bodies[2]["payload"]["new_invitee"], json!(moved));
    let start = text(&bodies[1]["payload"]["scheduled_event"], "start_time");
    assert_eq!(instant(start), Some(open[4]));
}

use crate::sim::wire::text;

#[tokio::test]
async fn collections_are_paged_by_token() {
    let world = world();
    for place in 0..3 {
        world.calendly.add_event_type(&format!("Type {place}"), &format!("type-{place}"), 30);
    }
    let user = world.call("GET", "users/me", Value::Null).await.1["resource"]["uri"].clone();
    let base = format!("event_types?user={}&count=3", user.as_str().expect("a URI"));
    let (_, first) = world.call("GET", &base, Value::Null).await;
    assert_eq!(first["collection"].as_array().map(Vec::len), Some(3));
    let token = first["pagination"]["next_page_token"].as_str().expect("a token");
    let (_, second) = world.call("GET", &format!("{base}&page_token={token}"), Value::Null).await;
    assert_eq!(second["collection"].as_array().map(Vec::len), Some(1));
    assert_eq!(second["pagination"]["next_page_token"], Value::Null);
    assert_eq!(world.call("GET", "event_types", Value::Null).await.0, 400);
}
