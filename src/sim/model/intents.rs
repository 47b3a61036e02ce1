//! What a text wants, by its words, as the scripted agent reads it.

use super::scene::Scene;

/// The words that give an intent away, strongest first.
const SIGNS: [(&str, &[&str]); 13] = [
    (
        "opt_out",
        &[
            "stop texting",
            "stop messaging",
            "stop contacting",
            "don't text",
            "dont text",
            "do not text",
            "do not contact",
            "don't contact",
            "take me off",
            "remove me",
            "unsubscribe",
            "leave me alone",
            "no more texts",
            "lose my number",
            "quit texting",
            "stop sending",
        ],
    ),
    ("legal_threat", &["lawyer", "attorney", "sue you", "tcpa", "legal action", "report you", "ftc", "fcc"]),
    (
        "wrong_number",
        &["wrong number", "wrong person", "you have the wrong", "don't know any", "not my business", "no one here by"],
    ),
    (
        "complaint",
        &[
            "complain",
            "terrible",
            "awful",
            "worst",
            "ridiculous",
            "unacceptable",
            "furious",
            "scam",
            "rude",
            "never showed",
            "no one called",
            "nobody called",
            "harass",
            "waste of time",
            "disappointed",
        ],
    ),
    (
        "are_you_a_bot",
        &[
            "are you a bot",
            "is this a bot",
            "a robot",
            "real person",
            "is this automated",
            "are you ai",
            "an ai",
            "chatgpt",
            "are you human",
            "are you real",
            "is this a person",
        ],
    ),
    ("who", &["who is this", "who\'s this", "whos this", "who are you"]),
    (
        "wants_human",
        &[
            "a human",
            "a person",
            "talk to someone",
            "speak to someone",
            "speak with someone",
            "talk with someone",
            "your manager",
            "a rep",
            "real human",
            "someone from your team",
            "speak to maya",
            "talk to maya",
        ],
    ),
    ("cancel_meeting", &["cancel my", "cancel our", "cancel the", "call off", "need to cancel", "have to cancel"]),
    (
        "reschedule",
        &[
            "reschedule",
            "move our",
            "move my",
            "move the call",
            "different time",
            "another time",
            "can't make it",
            "cant make it",
            "can't do that time",
            "push our",
            "push it back",
            "something came up",
        ],
    ),
    (
        "not_interested",
        &[
            "not interested",
            "no thanks",
            "no thank you",
            "not for us",
            "not for me",
            "we'll pass",
            "i'll pass",
            "we are good",
            "we're good",
            "we're all set",
            "no longer interested",
            "nope",
        ],
    ),
    ("price", &["how expensive", "how pricey"]),
    (
        "objection",
        &[
            "expensive",
            "pricey",
            "steep",
            "too much",
            "can't afford",
            "cant afford",
            "no budget",
            "out of budget",
            "cheaper",
            "already have",
            "already use",
            "already got",
            "already working with",
            "another company",
            "other company",
            "competitor",
            "another quote",
            "no time",
            "too busy",
            "swamped",
            "not now",
            "bad time",
            "not right now",
            "maybe later",
            "next year",
            "think about it",
            "not sure",
            "we rent",
            "we lease",
            "i rent",
            "skeptical",
            "sounds too good",
        ],
    ),
    ("price", &["price", "pricing", "cost", "how much", "quote", "rates", "payment", "financ", "per month", "monthly"]),
];
const STRONG_BOOKING: [&str; 12] = [
    "book",
    "schedule",
    "appointment",
    "set up a call",
    "set up a time",
    "call me",
    "meet",
    "talk this week",
    "hop on",
    "give me a call",
    "send me the link",
    "availability",
];
const WEAK_BOOKING: [&str; 13] = [
    "available",
    "calendar",
    "when can",
    "free on",
    "free at",
    "free tomorrow",
    "tomorrow",
    "next week",
    "this week",
    "talk",
    "call",
    "works",
    "time",
];
const AGREEMENT: [&str; 13] = [
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "sounds good",
    "sounds great",
    "let's do it",
    "perfect",
    "great",
    "works",
    "please do",
];
const SMALL_TALK: [&str; 12] = [
    "hi",
    "hello",
    "hey",
    "good morning",
    "good afternoon",
    "thanks",
    "thank you",
    "thx",
    "cool",
    "appreciate",
    "have a great",
    "lol",
];

/// The intent of the newest texts, by the name the schema gives it; `who` besides, for "who is this?".
pub(super) fn intent_of(scene: &Scene) -> &'static str {
    let said = scene.said.as_str();
    let bare = said.trim_matches(|c: char| !c.is_alphanumeric());
    if bare == "stop" {
        return "opt_out";
    }
    if let Some((intent, _)) = SIGNS.iter().find(|(_, signs)| signs.iter().any(|sign| has(said, sign))) {
        return intent;
    }
    if STRONG_BOOKING.iter().any(|sign| has(said, sign)) || picked(scene).is_some() {
        return "booking";
    }
    if names_a_day(said) {
        return "booking";
    }
    if is_question(said) && best_passage(scene).is_some() {
        return "product_question";
    }
    if WEAK_BOOKING.iter().any(|sign| has(said, sign)) {
        return "booking";
    }
    let asked = scene.ours.last().is_some_and(|ours| ours.contains('?'));
    if asked && AGREEMENT.iter().any(|sign| has(said, sign)) {
        return "booking";
    }
    if is_question(said) {
        return "product_question";
    }
    if SMALL_TALK.iter().any(|sign| has(said, sign)) { "small_talk" } else { "other" }
}

