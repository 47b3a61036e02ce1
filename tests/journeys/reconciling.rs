//! What Close holds and what Rapport holds are compared, and made to agree.

use std::time::Duration;

use rapport::engine::reconcile::{Count, Kind, Report};
use rapport::sim::{Fault, WebhookFault};

use crate::support::world::{Database, LEAD, OURS, Setup, World};

super::on_both_databases!(
    a_text_that_never_came_is_reported_and_taken_in,
    a_reps_text_that_never_came_is_taken_in,
    a_text_that_ended_unheard_is_settled,
    a_text_that_failed_here_and_was_sent_there_is_corrected,
    a_text_that_was_sent_here_and_failed_there_is_corrected,
    a_text_sent_twice_is_shouted_and_stays_open,
    drafts_of_ours_are_deleted_and_nobody_elses,
    a_draft_that_was_sent_meanwhile_is_not_deleted,
    a_conversation_without_an_alarm_is_woken,
    one_process_a_day_compares_for_all,
);

/// A Rapport whose answer to the lead was sent, ten minutes and more ago.
async fn answered(database: Database) -> World {
    let world = World::new(Setup::auto(database)).await;
    world.engine.began().await.expect("the store works");
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    assert_eq!(world.sent().len(), 1);
    world.time_passes(Duration::from_mins(15));
    world
}

/// A Rapport whose answer Close refused to send. Its draft stays in Close.
async fn refused(database: Database) -> (World, String) {
    let world = World::new(Setup::auto(database)).await;
    world.engine.began().await.expect("the store works");
    world.sims.close.faults().once("PUT", "/api/v1/activity/sms/*", Fault::Status(400));
    world.sims.close.faults().once("DELETE", "/api/v1/activity/sms/*", Fault::Status(400));
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "failed");
    let draft = thread.effects[0].activity_id.clone().expect("a draft in Close");
    world.time_passes(Duration::from_mins(15));
    (world, draft)
}

async fn reconcile(world: &World, repair: bool) -> Report {
    let since = world.clock.now() - Duration::from_hours(24);
    let report = world.engine.reconcile(&world.subscriptions, since, repair).await.expect("a report");
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    report
}

const OPEN: Count = Count { found: 1, mended: 0 };
const MENDED: Count = Count { found: 1, mended: 1 };
const NONE: Count = Count { found: 0, mended: 0 };

async fn a_text_that_never_came_is_reported_and_taken_in(database: Database) {
    let world = answered(database).await;
    assert_eq!(reconcile(&world, false).await.open(), 0, "all is well at first");
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    world.model_answers("In the city too.", "product_question");
    world.sims.close.lead_texts(LEAD, OURS, "And in Phoenix?");
    assert_eq!(reconcile(&world, false).await.count(Kind::MissingText), NONE, "it may be on its way");
    world.time_passes(Duration::from_mins(5));

    let told = reconcile(&world, false).await;
    assert_eq!(told.count(Kind::MissingText), OPEN);
    assert!(told.findings[0].what.contains("0142") && !told.findings[0].what.contains(LEAD));
    assert_eq!(world.sent().len(), 1, "telling changes nothing");
    assert!(world.get("/").await.1.contains("rapport reconcile"), "the desk says it");

    assert_eq!(reconcile(&world, true).await.count(Kind::MissingText), MENDED);
    assert_eq!(world.sent(), ["Yes, all of the state.", "In the city too."], "nothing-lost");
    assert_eq!(reconcile(&world, true).await.open(), 0);
    assert!(world.store.troubles().await.expect("the store works").is_empty());
}

async fn a_reps_text_that_never_came_is_taken_in(database: Database) {
    let world = answered(database).await;
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, LEAD, OURS, "I'll call you this afternoon.");
    world.settle().await;
    world.time_passes(Duration::from_mins(5));
    assert_eq!(reconcile(&world, true).await.count(Kind::MissingRep), MENDED);
    assert_eq!(world.thread().await.conversation.state.as_str(), "taken_over", "never-over-a-human");
}

async fn a_text_that_ended_unheard_is_settled(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.engine.began().await.expect("the store works");
    world.sims.close.send_at_once(false);
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    world.sims.close.faults().webhooks_one_in(1, WebhookFault::Drop);
    world.sims.close.deliver_outbox();
    world.sims.close.deliver_webhooks().await;
    world.time_passes(Duration::from_mins(15));
    let told = reconcile_before_anyone_asks(&world, false).await;
    assert_eq!(told.count(Kind::Unsettled), OPEN);
    let mended = reconcile_before_anyone_asks(&world, true).await;
    assert_eq!(mended.count(Kind::Unsettled), MENDED);
    world.settle().await;
    assert_eq!(world.thread().await.effects[0].state.as_str(), "sent");
}

/// No worker runs meanwhile, which would ask Close itself.
async fn reconcile_before_anyone_asks(world: &World, repair: bool) -> Report {
    let since = world.clock.now() - Duration::from_hours(24);
    world.engine.reconcile(&world.subscriptions, since, repair).await.expect("a report")
}

async fn a_text_that_failed_here_and_was_sent_there_is_corrected(database: Database) {
    let (world, draft) = refused(database).await;
    let admin = world.sims.close.admin();
    assert!(world.sims.close.rep_sends_draft(&admin, &draft), "a rep sends Rapport's draft by hand");
    world.settle().await;
    world.time_passes(Duration::from_mins(15));
    assert_eq!(reconcile(&world, false).await.count(Kind::Disagreement), OPEN);
    assert_eq!(world.thread().await.effects[0].state.as_str(), "failed");
    assert_eq!(reconcile(&world, true).await.count(Kind::Disagreement), MENDED);
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "sent");
    assert!(thread.messages.iter().any(|message| message.activity_id == draft), "it is in the conversation");
    assert_eq!(reconcile(&world, true).await.open(), 0);
}

