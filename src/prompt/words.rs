//! Words, for choosing playbooks and knowledge.

/// The words of a text in lower case; apostrophes are left out (`don't` is `dont`).
pub(super) fn words(text: &str) -> Vec<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\'' | '’')).flat_map(char::to_lowercase).collect();
    plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The words of a text that say what it is about, without their commonest endings.
pub(super) fn terms(text: &str) -> Vec<String> {
    words(text).into_iter().filter(|word| !is_filler(word)).map(|word| stem(&word).to_owned()).collect()
}

fn stem(word: &str) -> &str {
    let shorter = ["ings", "ing", "edly", "ed", "ies", "es", "s", "y", "e"]
        .iter()
        .filter_map(|ending| word.strip_suffix(ending))
        .find(|rest| rest.chars().count() >= 3);
    shorter.unwrap_or(word)
}

/// In alphabetical order.
const FILLERS: &[&str] = &[
    "a", "about", "also", "am", "an", "and", "any", "are", "as", "at", "be", "but", "by", "can", "could", "did", "do",
    "does", "for", "from", "get", "got", "had", "has", "have", "he", "hello", "hey", "hi", "how", "i", "id", "if",
    "ill", "im", "in", "is", "it", "its", "just", "let", "like", "me", "my", "no", "not", "of", "ok", "okay", "on",
    "or", "our", "out", "please", "she", "so", "some", "thanks", "that", "the", "their", "them", "then", "there",
    "they", "this", "to", "up", "us", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will",
    "with", "would", "yes", "you", "your",
];

fn is_filler(word: &str) -> bool {
    FILLERS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_can_be_searched() {
        assert!(FILLERS.is_sorted());
    }

    #[test]
    fn a_question_is_reduced_to_what_it_is_about() {
        assert_eq!(words("Don't CALL, ok?"), ["dont", "call", "ok"]);
        assert_eq!(terms("What are your prices?"), terms("price"));
        assert_eq!(terms("do you install batteries"), terms("installing a battery"));
    }
}
