//! The kind of meeting that is offered.

use serde::Deserialize;

use super::client::id_of;
use super::{CalendlyClient, CalendlyError};

/// A kind of meeting that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "Row")]
pub struct EventType {
    /// Its address in the API, which is how the API wants it named.
    pub uri: String,
    /// The name leads see, such as `Intro call`.
    pub name: String,
    /// The last part of its page's address.
    pub slug: Option<String>,
    /// How long the meeting takes, in minutes.
    pub duration_minutes: Option<u32>,
    /// Its page.
    pub scheduling_url: String,
    /// False when it is switched off.
    pub active: bool,
    /// True when leads must pay to book.
    pub is_paid: bool,
    /// True for a poll over times, which nobody can book.
    pub is_poll: bool,
}

/// The wire's form.
#[derive(Deserialize)]
struct Row {
    uri: String,
    name: Option<String>,
    slug: Option<String>,
    duration: Option<f64>,
    scheduling_url: Option<String>,
    active: Option<bool>,
    is_paid: Option<bool>,
    booking_method: Option<String>,
    deleted_at: Option<String>,
}

impl From<Row> for EventType {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked first")]
    fn from(row: Row) -> Self {
        let minutes = row.duration.filter(|minutes| (1.0..=10_000.0).contains(minutes));
        Self {
            name: row.name.or_else(|| row.slug.clone()).unwrap_or_else(|| "Meeting".to_owned()),
            slug: row.slug,
            duration_minutes: minutes.map(|minutes| minutes as u32),
            scheduling_url: row.scheduling_url.unwrap_or_default(),
            active: row.active.unwrap_or(true) && row.deleted_at.is_none(),
            is_paid: row.is_paid.unwrap_or(false),
            is_poll: row.booking_method.as_deref() == Some("poll"),
            uri: row.uri,
        }
    }
}

impl EventType {
    /// True when a lead can book it without paying.
    #[must_use]
    pub fn is_bookable(&self) -> bool {
        self.active && !self.is_paid && !self.is_poll
    }

    /// How the configuration may name it.
    fn answers_to(&self, wanted: &str) -> bool {
        let page = page_of(wanted);
        id_of(&self.uri) == wanted
            || self.slug.as_deref().is_some_and(|slug| slug.eq_ignore_ascii_case(wanted))
            || self.name.eq_ignore_ascii_case(wanted)
            || (page.contains('/') && page_of(&self.scheduling_url) == page)
    }
}

impl CalendlyClient {
    /// Finds what the configuration names: by its address in the API, its id, its slug, its name or the address of its
    /// page. An empty name means the only one there is.
    ///
    /// # Errors
    /// [`CalendlyError::NotFound`] lists what there is; [`CalendlyError::Configuration`] when it cannot be booked.
    pub async fn event_type(&self, wanted: &str) -> Result<EventType, CalendlyError> {
        let wanted = wanted.trim();
        let found = if wanted.contains("/event_types/") {
            self.event_type_by_id(id_of(wanted)).await?
        } else {
            self.event_type_by_name(wanted).await?
        };
        if found.is_bookable() {
            return Ok(found);
        }
        let reason = match (found.active, found.is_paid) {
            (false, _) => "is switched off in Calendly",
            (true, true) => "asks leads to pay, which a text cannot arrange",
            (true, false) => "is a poll, which nobody can book",
        };
        Err(CalendlyError::Configuration(format!("event type {:?} {reason}; set calendly.event_type", found.name)))
    }

    async fn event_type_by_id(&self, id: &str) -> Result<EventType, CalendlyError> {
        self.resource(&["event_types", id], &[]).await.map_err(|error| match error {
            CalendlyError::NotFound { .. } => unknown(id, &[]),
            other => other,
        })
    }

    async fn event_type_by_name(&self, wanted: &str) -> Result<EventType, CalendlyError> {
        let own = self.event_types().await?;
        if wanted.is_empty() {
            let mut bookable = own.iter().filter(|found| found.is_bookable());
            return match (bookable.next(), bookable.next()) {
                (Some(only), None) => Ok(only.clone()),
                _ => Err(unknown("event type without a name", &own)),
            };
        }
        if let Some(found) = own.iter().find(|found| found.answers_to(wanted)) {
            return Ok(found.clone());
        }
        // A team's event type is not in the user's own list; its id still finds it.
        if is_id(wanted)
            && let Ok(found) = self.event_type_by_id(wanted).await
        {
            return Ok(found);
        }
        let of_the_team = self.organization_event_types().await;
        of_the_team.iter().find(|found| found.answers_to(wanted)).cloned().ok_or_else(|| unknown(wanted, &own))
    }

