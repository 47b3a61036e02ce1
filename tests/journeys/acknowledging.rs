//! A lead who waits for a person is told so, if that is configured: once, and never where no text may go.

use std::time::Duration;

use rapport::sim::{Fault, WebhookFault};

use crate::support::world::{Database, LEAD, OURS, Setup, World, proposal};

super::on_both_databases!(
    whoever_asks_for_a_person_is_told_once_that_one_will_answer,
    without_the_setting_nothing_is_said,
    the_owner_is_named,
    as_our_first_text_it_says_who_we_are_and_how_to_stop,
    a_lost_answer_doubles_nothing,
    what_was_asked_is_still_owed_an_answer,
    a_new_handoff_after_an_answer_and_a_day_is_told_again,
    a_new_handoff_on_the_same_day_is_not,
    in_draft_mode_nothing_goes_by_itself,
    the_first_answer_to_a_new_person_is_held,
    a_stop_while_the_model_thinks_wins,
    a_rep_who_texts_before_it_leaves_wins,
    at_night_a_stale_text_is_not_answered_by_it,
    one_that_could_not_go_at_once_is_taken_back,
    one_that_is_held_up_past_its_minutes_on_the_way_out_is_taken_back,
    a_carriers_block_found_by_it_is_a_stop,
    one_that_fails_leaves_the_conversation_to_the_person,
);

const ASKS: &str = "Can somebody call me about this?";
const TOLD: &str = "Thanks, I'm passing this to a colleague, who will get back to you.";

fn telling(setup: Setup) -> Setup {
    setup.with("[handoff]\nacknowledge = \"Thanks, I'm passing this to {owner}, who will get back to you.\"\n")
}

async fn world(database: Database) -> World {
    World::new(telling(Setup::auto(database))).await
}

fn model_wants_a_person(world: &World) {
    let mut answer = proposal("Of course. What is a good time?", "wants_human");
    answer["wants_human"] = true.into();
    world.sims.model.push_json(answer);
}

async fn asks(world: &World) {
    model_wants_a_person(world);
    world.conversation_turn(ASKS).await;
}

async fn state(world: &World) -> String {
    world.thread().await.conversation.state.as_str().to_owned()
}

async fn whoever_asks_for_a_person_is_told_once_that_one_will_answer(database: Database) {
    let world = world(database).await;
    asks(&world).await;
    assert_eq!(world.sent(), [TOLD]);
    assert_eq!(state(&world).await, "draft_waiting", "a person still decides on the answer");
    world.after(Duration::from_mins(30)).await;
    asks(&world).await;
    world.after(Duration::from_hours(25)).await;
    asks(&world).await;
    assert_eq!(world.sent(), [TOLD], "nobody has answered: it is the same handoff");
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.sent(), [TOLD, "Of course. What is a good time?"]);
    assert_eq!(state(&world).await, "quiet");
}

async fn without_the_setting_nothing_is_said(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    asks(&world).await;
    assert!(world.sent().is_empty());
}

async fn the_owner_is_named(database: Database) {
    let world = world(database).await;
    let close = &world.sims.close;
    let lead = close.leads()[0]["id"].as_str().expect("an id").to_owned();
    let opportunities = serde_json::json!([{"id": "oppo_1", "user_id": close.add_user("Robin", "Reyes"),
        "user_name": "Robin Reyes", "status_type": "active"}]);
    close.change_lead(&lead, &[("opportunities".to_owned(), opportunities)].into_iter().collect());
    asks(&world).await;
    assert_eq!(world.sent(), ["Thanks, I'm passing this to Robin, who will get back to you."]);
}

async fn as_our_first_text_it_says_who_we_are_and_how_to_stop(database: Database) {
    let world = World::new(telling(Setup::auto(database)).with_notices()).await;
    asks(&world).await;
    let sent = world.sent();
    let [text] = sent.as_slice() else { panic!("one text: {sent:?}") };
    assert!(text.contains(TOLD), "{text}");
    let first = text.lines().next().expect("a line");
    assert!(first.ends_with(TOLD) && first.contains(" from ") && first.contains(": "), "who writes: {text}");
    assert!(text.contains("STOP"), "how to stop: {text}");
}

async fn a_lost_answer_doubles_nothing(database: Database) {
    for (method, path) in [("POST", "/api/v1/activity/sms/"), ("PUT", "/api/v1/activity/sms/*")] {
        let world = world(database).await;
        world.sims.close.faults().once(method, path, Fault::CutAfterAccepting);
        asks(&world).await;
        for _ in 0..5 {
            world.after(Duration::from_mins(1)).await;
        }
        assert_eq!(world.sent(), [TOLD], "never-twice");
        assert_eq!(state(&world).await, "draft_waiting");
    }
}

async fn what_was_asked_is_still_owed_an_answer(database: Database) {
    let world = world(database).await;
    asks(&world).await;
    world.after(Duration::from_mins(5)).await;
    world.model_answers("Yes, Mesa too.", "product_question");
    world.conversation_turn("And do you work in Mesa?").await;
    let prompt = world.sims.model.requests().last().expect("asked").to_string();
    let new_texts = prompt.rsplit("<new_texts").next().expect("the texts to answer");
    assert!(new_texts.contains(ASKS) && new_texts.contains("Mesa"), "nothing-lost: {new_texts}");
    assert_eq!(world.sent(), [TOLD], "and the new draft waits for a person too");
}

