//! `rapport check "text"`: what the checks say to one reply.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::output::say;
use crate::conversation::{Scene, Verdict};
use crate::runtime::Clock;

/// Run the checks on one reply, without a database or a configuration.
#[derive(Debug, Args)]
pub struct Check {
    /// The reply, with or without placeholders such as `{slot:1}`.
    text: String,
    /// A text of the lead that it answers; may be given several times.
    #[arg(long, value_name = "TEXT")]
    heard: Vec<String>,
    /// A JSON file with what is known: the same keys as a line of `rapport try check`.
    #[arg(long, value_name = "FILE")]
    known: Option<PathBuf>,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl Check {
    /// Runs the checks and prints a line each. The exit code is 0 when the reply may go, 1 when it may not.
    ///
    /// # Errors
    /// When the file of what is known cannot be read.
    pub fn run(&self) -> anyhow::Result<ExitCode> {
        let scene = match &self.known {
            None => Scene::of_text(&self.text),
            Some(path) => {
                let named = || format!("{}", path.display());
                let known = std::fs::read_to_string(path).with_context(named)?;
                let mut object: serde_json::Map<_, _> = serde_json::from_str(&known).with_context(named)?;
                object.insert("text".to_owned(), self.text.clone().into());
                Scene::of_object(&object).with_context(named)?
            }
        };
        let judged = scene.in_answer_to(self.heard.clone()).judged(Clock::system().now(), true);
        if self.json {
            say!("{}", judged.to_json())?;
        } else {
            for finding in &judged.findings {
                let verdict = serde_json::to_value(finding.verdict)?;
                let told =
                    format!("{:<11} {:<20} {}", verdict.as_str().unwrap_or_default(), finding.check, finding.sentence);
                say!("{}", told.trim_end())?;
            }
        }
        Ok(if judged.verdict <= Verdict::Mended { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
