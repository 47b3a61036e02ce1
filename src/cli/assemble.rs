//! Puts the parts together as the configuration says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use secrecy::SecretString;

use crate::calendly::CalendlyClient;
use crate::close::CloseClient;
use crate::config::{Config, ModelConfig};
use crate::engine::plan::Timing;
use crate::engine::subscriptions::{CALENDLY_KEY_SETTING, CLOSE_KEY_SETTING};
use crate::engine::{
    Calendar, Engine, Handoffs, ModelLimits, Prompts, Proposer, Settings, Spending, Subscriptions, Summaries,
};
use crate::llm::{self, FallbackModel, Model, ModelSettings, Usage, price};
use crate::prompt::{self, Budget, Library, Memo, Tiktoken, TokenCounter, Trial};
use crate::runtime::{Clock, Http, Random};
use crate::store::Store;
use crate::store::spend::Caps;

/// Opens the configured database, which must be there, and brings it up to date.
///
/// # Errors
/// When it is not there, or cannot be reached or changed.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let (url, org) = (&config.database.url, &config.organisation_id);
    let store = Store::open_existing(url, org, Clock::system(), Random::system()).await?;
    store.migrate().await?;
    Ok(store)
}

/// [`open_store`] for those who may begin with an empty database: a SQLite file is made where there is none.
///
/// # Errors
/// When it cannot be made, reached or changed.
pub async fn make_store(config: &Config) -> anyhow::Result<Store> {
    let store = Store::open(&config.database.url, &config.organisation_id, Clock::system(), Random::system()).await?;
    store.migrate().await?;
    Ok(store)
}

/// What everything is made with.
#[derive(Clone)]
pub struct World {
    /// The time.
    pub clock: Clock,
    /// Ids, tokens, jitter.
    pub random: Random,
    /// The way out.
    pub http: Http,
}

impl World {
    /// The real one.
    ///
    /// # Errors
    /// When the system's certificates cannot be used.
    pub fn real() -> anyhow::Result<Self> {
        let clock = Clock::system();
        let http = Http::network(clock.clone()).context("the HTTP client could not be made")?;
        Ok(Self { clock, random: Random::system(), http })
    }
}

/// The Close client of the configuration.
///
/// # Errors
/// When the key is missing or the address cannot be used.
pub fn close_client(config: &Config, world: &World) -> anyhow::Result<CloseClient> {
    let key = config.close.api_key.clone().context(
        "no Close API key: set CLOSE_API_KEY, or close.api_key_file in rapport.toml (Close: Settings → Developer → API Keys)",
    )?;
    let client =
        CloseClient::new(world.http.clone(), world.clock.clone(), &config.close.base_url, key, config.close.timeout)?;
    Ok(client.with_random(world.random.clone()))
}

/// The calendar of the configuration; none when no event type is named.
///
/// # Errors
/// When an event type is named without a token, or the address cannot be used.
pub fn calendar(config: &Config, world: &World) -> anyhow::Result<Option<Calendar>> {
    let Some(event_type) = config.calendly.event_type.clone() else { return Ok(None) };
    let client = calendly_client(config, world)?;
    Ok(Some(Calendar::new(client, event_type, config.calendly.days, config.calendly.slots)))
}

/// The Calendly client of the configuration.
///
/// # Errors
/// When the token is missing or the address cannot be used.
pub fn calendly_client(config: &Config, world: &World) -> anyhow::Result<CalendlyClient> {
    let token = config.calendly.token.clone().context(
        "calendly.event_type is set but there is no token: set CALENDLY_TOKEN, or calendly.token_file in rapport.toml",
    )?;
    let client = CalendlyClient::new(
        world.http.clone(),
        world.clock.clone(),
        &config.calendly.base_url,
        &token,
        config.calendly.timeout,
    )?;
    Ok(client.with_random(world.random.clone()))
}

/// The main model with its fallback.
///
/// # Errors
/// When none is configured or an address or key cannot be used.
pub fn model(config: &Config, world: &World) -> anyhow::Result<Arc<dyn Model>> {
    build_model(config, world, !caps(config).any())
}

/// [`model`], for whoever waits at a terminal: who has not answered in time once is not asked again.
///
/// # Errors
/// As [`model`].
pub fn model_asked_once(config: &Config, world: &World) -> anyhow::Result<Arc<dyn Model>> {
    build_model(config, world, false)
}

fn build_model(config: &Config, world: &World, retries_billed: bool) -> anyhow::Result<Arc<dyn Model>> {
    let build = |model: &ModelConfig| {
        let settings = ModelSettings { retries_billed, ..model.settings.clone() };
        llm::build(&settings, &world.http, &world.clock, &world.random).map_err(anyhow::Error::from)
    };
    let main = build(main_model(config)?)?;
    let fallback = config.models.fallback.as_ref().map(build).transpose()?;
    Ok(Arc::new(FallbackModel::new(main, fallback)))
}

