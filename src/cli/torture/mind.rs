//! The simulated leads' words, and a model that says which of them it answers.
//!
//! Every question has a made-up word of its own, and every reply repeats the words of the texts it answers. So what was
//! answered, how often and by what can be read from the texts that left, whatever Rapport's own records say.

use serde_json::{Value, json};

const SYLLABLES: [&str; 16] =
    ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "ha"];
/// What every made-up word begins with, so that it is told from all others.
const STEM: &str = "qu";

/// The made-up word of the `n`-th question.
pub(super) fn word(n: usize) -> String {
    let syllable = |shift: u32| SYLLABLES[(n >> shift) % SYLLABLES.len()];
    format!("{STEM}{}{}{}", syllable(8), syllable(4), syllable(0))
}

/// Which question a made-up word belongs to.
pub(super) fn number(word: &str) -> Option<usize> {
    let syllables = word.strip_prefix(STEM)?.as_bytes().chunks(2);
    syllables.into_iter().try_fold(0, |number, syllable| {
        let place = SYLLABLES.iter().position(|known| known.as_bytes() == syllable)?;
        Some(number * SYLLABLES.len() + place)
    })
}

/// A question about a word.
pub(super) fn question(word: &str) -> String {
    format!("Could you tell me more about the {word} option please?")
}

/// The made-up words in a text, in their order, each once.
pub(super) fn words_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_lowercase()) {
        if word.len() == STEM.len() + 6 && number(word).is_some() && !found.iter().any(|known| known == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// What the model answers: it repeats the words of the new texts.
pub(super) fn answer(request: &Value) -> String {
    let texts: Vec<&str> = request["messages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|message| message["content"].as_str())
        .filter_map(|content| content.rsplit_once("<new_texts>")?.1.split_once("</new_texts>").map(|(new, _)| new))
        .collect();
    let words = words_in(&texts.join(" "));
    let reply = match words.as_slice() {
        [] => "Happy to help. What would you like to know?".to_owned(),
        words => format!("Sure, here is more about {}.", words.join(" and ")),
    };
    json!({
        "text": reply, "intent": "product_question", "facts_used": [], "slots_named": [], "wants_human": false,
        "opt_out": false, "confidence": 0.9, "reason": "It answers the question.",
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_has_a_word_of_its_own_that_is_found_again() {
        let words: std::collections::BTreeSet<String> = (0..4096).map(word).collect();
        assert_eq!(words.len(), 4096);
        assert_eq!(words_in(&question(&word(77))), [word(77)]);
        assert_eq!(number(&word(1234)), Some(1234));
        assert!(words_in("quite a quick question, quoth the queen").is_empty());
    }
}
