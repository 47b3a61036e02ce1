//! Prompt files change under a running Rapport, and a reply stands on what it was shown.

use rapport::prompt::Library;
use serde_json::json;

use crate::support::world::{Database, Setup, World, proposal};

super::on_both_databases!(
    saved_prompts_are_used_from_the_next_turn_and_bad_ones_are_told,
    a_reply_that_cites_what_it_was_not_shown_is_held,
    a_report_by_which_nothing_fits_stops_no_turn,
);

fn library(house: &str) -> Result<Library, String> {
    let mut files = Library::embedded_files();
    files.retain(|(name, _)| name != "house.md");
    files.push(("house.md".to_owned(), house.to_owned()));
    Library::from_files(files).map_err(|error| error.to_string())
}

async fn saved_prompts_are_used_from_the_next_turn_and_bad_ones_are_told(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    let prompts = world.engine.proposer.prompts.clone();
    prompts.reload(library("# Our house\nWe say howdy."));
    world.model_answers("Howdy, how can I help?", "small_talk");
    world.conversation_turn("Hello there").await;
    let turn = world.thread().await.turns.pop().expect("a turn");
    assert_eq!(turn.prompt_hash, prompts.current().hash());
    assert!(world.sims.model.requests()[0].to_string().contains("We say howdy."));

    prompts.reload(library("We say {{ hi }}."));
    let (_, page) = world.get("/").await;
    assert!(page.contains("house.md, line 1: there is no variable `hi`"), "the desk says so: {page}");
    world.model_answers("Howdy again.", "small_talk");
    world.conversation_turn("Still there?").await;
    assert_eq!(world.thread().await.turns.pop().expect("a turn").prompt_hash, turn.prompt_hash, "the last good ones");

    prompts.reload(library("# Our house\nWe say good day."));
    let (_, page) = world.get("/").await;
    assert!(!page.contains("house.md"), "all is well again");
}

async fn a_reply_that_cites_what_it_was_not_shown_is_held(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let mut invented = proposal("It takes about two days.", "product_question");
    invented["facts_used"] = serde_json::json!(["pricing#made-up"]);
    world.sims.model.push_json(invented.clone());
    world.sims.model.push_json(invented);
    world.conversation_turn("How long does it take?").await;

    assert!(world.sent().is_empty(), "never-invented");
    assert_eq!(world.sims.model.requests().len(), 2, "it was written once more");
    assert!(world.sims.model.requests()[1].to_string().contains("pricing#made-up"), "and told why");
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "draft_waiting");
    assert!(thread.conversation.reason.contains("knowledge that it was not given"), "{}", thread.conversation.reason);
}

async fn a_report_by_which_nothing_fits_stops_no_turn(database: Database) {
    let world = World::new(Setup::draft(database).with("prompt_tokens_cap = 2500\nmax_output_tokens = 200\n")).await;
    for text in ["How much is it?", "And a small one?"] {
        let answer = proposal("It depends on the roof.", "price").to_string();
        let choice = json!({ "message": { "role": "assistant", "content": answer }, "finish_reason": "stop" });
        let usage = json!({ "prompt_tokens": 4_600, "completion_tokens": 20 });
        world.sims.model.push_raw(200, json!({ "choices": [choice], "usage": usage }));
        world.conversation_turn(text).await;
        let conversation = world.thread().await.conversation;
        assert_eq!(conversation.state.as_str(), "draft_waiting", "{}", conversation.reason);
    }
}
