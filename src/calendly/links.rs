//! Booking links that work once, and the token by which a booking is recognised.

use http::Method;
use serde_json::json;
use url::Url;

use super::{CalendlyClient, CalendlyError, EventType};
use crate::runtime::upstream::CallKind;

/// What `utm_source` says about links of ours.
pub const SOURCE: &str = "rapport";

impl CalendlyClient {
    /// A link by which one meeting can be booked, carrying `token` (see [`tracked`]).
    ///
    /// A link that was made without our learning of it harms nobody: after any failure, another may be made.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn single_use_link(&self, event_type: &EventType, token: &str) -> Result<String, CalendlyError> {
        let body = json!({ "max_event_count": 1, "owner": event_type.uri, "owner_type": "EventType" });
        let answer = self.write(Method::POST, &["scheduling_links"], Some(&body)).await?;
        let link = answer["resource"]["booking_url"].as_str().or_else(|| answer["booking_url"].as_str());
        let link = link
            .filter(|link| Url::parse(link).is_ok())
            .ok_or_else(|| CalendlyError::unreadable(CallKind::Write, "a link without a booking_url"))?;
        Ok(tracked(link, token))
    }
}

/// `link` with `utm_source` and `token` as `utm_content`, which Calendly hands back with the booking. The token stands
/// in texts: it is short, random, and says nothing about the lead.
#[must_use]
pub fn tracked(link: &str, token: &str) -> String {
    let Ok(mut url) = Url::parse(link) else {
        return link.to_owned();
    };
    url.query_pairs_mut().append_pair("utm_source", SOURCE).append_pair("utm_content", token);
    url.into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::calendly::testing::{Server, answer, client, event_type};
    use crate::runtime::upstream::Outcome;

    #[tokio::test]
    async fn a_link_is_made_for_one_booking_and_carries_the_token() {
        let server = Server::new().on("POST /scheduling_links", |_| {
            answer(
                201,
                &json!({ "resource": { "booking_url": "https://calendly.com/d/abcd-brv8/intro",
                "owner": "https://api.calendly.com/event_types/T1", "owner_type": "EventType" } }),
            )
        });
        let link = client(&server).single_use_link(&event_type(), "tok-1").await.expect("a link");
        assert_eq!(link, "https://calendly.com/d/abcd-brv8/intro?utm_source=rapport&utm_content=tok-1");
        assert_eq!(
            server.seen()[0].body,
            json!({ "max_event_count": 1, "owner": "https://api.calendly.com/event_types/T1", "owner_type": "EventType" })
        );
    }

    #[tokio::test]
    async fn a_success_without_a_link_is_unknown_and_not_tried_again() {
        let server = Server::new().on("POST /scheduling_links", |_| answer(201, &Value::Null));
        let error = client(&server).single_use_link(&event_type(), "t").await.expect_err("no link");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(server.seen().len(), 1);
    }

    #[test]
    fn a_slots_page_keeps_its_own_parameters() {
        assert_eq!(
            tracked("https://calendly.com/ada/intro/2026-12-02T20:00:00Z?month=2026-12", "a b"),
            "https://calendly.com/ada/intro/2026-12-02T20:00:00Z?month=2026-12&utm_source=rapport&utm_content=a+b"
        );
    }
}
