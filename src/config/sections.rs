//! The sections other than the models.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::reader::Reader;
use super::scalar::duration;
use crate::conversation::acknowledge::wording_problem;
use crate::conversation::{Intent, Mode, Organisation, Policy, Statuses};
use crate::llm::price;
use crate::sms::zones::time_zone;
use crate::sms::{Disclosure, Phone, State};

/// `[server]`.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// The address to listen on.
    pub listen: String,
    /// The address at which Close and reps reach Rapport.
    pub public_url: Option<String>,
    /// Connections open at once.
    pub connections: usize,
}

/// `[database]`.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite:…` or `postgres://…`, with its password.
    pub url: String,
}

impl fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let engine = self.url.split(':').next().unwrap_or_default();
        write!(f, "DatabaseConfig({engine}:…)")
    }
}

/// `[close]`.
#[derive(Debug, Clone)]
pub struct CloseConfig {
    /// The API's address.
    pub base_url: String,
    /// The API key.
    pub api_key: Option<SecretString>,
    /// Every key that signs webhooks; several while they are being changed.
    pub webhook_key: Vec<SecretString>,
    /// The numbers of ours that are answered, E.164; empty for all.
    pub numbers: Vec<String>,
    /// Time allowed for one try.
    pub timeout: Duration,
    /// Whether missed events are read from the event log.
    pub event_log: bool,
}

/// `[calendly]`.
#[derive(Debug, Clone)]
pub struct CalendlyConfig {
    /// The API's address.
    pub base_url: String,
    /// The personal access token.
    pub token: Option<SecretString>,
    /// The event type to offer: its URI, id, slug or page. None for no calendar.
    pub event_type: Option<String>,
    /// Every key that signs webhooks.
    pub webhook_key: Vec<SecretString>,
    /// How many days ahead times are offered.
    pub days: u32,
    /// How many times are offered.
    pub slots: usize,
    /// Time allowed for one try.
    pub timeout: Duration,
}

/// `[engine]`.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// The wait for more texts, after the newest.
    pub wait: Duration,
    /// The wait for more texts, at most, after the oldest.
    pub max_wait: Duration,
    /// How often due conversations are looked for.
    pub poll: Duration,
    /// How long a claim holds without a heartbeat.
    pub lease: Duration,
    /// Conversations worked on at once.
    pub concurrency: usize,
    /// Attempts at a turn before a person is asked.
    pub attempts: u32,
    /// How often Close's event log is read.
    pub event_log_poll: Duration,
    /// How far back it is read again each time.
    pub overlap: Duration,
    /// How often the webhook subscriptions are looked at.
    pub webhook_check: Duration,
    /// How often what Close holds is compared with what Rapport holds.
    pub reconcile_every: Duration,
    /// How long turns under way may take when the process is asked to stop.
    pub drain: Duration,
}

/// `[handoff]`.
#[derive(Debug, Clone)]
pub struct HandoffConfig {
    /// Whether a task is made at Close.
    pub task: bool,
    /// The lead's custom field that names its owner.
    pub owner_field: Option<String>,
    /// The user who gets the tasks of leads without an owner.
    pub assign_to: Option<String>,
    /// How long after the handoff the task is due.
    pub due: Duration,
    /// What the lead is told meanwhile.
    pub acknowledge: Option<String>,
}

/// `[budget]`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BudgetConfig {
    /// Dollars a day.
    pub daily_usd: Option<f64>,
    /// Dollars a month.
    pub monthly_usd: Option<f64>,
    /// Dollars a conversation.
    pub conversation_usd: Option<f64>,
}

impl BudgetConfig {
    /// True when there is any cap.
    #[must_use]
    pub fn any(&self) -> bool {
        self.daily_usd.or(self.monthly_usd).or(self.conversation_usd).is_some()
    }
}

/// `[desk]`.
#[derive(Debug, Clone)]
pub struct DeskConfig {
    /// Needed on any address but loopback.
    pub password: Option<SecretString>,
    /// The name on what is decided when nobody logs in.
    pub reviewer: String,
}

/// `[prompts]`.
#[derive(Debug, Clone, Default)]
pub struct PromptsConfig {
    /// The folder of prompt files; none for those shipped with the program.
    pub folder: Option<PathBuf>,
}

