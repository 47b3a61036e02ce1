//! Times and links in a reply come from the calendar (`never-invented`).

use std::time::Duration;

use rapport::calendly::BookingEvent;
use rapport::sim::Fault;

use crate::support::world::{Database, Setup, World, proposal};

super::on_both_databases!(
    real_slots_are_offered_in_the_leads_zone,
    a_link_is_made_for_one_booking,
    a_reply_that_is_written_again_keeps_its_link,
    what_can_be_booked_is_looked_up_again_now_and_then,
    an_invented_time_goes_back_to_the_model_and_then_to_a_rep,
    a_calendar_that_is_down_costs_no_reply,
    a_time_that_passed_while_close_was_down_is_not_offered,
    a_time_that_passed_on_the_desk_is_not_approved,
    a_time_that_somebody_else_took_is_not_approved,
    a_time_that_somebody_else_took_while_close_was_down_is_not_offered,
    times_are_approved_while_the_calendar_is_down,
    a_reply_that_was_held_up_for_hours_goes_to_a_person,
    a_meeting_that_was_moved_is_still_the_leads,
    a_meeting_booked_on_a_public_page_is_known_by_the_leads_number,
);

async fn with_slots(database: Database) -> World {
    with_slots_and(Setup::auto(database)).await
}

async fn with_slots_and(setup: Setup) -> World {
    let world = World::new(setup).await;
    let slots = ["2026-12-02T17:00:00Z", "2026-12-03T21:30:00Z"];
    world.sims.calendly.set_slots(slots.iter().map(|slot| slot.parse().expect("an instant")).collect());
    world
}

async fn real_slots_are_offered_in_the_leads_zone(database: Database) {
    let world = with_slots(database).await;
    let mut answer = proposal("Happy to talk! Does {slot:1} or {slot:2} suit you?", "booking");
    answer["slots_named"] = serde_json::json!([1, 2]);
    world.sims.model.push_json(answer);
    world.conversation_turn("Can we talk this week?").await;
    assert_eq!(world.sent(), ["Happy to talk! Does Wed, Dec 2 at 10:00 AM MST or Thu, Dec 3 at 2:30 PM MST suit you?"]);
}

async fn a_link_is_made_for_one_booking(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("Pick any time here: {booking_link}", "booking");
    world.conversation_turn("Send me a link please").await;
    let links = world.sims.calendly.links();
    assert_eq!(links.len(), 1, "made when it was needed");
    let sent = world.sent().join("\n");
    assert!(sent.contains(&links[0]), "{sent} holds {}: {}", links[0], world.thread().await.conversation.reason);
}

async fn a_reply_that_is_written_again_keeps_its_link(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("How about tomorrow at 4:15 PM, or any time here: {booking_link}", "booking");
    world.model_answers("Pick any time here: {booking_link}", "booking");
    world.conversation_turn("Send me a link please").await;
    assert_eq!(world.sims.model.requests().len(), 2, "the invented time went back");
    let links = world.sims.calendly.links();
    assert_eq!(links.len(), 1, "none is left unused");
    let sent = world.sent().join("\n");
    assert!(sent.contains(&links[0]), "{sent} holds {}", links[0]);
}

async fn what_can_be_booked_is_looked_up_again_now_and_then(database: Database) {
    let world = with_slots(database).await;
    let calendar = world.engine.calendar.clone().expect("a calendar");
    let describe = async || world.drive(calendar.describe(world.engine.clock.now())).await;
    describe().await.expect("it can be booked");
    for event_type in world.sims.calendly.event_types() {
        world.sims.calendly.set_active(&event_type, false);
    }
    describe().await.expect("asked lately");
    world.after(Duration::from_mins(10)).await;
    // Calendly lists only what is switched on.
    let error = describe().await.expect_err("it was switched off");
    assert!(error.to_string().contains("knows no event type"), "{error}");
}

async fn an_invented_time_goes_back_to_the_model_and_then_to_a_rep(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("How about tomorrow at 4:15 PM?", "booking");
    world.model_answers("How about Friday at 9?", "booking");
    world.conversation_turn("Can we talk?").await;
    assert!(world.sent().is_empty(), "never-invented");
    assert_eq!(world.sims.model.requests().len(), 2, "it goes back once, with the reason");
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");
}

