//! Is it alive, is it ready, and how is it doing?
//!
//! Nobody has to sign in to ask, so the database is asked at most once a second, however many ask.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Shared, Site};
use crate::runtime::clock::after;
use crate::runtime::upstream::{BreakerState, Upstream};
use crate::store::{self, Counts, StoreError};

/// How long an answer of the database is repeated.
const FRESH: Duration = Duration::from_secs(1);

/// How long the database may take to answer. Whoever asks gives up soon: Kubernetes after a second, Prometheus after ten.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// How long it may take to learn why it does not.
const WHY: Duration = Duration::from_millis(400);

/// What the database said last, and when.
pub(super) struct Asked<T>(Mutex<Option<(Timestamp, T)>>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Asked<T> {
    /// Whoever comes while somebody asks waits for that answer.
    async fn get(&self, now: Timestamp, ask: impl Future<Output = T>) -> T {
        let mut last = self.0.lock().await;
        if let Some((at, answer)) = last.as_ref()
            && now < after(*at, FRESH)
        {
            return answer.clone();
        }
        let answer = ask.await;
        *last = Some((now, answer.clone()));
        answer
    }
}

/// What was asked for `/readyz` and for `/metrics`.
#[derive(Default)]
pub(super) struct Health {
    database: Asked<Result<(), String>>,
    counts: Asked<Option<Counts>>,
}

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready)).route("/metrics", get(metrics))
}

async fn alive() -> &'static str {
    "ok\n"
}

/// 200 when the database answers and the engine runs; 503 with the part that does not. An upstream that does not answer
/// is told, but webhooks must come in all the same.
async fn ready(State(site): Shared) -> Response {
    let ping = in_time(&site, site.app.store.ping());
    let database = site.health.database.get(site.app.clock.now(), ping).await;
    let engine = if site.app.tasks.is_stopping() {
        Err("draining: what is going on now is finished, nothing new is begun".to_owned())
    } else {
        site.app.engine.ready()
    };
    let is_ready = database.is_ok() && engine.is_ok();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts = json!({
        "ready": is_ready,
        "database": part(database),
        "engine": part(engine),
        "upstreams": upstreams(&site),
    });
    ([(header::CACHE_CONTROL, "no-store")], (status, Json(parts))).into_response()
}

/// What the database answers, or why it does not.
async fn in_time<T>(site: &Site, answer: impl Future<Output = Result<T, StoreError>>) -> Result<T, String> {
    match site.app.clock.timeout(PATIENCE, answer).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err(site.app.store.why_silent(WHY).await),
    }
}

fn part(state: Result<(), String>) -> Value {
    match state {
        Ok(()) => json!({ "ok": true }),
        Err(reason) => json!({ "ok": false, "reason": reason }),
    }
}

/// The circuit breaker of each upstream, by name.
fn upstreams(site: &Site) -> Value {
    let now = site.app.clock.now();
    let told = |upstream: &Upstream| match upstream.outage() {
        None => json!({ "ok": true }),
        Some(outage) => json!({
            "ok": false,
            "breaker": upstream.breaker().as_str(),
            "reason": format!("has not answered since {} ({})", outage.since_words(now), upstream.trouble()),
        }),
    };
    let all = site.app.engine.upstreams();
    all.iter().map(|upstream| (upstream.name().to_owned(), told(upstream))).collect::<serde_json::Map<_, _>>().into()
}

async fn metrics(State(site): Shared) -> Response {
    for upstream in site.app.engine.upstreams() {
        let value = match upstream.breaker() {
            BreakerState::Closed => 0.0,
            BreakerState::HalfOpen => 1.0,
            BreakerState::Open => 2.0,
        };
        metrics::gauge!("rapport_upstream_breaker", "upstream" => upstream.name().to_owned()).set(value);
    }
    let count = async {
        // The counters are still worth reading, above all now.
        in_time(&site, site.app.store.counts())
            .await
            .inspect_err(|error| tracing::warn!(%error, "cannot count for the metrics"))
            .ok()
    };
    if let Some(counts) = site.health.counts.get(site.app.clock.now(), count).await {
        set_gauges(&counts);
    }
    // The text format's own media type (Prometheus, "Exposition formats").
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], site.app.metrics.render()).into_response()
}

