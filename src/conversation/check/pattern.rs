//! Compiles the patterns of the checks. They are constants: one that is none fails the tests, not a reply.

use regex::Regex;

/// A pattern that tells letters from capitals.
#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
pub(super) fn exact(pattern: &str) -> Regex {
    Regex::new(pattern).expect("constant pattern")
}

/// A pattern in whatever case.
pub(super) fn any_case(pattern: &str) -> Regex {
    exact(&format!("(?i){pattern}"))
}
