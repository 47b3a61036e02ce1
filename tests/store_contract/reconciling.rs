//! What a comparison with Close asks, and what it corrects.

use rapport::conversation::Author;
use rapport::store::{
    Correction, DeskError, EffectState, EventKind, LaneChange, NumberPair, Refusal, SendProgress, State,
};

use super::{Fixture, OURS, THEIRS, message, on_both_engines};

on_both_engines!(
    a_text_is_known_from_the_inbox_or_from_the_conversation,
    texts_of_the_same_words_are_found_in_their_conversation_only,
    a_text_asked_for_again_and_again_is_unsettled,
    a_conversation_with_work_and_no_alarm_is_asleep,
    what_a_clock_that_was_ahead_put_to_sleep_is_woken,
    a_mark_in_the_future_is_put_back,
    a_record_is_corrected_unless_it_has_changed_meanwhile,
    a_parked_conversation_is_asked_again,
);

async fn a_text_is_known_from_the_inbox_or_from_the_conversation(f: Fixture) {
    f.lead_texts("a").await;
    assert!(f.store.has_text("acti_a").await.expect("read"));
    assert!(!f.store.has_text("acti_b").await.expect("read"));
    f.arrives(EventKind::Composing, "typing").await;
    assert!(!f.store.has_text("acti_typing").await.expect("read"), "half a text is none");
    let lease = f.claim_one().await;
    let seen = message("acti_b", Author::Lead, "earlier", f.now());
    let change = LaneChange { messages: vec![seen], ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    assert!(f.store.has_text("acti_b").await.expect("read"), "a turn has read it");
}

async fn texts_of_the_same_words_are_found_in_their_conversation_only(f: Fixture) {
    f.lead_texts("a").await;
    f.effect_queued("out_1").await;
    let pair = |theirs: &str| NumberPair { ours: OURS.to_owned(), theirs: theirs.to_owned() };
    let ids = async |theirs: &str, text: &str| -> Vec<String> {
        let found = f.store.effects_saying(&pair(theirs), text).await.expect("read");
        found.into_iter().map(|effect| effect.id).collect()
    };
    assert_eq!(ids(THEIRS, "See you then!").await, ["out_1"]);
    assert_eq!(ids(THEIRS, "See you then").await, ["out_1"], "Close may set other marks");
    assert!(ids(THEIRS, "See you").await.is_empty());
    assert!(ids("+12125550143", "See you then!").await.is_empty());
}

async fn a_text_asked_for_again_and_again_is_unsettled(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    f.store.clear_sending(&lease, "out_1").await.expect("asked");
    for attempt in 0..3 {
        assert_eq!(f.store.unsettled_effects(3, 10).await.expect("read").len(), 0, "{attempt}");
        let unclear = SendProgress::Unclear { at: f.after(1), error: "no answer".to_owned() };
        assert!(f.store.record_send(&lease, "out_1", unclear).await.expect("recorded"));
    }
    assert_eq!(f.store.unsettled_effects(3, 10).await.expect("read")[0].id, "out_1");
    assert!(f.store.record_send(&lease, "out_1", SendProgress::Sent).await.expect("recorded"));
    assert!(f.store.unsettled_effects(3, 10).await.expect("read").is_empty());
}

async fn a_conversation_with_work_and_no_alarm_is_asleep(f: Fixture) {
    let id = f.lead_texts("a").await;
    assert!(f.store.sleepers(10).await.expect("read").is_empty(), "its alarm is set");
    let grace = std::time::Duration::from_mins(1);
    assert_eq!(f.store.overdue(grace).await.expect("read"), 0);
    f.time.advance(grace * 2);
    assert_eq!(f.store.overdue(grace).await.expect("read"), 1, "nobody works on it");

    let database = sqlx::AnyPool::connect(&f.url).await.expect("the database");
    sqlx::query("update conversation set wake_at = null").execute(&database).await.expect("what must never happen");
    database.close().await;
    let asleep = f.store.sleepers(10).await.expect("read");
    assert_eq!((asleep[0].conversation_id.as_str(), asleep[0].unhandled, asleep[0].open_texts), (id.as_str(), 1, 0));
    f.store.wake(&id).await.expect("woken");
    assert!(f.store.sleepers(10).await.expect("read").is_empty());
    assert_eq!(f.claim_one().await.conversation_id, id);
}

async fn what_a_clock_that_was_ahead_put_to_sleep_is_woken(f: Fixture) {
    let longest = std::time::Duration::from_mins(10);
    let id = f.lead_texts("a").await;
    f.claim_one().await;
    assert_eq!(f.store.oversleepers(longest).await.expect("read"), 0, "a worker has it");

    let database = sqlx::AnyPool::connect(&f.url).await.expect("the database");
    let ahead = f.after(3 * 60 * 60).as_millisecond();
    let sql = format!("update conversation set wake_at = {ahead}, lease_until = {ahead}");
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&database).await.expect("what a clock three hours ahead leaves");
    database.close().await;
    assert_eq!(f.store.oversleepers(longest).await.expect("read"), 1);
    assert_eq!(f.store.wake_oversleepers(longest).await.expect("woken"), 1);
    assert_eq!(f.store.oversleepers(longest).await.expect("read"), 0);
    assert_eq!(f.claim_one().await.conversation_id, id);
}

