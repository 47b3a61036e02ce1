//! Does every person and company in the reply come from data?

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, LazyLock};

use regex::Regex;

use super::known::{facts, given};
use super::language::language_of;
use super::name_words::{FIRST_NAMES, NOBODY, PLAIN, PLAIN_ABROAD, TITLES};
use super::pattern::exact;
use super::statements::folded;
use super::{Candidate, Outcome};
use crate::conversation::decision::Verdict::Regenerate;
use crate::sms::State;
use crate::sms::recent::Recent;

static WORD: LazyLock<Regex> = LazyLock::new(|| {
    exact(
        r"\S+@\S+|\S+://\S+|\S+\.[a-z]{2,}/\S*|[\p{L}][\p{L}'\u{2019}]*|[.!?:;\u{a1}\u{bf}()\u{22}\u{201c}\u{201d}\n\u{2022}\u{2026}\u{2600}-\u{27bf}\u{1f300}-\u{1faff}]|\d+",
    )
});

/// Somebody who does what customers or colleagues do, at the start of a sentence.
static DOER: LazyLock<Regex> = LazyLock::new(|| {
    exact(
        r"(?:^|[.!?]\s+)(?P<name>\p{Lu}[\p{L}&-]+)(?: \p{Lu}[\p{L}&-]+){0,2}(?:, our \p{L}+| (?:is (?:one of (?:our|the)|among (?:our|the)|another of our|also on our)|does (?:our|the|all|most)|is on our|uses?|used|loves?|loved|recommends?|recommended|switched|chose|trusts?|installed|signed|says?|said|told|makes?|made|builds?|built|supplies|manufactures?|handles|teaches|insures|finances|designed|founded|owns|manages|runs|(?:will|'ll|can|could|would) (?:call|ring|phone|text|email|show|meet|teach|train|greet|reach|visit|walk|ride)))\b",
    )
});

/// A place of the firm, named after where it is.
static BRANCH: LazyLock<Regex> = LazyLock::new(|| {
    exact(
        r"\b(?:[Oo]ur|[Tt]he|[Aa]) (?:other |new |second )?(?P<name>\p{Lu}\p{Ll}+)(?: \p{Lu}\p{Ll}+)* (?:site|office|branch|location|store|shop|showroom|clinic|studio|team|crew|yard|depot|warehouse)\b",
    )
});

static NAMES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| FIRST_NAMES.split(' ').collect());
static PLAINS: LazyLock<BTreeSet<&str>> = LazyLock::new(|| PLAIN.split(' ').collect());
static PLAINS_ABROAD: LazyLock<BTreeSet<&str>> = LazyLock::new(|| PLAIN_ABROAD.split_whitespace().collect());
static NOBODIES: LazyLock<BTreeSet<&str>> = LazyLock::new(|| NOBODY.split(' ').collect());

/// Whoever is greeted or thanked is named right after, in whatever letters.
const GREETINGS: &[&str] = &["hi", "hey", "hello", "hola", "thanks", "gracias", "dear", "bonjour", "oi", "ola"];

pub(super) fn invented_name(candidate: &Candidate<'_>) -> Outcome {
    let known = known_words(candidate);
    let word = unknown_word(candidate.text, &known)
        .or_else(|| unknown_doer(candidate.text, &known))
        .or_else(|| unknown_branch(candidate.text, candidate))?;
    Some((Regenerate, format!("The reply has a name that no data holds: \"{word}\". Leave it out.")))
}

fn unknown_word(text: &str, known: &[Words]) -> Option<String> {
    let (mut at_start, mut before) = (true, String::new());
    let is_abroad = language_of(text) != Some("English");
    let is_plain = |word: &str| PLAINS.contains(word) || is_abroad && PLAINS_ABROAD.contains(word);
    for found in WORD.find_iter(text) {
        let word = found.as_str();
        if !word.starts_with(char::is_alphanumeric) || word.contains(['@', '/', '.']) {
            // What follows a link or the end of a sentence begins one; what follows "Dr." does not.
            at_start = !(word == "." && TITLES.contains(&before.as_str()));
            continue;
        }
        let plain = plain(word);
        let capitalised = word.chars().next().is_some_and(char::is_uppercase);
        // A word all in capitals is loud or an abbreviation, and "I'll" begins with a capital always.
        let is_shout = is_all_capitals(word) || word.strip_suffix('s').is_some_and(is_abbreviation);
        let is_first_name = NAMES.contains(plain.as_str());
        let looks_like_name = capitalised && !is_shout && (!at_start || is_first_name)
            || is_first_name && GREETINGS.contains(&before.as_str());
        let is_zone = ZONES.contains(&plain.as_str()) && (ends_clock(&before) || is_read_as_zone(&text[found.end()..]));
        at_start = false;
        before.clone_from(&plain);
        if looks_like_name
            && !is_zone
            && !is_plain(&plain)
            && !is_known(&plain, known)
            && !is_contraction_of_i(word)
            && !is_state_in_question(&plain, &text[found.end()..])
        {
            return Some(word.to_owned());
        }
    }
    None
}

