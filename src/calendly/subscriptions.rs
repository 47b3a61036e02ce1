//! Webhook subscriptions. They cannot be changed: a broken one is deleted and created anew.

use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::client::id_of;
use super::{BookingEventKind, CalendlyClient, CalendlyError};
use crate::runtime::upstream::CallKind;

/// Whose bookings are delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The whole organization's; only for owners and admins.
    Organization,
    /// The token owner's.
    User,
}

impl Scope {
    fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::User => "user",
        }
    }
}

/// One subscription.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    /// Its address in the API.
    pub uri: String,
    /// Where deliveries go.
    #[serde(default)]
    pub callback_url: String,
    /// `active`, or `disabled` after a day of failed deliveries.
    #[serde(default)]
    pub state: Option<String>,
    /// What is delivered.
    #[serde(default)]
    pub events: Vec<String>,
    /// `organization`, `user` or `group`.
    #[serde(default)]
    pub scope: Option<String>,
    /// Since when deliveries fail; none when all is well.
    #[serde(default)]
    pub retry_started_at: Option<String>,
}

impl Subscription {
    /// True when it delivers what we want to know.
    #[must_use]
    pub fn is_working(&self) -> bool {
        let wanted = |kind: BookingEventKind| self.events.iter().any(|event| event == kind.as_str());
        self.state.as_deref() != Some("disabled")
            && wanted(BookingEventKind::Created)
            && wanted(BookingEventKind::Canceled)
    }
}

impl CalendlyClient {
    /// The subscriptions of one scope.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn subscriptions(&self, scope: Scope) -> Result<Vec<Subscription>, CalendlyError> {
        let (organization, user) = self.owner().await?;
        let mut query = vec![("organization", organization), ("scope", scope.as_str())];
        if scope == Scope::User {
            query.push(("user", user));
        }
        self.list(&["webhook_subscriptions"], &query).await
    }

    /// Has bookings delivered to `url`, signed with `key`, which we choose.
    ///
    /// # Errors
    /// [`CalendlyError::Conflict`] when one to this address exists; after an unknown outcome, list before trying again.
    pub async fn subscribe(&self, url: &str, scope: Scope, key: &SecretString) -> Result<Subscription, CalendlyError> {
        let (organization, user) = self.owner().await?;
        let mut body = json!({
            "url": url,
            "events": [BookingEventKind::Created.as_str(), BookingEventKind::Canceled.as_str()],
            "organization": organization,
            "scope": scope.as_str(),
            "signing_key": key.expose_secret(),
        });
        if scope == Scope::User {
            body["user"] = user.into();
        }
        let mut answer = self.write(Method::POST, &["webhook_subscriptions"], Some(&body)).await?;
        let made = answer.get_mut("resource").map(serde_json::Value::take).unwrap_or_default();
        serde_json::from_value(made).map_err(|e| CalendlyError::unreadable(CallKind::Write, e.to_string()))
    }

    /// Deletes a subscription. One that is gone already counts as deleted.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn unsubscribe(&self, subscription: &Subscription) -> Result<(), CalendlyError> {
        match self.write(Method::DELETE, &["webhook_subscriptions", id_of(&subscription.uri)], None).await {
            Ok(_) | Err(CalendlyError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Organization and user, by their addresses in the API.
    async fn owner(&self) -> Result<(&str, &str), CalendlyError> {
        let me = self.me().await?;
        let organization = me
            .current_organization
            .as_deref()
            .ok_or_else(|| CalendlyError::unreadable(CallKind::Read, "the user belongs to no organization"))?;
        Ok((organization, &me.uri))
    }
}

#[cfg(test)]
mod tests {
    use axum::response::Response;
    use serde_json::Value;

    use super::*;
    use crate::calendly::testing::{Seen, Server, answer, client};

    fn me(_: &Seen) -> Response {
        answer(
            200,
            &json!({ "resource": { "uri": "https://api.calendly.com/users/U1",
            "current_organization": "https://api.calendly.com/organizations/O1" } }),
        )
    }

    fn row(state: &str) -> Value {
        json!({ "uri": "https://api.calendly.com/webhook_subscriptions/W1", "callback_url": "https://r.example/hook",
            "state": state, "events": ["invitee.created", "invitee.canceled"], "scope": "user", "retry_started_at": null,
            "creator": "https://api.calendly.com/users/U1" })
    }

    #[tokio::test]
    async fn a_subscription_names_scope_owner_events_and_key() {
        let server = Server::new()
            .on("GET /users/me", me)
            .on("POST /webhook_subscriptions", |_| answer(201, &json!({ "resource": row("active") })));
        let key = SecretString::from("k");
        let made = client(&server).subscribe("https://r.example/hook", Scope::User, &key).await.expect("made");
        assert!(made.is_working());
        assert_eq!(
            server.seen()[1].body,
            json!({
                "url": "https://r.example/hook",
                "events": ["invitee.created", "invitee.canceled"],
                "organization": "https://api.calendly.com/organizations/O1",
                "user": "https://api.calendly.com/users/U1",
                "scope": "user",
                "signing_key": "k",
            })
        );
    }

    #[tokio::test]
    async fn a_disabled_subscription_is_listed_as_not_working() {
        let server = Server::new().on("GET /users/me", me).on("GET /webhook_subscriptions", |seen| {
            assert_eq!(seen.param("scope").as_deref(), Some("organization"));
            assert_eq!(seen.param("organization").as_deref(), Some("https://api.calendly.com/organizations/O1"));
            answer(200, &json!({ "collection": [row("disabled")], "pagination": { "next_page_token": null } }))
        });
        let listed = client(&server).subscriptions(Scope::Organization).await.expect("a list");
        assert_eq!(listed.iter().map(Subscription::is_working).collect::<Vec<_>>(), [false]);
    }

    #[tokio::test]
    async fn one_to_the_same_address_is_a_conflict() {
        let server = Server::new().on("GET /users/me", me).on("POST /webhook_subscriptions", |_| {
            answer(409, &json!({ "title": "Already Exists", "message": "Hook with this url already exists" }))
        });
        let outcome = client(&server).subscribe("https://r.example/hook", Scope::User, &SecretString::from("k")).await;
        assert!(matches!(outcome, Err(CalendlyError::Conflict(words)) if words.contains("already exists")));
    }

    #[tokio::test]
    async fn deleting_what_is_gone_succeeds() {
        let server = Server::new().on("DELETE /webhook_subscriptions/W1", |seen| {
            let status = if seen.count == 1 { 204 } else { 404 };
            Response::builder().status(status).body(axum::body::Body::empty()).expect("a valid answer")
        });
        let subscription: Subscription = serde_json::from_value(row("active")).expect("a subscription");
        for _ in 0..2 {
            assert_eq!(client(&server).unsubscribe(&subscription).await, Ok(()));
        }
    }
}
