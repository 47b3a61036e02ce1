//! `rapport serve`: the service.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use super::assemble::{self, World};
use crate::close::webhook::WebhookKeys;
use crate::config::{Config, EngineConfig};
use crate::engine::{Engine, Subscriptions};
use crate::runtime::{Clock, Tasks, telemetry};
use crate::web::{self, App, DeskSettings};

/// How long turns under way may take to end after the first signal.
const DRAIN_MAX: Duration = Duration::from_secs(20);

/// Serves until a signal.
///
/// # Errors
/// When the configuration is incomplete, the database cannot be reached or the address is taken.
pub async fn run(config: Config) -> anyhow::Result<()> {
    config.require_serve()?;
    let world = World::real()?;
    let store = assemble::open_store(&config).await?;
    let keys = assemble::webhook_secrets(&config, &store).await?;
    let hears_nothing = keys.close.is_empty();
    let engine = assemble::engine(&config, &world, store)?;
    let listener = TcpListener::bind(&config.server.listen).await.with_context(|| {
        format!("cannot listen on {}: choose another address with server.listen", config.server.listen)
    })?;
    let address = listener.local_addr()?;
    let tasks = Tasks::new();
    let router = web::router(app(&config, &engine, keys, &tasks)?);
    start_engine(&engine, &tasks, config.close.event_log);
    let subscriptions = assemble::subscriptions(&config, &world, engine.store.clone(), engine.close.clone())?;
    start_upkeep(&engine, subscriptions, &config.engine, &tasks);
    let serving = tasks.clone();
    let listening = tasks.spawn(async move { web::serve(listener, router, &serving).await });
    println!("rapport is ready on http://{address} ({})", engine.store.engine_name());
    if hears_nothing {
        tracing::warn!(
            "no webhook key: every webhook is refused. Run `rapport webhooks sync` or set close.webhook_key"
        );
    }
    tasks.spawn(tell_what_is_wrong(engine.clone()));
    let ended = tokio::select! {
        signal = until_signal(&tasks) => signal,
        failed = listening => failed?.context("the listener failed"),
    };
    tasks.stop();
    drain(&world.clock, &tasks).await;
    ended
}

/// What the pages and webhooks stand on.
///
/// # Errors
/// When a webhook key cannot be used or metrics cannot be collected.
pub fn app(config: &Config, engine: &Engine, keys: assemble::WebhookSecrets, tasks: &Tasks) -> anyhow::Result<App> {
    let https = config.server.public_url.as_ref().is_some_and(|url| url.starts_with("https://"));
    Ok(App {
        engine: engine.clone(),
        store: engine.store.clone(),
        clock: engine.clock.clone(),
        close_keys: Arc::new(WebhookKeys::new(keys.close).context("close.webhook_key")?),
        calendly_keys: Arc::from(keys.calendly),
        desk: DeskSettings {
            password: config.desk.password.clone(),
            reviewer: config.desk.reviewer.clone(),
            https,
            frame_origins: Vec::new(),
            close_leads: Some("https://app.close.com/lead/".to_owned()),
        },
        metrics: telemetry::start_metrics().context("metrics could not be started")?,
        tasks: tasks.clone(),
    })
}

/// Says in the log what will not work, so that nobody has to wonder; `rapport doctor` says more.
async fn tell_what_is_wrong(engine: Engine) {
    if let Err(error) = engine.close.me().await {
        tracing::warn!(%error, "Close does not let Rapport in");
    }
    if let Some(calendar) = &engine.calendar
        && let Err(error) = calendar.describe(engine.clock.now()).await
    {
        tracing::warn!(%error, "the calendar cannot be read: replies offer no times");
    }
}

/// Starts the worker and, if wanted, the reader of the event log.
pub fn start_engine(engine: &Engine, tasks: &Tasks, event_log: bool) {
    tasks.spawn(engine.clone().work(tasks.clone()));
    if event_log {
        tasks.spawn(engine.clone().keep_caught_up(tasks.clone()));
    }
}

/// Starts what keeps Close and Rapport in step: the subscriptions are put right, and everything is compared now and then.
fn start_upkeep(engine: &Engine, subscriptions: Subscriptions, timing: &EngineConfig, tasks: &Tasks) {
    let watched = engine.clone().keep_subscribed(subscriptions.clone(), timing.webhook_check, tasks.clone());
    tasks.spawn(watched);
    let compared = engine.clone().keep_reconciled(subscriptions, timing.reconcile_every, tasks.clone());
    tasks.spawn(compared);
}

/// Resolves at SIGTERM or Ctrl-C.
async fn a_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        result = tokio::signal::ctrl_c() => result,
    }
}

/// Waits for the first signal, then tells the tasks to stop.
///
/// # Errors
/// When signals cannot be listened to.
pub async fn until_signal(tasks: &Tasks) -> anyhow::Result<()> {
    a_signal().await?;
    tracing::info!("stopping: what is under way is finished, a second signal aborts");
    tasks.stop();
    Ok(())
}

/// Waits for the tasks to end, at most [`DRAIN_MAX`], or until a second signal. What is cut off heals by its lease.
pub async fn drain(clock: &Clock, tasks: &Tasks) {
    tokio::select! {
        () = tasks.wait() => {}
        _ = a_signal() => tracing::warn!("aborted by a second signal"),
        () = clock.sleep(DRAIN_MAX) => tracing::warn!("some work did not end in time; it is taken up again at the next start"),
    }
}
