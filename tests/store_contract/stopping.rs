//! What stops texts for good (`never-after-stop`) and for a while (the kill switch).

use std::time::Duration;

use rapport::store::{
    Clearance, DeskError, DraftState, EffectState, EventKind, LaneChange, Lifting, NumberPair, Refusal, Review, State,
    Suppression,
};

use super::{Fixture, LEASE, THEIRS, on_both_engines};

on_both_engines!(
    an_opt_out_stops_drafts_and_texts_of_every_conversation,
    an_opt_out_is_lifted_by_name_and_restores_nothing,
    an_opt_out_lifted_by_the_lead_can_come_again,
    a_stop_that_a_carrier_holds_stays_one_whatever_words_come_before_or_after,
    a_stop_by_hand_is_told_with_who_wished_it_and_why,
    the_kill_switch_refuses_approvals,
    a_late_wish_to_resume_lifts_no_newer_pause,
    the_kill_switch_takes_back_what_was_not_begun,
    lifting_the_kill_switch_restores_nothing,
);

const APPROVE: Review = Review::Approve { not_before: None };

fn stop(f: &Fixture) -> Suppression {
    Suppression {
        phone: THEIRS.to_owned(),
        rule: "keyword:stop".to_owned(),
        activity_id: Some("acti_stop".to_owned()),
        since: f.now(),
    }
}

