//! Meetings that a lead has booked.

use std::sync::atomic::Ordering;

use jiff::Timestamp;
use serde::Deserialize;

use super::client::id_of;
use super::{CalendlyClient, CalendlyError};
use crate::conversation::Booking;

/// Links are looked up for so many of the next meetings; each costs a call.
const LINKS_MAX: usize = 5;

#[derive(Deserialize)]
struct Event {
    uri: String,
    name: Option<String>,
    status: Option<String>,
    start_time: Timestamp,
}

#[derive(Default, Deserialize)]
struct Invitee {
    email: Option<String>,
    status: Option<String>,
    reschedule_url: Option<String>,
    cancel_url: Option<String>,
}

impl CalendlyClient {
    /// The coming meetings of the person with this e-mail address, earliest first.
    ///
    /// Meetings of the whole organization are found where the token may list them, else those of its owner.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn bookings(&self, invitee_email: &str) -> Result<Vec<Booking>, CalendlyError> {
        let mut events = self.events(invitee_email.trim()).await?;
        events.retain(|event| event.status.as_deref().is_none_or(|status| status == "active"));
        events.sort_by_key(|event| event.start_time);
        let mut bookings = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            let invitee = if index < LINKS_MAX { self.invitee(&event, invitee_email.trim()).await } else { None };
            let invitee = invitee.unwrap_or_default();
            bookings.push(Booking {
                name: event.name.unwrap_or_else(|| "Meeting".to_owned()),
                start: event.start_time,
                reschedule_url: invitee.reschedule_url,
                cancel_url: invitee.cancel_url,
            });
        }
        Ok(bookings)
    }

    async fn events(&self, email: &str) -> Result<Vec<Event>, CalendlyError> {
        let me = self.me().await?;
        let now = format!("{:.0}", self.clock().now());
        let ask = |owner: (&'static str, String)| {
            let now = now.clone();
            async move {
                let query = [
                    (owner.0, owner.1.as_str()),
                    ("invitee_email", email),
                    ("status", "active"),
                    ("min_start_time", &now),
                    ("sort", "start_time:asc"),
                ];
                self.list(&["scheduled_events"], &query).await
            }
        };
        if let Some(organization) = &me.current_organization
            && !self.own_only.load(Ordering::Relaxed)
        {
            match ask(("organization", organization.clone())).await {
                Err(CalendlyError::Role(_) | CalendlyError::Scope(_) | CalendlyError::Plan(_)) => {
                    self.own_only.store(true, Ordering::Relaxed);
                }
                other => return other,
            }
        }
        ask(("user", me.uri.clone())).await
    }

    /// The person's own entry, with its links. Without it the booking is still worth telling.
    async fn invitee(&self, event: &Event, email: &str) -> Option<Invitee> {
        let path = ["scheduled_events", id_of(&event.uri), "invitees"];
        let invitees: Vec<Invitee> = self.list(&path, &[("email", email), ("status", "active")]).await.ok()?;
        invitees.into_iter().find(|invitee| {
            // In a group event, another person's links must never reach this lead.
            invitee.email.as_deref().is_some_and(|found| found.eq_ignore_ascii_case(email))
                && invitee.status.as_deref() != Some("canceled")
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::calendly::testing::{Server, answer, client};

    fn server() -> Server {
        Server::new()
            .on("GET /users/me", |_| {
                answer(200, &json!({ "resource": { "uri": "https://api.calendly.com/users/U1",
                    "current_organization": "https://api.calendly.com/organizations/O1" } }))
            })
            .on("GET /scheduled_events", |seen| {
                assert_eq!(seen.param("invitee_email").as_deref(), Some("jane+a@example.com"));
                assert_eq!(seen.param("min_start_time").as_deref(), Some("2026-11-23T12:00:00Z"));
                if seen.param("organization").is_some() {
                    return answer(403, &json!({ "title": "Permission Denied", "message": "You need to be an admin" }));
                }
                answer(200, &json!({ "pagination": {}, "collection": [
                    { "uri": "https://api.calendly.com/scheduled_events/E2", "name": "Demo", "status": "active",
                      "start_time": "2026-12-03T18:00:00.000000Z", "location": { "type": "future_kind" } },
                    { "uri": "https://api.calendly.com/scheduled_events/E1", "name": null, "status": "active",
                      "start_time": "2026-12-02T18:00:00.000000Z" },
                    { "uri": "https://api.calendly.com/scheduled_events/E0", "status": "canceled",
                      "start_time": "2026-12-01T18:00:00.000000Z" },
                ] }))
            })
            .on("GET /scheduled_events/E1/invitees", |_| {
                answer(200, &json!({ "pagination": {}, "collection": [
                    { "email": "other@example.com", "status": "active", "cancel_url": "https://calendly.com/cancellations/X" },
                    { "email": "Jane+a@Example.com", "status": "active", "cancel_url": "https://calendly.com/cancellations/I",
                      "reschedule_url": "https://calendly.com/reschedulings/I" },
                ] }))
            })
    }

    #[tokio::test]
    async fn a_lead_sees_the_own_meetings_and_links_only() {
        let server = server();
        let client = client(&server);
        for _ in 0..2 {
            let bookings = client.bookings("jane+a@example.com").await.expect("bookings");
            let starts: Vec<_> =
                bookings.iter().map(|booking| (booking.name.as_str(), booking.start.to_string())).collect();
            assert_eq!(
                starts,
                [("Meeting", "2026-12-02T18:00:00Z".to_owned()), ("Demo", "2026-12-03T18:00:00Z".to_owned())]
            );
            assert_eq!(bookings[0].cancel_url.as_deref(), Some("https://calendly.com/cancellations/I"));
            assert_eq!(bookings[0].reschedule_url.as_deref(), Some("https://calendly.com/reschedulings/I"));
            assert_eq!(bookings[1].cancel_url, None, "its invitees are not to be had");
        }
        let of_the_organization = server.seen().iter().filter(|seen| seen.param("organization").is_some()).count();
        assert_eq!(of_the_organization, 1, "a refused list is not asked for again");
    }
}
