//! What was missed comes in later, whatever it was that kept it away (`nothing-lost`), and once (`never-twice`).

use std::time::Duration;

use rapport::cli::serve::start_engine;
use rapport::close::webhook::CloseEvent;
use rapport::runtime::Tasks;
use rapport::sim::close::LeadSeed;
use rapport::sim::{Fault, WebhookFault};
use rapport::store::{Ending, Source};
use serde_json::json;

use crate::support::world::{Database, LEAD, OURS, Setup, World};

super::on_both_databases!(
    what_the_log_shows_late_is_taken_once,
    a_clock_that_was_ahead_and_was_put_right_loses_no_text,
    who_oversleeps_is_woken_though_the_event_log_is_not_read,
    a_phone_that_close_blocks_is_a_stop_though_no_webhook_told_of_it,
    a_block_that_is_found_after_a_start_stops_nobody,
    what_the_log_hides_is_read_by_its_id,
    what_the_log_refuses_is_read_from_the_lists,
    a_failure_that_was_merged_into_an_earlier_event_is_heard,
    what_leads_said_before_rapport_came_is_history,
    what_is_older_than_the_log_is_read_from_the_lists,
    a_list_too_long_to_page_is_read_in_spans,
    a_reading_that_breaks_off_goes_on_where_it_was,
    a_reps_text_of_which_nobody_told_is_read_before_the_next_reply,
    a_text_found_after_a_rep_has_answered_gets_no_reply,
    a_reps_text_found_late_does_not_silence_what_came_since,
    a_paused_subscription_is_taken_up_and_what_it_lost_is_read,
    a_deleted_subscription_is_made_again_and_believed,
    a_subscription_that_lost_events_is_given_them_back,
    a_repair_that_fails_is_shown_and_what_is_lost_is_read_all_the_same,
    a_subscription_that_nobody_made_is_not_made,
    a_disabled_calendly_subscription_is_made_again_with_its_key,
    a_text_that_was_missed_is_answered_with_the_next_one,
    an_event_that_came_mutilated_is_read_whole_from_the_log,
    a_stop_without_a_date_is_heard,
);

/// An automatic Rapport that has been here for a while; from now on no webhook arrives.
async fn deaf(database: Database) -> World {
    let world = World::new(Setup::auto(database)).await;
    world.engine.catch_up().await.expect("the first start sets the watermark");
    world.time_passes(Duration::from_mins(10));
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    world
}

async fn catch_up(world: &World) -> usize {
    let new = world.engine.catch_up().await.expect("Close answers");
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    new
}

/// How the lead's texts ended, oldest first.
async fn endings(world: &World) -> Vec<(String, String)> {
    let thread = world.thread().await;
    let texts = thread.inbox.iter().filter(|event| event.kind.as_str() == "lead_text");
    texts.map(|event| (event.ending.map_or("none", |e| e.as_str()).to_owned(), event.reason.clone())).collect()
}

async fn what_the_log_shows_late_is_taken_once(database: Database) {
    let world = deaf(database).await;
    world.model_answers("Yes, how can I help?", "small_talk");
    world.sims.close.set_log_lag(Duration::from_mins(4));
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    for _ in 0..7 {
        catch_up(&world).await;
        world.time_passes(Duration::from_mins(1));
    }
    assert_eq!(world.sent(), ["Yes, how can I help?"]);
}

async fn a_clock_that_was_ahead_and_was_put_right_loses_no_text(database: Database) {
    let world = deaf(database).await;
    world.model_answers("Yes, all of the state.", "product_question");
    // What a clock three hours ahead leaves behind.
    let ahead = world.engine.clock.now() + Duration::from_hours(3);
    for mark in ["close_event_log", "close_webhook_whole"] {
        world.store.raise_mark(mark, ahead).await.expect("set");
    }
    world.sims.close.lead_texts(LEAD, OURS, "Do you work in Tucson?");
    world.time_passes(Duration::from_mins(1));
    catch_up(&world).await;
    assert_eq!(world.sent().len(), 1, "nothing-lost");
}

async fn who_oversleeps_is_woken_though_the_event_log_is_not_read(database: Database) {
    let world = World::new(Setup::auto(database).in_real_time().with("[engine]\nwait = \"0s\"\n")).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.lead_texts("Do you work in Tucson?").await;
    // What a clock two days ahead leaves behind.
    let taken = world.store.claim(1, Duration::from_hours(48), "gone").await.expect("claimed");
    assert_eq!(taken.len(), 1);
    let tasks = Tasks::new();
    start_engine(&world.engine, &tasks, false);
    world.until("it is answered", |thread| thread.effects.iter().any(|e| e.state.as_str() == "sent")).await;
    tasks.stop();
}

