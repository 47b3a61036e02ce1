//! The last checks of a run, when all is quiet: what Close holds against what Rapport says.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::mind::words_in;
use super::oracle::{Promise, Told, Violation};
use super::world::World;
use crate::store::{DeskThread, EffectState, Ending, EventKind, State, Store};

/// Everything that was broken in the run, during it or by its end.
pub(super) fn of(world: &World) -> Vec<Violation> {
    match threads(world) {
        Some(threads) => {
            check_texts(world, &threads);
            check_effects(world, &threads);
            check_once(world);
            check_acknowledged(world);
        }
        None => world.oracle.broken(Promise::NothingLost, "at the end no process runs"),
    }
    world.oracle.locked(|seen| seen.violations.clone())
}

/// Notes what the records say at the end.
pub(super) fn note_records(world: &World) {
    for (phone, thread) in threads(world).unwrap_or_default() {
        let note = |what: String| world.oracle.note(world.clock.now(), || format!("{phone} {what}"));
        for event in &thread.inbox {
            let (seq, kind, at) = (event.seq, event.kind.as_str(), event.received_at);
            let ending = event.ending.map_or("open", Ending::as_str);
            let activity = event.activity_id.as_deref().unwrap_or_default();
            note(format!("inbox {seq}: {kind} {activity} received {at:.3}: {ending} {:?}", event.reason));
        }
        for effect in &thread.effects {
            let (ordinal, state, basis) = (effect.ordinal, effect.state.as_str(), effect.basis_seq);
            note(format!("outbox {ordinal}: {state} knows up to {basis}: {:?} {:?}", effect.text, effect.error));
        }
        let conversation = &thread.conversation;
        note(format!("is {} {:?}", conversation.state.as_str(), conversation.reason));
    }
}

/// `never-twice`: no draft of ours lies about in Close, to be sent by somebody's mistake.
pub(super) fn check_drafts(world: &World) {
    for draft in world.close.drafts().iter().filter(|draft| draft["created_by"] == world.close.admin().as_str()) {
        let text = draft["text"].as_str().unwrap_or_default();
        world.oracle.broken(Promise::NeverTwice, format!("a draft of ours was left behind in Close: {text:?}"));
    }
}

/// True when nothing is on its way any more.
pub(super) fn is_quiet(world: &World) -> bool {
    let all_told = world.close.webhooks_outstanding() == 0;
    let now = world.clock.now();
    all_told && threads(world).is_some_and(|threads| threads.values().all(|thread| is_at_rest(thread, now)))
}

fn is_at_rest(thread: &DeskThread, now: Timestamp) -> bool {
    thread.conversation.takeover_until.is_none_or(|until| until < now)
        && thread.conversation.state != State::TakenOver
        && thread.inbox.iter().all(|event| event.ending.is_some())
        && thread.effects.iter().all(|effect| !effect.state.is_open())
}

/// Every conversation by the lead's phone.
fn threads(world: &World) -> Option<BTreeMap<String, DeskThread>> {
    let store = world.running()?.engine.store;
    world.finish(read_threads(store))?
}

async fn read_threads(store: Store) -> Option<BTreeMap<String, DeskThread>> {
    let mut threads = BTreeMap::new();
    for conversation in store.conversations(1000).await.ok()? {
        let thread = store.thread(&conversation.id).await.ok()??;
        threads.insert(conversation.numbers.theirs, thread);
    }
    Some(threads)
}

/// `nothing-lost`: every text of a lead has an ending that a rep can read, and somebody was told or answered.
fn check_texts(world: &World, threads: &BTreeMap<String, DeskThread>) {
    for phone in &world.phones {
        for text in world.close.thread(phone, super::world::OURS).iter().filter(|text| text["direction"] == "inbound") {
            let id = text["id"].as_str().unwrap_or_default();
            let said = text["text"].as_str().unwrap_or_default();
            let Some(thread) = threads.get(phone) else {
                world.oracle.broken(Promise::NothingLost, format!("{said:?} never arrived"));
                continue;
            };
            if let Some(why) = lost(world, thread, phone, id, said) {
                world.oracle.broken(Promise::NothingLost, format!("{said:?} {why}"));
            }
        }
    }
}

