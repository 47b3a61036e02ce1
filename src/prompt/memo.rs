//! Counts that are remembered line by line: what stays the same from turn to turn is counted once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::pieces::pieces;
use super::tokens::TokenCounter;

/// Bytes of text remembered by a generation; two of them are kept.
const GENERATION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A counter that remembers the lines it has counted, so that the next prompt of a conversation costs as much as its new
/// lines. It counts exactly what the counter behind it counts: texts are parted only where every encoding parts them
/// (see [`super::pieces`]).
pub struct Memo<C> {
    counter: C,
    known: Mutex<Known>,
}

/// Two generations: what was asked for since the last change stays, the rest is forgotten. Bounded by
/// [`GENERATION_BYTES_MAX`] each.
#[derive(Default)]
struct Known {
    young: HashMap<Box<str>, usize>,
    young_bytes: usize,
    old: HashMap<Box<str>, usize>,
}

impl<C: TokenCounter> Memo<C> {
    /// Remembers what `counter` counts.
    pub fn new(counter: C) -> Self {
        Self { counter, known: Mutex::default() }
    }

    fn known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<C: TokenCounter> TokenCounter for Memo<C> {
    fn count(&self, text: &str) -> usize {
        let mut unknown = Vec::new();
        let mut sum = self.known(|known| {
            let tokens = pieces(text).map(|piece| {
                known.get(piece).unwrap_or_else(|| {
                    unknown.push(piece);
                    0
                })
            });
            tokens.sum::<usize>()
        });
        // Counted without the lock: a monstrous line holds nobody up.
        let counted: Vec<usize> = unknown.iter().map(|piece| self.counter.count(piece)).collect();
        sum += counted.iter().sum::<usize>();
        if !unknown.is_empty() {
            self.known(|known| {
                for (piece, tokens) in unknown.into_iter().zip(counted) {
                    known.put(piece.into(), tokens);
                }
            });
        }
        sum
    }

    fn name(&self) -> &str {
        self.counter.name()
    }

    fn is_models_own(&self) -> bool {
        self.counter.is_models_own()
    }
}

impl Known {
    fn get(&mut self, piece: &str) -> Option<usize> {
        if let Some(tokens) = self.young.get(piece) {
            return Some(*tokens);
        }
        let (piece, tokens) = self.old.remove_entry(piece)?;
        self.put(piece, tokens);
        Some(tokens)
    }

    fn put(&mut self, piece: Box<str>, tokens: usize) {
        if self.young_bytes >= GENERATION_BYTES_MAX {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += piece.len();
        self.young.insert(piece, tokens);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use proptest::prelude::*;

    use super::*;
    use crate::prompt::Tiktoken;

    /// Counts bytes, and how many it was asked for.
    #[derive(Default)]
    struct Asked(AtomicUsize);

    impl TokenCounter for Asked {
        fn count(&self, text: &str) -> usize {
            self.0.fetch_add(text.len(), Ordering::Relaxed);
            text.len()
        }

        fn name(&self) -> &'static str {
            "bytes"
        }
    }

    #[test]
    fn a_line_is_counted_once_and_the_sum_is_the_whole() {
        let memo = Memo::new(Asked::default());
        let history = "[Nov 24] lead: hello\n[Nov 24] agent: hi\n[Nov 25] lead: when?\n";
        assert_eq!(memo.count(history), history.len());
        assert_eq!(memo.count(&format!("{history}[Nov 25] agent: now")), history.len() + 19);
        // The last line was counted with its end, which the next count sees as a whole line again.
        assert_eq!(memo.counter.0.load(Ordering::Relaxed), history.len() + 19);
    }

    #[test]
    fn what_is_not_asked_for_is_forgotten_and_what_is_stays() {
        let memo = Memo::new(Asked::default());
        let line = |n: usize| format!("{n:07}{}", "x".repeat(1_000));
        for n in 0..20_000 {
            memo.count(&line(n));
            memo.count("the same line\n");
        }
        memo.known(|known| {
            assert!(known.young_bytes <= GENERATION_BYTES_MAX + 2_000);
            assert!(known.young.len() + known.old.len() < 9_000, "20 MB were counted, 8 are kept");
        });
        assert_eq!(memo.counter.0.load(Ordering::Relaxed), 20_000 * 1_007 + 14);
    }

    proptest! {
        #[test]
        fn every_encoding_counts_the_same_with_and_without_memory(
            text in "([a-z.!/é😀\u{a0}]{0,3}[ \t\r]{0,2}\n{0,3}/?){0,40}",
        ) {
            for name in ["o200k_base", "cl100k_base", "p50k_base"] {
                let counter = Tiktoken::for_encoding(name).unwrap();
                let memo = Memo::new(counter);
                prop_assert_eq!(memo.count(&text), counter.count(&text), "{}", name);
                prop_assert_eq!(memo.count(&text), counter.count(&text), "{}", name);
            }
        }
    }
}
