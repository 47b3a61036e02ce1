//! The ways a section gets smaller. Each keeps more, never less, when it is given more room.

use super::measure::Measured;
use super::section::Shrink;
use super::tokens::TokenCounter;

/// What becomes of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    Whole,
    Part(String),
    Cut(&'static str),
}

/// What becomes of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shrunk {
    pub(super) fates: Vec<Fate>,
    /// Stands before the items: how many are missing.
    pub(super) omitted_line: Option<String>,
    /// Everything that is rendered; zero when the section is not.
    pub(super) tokens: usize,
}

impl Shrunk {
    fn nothing(measured: &Measured<'_>) -> Self {
        Self { fates: vec![Fate::Cut(NO_ROOM); measured.items.len()], omitted_line: None, tokens: 0 }
    }
}

pub(super) const NO_ROOM: &str = "no room left";
const TOO_LARGE: &str = "larger than the section may be";
const PART_MARK: &str = " […]";

/// Fits a section into its allowance, frame included.
pub(super) fn shrink(measured: &Measured<'_>, allowance: usize, counter: &dyn TokenCounter) -> Shrunk {
    if measured.total <= allowance && measured.section.earlier.items == 0 {
        let fates = vec![Fate::Whole; measured.items.len()];
        return Shrunk { fates, omitted_line: None, tokens: measured.total };
    }
    let Some(room) = allowance.checked_sub(measured.frame) else {
        return Shrunk::nothing(measured);
    };
    match measured.section.shrink {
        Shrink::None => Shrunk::nothing(measured),
        Shrink::WholeItemsOldestFirst => oldest_first(measured, room, counter),
        Shrink::LeastRelevantFirst => least_relevant_first(measured, room),
        Shrink::SentenceEnd => sentence_end(measured, room, counter),
    }
}

fn oldest_first(measured: &Measured<'_>, room: usize, counter: &dyn TokenCounter) -> Shrunk {
    let count = measured.items.len();
    let earlier = measured.section.earlier.items;
    let line_for = |omitted: usize| format!("[{omitted} earlier messages omitted]");
    let line_tokens = counter.count(&format!("{}\n", line_for(earlier + count)));
    let Some(room) = room.checked_sub(line_tokens) else {
        return Shrunk::nothing(measured);
    };
    let full_room = measured.section.ceiling.saturating_sub(measured.frame + line_tokens).max(room);
    let start = first_kept(measured, room, full_room);
    let fates = (0..count).map(|index| if index < start { Fate::Cut(NO_ROOM) } else { Fate::Whole }).collect();
    let kept: usize = measured.items[start..].iter().sum();
    Shrunk { fates, omitted_line: Some(line_for(earlier + start)), tokens: measured.frame + line_tokens + kept }
}

/// Where the kept end of a history starts.
///
/// The start is one of fixed places that lie about 30 % of the room apart and depend only on the history's beginning. So
/// it stays where it is while messages are added, until the room is full; then about 70 % of it remain, and the prompt's
/// prefix is cached again for several turns. Rooms below the full one are rounded down in steps of 30 %, so that the start
/// does not follow every change of the other sections either. What a smaller room would keep is always kept: more room
/// never means less history.
fn first_kept(measured: &Measured<'_>, room: usize, full_room: usize) -> usize {
    let mut start = newest_that_fit(&measured.items, room);
    let mut stepped_room = full_room;
    while stepped_room > 0 {
        if stepped_room <= room {
            start = start.min(first_place(measured, stepped_room));
        }
        // In u128, because a section without a ceiling has all the room there is.
        stepped_room = usize::try_from(stepped_room as u128 * 7 / 10).unwrap_or(0);
    }
    start
}

/// Never less than the newest messages that fill four tenths of the room, and never less than the newest one if it fits.
fn newest_that_fit(items: &[usize], room: usize) -> usize {
    let mut sum = 0_usize;
    let fitting = items.iter().rev().take_while(|tokens| {
        sum = sum.saturating_add(**tokens);
        sum <= room / 5 * 2
    });
    let fitting = fitting.count();
    let newest_fits = items.last().is_some_and(|tokens| *tokens <= room);
    items.len() - fitting.max(usize::from(newest_fits))
}

