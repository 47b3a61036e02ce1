//! A draft waits; a rep decides (`a-person-decides`).

use std::time::Duration;

use rapport::store::lane::Shown;
use rapport::store::{Clearance, LaneChange, Lease, SendProgress, State};

use crate::support::world::{Database, OURS, Setup, World};

super::on_both_databases!(
    a_draft_is_approved_on_the_desk,
    a_draft_is_edited_on_the_desk,
    a_draft_is_rejected_on_the_desk,
    a_draft_that_claims_to_be_human_is_not_approved_as_it_is,
    a_new_draft_follows_an_instruction,
    an_approval_at_night_waits_for_the_morning_and_says_so,
    a_second_approver_is_told_and_nothing_doubles,
    whoever_asked_for_a_person_still_waits_when_the_draft_is_rejected,
    a_rep_who_takes_over_a_text_that_is_being_sent_keeps_the_conversation,
    a_draft_that_a_newer_text_overtook_cannot_be_approved,
    what_a_person_was_asked_about_is_not_lost_with_its_draft,
    a_text_whose_draft_was_rejected_is_not_asked_about_again,
    the_first_answer_to_a_new_person_is_held,
    a_rep_who_texted_before_rapport_came_is_not_talked_over,
    a_rep_who_texts_from_close_silences_the_agent,
    a_rep_who_texts_from_another_number_silences_the_agent,
    a_rep_silences_the_agent_while_the_model_still_answers_elsewhere,
    a_rep_who_texts_from_a_number_that_is_not_answered_silences_the_agent,
    a_rep_who_composes_in_close_withdraws_the_draft,
    taking_over_and_handing_back,
    a_reps_text_that_is_told_of_again_undoes_no_handing_back,
    the_kill_switch_stops_everything_and_restores_nothing,
    off_is_silent_and_says_so,
    leads_with_some_statuses_are_drafted_for_or_left_alone,
    a_draft_that_a_rep_asks_for_is_a_draft_where_replies_go_by_themselves,
    another_draft_is_a_draft_where_replies_go_by_themselves,
    what_waits_for_nobody_is_not_tried_again,
);

async fn drafted(database: Database) -> World {
    let world = World::new(Setup::draft(database)).await;
    world.model_answers("We can look at the roof on Thursday, would that suit you?", "booking");
    world.conversation_turn("Could someone come and look?").await;
    world
}

async fn a_draft_is_approved_on_the_desk(database: Database) {
    let world = drafted(database).await;
    assert!(world.sent().is_empty(), "a draft is not sent");
    let (_, list) = world.get("/").await;
    assert!(list.contains("Maria Lopez"), "the desk shows who waits");
    let id = world.waiting_draft().await;
    let draft = world.store.draft(&id).await.expect("the store works").expect("a draft");

    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;

    assert_eq!(world.sent(), [draft.text]);
    let thread = world.thread().await;
    assert_eq!(thread.drafts[0].state.as_str(), "approved");
    assert_eq!(thread.effects[0].approved_by.as_deref(), Some("Robin"));
}

async fn a_draft_is_edited_on_the_desk(database: Database) {
    let world = drafted(database).await;
    let id = world.waiting_draft().await;
    let typed = "Yes! It\u{2019}s Robin here, I will come by on Thursday.";
    assert_eq!(world.post_form(&format!("/drafts/{id}/edit"), &[("text", typed)]).await, 303);
    world.settle().await;
    assert_eq!(
        world.sent(),
        ["Yes! It's Robin here, I will come by on Thursday."],
        "a phone's apostrophe costs a segment"
    );
    assert_eq!(world.thread().await.drafts[0].state.as_str(), "edited");
}

async fn a_draft_that_claims_to_be_human_is_not_approved_as_it_is(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    for _ in 0..2 {
        world.model_answers("I am a real human named Bob.", "small_talk");
    }
    world.conversation_turn("Nice weather, isn't it?").await;
    let id = world.waiting_draft().await;
    assert_ne!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    assert!(world.sent().is_empty(), "no text denies that an AI writes");
    assert_eq!(world.post_form(&format!("/drafts/{id}/edit"), &[("text", "Robin here: it is!")]).await, 303);
    world.settle().await;
    assert_eq!(world.sent(), ["Robin here: it is!"]);
}

