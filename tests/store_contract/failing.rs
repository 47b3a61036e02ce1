//! What nobody foresaw is counted and put before a person; nothing sticks for ever (`nothing-lost`).

use rapport::store::{EventKind, FailedStep, Suppression};
use serde_json::json;

use super::{Fixture, THEIRS, on_both_engines};

on_both_engines!(
    a_failed_step_is_tried_again_and_then_put_before_a_person,
    what_came_while_a_step_failed_for_the_last_time_is_still_looked_at,
    an_opt_out_holds_though_its_step_failed,
    a_character_the_database_cannot_keep_is_left_out,
);

fn failed(f: &Fixture) -> FailedStep {
    FailedStep {
        seen_seq: 1,
        handoff: None,
        retry_at: f.after(2),
        attempts_max: 2,
        reason: "This could not be worked on: the rows contradict each other.".to_owned(),
        suppress: None,
    }
}

async fn a_failed_step_is_tried_again_and_then_put_before_a_person(f: Fixture) {
    let id = f.lead_texts("a").await;
    let lease = f.claim_one().await;
    f.store.fail_step(&lease, &failed(&f)).await.expect("noted");
    assert!(f.store.claim(10, super::LEASE, "worker").await.expect("claimed").is_empty(), "not before its time");
    f.time.advance(std::time::Duration::from_secs(2));
    let lease = f.claim_one().await;
    f.store.fail_step(&lease, &failed(&f)).await.expect("noted");
    let thread = f.store.thread(&id).await.expect("read").expect("there");
    assert_eq!(thread.conversation.state.as_str(), "parked");
    assert!(thread.inbox.iter().all(|event| event.ending.is_some() && event.reason.contains("contradict")));
    assert_eq!(f.store.desk_items(10).await.expect("read").len(), 1, "a person sees it");
    f.store.fail_step(&lease, &failed(&f)).await.expect("a lost lease changes nothing");
    f.lead_texts("b").await;
    let lease = f.claim_one().await;
    assert_eq!(f.store.load(&lease).await.expect("loaded").expect("held").inbox.len(), 1, "a new text is worked on");
}

async fn what_came_while_a_step_failed_for_the_last_time_is_still_looked_at(f: Fixture) {
    f.lead_texts("a").await;
    let lease = f.claim_one().await;
    f.lead_texts("stop").await;
    f.store.fail_step(&lease, &FailedStep { attempts_max: 1, ..failed(&f) }).await.expect("noted");
    let lease = f.claim_one().await;
    let view = f.store.load(&lease).await.expect("loaded").expect("held");
    assert_eq!(view.inbox.len(), 1, "the STOP waits, and was not handed off unread (`never-after-stop`)");
    assert_eq!(view.inbox[0].seq, 2);
}

async fn an_opt_out_holds_though_its_step_failed(f: Fixture) {
    f.lead_texts("stop").await;
    let lease = f.claim_one().await;
    let stop = Suppression { phone: THEIRS.to_owned(), rule: "keyword".to_owned(), activity_id: None, since: f.now() };
    f.store.fail_step(&lease, &FailedStep { suppress: Some(stop), ..failed(&f) }).await.expect("noted");
    assert!(f.store.suppression(THEIRS).await.expect("read").is_some(), "never-after-stop");
}

async fn a_character_the_database_cannot_keep_is_left_out(f: Fixture) {
    let mut event = f.arrival(EventKind::LeadText, "ev_\0nul", Some("acti_\0nul"));
    event.lead_id = Some("lead_\0x".to_owned());
    event.body = json!({ "text": "hello \0 world" });
    f.store.accept(&event).await.expect("accepted");
    let lease = f.claim_one().await;
    let mut change = f.everything_handled(&lease).await;
    change.messages.push(rapport::conversation::Message {
        activity_id: "acti_\0nul".to_owned(),
        author: rapport::conversation::Author::Lead,
        text: "hello \0 world".to_owned(),
        at: f.now(),
        attachments: 0,
    });
    change.state = Some((rapport::store::lane::State::HandedOff, "a \0 reason".to_owned()));
    f.store.commit(&lease, change).await.expect("committed");
    let thread = f.store.thread(&lease.conversation_id).await.expect("read").expect("there");
    assert_eq!(thread.messages[0].text, "hello  world");
    assert_eq!(thread.conversation.reason, "a  reason");
    assert!(f.store.thread("conv_\0").await.expect("asked").is_none());
    assert!(f.store.turn("turn_\0").await.expect("asked").is_none());
    assert!(
        f.store
            .take_over("conv_\0", "Robin", f.after(60))
            .await
            .is_err_and(|error| error.to_string().contains("no longer here"))
    );
    f.store.pause("be\0cause", "Ro\0bin").await.expect("paused");
}
