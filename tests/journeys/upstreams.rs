//! Each upstream is down for a whole day, and what came in meanwhile is dealt with within ten minutes of its end
//! (`nothing-lost`); nobody is asked to act because of it, and no attempt is used up.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rapport::runtime::upstream::BreakerState;
use rapport::sim::close::LeadSeed;
use rapport::sim::{Fault, WebhookFault};

use crate::support::world::{Database, OURS, Setup, World};

super::on_both_databases!(
    close_is_down_for_a_day,
    the_model_is_down_for_a_day,
    calendly_is_down_for_a_day,
    a_text_of_yesterday_is_not_answered_by_itself,
    of_two_models_the_first_that_is_back_answers,
    turns_wait_for_a_place_and_hold_nobody_up,
    many_turns_never_overrun_the_model,
);

const STEP: Duration = Duration::from_mins(2);
const HOUR: Duration = Duration::from_hours(1);

fn number(n: u32) -> String {
    format!("+1520555{:04}", 1_000 + n)
}

/// So many leads, beside the one that is always there.
fn leads(world: &World, count: u32) {
    for n in 0..count {
        world.sims.close.add_lead(LeadSeed {
            name: format!("Company {n}"),
            contact: format!("Person {n}"),
            phone: number(n),
            timezone: Some("America/Phoenix".to_owned()),
            ..LeadSeed::default()
        });
    }
}

async fn texts(world: &World, n: u32, text: &str) {
    world.sims.close.lead_texts(&number(n), OURS, text);
    world.settle().await;
}

/// Nobody is asked to act, no attempt was used up but the one that noticed, and the desk says whom everything waits for.
async fn waits_for(world: &World, upstream: &str, numbers: &[u32]) {
    for n in numbers {
        let conversation = world.thread_with(&number(*n)).await.expect("it is there").conversation;
        assert_eq!(conversation.state.as_str(), "working", "{}", conversation.reason);
        assert!(conversation.attempts <= 1, "{} attempts: {}", conversation.attempts, conversation.reason);
        assert!(conversation.reason.contains(&format!("{upstream} has not answered since")), "{}", conversation.reason);
    }
    // The story takes its steps by hand.
    world.engine.working.store(true, Ordering::Relaxed);
    let (status, parts) = world.get("/readyz").await;
    assert_eq!(status, 200, "webhooks still come in: {parts}");
    assert!(parts.contains("has not answered since"), "{parts}");
    let (_, desk) = world.get("/").await;
    assert!(desk.contains(&format!("{upstream} has not answered since")), "{desk}");
}

async fn state_of(world: &World, n: u32) -> String {
    world.thread_with(&number(n)).await.expect("it is there").conversation.state.as_str().to_owned()
}

async fn close_is_down_for_a_day(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    leads(&world, 4);
    world.drive(Box::pin(world.engine.catch_up())).await.expect("the first start sets the watermark");
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let draft = world.waiting_draft().await;

    let faults = world.sims.close.faults();
    faults.one_in(1, "*", "*", Fault::Status(503));
    texts(&world, 0, "Is anybody there?").await;
    world.live(8 * HOUR, STEP).await;
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 303, "reps go on working");
    faults.clear();
    faults.one_in(1, "*", "*", Fault::CutBeforeAccepting);
    texts(&world, 1, "What does it cost?").await;
    faults.webhooks(100, WebhookFault::Drop);
    texts(&world, 2, "Could you call me?").await;
    world.live(8 * HOUR, STEP).await;
    assert!(world.thread_with(&number(2)).await.is_none(), "its webhook was lost");
    faults.clear();
    faults.one_in(1, "*", "*", Fault::Status(500));
    texts(&world, 3, "STOP").await;
    world.live(8 * HOUR, STEP).await;
    waits_for(&world, "Close", &[0, 1]).await;
    assert_eq!(state_of(&world, 3).await, "opted_out", "a stop needs nobody outside");
    assert!(world.sent().is_empty());

    faults.clear();
    world.live(Duration::from_mins(10), Duration::from_secs(15)).await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "the approved text left, once");
    for n in 0..3 {
        assert_eq!(state_of(&world, n).await, "draft_waiting", "lead {n}");
    }
    assert!(world.engine.upstreams().iter().all(|upstream| upstream.breaker() == BreakerState::Closed));
    let (_, desk) = world.get("/").await;
    assert!(!desk.contains("has not answered"), "{desk}");
}