/// The zones of the US, which are told after a time.
const ZONES: &[&str] = &["eastern", "central", "mountain", "pacific", "atlantic"];

/// "A quarter past two, Eastern." and "Eastern time".
fn is_read_as_zone(after: &str) -> bool {
    after.is_empty() || after.starts_with([',', '.', '?', '!']) || after.starts_with(" time")
}

fn ends_clock(before: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_digit()) || ["am", "pm", "m", "noon", "oclock"].contains(&before)
}

/// "Anybody working in Wisconsin?" tells of no place. "Al" is no Alabama.
fn is_state_in_question(word: &str, after: &str) -> bool {
    let asks = after.find(['.', '!', '?']).is_some_and(|end| after[end..].starts_with('?'));
    asks && State::parse(word).is_some_and(|state| state.name().eq_ignore_ascii_case(word))
}

/// Where the firm is said to be: the place the lead lives in is no branch of it.
fn unknown_branch(text: &str, candidate: &Candidate<'_>) -> Option<String> {
    let own: Vec<Words> = given(candidate).map(words).collect();
    BRANCH.captures_iter(text).map(|found| found["name"].to_owned()).find(|name| !is_known(&plain(name), &own))
}

fn unknown_doer(text: &str, known: &[Words]) -> Option<String> {
    let doers = DOER.captures_iter(text).map(|found| {
        // "Members love it" has many of them, "Barclays is on our panel" is one.
        let is_single = found.get(0).is_some_and(|all| all.as_str().contains(" is "));
        (found["name"].to_owned(), is_single)
    });
    let unknown = doers.into_iter().find(|(name, is_single)| {
        let name = plain(name);
        let is_many = name.ends_with('s') && !is_single;
        let is_thing = ["ing", "ion", "ment", "ship"].iter().any(|end| name.ends_with(end));
        !(is_many || is_thing || is_known(&name, known) || NOBODIES.contains(name.as_str()))
    });
    unknown.map(|(name, _)| name)
}

/// A name is known in the plural too, and in the singular.
fn is_known(name: &str, known: &[Words]) -> bool {
    let has = |name: &str| known.iter().any(|of_text| of_text.contains(name));
    has(name) || name.strip_suffix('s').is_some_and(has) || has(&format!("{name}s"))
}

fn is_all_capitals(word: &str) -> bool {
    word.chars().filter(|c| c.is_alphabetic()).all(char::is_uppercase)
}

/// "PCs" and "KPIs" are many of what a capital abbreviation stands for.
fn is_abbreviation(word: &str) -> bool {
    word.chars().count() > 1 && is_all_capitals(word)
}

fn is_contraction_of_i(word: &str) -> bool {
    word.starts_with("I'") || word.starts_with("I\u{2019}")
}

/// Lower case, without accents, possessive and the verb that is drawn to it.
fn plain(word: &str) -> String {
    let word = folded(word).replace('\u{2019}', "'");
    let ends = ["'s", "'ll", "'d", "'ve"];
    ends.iter().find_map(|end| word.strip_suffix(end)).unwrap_or(&word).trim_matches('\'').replace('\'', "")
}

/// The names of the states whose postal codes stand in a text.
fn states_of(text: &str) -> Vec<&'static str> {
    let codes = text
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.len() == 2 && word.bytes().all(|b| b.is_ascii_uppercase()));
    codes.filter_map(State::parse).map(State::name).collect()
}

/// The words of a text as [`plain`] has them.
type Words = Arc<HashSet<String>>;

/// Bytes of texts whose words are remembered: every reply is held against the same knowledge.
const REMEMBERED_BYTES: usize = 256 * 1024;

static WORDS: LazyLock<Recent<Words>> = LazyLock::new(|| Recent::new(REMEMBERED_BYTES));

fn words(text: &str) -> Words {
    WORDS.recall(text, |text| Arc::new(WORD.find_iter(text).map(|found| plain(found.as_str())).collect()))
}

fn known_words(candidate: &Candidate<'_>) -> Vec<Words> {
    let ctx = candidate.ctx;
    let names = [ctx.organisation.agent_name.as_str()];
    let meetings = ctx.bookings.iter().map(|booking| booking.name.as_str()).chain(ctx.offer.meeting.as_deref());
    // Also what we said before: a name is no promise that can lapse.
    let said = ctx.history.iter().chain(&ctx.new_texts).map(|message| message.text.as_str());
    let sources = given(candidate).chain(facts(candidate)).chain(names).chain(meetings).chain(said);
    // "NC" in an address is North Carolina in a sentence.
    let texts = ctx.new_texts.iter().map(|message| message.text.as_str());
    let places = facts(candidate).chain(given(candidate)).chain(texts).flat_map(states_of);
    let labels = ctx.lead.custom.iter().map(|(label, _)| label.as_str());
    sources.chain(labels).map(words).chain(places.map(words)).collect()
}
