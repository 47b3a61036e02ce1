//! The form of a report that people read.

use std::fmt::Write as _;

use super::report::{Answers, SuiteReport, Totals, Usage};
use super::run::{CaseEnd, CaseResult, Observed};
use crate::llm::price::dollars;

const HEAD: [&str; 6] = ["CASE", "RESULT", "DECISION", "INTENT", "TOKENS", "COST"];

/// The table of a suite, then what went wrong, each with what was expected, what was seen and the reply.
#[must_use]
pub fn render(report: &SuiteReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} · {} · {} ({})\n", report.name, report.file, report.answers.as_str(), report.model);
    let rows: Vec<[String; 6]> = report.cases.iter().map(row).collect();
    let head = HEAD.map(str::to_owned);
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    for row in [&head].into_iter().chain(&rows) {
        out.push_str(line(row, &widths).trim_end());
        out.push('\n');
    }
    for result in report.cases.iter().filter(|result| !result.passed()) {
        out.push('\n');
        out.push_str(&trouble(result));
    }
    out.push('\n');
    out.push_str(&totals(&Totals::of(&report.cases), report.answers == Answers::Recorded));
    out
}

/// One line of sums. Recorded answers cost when they were made.
#[must_use]
pub fn totals(totals: &Totals, recorded: bool) -> String {
    let usage = totals.usage;
    let spent = if recorded { " when recorded" } else { "" };
    format!(
        "{} passed, {} failed, {} errors · {} tokens in, {} out · {}{spent}\n",
        totals.passed,
        totals.failed,
        totals.errors,
        usage.input_tokens,
        usage.output_tokens,
        cost(&usage)
    )
}

fn row(result: &CaseResult) -> [String; 6] {
    let (word, decision, intent) = match &result.end {
        CaseEnd::Error { .. } => ("ERROR", "-", "-"),
        CaseEnd::Judged { seen, .. } => {
            let word = if result.passed() { "pass" } else { "FAIL" };
            (word, seen.decision.as_str(), seen.intent.map_or("-", crate::conversation::Intent::as_str))
        }
    };
    let usage = result.usage;
    let tokens = format!("{}+{}", usage.input_tokens, usage.output_tokens);
    let [word, decision, intent] = [word, decision, intent].map(str::to_owned);
    [result.id.clone(), word, decision, intent, tokens, cost(&usage)]
}

/// Words to the left, numbers to the right.
fn line(row: &[String; 6], widths: &[usize]) -> String {
    let mut out = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let padding = " ".repeat(width - cell.chars().count());
        let gap = if column == 0 { "" } else { "  " };
        let _ = if column < 4 { write!(out, "{gap}{cell}{padding}") } else { write!(out, "{gap}{padding}{cell}") };
    }
    out
}

fn trouble(result: &CaseResult) -> String {
    let mut out = String::new();
    match &result.end {
        CaseEnd::Error { reason } => {
            let _ = writeln!(out, "ERROR {}\n  {reason}", result.id);
        }
        CaseEnd::Judged { seen, judged } => {
            let _ = writeln!(out, "FAIL {}", result.id);
            for one in judged.iter().filter(|one| !one.passed) {
                let _ =
                    writeln!(out, "  {}\n    expected  {}\n    seen      {}", one.expectation, one.expected, one.seen);
            }
            out.push_str(&turn(seen));
        }
    }
    out
}

fn turn(seen: &Observed) -> String {
    let mut out = format!("  decision    {}\n", seen.decision.as_str());
    if !seen.decision.reason().is_empty() {
        let _ = writeln!(out, "  reason      {}", seen.decision.reason());
    }
    let _ =
        writeln!(out, "  reply       {}", seen.decision.text().unwrap_or("(none)").replace('\n', "\n              "));
    out
}

fn cost(usage: &Usage) -> String {
    dollars(i64::try_from(usage.cost_microusd).unwrap_or(i64::MAX))
}
