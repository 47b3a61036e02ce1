//! Does the reply commit the firm? Told by grammar: who will or can do what, as verbs and not as phrases.

use super::commitment_words::{BETWEEN, BINDING_WITH, HARMLESS_WITH, WORDS};
use super::statements::stem;

/// Who a verb is said of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    /// We, I, the team.
    Firm,
    /// The lead.
    Lead,
    /// Anybody and anything else.
    Other,
}

/// How a verb is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Will,
    WillNot,
    Would,
    Can,
    /// "We match", "I'm holding", "let me".
    Does,
}

/// What a clause commits to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commitment {
    /// The verb, which what is known must have too.
    pub(super) verb: String,
    /// A lead is told what they can do, with a verb that grants nothing by itself: "you can use", not "you can cancel".
    pub(super) is_leave: bool,
}

/// The clauses of one sentence are read in order: "we'll check and hold it" commits with its second verb.
#[derive(Debug, Default)]
pub(super) struct Reader {
    firm_will: bool,
}

impl Reader {
    /// What this clause commits to that is no harmless offer.
    pub(super) fn commitment(&mut self, clause: &str) -> Option<Commitment> {
        let words = words_of(clause);
        if std::mem::take(&mut self.firm_will)
            && let Some(first) = words.first()
            && is_binding(Who::Firm, Mood::Can, first, &words, 0)
        {
            return Some(Commitment { verb: first.clone(), is_leave: false });
        }
        for (at, _) in words.iter().enumerate() {
            let Some((who, mood, verb_at)) = modal(&words, at) else { continue };
            self.firm_will |= who != Who::Lead && matches!(mood, Mood::Will | Mood::Can);
            let Some(verb) = words.get(verb_at) else { continue };
            let is_condition = who == Who::Lead && is_thought(&words, at);
            if !is_condition && is_binding(who, mood, verb, &words, verb_at) {
                let is_leave = who == Who::Lead && mood == Mood::Can && !WORDS.rights.contains(&stem(verb));
                return Some(Commitment { verb: verb.clone(), is_leave });
            }
        }
        None
    }
}

/// "If you think you'll get through them": what somebody thinks binds nobody, and "if harvest is poor you can skip" does.
fn is_thought(words: &[String], at: usize) -> bool {
    const CONDITIONS: &[&str] = &["if", "when", "unless", "once"];
    const THINKS: &[&str] =
        &["think", "believe", "know", "hope", "feel", "say", "decide", "see", "whether", "that", "sure"];
    let before = &words[..at];
    before.first().is_some_and(|first| CONDITIONS.contains(&first.as_str()))
        && (before.len() < 3 || before.iter().any(|word| THINKS.contains(&word.as_str())))
}

