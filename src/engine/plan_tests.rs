use serde_json::json;

use super::*;
use crate::engine::COMPOSING_HOLD;
use crate::store::effect::Purpose;
use crate::store::lane::{Conversation, Ending, EventKind, NumberPair, Settled};

const WAIT: Duration = Duration::from_secs(8);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).expect("in range")
}

fn view() -> LaneView {
    LaneView {
        conversation: Conversation {
            id: "conv_1".to_owned(),
            numbers: NumberPair { ours: "+15205550100".to_owned(), theirs: "+15205550142".to_owned() },
            lead_id: None,
            contact_id: None,
            display_name: None,
            mode: None,
            state: State::Quiet,
            reason: String::new(),
            takeover_until: None,
            attempts: 0,
            wake_at: None,
            updated_at: at(0),
        },
        inbox: Vec::new(),
        own: HashSet::new(),
        seen_seq: 0,
        messages: Vec::new(),
        draft: None,
        effects: Vec::new(),
        suppressed: None,
        paused: None,
        answered_before: true,
        owed: false,
    }
}

fn event(seq: i64, kind: EventKind, second: i64, body: serde_json::Value) -> InboxEvent {
    InboxEvent {
        id: format!("in_{seq}"),
        seq,
        kind,
        activity_id: Some(format!("acti_{seq}")),
        occurred_at: at(second),
        received_at: at(second),
        body,
    }
}

fn text(seq: i64, second: i64, text: &str) -> InboxEvent {
    event(seq, EventKind::LeadText, second, json!({ "message": message(seq, second, text, Author::Lead) }))
}

fn message(seq: i64, second: i64, text: &str, author: Author) -> Message {
    Message { activity_id: format!("acti_{seq}"), author, text: text.to_owned(), at: at(second), attachments: 0 }
}

fn effect(ordinal: i64, state: EffectState, next_at: Option<Timestamp>) -> Effect {
    Effect {
        purpose: Purpose::Reply,
        id: format!("out_{ordinal}"),
        conversation_id: "conv_1".to_owned(),
        turn_id: None,
        draft_id: None,
        ordinal,
        text: "Hello!".to_owned(),
        state,
        activity_id: None,
        basis_seq: 0,
        next_at,
        attempts: 0,
        error: String::new(),
        withdraw_reason: None,
        approved_by: None,
        created_at: at(0),
        updated_at: at(0),
    }
}

fn plan(view: &LaneView, second: i64, own: &[&str]) -> Step {
    let timing = Timing { wait: WAIT, wait_max: Duration::from_secs(45), attempts_max: 5 };
    let own: HashSet<String> = own.iter().map(|id| (*id).to_owned()).collect();
    let policy = Policy::default();
    next(&Outlook { view, own: &own, policy: &policy, timing: &timing, now: at(second) })
}

fn change(step: Step) -> LaneChange {
    let Step::Commit(change) = step else { panic!("a change was expected, not {step:?}") };
    *change
}

#[test]
fn a_new_text_is_shown_at_once_and_answered_after_the_wait() {
    let mut view = view();
    view.inbox = vec![text(1, 0, "Hi")];
    let shown = change(plan(&view, 0, &[]));
    assert_eq!((shown.messages.len(), shown.wake_at), (1, Some(at(8))), "no look in between");
    view.effects = vec![Effect { basis_seq: 1, ..effect(1, EffectState::Accepted, Some(at(5))) }];
    assert_eq!(
        change(plan(&view, 0, &[])).wake_at,
        Some(at(5)),
        "but not past the next look at a text that Close took"
    );
    assert_eq!(change(plan(&view, 5, &[])).wake_at, Some(at(5)), "and at once when that is due");
    view.effects.clear();
    view.messages = shown.messages;
    assert_eq!(change(plan(&view, 1, &[])).wake_at, Some(at(8)));
    view.inbox.push(text(2, 6, "anyone?"));
    view.messages.push(message(2, 6, "anyone?", Author::Lead));
    assert_eq!(change(plan(&view, 8, &[])).wake_at, Some(at(14)), "the newest text begins the wait anew");
    let Step::Turn(assignment) = plan(&view, 14, &[]) else { panic!("it is time") };
    assert_eq!(assignment.inbox_ids, ["in_1", "in_2"]);
}

#[test]
fn a_text_that_came_while_the_clock_was_ahead_has_waited() {
    let mut view = view();
    view.inbox = vec![text(1, 3 * 60 * 60, "Hi")];
    view.messages = change(plan(&view, 0, &[])).messages;
    assert!(matches!(plan(&view, 0, &[]), Step::Turn(_)), "it is not three hours until its turn");
}

#[test]
fn a_stop_ends_every_text_that_waits_with_a_reason() {
    let mut view = view();
    view.inbox = vec![text(1, 0, "How much?"), text(2, 3, "STOP")];
    let stopped = change(plan(&view, 3, &[]));
    assert_eq!(stopped.suppress.as_ref().map(|s| s.phone.as_str()), Some("+15205550142"));
    assert!(stopped.withdraw.is_some());
    assert_eq!(stopped.handled.len(), 2);
    assert!(stopped.handled.iter().all(|end| end.ending == Ending::Unanswered && !end.reason.is_empty()));
}

