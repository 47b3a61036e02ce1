//! Close's event log: what webhooks missed is read from here (`nothing-lost`).
//!
//! The log reaches back 30 days, comes newest first, and is not a stream: events can appear late, so that a reader
//! begins at least five minutes before where it ended.

use std::collections::HashSet;
use std::time::Duration;

use super::client::{Call, CloseClient, query_time};
use super::error::CloseError;
use super::json::Fields;
use super::sms::listed;
use super::span::{InSpan, Span};
use super::webhook::CloseEvent;

/// How far back the log reaches (Close docs, event log: 30 days).
pub const REACH: Duration = Duration::from_hours(30 * 24);
/// The largest page the log gives.
const PAGE_SIZE: &str = "50";
const DURING: &str = "read Close's event log";

impl CloseClient {
    /// Every event of `object_type` (`activity.sms`, `lead`, `contact`) that last changed in `span`, oldest first, each
    /// once.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed, and nothing of a part that was read is returned, so that the caller's
    /// watermark stays.
    pub async fn events_in(&self, span: Span, object_type: &str) -> Result<InSpan<CloseEvent>, CloseError> {
        let (mut seen, mut events) = (HashSet::new(), Vec::new());
        for action in actions(object_type) {
            let InSpan::All(of_action) = self.events_of(span, object_type, action).await? else {
                return Ok(InSpan::TooMuch);
            };
            // The log is newest first; put in order per action, so that the stable sort below keeps Close's order.
            events.extend(of_action.into_iter().rev().filter(|event| seen.insert(event.id.clone())));
        }
        events.sort_by_key(|event| event.date_updated);
        Ok(InSpan::All(events))
    }

    /// Close allows only some combinations of filters: a type alone is not one, a type with an action is.
    async fn events_of(&self, span: Span, object_type: &str, action: &str) -> Result<InSpan<CloseEvent>, CloseError> {
        let (mut seen, mut found) = (HashSet::new(), Vec::new());
        let mut cursor: Option<String> = None;
        for _ in 0..span.pages_max {
            let call = Call::get("event", DURING)
                .with("object_type", object_type)
                .with("action", action)
                .with("_limit", PAGE_SIZE);
            let page = self.read(in_span(call, span, cursor.as_deref())).await?;
            let fields = Fields::of(&page);
            let data = listed(fields, DURING)?;
            let before = seen.len();
            let mut reached_start = false;
            for value in data {
                // An event that cannot be read still counts as one that was shown.
                let is_new = Fields::of(value).text("id").is_some_and(|id| seen.insert(id));
                let Some(event) = CloseEvent::from_json(value.clone()) else {
                    tracing::warn!("an event of Close's log cannot be read and is left out");
                    continue;
                };
                reached_start |= event.date_updated.is_some_and(|updated| updated < span.from);
                let fits = event.object_type == object_type && event.action == action;
                if is_new && fits && event.date_updated.is_none_or(|updated| span.holds(updated)) {
                    found.push(event);
                }
            }
            let next = fields.text("cursor_next");
            // A page that brings nothing new would come again for ever.
            if reached_start || next.is_none() || next == cursor || seen.len() == before {
                return Ok(InSpan::All(found));
            }
            cursor = next;
        }
        Ok(InSpan::TooMuch)
    }
}

/// A cursor stands for the place; the other filters are repeated with it, the dates are not.
fn in_span(call: Call, span: Span, cursor: Option<&str>) -> Call {
    if let Some(cursor) = cursor {
        return call.with("_cursor", cursor);
    }
    let call = call.with("date_updated__gte", query_time(span.from));
    match span.to {
        Some(to) => call.with("date_updated__lt", query_time(to)),
        None => call,
    }
}

