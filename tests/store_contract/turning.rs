//! A worker's step is written whole, or not at all (`in-order`, `always-explained`).

use rapport::conversation::Author;
use rapport::store::{
    Applied, DraftState, Ending, EventKind, Handled, Identity, LaneChange, Lease, NewDraft, NewEffect, Review, State,
    Suppression,
};

use super::{Fixture, LEASE, THEIRS, message, on_both_engines, turn};

on_both_engines!(
    a_turn_is_written_with_everything_it_brings,
    a_newer_text_supersedes_the_turn,
    a_newer_text_wakes_at_once_when_the_change_does_not_mind,
    an_approval_meanwhile_supersedes_the_turn,
    a_newer_draft_takes_the_place_of_the_waiting_one,
    a_change_that_does_not_fit_writes_nothing,
    effects_keep_their_order_and_wake_the_conversation,
    what_a_rep_did_meanwhile_wakes_the_conversation,
    what_a_person_did_meanwhile_supersedes_the_turn,
    a_known_message_gets_its_newer_text,
);

fn new_draft(id: &str, turn_id: &str) -> NewDraft {
    NewDraft {
        id: id.to_owned(),
        turn_id: turn_id.to_owned(),
        text: format!("text of {id}"),
        reason: String::new(),
        answers_text_at: None,
    }
}

fn stop(f: &Fixture, rule: &str) -> Suppression {
    Suppression { phone: THEIRS.to_owned(), rule: rule.to_owned(), activity_id: None, since: f.now() }
}

async fn a_turn_is_written_with_everything_it_brings(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    let record = turn("turn_1", f.now());
    let change = LaneChange {
        seen_seq: view.seen_seq,
        handled: vec![Handled {
            inbox_id: view.inbox[0].id.clone(),
            ending: Ending::Drafted,
            reason: "A draft was written.".to_owned(),
        }],
        messages: vec![message("acti_a", Author::Lead, "Can we meet?", f.now())],
        identity: Some(Identity {
            lead_id: None,
            contact_id: Some("cont_1".to_owned()),
            display_name: Some("Ada".to_owned()),
        }),
        turn: Some(record.clone()),
        draft: Some(new_draft("draft_1", "turn_1")),
        attempts: 2,
        state: Some((State::DraftWaiting, "Look at this.".to_owned())),
        wake_at: Some(f.after(3_600)),
        ..LaneChange::default()
    };
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);

    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    let row = &thread.conversation;
    assert_eq!((row.state, row.reason.as_str(), row.attempts), (State::DraftWaiting, "Look at this.", 2));
    assert_eq!((row.lead_id.as_deref(), row.contact_id.as_deref()), (Some("lead_1"), Some("cont_1")));
    assert_eq!((row.display_name.as_deref(), row.wake_at), (Some("Ada"), Some(f.after(3_600))));
    assert_eq!(thread.messages, [message("acti_a", Author::Lead, "Can we meet?", f.now())]);
    assert_eq!(
        (thread.inbox[0].ending, thread.inbox[0].reason.as_str()),
        (Some(Ending::Drafted), "A draft was written.")
    );
    assert_eq!((thread.drafts[0].state, thread.drafts[0].basis_seq), (DraftState::Waiting, 1));
    assert_eq!(thread.turns.len(), 1);
    assert_eq!((thread.turns[0].cost_microusd, &thread.turns[0].prompt), (125, &super::Json::default()));
    assert_eq!(f.store.turn("turn_1").await.expect("read"), Some(record.clone()));
    assert_eq!(f.store.latest_turn(&id).await.expect("read"), Some(record));
    assert_eq!(f.store.claim(10, LEASE, "worker").await.expect("claimed"), vec![], "it sleeps until the alarm");
}

async fn a_newer_text_supersedes_the_turn(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change = LaneChange {
        turn: Some(turn("turn_1", f.now())),
        draft: Some(new_draft("draft_1", "turn_1")),
        state: Some((State::DraftWaiting, String::new())),
        wake_at: Some(f.after(600)),
        ..f.everything_handled(&lease).await
    };
    f.lead_texts("b").await;
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Superseded);

    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!(thread.drafts, vec![]);
    assert_eq!(thread.turns[0].outcome, "superseded");
    assert!(!thread.turns[0].reason.is_empty(), "the record says why");
    assert_eq!(thread.conversation.state, State::Working);
    let next = f.claim_one().await;
    let view = f.store.load(&next).await.expect("loaded").expect("held");
    assert_eq!(view.inbox.len(), 2, "both texts are still to be answered");
}

async fn a_newer_text_wakes_at_once_when_the_change_does_not_mind(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change =
        LaneChange { refuse_if_overtaken: false, wake_at: Some(f.after(600)), ..f.everything_handled(&lease).await };
    f.lead_texts("b").await;
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    let next = f.claim_one().await;
    let view = f.store.load(&next).await.expect("loaded").expect("held");
    assert_eq!(view.inbox.iter().map(|event| event.seq).collect::<Vec<_>>(), [2]);

    // Other news do not supersede a turn, but are seen at once as well.
    let change = LaneChange { wake_at: Some(f.after(600)), ..f.everything_handled(&next).await };
    f.arrives(EventKind::Booking, "c").await;
    assert_eq!(f.store.commit(&next, change).await.expect("committed"), Applied::Yes);
    f.claim_one().await;
}

