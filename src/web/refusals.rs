//! Refused webhooks in the log: a flood of forgeries must not fill the disk.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

use crate::runtime::clock::after;

/// How often refusals are told of.
const PERIOD: Duration = Duration::from_secs(10);

#[derive(Default)]
struct Untold {
    count: u64,
    told_at: Option<Timestamp>,
}

/// Counts refusals between two lines of the log.
#[derive(Default)]
pub(super) struct Refusals(Mutex<Untold>);

impl Refusals {
    /// Notes one refusal. When it is time to tell, says how many there were since the last time, this one included.
    pub(super) fn note(&self, now: Timestamp) -> Option<u64> {
        let mut untold = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        untold.count += 1;
        if untold.told_at.is_some_and(|at| now < after(at, PERIOD)) {
            return None;
        }
        untold.told_at = Some(now);
        Some(std::mem::take(&mut untold.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_told_once_with_its_size() {
        let (refusals, start) = (Refusals::default(), Timestamp::UNIX_EPOCH);
        assert_eq!(refusals.note(start), Some(1));
        assert_eq!((0..500).find_map(|_| refusals.note(start)), None);
        assert_eq!(refusals.note(after(start, PERIOD)), Some(501));
    }
}
