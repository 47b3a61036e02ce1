//! What arrives is stored once, in order (`nothing-lost`, `in-order`).

use rapport::store::{Accepted, Arrival, EventKind, NumberPair};

use super::{Fixture, LEASE, on_both_engines};

on_both_engines!(
    the_same_event_twice_changes_nothing,
    the_same_text_under_another_event_changes_nothing,
    a_burst_is_numbered_in_order_and_kept_whole,
    many_at_once_are_stored_once_each,
    a_new_conversation_wakes_when_the_text_was_read,
    what_belongs_to_no_conversation_is_only_recorded,
    a_known_conversation_can_be_addressed_by_its_id,
    ids_that_are_learnt_later_are_kept,
);

async fn the_same_event_twice_changes_nothing(f: Fixture) {
    f.lead_texts("a").await;
    let before = f.store.revision().await.expect("read");
    let again = f.store.accept(&f.arrival(EventKind::LeadText, "ev_a", Some("acti_a"))).await.expect("accepted");
    assert_eq!(again, Accepted::Duplicate);
    assert_eq!(f.store.revision().await.expect("read"), before);
    let lease = f.claim_one().await;
    assert_eq!(f.store.load(&lease).await.expect("loaded").expect("held").inbox.len(), 1);
}

async fn the_same_text_under_another_event_changes_nothing(f: Fixture) {
    f.lead_texts("a").await;
    let again = f.store.accept(&f.arrival(EventKind::LeadText, "ev_other", Some("acti_a"))).await.expect("accepted");
    assert_eq!(again, Accepted::Duplicate);
    let again = f.store.accept(&f.arrival(EventKind::LeadText, "ev_other", Some("acti_a"))).await.expect("accepted");
    assert_eq!(again, Accepted::Duplicate);
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    assert_eq!((view.inbox.len(), view.seen_seq), (1, 1));
    // A failure of the same activity is another matter, however often it is told.
    for event_id in ["ev_failed", "ev_failed_again"] {
        let failure = f.arrival(EventKind::OutboundFailed, event_id, Some("acti_a"));
        assert!(matches!(f.store.accept(&failure).await, Ok(Accepted::New { .. })), "{event_id}");
    }
}

async fn a_burst_is_numbered_in_order_and_kept_whole(f: Fixture) {
    for name in ["a", "b", "c"] {
        f.lead_texts(name).await;
    }
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    let seqs: Vec<i64> = view.inbox.iter().map(|event| event.seq).collect();
    let texts: Vec<&str> = view.inbox.iter().filter_map(|event| event.body["text"].as_str()).collect();
    assert_eq!((seqs, view.seen_seq), (vec![1, 2, 3], 3));
    assert_eq!(texts, ["ev_a", "ev_b", "ev_c"]);
    assert!(!view.answered_before);
}

async fn many_at_once_are_stored_once_each(f: Fixture) {
    let other = f.another_process().await;
    let events: Vec<Arrival> = (0..50)
        .map(|n| {
            let mut event = f.arrival(EventKind::LeadText, &format!("ev_{n}"), Some(&format!("acti_{n}")));
            event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: format!("+1212555010{}", n % 5) });
            event
        })
        .collect();
    let mut tasks = tokio::task::JoinSet::new();
    for round in 0..4 {
        let store = if round % 2 == 0 { f.store.clone() } else { other.clone() };
        let mut events = events.clone();
        events.rotate_left(round * 13);
        tasks.spawn(async move {
            let mut new = 0;
            for event in &events {
                new += usize::from(matches!(store.accept(event).await.expect("accepted"), Accepted::New { .. }));
            }
            new
        });
    }
    assert_eq!(tasks.join_all().await.iter().sum::<usize>(), 50);
    let leases = f.store.claim(10, LEASE, "worker").await.expect("claimed");
    assert_eq!(leases.len(), 5);
    for lease in &leases {
        let view = f.store.load(lease).await.expect("loaded").expect("held");
        assert_eq!(view.inbox.iter().map(|event| event.seq).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    }
}

async fn a_new_conversation_wakes_when_the_text_was_read(f: Fixture) {
    assert_eq!(f.store.next_wake().await.expect("asked"), None);
    let changed = f.store.changed();
    let id = f.lead_texts("a").await;
    assert!(changed.has_changed().expect("the store is open"), "this process is told");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.now()));
    assert_eq!(f.state_of(&id).await, rapport::store::State::Working);
}

async fn what_belongs_to_no_conversation_is_only_recorded(f: Fixture) {
    let noted = f.arrival(EventKind::Noted, "ev_noted", None);
    assert_eq!(f.store.accept(&noted).await.expect("accepted"), Accepted::Recorded);
    assert_eq!(f.store.accept(&noted).await.expect("accepted"), Accepted::Duplicate);
    let homeless = Arrival { lane: None, ..f.arrival(EventKind::Booking, "ev_homeless", None) };
    assert_eq!(f.store.accept(&homeless).await.expect("accepted"), Accepted::Recorded);
    let stray = f.arrival(EventKind::Booking, "ev_stray", None);
    assert_eq!(f.store.accept_for("conv_unknown", &stray).await.expect("accepted"), Accepted::Recorded);
    assert_eq!(f.store.conversations(10).await.expect("listed"), vec![]);
}

async fn a_known_conversation_can_be_addressed_by_its_id(f: Fixture) {
    let id = f.lead_texts("a").await;
    let booking = Arrival { lane: None, ..f.arrival(EventKind::Booking, "cal_1", None) };
    let accepted = f.store.accept_for(&id, &booking).await.expect("accepted");
    assert_eq!(accepted, Accepted::New { conversation_id: id.clone() });
    assert_eq!(f.store.accept_for(&id, &booking).await.expect("accepted"), Accepted::Duplicate);
    let kinds: Vec<EventKind> =
        f.store.thread(&id).await.expect("read").expect("exists").inbox.iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::LeadText, EventKind::Booking]);
}

async fn ids_that_are_learnt_later_are_kept(f: Fixture) {
    let mut first = f.arrival(EventKind::LeadText, "ev_a", Some("acti_a"));
    first.lead_id = None;
    f.store.accept(&first).await.expect("accepted");
    let mut second = f.arrival(EventKind::LeadText, "ev_b", Some("acti_b"));
    second.contact_id = Some("cont_1".to_owned());
    f.store.accept(&second).await.expect("accepted");
    let mut third = f.arrival(EventKind::LeadText, "ev_c", Some("acti_c"));
    (third.lead_id, third.contact_id) = (None, None);
    f.store.accept(&third).await.expect("accepted");
    let known = f.store.conversations(2).await.expect("listed");
    assert_eq!(known.len(), 1);
    assert_eq!((known[0].lead_id.as_deref(), known[0].contact_id.as_deref()), (Some("lead_1"), Some("cont_1")));
}
