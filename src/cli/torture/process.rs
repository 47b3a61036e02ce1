//! One Rapport process: the real engine and the real router, on tasks that can be dropped where they stand.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use metrics_exporter_prometheus::PrometheusBuilder;
use secrecy::SecretString;
use tower::ServiceExt as _;

use super::executor::{Executor, Fuse, Group, ProcessProbe};
use super::oracle::Oracle;
use crate::cli::assemble;
use crate::close::webhook::WebhookKeys;
use crate::config::Config;
use crate::engine::Engine;
use crate::runtime::http::{Request, Response, TransportError};
use crate::runtime::{Clock, Http, Random};
use crate::store::Store;
use crate::web::{self, App, DeskSettings};

/// The longest way to another server and the longest way back.
const WAY_MS: u64 = 900;

/// A process that runs.
#[derive(Clone)]
pub(super) struct Process {
    pub(super) group: Group,
    pub(super) engine: Engine,
    pub(super) router: Router,
}

/// Everything a process is started with.
#[derive(Clone)]
pub(super) struct Parts {
    pub(super) executor: Executor,
    pub(super) clock: Clock,
    pub(super) config: Arc<Config>,
    pub(super) organisation: String,
    pub(super) webhook_key: String,
    pub(super) oracle: Oracle,
    /// Close, Calendly and the model.
    pub(super) outside: Http,
}

/// What ends a process.
#[derive(Clone)]
pub(super) struct Death {
    pub(super) fuse: Fuse,
    pub(super) die: Arc<dyn Fn() + Send + Sync>,
}

impl Parts {
    /// Starts a process whose tasks are `group`, and whose own choices come from `random`.
    pub(super) async fn start(&self, group: Group, random: Random, death: Death) -> anyhow::Result<Process> {
        let probe = ProcessProbe { executor: self.executor.clone(), fuse: death.fuse.clone(), die: death.die.clone() };
        let store = Store::open_watched(
            &self.config.database.url,
            &self.organisation,
            self.clock.clone(),
            random.clone(),
            Arc::new(probe),
        )
        .await?;
        let http = self.way_out(group, store.clone(), random.clone(), death);
        let world = assemble::World { clock: self.clock.clone(), random, http };
        let engine = assemble::engine(&self.config, &world, store)?;
        let tasks = self.executor.tasks(group);
        let app = App {
            store: engine.store.clone(),
            clock: self.clock.clone(),
            close_keys: Arc::new(WebhookKeys::new([SecretString::from(self.webhook_key.clone())])?),
            calendly_keys: Arc::from(Vec::new()),
            desk: DeskSettings::default(),
            metrics: PrometheusBuilder::new().build_recorder().handle(),
            tasks: tasks.clone(),
            engine: engine.clone(),
        };
        let router = web::router(app);
        tasks.spawn(engine.clone().work(tasks.clone()));
        tasks.spawn(engine.clone().keep_caught_up(tasks.clone()));
        tasks.spawn_until_stopping(engine.clone().keep_awake());
        Ok(Process { group, engine, router })
    }

    /// The process's way to other servers: it takes time, the process can die at its ends, and releases are watched.
    fn way_out(&self, group: Group, store: Store, random: Random, death: Death) -> Http {
        let Self { clock, oracle, outside, config, .. } = self.clone();
        let takeover = config.policy.takeover;
        let service = tower::service_fn(move |request: Request| {
            let (clock, oracle, outside) = (clock.clone(), oracle.clone(), outside.clone());
            let (store, random, death) = (store.clone(), random.clone(), death.clone());
            async move {
                death.may_come().await;
                let what = describe(&request);
                oracle.note(clock.now(), || format!("process {group} calls {what}"));
                if let Some(released) = Release::read(&request) {
                    let effect = store.effect_by_activity(&released.activity_id).await.ok().flatten();
                    let phone = released.phone(&store, effect.as_ref()).await;
                    oracle.releasing(&phone, effect.as_ref(), takeover);
                }
                clock.sleep(Duration::from_millis(random.bits() % WAY_MS)).await;
                let answer = outside.send(request, Duration::from_hours(24)).await;
                oracle.note(clock.now(), || match &answer {
                    Ok(answer) => format!("{what} is answered {} to process {group}", answer.status().as_u16()),
                    Err(error) => format!("{what} of process {group} fails: {error}"),
                });
                clock.sleep(Duration::from_millis(random.bits() % WAY_MS)).await;
                death.may_come().await;
                answer
            }
        });
        Http::through(self.clock.clone(), service)
    }
}

impl Death {
    /// A point where the process may die.
    async fn may_come(&self) {
        if self.fuse.burns_out() {
            (self.die)();
            std::future::pending::<()>().await;
        }
    }
}

/// A call in a few words: what it is about, and the text it carries.
fn describe(request: &Request) -> String {
    let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let path = request.uri().path().trim_start_matches("/api/v1");
    match (body["text"].as_str(), body["remote_phone"].as_str()) {
        (Some(text), Some(phone)) => format!("{} {path} ({phone}: {text:?})", request.method()),
        _ => format!("{} {path}", request.method()),
    }
}

/// A call that turns a draft into a text that leaves.
struct Release {
    activity_id: String,
}

impl Release {
    fn read(request: &Request) -> Option<Self> {
        let activity_id = request.uri().path().strip_prefix("/api/v1/activity/sms/")?.trim_end_matches('/');
        let body: serde_json::Value = serde_json::from_slice(request.body()).ok()?;
        let releases = body["status"] == "outbox" || body["status"] == "scheduled";
        releases.then(|| Self { activity_id: activity_id.to_owned() })
    }

    async fn phone(&self, store: &Store, effect: Option<&crate::store::Effect>) -> String {
        let Some(effect) = effect else { return String::new() };
        let conversation = store.conversation(&effect.conversation_id).await.ok().flatten();
        conversation.map(|conversation| conversation.numbers.theirs).unwrap_or_default()
    }
}

impl Process {
    /// Answers a request inside the process.
    pub(super) async fn answer(&self, request: Request) -> Result<Response, TransportError> {
        let broken = |reason: String| TransportError::Broken { host: "rapport.test:80".to_owned(), reason };
        let answer = match self.router.clone().oneshot(request.map(axum::body::Body::from)).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        };
        let (head, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.map_err(|error| broken(error.to_string()))?;
        Ok(Response::from_parts(head, body))
    }
}
