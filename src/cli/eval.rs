//! `rapport eval`: runs suites of cases and says which passed.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio_util::sync::CancellationToken;

use super::assemble::{self, World};
use super::output::say;
use super::shutdown::Signals;
use crate::config::{Config, ModelConfig};
use crate::engine::ModelLimits;
use crate::eval::patience::{PATIENCE, PatientModel};
use crate::eval::report::{self, Answers};
use crate::eval::{Bench, CaseEnd, Recorder, Script, Suite, SuiteReport, Totals, recording, run_suite, script, table};
use crate::llm::{self, Model, ModelError, ModelSettings, ReplayModel};
use crate::prompt::{self, Budget, Tiktoken, TokenCounter};

/// The exit code of a run that could not be made.
const COULD_NOT_RUN: u8 = 2;
/// The limits of a model that is not configured: those of a configured one that names no others.
const CONTEXT_TOKENS: u32 = 128_000;
const MAX_OUTPUT_TOKENS: u32 = 1_000;
const PROMPT_TOKENS_CAP: u32 = 6_000;
/// Counts for a model that is not configured.
const ENCODING: &str = "o200k_base";

/// Evaluate prompts.
#[derive(Debug, Subcommand)]
pub enum Eval {
    /// Run the cases of suites. The exit code is 0 when all passed, 1 when some failed, 2 when some could not be run.
    Run(Run),
}

/// What to run, and with which answers.
#[derive(Debug, Args)]
pub struct Run {
    /// The suites, such as evals/replies.yaml.
    #[arg(required = true, value_name = "SUITE")]
    suites: Vec<PathBuf>,
    /// The model of rapport.toml to ask: `main`, unless said otherwise, or `fallback`.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Ask the model and keep its answers in recorded/<suite>.jsonl beside the suite.
    #[arg(long, conflicts_with = "replay")]
    record: bool,
    /// Use the kept answers instead of a model. The default when they exist and no model is configured.
    #[arg(long)]
    replay: bool,
    /// Use answers written by hand, by suite and case, such as evals/answers.yaml. With --record they are kept.
    #[arg(long, conflicts_with = "replay", value_name = "FILE")]
    script: Option<PathBuf>,
    /// Cases run at once.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64), value_name = "N")]
    concurrency: u16,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

impl Eval {
    /// Runs the command. What keeps a suite from being run is told on standard error and ends as exit code 2.
    ///
    /// # Errors
    /// None at present; the result leaves room for commands that have some.
    pub async fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        let Self::Run(run) = self;
        match run.run(config).await {
            Ok(code) => Ok(ExitCode::from(code)),
            Err(error) => {
                eprintln!("rapport: {error:#}");
                Ok(ExitCode::from(COULD_NOT_RUN))
            }
        }
    }
}

/// Where one suite's answers come from.
struct Source {
    answers: Answers,
    /// One a case.
    models: Vec<Arc<dyn Model>>,
    limits: ModelLimits,
}

impl Run {
    async fn run(&self, config: &Config) -> anyhow::Result<u8> {
        // Every file is read before any model is asked: a mistake in the last one costs nothing.
        let suites = self.suites.iter().map(|path| Suite::load(path)).collect::<Result<Vec<_>, _>>()?;
        let prompts = assemble::prompt_files(config)?;
        let configured = self.configured(config)?;
        let counter = counter(configured)?;
        let mut runs = Vec::new();
        for suite in &suites {
            let source = self.source(suite, configured, counter.as_ref())?;
            let recorder = match source.answers {
                Answers::Recording => Some(Recorder::begin(&source.models, &suite.recording())?),
                Answers::Live | Answers::Written | Answers::Recorded => None,
            };
            runs.push((suite, source, recorder, Arc::new(suite.library(&prompts)?)));
        }
        let (mut signals, stop) = (Signals::listen()?, CancellationToken::new());
        let mut reports = Vec::new();
        let mut all_kept = true;
        for (suite, source, recorder, library) in runs {
            if stop.is_cancelled() {
                eprintln!("rapport: {} was not begun: the run was stopped", suite.path.display());
                all_kept = false;
                continue;
            }
            let bench = Bench { library, counter: counter.clone(), limits: source.limits, stop: stop.clone() };
            let report = self.run_one(suite, &source, recorder.as_ref(), (&bench, &mut signals)).await;
            // What was found is told all the same: it was paid for.
            if let Some(recorder) = recorder
                && let Err(error) = keep(&recorder, &report).await
            {
                eprintln!("rapport: {error}");
                all_kept = false;
            }
            if !self.json {
                say!("{}", table::render(&report))?;
            }
            reports.push(report);
        }
        let code = self.conclude(&reports)?;
        Ok(if all_kept { code } else { COULD_NOT_RUN })
    }

    fn conclude(&self, reports: &[SuiteReport]) -> anyhow::Result<u8> {
        let totals = Totals::of(reports.iter().flat_map(|report| &report.cases));
        if self.json {
            say!("{}", serde_json::to_string_pretty(&report::json(reports))?)?;
        } else if reports.len() > 1 {
            let recorded = reports.iter().all(|report| report.answers == Answers::Recorded);
            say!("{} suites: {}", reports.len(), table::totals(&totals, recorded).trim_end())?;
        }
        Ok(totals.exit_code())
    }

