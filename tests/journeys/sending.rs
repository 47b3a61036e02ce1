//! Sending is two steps, and every lost answer is resolved by reading back (`never-twice`).

use std::time::Duration;

use rapport::close::sms::NewDraft;
use rapport::sim::{Fault, WebhookFault};
use rapport::store::Clearance;

use crate::support::world::{Database, LEAD, OURS, Setup, World};

super::on_both_databases!(
    an_answer_to_a_fresh_text_waits_for_no_hour,
    a_lost_answer_to_the_draft_is_resolved_by_adopting_it,
    a_draft_that_was_never_made_is_made_again,
    a_draft_that_a_killed_process_asked_for_may_come_late,
    a_lost_answer_to_the_sending_is_resolved_by_reading_it,
    a_sending_that_never_arrived_is_made_again,
    a_rate_limit_is_waited_out,
    a_refused_text_is_shown_to_the_rep,
    a_text_that_met_a_refused_key_is_sent_when_the_key_is_right,
    a_draft_whose_sending_is_refused_does_not_stay_at_close,
    a_text_the_carrier_refuses_is_shown_to_the_rep,
    a_rep_who_texts_before_the_sending_wins,
    a_text_that_a_rep_released_is_not_deleted,
    a_reply_that_a_rep_rewrites_in_close_is_left_to_the_rep,
    a_rewritten_draft_is_left_to_the_rep_though_no_event_tells_of_it,
    a_draft_that_a_rep_deleted_at_close_is_put_before_a_person,
    a_reply_that_a_rep_pulls_back_in_close_is_left_to_people,
    news_of_an_older_text_hides_no_lead_who_waits,
    a_rep_who_takes_over_while_a_text_leaves_is_not_forgotten,
);

async fn asked(database: Database) -> World {
    let world = World::new(
        Setup::auto(database).in_real_time().with("[engine]\nwait = \"0s\"\n[hours]\nfresh_reply = \"1d\"\n"),
    )
    .await;
    world.model_answers("Yes, all of the state.", "product_question");
    world
}

async fn is_sent_once(world: &World) {
    world.until("the text is sent", |thread| thread.effects.iter().any(|e| e.state.as_str() == "sent")).await;
    world.settle().await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "never-twice");
    assert!(world.sims.close.drafts().is_empty(), "no orphan draft stays");
    assert_eq!(world.thread().await.conversation.state.as_str(), "quiet", "nothing is on its way any more");
}

async fn an_answer_to_a_fresh_text_waits_for_no_hour(database: Database) {
    // In real time, where the clock moves between one look at it and the next.
    let world = asked(database).await;
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
    let turn = &world.thread().await.turns[0];
    let decision = turn.decision.value();
    assert!(decision["not_before"].is_null(), "it answers a text of this moment: {decision}");
}

async fn a_lost_answer_to_the_draft_is_resolved_by_adopting_it(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("POST", "/api/v1/activity/sms/", Fault::CutAfterAccepting);
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
}

async fn a_draft_that_was_never_made_is_made_again(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("POST", "/api/v1/activity/sms/", Fault::CutBeforeAccepting);
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
}

async fn a_draft_that_a_killed_process_asked_for_may_come_late(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let draft = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 303);
    let thread = world.thread().await;
    let (store, effect) = (&world.engine.store, &thread.effects[0].id);
    let leases = store.claim(1, Duration::from_secs(1), "killed").await.expect("claimed");
    let clearance = store.clear_drafting(&leases[0], effect).await.expect("cleared");
    assert_eq!(clearance, Clearance::Go, "killed with its request on the way");
    world.after(Duration::from_secs(2)).await;
    let late = NewDraft {
        lead_id: thread.conversation.lead_id.clone(),
        contact_id: thread.conversation.contact_id.clone(),
        local_phone: OURS.to_owned(),
        remote_phone: LEAD.to_owned(),
        text: "Yes, all of the state.".to_owned(),
        user_id: None,
    };
    world.drive(world.engine.close.create_draft(late)).await.expect("it comes after all");
    world.after(Duration::from_secs(30)).await;
    assert_eq!(world.sent(), ["Yes, all of the state."], "never-twice");
    assert!(world.sims.close.drafts().is_empty(), "no second draft was made meanwhile");
}

async fn a_lost_answer_to_the_sending_is_resolved_by_reading_it(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::CutAfterAccepting);
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
}

async fn a_sending_that_never_arrived_is_made_again(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::CutBeforeAccepting);
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
}

async fn a_rate_limit_is_waited_out(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("POST", "/api/v1/activity/sms/", Fault::TooManyRequests(1));
    world.lead_texts("Do you work in Tucson?").await;
    is_sent_once(&world).await;
}

