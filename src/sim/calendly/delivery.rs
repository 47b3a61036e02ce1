//! Sends webhooks, signed as Calendly signs them.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::CalendlySim;
use super::state::State;
use crate::runtime::clock::until;
use crate::sim::courier::Delivered;
use crate::sim::wire::{hmac_hex, instant, text};

/// How long deliveries may fail before Calendly disables a subscription (reference, section 8).
const FAILING_MAX: Duration = Duration::from_hours(24);

/// `Calendly-Webhook-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 under the key as given over `t`, a dot and
/// the raw body (reference, section 8).
pub(super) fn sign(key: &str, at: Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
    let timestamp = at.as_second();
    let mut message = format!("{timestamp}.").into_bytes();
    message.extend_from_slice(body);
    let signature = hmac_hex(key.as_bytes(), &message);
    vec![("calendly-webhook-signature", format!("t={timestamp},v1={signature}"))]
}

impl State {
    /// Queues a webhook about an invitee for every subscription that wants it.
    pub(super) fn announce(&self, kind: &str, invitee: &Value) {
        let mut payload = invitee.clone();
        let event = self.events.iter().find(|event| event["uri"] == invitee["event"]);
        payload["scheduled_event"] = event.cloned().unwrap_or_default();
        for subscription in &self.subscriptions {
            let resource = &subscription.resource;
            let wanted = resource["events"].as_array().is_some_and(|events| events.iter().any(|event| event == kind));
            if !wanted || resource["state"] != "active" {
                continue;
            }
            let body = json!({
                "event": kind, "created_at": self.date(), "created_by": resource["creator"], "payload": payload,
            });
            let to = (text(resource, "callback_url"), subscription.key.as_str());
            self.courier.post(text(invitee, "uri"), text(resource, "uri"), to, body.to_string().into());
        }
    }
}

impl CalendlySim {
    /// Delivers the webhooks queued now, in order, and resolves when each has been answered.
    pub async fn deliver_webhooks(&self) -> Vec<Delivered> {
        let reports = self.0.courier.deliver().await;
        self.note(reports)
    }

    /// Tries again, at once, what failed or was delayed.
    pub async fn retry_webhooks(&self) -> Vec<Delivered> {
        let reports = self.0.courier.retry().await;
        self.note(reports)
    }

    /// How many webhooks were not taken yet.
    pub fn webhooks_outstanding(&self) -> usize {
        self.0.courier.outstanding()
    }

    /// From now on delivers webhooks as they come, in the background, with growing waits between retries.
    pub fn run_deliveries(&self) {
        let sim = self.clone();
        self.0.tasks.spawn(async move {
            loop {
                sim.deliver_webhooks().await;
                let reports = sim.0.courier.retry_due().await;
                sim.note(reports);
                if !sim.0.courier.wait(&sim.0.tasks).await {
                    return;
                }
            }
        });
    }

    /// `retry_started_at` tells early that a receiver fails; after a day the subscription is disabled.
    fn note(&self, reports: Vec<Delivered>) -> Vec<Delivered> {
        self.locked(|state| {
            let (date, now) = (state.date(), state.clock.now());
            for report in &reports {
                let of_report = |uri: &Value| *uri == report.subscription.as_str();
                let known = state.subscriptions.iter_mut().find(|known| of_report(&known.resource["uri"]));
                let Some(known) = known else { continue };
                let since = &mut known.resource["retry_started_at"];
                if report.accepted() {
                    *since = Value::Null;
                } else if since.is_null() {
                    *since = json!(date);
                } else if instant(since.as_str().unwrap_or_default())
                    .is_some_and(|since| until(since, now) >= FAILING_MAX)
                {
                    known.resource["state"] = json!("disabled");
                    state.courier.forget(&report.subscription);
                }
            }
        });
        reports
    }
}
