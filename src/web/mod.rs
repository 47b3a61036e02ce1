//! What is served: webhooks, the desk, health and metrics.
//!
//! A webhook request does one thing: it is verified and stored. The desk shows what the store holds and hands a rep's
//! wishes to the engine; nothing is decided here.

mod access;
mod assets;
mod desk;
mod edge;
mod error;
mod health;
mod hooks;
mod kept_key;
mod live;
mod panics;
mod refusals;
mod sessions;
mod sign_in;
#[cfg(test)]
mod testing;
mod wrong_passwords;

use std::sync::Arc;

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use secrecy::SecretString;
use tower::ServiceBuilder;
use tower_http::set_header::SetResponseHeaderLayer;

pub use edge::{Limits, serve};

use crate::close::webhook::WebhookKeys;
use crate::engine::Engine;
use crate::runtime::{Clock, Tasks};
use crate::store::Store;

/// How the desk is reached and by whom.
#[derive(Debug, Clone)]
pub struct DeskSettings {
    /// The password every rep signs in with. Without one the desk answers this machine only.
    pub password: Option<SecretString>,
    /// The name written beside what is done on the desk.
    pub reviewer: String,
    /// True when the desk is reached over HTTPS: its cookie is then never sent over plain HTTP.
    pub https: bool,
    /// Origins, such as `http://127.0.0.1:8808`, whose pages may show the desk in a frame, beside its own.
    pub frame_origins: Vec<String>,
    /// Where a lead's id leads in Close's own app, such as `https://app.close.com/lead/`; none shows no link.
    pub close_leads: Option<String>,
}

impl Default for DeskSettings {
    fn default() -> Self {
        Self { password: None, reviewer: "Desk".to_owned(), https: false, frame_origins: Vec::new(), close_leads: None }
    }
}

/// Everything the pages and webhooks stand on. A clone is cheap.
#[derive(Clone)]
pub struct App {
    /// Takes arrivals and reps' wishes.
    pub engine: Engine,
    /// What the desk shows.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Keys that sign Close's webhooks; several while a key is being replaced.
    pub close_keys: Arc<WebhookKeys>,
    /// Keys that sign Calendly's webhooks.
    pub calendly_keys: Arc<[SecretString]>,
    /// How the desk is reached and by whom.
    pub desk: DeskSettings,
    /// Renders `/metrics`.
    pub metrics: PrometheusHandle,
    /// Runs what watches the store for the desk; its end also ends the desk's open connections.
    pub tasks: Tasks,
}

/// What every handler shares.
struct Site {
    app: App,
    sessions: sessions::Sessions,
    live: live::Live,
    kept_key: kept_key::KeptKey,
    refusals: refusals::Refusals,
    health: health::Health,
}

type Shared = axum::extract::State<Arc<Site>>;

/// Everything that is served. Must be called inside a tokio runtime: it starts the watcher behind live updates.
///
/// The desk refuses requests whose peer address is unknown, so serve it with [`serve`], or put
/// `axum::extract::connect_info::MockConnectInfo` around it in a test.
pub fn router(app: App) -> Router {
    let live = live::Live::start(&app);
    let site = Arc::new(Site {
        sessions: sessions::Sessions::new(),
        live,
        kept_key: kept_key::KeptKey::default(),
        refusals: refusals::Refusals::default(),
        health: health::Health::default(),
        app,
    });
    let people = desk::routes()
        .merge(sign_in::routes())
        .layer(from_fn_with_state(site.clone(), access::only_allowed))
        .fallback(error::no_such_page)
        .layer(from_fn(error::as_page));
    // The first is the outermost. As one layer, because each layer of a router costs each request memory of its own.
    let everywhere = ServiceBuilder::new()
        .layer(from_fn_with_state(site.clone(), access::framed_by_ours_only))
        .layer(fixed(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"))
        // `same-origin` and not `no-referrer`: that one would make browsers send `Origin: null` with our own forms.
        .layer(fixed(header::REFERRER_POLICY, "same-origin"))
        .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(from_fn(panics::caught));
    Router::new()
        .merge(people)
        .merge(hooks::routes())
        .merge(health::routes())
        .route("/assets/{file}", get(assets::serve))
        .layer(everywhere)
        .with_state(site)
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
}