/// A draft waits, webhooks are lost from now on, and Close blocks the lead's phone.
async fn blocked(database: Database) -> World {
    let world = World::new(Setup::draft(database)).await;
    world.engine.catch_up().await.expect("the first start sets the watermark");
    world.model_answers("We can look at the roof on Thursday.", "booking");
    world.conversation_turn("Could someone come and look?").await;
    let close = &world.sims.close;
    close.faults().webhooks_one_in(1, WebhookFault::Drop);
    let lead = close.leads()[0]["id"].as_str().expect("an id").to_owned();
    let contact = close.contacts(&lead)[0]["id"].as_str().expect("an id").to_owned();
    let phones = json!([{ "phone": LEAD, "type": "mobile", "country": "US", "outbound_sms_blocked": true }]);
    assert!(close.change_contact(&contact, &[("phones".to_owned(), phones)].into_iter().collect()));
    close.deliver_webhooks().await;
    world.time_passes(Duration::from_mins(1));
    world
}

async fn a_phone_that_close_blocks_is_a_stop_though_no_webhook_told_of_it(database: Database) {
    let world = blocked(database).await;
    let draft = world.waiting_draft().await;
    catch_up(&world).await;
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 409, "never-after-stop");
    let thread = world.thread().await;
    assert_eq!((thread.conversation.state.as_str(), thread.drafts[0].state.as_str()), ("opted_out", "withdrawn"));
    let stop = world.store.suppression(LEAD).await.expect("the store works").expect("a stop");
    assert!(stop.is_held_by_carrier(), "{}", stop.rule);

    world.sims.close.lead_texts(LEAD, OURS, "START");
    for _ in 0..3 {
        world.time_passes(Duration::from_mins(1));
        catch_up(&world).await;
    }
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_none(), "the lead's own word lifts it");
}

async fn a_block_that_is_found_after_a_start_stops_nobody(database: Database) {
    let world = blocked(database).await;
    world.sims.close.faults().clear();
    world.model_answers("Welcome back! How can we help?", "small_talk");
    world.conversation_turn("START").await;
    catch_up(&world).await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_none());
}

async fn what_the_log_hides_is_read_by_its_id(database: Database) {
    let world = deaf(database).await;
    world.model_answers("Yes, how can I help?", "small_talk");
    world.sims.close.demote(&world.sims.close.admin());
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    world.time_passes(Duration::from_mins(90));
    assert_eq!(catch_up(&world).await, 1);
    assert_eq!(world.sent(), ["Yes, how can I help?"]);
    catch_up(&world).await;
    assert_eq!(world.sent().len(), 1, "never-twice");
}

async fn what_the_log_refuses_is_read_from_the_lists(database: Database) {
    let world = deaf(database).await;
    world.model_answers("Yes, how can I help?", "small_talk");
    world.sims.close.faults().one_in(1, "GET", "/api/v1/event/", Fault::Status(403));
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    assert_eq!(catch_up(&world).await, 1);
    assert_eq!(world.sent(), ["Yes, how can I help?"]);
    world.sims.close.faults().clear();
    catch_up(&world).await;
    assert_eq!(world.sent().len(), 1, "the log tells of it too: never-twice");
}

async fn a_failure_that_was_merged_into_an_earlier_event_is_heard(database: Database) {
    let world = deaf(database).await;
    world.sims.close.faults().clear();
    world.sims.close.merge_events_within(Duration::from_secs(5));
    world.sims.close.send_at_once(false);
    world.sims.close.fail_number(LEAD, "21610: The recipient has opted out.");
    world.model_answers("Yes, how can I help?", "small_talk");
    world.conversation_turn("Hi").await;
    world.engine.catch_up().await.expect("Close answers");
    assert_eq!(world.thread().await.effects[0].state.as_str(), "accepted", "Close took it");

    world.time_passes(Duration::from_secs(2));
    world.sims.close.deliver_outbox();
    world.settle().await;
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "failed", "the same event says more now");
    assert_eq!(thread.conversation.state.as_str(), "opted_out", "never-after-stop: the carrier told of an opt-out");
}

async fn what_leads_said_before_rapport_came_is_history(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    world.sims.close.lead_texts(LEAD, OURS, "Long ago");
    world.time_passes(Duration::from_mins(1));
    for _ in 0..3 {
        catch_up(&world).await;
    }
    let report = world.engine.reconcile(&world.subscriptions, world.clock.now() - Duration::from_hours(24), true).await;
    assert_eq!(report.expect("a report").open(), 0);
    assert_eq!(world.store.conversations(10).await.expect("the store works").len(), 0);
}

