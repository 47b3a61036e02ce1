//! Reading and sending texts, against the payloads that Close documents.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, Request};
use axum::response::IntoResponse;
use axum::routing::{any, get, post};
use http::StatusCode;

use super::super::client::tests::{client_for, drive};
use super::*;
use crate::runtime::upstream::Outcome;

/// The documented answer to a POST, with numbers reserved for examples.
fn documented() -> Value {
    json!({"_type":"SMS","id":"acti_12358h","status":"outbox","direction":"outbound","source":"Close.io","cost":"1",
        "date_created":"2016-10-03T16:06:11.167000+00:00","date_sent":null,"date_scheduled":null,"error_message":null,
        "template_id":null,"users":[],"local_phone":"+14155550100","local_phone_formatted":"+1 415-555-0100",
        "remote_phone":"+18185550101","user_name":"Tobias Fuenke","text":"Hi! This is a reminder…"})
}

fn sms(id: &str, made: &str) -> Value {
    json!({"id": id, "direction": "inbound", "status": "inbox", "date_created": made, "lead_id": "lead_1"})
}

fn draft() -> NewDraft {
    NewDraft {
        lead_id: Some("lead_1".to_owned()),
        contact_id: None,
        local_phone: "+14155550100".to_owned(),
        remote_phone: "+18185550101".to_owned(),
        text: "Hi Ada, does Tuesday work?".to_owned(),
        user_id: None,
    }
}

#[test]
fn the_documented_objects_are_read() {
    let sent = SmsActivity::from_json(&documented()).expect("an SMS");
    assert_eq!((sent.direction, sent.status.clone()), (Direction::Outbound, SmsStatus::Outbox));
    assert_eq!(sent.at(), "2016-10-03T16:06:11.167Z".parse().ok());

    let inbound = json!({"_type":"SMS","id":"acti_9","direction":"inbound","status":"inbox","text":"SMS in Close?",
        "created_by":null,"user_id":"user_1","local_phone":"+16505550104","remote_phone":"+18185550100",
        "attachments":[{"content_type":"image/png","filename":"media_1.png","media_id":"media_1","size":15148}]});
    let inbound = SmsActivity::from_json(&inbound).expect("an SMS");
    assert_eq!((inbound.direction, inbound.status, inbound.attachments), (Direction::Inbound, SmsStatus::Inbox, 1));
    assert_eq!(inbound.created_by, None);
}

#[test]
fn nulls_new_values_and_wrong_types_do_not_stop_the_reading() {
    let odd = json!({"id":"acti_1","direction":"sideways","status":"queued","text":null,"attachments":null,
        "date_created":"2026-09-01T10:00:00","lead_id":7,"new_field":{"a":[1]}});
    let odd = SmsActivity::from_json(&odd).expect("an SMS");
    assert_eq!((odd.direction, odd.status.clone()), (Direction::Other, SmsStatus::Other("queued".to_owned())));
    assert_eq!(odd.date_created, "2026-09-01T10:00:00Z".parse().ok());
    for not_sms in [json!(null), json!([]), json!({"status": "inbox"}), json!("acti_1")] {
        assert_eq!(SmsActivity::from_json(&not_sms), None);
    }
}

#[tokio::test]
async fn a_list_is_read_to_its_end_and_returned_oldest_first() {
    let all = [sms("acti_3", "2026-09-03T00:00:00Z"), sms("acti_2", "2026-09-02T00:00:00Z")];
    let last = sms("acti_1", "2026-09-01T00:00:00Z");
    let handler = move |Query(query): Query<std::collections::BTreeMap<String, String>>| async move {
        assert_eq!(query["lead_id"], "lead_1");
        assert_eq!(query["date_created__gte"], "2026-08-01T00:00:00.000000Z");
        match query["_skip"].as_str() {
            "0" => json!({"data": all, "has_more": true}).to_string(),
            // The newest of the first page has moved to the second: a text came meanwhile.
            _ => json!({"data": [all[1], last], "has_more": false}).to_string(),
        }
    };
    let (client, _time) = client_for(Router::new().route("/api/v1/activity/sms/", get(handler)));
    let since = "2026-08-01T00:00:00Z".parse().ok();
    let listed = client.list_sms("lead_1", since).await.expect("a list");
    let ids: Vec<_> = listed.iter().map(|sms| sms.id.as_str()).collect();
    assert_eq!(ids, ["acti_1", "acti_2", "acti_3"]);
}

