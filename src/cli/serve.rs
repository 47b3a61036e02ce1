//! `rapport serve`: the service.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;

use super::assemble::{self, World};
use super::output::say;
use super::prompt_watch::keep_prompts;
use super::shutdown::{Running, Signals};
use crate::close::webhook::WebhookKeys;
use crate::config::{Config, EngineConfig};
use crate::engine::{Engine, Subscriptions};
use crate::prompt::Trial;
use crate::runtime::tasks::Spawned;
use crate::runtime::{Tasks, telemetry};
use crate::store::Store;
use crate::web::{self, App, DeskSettings, Limits};

/// Serves until a signal.
///
/// # Errors
/// When the configuration is incomplete, the database cannot be reached or the address is taken; later, when a part that
/// must run has ended by itself.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    config.require_serve()?;
    let mut signals = Signals::listen().context("signals cannot be listened to")?;
    let world = World::real()?;
    let _reservation = Store::reserve(&config.database.url)?;
    let store = assemble::make_store(&config).await?;
    let keys = assemble::webhook_secrets(&config, &store).await?;
    let hears_nothing = keys.close.is_empty();
    let engine = assemble::engine(&config, &world, store.clone())?;
    // From now on a lead's text is no history.
    engine.began().await?;
    let listener = TcpListener::bind(&config.server.listen).await.with_context(|| {
        format!("cannot listen on {}: choose another address with server.listen", config.server.listen)
    })?;
    let address = listener.local_addr()?;
    let (work, edge) = (Tasks::new(), Tasks::new());
    let router = web::router(app(&config, &engine, keys, &work)?);
    let mut working = start_engine(&engine, &work, config.close.event_log);
    let subscriptions = assemble::subscriptions(&config, &world, engine.store.clone(), engine.close.clone())?;
    start_upkeep(&engine, subscriptions, &config.engine, &work);
    let tended = store.clone();
    work.keep("store", world.clock.clone(), move || tended.clone().tend());
    let (limits, clock, open) = (Limits::of(config.server.connections), world.clock.clone(), edge.clone());
    let mut listening = edge.spawn(async move { web::serve(listener, router, limits, clock, &open).await });
    if let Err(error) = say!("rapport is ready on http://{address} ({})", engine.store.engine_name()) {
        tracing::warn!(%error, "nobody is told that it is ready");
    }
    if hears_nothing {
        tracing::warn!(
            "no webhook key: every webhook is refused. Run `rapport webhooks sync` or set close.webhook_key"
        );
    }
    if let Some(folder) = config.prompts.folder.clone() {
        watch_prompts(&engine, folder, &work);
    }
    work.spawn_until_stopping(tell_what_is_wrong(engine));
    let running = Running { work, edge, store, clock: world.clock, drain: config.engine.drain };
    tokio::select! {
        () = signals.next() => Ok(running.shut_down(&mut signals).await),
        _ = &mut working => Err(ended_by_itself(running, &mut signals, "the worker").await),
        _ = &mut listening => Err(ended_by_itself(running, &mut signals, "the listener").await),
    }
}

/// A part that must run has ended: the rest ends in order, and the process manager starts it anew.
async fn ended_by_itself(running: Running, signals: &mut Signals, part: &str) -> anyhow::Error {
    running.shut_down(signals).await;
    anyhow::anyhow!("{part} ended by itself; this is a bug in Rapport, and the log says more. Start it again")
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

/// Starts the worker, whose end is returned, and what runs beside it: summaries, handoffs, the look for conversations that
/// oversleep and, if wanted, the reader of the event log. What runs beside it begins anew should it end.
pub fn start_engine(engine: &Engine, tasks: &Tasks, event_log: bool) -> Spawned<()> {
    let keep = |name, part: fn(Engine, Tasks) -> BoxFuture<'static, ()>| {
        let (engine, until) = (engine.clone(), tasks.clone());
        tasks.keep(name, engine.clock.clone(), move || part(engine.clone(), until.clone()));
    };
    if event_log {
        // It can be cut wherever it is: what it has not read is read at the next start.
        keep("event_log", |engine, tasks| Box::pin(engine.keep_caught_up(tasks)));
    }
    keep("oversleepers", |engine, _| Box::pin(engine.keep_awake()));
    keep("summaries", |engine, _| Box::pin(engine.keep_summarised()));
    keep("handoffs", |engine, _| Box::pin(engine.keep_handing_off()));
    tasks.spawn(engine.clone().work(tasks.clone()))
}

/// Starts what keeps Close and Rapport in step: the subscriptions are put right, and everything is compared now and then.
/// It can be cut wherever it is, and is done again at the next start.
fn start_upkeep(engine: &Engine, subscriptions: Subscriptions, timing: &EngineConfig, tasks: &Tasks) {
    let (check, compare) = (timing.webhook_check, timing.reconcile_every);
    let (watching, watched, until) = (engine.clone(), subscriptions.clone(), tasks.clone());
    tasks.keep("subscriptions", engine.clock.clone(), move || {
        watching.clone().keep_subscribed(watched.clone(), check, until.clone())
    });
    let (comparing, until) = (engine.clone(), tasks.clone());
    tasks.keep("reconcile", engine.clock.clone(), move || {
        comparing.clone().keep_reconciled(subscriptions.clone(), compare, until.clone())
    });
}

/// Starts what reads the prompts again when a file is saved.
fn watch_prompts(engine: &Engine, folder: PathBuf, tasks: &Tasks) {
    let (prompts, clock, reading) = (engine.proposer.prompts.clone(), engine.clock.clone(), tasks.clone());
    let trial = Trial {
        organisation: engine.settings.organisation.clone(),
        budget: engine.proposer.limits.budget,
        counter: engine.proposer.counter.clone(),
    };
    tasks.keep("prompts", engine.clock.clone(), move || {
        keep_prompts(prompts.clone(), folder.clone(), trial.clone(), clock.clone(), reading.clone())
    });
}