/// The words of a clause, lower case; what is contracted is written out.
fn words_of(clause: &str) -> Vec<String> {
    let plain = clause.to_lowercase().replace('\u{2019}', "'");
    let plain = plain
        .replace("won't", "will not")
        .replace("can't", "can not")
        .replace("cannot", "can not")
        .replace("n't", " not")
        .replace("'ll", " will")
        .replace("'d", " would")
        .replace("'m", " am")
        .replace("'re", " are")
        .replace("'ve", " have")
        .replace("gonna", "going to");
    let plain = plain.replace("'s going", " is going").replace("go ahead and ", "");
    plain
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

fn is_day(word: &str) -> bool {
    ["today", "tomorrow", "tonight"].contains(&word) || word.ends_with("day") && word.len() > "day".len()
}

fn is_part_of_day(word: &str) -> bool {
    ["mornings", "afternoons", "evenings", "times", "slots", "days"].contains(&word)
}

fn is_between(word: &str) -> bool {
    BETWEEN.split_whitespace().any(|known| known == word)
}

/// Who, how, and where the verb stands, when the word at `at` is the one that tells.
fn modal(words: &[String], at: usize) -> Option<(Who, Mood, usize)> {
    let word = |at: usize| words.get(at).map(String::as_str);
    let next = word(at + 1);
    let (mood, from) = match word(at)? {
        "will" | "shall" => (Mood::Will, at + 1),
        "would" => (Mood::Would, at + 1),
        "can" | "could" | "may" => (Mood::Can, at + 1),
        "going" | "happy" | "willing" | "glad" | "prepared" if next == Some("to") => (Mood::Will, at + 2),
        "welcome" | "allowed" | "free" if next == Some("to") => (Mood::Can, at + 2),
        "am" | "are" if next.is_some_and(|next| next.ends_with("ing") && next != "going") => (Mood::Does, at + 1),
        "we" | "i" => (Mood::Does, at + 1),
        "let" if next == Some("me") => return Some((Who::Firm, Mood::Does, at + 2)),
        _ => return None,
    };
    let is_condition =
        |at: usize| at > 0 && matches!(word(at - 1), Some("if" | "when" | "once" | "whenever" | "unless" | "until"));
    // "Happy to store it" is said by whoever writes.
    if at == 0 && mood == Mood::Will && from == 2 {
        return Some((Who::Firm, Mood::Can, from));
    }
    let mut subject = if matches!(word(at), Some("we" | "i")) { at } else { at.checked_sub(1)? };
    while subject > 0 && (is_between(word(subject)?) || matches!(word(subject), Some("am" | "is" | "are" | "not"))) {
        subject -= 1;
    }
    if is_condition(subject) {
        return None;
    }
    let who = match word(subject)? {
        "you" => Who::Lead,
        "we" | "i" | "team" | "staff" | "crew" | "manager" => Who::Firm,
        // A question: "could we", "when will it", "would Monday".
        "if" | "when" | "what" | "how" | "where" | "why" => return None,
        _ => Who::Other,
    };
    let negated = word(from) == Some("not") || mood == Mood::Will && word(at - usize::from(at > 0)) == Some("not");
    let mood = match (mood, negated) {
        (Mood::Will, true) => Mood::WillNot,
        (_, true) => return None,
        (mood, false) => mood,
    };
    let from = from + usize::from(word(from) == Some("not"));
    let skipped = words.get(from..)?.iter().take_while(|word| is_between(word)).count();
    let verb = from + skipped;
    // "We'll be there": what stands between may be the verb itself.
    Some((who, mood, if is_verb_between(words, from, verb) { from } else { verb }))
}

/// "be", "have", "get" and "try" are verbs unless one follows.
fn is_verb_between(words: &[String], from: usize, verb: usize) -> bool {
    let first = words.get(from).map(String::as_str);
    let led = words.get(from + 1).map(String::as_str);
    match first {
        Some("be") => !matches!(led, Some("able" | "happy" | "glad" | "sure")),
        Some("have" | "get" | "try") => led != Some("to"),
        Some("make") => true,
        _ => verb >= words.len() && from < words.len(),
    }
}

fn is_binding(who: Who, mood: Mood, verb: &str, words: &[String], at: usize) -> bool {
    let root = stem(verb);
    let after = |count: usize| {
        words.get(at + 1..).unwrap_or_default().iter().take(count).map(String::as_str).collect::<Vec<_>>()
    };
    let rest = after(12);
    let says = |any: &[&str]| rest.iter().any(|word| any.contains(word));
    let has_clock = words.iter().any(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let has_time = has_clock || words.iter().any(|word| is_day(word) || is_part_of_day(word));
    if mood == Mood::Does {
        // "We hold a licence" has it, "we hold the spot" keeps it for somebody.
        let next = rest.first().copied();
        let has = verb == "hold"
            && !matches!(next, Some("the" | "it" | "you" | "your" | "that" | "this" | "them"))
            // "We keep $150 of it" keeps nothing for a lead.
            || verb == "keep" && next.is_some_and(|next| next.starts_with(|c: char| c.is_ascii_digit()));
        return WORDS.binding_now.contains(&root) && !has && !matches!(rest.first().copied(), Some("up" | "in" | "on"));
    }
    if who == Who::Lead {
        return match mood {
            Mood::Can => {
                !WORDS.steps.contains(&root) && !is_step(verb, &rest) && (WORDS.rights.contains(&root) || begins(words))
            }
            Mood::Would => {
                WORDS.gains.contains(&root)
                    && (verb != "pay" || words.iter().any(|word| LITTLE.contains(&word.as_str())))
            }
            Mood::WillNot => true,
            _ => !WORDS.of_leads.contains(&root) || says(&["savings", "results", "difference"]),
        };
    }
    if mood == Mood::Would || mood == Mood::Can {
        let is_meeting = has_time
            && [
                "call", "ring", "phone", "come", "arrive", "begin", "get", "squeeze", "fit", "see", "offer", "have",
                "move",
            ]
            .contains(&verb);
        let takes_part =
            matches!((verb, rest.first().copied()), ("take", Some("a" | "over" | "it" | "that" | "you" | "up")));
        let binding = if who == Who::Firm { &WORDS.binding } else { &WORDS.of_skill };
        let has_ready = verb == "have" && says(&["there", "ready", "done", "finished", "delivered", "installed"]);
        return has_ready || binding.contains(&root) && !is_meeting && !takes_part && !is_harmless_use(verb, &rest);
    }
    if mood == Mood::WillNot {
        return !WORDS.left_undone.contains(&root) || who == Who::Other && verb == "need";
    }
    let is_meeting = has_clock && ["call", "ring", "phone", "come", "be", "lead"].contains(&verb);
    let harmless = match who {
        Who::Other if verb == "do" => rest == ["it"] || rest == ["the", "trick"],
        Who::Other => WORDS.of_things.contains(&root) || WORDS.of_others.contains(&root),
        _ => WORDS.harmless.contains(&root),
    };
    !(harmless && !is_binding_use(verb, &rest) || is_meeting || is_harmless_use(verb, &rest))
}

/// Words by which paying is a gain.
const LITTLE: &[&str] = &["less", "nothing", "half", "only", "no"];

/// "You can use it" grants something, "the days you can make" asks for them.
fn begins(words: &[String]) -> bool {
    words.iter().find(|word| !is_opener(word)).is_some_and(|first| first == "you")
}

fn is_opener(word: &str) -> bool {
    ["and", "but", "so", "then", "yes", "sure", "also", "later", "plus", "or"].contains(&word)
}

/// What a lead may do that nobody must allow: "have a look", "get started", "be honest".
fn is_step(verb: &str, rest: &[&str]) -> bool {
    let says = |any: &[&str]| rest.iter().any(|word| any.contains(word));
    match verb {
        "get" => says(&["started", "touch", "back", "hold", "there"]),
        "have" => says(&["look"]),
        "take" => says(&["look", "out", "here"]),
        "stop" => says(&["by", "in"]),
        "be" => !says(&["sure", "certain", "confident", "approved", "covered"]),
        "not" => true,
        _ => false,
    }
}

/// Harmless verbs that bind by what follows: "see to it", "talk them into it", "find a way", "tell the others no".
fn is_binding_use(verb: &str, rest: &[&str]) -> bool {
    let says = |any: &[&str]| rest.iter().any(|word| any.contains(word));
    match verb {
        "see" => rest.starts_with(&["to"]) && says(&["that", "you", "they"]),
        "go" => !says(&["over", "through", "with"]),
        "talk" | "speak" if says(&["into", "down"]) => true,
        "find" => says(&["way", "cheaper", "better", "lower", "discount"]),
        "tell" => {
            !matches!(rest.first(), Some(&("you" | "him" | "her" | "them" | "our" | "my" | "team" | "office")))
                && says(&["other", "others", "off"])
        }
        "help" => says(&["get", "win", "pay", "save"]),
        "start" => true,
        "wait" => says(&["payment", "payments", "money", "deposit", "rent"]),
        "ask" | "talk" | "speak" => {
            rest.iter().skip_while(|word| **word != "to").any(|word| WORDS.of_skill.contains(&stem(word)))
        }
        _ => false,
    }
}

/// Verbs that bind or not by what follows: "get back to you" and "get you a better price".
fn is_harmless_use(verb: &str, rest: &[&str]) -> bool {
    let says = |any: &[&str]| rest.iter().any(|word| any.contains(word));
    let first = rest.first().copied().unwrap_or_default();
    let listed =
        HARMLESS_WITH.iter().any(|(known, with)| *known == verb && with.split(' ').any(|word| rest.contains(&word)));
    let refuted =
        BINDING_WITH.iter().any(|(known, with)| *known == verb && with.split(' ').any(|word| rest.contains(&word)));
    listed && !refuted
        || match verb {
            "have" => first == "to",
            "take" => says(&["here", "over"]) && !says(&["payments", "lease"]),
            "set" => first == "up",
            "move" => matches!(first, "it" | "that" | "your" | "the") && !refuted,
            "do" => rest.is_empty(),
            // "Let Ann know", whose "know" may stand in another clause.
            "let" => !matches!(first, "you" | "it" | "that" | "this" | "your" | "them"),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::super::statements::clauses;
    use super::*;

    fn commits(sentence: &str) -> bool {
        let mut reader = Reader::default();
        clauses(sentence).into_iter().any(|clause| reader.commitment(clause).is_some())
    }

    #[test]
    fn whoever_says_that_the_firm_will_do_something_binds_it() {
        for text in [
            "I'll save you a spot",
            "We will match any quote",
            "we can knock a bit off",
            "Our team is going to be there by nightfall",
            "Fiona will approve that",
            "I'll check and hold it for you",
            "we match every quote",
            "I'm holding it for you",
            "let me reserve it for you",
            "I'll make sure you are first in line",
            "we'd throw in the buckets",
            "Ruth will call you tonight",
        ] {
            assert!(commits(text), "{text}");
        }
    }

    #[test]
    fn what_will_happen_to_a_lead_is_a_promise() {
        for text in [
            "You'll be approved",
            "you won't feel a thing",
            "it will sell within days",
            "your bill is going to shrink",
            "You can return it whenever",
            "you'd save a fortune",
            "it won't break",
        ] {
            assert!(commits(text), "{text}");
        }
    }

    #[test]
    fn harmless_offers_bind_nobody() {
        for text in [
            "Let me check with the team and get back to you",
            "I'll send you the booking link",
            "I can pass it to the office",
            "a colleague will look into it",
            "We could walk you through it",
            "I can't agree to that myself",
            "We can't promise a result",
            "I won't guess at a number",
            "we'd need proof of deposit",
            "Saturday would work",
            "I'd be happy to help",
            "You can pick a time here",
            "It will take about 20 minutes",
            "If you'll tell me more",
            "I'll have someone look into it",
            "I'll keep it short",
            "We can call you Thursday at 9:30",
        ] {
            assert!(!commits(text), "{text}");
        }
    }
}