async fn a_draft_is_rejected_on_the_desk(database: Database) {
    let world = drafted(database).await;
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/reject"), &[("reason", "I will call")]).await, 303);
    world.settle().await;
    world.after(Duration::from_hours(2)).await;
    assert!(world.sent().is_empty());
    let draft = &world.thread().await.drafts[0];
    assert_eq!((draft.state.as_str(), draft.ended_reason.as_str()), ("rejected", "I will call"));
}

async fn a_new_draft_follows_an_instruction(database: Database) {
    let world = drafted(database).await;
    let id = world.waiting_draft().await;
    world.model_answers("Gladly. What is the address?", "booking");
    let fields = [("instruction", "ask for the address first")];
    assert_eq!(world.post_form(&format!("/drafts/{id}/regenerate"), &fields).await, 303);
    world.settle().await;

    let thread = world.thread().await;
    let states: Vec<&str> = thread.drafts.iter().map(|draft| draft.state.as_str()).collect();
    assert_eq!(states, ["replaced", "waiting"]);
    assert_eq!(thread.drafts[1].text, "Gladly. What is the address?");
    let asked = world.sims.model.requests().last().expect("asked twice").to_string();
    assert!(asked.contains("ask for the address first"), "the model reads the rep's words");
    assert!(world.sent().is_empty());
}

async fn an_approval_at_night_waits_for_the_morning_and_says_so(database: Database) {
    let world = drafted(database).await;
    world.after(Duration::from_hours(11)).await;
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    assert!(world.sent().is_empty(), "never-out-of-hours: it is 22:00 where the lead is");
    let thread = world.thread().await;
    let (_, page) = world.get(&format!("/conversations/{}", thread.conversation.id)).await;
    assert!(page.contains("hours"), "{:?} {}", thread.conversation.state, thread.conversation.reason);
    world.after(Duration::from_hours(12)).await;
    assert_eq!(world.sent().len(), 1, "it is 10:00 there");
}

async fn a_second_approver_is_told_and_nothing_doubles(database: Database) {
    let world = drafted(database).await;
    let path = format!("/drafts/{}/approve", world.waiting_draft().await);
    assert_eq!(world.post_form(&path, &[]).await, 303);
    assert_eq!(world.post_form(&path, &[]).await, 409);
    world.settle().await;
    assert_eq!(world.post_form(&path, &[]).await, 409);
    world.settle().await;
    assert_eq!(world.sent().len(), 1, "never-twice");
}

async fn whoever_asked_for_a_person_still_waits_when_the_draft_is_rejected(database: Database) {
    let world = World::new(Setup::draft(database)).await;
    world.model_answers("Of course, somebody will call you today.", "wants_human");
    world.conversation_turn("Can I talk to a real person please?").await;
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/reject"), &[]).await, 303);
    world.settle().await;
    let conversation = world.thread().await.conversation;
    assert_eq!(conversation.state.as_str(), "handed_off", "nothing-lost");
    let page = format!("/conversations/{}", conversation.id);
    let (_, shown) = world.get(&page).await;
    assert!(shown.contains("A person is needed") && shown.contains("Mark as done"), "{shown}");
    assert_eq!(world.post_form(&format!("{page}/dismiss"), &[]).await, 303);
    assert_eq!(world.thread().await.conversation.state.as_str(), "quiet", "somebody said that it is done");
}

