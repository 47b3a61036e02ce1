//! One worker at a time in a conversation, and none needed to rescue it.

use std::collections::HashSet;
use std::time::Duration;

use rapport::store::{Applied, Arrival, EventKind, LaneChange, NumberPair, SendProgress, State};

use super::{Fixture, LEASE, on_both_engines};

on_both_engines!(
    a_leased_conversation_is_given_to_nobody_else,
    a_worker_that_was_too_slow_changes_nothing,
    a_dead_workers_conversation_wakes_by_itself,
    a_renewed_lease_lives_on_and_a_lost_one_is_named,
    two_claimers_never_get_the_same_conversation,
    a_committed_lease_cannot_be_used_again,
    a_worker_goes_on_under_the_next_lease_while_a_step_is_due,
    the_longest_waiting_comes_first,
    a_lease_is_given_back_with_the_next_alarm,
    the_next_alarm_is_the_first_that_can_be_answered,
    a_text_that_came_meanwhile_is_not_slept_through,
    a_lease_that_ran_out_sends_nothing,
);

async fn a_leased_conversation_is_given_to_nobody_else(f: Fixture) {
    f.lead_texts("a").await;
    f.claim_one().await;
    f.lead_texts("b").await;
    assert_eq!(f.store.claim(10, LEASE, "other").await.expect("claimed"), vec![]);
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(30)), "not before the lease ends");
}

async fn a_worker_that_was_too_slow_changes_nothing(f: Fixture) {
    let id = f.lead_texts("a").await;
    let slow = f.claim_one().await;
    f.time.advance(LEASE);
    let fresh = f.claim_one().await;
    assert_eq!(fresh.conversation_id, slow.conversation_id);
    let late = LaneChange { state: Some((State::Parked, "Too late.".to_owned())), ..LaneChange::default() };
    assert_eq!(f.store.commit(&slow, late).await.expect("asked"), Applied::LeaseLost);
    assert!(f.store.load(&slow).await.expect("asked").is_none());
    assert!(!f.store.release(&slow, None, None).await.expect("asked"));
    assert!(!f.store.record_send(&slow, "out_1", SendProgress::Sent).await.expect("asked"));
    assert_eq!(f.state_of(&id).await, State::Working);
    assert!(f.store.load(&fresh).await.expect("asked").is_some());
}

async fn a_dead_workers_conversation_wakes_by_itself(f: Fixture) {
    let id = f.lead_texts("a").await;
    let dead = f.claim_one().await;
    let row = f.store.conversation(&id).await.expect("read").expect("exists");
    assert_eq!(row.wake_at, Some(f.after(30)), "its alarm is the end of the lease");
    f.time.advance(Duration::from_secs(29));
    assert_eq!(f.store.claim(10, LEASE, "other").await.expect("claimed"), vec![]);
    f.time.advance(Duration::from_secs(1));
    let next = f.claim_one().await;
    assert_eq!(next.conversation_id, dead.conversation_id);
    assert!(next.epoch > dead.epoch);
}

async fn a_renewed_lease_lives_on_and_a_lost_one_is_named(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.claim_one().await;
    f.time.advance(Duration::from_secs(20));
    assert_eq!(f.store.renew(std::slice::from_ref(&lease), LEASE).await.expect("renewed").len(), 1);
    f.time.advance(Duration::from_secs(20));
    assert_eq!(f.store.claim(10, LEASE, "other").await.expect("claimed"), vec![]);
    f.time.advance(Duration::from_secs(10));
    let thief = f.claim_one().await;
    let held = f.store.renew(&[lease, thief.clone()], LEASE).await.expect("renewed");
    assert_eq!(held, [thief]);
}

async fn two_claimers_never_get_the_same_conversation(f: Fixture) {
    for n in 0..40 {
        let mut event = f.arrival(EventKind::LeadText, &format!("ev_{n}"), Some(&format!("acti_{n}")));
        event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: format!("+121255501{n:02}") });
        f.store.accept(&event).await.expect("accepted");
    }
    let other = f.another_process().await;
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..4 {
        let store = if round % 2 == 0 { f.store.clone() } else { other.clone() };
        tasks.spawn(async move {
            let mut mine = Vec::new();
            // PostgreSQL passes over rows that another claimer holds just now, so an empty answer is not yet the end.
            for _ in 0..30 {
                mine.extend(store.claim(3, LEASE, "worker").await.expect("claimed"));
            }
            mine
        });
    }
    let leases = tasks.join_all().await.concat();
    let ids: HashSet<&str> = leases.iter().map(|lease| lease.conversation_id.as_str()).collect();
    assert_eq!((leases.len(), ids.len()), (40, 40));
}

