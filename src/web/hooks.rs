//! Webhooks: verify over the raw bytes, store, answer. No other server is asked in the request.
//!
//! Both senders take any other answer than 2xx as a failure and try again for days (Close 72 h, Calendly 24 h). So what
//! is genuine but of no use to us is answered 200 and counted, and 503 is only said when trying again helps.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::json;

use super::edge::{Slot, TooSlow};
use super::{Shared, Site};
use crate::calendly::webhook::BookingEvent;
use crate::close::webhook::{EventError, SignatureError, parse_event};
use crate::runtime::sabotage::{self, Sabotage};
use crate::store::{Accepted, Source, StoreError};
use crate::{calendly, close};

/// The largest body taken. An event holds one object, before and after; a lead with many fields has some 100 kB.
const BODY_BYTES_MAX: usize = 4 << 20;
/// How long storing may take before the sender is told to send it again, rather than left to give up. What is stored all the same
/// is then known by its id.
const PATIENCE: Duration = Duration::from_secs(5);
/// When a sender is asked to try again, in seconds.
const RETRY_AFTER_S: &str = "10";

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/webhooks/close", post(from_close)).route("/webhooks/calendly", post(from_calendly))
}

/// How a delivery ended. Its name is the metric's `result`.
enum Ending {
    Stored,
    Duplicate,
    /// Genuine, and nothing follows from it.
    Ignored(String),
    TooLarge,
    TooSlow,
    /// Its sender went away.
    Broken,
    Unverified(String),
    NotJson(String),
    Unavailable(StoreError),
    /// The database has not answered.
    Unanswered,
    /// This process is about to end. What came is taken by another, or after the restart.
    Draining,
}

async fn from_close(State(site): Shared, request: Request) -> Response {
    let ending = close_delivery(&site, request).await.unwrap_or_else(|refused| refused);
    answer(&site, "close", ending)
}

/// How late a webhook is stored that was answered before ([`Sabotage::AnswerBeforeCommit`]).
const WRITES_BEHIND: Duration = Duration::from_secs(2);

/// Whatever shows without reading the body is looked at first, and nothing is asked of the database for a forgery.
async fn close_delivery(site: &Site, request: Request) -> Result<Ending, Ending> {
    let (head, body) = request.into_parts();
    let now = site.app.clock.now();
    let unverified = |error: SignatureError| Ending::Unverified(error.to_string());
    let claim = close::webhook::Claim::read(&head.headers, now).map_err(unverified)?;
    let body = read(site, body).await?;
    if let Err(error) = claim.check(&site.app.close_keys, &body)
        && !site.kept_key.fits(&site.app.store, &claim, &body, now).await
    {
        return Err(unverified(error));
    }
    verified(&head.extensions);
    Ok(match parse_event(&body) {
        Ok(event) if sabotage::is(Sabotage::AnswerBeforeCommit) => {
            // As whoever writes behind does it: what has piled up is stored now and then.
            let (engine, clock) = (site.app.engine.clone(), site.app.clock.clone());
            site.app.tasks.spawn(async move {
                clock.sleep(WRITES_BEHIND).await;
                engine.receive_close(&event, Source::CloseWebhook).await.is_ok()
            });
            Ending::Stored
        }
        Ok(event) => stored(site, site.app.engine.receive_close(&event, Source::CloseWebhook)).await,
        Err(error @ EventError::NotJson(_)) => Ending::NotJson(error.to_string()),
        Err(error @ EventError::NoEvent) => Ending::Ignored(error.to_string()),
    })
}

async fn from_calendly(State(site): Shared, request: Request) -> Response {
    let ending = calendly_delivery(&site, request).await.unwrap_or_else(|refused| refused);
    answer(&site, "calendly", ending)
}

async fn calendly_delivery(site: &Site, request: Request) -> Result<Ending, Ending> {
    let (head, body) = request.into_parts();
    let unverified = |error: calendly::signature::SignatureError| Ending::Unverified(error.to_string());
    let signature = calendly_signature(&head.headers);
    let claim = calendly::signature::Claim::read(signature, site.app.clock.now()).map_err(unverified)?;
    let body = read(site, body).await?;
    claim.check(&site.app.calendly_keys, &body).map_err(unverified)?;
    verified(&head.extensions);
    Ok(match BookingEvent::parse(&body) {
        Ok(Some(event)) => stored(site, site.app.engine.receive_calendly(&event)).await,
        Ok(None) => Ending::Ignored("not about a booking".to_owned()),
        Err(error) if serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_err() => {
            Ending::NotJson(error.to_string())
        }
        Err(error) => Ending::Ignored(error.to_string()),
    })
}

