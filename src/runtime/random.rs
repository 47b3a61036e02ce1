//! Randomness: ids and jitter from one generator that a seed makes repeatable.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rand::rngs::SmallRng;
use rand::{RngCore, SeedableRng};

/// A cheap handle to the process's random numbers.
#[derive(Clone)]
pub struct Random(Arc<Mutex<Source>>);

enum Source {
    System(rand::rngs::OsRng),
    Seeded(SmallRng),
}

impl std::fmt::Debug for Random {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Random")
    }
}

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

impl Random {
    /// The operating system's generator: fit for session keys and single-use tokens.
    #[must_use]
    pub fn system() -> Self {
        Self(Arc::new(Mutex::new(Source::System(rand::rngs::OsRng))))
    }

    /// A repeatable sequence, for tests and simulation.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(Source::Seeded(SmallRng::seed_from_u64(seed)))))
    }

    /// Sixty-four random bits.
    #[must_use]
    pub fn bits(&self) -> u64 {
        let mut source = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *source {
            Source::System(system) => rand::rand_core::UnwrapErr(*system).next_u64(),
            Source::Seeded(seeded) => seeded.next_u64(),
        }
    }

    /// An unguessable token of 26 lower-case letters and digits (130 bits).
    #[must_use]
    pub fn token(&self) -> String {
        let mut token = String::with_capacity(26);
        while token.len() < 26 {
            push_base32(&mut token, self.bits(), 12);
        }
        token.truncate(26);
        token
    }

    /// A new id such as `turn_01jd3…`: the prefix, the time in milliseconds, then 60 random bits, so that ids sort by
    /// age.
    #[must_use]
    pub fn id(&self, prefix: &str, now: Timestamp) -> String {
        let mut id = format!("{prefix}_");
        push_base32(&mut id, now.as_millisecond().unsigned_abs(), 9);
        push_base32(&mut id, self.bits(), 12);
        id
    }

    /// A wait drawn evenly between nothing and `ceiling` ("full jitter").
    #[must_use]
    pub fn jitter(&self, ceiling: Duration) -> Duration {
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        if nanos == 0 {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.bits() % nanos)
    }

    /// True once in `one_in` calls on average; never for zero.
    #[must_use]
    pub fn chance(&self, one_in: u64) -> bool {
        one_in != 0 && self.bits().is_multiple_of(one_in)
    }
}

/// Appends the low `5 * digits` bits of `value`, most significant digit first.
fn push_base32(out: &mut String, value: u64, digits: u32) {
    for digit in (0..digits).rev() {
        let index = usize::try_from((value >> (5 * digit)) & 31).unwrap_or_default();
        out.push(char::from(ALPHABET[index]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_age_and_never_repeat() {
        let random = Random::seeded(1);
        let early = random.id("turn", Timestamp::from_second(1_000_000_000).expect("in range"));
        let late = random.id("turn", Timestamp::from_second(2_000_000_000).expect("in range"));
        let twin = random.id("turn", Timestamp::from_second(2_000_000_000).expect("in range"));
        assert!(early < late);
        assert_ne!(late, twin);
        assert_eq!(early.len(), "turn_".len() + 21);
    }

    #[test]
    fn a_seed_repeats_the_run() {
        assert_eq!(Random::seeded(7).token(), Random::seeded(7).token());
        assert_ne!(Random::system().token(), Random::system().token());
    }
}
