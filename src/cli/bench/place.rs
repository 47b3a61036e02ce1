//! A database for a benchmark, removed when it is over.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};
use url::Url;

use crate::runtime::Random;

/// A folder, and on a PostgreSQL server databases of its own.
pub(super) struct Place {
    name: String,
    folder: PathBuf,
    server: Option<Server>,
}

/// A PostgreSQL server and what was made on it.
struct Server {
    url: Url,
    made: Vec<String>,
}

impl Place {
    /// Makes the folder below `folder`.
    ///
    /// # Errors
    /// When it cannot be made, or `server` is not an address.
    pub(super) fn open(server: Option<&str>, folder: &Path) -> anyhow::Result<Self> {
        sqlx::any::install_default_drivers();
        let name = format!("rapport_bench_{}", Random::system().token());
        let folder = folder.join(&name);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}: choose another with --folder", folder.display()))?;
        let url = server.map(Url::parse).transpose().context("--database-url is not an address")?;
        Ok(Self { name, folder, server: url.map(|url| Server { url, made: Vec::new() }) })
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.server.is_some()
    }

    pub(super) fn engine_name(&self) -> &'static str {
        if self.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }

    /// The address of a new, empty database.
    ///
    /// # Errors
    /// When it cannot be made on the server.
    pub(super) async fn database(&mut self, purpose: &str) -> anyhow::Result<String> {
        let Some(server) = &mut self.server else {
            return Ok(format!("sqlite:{}", self.folder.join(format!("{purpose}.db")).display()));
        };
        let mut connection = AnyConnection::connect(server.url.as_str())
            .await
            .context("cannot reach the PostgreSQL server of --database-url")?;
        let name = format!("{}_{purpose}", self.name);
        connection
            .execute(AssertSqlSafe(format!("create database {name}")))
            .await
            .context("cannot make a database to measure in: use a user who may create databases")?;
        let mut url = server.url.clone();
        url.set_path(&name);
        server.made.push(name);
        Ok(url.to_string())
    }

    /// Removes everything.
    ///
    /// # Errors
    /// When a database cannot be removed; its name is told.
    pub(super) async fn remove(self) -> anyhow::Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let mut connection = AnyConnection::connect(server.url.as_str()).await?;
        for name in &server.made {
            connection
                .execute(AssertSqlSafe(format!("drop database {name} with (force)")))
                .await
                .with_context(|| format!("the database {name} could not be removed"))?;
        }
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // Nothing to be done about a leftover.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
