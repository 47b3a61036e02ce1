use std::path::Path;
use std::sync::{Arc, Mutex};

use super::report::{self, Answers};
use super::testing::{SMALL, Scripted, bench, bench_with, proposal, record, run, small};
use super::{CaseEnd, CaseResult, Script, Suite, SuiteReport, Totals, run_suite, table};
use crate::conversation::check::slots_told;
use crate::llm::{Model, ReplayModel};
use crate::prompt::Library;

/// A suite of one case.
fn one_case(case: &str) -> Suite {
    let (head, _) = SMALL.split_once("cases:").expect("cases");
    Suite::parse(&format!("{head}cases:\n  - {case}\n"), Path::new("one.yaml")).expect("a suite")
}

fn report(suite: &Suite, cases: Vec<CaseResult>) -> SuiteReport {
    let (name, file) = (suite.name.clone(), suite.path.display().to_string());
    SuiteReport { name, file, answers: Answers::Recorded, model: "scripted".to_owned(), cases }
}

fn decision_of(result: &CaseResult) -> &str {
    match &result.end {
        CaseEnd::Judged { seen, .. } => seen.decision.as_str(),
        CaseEnd::Error { reason } => panic!("{}: {reason}", result.id),
    }
}

#[tokio::test]
async fn good_answers_pass_in_the_suites_order_and_are_counted() {
    let (suite, model) = small();
    let told = Mutex::new(Vec::new());
    let done = |result: &CaseResult| told.lock().expect("no panic").push(result.id.clone());
    let results = run_suite(&suite, &bench(), &|_| model.clone(), 4, &done).await;
    assert_eq!(results.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["price", "times", "stop"]);
    let totals = Totals::of(&results);
    assert_eq!((totals.passed, totals.failed, totals.errors, totals.exit_code()), (3, 0, 0, 0), "{results:#?}");
    // Two of the three asked the model, once each.
    assert_eq!((totals.usage.input_tokens, totals.usage.output_tokens, totals.usage.cost_microusd), (1_800, 80, 240));
    assert_eq!(told.into_inner().expect("no panic").len(), 3);
}

#[tokio::test]
async fn a_poor_answer_is_a_failure_and_a_silent_model_an_error() {
    let (suite, _) = small();
    let poor = [proposal("price", "I will find out.")];
    let fails =
        Scripted::knowing(&[("site check cost", &poor), ("could we talk", &[proposal("booking", "{slot:2}?")])]);
    let totals = Totals::of(&run(&suite, &fails).await);
    assert_eq!((totals.passed, totals.failed, totals.errors, totals.exit_code()), (2, 1, 0, 1));
    let silent = Scripted::knowing(&[("site check cost", &poor)]);
    let totals = Totals::of(&run(&suite, &silent).await);
    assert_eq!((totals.passed, totals.failed, totals.errors, totals.exit_code()), (1, 1, 1, 2));
}

#[tokio::test]
async fn what_the_service_decides_by_itself_asks_no_model() {
    let silent = Scripted::answering(&[]);
    for (case, decision) in [
        ("{id: a, texts: [STOP], expect: {decision: opt_out}}", "opt_out"),
        ("{id: a, texts: ['please stop texting me'], expect: {decision: opt_out}}", "opt_out"),
        ("{id: a, texts: ['hello', 'unsubscribe'], expect: {decision: opt_out}}", "opt_out"),
        ("{id: a, texts: [STOP], mode: 'off', expect: {decision: opt_out}}", "opt_out"),
        ("{id: a, texts: [hello], mode: 'off', expect: {decision: silence}}", "silence"),
    ] {
        let results = run(&one_case(case), &silent).await;
        assert_eq!(decision_of(&results[0]), decision, "{case}");
        assert!(results[0].passed() && results[0].prompt_hash.is_empty(), "{case}");
    }
    let results = run(&one_case("{id: a, texts: [hello], expect: {decision: send}}"), &silent).await;
    assert!(matches!(&results[0].end, CaseEnd::Error { reason } if reason.contains("the script has ended")));
}

