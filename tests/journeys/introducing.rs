//! What the first text to a lead says beside its answer: who writes, how to stop, and that an AI writes.

use std::time::Duration;

use rapport::sim::close::LeadSeed;

use crate::support::world::{Database, OURS, Setup, World};

super::on_both_databases!(
    the_first_text_says_who_writes_and_how_to_stop_and_later_ones_do_not,
    how_to_stop_is_told_again_after_a_month,
    a_rep_reads_the_exact_text_that_will_leave,
    what_the_model_says_itself_is_not_said_twice,
    a_lead_of_a_state_that_asks_for_it_is_told_that_an_ai_writes,
    a_true_answer_about_machines_goes_by_itself_only_when_that_was_wanted,
);

const HELLO: &str = "Sam from Northwind Solar: Yes, we do.\nReply STOP to opt out.";

async fn the_first_text_says_who_writes_and_how_to_stop_and_later_ones_do_not(database: Database) {
    let world = World::new(Setup::auto(database).with_notices()).await;
    world.model_answers("Yes, we do.", "product_question");
    world.conversation_turn("Do you do commercial roofs?").await;
    world.model_answers("All of the state.", "product_question");
    world.conversation_turn("Where do you work?").await;
    assert_eq!(world.sent(), [HELLO, "All of the state."]);
    let asked = world.sims.model.requests();
    assert!(asked[0].to_string().contains("Say in passing that you are Sam from Northwind Solar"), "the model knows");
    assert!(!asked[1].to_string().contains("# For this text"), "and hears no more of it");
}

async fn how_to_stop_is_told_again_after_a_month(database: Database) {
    let world = World::new(Setup::auto(database).with_notices()).await;
    world.model_answers("Yes, we do.", "product_question");
    world.conversation_turn("Do you do commercial roofs?").await;
    world.after(Duration::from_hours(30 * 24)).await;
    world.model_answers("Welcome back!", "small_talk");
    world.conversation_turn("Hello again").await;
    assert_eq!(world.sent(), [HELLO, "Welcome back!\nReply STOP to opt out."]);
}

async fn a_rep_reads_the_exact_text_that_will_leave(database: Database) {
    let world = World::new(Setup::draft(database).with_notices()).await;
    world.model_answers("Yes, we do.", "product_question");
    world.conversation_turn("Do you do commercial roofs?").await;
    let thread = world.thread().await;
    assert_eq!(thread.drafts[0].text, HELLO);
    let (_, page) = world.get(&format!("/conversations/{}", thread.conversation.id)).await;
    assert!(page.contains("Sam from Northwind Solar: Yes, we do.\nReply STOP to opt out."), "the whole text is shown");
    assert!(page.contains("How to opt out was put below the text"), "and what of it Rapport added");
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.sent(), [HELLO]);
}

async fn what_the_model_says_itself_is_not_said_twice(database: Database) {
    let world = World::new(Setup::auto(database).with_notices()).await;
    let text = "Sam here from Northwind Solar. Yes, we do! Text STOP to opt out.";
    world.model_answers(text, "product_question");
    world.conversation_turn("Do you do commercial roofs?").await;
    assert_eq!(world.sent(), [text]);
}

async fn a_lead_of_a_state_that_asks_for_it_is_told_that_an_ai_writes(database: Database) {
    let world = World::new(Setup::auto(database).with_notices()).await;
    let maine = "+12075550142";
    world.sims.close.add_lead(LeadSeed {
        contact: "Jo Pelletier".to_owned(),
        phone: maine.to_owned(),
        city: Some(("Portland".to_owned(), "Maine".to_owned())),
        ..LeadSeed::default()
    });
    world.model_answers("Yes, we do.", "product_question");
    world.sims.close.lead_texts(maine, OURS, "Do you do roofs?");
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    assert_eq!(world.sent(), ["Sam, AI assistant from Northwind Solar: Yes, we do.\nReply STOP to opt out."]);
    let asked = world.sims.model.requests()[0].to_string();
    assert!(asked.contains("the AI assistant of Northwind Solar"), "the model is told to say so itself");
}

async fn a_true_answer_about_machines_goes_by_itself_only_when_that_was_wanted(database: Database) {
    let answer = "I'm Northwind Solar's AI assistant. Shall someone from the team text you?";
    for (more, sent) in [("", 0), ("[policy.intents]\nare_you_a_bot = \"auto\"\n", 1)] {
        let world = World::new(Setup::auto(database).with(more)).await;
        world.model_answers(answer, "are_you_a_bot");
        world.conversation_turn("wait, are you a bot?").await;
        assert_eq!(world.sent().len(), sent, "{more:?}");
    }
}
