//! A text is sent in two steps, each begun and ended in the store (`never-twice`, `never-over-a-human`).

use std::time::Duration;

use rapport::conversation::Author;
use rapport::store::{Clearance, EffectState, EventKind, LaneChange, Lease, NumberPair, SendProgress, Settled, State};

use super::{Fixture, on_both_engines};

on_both_engines!(
    a_text_goes_through_all_its_states,
    a_lost_answer_is_read_back_before_anything_is_repeated,
    a_step_begins_only_once,
    a_new_close_draft_is_recorded_with_the_last_check,
    the_end_of_sending_gives_the_conversation_back,
    a_newer_text_takes_a_queued_one_back,
    a_newer_text_takes_a_close_draft_back,
    a_rep_who_texts_or_composes_stops_it,
    our_own_activity_does_not_stop_it,
    an_event_settles_it,
    a_text_learnt_late_to_have_left_stands_where_it_left,
    automatic_texts_are_counted,
    what_anybody_texted_from_another_number_is_counted,
);

async fn effect(f: &Fixture, lease: &Lease, id: &str) -> rapport::store::Effect {
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    thread.effects.into_iter().find(|effect| effect.id == id).expect("the effect")
}

async fn a_text_goes_through_all_its_states(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Queued);
    assert_eq!(f.store.clear_drafting(&lease, "out_1").await.expect("asked"), Clearance::Go);
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Drafting);
    assert!(!f.store.knows_activity("acti_out").await.expect("asked"));
    let drafted = SendProgress::Drafted { activity_id: "acti_out".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", drafted).await.expect("recorded"));
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Drafted);
    assert!(f.store.knows_activity("acti_out").await.expect("asked"));
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), Clearance::Go);
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Sending);
    assert!(
        f.store.record_send(&lease, "out_1", SendProgress::Accepted { poll_at: f.after(60) }).await.expect("recorded")
    );
    assert!(f.store.release(&lease, None, None).await.expect("released"));
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(60)), "Close is asked again by then");
    f.time.advance(Duration::from_mins(1));
    let lease = f.claim_one().await;
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    assert_eq!(thread.effects[0].state, EffectState::Accepted);
    let last = thread.messages.last().expect("the text is a message now");
    assert_eq!(
        (last.activity_id.as_str(), last.author, last.text.as_str()),
        ("acti_out", Author::Agent, "See you then!")
    );
    assert!(f.store.load(&lease).await.expect("loaded").expect("held").answered_before);
    assert!(f.store.record_send(&lease, "out_1", SendProgress::Sent).await.expect("recorded"));
    let done = f.store.effect_by_activity("acti_out").await.expect("asked").expect("ours");
    assert_eq!((done.state, done.attempts), (EffectState::Sent, 0));
    assert!(f.store.load(&lease).await.expect("loaded").expect("held").effects.is_empty());
}

async fn a_lost_answer_is_read_back_before_anything_is_repeated(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.store.clear_drafting(&lease, "out_1").await.expect("asked");
    let unclear = || SendProgress::Unclear { at: f.after(10), error: "No answer from Close.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", unclear()).await.expect("recorded"));
    let now = effect(&f, &lease, "out_1").await;
    assert_eq!((now.state, now.attempts, now.next_at), (EffectState::Drafting, 1, Some(f.after(10))));
    assert_eq!(now.error, "No answer from Close.");
    f.store.clear_drafting(&lease, "out_1").await.expect_err("it has begun");
    f.store.clear_sending(&lease, "out_1").await.expect_err("no draft is known");

    let again = SendProgress::NotDrafted { at: f.after(20), error: "There is no draft.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", again).await.expect("recorded"));
    let now = effect(&f, &lease, "out_1").await;
    assert_eq!((now.state, now.attempts, now.next_at), (EffectState::Queued, 2, Some(f.after(20))));

    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.clear_sending(&lease, "out_1").await.expect("asked");
    assert!(f.store.record_send(&lease, "out_1", unclear()).await.expect("recorded"));
    f.store.clear_sending(&lease, "out_1").await.expect_err("it has begun");
    let still = SendProgress::StillDraft { at: f.after(30), error: "Close did not take it.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", still).await.expect("recorded"));
    let now = effect(&f, &lease, "out_1").await;
    assert_eq!((now.state, now.attempts), (EffectState::Drafted, 2));
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), Clearance::Go);
}

async fn a_step_begins_only_once(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.clear_drafting(&lease, "out_1").await.expect_err("the draft exists");
    f.store
        .record_send(&lease, "out_1", SendProgress::NotDrafted { at: f.now(), error: String::new() })
        .await
        .expect_err("it does exist");
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), Clearance::Go);
    f.store.clear_sending(&lease, "out_1").await.expect_err("it is being sent");
    assert!(
        f.store
            .record_send(&lease, "out_1", SendProgress::Failed { error: "Blocked.".to_owned() })
            .await
            .expect("recorded")
    );
    f.store.clear_sending(&lease, "out_1").await.expect_err("it has failed");
    f.store
        .record_send(&lease, "out_1", SendProgress::Accepted { poll_at: f.after(60) })
        .await
        .expect_err("what failed was not sent");
    f.store.clear_sending(&lease, "out_unknown").await.expect_err("there is no such text");
}

