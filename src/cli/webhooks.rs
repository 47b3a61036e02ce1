//! `rapport webhooks sync`: create or repair the subscriptions, and keep their keys.

use clap::Subcommand;

use super::assemble::{self, World};
use super::output::{OutputError, say};
use crate::config::Config;
use crate::engine::subscriptions::{SubscribeError, Synced};

/// The subscriptions at Close and Calendly.
#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// Create or repair the subscriptions, and keep their keys in the database.
    Sync,
}

impl Webhooks {
    /// Runs the command.
    ///
    /// # Errors
    /// When `server.public_url` is missing or a service refuses.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let url = config.server.public_url.as_ref().ok_or(SubscribeError::NoAddress)?;
        let world = World::real()?;
        let store = assemble::open_store(config).await?;
        let close = assemble::close_client(config, &world)?;
        let subscriptions = assemble::subscriptions(config, &world, store, close)?;
        report("Close", url, subscriptions.sync_close().await?)?;
        if let Some(calendly) = &subscriptions.calendly {
            report("Calendly", url, subscriptions.sync_calendly(calendly).await?)?;
        }
        Ok(())
    }
}

fn report(service: &str, url: &str, done: Synced) -> Result<(), OutputError> {
    match done {
        Synced::Created => {
            say!("Subscribed: {service} now sends its events to {url}. The key is kept in the database.")
        }
        Synced::Repaired => say!("The subscription of {service} to {url} did not work; it is active again."),
        Synced::Unchanged => say!("The subscription of {service} to {url} is active; nothing to do."),
    }
}
