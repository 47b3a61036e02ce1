//! Errors as people read them.

/// An error's words with a full stop, to go on after.
pub(super) fn full_stop(words: &str) -> String {
    let words = words.trim_end();
    if words.is_empty() || words.ends_with(['.', '!', '?', '…']) { words.to_owned() } else { format!("{words}.") }
}

/// An error's words as a sentence of their own.
pub(super) fn sentence(words: &str) -> String {
    let mut chars = words.trim_start().chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    full_stop(&format!("{first}{}", chars.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_sentence_and_a_sentence_stays_one() {
        assert_eq!(sentence("could not reach it"), "Could not reach it.");
        assert_eq!(sentence("Nothing was sent."), "Nothing was sent.");
        assert_eq!(full_stop("model x rests"), "model x rests.");
        assert_eq!(sentence(""), "");
    }
}
