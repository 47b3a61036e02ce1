//! `rapport demo`: everything at once on loopback. Simulated Close, Calendly and model, a phone to text from, the desk.
//!
//! Every step takes the real path: the phone makes the simulator emit a signed webhook over HTTP, the answer leaves
//! through the real Close client.

pub mod page;
mod phone;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use axum::Router;
use clap::Args;
use tokio::net::TcpListener;

use super::assemble::{self, World};
use super::output::say;
use super::serve;
use super::shutdown::{Running, Signals};
use crate::config::Config;
use crate::engine::{Engine, Prompts, Subscriptions};
use crate::prompt::Library;
use crate::runtime::{Clock, Tasks};
use crate::sim::{self, Simulators, calendly, close, seed};
use crate::web::{self, Limits};
use phone::SimulatedPhone;

/// The model asked for when only a key is given.
const DEFAULT_REAL_MODEL: &str = "gpt-4.1-mini";

/// How many ports after the page's are tried for the desk.
const DESK_PORTS: usize = 20;

/// Everything at once on this machine.
#[derive(Debug, Args)]
pub struct Demo {
    /// The port of the page; the desk takes the next free one.
    #[arg(long, default_value_t = 8787)]
    port: u16,
    /// Let Rapport send by itself what passes every check, instead of putting drafts before you.
    #[arg(long)]
    auto: bool,
    /// An OpenAI-compatible server to use instead of the scripted model, such as `http://127.0.0.1:11434/v1`.
    #[arg(long, value_name = "URL")]
    model_url: Option<String>,
    /// The model's name there. With only `OPENAI_API_KEY` set, OpenAI's own server is used.
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Keep the database here instead of in a temporary folder.
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

/// Which model answers.
enum Brain {
    Scripted,
    Real { url: String, name: String },
}

impl Demo {
    /// Runs until a signal.
    ///
    /// # Errors
    /// When a port is taken or the database cannot be made.
    pub async fn run(&self) -> anyhow::Result<ExitCode> {
        let brain = self.brain()?;
        let mut signals = Signals::listen()?;
        let world = World::real()?;
        let tasks = Tasks::new();
        let page = listen(self.port).await?;
        let desk = listen_after(page.local_addr()?.port(), self.port).await?;
        let (page_url, desk_url) = (url_of(&page)?, url_of(&desk)?);

        let sims = Simulators::demo(world.clock.clone(), world.random.clone(), world.http.clone(), tasks.clone());
        let folder = DataFolder::open(self.data.clone())?;
        let config = self.config(&sims, &brain, &folder, &tasks).await?;
        let engine = engine(&config, &world).await?;
        let subscriptions = assemble::subscriptions(&config, &world, engine.store.clone(), engine.close.clone())?;
        let subscriptions = Subscriptions { public_url: Some(desk_url.clone()), ..subscriptions };
        subscriptions.sync_close().await?;

        let keys = assemble::webhook_secrets(&config, &engine.store).await?;
        let mut app = serve::app(&config, &engine, keys, &tasks)?;
        app.desk.frame_origins.push(page_url.clone());
        app.desk.close_leads = None;
        let edge = Tasks::new();
        host(desk, web::router(app), &world.clock, &edge);
        let phone = SimulatedPhone::new(sims.close.clone(), brain.note(), desk_url.clone());
        host(page, page::demo_router(Arc::new(phone)), &world.clock, &edge);
        serve::start_engine(&engine, &tasks, true);
        sims.close.run_deliveries();
        sims.calendly.run_deliveries();

        say!("rapport demo is ready: open {page_url}")?;
        say!("  the desk alone: {desk_url}   model: {}", brain.note())?;
        say!("  stop with Ctrl-C")?;
        signals.next().await;
        let running =
            Running { work: tasks, edge, store: engine.store, clock: world.clock, drain: config.engine.drain };
        Ok(running.shut_down(&mut signals).await)
    }

    /// # Errors
    /// When it is asked for half a model.
    fn brain(&self) -> anyhow::Result<Brain> {
        let key =
            crate::config::environment().any(|(name, value)| name == "OPENAI_API_KEY" && !value.trim().is_empty());
        Ok(match (&self.model_url, &self.model) {
            (Some(url), _) if !is_http(url) => {
                bail!("--model-url {url:?} is not an address: write it as http://127.0.0.1:11434/v1")
            }
            (Some(url), Some(name)) => Brain::Real { url: url.clone(), name: name.clone() },
            (Some(_), None) => bail!("--model-url needs --model with the model's name as that server knows it"),
            (None, name) if key => {
                let name = name.clone().unwrap_or_else(|| DEFAULT_REAL_MODEL.to_owned());
                Brain::Real { url: "https://api.openai.com/v1".to_owned(), name }
            }
            (None, Some(name)) => {
                bail!("--model {name:?} needs --model-url with its server's address, or OPENAI_API_KEY")
            }
            (None, None) => Brain::Scripted,
        })
    }

