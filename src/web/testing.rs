//! A desk over a real database, for this room's tests.

mod engine;

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::connect_info::MockConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode};
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::SecretString;
use serde_json::json;
use tower::ServiceExt;

use super::{App, DeskSettings, router};
use crate::close::webhook::WebhookKeys;
use crate::conversation::{Author, Message};
use crate::runtime::clock::ManualTime;
use crate::runtime::{Clock, Random, Tasks};
use crate::store::lane::Identity;
use crate::store::turn::Json;
use crate::store::{
    Accepted, Arrival, Ending, EventKind, Handled, LaneChange, NewDraft, NumberPair, Source, State, Store, TurnRecord,
};

pub(super) const CLOSE_KEY: &str = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c";
pub(super) const NOW: i64 = 1_544_271_450;

/// A desk as a test uses it.
pub(super) struct Desk {
    pub app: App,
    pub router: Router,
    pub time: ManualTime,
    seeded: u32,
}

/// An answer, read whole.
pub(super) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

pub(super) fn now() -> Timestamp {
    Timestamp::from_second(NOW).expect("an instant")
}

impl Desk {
    /// A desk without a password.
    pub(super) async fn open() -> Self {
        Self::with(DeskSettings::default()).await
    }

    /// Lets time pass, ten times as fast as it does, until `work` is done.
    pub(super) async fn while_time_passes<T>(&self, work: impl Future<Output = T>) -> T {
        let real = Clock::system();
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = real.sleep(Duration::from_millis(10)) => self.time.advance(Duration::from_millis(100)),
            }
        }
    }

    pub(super) async fn with(desk: DeskSettings) -> Self {
        let (clock, time) = Clock::manual(now());
        let store = Store::open("sqlite::memory:", "orga_1", clock.clone(), Random::seeded(1)).await.expect("opens");
        store.migrate().await.expect("migrates");
        let app = App {
            engine: engine::engine(&store, &clock),
            store,
            clock,
            close_keys: WebhookKeys::new([SecretString::from(CLOSE_KEY)]).expect("a key").into(),
            calendly_keys: [SecretString::from("calendly-key")].into(),
            desk,
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            tasks: Tasks::new(),
        };
        let router = router(app.clone()).layer(MockConnectInfo(SocketAddr::from(([127, 0, 0, 1], 50_000))));
        Self { app, router, time, seeded: 0 }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
        let (head, body) = answer.into_parts();
        let body = to_bytes(body, 1 << 20).await.expect("a whole body");
        Answer { status: head.status, headers: head.headers, body: String::from_utf8_lossy(&body).into_owned() }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("host", "localhost:8787").body(Body::empty()).expect("a request")).await
    }

    /// Posts a form as a browser does from the desk's own page.
    pub(super) async fn post(&self, path: &str, form: &str) -> Answer {
        let request = Request::post(path)
            .header("host", "localhost:8787")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.send(request.expect("a request")).await
    }

    /// Lets a lead text and a draft wait for it. Gives back the conversation's and the draft's ids.
    pub(super) async fn seed(&mut self, name: &str, text: &str, reply: &str) -> (String, String) {
        self.seeded += 1;
        let n = self.seeded;
        let conversation_id = self.accept(n).await;
        let store = &self.app.store;
        let leases = store.claim(1, Duration::from_mins(1), "test").await.expect("claims");
        let lease = leases.first().expect("the conversation is due");
        let view = store.load(lease).await.expect("loads").expect("is ours");
        let turn = turn(n);
        let draft_id = format!("draft_{n}");
        let change = LaneChange {
            seen_seq: view.seen_seq,
            handled: view.inbox.iter().map(drafted).collect(),
            messages: vec![message(n, text)],
            identity: Some(Identity { display_name: Some(name.to_owned()), ..Identity::default() }),
            draft: Some(NewDraft {
                id: draft_id.clone(),
                turn_id: turn.id.clone(),
                text: reply.to_owned(),
                reason: "The first answer to a new person is held.".to_owned(),
                answers_text_at: Some(now()),
            }),
            turn: Some(turn),
            state: Some((State::DraftWaiting, String::new())),
            ..LaneChange::default()
        };
        store.commit(lease, change).await.expect("commits");
        (conversation_id, draft_id)
    }

    async fn accept(&self, n: u32) -> String {
        let arrival = Arrival {
            source: Source::CloseWebhook,
            event_id: format!("ev_{n}"),
            kind: EventKind::LeadText,
            lane: Some(NumberPair { ours: "+12025550100".to_owned(), theirs: format!("+1202555{:04}", 110 + n) }),
            lead_id: Some(format!("lead_{n}")),
            contact_id: None,
            activity_id: Some(format!("acti_{n}")),
            occurred_at: now(),
            received_at: now(),
            body: json!({}),
        };
        match self.app.store.accept(&arrival).await.expect("accepts") {
            Accepted::New { conversation_id } => conversation_id,
            other => panic!("a new text gave {other:?}"),
        }
    }
}

fn drafted(event: &crate::store::InboxEvent) -> Handled {
    Handled { inbox_id: event.id.clone(), ending: Ending::Drafted, reason: String::new() }
}

fn message(n: u32, text: &str) -> Message {
    Message { activity_id: format!("acti_{n}"), author: Author::Lead, text: text.to_owned(), at: now(), attachments: 0 }
}

/// The record of a turn that made a draft.
pub(super) fn turn(n: u32) -> TurnRecord {
    TurnRecord {
        id: format!("turn_{n}"),
        started_at: now(),
        finished_at: Timestamp::from_millisecond(NOW * 1_000 + 1_840).expect("an instant"),
        outcome: "draft".to_owned(),
        reason: "The first answer to a new person is held.".to_owned(),
        intent: Some("product_question".to_owned()),
        prompt_hash: "c0ffee12".to_owned(),
        prompt: Json::of(&json!([
            { "role": "system", "text": "You answer texts for our team." },
            { "role": "user", "text": "<lead>Does it work with <b>solar</b>?</lead>" },
        ])),
        manifest: Json::of(&json!({
            "encoding": "o200k_base", "prompt_tokens": 812, "available_tokens": 4000,
            "sections": [
                { "name": "instructions", "requirement": "required", "tokens_before": 420, "tokens_after": 420,
                  "allowance": 420, "kept": ["rules"], "cut": [], "why": "" },
                { "name": "recent_messages", "requirement": "high", "tokens_before": 900, "tokens_after": 300,
                  "allowance": 300, "kept": ["m4", "m5"], "cut": [{ "id": "m1", "why": "oldest first" }],
                  "why": "its share is 300 tokens" },
            ],
        })),
        answers: Json::of(&json!(["{\"text\":\"Yes, it does.\"}"])),
        proposal: Json::of(&json!({
            "text": "Yes, it does.", "intent": "product_question", "facts_used": ["faq#panels"],
            "confidence": 0.82, "reason": "The FAQ answers this.",
        })),
        findings: Json::of(&json!([
            { "check": "links", "verdict": "pass", "sentence": "" },
            { "check": "first_answer", "verdict": "hold", "sentence": "Nobody has answered this person before." },
        ])),
        decision: Json::of(&json!({ "kind": "draft", "text": "Yes, it does.", "reason": "held" })),
        context: Json::of(&json!({})),
        model: Some("gpt-5-mini".to_owned()),
        input_tokens: 812,
        cached_tokens: 512,
        output_tokens: 64,
        cost_microusd: 1_234,
    }
}
