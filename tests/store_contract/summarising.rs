//! Summaries stand beside the messages: added whole or not at all, never over another, corrected by reps.

use rapport::conversation::{Author, Intent};
use rapport::store::desk::{DeskError, Refusal};
use rapport::store::summary::NewSummary;
use rapport::store::{Applied, LaneChange};

use super::{Fixture, message, on_both_engines, turn};

on_both_engines!(
    the_newest_summary_stands_and_replaces_no_message,
    one_that_goes_on_from_another_that_no_longer_stands_is_not_added,
    a_rep_corrects_the_one_that_stands,
    a_turn_remembers_the_summary_and_what_the_last_turn_was_about,
);

fn new(f: &Fixture, conversation_id: &str, based_on: Option<&str>, text: &str) -> NewSummary {
    NewSummary {
        conversation_id: conversation_id.to_owned(),
        based_on: based_on.map(str::to_owned),
        covers_activity_id: "acti_a".to_owned(),
        covers_until: f.now(),
        text: text.to_owned(),
        model: "small".to_owned(),
        prompt_hash: "abc".to_owned(),
        input_tokens: 900,
        output_tokens: 80,
        cost_microusd: 40,
    }
}

async fn the_newest_summary_stands_and_replaces_no_message(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    let change = LaneChange {
        messages: vec![message("acti_a", Author::Lead, "Two windows, please", f.now())],
        ..f.everything_handled(&lease).await
    };
    assert_eq!(f.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
    assert_eq!(f.store.summary(&id).await.expect("read"), None);
    assert!(f.store.add_summary(&new(&f, &id, None, "She wants\0 two windows.")).await.expect("added"));
    let first = f.store.summary(&id).await.expect("read").expect("a summary");
    assert_eq!(
        (first.text.as_str(), first.author, first.model.as_deref()),
        ("She wants two windows.", None, Some("small"))
    );
    assert_eq!((first.covers_activity_id.as_str(), first.covers_until), ("acti_a", f.now()));
    assert!(f.store.add_summary(&new(&f, &id, Some(&first.id), "Now three.")).await.expect("added"));
    assert_eq!(f.store.summary(&id).await.expect("read").expect("a summary").text, "Now three.");
    let messages = f.store.messages_of(&id).await.expect("read");
    assert_eq!(messages.iter().map(|message| message.text.as_str()).collect::<Vec<_>>(), ["Two windows, please"]);
}

async fn one_that_goes_on_from_another_that_no_longer_stands_is_not_added(f: Fixture) {
    let id = f.lead_texts("a").await;
    let other = f.another_process().await;
    let (one, another) = (new(&f, &id, None, "One."), new(&f, &id, None, "Another."));
    let (added, also) = tokio::join!(f.store.add_summary(&one), other.add_summary(&another));
    assert_eq!(usize::from(added.expect("asked")) + usize::from(also.expect("asked")), 1, "two at once: one is first");
    let standing = f.store.summary(&id).await.expect("read").expect("a summary");
    assert!(!f.store.add_summary(&new(&f, &id, Some("sum_gone"), "Three.")).await.expect("asked"));
    assert_eq!(f.store.summary(&id).await.expect("read"), Some(standing));
    assert!(!f.store.add_summary(&new(&f, "conv_none", None, "x")).await.expect("asked"), "no such conversation");
}

async fn a_rep_corrects_the_one_that_stands(f: Fixture) {
    let id = f.lead_texts("a").await;
    let correct = async |summary_id: &str, text: &str| f.store.correct_summary(&id, summary_id, text, "Robin").await;
    assert!(matches!(correct("sum_none", "x").await, Err(DeskError::Refused(Refusal::NotFound))));
    assert!(f.store.add_summary(&new(&f, &id, None, "She hates us.")).await.expect("added"));
    let made = f.store.summary(&id).await.expect("read").expect("a summary");
    correct(&made.id, "She is in a hurry.").await.expect("corrected");
    let corrected = f.store.summary(&id).await.expect("read").expect("a summary");
    assert_eq!((corrected.text.as_str(), corrected.author.as_deref()), ("She is in a hurry.", Some("Robin")));
    assert_eq!((corrected.covers_activity_id, corrected.covers_until), (made.covers_activity_id, made.covers_until));
    assert!(matches!(correct(&made.id, "late").await, Err(DeskError::Refused(Refusal::SummaryMoved))));
    assert!(
        !f.store.add_summary(&new(&f, &id, Some(&made.id), "The model's.")).await.expect("asked"),
        "a rep's words stand"
    );
}

async fn a_turn_remembers_the_summary_and_what_the_last_turn_was_about(f: Fixture) {
    let id = f.lead_texts("a").await;
    assert_eq!(f.store.recollect(&id, f.now()).await.expect("read").last_intent, None);
    let lease = f.claim_one().await;
    let change = LaneChange { turn: Some(turn("turn_a", f.now())), ..f.everything_handled(&lease).await };
    f.store.commit(&lease, change).await.expect("committed");
    assert!(f.store.add_summary(&new(&f, &id, None, "Short.")).await.expect("added"));
    let memory = f.store.recollect(&id, f.now()).await.expect("read");
    assert_eq!(
        (memory.last_intent, memory.summary.expect("a summary").text.as_str()),
        (Some(Intent::Booking), "Short.")
    );
}
