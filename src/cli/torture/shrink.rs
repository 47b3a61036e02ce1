//! From a run that breaks a promise to the shortest that still breaks it.

use super::oracle::Promise;
use super::schedule::Schedule;

/// Runs tried, at most: a short failure is worth a minute, not an hour.
const TRIES_MAX: usize = 200;

/// Leaves out one act after the other for as long as `breaks` says that the promise is still broken.
pub(super) fn shrink(
    whole: &Schedule,
    promise: Promise,
    mut breaks: impl FnMut(&Schedule) -> Option<Promise>,
) -> Schedule {
    let mut shortest = whole.clone();
    let mut tries = 0;
    let mut at = 0;
    while at < shortest.acts.len() && tries < TRIES_MAX {
        let shorter = shortest.without(at);
        tries += 1;
        if breaks(&shorter) == Some(promise) {
            shortest = shorter;
        } else {
            at += 1;
        }
    }
    shortest
}

#[cfg(test)]
mod tests {
    use super::super::schedule::Act;
    use super::*;

    #[test]
    fn only_what_matters_is_left() {
        let mut whole = Schedule::of(1);
        whole.acts = (0..12).map(Act::Asks).collect();
        let needs = |run: &Schedule| {
            let has = |n| run.acts.contains(&Act::Asks(n));
            (has(3) && has(9)).then_some(Promise::NeverTwice)
        };
        assert_eq!(shrink(&whole, Promise::NeverTwice, needs).acts, [Act::Asks(3), Act::Asks(9)]);
    }
}
