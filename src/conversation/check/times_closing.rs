//! "We're here until 9" where the day goes from 9 to 7: an hour that begins is none at which anything ends.

use std::sync::LazyLock;

use regex::Regex;

use super::pattern::any_case;
use super::times_told::{Clock, Said};

/// An hour that ends something, without a word on the half of the day.
static UNTIL: LazyLock<Regex> = LazyLock::new(|| {
    any_case(r"\b(?:until|till|closes? at|shuts? at) (?P<hour>\d{1,2})(?::(?P<minute>[0-5]\d))?\b(?P<half> ?[ap]\.?m)?")
});

/// The first end that all sources which have the hour tell as a beginning.
pub(super) fn unknown_closing<'a>(
    sentence: &str,
    sources: &(impl Iterator<Item = &'a Said> + Clone),
) -> Option<String> {
    let is_unknown = |clock: Clock| {
        let mut has =
            sources.clone().filter(|said| said.clocks.iter().any(|(known, _)| clock.agrees(*known))).peekable();
        let begins = |said: &Said| {
            said.ranges.iter().any(|(first, _, _)| clock.agrees(*first))
                && !said.ranges.iter().any(|(_, last, _)| clock.agrees(*last))
        };
        has.peek().is_some() && has.all(begins)
    };
    UNTIL.captures_iter(sentence).filter(|found| found.name("half").is_none()).find_map(|found| {
        let minute = found.name("minute").map_or(Some(0), |minute| minute.as_str().parse().ok())?;
        let clock = Clock::new(found["hour"].parse().ok()?, minute, None)?;
        is_unknown(clock).then(|| found[0].to_owned())
    })
}
