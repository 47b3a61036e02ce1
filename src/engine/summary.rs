//! Summaries of long conversations, made beside the turns: no reply waits for one, and what fails is simply tried again after
//! the next turn.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use super::Engine;
use super::propose::as_sent;
use super::spending::{Purse, SUMMARY};
use super::waiting::Wait;
use crate::conversation::Message;
use crate::llm::{ModelAnswer, ModelRequest, Stop};
use crate::prompt::summary::{MESSAGE_BYTES_MAX, summary_prompt, summary_text, to_cover};
use crate::prompt::{Manifest, TokenCounter};
use crate::store::StoreError;
use crate::store::summary::{NewSummary, Summary};

/// Requests for one conversation in a row, at most. A history that is longer when Rapport first sees it is read from
/// where so many reach.
const ROUNDS_MAX: usize = 4;

/// Conversations whose history is longer than their prompts and summaries show. Clones share it. It is lost with the process:
/// the next turn of such a conversation notes it again.
#[derive(Clone, Default)]
pub struct Summaries(Arc<Queue>);

#[derive(Default)]
struct Queue {
    waiting: Mutex<VecDeque<String>>,
    came: Notify,
}

impl Summaries {
    fn add(&self, conversation_id: &str) {
        let mut waiting = self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if !waiting.iter().any(|known| known == conversation_id) {
            waiting.push_back(conversation_id.to_owned());
            self.0.came.notify_one();
        }
    }

    fn next(&self) -> Option<String> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// True when a turn's prompt left out messages that no summary covers.
pub(super) fn is_due(history: &[Message], summary: Option<&Summary>, manifest: &Manifest) -> bool {
    let Some(section) = manifest.section("history").filter(|section| section.cut_count() > 0) else { return false };
    let first_shown = section.kept.first();
    let shown_from = history.iter().position(|message| Some(&message.activity_id) == first_shown);
    covered(history, summary) < shown_from.unwrap_or(history.len())
}

/// How many of the messages a summary covers. By time, because a message can be deleted in Close.
fn covered(history: &[Message], summary: Option<&Summary>) -> usize {
    let Some(summary) = summary else { return 0 };
    let until = (summary.covers_until, summary.covers_activity_id.as_str());
    history.partition_point(|message| (message.at, message.activity_id.as_str()) <= until)
}

/// How an attempt ended.
enum Round {
    /// There is more to cover.
    More,
    /// Nothing is left to do, or nothing can be done now.
    Done,
}

impl Engine {
    /// Notes that a conversation needs a summary.
    pub(super) fn want_summary(&self, conversation_id: &str) {
        self.summaries.add(conversation_id);
    }

    /// Makes summaries as they are wanted, for ever. It can be cut wherever it is: a summary is written whole or not at all.
    pub async fn keep_summarised(self) {
        loop {
            self.summarise_waiting().await;
            self.summaries.0.came.notified().await;
        }
    }

    /// Makes every summary that is wanted now.
    pub async fn summarise_waiting(&self) {
        while let Some(conversation_id) = self.summaries.next() {
            for _ in 0..ROUNDS_MAX {
                match self.summarise(&conversation_id).await {
                    Ok(Round::More) => {}
                    Ok(Round::Done) => break,
                    Err(error) => {
                        tracing::warn!(%error, conversation = %conversation_id, "no summary was made; the next turn asks again");
                        break;
                    }
                }
            }
        }
    }

    async fn summarise(&self, conversation_id: &str) -> Result<Round, StoreError> {
        let library = self.proposer.prompts.current();
        let Some(instructions) = library.summarize() else { return Ok(Round::Done) };
        let (thread, standing) =
            (self.store.messages_of(conversation_id).await?, self.store.summary(conversation_id).await?);
        let Some(range) = to_cover(&thread, covered(&thread, standing.as_ref())) else { return Ok(Round::Done) };
        let counter = self.proposer.counter.as_ref();
        let budget = self.proposer.calibration.corrected(&self.proposer.limits.budget);
        let range = within_reach(&thread, range, budget.available(), counter);
        let earlier = standing.as_ref().map(|summary| summary.text.as_str());
        let organisation = &self.settings.organisation;
        let prompt =
            summary_prompt((&library, instructions), organisation, earlier, &thread[range.clone()], &budget, counter);
        let prompt = match prompt {
            Ok(prompt) => prompt,
            Err(error) => {
                tracing::warn!(%error, "a summary does not fit its budget");
                return Ok(Round::Done);
            }
        };
        let request = ModelRequest {
            messages: prompt.messages,
            schema: None,
            max_output_tokens: self.proposer.limits.max_output_tokens,
            temperature: instructions.front().temperature.map(as_sent).or(self.proposer.limits.temperature),
            cache_key: Some(format!("rapport-summary-{}", instructions.hash())),
            safety_identifier: None,
        };
        let Some(answer) = self.asked_for_summary(conversation_id, &request).await? else { return Ok(Round::Done) };
        let is_whole = matches!(answer.stop, Stop::End | Stop::Other(_));
        let Some(text) = summary_text(&answer.text, counter).filter(|_| is_whole) else {
            tracing::warn!("a model's answer is no summary; the next turn asks again");
            return Ok(Round::Done);
        };
        let end = range.start + prompt.read;
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        let new = NewSummary {
            conversation_id: conversation_id.to_owned(),
            based_on: standing.map(|summary| summary.id),
            covers_activity_id: thread[end - 1].activity_id.clone(),
            covers_until: thread[end - 1].at,
            text,
            model: answer.model.clone(),
            prompt_hash: library.hash().to_owned(),
            input_tokens: count(answer.usage.input_tokens),
            output_tokens: count(answer.usage.output_tokens),
            cost_microusd: count(answer.cost_microusd),
        };
        let added = self.store.add_summary(&new).await?;
        Ok(if added && end < range.end { Round::More } else { Round::Done })
    }

