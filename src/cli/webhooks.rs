//! `rapport webhooks sync`: create or repair the subscriptions, and keep their keys.

use anyhow::{Context as _, bail};
use clap::Subcommand;
use secrecy::ExposeSecret;

use super::assemble::{self, World};
use crate::close::CloseClient;
use crate::close::subscriptions::{Subscription, SubscriptionChange, SubscriptionStatus, wanted_events};
use crate::config::Config;
use crate::store::Store;

/// The store's setting that holds the key Close gave us when the subscription was made. It is told only once.
pub const KEY_SETTING: &str = "close_webhook_key";
/// The store's setting that holds which subscription the key belongs to.
const SUBSCRIPTION_SETTING: &str = "close_webhook_id";

/// The subscriptions at Close.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Create or repair the subscription at Close, and keep its key in the database.
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
    /// When `server.public_url` is missing or Close refuses.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Some(public_url) = &config.server.public_url else {
            bail!(
                "server.public_url is not set: write the https address at which Close reaches Rapport into rapport.toml"
            );
        };
        let world = World::real()?;
        let close = assemble::close_client(config, &world)?;
        let store = assemble::open_store(config).await?;
        let url = format!("{}/webhooks/close", public_url.trim_end_matches('/'));
        let done = sync(&close, &store, &url, !config.close.webhook_key.is_empty()).await?;
        println!(
            "{}",
            match done {
                Synced::Created =>
                    format!("Subscribed: Close now sends its events to {url}. The key is kept in the database."),
                Synced::Repaired => format!("The subscription to {url} was paused or incomplete; it is active again."),
                Synced::Unchanged => format!("The subscription to {url} is active; nothing to do."),
            }
        );
        Ok(())
    }
}

/// Makes Close send its events to `url`. A subscription whose key we do not have is useless, because the key is told only
/// when it is made: it is replaced, unless the configuration has a key of its own (`key_configured`).
///
/// # Errors
/// When Close refuses or the key cannot be kept.
pub async fn sync(close: &CloseClient, store: &Store, url: &str, key_configured: bool) -> anyhow::Result<Synced> {
    let ours: Vec<Subscription> =
        close.list_subscriptions().await?.into_iter().filter(|subscription| subscription.url == url).collect();
    let kept_id = store.setting(SUBSCRIPTION_SETTING).await?;
    let has_key = store.setting(KEY_SETTING).await?.is_some();
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
    store.set_setting(KEY_SETTING, key.expose_secret()).await?;
    store.set_setting(SUBSCRIPTION_SETTING, &made.id).await?;
    for stale in old {
        close.delete_subscription(&stale.id).await.context("the older subscription could not be deleted")?;
    }
    Ok(Synced::Created)
}