/// The main model's configuration.
///
/// # Errors
/// When there is none.
pub fn main_model(config: &Config) -> anyhow::Result<&ModelConfig> {
    config.models.main.as_ref().context("no model: add [models.main] with `model = \"…\"` to rapport.toml")
}

/// The prompt files of the configuration, or those shipped with the program: name and text.
///
/// # Errors
/// When a file cannot be read.
pub fn prompt_files(config: &Config) -> anyhow::Result<Vec<(String, String)>> {
    config.prompts.folder.as_deref().map_or_else(|| Ok(Library::embedded_files()), read_prompts)
}

/// The prompt files of the configuration, or those shipped with the program, read and checked.
///
/// # Errors
/// When a file cannot be read or is not a prompt.
pub fn library(config: &Config) -> anyhow::Result<Library> {
    match &config.prompts.folder {
        None => Ok(Library::embedded()?),
        Some(folder) => {
            let files = read_prompts(folder)?;
            Library::from_files(files).with_context(|| format!("in the prompts folder {}", folder.display()))
        }
    }
}

/// Every `.md` file below `folder`, with its path relative to it.
///
/// # Errors
/// When one cannot be read.
pub fn read_prompts(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for path in files_below(folder)? {
        if path.extension().is_some_and(|ending| ending == "md") {
            let name = name_in(folder, &path);
            // A pipe would keep its reader waiting for ever.
            if std::fs::metadata(&path).is_ok_and(|about| !about.is_file()) {
                bail!("{} is no file that can be read: take it out", path.display());
            }
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            files.push((name, text));
        }
    }
    files.sort();
    Ok(files)
}

/// A file's path in its folder, with `/` on every system.
#[must_use]
pub fn name_in(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Every file of a prompts folder and the folders in it, in no order. Links are followed, except to a folder they are in.
///
/// # Errors
/// When a folder cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    add_files(folder, &mut Vec::new(), &mut files)?;
    Ok(files)
}

/// `above` are the folders on the way to `folder`, by where they really are.
fn add_files(folder: &Path, above: &mut Vec<PathBuf>, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let unread = || format!("prompts.folder: {} cannot be read", folder.display());
    let place = folder.canonicalize().with_context(unread)?;
    if above.contains(&place) {
        return Ok(());
    }
    above.push(place);
    for entry in std::fs::read_dir(folder).with_context(unread)? {
        let path = entry?.path();
        if path.is_dir() {
            add_files(&path, above, files)?;
        } else {
            files.push(path);
        }
    }
    above.pop();
    Ok(())
}

/// What a prompt may have, and what counts it.
///
/// # Errors
/// When no model is configured or its encoding is not known.
pub fn budget(config: &Config) -> anyhow::Result<(Budget, Arc<dyn TokenCounter>)> {
    let main = main_model(config)?;
    let settings = &main.settings;
    let counter: Arc<dyn TokenCounter> =
        Arc::new(Memo::new(Tiktoken::for_configured(settings.encoding.as_deref()).context("models.main.encoding")?));
    let budget = Budget::for_model(
        tokens(settings.context_tokens),
        tokens(settings.max_output_tokens),
        prompt::schema_tokens(counter.as_ref()),
        tokens(main.prompt_tokens_cap),
        counter.as_ref(),
    );
    Ok((budget, counter))
}

/// What prompt files must be good for before they are taken into use.
///
/// # Errors
/// When no model is configured or its encoding is not known.
pub fn trial(config: &Config) -> anyhow::Result<Trial> {
    let (budget, counter) = budget(config)?;
    Ok(Trial { organisation: config.organisation.clone(), budget, counter })
}

/// Composes, asks `model`, checks and decides, as the configuration says.
///
/// # Errors
/// When the encoding or a prompt file is wrong.
pub fn proposer(config: &Config, world: &World, model: Arc<dyn Model>) -> anyhow::Result<Proposer> {
    let (budget, counter) = budget(config)?;
    let settings = &main_model(config)?.settings;
    Ok(Proposer {
        prompts: Prompts::new(library(config)?),
        counter,
        model,
        limits: ModelLimits {
            budget,
            max_output_tokens: settings.max_output_tokens,
            temperature: settings.temperature,
        },
        calibration: Arc::default(),
        policy: config.policy.clone(),
        clock: world.clock.clone(),
        random: world.random.clone(),
    })
}

