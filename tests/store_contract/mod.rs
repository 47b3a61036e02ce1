//! What every store must do, told once and run on both engines.

use std::time::Duration;

use jiff::Timestamp;
use rapport::conversation::{Author, Message};
use rapport::runtime::clock::ManualTime;
use rapport::runtime::{Clock, Random};
use rapport::store::turn::{Json, TurnRecord};
use rapport::store::{
    Accepted, Applied, Arrival, Clearance, EventKind, LaneChange, Lease, NewDraft, NewEffect, NumberPair, SendProgress,
    Source, State, Store,
};
use serde_json::json;

use crate::support::postgres;

mod accepting;
mod attending;
mod delivering;
mod failing;
mod gate;
mod grouping;
mod handing_off;
mod keeping;
mod leasing;
mod notifying;
mod opening;
mod reconciling;
mod reviewing;
mod showing;
mod spending;
mod stopping;
mod summarising;
mod together;
mod turning;

/// Makes a test of each story for each engine.
macro_rules! on_both_engines {
    ($($story:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::store_contract::Fixture::sqlite().await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $story() {
                super::$story(crate::store_contract::Fixture::postgres().await).await;
            })+
        }
    };
}
use on_both_engines;

/// How long leases run in these stories.
const LEASE: Duration = Duration::from_secs(30);
const OURS: &str = "+12125550100";
const THEIRS: &str = "+12125550142";