    /// The model that is asked for, if it is configured.
    fn configured<'a>(&self, config: &'a Config) -> anyhow::Result<Option<&'a ModelConfig>> {
        let known = BTreeMap::from([("main", &config.models.main), ("fallback", &config.models.fallback)]);
        let Some(model) = known.get(self.model()) else {
            bail!("--model {:?} is not a model; rapport.toml knows [models.main] and [models.fallback]", self.model());
        };
        // Who names one means it to be asked, not answers that lie there.
        if let (None, Some(name)) = (model, &self.model) {
            bail!("--model {name}: rapport.toml has no [models.{name}]; without --model, recorded answers can be used");
        }
        Ok(model.as_ref())
    }

    fn model(&self) -> &str {
        self.model.as_deref().unwrap_or("main")
    }

    fn source(
        &self,
        suite: &Suite,
        configured: Option<&ModelConfig>,
        counter: &dyn TokenCounter,
    ) -> anyhow::Result<Source> {
        let path = suite.recording();
        let limits = limits(configured, counter);
        if let Some(script) = &self.script {
            let answers = if self.record { Answers::Recording } else { Answers::Written };
            return Ok(Source { answers, models: Script::load(script)?.models(suite)?, limits });
        }
        if self.replay || (!self.record && configured.is_none() && path.exists()) {
            if !path.exists() {
                bail!(
                    "{} has no recorded answers at {}; make them with --record and a model",
                    suite.path.display(),
                    path.display()
                );
            }
            let model: Arc<dyn Model> = Arc::new(ReplayModel::open(&path)?);
            let limits = recording::recorded_limits(&path)?.map_or(limits, |recorded| ModelLimits {
                max_output_tokens: recorded.max_output_tokens,
                temperature: recorded.temperature,
                ..limits
            });
            return Ok(Source { answers: Answers::Recorded, models: vec![model; suite.cases.len()], limits });
        }
        let configured = configured.with_context(|| {
            let instead = if path.exists() {
                format!("without one, the answers in {} can be used, by leaving out --record", path.display())
            } else {
                format!("without one, only recorded answers can be used, and {} is not there", path.display())
            };
            format!("no model to ask: add [models.{}] with `model = \"…\"` to rapport.toml; {instead}", self.model())
        })?;
        let world = World::real()?;
        let settings = ModelSettings { patience: PATIENCE, ..configured.settings.clone() };
        let model = llm::build(&settings, &world.http, &world.clock, &world.random)?;
        let model: Arc<dyn Model> = Arc::new(PatientModel::new(model, world.clock, world.random));
        let answers = if self.record { Answers::Recording } else { Answers::Live };
        Ok(Source { answers, models: vec![model; suite.cases.len()], limits })
    }

    /// Runs the cases until the last one has ended or somebody stops the run.
    async fn run_one(
        &self,
        suite: &Suite,
        source: &Source,
        recorder: Option<&Recorder>,
        (bench, signals): (&Bench, &mut Signals),
    ) -> SuiteReport {
        if let Some(recorder) = recorder.filter(|recorder| recorder.kept() > 0) {
            eprintln!(
                "rapport: {} answers of a run that did not end are used from {}; without that file, all are asked for",
                recorder.kept(),
                recorder.unfinished().display()
            );
        }
        let model_of =
            |place: usize| recorder.map_or_else(|| source.models[place].clone(), |recorder| recorder.model(place));
        let progress = progress(suite);
        let done = |_: &_| progress.inc(1);
        let mut cases = pin!(run_suite(suite, bench, &model_of, usize::from(self.concurrency), &done));
        let cases = loop {
            tokio::select! {
                cases = &mut cases => break cases,
                () = signals.next() => bench.stop.cancel(),
            }
        };
        progress.finish_and_clear();
        SuiteReport {
            name: suite.name.clone(),
            file: suite.path.display().to_string(),
            answers: source.answers,
            model: source.models.first().map_or("none", |model| model.name()).to_owned(),
            cases,
        }
    }
}

/// Keeps a recording that is whole. One that is not is gone on with next time, where its answers cost anything.
async fn keep(recorder: &Recorder, report: &SuiteReport) -> Result<(), ModelError> {
    let missing = report.cases.iter().filter(|result| matches!(result.end, CaseEnd::Error { .. })).count();
    if missing == 0 {
        return recorder.keep().await;
    }
    eprintln!("rapport: the recording of {} was not replaced: {missing} cases have no answer", report.file);
    // Answers written by hand cost nothing and are changed by hand.
    let left = if report.model == script::NAME { 0 } else { recorder.leave().await? };
    if left > 0 {
        let place = recorder.unfinished().display();
        eprintln!("rapport: {left} answers are kept in {place}; --record asks only for the missing ones next time");
    }
    Ok(())
}

