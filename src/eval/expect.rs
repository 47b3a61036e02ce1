//! Holds what was seen against what was expected: each expectation is one small pure function.

use serde::Serialize;

use super::expectation::{Expect, Outcome, Pattern, SlotsOffered};
use super::run::Observed;
use crate::conversation::Intent;
use crate::sms::{normalise, segments};

/// How one expectation ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The expectation's key in the suite, such as `contains`.
    pub expectation: &'static str,
    /// Whether it was met.
    pub passed: bool,
    /// What was expected, in words.
    pub expected: String,
    /// What was seen, in words.
    pub seen: String,
}

/// Judges every expectation of a case, in the order of the format.
#[must_use]
pub fn judge(expect: &Expect, seen: &Observed) -> Vec<Judged> {
    let mut judged = Vec::new();
    if !expect.decision.0.is_empty() {
        judged.push(decision(&expect.decision.0, seen));
    }
    if !expect.intent.0.is_empty() {
        judged.push(intent(&expect.intent.0, seen));
    }
    judged.extend(expect.contains.0.iter().map(|words| contains(words, seen)));
    judged.extend(expect.not_contains.0.iter().map(|words| not_contains(words, seen)));
    judged.extend(expect.regex.0.iter().map(|pattern| regex(pattern, seen)));
    judged.extend(expect.segments_max.map(|max| segments_max(max, seen)));
    judged.extend(expect.slots_offered.iter().map(|slots| slots_offered(slots, seen)));
    judged.extend(expect.reason_contains.0.iter().map(|words| reason_contains(words, seen)));
    judged
}

fn decision(wanted: &[Outcome], seen: &Observed) -> Judged {
    let got = seen.decision.as_str();
    Judged {
        expectation: "decision",
        passed: wanted.iter().any(|outcome| outcome.as_str() == got),
        expected: wanted.iter().map(|outcome| outcome.as_str()).collect::<Vec<_>>().join(" or "),
        seen: got.to_owned(),
    }
}

fn intent(wanted: &[Intent], seen: &Observed) -> Judged {
    Judged {
        expectation: "intent",
        passed: seen.intent.is_some_and(|intent| wanted.contains(&intent)),
        expected: wanted.iter().map(|intent| intent.as_str()).collect::<Vec<_>>().join(" or "),
        seen: seen.intent.map_or("no intent: no model was asked", Intent::as_str).to_owned(),
    }
}

fn contains(words: &str, seen: &Observed) -> Judged {
    Judged {
        expectation: "contains",
        passed: seen.decision.text().is_some_and(|text| holds(text, words)),
        expected: format!("the reply holds {words:?}"),
        seen: reply(seen),
    }
}

/// Met when there is no reply: nothing was said.
fn not_contains(words: &str, seen: &Observed) -> Judged {
    Judged {
        expectation: "not_contains",
        passed: !seen.decision.text().is_some_and(|text| holds(text, words)),
        expected: format!("the reply does not hold {words:?}"),
        seen: reply(seen),
    }
}

fn regex(pattern: &Pattern, seen: &Observed) -> Judged {
    Judged {
        expectation: "regex",
        passed: seen.decision.text().is_some_and(|text| pattern.0.is_match(text)),
        expected: format!("the reply matches /{}/", pattern.0),
        seen: reply(seen),
    }
}

/// Met when there is no reply: it takes no segment.
fn segments_max(max: u32, seen: &Observed) -> Judged {
    let counted = seen.decision.text().map(segments::count);
    Judged {
        expectation: "segments_max",
        passed: counted.is_none_or(|counted| counted.segments <= max),
        expected: format!("at most {max} segments"),
        seen: counted.map_or_else(
            || "no reply".to_owned(),
            |counted| format!("{} segments ({} {} units)", counted.segments, counted.units, counted.encoding),
        ),
    }
}

fn slots_offered(wanted: &SlotsOffered, seen: &Observed) -> Judged {
    let (passed, expected) = match wanted {
        SlotsOffered::These(places) => (seen.slots == *places, format!("slots {}", listed(places))),
        SlotsOffered::Any => (!seen.slots.is_empty(), "at least one slot".to_owned()),
        SlotsOffered::None => (seen.slots.is_empty(), "no slot".to_owned()),
    };
    let told = if seen.slots.is_empty() { "no slot".to_owned() } else { format!("slots {}", listed(&seen.slots)) };
    Judged { expectation: "slots_offered", passed, expected, seen: told }
}

fn reason_contains(words: &str, seen: &Observed) -> Judged {
    let reason = seen.decision.reason();
    Judged {
        expectation: "reason_contains",
        passed: holds(reason, words),
        expected: format!("the reason holds {words:?}"),
        seen: if reason.is_empty() { "no reason".to_owned() } else { format!("{reason:?}") },
    }
}

/// A reply has plain characters for typographic ones, whatever an editor makes of what is expected.
fn holds(text: &str, words: &str) -> bool {
    let plain = |text| normalise(text).to_lowercase();
    plain(text).contains(&plain(words))
}

fn reply(seen: &Observed) -> String {
    seen.decision.text().map_or_else(|| "no reply".to_owned(), |text| format!("{text:?}"))
}

