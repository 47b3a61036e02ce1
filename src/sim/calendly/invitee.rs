//! `POST /invitees`: booking without a page.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use axum::routing::post;
use serde_json::{Value, json};

use super::booking::Wish;
use super::{CalendlySim, invalid, refusal};
use crate::sim::wire::{Refusal, answer, instant, object_of, text, text_at};

const TRACKING: [&str; 6] = ["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "salesforce_uuid"];

pub(super) fn routes() -> Router<CalendlySim> {
    Router::new().route("/invitees", post(create))
}

async fn create(Extract(sim): Extract<CalendlySim>, body: Bytes) -> Result<Response, Refusal> {
    let given = Value::Object(object_of(&body).ok_or_else(|| refusal(400, "The request body is not JSON"))?);
    check(&given)?;
    let start = instant(text(&given, "start_time")).ok_or_else(|| invalid("start_time", "is invalid"))?;
    let event_type = text(&given, "event_type").to_owned();
    sim.locked(|state| {
        let known = state.event_type(&event_type).ok_or_else(|| invalid("event_type", "is unknown"))?;
        check_location(known, &given)?;
        check_answers(known, &given)?;
        let uri = text(known, "uri").to_owned();
        if !state.is_open(&uri, start) {
            return Err(refusal(409, "The requested time is no longer available"));
        }
        let invitee = state.book(&Wish { event_type: uri, start, given, method: Some("api"), replaces: None });
        Ok(answer(201, &json!({ "resource": invitee })))
    })
}

fn check(given: &Value) -> Result<(), Refusal> {
    for key in ["event_type", "start_time"] {
        text_at(given, key).ok_or_else(|| invalid(key, "is missing"))?;
    }
    let person = &given["invitee"];
    for key in ["email", "timezone"] {
        text_at(person, key).ok_or_else(|| invalid(&format!("invitee.{key}"), "is missing"))?;
    }
    if !text(person, "email").contains('@') {
        return Err(invalid("invitee.email", "is not a valid email address"));
    }
    if text_at(person, "name").or_else(|| text_at(person, "first_name")).is_none() {
        return Err(invalid("invitee.name", "is missing"));
    }
    if given["event_guests"].as_array().is_some_and(|guests| guests.len() > 10) {
        return Err(invalid("event_guests", "must have at most 10 items"));
    }
    // The schema lists all six keys as required, once there is a `tracking`.
    let tracking = given["tracking"].as_object();
    let absent = tracking.and_then(|tracking| TRACKING.into_iter().find(|key| !tracking.contains_key(*key)));
    absent.map_or(Ok(()), |key| Err(invalid(&format!("tracking.{key}"), "is missing")))
}

fn check_location(known: &Value, given: &Value) -> Result<(), Refusal> {
    let location = &given["location"];
    if location.is_null() {
        return Ok(());
    }
    if known["pooling_type"] == "round_robin" {
        return Err(invalid("location", "is not allowed for round robin event types"));
    }
    let kinds = known["locations"].as_array();
    if !kinds.is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] == location["kind"])) {
        return Err(invalid("location.kind", "does not match the event type"));
    }
    let needs_text = matches!(text(location, "kind"), "physical" | "outbound_call" | "ask_invitee" | "custom");
    if needs_text && text_at(location, "location").is_none() {
        return Err(invalid("location.location", "is missing"));
    }
    Ok(())
}

fn check_answers(known: &Value, given: &Value) -> Result<(), Refusal> {
    let answers = given["questions_and_answers"].as_array().cloned().unwrap_or_default();
    for (place, answered) in answers.iter().enumerate() {
        if text_at(answered, "question").is_none() {
            return Err(invalid(&format!("questions_and_answers[{place}].question"), "is missing"));
        }
    }
    let required = known["custom_questions"].as_array().into_iter().flatten().filter(|asked| asked["required"] == true);
    for asked in required {
        if !answers
            .iter()
            .any(|answered| answered["question"] == asked["name"] && text_at(answered, "answer").is_some())
        {
            return Err(invalid("questions_and_answers", "a required question is not answered"));
        }
    }
    Ok(())
}
