//! A lead texts; Rapport answers, once.

use std::time::Duration;

use crate::support::world::{Database, LEAD, OURS, Setup, World};

super::on_both_databases!(
    a_text_is_answered_by_itself_in_auto,
    a_burst_is_answered_once,
    a_burst_without_end_is_answered_after_the_longest_wait,
    an_answer_composed_before_a_newer_text_is_thrown_away,
    duplicate_webhooks_change_nothing,
    texts_out_of_order_are_read_in_order,
    what_was_said_before_is_part_of_the_prompt,
    the_record_of_a_turn_explains_it,
    a_merged_lead_is_followed,
    a_lead_without_a_name_is_read_whole_but_once,
    a_lead_attached_later_is_found,
    a_draft_that_waits_goes_to_the_lead_that_was_attached_meanwhile,
);

async fn a_text_is_answered_by_itself_in_auto(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, we do commercial roofs. What size is yours?", "product_question");

    world.lead_texts("Do you do commercial roofs?").await;
    world.settle().await;
    assert!(world.sent().is_empty(), "it waits for more texts first");
    world.after(Duration::from_secs(8)).await;

    assert_eq!(world.sent(), ["Yes, we do commercial roofs. What size is yours?"]);
    let texts = world.sims.close.texts_sent();
    assert_eq!((texts[0].from.as_str(), texts[0].to.as_str()), (OURS, LEAD));
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "quiet");
    assert_eq!(thread.effects[0].state.as_str(), "sent");
    assert_eq!(thread.messages.len(), 2);
    world.after(Duration::from_hours(1)).await;
    assert_eq!(world.sent().len(), 1, "never-twice");
}

async fn a_burst_is_answered_once(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("It depends on the roof. Shall we look?", "product_question");

    world.lead_texts("Hi").await;
    world.settle().await;
    world.after(Duration::from_secs(5)).await;
    world.lead_texts("how long does it take").await;
    world.settle().await;
    world.after(Duration::from_secs(5)).await;
    assert!(world.sent().is_empty(), "the second text began the wait again");
    world.after(Duration::from_secs(3)).await;

    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.sims.model.requests().len(), 1);
    let prompt = world.sims.model.requests()[0].to_string();
    assert!(prompt.contains("Hi") && prompt.contains("how long does it take"));
}

async fn a_burst_without_end_is_answered_after_the_longest_wait(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("That is a lot of things! One by one, then.", "other");
    for n in 0..9 {
        world.lead_texts(&format!("and another thing, number {n}")).await;
        world.settle().await;
        assert!(world.sent().is_empty());
        world.after(Duration::from_secs(5)).await;
    }
    assert_eq!(world.sent().len(), 1, "45 s after the first text it is answered");
}

async fn an_answer_composed_before_a_newer_text_is_thrown_away(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, we do.", "other");
    world.lead_texts("Do you do flat roofs?").await;
    world.settle().await;

    world
        .while_the_model_thinks(async || {
            world.lead_texts("Actually, pitched ones").await;
        })
        .await;
    assert!(world.sent().is_empty(), "in-order: the first answer does not know the newer text");
    world.model_answers("No problem, those too.", "other");
    world.after(Duration::from_secs(8)).await;

    assert_eq!(world.sent(), ["No problem, those too."]);
    let outcomes: Vec<String> = world.thread().await.turns.iter().map(|turn| turn.outcome.clone()).collect();
    assert_eq!(outcomes, ["superseded", "send"]);
}

async fn duplicate_webhooks_change_nothing(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.faults().webhooks(4, rapport::sim::WebhookFault::Duplicate);
    world.model_answers("Hello! How can I help?", "small_talk");
    world.conversation_turn("Hello?").await;
    assert_eq!(world.sent().len(), 1);
    assert_eq!(world.thread().await.messages.len(), 2);
}

async fn texts_out_of_order_are_read_in_order(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Good points, both.", "other");
    world.sims.close.lead_texts(LEAD, OURS, "first things first");
    world.sims.close.faults().webhooks(1, rapport::sim::WebhookFault::Reorder);
    world.after(Duration::from_secs(1)).await;
    world.sims.close.lead_texts(LEAD, OURS, "second thoughts");
    world.settle().await;
    world.after(Duration::from_secs(8)).await;

    let thread = world.thread().await;
    let said: Vec<&str> = thread.messages.iter().take(2).map(|message| message.text.as_str()).collect();
    assert_eq!(said, ["first things first", "second thoughts"]);
    assert_eq!(world.sent().len(), 1);
}

async fn what_was_said_before_is_part_of_the_prompt(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let earlier = crate::support::world::at(-3 * 24 * 60);
    world.sims.close.add_history(LEAD, OURS, (true, "We have a flat roof in Tucson"), earlier);
    world.conversation_turn("So what do you think?").await;
    let prompt = world.sims.model.requests()[0].to_string();
    assert!(prompt.contains("We have a flat roof in Tucson"), "history is filled from Close");
    assert!(prompt.contains("Saguaro Bakery"), "the lead's record is read");
}