fn listed(places: &[u32]) -> String {
    places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conversation::Decision;

    fn sent(text: &str) -> Observed {
        Observed::of(Decision::Send { text: text.to_owned(), not_before: None })
    }

    fn drafted(reason: &str) -> Observed {
        Observed::of(Decision::Draft { text: "Hi".to_owned(), reason: reason.to_owned() })
    }

    fn stopped() -> Observed {
        Observed::of(Decision::OptOut { reason: "The lead asks not to be texted.".to_owned() })
    }

    fn expect(yaml: &str) -> Expect {
        serde_norway::from_str(yaml).expect("expectations")
    }

    /// The only expectation of `yaml`, judged.
    fn one(yaml: &str, seen: &Observed) -> Judged {
        let mut judged = judge(&expect(yaml), seen);
        assert_eq!(judged.len(), 1, "{judged:?}");
        judged.remove(0)
    }

    #[test]
    fn a_decision_is_one_of_those_expected() {
        assert!(one("decision: send", &sent("Hi")).passed);
        assert!(one("decision: [draft, hand_off]", &drafted("")).passed);
        let failed = one("decision: [draft, hand_off]", &sent("Hi"));
        assert!(!failed.passed);
        assert_eq!((failed.expected.as_str(), failed.seen.as_str()), ("draft or hand_off", "send"));
    }

    #[test]
    fn every_decision_has_one_name_in_expectations_and_records() {
        let reason = String::new;
        let all = [
            ("send", Decision::Send { text: reason(), not_before: None }),
            ("draft", Decision::Draft { text: reason(), reason: reason() }),
            ("hand_off", Decision::HandOff { reason: reason() }),
            ("silence", Decision::Silence { reason: reason() }),
            ("opt_out", Decision::OptOut { reason: reason() }),
        ];
        for (name, decision) in all {
            assert!(one(&format!("decision: {name}"), &Observed::of(decision)).passed, "{name}");
        }
    }

    #[test]
    fn an_intent_is_one_of_those_expected_and_none_is_none_of_them() {
        let seen = Observed { intent: Some(Intent::Price), ..sent("Hi") };
        assert!(one("intent: [price, objection]", &seen).passed);
        assert!(!one("intent: booking", &seen).passed);
        assert!(!one("intent: booking", &sent("Hi")).passed);
    }

    #[test]
    fn words_are_found_in_any_case() {
        assert!(one("contains: FREE site check", &sent("A free Site Check takes an hour.")).passed);
        let failed = one("contains: discount", &sent("It is free."));
        assert!(!failed.passed);
        assert_eq!(failed.seen, "\"It is free.\"");
        assert!(!one("contains: sorry", &stopped()).passed);
        assert!(one("not_contains: discount", &sent("It is free.")).passed);
        assert!(!one("not_contains: FREE", &sent("It is free.")).passed);
        assert!(one("not_contains: sorry", &stopped()).passed);
    }

    #[test]
    fn words_are_found_however_an_editor_writes_them() {
        let reply = sent("You're all set: it's 20 years - no less...");
        for words in ["“You’re all set”", "it’s", "years — no", "less…"] {
            let words = words.trim_matches(['“', '”']);
            assert!(one(&format!("contains: {words:?}"), &reply).passed, "{words}");
            assert!(!one(&format!("not_contains: {words:?}"), &reply).passed, "{words}");
        }
    }

    #[test]
    fn each_of_several_words_is_judged_by_itself() {
        let judged = judge(&expect("contains: [free, discount]"), &sent("It is free."));
        assert_eq!(judged.iter().map(|one| one.passed).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn a_pattern_is_matched_as_written() {
        assert!(one(r"regex: '\bfree\b'", &sent("It is free.")).passed);
        assert!(!one(r"regex: '\bFREE\b'", &sent("It is free.")).passed);
        assert!(one(r"regex: '(?i)\bFREE\b'", &sent("It is free.")).passed);
        assert!(!one("regex: '.*'", &stopped()).passed);
    }

    #[test]
    fn segments_are_counted_as_the_carrier_does() {
        // 3GPP TS 23.040: 160 septets fit one segment; joined parts carry 153 each.
        assert!(one("segments_max: 1", &sent(&"a".repeat(160))).passed);
        assert!(!one("segments_max: 1", &sent(&"a".repeat(161))).passed);
        assert!(one("segments_max: 2", &sent(&"a".repeat(306))).passed);
        assert!(!one("segments_max: 2", &sent(&"a".repeat(307))).passed);
        assert!(one("segments_max: 1", &stopped()).passed);
    }

    #[test]
    fn slots_are_these_any_or_none() {
        let seen = Observed { slots: vec![1, 3], ..sent("Hi") };
        assert!(one("slots_offered: [3, 1]", &seen).passed);
        assert!(!one("slots_offered: [1]", &seen).passed);
        assert!(!one("slots_offered: [1, 2, 3]", &seen).passed);
        assert!(one("slots_offered: any", &seen).passed);
        assert!(!one("slots_offered: none", &seen).passed);
        assert!(!one("slots_offered: any", &sent("Hi")).passed);
        assert!(one("slots_offered: none", &sent("Hi")).passed);
    }

    #[test]
    fn the_reason_told_to_the_rep_is_judged_too() {
        assert!(one("reason_contains: First ANSWER", &drafted("This is the first answer to a new person.")).passed);
        assert!(!one("reason_contains: first answer", &sent("Hi")).passed);
    }
}
