//! How the client calls, waits and tries again; and what the other rooms' tests need to stand in for Close.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request as Incoming;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use http::StatusCode;

use super::*;
use crate::runtime::clock::{ManualTime, after};
use crate::runtime::upstream::Outcome;

/// A client whose calls `router` answers, on a clock moved by hand.
pub(in crate::close) fn client_for(router: Router) -> (CloseClient, ManualTime) {
    let (clock, time) = Clock::manual("2026-09-01T12:00:00Z".parse().expect("an instant"));
    let http = Http::routed(clock.clone(), BTreeMap::from([("close.test:80".to_owned(), router)]));
    let key = SecretString::from("api_key");
    let client = CloseClient::new(http, clock, "http://close.test", key, Duration::from_secs(10)).expect("a client");
    (client.with_random(Random::seeded(1)), time)
}

/// Drives `future` to its end, moving the clock whenever it waits.
pub(in crate::close) async fn drive<F: Future>(client: &CloseClient, time: &ManualTime, future: F) -> F::Output {
    tokio::pin!(future);
    loop {
        if let std::task::Poll::Ready(output) = futures_util::poll!(&mut future) {
            return output;
        }
        if let Some(at) = time.next_wake() {
            time.advance(crate::runtime::clock::until(client.clock().now(), at));
        }
    }
}

/// Answers with each of `answers` in turn, then with the last one for ever; counts the calls.
fn scripted(answers: Vec<(u16, &'static str, &'static str)>) -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let handler = move || {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        let (status, header, body) = answers[call.min(answers.len() - 1)];
        async move { answer(status, header, body) }
    };
    (Router::new().fallback(any(handler)), calls)
}

fn answer(status: u16, rate_limit: &'static str, body: &'static str) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    if rate_limit.is_empty() {
        return (status, body).into_response();
    }
    (status, [("ratelimit", rate_limit), ("retry-after", "5")], body).into_response()
}

fn read() -> Call {
    Call::get("me", "read who we are")
}

fn write() -> Call {
    Call::write(Method::POST, "activity/sms", Some(serde_json::json!({})), "create a draft")
}

#[tokio::test]
async fn a_call_carries_the_key_the_offset_and_the_trailing_slash() {
    let handler = |request: Incoming| async move {
        let header = |name: &str| request.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header("authorization"), format!("Basic {}", STANDARD.encode("api_key:")));
        assert_eq!(header("accept"), "application/json");
        assert_eq!(header("x-tz-offset"), "0");
        assert_eq!(request.uri().path(), "/api/v1/me/");
        "{}"
    };
    let (client, _time) = client_for(Router::new().fallback(any(handler)));
    assert_eq!(client.read(read()).await, Ok(serde_json::json!({})));
}

#[test]
fn an_address_is_taken_with_or_without_a_slash_or_a_path() {
    for (given, wanted) in [
        ("https://api.close.com/api/v1", "https://api.close.com/api/v1/"),
        ("https://api.close.com/api/v1/", "https://api.close.com/api/v1/"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v1/"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v1/"),
        ("https://proxy.example/close", "https://proxy.example/close/"),
    ] {
        assert_eq!(base_address(given).map(String::from).as_deref(), Ok(wanted));
    }
    for bad in ["api.close.com", "ftp://api.close.com", "", "https://key@api.close.com"] {
        assert!(matches!(base_address(bad), Err(CloseError::BadAddress { .. })), "{bad}");
    }
}

#[tokio::test]
async fn a_read_is_tried_three_times() {
    let (router, calls) = scripted(vec![(502, "", ""), (200, "", "not json"), (200, "", "{}")]);
    let (client, time) = client_for(router);
    assert_eq!(drive(&client, &time, client.read(read())).await, Ok(serde_json::json!({})));
    assert_eq!(calls.load(Ordering::SeqCst), 3);

    let (router, calls) = scripted(vec![(502, "", "")]);
    let (client, time) = client_for(router);
    assert!(matches!(drive(&client, &time, client.read(read())).await, Err(CloseError::Failing { .. })));
    assert_eq!(calls.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_read_waits_as_long_as_a_429_asks() {
    let (router, _calls) = scripted(vec![(429, "limit=20, remaining=0, reset=5", "{}"), (200, "", "{}")]);
    let (client, time) = client_for(router);
    let begun = client.clock().now();
    assert_eq!(drive(&client, &time, client.read(read())).await, Ok(serde_json::json!({})));
    assert!(client.clock().now() >= after(begun, Duration::from_secs(5)));
}

#[tokio::test]
async fn a_refused_read_is_not_tried_again() {
    let (router, calls) = scripted(vec![(401, "", r#"{"error":"unauthorized"}"#)]);
    let (client, _time) = client_for(router);
    assert!(matches!(client.read(read()).await, Err(CloseError::Unauthorized { .. })));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_write_is_made_once_whatever_happens() {
    for (status, body, outcome) in [
        (500, "", Outcome::Unknown),
        (504, "", Outcome::Unknown),
        (200, "{\"id\": \"acti", Outcome::Unknown),
        (503, "", Outcome::Retryable { after: None }),
        (400, "{}", Outcome::Rejected),
    ] {
        let (router, calls) = scripted(vec![(status, "", body)]);
        let (client, _time) = client_for(router);
        let error = client.write(write()).await.expect_err("a failure");
        assert_eq!(error.outcome(), outcome, "{status}");
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn a_write_is_not_sent_into_a_known_rate_limit() {
    let (router, calls) = scripted(vec![(429, "limit=20; remaining=0; reset=4.5", "{}")]);
    let (client, _time) = client_for(router);
    for _ in 0..2 {
        let error = client.write(write()).await.expect_err("a failure");
        assert_eq!(error.outcome(), Outcome::Retryable { after: Some(Duration::from_secs(5)) });
    }
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_never_comes_is_unknown_for_a_write_and_retried_for_a_read() {
    let router = Router::new().fallback(any(std::future::pending::<StatusCode>));
    let (client, time) = client_for(router);
    let write_error = drive(&client, &time, client.write(write())).await.expect_err("a failure");
    assert_eq!(write_error.outcome(), Outcome::Unknown);
    let read_error = drive(&client, &time, client.read(read())).await.expect_err("a failure");
    assert!(matches!(read_error.outcome(), Outcome::Retryable { .. }));
}

#[tokio::test]
async fn an_id_that_is_not_closes_never_becomes_a_path() {
    for id in ["", "..", "acti_1/../lead", "acti 1"] {
        assert!(matches!(path_id(id, "read a text"), Err(CloseError::BadId { .. })), "{id}");
    }
    assert_eq!(path_id("acti_Az09-x", "read a text"), Ok("acti_Az09-x"));
}

#[test]
fn every_call_may_be_made_from_a_background_task() {
    fn movable<T: Send>(_: T) {}
    let (client, _time) = client_for(Router::new());
    movable(client.list_sms("lead_1", None));
    movable(client.get_lead("lead_1"));
    movable(client.recent_notes("lead_1", 5));
    movable(client.events_in(crate::close::Span::since(client.clock().now()), "activity.sms"));
    movable(client.send_draft("acti_1"));
}
