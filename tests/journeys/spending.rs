//! Spending never exceeds its cap, and what that means is seen (`never-over-budget`).

use std::time::Duration;

use rapport::store::lane::Ending;
use rapport::store::spend::Periods;

use crate::support::world::{Database, Setup, World, proposal};

super::on_both_databases!(
    past_the_days_cap_texts_go_to_reps_without_a_draft_until_the_next_day,
    a_conversation_that_cost_too_much_goes_to_a_rep_and_others_go_on,
    what_a_lost_turn_cost_is_not_forgotten,
    an_answer_before_a_wait_is_kept_and_counted_where_there_is_no_cap,
    what_a_turn_cost_that_another_process_has_taken_up_is_counted_where_there_is_no_cap,
    calls_that_brought_nothing_count_against_the_cap,
    leads_who_text_at_once_wait_for_each_other_and_not_for_tomorrow,
    a_count_that_cannot_be_true_empties_no_budget,
);

/// A thousand dollars for a million tokens, so that replies cost dollars: about $1.70 each in these stories, and at most
/// $14.50 is held for one.
const PRICES: &str = "[models.main.prices]\ninput = 1000\noutput = 1000\n";

fn setup(database: Database, budget: &str) -> Setup {
    let small = "prompt_tokens_cap = 2500\nmax_output_tokens = 200\n";
    Setup::draft(database).with(small).with(PRICES).with(&format!("[budget]\n{budget}\n"))
}

async fn past_the_days_cap_texts_go_to_reps_without_a_draft_until_the_next_day(database: Database) {
    let world = World::new(setup(database, "daily_usd = 24")).await;
    for n in 0..10 {
        world.conversation_turn(&format!("And what about number {n}?")).await;
    }
    let thread = world.thread().await;
    let spent: i64 = thread.turns.iter().map(|turn| turn.cost_microusd).sum();
    let asked = world.sims.model.requests().len();
    assert!(asked > 0 && asked < 10 && spent <= 24_000_000, "{asked} calls, {spent} spent");

    // Visible: the text's ending, the conversation's state and reason, and a banner on every page.
    let last = thread.inbox.iter().rev().find(|event| event.ending.is_some()).expect("an ended text");
    assert_eq!(last.ending, Some(Ending::HandedOff));
    assert!(last.reason.contains("Today's budget for models is used up"), "{}", last.reason);
    assert_eq!(thread.conversation.state.as_str(), "handed_off");
    assert!(thread.drafts.iter().all(|draft| draft.state.as_str() != "waiting"), "no draft waits");
    let (_, page) = world.get("/").await;
    assert!(page.contains("Needs a look.") && page.contains("budget.daily_usd"), "the desk says so");

    world.after(Duration::from_hours(24)).await;
    world.conversation_turn("Good morning, still there?").await;
    assert_eq!(world.sims.model.requests().len(), asked + 1, "a new day, a new budget");
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");
}

async fn a_conversation_that_cost_too_much_goes_to_a_rep_and_others_go_on(database: Database) {
    let world = World::new(setup(database, "conversation_usd = 20")).await;
    for n in 0..6 {
        world.conversation_turn(&format!("And what about number {n}?")).await;
    }
    let asked = world.sims.model.requests().len();
    let thread = world.thread().await;
    assert!(thread.conversation.reason.contains("This conversation's budget"), "{}", thread.conversation.reason);
    assert!(world.store.cost_of(&thread.conversation.id).await.expect("read") <= 20_000_000);
    let (_, page) = world.get("/").await;
    assert!(!page.contains("Needs a look."), "nothing is wrong with the others");

    world.sims.close.add_lead(rapport::sim::close::LeadSeed {
        name: "Ocotillo Garage".to_owned(),
        contact: "Ben Ruiz".to_owned(),
        phone: "+15205550177".to_owned(),
        ..rapport::sim::close::LeadSeed::default()
    });
    world.sims.close.lead_texts("+15205550177", crate::support::world::OURS, "Do you do garages?");
    world.sims.close.deliver_webhooks().await;
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    assert_eq!(world.sims.model.requests().len(), asked + 1);
}

async fn what_a_lost_turn_cost_is_not_forgotten(database: Database) {
    let world = World::new(setup(database, "daily_usd = 100")).await;
    // The first answer cites what it was not shown, the second call fails: the turn is tried again later.
    let mut wrong = proposal("It is free.", "price");
    wrong["facts_used"] = serde_json::json!(["made-up"]);
    world.sims.model.push_json(wrong);
    world.sims.model.push_raw(500, serde_json::json!({ "error": { "message": "overloaded", "type": "server_error" } }));
    world.conversation_turn("What does it cost?").await;
    world.after(Duration::from_mins(5)).await;

    let thread = world.thread().await;
    let told: i64 = thread.turns.iter().map(|turn| turn.cost_microusd).sum();
    let (day, asked) = (world.clock.now() - Duration::from_hours(24), world.sims.model.requests().len());
    let costs = world.store.costs_since(day).await.expect("read");
    assert!(asked >= 3 && costs.held_microusd == 0, "{asked} calls, {} held", costs.held_microusd);
    assert!(costs.microusd >= told && told > 0, "{} and {told}", costs.microusd);
}