async fn what_is_older_than_the_log_is_read_from_the_lists(database: Database) {
    let world = deaf(database).await;
    let (admin, second, third) = (world.sims.close.admin(), "+15205550143", "+15205550144");
    for phone in [second, third] {
        let (name, contact) = ("A neighbour".to_owned(), "Pat Moss".to_owned());
        world.sims.close.add_lead(LeadSeed { name, contact, phone: phone.to_owned(), ..LeadSeed::default() });
    }
    world.sims.close.lead_texts(LEAD, OURS, "Nobody has answered this");
    world.sims.close.lead_texts(second, OURS, "A rep has answered this");
    world.time_passes(Duration::from_hours(24));
    world.sims.close.rep_sends(&admin, second, OURS, "Here I am!");
    world.time_passes(Duration::from_hours(39 * 24));
    world.sims.close.lead_texts(third, OURS, "Just now");
    for text in ["We are back.", "Hello!"] {
        world.model_answers(text, "small_talk");
    }
    catch_up(&world).await;

    assert_eq!(endings(&world).await[0].0, "drafted", "a month later a person decides");
    let thread = async |phone: &str| {
        let found = world.store.find_conversation(phone).await.expect("the store works").expect("a conversation");
        world.store.thread(&found.id).await.expect("the store works").expect("a thread")
    };
    let answered = thread(second).await;
    assert_eq!(answered.inbox[0].ending, Some(Ending::Unanswered), "{}", answered.inbox[0].reason);
    assert!(answered.inbox[0].reason.contains("A rep had answered"), "{}", answered.inbox[0].reason);
    assert_eq!(answered.conversation.state.as_str(), "quiet", "nobody is texting there now");
    assert_eq!(thread(third).await.effects.len(), 1, "what is new is answered");
    assert_eq!(world.sent().len(), 1);
}

async fn a_list_too_long_to_page_is_read_in_spans(database: Database) {
    let world = deaf(database).await;
    world.sims.close.limit_skip(190);
    let begun = world.clock.now();
    for n in 0..350_u64 {
        // Most of them within one hour.
        let at = begun + Duration::from_secs(if n < 300 { n * 10 } else { n * 3_600 });
        world.sims.close.add_history(&format!("+1520556{n:04}"), OURS, (true, "Hi"), at);
    }
    world.time_passes(Duration::from_hours(45 * 24));
    world.sims.close.faults().one_in(1, "GET", "/api/v1/event/", Fault::Status(403));
    assert_eq!(world.engine.catch_up().await.expect("Close answers"), 350);
    assert_eq!(world.store.conversations(1_000).await.expect("the store works").len(), 350);
}

async fn a_reading_that_breaks_off_goes_on_where_it_was(database: Database) {
    let world = deaf(database).await;
    let begun = world.clock.now();
    for day in 0..6 {
        world.sims.close.lead_texts(&format!("+1520555010{day}"), OURS, "Hi");
        world.time_passes(Duration::from_hours(24));
    }
    // The first days are read; then the key is refused, once.
    world.sims.close.faults().once_after(12, "GET", "/api/v1/event/", Fault::Unauthorized);
    assert!(world.engine.catch_up().await.is_err());
    let stored = world.store.conversations(10).await.expect("the store works").len();
    assert!((1..6).contains(&stored), "what was read is stored: {stored}");
    let mark = world.store.mark("close_event_log").await.expect("the store works").expect("it was set");
    assert!(mark > begun + Duration::from_hours(12), "and is not read again: {mark}");

    let another = world.another_process().await;
    world.sims.close.faults().clear();
    assert_eq!(another.catch_up().await.expect("Close answers"), 6 - stored, "the rest, and nothing again");
    assert_eq!(world.store.conversations(10).await.expect("the store works").len(), 6);
}

async fn a_reps_text_of_which_nobody_told_is_read_before_the_next_reply(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    world.time_passes(Duration::from_hours(1));
    world.sims.close.faults().webhooks(10, WebhookFault::Drop);
    world.sims.close.rep_sends(&world.sims.close.admin(), LEAD, OURS, "I can come by tomorrow, Maria");
    world.settle().await;
    world.sims.close.faults().clear();
    world.time_passes(Duration::from_hours(1));
    world.model_answers("Tomorrow it is.", "small_talk");
    world.conversation_turn("Great, see you then").await;
    assert_eq!(world.sent().len(), 1, "never-over-a-human");
    assert_eq!(endings(&world).await[1].0, "drafted", "a rep is in this conversation, and decides");
}

