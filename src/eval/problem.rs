//! What is wrong with a suite, in words that say what to do.

use std::fmt;
use std::path::{Path, PathBuf};

/// A suite that cannot be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong and what to write instead.
    pub what: String,
}

impl SuiteError {
    /// The file, which is to be a `kind`, cannot be read.
    pub(super) fn unreadable(path: &Path, kind: &str, error: &std::io::Error) -> Self {
        Self { path: path.to_owned(), line: None, what: format!("the {kind} cannot be read: {error}") }
    }

    /// The file is not a suite.
    pub(super) fn syntax(path: &Path, error: &serde_norway::Error) -> Self {
        let line = error.location().map(|at| at.line());
        let whole = error.to_string();
        let what = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(what, _)| what);
        Self { path: path.to_owned(), line, what: with_nearest(what) }
    }

    /// A case makes no sense.
    pub(super) fn case(path: &Path, line: Option<usize>, id: &str, what: &str) -> Self {
        Self { path: path.to_owned(), line, what: format!("case {id:?}: {what}") }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl std::error::Error for SuiteError {}

/// serde lists all known names after an unknown one; people want the one they meant.
fn with_nearest(what: &str) -> String {
    let Some((place, names)) = what.split_once("unknown field ").or_else(|| what.split_once("unknown variant ")) else {
        return what.to_owned();
    };
    let kind = if what.contains("unknown field ") { "key" } else { "value" };
    let mut quoted = names.split('`').skip(1).step_by(2);
    let Some(unknown) = quoted.next() else { return what.to_owned() };
    let known: Vec<&str> = quoted.collect();
    let likeness = |name: &&&str| strsim::jaro_winkler(unknown, name);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
    format!("{place}`{unknown}` is not a {kind} here{hint} Known are: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_known_one() {
        let told = with_nearest("cases[0].expect: unknown field `contain`, expected one of `decision`, `contains`");
        assert!(told.starts_with("cases[0].expect: `contain` is not a key here; did you mean `contains`?"), "{told}");
        let told = with_nearest("unknown variant `sent`, expected one of `send`, `draft`");
        assert!(told.starts_with("`sent` is not a value here; did you mean `send`?"), "{told}");
        assert_eq!(with_nearest("missing field `now`"), "missing field `now`");
    }
}
