//! What must hold for any bytes from outside. The fuzz targets in `fuzz/` call the same functions.

pub mod house;

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use jiff::Timestamp;
use rapport::close::{CloseClient, InSpan, Span, signal};
use rapport::config::Config;
use rapport::llm::{self, ModelRequest, ModelSettings};
use rapport::prompt::{plain_text_proposal, read_proposal};
use rapport::runtime::clock::until;
use rapport::runtime::{Clock, Http, Random};
use secrecy::SecretString;

use house::{House, NOW_S};

/// Genuine input is settled for good (2xx, 4xx) or, by a database that works, never asked for again.
fn assert_settled(status: u16) {
    assert!((200..500).contains(&status), "answered {status}");
}

/// A forgery is refused, and nothing is asked of the database.
fn assert_refused(status: u16) {
    assert!((400..500).contains(&status), "answered {status}");
}

/// A webhook's body, genuine and forged.
pub fn close_webhook(open: &House, closed: &House, body: &[u8]) {
    assert_settled(open.post_from_close(body));
    let (timestamp, hash) = (NOW_S.to_string(), "00".repeat(32));
    let forged: [(&str, &[u8]); 2] =
        [("close-sig-hash", hash.as_bytes()), ("close-sig-timestamp", timestamp.as_bytes())];
    assert_refused(closed.post("/webhooks/close", &forged, body));
}

/// A Calendly delivery's body, genuine and forged.
pub fn calendly_webhook(open: &House, closed: &House, body: &[u8]) {
    assert_settled(open.post_from_calendly(body));
    let header = format!("t={NOW_S},v1={}", "00".repeat(32));
    assert_refused(closed.post("/webhooks/calendly", &[("calendly-webhook-signature", header.as_bytes())], body));
}

/// Signature headers, a line each: they never open a door.
pub fn signature_headers(closed: &House, lines: &[u8]) {
    let mut lines = lines.split(|byte| *byte == b'\n');
    let (first, second) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let headers = [("close-sig-timestamp", first), ("close-sig-hash", second)];
    assert_refused(closed.post("/webhooks/close", &headers, b"{}"));
    let headers = [("calendly-webhook-signature", first), ("calendly-webhook-signature", second)];
    assert_refused(closed.post("/webhooks/calendly", &headers, b"{}"));
}

/// Pages of Close's event log, a line each, of which the last comes again for ever: reading them ends.
pub fn event_log_pages(lines: &[u8]) {
    let pages: Vec<Bytes> = lines.split(|byte| *byte == b'\n').map(Bytes::copy_from_slice).collect();
    // Each of four kinds of events may read every page; each page may be asked for three times; the last one once more.
    let calls_max = 4 * 3 * (pages.len() + 2);
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let close = Router::new().fallback(async move || {
        let call = counted.fetch_add(1, Ordering::Relaxed);
        pages[call.min(pages.len() - 1)].clone()
    });
    with_outside("close.test:80", close, async |http, clock| {
        let key = SecretString::from("api_key");
        let client = CloseClient::new(http, clock, "http://close.test", key, Duration::from_secs(1)).expect("a client");
        let since = Span::since(Timestamp::UNIX_EPOCH);
        if let Ok(InSpan::All(events)) = client.events_in(since, "activity.sms").await {
            for event in &events {
                let _ = signal(event);
            }
        }
    });
    let asked = asked.load(Ordering::Relaxed);
    assert!(asked <= calls_max, "asked {asked} times");
}

/// A model's answer: its words, and the whole body as each protocol would bring it.
pub fn model_answer(body: &[u8]) {
    let words = String::from_utf8_lossy(body);
    if let Ok(proposal) = read_proposal(&words) {
        assert!(proposal.confidence.is_none_or(|share| (0.0..=1.0).contains(&share)), "{:?}", proposal.confidence);
    }
    let _ = plain_text_proposal(&words);
    for provider in ["openai", "anthropic"] {
        let answer = Bytes::copy_from_slice(body);
        let server = Router::new().fallback(async move || answer.clone());
        with_outside("model.test:80", server, async |http, clock| {
            let settings = settings_of(provider);
            let model = llm::build(&settings, &http, &clock, &Random::seeded(1)).expect("a model");
            // Whatever comes, it is an answer or an error, never a panic.
            let _ = model.generate(&question()).await;
        });
    }
}

fn settings_of(provider: &str) -> ModelSettings {
    let toml = format!("[models.main]\nprovider = \"{provider}\"\nbase_url = \"http://model.test\"\nmodel = \"m\"\n");
    let config = Config::parse(Some(&toml), Path::new("fuzz.toml"), std::iter::empty()).expect("a configuration");
    config.models.main.expect("a model").settings
}

fn question() -> ModelRequest {
    ModelRequest {
        messages: Vec::new(),
        schema: None,
        max_output_tokens: 100,
        temperature: None,
        cache_key: None,
        safety_identifier: None,
    }
}

/// Runs `work` with one server outside, on a clock that moves on whenever everybody waits.
fn with_outside(host: &str, server: Router, work: impl AsyncFnOnce(Http, Clock)) {
    let (clock, time) = Clock::manual(Timestamp::from_second(NOW_S).expect("an instant"));
    let http = Http::routed(clock.clone(), BTreeMap::from([(host.to_owned(), server)]));
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let mut working = pin!(work(http, clock.clone()));
        loop {
            if futures_util::poll!(&mut working).is_ready() {
                return;
            }
            if let Some(at) = time.next_wake() {
                time.advance(until(clock.now(), at));
            }
            tokio::task::yield_now().await;
        }
    });
}
