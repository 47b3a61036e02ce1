//! A lead says stop (`never-after-stop`).

use std::time::Duration;

use rapport::close::webhook::CloseEvent;
use rapport::sim::{Fault, WebhookFault};
use rapport::store::Source;

use crate::support::world::{Database, LEAD, OURS, Setup, World, at, proposal};

super::on_both_databases!(
    stop_is_obeyed_before_any_model_is_asked,
    stop_withdraws_a_draft_that_waits,
    stop_while_the_model_thinks_wins,
    plain_words_are_a_stop_too,
    the_models_flag_is_a_stop_too,
    the_models_flag_stands_though_its_reply_is_refused,
    a_lead_who_opts_in_again_is_answered,
    plain_words_take_back_what_plain_words_asked,
    plain_words_take_back_no_stop_that_the_carrier_holds,
    the_carriers_block_is_a_stop_too,
    the_carriers_block_learnt_by_reading_the_text_back_is_a_stop_too,
    the_carriers_block_learnt_after_a_lost_answer_is_a_stop_too,
    a_phone_that_close_says_is_blocked_is_a_stop_too,
    doubtful_words_are_held_for_a_person,
    a_stop_that_nobody_told_of_holds_though_newer_texts_came,
    a_stop_in_the_first_texts_holds_though_nobody_told_of_it,
    a_stop_from_before_rapport_came_still_holds,
    who_came_back_after_a_stop_from_before_is_answered,
    who_asked_in_plain_words_for_texts_again_before_is_answered,
    a_stop_with_a_threat_of_law_is_obeyed_and_told_to_a_person,
    a_bare_cancel_is_a_stop_and_told_to_a_person,
    a_start_while_the_model_hears_a_stop_wins,
);

async fn stop_is_obeyed_before_any_model_is_asked(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.lead_texts("STOP").await;
    world.settle().await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some(), "at once, without a wait");
    world.after(Duration::from_mins(1)).await;
    world.conversation_turn("Are you still there? What does it cost?").await;
    assert!(world.sims.model.requests().is_empty());
    assert!(world.sent().is_empty());
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "opted_out");
    assert!(thread.inbox.iter().all(|event| !event.reason.is_empty()), "every silence has a reason");
}

async fn stop_withdraws_a_draft_that_waits(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.conversation_turn("How much is it?").await;
    let id = world.waiting_draft().await;
    world.lead_texts("unsubscribe").await;
    world.settle().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 409);
    world.settle().await;
    assert!(world.sent().is_empty());
}

async fn stop_while_the_model_thinks_wins(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("It depends on the roof. Shall we look?", "price");
    world.lead_texts("How much is it?").await;
    world.settle().await;
    world
        .while_the_model_thinks(async || {
            world.lead_texts("Stop").await;
        })
        .await;
    world.after(Duration::from_hours(1)).await;
    assert!(world.sent().is_empty());
}

async fn plain_words_are_a_stop_too(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("please take me off your list").await;
    assert!(world.sims.model.requests().is_empty() && world.sent().is_empty());
    assert_eq!(world.thread().await.conversation.state.as_str(), "opted_out");
}

async fn the_models_flag_is_a_stop_too(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let mut answer = proposal("Understood.", "opt_out");
    answer["opt_out"] = true.into();
    world.sims.model.push_json(answer);
    world.conversation_turn("I'd rather my phone stayed quiet from now on, thank you").await;
    assert!(world.sent().is_empty());
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
}

async fn the_models_flag_stands_though_its_reply_is_refused(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let mut answer = proposal("Before you go: {slot:9} at 4:15 PM, see https://elsewhere.example?", "opt_out");
    answer["opt_out"] = true.into();
    world.sims.model.push_json(answer);
    world.model_answers("Sure, how can I help?", "small_talk");
    world.conversation_turn("I'd rather my phone stayed quiet from now on, thank you").await;
    assert_eq!(world.sims.model.requests().len(), 1, "it is not asked again until it says something else");
    assert!(world.sent().is_empty());
    assert_eq!(world.thread().await.conversation.state.as_str(), "opted_out");
}

async fn a_lead_who_opts_in_again_is_answered(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("STOP").await;
    world.model_answers("Welcome back! How can we help?", "small_talk");
    world.conversation_turn("START").await;
    assert_eq!(world.sent(), ["Welcome back! How can we help?"]);
}

async fn plain_words_take_back_what_plain_words_asked(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("please take me off your list").await;
    world.conversation_turn("who told you that you can text me again").await;
    assert!(world.sent().is_empty());
    world.model_answers("Welcome back! How can we help?", "small_talk");
    world.conversation_turn("Sorry, changed my mind. You can text me again!").await;
    assert_eq!(world.sent(), ["Welcome back! How can we help?"]);
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_none());
}

