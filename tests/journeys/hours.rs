//! `never-out-of-hours`: the rules of every state the lead may be in.

use std::time::Duration;

use rapport::sim::close::LeadSeed;

use crate::support::world::{Database, OURS, Setup, World};

super::on_both_databases!(
    an_approval_waits_for_the_hours_of_the_address_and_of_the_area_code,
    a_fourth_text_in_a_day_is_held_where_the_state_allows_three,
    a_rule_of_the_configuration_binds_fresh_replies_too,
);

/// A Florida number; the story's morning is 13:00 there.
const FLORIDA: &str = "+13055550142";

fn lead(world: &World, phone: &str, state: &str) {
    world.sims.close.add_lead(LeadSeed {
        contact: "Jo Pelletier".to_owned(),
        phone: phone.to_owned(),
        city: Some(("Springfield".to_owned(), state.to_owned())),
        ..LeadSeed::default()
    });
}

async fn turn(world: &World, phone: &str, text: &str) {
    world.sims.close.lead_texts(phone, OURS, text);
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
}

async fn approve(world: &World, phone: &str) {
    let thread = world.thread_with(phone).await.expect("a conversation");
    let waiting = thread.drafts.iter().find(|draft| draft.state.as_str() == "waiting").expect("a draft that waits");
    assert_eq!(world.post_form(&format!("/drafts/{}/approve", waiting.id), &[]).await, 303);
    world.settle().await;
}

async fn an_approval_waits_for_the_hours_of_the_address_and_of_the_area_code(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    // A number of Denver, an address in Rhode Island, which allows nothing after 18:00.
    let phone = "+13035550142";
    lead(&world, phone, "Rhode Island");
    world.model_answers("Yes, we do.", "product_question");
    turn(&world, phone, "Do you do roofs?").await;
    // 18:30 in Providence, 16:30 in Denver.
    world.after(Duration::from_mins(5 * 60 + 30)).await;
    approve(&world, phone).await;
    assert!(world.sent().is_empty(), "Rhode Island has closed");
    // 10:00 in Providence, 8:00 in Denver.
    world.after(Duration::from_mins(15 * 60 + 30)).await;
    assert!(world.sent().is_empty(), "and who has a number of Denver may be there");
    world.after(Duration::from_hours(2)).await;
    assert_eq!(world.sent(), ["Yes, we do."], "10:00 in Denver");
}

async fn a_fourth_text_in_a_day_is_held_where_the_state_allows_three(database: Database) {
    let world = World::new(Setup::auto(database).with("[hours]\nfresh_reply = \"1s\"\n")).await;
    lead(&world, FLORIDA, "FL");
    for (heard, answer) in
        [("roofs?", "Yes, those too."), ("flat ones?", "Sure."), ("metal?", "Of course!"), ("tiles?", "Gladly.")]
    {
        world.model_answers(answer, "product_question");
        turn(&world, FLORIDA, heard).await;
    }
    assert_eq!(world.sent(), ["Yes, those too.", "Sure.", "Of course!"]);
    let thread = world.thread_with(FLORIDA).await.expect("a conversation");
    let held = &thread.drafts[0];
    assert!(held.text == "Gladly." && held.reason.contains("Florida allows 3 texts"), "{held:?}");

    // Answers to the lead's own fresh texts are no solicitation.
    let world = World::new(Setup::auto(database)).await;
    lead(&world, FLORIDA, "FL");
    for (heard, answer) in
        [("roofs?", "Yes, those too."), ("flat ones?", "Sure."), ("metal?", "Of course!"), ("tiles?", "Gladly.")]
    {
        world.model_answers(answer, "product_question");
        turn(&world, FLORIDA, heard).await;
    }
    assert_eq!(world.sent().len(), 4);
}

async fn a_rule_of_the_configuration_binds_fresh_replies_too(database: Database) {
    let rule = "[hours.states.FL]\nweekdays = \"15:00-19:00\"\nfresh_replies = \"bound\"\n";
    let world = World::new(Setup::auto(database).with(rule)).await;
    lead(&world, FLORIDA, "FL");
    world.model_answers("Yes, we do.", "product_question");
    turn(&world, FLORIDA, "Do you do roofs?").await;
    assert!(world.sent().is_empty(), "it is 13:00 in Florida, and counsel wants nothing before 15:00");
    let thread = world.thread_with(FLORIDA).await.expect("a conversation");
    let (_, page) = world.get(&format!("/conversations/{}", thread.conversation.id)).await;
    assert!(page.contains("15:00-19:00"), "the rule is named");
    // Pensacola is an hour behind Miami.
    world.after(Duration::from_hours(3)).await;
    assert_eq!(world.sent(), ["Yes, we do."]);
}
