//! `rapport migrate`: bring the database up to date.

use super::assemble::open_store;
use crate::config::Config;

/// Opens the database, which brings it up to date.
///
/// # Errors
/// When the database cannot be reached or changed.
pub async fn run(config: &Config) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    println!("The database ({}) is up to date.", store.engine_name());
    Ok(())
}
