//! What was measured, as a table or as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use super::machine::Machine;

/// The figures of one benchmark.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    benchmark: &'static str,
    engine: &'static str,
    machine: Machine,
    figures: Vec<Figure>,
    ratios: Vec<Ratio>,
}

#[derive(Debug, Serialize)]
struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
}

/// A figure against its baseline, and what it should be.
#[derive(Debug, Serialize)]
struct Ratio {
    name: String,
    value: f64,
    target: Target,
    holds: bool,
}

/// What a ratio or a figure should be.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Target {
    /// This much or more.
    AtLeast(f64),
    /// This much or less.
    AtMost(f64),
}

impl Report {
    pub(super) fn new(benchmark: &'static str, engine: &'static str, machine: Machine) -> Self {
        Self { benchmark, engine, machine, figures: Vec::new(), ratios: Vec::new() }
    }

    pub(super) fn figure(&mut self, name: impl Into<String>, value: f64, unit: &'static str) {
        self.figures.push(Figure { name: name.into(), value, unit });
    }

    pub(super) fn ratio(&mut self, name: impl Into<String>, value: f64, target: Target) {
        self.ratios.push(Ratio { name: name.into(), value, holds: target.holds(value), target });
    }

    pub(super) fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string_pretty(self)
    }

    pub(super) fn table(&self) -> String {
        let names = self.figures.iter().map(|figure| &figure.name).chain(self.ratios.iter().map(|ratio| &ratio.name));
        let width = names.map(|name| name.chars().count()).max().unwrap_or_default();
        let mut table = format!("{} on {}, {}\n\n", self.benchmark, self.engine, self.machine);
        // Writing to a string cannot fail.
        for Figure { name, value, unit } in &self.figures {
            let _ = writeln!(table, "  {name:width$}  {:>10} {unit}", readable(*value));
        }
        if !self.ratios.is_empty() {
            table.push('\n');
        }
        for Ratio { name, value, target, holds } in &self.ratios {
            let verdict = if *holds { "holds" } else { "missed" };
            let _ = writeln!(table, "  {name:width$}  {:>10} {target}: {verdict}", readable(*value));
        }
        table
    }
}

impl Target {
    fn holds(self, value: f64) -> bool {
        match self {
            Self::AtLeast(least) => value >= least,
            Self::AtMost(most) => value <= most,
        }
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AtLeast(least) => write!(f, "(at least {})", readable(*least)),
            Self::AtMost(most) => write!(f, "(at most {})", readable(*most)),
        }
    }
}

/// Three digits that matter; thousands are set apart.
fn readable(value: f64) -> String {
    if value.abs() < 10.0 {
        return format!("{value:.2}");
    }
    if value.abs() < 100.0 {
        return format!("{value:.1}");
    }
    let whole = format!("{value:.0}");
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole.as_str()), |digits| ("-", digits));
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = digits;
    while rest.len() > 3 {
        let (head, tail) = rest.split_at(rest.len() - 3);
        parts.insert(0, tail);
        rest = head;
    }
    parts.insert(0, rest);
    format!("{sign}{}", parts.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_read_them() {
        for (value, written) in [(0.4567, "0.46"), (12.34, "12.3"), (999.6, "1,000"), (1_234_567.0, "1,234,567")] {
            assert_eq!(readable(value), written);
        }
    }

    #[test]
    fn a_ratio_says_whether_it_is_what_it_should_be() {
        let mut report = Report::new("ingest", "SQLite", Machine::of_tests());
        report.figure("stored", 30_000.0, "/s");
        report.ratio("stored / bare rows", 0.5, Target::AtLeast(0.4));
        report.ratio("p99", 9.0, Target::AtMost(5.0));
        let table = report.table();
        assert!(table.contains("stored / bare rows") && table.contains("0.50 (at least 0.40): holds"), "{table}");
        assert!(table.contains("9.00 (at most 5.00): missed"), "{table}");
        let json: serde_json::Value = serde_json::from_str(&report.json().expect("JSON")).expect("JSON");
        assert_eq!(json["ratios"][0]["target"]["at_least"], 0.4);
        assert_eq!(json["ratios"][1]["holds"], false);
    }
}