/// Why a text counts as lost, if it does.
fn lost(world: &World, thread: &DeskThread, phone: &str, id: &str, said: &str) -> Option<String> {
    let record =
        thread.inbox.iter().find(|event| event.kind == EventKind::LeadText && event.activity_id.as_deref() == Some(id));
    let Some(record) = record else { return Some("never arrived in the inbox".to_owned()) };
    let Some(ending) = record.ending else { return Some("was never dealt with".to_owned()) };
    let state = &thread.conversation;
    let words = words_in(said);
    let answers = |text: &str| words.iter().all(|word| words_in(text).contains(word));
    match ending {
        Ending::HandedOff | Ending::Unanswered if record.reason.is_empty() => Some("ended without a reason".to_owned()),
        Ending::HandedOff | Ending::Unanswered => None,
        Ending::Noted => Some("was only noted".to_owned()),
        Ending::Answered | Ending::Drafted => {
            let sent = world.close.texts_sent();
            let is_answered = sent.iter().any(|text| text.to == phone && answers(&text.text));
            let waits = thread.drafts.iter().any(|draft| draft.state.as_str() == "waiting" && answers(&draft.text));
            let was_rejected =
                thread.drafts.iter().any(|draft| draft.state.as_str() == "rejected" && answers(&draft.text));
            // A rep answers what stands in Close by then, whenever Rapport heard of it.
            let written_at = thread.messages.iter().find(|message| message.activity_id == id).map(|message| message.at);
            let rep_texted = thread.messages.iter().any(|message| {
                message.author == crate::conversation::Author::Rep
                    && message.at > written_at.unwrap_or(record.received_at)
            });
            let is_shown =
                !matches!(state.state, State::Quiet | State::Working | State::Sending) && !state.reason.is_empty();
            // Silence that was asked for, or chosen, after it.
            let silenced =
                thread.inbox.iter().any(|later| later.seq > record.seq && later.ending == Some(Ending::Unanswered));
            let is_safe = silenced || is_answered || waits || was_rejected || rep_texted || is_shown;
            (!is_safe).then(|| {
                format!(
                    "is {}, but nothing was sent and nobody was told ({}: {:?})",
                    ending.as_str(),
                    state.state.as_str(),
                    state.reason
                )
            })
        }
    }
}

/// `always-explained`: what the outbox says is what Close holds.
fn check_effects(world: &World, threads: &BTreeMap<String, DeskThread>) {
    let attempted: Vec<_> =
        world.close.texts_attempted().into_iter().filter(|text| text.api_key_id.is_some()).collect();
    let effects: Vec<_> = threads.values().flat_map(|thread| &thread.effects).collect();
    for text in &attempted {
        if !effects.iter().any(|effect| effect.activity_id.as_deref() == Some(text.activity_id.as_str())) {
            world.oracle.broken(Promise::AlwaysExplained, format!("{:?} left and is in no record", text.text));
        }
    }
    for effect in effects {
        let left = effect.activity_id.as_ref().is_some_and(|id| attempted.iter().any(|text| text.activity_id == *id));
        let says_left = matches!(effect.state, EffectState::Sent | EffectState::Accepted);
        if left != says_left && !(left && is_refused_by_carrier(world, effect.activity_id.as_deref())) {
            let what = format!(
                "the record of {:?} says {}, Close says {}",
                effect.text,
                effect.state.as_str(),
                if left { "it left" } else { "it did not leave" }
            );
            world.oracle.broken(Promise::AlwaysExplained, what);
        }
        if !says_left && effect.error.is_empty() {
            world.oracle.broken(
                Promise::AlwaysExplained,
                format!("{:?} was {} for no reason", effect.text, effect.state.as_str()),
            );
        }
    }
}

fn is_refused_by_carrier(world: &World, activity_id: Option<&str>) -> bool {
    activity_id.is_some_and(|id| world.close.activity(id)["status"] == "error")
}

/// `never-twice`: no activity was released twice, and no question was answered twice.
fn check_once(world: &World) {
    let (mut by_activity, mut by_word) = (BTreeMap::<String, usize>::new(), BTreeMap::<(String, String), usize>::new());
    for text in world.close.texts_attempted().into_iter().filter(|text| text.api_key_id.is_some()) {
        *by_activity.entry(text.activity_id.clone()).or_default() += 1;
        for word in words_in(&text.text) {
            *by_word.entry((text.to.clone(), word)).or_default() += 1;
        }
    }
    for (id, times) in by_activity.iter().filter(|(_, times)| **times > 1) {
        world.oracle.broken(Promise::NeverTwice, format!("activity {id} was released {times} times"));
    }
    for ((_, word), times) in by_word.iter().filter(|(_, times)| **times > 1) {
        world.oracle.broken(Promise::NeverTwice, format!("the question about {word} was answered {times} times"));
    }
}

/// `nothing-lost`: what was answered 200 is stored.
fn check_acknowledged(world: &World) {
    let ids: Vec<String> = world.oracle.locked(|seen| {
        let told = seen.acknowledged.iter().filter(|ack| ack.what != Told::Other);
        told.map(|ack| ack.event_id.clone()).collect()
    });
    let Some(process) = world.running() else { return };
    let missing = world.finish(async move {
        let stored = process.engine.store.known_events(&ids).await.unwrap_or_default();
        ids.into_iter().filter(|id| !stored.contains(id)).collect::<Vec<_>>()
    });
    for id in missing.unwrap_or_default() {
        world.oracle.broken(Promise::NothingLost, format!("event {id} was acknowledged and is not stored"));
    }
}