fn calendly_signature(headers: &HeaderMap) -> &str {
    headers.get(calendly::signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads a body whole, unless it is too large, too slow, or comes too late for this process.
async fn read(site: &Site, body: Body) -> Result<Bytes, Ending> {
    if body.size_hint().lower() > BODY_BYTES_MAX as u64 {
        return Err(Ending::TooLarge);
    }
    let body = Limited::new(body, BODY_BYTES_MAX).collect().await.map_err(|error| unread(error.as_ref()))?;
    if site.app.tasks.is_stopping() {
        return Err(Ending::Draining);
    }
    Ok(body.to_bytes())
}

fn unread(error: &(dyn Error + Send + Sync + 'static)) -> Ending {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<LengthLimitError>() {
            return Ending::TooLarge;
        }
        if error.is::<TooSlow>() {
            return Ending::TooSlow;
        }
        cause = error.source();
    }
    Ending::Broken
}

/// Tells the connection, if there is one, that a genuine webhook is being stored.
fn verified(extensions: &axum::http::Extensions) {
    if let Some(slot) = extensions.get::<Slot>() {
        slot.verified();
    }
}

async fn stored(site: &Site, storing: impl Future<Output = Result<Accepted, StoreError>>) -> Ending {
    match site.app.clock.timeout(PATIENCE, storing).await {
        Ok(Ok(Accepted::New { .. } | Accepted::Recorded)) => Ending::Stored,
        Ok(Ok(Accepted::Duplicate)) => Ending::Duplicate,
        Ok(Err(error)) => Ending::Unavailable(error),
        Err(_) => Ending::Unanswered,
    }
}

fn answer(site: &Site, source: &'static str, ending: Ending) -> Response {
    let (result, status, error) = match ending {
        Ending::Stored => ("stored", StatusCode::OK, None),
        Ending::Duplicate => ("duplicate", StatusCode::OK, None),
        Ending::Ignored(why) => {
            tracing::debug!(source, why, "a webhook of no use to us");
            ("ignored", StatusCode::OK, None)
        }
        Ending::TooLarge => {
            let most = format!("the body is larger than {BODY_BYTES_MAX} bytes");
            ("too_large", StatusCode::PAYLOAD_TOO_LARGE, Some(most))
        }
        Ending::TooSlow => ("too_slow", StatusCode::REQUEST_TIMEOUT, Some(TooSlow.to_string())),
        Ending::Broken => ("broken", StatusCode::BAD_REQUEST, Some("the body broke off".to_owned())),
        Ending::Unverified(why) => {
            if let Some(refused) = site.refusals.note(site.app.clock.now()) {
                tracing::warn!(source, why, refused, "webhooks were refused; nothing was stored");
            }
            ("unverified", StatusCode::UNAUTHORIZED, Some(why))
        }
        Ending::NotJson(why) => {
            tracing::warn!(source, why, "a signed webhook could not be read");
            ("not_json", StatusCode::BAD_REQUEST, Some(why))
        }
        Ending::Unavailable(error) => {
            match error {
                // So many come that a line for each would make it worse.
                StoreError::Busy => tracing::debug!(source, "too many webhooks at once; this one is asked for again"),
                error => tracing::error!(source, %error, "a webhook could not be stored; it is asked for again"),
            }
            let why = "the event could not be stored; send it again".to_owned();
            ("unavailable", StatusCode::SERVICE_UNAVAILABLE, Some(why))
        }
        Ending::Unanswered => {
            tracing::error!(source, "the database has not stored a webhook in time; it is asked for again");
            let why = "the database does not answer; send it again".to_owned();
            ("unavailable", StatusCode::SERVICE_UNAVAILABLE, Some(why))
        }
        Ending::Draining => {
            let why = "this process is about to end; send it again".to_owned();
            ("draining", StatusCode::SERVICE_UNAVAILABLE, Some(why))
        }
    };
    metrics::counter!("rapport_webhooks_total", "source" => source, "result" => result).increment(1);
    let body = error.map_or_else(|| json!({ "result": result }), |why| json!({ "result": result, "error": why }));
    let mut response = (status, Json(body)).into_response();
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::Sha256;

    use super::super::testing::{Answer, CLOSE_KEY, Desk, NOW};
    use super::*;

    fn hash(key: &str, timestamp: &str, body: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&hex::decode(key).expect("hex")).expect("any length");
        mac.update(timestamp.as_bytes());
        mac.update(body.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }

    async fn deliver(desk: &Desk, key: &str, signed: &str, sent: &str) -> Answer {
        let timestamp = NOW.to_string();
        let request = Request::post("/webhooks/close")
            .header("close-sig-timestamp", &timestamp)
            .header("close-sig-hash", hash(key, &timestamp, signed))
            .header("content-type", "application/json")
            .body(Body::from(sent.to_owned()));
        desk.send(request.expect("a request")).await
    }

    const EVENT: &str =
        r#"{"event":{"id":"ev_1","object_type":"task.lead","action":"created","data":{}},"subscription_id":"whsub_1"}"#;

    #[tokio::test]
    async fn a_genuine_event_is_stored_once_however_often_it_comes() {
        let desk = Desk::open().await;
        let first = deliver(&desk, CLOSE_KEY, EVENT, EVENT).await;
        assert_eq!((first.status, first.body.as_str()), (StatusCode::OK, r#"{"result":"stored"}"#));
        let again = deliver(&desk, CLOSE_KEY, EVENT, EVENT).await;
        assert_eq!((again.status, again.body.as_str()), (StatusCode::OK, r#"{"result":"duplicate"}"#));
    }

    #[tokio::test]
    async fn what_is_not_genuine_is_refused_and_not_stored() {
        let desk = Desk::open().await;
        let before = desk.app.store.revision().await.expect("reads");
        let other = "00".repeat(32);
        assert_eq!(deliver(&desk, &other, EVENT, EVENT).await.status, StatusCode::UNAUTHORIZED);
        let altered = EVENT.replace("ev_1", "ev_2");
        assert_eq!(deliver(&desk, CLOSE_KEY, EVENT, &altered).await.status, StatusCode::UNAUTHORIZED);
        let bare = Request::post("/webhooks/close").body(Body::from(EVENT)).expect("a request");
        assert_eq!(desk.send(bare).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.app.store.revision().await.expect("reads"), before);
        assert_eq!(deliver(&desk, CLOSE_KEY, EVENT, EVENT).await.body, r#"{"result":"stored"}"#);
    }

    #[tokio::test]
    async fn genuine_bodies_of_no_use_are_not_asked_for_again() {
        let desk = Desk::open().await;
        let strange = deliver(&desk, CLOSE_KEY, r#"{"hello":[1]}"#, r#"{"hello":[1]}"#).await;
        assert_eq!((strange.status, strange.body.as_str()), (StatusCode::OK, r#"{"result":"ignored"}"#));
        let broken = deliver(&desk, CLOSE_KEY, "{oops", "{oops").await;
        assert_eq!(broken.status, StatusCode::BAD_REQUEST);
        assert!(broken.body.contains("not JSON"), "{}", broken.body);
    }

    #[tokio::test]
    async fn a_body_beyond_the_limit_is_not_read() {
        let desk = Desk::open().await;
        let huge = "x".repeat(BODY_BYTES_MAX + 1);
        assert_eq!(deliver(&desk, CLOSE_KEY, &huge, &huge).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn when_nothing_can_be_stored_the_sender_is_asked_to_come_again() {
        let desk = Desk::open().await;
        desk.app.store.close().await;
        let answer = deliver(&desk, CLOSE_KEY, EVENT, EVENT).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), RETRY_AFTER_S);
    }

    #[tokio::test]
    async fn while_the_database_does_not_answer_the_sender_is_told_in_time() {
        let desk = Desk::open().await;
        let occupied = desk.app.store.occupied().await;
        let answer = desk.while_time_passes(deliver(&desk, CLOSE_KEY, EVENT, EVENT)).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.body.contains("send it again"), "{}", answer.body);
        assert_eq!(answer.header("retry-after"), RETRY_AFTER_S);
        drop(occupied);
        assert_eq!(deliver(&desk, CLOSE_KEY, EVENT, EVENT).await.status, StatusCode::OK, "nothing-lost");
    }

    #[tokio::test]
    async fn deliveries_from_calendly_are_verified_their_own_way() {
        let desk = Desk::open().await;
        let body =
            r#"{"event":"invitee.created","payload":{"uri":"https://api.calendly.com/scheduled_events/E/invitees/I"}}"#;
        let mut mac = Hmac::<Sha256>::new_from_slice(b"calendly-key").expect("any length");
        mac.update(format!("{NOW}.{body}").as_bytes());
        let signature = format!("t={NOW},v1={}", hex::encode(mac.finalize().into_bytes()));
        let request = |signature: &str| {
            Request::post("/webhooks/calendly")
                .header("calendly-webhook-signature", signature)
                .body(Body::from(body))
                .expect("a request")
        };
        assert_eq!(desk.send(request(&signature)).await.status, StatusCode::OK);
        assert_eq!(desk.send(request(&signature.replace("v1=", "v1=00"))).await.status, StatusCode::UNAUTHORIZED);
    }

    #[tokio::test]
    async fn every_ending_is_counted() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let _recording = metrics::set_default_local_recorder(&recorder);
        let desk = Desk::open().await;
        deliver(&desk, CLOSE_KEY, EVENT, EVENT).await;
        deliver(&desk, &"00".repeat(32), EVENT, EVENT).await;
        let counted = recorder.handle().render();
        for result in ["stored", "unverified"] {
            let line = format!("rapport_webhooks_total{{source=\"close\",result=\"{result}\"}} 1");
            assert!(counted.contains(&line), "{line} in {counted}");
        }
    }
}
