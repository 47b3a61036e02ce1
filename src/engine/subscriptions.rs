//! The webhook subscriptions at Close and Calendly: how they are, and how they are made or put right. The command
//! `rapport webhooks sync` and the service use the same code.

use secrecy::{ExposeSecret, SecretString};

use crate::calendly::subscriptions::Scope;
use crate::calendly::{CalendlyClient, CalendlyError, subscriptions as calendly};
use crate::close::subscriptions::{Subscription, SubscriptionChange, SubscriptionStatus, wanted_events};
use crate::close::{CloseClient, CloseError};
use crate::runtime::Random;
use crate::store::{Store, StoreError};

/// The store's setting that holds the keys Close gave us with our subscriptions, newest first, separated by commas. Each
/// is told only once.
pub const CLOSE_KEY_SETTING: &str = "close_webhook_key";
/// The store's setting that holds the key we gave Calendly.
pub const CALENDLY_KEY_SETTING: &str = "calendly_webhook_key";
/// The store's setting that holds which subscription the newest key belongs to.
pub const CLOSE_SUBSCRIPTION: &str = "close_webhook_id";

/// What is needed to have events delivered to us.
#[derive(Clone)]
pub struct Subscriptions {
    /// Close.
    pub close: CloseClient,
    /// Calendly, if it is connected.
    pub calendly: Option<CalendlyClient>,
    /// Where keys are kept.
    pub store: Store,
    /// Makes the keys we give Calendly.
    pub random: Random,
    /// The address at which Close and Calendly reach Rapport, without a slash at its end.
    pub public_url: Option<String>,
    /// True if the configuration has a key of its own for Close.
    pub close_key_configured: bool,
    /// The configuration's own key for Calendly.
    pub calendly_key: Option<SecretString>,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synced {
    /// A subscription was made.
    Created,
    /// It was paused or listened to the wrong events, and was put right.
    Repaired,
    /// Nothing had to be done.
    Unchanged,
}

/// How a subscription is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// It delivers everything we want.
    Working {
        /// The last failure, in the service's words, while deliveries fail.
        failing: Option<String>,
    },
    /// It delivers nothing, for this reason if one was told.
    Paused(Option<String>),
    /// It does not deliver everything we want.
    Incomplete,
    /// There is one, and its key is not known: every delivery is refused.
    KeyUnknown,
    /// There is none.
    Absent,
}