async fn an_answer_before_a_wait_is_kept_and_counted_where_there_is_no_cap(database: Database) {
    let world = World::new(setup(database, "")).await;
    // The first answer cites what it was not shown, and for the second the model is over its rate limit.
    let mut wrong = proposal("It is free.", "price");
    wrong["facts_used"] = serde_json::json!(["made-up"]);
    world.sims.model.push_json(wrong);
    let limited = serde_json::json!({ "error": { "message": "slow down", "type": "rate_limit_error" } });
    for _ in 0..4 {
        world.sims.model.push_raw(429, limited.clone());
    }
    world.conversation_turn("What does it cost?").await;
    world.after(Duration::from_mins(5)).await;

    let turns = world.thread().await.turns;
    let outcomes: Vec<&str> = turns.iter().map(|turn| turn.outcome.as_str()).collect();
    assert_eq!((outcomes.first(), outcomes.last()), (Some(&"failed"), Some(&"draft")), "{outcomes:?}");
    let record = world.store.turn(&turns[0].id).await.expect("read").expect("a record");
    assert!(record.answers.as_str().contains("It is free."), "`always-explained`");
    let costs = world.store.costs_since(world.clock.now() - Duration::from_hours(24)).await.expect("read");
    assert!(turns[0].cost_microusd > 0);
    assert_eq!(costs.microusd, turns.iter().map(|turn| turn.cost_microusd).sum::<i64>());
}

async fn what_a_turn_cost_that_another_process_has_taken_up_is_counted_where_there_is_no_cap(database: Database) {
    let world = World::new(setup(database, "").with("[engine]\nlease = \"1s\"\n")).await;
    world.lead_texts("What does it cost?").await;
    world.settle().await;
    world
        .while_the_model_thinks(async || {
            world.time_passes(Duration::from_secs(2));
            let taken = world.store.claim(1, Duration::from_mins(1), "another").await.expect("asked");
            assert_eq!(taken.len(), 1, "the lease has run out");
        })
        .await;
    assert!(world.thread().await.turns.is_empty(), "what came too late is written nowhere");
    let costs = world.store.costs_since(world.clock.now() - Duration::from_hours(24)).await.expect("read");
    assert!(costs.microusd > 0, "and was paid");
}

async fn calls_that_brought_nothing_count_against_the_cap(database: Database) {
    let world = World::new(setup(database, "daily_usd = 24")).await;
    for _ in 0..40 {
        world.sims.model.push_raw(200, serde_json::json!({ "choices": [] }));
    }
    world.conversation_turn("How much is it?").await;
    for _ in 0..6 {
        world.after(Duration::from_hours(1)).await;
    }
    let asked = world.sims.model.requests().len();
    assert!(asked > 0 && asked <= 3, "{asked} calls that may be billed, at most $7.25 each");
    let reason = world.thread().await.conversation.reason;
    assert!(reason.contains("Today's budget"), "what is spent is overstated: {reason}");
}

async fn leads_who_text_at_once_wait_for_each_other_and_not_for_tomorrow(database: Database) {
    // Room for what two replies may cost at most, and for what a dozen do.
    let world = World::new(setup(database, "daily_usd = 24")).await;
    let (caps, today) = (world.engine.settings.spending.caps, today(&world));
    let answer = world.store.hold_money("another", "reply", 15_000_000, &caps, &today).await;
    let hold = answer.expect("asked").expect("room");
    world.conversation_turn("How much is it?").await;
    let waiting = world.thread().await.conversation;
    assert_eq!(waiting.state.as_str(), "working", "{}", waiting.reason);
    assert!(waiting.reason.contains("Waiting for other replies"), "{}", waiting.reason);
    let (_, page) = world.get("/").await;
    assert!(!page.contains("budget.daily_usd"), "no budget is used up");

    world.store.settle_money(&hold, Some(1_000_000)).await.expect("settled");
    world.after(Duration::from_secs(10)).await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");
}

async fn a_count_that_cannot_be_true_empties_no_budget(database: Database) {
    let world = World::new(setup(database, "daily_usd = 50")).await;
    let usage = serde_json::json!({ "prompt_tokens": 10_000_000_000_000_000_000_u64, "completion_tokens": 20 });
    let answer = proposal("It depends on the roof.", "price").to_string();
    let choice = serde_json::json!({ "message": { "role": "assistant", "content": answer }, "finish_reason": "stop" });
    world.sims.model.push_raw(200, serde_json::json!({ "choices": [choice], "usage": usage }));
    world.conversation_turn("How much is it?").await;
    world.conversation_turn("And a small one?").await;
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "draft_waiting", "{}", thread.conversation.reason);
    let costs = world.store.costs_since(world.clock.now() - Duration::from_hours(24)).await.expect("read");
    assert!((1..50_000_000).contains(&costs.microusd), "{}", costs.microusd);
}

fn today(world: &World) -> Periods {
    rapport::engine::spending::periods(world.clock.now(), "UTC")
}
