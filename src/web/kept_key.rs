//! The key that `rapport webhooks sync` keeps in the database. It may be made while the service runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;

use crate::close::webhook::{Claim, WebhookKeys};
use crate::engine::CLOSE_KEY_SETTING;
use crate::runtime::clock::after;
use crate::store::Store;

/// How often a signature that fits no key may make us read the database: whoever sends forgeries must not load it.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

#[derive(Default)]
struct Known {
    keys: Option<Arc<WebhookKeys>>,
    looked_at: Option<Timestamp>,
}

/// The kept key, as last read.
#[derive(Default)]
pub(super) struct KeptKey(Mutex<Known>);

impl KeptKey {
    /// True if the kept key made this signature.
    pub(super) async fn fits(&self, store: &Store, claim: &Claim<'_>, body: &[u8], now: Timestamp) -> bool {
        let fits = |keys: &WebhookKeys| claim.check(keys, body).is_ok();
        if self.known().keys.as_deref().is_some_and(fits) {
            return true;
        }
        if !self.may_look(now) {
            return false;
        }
        let Ok(Some(kept)) = store.setting(CLOSE_KEY_SETTING).await else { return false };
        let Ok(keys) = WebhookKeys::new(kept.split(',').map(|key| SecretString::from(key.to_owned()))) else {
            return false;
        };
        let keys = Arc::new(keys);
        self.known().keys = Some(keys.clone());
        fits(&keys)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_look(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        if known.looked_at.is_some_and(|at| now < after(at, LOOK_AGAIN)) {
            return false;
        }
        known.looked_at = Some(now);
        true
    }
}