/// No request ends sooner than this; a shorter limit would fail every one.
pub(super) const TIMEOUT_MIN: Duration = Duration::from_millis(100);

pub(super) fn server(reader: &mut Reader) -> ServerConfig {
    let listen = reader.parsed("server.listen", listen_address).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
    ServerConfig {
        listen,
        public_url: reader.parsed("server.public_url", public_address),
        connections: usize::try_from(reader.count_or("server.connections", 16..=60_000, 512)).unwrap_or(512),
    }
}

fn listen_address(text: &str) -> Result<String, String> {
    let full = if text.starts_with(':') { format!("127.0.0.1{text}") } else { text.to_owned() };
    let (host, port) = full.rsplit_once(':').ok_or("has no port; write host:port, such as \"127.0.0.1:8080\"")?;
    port.parse::<u16>().map_err(|_| "has no valid port; write host:port, such as \"127.0.0.1:8080\"")?;
    if host.is_empty() || host.contains('/') {
        return Err("is not host:port; write it without http://, such as \"127.0.0.1:8080\"".to_owned());
    }
    Ok(full)
}

pub(super) fn web_address(text: &str) -> Result<String, String> {
    match url::Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("must not hold a user or password; take them out, secrets have keys of their own".to_owned())
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err("is not an address; write it with https://".to_owned()),
    }
}

/// The address to which the paths of webhooks and of the desk are added.
fn public_address(text: &str) -> Result<String, String> {
    let address = web_address(text)?;
    let alone = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let hooks = ["/webhooks/close", "/webhooks/calendly"];
    let begins = hooks.iter().find_map(|hook| alone.strip_suffix(hook)).unwrap_or(alone);
    if begins == address {
        return Ok(address);
    }
    Err(format!(
        "is more than the address, to which /webhooks/close and the desk's paths are added; write \"{begins}\""
    ))
}

/// The desk shows what leads wrote: beyond loopback it needs a password.
pub(super) fn check_exposure(server: &ServerConfig, desk: &DeskConfig, reader: &mut Reader) {
    let host = server.listen.rsplit_once(':').map_or("", |(host, _)| host);
    let loopback = host == "localhost"
        || server.listen.parse::<SocketAddr>().is_ok_and(|address| address.ip().is_loopback())
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback());
    if !loopback && desk.password.is_none() {
        reader.complain_at(
            "desk.password",
            "server.listen",
            format!(
                "is not set, and server.listen is {}, which others can reach: set desk.password (or desk.password_file), \
                 or listen on 127.0.0.1",
                server.listen
            ),
        );
    }
}

pub(super) fn organisation(reader: &mut Reader) -> Organisation {
    let default = Organisation::default();
    let timezone = reader.parsed("organisation.timezone", |text| {
        time_zone(text)
            .map(|_| text.to_owned())
            .ok_or_else(|| "is not an IANA zone; write one such as \"America/Denver\"".to_owned())
    });
    Organisation {
        name: reader.text_or("organisation.name", &default.name),
        agent_name: reader.text_or("organisation.agent_name", &default.agent_name),
        offer: reader.text_or("organisation.offer", &default.offer),
        timezone: timezone.unwrap_or(default.timezone),
        language: reader.text_or("organisation.language", &default.language),
    }
}

pub(super) fn database(reader: &mut Reader) -> DatabaseConfig {
    let url = reader.text_or("database.url", "sqlite:rapport.db");
    // The address may hold a password, so it is not repeated.
    if !["sqlite:", "postgres://", "postgresql://"].iter().any(|start| url.starts_with(start)) {
        let words = "does not name a database; write \"sqlite:rapport.db\" or \"postgres://user:password@host/name\"";
        reader.complain("database.url", words);
    }
    DatabaseConfig { url }
}

pub(super) fn close(reader: &mut Reader) -> CloseConfig {
    let webhook_key = reader.secrets("close.webhook_key");
    if webhook_key.iter().any(|key| hex::decode(key.expose_secret()).is_err()) {
        reader.complain(
            &reader.secret_source("close.webhook_key"),
            "is not hexadecimal: copy the signature_key that Close told when the subscription was made",
        );
    }
    CloseConfig {
        base_url: reader
            .parsed("close.base_url", web_address)
            .unwrap_or_else(|| "https://api.close.com/api/v1".to_owned()),
        api_key: reader.secret("close.api_key", Some("CLOSE_API_KEY")),
        webhook_key,
        numbers: numbers(reader),
        timeout: reader.duration_from("close.timeout", TIMEOUT_MIN, Duration::from_secs(15)),
        event_log: reader.flag_or("close.event_log", true),
    }
}

