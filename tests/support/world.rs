//! A whole Rapport against simulated Close, Calendly and model, over HTTP on loopback. Nothing inside is mocked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use jiff::Timestamp;
use metrics_exporter_prometheus::PrometheusBuilder;
use rapport::cli::assemble;
use rapport::close::webhook::WebhookKeys;
use rapport::config::Config;
use rapport::engine::{Engine, Subscriptions};
use rapport::runtime::clock::{ManualTime, until};
use rapport::runtime::http::Request;
use rapport::runtime::{Clock, Http, Random, Tasks};
use rapport::sim::close::LeadSeed;
use rapport::sim::{self, Simulators};
use rapport::store::Store;
use rapport::store::desk::DeskThread;
use rapport::web::{self, App, DeskSettings, Limits};
use tempfile::TempDir;
use tokio::net::TcpListener;

use super::postgres;

/// A Tuesday morning in every US zone: texts may go.
pub const MORNING: &str = "2026-12-01T18:00:00Z";
/// The lead's number.
pub const LEAD: &str = "+15205550142";
/// Our number.
pub const OURS: &str = "+15205550100";

/// Which database a story runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// How a story's Rapport is set up.
pub struct Setup {
    pub database: Database,
    /// More lines for `rapport.toml`.
    pub toml: String,
    /// Real time, for stories in which clients wait between retries; else the clock is moved by hand.
    pub real_time: bool,
    /// What strangers may take of its edge.
    pub limits: Limits,
    /// Whether texts say who writes and how to opt out, as they do by default. Most stories are about other words.
    pub notices: bool,
    /// The only number of ours that is answered; none for all.
    pub answers_only: Option<&'static str>,
}

impl Setup {
    /// Automatic, to a lead that was answered before or not.
    pub fn auto(database: Database) -> Self {
        Self::draft(database).with("[policy]\nmode = \"auto\"\nhold_first = false\n")
    }

    /// Draft mode, the default.
    pub fn draft(database: Database) -> Self {
        Self { database, toml: String::new(), real_time: false, limits: patient(), notices: false, answers_only: None }
    }

    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub fn with_notices(mut self) -> Self {
        self.notices = true;
        self
    }

    pub fn in_real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    pub fn with(mut self, toml: &str) -> Self {
        self.toml.push_str(toml);
        self
    }
}

/// A clock moved by hand. The desk and the edge have one of their own, so that whoever sleeps on the other one is the
/// engine.
struct Hand {
    engine: ManualTime,
    desk: ManualTime,
}

impl Hand {
    fn advance(&self, duration: Duration) {
        self.engine.advance(duration);
        self.desk.advance(duration);
    }
}

/// The engine's calls under way, by host, and the most there ever were at once.
#[derive(Clone, Default)]
pub struct Calls(Arc<Mutex<BTreeMap<String, (usize, usize)>>>);

impl Calls {
    /// The engine's way out, over `http`.
    fn through(&self, clock: &Clock, http: Http) -> Http {
        // Far longer than any limit of the engine's own.
        const LIMIT: Duration = Duration::from_hours(48);
        let calls = self.clone();
        let service = tower::service_fn(move |request: Request| {
            let (calls, http) = (calls.clone(), http.clone());
            async move {
                let _under_way = UnderWay::begin(calls, request.uri().authority().map(ToString::to_string));
                http.send(request, LIMIT).await
            }
        });
        Http::through(clock.clone(), service)
    }

    fn under_way(&self) -> usize {
        self.0.lock().expect("no panic held it").values().map(|(now, _)| now).sum()
    }

    /// The most calls to the server at `address` that were ever under way at once.
    pub fn most_at_once(&self, address: &str) -> usize {
        let host = address.trim_start_matches("http://");
        self.0.lock().expect("no panic held it").get(host).map_or(0, |(_, most)| *most)
    }
}

struct UnderWay {
    calls: Calls,
    host: String,
}

impl UnderWay {
    fn begin(calls: Calls, host: Option<String>) -> Self {
        let host = host.unwrap_or_default();
        let mut counts = calls.0.lock().expect("no panic held it");
        let (now, most) = counts.entry(host.clone()).or_default();
        *now += 1;
        *most = (*most).max(*now);
        drop(counts);
        Self { calls, host }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.calls.0.lock().expect("no panic held it");
        counts.entry(self.host.clone()).and_modify(|(now, _)| *now -= 1);
    }
}

/// The usual limits, but a connection may idle for as long as a story moves the clock on at once: a webhook that finds its
/// connection closed comes a minute later, and that is another story.
fn patient() -> Limits {
    Limits { idle: Duration::from_hours(24 * 365), ..Limits::default() }
}

