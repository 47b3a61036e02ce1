//! What the desk, the commands and the metrics read.

use std::time::Duration;

use rapport::conversation::{Author, Handoff, HandoffKind};
use rapport::store::{EventKind, LaneChange, NewHandoff, NumberPair, State};

use super::{Fixture, THEIRS, message, on_both_engines};

on_both_engines!(
    what_waits_comes_newest_first_with_its_draft_and_last_message,
    what_needs_a_person_comes_first_and_the_gravest_of_it_before_all,
    what_waits_is_told_a_page_at_a_time_and_counted_whole,
    a_conversation_is_found_by_id_lead_or_phone,
    the_revision_moves_with_every_visible_change_in_any_process,
    counts_tell_what_is_where,
    a_booking_token_leads_back_to_its_conversation,
    settings_are_kept,
);

/// A draft waits in a conversation with `theirs`.
async fn waiting(f: &Fixture, theirs: &str, draft_id: &str) -> String {
    let mut event = f.arrival(EventKind::LeadText, &format!("ev_{draft_id}"), Some(&format!("acti_{draft_id}")));
    event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: theirs.to_owned() });
    f.store.accept(&event).await.expect("accepted");
    f.draft_waits(draft_id).await
}

async fn what_waits_comes_newest_first_with_its_draft_and_last_message(f: Fixture) {
    let first = waiting(&f, "+12125550101", "draft_1").await;
    f.time.advance(Duration::from_mins(1));
    let second = waiting(&f, "+12125550102", "draft_2").await;
    f.time.advance(Duration::from_mins(1));
    let quiet = f.lead_texts("quiet").await;
    let lease = f.claim_one().await;
    let said = vec![
        message("acti_2", Author::Rep, "the newer", f.after(1)),
        message("acti_1", Author::Lead, "the older", f.now()),
    ];
    let change = LaneChange {
        messages: said,
        state: Some((State::HandedOff, "Needs a person.".to_owned())),
        ..f.everything_handled(&lease).await
    };
    f.store.commit(&lease, change).await.expect("committed");
    let items = f.store.desk_items(10).await.expect("listed");
    let shown: Vec<_> = items
        .iter()
        .map(|item| {
            let draft = item.draft.as_ref().map(|draft| draft.id.as_str());
            let last = item.last_message.as_ref().map(|message| message.text.as_str());
            (item.conversation.id.as_str(), draft, last)
        })
        .collect();
    assert_eq!(
        shown,
        [
            (quiet.as_str(), None, Some("the newer")),
            (second.as_str(), Some("draft_2"), None),
            (first.as_str(), Some("draft_1"), None)
        ]
    );
    assert_eq!(f.store.desk_items(1).await.expect("listed"), items[..1]);
    assert_eq!(f.store.conversations(2).await.expect("listed").len(), 2);
}

/// A lead with `theirs` asks for something of `kind`, and a draft waits all the same.
async fn asks(f: &Fixture, theirs: &str, name: &str, kind: HandoffKind) -> String {
    let mut event = f.arrival(EventKind::LeadText, &format!("ev_{name}"), Some(&format!("acti_{name}")));
    event.lane = Some(NumberPair { ours: super::OURS.to_owned(), theirs: theirs.to_owned() });
    f.store.accept(&event).await.expect("accepted");
    let lease = f.claim_one().await;
    let handoff = Handoff { kind, reason: String::new(), summary: String::new(), next_step: String::new() };
    let new = NewHandoff { id: format!("hand_{name}"), turn_id: None, handoff, wants_task: false };
    let change = LaneChange {
        handoff: Some(new),
        state: Some((State::DraftWaiting, String::new())),
        ..f.everything_handled(&lease).await
    };
    f.store.commit(&lease, change).await.expect("committed");
    f.time.advance(Duration::from_mins(1));
    lease.conversation_id
}

async fn what_needs_a_person_comes_first_and_the_gravest_of_it_before_all(f: Fixture) {
    let law = asks(&f, "+12125550101", "law", HandoffKind::LegalThreat).await;
    let person = asks(&f, "+12125550102", "person", HandoffKind::WantsHuman).await;
    let done = asks(&f, "+12125550103", "done", HandoffKind::LegalThreat).await;
    let draft = waiting(&f, "+12125550104", "draft_1").await;
    let order = async || {
        let items = f.store.desk_items(10).await.expect("listed");
        items.into_iter().map(|item| item.conversation.id).collect::<Vec<_>>()
    };
    assert_eq!(order().await, [done.clone(), law.clone(), person.clone(), draft.clone()]);
    f.store.dismiss(&done, "Rita").await.expect("dismissed");
    assert_eq!(order().await, [law, person, draft, done], "what somebody dealt with is a draft like any other");
}