fn counter(configured: Option<&ModelConfig>) -> anyhow::Result<Arc<dyn TokenCounter>> {
    let counter = match configured {
        Some(model) => Tiktoken::for_configured(model.settings.encoding.as_deref()).context("models: encoding")?,
        None => Tiktoken::for_encoding(ENCODING)?,
    };
    Ok(Arc::new(counter))
}

fn limits(configured: Option<&ModelConfig>, counter: &dyn TokenCounter) -> ModelLimits {
    let (context, output, cap) = configured.map_or((CONTEXT_TOKENS, MAX_OUTPUT_TOKENS, PROMPT_TOKENS_CAP), |model| {
        (model.settings.context_tokens, model.settings.max_output_tokens, model.prompt_tokens_cap)
    });
    let tokens = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    let schema = prompt::schema_tokens(counter);
    ModelLimits {
        budget: Budget::for_model(tokens(context), tokens(output), schema, tokens(cap), counter),
        max_output_tokens: output,
        // The model's own room sends the configured value; a recording does not depend on it.
        temperature: None,
    }
}

/// A bar on standard error, where a person is looking at it.
fn progress(suite: &Suite) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(u64::try_from(suite.cases.len()).unwrap_or(u64::MAX));
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.set_message(suite.name.clone());
    bar
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use clap::Parser;

    use super::*;
    use crate::eval::testing::{SMALL, record, small};

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        eval: Eval,
    }

    fn parse(arguments: &[&str]) -> Result<Eval, clap::Error> {
        Line::try_parse_from(["eval", "run"].iter().chain(arguments)).map(|line| line.eval)
    }

    /// Runs without any configuration and gives the exit code.
    async fn code(arguments: &[&str]) -> u8 {
        let config = Config::parse(None, Path::new("rapport.toml"), std::iter::empty()).expect("defaults");
        let Eval::Run(run) = parse(arguments).expect("valid arguments");
        run.run(&config).await.unwrap_or(COULD_NOT_RUN)
    }

    /// A folder with the small suite, its text changed, and the answers to the unchanged one.
    async fn recorded(old: &str, new: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("small.yaml");
        std::fs::write(&path, SMALL.replacen(old, new, 1)).expect("writable");
        let (suite, model) = small();
        record(&suite, &model, &folder.path().join("recorded/small.jsonl")).await;
        let path = path.display().to_string();
        (folder, path)
    }

    #[tokio::test]
    async fn without_a_model_the_recorded_answers_are_judged() {
        let (_folder, suite) = recorded("", "").await;
        assert_eq!(code(&[&suite]).await, 0);
        assert_eq!(code(&["--replay", "--json", &suite, &suite]).await, 0);
    }

    #[tokio::test]
    async fn the_exit_code_tells_failures_from_what_could_not_run() {
        let (_folder, failing) = recorded("contains: free", "contains: discount").await;
        assert_eq!(code(&[&failing]).await, 1);
        let (_folder, not_recorded) = recorded("could we talk", "shall we talk").await;
        assert_eq!(code(&[&not_recorded]).await, 2);
        let (_folder, broken) = recorded("contains: free", "contain: free").await;
        assert_eq!(code(&[&broken]).await, 2);
        assert_eq!(code(&["there-is-none.yaml"]).await, 2);
    }

    #[tokio::test]
    async fn without_model_and_recording_nothing_can_run() {
        let (folder, suite) = recorded("", "").await;
        assert_eq!(code(&["--record", &suite]).await, 2);
        assert_eq!(code(&["--model", "other", &suite]).await, 2);
        assert_eq!(code(&["--model", "fallback", &suite]).await, 2, "a recording is not what was asked for");
        std::fs::remove_dir_all(folder.path().join("recorded")).expect("removed");
        assert_eq!(code(&[&suite]).await, 2);
        assert_eq!(code(&["--replay", &suite]).await, 2);
    }

    #[tokio::test]
    async fn written_answers_can_be_tried_and_kept() {
        let (folder, suite) = recorded("", "").await;
        std::fs::remove_dir_all(folder.path().join("recorded")).expect("removed");
        let script = folder.path().join("answers.yaml").display().to_string();
        let price = "price: [{intent: price, text: It is free.}]";
        std::fs::write(&script, format!("small: {{{price}}}")).expect("writable");
        assert_eq!(code(&["--script", &script, "--record", &suite]).await, 2);
        assert_eq!(code(&[&suite]).await, 2, "an incomplete recording is not kept");
        let times = "times: [{intent: booking, text: '{slot:2}?'}]";
        std::fs::write(&script, format!("small: {{{price}, {times}}}")).expect("writable");
        assert_eq!(code(&["--script", &script, &suite]).await, 0);
        assert_eq!(code(&["--script", &script, "--record", &suite]).await, 0);
        assert_eq!(code(&[&suite]).await, 0);
    }

    #[test]
    fn arguments_that_contradict_each_other_are_refused() {
        assert!(parse(&["--record", "--replay", "a.yaml"]).is_err());
        assert!(parse(&["--script", "b.yaml", "--replay", "a.yaml"]).is_err());
        assert!(parse(&["--concurrency", "0", "a.yaml"]).is_err());
        assert!(parse(&[]).is_err());
    }
}
