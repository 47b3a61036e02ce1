//! `rapport retry`: try parked conversations again.

use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::BY;
use super::assemble::open_store;
use super::output::say;
use crate::config::Config;
use crate::store::{DeskError, Refusal, Store};

/// Try a conversation again that was parked or handed off, or all that are parked.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Retry {
    /// The conversation: its id (conv_…), the lead's id (lead_…) or the lead's phone number.
    conversation: Option<String>,
    /// Every parked conversation.
    #[arg(long)]
    all_parked: bool,
}

impl Retry {
    /// Runs the command. It fails if nothing could be tried again that was named.
    ///
    /// # Errors
    /// When there is no such conversation or the database cannot be used.
    pub async fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        let store = open_store(config).await?;
        let Some(which) = &self.conversation else {
            return all_parked(&store).await;
        };
        let Some(conversation) = store.find_conversation(which).await? else {
            bail!("there is no conversation {which}: give its id (conv_…), the lead's id (lead_…) or the phone number");
        };
        match store.ask_again(&conversation.id, BY).await {
            Err(DeskError::Refused(Refusal::NotWaiting(why))) => bail!("{} {why}", conversation.id),
            asked => asked?,
        }
        say!("{} is tried again.{}", conversation.id, NEEDS_SERVICE)?;
        Ok(ExitCode::SUCCESS)
    }
}

const NEEDS_SERVICE: &str = " A running `rapport serve` does it at once; otherwise it is done at the next start.";

async fn all_parked(store: &Store) -> anyhow::Result<ExitCode> {
    let parked = store.parked().await?;
    let mut asked = 0;
    for conversation_id in &parked {
        match store.ask_again(conversation_id, BY).await {
            // Somebody else was quicker.
            Err(DeskError::Refused(Refusal::NotWaiting(_))) => continue,
            again => again?,
        }
        say!("{conversation_id}")?;
        asked += 1;
    }
    match asked {
        0 => say!("No conversation is parked.")?,
        1 => say!("1 conversation is tried again.{NEEDS_SERVICE}")?,
        several => say!("{several} conversations are tried again.{NEEDS_SERVICE}")?,
    }
    Ok(ExitCode::SUCCESS)
}
