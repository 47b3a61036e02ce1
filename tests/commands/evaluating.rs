//! `rapport eval run`, offline, with the recorded answers that ship.

use crate::support::program::Workshop;

fn shipped(suite: &str) -> String {
    format!("{}/evals/{suite}.yaml", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_shipped_suites_pass_with_their_recorded_answers() {
    let suites = ["replies", "booking", "safety"].map(shipped);
    let finished = Workshop::new("").run(&["eval", "run", &suites[0], &suites[1], &suites[2]]);
    assert_eq!(finished.code, Some(0), "{}{}", finished.out, finished.err);
    assert!(finished.out.contains("3 suites") && finished.out.contains("0 failed"), "{}", finished.out);
}

#[test]
fn a_failed_expectation_fails_the_command_and_shows_what_was_seen() {
    let workshop = Workshop::new("");
    let suite = std::fs::read_to_string(shipped("safety")).expect("the suite");
    let wrong = suite.replacen("decision: opt_out", "decision: send", 1);
    assert_ne!(suite, wrong, "the suite expects an opt-out somewhere");
    workshop.write("safety.yaml", &wrong);
    let recorded = std::fs::read_to_string(format!("{}/evals/recorded/safety.jsonl", env!("CARGO_MANIFEST_DIR")));
    workshop.write("recorded/safety.jsonl", &recorded.expect("the recording"));
    let finished = workshop.run(&["eval", "run", "safety.yaml"]);
    assert_eq!(finished.code, Some(1), "{}{}", finished.out, finished.err);
    assert!(finished.out.contains("FAIL") && finished.out.contains("opt_out"), "{}", finished.out);
}

#[test]
fn a_suite_that_is_not_there_could_not_be_run() {
    let finished = Workshop::new("").run(&["eval", "run", "nowhere.yaml"]);
    assert_eq!(finished.code, Some(2), "{}{}", finished.out, finished.err);
    assert!(finished.err.contains("nowhere.yaml"), "{}", finished.err);
    let finished = Workshop::new("").run(&["eval", "run", "--script", "nowhere.yaml", &shipped("safety")]);
    assert!(finished.err.contains("nowhere.yaml: the script cannot be read"), "{}", finished.err);
}

#[test]
fn recording_without_a_model_says_what_can_be_done_instead() {
    let finished = Workshop::new("").run(&["eval", "run", "--record", &shipped("safety")]);
    assert_eq!(finished.code, Some(2), "{}{}", finished.out, finished.err);
    assert!(
        finished.err.contains("leaving out --record") && !finished.err.contains("is not there"),
        "{}",
        finished.err
    );
}
