//! Reads values by key and remembers where each stands. Keys nobody asked for are mistakes.

mod secret;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, RangeBounds};
use std::path::Path;
use std::time::Duration;

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

impl Entry {
    fn is_from_environment(&self) -> bool {
        matches!(self.origin, Origin::Environment { .. })
    }

    fn is_blank(&self) -> bool {
        matches!(&self.raw, Raw::Text(text) if text.trim().is_empty())
    }
}

/// The values of the file and the environment, by dotted key.
pub(super) struct Reader {
    entries: BTreeMap<String, Entry>,
    /// Where each section begins, also one without keys.
    sections: BTreeMap<String, Origin>,
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
            let words = format!("is not valid TOML: {}; mind that texts are written in quotes", error.message());
            ConfigError { problems: vec![Problem { key: format!("{name}:{line}"), origin: Origin::Itself, words }] }
        })?;
        let mut reader = Self {
            entries: BTreeMap::new(),
            sections: BTreeMap::new(),
            environment: env.collect(),
            asked: BTreeSet::new(),
            problems: Vec::new(),
        };
        reader.take_table(table.get_ref(), "", &|at| Origin::File { path: name.clone(), line: line_of(text, at) });
        reader.take_environment();
        Ok(reader)
    }

    fn take_table(&mut self, table: &DeTable<'_>, prefix: &str, origin: &impl Fn(usize) -> Origin) {
        for (name, value) in table {
            let key =
                if prefix.is_empty() { name.get_ref().to_string() } else { format!("{prefix}.{}", name.get_ref()) };
            let place = origin(name.span().start);
            if let DeValue::Table(inner) = value.get_ref() {
                self.sections.insert(key.clone(), place);
                self.take_table(inner, &key, origin);
            } else {
                self.entries.insert(key, Entry { raw: raw(value.get_ref()), origin: place });
            }
        }
    }

    fn take_environment(&mut self) {
        for (variable, value) in &self.environment {
            let Some(rest) = variable.strip_prefix(PREFIX) else { continue };
            // `NAME=${NAME:-}` in a container's description sets nothing.
            if value.trim().is_empty() {
                continue;
            }
            let key = rest.replace("__", ".").to_lowercase();
            let origin = Origin::Environment { variable: variable.clone() };
            for (dot, _) in key.match_indices('.') {
                self.sections.entry(key[..dot].to_owned()).or_insert_with(|| origin.clone());
            }
            self.entries.insert(key, Entry { raw: Raw::Text(value.clone()), origin });
        }
    }

    /// Every mistake found, in the order of the file, or nothing.
    pub(super) fn finish(mut self) -> Result<(), ConfigError> {
        for (key, entry) in &self.entries {
            if !self.asked.contains(key) && !self.is_inside_a_key(key, entry) {
                let words = self.not_a_key(key, entry);
                self.problems.push(Problem { key: key.clone(), origin: entry.origin.clone(), words });
            }
        }
        for (section, origin) in &self.sections {
            if let Some(words) = self.not_a_section(section, origin) {
                self.problems.push(Problem { key: section.clone(), origin: origin.clone(), words });
            }
        }
        self.problems.sort_by_key(|problem| match &problem.origin {
            Origin::File { line, .. } => (0, *line),
            Origin::Environment { .. } => (1, 0),
            Origin::Nowhere | Origin::Itself => (2, 0),
        });
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError { problems: self.problems }) }
    }

    /// True if it stands in a section of the file that is told as a whole: `[close.api_key]`.
    fn is_inside_a_key(&self, key: &str, entry: &Entry) -> bool {
        let mut around = key.match_indices('.').map(|(dot, _)| &key[..dot]);
        !entry.is_from_environment() && around.any(|outer| self.asked.contains(outer))
    }

    /// What is wrong with a section; none if it is one, or if its keys say it already.
    fn not_a_section(&self, section: &str, origin: &Origin) -> Option<String> {
        if self.asked.contains(section) && matches!(origin, Origin::File { .. }) {
            let (outer, last) = section.rsplit_once('.')?;
            return Some(format!("is a key, not a section; write `{last} = …` below [{outer}]"));
        }
        let inside = format!("{section}.");
        let has_keys = self.entries.keys().any(|key| key.starts_with(&inside));
        if has_keys || self.asked.iter().any(|key| key.starts_with(&inside)) {
            return None;
        }
        let sections: BTreeSet<String> =
            self.asked.iter().filter_map(|key| Some(key.rsplit_once('.')?.0.to_owned())).collect();
        Some(match nearest(section, &sections) {
            Some(known) => format!("is not a section; did you mean [{known}]?"),
            None => "is not a section; docs/configuration.md lists them".to_owned(),
        })
    }

    fn not_a_key(&self, key: &str, entry: &Entry) -> String {
        let inside = format!("{key}.");
        if self.asked.iter().any(|known| known.starts_with(&inside)) {
            return format!("is a section, not a value; write [{key}] and its keys below");
        }
        if let Some(known) = nearest(key, &self.asked) {
            if entry.is_from_environment() {
                let variable = format!("{PREFIX}{}", known.replace('.', "__").to_uppercase());
                return format!("is not a key; did you mean {variable}?");
            }
            return format!("is not a key; did you mean {known}?");
        }
        let section = key.rsplit_once('.').map_or("", |(section, _)| section);
        let known: Vec<&str> = self
            .asked
            .iter()
            .filter_map(|known| known.rsplit_once('.').filter(|(place, _)| *place == section).map(|(_, last)| last))
            .collect();
        if known.is_empty() {
            return "is not a key; docs/configuration.md lists them".to_owned();
        }
        format!("is not a key; [{section}] has {}", known.join(", "))
    }

    /// True if the section, or anything in it, is there.
    pub(super) fn has_section(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// Complains about every section below `parent` that is not one of `known`, once each.
    pub(super) fn only_sections(&mut self, parent: &str, known: &[&str], words: &str) {
        let inside = format!("{parent}.");
        let strangers: Vec<(String, Origin)> = self
            .sections
            .iter()
            .filter(|(name, _)| {
                name.strip_prefix(&inside).is_some_and(|rest| !rest.contains('.') && !known.contains(&rest))
            })
            .map(|(name, origin)| (name.clone(), origin.clone()))
            .collect();
        for (name, origin) in strangers {
            let below = format!("{name}.");
            self.asked.extend(self.entries.keys().filter(|key| key.starts_with(&below)).cloned());
            self.problems.push(Problem { key: name, origin, words: words.to_owned() });
        }
    }

    /// True if the key has a value.
    #[cfg(test)]
    pub(super) fn is_set(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Every key that was asked for.
    #[cfg(test)]
    pub(super) fn known_keys(&self) -> &BTreeSet<String> {
        &self.asked
    }

    /// True if a mistake in `key` is noted.
    pub(super) fn has_mistake(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key == key)
    }

    /// A well-known environment variable, if it holds anything.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// Notes what is missing, unless a mistake in the same key says it already.
    pub(super) fn miss(&mut self, missing: Vec<Problem>) {
        let told = |missing: &Problem| self.problems.iter().any(|problem| problem.key.starts_with(&missing.key));
        let new: Vec<Problem> = missing.into_iter().filter(|missing| !told(missing)).collect();
        self.problems.extend(new);
    }

    /// Notes a mistake in `key`.
    pub(super) fn complain(&mut self, key: &str, words: impl Into<String>) {
        self.complain_at(key, key, words);
    }

    /// Notes a mistake in `key` that stands, or comes from what stands, at the key or section `place`.
    pub(super) fn complain_at(&mut self, key: &str, place: &str, words: impl Into<String>) {
        let entry = self.entries.get(place).map(|entry| &entry.origin);
        let origin = entry.or_else(|| self.sections.get(place)).cloned().unwrap_or(Origin::Nowhere);
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
                self.complain(key, format!("is {what}; one value is wanted, in quotes if it is a text"));
                return None;
            }
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(words) => {
                self.complain(key, format!("{} {words}", shown(&text)));
                None
            }
        }
    }

    /// Reads the key of one member of a section whose members are told by codes, which may be written in small letters or in
    /// capitals: `hours.states.fl.sunday`. The environment knows small letters alone, and wins.
    pub(super) fn parsed_in<T>(
        &mut self,
        section: &str,
        code: &str,
        last: Option<&str>,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let key = |code: &str| [Some(section), Some(code), last].into_iter().flatten().collect::<Vec<_>>().join(".");
        let (small, capital) = (key(&code.to_lowercase()), key(code));
        let by_small = self.parsed(&small, &parse);
        if !self.entries.contains_key(&capital) {
            return by_small;
        }
        let by_capital = self.parsed(&capital, &parse);
        by_small.or(by_capital)
    }

    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.parsed(key, |text| Ok(text.to_owned())).filter(|text| !text.is_empty())
    }

    pub(super) fn text_or(&mut self, key: &str, default: &str) -> String {
        self.text(key).unwrap_or_else(|| default.to_owned())
    }

    pub(super) fn duration_or(&mut self, key: &str, default: Duration) -> Duration {
        self.duration_from(key, Duration::ZERO, default)
    }

    /// A duration that is not shorter than `least`.
    pub(super) fn duration_from(&mut self, key: &str, least: Duration, default: Duration) -> Duration {
        self.parsed(key, |text| match scalar::duration(text)? {
            duration if duration < least => Err(format!("is too short; write at least \"{least:?}\"")),
            duration => Ok(duration),
        })
        .unwrap_or(default)
    }

    pub(super) fn flag_or(&mut self, key: &str, default: bool) -> bool {
        self.parsed(key, |text| match text {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err("is neither true nor false; write one of them without quotes".to_owned()),
        })
        .unwrap_or(default)
    }

    /// A whole number in `range`.
    pub(super) fn count_or(&mut self, key: &str, range: impl RangeBounds<u32>, default: u32) -> u32 {
        self.parsed(key, |text| match text.replace('_', "").parse::<u32>() {
            Ok(count) if range.contains(&count) => Ok(count),
            _ => Err(format!("is not a whole number {}", in_words(&range))),
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

    /// A list, or one value; in the environment, values separated by commas, with or without brackets and quotes.
    pub(super) fn list(&mut self, key: &str) -> Vec<String> {
        match self.raw(key) {
            None => Vec::new(),
            Some(Raw::List(list)) => list.into_iter().filter(|part| !part.trim().is_empty()).collect(),
            Some(Raw::Text(text)) => text
                .trim()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .split(',')
                .map(|part| part.trim_matches([' ', '\t', '"', '\'']))
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            Some(Raw::Number(text)) => vec![text],
            Some(Raw::Flag(_) | Raw::Odd(_)) => {
                self.complain(key, "must be a text or a list of texts");
                Vec::new()
            }
        }
    }

    /// [`Reader::list`], or `default` where the key has no value; an empty list is one.
    pub(super) fn list_or(&mut self, key: &str, default: Vec<String>) -> Vec<String> {
        if self.raw(key).is_none() { default } else { self.list(key) }
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

/// A value as a message may show it: what an address holds before its `@` may be a password.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((user, host)) if user.contains("://") || user.contains(':') => format!("\"…@{host}\""),
        _ => format!("{text:?}"),
    }
}

fn in_words(range: &impl RangeBounds<u32>) -> String {
    let least = match range.start_bound() {
        Bound::Included(least) => *least,
        Bound::Excluded(below) => below.saturating_add(1),
        Bound::Unbounded => 0,
    };
    match range.end_bound() {
        Bound::Included(most) => format!("from {least} to {most}"),
        Bound::Excluded(above) => format!("from {least} to {}", above.saturating_sub(1)),
        Bound::Unbounded => format!("of at least {least}"),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// The known key most like `key`, if any is close. The last word decides: that two keys share a section says little.
fn nearest<'a>(key: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    let parts = |key: &str| {
        let (section, word) = key.rsplit_once('.').unwrap_or(("", key));
        (section.to_owned(), word.to_owned())
    };
    let (key_section, key_word) = parts(key);
    let likeness = |candidate: &str| {
        if candidate.replace('.', "_") == key.replace('.', "_") {
            return Some(2.0);
        }
        let (section, word) = parts(candidate);
        let section = strsim::jaro_winkler(&key_section, &section);
        let word = strsim::jaro_winkler(&key_word, &word);
        let enough = if section > 0.85 { 0.8 } else { 0.9 };
        (word >= enough).then_some(word + section / 10.0)
    };
    known
        .iter()
        .filter_map(|candidate| Some((likeness(candidate)?, candidate.as_str())))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
