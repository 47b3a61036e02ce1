//! `rapport pause` and `rapport resume`: the kill switch.

use anyhow::bail;
use clap::Args;

use super::BY;
use super::assemble::open_store;
use super::output::say;
use crate::config::Config;
use crate::store::{Lifting, Refusal};

/// Stop sending, at once and everywhere.
#[derive(Debug, Args)]
pub struct Pause {
    /// Why, for everyone who looks at the desk.
    #[arg(default_value = "paused from the command line")]
    reason: String,
}

/// Lift the pause.
#[derive(Debug, Args)]
pub struct Resume {}

impl Pause {
    /// Turns the kill switch on.
    ///
    /// # Errors
    /// When the reason is empty or the database cannot be used.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let reason = self.reason.trim();
        if reason.is_empty() {
            bail!("say in a few words why Rapport is paused: the others will read it. Nothing was changed");
        }
        let store = open_store(config).await?;
        store.pause(reason, BY).await?;
        say!(
            "Paused: nothing is sent. New texts go to people. Lift it with `rapport resume`.\nDatabase: {}",
            store.address()
        )?;
        Ok(())
    }
}

impl Resume {
    /// Turns the kill switch off.
    ///
    /// # Errors
    /// When the database cannot be used, and when Rapport is paused anew at the same moment.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let store = open_store(config).await?;
        let Some(pause) = store.paused().await? else {
            say!("Rapport was not paused.\nDatabase: {}", store.address())?;
            return Ok(());
        };
        match store.resume(BY, pause.since).await? {
            Lifting::Lifted => {
                let (why, address) = (pause.why, store.address());
                say!(
                    "Resumed ({why}). What was withdrawn stays withdrawn; new texts are answered again.\nDatabase: {address}"
                )?;
            }
            Lifting::NotPaused => say!("Somebody else has resumed just now.")?,
            Lifting::PausedAnew(pause) => bail!("{}", Refusal::PausedAnew(pause.why)),
        }
        Ok(())
    }
}