/// Why subscriptions could not be read or put right.
#[derive(Debug, thiserror::Error)]
pub enum SubscribeError {
    /// Nobody said where Rapport is reached.
    #[error("server.public_url is not set: write the https address at which Close reaches Rapport into rapport.toml")]
    NoAddress,
    /// Close kept the key to itself.
    #[error("Close made the subscription but told no key; delete it in Close and try again")]
    NoKey,
    /// Close.
    #[error(transparent)]
    Close(#[from] CloseError),
    /// Calendly.
    #[error(transparent)]
    Calendly(#[from] CalendlyError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Close's subscriptions that are ours.
struct Ours {
    /// Those to our address.
    at_url: Vec<Subscription>,
    /// The one we made for an address that was ours before: leads' texts must not go on to whoever has it next.
    former: Option<Subscription>,
    /// The one whose deliveries we can verify.
    usable: Option<Subscription>,
}

impl Subscriptions {
    /// Where Close's events are to go; none when nobody said where Rapport is reached.
    #[must_use]
    pub fn close_url(&self) -> Option<String> {
        Some(format!("{}/webhooks/close", self.public_url.as_ref()?))
    }

    /// Where Calendly's events are to go; none when nobody said where Rapport is reached.
    #[must_use]
    pub fn calendly_url(&self) -> Option<String> {
        Some(format!("{}/webhooks/calendly", self.public_url.as_ref()?))
    }

    /// True if a subscription was made for us at Close before.
    pub(super) async fn was_synced(&self) -> Result<bool, StoreError> {
        Ok(self.store.setting(CLOSE_SUBSCRIPTION).await?.is_some())
    }

    /// How Close's subscription is. Changes nothing.
    ///
    /// # Errors
    /// [`SubscribeError`].
    pub async fn close_health(&self) -> Result<Health, SubscribeError> {
        let ours = self.ours_at_close().await?;
        Ok(match &ours.usable {
            Some(subscription) => health(subscription),
            None if ours.at_url.is_empty() => Health::Absent,
            None => Health::KeyUnknown,
        })
    }

    /// Makes Close send its events to us. A subscription whose key we do not have is useless, because the key is told only
    /// when it is made: it is replaced, unless the configuration has a key of its own.
    ///
    /// # Errors
    /// When nobody said where, Close refuses, or the key cannot be kept.
    pub async fn sync_close(&self) -> Result<Synced, SubscribeError> {
        let ours = self.ours_at_close().await?;
        let Some(subscription) = ours.usable else {
            let url = self.close_url().ok_or(SubscribeError::NoAddress)?;
            return self.replace(&url, ours.at_url.iter().chain(&ours.former)).await;
        };
        if matches!(health(&subscription), Health::Working { .. }) {
            return Ok(Synced::Unchanged);
        }
        let change = SubscriptionChange { url: None, events: Some(wanted_events()), activate: true };
        self.close.update_subscription(&subscription.id, &change).await?;
        Ok(Synced::Repaired)
    }

    /// Without an address of ours, the one whose key we keep is still ours, and so is one that ends like ours if the
    /// configuration has its key.
    async fn ours_at_close(&self) -> Result<Ours, SubscribeError> {
        let url = self.close_url();
        let is_at_url = |subscription: &Subscription| match &url {
            Some(url) => subscription.url == *url,
            None => subscription.url.ends_with("/webhooks/close"),
        };
        let (at_url, elsewhere): (Vec<_>, Vec<_>) =
            self.close.list_subscriptions().await?.into_iter().partition(is_at_url);
        let kept_id = self.store.setting(CLOSE_SUBSCRIPTION).await?;
        let has_key = self.store.setting(CLOSE_KEY_SETTING).await?.is_some();
        let is_kept = |s: &&Subscription| has_key && kept_id.as_deref() == Some(s.id.as_str());
        let usable = at_url.iter().find(is_kept).or_else(|| at_url.iter().find(|_| self.close_key_configured)).cloned();
        let former = elsewhere.into_iter().find(|subscription| kept_id.as_ref() == Some(&subscription.id));
        Ok(Ours { at_url, former, usable })
    }

    async fn replace(&self, url: &str, old: impl Iterator<Item = &Subscription>) -> Result<Synced, SubscribeError> {
        let made = self.close.create_subscription(url).await?;
        let key = made.signature_key.ok_or(SubscribeError::NoKey)?;
        // The key first: without it the subscription's deliveries could not be verified.
        let earlier = self.store.setting(CLOSE_KEY_SETTING).await?;
        let keys = [Some(key.expose_secret().to_owned()), earlier.map(|keys| newest(&keys))];
        self.store.set_setting(CLOSE_KEY_SETTING, &keys.into_iter().flatten().collect::<Vec<_>>().join(",")).await?;
        self.store.set_setting(CLOSE_SUBSCRIPTION, &made.id).await?;
        for stale in old {
            self.close.delete_subscription(&stale.id).await?;
        }
        Ok(Synced::Created)
    }

    /// How Calendly's subscription is; none when bookings are not delivered to us and were never asked to be. Changes
    /// nothing.
    ///
    /// # Errors
    /// [`SubscribeError`].
    pub async fn calendly_health(&self) -> Result<Option<Health>, SubscribeError> {
        let (Some(client), Some(url)) = (&self.calendly, self.calendly_url()) else { return Ok(None) };
        if self.known_calendly_key().await?.is_none() {
            return Ok(None);
        }
        let at_url = at(&url, client.subscriptions(Scope::User).await?);
        Ok(Some(match at_url.iter().find(|subscription| subscription.is_working()).or_else(|| at_url.first()) {
            None => Health::Absent,
            Some(working) if working.is_working() => Health::Working {
                failing: working.retry_started_at.as_ref().map(|since| format!("deliveries fail since {since}")),
            },
            Some(broken) if broken.state.as_deref() == Some("disabled") => {
                Health::Paused(Some("Calendly disabled it after a day of failed deliveries".to_owned()))
            }
            Some(_) => Health::Incomplete,
        }))
    }

    /// Makes Calendly send bookings to us. Its subscriptions cannot be changed: one that does not work, or whose key is not
    /// known, is deleted and made anew. A key that is kept is used again, so that a running service goes on believing it.
    ///
    /// # Errors
    /// When nobody said where, Calendly refuses (webhooks need a paid plan), or the key cannot be kept.
    pub async fn sync_calendly(&self, client: &CalendlyClient) -> Result<Synced, SubscribeError> {
        let url = self.calendly_url().ok_or(SubscribeError::NoAddress)?;
        let existing = at(&url, client.subscriptions(Scope::User).await?);
        let known = self.known_calendly_key().await?;
        if known.is_some() && existing.iter().any(calendly::Subscription::is_working) {
            return Ok(Synced::Unchanged);
        }
        for broken in &existing {
            client.unsubscribe(broken).await?;
        }
        let key = if let Some(key) = known {
            key
        } else {
            let key = SecretString::from(self.random.token());
            // The key first: without it the subscription's deliveries could not be verified.
            self.store.set_setting(CALENDLY_KEY_SETTING, key.expose_secret()).await?;
            key
        };
        client.subscribe(&url, Scope::User, &key).await?;
        Ok(if existing.is_empty() { Synced::Created } else { Synced::Repaired })
    }

    async fn known_calendly_key(&self) -> Result<Option<SecretString>, StoreError> {
        match &self.calendly_key {
            Some(own) => Ok(Some(own.clone())),
            None => Ok(self.store.setting(CALENDLY_KEY_SETTING).await?.map(SecretString::from)),
        }
    }
}

fn at(url: &str, mut found: Vec<calendly::Subscription>) -> Vec<calendly::Subscription> {
    found.retain(|subscription| subscription.callback_url == url);
    found
}

fn health(subscription: &Subscription) -> Health {
    if subscription.status != SubscriptionStatus::Active {
        return Health::Paused(subscription.pause_reason.clone());
    }
    if !subscription.missing_events().is_empty() {
        return Health::Incomplete;
    }
    let is_well = subscription.health_status.as_deref().is_none_or(|status| status == "healthy");
    Health::Working { failing: subscription.latest_error.clone().filter(|_| !is_well) }
}

/// The newest of the kept keys: what Close still has on its way is signed with it.
fn newest(keys: &str) -> String {
    keys.split(',').next().unwrap_or_default().to_owned()
}
