//! `rapport prompt show`: the exact prompt of a conversation's newest turn, section by section.

use anyhow::Context as _;
use clap::Subcommand;

use super::assemble::open_store;
use crate::config::Config;
use crate::prompt::{ChatMessage, Manifest, Role};
use crate::store::turn::TurnRecord;

/// Look at prompts.
#[derive(Debug, Subcommand)]
pub enum Prompt {
    /// The exact prompt of a turn, or of a conversation's newest turn.
    Show {
        /// A conversation (its id, the lead's id, or the lead's phone number) or a turn (`turn_…`).
        which: String,
        /// The whole record as JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Prompt {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no such turn or the database cannot be read.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let Self::Show { which, json } = self;
        let store = open_store(config).await?;
        let turn = if which.starts_with("turn_") {
            store.turn(which).await?.with_context(|| format!("there is no turn {which}"))?
        } else {
            let conversation = store.find_conversation(which).await?.with_context(|| {
                format!(
                    "there is no conversation {which}: give its id (conv_…), the lead's id (lead_…) or the phone number"
                )
            })?;
            store.latest_turn(&conversation.id).await?.context("no prompt was composed in this conversation yet")?
        };
        if *json { print_json(&turn) } else { print_text(&turn) }
    }
}

fn print_json(turn: &TurnRecord) -> anyhow::Result<()> {
    let whole = serde_json::json!({
        "turn": turn.id,
        "started_at": turn.started_at,
        "outcome": turn.outcome,
        "reason": turn.reason,
        "prompt_hash": turn.prompt_hash,
        "manifest": turn.manifest,
        "messages": turn.prompt,
        "answers": turn.answers,
        "findings": turn.findings,
        "model": turn.model,
        "tokens": { "input": turn.input_tokens, "cached": turn.cached_tokens, "output": turn.output_tokens },
        "cost_microusd": turn.cost_microusd,
    });
    println!("{}", serde_json::to_string_pretty(&whole)?);
    Ok(())
}

fn print_text(turn: &TurnRecord) -> anyhow::Result<()> {
    println!("{}  {:.0}  {}  prompts {}", turn.id, turn.started_at, turn.outcome, turn.prompt_hash);
    if !turn.reason.is_empty() {
        println!("{}", turn.reason);
    }
    let messages: Vec<ChatMessage> = serde_json::from_value(turn.prompt.clone()).unwrap_or_default();
    if messages.is_empty() {
        println!("\nNo prompt was composed in this turn.");
        return Ok(());
    }
    let manifest: Manifest = serde_json::from_value(turn.manifest.clone()).context("the manifest cannot be read")?;
    println!("\n{manifest}");
    for message in messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        println!("── {role} ──\n{}\n", message.text.trim_end());
    }
    Ok(())
}
