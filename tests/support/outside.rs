//! Simulated Close, Calendly and model on loopback sockets, in real time, for the real binary.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use bytes::Bytes;
use rapport::runtime::{Clock, Http, Random, Tasks};
use rapport::sim::close::{API_KEY, LeadSeed, OUR_NUMBER};
use rapport::sim::{self, Simulators};
use tokio::net::TcpListener;

use super::postgres;
use super::program::Workshop;
use super::world::Database;

/// The lead's number.
pub const LEAD: &str = "+15205550142";

pub struct Outside {
    pub sims: Simulators,
    pub clock: Clock,
    http: Http,
    tasks: Tasks,
    close: String,
    model: String,
    /// The address that stands for `https://…` in front of a service, and where it leads.
    door: String,
    behind_door: Arc<Mutex<Vec<String>>>,
}

impl Outside {
    pub async fn new() -> Self {
        let clock = Clock::system();
        let tasks = Tasks::new();
        let http = Http::network(clock.clone()).expect("a client");
        let sims = Simulators::new(clock.clone(), Random::system(), http.clone(), tasks.clone());
        sims.close.add_lead(LeadSeed {
            name: "Saguaro Bakery".to_owned(),
            contact: "Maria Lopez".to_owned(),
            phone: LEAD.to_owned(),
            timezone: Some("America/Phoenix".to_owned()),
            ..LeadSeed::default()
        });
        let close = serve(sims.close.router(), &tasks).await;
        let model = serve(sims.model.router(), &tasks).await;
        let behind_door = Arc::new(Mutex::new(Vec::new()));
        let door = serve(front_door(http.clone(), behind_door.clone()), &tasks).await;
        Self { sims, clock, http, tasks, close, model, door, behind_door }
    }

    /// A workshop whose service uses `database` and takes the simulator's webhooks, told through `webhooks sync`. `more`
    /// begins with keys of `[engine]`. With it comes the address of its database, from anywhere.
    pub async fn workshop(&self, database: Database, more: &str) -> (Workshop, String) {
        let inside = match database {
            Database::Sqlite => "sqlite:rapport.db".to_owned(),
            Database::Postgres => postgres::new_database().await,
        };
        let workshop = Workshop::new(&self.toml(&inside, more));
        let made = workshop.run(&["migrate"]);
        assert_eq!(made.code, Some(0), "{}", made.err);
        let synced = workshop.run(&["webhooks", "sync"]);
        assert_eq!(synced.code, Some(0), "{}", synced.err);
        let url = match database {
            Database::Sqlite => format!("sqlite:{}", workshop.path("rapport.db").display()),
            Database::Postgres => inside,
        };
        (workshop, url)
    }

    /// A `rapport.toml` that points here, listening on any free port.
    pub fn toml(&self, database: &str, more: &str) -> String {
        format!(
            "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"{}\"\n\
             [database]\nurl = \"{database}\"\n\
             [close]\nbase_url = \"{}\"\napi_key = \"{API_KEY}\"\n\
             [models.main]\nbase_url = \"{}\"\nmodel = \"scripted\"\n\
             [engine]\nwait = \"200ms\"\nevent_log_poll = \"500ms\"\n{more}",
            self.door, self.close, self.model
        )
    }

    /// From now on the public address leads to `service`, as a reverse proxy does.
    pub fn open_door_to(&self, service: &str) {
        self.open_doors_to(vec![service.to_owned()]);
    }

    /// From now on the public address leads to each of `services` in turn, as a load balancer does.
    pub fn open_doors_to(&self, services: Vec<String>) {
        *self.behind_door.lock().expect("no panic held it") = services;
    }

    /// From now on configurations name this model.
    pub async fn use_model(&mut self, router: Router) {
        self.model = serve(router, &self.tasks).await;
    }

    /// The lead texts; the webhook goes to whoever subscribed.
    pub async fn lead_texts(&self, text: &str) {
        self.sims.close.lead_texts(LEAD, OUR_NUMBER, text);
        self.sims.close.deliver_webhooks().await;
    }

    /// Waits until `done` holds, delivering webhooks meanwhile.
    pub async fn until(&self, what: &str, mut done: impl AsyncFnMut() -> bool) {
        let give_up = self.clock.now().checked_add(Duration::from_mins(1)).expect("in range");
        while !done().await {
            assert!(self.clock.now() < give_up, "waited a minute for: {what}");
            self.sims.close.deliver_webhooks().await;
            self.clock.sleep(Duration::from_millis(25)).await;
        }
    }

    /// Every text that Rapport really sent.
    pub fn sent(&self) -> Vec<String> {
        self.sims
            .close
            .texts_sent()
            .into_iter()
            .filter(|sent| sent.api_key_id.is_some())
            .map(|sent| sent.text)
            .collect()
    }

    pub async fn get(&self, url: &str) -> (u16, String) {
        let request = http::Request::get(url).body(Bytes::new()).expect("a request");
        self.exchange(request).await
    }

    pub async fn post_json(&self, url: &str, body: serde_json::Value) -> (u16, String) {
        let request = http::Request::post(url)
            .header("content-type", "application/json")
            .body(Bytes::from(body.to_string()))
            .expect("a request");
        self.exchange(request).await
    }

    async fn exchange(&self, request: rapport::runtime::http::Request) -> (u16, String) {
        let answer = self.send(request).await;
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// Any request, and its whole answer.
    pub async fn send(&self, request: rapport::runtime::http::Request) -> http::Response<Bytes> {
        self.http.send(request, Duration::from_secs(30)).await.expect("an answer")
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        self.tasks.stop();
    }
}

/// Hands every request on to the service behind it.
fn front_door(http: Http, behind: Arc<Mutex<Vec<String>>>) -> Router {
    Router::new().fallback(async move |request: axum::extract::Request| {
        let target = {
            let mut services = behind.lock().expect("no panic held it");
            let several = usize::from(services.len() > 1);
            services.rotate_left(several);
            services.first().cloned()
        };
        let Some(target) = target else { return StatusCode::BAD_GATEWAY.into_response() };
        let (mut head, body) = request.into_parts();
        let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        head.uri = format!("{target}{path}").parse().expect("an address");
        head.headers.remove("host");
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
        match http.send(http::Request::from_parts(head, body), Duration::from_secs(30)).await {
            Ok(answer) => answer.status().into_response(),
            Err(_) => StatusCode::BAD_GATEWAY.into_response(),
        }
    })
}

async fn serve(router: Router, tasks: &Tasks) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let serving = tasks.clone();
    tasks.spawn(async move { sim::serve(listener, router, &serving).await });
    address
}