/// The actions that concern a conversation.
fn actions(object_type: &str) -> &'static [&'static str] {
    match object_type {
        "activity.sms" => &["created", "updated", "sent", "deleted"],
        "lead" => &["merged"],
        _ => &["updated"],
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::extract::Query;
    use axum::routing::get;
    use jiff::Timestamp;
    use serde_json::{Value, json};

    use super::super::client::tests::{client_for, drive};
    use super::*;

    fn event(id: &str, action: &str, updated: &str) -> Value {
        json!({"id": id, "object_type": "activity.sms", "action": action, "object_id": "acti_1", "data": {},
            "date_created": updated, "date_updated": updated})
    }

    fn at(text: &str) -> Timestamp {
        text.parse().expect("an instant")
    }

    fn recent() -> Span {
        Span::since(at("2026-09-01T11:55:00Z"))
    }

    async fn ids(client: &CloseClient, span: Span) -> Vec<String> {
        match client.events_in(span, "activity.sms").await.expect("events") {
            InSpan::All(events) => events.into_iter().map(|event| event.id).collect(),
            InSpan::TooMuch => panic!("it is not much"),
        }
    }

    #[tokio::test]
    async fn the_log_is_paged_by_cursor_and_returned_oldest_first_each_once() {
        let queries = Arc::new(Mutex::new(Vec::new()));
        let record = queries.clone();
        let handler = move |Query(query): Query<BTreeMap<String, String>>| async move {
            record.lock().expect("unpoisoned").push(query.clone());
            let page = match (query["action"].as_str(), query.get("_cursor").map(String::as_str)) {
                ("created", None) => json!({"data": [event("ev_4", "created", "2026-09-01T11:59:00"),
                    event("ev_3", "created", "2026-09-01T11:58:00")], "cursor_next": "c1", "cursor_previous": null}),
                ("created", Some("c1")) => {
                    json!({"data": [{"id": "ev_odd"}, event("ev_3", "created", "2026-09-01T11:58:00"),
                    event("ev_1", "created", "2026-09-01T11:56:00")], "cursor_next": "c2"})
                }
                ("created", Some("c2")) => json!({"data": [event("ev_0", "created", "2026-09-01T11:54:59")],
                    "cursor_next": "c3"}),
                ("sent", None) => json!({"data": [event("ev_2", "sent", "2026-09-01T11:57:00")], "cursor_next": null}),
                _ => json!({"data": [], "cursor_next": null}),
            };
            page.to_string()
        };
        let (client, _time) = client_for(Router::new().route("/api/v1/event/", get(handler)));
        assert_eq!(ids(&client, recent()).await, ["ev_1", "ev_2", "ev_3", "ev_4"]);

        let queries = queries.lock().expect("unpoisoned");
        assert_eq!(queries[0]["date_updated__gte"], "2026-09-01T11:55:00.000000Z");
        assert!(queries.iter().all(|query| query["object_type"] == "activity.sms" && query["_limit"] == "50"));
        let with_cursor: Vec<_> = queries.iter().filter(|query| query.contains_key("_cursor")).collect();
        assert_eq!(with_cursor.len(), 2, "the page before `since` ends the reading");
        assert!(with_cursor.iter().all(|query| !query.contains_key("date_updated__gte")));
    }

    #[tokio::test]
    async fn a_cursor_that_leads_nowhere_ends_the_reading() {
        let handler = |Query(query): Query<BTreeMap<String, String>>| async move {
            let turn = query.get("_cursor").map_or(0, String::len);
            json!({"data": [event("ev_1", &query["action"], "2026-09-01T11:59:00")],
                "cursor_next": "c".repeat(turn + 1)})
            .to_string()
        };
        let (client, _time) = client_for(Router::new().route("/api/v1/event/", get(handler)));
        assert_eq!(ids(&client, recent()).await, ["ev_1"]);
    }

    #[tokio::test]
    async fn a_span_with_an_end_asks_for_no_more_and_takes_no_more() {
        let handler = |Query(query): Query<BTreeMap<String, String>>| async move {
            assert_eq!(query["date_updated__lt"], "2026-09-01T11:58:00.000000Z");
            // A server that ignores the end.
            json!({"data": [event("ev_2", &query["action"], "2026-09-01T11:58:00"),
                event("ev_1", &query["action"], "2026-09-01T11:57:59")], "cursor_next": null})
            .to_string()
        };
        let (client, _time) = client_for(Router::new().route("/api/v1/event/", get(handler)));
        assert_eq!(ids(&client, Span { to: Some(at("2026-09-01T11:58:00Z")), ..recent() }).await, ["ev_1"]);
    }

    #[tokio::test]
    async fn a_span_of_too_many_pages_is_given_up() {
        let handler = |Query(query): Query<BTreeMap<String, String>>| async move {
            let page = query.get("_cursor").map_or(0, String::len);
            json!({"data": [event(&format!("ev_{page}"), &query["action"], "2026-09-01T11:59:00")],
                "cursor_next": "c".repeat(page + 1)})
            .to_string()
        };
        let (client, _time) = client_for(Router::new().route("/api/v1/event/", get(handler)));
        let few = Span { pages_max: 3, ..recent() };
        assert_eq!(client.events_in(few, "activity.sms").await, Ok(InSpan::TooMuch));
    }

    #[tokio::test]
    async fn a_page_that_fails_leaves_nothing_half_read() {
        let handler = |Query(query): Query<BTreeMap<String, String>>| async move {
            match query.get("_cursor") {
                None => json!({"data": [event("ev_1", "created", "2026-09-01T11:59:00")], "cursor_next": "c"}),
                Some(_) => json!({"error": "oh"}),
            }
            .to_string()
        };
        let (client, time) = client_for(Router::new().route("/api/v1/event/", get(handler)));
        assert!(drive(&client, &time, client.events_in(recent(), "activity.sms")).await.is_err());
    }
}
