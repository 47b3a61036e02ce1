//! TEMPORARY: not handed over.
use super::testing::*;
use super::*;
use crate::conversation::{Author, Message};
use crate::store::lane::Identity;
use crate::store::*;
use jiff::Timestamp;
use std::time::Duration;

fn msg(id: &str, a: Author, t: &str, mins: i64) -> Message {
    Message {
        activity_id: id.into(),
        author: a,
        text: t.into(),
        at: Timestamp::from_second(NOW - mins * 60).unwrap(),
        attachments: 0,
    }
}

#[tokio::test]
async fn preview() {
    let mut desk = Desk::open().await;
    let (conv, _) = desk.seed("Dana Whitfield", "Does it work with the panels we already have?", "Yes, it works with most panels from 2015 on. Happy to check yours: which make are they? I can also show you on a 15-minute call on Thu at 10:00 or 14:30.").await;
    for (name, text, reply, state, reason, hist) in [
        (
            "Marcus Bell",
            "This is the third time I ask. I want to speak to your manager.",
            "",
            State::HandedOff,
            "Complaint: a person must answer.",
            vec![
                msg("h1", Author::Workflow, "Hi Marcus, this is Alex from Sunline. Still thinking about solar?", 1500),
                msg("h2", Author::Lead, "I wrote you twice already", 900),
            ],
        ),
        (
            "Priya N.",
            "stop",
            "",
            State::OptedOut,
            "The lead texted \"stop\".",
            vec![msg("p1", Author::Agent, "Hi Priya, want to see what your roof could save?", 200)],
        ),
        (
            "Tom Okafor",
            "ok thanks!",
            "",
            State::Quiet,
            "The lead said thanks; nothing to answer.",
            vec![
                msg("t1", Author::Lead, "What does it cost for a 2 story house?", 3000),
                msg(
                    "t2",
                    Author::Agent,
                    "It depends on the roof: most homes like yours pay $89 to $140 a month. Shall I check yours?",
                    2990,
                ),
                msg("t3", Author::Rep, "Hey Tom, I’ll call you about the details in 10.", 2900),
            ],
        ),
        ("", "Is this still available?", "", State::Parked, "The model did not answer 5 times: timed out.", vec![]),
    ] {
        let (id, _) = desk.seed(name, text, reply).await;
        let _ = id;
        let arrival = Arrival {
            source: Source::CloseWebhook,
            event_id: format!("ev_x{name}"),
            kind: EventKind::Instruction,
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: None,
            occurred_at: now(),
            received_at: now(),
            body: serde_json::Value::Null,
        };
        let _ = desk.app.store.accept_for(&id, &arrival).await.unwrap();
        let leases = desk.app.store.claim(10, Duration::from_mins(1), "t").await.unwrap();
        for lease in leases.iter().filter(|l| l.conversation_id == id) {
            let view = desk.app.store.load(lease).await.unwrap().unwrap();
            desk.app
                .store
                .commit(
                    lease,
                    LaneChange {
                        seen_seq: view.seen_seq,
                        messages: hist.clone(),
                        withdraw: Some("x".into()),
                        state: Some((state, reason.into())),
                        ..Default::default()
                    },
                )
                .await
                .unwrap();
        }
    }
    // history and effects for the first
    let arrival = Arrival {
        source: Source::CloseWebhook,
        event_id: "ev_y".into(),
        kind: EventKind::Instruction,
        lane: None,
        lead_id: None,
        contact_id: None,
        activity_id: None,
        occurred_at: now(),
        received_at: now(),
        body: serde_json::Value::Null,
    };
    let _ = desk.app.store.accept_for(&conv, &arrival).await.unwrap();
    for lease in desk.app.store.claim(10, Duration::from_mins(1), "t").await.unwrap() {
        if lease.conversation_id != conv {
            continue;
        }
        let view = desk.app.store.load(&lease).await.unwrap().unwrap();
        desk.app.store.commit(&lease, LaneChange { seen_seq: view.seen_seq, identity: Some(Identity { display_name: Some("Dana Whitfield".into()), lead_id: Some("lead_1".into()), ..Default::default() }), messages: vec![
            msg("a1", Author::Workflow, "Hi Dana, this is Alex from Sunline. You asked about batteries on our site. What would you like to know?", 130),
            msg("a2", Author::Lead, "Hi! Yes. How long do they last?", 90),
            msg("a3", Author::Agent, "About 12 to 15 years; the warranty covers 10. Do you have panels already?", 84),
            msg("a4", Author::Lead, "Yes, since 2019", 6),
        ], state: Some((State::DraftWaiting, String::new())), ..Default::default() }).await.unwrap();
    }
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8787").await.unwrap();
    println!("conv {conv}");
    std::fs::write("/tmp/web-conv", &conv).unwrap();
    let tasks = desk.app.tasks.clone();
    let mut app = desk.app.clone();
    app.clock = crate::runtime::Clock::system();
    if std::env::var_os("WEB_PASSWORD").is_some() {
        app.desk.password = Some("secret".into());
    }
    app.desk.frame_origins = vec!["http://127.0.0.1:8808".into()];
    app.desk.close_leads = Some("https://app.close.com/lead/".into());
    let router = router(app);
    let demo = crate::cli::demo::page::demo_router(Arc::new(Pocket::default()));
    let l2 = tokio::net::TcpListener::bind("127.0.0.1:8808").await.unwrap();
    let t2 = tasks.clone();
    tasks.spawn(async move { axum::serve(l2, demo).with_graceful_shutdown(t2.stopping()).await.unwrap() });
    let stopper = tasks.clone();
    tasks.spawn(async move {
        while !std::path::Path::new("/tmp/web-stop").exists() {
            crate::runtime::Clock::system().sleep(Duration::from_millis(300)).await;
        }
        stopper.stop();
    });
    serve(listener, router, &tasks).await.unwrap();
}

use crate::cli::demo::page::*;
#[derive(Default)]
struct Pocket(std::sync::Mutex<Vec<DemoText>>);
#[async_trait::async_trait]
impl Phone for Pocket {
    async fn leads(&self) -> Vec<DemoLead> {
        vec![
            DemoLead {
                id: "lead_1".into(),
                name: "Dana Whitfield".into(),
                about: "asked about batteries".into(),
                suggestions: vec![
                    "How much is it?".into(),
                    "It sounds too expensive for us".into(),
                    "Can we talk Thursday afternoon?".into(),
                    "stop".into(),
                ],
            },
            DemoLead {
                id: "lead_2".into(),
                name: "Tom".into(),
                about: "wants a call".into(),
                suggestions: vec!["Call me".into()],
            },
        ]
    }
    async fn thread(&self, _: &str) -> Option<Vec<DemoText>> {
        Some(self.0.lock().unwrap().clone())
    }
    async fn text(&self, _: &str, text: &str) -> Result<(), String> {
        let mut g = self.0.lock().unwrap();
        let n = g.len();
        g.push(DemoText {
            id: format!("t{n}"),
            mine: n.is_multiple_of(2),
            text: text.into(),
            at: Clock::system().now(),
        });
        Ok(())
    }
    fn model_note(&self) -> String {
        "The model is scripted: it answers from a small list of patterns, offline.".into()
    }
    fn desk_url(&self) -> String {
        "http://127.0.0.1:8787".into()
    }
}
