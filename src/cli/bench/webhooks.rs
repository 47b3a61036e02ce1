//! Signed webhooks as Close sends them, made before anything is measured.

use anyhow::Context as _;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::close::webhook::{CloseEvent, HASH_HEADER, TIMESTAMP_HEADER};
use crate::runtime::{Clock, Random};

/// Bytes of a webhook's body.
const BODY_BYTES: usize = 1024;
/// What a lead texts.
const TEXT: &str = "Is Thursday at ten still good for you?";

/// Texts that leads send, as Close tells of them.
pub(super) struct Texts {
    clock: Clock,
    random: Random,
    leads: usize,
}

/// Makes requests for one address.
pub(super) struct Webhooks {
    pub(super) host: String,
    /// The subscription's key, as bytes.
    pub(super) key: Vec<u8>,
    pub(super) texts: Texts,
}

impl Texts {
    /// From so many leads.
    pub(super) fn of(leads: usize, clock: &Clock) -> Self {
        Self { clock: clock.clone(), random: Random::system(), leads: leads.max(1) }
    }

    /// The nth text, as the body of a webhook.
    pub(super) fn body(&self, n: usize) -> Value {
        let (now, lead) = (self.clock.now(), n % self.leads);
        let activity_id = self.random.id("acti", now);
        let lead_id = format!("lead_{lead:08}");
        json!({
            "subscription_id": "whsub_bench",
            "event": {
                "id": self.random.id("ev", now), "object_type": "activity.sms", "object_id": activity_id,
                "action": "created", "lead_id": lead_id, "date_created": now, "date_updated": now,
                "organization_id": "orga_bench", "request_id": null, "api_key_id": null, "user_id": null,
                "changed_fields": [], "previous_data": {}, "meta": {},
                "data": {
                    "_type": "SMS", "id": activity_id, "lead_id": lead_id, "contact_id": format!("cont_{lead:08}"),
                    "direction": "inbound", "status": "inbox", "local_phone": "+12025550100",
                    "remote_phone": format!("+1520{:07}", 2_000_000 + lead), "date_created": now,
                    "activity_at": now, "date_sent": null, "user_id": "user_bench", "text": TEXT,
                },
            },
        })
    }

    /// The nth text, as the engine takes it.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn event(&self, n: usize) -> anyhow::Result<CloseEvent> {
        CloseEvent::from_json(self.body(n)["event"].take()).context("the benchmark's own event")
    }
}

impl Webhooks {
    /// Webhooks of new texts, one of each lead.
    pub(super) fn of_each(&self) -> Vec<Bytes> {
        (0..self.texts.leads).map(|lead| self.full(lead)).collect()
    }

    /// Webhooks of new texts, from any of the leads.
    pub(super) fn of_any(&self, count: usize) -> Vec<Bytes> {
        let any = || usize::try_from(self.texts.random.bits() % self.texts.leads as u64).unwrap_or_default();
        (0..count).map(|_| self.full(any())).collect()
    }

    fn full(&self, n: usize) -> Bytes {
        self.request(&padded(&self.texts.body(n).to_string()))
    }

    /// As large, as well signed, and with nothing in them to store: what is left is the handler.
    pub(super) fn empty(&self, count: usize) -> Vec<Bytes> {
        let body = json!({ "subscription_id": "whsub_bench", "data": self.texts.body(0)["event"]["data"] });
        vec![self.request(&padded(&body.to_string())); count]
    }

    fn request(&self, body: &str) -> Bytes {
        let signed_at = self.texts.clock.now().as_second().to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).unwrap_or_else(|_| unreachable!("any length is taken"));
        mac.update(signed_at.as_bytes());
        mac.update(body.as_bytes());
        let hash = hex::encode(mac.finalize().into_bytes());
        let head = format!(
            "POST /webhooks/close HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n{TIMESTAMP_HEADER}: \
             {signed_at}\r\n{HASH_HEADER}: {hash}\r\ncontent-length: {}\r\n\r\n",
            self.host,
            body.len()
        );
        Bytes::from(head + body)
    }
}

/// The body, its text made longer until it is as long as bodies are.
fn padded(body: &str) -> String {
    let missing = BODY_BYTES.saturating_sub(body.len());
    let longer = format!("{TEXT}{}", &" And is the price still the same?".repeat(missing / 33 + 1)[..missing]);
    body.replacen(TEXT, &longer, 1)
}