async fn a_calendar_that_is_down_costs_no_reply(database: Database) {
    let world = World::new(
        Setup::auto(database).in_real_time().with("[engine]\nwait = \"0s\"\n[hours]\nfresh_reply = \"1d\"\n"),
    )
    .await;
    world.sims.calendly.faults().one_in(1, "*", "*", rapport::sim::Fault::Status(500));
    world.model_answers("Gladly. Which days suit you?", "booking");
    world.lead_texts("Can we talk this week?").await;
    world.until("it is sent", |thread| thread.effects.iter().any(|e| e.state.as_str() == "sent")).await;
    assert_eq!(world.sent(), ["Gladly. Which days suit you?"]);
}

/// Close takes no text for so long.
async fn close_takes_nothing_for(world: &World, long: Duration) {
    world.sims.close.faults().one_in(1, "POST", "/api/v1/activity/sms/", Fault::Status(503));
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    world.live(long, Duration::from_mins(30)).await;
    world.sims.close.faults().clear();
    world.live(Duration::from_mins(30), Duration::from_mins(1)).await;
}

async fn is_with_a_person(world: &World, why: &str) {
    let conversation = world.thread().await.conversation;
    assert_eq!(conversation.state.as_str(), "handed_off");
    assert!(conversation.reason.contains(why), "{}", conversation.reason);
}

async fn a_time_that_passed_while_close_was_down_is_not_offered(database: Database) {
    let world = with_slots_and(Setup::auto(database).with("late_after = \"30d\"\n")).await;
    world.model_answers("Would {slot:1} suit you?", "booking");
    world.lead_texts("Can we talk this week?").await;
    close_takes_nothing_for(&world, Duration::from_hours(36)).await;
    assert!(world.sent().is_empty(), "{:?} (`never-invented`)", world.sent());
    is_with_a_person(&world, "Wed, Dec 2 at 10:00 AM MST, which is over").await;
}

async fn a_reply_that_was_held_up_for_hours_goes_to_a_person(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.lead_texts("Do you work in Tucson?").await;
    close_takes_nothing_for(&world, Duration::from_hours(4)).await;
    assert!(world.sent().is_empty(), "{:?} (`a-person-decides`)", world.sent());
    is_with_a_person(&world, "held up for so long").await;
}

async fn a_time_that_passed_on_the_desk_is_not_approved(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.sims.calendly.set_slots(vec!["2026-12-02T17:00:00Z".parse().expect("an instant")]);
    world.model_answers("Would {slot:1} suit you?", "booking");
    world.conversation_turn("Can we talk this week?").await;
    let draft = world.waiting_draft().await;
    world.after(Duration::from_hours(48)).await;
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 422);
    let edited = [("text", "Would Thursday suit you?")];
    assert_eq!(world.post_form(&format!("/drafts/{draft}/edit"), &edited).await, 303, "another text may go");
}

/// A draft that offers two times waits for half an hour.
async fn two_times_wait_on_the_desk(database: Database) -> (World, String) {
    let world = with_slots_and(Setup::draft(database)).await;
    world.model_answers("Would {slot:1} or {slot:2} suit you?", "booking");
    world.conversation_turn("Can we talk this week?").await;
    let draft = world.waiting_draft().await;
    world.after(Duration::from_mins(30)).await;
    (world, draft)
}

/// Somebody else books the second of the times.
fn the_second_is_taken(world: &World) {
    world.sims.calendly.set_slots(vec!["2026-12-02T17:00:00Z".parse().expect("an instant")]);
}

async fn a_time_that_somebody_else_took_is_not_approved(database: Database) {
    let (world, draft) = two_times_wait_on_the_desk(database).await;
    the_second_is_taken(&world);
    let approve = format!("/drafts/{draft}/approve");
    assert_eq!(world.post_form(&approve, &[]).await, 422, "never-invented");
    let edited = [("text", "Would Wed, Dec 2 at 10:00 AM MST suit you?")];
    assert_eq!(world.post_form(&format!("/drafts/{draft}/edit"), &edited).await, 303, "that one is free");
    world.settle().await;
    assert_eq!(world.sent(), [edited[0].1]);
}

async fn a_time_that_somebody_else_took_while_close_was_down_is_not_offered(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("Would {slot:1} or {slot:2} suit you?", "booking");
    world.lead_texts("Can we talk this week?").await;
    the_second_is_taken_while_close_takes_nothing(&world).await;
    assert!(world.sent().is_empty(), "{:?} (`never-invented`)", world.sent());
    is_with_a_person(&world, "Thu, Dec 3 at 2:30 PM MST, which is no longer free").await;
}

