//! Stand-ins for Close and a model that answer at once, in process: what is measured is Rapport.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::service_fn;

use crate::runtime::http::{Request, Response};
use crate::runtime::{Clock, Http, Random};

/// How long the next text may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is outside, as far as a benchmark needs it. Clones are the same.
#[derive(Clone)]
pub(super) struct StandIn {
    model_takes: Duration,
    asked: Arc<AtomicUsize>,
    sent: Arc<watch::Sender<usize>>,
}

impl StandIn {
    /// Close and the model answer at once.
    pub(super) fn quick() -> Self {
        Self::with_model_of(Duration::ZERO)
    }

    /// The model takes its time.
    pub(super) fn with_model_of(model_takes: Duration) -> Self {
        Self { model_takes, asked: Arc::default(), sent: Arc::new(watch::Sender::new(0)) }
    }

    /// How many answers of the model are waited for.
    pub(super) fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// Waits until so many texts were sent in all.
    ///
    /// # Errors
    /// When no text was sent for a long time.
    pub(super) async fn until_sent(&self, count: usize, clock: &Clock) -> anyhow::Result<()> {
        let mut sent = self.sent.subscribe();
        loop {
            let so_far = *sent.borrow_and_update();
            if so_far >= count {
                return Ok(());
            }
            clock.timeout(PATIENCE, sent.changed()).await.with_context(|| {
                format!("only {so_far} of {count} texts were sent; the others wait for something")
            })??;
        }
    }

    /// The way out, which leads here.
    pub(super) fn http(&self, clock: &Clock) -> Http {
        let outside = Outside { stand_in: self.clone(), clock: clock.clone(), random: Random::system() };
        let service = service_fn(move |request: Request| {
            let outside = outside.clone();
            async move {
                let answer = match request.uri().host() {
                    Some("model.test") => {
                        // A server has read it by now.
                        drop(request);
                        outside.model().await
                    }
                    _ => outside.close(&request),
                };
                Ok(answered(&answer))
            }
        });
        Http::through(clock.clone(), service)
    }
}

#[derive(Clone)]
struct Outside {
    stand_in: StandIn,
    clock: Clock,
    random: Random,
}

impl Outside {
    async fn model(&self) -> Value {
        self.stand_in.asked.fetch_add(1, Ordering::Relaxed);
        if !self.stand_in.model_takes.is_zero() {
            self.clock.sleep(self.stand_in.model_takes).await;
        }
        self.stand_in.asked.fetch_sub(1, Ordering::Relaxed);
        let content = json!({
            "text": "Happy to help! What would you like to know first?", "intent": "product_question",
            "facts_used": [], "slots_named": [], "wants_human": false, "opt_out": false, "confidence": 0.9,
            "reason": "They want to know more.",
        });
        json!({
            "id": "chatcmpl-bench", "object": "chat.completion", "created": self.clock.now().as_second(),
            "model": "stand-in",
            "choices": [{
                "index": 0, "finish_reason": "stop", "logprobs": null,
                "message": { "role": "assistant", "content": content.to_string(), "refusal": null },
            }],
            "usage": { "prompt_tokens": 1500, "completion_tokens": 60, "total_tokens": 1560 },
        })
    }

    fn close(&self, request: &Request) -> Value {
        let path = request.uri().path().trim_start_matches("/api/v1/").trim_end_matches('/');
        match (request.method().as_str(), path.split('/').collect::<Vec<_>>().as_slice()) {
            ("GET", ["lead", id]) => lead(id),
            ("GET", ["contact", id]) => contact(id),
            ("POST", ["activity", "sms"]) => {
                let asked: Value = serde_json::from_slice(request.body()).unwrap_or_default();
                self.text(&self.random.id("acti", self.clock.now()), &asked, "draft")
            }
            ("PUT", ["activity", "sms", id]) => {
                self.stand_in.sent.send_modify(|sent| *sent += 1);
                self.text(id, &Value::Null, "outbox")
            }
            _ => json!({ "data": [], "has_more": false }),
        }
    }

    fn text(&self, id: &str, asked: &Value, status: &str) -> Value {
        json!({
            "id": id, "_type": "SMS", "status": status, "direction": "outbound", "text": asked["text"],
            "local_phone": asked["local_phone"], "remote_phone": asked["remote_phone"], "lead_id": asked["lead_id"],
            "date_created": self.clock.now(), "activity_at": self.clock.now(),
        })
    }
}

fn lead(id: &str) -> Value {
    json!({
        "id": id, "display_name": "Harper & Sons", "status_label": "Potential", "description": "Asked for a quote in May.",
        "contacts": [contact(&id.replacen("lead", "cont", 1))],
        "addresses": [{ "city": "Tucson", "state": "AZ", "country": "US" }],
    })
}

fn contact(id: &str) -> Value {
    json!({
        "id": id, "lead_id": id.replacen("cont", "lead", 1), "name": "Dana Harper", "title": "Owner",
        "phones": [], "emails": [{ "email": "dana@harper.example", "type": "office" }],
    })
}

fn answered(body: &Value) -> Response {
    http::Response::builder()
        .status(200)
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))
        .unwrap_or_else(|_| unreachable!("a fixed head is a head"))
}
