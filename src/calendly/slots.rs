//! Times that can be booked right now.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;

use super::{CalendlyClient, CalendlyError, EventType};
use crate::conversation::Slot;
use crate::runtime::clock::after;
use crate::runtime::upstream::CallKind;

/// Calendly takes only a start in the future; two minutes cover the clocks' difference.
const SLACK: Duration = Duration::from_mins(2);

/// The span of one question. Calendly takes 31 days since July 2026 and took 7 before, so 7 work everywhere.
const WINDOW: Duration = Duration::from_hours(7 * 24);

const DAY: Duration = Duration::from_hours(24);

#[derive(Deserialize)]
struct Row {
    status: Option<String>,
    start_time: String,
    invitees_remaining: Option<i64>,
    scheduling_url: Option<String>,
}

impl CalendlyClient {
    /// The times that can be booked within `days` from `now`, earliest first.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn available_slots(
        &self,
        event_type: &EventType,
        now: Timestamp,
        days: u32,
    ) -> Result<Vec<Slot>, CalendlyError> {
        let end = after(now, DAY.saturating_mul(days));
        let mut from = after(now, SLACK);
        let mut slots = Vec::new();
        while from < end {
            let to = after(from, WINDOW).min(end);
            slots.extend(self.window(event_type, from, to).await?);
            from = to;
        }
        slots.retain(|slot| slot.start > now);
        slots.sort_by_key(|slot| slot.start);
        slots.dedup_by_key(|slot| slot.start);
        Ok(slots)
    }

    async fn window(&self, event_type: &EventType, from: Timestamp, to: Timestamp) -> Result<Vec<Slot>, CalendlyError> {
        let (from, to) = (format!("{from:.0}"), format!("{to:.0}"));
        let query = [("event_type", event_type.uri.as_str()), ("start_time", &from), ("end_time", &to)];
        let page = self.read(&["event_type_available_times"], &query).await?;
        let rows = page["collection"]
            .as_array()
            .ok_or_else(|| CalendlyError::unreadable(CallKind::Read, "available times without a collection"))?;
        Ok(rows.iter().filter_map(|row| slot(Row::deserialize(row).ok()?, event_type)).collect())
    }
}

fn slot(row: Row, event_type: &EventType) -> Option<Slot> {
    if row.status.is_some_and(|status| status != "available") || row.invitees_remaining.is_some_and(|left| left < 1) {
        return None;
    }
    let url = row.scheduling_url.filter(|url| !url.is_empty()).unwrap_or_else(|| event_type.scheduling_url.clone());
    Some(Slot { start: row.start_time.parse().ok()?, url })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::calendly::testing::{Server, answer, client, event_type};

    #[tokio::test]
    async fn ten_days_are_asked_in_windows_that_any_version_takes() {
        let server = Server::new().on("GET /event_type_available_times", |seen| {
            let start = seen.param("start_time").expect("a start");
            answer(200, &json!({ "collection": [
                { "status": "available", "invitees_remaining": 1, "start_time": start, "scheduling_url": "https://c/x" },
            ] }))
        });
        let now = "2026-11-23T12:00:00.5Z".parse().expect("an instant");
        let slots = client(&server).available_slots(&event_type(), now, 10).await.expect("slots");
        assert_eq!(slots.len(), 2);
        let asked: Vec<_> =
            server.seen().iter().map(|seen| (seen.param("start_time"), seen.param("end_time"))).collect();
        let window = |from: &str, to: &str| (Some(from.to_owned()), Some(to.to_owned()));
        assert_eq!(
            asked,
            [
                window("2026-11-23T12:02:00Z", "2026-11-30T12:02:00Z"),
                window("2026-11-30T12:02:00Z", "2026-12-03T12:00:00Z"),
            ]
        );
        assert_eq!(server.seen()[0].param("event_type").as_deref(), Some("https://api.calendly.com/event_types/T1"));
    }

    #[tokio::test]
    async fn only_free_times_count_in_order_and_once() {
        let server = Server::new().on("GET /event_type_available_times", |_| {
            answer(
                200,
                &json!({ "collection": [
                { "status": "available", "invitees_remaining": 1, "start_time": "2026-11-25T20:00:00.000000Z",
                  "scheduling_url": "https://calendly.com/ada/intro/2026-11-25T20:00:00Z?month=2026-11" },
                { "status": "available", "start_time": "2026-11-24T15:00:00-05:00", "scheduling_url": null },
                { "status": "available", "start_time": "2026-11-25T20:00:00Z", "scheduling_url": "https://c/twice" },
                { "status": "unavailable", "start_time": "2026-11-25T21:00:00Z", "scheduling_url": "https://c/no" },
                { "status": "available", "invitees_remaining": 0, "start_time": "2026-11-25T22:00:00Z" },
                { "status": "available", "start_time": "soon" },
                { "status": "available", "start_time": "2026-11-23T11:00:00Z" },
                "odd",
            ] }),
            )
        });
        let now = "2026-11-23T12:00:00Z".parse().expect("an instant");
        let slots = client(&server).available_slots(&event_type(), now, 5).await.expect("slots");
        let starts: Vec<_> = slots.iter().map(|slot| slot.start.to_string()).collect();
        assert_eq!(starts, ["2026-11-24T20:00:00Z", "2026-11-25T20:00:00Z"]);
        assert_eq!(slots[0].url, "https://calendly.com/ada/intro");
        assert!(slots[1].url.ends_with("?month=2026-11"));
    }
}
