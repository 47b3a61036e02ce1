//! Modes by intent (`a-person-decides`): every intent has one, each can be set, and some can never be automatic.

use super::{load, mistakes};
use crate::conversation::{Intent, Mode, Policy};

/// The intents that policy is written against (design, "Deciding").
const INTENTS: &[&str] = &[
    "booking",
    "reschedule",
    "cancel_meeting",
    "price",
    "product_question",
    "objection",
    "not_interested",
    "wrong_number",
    "wants_human",
    "complaint",
    "legal_threat",
    "are_you_a_bot",
    "opt_out",
    "small_talk",
    "other",
];
const NEVER_AUTO: &[&str] = &["wants_human", "complaint", "legal_threat", "opt_out"];

fn policy_of(text: &str) -> Policy {
    load(text, &[]).expect("valid").policy
}

#[test]
fn the_intents_are_those_that_policy_is_written_against() {
    let known: Vec<&str> = Intent::ALL.iter().map(|intent| intent.as_str()).collect();
    assert_eq!(known, INTENTS);
}

#[test]
fn every_intent_has_a_mode_of_its_own_or_the_general_one() {
    for intent in Intent::ALL {
        let never = NEVER_AUTO.contains(&intent.as_str());
        assert_eq!(Policy::default().mode_for(None, *intent), Mode::Draft, "{intent}");
        let everywhere = policy_of("[policy]\nmode = \"auto\"");
        assert_eq!(everywhere.mode_for(None, *intent), if never { Mode::Draft } else { Mode::Auto }, "{intent}");
        assert_eq!(everywhere.mode_for(Some(Mode::Auto), *intent), if never { Mode::Draft } else { Mode::Auto });
        for mode in [Mode::Off, Mode::Draft, Mode::Auto] {
            let text = format!("[policy]\nmode = \"auto\"\n[policy.intents]\n{intent} = \"{}\"", mode.as_str());
            if never && mode == Mode::Auto {
                let told = mistakes(&text, &[]);
                assert!(told.contains(&format!("policy.intents.{intent} (rapport.toml:4)")), "{told}");
                assert!(told.contains("such texts always go to a person; write \"draft\" or \"off\""), "{told}");
            } else {
                assert_eq!(policy_of(&text).mode_for(None, *intent), mode, "{intent}");
            }
        }
    }
}

#[test]
fn an_unknown_intent_or_mode_is_refused_with_what_to_write() {
    let told = mistakes("[policy.intents]\nrefunds = \"draft\"\npric = \"draft\"\nbooking = \"yes\"", &[]);
    assert!(told.contains("policy.intents.refunds (rapport.toml:2): is not a key"), "{told}");
    assert!(told.contains("booking") && told.contains("small_talk"), "it lists them: {told}");
    assert!(told.contains("did you mean policy.intents.price?"), "{told}");
    assert!(told.contains("\"yes\" is not a mode; write \"off\", \"draft\" or \"auto\""), "{told}");
    let told = mistakes("", &[("RAPPORT__POLICY__INTENTS__OPT_OUT", "auto")]);
    assert!(told.contains("RAPPORT__POLICY__INTENTS__OPT_OUT") && told.contains("always go to a person"), "{told}");
}

#[test]
fn the_first_answer_to_a_new_person_is_held_unless_the_file_says_otherwise() {
    assert!(policy_of("[policy]\nmode = \"auto\"").hold_first);
    assert!(!policy_of("[policy]\nhold_first = false").hold_first);
}

#[test]
fn an_acknowledgement_that_could_never_be_sent_is_a_mistake() {
    let with = |words: &str| format!("[handoff]\nacknowledge = \"{words}\"");
    assert!(load(&with("Thanks, I'm passing this to {owner}, who will get back to you."), &[]).is_ok());
    for words in ["{name}, somebody will call you.", "I'm a real person and will call you back."] {
        let told = mistakes(&with(words), &[]);
        assert!(told.contains("handoff.acknowledge (rapport.toml:2): could never be sent"), "{told}");
    }
    let told = mistakes("[handoff]\nassign_to = \"robin@example.com\"", &[]);
    assert!(told.contains("is not the id of a Close user"), "{told}");
}