async fn plain_words_take_back_no_stop_that_the_carrier_holds(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("STOP").await;
    world.conversation_turn("Sorry, changed my mind. You can text me again!").await;
    assert!(world.sent().is_empty() && world.sims.model.requests().is_empty());
    let thread = world.thread().await;
    assert!(thread.inbox.iter().any(|event| event.reason.contains("START")), "the rep reads what helps");
    world.model_answers("Welcome back! How can we help?", "small_talk");
    world.conversation_turn("START").await;
    assert_eq!(world.sent(), ["Welcome back! How can we help?"]);
}

async fn the_carriers_block_is_a_stop_too(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.fail_number(LEAD, "21610: Attempt to send to unsubscribed recipient");
    world.conversation_turn("Hi there").await;
    world.settle().await;
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "failed");
    assert!(thread.effects[0].error.contains("21610"), "the rep sees the error");
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
    assert_eq!(world.sims.close.texts_attempted().iter().filter(|text| text.from == OURS).count(), 1);
}

/// The text failed at the carrier, and no event tells of it: Close is asked what became of it.
async fn is_a_stop_though_nobody_told(world: &World) {
    for _ in 0..3 {
        world.after(Duration::from_mins(1)).await;
    }
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "failed");
    assert!(thread.effects[0].error.contains("21610"), "the rep sees the error");
    let stop = world.store.suppression(LEAD).await.expect("the store works").expect("a stop");
    assert_eq!(stop.rule, "carrier:21610");
    assert_eq!(thread.conversation.state.as_str(), "opted_out");
    world.sims.close.faults().clear();
    world.model_answers("Sure, how can I help?", "small_talk");
    world.conversation_turn("Hello?").await;
    assert_eq!(world.thread().await.effects.len(), 1, "nothing else is decided on");
    assert_eq!(world.sims.close.texts_attempted().iter().filter(|text| text.from == OURS).count(), 1);
}

async fn the_carriers_block_learnt_by_reading_the_text_back_is_a_stop_too(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.send_at_once(false);
    world.conversation_turn("Hi there").await;
    assert_eq!(world.thread().await.effects[0].state.as_str(), "accepted", "Close took it");
    world.sims.close.fail_number(LEAD, "21610: Attempt to send to unsubscribed recipient");
    world.sims.close.faults().webhooks(9, WebhookFault::Drop);
    world.sims.close.deliver_outbox();
    is_a_stop_though_nobody_told(&world).await;
}

async fn the_carriers_block_learnt_after_a_lost_answer_is_a_stop_too(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.fail_number(LEAD, "21610: Attempt to send to unsubscribed recipient");
    world.lead_texts("Hi there").await;
    world.settle().await;
    world.sims.close.faults().webhooks(9, WebhookFault::Drop);
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::CutAfterAccepting);
    world.after(Duration::from_secs(8)).await;
    is_a_stop_though_nobody_told(&world).await;
}

async fn a_phone_that_close_says_is_blocked_is_a_stop_too(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.model_answers("We can look at the roof on Thursday.", "booking");
    world.conversation_turn("Could someone come and look?").await;
    let draft = world.waiting_draft().await;
    let told = serde_json::json!({
        "id": "ev_blocked", "object_type": "contact", "action": "updated", "object_id": "cont_1",
        "date_created": at(0), "date_updated": at(0), "changed_fields": ["phones"],
        "data": { "id": "cont_1", "phones": [{ "phone": LEAD, "type": "mobile", "outbound_sms_blocked": true }] },
        "previous_data": { "phones": [{ "phone": LEAD, "type": "mobile" }] },
    });
    let told = CloseEvent::from_json(told).expect("an event");
    world.engine.receive_close(&told, Source::CloseWebhook).await.expect("stored");
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 409, "never-after-stop");
    let stop = world.store.suppression(LEAD).await.expect("the store works").expect("a stop");
    assert!(stop.is_held_by_carrier(), "{}", stop.rule);
    world.conversation_turn("START").await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_none(), "the lead's own word lifts it");
}

async fn doubtful_words_are_held_for_a_person(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Sorry about that!", "wrong_number");
    world.conversation_turn("you have the wrong number").await;
    assert!(world.sent().is_empty());
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");
}