async fn a_mark_in_the_future_is_put_back(f: Fixture) {
    let day = std::time::Duration::from_hours(24);
    f.store.raise_mark("read", f.after(0)).await.expect("set");
    assert_eq!(f.store.past_mark("read", day).await.expect("read"), Some(f.after(0)), "it is no further than now");
    f.store.raise_mark("read", f.after(3 * 60 * 60)).await.expect("set");
    let put_back = Some(f.now() - day);
    assert_eq!(f.store.past_mark("read", day).await.expect("read"), put_back);
    assert_eq!(f.store.mark("read").await.expect("read"), put_back, "and stays so");
}

async fn a_record_is_corrected_unless_it_has_changed_meanwhile(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.effect_queued("out_1").await;
    f.drafted(&lease, "out_1", "acti_out").await;
    let failed = SendProgress::Failed { error: "Close refused".to_owned() };
    let before = f.store.effect_by_activity("acti_out").await.expect("read").expect("one");
    assert!(f.store.record_send(&lease, "out_1", failed).await.expect("recorded"));
    assert!(
        !f.store.correct_effect(&before, &Correction::Sent(f.now())).await.expect("asked"),
        "it is not drafted any more"
    );

    let effect = f.store.effect_by_activity("acti_out").await.expect("read").expect("one");
    assert!(f.store.correct_effect(&effect, &Correction::Sent(f.now())).await.expect("corrected"));
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("one");
    assert_eq!(thread.effects[0].state, EffectState::Sent);
    assert!(thread.messages.iter().any(|m| m.activity_id == "acti_out" && m.author == Author::Agent));

    let effect = thread.effects[0].clone();
    let late = Correction::Failed("30003".to_owned());
    assert!(f.store.correct_effect(&effect, &late).await.expect("corrected"));
    let waiting = f.store.desk_items(10).await.expect("read");
    assert_eq!(waiting.len(), 1, "a rep sees that it failed");
}

async fn a_parked_conversation_is_asked_again(f: Fixture) {
    let id = f.lead_texts("a").await;
    assert!(f.store.parked().await.expect("read").is_empty());
    let lease = f.claim_one().await;
    let change = LaneChange { state: Some((State::Parked, "No model.".into())), ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    assert_eq!(f.store.parked().await.expect("read"), [id.as_str()]);
    f.store.ask_again(&id, "Robin").await.expect("asked");
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    assert_eq!(view.inbox[0].kind, EventKind::Instruction);
    let nobody = f.store.ask_again("conv_nobody", "Robin").await;
    assert!(matches!(nobody, Err(DeskError::Refused(Refusal::NotFound))), "{nobody:?}");
}
