//! Playbooks: how to handle one kind of turn. Only those that match the turn are told to the model.

use serde::Deserialize;

use super::front_matter::part;
use super::template::{FrontMatter, Template, TemplateError, Vars, version_note};
use super::words::words;
use crate::conversation::Intent;

/// How to handle one kind of turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Playbook {
    id: String,
    title: String,
    intents: Vec<Intent>,
    patterns: Vec<Vec<String>>,
    template: Template,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Front {
    title: Option<String>,
    #[serde(deserialize_with = "version_note")]
    version: Option<String>,
    when: When,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct When {
    intents: Vec<Intent>,
    words: Vec<String>,
}

impl Playbook {
    /// Reads a playbook file. Its id is the file's name without folder and ending.
    ///
    /// # Errors
    /// [`TemplateError`] with the file and the line.
    pub fn parse(file: &str, text: &str) -> Result<Self, TemplateError> {
        let parted = part::<Front>(file, text)?;
        let Front { title, version, when } = parted.front;
        let front = FrontMatter { version, ..FrontMatter::default() };
        let template = Template::checked(file, text, front, parted.body, parted.lines_before)?;
        let id = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".md").to_owned();
        let patterns = when.words.iter().map(|pattern| pattern_words(pattern)).filter(|words| !words.is_empty());
        let title = title.unwrap_or_else(|| id.clone());
        Ok(Self { id, title, intents: when.intents, patterns: patterns.collect(), template })
    }

    /// The file's name without folder and ending.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What it is about, for people.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The intents it is for.
    pub fn intents(&self) -> &[Intent] {
        &self.intents
    }

    /// The first 16 hex digits of the SHA-256 of the file.
    pub fn hash(&self) -> &str {
        self.template.hash()
    }

    /// The words of the playbook.
    ///
    /// # Errors
    /// [`TemplateError::Syntax`] when an expression fails.
    pub fn render(&self, vars: &Vars) -> Result<String, TemplateError> {
        self.template.render(vars)
    }

    /// How many of its words or phrases the text holds. `book*` stands for every word that begins so. A playbook without
    /// words fits every text, because intents are not known before the model answers.
    #[must_use]
    pub fn hits(&self, text: &str) -> usize {
        self.hits_among(&words(text))
    }

    /// [`Playbook::hits`] of a text whose words are known.
    pub(super) fn hits_among(&self, text: &[String]) -> usize {
        if self.patterns.is_empty() {
            return 1;
        }
        self.patterns
            .iter()
            .filter(|pattern| text.windows(pattern.len()).any(|window| matches(pattern, window)))
            .count()
    }
}

fn matches(pattern: &[String], window: &[String]) -> bool {
    pattern.iter().zip(window).all(|(wanted, word)| match wanted.strip_suffix('*') {
        Some(start) => word.starts_with(start),
        None => word == wanted,
    })
}

fn pattern_words(pattern: &str) -> Vec<String> {
    let starred = |piece: &str| {
        let mut found = words(piece);
        if piece.ends_with('*')
            && let Some(last) = found.last_mut()
        {
            last.push('*');
        }
        found
    };
    pattern.split_whitespace().flat_map(starred).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn playbook(when: &str) -> Playbook {
        Playbook::parse("playbooks/p.md", &format!("---\nwhen: {when}\n---\nDo this.")).unwrap()
    }

    #[test]
    fn words_phrases_and_beginnings_match_whole_words_only() {
        let found = |text: &str| playbook("{words: [call, 'next week', 'sched*', \"what's up\"]}").hits(text);
        assert_eq!(found("CALL me next  week!"), 2);
        assert_eq!(found("rescheduling is no match, scheduling is"), 1);
        assert_eq!(found("What’s up"), 1);
        assert_eq!(found("I recall weeks next"), 0);
        assert_eq!(found(""), 0);
    }

    #[test]
    fn a_playbook_without_words_always_fits() {
        assert_eq!(playbook("{intents: [price]}").hits("anything"), 1);
        assert_eq!(playbook("{intents: [price]}").intents(), [Intent::Price]);
        assert_eq!(playbook("{}").id(), "p");
    }

    #[test]
    fn an_unknown_intent_is_a_mistake_with_its_line() {
        let error = Playbook::parse("playbooks/p.md", "---\ntitle: x\nwhen: {intents: [pricing]}\n---\n").unwrap_err();
        assert!(error.to_string().starts_with("playbooks/p.md, line 3: front matter"), "{error}");
        assert!(error.to_string().contains("pricing"), "{error}");
    }
}