fn first_place(measured: &Measured<'_>, room: usize) -> usize {
    let step = (room / 10 * 3).max(1);
    // Weights stand in for tokens, because the oldest messages are not counted, and the very oldest not written out.
    let weight = |index: usize| measured.section.items[index].weight;
    let mut tail = measured.items.iter().fold(0_usize, |sum, tokens| sum.saturating_add(*tokens));
    let mut before = measured.section.earlier.weight;
    let mut last_place = None;
    for (index, tokens) in measured.items.iter().enumerate() {
        let place = before / step;
        if last_place != Some(place) && tail <= room {
            return index;
        }
        last_place = Some(place);
        before += weight(index);
        tail -= tokens;
    }
    measured.items.len()
}

fn least_relevant_first(measured: &Measured<'_>, room: usize) -> Shrunk {
    let largest = measured.section.ceiling.saturating_sub(measured.frame);
    let mut fates: Vec<Fate> = measured
        .items
        .iter()
        .map(|tokens| Fate::Cut(if *tokens > largest { TOO_LARGE } else { "less relevant than what was kept" }))
        .collect();
    let mut ranked: Vec<usize> = (0..measured.items.len()).filter(|&index| measured.items[index] <= largest).collect();
    ranked.sort_by_key(|&index| std::cmp::Reverse(measured.section.items[index].relevance));
    let mut used = 0;
    for index in ranked {
        used += measured.items[index];
        if used > room {
            used -= measured.items[index];
            break;
        }
        fates[index] = Fate::Whole;
    }
    let tokens = if used == 0 { 0 } else { used + measured.frame };
    Shrunk { fates, omitted_line: None, tokens }
}

fn sentence_end(measured: &Measured<'_>, room: usize, counter: &dyn TokenCounter) -> Shrunk {
    let mut shrunk = Shrunk::nothing(measured);
    let mut used = 0;
    for (index, tokens) in measured.items.iter().enumerate() {
        if used + tokens <= room {
            shrunk.fates[index] = Fate::Whole;
            used += tokens;
            continue;
        }
        if let Some((text, tokens)) = first_sentences(&measured.section.items[index].text, room - used, counter) {
            shrunk.fates[index] = Fate::Part(text);
            used += tokens;
        }
        break;
    }
    shrunk.tokens = if used == 0 { 0 } else { used + measured.frame };
    shrunk
}

/// The whole sentences from the start of a text that fit, marked as a part, with their tokens.
pub(super) fn first_sentences(text: &str, room: usize, counter: &dyn TokenCounter) -> Option<(String, usize)> {
    let mut used = counter.count(&format!("{PART_MARK}\n"));
    let mut end = 0;
    for sentence in text.split_inclusive(is_break) {
        // A stop inside a word or number (`3.5`, `example.com`) ends no sentence: the next piece carries on.
        let next = end + sentence.len();
        used += counter.count(sentence);
        if used > room {
            break;
        }
        end = next;
    }
    let kept = whole_sentences(text, end);
    if kept.is_empty() {
        return None;
    }
    let part = format!("{kept}{PART_MARK}");
    let tokens = counter.count(&format!("{part}\n"));
    Some((part, tokens))
}

fn is_break(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '\n' | '。' | '！' | '？' | '؟' | '।')
}

/// The whole words from the start of a line that fit into so many bytes, marked as a part.
pub(super) fn beginning(mut line: String, bytes_max: usize) -> String {
    if line.len() > bytes_max {
        line.truncate(line.floor_char_boundary(bytes_max));
        // A text without spaces ends in the middle.
        let end = line.rfind(' ').filter(|end| *end > bytes_max / 2).unwrap_or(line.len());
        line.truncate(end);
        line.push_str(PART_MARK);
    }
    line
}

/// Where the sentences and lines of a text end. A stop inside a word or number ends none.
pub(super) fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    let ends = text.char_indices().filter(|(_, c)| is_break(*c)).map(|(at, c)| at + c.len_utf8());
    ends.filter(|end| ends_sentence(text, *end))
}

fn ends_sentence(text: &str, at: usize) -> bool {
    let after = text[at..].chars().next();
    let before = text[..at].chars().next_back();
    before.is_some_and(|c| is_break(c) && !(c.is_ascii_punctuation() && after.is_some_and(|a| !a.is_whitespace())))
}

fn whole_sentences(text: &str, end: usize) -> &str {
    let mut at = end;
    while at > 0 && !ends_sentence(text, at) {
        at = text[..at].char_indices().next_back().map_or(0, |(index, _)| index);
    }
    text[..at].trim_end()
}