    /// The event types of the token's owner that are switched on.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn event_types(&self) -> Result<Vec<EventType>, CalendlyError> {
        let user = &self.me().await?.uri;
        self.list(&["event_types"], &[("user", user), ("active", "true")]).await
    }

    /// Those of the whole organization; none where only an admin may list them.
    async fn organization_event_types(&self) -> Vec<EventType> {
        let Ok(Some(organization)) = self.me().await.map(|me| me.current_organization.as_deref()) else {
            return Vec::new();
        };
        let query = [("organization", organization), ("active", "true")];
        self.list(&["event_types"], &query).await.unwrap_or_default()
    }
}

fn unknown(wanted: &str, there_are: &[EventType]) -> CalendlyError {
    let known: Vec<&str> = there_are.iter().map(|found| found.slug.as_deref().unwrap_or(&found.name)).collect();
    let hint = if known.is_empty() {
        "set calendly.event_type to the slug or address of an event type that exists".to_owned()
    } else {
        format!("set calendly.event_type to one of: {}", known.join(", "))
    };
    CalendlyError::NotFound { what: format!("event type {wanted:?}"), hint }
}

fn is_id(wanted: &str) -> bool {
    !wanted.is_empty() && wanted.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A page's address without scheme, query and trailing slash, in lower case.
fn page_of(address: &str) -> String {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let address = address.split(['?', '#']).next().unwrap_or_default();
    address.trim_end_matches('/').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::calendly::CalendlyError;
    use crate::calendly::testing::{Server, answer, client};

    fn row(id: &str, slug: &str) -> Value {
        json!({ "uri": format!("https://api.calendly.com/event_types/{id}"), "name": format!("{slug} call"),
            "slug": slug, "duration": 30, "active": true, "kind": "solo", "pooling_type": null, "is_paid": false,
            "booking_method": "instant", "scheduling_url": format!("https://calendly.com/ada/{slug}") })
    }

    fn server() -> Server {
        Server::new()
            .on("GET /users/me", |_| {
                answer(
                    200,
                    &json!({ "resource": { "uri": "https://api.calendly.com/users/U1",
                    "current_organization": "https://api.calendly.com/organizations/O1" } }),
                )
            })
            .on("GET /event_types", |seen| {
                let mut rows = vec![row("T1", "intro"), row("T2", "demo")];
                if seen.param("organization").is_some() {
                    rows.push(row("T9", "team-demo"));
                } else {
                    assert_eq!(seen.param("user").as_deref(), Some("https://api.calendly.com/users/U1"));
                }
                answer(200, &json!({ "collection": rows, "pagination": {} }))
            })
            .on("GET /event_types/T2", |_| answer(200, &json!({ "resource": row("T2", "demo") })))
            .on("GET /event_types/T7", |_| {
                let mut paid = row("T7", "paid");
                paid["is_paid"] = json!(true);
                answer(200, &json!({ "resource": paid }))
            })
    }

    #[tokio::test]
    async fn every_way_to_name_an_event_type_finds_it() {
        for wanted in [
            "https://api.calendly.com/event_types/T2",
            "T2",
            "demo",
            "Demo Call",
            "https://calendly.com/ada/demo",
            "calendly.com/ada/demo/?month=2026-12",
        ] {
            let found = client(&server()).event_type(wanted).await.expect(wanted);
            assert_eq!(found.uri, "https://api.calendly.com/event_types/T2", "{wanted}");
            assert_eq!((found.name.as_str(), found.duration_minutes), ("demo call", Some(30)));
        }
    }

    #[tokio::test]
    async fn an_event_type_of_the_team_is_found_by_its_slug() {
        let found = client(&server()).event_type("team-demo").await.expect("the organization has it");
        assert_eq!(found.uri, "https://api.calendly.com/event_types/T9");
    }

    #[tokio::test]
    async fn an_unknown_name_lists_what_there_is() {
        for wanted in ["sales", ""] {
            let error = client(&server()).event_type(wanted).await.expect_err("no such event type").to_string();
            assert!(error.contains("intro, demo"), "{error}");
        }
    }

    #[tokio::test]
    async fn an_event_type_that_cannot_be_booked_is_refused() {
        let error = client(&server()).event_type("https://api.calendly.com/event_types/T7").await.expect_err("paid");
        assert!(matches!(&error, CalendlyError::Configuration(reason) if reason.contains("pay")), "{error}");
    }

    #[tokio::test]
    async fn a_single_event_type_needs_no_name() {
        let server = Server::new()
            .on("GET /users/me", |_| {
                answer(200, &json!({ "resource": { "uri": "https://api.calendly.com/users/U1" } }))
            })
            .on("GET /event_types", |_| {
                let mut off = row("T3", "old");
                off["active"] = json!(false);
                // Nulls where the published form has values.
                let only = json!({ "uri": "https://api.calendly.com/event_types/T1", "name": null, "slug": "intro",
                    "duration": null, "active": null });
                answer(200, &json!({ "collection": [off, only, { "no": "uri" }], "pagination": null }))
            });
        let found = client(&server).event_type("").await.expect("one is bookable");
        assert_eq!((found.name.as_str(), found.duration_minutes), ("intro", None));
    }
}