fn tokens(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The whole engine over `store`.
///
/// # Errors
/// When a part of the configuration cannot be used.
pub fn engine(config: &Config, world: &World, store: Store) -> anyhow::Result<Engine> {
    let proposer = proposer(config, world, model(config, world)?)?;
    Ok(Engine {
        store,
        close: close_client(config, world)?,
        calendar: calendar(config, world)?,
        settings: Arc::new(settings(config, spending(config, &proposer.limits.budget))),
        proposer,
        clock: world.clock.clone(),
        random: world.random.clone(),
        owner: world.random.id("proc", world.clock.now()),
        working: Arc::default(),
        summaries: Summaries::default(),
        began: Arc::default(),
    })
}

fn settings(config: &Config, spending: Spending) -> Settings {
    Settings {
        organisation: config.organisation.clone(),
        numbers: config.close.numbers.clone(),
        timing: Timing {
            wait: config.engine.wait,
            wait_max: config.engine.max_wait,
            attempts_max: config.engine.attempts,
        },
        poll: config.engine.poll,
        lease: config.engine.lease,
        concurrency: config.engine.concurrency,
        event_log_poll: config.engine.event_log_poll,
        overlap: config.engine.overlap,
        rulebook: config.rulebook.clone(),
        spending,
        handoffs: handoffs(config),
    }
}

fn handoffs(config: &Config) -> Handoffs {
    Handoffs {
        task: config.handoff.task,
        owner_field: config.handoff.owner_field.clone(),
        assign_to: config.handoff.assign_to.clone(),
        due: config.handoff.due,
        desk_url: config.server.public_url.clone(),
        acknowledge: config.handoff.acknowledge.clone(),
    }
}

fn caps(config: &Config) -> Caps {
    let microusd = |dollars: Option<f64>| dollars.and_then(price::microusd);
    Caps {
        day_microusd: microusd(config.budget.daily_usd),
        month_microusd: microusd(config.budget.monthly_usd),
        conversation_microusd: microusd(config.budget.conversation_usd),
    }
}

/// What models may cost.
#[must_use]
pub fn spending(config: &Config, budget: &Budget) -> Spending {
    Spending { caps: caps(config), call_microusd: most_of_a_call(config, budget) }
}

/// What one call can cost at most: it may go to each of the models. The prompt is within its budget in our tokens; in the
/// provider's it may be twice as long before that is noticed ([`prompt::Calibration`]), and all of it may have to be written
/// into a cache.
fn most_of_a_call(config: &Config, budget: &Budget) -> i64 {
    let prompt = budget.available() + budget.overhead_tokens;
    let input_tokens = u64::try_from(prompt).unwrap_or(u64::MAX).saturating_mul(2);
    let usage = Usage {
        input_tokens,
        cached_tokens: 0,
        output_tokens: u64::try_from(budget.max_output_tokens).unwrap_or(u64::MAX),
    };
    let models = [&config.models.main, &config.models.fallback].into_iter().flatten();
    let costs = models.filter_map(|model| model.settings.prices.as_ref());
    let most = costs.map(|prices| price::cost_microusd(&usage, usage.input_tokens, prices));
    i64::try_from(most.fold(0, u64::saturating_add)).unwrap_or(i64::MAX)
}

/// How Close and Calendly are to reach Rapport.
///
/// # Errors
/// When a calendar is configured and cannot be used.
pub fn subscriptions(
    config: &Config,
    world: &World,
    store: Store,
    close: CloseClient,
) -> anyhow::Result<Subscriptions> {
    let calendly = config.calendly.event_type.as_ref().map(|_| calendly_client(config, world)).transpose()?;
    Ok(Subscriptions {
        close,
        calendly,
        store,
        random: world.random.clone(),
        public_url: config.server.public_url.clone(),
        close_key_configured: !config.close.webhook_key.is_empty(),
        calendly_key: config.calendly.webhook_key.first().cloned(),
    })
}

/// Every key that signs webhooks: those of the configuration and those `rapport webhooks sync` keeps.
#[derive(Debug, Clone, Default)]
pub struct WebhookSecrets {
    /// Close's.
    pub close: Vec<SecretString>,
    /// Calendly's.
    pub calendly: Vec<SecretString>,
}

/// Gathers the keys that sign webhooks.
///
/// # Errors
/// When the database cannot be read.
pub async fn webhook_secrets(config: &Config, store: &Store) -> anyhow::Result<WebhookSecrets> {
    let mut keys =
        WebhookSecrets { close: config.close.webhook_key.clone(), calendly: config.calendly.webhook_key.clone() };
    let kept = store.setting(CLOSE_KEY_SETTING).await?.unwrap_or_default();
    keys.close.extend(kept.split(',').filter(|key| !key.is_empty()).map(|key| SecretString::from(key.to_owned())));
    keys.calendly.extend(store.setting(CALENDLY_KEY_SETTING).await?.map(SecretString::from));
    Ok(keys)
}
