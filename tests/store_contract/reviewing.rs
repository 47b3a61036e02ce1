//! A draft is decided once, by one rep, against the conversation as it is then (`a-person-decides`).

use std::time::Duration;

use rapport::store::{
    Arrival, DeskError, DraftState, EffectState, Ending, EventKind, Handled, LaneChange, NewDraft, NewEffect, Refusal,
    Review, State,
};

use super::{Fixture, on_both_engines};

on_both_engines!(
    an_approved_draft_goes_out_as_it_was,
    an_edited_draft_goes_out_as_the_rep_wrote_it,
    a_rejected_draft_is_not_sent,
    a_new_draft_is_asked_for,
    the_second_rep_is_refused,
    two_reps_at_once_send_one_text,
    a_draft_that_a_newer_text_overtook_is_refused,
    a_draft_that_a_rep_overtook_in_close_is_refused,
    an_unknown_draft_is_refused,
    a_text_is_owed_an_answer_until_one_leaves_or_a_rep_says_no,
);

const APPROVE: Review = Review::Approve { not_before: None };

async fn refusal(f: &Fixture, draft_id: &str, review: Review) -> Refusal {
    match f.store.review(draft_id, "Rita", review).await {
        Err(DeskError::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, not {other:?}"),
    }
}

async fn an_approved_draft_goes_out_as_it_was(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    let review = Review::Approve { not_before: Some(f.after(60)) };
    f.store.review("draft_1", "Rita", review).await.expect("approved");
    let draft = f.store.draft("draft_1").await.expect("read").expect("exists");
    assert_eq!((draft.state, draft.reviewer.as_deref()), (DraftState::Approved, Some("Rita")));
    assert_eq!((draft.decided_at, draft.edited_text), (Some(f.now()), None));
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    let effect = &thread.effects[0];
    assert_eq!((effect.text.as_str(), effect.state), (draft.text.as_str(), EffectState::Queued));
    assert_eq!((effect.draft_id.as_deref(), effect.approved_by.as_deref()), (Some("draft_1"), Some("Rita")));
    assert_eq!((effect.next_at, effect.basis_seq), (Some(f.after(60)), 1));
    assert_eq!(thread.conversation.state, State::Sending);
    let lease = f.claim_one().await;
    assert_eq!(lease.conversation_id, id, "the conversation was woken");
}

async fn an_edited_draft_goes_out_as_the_rep_wrote_it(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    let review = Review::Edit { text: "Tuesday at 3?".to_owned(), not_before: None };
    f.store.review("draft_1", "Rita", review).await.expect("edited");
    let draft = f.store.draft("draft_1").await.expect("read").expect("exists");
    assert_eq!((draft.state, draft.edited_text.as_deref()), (DraftState::Edited, Some("Tuesday at 3?")));
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!(thread.effects[0].text, "Tuesday at 3?");
}

async fn a_rejected_draft_is_not_sent(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.store.review("draft_1", "Rita", Review::Reject { reason: "Too pushy".to_owned() }).await.expect("rejected");
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!((thread.drafts[0].state, thread.drafts[0].ended_reason.as_str()), (DraftState::Rejected, "Too pushy"));
    assert_eq!(thread.effects, vec![]);
    assert_eq!(thread.conversation.state, State::Quiet);
    assert!(thread.conversation.reason.contains("Rita"), "{}", thread.conversation.reason);
}

async fn a_new_draft_is_asked_for(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    let before = f.store.draft("draft_1").await.expect("read").expect("exists");
    f.store.review("draft_1", "Rita", Review::Regenerate { instruction: "Shorter".to_owned() }).await.expect("asked");
    assert_eq!(f.store.draft("draft_1").await.expect("read").expect("exists").state, DraftState::Replaced);
    assert_eq!(f.state_of(&id).await, State::Working);
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    assert_eq!((view.inbox.len(), view.inbox[0].kind, view.seen_seq), (1, EventKind::Instruction, 2));
    assert_eq!(view.inbox[0].body["instruction"], "Shorter");
    assert_eq!(view.inbox[0].body["previous_text"], before.text.as_str());
    assert_eq!(view.draft, None);
}

async fn the_second_rep_is_refused(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.store.review("draft_1", "Rita", APPROVE).await.expect("approved");
    for review in [APPROVE, Review::Reject { reason: String::new() }, Review::Regenerate { instruction: String::new() }]
    {
        let refusal = refusal(&f, "draft_1", review).await;
        assert_eq!(refusal, Refusal::AlreadyDecided { how: "approved", by: Some("Rita".to_owned()) });
    }
    assert_eq!(f.store.thread(&id).await.expect("read").expect("exists").effects.len(), 1);
}

async fn two_reps_at_once_send_one_text(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    let other = f.another_process().await;
    let (one, two) = tokio::join!(f.store.review("draft_1", "Rita", APPROVE), other.review("draft_1", "Omar", APPROVE));
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
    assert_eq!(f.store.thread(&id).await.expect("read").expect("exists").effects.len(), 1);
}

async fn a_draft_that_a_newer_text_overtook_is_refused(f: Fixture) {
    f.lead_texts("a").await;
    f.draft_waits("draft_1").await;
    f.lead_texts("b").await;
    assert_eq!(refusal(&f, "draft_1", APPROVE).await, Refusal::Stale);
    assert_eq!(f.store.draft("draft_1").await.expect("read").expect("exists").state, DraftState::Waiting);
}

async fn a_draft_that_a_rep_overtook_in_close_is_refused(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.arrives(EventKind::Composing, "rep").await;
    let edit = Review::Edit { text: "Hello".to_owned(), not_before: None };
    assert_eq!(refusal(&f, "draft_1", edit).await, Refusal::TakenOver);
    assert_eq!(f.store.thread(&id).await.expect("read").expect("exists").effects, vec![]);
}

async fn an_unknown_draft_is_refused(f: Fixture) {
    assert_eq!(refusal(&f, "draft_unknown", APPROVE).await, Refusal::NotFound);
}

/// A worker decides on what the lead texted: on a draft, or on a text that goes by itself.
async fn decided(f: &Fixture, draft: Option<&str>, effect: Option<&str>) {
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    let ending = if draft.is_some() { Ending::Drafted } else { Ending::Answered };
    let handled = view.inbox.iter().map(|event| Handled { inbox_id: event.id.clone(), ending, reason: String::new() });
    let change = LaneChange {
        seen_seq: view.seen_seq,
        handled: handled.collect(),
        draft: draft.map(|id| NewDraft {
            id: id.to_owned(),
            turn_id: "turn_1".to_owned(),
            text: "Tuesday?".to_owned(),
            reason: String::new(),
            answers_text_at: None,
        }),
        effect: effect.map(|id| NewEffect {
            id: id.to_owned(),
            turn_id: None,
            text: "Tuesday!".to_owned(),
            not_before: Some(f.after(3_600)),
        }),
        ..LaneChange::default()
    };
    f.store.commit(&lease, change).await.expect("committed");
}

/// A newer text came: what waits is taken back.
async fn taken_back(f: &Fixture) {
    let lease = f.claim_one().await;
    let withdraw = Some("The lead texted again.".to_owned());
    let change = LaneChange { withdraw, ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
}

async fn a_text_is_owed_an_answer_until_one_leaves_or_a_rep_says_no(f: Fixture) {
    let id = f.lead_texts("a").await;
    decided(&f, Some("draft_1"), None).await;
    f.arrives(EventKind::Composing, "n1").await;
    taken_back(&f).await;
    let owed = async || f.store.recollect(&id, f.now()).await.expect("read").owed.into_iter().collect::<Vec<_>>();
    assert_eq!(owed().await, ["acti_a"], "its draft was taken back");

    f.lead_texts("b").await;
    decided(&f, None, Some("out_1")).await;
    assert_eq!(owed().await, Vec::<String>::new(), "an answer to both is on its way");
    f.arrives(EventKind::Composing, "n2").await;
    taken_back(&f).await;
    assert_eq!(owed().await, ["acti_a", "acti_b"], "it never left");

    f.lead_texts("c").await;
    decided(&f, Some("draft_2"), None).await;
    let reject = Review::Reject { reason: "I will call".to_owned() };
    f.store.review("draft_2", "Rita", reject).await.expect("rejected");
    assert_eq!(owed().await, Vec::<String>::new(), "a rep said no");

    f.lead_texts("d").await;
    decided(&f, Some("draft_3"), None).await;
    f.arrives(EventKind::OutboundSent, "rep").await;
    taken_back(&f).await;
    assert_eq!(owed().await, Vec::<String>::new(), "a rep answered");

    f.time.advance(Duration::from_mins(1));
    f.lead_texts("e").await;
    decided(&f, Some("draft_4"), None).await;
    let late = f.arrival(EventKind::OutboundSent, "ev_late", Some("acti_late"));
    let occurred_at = late.occurred_at - Duration::from_secs(30);
    f.store.accept(&Arrival { occurred_at, ..late }).await.expect("accepted");
    taken_back(&f).await;
    assert_eq!(owed().await, ["acti_e"], "a rep's text of before it, of which Rapport heard late, answers nothing");
}