async fn a_refused_text_is_shown_to_the_rep(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("POST", "/api/v1/activity/sms/", Fault::Status(400));
    world.lead_texts("Do you work in Tucson?").await;
    let thread = world.until("the refusal is shown", |thread| thread.conversation.state.as_str() == "handed_off").await;
    assert!(thread.conversation.reason.contains("not sent"), "{}", thread.conversation.reason);
    assert!(world.sent().is_empty());
}

async fn a_text_that_met_a_refused_key_is_sent_when_the_key_is_right(database: Database) {
    for (method, path) in [("POST", "/api/v1/activity/sms/"), ("PUT", "/api/v1/activity/sms/*")] {
        for status in [401, 402, 403] {
            let world = asked(database).await;
            world.sims.close.faults().once(method, path, Fault::Status(status));
            world.lead_texts("Do you work in Tucson?").await;
            let parked = world.until("it is parked", |thread| thread.conversation.state.as_str() == "parked").await;
            assert!(parked.conversation.reason.contains("not sent"), "{}", parked.conversation.reason);
            assert!(world.sent().is_empty(), "{method} {status}");
            assert_eq!(world.store.parked().await.expect("read"), std::slice::from_ref(&parked.conversation.id));
            world.model_answers("Yes, all of the state.", "product_question");
            world.store.ask_again(&parked.conversation.id, "Robin").await.expect("asked");
            is_sent_once(&world).await;
        }
    }
}

async fn a_draft_whose_sending_is_refused_does_not_stay_at_close(database: Database) {
    let world = asked(database).await;
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::Status(400));
    world.lead_texts("Do you work in Tucson?").await;
    world.until("the refusal is shown", |thread| thread.conversation.state.as_str() == "handed_off").await;
    world.settle().await;
    assert!(world.sims.close.drafts().is_empty(), "nobody sends it from there beside the next one");
    assert!(world.sent().is_empty());
}

async fn a_text_the_carrier_refuses_is_shown_to_the_rep(database: Database) {
    let world = asked(database).await;
    world.sims.close.fail_number(LEAD, "30006: Landline or unreachable carrier");
    world.lead_texts("Do you work in Tucson?").await;
    let thread = world.until("the error is shown", |thread| thread.conversation.state.as_str() == "handed_off").await;
    assert!(thread.conversation.reason.contains("30006"), "{}", thread.conversation.reason);
    let (_, page) = world.get(&format!("/conversations/{}", thread.conversation.id)).await;
    assert!(page.contains("30006"));
}

async fn a_rep_who_texts_before_the_sending_wins(database: Database) {
    let world = asked(database).await;
    // The sending is held up; meanwhile a rep answers from Close.
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(2));
    world.lead_texts("Do you work in Tucson?").await;
    world.settle().await;
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, LEAD, OURS, "Yes we do, I'll call you");
    world.until("the text is withdrawn", |thread| thread.effects.iter().any(|e| e.state.as_str() == "withdrawn")).await;
    assert!(world.sent().is_empty(), "never-over-a-human");
    assert!(world.sims.close.drafts().is_empty(), "its draft in Close is gone");
}

async fn a_text_that_a_rep_released_is_not_deleted(database: Database) {
    let setup = Setup::auto(database).with("[engine]\nwait = \"0s\"\n[hours]\nfresh_reply = \"1d\"\n");
    let world = World::new(setup).await;
    world.model_answers("Yes, all of the state.", "product_question");
    let close = &world.sims.close;
    // The sending is held up; a rep releases the draft in Close, and no webhook tells of it.
    close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(2));
    world.lead_texts("Do you work in Tucson?").await;
    world.settle().await;
    assert_eq!(world.thread().await.effects[0].state.as_str(), "drafted", "it waits in Close");
    let draft = close.drafts()[0]["id"].as_str().expect("an id").to_owned();
    close.faults().webhooks(9, WebhookFault::Drop);
    assert!(close.rep_sends_draft(&close.admin(), &draft));
    close.deliver_webhooks().await;
    close.faults().clear();
    // The lead texts again, so that Rapport takes its reply back.
    world.lead_texts("And in Mesa?").await;
    for _ in 0..5 {
        world.after(Duration::from_mins(1)).await;
    }
    assert_eq!(close.activity(&draft)["status"], "sent", "what left stays");
    assert_eq!(world.thread().await.effects[0].state.as_str(), "sent", "always-explained");
}

