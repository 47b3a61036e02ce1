//! A handoff has one task, and one who works on it.

use std::time::Duration;

use rapport::conversation::{Author, Handoff, HandoffKind};
use rapport::store::{Applied, FailedStep, HandoffRecord, LaneChange, NewHandoff, TaskProgress, TaskState};

use super::{Fixture, message, on_both_engines};

on_both_engines!(
    a_handoff_is_written_with_its_step_or_not_at_all,
    while_its_task_is_not_made_the_next_handoff_is_the_same,
    who_was_too_slow_writes_nothing,
    a_task_may_begin_once_and_only_in_time,
    an_answer_settles_it_and_a_new_handoff_is_another,
    a_conversation_that_is_parked_hands_off,
);

const HOLD: Duration = Duration::from_mins(2);

fn handoff(reason: &str) -> Handoff {
    Handoff {
        kind: HandoffKind::WantsHuman,
        reason: reason.to_owned(),
        summary: "Pat asks\0 for a person.".to_owned(),
        next_step: "Call.".to_owned(),
    }
}

fn new(id: &str, reason: &str) -> NewHandoff {
    NewHandoff { id: id.to_owned(), turn_id: None, handoff: handoff(reason), wants_task: true }
}

/// The lead texts, and a worker hands the conversation off.
async fn handed_off(f: &Fixture, name: &str) -> String {
    let id = f.lead_texts(name).await;
    let lease = f.claim_one().await;
    let change = LaneChange { handoff: Some(new(&format!("hand_{name}"), name)), ..f.everything_handled(&lease).await };
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    id
}

async fn take(f: &Fixture) -> Vec<HandoffRecord> {
    f.store.take_handoffs(HOLD).await.expect("taken")
}

async fn standing(f: &Fixture, id: &str) -> HandoffRecord {
    f.store.handoff(id).await.expect("read").expect("a handoff")
}

async fn a_handoff_is_written_with_its_step_or_not_at_all(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change = LaneChange { handoff: Some(new("hand_a", "a")), ..f.everything_handled(&lease).await };
    f.lead_texts("b").await;
    assert_eq!(f.store.commit(&lease, change).await.expect("asked"), Applied::Superseded);
    assert_eq!(f.store.handoff(&id).await.expect("read"), None);
    assert!(take(&f).await.is_empty());
}

async fn while_its_task_is_not_made_the_next_handoff_is_the_same(f: Fixture) {
    let id = handed_off(&f, "a").await;
    handed_off(&f, "b").await;
    let taken = take(&f).await;
    assert_eq!(taken.len(), 1, "one task");
    assert_eq!((taken[0].id.as_str(), taken[0].handoff.reason.as_str()), ("hand_a", "b"), "with the newer words");
    assert_eq!(taken[0].handoff.summary, "Pat asks for a person.");
    assert!(f.store.begin_task(&taken[0], f.after(60)).await.expect("asked"));
    handed_off(&f, "c").await;
    assert_eq!(standing(&f, &id).await.handoff.reason, "c", "whoever looks at the desk reads the newest");
    let made = TaskProgress::Made { task_id: "task_1".to_owned() };
    assert!(f.store.end_task(&taken[0], &made).await.expect("asked"));
    handed_off(&f, "d").await;
    let next = take(&f).await;
    assert_eq!((next[0].id.as_str(), next[0].follows_task_id.as_deref()), ("hand_d", Some("task_1")));
}

async fn who_was_too_slow_writes_nothing(f: Fixture) {
    let id = handed_off(&f, "a").await;
    let slow = take(&f).await.remove(0);
    assert!(take(&f).await.is_empty(), "it is held");
    assert!(f.store.begin_task(&slow, f.after(60)).await.expect("asked"));
    f.time.advance(Duration::from_secs(61));
    let other = f.another_process().await;
    let quick = other.take_handoffs(HOLD).await.expect("taken").remove(0);
    assert_eq!(quick.state, TaskState::Making, "read back what became of it first");
    let made = |task_id: &str| TaskProgress::Made { task_id: task_id.to_owned() };
    assert!(!f.store.end_task(&slow, &made("task_slow")).await.expect("asked"));
    assert!(other.end_task(&quick, &made("task_quick")).await.expect("asked"));
    assert_eq!(standing(&f, &id).await.task_id.as_deref(), Some("task_quick"));
    assert!(take(&f).await.is_empty(), "nothing is left to do");
}

async fn a_task_may_begin_once_and_only_in_time(f: Fixture) {
    handed_off(&f, "a").await;
    let held = take(&f).await.remove(0);
    f.time.advance(HOLD);
    assert!(!f.store.begin_task(&held, f.after(60)).await.expect("asked"), "its time has run out");
    let held = take(&f).await.remove(0);
    assert!(f.store.begin_task(&held, f.after(60)).await.expect("asked"));
    assert!(!f.store.begin_task(&held, f.after(60)).await.expect("asked"), "it has begun");
    let later = TaskProgress::NotMade { at: f.after(30), error: "Close rests.".to_owned() };
    assert!(f.store.end_task(&held, &later).await.expect("asked"));
    assert!(take(&f).await.is_empty(), "not before its time");
    f.time.advance(Duration::from_secs(30));
    let again = take(&f).await.remove(0);
    assert_eq!((again.state, again.attempts, again.error.as_str()), (TaskState::Wanted, 1, "Close rests."));
}

async fn an_answer_settles_it_and_a_new_handoff_is_another(f: Fixture) {
    let id = handed_off(&f, "a").await;
    assert!(!standing(&f, &id).await.is_settled);
    f.time.advance(Duration::from_secs(5));
    f.lead_texts("b").await;
    let lease = f.claim_one().await;
    let answer = message("acti_rep", Author::Rep, "I'll call you.", f.now());
    let change = LaneChange { messages: vec![answer], ..f.everything_handled(&lease).await };
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    assert!(standing(&f, &id).await.is_settled);
    f.time.advance(Duration::from_secs(5));
    handed_off(&f, "c").await;
    let newest = standing(&f, &id).await;
    assert_eq!((newest.id.as_str(), newest.is_settled, newest.follows_task_id), ("hand_c", false, None));
    f.store.dismiss(&id, "Robin").await.expect("dismissed");
    assert!(standing(&f, &id).await.is_settled, "a rep says so");
}

async fn a_conversation_that_is_parked_hands_off(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let failed = FailedStep {
        seen_seq: 1,
        retry_at: f.after(2),
        attempts_max: 1,
        reason: "This could not be worked on.".to_owned(),
        suppress: None,
        handoff: Some(new("hand_a", "This could not be worked on.")),
    };
    f.store.fail_step(&lease, &failed).await.expect("noted");
    assert_eq!(
        standing(&f, &id).await.handoff,
        Handoff { summary: "Pat asks for a person.".to_owned(), ..handoff("This could not be worked on.") }
    );
}