async fn what_waits_is_told_a_page_at_a_time_and_counted_whole(f: Fixture) {
    let mut newest = Vec::new();
    for n in 1..=5 {
        newest.insert(0, waiting(&f, &format!("+1212555010{n}"), &format!("draft_{n}")).await);
        f.time.advance(Duration::from_mins(1));
    }
    let quiet = f.lead_texts("quiet").await;
    let list = f.store.desk_list(2, 2).await.expect("listed");
    let shown: Vec<_> = list.waiting.iter().map(|item| item.conversation.id.clone()).collect();
    assert_eq!((shown, list.waiting_total), (newest[2..4].to_vec(), 5));
    assert!(list.waiting.iter().all(|item| item.draft.is_some()));
    assert_eq!((list.recent.len(), list.recent_total), (0, 1), "the other one stands on the first page");
    assert_eq!(f.store.desk_list(2, 0).await.expect("listed").recent[0].id, quiet);
}

async fn a_conversation_is_found_by_id_lead_or_phone(f: Fixture) {
    let id = f.lead_texts("a").await;
    for text in [id.as_str(), "lead_1", THEIRS, " lead_1 "] {
        let found = f.store.find_conversation(text).await.expect("searched").expect(text);
        assert_eq!(found.id, id);
    }
    assert_eq!(f.store.find_conversation("nobody").await.expect("searched"), None);
    assert!(f.store.thread("conv_unknown").await.expect("read").is_none());
}

async fn the_revision_moves_with_every_visible_change_in_any_process(f: Fixture) {
    let other = f.another_process().await;
    let mut seen = vec![f.store.revision().await.expect("read")];
    f.lead_texts("a").await;
    seen.push(other.revision().await.expect("read"));
    let id = f.draft_waits("draft_1").await;
    seen.push(other.revision().await.expect("read"));
    f.store.take_over(&id, "Rita", f.after(60)).await.expect("taken over");
    seen.push(other.revision().await.expect("read"));
    other.pause("", "Rita").await.expect("paused");
    seen.push(f.store.revision().await.expect("read"));
    assert!(seen.is_sorted_by(|a, b| a < b), "{seen:?}");
    assert_eq!(f.store.revision().await.expect("read"), seen[4], "reading changes nothing");
}

async fn counts_tell_what_is_where(f: Fixture) {
    waiting(&f, "+12125550101", "draft_1").await;
    f.lead_texts("a").await;
    let counts = f.store.counts().await.expect("counted");
    let states: Vec<_> = counts.conversations.iter().map(|(state, amount)| (state.as_str(), *amount)).collect();
    assert_eq!(states, [("draft_waiting", 1), ("working", 1)]);
    assert_eq!((counts.inbox_unhandled, counts.outbox_open), (1, 0));
    f.effect_queued("out_1").await;
    let counts = f.store.counts().await.expect("counted");
    assert_eq!((counts.inbox_unhandled, counts.outbox_open), (0, 1));
}

async fn a_booking_token_leads_back_to_its_conversation(f: Fixture) {
    let id = f.lead_texts("a").await;
    let token = f.store.booking_token(&id).await.expect("made");
    assert_eq!(f.store.booking_token(&id).await.expect("made"), token, "the same link is marked the same way");
    assert_eq!(f.store.conversation_by_token(&token).await.expect("asked"), Some(id));
    assert_eq!(f.store.conversation_by_token("guess").await.expect("asked"), None);
    f.store.booking_token("conv_unknown").await.expect_err("there is no such conversation");
}

async fn settings_are_kept(f: Fixture) {
    assert_eq!(f.store.setting("close.cursor").await.expect("read"), None);
    f.store.set_setting("close.cursor", "1").await.expect("set");
    f.store.set_setting("close.cursor", "2").await.expect("set");
    let other = f.another_process().await;
    assert_eq!(other.setting("close.cursor").await.expect("read").as_deref(), Some("2"));
}
