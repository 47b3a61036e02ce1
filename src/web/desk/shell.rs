//! What surrounds every page of the desk.

use super::super::error::Failure;
use super::super::{Site, assets};
use crate::store::Pause;

/// The frame of a page.
#[derive(Debug)]
pub(super) struct Shell {
    pub css: &'static str,
    pub js: &'static str,
    pub title: String,
    /// The page's own address, also when it answers a form that was refused.
    pub page: String,
    /// The organisation's zone, in which the script tells times.
    pub zone: String,
    /// The pause that is in force; none while Rapport works.
    pub paused: Option<Pause>,
    /// What somebody has to look at that belongs to no conversation, a sentence each.
    pub troubles: Vec<String>,
    /// Who outside has stopped answering and what that means, a sentence each.
    pub outages: Vec<String>,
    /// True when there is a session to end.
    pub signed_in: bool,
    /// The name actions are recorded under.
    pub reviewer: String,
}

impl Shell {
    pub(super) async fn new(site: &Site, title: impl Into<String>, page: impl Into<String>) -> Result<Self, Failure> {
        Ok(Self {
            css: assets::desk_css(),
            js: assets::desk_js(),
            title: title.into(),
            page: page.into(),
            zone: site.app.engine.settings.organisation.timezone.clone(),
            paused: site.app.store.paused().await?,
            troubles: troubles(site).await?,
            outages: site.app.engine.outages(),
            signed_in: site.app.desk.password.is_some(),
            reviewer: site.app.desk.reviewer.clone(),
        })
    }
}

async fn troubles(site: &Site) -> Result<Vec<String>, Failure> {
    let kept = site.app.store.troubles().await?;
    let engine = &site.app.engine;
    Ok(kept.into_iter().chain(engine.proposer.prompts.trouble()).chain(engine.out_of_money().await).collect())
}