async fn a_committed_lease_cannot_be_used_again(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change = f.everything_handled(&lease).await;
    assert_eq!(f.store.commit(&lease, change.clone()).await.expect("committed"), Applied::Yes);
    assert_eq!(f.store.commit(&lease, change).await.expect("asked"), Applied::LeaseLost);
    assert_eq!(f.store.renew(&[lease], LEASE).await.expect("asked"), vec![]);
}

async fn a_worker_goes_on_under_the_next_lease_while_a_step_is_due(f: Fixture) {
    f.lead_texts("a").await;
    let first = f.claim_one().await;
    f.lead_texts("b").await;
    let seen = f.everything_handled(&first).await;
    let due = LaneChange { goes_on: true, wake_at: Some(f.after(0)), ..seen };
    let Applied::GoesOn(next) = f.store.commit(&first, due).await.expect("committed") else { panic!("b is due") };
    assert!(next.epoch > first.epoch);
    assert!(f.store.load(&first).await.expect("asked").is_none(), "the lease before it has ended");
    assert_eq!(f.store.claim(10, LEASE, "other").await.expect("claimed"), vec![], "nobody else is given it");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(30)), "if the worker dies, it wakes by itself");
    let later = LaneChange { wake_at: Some(f.after(5)), goes_on: true, ..f.everything_handled(&next).await };
    assert_eq!(f.store.commit(&next, later).await.expect("committed"), Applied::Yes, "nothing is due before 5 s");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(5)));
    f.time.advance(Duration::from_secs(5));
    let last = f.claim_one().await;
    let due = LaneChange { goes_on: true, wake_at: Some(f.after(5)), ..f.everything_handled(&last).await };
    f.time.advance(LEASE);
    assert_eq!(
        f.store.commit(&last, due).await.expect("committed"),
        Applied::Yes,
        "its time is up: others may have it"
    );
}

async fn the_longest_waiting_comes_first(f: Fixture) {
    for n in [3, 1, 2] {
        let mut event = f.arrival(EventKind::LeadText, &format!("ev_{n}"), Some(&format!("acti_{n}")));
        event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: format!("+1212555010{n}") });
        event.received_at = f.after(n);
        f.store.accept(&event).await.expect("accepted");
    }
    f.time.advance(Duration::from_secs(10));
    let mut order = Vec::new();
    for _ in 0..3 {
        let lease = f.store.claim(1, LEASE, "worker").await.expect("claimed").remove(0);
        let view = f.store.load(&lease).await.expect("loaded").expect("held");
        order.push(view.conversation.numbers.theirs);
    }
    assert_eq!(order, ["+12125550101", "+12125550102", "+12125550103"]);
}

async fn a_lease_is_given_back_with_the_next_alarm(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let state = Some((State::Working, "Waiting for more.".to_owned()));
    assert!(f.store.release(&lease, Some(f.after(8)), state).await.expect("released"));
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(8)));
    let row = f.store.conversation(&id).await.expect("read").expect("exists");
    assert_eq!((row.state, row.reason.as_str()), (State::Working, "Waiting for more."));
    assert_eq!(f.store.claim(10, LEASE, "worker").await.expect("claimed"), vec![]);
}

async fn the_next_alarm_is_the_first_that_can_be_answered(f: Fixture) {
    let text = |n: u64| {
        let mut event = f.arrival(EventKind::LeadText, &format!("ev_{n}"), None);
        event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: format!("+1212555010{}", n % 10) });
        event.received_at = f.after(n);
        event
    };
    f.store.accept(&text(0)).await.expect("accepted");
    f.claim_one().await;
    // Its alarm has moved to now, and nobody else may answer it before its lease ends, after 30 s.
    f.store.accept(&text(10)).await.expect("accepted");
    f.store.accept(&Arrival { event_id: "ev_now".to_owned(), ..text(0) }).await.expect("accepted");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(30)));
    f.store.accept(&text(41)).await.expect("accepted");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(30)), "the lease ends before the other alarm");
    f.store.accept(&text(22)).await.expect("accepted");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(22)));
}

async fn a_lease_that_ran_out_sends_nothing(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.time.advance(LEASE);
    let asked = f.store.clear_drafting(&lease, "out_1").await.expect("asked");
    assert_eq!(asked, rapport::store::Clearance::LeaseLost);
}

async fn a_text_that_came_meanwhile_is_not_slept_through(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.claim_one().await;
    f.lead_texts("b").await;
    f.store.renew(std::slice::from_ref(&lease), LEASE).await.expect("renewed");
    assert!(f.store.release(&lease, None, None).await.expect("released"));
    let lease = f.claim_one().await;
    assert!(f.store.release(&lease, None, None).await.expect("released"));
    assert_eq!(f.store.claim(10, LEASE, "worker").await.expect("claimed"), vec![], "it was woken once");
}
