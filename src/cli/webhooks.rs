//! `rapport webhooks sync`: create or repair the subscriptions, and keep their keys.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::{ExposeSecret, SecretString};

use super::assemble::{self, World};
use crate::calendly::subscriptions::Scope;
use crate::calendly::{self, CalendlyClient};
use crate::close::CloseClient;
use crate::close::subscriptions::{Subscription, SubscriptionChange, SubscriptionStatus, wanted_events};
use crate::config::Config;
use crate::engine::CLOSE_KEY_SETTING;
use crate::runtime::Random;
use crate::store::Store;

/// The store's setting that holds the key we gave Calendly.
pub const CALENDLY_KEY: &str = "calendly_webhook_key";
/// The store's setting that holds which subscription the newest key belongs to.
pub(super) const CLOSE_SUBSCRIPTION: &str = "close_webhook_id";

/// The subscriptions at Close and Calendly.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Create or repair the subscriptions, and keep their keys in the database.
    Sync,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synced {
    /// A subscription was made.
    Created,
    /// It was paused or listened to the wrong events, and was put right.
    Repaired,
    /// Nothing had to be done.
    Unchanged,
}

impl Webhooks {
    /// Runs the command.
    ///
    /// # Errors
    /// When `server.public_url` is missing or a service refuses.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Some(public_url) = &config.server.public_url else {
            bail!(
                "server.public_url is not set: write the https address at which Close reaches Rapport into rapport.toml"
            );
        };
        let world = World::real()?;
        let store = assemble::open_store(config).await?;
        let close = assemble::close_client(config, &world)?;
        let url = format!("{public_url}/webhooks/close");
        let done = sync_close(&close, &store, &url, !config.close.webhook_key.is_empty()).await?;
        report("Close", &url, &done);
        if config.calendly.event_type.is_some() {
            let calendly = assemble::calendly_client(config, &world)?;
            let url = format!("{public_url}/webhooks/calendly");
            let own_key = config.calendly.webhook_key.first();
            let done = sync_calendly(&calendly, &store, &world.random, &url, own_key).await?;
            report("Calendly", &url, &done);
        }
        Ok(())
    }
}

fn report(service: &str, url: &str, done: &Synced) {
    match done {
        Synced::Created => {
            println!("Subscribed: {service} now sends its events to {url}. The key is kept in the database.");
        }
        Synced::Repaired => println!("The subscription of {service} to {url} did not work; it is active again."),
        Synced::Unchanged => println!("The subscription of {service} to {url} is active; nothing to do."),
    }
}

/// Makes Calendly send bookings to `url`. Its subscriptions cannot be changed: one that does not work, or whose key is not
/// known, is deleted and made anew.
///
/// # Errors
/// When Calendly refuses (webhooks need a paid plan) or the key cannot be kept.
pub async fn sync_calendly(
    calendly: &CalendlyClient,
    store: &Store,
    random: &Random,
    url: &str,
    own_key: Option<&SecretString>,
) -> anyhow::Result<Synced> {
    let at_url = |found: Vec<calendly::subscriptions::Subscription>| {
        found.into_iter().filter(|subscription| subscription.callback_url == url).collect::<Vec<_>>()
    };
    let existing = at_url(calendly.subscriptions(Scope::User).await?);
    let key_known = own_key.is_some() || store.setting(CALENDLY_KEY).await?.is_some();
    if key_known && existing.iter().any(calendly::subscriptions::Subscription::is_working) {
        return Ok(Synced::Unchanged);
    }
    for broken in &existing {
        calendly.unsubscribe(broken).await.context("the older subscription at Calendly could not be deleted")?;
    }
    let key = own_key.cloned().unwrap_or_else(|| SecretString::from(random.token()));
    if own_key.is_none() {
        // The key first: without it the subscription's deliveries could not be verified.
        store.set_setting(CALENDLY_KEY, key.expose_secret()).await?;
    }
    calendly.subscribe(url, Scope::User, &key).await?;
    Ok(if existing.is_empty() { Synced::Created } else { Synced::Repaired })
}

/// Makes Close send its events to `url`. A subscription whose key we do not have is useless, because the key is told only
/// when it is made: it is replaced, unless the configuration has a key of its own (`key_configured`).
///
/// # Errors
/// When Close refuses or the key cannot be kept.
pub async fn sync_close(close: &CloseClient, store: &Store, url: &str, key_configured: bool) -> anyhow::Result<Synced> {
    let ours: Vec<Subscription> =
        close.list_subscriptions().await?.into_iter().filter(|subscription| subscription.url == url).collect();
    let kept_id = store.setting(CLOSE_SUBSCRIPTION).await?;
    let has_key = store.setting(CLOSE_KEY_SETTING).await?.is_some();
    let usable = ours.iter().find(|s| key_configured || (has_key && kept_id.as_deref() == Some(s.id.as_str())));
    let Some(subscription) = usable else {
        return replace(close, store, url, &ours).await;
    };
    if subscription.status == SubscriptionStatus::Active && subscription.missing_events().is_empty() {
        return Ok(Synced::Unchanged);
    }
    let change = SubscriptionChange { url: None, events: Some(wanted_events()), activate: true };
    close.update_subscription(&subscription.id, &change).await.context("the subscription could not be repaired")?;
    Ok(Synced::Repaired)
}

async fn replace(close: &CloseClient, store: &Store, url: &str, old: &[Subscription]) -> anyhow::Result<Synced> {
    let made = close.create_subscription(url).await?;
    let key =
        made.signature_key.context("Close made the subscription but told no key; delete it in Close and try again")?;
    // The key first: without it the subscription's deliveries could not be verified.
    let earlier = store.setting(CLOSE_KEY_SETTING).await?;
    let keys = [Some(key.expose_secret().to_owned()), earlier.map(|keys| newest(&keys))];
    store.set_setting(CLOSE_KEY_SETTING, &keys.into_iter().flatten().collect::<Vec<_>>().join(",")).await?;
    store.set_setting(CLOSE_SUBSCRIPTION, &made.id).await?;
    for stale in old {
        close.delete_subscription(&stale.id).await.context("the older subscription could not be deleted")?;
    }
    Ok(Synced::Created)
}

/// The newest of the kept keys: what Close still has on its way is signed with it.
fn newest(keys: &str) -> String {
    keys.split(',').next().unwrap_or_default().to_owned()
}
