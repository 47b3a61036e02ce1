//! A person is needed: the desk and one task at Close say why, what was said and what to do next.

use std::time::Duration;

use rapport::sim::Fault;
use rapport::sim::close::LeadSeed;
use serde_json::{Value, json};

use crate::support::world::{Database, LEAD, OURS, Setup, World, proposal};

super::on_both_databases!(
    who_asks_for_a_person_becomes_a_task_of_the_leads_owner,
    the_custom_field_names_the_owner,
    a_draft_that_only_waits_for_approval_is_no_handoff,
    a_lost_answer_makes_no_second_task,
    a_task_that_was_never_made_is_made_again,
    a_process_that_dies_before_it_asks_leaves_one_task,
    a_process_that_dies_after_it_asked_leaves_one_task,
    two_processes_make_one_task,
    a_refused_task_is_told_and_holds_up_nothing,
    further_texts_make_no_other_task_until_it_is_done,
    once_somebody_answered_a_new_handoff_is_a_new_task,
    what_a_rep_marked_as_done_is_over,
    while_paused_no_task_is_made,
    a_reply_that_was_not_sent_becomes_a_task,
    a_reply_that_was_never_written_becomes_a_task,
    a_rep_who_took_over_and_did_not_answer_is_told,
    without_tasks_the_desk_alone_tells,
);

const ASKS: &str = "Can somebody call me about this?";

