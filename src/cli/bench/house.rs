//! A Rapport to measure: the real store, engine and router, with stand-ins for what is outside.

use std::ops::Range;
use std::path::Path;

use anyhow::Context as _;
use futures_util::future::try_join_all;
use secrecy::SecretString;

use super::stand_in::StandIn;
use super::webhooks::Texts;
use crate::cli::assemble::{self, WebhookSecrets, World};
use crate::cli::serve;
use crate::config::Config;
use crate::engine::Engine;
use crate::runtime::{Clock, Random, Tasks};
use crate::store::Source;
use crate::web::App;

/// Texts that arrive at once.
const ARRIVING: usize = 64;
/// The key that signs the benchmark's webhooks, as Close gives it: hexadecimal.
pub(super) const WEBHOOK_KEY: &str = "b37c6b9f4f4f2a0a7d1e5c8896a4f0b1c2d3e4f5061728394a5b6c7d8e9fa0b1";

/// An engine over a fresh database.
pub(super) struct House {
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    config: Config,
}

impl House {
    /// Opens the database at `url`; the outside is `stand_in`. `toml` is added to the configuration, which is in
    /// the section `[policy]`.
    ///
    /// # Errors
    /// When the database cannot be opened.
    pub(super) async fn open(url: &str, stand_in: &StandIn, toml: &str) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let world = World { clock: clock.clone(), random: Random::system(), http: stand_in.http(&clock) };
        let config = configuration(url, toml)?;
        let store = assemble::make_store(&config).await?;
        let tasks = Tasks::new();
        tasks.spawn_until_stopping(store.clone().tend());
        let engine = assemble::engine(&config, &world, store)?;
        Ok(Self { engine, clock, tasks, config })
    }

    /// What the router serves.
    ///
    /// # Errors
    /// When metrics are collected in this process already.
    pub(super) fn app(&self) -> anyhow::Result<App> {
        let keys = WebhookSecrets { close: vec![SecretString::from(WEBHOOK_KEY)], calendly: Vec::new() };
        serve::app(&self.config, &self.engine, keys, &self.tasks)
    }

    /// Lets the worker begin.
    pub(super) fn start_worker(&self) {
        self.tasks.spawn(self.engine.clone().work(self.tasks.clone()));
    }

    /// The texts of these numbers arrive, as many at once as a busy minute brings.
    ///
    /// # Errors
    /// When one cannot be stored.
    pub(super) async fn receive(&self, texts: &Texts, numbers: Range<usize>) -> anyhow::Result<()> {
        for first in numbers.clone().step_by(ARRIVING) {
            let events = first..numbers.end.min(first + ARRIVING);
            let events = events.map(|n| texts.event(n)).collect::<Result<Vec<_>, _>>()?;
            try_join_all(events.iter().map(|event| self.engine.receive_close(event, Source::CloseWebhook))).await?;
        }
        Ok(())
    }

    /// Ends what runs and closes the database.
    pub(super) async fn close(self) {
        self.tasks.stop();
        self.tasks.wait().await;
        self.engine.store.close().await;
    }
}

fn configuration(url: &str, toml: &str) -> anyhow::Result<Config> {
    let url = toml::Value::from(url);
    let text = format!(
        "[database]\nurl = {url}\n\
         [close]\nbase_url = \"http://close.test\"\napi_key = \"api_bench\"\n\
         [models.main]\nbase_url = \"http://model.test/v1\"\nmodel = \"stand-in\"\nencoding = \"o200k_base\"\nconcurrency = 10000\n\
         [policy]\nhold_first = false\nlead_daily_cap = 1000000\nhourly_cap = 1000000\ndaily_cap = 1000000\n{toml}"
    );
    Config::parse(Some(&text), Path::new("the benchmark's configuration"), std::iter::empty())
        .context("the benchmark's own configuration")
}
