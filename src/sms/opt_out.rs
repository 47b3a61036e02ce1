//! Does a text ask us to stop? Decided before any model is called, and no model can overrule a yes
//! (`never-after-stop`).
//!
//! 47 CFR 64.1200(a)(10): the listed words revoke consent by themselves; any other wording does when a reasonable
//! person would read it so. What is uncertain is held for a person, and nothing is sent.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::opt_out_phrases::{
    COURTESIES, HOLD_PHRASES, LIMITS, NEAR_MISSES, Phrase, STOP_PHRASES, STOP_WORDS, WEAK_WORDS,
};

/// What a text means for texting its sender again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// Rules whose wish may be bounded in time, as in "don't text me before noon".
const BOUNDED_RULES: &[&str] = &["stop_texting_me", "do_not_text", "never_text"];

struct Compiled {
    near_misses: Vec<Regex>,
    limits: Regex,
    stop: Vec<(&'static str, Regex)>,
    hold: Vec<(&'static str, Regex)>,
    reaction: Regex,
    signature: Regex,
    last_clause: Regex,
}

#[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests")]
static PATTERNS: LazyLock<Compiled> = LazyLock::new(|| {
    let compile = |pattern: &str| Regex::new(pattern).expect("constant pattern");
    let all = |phrases: &[Phrase]| phrases.iter().map(|phrase| (phrase.name, compile(phrase.pattern))).collect();
    Compiled {
        near_misses: NEAR_MISSES.iter().map(|pattern| compile(pattern)).collect(),
        limits: compile(LIMITS),
        stop: all(STOP_PHRASES),
        hold: all(HOLD_PHRASES),
        reaction: compile(
            r#"(?is)^\s*(liked|loved|disliked|laughed at|emphasi[sz]ed|questioned|reacted .{1,12} to|removed an? .{1,20} from)\s+[“"„«].*"#,
        ),
        last_clause: compile(
            r"(?i)(?:[,:)\u{2013}\u{2014}]|\s-)\s*(?:(?:so|and|please|pls|plz|just|now) )*(?P<word>stop|unsubscribe|opt[ -]?out)\W*$",
        ),
        signature: compile(
            r"(?im)^\s*(sent|get outlook|envoyé|enviado) (from|for|depuis|desde|do|de) (my|mon|mi|meu|ios|android)\b.*$",
        ),
    }
});

/// Reads one message, also as it looks: letters of other alphabets that look Latin may stand for those.
#[must_use]
pub fn classify(text: &str) -> OptOut {
    let read = classify_as_written(text);
    let as_it_looks: String = text.chars().map(latin_twin).collect();
    if read.verdict != OptOutVerdict::Keep || as_it_looks == text { read } else { classify_as_written(&as_it_looks) }
}

fn classify_as_written(text: &str) -> OptOut {
    if PATTERNS.reaction.is_match(text) {
        return OptOut::keep("reaction");
    }
    let text = PATTERNS.signature.replace_all(text, "");
    let lines = fold(&text, true);
    let whole = lines.join(" ");
    if whole.is_empty() {
        return by_emoji(&text);
    }
    if STOP_WORDS.contains(&whole.as_str()) || STOP_WORDS.contains(&unstretched(&whole).as_str()) {
        return OptOut::stop("keyword", &whole);
    }
    let sentences: Vec<String> =
        lines.iter().chain(&fold(&text, false)).map(|line| without_near_misses(line)).collect();
    by_phrase(&sentences)
        .or_else(|| PATTERNS.last_clause.captures(&text).map(|found| OptOut::stop("last_clause", &found["word"])))
        .or_else(|| by_keyword_among_others(&whole, &sentences))
        .or_else(|| sentences.iter().find_map(|sentence| first_match(&PATTERNS.hold, sentence)).map(held))
        .or_else(|| by_stray_stop(&sentences, &text))
        .unwrap_or_else(|| OptOut::keep("none"))
}

/// True for the words by which carriers take an opt-out back: START, YES and UNSTOP.
///
/// YES is also plain English: it only means this when it comes from a person who has opted out.
#[must_use]
pub fn is_opt_in(text: &str) -> bool {
    matches!(fold(text, true).join(" ").as_str(), "start" | "yes" | "unstop")
}

/// True for the words by which people ask carriers who is texting: HELP and INFO.
#[must_use]
pub fn is_help(text: &str) -> bool {
    matches!(fold(text, true).join(" ").as_str(), "help" | "info")
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

fn by_phrase(sentences: &[String]) -> Option<OptOut> {
    let mut bounded = None;
    for sentence in sentences {
        for (rule, pattern) in &PATTERNS.stop {
            let Some(found) = pattern.find(sentence) else { continue };
            if BOUNDED_RULES.contains(rule) && PATTERNS.limits.is_match(&sentence[found.end()..]) {
                bounded = bounded.or_else(|| Some(OptOut::hold("bounded_wish", sentence)));
            } else {
                return Some(OptOut::stop(rule, found.as_str()));
            }
        }
    }
    bounded
}

fn by_keyword_among_others(whole: &str, sentences: &[String]) -> Option<OptOut> {
    let keyword = |words: &str| {
        let bare = without_courtesies(words);
        let plain = unstretched(bare);
        STOP_WORDS
            .contains(&bare)
            .then_some(bare.to_owned())
            .or_else(|| STOP_WORDS.contains(&plain.as_str()).then_some(plain))
    };
    let mut found = std::iter::once(whole).chain(sentences.iter().map(String::as_str)).filter_map(keyword).peekable();
    let first = found.peek().cloned()?;
    Some(match found.find(|word| !WEAK_WORDS.contains(&word.as_str())) {
        Some(strong) => OptOut::stop("keyword_among_others", &strong),
        None => OptOut::hold("weak_keyword_among_others", &first),
    })
}

/// "stop" in a few words that no rule knows, or a stop sign beside words.
fn by_stray_stop(sentences: &[String], text: &str) -> Option<OptOut> {
    let stray = sentences.iter().find(|sentence| {
        let words: Vec<&str> = sentence.split(' ').collect();
        words.len() <= 5 && words.iter().any(|word| unstretched(word) == "stop")
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

fn held((rule, words): (&'static str, &str)) -> OptOut {
    OptOut::hold(rule, words)
}

fn without_near_misses(sentence: &str) -> String {
    let mut sentence = sentence.to_owned();
    for pattern in &PATTERNS.near_misses {
        sentence = pattern.replace_all(&sentence, "~").into_owned();
    }
    sentence
}

fn without_courtesies(sentence: &str) -> &str {
    let mut bare = sentence.trim();
    loop {
        let shorter = COURTESIES.iter().find_map(|courtesy| {
            let before = bare.strip_prefix(courtesy).filter(|rest| rest.starts_with(' '));
            before.or_else(|| bare.strip_suffix(courtesy).filter(|rest| rest.ends_with(' ')))
        });
        match shorter {
            Some(shorter) => bare = shorter.trim(),
            None => return bare,
        }
    }
}

/// "stooooop" as "stop": runs of three or more of one letter become one.
fn unstretched(words: &str) -> String {
    let letters: Vec<char> = words.chars().collect();
    letters.chunk_by(|a, b| a == b).flat_map(|run| &run[..if run.len() >= 3 { 1 } else { run.len() }]).collect()
}

/// The Latin letter that a Cyrillic or Greek one cannot be told from by eye: a stop written with it is still a stop. A
/// selection of Unicode's confusables (UTS 39) for the letters of the keywords.
fn latin_twin(c: char) -> char {
    match c {
        'А' | 'а' | 'Α' => 'a',
        'В' | 'Β' => 'b',
        'С' | 'с' => 'c',
        'Е' | 'е' | 'Ε' => 'e',
        'І' | 'і' | 'Ι' => 'i',
        'Ј' | 'ј' => 'j',
        'К' | 'Κ' => 'k',
        'М' | 'Μ' => 'm',
        'Н' | 'Η' => 'h',
        'О' | 'о' | 'Ο' | 'ο' => 'o',
        'Р' | 'р' | 'Ρ' => 'p',
        'Ѕ' | 'ѕ' => 's',
        'Т' | 'Τ' => 't',
        'У' | 'у' | 'Υ' => 'y',
        'Х' | 'х' | 'Χ' => 'x',
        other => other,
    }
}

/// The sentences of a text in folded form; line ends part sentences when `lines` says so.
fn fold(text: &str, lines: bool) -> Vec<String> {
    let mut folded = String::with_capacity(text.len());
    let plain = text.chars().filter(|c| !is_dropped(*c)).nfkd().filter(|c| !is_combining_mark(*c));
    for c in plain.flat_map(char::to_lowercase) {
        match c {
            '.' | '!' | '?' | ';' | '¡' | '¿' | '。' | '！' | '？' => folded.push('\n'),
            '\n' | '\r' if lines => folded.push('\n'),
            c if c.is_alphanumeric() => folded.push(c),
            _ => folded.push(' '),
        }
    }
    folded
        .split('\n')
        .map(|sentence| sentence.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|sentence| !sentence.is_empty())
        .collect()
}

/// Apostrophes, so that "don't" is one word, and characters that cannot be seen.
fn is_dropped(c: char) -> bool {
    matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{2BC}' | '\u{B4}' | '`' | '\u{AD}' | '\u{FEFF}')
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FE0F}')
}

#[cfg(test)]
#[path = "opt_out_tests.rs"]
mod tests;
