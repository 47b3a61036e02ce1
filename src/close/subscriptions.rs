//! Webhook subscriptions: what Rapport asks Close to tell it, and whether Close still does.

use http::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::client::{Call, CloseClient, path_id};
use super::error::CloseError;
use super::json::Fields;
use super::sms::listed;
use crate::runtime::upstream::CallKind;

/// One kind of event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedEvent {
    /// Such as `activity.sms`.
    pub object_type: String,
    /// Such as `created`.
    pub action: String,
}

/// Every kind of event Rapport wants. `updated` is how a failed text and a rep's typing become known; Close discourages
/// it for its number, which storing events by their id makes harmless.
#[must_use]
pub fn wanted_events() -> Vec<WantedEvent> {
    [
        ("activity.sms", "created"),
        ("activity.sms", "updated"),
        ("activity.sms", "sent"),
        ("activity.sms", "deleted"),
        ("lead", "merged"),
        ("contact", "updated"),
    ]
    .map(|(object_type, action)| WantedEvent { object_type: object_type.to_owned(), action: action.to_owned() })
    .to_vec()
}

/// Whether Close delivers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SubscriptionStatus {
    /// It does.
    Active,
    /// It does not: by hand, or because too many deliveries failed.
    Paused,
    /// A status this program does not know; empty if there was none.
    Other(String),
}

/// A webhook subscription.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// `whsub_…`.
    pub id: String,
    /// Where the events go.
    pub url: String,
    /// Whether Close delivers.
    pub status: SubscriptionStatus,
    /// What it delivers, whatever else an event says: one that a filter lets through only at times is none of these.
    pub events: Vec<WantedEvent>,
    /// The signature key, in hex. Close gives it when the subscription is created: keep it.
    pub signature_key: Option<SecretString>,
    /// How deliveries go, in Close's words.
    pub health_status: Option<String>,
    /// The last failure, in Close's words.
    pub latest_error: Option<String>,
    /// Why Close paused it, in Close's words.
    pub pause_reason: Option<String>,
}

impl Subscription {
    /// What Rapport wants and this subscription does not deliver.
    #[must_use]
    pub fn missing_events(&self) -> Vec<WantedEvent> {
        wanted_events().into_iter().filter(|wanted| !self.events.contains(wanted)).collect()
    }
}

/// What to change of a subscription; what is none stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubscriptionChange {
    /// Another address.
    pub url: Option<String>,
    /// Another list of events.
    pub events: Option<Vec<WantedEvent>>,
    /// True takes a paused one up again.
    pub activate: bool,
}

impl CloseClient {
    /// Every subscription that this key may see, without signature keys.
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn list_subscriptions(&self) -> Result<Vec<Subscription>, CloseError> {
        const DURING: &str = "list the webhooks at Close";
        let page = self.read(Call::get("webhook", DURING)).await?;
        Ok(listed(Fields::of(&page), DURING)?.iter().filter_map(read_subscription).collect())
    }

    /// Creates a subscription of everything Rapport wants, delivered to `url`. Its signature key is in the answer.
    ///
    /// # Errors
    /// [`CloseError`]. Its outcome `Unknown` means that the subscription may exist: list them.
    pub async fn create_subscription(&self, url: &str) -> Result<Subscription, CloseError> {
        const DURING: &str = "create the webhook at Close";
        let body = json!({"url": url, "events": events_json(&wanted_events())});
        let answer = self.write(Call::write(Method::POST, "webhook", Some(body), DURING)).await?;
        read_answer(&answer, DURING)
    }

    /// Changes a subscription.
    ///
    /// # Errors
    /// [`CloseError`]. Making the same change again is safe.
    pub async fn update_subscription(&self, id: &str, change: &SubscriptionChange) -> Result<Subscription, CloseError> {
        const DURING: &str = "change the webhook at Close";
        let mut body = json!({});
        if let Some(url) = &change.url {
            body["url"] = json!(url);
        }
        if let Some(events) = &change.events {
            body["events"] = events_json(events);
        }
        if change.activate {
            body["status"] = json!("active");
        }
        let path = format!("webhook/{}", path_id(id, DURING)?);
        read_answer(&self.write(Call::write(Method::PUT, path, Some(body), DURING)).await?, DURING)
    }

    /// Deletes a subscription; one that is not there (any more) counts as deleted.
    ///
    /// # Errors
    /// [`CloseError`]. Deleting again is safe.
    pub async fn delete_subscription(&self, id: &str) -> Result<(), CloseError> {
        const DURING: &str = "delete the webhook at Close";
        let path = format!("webhook/{}", path_id(id, DURING)?);
        match self.write_unread(Call::write(Method::DELETE, path, None, DURING)).await {
            Err(CloseError::Missing { .. }) => Ok(()),
            ended => ended,
        }
    }
}

