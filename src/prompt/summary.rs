//! What a model is asked for a summary, and what of its answer is kept.
//!
//! A summary grows: the earlier one and the messages since make the new one. It covers the conversation up to a message and
//! replaces nothing.

use std::ops::Range;

use super::budget::Budget;
use super::chat::{ChatMessage, Role};
use super::compose::{ComposeError, compose};
use super::fence::block;
use super::library::Library;
use super::local_time::zone_or;
use super::section::{Item, Section};
use super::sections::{message_item, message_weight};
use super::shrink::{beginning, first_sentences};
use super::template::{Template, Vars};
use super::tokens::TokenCounter;
use crate::conversation::{Message, Organisation};

/// Tokens of a summary, at most: the ceiling of its section in a reply's prompt.
pub const SUMMARY_TOKENS_MAX: usize = 400;
/// The newest messages, by weight, that a summary leaves to the history: less than a history keeps when it is cut.
const LEFT_TO_HISTORY: usize = 500;
/// Bytes of one message that a summary reads.
pub const MESSAGE_BYTES_MAX: usize = 2_000;
/// Tokens kept free for what stands around the messages.
const AROUND: usize = 150;

/// Which messages the next summary reads: those from `covered` on, without the newest, which the history shows. None when
/// there is nothing to add.
#[must_use]
pub fn to_cover(thread: &[Message], covered: usize) -> Option<Range<usize>> {
    let mut weight = 0_usize;
    let left = thread.iter().rev().take_while(|message| {
        weight = weight.saturating_add(message_weight(message));
        weight <= LEFT_TO_HISTORY
    });
    let end = thread.len() - left.count();
    (covered < end).then_some(covered..end)
}

/// A request for a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SummaryPrompt {
    /// What the model is told.
    pub messages: Vec<ChatMessage>,
    /// How many of the messages given it reads: those that fit.
    pub read: usize,
}

/// Composes the request for a summary of `earlier` and as many of `messages`, oldest first, as fit.
///
/// # Errors
/// [`ComposeError`] when not even one message fits beside the instructions.
pub fn summary_prompt(
    (library, instructions): (&Library, &Template),
    organisation: &Organisation,
    earlier: Option<&str>,
    messages: &[Message],
    budget: &Budget,
    counter: &dyn TokenCounter,
) -> Result<SummaryPrompt, ComposeError> {
    let zone = zone_or(&organisation.timezone, "UTC");
    let vars = Vars::from(organisation);
    let earlier = earlier.map(block).filter(|text| !text.is_empty());
    let house = library.house().map(|house| house.render(&vars)).transpose()?;
    let fixed = [
        Section::required("instructions", Role::System, vec![Item::new("summarize.md", instructions.render(&vars)?)]),
        Section::required("house", Role::System, house.map(|text| Item::new("house.md", text)).into_iter().collect()),
        Section::required("summary", Role::User, earlier.map(|text| Item::new("earlier", text)).into_iter().collect())
            .fenced("summary"),
    ];
    let taken: usize = fixed.iter().flat_map(|section| &section.items).map(|item| counter.count(&item.text)).sum();
    let room = budget.available().saturating_sub(taken + AROUND);
    let mut used = 0_usize;
    // With the year: a summary is read long after it was written.
    let lines = messages.iter().map(|message| Item {
        text: beginning(message_item(message, &zone, None).text, MESSAGE_BYTES_MAX),
        ..Item::new(message.activity_id.clone(), "")
    });
    let lines: Vec<Item> = lines
        .take_while(|line| {
            used += counter.count(&line.text) + 1;
            used <= room
        })
        .collect();
    let read = lines.len().max(1).min(messages.len());
    let lines = if lines.is_empty() {
        messages.first().map(|message| message_item(message, &zone, None)).into_iter().collect()
    } else {
        lines
    };
    let history = Section::required("history", Role::User, lines).fenced("history");
    let end = "Write the new summary.";
    let ask = Section::required("ask", Role::User, vec![Item::new("ask", end)]);
    let sections: Vec<Section> = fixed.into_iter().chain([history, ask]).collect();
    Ok(SummaryPrompt { messages: compose(&sections, budget, counter)?.messages, read })
}

/// What of a model's answer stands as the summary: whole sentences within [`SUMMARY_TOKENS_MAX`]. None when nothing does.
#[must_use]
pub fn summary_text(answer: &str, counter: &dyn TokenCounter) -> Option<String> {
    let text = block(unfenced(answer.trim()));
    if text.is_empty() || text.starts_with('{') || serde_json::from_str::<serde_json::Value>(&text).is_ok() {
        return None;
    }
    if counter.count(&text) <= SUMMARY_TOKENS_MAX {
        return Some(text);
    }
    first_sentences(&text, SUMMARY_TOKENS_MAX, counter).map(|(text, _)| text)
}

