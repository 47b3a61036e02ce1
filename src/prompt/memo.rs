//! Counts that are remembered line by line: what stays the same from turn to turn is counted once.

use super::pieces::pieces;
use super::tokens::TokenCounter;
use crate::sms::recent::Recent;

/// Bytes of text remembered by a generation; two of them are kept.
const GENERATION_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A counter that remembers the lines it has counted, so that the next prompt of a conversation costs as much as its new
/// lines. It counts exactly what the counter behind it counts: texts are parted only where every encoding parts them
/// (see [`super::pieces`]).
pub struct Memo<C> {
    counter: C,
    known: Recent<usize>,
}

impl<C: TokenCounter> Memo<C> {
    /// Remembers what `counter` counts.
    pub fn new(counter: C) -> Self {
        Self { counter, known: Recent::new(GENERATION_BYTES_MAX) }
    }
}

impl<C: TokenCounter> TokenCounter for Memo<C> {
    fn count(&self, text: &str) -> usize {
        let mut unknown = Vec::new();
        let mut sum = self.known.with(|known| {
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
            self.known.with(|known| {
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
