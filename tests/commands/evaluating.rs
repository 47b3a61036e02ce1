//! `rapport eval run`, offline, with the recorded answers that ship.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::support::outside::Outside;
use crate::support::program::{Finished, Workshop};
use crate::support::world::proposal;

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

const TWO_CASES: &str = r"
name: two
defaults: {now: 2026-11-24T17:00:00Z, mode: auto}
cases:
  - {id: hello, texts: [Hello], expect: {contains: help}}
  - {id: thanks, texts: [Thanks], expect: {contains: help}}
";

fn answer() -> Response {
    let text = proposal("Happy to help.", "small_talk").to_string();
    let choice = serde_json::json!({ "message": { "content": text }, "finish_reason": "stop" });
    axum::Json(serde_json::json!({ "choices": [choice] })).into_response()
}

/// A workshop with the suite above and a model that refuses its first calls for a rate limit, and goes silent after `answers`.
/// With them comes how often it was asked.
async fn workshop(refusals: u32, answers: u32) -> (Outside, Workshop, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let counted = asked.clone();
    let model = Router::new().fallback(move || {
        let place = counted.fetch_add(1, Ordering::Relaxed);
        async move {
            match place {
                place if place < refusals => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "0")]).into_response(),
                place if place < refusals + answers => answer(),
                _ => std::future::pending().await,
            }
        }
    });
    let mut outside = Outside::new().await;
    outside.use_model(model).await;
    let workshop = Workshop::new(&outside.toml("sqlite:rapport.db", ""));
    workshop.write("two.yaml", TWO_CASES);
    (outside, workshop, asked)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_limit_is_waited_for() {
    let (_outside, workshop, _) = workshop(9, 2).await;
    let finished = workshop.run(&["eval", "run", "two.yaml"]);
    assert_eq!(finished.code, Some(0), "{}{}", finished.out, finished.err);
    assert!(finished.out.contains("2 passed"), "{}", finished.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_recording_tells_what_it_found_and_is_gone_on_with() {
    let (outside, workshop, asked) = workshop(0, 1).await;
    let run = workshop.spawn(&["eval", "run", "--record", "--concurrency", "1", "two.yaml"]);
    outside.until("the second case is asked", async || asked.load(Ordering::Relaxed) == 2).await;
    let interrupted = Command::new("kill").arg("-INT").arg(run.id().to_string()).status().expect("kill");
    assert!(interrupted.success());
    let finished = Finished::from(run.wait_with_output().expect("it ends"));
    assert_eq!(finished.code, Some(2), "{}{}", finished.out, workshop.log());
    assert!(finished.out.contains("1 passed, 0 failed, 1 errors"), "{}", finished.out);
    assert!(workshop.log().contains("1 answers are kept in recorded/two.jsonl.unfinished"), "{}", workshop.log());

    let (_outside, answering, _) = self::workshop(0, 1).await;
    let unfinished = std::fs::read_to_string(workshop.path("recorded/two.jsonl.unfinished")).expect("kept");
    answering.write("recorded/two.jsonl.unfinished", &unfinished);
    let finished = answering.run(&["eval", "run", "--record", "two.yaml"]);
    assert_eq!(finished.code, Some(0), "{}{}", finished.out, finished.err);
    assert!(!answering.path("recorded/two.jsonl.unfinished").exists());
    let replayed = answering.run(&["eval", "run", "--replay", "two.yaml"]);
    assert!(replayed.out.contains("2 passed"), "{}{}", replayed.out, replayed.err);
}
