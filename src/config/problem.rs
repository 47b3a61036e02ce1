//! A mistake in the configuration, in words that say what to do.

use std::fmt;
use std::path::Path;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In the file.
    File {
        /// Its path as it was given.
        path: String,
        /// From 1.
        line: usize,
    },
    /// In an environment variable.
    Environment {
        /// Its name.
        variable: String,
    },
    /// Nowhere: it is missing.
    Nowhere,
    /// It is the file itself; the key says all.
    Itself,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line } => write!(f, "{path}:{line}"),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
            Self::Nowhere => f.write_str("not set"),
            Self::Itself => f.write_str("the file"),
        }
    }
}

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The key, such as `engine.wait`; a file's name when the file itself is the trouble.
    pub key: String,
    /// Where it stands.
    pub origin: Origin,
    /// What is wrong and what to write instead.
    pub words: String,
}

impl Problem {
    /// A key that is needed and not there.
    #[must_use]
    pub fn missing(key: &str, fix: &str) -> Self {
        Self { key: key.to_owned(), origin: Origin::Nowhere, words: fix.to_owned() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Itself => write!(f, "{}: {}", self.key, self.words),
            origin => write!(f, "{} ({origin}): {}", self.key, self.words),
        }
    }
}

/// Everything that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn unreadable(path: &Path, error: &std::io::Error, fix: &str) -> Self {
        let words = format!("the file cannot be read: {error}; {fix}");
        Self { problems: vec![Problem { key: path.display().to_string(), origin: Origin::Itself, words }] }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.as_slice() {
            [one] => write!(f, "configuration: {one}"),
            many => {
                write!(f, "configuration: {} mistakes", many.len())?;
                many.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
            }
        }
    }
}

impl std::error::Error for ConfigError {}