async fn an_opt_out_stops_drafts_and_texts_of_every_conversation(f: Fixture) {
    // The lead also texts with another number of ours: one text is queued there, a draft waits here.
    let mut elsewhere = f.arrival(EventKind::LeadText, "ev_x", Some("acti_x"));
    elsewhere.lane = Some(NumberPair { ours: "+12125550111".to_owned(), theirs: THEIRS.to_owned() });
    f.store.accept(&elsewhere).await.expect("accepted");
    let there = f.effect_queued("out_1").await;
    f.lead_texts("a").await;
    let here = f.draft_waits("draft_1").await;

    f.lead_texts("stop").await;
    let lease = f.claim_one().await;
    let change = LaneChange { suppress: Some(stop(&f)), ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");

    assert_eq!(f.store.suppression(THEIRS).await.expect("asked"), Some(stop(&f)));
    let thread = f.store.thread(&here).await.expect("read").expect("exists");
    assert_eq!(thread.drafts[0].state, DraftState::Withdrawn);
    let refused = f.store.clear_drafting(&there, "out_1").await.expect("asked");
    assert!(matches!(refused, Clearance::Withdrawn(_)), "{refused:?}");
    assert_eq!(f.state_of(&there.conversation_id).await, State::OptedOut);
    assert!(f.store.load(&there).await.expect("loaded").expect("held").suppressed.is_some());
}

async fn a_stop_by_hand_is_told_with_who_wished_it_and_why(f: Fixture) {
    f.lead_texts("a").await;
    f.store.suppress_by_hand(THEIRS, "Bo", "A mistake.").await.expect("stopped");
    f.store.lift_suppression(THEIRS, "Bo", "It was one.").await.expect("lifted");
    f.time.advance(std::time::Duration::from_secs(1));
    f.store.suppress_by_hand(THEIRS, "Ann", "She called: no more.").await.expect("stopped");
    assert!(f.store.suppression(THEIRS).await.expect("asked").expect("stopped").is_by_hand());
    let wishes = f.store.wishes_to_stop().await.expect("asked");
    assert_eq!(wishes.get(THEIRS).map(String::as_str), Some("by Ann: She called: no more."));
    assert_eq!(wishes.len(), 1);
    assert!(!stop(&f).is_by_hand());
}

async fn an_opt_out_is_lifted_by_name_and_restores_nothing(f: Fixture) {
    f.lead_texts("a").await;
    f.draft_waits("draft_1").await;
    f.store.suppress(&stop(&f)).await.expect("suppressed");
    f.store.suppress(&Suppression { rule: "again".to_owned(), ..stop(&f) }).await.expect("no harm done");
    assert_eq!(f.store.suppression(THEIRS).await.expect("asked").expect("suppressed").rule, "keyword:stop");
    assert!(f.store.lift_suppression(THEIRS, "Rita", "She called and asked for it.").await.expect("lifted"));
    assert!(!f.store.lift_suppression(THEIRS, "Rita", "Again.").await.expect("nothing to lift"));
    assert_eq!(f.store.suppression(THEIRS).await.expect("asked"), None);
    let row = f.store.find_conversation(THEIRS).await.expect("searched").expect("exists");
    assert_eq!(row.state, State::Quiet);
    assert!(row.reason.contains("She called"), "{}", row.reason);
    let refused = f.store.review("draft_1", "Rita", APPROVE).await;
    assert!(
        matches!(refused, Err(DeskError::Refused(Refusal::AlreadyDecided { how: "withdrawn", .. }))),
        "{refused:?}"
    );
}

async fn a_stop_that_a_carrier_holds_stays_one_whatever_words_come_before_or_after(f: Fixture) {
    let said =
        |rule: &str| Suppression { rule: rule.to_owned(), activity_id: Some(format!("acti_{rule}")), ..stop(&f) };
    for rule in ["stop_texting", "keyword", "learned"] {
        f.store.suppress(&said(rule)).await.expect("suppressed");
    }
    let standing = f.store.suppression(THEIRS).await.expect("asked").expect("suppressed");
    assert_eq!((standing.rule.as_str(), standing.activity_id.as_deref()), ("keyword", Some("acti_keyword")));
    assert!(standing.is_held_by_carrier());
}

async fn an_opt_out_lifted_by_the_lead_can_come_again(f: Fixture) {
    f.store.suppress(&stop(&f)).await.expect("suppressed");
    f.lead_texts("start").await;
    // A draft made while the phone is suppressed, for whatever reason, cannot be approved.
    f.draft_waits("draft_1").await;
    let refused = f.store.review("draft_1", "Rita", APPROVE).await;
    assert!(matches!(refused, Err(DeskError::Refused(Refusal::Suppressed))), "{refused:?}");
    f.arrives(EventKind::Booking, "b").await;
    let lease = f.claim_one().await;
    let change = LaneChange { unsuppress: true, ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    assert_eq!(f.store.suppression(THEIRS).await.expect("asked"), None);
    f.store.suppress(&stop(&f)).await.expect("suppressed again");
    assert!(f.store.suppression(THEIRS).await.expect("asked").is_some());
}

async fn the_kill_switch_refuses_approvals(f: Fixture) {
    f.lead_texts("a").await;
    f.draft_waits("draft_1").await;
    let pause = f.store.pause("Wrong prices", "Rita").await.expect("paused");
    assert_eq!(f.store.paused().await.expect("asked").as_ref(), Some(&pause));
    assert!(pause.why.contains("Wrong prices") && pause.why.contains("Rita"), "{}", pause.why);
    let refused = f.store.review("draft_1", "Omar", APPROVE).await;
    assert!(matches!(&refused, Err(DeskError::Refused(Refusal::Paused(why))) if *why == pause.why), "{refused:?}");
    assert_eq!(f.store.resume("Rita", pause.since).await.expect("resumed"), Lifting::Lifted);
    assert_eq!(f.store.resume("Rita", pause.since).await.expect("asked"), Lifting::NotPaused);
    f.store.review("draft_1", "Omar", APPROVE).await.expect("a rep may decide again");
}

async fn a_late_wish_to_resume_lifts_no_newer_pause(f: Fixture) {
    let first = f.store.pause("Wrong prices", "Rita").await.expect("paused");
    f.time.advance(Duration::from_secs(90));
    let second = f.store.pause("Wrong names too", "Omar").await.expect("paused anew");
    let late = f.store.resume("Rita", first.since).await.expect("asked");
    assert_eq!(late, Lifting::PausedAnew(second.clone()), "Rita has not seen why Omar paused");
    assert_eq!(f.store.paused().await.expect("asked"), Some(second.clone()));
    assert_eq!(f.store.resume("Rita", second.since).await.expect("resumed"), Lifting::Lifted);
    assert_eq!(f.store.paused().await.expect("asked"), None);
}

async fn the_kill_switch_takes_back_what_was_not_begun(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.pause("Wrong prices", "Rita").await.expect("paused");
    assert!(f.store.load(&lease).await.expect("loaded").expect("held").paused.is_some());
    let refused = f.store.clear_sending(&lease, "out_1").await.expect("asked");
    assert!(matches!(&refused, Clearance::Withdrawn(why) if why.contains("Wrong prices")), "{refused:?}");
    let row = f.store.conversation(&lease.conversation_id).await.expect("read").expect("exists");
    assert_eq!(row.state, State::HandedOff);
    assert!(row.reason.contains("Wrong prices"), "{}", row.reason);
}

async fn lifting_the_kill_switch_restores_nothing(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    let pause = f.store.pause("", "Rita").await.expect("paused");
    f.store.resume("Rita", pause.since).await.expect("resumed");
    let refused = f.store.clear_drafting(&lease, "out_1").await.expect("asked");
    assert!(matches!(refused, Clearance::Withdrawn(_)), "{refused:?}");
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("exists");
    assert_eq!(thread.effects[0].state, EffectState::Withdrawn);
    f.store.release(&lease, None, None).await.expect("released");
    let woken = f.store.claim(10, LEASE, "worker").await.expect("claimed");
    assert_eq!(woken.len(), 1, "the conversation was rung once, so that the worker can tidy up");
}