/// A stop whose webhook is lost, then another text a minute later.
async fn stop_untold_then_text(world: &World) {
    world.sims.close.faults().webhooks(2, WebhookFault::Drop);
    world.lead_texts("STOP").await;
    world.sims.close.faults().clear();
    world.after(Duration::from_mins(1)).await;
    world.model_answers("It depends on the roof. Shall we look?", "price");
    world.conversation_turn("And what would it cost?").await;
    world.after(Duration::from_mins(1)).await;
}

async fn a_stop_that_nobody_told_of_holds_though_newer_texts_came(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    stop_untold_then_text(&world).await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "Close held the stop before the second reply");
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
}

async fn a_stop_in_the_first_texts_holds_though_nobody_told_of_it(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    stop_untold_then_text(&world).await;
    assert!(world.sent().is_empty());
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
}

/// Close holds these texts of the lead from last month, of which no event will ever tell.
async fn with_history(database: Database, texts: &[&str]) -> World {
    let world = World::new(Setup::auto(database)).await;
    for (minutes, text) in (0_i64..).zip(texts) {
        world.sims.close.add_history(LEAD, OURS, (true, text), at(minutes - 30 * 24 * 60));
    }
    world.model_answers("It depends on the roof. Shall we look?", "price");
    world.conversation_turn("What would it cost?").await;
    world.after(Duration::from_mins(1)).await;
    world
}

async fn a_stop_from_before_rapport_came_still_holds(database: Database) {
    let world = with_history(database, &["How much is it?", "STOP", "hello"]).await;
    assert!(world.sent().is_empty());
    assert_eq!(world.thread().await.conversation.state.as_str(), "opted_out");
}

async fn who_came_back_after_a_stop_from_before_is_answered(database: Database) {
    let world = with_history(database, &["STOP", "START"]).await;
    assert_eq!(world.sent(), ["It depends on the roof. Shall we look?"]);
}

async fn who_asked_in_plain_words_for_texts_again_before_is_answered(database: Database) {
    let world = with_history(database, &["take me off your list", "you can text me again"]).await;
    assert_eq!(world.sent(), ["It depends on the roof. Shall we look?"]);
}

async fn a_stop_with_a_threat_of_law_is_obeyed_and_told_to_a_person(database: Database) {
    for text in ["STOP or I'll sue", "stop texting me, my lawyer will contact you"] {
        let world = World::new(Setup::auto(database)).await;
        world.conversation_turn(text).await;
        assert!(world.store.suppression(LEAD).await.expect("the store works").is_some(), "{text}");
        assert!(world.sims.model.requests().is_empty() && world.sent().is_empty(), "{text}");
        let thread = world.thread().await;
        assert_eq!(thread.conversation.state.as_str(), "handed_off", "{text}");
        assert!(thread.conversation.reason.contains("legal steps"), "{}", thread.conversation.reason);
        world.make_tasks().await;
        let task = world.tasks().pop().expect("a task at Close").to_string();
        assert!(task.contains("legal"), "{task}");
    }
}

async fn a_bare_cancel_is_a_stop_and_told_to_a_person(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.conversation_turn("Cancel").await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some());
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "handed_off", "they may have meant a meeting");
    world.make_tasks().await;
    assert!(world.tasks().pop().expect("a task at Close").to_string().contains("may not have meant"));
    let id = &thread.conversation.id;
    let (_, page) = world.get(&format!("/conversations/{id}")).await;
    assert!(page.contains("Mark as done") && !page.contains("Write a draft"), "no draft can come of a stop: {page}");
    assert_eq!(world.post_form(&format!("/conversations/{id}/retry"), &[]).await, 409);
    world.settle().await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "handed_off", "a person still looks");
    assert_eq!(world.post_form(&format!("/conversations/{}/dismiss", thread.conversation.id), &[]).await, 303);
    assert_eq!(world.thread().await.conversation.state.as_str(), "opted_out", "what stays is the stop");
    world.conversation_turn("Anybody there?").await;
    assert!(world.sent().is_empty());
}

async fn a_start_while_the_model_hears_a_stop_wins(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let mut answer = proposal("Understood.", "opt_out");
    answer["opt_out"] = true.into();
    world.engine.catch_up().await.expect("the first start sets the watermark");
    world.sims.model.push_json(answer);
    world.lead_texts("I'd rather my phone stayed quiet from now on, thank you").await;
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    world
        .while_the_model_thinks(async || {
            world.sims.close.lead_texts(LEAD, OURS, "START");
            world.time_passes(Duration::from_secs(5));
        })
        .await;
    world.model_answers("Welcome back! How can we help?", "small_talk");
    world.time_passes(Duration::from_mins(2));
    world.engine.catch_up().await.expect("Close answers");
    world.settle().await;
    world.after(Duration::from_secs(30)).await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_none(), "START was the last word");
}