#[tokio::test]
async fn a_span_is_listed_within_its_dates_and_given_up_when_it_is_too_much() {
    let handler = |Query(query): Query<std::collections::BTreeMap<String, String>>| async move {
        assert_eq!(query["date_created__gte"], "2026-08-01T00:00:00.000000Z");
        assert_eq!(query["date_created__lt"], "2026-08-02T00:00:00.000000Z");
        let skip = &query["_skip"];
        json!({"data": [sms(&format!("acti_{skip}"), "2026-08-01T12:00:00Z"), sms("acti_late", "2026-08-02T00:00:00Z")],
            "has_more": skip != "2"})
        .to_string()
    };
    let (client, _time) = client_for(Router::new().route("/api/v1/activity/sms/", get(handler)));
    let at = |text: &str| text.parse().expect("an instant");
    let span = Span { from: at("2026-08-01T00:00:00Z"), to: Some(at("2026-08-02T00:00:00Z")), pages_max: 3 };
    let InSpan::All(listed) = client.sms_in(span).await.expect("a list") else { panic!("three pages are allowed") };
    assert_eq!(listed.iter().map(|sms| sms.id.as_str()).collect::<Vec<_>>(), ["acti_0", "acti_1", "acti_2"]);
    assert_eq!(client.sms_in(Span { pages_max: 2, ..span }).await, Ok(InSpan::TooMuch));
}

#[tokio::test]
async fn a_server_that_ignores_paging_and_filters_does_not_loop_or_leak() {
    let mut other = sms("acti_2", "2026-09-01T00:00:00Z");
    other["lead_id"] = json!("lead_2");
    let page = json!({"data": [sms("acti_1", "2026-09-01T00:00:00Z"), other], "has_more": true}).to_string();
    let (client, _time) = client_for(Router::new().fallback(any(move || async move { page })));
    let listed = client.list_sms("lead_1", None).await.expect("a list");
    assert_eq!(listed.len(), 1);
}

#[tokio::test]
async fn a_list_answer_without_a_list_is_an_error() {
    let (client, time) = client_for(Router::new().fallback(any(|| async { r#"{"error":"gone"}"# })));
    let error = drive(&client, &time, client.list_sms("lead_1", None)).await.expect_err("a failure");
    assert!(matches!(error, CloseError::Unreadable { .. }));
}

#[tokio::test]
async fn a_draft_is_made_with_documented_fields_only_then_sent_by_its_id() {
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let record = bodies.clone();
    let handler = move |request: Request| {
        let record = record.clone();
        async move {
            let line = format!("{} {}", request.method(), request.uri().path());
            let body = axum::body::to_bytes(request.into_body(), 1 << 16).await.expect("a body");
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            record.lock().expect("unpoisoned").push((line, body));
            documented().to_string()
        }
    };
    let (client, _time) = client_for(Router::new().fallback(any(handler)));
    let made = client.create_draft(draft()).await.expect("a draft");
    client.send_draft(&made.id).await.expect("sent");
    let wanted = vec![
        (
            "POST /api/v1/activity/sms/".to_owned(),
            json!({"status":"draft","lead_id":"lead_1","local_phone":"+14155550100","remote_phone":"+18185550101",
                "text":"Hi Ada, does Tuesday work?"}),
        ),
        ("PUT /api/v1/activity/sms/acti_12358h/".to_owned(), json!({"status":"outbox"})),
    ];
    assert_eq!(*bodies.lock().expect("unpoisoned"), wanted);
}

#[tokio::test]
async fn a_success_without_an_id_leaves_a_write_unknown() {
    let (client, _time) = client_for(Router::new().fallback(any(|| async { "{}" })));
    let error = client.create_draft(draft()).await.expect_err("a failure");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_refusal_repeats_neither_text_nor_numbers() {
    let handler = || async {
        let body = r#"{"errors":[],"field-errors":{"text":"'Hi Ada, does Tuesday work?' to +18185550101 is bad"}}"#;
        (StatusCode::BAD_REQUEST, body)
    };
    let (client, _time) = client_for(Router::new().route("/api/v1/activity/sms/", post(handler)));
    let error = client.create_draft(draft()).await.expect_err("a failure");
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert!(!error.to_string().contains("Tuesday") && !error.to_string().contains("555"), "{error}");
}

#[tokio::test]
async fn what_is_not_there_is_none_and_deleting_it_succeeds() {
    let handler = || async { (StatusCode::NOT_FOUND, r#"{"error":"Empty query: does not exist."}"#).into_response() };
    let (client, _time) = client_for(Router::new().fallback(any(handler)));
    assert_eq!(client.get_sms("acti_1").await, Ok(None));
    assert_eq!(client.delete_sms("acti_1").await, Ok(()));
    assert_eq!(client.send_draft("acti_1").await.map_err(|e| e.outcome()), Err(Outcome::Rejected));
}

#[tokio::test]
async fn deleting_takes_any_success() {
    let (client, _time) = client_for(Router::new().fallback(any(|| async { StatusCode::NO_CONTENT })));
    assert_eq!(client.delete_sms("acti_1").await, Ok(()));
}