async fn answered_by_a_rep(world: &World) {
    asks(world).await;
    world.after(Duration::from_mins(5)).await;
    let close = &world.sims.close;
    close.rep_sends(&close.admin(), LEAD, OURS, "I'll call you at five.");
    world.settle().await;
}

async fn a_new_handoff_after_an_answer_and_a_day_is_told_again(database: Database) {
    let world = world(database).await;
    answered_by_a_rep(&world).await;
    world.after(Duration::from_hours(24)).await;
    asks(&world).await;
    assert_eq!(world.sent(), [TOLD, TOLD]);
}

async fn a_new_handoff_on_the_same_day_is_not(database: Database) {
    let world = world(database).await;
    answered_by_a_rep(&world).await;
    world.after(Duration::from_hours(13)).await;
    asks(&world).await;
    assert_eq!(state(&world).await, "draft_waiting", "the takeover is over");
    assert_eq!(world.sent(), [TOLD]);
}

async fn in_draft_mode_nothing_goes_by_itself(database: Database) {
    let world = World::new(telling(Setup::draft(database).with("[policy]\nhold_first = false\n"))).await;
    asks(&world).await;
    assert!(world.sent().is_empty(), "a-person-decides");
}

async fn the_first_answer_to_a_new_person_is_held(database: Database) {
    let world = World::new(telling(Setup::draft(database).with("[policy]\nmode = \"auto\"\n"))).await;
    asks(&world).await;
    assert!(world.sent().is_empty());
}

async fn a_stop_while_the_model_thinks_wins(database: Database) {
    let world = world(database).await;
    model_wants_a_person(&world);
    world.lead_texts(ASKS).await;
    world.settle().await;
    world
        .while_the_model_thinks(async || {
            world.lead_texts("Stop").await;
        })
        .await;
    world.after(Duration::from_hours(1)).await;
    assert!(world.sent().is_empty(), "never-after-stop");
}

async fn a_rep_who_texts_before_it_leaves_wins(database: Database) {
    let world = world(database).await;
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(5));
    asks(&world).await;
    assert!(world.sent().is_empty(), "it is held up");
    let close = &world.sims.close;
    close.rep_sends(&close.admin(), LEAD, OURS, "I'll call you at five.");
    world.settle().await;
    world.after(Duration::from_mins(1)).await;
    assert!(world.sent().is_empty(), "never-over-a-human");
    assert!(close.drafts().is_empty(), "its draft in Close is gone");
}

async fn at_night_a_stale_text_is_not_answered_by_it(database: Database) {
    let world = World::new(telling(Setup::auto(database).with("[hours]\nfresh_reply = \"0s\"\n"))).await;
    // It is 22:00 where the lead is.
    world.after(Duration::from_hours(11)).await;
    asks(&world).await;
    world.after(Duration::from_hours(13)).await;
    assert!(world.sent().is_empty(), "never-out-of-hours, and in the morning it comes too late");
}

async fn one_that_could_not_go_at_once_is_taken_back(database: Database) {
    let world = world(database).await;
    world.after(Duration::from_hours(11)).await;
    world.sims.close.faults().times(99, "PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(60));
    asks(&world).await;
    for _ in 0..20 {
        world.after(Duration::from_mins(1)).await;
    }
    world.sims.close.faults().clear();
    world.after(Duration::from_hours(13)).await;
    assert!(world.sent().is_empty(), "never-out-of-hours");
    assert!(world.sims.close.drafts().is_empty(), "its draft in Close is gone");
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "withdrawn");
    assert_eq!(thread.conversation.state.as_str(), "draft_waiting");
}

async fn one_that_is_held_up_past_its_minutes_on_the_way_out_is_taken_back(database: Database) {
    let world = world(database).await;
    world.after(Duration::from_hours(11)).await;
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(2));
    asks(&world).await;
    world.time_passes(Duration::from_secs(9 * 60 + 50));
    world.sims.close.faults().once("GET", "/api/v1/activity/sms/*", Fault::TooManyRequests(20));
    world.settle().await;
    world.after(Duration::from_mins(1)).await;
    assert!(world.sent().is_empty(), "never-out-of-hours");
    assert_eq!(world.thread().await.effects[0].state.as_str(), "withdrawn");
}

async fn a_carriers_block_found_by_it_is_a_stop(database: Database) {
    let world = world(database).await;
    world.sims.close.fail_number(LEAD, "21610: Attempt to send to unsubscribed recipient");
    asks(&world).await;
    world.after(Duration::from_mins(1)).await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
    assert_eq!(state(&world).await, "opted_out");
}

async fn one_that_fails_leaves_the_conversation_to_the_person(database: Database) {
    let world = world(database).await;
    world.sims.close.fail_number(LEAD, "30006: Landline or unreachable carrier");
    world.sims.close.faults().webhooks(1, WebhookFault::Duplicate);
    asks(&world).await;
    world.after(Duration::from_mins(5)).await;
    assert_eq!(state(&world).await, "draft_waiting");
    world.make_tasks().await;
    assert_eq!(world.tasks().len(), 1, "the one of the handoff itself");
}
