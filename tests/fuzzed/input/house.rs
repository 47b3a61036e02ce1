//! A Rapport without a socket, for input that nobody in their right mind would send.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderValue;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use rapport::cli::assemble;
use rapport::close::webhook::WebhookKeys;
use rapport::config::Config;
use rapport::runtime::{Clock, Http, Random, Tasks};
use rapport::store::Store;
use rapport::web::{self, App, DeskSettings};
use secrecy::SecretString;
use sha2::Sha256;
use tower::ServiceExt;

const CLOSE_KEY: [u8; 32] = [0x5e; 32];
const CALENDLY_KEY: &str = "calendly-key";
/// When all this happens, in seconds since 1970.
pub const NOW_S: i64 = 1_796_148_000;

const TOML: &str = "[close]\nbase_url = \"http://close.test\"\napi_key = \"api_key\"\n\
     [models.main]\nbase_url = \"http://model.test/v1\"\nmodel = \"scripted\"\nencoding = \"o200k_base\"\n";

pub struct House {
    runtime: tokio::runtime::Runtime,
    router: Router,
    store: Store,
}

impl House {
    /// One whose database takes what comes.
    pub fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (router, store) = runtime.block_on(build());
        Self { runtime, router, store }
    }

    /// One whose database is closed: whatever asks it is answered 503.
    pub fn closed() -> Self {
        let house = Self::open();
        house.runtime.block_on(house.store.close());
        house
    }

    /// The status that `path` answers to `body` with these headers, of which those that cannot be sent are left out.
    pub fn post(&self, path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> u16 {
        let mut request = Request::post(path).body(Body::from(body.to_vec())).expect("a request");
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_bytes(value) {
                request.headers_mut().append(http::HeaderName::from_bytes(name.as_bytes()).expect("a name"), value);
            }
        }
        let answer = self.runtime.block_on(self.router.clone().oneshot(request)).expect("a router always answers");
        answer.status().as_u16()
    }

    /// Posts `body` as Close would have signed it.
    pub fn post_from_close(&self, body: &[u8]) -> u16 {
        let hash = signature(&CLOSE_KEY, &[NOW_S.to_string().as_bytes(), body]);
        let timestamp = NOW_S.to_string();
        let headers: [(&str, &[u8]); 2] =
            [("close-sig-hash", hash.as_bytes()), ("close-sig-timestamp", timestamp.as_bytes())];
        self.post("/webhooks/close", &headers, body)
    }

    /// Posts `body` as Calendly would have signed it.
    pub fn post_from_calendly(&self, body: &[u8]) -> u16 {
        let hash = signature(CALENDLY_KEY.as_bytes(), &[format!("{NOW_S}.").as_bytes(), body]);
        let header = format!("t={NOW_S},v1={hash}");
        self.post("/webhooks/calendly", &[("calendly-webhook-signature", header.as_bytes())], body)
    }
}

fn signature(key: &[u8], parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    for part in parts {
        mac.update(part);
    }
    hex::encode(mac.finalize().into_bytes())
}

async fn build() -> (Router, Store) {
    let (clock, _) = Clock::manual(Timestamp::from_second(NOW_S).expect("an instant"));
    let random = Random::seeded(1);
    let http = Http::routed(clock.clone(), BTreeMap::new());
    let config = Config::parse(Some(TOML), Path::new("fuzz.toml"), std::iter::empty()).expect("a configuration");
    let store = Store::open("sqlite::memory:", "fuzz", clock.clone(), random.clone()).await.expect("a store");
    store.migrate().await.expect("tables");
    let parts = assemble::World { clock: clock.clone(), random, http };
    let engine = assemble::engine(&config, &parts, store.clone()).expect("an engine");
    let app = App {
        engine,
        store: store.clone(),
        clock,
        close_keys: Arc::new(WebhookKeys::new([SecretString::from(hex::encode(CLOSE_KEY))]).expect("a key")),
        calendly_keys: Arc::from([SecretString::from(CALENDLY_KEY)]),
        desk: DeskSettings::default(),
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        tasks: Tasks::new(),
    };
    (web::router(app), store)
}