fn members(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

/// The lead asks for a person; nothing is done about the task yet.
async fn asked(setup: Setup) -> World {
    let world = World::new(setup).await;
    asks(&world).await;
    world
}

async fn asks(world: &World) {
    let mut answer = proposal("Of course. What is a good time?", "wants_human");
    answer["wants_human"] = true.into();
    world.sims.model.push_json(answer);
    world.conversation_turn(ASKS).await;
}

async fn page(world: &World) -> String {
    let id = world.thread().await.conversation.id;
    world.get(&format!("/conversations/{id}")).await.1
}

async fn who_asks_for_a_person_becomes_a_task_of_the_leads_owner(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let close = &world.sims.close;
    let owner = close.add_user("Robin", "Reyes");
    let lead = close.leads()[0]["id"].as_str().expect("an id").to_owned();
    let opportunity = json!({"id": "oppo_1", "user_id": owner, "user_name": "Robin Reyes", "status_type": "active",
        "status_label": "Active", "date_created": "2026-11-01T00:00:00+00:00"});
    close.change_lead(&lead, &members(&json!({ "opportunities": [opportunity] })));
    asks(&world).await;
    world.make_tasks().await;

    let tasks = world.tasks();
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    let task = &tasks[0];
    assert_eq!((&task["assigned_to"], &task["lead_id"]), (&json!(owner), &json!(lead)));
    assert_eq!(task["date"], "2026-12-01", "due today, at the office");
    let text = task["text"].as_str().expect("words");
    for part in ["Maria Lopez asks for a person.", ASKS, "Why: ", "Next: Call, or answer from Close"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let page = page(&world).await;
    for part in ["A person is needed", "asks for a person", "A task at Close tells the lead&#39;s owner."] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert!(world.sent().is_empty(), "no lead sees a task");
    for _ in 0..5 {
        world.after(Duration::from_mins(5)).await;
        world.make_tasks().await;
    }
    assert_eq!(world.tasks().len(), 1);
}

async fn the_custom_field_names_the_owner(database: Database) {
    let world = World::new(Setup::auto(database).with("[handoff]\nowner_field = \"lead owner\"\n")).await;
    let close = &world.sims.close;
    let owner = close.add_user("Robin", "Reyes");
    let number = "+15205550143";
    close.add_lead(LeadSeed {
        name: "Ocotillo Cafe".to_owned(),
        contact: "Kim Flat".to_owned(),
        phone: number.to_owned(),
        custom: vec![("Lead Owner".to_owned(), owner.clone())],
        ..LeadSeed::default()
    });
    world.sims.model.push_json(proposal("Of course.", "wants_human"));
    close.lead_texts(number, OURS, ASKS);
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    world.make_tasks().await;
    assert_eq!(world.tasks()[0]["assigned_to"], json!(owner));
}

async fn a_draft_that_only_waits_for_approval_is_no_handoff(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.model_answers("We do flat roofs too.", "product_question");
    world.conversation_turn("Do you do flat roofs?").await;
    world.make_tasks().await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");
    assert!(world.tasks().is_empty());
    assert!(!page(&world).await.contains("A person is needed"));
}

/// Time passes until whatever became of the task is known.
async fn is_one_task(world: &World) {
    for _ in 0..4 {
        world.make_tasks().await;
        world.after(Duration::from_mins(3)).await;
    }
    assert_eq!(world.tasks().len(), 1, "{:?}", world.tasks());
    assert!(page(world).await.contains("A task at Close tells"), "the desk knows");
}

async fn a_lost_answer_makes_no_second_task(database: Database) {
    for fault in [Fault::CutAfterAccepting, Fault::MalformedJson] {
        let world = asked(Setup::auto(database)).await;
        world.sims.close.faults().once("POST", "/api/v1/task/", fault);
        world.make_tasks().await;
        let page = page(&world).await;
        assert!(page.contains("Whether the task was made at Close is being looked up."), "{fault:?}");
        is_one_task(&world).await;
    }
}

async fn a_task_that_was_never_made_is_made_again(database: Database) {
    for fault in [Fault::CutBeforeAccepting, Fault::Status(502), Fault::TooManyRequests(5)] {
        let world = asked(Setup::auto(database)).await;
        world.sims.close.faults().once("POST", "/api/v1/task/", fault);
        world.make_tasks().await;
        assert!(world.tasks().is_empty(), "{fault:?}");
        is_one_task(&world).await;
    }
}

/// A process takes the handoff, notes that it begins, and is not heard of again.
async fn begun(world: &World) -> rapport::store::HandoffRecord {
    let taken = world.store.take_handoffs(Duration::from_mins(2)).await.expect("the store works");
    let handoff = taken.into_iter().next().expect("a handoff is due");
    let read_back_at = world.clock.now().checked_add(Duration::from_mins(1)).expect("in range");
    assert!(world.store.begin_task(&handoff, read_back_at).await.expect("the store works"));
    handoff
}

async fn a_process_that_dies_before_it_asks_leaves_one_task(database: Database) {
    let world = asked(Setup::auto(database)).await;
    begun(&world).await;
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "its request may still be on its way");
    is_one_task(&world).await;
}

async fn a_process_that_dies_after_it_asked_leaves_one_task(database: Database) {
    let world = asked(Setup::auto(database)).await;
    let handoff = begun(&world).await;
    let lead_id = world.thread().await.conversation.lead_id.expect("a lead");
    let task = rapport::close::task::NewTask {
        lead_id,
        assigned_to: None,
        text: handoff.handoff.task_text(None, &handoff.id),
        due: "2026-12-01".parse().expect("a day"),
    };
    let made = world.engine.close.create_task(&task).await.expect("Close answers");
    assert!(world.sims.close.rep_completes_task(&world.sims.close.admin(), &made.id), "and somebody is quick");
    is_one_task(&world).await;
}

async fn two_processes_make_one_task(database: Database) {
    let world = asked(Setup::auto(database)).await;
    let another = world.another_process().await;
    let both = async { tokio::join!(world.engine.make_due_tasks(), another.make_due_tasks()) };
    let (one, other) = world.drive(Box::pin(both)).await;
    assert_eq!(one.expect("the store works") + other.expect("the store works"), 1, "one of them has it");
    is_one_task(&world).await;
}

async fn a_refused_task_is_told_and_holds_up_nothing(database: Database) {
    let world = asked(Setup::auto(database)).await;
    world.sims.close.faults().once("POST", "/api/v1/task/", Fault::Status(400));
    world.make_tasks().await;
    assert!(world.tasks().is_empty());
    assert!(page(&world).await.contains("No task was made at Close."));
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson, too?").await;
    let thread = world.thread().await;
    assert_eq!(thread.turns.last().expect("a turn").outcome, "draft", "the lead still waits for a person");
}

async fn further_texts_make_no_other_task_until_it_is_done(database: Database) {
    let world = asked(Setup::auto(database)).await;
    world.make_tasks().await;
    world.after(Duration::from_mins(20)).await;
    asks(&world).await;
    world.make_tasks().await;
    assert_eq!(world.tasks().len(), 1, "the owner knows already");
    assert!(page(&world).await.contains("The task at Close from before is still open."));
    let id = world.tasks()[0]["id"].as_str().expect("an id").to_owned();
    assert!(world.sims.close.rep_completes_task(&world.sims.close.admin(), &id));
    world.after(Duration::from_hours(20)).await;
    asks(&world).await;
    world.make_tasks().await;
    let done: Vec<Value> = world.tasks().iter().map(|task| task["is_complete"].clone()).collect();
    assert_eq!(done, [json!(true), json!(false)]);
}

async fn once_somebody_answered_a_new_handoff_is_a_new_task(database: Database) {
    let world = asked(Setup::auto(database)).await;
    world.make_tasks().await;
    world.after(Duration::from_mins(5)).await;
    let close = &world.sims.close;
    close.rep_sends(&close.admin(), LEAD, OURS, "I'll call you at five.");
    world.settle().await;
    assert!(!page(&world).await.contains("A person is needed"), "it is answered");
    world.after(Duration::from_hours(24)).await;
    asks(&world).await;
    world.make_tasks().await;
    assert_eq!(world.tasks().len(), 2, "that the first was never marked as done hides nothing");
}

async fn what_a_rep_marked_as_done_is_over(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.model.push_json(proposal("", "wants_human"));
    world.conversation_turn(ASKS).await;
    let id = world.thread().await.conversation.id;
    assert_eq!(world.thread().await.conversation.state.as_str(), "handed_off");
    assert_eq!(world.post_form(&format!("/conversations/{id}/dismiss"), &[]).await, 303);
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "nobody needs it any more");
    asks(&world).await;
    world.make_tasks().await;
    assert_eq!(world.tasks().len(), 1);
}

