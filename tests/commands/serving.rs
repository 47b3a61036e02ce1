//! `rapport serve`, as a service manager runs it.

use std::time::Duration;

use rapport::sim::close::{LeadSeed, OUR_NUMBER};

use crate::support::outside::{LEAD, Outside};
use crate::support::program::Workshop;
use crate::support::world::Database;

const AUTO: &str = "[policy]\nmode = \"auto\"\nhold_first = false\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_answered_and_a_signal_ends_it_cleanly() {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(Database::Sqlite, AUTO).await;
    let service = workshop.start(&["serve"]);
    assert!(service.ready.starts_with("rapport is ready on http://127.0.0.1:"), "{}", service.ready);
    let (status, parts) = outside.get(&format!("{}/readyz", service.address())).await;
    assert_eq!(status, 200, "{parts}");
    outside.open_door_to(&service.address());
    outside.sims.model.push_json(crate::support::world::proposal("Yes, all of the state.", "product_question"));

    outside.lead_texts("Do you work in Tucson?").await;
    outside.until("the answer", async || !outside.sent().is_empty()).await;

    assert_eq!(outside.sent(), ["Yes, all of the state."]);
    let (_, metrics) = outside.get(&format!("{}/metrics", service.address())).await;
    assert!(metrics.contains("rapport_webhooks_total"), "{metrics}");
    let as_people_write_it = format!("{} {} {}-{}", &LEAD[..2], &LEAD[2..5], &LEAD[5..8], &LEAD[8..]);
    for phone in [LEAD, &as_people_write_it] {
        let shown = workshop.run(&["prompt", "show", phone]);
        assert_eq!(shown.code, Some(0), "{}", shown.err);
        assert!(shown.out.contains("Do you work in Tucson?") && shown.out.contains("new_texts"), "{}", shown.out);
    }
    assert_eq!(service.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_made_while_it_runs_is_believed_at_once() {
    let outside = Outside::new().await;
    let workshop = Workshop::new(&outside.toml("sqlite:rapport.db", AUTO));
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    let synced = workshop.run(&["webhooks", "sync"]);
    assert_eq!(synced.code, Some(0), "{}", synced.err);
    outside.sims.model.push_json(crate::support::world::proposal("Yes, all of the state.", "product_question"));
    outside.sims.close.lead_texts(LEAD, OUR_NUMBER, "Do you work in Tucson?");
    let taken = outside.sims.close.deliver_webhooks().await;
    assert!(taken.iter().all(rapport::sim::Delivered::accepted), "{taken:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_while_it_was_dead_is_answered_after_the_restart() {
    let outside = Outside::new().await;
    // It may be killed before it noted that its text had left: then nobody takes the conversation before the lease ends.
    let (workshop, _) = outside.workshop(Database::Sqlite, &format!("lease = \"2s\"\n{AUTO}")).await;
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    outside.sims.model.push_json(crate::support::world::proposal("Hello!", "small_talk"));
    outside.lead_texts("Hi").await;
    outside.until("the first answer", async || !outside.sent().is_empty()).await;
    service.kill();

    outside.sims.close.faults().webhooks(20, rapport::sim::WebhookFault::Drop);
    outside.sims.model.push_json(crate::support::world::proposal("Here I am again.", "small_talk"));
    outside.lead_texts("Anybody there?").await;
    assert_eq!(outside.sent().len(), 1);

    let again = workshop.start(&["serve"]);
    outside.until("the answer", async || outside.sent().len() > 1).await;
    assert_eq!(outside.sent(), ["Hello!", "Here I am again."], "nothing-lost, never-twice");
    assert_eq!(again.terminate(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_free_takes_what_a_busy_one_was_told() {
    const OTHERS: [&str; 2] = ["+15205550143", "+15205550144"];
    const FOREVER: Duration = Duration::from_hours(1);
    let outside = Outside::new().await;
    for phone in OTHERS {
        outside.sims.close.add_lead(LeadSeed {
            name: "Ocotillo Cafe".to_owned(),
            contact: "Ines Ruiz".to_owned(),
            phone: phone.to_owned(),
            ..LeadSeed::default()
        });
    }
    // Neither a poll nor the event log tells the free one.
    outside.sims.close.set_log_lag(FOREVER);
    let (workshop, _) = outside.workshop(Database::Postgres, "poll = \"1h\"\nconcurrency = 1\n").await;
    let busy = workshop.start(&["serve"]);
    outside.open_door_to(&busy.address());
    outside.sims.model.set_think_time(FOREVER);
    outside.lead_texts("Do you work in Tucson?").await;
    outside.until("the model is asked", async || outside.sims.model.requests().len() == 1).await;

    let free = workshop.start(&["serve"]);
    outside.sims.model.set_think_time(Duration::ZERO);
    for (n, lead) in OTHERS.into_iter().enumerate() {
        let drafts = format!("rapport_conversations{{state=\"draft_waiting\"}} {}", n + 1);
        let metrics = format!("{}/metrics", free.address());
        outside.sims.model.push_json(crate::support::world::proposal("Yes, all of the state.", "product_question"));
        outside.sims.close.lead_texts(lead, OUR_NUMBER, "And in Yuma?");
        // When the second arrives, the free one has long rested.
        outside.until("the draft", async || outside.get(&metrics).await.1.contains(&drafts)).await;
    }
    assert_eq!(free.terminate(), Some(0), "{}", workshop.log());
    busy.kill();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_service_on_one_file_is_refused_and_other_commands_are_not() {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(Database::Sqlite, AUTO).await;
    let service = workshop.start(&["serve"]);
    let second = workshop.run(&["serve"]);
    assert_eq!(second.code, Some(1), "{}", second.out);
    assert!(second.err.contains("another `rapport serve`"), "{}", second.err);
    assert_eq!(workshop.run(&["pause"]).code, Some(0));
    service.kill();
    assert_eq!(workshop.start(&["serve"]).terminate(), Some(0), "whoever dies gives it free");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_replaced_under_it_makes_it_stand_still() {
    let outside = Outside::new().await;
    let (workshop, _) = outside.workshop(Database::Sqlite, AUTO).await;
    assert_eq!(workshop.start(&["serve"]).terminate(), Some(0));
    std::fs::copy(workshop.path("rapport.db"), workshop.path("backup.db")).expect("copied");
    let service = workshop.start(&["serve"]);
    outside.open_door_to(&service.address());
    // The backup is put back without stopping it.
    for beside in ["rapport.db-wal", "rapport.db-shm"] {
        std::fs::remove_file(workshop.path(beside)).expect("removed");
    }
    std::fs::rename(workshop.path("backup.db"), workshop.path("rapport.db")).expect("put over it");
    assert_eq!(workshop.run(&["pause", "restored"]).code, Some(0), "which the service cannot see");

    outside.sims.model.push_json(crate::support::world::proposal("Yes, all of the state.", "product_question"));
    outside.lead_texts("Do you work in Tucson?").await;
    let (status, parts) = outside.get(&format!("{}/readyz", service.address())).await;
    assert!(status == 503 && parts.contains("was replaced") && parts.contains("started again"), "{status} {parts}");
    outside.clock.sleep(Duration::from_secs(2)).await;
    assert!(outside.sent().is_empty(), "never-after-stop: it is paused");
    assert_ne!(outside.sims.close.webhooks_outstanding(), 0, "Close is asked to come again");
    assert_eq!(service.terminate(), Some(0), "{}", workshop.log());

    assert_eq!(workshop.run(&["resume"]).code, Some(0));
    let next = workshop.start(&["serve"]);
    outside.open_door_to(&next.address());
    outside.until("the answer", async || !outside.sent().is_empty()).await;
    assert_eq!(next.terminate(), Some(0));
    assert_eq!(outside.sent(), ["Yes, all of the state."], "nothing-lost");
}
