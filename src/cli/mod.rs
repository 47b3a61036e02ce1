//! The commands, one file each.

// `println!` panics when nobody reads any more: `output` says what is to be said.
#![warn(clippy::print_stdout)]

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::runtime::telemetry;

pub mod assemble;
pub mod bench;
pub mod check;
pub mod costs;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod migrate;
pub mod output;
pub mod pause;
pub mod prompt;
pub mod prompt_files;
pub mod prompt_watch;
pub mod reconcile;
pub mod retry;
pub mod serve;
pub mod shutdown;
pub mod suppression;
pub mod torture;
pub mod try_out;
pub mod webhooks;

/// The name on what is done from the command line.
const BY: &str = "command line";

/// The AI text-message agent for sales teams on the Close CRM.
#[derive(Debug, Parser)]
#[command(name = "rapport", version, about, propagate_version = true)]
struct Arguments {
    /// The configuration file. Without it, `rapport.toml` is read if it is there.
    ///
    /// The environment variable `RAPPORT_CONFIG` names it too.
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write logs as JSON, a line each.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything at once on this machine: simulated Close and Calendly, a phone to text from, the desk.
    Demo(demo::Demo),
    /// The service.
    Serve,
    /// Check keys, numbers, webhooks, model, prompts, clock and database, and say what to do.
    Doctor,
    /// Bring the database up to date.
    Migrate,
    /// The subscriptions at Close.
    #[command(subcommand)]
    Webhooks(webhooks::Webhooks),
    /// Compare what Close holds with what Rapport holds, and say what is wrong.
    Reconcile(reconcile::Reconcile),
    /// Try parked conversations again.
    Retry(retry::Retry),
    /// The exact prompt of a turn, section by section, and the files prompts are made from.
    #[command(subcommand)]
    Prompt(prompt::Prompt),
    /// What models cost, by turn, conversation and booked meeting.
    Costs(costs::CostsOf),
    /// Stop sending, at once and everywhere.
    Pause(pause::Pause),
    /// Lift the pause. It restores nothing by itself.
    Resume(pause::Resume),
    /// The phones that must not be texted.
    #[command(subcommand)]
    Suppression(suppression::Suppressions),
    /// Prove that the promises hold, whatever breaks.
    Torture(torture::Torture),
    /// Judge lists of texts from standard input: opt-outs, segments, tokens, hours, intents, checks.
    #[command(subcommand)]
    Try(try_out::Try),
    /// What the checks say to one reply.
    Check(check::Check),
    /// Evaluate prompts.
    #[command(subcommand)]
    Eval(eval::Eval),
    /// Measure speed on this machine, beside what its disk and database do without Rapport.
    #[command(subcommand)]
    Bench(bench::Bench),
}

impl Command {
    /// True for what works the same wherever it is run. A file named for it would say nothing.
    fn reads_no_configuration(&self) -> bool {
        matches!(self, Self::Demo(_) | Self::Torture(_) | Self::Try(_) | Self::Check(_) | Self::Bench(_))
    }
}

/// Runs the command that was asked for.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // Simulated troubles are no news; the table tells what came of them.
    let simulates = matches!(arguments.command, Command::Torture(_));
    let chosen = std::env::var_os("RUST_LOG").unwrap_or_default();
    let default_filter = if simulates { "off" } else { "warn,rapport=info" };
    telemetry::start_logging(&chosen.to_string_lossy(), default_filter, arguments.log_json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("rapport: the async runtime could not be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(run(arguments)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("rapport: {}", told(&error));
            ExitCode::FAILURE
        }
    };
    // Not waiting for threads that still look up a name.
    runtime.shutdown_background();
    code
}

/// An error with its causes on one line. Many errors name their cause themselves: it is not said twice.
fn told(error: &anyhow::Error) -> String {
    error
        .chain()
        .skip(1)
        .map(ToString::to_string)
        .fold(error.to_string(), |told, cause| if told.contains(&cause) { told } else { format!("{told}: {cause}") })
}

async fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    if arguments.config.is_some() && arguments.command.reads_no_configuration() {
        bail!("this command reads no configuration: leave --config out");
    }
    let named = arguments.config.or_else(|| std::env::var_os("RAPPORT_CONFIG").map(PathBuf::from));
    let load = || Config::load(named.as_deref(), crate::config::environment());
    match arguments.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve => serve::run(Config::load_to_serve(named.as_deref(), crate::config::environment())?).await,
        Command::Doctor => doctor::run(&load()?).await,
        Command::Migrate => migrate::run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Webhooks(command) => command.run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Reconcile(command) => command.run(&load()?).await,
        Command::Retry(command) => command.run(&load()?).await,
        Command::Prompt(command) => command.run(&load()?).await,
        Command::Costs(command) => command.run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Pause(command) => command.run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Resume(command) => command.run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Suppression(command) => command.run(&load()?).await.map(|()| ExitCode::SUCCESS),
        Command::Torture(torture) => torture.run().await,
        Command::Try(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Eval(command) => command.run(&load()?).await,
        Command::Bench(command) => command.run().await.map(|()| ExitCode::SUCCESS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("could not read it: {source}")]
    struct Unreadable {
        source: std::io::Error,
    }

    #[test]
    fn a_cause_is_said_once() {
        let error = anyhow::Error::new(Unreadable { source: std::io::Error::other("disk on fire") });
        assert_eq!(told(&error), "could not read it: disk on fire");
        assert_eq!(told(&error.context("the suite")), "the suite: could not read it: disk on fire");
    }
}
