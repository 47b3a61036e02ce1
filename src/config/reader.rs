//! Reads values by key and remembers where each stands. Keys nobody asked for are mistakes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use secrecy::SecretString;
use toml::de::{DeTable, DeValue};

use super::problem::{ConfigError, Origin, Problem};
use super::scalar;

/// The prefix of environment variables that set a key.
const PREFIX: &str = "RAPPORT__";

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Raw {
    /// A string, or anything from the environment.
    Text(String),
    /// A number, as written.
    Number(String),
    /// `true` or `false`.
    Flag(bool),
    /// A list of scalars.
    List(Vec<String>),
    /// Something no key takes.
    Odd(&'static str),
}

struct Entry {
    raw: Raw,
    origin: Origin,
}

/// The values of the file and the environment, by dotted key.
pub(super) struct Reader {
    entries: BTreeMap<String, Entry>,
    /// The environment, for the well-known names.
    environment: BTreeMap<String, String>,
    asked: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl Reader {
    pub(super) fn new(
        text: &str,
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let name = path.display().to_string();
        let table = DeTable::parse(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            let words = format!("is not valid TOML: {}", error.message());
            ConfigError {
                problems: vec![Problem { key: name.clone(), origin: Origin::File { path: name.clone(), line }, words }],
            }
        })?;
        let mut entries = BTreeMap::new();
        flatten(table.get_ref(), "", &mut |key, value, at| {
            let origin = Origin::File { path: name.clone(), line: line_of(text, at) };
            entries.insert(key, Entry { raw: raw(value), origin });
        });
        let environment: BTreeMap<String, String> = env.collect();
        for (variable, value) in &environment {
            if let Some(rest) = variable.strip_prefix(PREFIX) {
                let key = rest.replace("__", ".").to_lowercase();
                let origin = Origin::Environment { variable: variable.clone() };
                entries.insert(key, Entry { raw: Raw::Text(value.clone()), origin });
            }
        }
        Ok(Self { entries, environment, asked: BTreeSet::new(), problems: Vec::new() })
    }

    /// Every mistake found, or nothing.
    pub(super) fn finish(mut self) -> Result<(), ConfigError> {
        for (key, entry) in &self.entries {
            if !self.asked.contains(key) {
                let words = match nearest(key, &self.asked) {
                    Some(known) => format!("is not a key; did you mean {known}?"),
                    None => "is not a key; docs/configuration.md lists them".to_owned(),
                };
                self.problems.push(Problem { key: key.clone(), origin: entry.origin.clone(), words });
            }
        }
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError { problems: self.problems }) }
    }

    /// True if the key, or anything below it, is set.
    pub(super) fn has_section(&self, section: &str) -> bool {
        let inside = format!("{section}.");
        self.entries.keys().any(|key| key.starts_with(&inside))
    }

    /// A well-known environment variable, if it holds anything.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Notes a mistake in `key`.
    pub(super) fn complain(&mut self, key: &str, words: impl Into<String>) {
        let origin = self.entries.get(key).map_or(Origin::Nowhere, |entry| entry.origin.clone());
        self.problems.push(Problem { key: key.to_owned(), origin, words: words.into() });
    }

    fn raw(&mut self, key: &str) -> Option<Raw> {
        self.asked.insert(key.to_owned());
        self.entries.get(key).map(|entry| entry.raw.clone())
    }

    /// Reads `key` with `parse`, whose error completes "`key` … (value) …".
    pub(super) fn parsed<T>(&mut self, key: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = match self.raw(key)? {
            Raw::Text(text) | Raw::Number(text) => text,
            Raw::Flag(flag) => flag.to_string(),
            Raw::List(_) => {
                self.complain(key, "is a list; one value is wanted");
                return None;
            }
            Raw::Odd(what) => {
                self.complain(key, format!("is {what}; a value is wanted"));
                return None;
            }
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(words) => {
                self.complain(key, format!("{text:?} {words}"));
                None
            }
        }
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.parsed(key, |text| Ok(text.to_owned())).filter(|text| !text.is_empty())
    }

    pub(super) fn text_or(&mut self, key: &str, default: &str) -> String {
        self.text(key).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn duration_or(&mut self, key: &str, default: Duration) -> Duration {
        self.parsed(key, scalar::duration).unwrap_or(default)
    }

    pub(super) fn flag_or(&mut self, key: &str, default: bool) -> bool {
        self.parsed(key, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("is neither true nor false".to_owned()),
        })
        .unwrap_or(default)
    }

    /// A whole number between `least` and the type's own end.
    pub(super) fn count_or(&mut self, key: &str, least: u32, default: u32) -> u32 {
        self.parsed(key, |text| match text.replace('_', "").parse::<u32>() {
            Ok(count) if count >= least => Ok(count),
            _ => Err(format!("is not a whole number of at least {least}")),
        })
        .unwrap_or(default)
    }

    /// A number that is not negative.
    pub(super) fn amount(&mut self, key: &str) -> Option<f64> {
        self.parsed(key, |text| match text.parse::<f64>() {
            Ok(amount) if amount.is_finite() && amount >= 0.0 => Ok(amount),
            _ => Err("is not a number of at least 0".to_owned()),
        })
    }

    /// A list, or one value; in the environment, values separated by commas.
    pub(super) fn list(&mut self, key: &str) -> Vec<String> {
        match self.raw(key) {
            None => Vec::new(),
            Some(Raw::List(list)) => list,
            Some(Raw::Text(text)) => {
                text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
            }
            Some(Raw::Number(text)) => vec![text],
            Some(Raw::Flag(_) | Raw::Odd(_)) => {
                self.complain(key, "must be a text or a list of texts");
                Vec::new()
            }
        }
    }

    /// Secrets from `key`, or from the file named by `key_file`. Their values never appear in a message.
    pub(super) fn secrets(&mut self, key: &str) -> Vec<SecretString> {
        let file_key = format!("{key}_file");
        let here = self.list(key);
        let from_file = self.text(&file_key);
        if let Some(path) = from_file.filter(|_| here.is_empty()) {
            return match std::fs::read_to_string(&path) {
                Ok(text) => text.split_whitespace().map(|secret| SecretString::from(secret.to_owned())).collect(),
                Err(error) => {
                    self.complain(&file_key, format!("{path:?} cannot be read: {error}"));
                    Vec::new()
                }
            };
        }
        here.into_iter().map(SecretString::from).collect()
    }

    /// One secret, from the key, its file, or else a well-known environment variable.
    pub(super) fn secret(&mut self, key: &str, variable: Option<&str>) -> Option<SecretString> {
        let found = self.secrets(key).into_iter().next();
        found.or_else(|| variable.and_then(|name| self.variable(name)).map(SecretString::from))
    }
}