#[tokio::test]
async fn the_mode_and_the_first_contact_decide_who_sends() {
    let answers = [proposal("small_talk", "Hello! How can I help?")];
    for (case, decision) in [
        ("{id: a, texts: [hello], expect: {decision: send}}", "send"),
        ("{id: a, texts: [hello], mode: draft, expect: {decision: send}}", "draft"),
        ("{id: a, texts: [hello], first_contact: true, expect: {decision: send}}", "draft"),
    ] {
        let results = run(&one_case(case), &Scripted::answering(&answers)).await;
        assert_eq!(decision_of(&results[0]), decision, "{case}");
        assert_eq!(results[0].passed(), decision == "send", "{case}");
    }
}

#[tokio::test]
async fn an_answer_that_is_sent_back_is_paid_for_and_the_second_one_judged() {
    let answers = [proposal("price", "It costs $500."), proposal("price", "It is free.")];
    let suite = one_case("{id: a, texts: [price?], expect: {contains: free, not_contains: '500'}}");
    let results = run(&suite, &Scripted::answering(&answers)).await;
    assert!(results[0].passed(), "{results:#?}");
    assert_eq!(results[0].usage.input_tokens, 1_800);
}

#[tokio::test]
async fn slots_are_seen_where_a_lead_reads_them() {
    let case = "{id: a, texts: ['when?'], lead: {zones: [America/Chicago]}, expect: {slots_offered: [1, 2], contains: '11:00 AM CST'}}";
    let answers = [proposal("booking", "{slot:1}, or pick {slot:2} here: {slot_link:2}")];
    let results = run(&one_case(case), &Scripted::answering(&answers)).await;
    assert!(results[0].passed(), "{results:#?}");
}

#[tokio::test]
async fn a_replay_tells_the_same_to_the_byte_and_a_recording_has_the_suites_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("recorded/small.jsonl");
    let (suite, model) = small();
    let live = record(&suite, &model, &path).await;
    let kept = std::fs::read_to_string(&path).expect("a recording");
    let lines: Vec<&str> = kept.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].contains("site check cost") && lines[1].contains("could we talk"));
    let mut told = Vec::new();
    for _ in 0..2 {
        let replay: Arc<dyn Model> = Arc::new(ReplayModel::open(&path).expect("a recording"));
        let results = run(&suite, &replay).await;
        assert_eq!(results, live);
        let report = report(&suite, results);
        told.push((table::render(&report), report::json(&[report]).to_string()));
    }
    assert_eq!(told[0], told[1]);
    let (suite, model) = small();
    record(&suite, &model, &path).await;
    assert_eq!(std::fs::read_to_string(&path).expect("a recording"), kept);
}

#[tokio::test]
async fn what_is_not_recorded_is_an_error_and_names_the_text() {
    let replay: Arc<dyn Model> = Arc::new(ReplayModel::from_lines("").expect("an empty recording"));
    let (suite, _) = small();
    let results = run(&suite, &replay).await;
    assert_eq!(Totals::of(&results).exit_code(), 2);
    assert!(matches!(&results[0].end, CaseEnd::Error { reason } if reason.contains("record the suite again")));
    assert!(results[2].passed());
}

#[tokio::test]
async fn a_discarded_recording_leaves_the_old_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.jsonl");
    std::fs::write(&path, "old").expect("writable");
    let (suite, model) = small();
    let recorder = super::Recorder::begin(&vec![model; suite.cases.len()], &path).expect("a writable folder");
    run_suite(&suite, &bench(), &|place| recorder.model(place), 1, &|_| ()).await;
    drop(recorder);
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "old");
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1);
}