#[test]
fn a_text_that_is_not_ours_hands_the_conversation_to_the_rep() {
    let mut view = view();
    let sent = json!({ "message": message(2, 3, "I'll call you", Author::Rep) });
    view.inbox = vec![text(1, 0, "How much?"), event(2, EventKind::OutboundSent, 3, sent)];
    let over = change(plan(&view, 3, &[]));
    assert_eq!(over.takeover_until, Some(after(at(3), Policy::default().takeover)));
    assert_eq!(over.state.map(|(state, _)| state), Some(State::TakenOver));
    assert!(over.handled.iter().any(|end| end.inbox_id == "in_1" && end.ending == Ending::HandedOff));
}

#[test]
fn a_rep_who_texts_and_goes_on_typing_is_given_the_longer_time() {
    let mut view = view();
    let typed = json!({ "message": message(2, 80, "And one more", Author::Rep) });
    let sent = json!({ "message": message(3, 2, "I'll call you", Author::Rep) });
    let (typed, sent) = (event(2, EventKind::Composing, 80, typed), event(3, EventKind::OutboundSent, 2, sent));
    let takeover = Policy::default().takeover;
    let now = i64::try_from(takeover.as_secs()).expect("it is short");
    view.inbox = vec![typed.clone(), sent.clone()];
    let until = Some(after(at(now), COMPOSING_HOLD));
    assert_eq!(change(plan(&view, now, &[])).takeover_until, until, "never-over-a-human");
    view.inbox = vec![sent, typed];
    assert_eq!(change(plan(&view, now, &[])).takeover_until, until, "in whatever order they are found");
}

#[test]
fn a_reps_text_of_long_ago_answers_what_came_before_it_and_nothing_since() {
    let mut view = view();
    let sent = json!({ "message": message(2, 3, "I'll call you", Author::Rep) });
    view.inbox = vec![text(1, 0, "How much?"), event(2, EventKind::OutboundSent, 3, sent), text(3, 90_000, "Hello?")];
    let found = change(plan(&view, 90_000, &[]));
    let ended: Vec<(&str, Ending)> = found.handled.iter().map(|end| (end.inbox_id.as_str(), end.ending)).collect();
    assert_eq!(ended, [("in_2", Ending::Noted), ("in_1", Ending::Unanswered)]);
    assert_eq!((found.takeover_until, found.withdraw), (None, None));
    assert_eq!(found.state.map(|(state, _)| state), Some(State::Working), "the newest text is answered");
}

#[test]
fn a_reply_that_a_late_found_text_of_a_rep_takes_back_is_put_before_a_person() {
    let mut view = view();
    let sent = json!({ "message": message(2, 3, "I'll call you", Author::Rep) });
    view.inbox = vec![event(2, EventKind::OutboundSent, 3, sent)];
    view.effects = vec![effect(1, EffectState::Queued, Some(at(99_000)))];
    view.messages = vec![message(1, 0, "How much?", Author::Lead)];
    let answered = change(plan(&view, 90_000, &[]));
    assert!(answered.withdraw.is_some(), "never-over-a-human");
    assert_eq!(answered.state, None, "the rep has answered: nothing is left to do");
    view.messages.push(message(4, 80_000, "Hello?", Author::Lead));
    let unanswered = change(plan(&view, 90_000, &[]));
    assert_eq!(unanswered.state.map(|(state, _)| state), Some(State::HandedOff), "nothing-lost");
}

#[test]
fn our_own_text_settles_its_effect_and_silences_nobody() {
    let mut view = view();
    let own = Effect { activity_id: Some("acti_2".to_owned()), ..effect(1, EffectState::Accepted, Some(at(60))) };
    view.effects = vec![own];
    let sent = json!({ "message": message(2, 3, "Hello!", Author::Rep) });
    view.inbox = vec![event(2, EventKind::OutboundSent, 3, sent)];
    let settled = change(plan(&view, 3, &["acti_2"]));
    assert_eq!(settled.settled, [Settled { effect_id: "out_1".to_owned(), error: None }]);
    assert_eq!(settled.takeover_until, None);
}

#[test]
fn outbound_events_wait_while_the_id_of_our_own_draft_is_not_known() {
    let mut view = view();
    view.effects = vec![effect(1, EffectState::Drafting, Some(at(10)))];
    view.inbox = vec![event(2, EventKind::Composing, 3, json!({ "message": null }))];
    let rest = change(plan(&view, 3, &[]));
    assert!(rest.handled.is_empty() && rest.takeover_until.is_none());
    assert_eq!(rest.wake_at, Some(at(10)));
    assert!(matches!(plan(&view, 10, &[]), Step::Deliver(effect) if effect.id == "out_1"), "first it is looked up");
}