async fn an_approval_meanwhile_supersedes_the_turn(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.arrives(EventKind::Booking, "b").await;
    let lease = f.claim_one().await;
    let change = LaneChange {
        turn: Some(turn("turn_2", f.now())),
        draft: Some(new_draft("draft_2", "turn_2")),
        ..f.everything_handled(&lease).await
    };
    f.store.review("draft_1", "Rita", Review::Approve { not_before: None }).await.expect("approved");
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Superseded);
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!(thread.drafts.iter().map(|draft| draft.state).collect::<Vec<_>>(), [DraftState::Approved]);
    assert_eq!(thread.effects.len(), 1);
    let next = f.claim_one().await;
    let change = LaneChange { draft: Some(new_draft("draft_3", "turn_3")), ..f.everything_handled(&next).await };
    assert_eq!(f.store.commit(&next, change).await.expect("committed"), Applied::Yes, "the next turn knows of it");
}

async fn a_newer_draft_takes_the_place_of_the_waiting_one(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.lead_texts("b").await;
    f.draft_waits("draft_2").await;
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    let states: Vec<_> = thread.drafts.iter().map(|draft| (draft.id.as_str(), draft.state)).collect();
    assert_eq!(states, [("draft_1", DraftState::Replaced), ("draft_2", DraftState::Waiting)]);
    let refused = f.store.review("draft_1", "Rita", Review::Approve { not_before: None }).await;
    assert!(refused.is_err(), "a replaced draft cannot be approved");
}

async fn a_change_that_does_not_fit_writes_nothing(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let mut change = f.everything_handled(&lease).await;
    change.messages = vec![message("acti_a", Author::Lead, "Can we meet?", f.now())];
    change.handled.push(Handled { inbox_id: "in_unknown".to_owned(), ending: Ending::Noted, reason: String::new() });
    f.store.commit(&lease, change).await.expect_err("there is no such event");
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!((thread.messages.len(), thread.inbox[0].ending), (0, None));
    assert!(f.store.load(&lease).await.expect("asked").is_some(), "the lease still runs");
}

async fn effects_keep_their_order_and_wake_the_conversation(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    let later = |id: &str, not_before| NewEffect {
        id: id.to_owned(),
        turn_id: None,
        text: "And one more.".to_owned(),
        not_before,
    };
    let change = LaneChange { effect: Some(later("out_2", None)), ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    let lease = f.claim_one().await;
    let effects = f.store.load(&lease).await.expect("loaded").expect("held").effects;
    let places: Vec<_> = effects.iter().map(|effect| (effect.id.as_str(), effect.ordinal)).collect();
    assert_eq!(places, [("out_1", 1), ("out_2", 2)]);
    f.store.clear_drafting(&lease, "out_2").await.expect_err("the first one is still on its way");

    // An effect that has to wait sets the alarm; one behind it does not wake earlier.
    let wait = rapport::store::SendProgress::Unclear { at: f.after(60), error: "No answer.".to_owned() };
    f.store.clear_drafting(&lease, "out_1").await.expect("asked");
    assert!(f.store.record_send(&lease, "out_1", wait).await.expect("recorded"));
    assert!(f.store.release(&lease, Some(f.after(600)), None).await.expect("released"));
    let row = f.store.conversation(&id).await.expect("read").expect("exists");
    assert_eq!(row.wake_at, Some(f.after(60)));
}

async fn what_a_rep_did_meanwhile_wakes_the_conversation(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change =
        LaneChange { refuse_if_overtaken: false, wake_at: Some(f.after(600)), ..f.everything_handled(&lease).await };
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    let next = f.claim_one().await;
    let change = LaneChange { wake_at: Some(f.after(600)), ..f.everything_handled(&next).await };
    f.store.commit(&next, change).await.expect("committed");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(600)), "once is enough");
}

async fn what_a_person_did_meanwhile_supersedes_the_turn(f: Fixture) {
    let id = f.lead_texts("a").await;
    let turned = async |lease: &Lease, n: u32| LaneChange {
        turn: Some(turn(&format!("turn_{n}"), f.now())),
        draft: Some(new_draft(&format!("draft_{n}"), &format!("turn_{n}"))),
        state: Some((State::DraftWaiting, String::new())),
        ..f.everything_handled(lease).await
    };
    let lease = f.claim_one().await;
    let change = turned(&lease, 1).await;
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Superseded);
    assert_eq!(f.state_of(&id).await, State::TakenOver);

    let lease = f.claim_one().await;
    let change = turned(&lease, 2).await;
    f.store.suppress(&stop(&f, "admin")).await.expect("stopped");
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Superseded);
    assert_eq!(f.state_of(&id).await, State::OptedOut);
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert!(thread.drafts.is_empty(), "nothing stands that nobody may send");
    assert_eq!(thread.turns.iter().map(|turn| turn.cost_microusd).sum::<i64>(), 250, "both are paid and recorded");

    // A stop that a model heard holds, whoever has taken over.
    let lease = f.claim_one().await;
    let heard = LaneChange { suppress: Some(stop(&f, "model")), ..f.everything_handled(&lease).await };
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    assert_eq!(f.store.commit(&lease, heard).await.expect("committed"), Applied::Yes);
    let next = f.claim_one().await;
    let change = turned(&next, 3).await;
    assert_eq!(f.store.commit(&next, change).await.expect("committed"), Applied::Yes, "once is enough");
}

async fn a_known_message_gets_its_newer_text(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change = LaneChange {
        messages: vec![
            message("acti_1", Author::Rep, "Hello", f.now()),
            message("acti_1", Author::Rep, "Hello there", f.now()),
            message("acti_0", Author::Lead, "Before", f.now() - std::time::Duration::from_mins(1)),
        ],
        ..f.everything_handled(&lease).await
    };
    f.store.commit(&lease, change).await.expect("committed");
    let messages = f.store.thread(&id).await.expect("read").expect("exists").messages;
    assert_eq!(messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["Before", "Hello there"]);
}