fn numbers(reader: &mut Reader) -> Vec<String> {
    let mut numbers = Vec::new();
    for text in reader.list("close.numbers") {
        match Phone::parse(&text) {
            Ok(phone) => numbers.push(phone.to_string()),
            Err(error) => reader.complain("close.numbers", format!("{text:?}: {error}")),
        }
    }
    numbers
}

pub(super) fn calendly(reader: &mut Reader) -> CalendlyConfig {
    CalendlyConfig {
        base_url: reader
            .parsed("calendly.base_url", web_address)
            .unwrap_or_else(|| "https://api.calendly.com".to_owned()),
        token: reader.secret("calendly.token", Some("CALENDLY_TOKEN")),
        event_type: reader.text("calendly.event_type"),
        webhook_key: reader.secrets("calendly.webhook_key"),
        days: reader.count_or("calendly.days", 1..=60, 7),
        slots: usize::try_from(reader.count_or("calendly.slots", 1..=50, 6)).unwrap_or(6),
        timeout: reader.duration_from("calendly.timeout", TIMEOUT_MIN, Duration::from_secs(15)),
    }
}

pub(super) fn engine(reader: &mut Reader) -> EngineConfig {
    let poll = reader.duration_from("engine.poll", Duration::from_millis(10), Duration::from_secs(1));
    let lease = reader.duration_from("engine.lease", Duration::from_secs(1), Duration::from_mins(1));
    let event_log_poll =
        reader.duration_from("engine.event_log_poll", Duration::from_millis(100), Duration::from_mins(1));
    let wait = reader.duration_or("engine.wait", Duration::from_secs(8));
    let max_wait = reader.duration_or("engine.max_wait", Duration::from_secs(45).max(wait));
    if max_wait < wait {
        let words =
            format!("\"{max_wait:?}\" is shorter than engine.wait, which is \"{wait:?}\": write at least as much");
        reader.complain("engine.max_wait", words);
    }
    EngineConfig {
        wait,
        max_wait,
        poll,
        lease,
        concurrency: usize::try_from(reader.count_or("engine.concurrency", 1..=10_000, 16)).unwrap_or(16),
        attempts: reader.count_or("engine.attempts", 1..=100, 5),
        event_log_poll,
        overlap: reader.duration_or("engine.overlap", Duration::from_mins(5)),
        webhook_check: reader.duration_from("engine.webhook_check", Duration::from_millis(100), Duration::from_mins(5)),
        reconcile_every: reader.duration_from(
            "engine.reconcile_every",
            Duration::from_mins(1),
            Duration::from_hours(24),
        ),
        drain: reader.duration_or("engine.drain", Duration::from_secs(20)),
    }
}

fn mode(text: &str) -> Result<Mode, String> {
    Mode::parse(text).ok_or_else(|| "is not a mode; write \"off\", \"draft\" or \"auto\"".to_owned())
}

fn intent_mode(reader: &mut Reader, intent: Intent) -> Option<Mode> {
    reader.parsed(&format!("policy.intents.{intent}"), |text| match mode(text)? {
        Mode::Auto if intent.is_never_auto() => {
            Err("is not allowed here: such texts always go to a person; write \"draft\" or \"off\"".to_owned())
        }
        mode => Ok(mode),
    })
}

pub(super) fn policy(reader: &mut Reader) -> Policy {
    let default = Policy::default();
    let intents = Intent::ALL.iter().filter_map(|intent| Some((*intent, intent_mode(reader, *intent)?))).collect();
    Policy {
        mode: reader.parsed("policy.mode", mode).unwrap_or(default.mode),
        intents,
        statuses: statuses(reader),
        hold_first: reader.flag_or("policy.hold_first", default.hold_first),
        lead_daily_cap: reader.count_or("policy.lead_daily_cap", .., default.lead_daily_cap),
        hourly_cap: reader.count_or("policy.hourly_cap", .., default.hourly_cap),
        daily_cap: reader.count_or("policy.daily_cap", .., default.daily_cap),
        segments_max: reader.count_or("policy.segments_max", 1..=10, default.segments_max),
        takeover: reader.duration_or("policy.takeover", default.takeover),
        fresh_reply: reader.duration_or("hours.fresh_reply", default.fresh_reply),
        late_after: reader.duration_or("policy.late_after", default.late_after),
        disclosure: reader.parsed("policy.disclosure", disclosure).unwrap_or(default.disclosure),
        disclosure_in: disclosure_in(reader),
        introduce: reader.flag_or("policy.introduce", default.introduce),
        opt_out_notice: reader.parsed("policy.opt_out_notice", opt_out_notice).unwrap_or(default.opt_out_notice),
        link_hosts: link_hosts(reader),
    }
}