/// Many leads leave the question mark out.
fn is_question(said: &str) -> bool {
    const OPENINGS: [&str; 12] =
        ["what", "whats", "how", "do", "does", "can", "is", "are", "who", "where", "will", "which"];
    said.contains('?') || said.split(|c: char| !c.is_alphanumeric()).next().is_some_and(|w| OPENINGS.contains(&w))
}

/// Whether the phrase stands in the text at the start of a word; phrases of one short word must be the whole word.
pub(super) fn has(said: &str, phrase: &str) -> bool {
    said.match_indices(phrase).any(|(at, _)| {
        let begins = said[..at].chars().next_back().is_none_or(|c| !c.is_alphanumeric());
        let ends = said[at + phrase.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric());
        begins && (ends || phrase.len() > 5)
    })
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn names_a_day(said: &str) -> bool {
    DAYS.iter().any(|day| has(said, day))
}

/// The slot a text accepts: `first`, `second`, or a day or an hour that only one slot has, with words of agreement.
pub(super) fn picked(scene: &Scene) -> Option<u32> {
    let said = scene.said.as_str();
    let offered = offered_before(scene);
    let agrees =
        AGREEMENT.iter().chain(&["good", "i can do", "let's do", "lets do", "take"]).any(|sign| has(said, sign));
    if has(said, "first") || has(said, "earlier one") {
        return offered.first().copied();
    }
    if has(said, "second") || has(said, "later one") {
        return offered.get(1).copied();
    }
    if has(said, "either") || has(said, "both work") || has(said, "any of those") {
        return offered.first().copied();
    }
    let short = said.split_whitespace().count() <= 4 && !said.contains('?');
    if !(agrees || short) || said.contains("what about") {
        return None;
    }
    let scored = scene.slots.iter().map(|(number, label)| (fit(said, label), *number));
    let scored: Vec<(u32, u32)> = scored.filter(|(score, _)| *score > 0).collect();
    let best = scored.iter().map(|(score, _)| *score).max()?;
    let mut winners = scored.iter().filter(|(score, _)| *score == best).map(|(_, number)| *number);
    let winner = winners.next()?;
    match winners.next() {
        None => Some(winner),
        // Several fit alike: the one we offered before, if that is clear.
        Some(_) => offered.iter().copied().find(|number| scored.contains(&(best, *number))),
    }
}

/// The slots that our last message named, in its order; all of them when it named none.
fn offered_before(scene: &Scene) -> Vec<u32> {
    let last = scene.ours.last().map(|ours| ours.to_lowercase()).unwrap_or_default();
    let place = |label: &str| {
        let bare = label.rsplit_once(' ').map_or(label, |(bare, _)| bare);
        last.find(label).or_else(|| last.find(bare))
    };
    let mut named: Vec<(usize, u32)> =
        scene.slots.iter().filter_map(|(number, label)| Some((place(label)?, *number))).collect();
    named.sort_unstable();
    if named.is_empty() {
        return scene.slots.iter().map(|(number, _)| *number).collect();
    }
    named.into_iter().map(|(_, number)| number).collect()
}

/// How well a slot's label fits what was said: the day counts two, the hour two, the half of the day one.
pub(super) fn fit(said: &str, label: &str) -> u32 {
    let day = DAYS.iter().filter(|day| has(said, day) || has(said, &day[..3])).any(|day| label.starts_with(&day[..3]));
    let hour = label.split(" at ").nth(1).and_then(|time| time.split([':', ' ']).next()).unwrap_or_default();
    let said_hour = !hour.is_empty()
        && said
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| word == hour || word == format!("{hour}am") || word == format!("{hour}pm"));
    let half =
        (said.contains("morning") && label.contains("am")) || (said.contains("afternoon") && label.contains("pm"));
    2 * u32::from(day) + 2 * u32::from(said_hour) + u32::from(half)
}

/// The passage that shares most words with the texts; none when nothing telling is shared.
pub(super) fn best_passage(scene: &Scene) -> Option<usize> {
    // "How does it work?" shares no telling word with the answer, which is how it begins.
    let asks_how = ["how does it work", "how does this work", "how it works", "next step"];
    let said = if asks_how.iter().any(|sign| has(&scene.said, sign)) { "intro survey quote" } else { &scene.said };
    let words = telling(said);
    let shared = |passage: &super::scene::Passage| {
        let there = telling(&format!("{} {}", passage.title, passage.text).to_lowercase());
        words.iter().filter(|word| there.contains(word)).count()
    };
    let scored = scene.knowledge.iter().map(shared).enumerate();
    // Of equals the first: the prompt puts the most relevant first.
    let best = scored.rev().max_by_key(|(_, score)| *score)?;
    (best.1 > 0).then_some(best.0)
}

/// Words of four letters and more, cut to five so that `install` meets `installation` and `hail` meets `hails`; no filler.
fn telling(text: &str) -> Vec<String> {
    const FILLER: [&str; 24] = [
        "about", "there", "their", "would", "could", "should", "what", "whats", "your", "have", "with", "does", "that",
        "this", "happen", "happens", "much", "work", "works", "when", "will", "know", "want", "other",
    ];
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() >= 4 && !FILLER.contains(word));
    words.map(|word| word.trim_end_matches('s').chars().take(5).collect()).collect()
}