async fn while_paused_no_task_is_made(database: Database) {
    let world = asked(Setup::auto(database)).await;
    let pause = world.engine.pause("prices are wrong", "Robin").await.expect("paused");
    world.make_tasks().await;
    world.lead_texts("Hello?").await;
    world.settle().await;
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "the kill switch stops everything");
    world.engine.resume("Robin", pause.since).await.expect("resumed");
    world.make_tasks().await;
    assert_eq!(world.tasks().len(), 1);
}

async fn a_reply_that_was_not_sent_becomes_a_task(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.fail_number(LEAD, "30006: Landline or unreachable carrier");
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    world.make_tasks().await;
    let text = world.tasks()[0]["text"].as_str().expect("words").to_owned();
    assert!(text.contains("reply was not sent") && text.contains("30006"), "{text}");
}

async fn a_reply_that_was_never_written_becomes_a_task(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.model.push_raw(401, json!({"error": {"message": "Incorrect API key", "type": "authentication_error"}}));
    world.conversation_turn("Do you work in Tucson?").await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "parked");
    world.make_tasks().await;
    let text = world.tasks()[0]["text"].as_str().expect("words").to_owned();
    assert!(text.contains("could not write a reply") && text.contains("Do you work in Tucson?"), "{text}");
}

async fn a_rep_who_took_over_and_did_not_answer_is_told(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let id = world.thread().await.conversation.id;
    assert_eq!(world.post_form(&format!("/conversations/{id}/take-over"), &[]).await, 303);
    world.lead_texts("And in Mesa?").await;
    world.settle().await;
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "a rep has it");
    world.after(Duration::from_hours(13)).await;
    world.make_tasks().await;
    let text = world.tasks()[0]["text"].as_str().expect("words").to_owned();
    assert!(text.contains("still waits for an answer") && text.contains("And in Mesa?"), "{text}");
}

async fn without_tasks_the_desk_alone_tells(database: Database) {
    let world = asked(Setup::auto(database).with("[handoff]\ntask = false\n")).await;
    world.make_tasks().await;
    assert!(world.tasks().is_empty());
    let page = page(&world).await;
    assert!(page.contains("A person is needed") && !page.contains("task at Close"), "{page}");
}