    /// The configuration a user would write, pointed at the simulators.
    async fn config(
        &self,
        sims: &Simulators,
        brain: &Brain,
        folder: &DataFolder,
        tasks: &Tasks,
    ) -> anyhow::Result<Config> {
        let close_url = start(sims.close.router(), tasks).await?;
        let calendly_url = start(sims.calendly.router(), tasks).await?;
        let (model_url, model) = match brain {
            Brain::Scripted => (start(sims.model.router(), tasks).await?, "scripted".to_owned()),
            Brain::Real { url, name } => (url.clone(), name.clone()),
        };
        let database = format!("sqlite:{}", folder.path().join("demo.db").display());
        let mode = if self.auto { "auto" } else { "draft" };
        let toml = format!(
            "[database]\nurl = {}\n\
             [organisation]\nname = {}\nagent_name = \"Maya\"\noffer = {}\ntimezone = {}\n\
             [close]\nbase_url = {}\napi_key = {}\n\
             [calendly]\nbase_url = {}\ntoken = {}\nevent_type = \"intro-call\"\n\
             [models.main]\nbase_url = {}\nmodel = {}\nencoding = \"o200k_base\"\n\
             [engine]\nwait = \"3s\"\nevent_log_poll = \"15s\"\n\
             [policy]\nmode = {}\nhold_first = false\n\
             [desk]\nreviewer = {}\n",
            quoted(&database),
            quoted(seed::COMPANY),
            quoted(seed::OFFER),
            quoted(seed::OFFICE_ZONE),
            quoted(&close_url),
            quoted(close::API_KEY),
            quoted(&calendly_url),
            quoted(calendly::TOKEN),
            quoted(&model_url),
            quoted(&model),
            quoted(mode),
            quoted(seed::SECOND_REP.0),
        );
        let only_key = crate::config::environment().filter(|(name, _)| name == "OPENAI_API_KEY");
        Ok(Config::parse(Some(&toml), Path::new("the demo's configuration"), only_key)?)
    }
}

impl Brain {
    /// Completes "Model: …".
    fn note(&self) -> String {
        match self {
            Self::Scripted => "scripted (answers a few dozen sales questions; not a language model)".to_owned(),
            Self::Real { name, url } => format!("{name} at {url}"),
        }
    }
}

fn is_http(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The engine over a fresh database, with what the demo's company knows among the prompts.
async fn engine(config: &Config, world: &World) -> anyhow::Result<Engine> {
    let store = assemble::make_store(config).await?;
    let mut engine = assemble::engine(config, world, store)?;
    let mut files = Library::embedded_files();
    files.extend(seed::demo_knowledge().into_iter().map(|(name, text)| (format!("knowledge/{name}"), text.to_owned())));
    engine.proposer.prompts = Prompts::new(Library::from_files(files)?);
    Ok(engine)
}

/// The next free port after the page's, so that both are easily remembered; any free one when the page's was left open.
async fn listen_after(page: u16, wanted: u16) -> anyhow::Result<TcpListener> {
    if wanted != 0 {
        for port in (page..=u16::MAX).skip(1).take(DESK_PORTS) {
            if let Ok(desk) = listen(port).await {
                return Ok(desk);
            }
        }
    }
    listen(0).await
}

async fn listen(port: u16) -> anyhow::Result<TcpListener> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: choose another port with --port (0 for any free one)"))
}

fn url_of(listener: &TcpListener) -> anyhow::Result<String> {
    Ok(format!("http://{}", listener.local_addr()?))
}

/// Serves a simulator on a free port.
async fn start(router: Router, tasks: &Tasks) -> anyhow::Result<String> {
    let listener = listen(0).await?;
    let url = url_of(&listener)?;
    let serving = tasks.clone();
    tasks.spawn(async move { sim::serve(listener, router, &serving).await });
    Ok(url)
}

fn host(listener: TcpListener, router: Router, clock: &Clock, tasks: &Tasks) {
    let (clock, serving) = (clock.clone(), tasks.clone());
    tasks.spawn(async move { web::serve(listener, router, Limits::default(), clock, &serving).await });
}

/// Where the demo keeps its database. A temporary one goes with the demo.
struct DataFolder {
    path: PathBuf,
    is_temporary: bool,
}

impl DataFolder {
    fn open(wanted: Option<PathBuf>) -> anyhow::Result<Self> {
        let is_temporary = wanted.is_none();
        let path = wanted.unwrap_or_else(|| std::env::temp_dir().join(format!("rapport-demo-{}", std::process::id())));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path, is_temporary })
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for DataFolder {
    fn drop(&mut self) {
        if self.is_temporary {
            // Nothing to be done about a leftover in the temporary folder.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