#[tokio::test]
async fn an_unfinished_recording_is_gone_on_with_and_only_the_missing_answers_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("small.jsonl");
    let (suite, _) = small();
    let price = [proposal("price", "The site check is free.")];
    let times = [proposal("booking", "Does {slot:2} suit you?")];
    let begin = |model: &Arc<dyn Model>| super::Recorder::begin(&vec![model.clone(); 3], &path).expect("writable");
    // A run in which the second case met with an outage.
    let recorder = begin(&Scripted::knowing(&[("site check cost", &price)]));
    let results = run_suite(&suite, &bench(), &|place| recorder.model(place), 4, &|_| ()).await;
    assert_eq!(Totals::of(&results).errors, 1);
    recorder.leave().await.expect("written");
    assert!(!path.exists());
    // The next one is stopped before it has asked anything: nothing is lost by that.
    let recorder = begin(&Scripted::answering(&[]));
    assert_eq!(recorder.kept(), 1);
    recorder.leave().await.expect("written");
    let recorder = begin(&Scripted::knowing(&[("could we talk", &times)]));
    let results = run_suite(&suite, &bench(), &|place| recorder.model(place), 4, &|_| ()).await;
    assert!(results.iter().all(CaseResult::passed), "{results:#?}");
    recorder.keep().await.expect("written");
    let kept = std::fs::read_to_string(&path).expect("a recording");
    assert_eq!(kept.lines().count(), 2);
    assert_eq!(std::fs::read_dir(folder.path()).expect("readable").count(), 1, "nothing is left for the next run");
    assert_eq!(begin(&Scripted::answering(&[])).kept(), 0);
}

#[tokio::test]
async fn a_run_that_is_stopped_tells_what_it_found_and_what_it_did_not_come_to() {
    let (suite, model) = small();
    let bench = bench();
    let done = |result: &CaseResult| {
        if result.id == "price" {
            bench.stop.cancel();
        }
    };
    let results = run_suite(&suite, &bench, &|_| model.clone(), 1, &done).await;
    assert!(results[0].passed());
    assert!(matches!(&results[1].end, CaseEnd::Error { reason } if reason.contains("was stopped")), "{results:#?}");
    assert_eq!((results.len(), Totals::of(&results).exit_code()), (3, 2));
}

#[tokio::test]
async fn the_report_says_what_was_expected_and_what_was_seen() {
    let (suite, _) = small();
    let poor = Scripted::knowing(&[("site check cost", &[proposal("price", "I will find out.")])]);
    let report = report(&suite, run(&suite, &poor).await);
    let text = table::render(&report);
    for line in [
        "CASE   RESULT  DECISION  INTENT   TOKENS     COST",
        "price  FAIL    send      price    900+40  $0.0001",
        "times  ERROR   -         -           0+0    $0.00",
        "stop   pass    opt_out   opt_out     0+0    $0.00",
        "FAIL price",
        "    expected  the reply holds \"free\"",
        "    seen      \"I will find out.\"",
        "ERROR times",
        "1 passed, 1 failed, 1 errors · 900 tokens in, 40 out · $0.0001 when recorded",
    ] {
        assert!(text.lines().any(|told| told == line), "no line {line:?} in\n{text}");
    }
    let json = report::json(&[report]);
    assert_eq!(json["totals"]["failed"], 1);
    assert_eq!(json["exit_code"], 2);
    let case = &json["suites"][0]["cases"][0];
    assert_eq!((&case["result"], &case["reply"]), (&"failed".into(), &"I will find out.".into()));
    assert_eq!(case["expectations"][2]["passed"], false);
    assert_eq!(json["suites"][0]["cases"][1]["result"], "error");
}

/// The shipped prompts with the suite's own knowledge.
fn shipped(suite: &Suite) -> super::Bench {
    bench_with(suite.library(&Library::embedded_files()).expect("prompts"))
}

fn shipped_file(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("evals").join(name)
}

#[tokio::test]
async fn the_shipped_suites_can_be_met() {
    let script = Script::load(&shipped_file("answers.yaml")).unwrap_or_else(|error| panic!("{error}"));
    for name in ["replies", "booking", "safety"] {
        let suite = Suite::load(&shipped_file(&format!("{name}.yaml"))).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(suite.name, name);
        let models = script.models(&suite).unwrap_or_else(|error| panic!("{error}"));
        let results = run_suite(&suite, &shipped(&suite), &|place| models[place].clone(), 4, &|_| ()).await;
        let told = table::render(&report(&suite, results.clone()));
        assert!(results.iter().all(CaseResult::passed), "{told}");
    }
}