#[test]
fn what_was_silenced_after_a_start_that_came_late_is_answered_with_it() {
    let mut view = view();
    let lead = |seq, second, words| message(seq, second, words, Author::Lead);
    view.messages = vec![
        lead(1, 0, "stop"),
        message(2, 5, "Sorry!", Author::Rep),
        lead(3, 8, "who was that"),
        lead(4, 10, "START"),
        lead(5, 11, "Do you do flat roofs?"),
    ];
    view.inbox = vec![text(4, 10, "START")];
    let Step::Turn(assignment) = plan(&view, 60, &[]) else { panic!("a turn") };
    assert_eq!(Vec::from_iter(assignment.activity_ids), ["acti_4", "acti_5"]);
    assert_eq!(assignment.inbox_ids, ["in_4"], "the silenced one has ended");
    view.inbox = vec![text(4, 10, "a question")];
    let Step::Turn(assignment) = plan(&view, 60, &[]) else { panic!("a turn") };
    assert_eq!(Vec::from_iter(assignment.activity_ids), ["acti_4"]);
}

#[test]
fn what_is_found_late_and_was_said_before_a_stop_is_not_answered() {
    let mut view = view();
    let lead = |seq, second, words| message(seq, second, words, Author::Lead);
    view.messages = vec![lead(1, 5, "Do you do roofs?"), lead(2, 10, "stop"), lead(3, 11, "START")];
    view.inbox = vec![text(4, 3, "Do you do gutters?"), text(5, 20, "And windows?")];
    let found = change(plan(&view, 60, &[]));
    let [end] = found.handled.as_slice() else { panic!("one ends: {:?}", found.handled) };
    assert_eq!((end.inbox_id.as_str(), end.ending), ("in_4", Ending::Unanswered), "as the roofs did");
    assert!(end.reason.contains("asked not to be texted"), "always-explained: {}", end.reason);
    assert_eq!(found.messages.len(), 2, "both are shown");
    view.inbox.remove(0);
    view.messages.push(lead(5, 20, "And windows?"));
    let Step::Turn(assignment) = plan(&view, 60, &[]) else { panic!("a turn") };
    assert_eq!(assignment.inbox_ids, ["in_5"]);
    // In one look, too: the stop is among what was found.
    view.messages.clear();
    view.inbox = vec![text(1, 10, "stop"), text(2, 11, "START"), text(3, 3, "Do you do gutters?")];
    let found = change(plan(&view, 60, &[]));
    let ended: Vec<&str> = found.handled.iter().map(|end| end.inbox_id.as_str()).collect();
    assert_eq!(ended, ["in_1", "in_3"]);
}

#[test]
fn texts_leave_in_their_order() {
    let mut view = view();
    view.effects = vec![effect(1, EffectState::Queued, Some(at(100))), effect(2, EffectState::Queued, None)];
    let rest = change(plan(&view, 5, &[]));
    assert_eq!(rest.wake_at, Some(at(100)), "the second waits for the first");
    view.effects[0].state = EffectState::Accepted;
    assert!(matches!(plan(&view, 5, &[]), Step::Deliver(effect) if effect.id == "out_2"));
}

#[test]
fn the_newest_instruction_counts_and_does_not_wait() {
    let mut view = view();
    let wish = |seq, words: &str| {
        event(seq, EventKind::Instruction, seq, json!({ "instruction": words, "previous_text": "Hello!" }))
    };
    view.inbox = vec![wish(1, "shorter"), wish(2, "warmer")];
    let first = change(plan(&view, 3, &[]));
    assert_eq!(first.handled.len(), 1);
    view.inbox.remove(0);
    let Step::Turn(assignment) = plan(&view, 3, &[]) else { panic!("at once") };
    assert_eq!(assignment.instruction, Some(("warmer".to_owned(), "Hello!".to_owned())));
}

#[test]
fn a_reply_that_was_taken_back_by_a_process_that_died_leaves_the_lead_to_a_person() {
    let mut view = view();
    view.conversation.state = State::Sending;
    assert_eq!(change(plan(&view, 1, &[])).state, Some((State::Quiet, String::new())), "it left");
    view.owed = true;
    let (state, reason) = change(plan(&view, 1, &[])).state.expect("a state");
    assert_eq!(
        (state, reason.as_str()),
        (State::HandedOff, "The reply was taken back before it left: the lead still waits.")
    );
}

#[test]
fn a_takeover_that_has_run_out_is_over() {
    let mut view = view();
    view.conversation.state = State::TakenOver;
    view.conversation.takeover_until = Some(at(100));
    assert_eq!(change(plan(&view, 50, &[])).wake_at, Some(at(100)));
    let over = change(plan(&view, 100, &[]));
    assert_eq!(over.state, Some((State::Quiet, String::new())));
    view.owed = true;
    let waits = change(plan(&view, 100, &[])).state.map(|(state, _)| state);
    assert_eq!(waits, Some(State::HandedOff), "nothing-lost: what the rep did not answer is shown");
    view.owed = false;
    view.inbox = vec![text(1, 99, "Hello?")];
    assert!(change(plan(&view, 50, &[])).handled.iter().all(|end| end.ending == Ending::HandedOff));
    assert!(change(plan(&view, 101, &[])).handled.is_empty(), "it is answered again");
}