async fn a_reply_that_a_rep_rewrites_in_close_is_left_to_the_rep(database: Database) {
    let world = World::new(Setup::auto(database).with("[engine]\nwait = \"0s\"\n")).await;
    world.model_answers("Yes, all of the state.", "product_question");
    let close = &world.sims.close;
    close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(2));
    world.lead_texts("Do you work in Tucson?").await;
    world.settle().await;
    let draft = close.drafts()[0]["id"].as_str().expect("an id").to_owned();
    assert!(close.rep_edits_draft(&close.admin(), &draft, "Yes, and I can come by on"));
    world.live(Duration::from_hours(2), Duration::from_mins(10)).await;
    let since = world.clock.now() - Duration::from_hours(24);
    world.engine.reconcile(&world.subscriptions, since, true).await.expect("compared");
    assert_eq!(close.activity(&draft)["status"], "draft", "never-over-a-human");
    assert_eq!(close.activity(&draft)["text"], "Yes, and I can come by on", "the rep's words stay");
    assert_eq!(world.thread().await.effects[0].state.as_str(), "withdrawn");
}

/// A reply whose draft waits at Close for its sending, and from now on no webhook comes. Returns the draft.
async fn waits_at_close(world: &World) -> String {
    world.model_answers("Yes, all of the state.", "product_question");
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::TooManyRequests(2));
    world.lead_texts("Do you work in Tucson?").await;
    world.settle().await;
    no_webhook_tells(world);
    world.sims.close.drafts()[0]["id"].as_str().expect("an id").to_owned()
}

async fn a_rewritten_draft_is_left_to_the_rep_though_no_event_tells_of_it(database: Database) {
    let world = World::new(Setup::auto(database).with("[engine]\nwait = \"0s\"\n")).await;
    let (close, draft) = (&world.sims.close, waits_at_close(&world).await);
    assert!(close.rep_edits_draft(&close.admin(), &draft, "Yes, and I can come by on"));
    world.after(Duration::from_secs(30)).await;
    assert_eq!(close.activity(&draft)["status"], "draft", "never-over-a-human");
    assert_eq!(close.activity(&draft)["text"], "Yes, and I can come by on", "the rep's words stay");
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "withdrawn");
    assert_eq!(thread.conversation.state.as_str(), "taken_over", "the rep is at it");
    world.after(Duration::from_mins(20)).await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "handed_off", "who came to no end is told so");
    assert!(world.sent().is_empty());
}

async fn a_draft_that_a_rep_deleted_at_close_is_put_before_a_person(database: Database) {
    let world = World::new(Setup::auto(database).with("[engine]\nwait = \"0s\"\n")).await;
    let (close, draft) = (&world.sims.close, waits_at_close(&world).await);
    assert!(close.rep_discards_draft(&close.admin(), &draft));
    world.after(Duration::from_secs(30)).await;
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "handed_off", "nothing-lost");
    assert!(thread.conversation.reason.contains("deleted in Close"), "{}", thread.conversation.reason);
    assert!(world.sent().is_empty());
}

async fn a_reply_that_a_rep_pulls_back_in_close_is_left_to_people(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.send_at_once(false);
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let effect = world.thread().await.effects[0].clone();
    assert_eq!(effect.state.as_str(), "accepted");
    assert!(world.sims.close.rep_pulls_back(&world.sims.close.admin(), &effect.activity_id.expect("at Close")));
    world.after(Duration::from_mins(2)).await;
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "handed_off", "nobody has answered (`nothing-lost`)");
    assert!(thread.conversation.reason.contains("took the text back"), "{}", thread.conversation.reason);
    world.conversation_turn("Hello?").await;
    assert!(world.sent().is_empty(), "a rep is at it (`never-over-a-human`)");
}

/// What Close does from now on is heard of only when it is asked.
fn no_webhook_tells(world: &World) {
    world.sims.close.faults().webhooks(100, WebhookFault::Drop);
}

async fn news_of_an_older_text_hides_no_lead_who_waits(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.send_at_once(false);
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    assert_eq!(world.thread().await.effects[0].state.as_str(), "accepted");
    world.model_answers("Of course, somebody will call you.", "wants_human");
    world.conversation_turn("Can I talk to a real person please?").await;
    let before = world.thread().await.conversation;
    assert_eq!(before.state.as_str(), "draft_waiting");

    no_webhook_tells(&world);
    world.sims.close.deliver_outbox();
    world.after(Duration::from_mins(3)).await;
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "sent");
    let after = thread.conversation;
    assert_eq!((after.state, after.reason), (before.state, before.reason), "the lead still waits (`nothing-lost`)");
}

async fn a_rep_who_takes_over_while_a_text_leaves_is_not_forgotten(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.send_at_once(false);
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let conversation = world.thread().await.conversation.id;
    assert_eq!(world.post_form(&format!("/conversations/{conversation}/take-over"), &[]).await, 303);
    no_webhook_tells(&world);
    world.sims.close.deliver_outbox();
    world.after(Duration::from_mins(3)).await;
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "sent");
    assert_eq!(thread.conversation.state.as_str(), "taken_over", "`never-over-a-human`");
}