async fn a_new_close_draft_is_recorded_with_the_last_check(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.store.record_drafted(&lease, "out_1", "acti_early").await.expect_err("it was not begun");
    assert_eq!(f.store.clear_drafting(&lease, "out_1").await.expect("asked"), Clearance::Go);
    assert_eq!(f.store.record_drafted(&lease, "out_1", "acti_out").await.expect("asked"), Clearance::Go);
    let now = effect(&f, &lease, "out_1").await;
    assert_eq!((now.state, now.activity_id.as_deref()), (EffectState::Sending, Some("acti_out")));
    let sent = SendProgress::Sent;
    assert!(f.store.end_send(&lease, "out_1", sent, LaneChange::default()).await.expect("recorded"));

    // Somebody texts between the two steps: the draft is known, and never sent (`never-over-a-human`).
    f.lead_texts("b").await;
    let lease = f.effect_queued("out_2").await;
    f.store.clear_drafting(&lease, "out_2").await.expect("asked");
    f.arrives(EventKind::OutboundSent, "of_a_rep").await;
    let refused = f.store.record_drafted(&lease, "out_2", "acti_out_2").await.expect("asked");
    assert!(matches!(refused, Clearance::Withdrawn(_)), "{refused:?}");
    let now = effect(&f, &lease, "out_2").await;
    assert_eq!((now.state, now.activity_id.as_deref()), (EffectState::Drafted, Some("acti_out_2")));
    f.time.advance(super::LEASE);
    let late = f.store.record_drafted(&lease, "out_2", "acti_other").await.expect("asked");
    assert_eq!(late, Clearance::LeaseLost);
    assert!(!f.store.knows_activity("acti_other").await.expect("asked"));
}

async fn the_end_of_sending_gives_the_conversation_back(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.store.clear_drafting(&lease, "out_1").await.expect("asked");
    f.store.record_drafted(&lease, "out_1", "acti_out").await.expect("asked");
    let seen_seq = f.store.load(&lease).await.expect("loaded").expect("held").seen_seq;
    let change = LaneChange { seen_seq, state: Some((State::Quiet, String::new())), ..LaneChange::default() };
    let accepted = SendProgress::Accepted { poll_at: f.after(60) };
    assert!(f.store.end_send(&lease, "out_1", accepted.clone(), change.clone()).await.expect("recorded"));
    assert!(f.store.load(&lease).await.expect("asked").is_none(), "the lease is given back");
    assert_eq!(f.store.next_wake().await.expect("asked"), Some(f.after(60)), "Close is asked again by then");
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    assert_eq!((thread.conversation.state, thread.effects[0].state), (State::Quiet, EffectState::Accepted));
    assert!(!f.store.end_send(&lease, "out_1", accepted, change).await.expect("asked"), "the lease was lost");
}

async fn a_newer_text_takes_a_queued_one_back(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.lead_texts("b").await;
    let Clearance::Withdrawn(reason) = f.store.clear_drafting(&lease, "out_1").await.expect("asked") else {
        panic!("a text that answers an older one went out")
    };
    assert!(reason.contains("newer text"), "{reason}");
    let now = effect(&f, &lease, "out_1").await;
    assert_eq!((now.state, now.error), (EffectState::Withdrawn, reason.clone()));
    assert_eq!(f.store.clear_drafting(&lease, "out_1").await.expect("asked"), Clearance::Withdrawn(reason));
}

async fn a_newer_text_takes_a_close_draft_back(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.lead_texts("b").await;
    let refused = f.store.clear_sending(&lease, "out_1").await.expect("asked");
    assert!(matches!(refused, Clearance::Withdrawn(_)), "{refused:?}");
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Drafted, "its draft is still to be deleted");
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), refused, "and stays refused");
    let deleted = SendProgress::Withdrawn { reason: "A newer text came in.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", deleted).await.expect("recorded"));
    assert_eq!(effect(&f, &lease, "out_1").await.state, EffectState::Withdrawn);
    assert!(f.store.load(&lease).await.expect("loaded").expect("held").effects.is_empty());
}