#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53, far above any number of rows")]
fn set_gauges(counts: &Counts) {
    // A state that nobody is in any more is told as 0: a gauge keeps what it was last set to.
    for state in store::State::ALL {
        let amount = counts.conversations.get(state.as_str()).copied().unwrap_or_default();
        metrics::gauge!("rapport_conversations", "state" => state.as_str()).set(amount as f64);
    }
    metrics::gauge!("rapport_inbox_unhandled").set(counts.inbox_unhandled as f64);
    metrics::gauge!("rapport_outbox_open").set(counts.outbox_open as f64);
}

#[cfg(test)]
mod tests {
    use super::super::testing::Desk;
    use super::*;

    #[tokio::test]
    async fn readiness_names_the_part_that_fails_and_life_goes_on() {
        let desk = Desk::open().await;
        let ready = desk.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::OK, "{}", ready.body);
        desk.app.store.close().await;
        assert_eq!(desk.get("/readyz").await.status, StatusCode::OK, "asked again only after a second");
        desk.time.advance(FRESH);
        let unready = desk.get("/readyz").await;
        assert_eq!(unready.status, StatusCode::SERVICE_UNAVAILABLE);
        let parts: Value = serde_json::from_str(&unready.body).expect("JSON");
        assert_eq!(parts["database"]["ok"], json!(false));
        assert!(parts["database"]["reason"].is_string(), "{}", unready.body);
        assert_eq!(parts["engine"]["ok"], json!(true));
        assert_eq!(desk.get("/healthz").await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn a_database_that_does_not_answer_holds_nobody_up() {
        let desk = Desk::open().await;
        let occupied = desk.app.store.occupied().await;
        let (ready, metrics) =
            desk.while_time_passes(async { (desk.get("/readyz").await, desk.get("/metrics").await) }).await;
        assert_eq!(ready.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(ready.body.contains("does not answer in time"), "{}", ready.body);
        assert_eq!(metrics.status, StatusCode::OK, "they are worth reading above all now");
        drop(occupied);
        desk.time.advance(FRESH);
        assert_eq!(desk.get("/readyz").await.status, StatusCode::OK);
    }

    #[tokio::test]
    async fn an_upstream_that_does_not_answer_is_told_and_makes_nothing_unready() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let _recording = metrics::set_default_local_recorder(&recorder);
        let desk = Desk::open().await;
        assert!(!desk.get("/").await.body.contains("has not answered"));
        // This desk's Close cannot be reached at all. A write is made once each time.
        for _ in 0..5 {
            assert!(desk.app.engine.close.delete_sms("acti_1").await.is_err());
        }
        let ready = desk.get("/readyz").await;
        assert_eq!(ready.status, StatusCode::OK, "webhooks must come in: {}", ready.body);
        let parts: Value = serde_json::from_str(&ready.body).expect("JSON");
        let close = &parts["upstreams"]["Close"];
        assert_eq!((&close["ok"], &close["breaker"]), (&json!(false), &json!("open")), "{}", ready.body);
        assert!(close["reason"].as_str().is_some_and(|why| why.contains("since 12:17 UTC")), "{}", ready.body);
        desk.get("/metrics").await;
        let rendered = recorder.handle().render();
        assert!(rendered.contains("rapport_upstream_breaker{upstream=\"Close\"} 2"), "{rendered}");
        let page = desk.get("/").await.body;
        assert!(page.contains("Close has not answered since") && page.contains("go on by themselves"), "{page}");
    }

    #[tokio::test]
    async fn a_process_that_stops_takes_no_new_work() {
        let desk = Desk::open().await;
        desk.app.tasks.stop();
        let parts = desk.get("/readyz").await;
        assert_eq!(parts.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(parts.body.contains("draining"), "{}", parts.body);
    }

    #[tokio::test]
    async fn metrics_are_in_the_prometheus_text_format() {
        let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
        let _recording = metrics::set_default_local_recorder(&recorder);
        let mut desk = Desk::open().await;
        desk.seed("Dana", "Hello?", "Hi Dana!").await;
        let answer = desk.get("/metrics").await;
        assert_eq!(answer.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        let rendered = recorder.handle().render();
        assert!(rendered.contains("rapport_conversations{state=\"draft_waiting\"} 1"), "{rendered}");
        assert_eq!(desk.post("/drafts/draft_1/reject", "").await.status, StatusCode::SEE_OTHER);
        desk.time.advance(FRESH);
        desk.get("/metrics").await;
        let rendered = recorder.handle().render();
        assert!(rendered.contains("rapport_conversations{state=\"draft_waiting\"} 0"), "{rendered}");
    }
}