fn events_json(events: &[WantedEvent]) -> Value {
    events.iter().map(|event| json!({"object_type": event.object_type, "action": event.action})).collect()
}

fn read_answer(value: &Value, during: &'static str) -> Result<Subscription, CloseError> {
    read_subscription(value).ok_or_else(|| CloseError::Unreadable {
        during,
        reason: "no webhook with an id".to_owned(),
        kind: CallKind::Write,
    })
}

fn read_subscription(value: &Value) -> Option<Subscription> {
    let fields = Fields::of(value);
    let event = |value: &Value| {
        let event = Fields::of(value);
        if event.value("extra_filter").is_some() {
            return None;
        }
        Some(WantedEvent { object_type: event.text("object_type")?, action: event.text("action")? })
    };
    let status = fields.text("status").unwrap_or_default();
    Some(Subscription {
        id: fields.text("id")?,
        url: fields.text("url").unwrap_or_default(),
        status: match status.as_str() {
            "active" => SubscriptionStatus::Active,
            "paused" => SubscriptionStatus::Paused,
            _ => SubscriptionStatus::Other(status),
        },
        events: fields.list("events").iter().filter_map(event).collect(),
        signature_key: fields.text("signature_key").map(SecretString::from),
        health_status: fields.text("health_status"),
        latest_error: fields.value("latest_error").map(in_words),
        pause_reason: fields.text("pause_reason"),
    })
}

/// Close documents the latest error as a text; elsewhere its errors are objects.
fn in_words(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::extract::Request;
    use axum::response::IntoResponse;
    use axum::routing::{any, get};
    use http::StatusCode;
    use secrecy::ExposeSecret;

    use super::super::client::tests::client_for;
    use super::*;

    const KEY: &str = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c";

    #[tokio::test]
    async fn a_new_subscription_brings_its_key() {
        let handler = |request: Request| async move {
            let body = axum::body::to_bytes(request.into_body(), 1 << 16).await.expect("a body");
            let mut body: Value = serde_json::from_slice(&body).expect("JSON");
            let names: Vec<_> = body.as_object().expect("an object").keys().cloned().collect();
            assert_eq!(names, ["events", "url"], "Close's schema allows little else");
            body["id"] = json!("whsub_1");
            body["status"] = json!("active");
            body["signature_key"] = json!(KEY);
            (StatusCode::CREATED, body.to_string())
        };
        let (client, _time) = client_for(Router::new().fallback(any(handler)));
        let made = client.create_subscription("https://rapport.example/webhooks/close").await.expect("made");
        assert_eq!(made.signature_key.expect("a key").expose_secret(), KEY);
        assert_eq!(made.status, SubscriptionStatus::Active);
    }

    #[tokio::test]
    async fn a_list_shows_what_is_paused_or_incomplete_and_has_no_keys() {
        let page = json!({"data": [{"id":"whsub_1","url":"https://rapport.example/webhooks/close","status":"paused",
            "pause_reason":"failures","latest_error":{"error":"timeout"},"history":{"errors":[],"successes":[]},
            "events":[{"object_type":"activity.sms","action":"created","extra_filter":null},
                {"object_type":"activity.sms","action":"sent","extra_filter":{"type":"equals","field":"data.user_id","value":"user_1"}}]}]})
        .to_string();
        let (client, _time) = client_for(Router::new().route("/api/v1/webhook/", get(move || async move { page })));
        let listed = client.list_subscriptions().await.expect("a list");
        assert_eq!(listed[0].status, SubscriptionStatus::Paused);
        assert_eq!(listed[0].missing_events().len(), wanted_events().len() - 1);
        assert!(listed[0].signature_key.is_none());
    }

    #[tokio::test]
    async fn a_change_names_only_what_changes() {
        let handler = |request: Request| async move {
            assert_eq!((request.method(), request.uri().path()), (&Method::PUT, "/api/v1/webhook/whsub_1/"));
            let body = axum::body::to_bytes(request.into_body(), 1 << 16).await.expect("a body");
            assert_eq!(&body[..], br#"{"status":"active"}"#);
            json!({"id":"whsub_1","status":"active"}).to_string().into_response()
        };
        let (client, _time) = client_for(Router::new().fallback(any(handler)));
        let change = SubscriptionChange { activate: true, ..SubscriptionChange::default() };
        assert_eq!(client.update_subscription("whsub_1", &change).await.expect("changed").id, "whsub_1");
    }
}
