//! What a model says once it has thought. Some servers leave a reasoning model's thoughts in its answer: between tags, after a tag
//! that stands in the prompt's template, or before a tag that an early end cut off.

use std::sync::LazyLock;

use regex::Regex;

/// Ends thoughts: a closing tag, or the head of the channel that holds the answer (OpenAI's harmony format).
static ENDS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)</(?:think|thinking|thoughts?|reasoning|scratchpad)\s*>|<\|message\|>").ok());
static BEGINS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)<(?:think|thinking|thoughts?|reasoning|scratchpad)\s*>|<\|channel\|>").ok());

/// The answer without thoughts, whole ones or cut off. Empty if there is nothing else.
pub(super) fn said(text: &str) -> &str {
    let (Some(ends), Some(begins)) = (ENDS.as_ref(), BEGINS.as_ref()) else { return "" };
    let after = ends.find_iter(text).last().map_or(0, |end| end.end());
    let rest = text.get(after..).unwrap_or_default();
    let before = begins.find(rest).map_or(rest.len(), |begin| begin.start());
    rest.get(..before).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANSWER: &str = r#"{"text":"We open at nine.","intent":"other"}"#;

    #[test]
    fn thoughts_are_left_out_however_they_are_marked() {
        for (before, after) in [
            ("<think>rude: {\"text\":\"Buzz off\"}</think>\n", ""),
            ("Okay, perhaps {\"text\":\"Buzz off\"}, no.\n</think>\n\n", ""),
            ("<thinking>{\"text\":\"Buzz off\"}</thinking>", ""),
            ("Ok. <think>{\"text\":\"Buzz off\"}</think>", ""),
            ("<think>a</think> b <THINK>c</Think>", ""),
            ("<|channel|>analysis<|message|>{\"text\":\"Buzz off\"}<|end|><|channel|>final<|message|>", ""),
            ("", " <think>did I say {\"text\":\"Buzz off\"}?"),
        ] {
            assert_eq!(said(&format!("{before}{ANSWER}{after}")), ANSWER, "{before}");
        }
        assert_eq!(said("<think>{\"text\":\"Buzz off\"} but I should"), "");
        assert_eq!(said("Sure, <b>nine</b>."), "Sure, <b>nine</b>.");
    }

    proptest! {
        #[test]
        fn no_word_of_a_thought_is_said(thought in "[a-z{}\": <>/]{0,40}", tag in "think|thinking|reasoning") {
            let marked = format!("<{tag}>SECRET {thought}");
            prop_assert!(!said(&marked).contains("SECRET"));
            let closed = format!("{marked}</{tag}>{ANSWER}");
            prop_assert!(!said(&closed).contains("SECRET"));
        }
    }
}
