//! How states, times and amounts are said to a rep.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::conversation::placeholder::told;
use crate::conversation::{Author, Verdict};
use crate::store::lane::State;

/// A state as the desk shows it: never by colour alone, so always with its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateWords {
    /// In two or three words.
    pub label: &'static str,
    /// The style: `act` when a person must act, `busy`, `calm` or `stop`.
    pub tone: &'static str,
}

/// The words for `state`.
pub(super) fn state_words(state: State) -> StateWords {
    let (label, tone) = match state {
        State::Quiet => ("Nothing to do", "calm"),
        State::Working => ("Writing a reply", "busy"),
        State::DraftWaiting => ("Draft waiting", "act"),
        State::Sending => ("Sending", "busy"),
        State::HandedOff => ("Needs you", "act"),
        State::TakenOver => ("A rep is texting", "calm"),
        State::OptedOut => ("Opted out", "stop"),
        State::Parked => ("Stuck", "act"),
    };
    StateWords { label, tone }
}

/// Who wrote a message, for the line under it.
pub(super) fn author_words(author: Author) -> &'static str {
    match author {
        Author::Lead => "Lead",
        Author::Agent => "Rapport",
        Author::Rep => "Rep, in Close",
        Author::Workflow => "Close workflow",
    }
}

/// A check's verdict.
pub(super) fn verdict_words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "Passed",
        Verdict::Mended => "Put right",
        Verdict::Regenerate => "Sent back to the model",
        Verdict::Hold => "Held for you",
        Verdict::Block => "Blocked",
    }
}

/// What became of a turn, from the name in its record.
pub(super) fn outcome_words(outcome: &str) -> String {
    match outcome {
        "send" => "Sent by itself".to_owned(),
        "draft" => "Put before a rep".to_owned(),
        "hand_off" => "Handed to a rep".to_owned(),
        "silence" => "Stayed silent".to_owned(),
        "opt_out" => "Opted out".to_owned(),
        "superseded" => "Thrown away: the conversation moved on".to_owned(),
        "failed" => "Failed".to_owned(),
        other => plain(other),
    }
}

/// A name from a record as words: `product_question` becomes `product question`.
pub(super) fn plain(name: &str) -> String {
    name.replace(['_', '-'], " ")
}

/// How long ago, in the shortest words that are still exact enough.
pub(super) fn age(now: Timestamp, at: Timestamp) -> String {
    let seconds = now.duration_since(at).as_secs();
    match seconds {
        ..45 => "just now".to_owned(),
        45..5_400 => format!("{} min ago", ((seconds + 30) / 60).max(1)),
        5_400..129_600 => format!("{} h ago", (seconds + 1_800) / 3_600),
        129_600..2_592_000 => format!("{} days ago", (seconds + 43_200) / 86_400),
        _ => at.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b %Y").to_string(),
    }
}

/// A date and time where the reader's zone is not known; the script writes it anew in the browser's zone.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_zoned_datetime(TimeZone::UTC).strftime("%-d %b, %H:%M UTC").to_string()
}

/// A phone number in groups, where the country's grouping is known to us.
pub(super) fn phone(e164: &str) -> String {
    match e164.strip_prefix("+1") {
        Some(rest) if rest.len() == 10 && rest.bytes().all(|b| b.is_ascii_digit()) => {
            format!("({}) {}-{}", &rest[..3], &rest[3..6], &rest[6..])
        }
        _ => e164.to_owned(),
    }
}

/// `text` without the characters that turn the order of what stands beside them: an override in a lead's words would reach into
/// the desk's own (Unicode UAX #9).
pub(super) fn in_order(text: &str) -> String {
    text.chars().filter(|c| !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')).collect()
}

/// `text` with each `name` in it set apart, so that one that is written from right to left takes nothing beside it along.
pub(super) fn apart(text: &str, name: &str) -> String {
    let name = name.trim();
    if name.is_empty() { text.to_owned() } else { text.replace(name, &format!("\u{2068}{name}\u{2069}")) }
}

/// A reason from the records for a rep: without what only the model can do, who alone writes placeholders, and with instants
/// as times in the organisation's `zone`.
pub(super) fn for_rep(reason: &str, zone: &str) -> String {
    let reason = in_order(reason);
    let names_placeholder = |sentence: &&str| ["{slot", "{booking_link"].iter().any(|name| sentence.contains(name));
    let told: Vec<&str> = reason.split_inclusive(". ").filter(|sentence| !names_placeholder(sentence)).collect();
    let told =
        if told.is_empty() { reason.split("; known are").next().unwrap_or_default().to_owned() } else { told.concat() };
    told.trim().split(' ').map(|word| with_time(word, zone)).collect::<Vec<_>>().join(" ")
}

fn with_time(word: &str, zone: &str) -> String {
    let instant = word.trim_end_matches(['.', ',', ';', ')']);
    match instant.parse::<Timestamp>() {
        Ok(at) => format!("{}{}", told(at, zone), &word[instant.len()..]),
        Err(_) => word.to_owned(),
    }
}

/// `words` as they begin a sentence; names of people stand in records as they were given.
pub(super) fn begun(words: &str) -> String {
    let mut chars = words.trim().chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}

/// The first `limit` characters on one line, with an ellipsis if there are more.
pub(super) fn snippet(text: &str, limit: usize) -> String {
    let text = in_order(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= limit {
        return line;
    }
    let mut cut: String = line.chars().take(limit).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::clock::after;

    #[test]
    fn ages_read_as_people_say_them() {
        let at = Timestamp::UNIX_EPOCH;
        let said = |seconds| age(after(at, Duration::from_secs(seconds)), at);
        assert_eq!(said(5), "just now");
        assert_eq!(said(60), "1 min ago");
        assert_eq!(said(59 * 60), "59 min ago");
        assert_eq!(said(3 * 3600), "3 h ago");
        assert_eq!(said(2 * 86_400), "2 days ago");
        assert_eq!(said(86_400 * 60), "1 Jan 1970");
        assert_eq!(age(at, after(at, Duration::from_secs(30))), "just now", "a clock ahead of ours");
    }

    #[test]
    fn a_reason_tells_a_rep_nothing_that_only_the_model_can_do() {
        let told = |reason| for_rep(reason, "America/Denver");
        let time = "The reply has a time that no calendar holds: \"3 pm\". Name a time as {slot:N} only.";
        assert_eq!(told(time), "The reply has a time that no calendar holds: \"3 pm\".");
        let unknown = "{first_name} is not a known placeholder; known are {slot:N}, {booking_link}";
        assert_eq!(told(unknown), "{first_name} is not a known placeholder");
        assert_eq!(
            told("It waits for a legal hour, until 2026-12-01T17:00:00Z. Quiet."),
            "It waits for a legal hour, until Tue, Dec 1 at 10:00 AM MST. Quiet."
        );
        assert_eq!(told("He wrote \"\u{202e}abc\"."), "He wrote \"abc\".");
    }

    #[test]
    fn a_name_takes_nothing_beside_it_along() {
        assert_eq!(apart("نورة (303) asks", "نورة"), "\u{2068}نورة\u{2069} (303) asks");
        assert_eq!(apart("Somebody asks", " "), "Somebody asks");
    }

    #[test]
    fn a_snippet_is_one_line_and_never_splits_a_character() {
        assert_eq!(snippet("a\n b", 10), "a b");
        assert_eq!(snippet("héé llo", 4), "héé…");
        assert_eq!(begun("rep took over."), "Rep took over.");
        assert_eq!(phone("+12025550143"), "(202) 555-0143");
        assert_eq!(phone("+442079460958"), "+442079460958");
    }
}