#[tokio::test]
async fn written_answers_are_for_cases_there_are_and_run_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answers.yaml");
    let (suite, _) = small();
    std::fs::write(&path, "small: {prices: []}").expect("writable");
    let refused = Script::load(&path).expect("a script").models(&suite).err().expect("no such case");
    assert!(refused.to_string().contains("\"prices\": evals/small.yaml has no such case"), "{refused}");
    std::fs::write(&path, "small: {price: [{intent: price, text: It is free.}]}").expect("writable");
    let models = Script::load(&path).expect("a script").models(&suite).expect("one model a case");
    let results = run_suite(&suite, &bench(), &|place| models[place].clone(), 4, &|_| ()).await;
    assert!(results[0].passed() && results[2].passed());
    assert!(matches!(&results[1].end, CaseEnd::Error { reason } if reason.contains("no answer")), "{results:#?}");
}

/// No case of the shipped suites is met by an answer that says nothing.
#[tokio::test]
async fn the_shipped_suites_can_fail() {
    for name in ["replies", "booking", "safety"] {
        let suite = Suite::load(&shipped_file(&format!("{name}.yaml"))).unwrap_or_else(|error| panic!("{error}"));
        let empty = [proposal("other", "Ok."), proposal("other", "Ok.")];
        let results = run_suite(&suite, &shipped(&suite), &|_| Scripted::answering(&empty), 4, &|_| ()).await;
        let met: Vec<_> = results.iter().filter(|one| one.passed()).map(|one| one.id.as_str()).collect();
        // Decided by the lead's words alone, whatever the model answers.
        let by_words = ["stop-keyword", "stop-in-plain-words", "stop-between-the-lines", "gives-orders-to-the-model"];
        assert!(met.iter().all(|id| by_words.contains(id)), "{name}: {met:?}");
    }
}

/// The slots that a reply tells to a lead in Denver on Tuesday, Nov 24, 2026: Wed, Nov 25 at 9:30 AM and Tue, Dec 1 at
/// 10 AM and 2:30 PM and Wed, Dec 2 at 10 AM.
fn told_in(text: &str) -> Vec<u32> {
    let slots = "slots: [2026-11-25T16:30:00Z, 2026-12-01T17:00:00Z, 2026-12-01T21:30:00Z, 2026-12-02T17:00:00Z]";
    let suite = SMALL.replacen("slots: [2026-12-01T17:00:00Z, 2026-12-01T21:30:00Z]", slots, 1);
    let suite = Suite::parse(&suite, Path::new("small.yaml")).expect("a suite");
    slots_told(&suite.cases[0].context(&suite.defaults), text)
}

#[test]
fn a_slot_is_seen_in_the_words_people_use() {
    for text in [
        "Does Tue, Dec 1 at 10:00 AM MST suit you?",
        "Sure, Tue Dec 1 at 10 AM works. Does it?",
        "Tuesday at 10am?",
        "How about 10 a.m. on Tuesday the 1st?",
        "12/1 at 10 works for us.",
        "December 1st, 10:00?",
        "¿El martes a las 10?",
        "See https://calendly.com/example/intro/2026-12-01T17:00:00Z",
    ] {
        assert_eq!(told_in(text), [2], "{text}");
    }
    assert_eq!(told_in("Tomorrow at 9:30?"), [1]);
    assert_eq!(told_in("2:30 works for us."), [3], "an hour that only one of them has");
}

#[test]
fn hours_go_with_their_own_days() {
    assert_eq!(told_in("Tue at 10 AM or 2:30 PM?"), [2, 3]);
    assert_eq!(told_in("Tue at 2:30 PM or Wed at 10 AM?"), [3, 4]);
    assert_eq!(told_in("2:30 PM on Tuesday or 10 AM on Wednesday?"), [3, 4]);
}

#[test]
fn other_times_days_and_numbers_tell_none() {
    for text in [
        "No problem, take care!",
        "We are open Tue from 8 AM to 6 PM.",
        "Is Thursday at 10 AM any good?",
        "Tue, Dec 8 at 10 AM?",
        "10 windows cost $10,000, which takes 10 days from Tuesday.",
        "At 10 AM?",
    ] {
        assert_eq!(told_in(text), [0; 0], "{text}");
    }
}
