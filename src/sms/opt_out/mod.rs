//! Does a text ask us to stop? Decided before any model is called, and no model can overrule a yes
//! (`never-after-stop`).
//!
//! 47 CFR 64.1200(a)(10): the listed words revoke consent by themselves; any other wording does when a reasonable
//! person would read it so. What is uncertain is held for a person, and nothing is sent.

mod concepts;
mod english;
mod features;
mod grammar;
mod learned;
mod near_misses;
mod opt_in;
mod romance;
mod spelling;
mod words;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

pub use opt_in::{asks_again, is_held_by_carrier, is_opt_in, may_mean_a_meeting, takes_back};

use grammar::{Phrase, compiled};
use near_misses::{INVITES, LAUGHING, LIMITS, PLAYFUL, TEXTING};
use spelling::{canonical, unstretched, without_fillers};
use words::{COURTESIES, STOP_WORDS, WEAK_WORDS};

use super::fold::{Cut, fold, latin_twin};
use super::recent::Recent;

/// What a text means for texting its sender again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OptOutVerdict {
    /// An opt-out: nothing is sent to that phone any more.
    Stop,
    /// Perhaps one: nothing is sent until a person has looked.
    Hold,
    /// Not one.
    Keep,
}

/// What a text means for texting its sender again, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OptOut {
    /// What it means.
    pub verdict: OptOutVerdict,
    /// The rule that decided, for the record; `none` when nothing matched.
    pub rule: &'static str,
    /// A sentence for the rep; empty when nothing matched.
    pub reason: String,
}

impl OptOutVerdict {
    fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Hold => "hold",
            Self::Keep => "keep",
        }
    }
}

impl OptOut {
    fn keep(rule: &'static str) -> Self {
        Self { verdict: OptOutVerdict::Keep, rule, reason: String::new() }
    }

    fn stop(rule: &'static str, words: &str) -> Self {
        let reason = format!("The lead asked not to be texted (\"{}\").", words.trim());
        Self { verdict: OptOutVerdict::Stop, rule, reason }
    }

    fn hold(rule: &'static str, words: &str) -> Self {
        let reason = match rule {
            "wrong_number" => "The lead says that this is a wrong number.".to_owned(),
            _ => format!("The lead may be asking not to be texted (\"{}\"): a person must decide.", words.trim()),
        };
        Self { verdict: OptOutVerdict::Hold, rule, reason }
    }
}