pub struct World {
    pub clock: Clock,
    time: Option<Hand>,
    pub sims: Simulators,
    pub engine: Engine,
    pub store: Store,
    /// Where this Rapport listens.
    pub address: String,
    /// Its subscriptions at Close and Calendly.
    pub subscriptions: Subscriptions,
    /// Its subscription at Close.
    pub subscription_id: String,
    /// The address of its database.
    pub database: String,
    /// The key that signs Close's webhooks to it.
    pub webhook_key: String,
    /// Where the model listens.
    pub model_address: String,
    pub calls: Calls,
    http: Http,
    tasks: Tasks,
    _folder: TempDir,
}

impl World {
    pub async fn new(setup: Setup) -> Self {
        let (clock, desk_clock, time) = if setup.real_time {
            (Clock::system(), Clock::system(), None)
        } else {
            let (clock, engine) = Clock::manual(MORNING.parse().expect("an instant"));
            let (desk_clock, desk) = Clock::manual(MORNING.parse().expect("an instant"));
            (clock, desk_clock, Some(Hand { engine, desk }))
        };
        let random = Random::seeded(7);
        let tasks = Tasks::new();
        let http = Http::network(clock.clone()).expect("a client");
        let sims = Simulators::new(clock.clone(), random.clone(), http.clone(), tasks.clone());
        people(&sims);
        let close = serve(sims.close.router(), &tasks).await;
        let calendly = serve(sims.calendly.router(), &tasks).await;
        let model = serve(sims.model.router(), &tasks).await;

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let (subscription_id, webhook_key) = sims.close.subscribe(&format!("{address}/webhooks/close"), WANTED);

        let folder = tempfile::tempdir().expect("a folder");
        let database = match setup.database {
            Database::Sqlite => format!("sqlite:{}", folder.path().join("rapport.db").display()),
            Database::Postgres => postgres::new_database().await,
        };
        let toml = configuration(&database, &close, &calendly, &model, &setup.toml);
        let quiet = [("RAPPORT__POLICY__INTRODUCE", "false"), ("RAPPORT__POLICY__OPT_OUT_NOTICE", "never")];
        let env =
            quiet.iter().filter(|_| !setup.notices).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let env = env.chain(setup.answers_only.map(|number| ("RAPPORT__CLOSE__NUMBERS".to_owned(), number.to_owned())));
        let config = Config::parse(Some(&toml), Path::new("story.toml"), env).expect("a configuration");
        let calls = Calls::default();
        let outward = calls.through(&clock, http.clone());
        let parts = assemble::World { clock: clock.clone(), random: random.clone(), http: outward };
        let store = Store::open(&database, "story", clock.clone(), random.clone()).await.expect("a store");
        store.migrate().await.expect("tables");
        let engine = assemble::engine(&config, &parts, store.clone()).expect("an engine");
        let app = App { clock: desk_clock.clone(), ..app(&engine, &webhook_key, &tasks) };
        let router = web::router(app);
        let (limits, time_of_edge, serving) = (setup.limits, desk_clock, tasks.clone());
        tasks.spawn(async move { web::serve(listener, router, limits, time_of_edge, &serving).await });
        let subscriptions = assemble::subscriptions(&config, &parts, store.clone(), engine.close.clone());
        let subscriptions = Subscriptions {
            public_url: Some(address.clone()),
            close_key_configured: true,
            ..subscriptions.expect("subscriptions")
        };
        Self {
            clock,
            time,
            sims,
            engine,
            store,
            address,
            subscriptions,
            subscription_id,
            database,
            webhook_key,
            model_address: model,
            calls,
            http,
            tasks,
            _folder: folder,
        }
    }

    /// Another process of the same Rapport, working on the same database.
    pub async fn another_process(&self) -> Engine {
        let store =
            Store::open(&self.database, "story", self.clock.clone(), Random::seeded(11)).await.expect("a store");
        Engine { store, owner: "another".to_owned(), ..self.engine.clone() }
    }

    /// The lead texts; Close's webhook arrives.
    pub async fn lead_texts(&self, text: &str) -> String {
        let id = self.sims.close.lead_texts(LEAD, OURS, text);
        self.sims.close.deliver_webhooks().await;
        id
    }

    /// Moves the clock; nobody is at work meanwhile.
    pub fn time_passes(&self, duration: Duration) {
        self.time.as_ref().expect("a story with a clock moved by hand").advance(duration);
    }

    /// When the earliest of those who wait for the clock wants to go on.
    pub fn next_wake(&self) -> Option<Timestamp> {
        self.time.as_ref().expect("a story with a clock moved by hand").engine.next_wake()
    }