async fn a_text_found_after_a_rep_has_answered_gets_no_reply(database: Database) {
    let world = deaf(database).await;
    world.sims.close.lead_texts(LEAD, OURS, "Do you work in Tucson?");
    world.time_passes(Duration::from_mins(5));
    // The rep's text arrives as a webhook; the lead's never did.
    world.sims.close.deliver_webhooks().await;
    world.sims.close.faults().clear();
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, LEAD, OURS, "Yes we do!");
    world.settle().await;
    world.after(Duration::from_hours(24)).await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "quiet", "the takeover is over");

    catch_up(&world).await;
    let (ending, reason) = endings(&world).await.remove(0);
    assert_eq!(ending, "unanswered", "{reason}");
    assert!(reason.contains("A rep had answered"), "always-explained: {reason}");
    assert!(world.sims.model.requests().is_empty() && world.sent().is_empty(), "never-over-a-human");
}

async fn a_reps_text_found_late_does_not_silence_what_came_since(database: Database) {
    let world = deaf(database).await;
    let admin = world.sims.close.admin();
    world.sims.close.lead_texts(LEAD, OURS, "Do you work in Tucson?");
    world.time_passes(Duration::from_mins(5));
    world.sims.close.rep_sends(&admin, LEAD, OURS, "Yes we do!");
    world.time_passes(Duration::from_hours(24));
    world.sims.close.lead_texts(LEAD, OURS, "And in Phoenix?");
    world.model_answers("In the city too.", "product_question");
    catch_up(&world).await;
    let endings = endings(&world).await;
    assert_eq!((endings[0].0.as_str(), endings[1].0.as_str()), ("unanswered", "answered"), "{endings:?}");
    assert_eq!(world.sent(), ["In the city too."]);
}

/// A Rapport whose subscription was seen to work, and that does not read the event log by itself.
async fn subscribed(database: Database) -> World {
    let world = World::new(Setup::auto(database)).await;
    world.engine.check_subscriptions(&world.subscriptions).await.expect("checked");
    assert!(world.store.troubles().await.expect("the store works").is_empty());
    world.time_passes(Duration::from_mins(5));
    world.model_answers("Yes, how can I help?", "small_talk");
    world
}

async fn check(world: &World) {
    world.engine.check_subscriptions(&world.subscriptions).await.expect("checked");
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
}

async fn a_paused_subscription_is_taken_up_and_what_it_lost_is_read(database: Database) {
    let world = subscribed(database).await;
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    world.sims.close.pause_subscription(&world.subscription_id, "All deliveries failed for 3 days.");
    world.settle().await;
    world.time_passes(Duration::from_mins(1));
    assert!(world.store.find_conversation(LEAD).await.expect("the store works").is_none(), "the queue was cleared");

    check(&world).await;
    assert_eq!(world.sims.close.subscriptions()[0]["status"], "active");
    assert_eq!(world.sent(), ["Yes, how can I help?"], "nothing-lost");
    world.model_answers("Good!", "small_talk");
    world.conversation_turn("It works again?").await;
    assert_eq!(world.sent().len(), 2, "by webhook");
}

async fn a_deleted_subscription_is_made_again_and_believed(database: Database) {
    let world = subscribed(database).await;
    assert!(world.sims.close.delete_subscription(&world.subscription_id));
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    world.time_passes(Duration::from_mins(1));

    check(&world).await;
    assert_eq!(world.sims.close.subscriptions().len(), 1);
    assert_eq!(world.sent(), ["Yes, how can I help?"], "nothing-lost");
    world.model_answers("Good!", "small_talk");
    world.conversation_turn("It works again?").await;
    assert_eq!(world.sent().len(), 2, "its new key is believed");
    world.time_passes(Duration::from_mins(5));
    check(&world).await;
    assert_eq!(world.sims.close.subscriptions().len(), 1, "and it is not made over and over");
}

async fn a_subscription_that_lost_events_is_given_them_back(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let url = format!("{}/webhooks/close", world.address);
    world.sims.close.delete_subscription(&world.subscription_id);
    world.sims.close.subscribe(&url, &[("activity.sms", "sent")]);
    check(&world).await;
    let events = world.sims.close.subscriptions()[0]["events"].clone();
    assert!(events.as_array().is_some_and(|events| events.len() > 1), "{events}");
    assert!(world.store.troubles().await.expect("the store works").is_empty());
}