async fn the_model_is_down_for_a_day(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    leads(&world, 3);
    let faults = world.sims.model.faults();
    faults.one_in(1, "*", "*", Fault::Status(503));
    texts(&world, 0, "Is anybody there?").await;
    world.live(12 * HOUR, STEP).await;
    faults.clear();
    faults.one_in(1, "*", "*", Fault::CutBeforeAccepting);
    texts(&world, 1, "What does it cost?").await;
    world.live(11 * HOUR, STEP).await;
    texts(&world, 2, "Could you call me?").await;
    world.live(HOUR, STEP).await;
    waits_for(&world, "Model scripted", &[0, 1, 2]).await;
    let asked = world.sims.model.requests().len();
    assert_eq!(asked, 0, "nothing of ours reached it");

    faults.clear();
    world.live(Duration::from_mins(10), Duration::from_secs(15)).await;
    for n in 0..3 {
        assert_eq!(state_of(&world, n).await, "draft_waiting", "lead {n}");
    }
    assert_eq!(world.sims.model.requests().len(), 3, "each was written once");
}

async fn calendly_is_down_for_a_day(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    leads(&world, 3);
    let faults = world.sims.calendly.faults();
    faults.one_in(1, "*", "*", Fault::Status(503));
    texts(&world, 0, "When could we talk?").await;
    world.live(Duration::from_mins(1), Duration::from_secs(15)).await;
    assert_eq!(state_of(&world, 0).await, "draft_waiting", "nobody waits for the calendar");
    world.live(24 * HOUR, STEP).await;
    texts(&world, 1, "Is Thursday possible?").await;
    world.live(Duration::from_mins(1), Duration::from_secs(15)).await;
    assert_eq!(state_of(&world, 1).await, "draft_waiting");
    let (_, desk) = world.get("/").await;
    assert!(desk.contains("Calendly has not answered since") && desk.contains("offer no times"), "{desk}");
    let prompts = world.sims.model.requests();
    assert!(prompts.iter().all(|prompt| !prompt.to_string().contains("{slot:1} =")), "no times are made up");

    faults.clear();
    world.live(Duration::from_mins(2), Duration::from_secs(15)).await;
    texts(&world, 2, "When could we talk?").await;
    world.live(Duration::from_mins(1), Duration::from_secs(15)).await;
    assert_eq!(state_of(&world, 2).await, "draft_waiting");
    let prompt = world.sims.model.requests().last().expect("asked").to_string();
    assert!(prompt.contains("{slot:1} ="), "times are offered again: {prompt}");
}

async fn a_text_of_yesterday_is_not_answered_by_itself(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    leads(&world, 2);
    world.sims.model.faults().one_in(1, "*", "*", Fault::Status(503));
    texts(&world, 0, "Can you call me in ten minutes?").await;
    world.live(24 * HOUR, 5 * STEP).await;
    texts(&world, 1, "Do you call people?").await;
    for _ in 0..2 {
        world.model_answers("Yes, we call you.", "other");
    }
    world.sims.model.faults().clear();
    world.live(Duration::from_mins(10), Duration::from_secs(15)).await;
    let old = world.thread_with(&number(0)).await.expect("it is there").conversation;
    assert_eq!(old.state.as_str(), "draft_waiting", "{}", old.reason);
    assert!(old.reason.contains("24 hours ago"), "{}", old.reason);
    assert_eq!(world.sent().len(), 1, "the fresh one is answered by itself");
}