async fn a_rep_who_texts_or_composes_stops_it(f: Fixture) {
    f.lead_texts("a").await;
    let mut lease = f.effect_queued("out_0").await;
    for (kind, name) in [(EventKind::OutboundSent, "rep_1"), (EventKind::Composing, "rep_2")] {
        let id = format!("out_{name}");
        let change = LaneChange {
            effect: Some(rapport::store::NewEffect {
                id: id.clone(),
                turn_id: None,
                text: "Hello".to_owned(),
                not_before: None,
            }),
            withdraw: Some("Making room.".to_owned()),
            ..f.everything_handled(&lease).await
        };
        f.store.commit(&lease, change).await.expect("committed");
        lease = f.claim_one().await;
        f.drafted(&lease, &id, &format!("acti_{id}")).await;
        f.arrives(kind, name).await;
        let refused = f.store.clear_sending(&lease, &id).await.expect("asked");
        assert!(matches!(&refused, Clearance::Withdrawn(reason) if reason.contains("Close")), "{kind:?}: {refused:?}");
        f.store.record_send(&lease, &id, SendProgress::Withdrawn { reason: String::new() }).await.expect("recorded");
    }
    let taken = LaneChange {
        takeover_until: Some(f.after(3_600)),
        effect: Some(rapport::store::NewEffect {
            id: "out_last".to_owned(),
            turn_id: None,
            text: "Hello".to_owned(),
            not_before: None,
        }),
        ..f.everything_handled(&lease).await
    };
    f.store.commit(&lease, taken).await.expect("committed");
    let lease = f.claim_one().await;
    let refused = f.store.clear_drafting(&lease, "out_last").await.expect("asked");
    assert!(matches!(refused, Clearance::Withdrawn(_)), "{refused:?}");
}

async fn our_own_activity_does_not_stop_it(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    // Close tells of the draft we made, and of one made by nobody knows whom.
    f.arrives(EventKind::Composing, "out").await;
    f.arrives(EventKind::Booking, "cal").await;
    assert_eq!(f.store.clear_sending(&lease, "out_1").await.expect("asked"), Clearance::Go);
}

async fn an_event_settles_it(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.clear_sending(&lease, "out_1").await.expect("asked");
    let settled = |error: Option<&str>| Settled { effect_id: "out_1".to_owned(), error: error.map(str::to_owned) };
    let change = LaneChange {
        settled: vec![settled(None), settled(Some("told too late"))],
        state: Some((State::Quiet, String::new())),
        ..f.everything_handled(&lease).await
    };
    f.store.commit(&lease, change).await.expect("committed");
    let done = effect(&f, &lease, "out_1").await;
    assert_eq!((done.state, done.error.as_str()), (EffectState::Sent, ""));
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    assert_eq!(thread.messages.len(), 1);
    assert_eq!(thread.conversation.wake_at, None);
}

async fn a_text_learnt_late_to_have_left_stands_where_it_left(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    let began = f.now();
    f.store.clear_sending(&lease, "out_1").await.expect("asked");
    f.time.advance(Duration::from_secs(9));
    let unclear = SendProgress::Unclear { at: f.now(), error: "No answer from Close.".to_owned() };
    assert!(f.store.record_send(&lease, "out_1", unclear).await.expect("recorded"));
    f.time.advance(Duration::from_secs(9));
    assert!(f.store.record_send(&lease, "out_1", SendProgress::Sent).await.expect("recorded"));
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    let ours = thread.messages.iter().find(|message| message.author == Author::Agent).expect("it is a message");
    assert_eq!(ours.at, began, "what the lead said meanwhile comes after it");
}

async fn what_anybody_texted_from_another_number_is_counted(f: Fixture) {
    let here = f.lead_texts("a").await;
    f.claim_one().await;
    let mut elsewhere = f.arrival(EventKind::OutboundSent, "ev_x", Some("acti_x"));
    elsewhere.lane = Some(NumberPair { ours: "+12125550111".to_owned(), theirs: super::THEIRS.to_owned() });
    f.store.accept(&elsewhere).await.expect("accepted");
    let lease = f.claim_one().await;
    let sent = super::message("acti_x", Author::Workflow, "Our offer ends soon.", f.now());
    let heard = super::message("acti_y", Author::Lead, "Ok", f.now());
    let change = LaneChange { messages: vec![sent, heard], ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    let counted = async |at| f.store.recollect(&here, at).await.expect("counted").sent.elsewhere_24h;
    assert_eq!(counted(f.now()).await, 1);
    assert_eq!(counted(f.after(25 * 3_600)).await, 0);
}

async fn automatic_texts_are_counted(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    let counts = |n| rapport::store::SentCounts { lead_24h: n, elsewhere_24h: 0, hour: n, day: n };
    assert_eq!(f.store.recollect(&id, f.now()).await.expect("counted").sent, counts(1));
    let later = f.after(2 * 3_600);
    assert_eq!(f.store.recollect(&id, later).await.expect("counted").sent.hour, 0);
    assert_eq!(f.store.recollect(&id, later).await.expect("counted").sent.lead_24h, 1);
    f.lead_texts("b").await;
    f.store.clear_drafting(&lease, "out_1").await.expect("refused");
    assert_eq!(
        f.store.recollect(&id, f.now()).await.expect("counted").sent,
        counts(0),
        "a withdrawn one does not count"
    );
    let change = f.everything_handled(&lease).await;
    f.store.commit(&lease, change).await.expect("committed");
    f.lead_texts("c").await;
    f.draft_waits("draft_1").await;
    let approve = rapport::store::Review::Approve { not_before: None };
    f.store.review("draft_1", "Rita", approve).await.expect("approved");
    assert_eq!(f.store.recollect(&id, f.now()).await.expect("counted").sent, counts(0), "nor does an approved one");
}