async fn the_record_of_a_turn_explains_it(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("Do you offer financing?").await;
    let conversation = world.thread().await.conversation;
    let turn = world.store.latest_turn(&conversation.id).await.expect("the store works").expect("a turn");
    assert!(turn.prompt.as_str().contains("Do you offer financing?"), "always-explained: the exact prompt");
    assert!(turn.manifest.as_str().contains("new_texts"), "what was kept and cut");
    assert_eq!(turn.model.as_deref(), Some("scripted"));
    assert!(turn.input_tokens > 0 && turn.output_tokens > 0);
    assert!(!turn.prompt_hash.is_empty());
    let (status, page) = world.get(&format!("/conversations/{}", conversation.id)).await;
    assert_eq!(status, 200);
    assert!(page.contains("Do you offer financing?"));
}

async fn a_merged_lead_is_followed(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.conversation_turn("Do you offer financing?").await;
    let before = world.thread().await.conversation.lead_id.expect("a lead");
    let (other, _) = world.sims.close.add_lead(rapport::sim::close::LeadSeed {
        name: "Saguaro Bakery LLC".to_owned(),
        contact: "Jo Lopez".to_owned(),
        phone: "+15205550177".to_owned(),
        ..rapport::sim::close::LeadSeed::default()
    });
    assert!(world.sims.close.merge_leads(&before, &other));
    world.settle().await;
    assert_eq!(world.thread().await.conversation.lead_id.as_deref(), Some(other.as_str()));
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.sent().len(), 1, "it is sent to the lead that lives on");
}

async fn a_lead_attached_later_is_found(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let stranger = "+15205550178";
    world.sims.close.lead_texts(stranger, OURS, "Do you do flat roofs?");
    world.settle().await;
    world.sims.close.add_lead(rapport::sim::close::LeadSeed {
        name: "Flat Roof Cafe".to_owned(),
        contact: "Kim Flat".to_owned(),
        phone: stranger.to_owned(),
        ..rapport::sim::close::LeadSeed::default()
    });
    world.model_answers("Yes, flat ones too.", "product_question");
    world.after(Duration::from_secs(8)).await;
    assert_eq!(world.sent(), ["Yes, flat ones too."], "a lead is not needed to answer");
}

async fn a_draft_that_waits_goes_to_the_lead_that_was_attached_meanwhile(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    let (stranger, close) = ("+15205550178", &world.sims.close);
    let text = close.lead_texts(stranger, OURS, "Do you do flat roofs?");
    world.settle().await;
    world.model_answers("Yes, flat ones too.", "product_question");
    world.after(Duration::from_secs(8)).await;
    let thread = world.thread_with(stranger).await.expect("a conversation");
    assert_eq!(thread.conversation.lead_id, None);
    let draft = thread.drafts.first().expect("a draft waits").id.clone();

    let (lead, contact) = close.add_lead(rapport::sim::close::LeadSeed {
        name: "Flat Roof Cafe".to_owned(),
        contact: "Kim Flat".to_owned(),
        phone: stranger.to_owned(),
        ..rapport::sim::close::LeadSeed::default()
    });
    assert!(close.rep_files_text(&close.admin(), &text, &lead, &contact));
    world.settle().await;
    let known = world.thread_with(stranger).await.expect("the conversation").conversation;
    assert_eq!((known.lead_id, known.contact_id), (Some(lead.clone()), Some(contact.clone())));
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 303);
    world.settle().await;

    assert_eq!(world.sent(), ["Yes, flat ones too."]);
    let ours = close.thread(stranger, OURS).pop().expect("the text");
    assert_eq!((&ours["lead_id"], &ours["contact_id"]), (&lead.into(), &contact.into()));
}

async fn a_lead_without_a_name_is_read_whole_but_once(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let nameless = serde_json::json!({ "name": "" }).as_object().expect("an object").clone();
    let lead = world.sims.close.leads()[0]["id"].as_str().expect("an id").to_owned();
    let contact = world.sims.close.contacts(&lead)[0]["id"].as_str().expect("an id").to_owned();
    assert!(world.sims.close.change_lead(&lead, &nameless) && world.sims.close.change_contact(&contact, &nameless));
    let long_ago = "2025-03-01T18:00:00Z".parse().expect("an instant");
    world.sims.close.add_history(LEAD, OURS, (true, "Do you roof barns?"), long_ago);
    world.model_answers("Happy to help.", "small_talk");
    world.conversation_turn("Hello?").await;
    assert_eq!(world.thread().await.messages.len(), 3, "the history is read at the first turn");

    let later = "2025-03-02T18:00:00Z".parse().expect("an instant");
    world.sims.close.add_history(LEAD, OURS, (true, "Or sheds?"), later);
    world.after(Duration::from_mins(1)).await;
    world.model_answers("Yes, right here.", "small_talk");
    world.conversation_turn("Still there?").await;
    let texts: Vec<String> = world.thread().await.messages.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, ["Do you roof barns?", "Hello?", "Happy to help.", "Still there?", "Yes, right here."]);
}
