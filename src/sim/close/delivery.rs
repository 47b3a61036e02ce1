//! Sends webhooks, signed as Close signs them.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{CloseSim, webhook};
use crate::sim::courier::Delivered;
use crate::sim::wire::hmac_hex;

/// `close-sig-hash` and `close-sig-timestamp`: HMAC-SHA256 under the hex-decoded key over the timestamp and the raw
/// body, with nothing between them (reference, section 2).
pub(super) fn sign(key: &str, at: Timestamp, body: &[u8]) -> Vec<(&'static str, String)> {
    let timestamp = at.as_second().to_string();
    let mut message = timestamp.clone().into_bytes();
    message.extend_from_slice(body);
    // Keys are made here, as 64 hex digits; a test that gives another one gets a signature nobody accepts.
    let key = hex::decode(key).unwrap_or_default();
    vec![("close-sig-hash", hmac_hex(&key, &message)), ("close-sig-timestamp", timestamp)]
}

impl CloseSim {
    /// Subscribes `url` to `(object_type, action)` pairs; returns the subscription's id and its signature key.
    pub fn subscribe(&self, url: &str, events: &[(&str, &str)]) -> (String, String) {
        let wish = |(object_type, action): &(&str, &str)| json!({ "object_type": object_type, "action": action });
        let events: Vec<Value> = events.iter().map(wish).collect();
        self.locked(|state| {
            let made = webhook::add(state, url, events, true, None);
            (made.id, made.signature_key)
        })
    }

    /// Delivers the webhooks queued now, in order, and resolves when each has been answered. What fails stays for
    /// [`CloseSim::retry_webhooks`].
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

    /// From now on delivers webhooks as they come, in the background, with Close's waits between retries (61 s first,
    /// doubling to 20 minutes, for 72 hours).
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

    fn note(&self, reports: Vec<Delivered>) -> Vec<Delivered> {
        self.locked(|state| {
            let now = state.clock.now();
            for report in &reports {
                if let Some(to) = state.subscriptions.iter_mut().find(|s| s.id == report.subscription) {
                    to.note(report, now);
                }
            }
            let given_up = |s: &&webhook::Subscription| s.failed_too_long(now);
            let given_up: Vec<String> = state.subscriptions.iter().filter(given_up).map(|s| s.id.clone()).collect();
            for id in given_up {
                webhook::pause(state, &id, Some("All deliveries failed for 3 days."));
            }
        });
        reports
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_test_vector() {
        let key = "058bfb6a3d8cfdc4da7c3be5901b16ae11da982b46a25fb2cd7016e97a140a1c";
        let body = br#"{"event": {"id": "ev_test", "object_type": "activity.sms"}, "subscription_id": "whsub_test"}"#;
        let at = Timestamp::from_second(1_544_271_440).expect("in range");
        let expected = "1593ec921940528c1385e54bc3f12e88cc1d2da95b25f3aea6af2096a860a37d";
        let headers = sign(key, at, body);
        assert_eq!(headers[0], ("close-sig-hash", expected.to_owned()));
        assert_eq!(headers[1], ("close-sig-timestamp", "1544271440".to_owned()));
    }
}