/// A store with its own empty database and a clock that only moves by hand.
struct Fixture {
    store: Store,
    clock: Clock,
    time: ManualTime,
    url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Fixture {
    async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("new/rapport.db").display());
        Self::at(url, Some(folder)).await
    }

    async fn postgres() -> Self {
        Self::at(postgres::new_database().await, None).await
    }

    async fn at(url: String, folder: Option<tempfile::TempDir>) -> Self {
        let start: Timestamp = "2026-08-03T15:00:00Z".parse().expect("an instant");
        let (clock, time) = Clock::manual(start);
        let store = Store::open(&url, "default", clock.clone(), Random::system()).await.expect("the store opens");
        store.migrate().await.expect("the tables are made");
        Self { store, clock, time, url, _folder: folder }
    }

    /// The same database, as another process sees it.
    async fn another_process(&self) -> Store {
        Store::open(&self.url, "default", self.clock.clone(), Random::system()).await.expect("the store opens again")
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn after(&self, seconds: u64) -> Timestamp {
        self.now() + Duration::from_secs(seconds)
    }

    fn arrival(&self, kind: EventKind, event_id: &str, activity_id: Option<&str>) -> Arrival {
        Arrival {
            source: Source::CloseWebhook,
            event_id: event_id.to_owned(),
            kind,
            lane: Some(NumberPair { ours: OURS.to_owned(), theirs: THEIRS.to_owned() }),
            lead_id: Some("lead_1".to_owned()),
            contact_id: None,
            activity_id: activity_id.map(str::to_owned),
            occurred_at: self.now(),
            received_at: self.now(),
            body: json!({ "text": event_id }),
        }
    }

    /// A text of the lead arrives: event `ev_<name>`, activity `acti_<name>`. Returns the conversation.
    async fn lead_texts(&self, name: &str) -> String {
        self.arrives(EventKind::LeadText, name).await
    }

    async fn arrives(&self, kind: EventKind, name: &str) -> String {
        let arrival = self.arrival(kind, &format!("ev_{name}"), Some(&format!("acti_{name}")));
        match self.store.accept(&arrival).await.expect("accepted") {
            Accepted::New { conversation_id } => conversation_id,
            other => panic!("{name} was {other:?}"),
        }
    }

    /// The lease of the only conversation that is due.
    async fn claim_one(&self) -> Lease {
        let mut leases = self.store.claim(10, LEASE, "worker").await.expect("claimed");
        assert_eq!(leases.len(), 1, "one conversation is due");
        leases.remove(0)
    }

    /// What a worker that handles everything it sees would change.
    async fn everything_handled(&self, lease: &Lease) -> LaneChange {
        let view = self.store.load(lease).await.expect("loaded").expect("the lease holds");
        LaneChange {
            seen_seq: view.seen_seq,
            refuse_if_overtaken: true,
            handled: view.inbox.iter().map(noted).collect(),
            ..LaneChange::default()
        }
    }

    /// A worker puts a draft before a rep. Returns the conversation.
    async fn draft_waits(&self, draft_id: &str) -> String {
        let lease = self.claim_one().await;
        let change = LaneChange {
            turn: Some(turn(&format!("turn_of_{draft_id}"), self.now())),
            draft: Some(NewDraft {
                id: draft_id.to_owned(),
                turn_id: format!("turn_of_{draft_id}"),
                text: "Happy to help. Does Tuesday work?".to_owned(),
                reason: "It is the first answer to this person.".to_owned(),
                answers_text_at: Some(self.now()),
            }),
            state: Some((State::DraftWaiting, "It is the first answer to this person.".to_owned())),
            ..self.everything_handled(&lease).await
        };
        assert_eq!(self.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
        lease.conversation_id
    }

    /// A worker decides to send by itself and keeps going. Returns its next lease.
    async fn effect_queued(&self, effect_id: &str) -> Lease {
        let lease = self.claim_one().await;
        let change = LaneChange {
            effect: Some(NewEffect {
                id: effect_id.to_owned(),
                turn_id: None,
                text: "See you then!".to_owned(),
                not_before: None,
            }),
            state: Some((State::Sending, String::new())),
            ..self.everything_handled(&lease).await
        };
        assert_eq!(self.store.commit(&lease, change).await.expect("committed"), Applied::Yes);
        self.claim_one().await
    }

    /// Takes the first step of sending: the Close draft exists afterwards.
    async fn drafted(&self, lease: &Lease, effect_id: &str, activity_id: &str) {
        assert_eq!(self.store.clear_drafting(lease, effect_id).await.expect("asked"), Clearance::Go);
        let progress = SendProgress::Drafted { activity_id: activity_id.to_owned() };
        assert!(self.store.record_send(lease, effect_id, progress).await.expect("recorded"));
    }

    async fn state_of(&self, conversation_id: &str) -> State {
        self.store.conversation(conversation_id).await.expect("read").expect("exists").state
    }
}

fn noted(event: &rapport::store::InboxEvent) -> rapport::store::Handled {
    rapport::store::Handled {
        inbox_id: event.id.clone(),
        ending: rapport::store::Ending::Noted,
        reason: "Taken note of.".to_owned(),
    }
}

fn turn(id: &str, at: Timestamp) -> TurnRecord {
    TurnRecord {
        id: id.to_owned(),
        started_at: at,
        finished_at: at,
        outcome: "draft".to_owned(),
        reason: "It is the first answer to this person.".to_owned(),
        intent: Some("booking".to_owned()),
        prompt_hash: "abc".to_owned(),
        prompt: Json::of(&json!([{ "role": "user", "content": "Can we meet?" }])),
        manifest: Json::of(&json!({ "sections": [] })),
        answers: Json::of(&json!(["{}"])),
        proposal: Json::of(&json!({ "text": "Tuesday?" })),
        findings: Json::of(&json!([])),
        decision: Json::of(&json!({ "kind": "draft" })),
        context: Json::of(&json!({ "now": "2026-08-03T15:00:00Z" })),
        model: Some("small".to_owned()),
        input_tokens: 900,
        cached_tokens: 600,
        output_tokens: 40,
        cost_microusd: 125,
    }
}

fn message(activity_id: &str, author: Author, text: &str, at: Timestamp) -> Message {
    Message { activity_id: activity_id.to_owned(), author, text: text.to_owned(), at, attachments: 0 }
}