/// An answer without the code fence that some models put around it, and without the fence's word.
fn unfenced(answer: &str) -> &str {
    let Some(inside) = answer.strip_prefix("```") else { return answer.trim_matches('`') };
    let (word, rest) = inside.split_once('\n').unwrap_or(("", inside));
    let text = if word.contains(char::is_whitespace) { inside } else { rest };
    text.trim_matches('`')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Author;
    use crate::prompt::Tiktoken;

    fn thread(messages: usize) -> Vec<Message> {
        let message = |n: usize| Message {
            activity_id: format!("acti_{n}"),
            author: if n.is_multiple_of(2) { Author::Lead } else { Author::Agent },
            text: format!("We talked about window number {n} and what it would take to replace it before winter."),
            at: "2026-11-24T16:00:00Z".parse().unwrap(),
            attachments: 0,
        };
        (0..messages).map(message).collect()
    }

    fn budget(cap_tokens: usize) -> Budget {
        Budget { context_tokens: 128_000, max_output_tokens: 600, overhead_tokens: 0, margin_tokens: 6_400, cap_tokens }
    }

    fn prompt(messages: &[Message], earlier: Option<&str>, cap: usize) -> Result<SummaryPrompt, ComposeError> {
        let library = Library::embedded().unwrap();
        let instructions = library.summarize().unwrap();
        let counter = Tiktoken::fallback();
        summary_prompt((&library, instructions), &Organisation::default(), earlier, messages, &budget(cap), &counter)
    }

    #[test]
    fn the_newest_messages_are_left_to_the_history_and_covered_ones_are_not_read_again() {
        let thread = thread(100);
        let all = to_cover(&thread, 0).unwrap();
        assert!(all.start == 0 && (75..90).contains(&all.end), "{all:?}");
        assert_eq!(to_cover(&thread, 40), Some(40..all.end));
        assert_eq!(to_cover(&thread, all.end), None);
        assert_eq!(to_cover(&thread[..5], 0), None, "a short conversation needs none");
    }

    #[test]
    fn it_reads_the_earlier_summary_and_as_many_messages_as_fit() {
        let thread = thread(200);
        let small = prompt(&thread, Some("Maria wants </summary> nine windows."), 2_000).unwrap();
        assert!((10..100).contains(&small.read), "{}", small.read);
        let data = &small.messages.last().unwrap().text;
        assert!(
            data.starts_with("<summary>\nMaria wants ‹/summary› nine windows.\n</summary>\n\n<history>\n[Nov 24 2026 "),
            "{data}"
        );
        assert_eq!(data.lines().filter(|line| line.starts_with('[')).count(), small.read);
        assert!(prompt(&thread, None, 6_000).unwrap().read > small.read);
        assert!(prompt(&thread, None, 100).is_err());
    }

    #[test]
    fn a_message_of_100_kb_is_read_from_its_beginning() {
        let mut thread = thread(3);
        thread[1].text = "roof ".repeat(20_000);
        let prompt = prompt(&thread, None, 2_500).unwrap();
        assert_eq!(prompt.read, 3);
        assert!(prompt.messages.last().unwrap().text.contains(" […]\n"));
    }

    #[test]
    fn what_is_too_long_ends_at_a_sentence_and_what_is_no_summary_is_none() {
        let counter = Tiktoken::fallback();
        let long = "Maria asked about the price of a window. ".repeat(200);
        let kept = summary_text(&long, &counter).unwrap();
        assert!(
            kept.ends_with("window. […]") && counter.count(&kept) <= SUMMARY_TOKENS_MAX + 2,
            "{}",
            counter.count(&kept)
        );
        assert_eq!(
            summary_text(" Maria wants <b>two</b> windows. ", &counter).unwrap(),
            "Maria wants ‹b›two‹/b› windows."
        );
        for fenced in ["```markdown\nMaria wants two windows.\n```", "```\nMaria wants two windows.```"] {
            assert_eq!(summary_text(fenced, &counter).unwrap(), "Maria wants two windows.");
        }
        assert_eq!(summary_text("[Maria] wants two.", &counter).unwrap(), "[Maria] wants two.");
        for nothing in ["", "  ", "{\"text\": \"x\"}", "[\"x\"]", "```\n```", "```json\n{}\n```"] {
            assert_eq!(summary_text(nothing, &counter), None, "{nothing:?}");
        }
    }
}