async fn the_second_is_taken_while_close_takes_nothing(world: &World) {
    world.sims.close.faults().one_in(1, "POST", "/api/v1/activity/sms/", Fault::Status(503));
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    the_second_is_taken(world);
    world.live(Duration::from_mins(20), Duration::from_mins(5)).await;
    world.sims.close.faults().clear();
    world.live(Duration::from_mins(30), Duration::from_mins(1)).await;
}

async fn times_are_approved_while_the_calendar_is_down(database: Database) {
    let (world, draft) = two_times_wait_on_the_desk(database).await;
    world.sims.calendly.faults().one_in(1, "*", "*", Fault::Status(500));
    Box::pin(world.drive(world.engine.approve(&draft, "Robin", None)))
        .await
        .expect("they were free when last heard of");
}

/// What Calendly tells of an entry, as its webhooks do.
fn entry(kind: &str, invitee: &str, start: &str, more: &serde_json::Value) -> BookingEvent {
    let mut body = serde_json::json!({
        "event": kind, "created_at": "2026-12-01T18:00:00.000000Z",
        "payload": {
            "uri": invitee, "event": format!("https://api.calendly.com/scheduled_events/{invitee}"), "email": "ada@home.example",
            "name": "Ada", "status": "active", "rescheduled": false, "old_invitee": null, "new_invitee": null,
            "cancel_url": "https://calendly.com/cancellations/1", "reschedule_url": "https://calendly.com/reschedulings/1",
            "tracking": { "utm_source": null, "utm_content": null }, "updated_at": "2026-12-01T18:00:00.000000Z",
            "scheduled_event": { "name": "Site visit", "start_time": start, "status": "active" },
        },
    });
    for (key, value) in more.as_object().expect("an object") {
        body["payload"][key] = value.clone();
    }
    BookingEvent::parse(body.to_string().as_bytes()).expect("Calendly's form").expect("about a booking")
}

async fn a_meeting_that_was_moved_is_still_the_leads(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("Pick any time here: {booking_link}", "booking");
    world.conversation_turn("Send me a link please").await;
    let token = world.store.booking_token(&world.thread().await.conversation.id).await.expect("a token");
    let marks = serde_json::json!({ "tracking": { "utm_source": "rapport", "utm_content": token } });
    let moved = serde_json::json!({ "old_invitee": "inv/1", "rescheduled": false });
    let off = serde_json::json!({ "status": "canceled", "rescheduled": true, "new_invitee": "inv/2" });
    for told in [
        entry("invitee.created", "inv/1", "2026-12-02T17:00:00Z", &marks),
        entry("invitee.created", "inv/2", "2026-12-03T21:30:00Z", &moved),
        entry("invitee.canceled", "inv/1", "2026-12-02T17:00:00Z", &off),
    ] {
        world.engine.receive_calendly(&told).await.expect("stored");
    }
    world.model_answers("See you then!", "small_talk");
    world.conversation_turn("When is it again?").await;
    let asked = world.sims.model.requests().last().expect("asked").to_string();
    let bookings = asked.rsplit("<bookings").next().expect("the lead's meetings");
    assert!(bookings.contains("Dec 3 at 2:30 PM"), "the move carried no token: {bookings}");
    assert!(!bookings.split("</bookings").next().expect("a block").contains("Dec 2"), "{bookings}");
}

async fn a_meeting_booked_on_a_public_page_is_known_by_the_leads_number(database: Database) {
    let world = with_slots(database).await;
    world.model_answers("Happy to help.", "small_talk");
    world.conversation_turn("Do you do site visits?").await;
    let theirs = world.thread().await.conversation.numbers.theirs;
    let answered = |answer: &str| serde_json::json!({ "questions_and_answers": [{ "question": "Phone number", "answer": answer }] });
    let national = theirs.trim_start_matches("+1");
    let dashed = format!("({}) {}-{}", &national[..3], &national[3..6], &national[6..]);
    for (invitee, start, phone) in
        [("inv/9", "2026-12-02T17:00:00Z", dashed.as_str()), ("inv/8", "2026-12-03T21:30:00Z", "+12025550199")]
    {
        world
            .engine
            .receive_calendly(&entry("invitee.created", invitee, start, &answered(phone)))
            .await
            .expect("stored");
    }
    world.model_answers("See you then!", "small_talk");
    world.conversation_turn("All set then").await;
    let asked = world.sims.model.requests().last().expect("asked").to_string();
    let bookings =
        asked.rsplit("<bookings").next().expect("the lead's meetings").split("</bookings").next().expect("a block");
    assert!(bookings.contains("Dec 2"), "{bookings}");
    assert!(!bookings.contains("Dec 3"), "somebody else's: {bookings}");
}