fn flatten(table: &DeTable<'_>, prefix: &str, found: &mut impl FnMut(String, &DeValue<'_>, usize)) {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) => flatten(inner, &key, found),
            other => found(key, other, name.span().start),
        }
    }
}

fn raw(value: &DeValue<'_>) -> Raw {
    match value {
        DeValue::String(text) => Raw::Text(text.to_string()),
        DeValue::Integer(number) => Raw::Number(number.as_str().to_owned()),
        DeValue::Float(number) => Raw::Number(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Raw::Flag(*flag),
        DeValue::Datetime(_) => Raw::Odd("a date"),
        DeValue::Array(items) => {
            let texts: Option<Vec<String>> = items
                .iter()
                .map(|item| match raw(item.get_ref()) {
                    Raw::Text(text) | Raw::Number(text) => Some(text),
                    _ => None,
                })
                .collect();
            texts.map_or(Raw::Odd("a list of something else than texts"), Raw::List)
        }
        DeValue::Table(_) => Raw::Odd("a table"),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// The known key most like `key`, if any is close.
fn nearest<'a>(key: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    known
        .iter()
        .map(|candidate| {
            let whole = strsim::jaro_winkler(key, candidate);
            let tail = strsim::jaro_winkler(&last(key), &last(candidate)) - 0.02;
            (whole.max(tail), candidate.as_str())
        })
        .filter(|(likeness, _)| *likeness > 0.82)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