async fn a_text_that_was_sent_here_and_failed_there_is_corrected(database: Database) {
    let world = answered(database).await;
    let sent = world.thread().await.effects[0].activity_id.clone().expect("sent");
    world.sims.close.bounce(&sent, "21610: The message cannot be sent because the recipient has opted out.");
    assert_eq!(reconcile(&world, false).await.count(Kind::Disagreement), OPEN);
    assert_eq!(reconcile(&world, true).await.count(Kind::Disagreement), MENDED);
    let thread = world.thread().await;
    assert_eq!(thread.effects[0].state.as_str(), "failed");
    assert_eq!(thread.conversation.state.as_str(), "opted_out", "never-after-stop");
}

async fn a_text_sent_twice_is_shouted_and_stays_open(database: Database) {
    let world = answered(database).await;
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, LEAD, OURS, "Yes, all of the state.");
    world.settle().await;
    world.time_passes(Duration::from_mins(5));
    for repair in [false, true, true] {
        assert_eq!(reconcile(&world, repair).await.count(Kind::SentTwice), OPEN);
    }
    let other = world.sims.close.add_user("Lee", "Ng");
    world.sims.close.rep_sends(&other, LEAD, OURS, "Yes, all of the state.");
    world.settle().await;
    world.time_passes(Duration::from_mins(5));
    assert_eq!(reconcile(&world, true).await.count(Kind::SentTwice), OPEN, "another user's text is not ours");
}

async fn drafts_of_ours_are_deleted_and_nobody_elses(database: Database) {
    let (world, refused) = refused(database).await;
    let (admin, other) = (world.sims.close.admin(), world.sims.close.add_user("Lee", "Ng"));
    let copy = world.sims.close.rep_types_draft(&admin, LEAD, OURS, "Yes, all of the state.");
    let kept = [
        world.sims.close.rep_types_draft(&admin, LEAD, OURS, "Yes, all of Ari"),
        world.sims.close.rep_types_draft(&other, LEAD, OURS, "Yes, all of the state."),
    ];
    let young = reconcile(&world, true).await;
    assert_eq!(young.count(Kind::OrphanDraft), MENDED, "only the old one: a young one may be looked for");
    assert!(world.sims.close.activity(&refused).is_null());
    world.time_passes(Duration::from_mins(15));
    assert_eq!(reconcile(&world, false).await.count(Kind::OrphanDraft), OPEN);
    assert_eq!(reconcile(&world, true).await.count(Kind::OrphanDraft), MENDED);
    assert!(world.sims.close.activity(&copy).is_null());
    for id in kept {
        assert_eq!(world.sims.close.activity(&id)["status"], "draft", "never-over-a-human");
    }
    assert!(world.sent().is_empty());
}

async fn a_draft_that_was_sent_meanwhile_is_not_deleted(database: Database) {
    let (world, draft) = refused(database).await;
    let admin = world.sims.close.admin();
    // The list is read; then, before the draft is read once more, a rep sends it.
    // Shorter than any other wait, so that it is the earliest.
    let hold = Duration::from_millis(50);
    world.sims.close.faults().once("GET", "/api/v1/activity/sms/acti*", Fault::Delay(hold));
    let comparing = reconcile_before_anyone_asks(&world, true);
    let sending = async {
        while world.next_wake() != Some(world.clock.now() + hold) {
            tokio::task::yield_now().await;
        }
        assert!(world.sims.close.rep_sends_draft(&admin, &draft));
        world.time_passes(hold);
    };
    tokio::join!(comparing, sending);
    assert_eq!(world.sims.close.activity(&draft)["status"], "sent", "the record of what the lead got stays");
}

async fn a_conversation_without_an_alarm_is_woken(database: Database) {
    let world = answered(database).await;
    world.model_answers("In the city too.", "product_question");
    world.lead_texts("And in Phoenix?").await;
    lose_the_alarm(&world).await;
    world.after(Duration::from_mins(15)).await;
    assert_eq!(world.sent().len(), 1, "it sleeps");
    assert_eq!(reconcile(&world, false).await.count(Kind::Asleep), OPEN);
    assert_eq!(reconcile(&world, true).await.count(Kind::Asleep), MENDED);
    assert_eq!(world.sent().len(), 2, "nothing-lost");
    assert_eq!(reconcile(&world, true).await.open(), 0);
}

/// What must never happen, done by hand.
async fn lose_the_alarm(world: &World) {
    let database = sqlx::AnyPool::connect(&world.database).await.expect("the database");
    let changed = sqlx::query("update conversation set wake_at = null").execute(&database).await.expect("updated");
    assert_eq!(changed.rows_affected(), 1);
    database.close().await;
}

async fn one_process_a_day_compares_for_all(database: Database) {
    let world = answered(database).await;
    let (another, day) = (world.another_process().await, Duration::from_hours(24));
    let due = async |engine: &rapport::engine::Engine| {
        engine.reconcile_if_due(&world.subscriptions, day).await.expect("compared").is_some()
    };
    assert_eq!((due(&world.engine).await, due(&another).await), (true, false));
    world.time_passes(Duration::from_hours(23));
    assert_eq!((due(&another).await, due(&world.engine).await), (false, false));
    world.time_passes(Duration::from_hours(1));
    assert_eq!((due(&another).await, due(&world.engine).await), (true, false));

    world.time_passes(day);
    world.sims.close.faults().once("GET", "/api/v1/me/", Fault::Unauthorized);
    assert!(world.engine.reconcile_if_due(&world.subscriptions, day).await.is_err());
    assert!(!due(&another).await, "another try would fail alike");
    world.time_passes(Duration::from_hours(1));
    assert!(due(&another).await, "but not for a day");
}