    /// Asks the model within the caps. None when there is no money or no answer.
    async fn asked_for_summary(
        &self,
        conversation_id: &str,
        request: &ModelRequest,
    ) -> Result<Option<ModelAnswer>, StoreError> {
        let purse = self.purse_for_summary(conversation_id).await?;
        if let Purse::Empty(reason) | Purse::Awaited(Wait { sentence: reason, .. }) = &purse {
            tracing::info!(%reason, "no summary is made");
            return Ok(None);
        }
        let answer = self.proposer.model.generate(request).await;
        let cost = match &answer {
            Ok(answer) => i64::try_from(answer.cost_microusd).unwrap_or(i64::MAX),
            Err(error) => self.cost_unread(error),
        };
        self.spent_beside_turns(conversation_id, SUMMARY, purse, cost).await;
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) => {
                tracing::warn!(error = %error.without_words(), "no summary was made; the next turn asks again");
                Ok(None)
            }
        }
    }
}

/// What so many rounds can read: of a history that is longer, the newest part.
fn within_reach(thread: &[Message], range: Range<usize>, room: usize, counter: &dyn TokenCounter) -> Range<usize> {
    let reach = room.saturating_mul(ROUNDS_MAX) / 2;
    let mut tokens = 0_usize;
    let newest = thread[range.clone()].iter().rev().take_while(|message| {
        // About what its line takes, cut as it will be.
        let read = &message.text[..message.text.floor_char_boundary(MESSAGE_BYTES_MAX)];
        tokens = tokens.saturating_add(counter.count(read) + 12);
        tokens <= reach
    });
    range.end - newest.count().max(1)..range.end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Author;
    use crate::prompt::{CutItem, Requirement, SectionRecord};

    fn message(n: i64) -> Message {
        let at = jiff::Timestamp::from_second(n).unwrap();
        Message { activity_id: format!("m{n}"), author: Author::Lead, text: "x".to_owned(), at, attachments: 0 }
    }

    fn manifest(kept: &[&str], cut: usize) -> Manifest {
        let record = SectionRecord {
            name: "history".to_owned(),
            requirement: Requirement::Required,
            tokens_before: 0,
            tokens_after: 0,
            allowance: 0,
            kept: kept.iter().map(ToString::to_string).collect(),
            cut: vec![CutItem { id: "m0".to_owned(), why: String::new(), count: cut }],
            why: String::new(),
        };
        Manifest { sections: vec![record], ..Manifest::default() }
    }

    fn up_to(n: i64) -> Summary {
        Summary {
            id: "sum".to_owned(),
            covers_activity_id: format!("m{n}"),
            covers_until: jiff::Timestamp::from_second(n).unwrap(),
            text: String::new(),
            author: None,
            model: None,
            created_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_summary_is_due_when_a_message_is_neither_shown_nor_covered() {
        let history: Vec<Message> = (0..10).map(message).collect();
        let cut = manifest(&["m6", "m7", "m8", "m9"], 6);
        assert!(is_due(&history, None, &cut));
        assert!(is_due(&history, Some(&up_to(4)), &cut), "m5 is nowhere");
        assert!(!is_due(&history, Some(&up_to(5)), &cut));
        assert!(!is_due(&history, None, &manifest(&[], 0)), "nothing was cut");
        assert!(is_due(&history, Some(&up_to(5)), &manifest(&[], 10)), "nothing is shown");
    }

    /// One token a byte.
    struct Bytes;

    impl TokenCounter for Bytes {
        fn count(&self, text: &str) -> usize {
            text.len()
        }

        fn name(&self) -> &'static str {
            "bytes"
        }
    }

    #[test]
    fn a_long_message_counts_as_far_as_it_is_read_wherever_its_characters_end() {
        let long = |letter: &str| Message { text: letter.repeat(100_000), ..message(0) };
        // Half of four rounds is 8,080 tokens: four messages of 2,000 and what stands around them.
        for letter in ["x", "é", "日", "🙂"] {
            let thread = vec![long(letter); 10];
            assert_eq!(within_reach(&thread, 0..10, 4_040, &Bytes), 6..10, "{letter}");
        }
        assert_eq!(within_reach(&[long("x")], 0..1, 10, &Bytes), 0..1, "one is always read");
    }

    #[test]
    fn a_message_that_was_deleted_uncovers_nothing() {
        let history: Vec<Message> = (0..10).filter(|n| *n != 5).map(message).collect();
        assert_eq!(covered(&history, Some(&up_to(5))), 5);
        assert_eq!(covered(&history, None), 0);
    }
}
