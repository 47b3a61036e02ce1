//! Configuration: `rapport.toml`, then `RAPPORT__SECTION__KEY`, then the well-known names of secrets.
//!
//! All mistakes are reported at once; each names the key, the value, where it stands and what to write instead.
//! docs/configuration.md lists every key.

mod hours;
mod models;
mod problem;
mod reader;
mod scalar;
mod sections;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use crate::conversation::{Organisation, Policy};
use crate::sms::Rulebook;

pub use models::{ModelConfig, Models};
pub use problem::{ConfigError, Origin, Problem};
pub use scalar::duration;
pub use sections::{
    BudgetConfig, CalendlyConfig, CloseConfig, DatabaseConfig, DeskConfig, EngineConfig, HandoffConfig, PromptsConfig,
    ServerConfig,
};

use reader::Reader;

/// The file read when none is named.
pub const DEFAULT_FILE: &str = "rapport.toml";

/// The environment as [`Config::load`] takes it. Variables that are not Unicode are left out: nothing of ours is.
pub fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// The whole configuration, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where Rapport listens.
    pub server: ServerConfig,
    /// The id that leads every key in the database.
    pub organisation_id: String,
    /// Who the texts come from.
    pub organisation: Organisation,
    /// Where things are kept.
    pub database: DatabaseConfig,
    /// Close.
    pub close: CloseConfig,
    /// Calendly.
    pub calendly: CalendlyConfig,
    /// The models.
    pub models: Models,
    /// How the engine runs.
    pub engine: EngineConfig,
    /// What Rapport may do by itself.
    pub policy: Policy,
    /// How a person is told who goes on where Rapport stops.
    pub handoff: HandoffConfig,
    /// When texts may go that do not answer a fresh one.
    pub rulebook: Rulebook,
    /// What may be spent.
    pub budget: BudgetConfig,
    /// The desk.
    pub desk: DeskConfig,
    /// What the model is told.
    pub prompts: PromptsConfig,
}

impl Config {
    /// Reads the configuration: `file`, or [`DEFAULT_FILE`] if it is there, overridden by the environment.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake found.
    pub fn load(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<Self, ConfigError> {
        let (config, reader) = Self::opened(file, env)?;
        reader.finish()?;
        Ok(config)
    }

    /// [`Config::load`] for the service: what it needs and what is not there is told with the other mistakes.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake found and every key that is missing.
    pub fn load_to_serve(
        file: Option<&Path>,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (config, mut reader) = Self::opened(file, env)?;
        reader.miss(config.missing_to_serve());
        reader.finish()?;
        Ok(config)
    }

    fn opened(file: Option<&Path>, env: impl Iterator<Item = (String, String)>) -> Result<(Self, Reader), ConfigError> {
        // RAPPORT_CONFIG set to nothing names no file.
        let file = file.filter(|path| !path.as_os_str().is_empty());
        let path = file.map_or_else(|| PathBuf::from(DEFAULT_FILE), Path::to_owned);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && file.is_none() => None,
            Err(error) => {
                let fix = "check the path given with --config or RAPPORT_CONFIG, and that it may be read";
                return Err(ConfigError::unreadable(&path, &error, fix));
            }
        };
        Self::read_text(text.as_deref(), &path, env)
    }

    /// Reads the configuration from `text`, which errors call `path`.
    ///
    /// # Errors
    /// [`ConfigError`] with every mistake found.
    pub fn parse(
        text: Option<&str>,
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (config, reader) = Self::read_text(text, path, env)?;
        reader.finish()?;
        Ok(config)
    }

    fn read_text(
        text: Option<&str>,
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
    ) -> Result<(Self, Reader), ConfigError> {
        let mut reader = Reader::new(text.unwrap_or_default(), path, env)?;
        Ok((Self::read(&mut reader), reader))
    }

    fn read(reader: &mut Reader) -> Self {
        let config = Self {
            server: sections::server(reader),
            organisation_id: reader.text_or("organisation.id", "default"),
            organisation: sections::organisation(reader),
            database: sections::database(reader),
            close: sections::close(reader),
            calendly: sections::calendly(reader),
            models: models::models(reader),
            engine: sections::engine(reader),
            policy: sections::policy(reader),
            handoff: sections::handoff(reader),
            rulebook: hours::rulebook(reader),
            budget: sections::budget(reader),
            desk: sections::desk(reader),
            prompts: sections::prompts(reader),
        };
        sections::check_exposure(&config.server, &config.desk, reader);
        sections::check_acknowledgement(&config.handoff, &config.organisation, &config.policy, reader);
        config
    }

    /// Everything the service needs is there.
    ///
    /// # Errors
    /// [`ConfigError`] names what is missing.
    pub fn require_serve(&self) -> Result<(), ConfigError> {
        let missing = self.missing_to_serve();
        if missing.is_empty() { Ok(()) } else { Err(ConfigError { problems: missing }) }
    }

    fn missing_to_serve(&self) -> Vec<Problem> {
        let mut missing = Vec::new();
        if self.close.api_key.is_none() {
            missing.push(Problem::missing(
                "close.api_key",
                "set CLOSE_API_KEY, or close.api_key_file (Close: Settings → Developer → API Keys)",
            ));
        }
        if self.models.main.is_none() {
            missing.push(Problem::missing(
                "models.main",
                "add a section [models.main] with `model = \"…\"`, and set OPENAI_API_KEY or ANTHROPIC_API_KEY",
            ));
        }
        missing.extend(self.models.without_a_needed_key());
        if self.budget.any() {
            missing.extend(self.models.without_prices());
        }
        if self.calendly.event_type.is_some() && self.calendly.token.is_none() {
            missing.push(Problem::missing(
                "calendly.token",
                "set CALENDLY_TOKEN, or calendly.token_file, or take calendly.event_type out",
            ));
        }
        missing
    }
}