struct Rules {
    certain: Vec<(&'static str, Regex)>,
    first: Vec<(&'static str, Regex)>,
    near_misses: Vec<Regex>,
    limits: Regex,
    invites: Regex,
    texting: Regex,
    stop: Vec<(&'static str, Regex)>,
    hold: Vec<(&'static str, Regex)>,
    reaction: Regex,
    signature: Regex,
    last_word: Regex,
    plain_clause: Regex,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let all = |phrases: &[&[Phrase]]| {
        phrases.iter().copied().flatten().map(|phrase| (phrase.name, compiled(phrase.pattern))).collect()
    };
    let near_misses = near_misses::NEAR_MISSES.iter().chain(romance::NEAR_MISSES);
    Rules {
        certain: all(&[english::CERTAIN]),
        first: all(&[english::FIRST]),
        near_misses: near_misses.map(|pattern| compiled(pattern)).collect(),
        limits: compiled(LIMITS),
        invites: compiled(INVITES),
        texting: compiled(TEXTING),
        stop: all(&[english::STOP, romance::STOP]),
        hold: all(&[near_misses::HOLD, romance::HOLD]),
        reaction: compiled(
            r#"(?is)^\s*(?:liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted .{1,12} to|removed an? .{1,20} from)\s+[“"„«].*"#,
        ),
        plain_clause: compiled(
            r"^(?:so |and |but |then |no |ok |hey |hi )*(?:stop|quit|cease) (?:texting|messaging|contacting|writing|spamming|bothering|harassing)(?: (?:me|us|this number))?(?: (?:now|anymore|already|again|ok|thanks))?$",
        ),
        last_word: compiled(r"^(?:\w+ ){1,6}(?:stop|unsubscribe|remove|opt out|desist|discontinue)$"),
        signature: compiled(
            r"(?im)^\s*\(?(?:sent|get outlook|envoyé|enviado) (?:from|for|depuis|desde|do|de) (?:my|mon|mi|meu|ios|android)\b.*$|\((?:sent|enviado|envoyé) [^)]*\)",
        ),
    }
});

/// A keyword stands among so many words at most, courtesies included.
const COURTEOUS_WORDS_MAX: usize = 8;

/// Words before a last "stop" with which it is a thing, a question or somebody else's.
const OTHERS_STOP: &[&str] = &[
    "bus", "train", "a", "the", "non", "full", "next", "last", "first", "one", "any", "to", "cant", "wont", "dont",
    "not", "never", "my", "your", "our", "pit", "that", "will", "it", "does", "did", "doesnt", "we", "i", "they",
    "you", "rain", "short", "would", "could", "should", "lets", "gas", "quick", "every", "text", "reply", "say",
    "said", "word", "~", "us",
];

/// Words that begin a question: a "stop" at its end asks about something.
const QUESTIONS: &[&str] = &[
    "when", "what", "where", "does", "do", "did", "is", "will", "how", "which", "can", "why", "would", "if", "are",
    "should",
];

/// Bytes of lately read messages that are remembered: a turn looks at its texts several times.
const REMEMBERED_BYTES: usize = 256 * 1024;

static READ: LazyLock<Recent<OptOut>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

/// Bytes of a message that are read. A text message has at most some 1,600 characters, in several parts (carriers' limit of ten
/// segments); what is longer was not written on a phone.
const READ_BYTES_MAX: usize = 16 * 1024;

/// Reads one message, also as it looks: letters of other alphabets that look Latin may stand for those. Of a monstrous one the
/// beginning is read, and a person looks at the rest.
#[must_use]
pub fn classify(text: &str) -> OptOut {
    let beginning = readable(text);
    let read = READ.recall(beginning, classify_as_it_looks);
    if beginning.len() < text.len() && read.verdict == OptOutVerdict::Keep {
        return OptOut {
            verdict: OptOutVerdict::Hold,
            rule: "too_long",
            reason: "The text is too long to be read as a whole: a person must decide.".to_owned(),
        };
    }
    read
}

/// The part of a message that is read.
pub(crate) fn readable(text: &str) -> &str {
    &text[..text.floor_char_boundary(READ_BYTES_MAX)]
}

fn classify_as_it_looks(text: &str) -> OptOut {
    let read = classify_as_written(text);
    let as_it_looks: String = text.chars().map(latin_twin).collect();
    if read.verdict != OptOutVerdict::Keep || as_it_looks == text { read } else { classify_as_written(&as_it_looks) }
}

fn classify_as_written(text: &str) -> OptOut {
    let text = without_signature(text);
    let read = Read::of(&text);
    read.certain().unwrap_or_else(|| learned::weigh(&text, read.by_rules()))
}

fn without_signature(text: &str) -> Cow<'_, str> {
    RULES.signature.replace_all(text, "")
}

/// A text without its signature, in the forms that are looked at.
struct Read<'a> {
    text: &'a str,
    /// All of it, folded.
    whole: String,
    /// Keywords alone are known without it.
    asked: OnceCell<Asked>,
}

impl<'a> Read<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, whole: fold(text, Cut::Lines).join(" "), asked: OnceCell::new() }
    }

    fn asked(&self) -> &Asked {
        self.asked.get_or_init(|| Asked::read(self.text))
    }

    /// What needs no weighing: a reaction to a text of ours, a wish to be texted again, a keyword, a sign, or a clause that says
    /// "stop texting me" and no more, whatever else the text says.
    fn certain(&self) -> Option<OptOut> {
        if RULES.reaction.is_match(self.text) {
            return Some(OptOut::keep("reaction"));
        }
        if self.whole.is_empty() {
            return Some(by_emoji(self.text));
        }
        if opt_in::is_wish(&self.whole) {
            return Some(OptOut::keep("asks_again"));
        }
        keyword(&self.whole).map(|word| OptOut::stop("keyword", &word)).or_else(|| by_plain_clause(self.asked()))
    }

    fn by_rules(&self) -> OptOut {
        let asked = self.asked();
        by_certain_phrase(asked)
            .or_else(|| by_first_words(asked))
            .or_else(|| by_phrase(asked))
            .or_else(|| by_keyword_among_others(&self.whole, asked))
            .or_else(|| by_last_word(asked))
            .or_else(|| by_doubt(asked))
            .or_else(|| by_stray_stop(asked, self.text))
            .unwrap_or_else(|| OptOut::keep("none"))
    }
}

