//! What a rep does with a conversation (`never-over-a-human`).

use rapport::conversation::Mode;
use rapport::store::{Clearance, DeskError, DraftState, Ending, LaneChange, Refusal, SendProgress, State};

use super::{Fixture, on_both_engines};

on_both_engines!(
    a_takeover_withdraws_what_waits,
    a_takeover_stops_a_close_draft,
    a_worker_that_has_not_seen_a_takeover_shortens_none,
    a_conversation_handed_back_goes_on,
    a_mode_is_set_and_taken_back,
    a_dealt_with_handoff_leaves_the_list,
    a_parked_conversation_is_dealt_with_once,
    an_unknown_conversation_is_refused,
);

async fn a_takeover_withdraws_what_waits(f: Fixture) {
    f.lead_texts("a").await;
    let id = f.draft_waits("draft_1").await;
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!(thread.drafts[0].state, DraftState::Withdrawn);
    assert!(thread.drafts[0].ended_reason.contains("Rita"), "{}", thread.drafts[0].ended_reason);
    assert_eq!(
        (thread.conversation.state, thread.conversation.takeover_until),
        (State::TakenOver, Some(f.after(3_600)))
    );
    assert_eq!(f.claim_one().await.conversation_id, id);
}

async fn a_takeover_stops_a_close_draft(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.take_over(&lease.conversation_id, "Rita", f.after(3_600)).await.expect("taken over");
    let refused = f.store.clear_sending(&lease, "out_1").await.expect("asked");
    assert!(matches!(&refused, Clearance::Withdrawn(why) if why.contains("Rita")), "{refused:?}");
    f.store.hand_back(&lease.conversation_id, "Rita").await.expect("handed back");
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), refused, "it stays withdrawn");
}

async fn a_worker_that_has_not_seen_a_takeover_shortens_none(f: Fixture) {
    let id = f.lead_texts("a").await;
    let until = async || f.store.conversation(&id).await.expect("read").expect("exists").takeover_until;
    let lease = f.claim_one().await;
    let typing = LaneChange {
        refuse_if_overtaken: false,
        takeover_until: Some(f.after(900)),
        ..f.everything_handled(&lease).await
    };
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    f.store.commit(&lease, typing.clone()).await.expect("committed");
    assert_eq!(until().await, Some(f.after(3_600)), "she said an hour");
    let lease = f.claim_one().await;
    f.store.hand_back(&id, "Rita").await.expect("handed back");
    f.store.commit(&lease, LaneChange { handled: Vec::new(), ..typing }).await.expect("committed");
    assert_eq!(until().await, Some(f.after(900)), "and somebody types since");
    let lease = f.claim_one().await;
    let change = LaneChange { takeover_until: None, ..f.everything_handled(&lease).await };
    f.store.commit(&lease, LaneChange { refuse_if_overtaken: false, ..change }).await.expect("committed");
    assert_eq!(until().await, Some(f.after(900)), "what says nothing of it leaves it");
}

async fn a_conversation_handed_back_goes_on(f: Fixture) {
    let id = f.lead_texts("a").await;
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    f.store.hand_back(&id, "Rita").await.expect("handed back");
    let row = f.store.conversation(&id).await.expect("read").expect("exists");
    assert_eq!((row.state, row.takeover_until), (State::Working, None), "a text is still to be answered");
    let lease = f.claim_one().await;
    let change = f.everything_handled(&lease).await;
    f.store.commit(&lease, change).await.expect("committed");
    f.store.take_over(&id, "Rita", f.after(3_600)).await.expect("taken over");
    f.store.hand_back(&id, "Rita").await.expect("handed back");
    assert_eq!(f.state_of(&id).await, State::Quiet);
}

async fn a_mode_is_set_and_taken_back(f: Fixture) {
    let id = f.lead_texts("a").await;
    for mode in [Some(Mode::Off), Some(Mode::Auto), None] {
        f.store.set_mode(&id, mode, "Rita").await.expect("set");
        assert_eq!(f.store.conversation(&id).await.expect("read").expect("exists").mode, mode);
    }
}

async fn a_dealt_with_handoff_leaves_the_list(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    let failed = SendProgress::Failed { error: "The number is not in service.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", failed).await.expect("recorded"));
    let state = Some((State::HandedOff, "The text could not be sent.".to_owned()));
    f.store.release(&lease, None, state).await.expect("released");
    assert_eq!(f.store.desk_items(10).await.expect("listed").len(), 1);
    f.store.dismiss(&id, "Rita").await.expect("dismissed");
    assert_eq!(f.store.desk_items(10).await.expect("listed"), vec![]);
    assert_eq!(f.state_of(&id).await, State::Quiet);
}

async fn a_parked_conversation_is_dealt_with_once(f: Fixture) {
    let id = f.lead_texts("a").await;
    let park = || Some((State::Parked, "The model does not answer.".to_owned()));
    let lease = f.claim_one().await;
    f.store.release(&lease, None, park()).await.expect("parked");
    f.store.dismiss(&id, "Rita").await.expect("dismissed");
    let thread = f.store.thread(&id).await.expect("read").expect("exists");
    assert_eq!(thread.inbox[0].ending, Some(Ending::HandedOff));
    assert_eq!(thread.conversation.state, State::Quiet);

    // A text that came after the rep looked is not dealt with.
    f.lead_texts("b").await;
    let lease = f.claim_one().await;
    f.store.release(&lease, None, park()).await.expect("parked");
    f.lead_texts("c").await;
    f.store.dismiss(&id, "Rita").await.expect("dismissed");
    let next = f.claim_one().await;
    assert_eq!(f.store.load(&next).await.expect("loaded").expect("held").inbox.len(), 2);
    let change = LaneChange { ..f.everything_handled(&next).await };
    f.store.commit(&next, change).await.expect("committed");
}

async fn an_unknown_conversation_is_refused(f: Fixture) {
    for refused in [
        f.store.take_over("conv_unknown", "Rita", f.after(60)).await,
        f.store.hand_back("conv_unknown", "Rita").await,
        f.store.set_mode("conv_unknown", None, "Rita").await,
        f.store.dismiss("conv_unknown", "Rita").await,
    ] {
        assert!(matches!(refused, Err(DeskError::Refused(Refusal::NotFound))), "{refused:?}");
    }
}