    /// Lets everything happen that is due now.
    pub async fn settle(&self) {
        loop {
            self.sims.close.deliver_webhooks().await;
            let steps = self.drive(Box::pin(self.engine.run_due())).await.expect("the store works");
            if steps > 0 {
                continue;
            }
            if self.sims.close.webhooks_outstanding() == 0 {
                return;
            }
            // A connection that idled while the clock was moved on is closed; whoever finds that out tries again.
            self.sims.close.retry_webhooks().await;
        }
    }

    /// Runs the engine's `work`. A clock that is moved by hand is moved on whenever the work waits for it, between two
    /// tries of a call.
    pub async fn drive<T>(&self, work: impl Future<Output = T>) -> T {
        const LOOK: Duration = Duration::from_millis(1);
        let real = Clock::system();
        tokio::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                () = real.sleep(LOOK) => {}
            }
            if let Some(time) = self.time.as_ref().filter(|_| self.calls.under_way() == 0)
                && let Some(at) = time.engine.next_wake()
            {
                time.advance(until(self.clock.now(), at));
            }
        }
    }

    /// Lets `duration` pass as a process lives through it: every `step` the event log is read and what has come due is
    /// done.
    pub async fn live(&self, duration: Duration, step: Duration) {
        let end = self.clock.now().checked_add(duration).expect("in range");
        while self.clock.now() < end {
            let left = until(self.clock.now(), end);
            self.time.as_ref().expect("a story with a clock moved by hand").advance(step.min(left));
            // Close may be down; then the log is read the next time.
            let _ = self.drive(Box::pin(self.engine.catch_up())).await;
            self.settle().await;
        }
    }

    /// Runs the worker, as `rapport serve` does.
    pub fn start_worker(&self) {
        self.tasks.spawn(self.engine.clone().work(self.tasks.clone()));
    }

    /// Makes the tasks of handoffs that are due, as the process does every few seconds.
    pub async fn make_tasks(&self) {
        while self.drive(Box::pin(self.engine.make_due_tasks())).await.expect("the store works") > 0 {}
    }

    /// The tasks that tell people of handoffs, oldest first.
    pub fn tasks(&self) -> Vec<serde_json::Value> {
        self.sims.close.tasks().into_iter().filter(|task| task["_type"] == "lead").collect()
    }

    /// Moves the clock and lets everything happen that has come due.
    pub async fn after(&self, duration: Duration) {
        self.time_passes(duration);
        self.settle().await;
    }

    /// The lead texts and the wait for more texts passes.
    pub async fn conversation_turn(&self, text: &str) {
        self.lead_texts(text).await;
        self.settle().await;
        self.after(Duration::from_secs(8)).await;
    }

    /// The wait for more texts passes, the model is asked, `meanwhile` happens, and then the model answers.
    pub async fn while_the_model_thinks(&self, meanwhile: impl AsyncFnOnce()) {
        // Shorter than the wait for more texts, which a text that comes meanwhile begins anew.
        const THINKS: Duration = Duration::from_secs(3);
        let asked = self.sims.model.requests().len();
        self.sims.model.set_think_time(THINKS);
        let asking = self.after(Duration::from_secs(8));
        let thinking = async {
            while self.sims.model.requests().len() == asked {
                tokio::task::yield_now().await;
            }
            self.sims.model.set_think_time(Duration::ZERO);
            meanwhile().await;
            self.time_passes(THINKS);
        };
        tokio::join!(asking, thinking);
    }

    /// In real time: lets things happen until `done` holds.
    pub async fn until(&self, what: &str, done: impl Fn(&DeskThread) -> bool) -> DeskThread {
        let give_up = self.clock.now().checked_add(Duration::from_mins(1)).expect("in range");
        loop {
            self.settle().await;
            if let Some(thread) = self.try_thread().await.filter(|thread| done(thread)) {
                return thread;
            }
            assert!(self.clock.now() < give_up, "waited a minute for: {what}");
            self.clock.sleep(Duration::from_millis(20)).await;
        }
    }

    /// Every text that really left, oldest first.
    pub fn sent(&self) -> Vec<String> {
        self.sims
            .close
            .texts_sent()
            .into_iter()
            .filter(|sent| sent.api_key_id.is_some())
            .map(|sent| sent.text)
            .collect()
    }

    pub async fn thread(&self) -> DeskThread {
        self.try_thread().await.expect("a conversation")
    }

    async fn try_thread(&self) -> Option<DeskThread> {
        self.thread_with(LEAD).await
    }

    /// The conversation with another number than [`LEAD`].
    pub async fn thread_with(&self, phone: &str) -> Option<DeskThread> {
        let conversation = self.store.find_conversation(phone).await.expect("the store works")?;
        self.store.thread(&conversation.id).await.expect("the store works")
    }

    /// The id of the draft that waits.
    pub async fn waiting_draft(&self) -> String {
        let thread = self.thread().await;
        let waiting = thread.drafts.iter().rfind(|draft| draft.state.as_str() == "waiting");
        waiting.expect("a draft that waits").id.clone()
    }

    /// Queues what the model will answer next.
    pub fn model_answers(&self, text: &str, intent: &str) {
        self.sims.model.push_json(proposal(text, intent));
    }

    /// A page of this Rapport.
    pub async fn get(&self, path: &str) -> (u16, String) {
        let request = http::Request::get(format!("{}{path}", self.address)).body(Bytes::new()).expect("a request");
        let answer = self.http.send(request, Duration::from_secs(30)).await.expect("an answer");
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// Sends a form of the desk, as the desk's own page does.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let request = http::Request::post(format!("{}{path}", self.address))
            .header("content-type", "application/x-www-form-urlencoded")
            .header("origin", &self.address)
            .header("sec-fetch-site", "same-origin")
            .body(Bytes::from(form.finish()))
            .expect("a request");
        self.http.send(request, Duration::from_secs(30)).await.expect("an answer").status().as_u16()
    }

    /// Sends a webhook body with the headers given.
    pub async fn post_webhook(&self, headers: &[(&str, &str)], body: &str) -> u16 {
        let mut request = http::Request::post(format!("{}/webhooks/close", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_owned())).expect("a request");
        self.http.send(request, Duration::from_secs(30)).await.expect("an answer").status().as_u16()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

const WANTED: &[(&str, &str)] = &[
    ("activity.sms", "created"),
    ("activity.sms", "updated"),
    ("activity.sms", "deleted"),
    ("activity.sms", "sent"),
    ("lead", "merged"),
    ("contact", "updated"),
];

/// A proposal as a model writes it.
pub fn proposal(text: &str, intent: &str) -> serde_json::Value {
    serde_json::json!({
        "text": text, "intent": intent, "facts_used": [], "slots_named": [], "wants_human": false,
        "opt_out": false, "confidence": 0.9, "reason": "It answers the question.",
    })
}

fn people(sims: &Simulators) {
    sims.close.add_api_key("api_story", &sims.close.admin());
    sims.close.add_number(OURS, "internal", &sims.close.admin());
    sims.close.add_lead(LeadSeed {
        name: "Saguaro Bakery".to_owned(),
        contact: "Maria Lopez".to_owned(),
        phone: LEAD.to_owned(),
        email: Some("maria@saguaro-bakery.example".to_owned()),
        city: Some(("Tucson".to_owned(), "AZ".to_owned())),
        timezone: Some("America/Phoenix".to_owned()),
        ..LeadSeed::default()
    });
    sims.calendly.set_token("cal_story");
}

async fn serve(router: Router, tasks: &Tasks) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = tasks.clone();
    tasks.spawn(async move { sim::serve(listener, router, &serving).await });
    address
}

