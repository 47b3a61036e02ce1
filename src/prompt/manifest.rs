//! The record of a prompt: what went in, what was cut and why (`always-explained`).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::section::Requirement;
use super::template::Template;

/// An item that did not get into the prompt whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CutItem {
    /// Its name; of several in a row, the first and the last.
    pub id: String,
    /// Why, in a few words.
    pub why: String,
    /// How many in a row, at least 1.
    #[serde(default = "one")]
    pub count: usize,
}

fn one() -> usize {
    1
}

/// What became of one section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionRecord {
    /// The section's name.
    pub name: String,
    /// Whether it could be cut.
    pub requirement: Requirement,
    /// Its tokens had nothing been cut. Of a history far longer than its ceiling, the oldest part is estimated at four
    /// bytes a token.
    pub tokens_before: usize,
    /// Its tokens in the prompt.
    pub tokens_after: usize,
    /// What the budget gave it, in tokens.
    pub allowance: usize,
    /// Names of the items that are in the prompt whole.
    pub kept: Vec<String>,
    /// The items that are not, and why.
    pub cut: Vec<CutItem>,
    /// Why the section is smaller than it could be; empty when it is whole.
    pub why: String,
}

impl SectionRecord {
    /// How many items did not get into the prompt whole.
    #[must_use]
    pub fn cut_count(&self) -> usize {
        self.cut.iter().map(|cut| cut.count).sum()
    }
}

/// What a prompt is made of, in render order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The encoding that counted.
    pub encoding: String,
    /// Tokens of the whole prompt as rendered, chat overhead included.
    pub prompt_tokens: usize,
    /// Tokens it could have had.
    pub available_tokens: usize,
    /// The sections that had anything to say.
    pub sections: Vec<SectionRecord>,
    /// The prompt files it was made from.
    #[serde(default)]
    pub files: Vec<PromptFile>,
}

/// A prompt file that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromptFile {
    /// Its path in the prompts folder.
    pub file: String,
    /// Its author's note on this version.
    pub version: Option<String>,
    /// The first 16 hex digits of its SHA-256.
    pub hash: String,
}

impl PromptFile {
    pub(super) fn of(template: &Template) -> Self {
        let version = template.front().version.clone();
        Self { file: template.name().to_owned(), version, hash: template.hash().to_owned() }
    }
}

impl Manifest {
    /// The record of a section by its name.
    #[must_use]
    pub fn section(&self, name: &str) -> Option<&SectionRecord> {
        self.sections.iter().find(|section| section.name == name)
    }
}

const BAR_WIDTH: usize = 24;

impl fmt::Display for Manifest {
    /// A table with a bar for each section: `█` is in the prompt, `░` was cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = self.sections.iter().map(|s| s.name.chars().count()).max().unwrap_or(0).max("section".len());
        let largest = self.sections.iter().map(|s| s.tokens_before.max(s.tokens_after)).max().unwrap_or(0).max(1);
        writeln!(f, "{:widest$}  {:BAR_WIDTH$}  {:>6}  {:>6}  {:>9}", "section", "", "tokens", "of", "kept")?;
        for section in &self.sections {
            let kept = format!("{}/{}", section.kept.len(), section.kept.len() + section.cut_count());
            write!(f, "{:widest$}  {}  {:>6}", section.name, bar(section, largest), section.tokens_after)?;
            write!(f, "  {:>6}  {kept:>9}", section.tokens_before)?;
            if section.why.is_empty() { writeln!(f)? } else { writeln!(f, "  {}", section.why)? }
        }
        let (used, available) = (self.prompt_tokens, self.available_tokens);
        let percent = (used * 100).checked_div(available).unwrap_or(0);
        write!(f, "{used} of {available} tokens ({percent} %), counted with {}", self.encoding)
    }
}

fn bar(section: &SectionRecord, largest: usize) -> String {
    let cells = |tokens: usize| (tokens * BAR_WIDTH).div_ceil(largest).min(BAR_WIDTH);
    let full = cells(section.tokens_after);
    let whole = cells(section.tokens_before).max(full);
    format!("{}{}{}", "█".repeat(full), "░".repeat(whole - full), " ".repeat(BAR_WIDTH - whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_kept_and_cut_by_section() {
        let record = |name: &str, before, after, why: &str| SectionRecord {
            name: name.to_owned(),
            requirement: Requirement::Required,
            tokens_before: before,
            tokens_after: after,
            allowance: after,
            kept: vec!["a".to_owned()],
            cut: if why.is_empty() {
                vec![]
            } else {
                vec![CutItem { id: "b".to_owned(), why: why.to_owned(), count: 1 }]
            },
            why: why.to_owned(),
        };
        let manifest = Manifest {
            encoding: "o200k_base".to_owned(),
            prompt_tokens: 400,
            available_tokens: 1_000,
            sections: vec![record("instructions", 300, 300, ""), record("history", 240, 120, "over its ceiling")],
            files: Vec::new(),
        };
        let expected = [
            "section                                 tokens      of       kept",
            "instructions  ████████████████████████     300     300        1/1",
            "history       ██████████░░░░░░░░░░         120     240        1/2  over its ceiling",
            "400 of 1000 tokens (40 %), counted with o200k_base",
        ];
        assert_eq!(manifest.to_string(), expected.join("\n"));
        let json = serde_json::to_string(&manifest).unwrap();
        assert_eq!(serde_json::from_str::<Manifest>(&json).unwrap(), manifest);
    }
}
