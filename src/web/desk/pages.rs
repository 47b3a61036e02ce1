//! The pages: the list, a conversation, a turn's record.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;

use super::super::error::Failure;
use super::super::{Shared, Site};
use super::card::{Card, Head, Typed};
use super::handoff::HandoffLine;
use super::notice::Notice;
use super::record::Record;
use super::rows::{ROWS, Rows};
use super::shell::Shell;
use super::thread::{Bubble, bubbles};
use super::words::moment;
use crate::llm::price::dollars;
use crate::store::summary::Summary;

/// Pages of the list at most, so that no address asks for more than there can be.
const PAGES_MAX: usize = 100_000;
/// Records of turns shown on a conversation's page.
const RECORDS: usize = 10;

#[derive(Template)]
#[template(path = "desk/list.html")]
pub(super) struct ListPage {
    pub shell: Shell,
    pub rows: Rows,
    pub notice: Option<Notice>,
}

#[derive(Template)]
#[template(path = "desk/conversation.html")]
pub(super) struct ConversationPage {
    pub shell: Shell,
    pub rows: Rows,
    pub head: Head,
    pub bubbles: Vec<Bubble>,
    pub card: Option<Card>,
    pub records: Vec<Record>,
    pub summary: Option<SummaryLine>,
    pub handoff: Option<HandoffLine>,
    /// What models have cost here; empty when nothing is known of it.
    pub cost: String,
    pub notice: Option<Notice>,
    /// A text a rep wrote that could not be used and has no edit box to go back to.
    pub unsent: Option<String>,
    /// Whether a draft may be asked for: none is written for a lead who must not be texted.
    pub may_draft: bool,
}

/// The summary of what was said before the newest texts.
pub(super) struct SummaryLine {
    pub id: String,
    pub text: String,
    /// Who wrote it, in words.
    pub by: String,
    /// When the newest text it covers was written, and that in words.
    pub until: (Timestamp, String),
}

impl SummaryLine {
    fn of(summary: Summary) -> Self {
        let model = summary.model.unwrap_or_default();
        Self {
            id: summary.id,
            text: summary.text,
            by: summary.author.unwrap_or(model),
            until: (summary.covers_until, moment(summary.covers_until)),
        }
    }
}

#[derive(Template)]
#[template(path = "desk/turn.html")]
pub(super) struct TurnPage {
    pub shell: Shell,
    pub record: Record,
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
    #[serde(default)]
    page: String,
}

impl Asked {
    /// The page of the list that is asked for, from 1.
    fn page(&self) -> usize {
        self.page.parse().unwrap_or(1).clamp(1, PAGES_MAX)
    }
}

async fn rows(site: &Site, page: usize, current: Option<&str>) -> Result<Rows, Failure> {
    let list = site.app.store.desk_list(ROWS, (page - 1) * ROWS).await?;
    let zone = site.app.engine.settings.organisation.timezone.as_str();
    Ok(Rows::new(&list, page, (site.app.clock.now(), zone), current))
}

/// `GET /`
pub(super) async fn list(State(site): Shared, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    show_page(&site, StatusCode::OK, asked.page(), Notice::on_list(&asked.done)).await
}

/// The list with a notice above it.
pub(super) async fn show_list(
    site: &Arc<Site>,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    show_page(site, status, 1, notice).await
}

async fn show_page(
    site: &Arc<Site>,
    status: StatusCode,
    page: usize,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let rows = rows(site, page, None).await?;
    let title = if rows.waiting_total == 0 { "Desk".to_owned() } else { format!("({}) Desk", rows.waiting_total) };
    let address = if page == 1 { "/".to_owned() } else { format!("/?page={page}") };
    let page = ListPage { shell: Shell::new(site, title, address).await?, rows, notice };
    Ok((status, Html(page.render()?)).into_response())
}

/// `GET /conversations/{id}`
pub(super) async fn conversation(
    State(site): Shared,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    show_conversation(&site, &id, StatusCode::OK, Shown { done: asked.done, ..Shown::default() }).await
}

/// What a conversation's page shows beside the conversation.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// What was just done, as in `?done=`.
    pub done: String,
    /// Why it was not done.
    pub refused: Option<Notice>,
    /// What a rep wrote that was refused: it must not be lost.
    pub typed: Option<Typed>,
}

/// A conversation's page.
pub(super) async fn show_conversation(
    site: &Arc<Site>,
    id: &str,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, Failure> {
    let thread = site.app.store.thread(id).await?.ok_or_else(|| Failure::not_found("conversation"))?;
    let head = Head::of(&thread.conversation, site.app.desk.close_leads.as_deref(), site.app.clock.now());
    let shell = Shell::new(site, head.name.clone(), format!("/conversations/{id}")).await?;
    let now = site.app.clock.now();
    let zone = site.app.engine.settings.organisation.timezone.as_str();
    let card = Card::of(&thread, shell.paused.is_some(), shown.typed.as_ref(), (now, zone));
    let handoff = site.app.store.handoff(id).await?;
    let stop = site.app.store.suppression(&thread.conversation.numbers.theirs).await?;
    let page = ConversationPage {
        bubbles: bubbles(&thread, &head.name, now),
        records: thread.turns.iter().rev().take(RECORDS).map(|turn| Record::new(turn, &thread.drafts, zone)).collect(),
        unsent: shown
            .typed
            .filter(|typed| card.is_none() || typed.is_summary())
            .map(Typed::into_text)
            .filter(|text| !text.is_empty()),
        may_draft: stop.is_none(),
        summary: site.app.store.summary(id).await?.map(SummaryLine::of),
        handoff: handoff.and_then(|record| HandoffLine::of(&record, &thread.conversation)),
        cost: match site.app.store.cost_of(id).await? {
            0 => String::new(),
            microusd => dollars(microusd),
        },
        rows: rows(site, 1, Some(id)).await?,
        notice: shown.refused.or_else(|| Notice::on_thread(&shown.done, &thread, now)),
        shell,
        head,
        card,
    };
    Ok((status, Html(page.render()?)).into_response())
}

/// `GET /turns/{id}`
pub(super) async fn turn(State(site): Shared, Path(id): Path<String>) -> Result<Response, Failure> {
    let turn = site.app.store.turn(&id).await?.ok_or_else(|| Failure::not_found("turn"))?;
    let page = TurnPage {
        shell: Shell::new(&site, "Why this text", format!("/turns/{id}")).await?,
        record: Record::new(&turn, &[], &site.app.engine.settings.organisation.timezone),
    };
    Ok(Html(page.render()?).into_response())
}
