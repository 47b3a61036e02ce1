//! `rapport migrate`: bring the database up to date.

use super::assemble::make_store;
use super::output::say;
use crate::config::Config;

/// Opens the database, which brings it up to date. A SQLite file is made where there is none.
///
/// # Errors
/// When the database cannot be reached or changed.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let store = make_store(config).await?;
    say!("The database ({} at {}) is up to date.", store.engine_name(), store.address())?;
    Ok(())
}