fn configuration(database: &str, close: &str, calendly: &str, model: &str, more: &str) -> String {
    format!(
        "[database]\nurl = \"{database}\"\n\
         [organisation]\nname = \"Northwind Solar\"\nagent_name = \"Sam\"\ntimezone = \"America/Phoenix\"\n\
         [close]\nbase_url = \"{close}\"\napi_key = \"api_story\"\n\
         [calendly]\nbase_url = \"{calendly}\"\ntoken = \"cal_story\"\nevent_type = \"intro-call\"\n\
         [models.main]\nbase_url = \"{model}/v1\"\nmodel = \"scripted\"\nencoding = \"o200k_base\"\n{more}"
    )
}

pub fn app(engine: &Engine, webhook_key: &str, tasks: &Tasks) -> App {
    let key = secrecy::SecretString::from(webhook_key.to_owned());
    App {
        engine: engine.clone(),
        store: engine.store.clone(),
        clock: engine.clock.clone(),
        close_keys: Arc::new(WebhookKeys::new([key]).expect("a key")),
        calendly_keys: Arc::from(Vec::new()),
        desk: DeskSettings { reviewer: "Robin".to_owned(), ..DeskSettings::default() },
        metrics: PrometheusBuilder::new().build_recorder().handle(),
        tasks: tasks.clone(),
    }
}

/// An instant some time after the story's morning.
pub fn at(minutes: i64) -> Timestamp {
    let morning: Timestamp = MORNING.parse().expect("an instant");
    morning.checked_add(jiff::SignedDuration::from_mins(minutes)).expect("in range")
}