/// What is asked, in the forms that rules look at.
struct Asked {
    /// All of it, in one spelling, without words that only say how it is asked.
    whole: String,
    /// Sentences as they stand, in one spelling, without words that only say how it is asked.
    sentences: Vec<String>,
    /// The same, with near misses taken out.
    telling: Vec<String>,
    /// Clauses, without such words.
    clauses: Vec<String>,
    /// Somebody laughs.
    playful: bool,
    /// It names a better way to be reached.
    elsewhere: bool,
}

impl Asked {
    fn read(text: &str) -> Self {
        let in_one_spelling = |cut| fold(text, cut).into_iter().map(|part| canonical(&part)).collect::<Vec<_>>();
        let mut sentences = in_one_spelling(Cut::Lines);
        let whole = without_fillers(&sentences.join(" "));
        let broken = in_one_spelling(Cut::Sentences);
        sentences.extend(broken.into_iter().filter(|sentence| !sentences.contains(sentence)).collect::<Vec<_>>());
        let playful = text.contains(LAUGHING)
            || sentences.iter().any(|sentence| sentence.split(' ').any(|word| PLAYFUL.contains(&word)));
        let bare: Vec<String> = sentences.iter().map(|sentence| without_fillers(sentence)).collect();
        let telling = bare.iter().map(|sentence| without_near_misses(sentence)).collect();
        let clauses = in_one_spelling(Cut::Clauses).iter().map(|clause| without_fillers(clause)).collect();
        let elsewhere = RULES.invites.is_match(&whole);
        Self { whole, sentences: bare, telling, clauses, playful, elsewhere }
    }

    /// It says when or where, not whether.
    fn is_bounded(&self) -> bool {
        self.telling.iter().any(|sentence| RULES.limits.is_match(sentence))
    }

    /// A wish, unless the text names a better way to be reached: then it is about calls or mail, or a person looks.
    fn stop_unless_elsewhere(&self, rule: &'static str, words: &str) -> OptOut {
        let is_final =
            ["list", "remove", "unsubscribe", "opt_out", "consent", "number"].iter().any(|part| rule.contains(part));
        if !self.elsewhere || is_final {
            OptOut::stop(rule, words)
        } else if RULES.texting.is_match(words) {
            OptOut::hold("another_way", words)
        } else {
            OptOut::keep("another_way")
        }
    }
}

/// The keyword that the words are, also misspelt or stretched.
fn keyword(words: &str) -> Option<String> {
    let known = |words: &str| STOP_WORDS.contains(&words).then(|| words.to_owned());
    // "S T O P", "ST OP" and "stopstop".
    let squeezed = words.replace(' ', "");
    let is_stops = !squeezed.is_empty() && squeezed.replace("stop", "").is_empty();
    known(words).or_else(|| known(&unstretched(words))).or_else(|| known(&canonical(words))).or_else(|| {
        // "Reply STOP2END" is what some programs ask for.
        let is_joined =
            matches!(squeezed.as_str(), "nostop" | "unsubscribe" | "optout" | "stop2end" | "stop2quit" | "stop2");
        (is_stops || is_joined || words == "stopit").then(|| words.to_owned())
    })
}

fn by_emoji(text: &str) -> OptOut {
    if text.contains(['🛑', '⛔', '🚫']) {
        OptOut::stop("stop_emoji", text)
    } else if text.contains(['👎', '🖕', '✋', '🤚', '❌']) {
        OptOut::hold("refusing_emoji", text)
    } else {
        OptOut::keep("none")
    }
}

fn by_certain_phrase(asked: &Asked) -> Option<OptOut> {
    let parts = asked.sentences.iter().chain([&asked.whole]);
    let (rule, words) = parts.into_iter().find_map(|part| first_match(&RULES.certain, part))?;
    Some(asked.stop_unless_elsewhere(rule, words))
}

fn by_first_words(asked: &Asked) -> Option<OptOut> {
    asked.clauses.iter().find_map(|clause| {
        let (rule, words) = first_match(&RULES.first, clause)?;
        (!asked.is_bounded()).then(|| asked.stop_unless_elsewhere(rule, words))
    })
}

