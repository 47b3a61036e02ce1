//! A person acts, or the lead stops elsewhere, while the model thinks: what it answers is thrown away.

use crate::support::world::{Database, LEAD, Setup, World, proposal};

super::on_both_databases!(
    a_rep_who_takes_over_while_the_model_thinks_is_not_talked_over,
    a_rep_who_takes_over_while_the_model_asks_for_a_person_has_the_conversation,
    a_stop_to_another_number_while_the_model_thinks_holds_here,
    a_stop_by_hand_while_the_model_thinks_holds,
    a_conversation_that_was_handed_back_while_the_model_thought_is_answered,
);

/// Another number of ours.
const ELSEWHERE: &str = "+15205550177";

/// In both modes: the lead asks, `meanwhile` happens to the conversation while the model thinks, and of its answer nothing stands.
async fn nothing_stands_after(database: Database, state: &str, meanwhile: impl AsyncFn(&World, &str)) {
    for setup in [Setup::draft(database), Setup::auto(database)] {
        let world = World::new(setup).await;
        world.model_answers("Yes, all of the state.", "product_question");
        let id = overtaken(&world, &meanwhile).await;
        let thread = world.store.thread(&id).await.expect("the store works").expect("the conversation");
        assert_eq!(thread.conversation.state.as_str(), state, "{}", thread.conversation.reason);
        assert!(thread.drafts.is_empty() && thread.effects.is_empty(), "nothing waits for anybody");
        assert!(thread.inbox.iter().all(|event| !event.reason.is_empty()), "`always-explained`");
        let outcomes: Vec<&str> = thread.turns.iter().map(|turn| turn.outcome.as_str()).collect();
        assert_eq!(outcomes, ["superseded"], "what was paid for is kept on record");
        assert!(thread.turns[0].cost_microusd > 0 || thread.turns[0].output_tokens > 0);
        world.make_tasks().await;
        assert!(world.tasks().is_empty(), "nobody else is asked to act");
        assert!(world.sent().is_empty());
    }
}

/// Returns the conversation in which `meanwhile` happened while the model thought.
async fn overtaken(world: &World, meanwhile: &impl AsyncFn(&World, &str)) -> String {
    world.lead_texts("Do you work in Tucson?").await;
    world.settle().await;
    let id = world.thread().await.conversation.id;
    world.while_the_model_thinks(async || meanwhile(world, &id).await).await;
    id
}

async fn take_over(world: &World, id: &str) {
    assert_eq!(world.post_form(&format!("/conversations/{id}/take-over"), &[]).await, 303);
}

async fn a_rep_who_takes_over_while_the_model_thinks_is_not_talked_over(database: Database) {
    nothing_stands_after(database, "taken_over", take_over).await;
}

async fn a_rep_who_takes_over_while_the_model_asks_for_a_person_has_the_conversation(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let mut answer = proposal("Of course. What is a good time?", "wants_human");
    answer["wants_human"] = true.into();
    world.sims.model.push_json(answer);
    overtaken(&world, &take_over).await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "taken_over");
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "a person has it");
}

async fn a_stop_to_another_number_while_the_model_thinks_holds_here(database: Database) {
    nothing_stands_after(database, "opted_out", async |world, _| {
        world.sims.close.lead_texts(LEAD, ELSEWHERE, "STOP");
        world.sims.close.deliver_webhooks().await;
        world.another_process().await.run_due().await.expect("the store works");
    })
    .await;
}

async fn a_stop_by_hand_while_the_model_thinks_holds(database: Database) {
    nothing_stands_after(database, "opted_out", async |world, _| {
        world.store.suppress_by_hand(LEAD, "Robin", "She called.").await.expect("stopped");
    })
    .await;
}

async fn a_conversation_that_was_handed_back_while_the_model_thought_is_answered(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    for _ in 0..2 {
        world.model_answers("Yes, all of the state.", "product_question");
    }
    overtaken(&world, &async |world: &World, id: &str| {
        take_over(world, id).await;
        assert_eq!(world.post_form(&format!("/conversations/{id}/hand-back"), &[]).await, 303);
    })
    .await;
    assert_eq!(world.sent(), ["Yes, all of the state."]);
}