async fn of_two_models_the_first_that_is_back_answers(database: Database) {
    let dead = "[models.fallback]\nbase_url = \"http://127.0.0.1:9/v1\"\nmodel = \"second\"\n";
    let world = World::new(Setup::draft(database).with(dead)).await;
    leads(&world, 2);
    world.sims.model.faults().one_in(1, "*", "*", Fault::Status(503));
    texts(&world, 0, "Is anybody there?").await;
    world.live(HOUR, STEP).await;
    waits_for(&world, "Model scripted", &[0]).await;
    let (_, desk) = world.get("/").await;
    assert!(desk.contains("Model second has not answered since"), "{desk}");
    world.sims.model.faults().clear();
    world.live(Duration::from_mins(2), Duration::from_secs(15)).await;
    assert_eq!(state_of(&world, 0).await, "draft_waiting");
}

async fn turns_wait_for_a_place_and_hold_nobody_up(database: Database) {
    let setup = Setup::draft(database).in_real_time();
    let world = World::new(setup.with("concurrency = 2\n[engine]\nwait = \"0s\"\nconcurrency = 4\n")).await;
    leads(&world, 8);
    // The first two are never answered while this story lasts.
    world.sims.model.set_think_time(HOUR);
    for n in 0..7 {
        world.sims.close.lead_texts(&number(n), OURS, "Is anybody there?");
    }
    world.start_worker();
    world.sims.close.deliver_webhooks().await;
    until(&world, "both places are taken", async || world.calls.most_at_once(&world.model_address) == 2).await;
    world.sims.close.lead_texts(&number(7), OURS, "STOP");
    world.sims.close.deliver_webhooks().await;
    until(&world, "the stop is dealt with", async || {
        world.thread_with(&number(7)).await.is_some_and(|thread| thread.conversation.state.as_str() == "opted_out")
    })
    .await;
    until(&world, "the others wait their turn", async || {
        let mut waiting = 0;
        for n in 0..7 {
            let Some(thread) = world.thread_with(&number(n)).await else { return false };
            waiting += usize::from(thread.conversation.reason.contains("turn comes"));
            assert_eq!(thread.conversation.attempts, 0, "waiting is no attempt");
        }
        waiting >= 3
    })
    .await;
    assert_eq!(world.calls.most_at_once(&world.model_address), 2);
}

async fn many_turns_never_overrun_the_model(database: Database) {
    let setup = Setup::draft(database).in_real_time();
    let world = World::new(setup.with("concurrency = 2\n[engine]\nwait = \"0s\"\nconcurrency = 8\n")).await;
    leads(&world, 12);
    world.sims.model.set_think_time(Duration::from_millis(100));
    for n in 0..12 {
        world.sims.close.lead_texts(&number(n), OURS, "Do you work in Tucson?");
    }
    world.start_worker();
    world.sims.close.deliver_webhooks().await;
    every_text_has_a_draft(&world, 12).await;
    assert_eq!(world.calls.most_at_once(&world.model_address), 2);
}
/// In real time: waits until nobody is left without one.
async fn every_text_has_a_draft(world: &World, leads: u32) {
    until(world, "every text has a draft", async || {
        for n in 0..leads {
            let Some(thread) = world.thread_with(&number(n)).await else { return false };
            assert_ne!(thread.conversation.state.as_str(), "parked", "{}", thread.conversation.reason);
            if thread.conversation.state.as_str() != "draft_waiting" {
                return false;
            }
        }
        true
    })
    .await;
}

/// In real time: waits until `done` holds.
async fn until(world: &World, what: &str, mut done: impl AsyncFnMut() -> bool) {
    let give_up = world.clock.now().checked_add(Duration::from_mins(1)).expect("in range");
    while !done().await {
        assert!(world.clock.now() < give_up, "waited a minute for: {what}");
        world.clock.sleep(Duration::from_millis(20)).await;
    }
}
