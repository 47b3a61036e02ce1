//! `rapport reconcile`: compare what Close holds with what Rapport holds.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::assemble::{self, World};
use super::output::say;
use crate::config::{Config, duration};
use crate::engine::reconcile::{Count, Finding, Kind, Report};

/// Compare what Close holds with what Rapport holds, and say what is wrong.
#[derive(Debug, Args)]
pub struct Reconcile {
    /// How far back: `12h`, `7d`, …
    #[arg(long, default_value = "7d", value_parser = duration)]
    since: Duration,
    /// Mend what can be mended.
    #[arg(long)]
    repair: bool,
    /// The report as JSON.
    #[arg(long)]
    json: bool,
}

impl Reconcile {
    /// Runs the command. It fails if something is wrong and was not mended.
    ///
    /// # Errors
    /// When Close or the database cannot be used.
    pub async fn run(&self, config: &Config) -> anyhow::Result<ExitCode> {
        let world = World::real()?;
        let store = assemble::open_store(config).await?;
        let engine = assemble::engine(config, &world, store.clone())?;
        let subscriptions = assemble::subscriptions(config, &world, store, engine.close.clone())?;
        let since = world.clock.now().checked_sub(self.since)?;
        let report = engine.reconcile(&subscriptions, since, self.repair).await?;
        if self.json {
            say!("{}", serde_json::to_string_pretty(&report)?)?;
        } else {
            say!("{}", in_words(&report, self.repair))?;
        }
        Ok(if report.open() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

/// The report as a person reads it: a line for everything that was looked at, and below it what was found.
fn in_words(report: &Report, repair: bool) -> String {
    let since = report.since.strftime("%Y-%m-%d %H:%M UTC");
    let mut lines = vec![
        format!("Texts in Close since {since}: {}, of which {} are Rapport's.", report.texts, report.ours),
        String::new(),
    ];
    for kind in Kind::ALL {
        let count = report.count(*kind);
        lines.push(match count {
            Count { found: 0, .. } => format!("ok    {}", all_well(*kind, report)),
            Count { found, mended } if found == mended => format!("done  {}: {found}, mended", heading(*kind)),
            Count { found, mended: 0 } => format!("FAIL  {}: {found}", heading(*kind)),
            Count { found, mended } => format!("FAIL  {}: {found}, {mended} of them mended", heading(*kind)),
        });
        let of_kind: Vec<&Finding> = report.findings.iter().filter(|finding| finding.kind == *kind).collect();
        lines.extend(of_kind.iter().map(|finding| format!("      {}", line_of(finding))));
        if count.found > of_kind.len() {
            lines.push(format!("      and {} more", count.found - of_kind.len()));
        }
    }
    let verdict = match (report.open(), repair) {
        (0, _) => "Close and Rapport agree.",
        (_, false) => "Something is wrong. `rapport reconcile --repair` mends what can be mended.",
        (_, true) => "What is still marked FAIL needs a person.",
    };
    lines.extend([String::new(), verdict.to_owned()]);
    lines.join("\n")
}

fn line_of(finding: &Finding) -> String {
    let at = finding.at.map(|at| at.strftime("%Y-%m-%d %H:%M UTC  ").to_string()).unwrap_or_default();
    let ids = [&finding.conversation_id, &finding.lead_id, &finding.activity_id];
    let ids: Vec<&str> = ids.into_iter().filter_map(Option::as_deref).collect();
    let ids = if ids.is_empty() { String::new() } else { format!(" ({})", ids.join(", ")) };
    let mended = finding.mended.as_ref().map(|done| format!(" {done}")).unwrap_or_default();
    format!("{at}{}{ids}{mended}", finding.what)
}

fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::SentTwice => "Sent twice",
        Kind::MissingText => "Leads' texts that never reached Rapport",
        Kind::MissingRep => "Reps' texts that Rapport did not know of",
        Kind::Disagreement => "Texts that ended otherwise at Close than Rapport says",
        Kind::Unsettled => "Texts whose end Rapport does not know",
        Kind::OrphanDraft => "Drafts of Rapport's that nobody wants",
        Kind::Asleep => "Conversations that nothing would have woken",
        Kind::Overdue => "Conversations that nobody works on",
        Kind::Subscription => "The webhook",
    }
}

fn all_well(kind: Kind, report: &Report) -> String {
    match kind {
        Kind::SentTwice => "Nothing was sent twice.".to_owned(),
        Kind::MissingText => "Every lead's text is in a conversation.".to_owned(),
        Kind::MissingRep => "Every rep's recent text is known.".to_owned(),
        Kind::Disagreement => "Every text of Rapport's ended as Rapport says.".to_owned(),
        Kind::Unsettled => "How every text ended is known.".to_owned(),
        Kind::OrphanDraft => "No draft of Rapport's lies about.".to_owned(),
        Kind::Asleep => "Every conversation with work in it has its alarm set.".to_owned(),
        Kind::Overdue => "Every conversation is worked on in time.".to_owned(),
        Kind::Subscription => report.subscription.clone().unwrap_or_default(),
    }
}