fn by_plain_clause(asked: &Asked) -> Option<OptOut> {
    let clause = asked.clauses.iter().find(|clause| RULES.plain_clause.is_match(clause))?;
    (!asked.elsewhere && !asked.playful && !asked.is_bounded()).then(|| OptOut::stop("stop_texting", clause))
}

fn by_phrase(asked: &Asked) -> Option<OptOut> {
    let mut doubtful = None;
    for sentence in &asked.telling {
        for (rule, pattern) in &RULES.stop {
            let Some(found) = pattern.find(sentence) else { continue };
            let read = if RULES.limits.is_match(&sentence[found.end()..]) {
                OptOut::hold("bounded_wish", sentence)
            } else {
                asked.stop_unless_elsewhere(rule, found.as_str())
            };
            if read.verdict == OptOutVerdict::Stop {
                return Some(read);
            }
            doubtful = doubtful.or(Some(read));
        }
    }
    doubtful
}

fn by_keyword_among_others(whole: &str, asked: &Asked) -> Option<OptOut> {
    let parts = std::iter::once(whole).chain(asked.telling.iter().chain(&asked.clauses).map(String::as_str));
    let mut weak = None;
    for part in parts {
        let Some(word) = keyword_without_courtesies(part) else { continue };
        if WEAK_WORDS.contains(&word.as_str()) {
            weak = weak.or(Some(word));
        } else if asked.playful {
            return Some(OptOut::hold("keyword_in_play", &word));
        } else {
            return Some(OptOut::stop("keyword_among_others", &word));
        }
    }
    weak.map(|word| OptOut::hold("weak_keyword_among_others", &word))
}

/// "stop" as the last of a few words.
fn by_last_word(asked: &Asked) -> Option<OptOut> {
    let clauses: Vec<String> = asked.clauses.iter().map(|clause| without_near_misses(clause)).collect();
    let last = asked.telling.iter().chain(&clauses).find(|part| {
        let words: Vec<&str> = part.split(' ').collect();
        let before = words.len().checked_sub(2).map_or("", |place| words[place]);
        RULES.last_word.is_match(part) && !OTHERS_STOP.contains(&before) && !QUESTIONS.contains(&words[0])
    })?;
    Some(if asked.playful { OptOut::hold("keyword_in_play", last) } else { OptOut::stop("last_word", last) })
}

fn by_doubt(asked: &Asked) -> Option<OptOut> {
    let found = asked.telling.iter().find_map(|part| first_match(&RULES.hold, part));
    found.map(|(rule, words)| OptOut::hold(rule, words))
}

/// "stop" in a few words that no rule knows, or a stop sign beside words.
fn by_stray_stop(asked: &Asked, text: &str) -> Option<OptOut> {
    let stray = asked.telling.iter().find(|sentence| {
        let words: Vec<&str> = sentence.split(' ').collect();
        words.len() <= 4 && words.contains(&"stop") && !QUESTIONS.contains(&words[0])
    });
    match stray {
        Some(sentence) => Some(OptOut::hold("stop_in_few_words", sentence)),
        None if text.contains(['🛑', '⛔']) => Some(OptOut::hold("stop_emoji_beside_words", text)),
        None => None,
    }
}

fn first_match<'a>(rules: &'a [(&'static str, Regex)], sentence: &'a str) -> Option<(&'static str, &'a str)> {
    rules.iter().find_map(|(rule, pattern)| Some((*rule, pattern.find(sentence)?.as_str())))
}

fn without_near_misses(sentence: &str) -> String {
    let mut sentence = sentence.to_owned();
    for pattern in &RULES.near_misses {
        if pattern.is_match(&sentence) {
            sentence = pattern.replace_all(&sentence, "~").into_owned();
        }
    }
    sentence
}

/// The keyword in a part once courtesies are taken off its ends, in whatever order.
fn keyword_without_courtesies(part: &str) -> Option<String> {
    if part.split(' ').count() > COURTEOUS_WORDS_MAX {
        return None;
    }
    keyword(part).or_else(|| {
        COURTESIES.iter().find_map(|courtesy| {
            let before = part.strip_prefix(courtesy).and_then(|rest| rest.strip_prefix(' '));
            let after = part.strip_suffix(courtesy).and_then(|rest| rest.strip_suffix(' '));
            before.and_then(keyword_without_courtesies).or_else(|| after.and_then(keyword_without_courtesies))
        })
    })
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod training;