async fn a_rep_who_takes_over_a_text_that_is_being_sent_keeps_the_conversation(database: Database) {
    let world = drafted(database).await;
    let draft = world.waiting_draft().await;
    let id = world.thread().await.conversation.id;
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 303);
    let lease = world.store.claim(1, Duration::from_mins(1), "worker").await.expect("claimed").remove(0);
    let effect = world.store.load(&lease).await.expect("loaded").expect("held").effects.remove(0);
    let cleared = world.store.clear_drafting(&lease, &effect.id).await.expect("asked");
    assert_eq!(cleared, Clearance::Go);

    assert_eq!(world.post_form(&format!("/conversations/{id}/take-over"), &[]).await, 303);
    let ended = SendProgress::Withdrawn { reason: "Robin took over.".to_owned() };
    let sentence = "The reply was not sent: Robin took over.".to_owned();
    let change = LaneChange {
        seen_seq: lease_seq(&world, &lease).await,
        state: Some((State::HandedOff, sentence)),
        shown: Shown::WhileSending,
        ..LaneChange::default()
    };
    assert!(world.store.end_send(&lease, &effect.id, ended, change).await.expect("recorded"));
    world.settle().await;

    assert!(world.sent().is_empty(), "never-over-a-human");
    let conversation = world.thread().await.conversation;
    assert_eq!((conversation.state.as_str(), conversation.reason.as_str()), ("taken_over", "Robin took over."));
    let (_, page) = world.get(&format!("/conversations/{id}")).await;
    assert!(page.contains("Hand back") && !page.contains("A person is needed"), "{page}");
    world.make_tasks().await;
    assert!(world.tasks().is_empty(), "nobody else is asked");
}

async fn lease_seq(world: &World, lease: &Lease) -> i64 {
    world.store.load(lease).await.expect("loaded").expect("held").seen_seq
}

async fn a_draft_that_a_newer_text_overtook_cannot_be_approved(database: Database) {
    let world = drafted(database).await;
    let path = format!("/drafts/{}/approve", world.waiting_draft().await);
    world.lead_texts("Never mind, we found someone").await;
    assert_eq!(world.post_form(&path, &[]).await, 409, "in-order");
    world.settle().await;
    assert!(world.sent().is_empty());
}

async fn what_a_person_was_asked_about_is_not_lost_with_its_draft(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("I am sorry to hear that. Someone from the team will text you.", "complaint");
    world.conversation_turn("Your installer never came").await;
    assert!(world.sent().is_empty(), "a-person-decides");

    world.model_answers("I am sorry. Someone from the team will text you.", "complaint");
    world.conversation_turn("ok").await;
    let asked = world.sims.model.requests().last().expect("asked twice").to_string();
    let new_texts = asked.split("<new_texts>").last().expect("a block of new texts");
    assert!(new_texts.contains("never came") && new_texts.contains("lead: ok"), "nothing-lost: {new_texts}");

    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    world.model_answers("Any time!", "small_talk");
    world.conversation_turn("thanks").await;
    let asked = world.sims.model.requests().last().expect("asked again").to_string();
    let new_texts = asked.split("<new_texts>").last().expect("a block of new texts");
    assert!(!new_texts.contains("never came"), "what was answered is history: {new_texts}");
    assert_eq!(world.sent().last().map(String::as_str), Some("Any time!"));
}

async fn a_text_whose_draft_was_rejected_is_not_asked_about_again(database: Database) {
    let world = drafted(database).await;
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/reject"), &[("reason", "I will call")]).await, 303);
    world.conversation_turn("And what does it cost?").await;
    let asked = world.sims.model.requests().last().expect("asked twice").to_string();
    let new_texts = asked.split("<new_texts>").last().expect("a block of new texts");
    assert!(!new_texts.contains("come and look") && new_texts.contains("what does it cost"), "{new_texts}");
}

async fn the_first_answer_to_a_new_person_is_held(database: Database) {
    let world = World::new(Setup::draft(database).with("[policy]\nmode = \"auto\"\n")).await;
    world.model_answers("Yes, we do.", "product_question");
    world.conversation_turn("Do you do commercial roofs?").await;
    assert!(world.sent().is_empty());
    let id = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/drafts/{id}/approve"), &[]).await, 303);
    world.settle().await;
    world.model_answers("All of the state.", "product_question");
    world.conversation_turn("Where do you work?").await;
    assert_eq!(world.sent(), ["Yes, we do.", "All of the state."], "the second one goes by itself");
}

