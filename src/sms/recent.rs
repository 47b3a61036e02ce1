//! What was lately worked out of a text, so that a text that is looked at several times costs once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Results by the text they were worked out of. Two generations are kept: what was asked for since the last change stays, the
/// rest is forgotten, so that each holds `bytes_max` of text and one text more at most.
pub(crate) struct Recent<V> {
    bytes_max: usize,
    generations: Mutex<Generations<V>>,
}

struct Generations<V> {
    young: HashMap<Box<str>, V>,
    young_bytes: usize,
    old: HashMap<Box<str>, V>,
}

impl<V: Clone> Recent<V> {
    pub(crate) fn new(bytes_max: usize) -> Self {
        let generations = Generations { young: HashMap::new(), young_bytes: 0, old: HashMap::new() };
        Self { bytes_max, generations: Mutex::new(generations) }
    }

    /// The result for a text, worked out if it is not known. That is done without the lock: a monstrous text holds nobody up.
    pub(crate) fn recall(&self, text: &str, work_out: impl FnOnce(&str) -> V) -> V {
        if let Some(known) = self.with(|recent| recent.get(text)) {
            return known;
        }
        let found = work_out(text);
        self.with(|recent| recent.put(text.into(), found.clone()));
        found
    }

    /// Works on all that is known under one lock.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Entries<'_, V>) -> T) -> T {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut Entries { generations: &mut generations, bytes_max: self.bytes_max })
    }
}

/// What is known, while it is locked.
pub(crate) struct Entries<'a, V> {
    generations: &'a mut Generations<V>,
    bytes_max: usize,
}

impl<V: Clone> Entries<'_, V> {
    pub(crate) fn get(&mut self, text: &str) -> Option<V> {
        if let Some(known) = self.generations.young.get(text) {
            return Some(known.clone());
        }
        let (text, known) = self.generations.old.remove_entry(text)?;
        self.put(text, known.clone());
        Some(known)
    }

    pub(crate) fn put(&mut self, text: Box<str>, value: V) {
        if self.generations.young_bytes >= self.bytes_max {
            self.generations.old = std::mem::take(&mut self.generations.young);
            self.generations.young_bytes = 0;
        }
        self.generations.young_bytes += text.len();
        self.generations.young.insert(text, value);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_is_not_asked_for_is_forgotten_and_what_is_stays() {
        let recent = Recent::new(100_000);
        let worked = Cell::new(0);
        let length = |text: &str| {
            worked.set(worked.get() + 1);
            text.len()
        };
        for n in 0..1_000 {
            assert_eq!(recent.recall(&format!("{n:07}{}", "x".repeat(993)), length), 1_000);
            assert_eq!(recent.recall("the same text", length), 13);
        }
        assert_eq!(worked.get(), 1_001, "what is asked for again is not worked out again");
        let generations = recent.generations.lock().unwrap();
        assert!(generations.young_bytes <= 101_000, "{}", generations.young_bytes);
        assert!(generations.young.len() + generations.old.len() < 210, "a megabyte was read, a fifth is kept");
    }
}
