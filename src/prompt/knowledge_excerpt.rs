//! What is shown of a passage that is too long for its section: the lines and sentences nearest to what was asked.

use super::knowledge_index::Topic;
use super::shrink::sentence_ends;
use super::tokens::TokenCounter;
use super::words::terms_and_meanings;

/// Stands where something was left out.
const GAP: &str = " […]\n";

/// The parts of a text that share most with a topic, in their order, within so many tokens. Empty when not even the
/// nearest one fits.
pub(super) fn excerpt(text: &str, topic: Topic<'_>, room: usize, counter: &dyn TokenCounter) -> String {
    let wanted = topic.wanted();
    let shared = |part: &str| {
        let mut found = terms_and_meanings(part);
        found.sort_unstable();
        found.dedup();
        found.iter().filter_map(|term| wanted.get(term)).sum::<f64>()
    };
    let parts = parts(text);
    let mut ranked: Vec<(usize, f64)> = parts.iter().map(|part| shared(part)).enumerate().collect();
    ranked.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let gap = counter.count(GAP);
    let mut used = 0_usize;
    let mut kept: Vec<usize> = Vec::new();
    for (place, _) in ranked {
        // As if each stood alone: that is never too little.
        let tokens = counter.count(parts[place]) + gap;
        if used + tokens > room {
            break;
        }
        used += tokens;
        kept.push(place);
    }
    kept.sort_unstable();
    joined(&parts, &kept)
}

fn joined(parts: &[&str], kept: &[usize]) -> String {
    let mut text = String::new();
    let mut next = 0;
    for &place in kept {
        if place == next {
            text.push_str(parts[place]);
        } else {
            text.truncate(text.trim_end().len());
            text.push_str(if text.is_empty() { GAP.trim_start() } else { GAP });
            text.push_str(parts[place].trim_start());
        }
        next = place + 1;
    }
    text.truncate(text.trim_end().len());
    if next < parts.len() && !text.is_empty() {
        text.push_str(GAP.trim_end());
    }
    text
}

/// Lines, and the sentences of lines.
fn parts(text: &str) -> Vec<&str> {
    let mut from = 0;
    let ends = sentence_ends(text).chain([text.len()]);
    ends.map(|end| &text[std::mem::replace(&mut from, end)..end]).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::prompt::Tiktoken;

    fn about(new: &str) -> Topic<'_> {
        Topic { new, before: "" }
    }

    #[test]
    fn of_a_long_table_the_rows_that_were_asked_for_are_shown() {
        let mut table = "| window | price |\n|---|---|\n".to_owned();
        for number in 1..200 {
            let _ = writeln!(table, "| model {number} | {} dollars |", number * 100);
        }
        let counter = Tiktoken::fallback();
        let shown = excerpt(&table, about("how much is model 150?"), 100, &counter);
        assert!(shown.contains("| model 150 | 15000 dollars |") && shown.starts_with("| window | price |"), "{shown}");
        assert!(counter.count(&shown) <= 100 && shown.ends_with("[…]"), "{shown}");
    }

    #[test]
    fn of_a_long_paragraph_whole_sentences_are_shown() {
        let text = format!("{}A deposit of 3.5 percent is due. {}", "We talk. ".repeat(300), "We go on. ".repeat(300));
        let shown = excerpt(&text, about("deposit?"), 40, &Tiktoken::fallback());
        assert!(shown.contains("[…]\nA deposit of 3.5 percent is due."), "{shown}");
    }
}