fn statuses(reader: &mut Reader) -> Statuses {
    let default = Statuses::default();
    Statuses {
        draft: reader.list_or("policy.statuses_draft", default.draft),
        off: reader.list_or("policy.statuses_off", default.off),
    }
}

fn disclosure(text: &str) -> Result<Disclosure, String> {
    Disclosure::parse(text)
        .ok_or_else(|| "is not a disclosure; write \"none\", \"on_ask\" or \"first_message\"".to_owned())
}

fn disclosure_in(reader: &mut Reader) -> BTreeMap<State, Disclosure> {
    let of = |state: State| Some((state, reader.parsed_in("policy.disclosure_in", state.code(), None, disclosure)?));
    State::with_territories().filter_map(of).collect()
}

fn opt_out_notice(text: &str) -> Result<Option<Duration>, String> {
    match text {
        "never" => Ok(None),
        other => duration(other).map(Some).map_err(|words| format!("{words}, or \"never\"")),
    }
}

pub(super) fn handoff(reader: &mut Reader) -> HandoffConfig {
    let user = |text: &str| match text.strip_prefix("user_") {
        Some(rest) if !rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphanumeric()) => Ok(text.to_owned()),
        _ => Err("is not the id of a Close user; write one such as \"user_5Ab\", as Close's API lists it".to_owned()),
    };
    HandoffConfig {
        task: reader.flag_or("handoff.task", true),
        owner_field: reader.text("handoff.owner_field"),
        assign_to: reader.parsed("handoff.assign_to", user),
        due: reader.duration_or("handoff.due", Duration::from_hours(4)),
        acknowledge: reader.text("handoff.acknowledge"),
    }
}

/// Words that no check would ever let through must not wait for the first lead to be noticed.
pub(super) fn check_acknowledgement(
    handoff: &HandoffConfig,
    organisation: &Organisation,
    policy: &Policy,
    reader: &mut Reader,
) {
    let problem = handoff.acknowledge.as_deref().and_then(|words| wording_problem(words, organisation, policy));
    if let Some(problem) = problem {
        reader.complain("handoff.acknowledge", format!("could never be sent: {problem} Write it differently"));
    }
}

fn link_hosts(reader: &mut Reader) -> Vec<String> {
    let hosts = reader.list("policy.link_hosts");
    for host in hosts.iter().filter(|host| host.contains(['/', ':', ' '])) {
        let bare = url::Url::parse(host).ok().and_then(|url| url.host_str().map(str::to_owned));
        let write = bare.unwrap_or_else(|| "juniper.example".to_owned());
        reader
            .complain("policy.link_hosts", format!("{host:?} is not a host; write the name alone, such as {write:?}"));
    }
    hosts
}

pub(super) fn budget(reader: &mut Reader) -> BudgetConfig {
    let mut cap = |key: &str| {
        let dollars = reader.amount(key)?;
        if price::microusd(dollars).is_none() {
            reader.complain(key, "is above a million dollars: write the cap in dollars, or leave it out");
        }
        Some(dollars)
    };
    BudgetConfig {
        daily_usd: cap("budget.daily_usd"),
        monthly_usd: cap("budget.monthly_usd"),
        conversation_usd: cap("budget.conversation_usd"),
    }
}

pub(super) fn desk(reader: &mut Reader) -> DeskConfig {
    DeskConfig { password: reader.secret("desk.password", None), reviewer: reader.text_or("desk.reviewer", "rep") }
}

pub(super) fn prompts(reader: &mut Reader) -> PromptsConfig {
    PromptsConfig { folder: reader.text("prompts.folder").map(PathBuf::from) }
}
