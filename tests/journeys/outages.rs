//! What breaks outside is survived, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use rapport::llm::{Model, ModelAnswer, ModelError, ModelRequest};
use rapport::runtime::{Clock, Tasks};
use rapport::sim::{Fault, WebhookFault};
use rapport::store::State;

use crate::support::world::{Database, LEAD, OURS, Setup, World};

super::on_both_databases!(
    texts_missed_while_down_are_read_from_the_event_log,
    a_webhook_that_never_came_is_noticed_before_the_next_reply,
    a_model_whose_answers_cannot_be_read_is_tried_again_and_then_shown,
    a_retry_from_the_desk_answers_after_all,
    a_forged_webhook_is_refused,
    close_that_is_down_delays_a_reply_and_loses_nothing,
    an_unreadable_answer_goes_back_once_and_then_to_a_person,
    a_step_that_panics_is_put_before_a_person,
);

async fn texts_missed_while_down_are_read_from_the_event_log(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Yes, how can I help?", "small_talk");
    world.engine.catch_up().await.expect("the first start sets the watermark");
    world.sims.close.faults().webhooks(10, WebhookFault::Drop);
    world.after(Duration::from_mins(10)).await;
    world.sims.close.lead_texts(LEAD, OURS, "Anybody there?");
    world.settle().await;
    assert!(world.store.find_conversation(LEAD).await.expect("the store works").is_none(), "nothing came");

    assert!(world.engine.catch_up().await.expect("the event log answers") > 0);
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    assert_eq!(world.sent().len(), 1, "nothing-lost");
    world.engine.catch_up().await.expect("the event log answers");
    world.settle().await;
    world.after(Duration::from_mins(1)).await;
    assert_eq!(world.sent().len(), 1, "read again, answered once");
}

async fn a_webhook_that_never_came_is_noticed_before_the_next_reply(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.model_answers("Let me look at both days.", "booking");
    world.lead_texts("Is Thursday possible?").await;
    world.settle().await;
    world.after(Duration::from_secs(2)).await;
    world.sims.close.faults().webhooks(1, WebhookFault::Drop);
    world.lead_texts("or Friday, after lunch").await;
    world.settle().await;
    world.after(Duration::from_secs(8)).await;
    world.after(Duration::from_secs(8)).await;
    let prompt = world.sims.model.requests().last().expect("asked").to_string();
    assert!(prompt.contains("or Friday, after lunch"), "the list of texts was read before composing");
    assert_eq!(world.sent().len(), 1);
}

async fn a_model_whose_answers_cannot_be_read_is_tried_again_and_then_shown(database: Database) {
    let world = World::new(Setup::auto(database).with("[engine]\nattempts = 2\n")).await;
    // It answers, so that it is not down, and waiting would not help.
    world.sims.model.faults().one_in(1, "POST", "*", Fault::MalformedJson);
    world.conversation_turn("Do you work in Tucson?").await;
    assert_eq!(world.thread().await.conversation.attempts, 1);
    world.live(Duration::from_mins(1), Duration::from_secs(5)).await;
    let thread = world.thread().await;
    assert_eq!(thread.conversation.state.as_str(), "parked", "{}", thread.conversation.reason);
    assert!(thread.inbox[0].reason.contains("No reply was written"), "{}", thread.inbox[0].reason);
    let (_, list) = world.get("/").await;
    assert!(list.contains("Maria Lopez") || list.contains("0142"), "the desk shows it");
    assert!(world.sent().is_empty());
}

async fn a_retry_from_the_desk_answers_after_all(database: Database) {
    let setup = Setup::auto(database)
        .in_real_time()
        .with("[engine]\nwait = \"0s\"\nattempts = 1\n[hours]\nfresh_reply = \"1d\"\n");
    let world = World::new(setup).await;
    world.sims.model.faults().one_in(1, "POST", "*", Fault::Status(400));
    world.lead_texts("Do you work in Tucson?").await;
    let thread = world.until("a person is asked", |thread| thread.conversation.state.as_str() == "parked").await;
    world.sims.model.faults().clear();
    world.model_answers("Yes, all of the state.", "product_question");
    let path = format!("/conversations/{}/retry", thread.conversation.id);
    assert_eq!(world.post_form(&path, &[]).await, 303);
    world.until("it is sent", |thread| thread.effects.iter().any(|e| e.state.as_str() == "sent")).await;
    assert_eq!(world.sent(), ["Yes, all of the state."]);
}

async fn a_forged_webhook_is_refused(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    let body =
        r#"{"subscription_id":"whsub_1","event":{"id":"ev_forged","object_type":"activity.sms","action":"created"}}"#;
    let now = world.clock.now().as_second().to_string();
    assert_eq!(world.post_webhook(&[], body).await, 401, "no signature");
    let wrong = "00".repeat(32);
    let headers = [("close-sig-timestamp", now.as_str()), ("close-sig-hash", wrong.as_str())];
    assert_eq!(world.post_webhook(&headers, body).await, 401, "a wrong one");
    world.settle().await;
    assert_eq!(world.store.conversations(10).await.expect("the store works").len(), 0, "nothing is stored");
    world.sims.close.faults().webhooks(1, WebhookFault::AlterSignature);
    world.lead_texts("Hello").await;
    assert_eq!(world.store.conversations(10).await.expect("the store works").len(), 0);
    world.sims.close.retry_webhooks().await;
    assert_eq!(world.store.conversations(10).await.expect("the store works").len(), 1, "the true one is taken");
}

async fn close_that_is_down_delays_a_reply_and_loses_nothing(database: Database) {
    let setup = Setup::auto(database).in_real_time().with("[engine]\nwait = \"0s\"\n[hours]\nfresh_reply = \"1d\"\n");
    let world = World::new(setup).await;
    world.model_answers("Yes, all of the state.", "product_question");
    world.sims.close.faults().times(4, "GET", "/api/v1/lead/*", Fault::Status(503));
    world.lead_texts("Do you work in Tucson?").await;
    world.until("it is sent", |thread| thread.effects.iter().any(|e| e.state.as_str() == "sent")).await;
    assert_eq!(world.sent(), ["Yes, all of the state."]);
}

async fn an_unreadable_answer_goes_back_once_and_then_to_a_person(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.sims.model.push_answer("Sure, happy to help!");
    world.sims.model.push_answer("Sure, happy to help!");
    world.conversation_turn("Can you help me?").await;
    assert_eq!(world.sims.model.requests().len(), 2);
    assert!(world.sent().is_empty(), "plain words are never sent by themselves");
    assert_eq!(world.thread().await.drafts[0].text, "Sure, happy to help!");
}

/// A defect of our own, in the middle of a turn.
struct Defective;

#[async_trait::async_trait]
impl Model for Defective {
    fn name(&self) -> &'static str {
        "defective"
    }

    async fn generate(&self, _: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        panic!("on purpose")
    }
}

async fn a_step_that_panics_is_put_before_a_person(database: Database) {
    let world = World::new(Setup::auto(database)).await;
    world.lead_texts("Do you work in Tucson?").await;
    let (mut engine, tasks) = (world.engine.clone(), Tasks::new());
    engine.proposer.model = Arc::new(Defective);
    tasks.spawn(engine.work(tasks.clone()));
    let parked = async {
        while world.thread().await.conversation.state != State::Parked {
            world.time_passes(Duration::from_secs(1));
        }
    };
    Clock::system().timeout(Duration::from_mins(1), parked).await.expect("its attempts run out");
    let told = world.thread().await.conversation.reason;
    assert!(told.contains("defect"), "{told}");
    tasks.stop();
}