async fn a_rep_who_texted_before_rapport_came_is_not_talked_over(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let half_an_hour_ago = crate::support::world::at(-30);
    let lead = crate::support::world::LEAD;
    world.sims.close.add_history(lead, OURS, (false, "Robin here, shall I come by on Monday?"), half_an_hour_ago);
    world.conversation_turn("Monday works").await;
    assert!(world.sent().is_empty(), "never-over-a-human, though no event told of the rep");
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "draft_waiting");
    assert!(thread.drafts[0].reason.contains("rep"), "{}", thread.drafts[0].reason);
}

async fn a_rep_who_texts_from_close_silences_the_agent(database: Database) {
    let world = drafted(database).await;
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, crate::support::world::LEAD, OURS, "Hi Maria, I'll call you at 3");
    world.settle().await;

    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "taken_over");
    assert_eq!(thread.drafts[0].state.as_str(), "withdrawn", "never-over-a-human");
    world.conversation_turn("Perfect, thanks").await;
    assert!(world.sent().is_empty(), "the rep has the conversation");
    let last = world.thread().await.inbox.last().cloned().expect("the text");
    assert!(last.reason.contains("rep"), "the silence has a reason: {}", last.reason);

    world.after(Duration::from_hours(13)).await;
    world.model_answers("Good morning!", "small_talk");
    world.conversation_turn("Morning").await;
    assert_eq!(world.thread().await.drafts.last().expect("a draft").state.as_str(), "waiting", "the takeover ran out");
}

/// A draft waits in the lead's conversation with our number, and a rep texts them from another one.
async fn a_rep_texts_from_another_number(world: &World) {
    let id = world.thread().await.conversation.id;
    let admin = world.sims.close.admin();
    world.sims.close.rep_sends(&admin, crate::support::world::LEAD, "+15205550177", "Hi Maria, I'll call you at 3");
    world.settle().await;
    let thread = async || world.store.thread(&id).await.expect("the store works").expect("the conversation");
    assert_eq!(thread().await.conversation.state.as_str(), "taken_over");
    assert_eq!(thread().await.drafts[0].state.as_str(), "withdrawn", "never-over-a-human");

    world.conversation_turn("Perfect, thanks").await;
    assert!(world.sent().is_empty(), "the rep talks with the lead");
    let last = thread().await.inbox.last().cloned().expect("the text");
    assert!(last.reason.contains("rep"), "the silence has a reason: {}", last.reason);
    let drafts = thread().await.drafts.len();
    world.after(Duration::from_hours(13)).await;
    world.model_answers("Good morning!", "small_talk");
    world.conversation_turn("Morning").await;
    assert_eq!(thread().await.drafts.len(), drafts + 1, "the takeover ran out");
}

async fn a_rep_who_texts_from_another_number_silences_the_agent(database: Database) {
    a_rep_texts_from_another_number(&drafted(database).await).await;
}

async fn a_rep_silences_the_agent_while_the_model_still_answers_elsewhere(database: Database) {
    let (world, lead) = (drafted(database).await, crate::support::world::LEAD);
    let here = world.thread().await.conversation.id;
    let (close, elsewhere) = (&world.sims.close, "+15205550177");
    close.lead_texts(lead, elsewhere, "Is this your number too?");
    world.settle().await;
    world.model_answers("Yes, both are ours.", "other");
    world
        .while_the_model_thinks(async || {
            close.rep_sends(&close.admin(), lead, elsewhere, "Robin here, I'll call you at 3");
            close.deliver_webhooks().await;
            let thread = world.store.thread(&here).await.expect("the store works").expect("the conversation");
            assert_eq!(thread.drafts[0].state.as_str(), "withdrawn", "never-over-a-human");
        })
        .await;
    assert!(world.sent().is_empty());
}