async fn a_repair_that_fails_is_shown_and_what_is_lost_is_read_all_the_same(database: Database) {
    let world = subscribed(database).await;
    world.sims.close.pause_subscription(&world.subscription_id, "by hand");
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    world.sims.close.faults().once("PUT", "/api/v1/webhook/*", Fault::Status(403));
    world.time_passes(Duration::from_mins(1));
    check(&world).await;
    assert_eq!(world.sent(), ["Yes, how can I help?"], "nothing-lost");
    let (_, page) = world.get("/").await;
    assert!(page.contains("webhooks cannot be put right"), "the desk says it: {page}");

    world.time_passes(Duration::from_mins(5));
    check(&world).await;
    assert_eq!(world.sims.close.subscriptions()[0]["status"], "active");
    assert!(world.store.troubles().await.expect("the store works").is_empty(), "and stops saying it");
}

async fn a_subscription_that_nobody_made_is_not_made(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.close.delete_subscription(&world.subscription_id);
    check(&world).await;
    assert!(world.sims.close.subscriptions().is_empty());
    let (_, page) = world.get("/").await;
    assert!(page.contains("has no webhook for Rapport") && page.contains("rapport webhooks sync"), "{page}");
}

async fn a_disabled_calendly_subscription_is_made_again_with_its_key(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let calendly = world.subscriptions.calendly.clone().expect("connected");
    check(&world).await;
    assert!(world.sims.calendly.subscriptions().is_empty(), "nobody asked for it");
    world.subscriptions.sync_calendly(&calendly).await.expect("subscribed");
    let key = world.store.setting("calendly_webhook_key").await.expect("the store works");
    world.sims.calendly.disable_subscriptions();
    world.time_passes(Duration::from_mins(5));
    check(&world).await;
    let made = world.sims.calendly.subscriptions();
    assert_eq!((made.len(), made[0]["state"].as_str()), (1, Some("active")));
    assert_eq!(world.store.setting("calendly_webhook_key").await.expect("the store works"), key, "still believed");
}

async fn a_text_that_was_missed_is_answered_with_the_next_one(database: Database) {
    let world = deaf(database).await;
    world.sims.close.lead_texts(LEAD, OURS, "Do you work in Tucson?");
    world.time_passes(Duration::from_mins(8));
    // The next text comes before the log is read, and is the first that Rapport hears of this lead.
    world.sims.close.faults().clear();
    world.model_answers("Yes, in Tucson and in Mesa.", "product_question");
    world.lead_texts("And in Mesa?").await;
    world.settle().await;
    for _ in 0..3 {
        world.after(Duration::from_secs(8)).await;
    }
    assert_eq!(endings(&world).await.len(), 2, "nothing-lost: both are Rapport's to answer");
    assert_eq!(world.sent(), ["Yes, in Tucson and in Mesa."], "never-twice");
    catch_up(&world).await;
    assert_eq!(world.sent().len(), 1, "never-twice");
}

/// The newest event of a text, as it would come once `mutilate` has been at it.
fn mutilated(world: &World, mutilate: impl Fn(&mut serde_json::Value)) -> CloseEvent {
    let mut events = world.sims.close.events();
    events.retain(|event| event["object_type"] == "activity.sms" && event["action"] == "created");
    let mut event = events.pop().expect("an event");
    mutilate(&mut event);
    CloseEvent::from_json(event).expect("still an event")
}

async fn an_event_that_came_mutilated_is_read_whole_from_the_log(database: Database) {
    let mutilations: [fn(&mut serde_json::Value); 4] = [
        |event| event["data"] = serde_json::Value::Null,
        |event| event["data"] = serde_json::json!([1]),
        |event| event["data"]["id"] = serde_json::Value::Null,
        |event| event["data"]["remote_phone"] = serde_json::Value::Null,
    ];
    for mutilate in mutilations {
        let world = deaf(database).await;
        world.model_answers("Yes, how can I help?", "small_talk");
        world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
        let event = mutilated(&world, mutilate);
        for _ in 0..2 {
            world.engine.receive_close(&event, Source::CloseWebhook).await.expect("stored");
        }
        assert_eq!(catch_up(&world).await, 1, "the log has it whole (`nothing-lost`)");
        assert_eq!(world.sent(), ["Yes, how can I help?"]);
    }
}

async fn a_stop_without_a_date_is_heard(database: Database) {
    let world = deaf(database).await;
    world.sims.close.lead_texts(LEAD, OURS, "STOP");
    let event = mutilated(&world, |event| {
        for date in ["date_created", "activity_at", "date_sent", "date_updated"] {
            event["data"][date] = serde_json::Value::Null;
        }
    });
    world.engine.receive_close(&event, Source::CloseWebhook).await.expect("stored");
    world.settle().await;
    assert!(world.store.suppression(LEAD).await.expect("the store works").is_some(), "`never-after-stop`");
    assert_eq!(world.thread().await.messages.last().expect("shown").text, "STOP");
}
