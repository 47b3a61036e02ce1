//! `event/`: the event log, newest first, paged by cursor.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::extract::{Extension, Path, Query, State as Extract};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::state::{LoggedEvent, Origin, State};
use super::{CloseSim, general_error, refusal};
use crate::runtime::clock::until;
use crate::sim::wire::{Params, Refusal, answer, instant};

/// "`_limit`: capped at and defaulting to 50".
const LIMIT_MAX: usize = 50;
/// The log goes back 30 days.
const RETENTION: Duration = Duration::from_hours(30 * 24);
/// "`data` and `previous_data` are hidden from non-admins after one hour."
const SHOWN_TO_ALL: Duration = Duration::from_hours(1);
const FILTERS: [&str; 6] = ["object_type", "object_id", "action", "lead_id", "user_id", "request_id"];
/// "Only certain combinations of filters are supported"; an unfiltered list is too.
const COMBINATIONS: [&[&str]; 16] = [
    &[],
    &["object_type", "object_id"],
    &["object_type", "action"],
    &["object_id", "action"],
    &["lead_id", "object_type"],
    &["lead_id", "object_type", "action"],
    &["lead_id", "user_id", "object_type"],
    &["lead_id", "user_id", "object_type", "action"],
    &["lead_id", "user_id"],
    &["user_id", "object_id"],
    &["user_id", "object_id", "action"],
    &["user_id", "object_type"],
    &["user_id", "object_type", "action"],
    &["lead_id"],
    &["user_id"],
    &["request_id"],
];

/// Where a page starts: after (older than) or before (newer than) the event at a place in the log.
enum Cursor {
    Older(usize),
    Newer(usize),
}

pub(super) async fn list(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let used: BTreeSet<&str> = FILTERS.into_iter().filter(|key| params.contains_key(*key)).collect();
    if !COMBINATIONS.iter().any(|allowed| allowed.iter().copied().collect::<BTreeSet<_>>() == used) {
        return Err(general_error("This combination of filters is not supported."));
    }
    if params.contains_key("_skip") {
        return Err(general_error("The _skip parameter is not supported."));
    }
    let cursor = params.get("_cursor").map(|text| read(text).ok_or_else(|| general_error("Invalid cursor.")));
    let cursor = cursor.transpose()?;
    let limit = params.get("_limit").and_then(|text| text.parse().ok()).unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX);
    let page = sim.locked(|state| {
        let found = state
            .events
            .iter()
            .enumerate()
            .filter(|(_, event)| is_visible(state, event) && matches(event, &params, cursor.is_some()));
        let mut page = page(found.collect(), cursor.as_ref(), limit);
        for event in page["data"].as_array_mut().into_iter().flatten() {
            hide(state, &origin, event);
        }
        page
    });
    Ok(answer(200, &page))
}

pub(super) async fn one(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    Path(id): Path<String>,
) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let mut event = state.events.iter().find(|event| event.body["id"] == id.as_str())?.body.clone();
        hide(state, &origin, &mut event);
        Some(event)
    });
    found.map(|event| answer(200, &event)).ok_or_else(|| refusal(404, "Event not found."))
}

fn is_visible(state: &State, event: &LoggedEvent) -> bool {
    let now = state.clock.now();
    event.visible_at <= now && until(event.at, now) <= RETENTION
}

/// Takes out what this key may not see any more.
fn hide(state: &State, origin: &Origin, event: &mut Value) {
    let updated = event["date_updated"].as_str().and_then(instant).unwrap_or_default();
    let is_admin = origin.user_id.as_ref().is_none_or(|user| !state.plain_users.contains(user));
    if !is_admin && until(updated, state.clock.now()) > SHOWN_TO_ALL {
        event["data"] = Value::Null;
        event["previous_data"] = Value::Null;
    }
}

/// "Note that you still need to supply any other filters (except for `date_updated`)" with a cursor.
fn matches(event: &LoggedEvent, params: &Params, has_cursor: bool) -> bool {
    params.iter().all(|(key, wanted)| match (key.as_str(), instant(wanted)) {
        (key, _) if FILTERS.contains(&key) => event.body[key] == wanted.as_str(),
        (key, _) if !key.starts_with("date_updated__") || has_cursor => true,
        ("date_updated__gt", Some(limit)) => event.at > limit,
        ("date_updated__gte", Some(limit)) => event.at >= limit,
        ("date_updated__lt", Some(limit)) => event.at < limit,
        ("date_updated__lte", Some(limit)) => event.at <= limit,
        _ => false,
    })
}

/// A page of `found`, which is in the log's order, oldest first.
fn page(mut found: Vec<(usize, &LoggedEvent)>, cursor: Option<&Cursor>, limit: usize) -> Value {
    found.sort_by_key(|(place, event)| std::cmp::Reverse((event.at, *place)));
    let place_of = |wanted: usize| found.iter().position(|(place, _)| *place == wanted);
    let start = match cursor {
        None => 0,
        Some(Cursor::Older(place)) => place_of(*place).map_or(0, |at| at + 1),
        Some(Cursor::Newer(place)) => place_of(*place).unwrap_or(0).saturating_sub(limit),
    };
    let stop = match cursor {
        Some(Cursor::Newer(place)) => place_of(*place).unwrap_or(0),
        _ => start.saturating_add(limit).min(found.len()),
    };
    let shown = found.get(start..stop).unwrap_or_default();
    let older = shown.last().filter(|_| stop < found.len()).map(|(place, _)| write("older", *place));
    let newer = shown.first().filter(|_| start > 0).map(|(place, _)| write("newer", *place));
    let data: Vec<&Value> = shown.iter().map(|(_, event)| &event.body).collect();
    json!({ "data": data, "cursor_next": older, "cursor_previous": newer })
}

fn write(direction: &str, place: usize) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(format!("{direction}:{place}"))
}

fn read(cursor: &str) -> Option<Cursor> {
    let text = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?).ok()?;
    let (direction, place) = text.split_once(':')?;
    let place = place.parse().ok()?;
    match direction {
        "older" => Some(Cursor::Older(place)),
        "newer" => Some(Cursor::Newer(place)),
        _ => None,
    }
}