async fn a_rep_who_texts_from_a_number_that_is_not_answered_silences_the_agent(database: Database) {
    let world = World::new(Setup { answers_only: Some(OURS), ..Setup::draft(database) }).await;
    world.model_answers("We can look at the roof on Thursday, would that suit you?", "booking");
    world.conversation_turn("Could someone come and look?").await;
    a_rep_texts_from_another_number(&world).await;
}

async fn a_rep_who_composes_in_close_withdraws_the_draft(database: Database) {
    let world = drafted(database).await;
    let admin = world.sims.close.admin();
    world.sims.close.rep_types_draft(&admin, crate::support::world::LEAD, OURS, "Hi Mar");
    world.settle().await;
    let thread = world.thread().await;
    assert_eq!(thread.drafts[0].state.as_str(), "withdrawn", "never-over-a-human");
    assert!(!thread.messages.iter().any(|message| message.text == "Hi Mar"), "half-typed words are no message");
}

async fn taking_over_and_handing_back(database: Database) {
    let world = drafted(database).await;
    let id = world.thread().await.conversation.id;
    assert_eq!(world.post_form(&format!("/conversations/{id}/take-over"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.thread().await.drafts[0].state.as_str(), "withdrawn");
    world.conversation_turn("Are you there?").await;
    assert!(world.sims.model.requests().len() == 1, "silent while taken over");
    assert_eq!(world.post_form(&format!("/conversations/{id}/hand-back"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting", "the lead had the last word");
    let asked = world.sims.model.requests().last().expect("asked again").to_string();
    assert!(asked.contains("Are you there?"));
}

async fn a_reps_text_that_is_told_of_again_undoes_no_handing_back(database: Database) {
    let world = drafted(database).await;
    let (id, close) = (world.thread().await.conversation.id, &world.sims.close);
    close.rep_sends(&close.admin(), crate::support::world::LEAD, OURS, "Hi Maria, I'll call you at 3");
    world.after(Duration::from_mins(1)).await;
    world.model_answers("Glad to help. What else?", "other");
    world.conversation_turn("Are you there?").await;
    assert_eq!(world.post_form(&format!("/conversations/{id}/hand-back"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting");

    let told = close.events().into_iter().rfind(|event| event["data"]["text"] == "Hi Maria, I'll call you at 3");
    let event = rapport::close::webhook::CloseEvent::from_json(told.expect("the rep's text")).expect("an event");
    world.engine.receive_close(&event, rapport::store::Source::CloseWebhook).await.expect("heard");
    let later = rapport::close::webhook::CloseEvent { date_updated: Some(world.clock.now()), ..event };
    world.engine.receive_close(&later, rapport::store::Source::CloseWebhook).await.expect("heard");
    world.settle().await;
    assert_eq!(world.thread().await.conversation.state.as_str(), "draft_waiting", "the rep has handed back");
}

async fn the_kill_switch_stops_everything_and_restores_nothing(database: Database) {
    let world = drafted(database).await;
    let path = format!("/drafts/{}/approve", world.waiting_draft().await);
    let pause = world.engine.pause("wrong prices on the page", "Robin").await.expect("paused");
    world.settle().await;
    assert_eq!(world.post_form(&path, &[]).await, 409);
    world.conversation_turn("Anyone?").await;
    assert!(world.sent().is_empty());
    let (_, page) = world.get("/").await;
    assert!(page.contains("wrong prices on the page"), "everyone sees why");
    world.engine.resume("Robin", pause.since).await.expect("resumed");
    world.settle().await;
    world.after(Duration::from_hours(1)).await;
    assert!(world.sent().is_empty(), "lifting restores nothing by itself");
}

async fn off_is_silent_and_says_so(database: Database) {
    let world = World::new(Setup::draft(database).with("[policy]\nmode = \"off\"\n")).await;
    world.conversation_turn("Hello?").await;
    assert!(world.sims.model.requests().is_empty(), "no model is asked");
    let thread = world.thread().await;
    assert!(thread.inbox[0].reason.contains("off"), "{}", thread.inbox[0].reason);
    assert!(thread.conversation.reason.contains("off"));
}

/// A conversation of an automatic Rapport that was handed to a person while it was paused.
async fn handed_off(database: Database) -> (World, String) {
    let world = World::new(Setup::auto(database)).await;
    world.store.pause("lunch", "Robin").await.expect("paused");
    world.conversation_turn("What does it cost?").await;
    let pause = world.store.paused().await.expect("read").expect("paused");
    world.store.resume("Robin", pause.since).await.expect("resumed");
    let id = world.thread().await.conversation.id;
    (world, id)
}

async fn a_draft_that_a_rep_asks_for_is_a_draft_where_replies_go_by_themselves(database: Database) {
    let (world, id) = handed_off(database).await;
    world.model_answers("It depends on the roof. Shall we look?", "price");
    assert_eq!(world.post_form(&format!("/conversations/{id}/retry"), &[]).await, 303);
    assert_eq!(world.post_form(&format!("/conversations/{id}/retry"), &[]).await, 409, "another rep was quicker");
    world.settle().await;
    assert!(world.sent().is_empty(), "`a-person-decides`");
    let draft = world.waiting_draft().await;
    assert_eq!(world.post_form(&format!("/conversations/{id}/retry"), &[]).await, 409, "it is written");
    assert_eq!(world.post_form(&format!("/drafts/{draft}/approve"), &[]).await, 303);
    world.settle().await;
    assert_eq!(world.sent(), ["It depends on the roof. Shall we look?"]);
}

async fn another_draft_is_a_draft_where_replies_go_by_themselves(database: Database) {
    let (world, id) = handed_off(database).await;
    world.model_answers("It depends on the roof. Shall we look?", "price");
    world.post_form(&format!("/conversations/{id}/retry"), &[]).await;
    world.settle().await;
    let draft = world.waiting_draft().await;
    world.model_answers("That depends. May we look?", "price");
    let wish = [("instruction", "shorter")];
    assert_eq!(world.post_form(&format!("/drafts/{draft}/regenerate"), &wish).await, 303);
    world.settle().await;
    assert!(world.sent().is_empty());
    assert_ne!(world.waiting_draft().await, draft);
}

async fn what_waits_for_nobody_is_not_tried_again(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.conversation_turn("Do you work in Tucson?").await;
    assert_eq!(world.sent().len(), 1);
    let id = world.thread().await.conversation.id;
    for act in ["retry", "hand-back"] {
        world.post_form(&format!("/conversations/{id}/{act}"), &[]).await;
        world.settle().await;
        world.after(Duration::from_mins(1)).await;
    }
    assert_eq!(world.sent().len(), 1, "no text that nobody asked for");
}

async fn leads_with_some_statuses_are_drafted_for_or_left_alone(database: Database) {
    let world = World::new(Setup::auto(database).with("statuses_off = [\"Customer\"]\n")).await;
    let lead = world.sims.close.leads()[0]["id"].as_str().expect("an id").to_owned();
    let becomes = |label: &str| {
        let status = serde_json::json!({ "status_label": label }).as_object().expect("an object").clone();
        assert!(world.sims.close.change_lead(&lead, &status));
    };
    world.model_answers("Happy to help.", "small_talk");
    becomes("customer");
    world.conversation_turn("Thanks for the roof!").await;
    assert!(world.sims.model.requests().is_empty(), "no model is asked");
    let thread = world.thread().await;
    assert_eq!(thread.conversation.reason, "Silent because Rapport is off for leads with the status \"customer\".");
    assert_eq!((thread.conversation.state, thread.messages.len()), (State::Quiet, 1));

    becomes("Do Not Contact");
    world.conversation_turn("One more thing").await;
    assert!(world.sent().is_empty(), "a person decides");
    let draft = world.store.draft(&world.waiting_draft().await).await.expect("the store works").expect("a draft");
    assert!(draft.reason.contains("leads with the status \"Do Not Contact\""), "{}", draft.reason);

    world.lead_texts("STOP").await;
    world.settle().await;
    assert_eq!(world.thread().await.conversation.state, State::OptedOut, "a stop is heard");
}
