//! `rapport prompt`: the exact prompt of a turn, section by section, and the files prompts are made from.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Subcommand;

use super::assemble::open_store;
use super::output::say;
use super::prompt_files::{Folder, copy};
use crate::config::Config;
use crate::prompt::{ChatMessage, Manifest, Role};
use crate::sms::Phone;
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
    /// Say what is wrong with the prompt files: mistakes, stale and contradictory facts.
    Lint {
        /// Which files.
        #[command(flatten)]
        files: Folder,
        /// Fail also when there is only something to look at.
        #[arg(long)]
        strict: bool,
    },
    /// Show how the prompt files differ from the shipped ones, or from another folder's.
    Diff {
        /// The other folder.
        against: Option<PathBuf>,
        /// Which files.
        #[command(flatten)]
        files: Folder,
    },
    /// Count the tokens of each prompt file.
    Count {
        /// Which files.
        #[command(flatten)]
        files: Folder,
    },
    /// Write the shipped prompt files into a folder, to be edited there.
    Copy {
        /// The folder; it is made if it is not there.
        folder: PathBuf,
    },
}

impl Prompt {
    /// Runs the command.
    ///
    /// # Errors
    /// When there is no such turn, or a file or the database cannot be read.
    pub async fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        match self {
            Self::Show { which, json } => show(config, which, *json).await?,
            Self::Lint { files, strict } => return files.lint(config, *strict),
            Self::Diff { against, files } => files.diff(config, against.as_deref())?,
            Self::Count { files } => files.count(config)?,
            Self::Copy { folder } => copy(folder)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn show(config: &Config, which: &str, json: bool) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    let turn = if which.starts_with("turn_") {
        store.turn(which).await?.with_context(|| format!("there is no turn {which}"))?
    } else {
        let found = match (store.find_conversation(which).await?, Phone::parse(which)) {
            // A phone may be given as people write it.
            (None, Ok(phone)) => store.find_conversation(&phone.to_string()).await?,
            (found, _) => found,
        };
        let conversation = found.with_context(|| {
            format!(
                "there is no conversation {which}: give its id (conv_…), the lead's id (lead_…) or the phone number"
            )
        })?;
        store.latest_turn(&conversation.id).await?.context("no prompt was composed in this conversation yet")?
    };
    if json { print_json(&turn) } else { print_text(&turn) }
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
    say!("{}", serde_json::to_string_pretty(&whole)?)?;
    Ok(())
}

fn print_text(turn: &TurnRecord) -> anyhow::Result<()> {
    say!("{}  {:.0}  {}  prompts {}", turn.id, turn.started_at, turn.outcome, turn.prompt_hash)?;
    if !turn.reason.is_empty() {
        say!("{}", turn.reason)?;
    }
    let messages: Vec<ChatMessage> = turn.prompt.read().unwrap_or_default();
    if messages.is_empty() {
        say!("\nNo prompt was composed in this turn.")?;
        return Ok(());
    }
    let manifest: Manifest = turn.manifest.read().context("the manifest cannot be read")?;
    say!("\n{manifest}")?;
    for file in &manifest.files {
        let version = file.version.as_deref().map(|version| format!("  {version}")).unwrap_or_default();
        say!("{}  {}{version}", file.hash, file.file)?;
    }
    for message in messages {
        let role = match message.role {
            Role::System => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        say!("── {role} ──\n{}\n", message.text.trim_end())?;
    }
    Ok(())
}
