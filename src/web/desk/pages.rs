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
use super::card::{Card, Head};
use super::handoff::HandoffLine;
use super::record::Record;
use super::rows::Rows;
use super::shell::Shell;
use super::thread::{Bubble, bubbles};
use super::words::{dollars, moment};
use crate::store::summary::Summary;

/// Rows shown of what waits, and of what happened lately.
const ROWS: usize = 100;
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

/// A line at the top of the page about what was just done or refused.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    pub refused: bool,
    pub sentence: String,
}

impl Notice {
    pub(super) fn refused(sentence: impl Into<String>) -> Self {
        Self { refused: true, sentence: sentence.into() }
    }
}

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    done: String,
}

/// The sentence for `?done=`; unknown names say nothing.
fn done_words(done: &str) -> Option<Notice> {
    let sentence = match done {
        "approved" => "Approved. Rapport is sending it.",
        "edited" => "Your text is approved. Rapport is sending it.",
        "rejected" => "Rejected. Nothing was sent.",
        "instructed" => "Asked for a new draft. It appears here when it is written.",
        "taken_over" => "This conversation is yours. Rapport stays silent until you hand it back.",
        "handed_back" => "Handed back. Rapport answers the next text.",
        "mode" => "The mode is set.",
        "summary" => "The summary is yours. Replies and the next summary go on from it.",
        "dismissed" => "Marked as done.",
        "retried" => "Trying again.",
        "paused" => "Paused. Nothing is sent until you resume.",
        "resumed" => "Resumed. What was withdrawn stays withdrawn; new texts are answered.",
        _ => return None,
    };
    Some(Notice { refused: false, sentence: sentence.to_owned() })
}

async fn rows(site: &Site, current: Option<&str>) -> Result<Rows, Failure> {
    let store = &site.app.store;
    let (waiting, recent) = (store.desk_items(ROWS).await?, store.conversations(ROWS).await?);
    Ok(Rows::new(&waiting, &recent, site.app.clock.now(), current))
}

/// `GET /`
pub(super) async fn list(State(site): Shared, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    show_list(&site, StatusCode::OK, done_words(&asked.done)).await
}

/// The list with a notice above it.
pub(super) async fn show_list(
    site: &Arc<Site>,
    status: StatusCode,
    notice: Option<Notice>,
) -> Result<Response, Failure> {
    let rows = rows(site, None).await?;
    let title = if rows.waiting.is_empty() { "Desk".to_owned() } else { format!("({}) Desk", rows.waiting.len()) };
    let page = ListPage { shell: Shell::new(site, title, "/").await?, rows, notice };
    Ok((status, Html(page.render()?)).into_response())
}

/// `GET /conversations/{id}`
pub(super) async fn conversation(
    State(site): Shared,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    show_conversation(&site, &id, StatusCode::OK, Shown { notice: done_words(&asked.done), typed: None }).await
}

/// What a conversation's page shows beside the conversation.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub notice: Option<Notice>,
    /// A text a rep wrote that was refused: it must not be lost.
    pub typed: Option<String>,
}

/// A conversation's page.
pub(super) async fn show_conversation(
    site: &Arc<Site>,
    id: &str,
    status: StatusCode,
    shown: Shown,
) -> Result<Response, Failure> {
    let thread = site.app.store.thread(id).await?.ok_or_else(|| Failure::not_found("conversation"))?;
    let head = Head::of(&thread.conversation, site.app.desk.close_leads.as_deref());
    let shell = Shell::new(site, head.name.clone(), format!("/conversations/{id}")).await?;
    let card = Card::of(&thread, shell.paused.is_some(), shown.typed.as_deref(), site.app.clock.now());
    let handoff = site.app.store.handoff(id).await?;
    let page = ConversationPage {
        bubbles: bubbles(&thread, &head.name, site.app.clock.now()),
        records: thread.turns.iter().rev().take(RECORDS).map(|turn| Record::new(turn, &thread.drafts)).collect(),
        unsent: if card.is_none() { shown.typed } else { None },
        summary: site.app.store.summary(id).await?.map(SummaryLine::of),
        handoff: handoff.and_then(|record| HandoffLine::of(&record, thread.conversation.state)),
        cost: match site.app.store.cost_of(id).await? {
            0 => String::new(),
            microusd => dollars(microusd),
        },
        rows: rows(site, Some(id)).await?,
        notice: shown.notice,
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
        record: Record::new(&turn, &[]),
    };
    Ok(Html(page.render()?).into_response())
}
