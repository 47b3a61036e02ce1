//! What a rep does. Each action asks the engine and goes back to the page; a refusal is shown there, and nothing that
//! was typed is lost.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use axum::{Form, Json, Router};
use jiff::Timestamp;
use serde_json::json;

use super::super::error::{Failure, Wanted};
use super::super::{Shared, Site};
use super::card::Typed;
use super::forms::{Corrected, Edit, Lift, ModeChoice, Why, Wish, tidy};
use super::notice::Notice;
use super::pages::{Shown, show_conversation, show_list};
use crate::conversation::Mode;
use crate::engine::DeskError;
use crate::store::desk::Refusal;

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/drafts/{id}/approve", post(approve))
        .route("/drafts/{id}/edit", post(edit))
        .route("/drafts/{id}/reject", post(reject))
        .route("/drafts/{id}/regenerate", post(regenerate))
        .route("/conversations/{id}/take-over", post(take_over))
        .route("/conversations/{id}/hand-back", post(hand_back))
        .route("/conversations/{id}/mode", post(set_mode))
        .route("/conversations/{id}/dismiss", post(dismiss))
        .route("/conversations/{id}/retry", post(retry))
        .route("/conversations/{id}/summary", post(correct_summary))
        .route("/pause", post(pause))
        .route("/resume", post(resume))
}

/// An action on its way to an answer.
struct Action<'a> {
    site: &'a Arc<Site>,
    headers: &'a HeaderMap,
    /// The conversation to go back to.
    conversation: &'a str,
    /// The name of what was done, for `?done=`.
    done: &'static str,
    /// What the rep wrote.
    typed: Option<Typed>,
}

impl Action<'_> {
    /// Answers with the page: after success by redirect, so that reloading does not repeat it.
    async fn answer(self, result: Result<(), DeskError>) -> Result<Response, Failure> {
        let wants_page = Wanted::of_headers(self.headers) == Wanted::Page;
        let (status, sentence) = match result {
            Ok(()) if wants_page => {
                let page = format!("/conversations/{}?done={}", self.conversation, self.done);
                return Ok(Redirect::to(&page).into_response());
            }
            Ok(()) => return Ok(Json(json!({ "done": self.done })).into_response()),
            Err(error) => status_of(error)?,
        };
        if !wants_page || status == StatusCode::NOT_FOUND {
            return Err(Failure::new(status, sentence));
        }
        let shown = Shown { refused: Some(Notice::refused(sentence)), typed: self.typed, ..Shown::default() };
        show_conversation(self.site, self.conversation, status, shown).await
    }
}

/// The status and the sentence of a refusal; a store that failed is the server's failure, not the rep's.
fn status_of(error: DeskError) -> Result<(StatusCode, String), Failure> {
    match error {
        DeskError::Refused(Refusal::AlreadyDecided { how: "withdrawn", by: None }) => {
            let sentence = "This draft was taken back: the conversation has moved on. Nothing was sent.";
            Ok((StatusCode::CONFLICT, sentence.to_owned()))
        }
        DeskError::Refused(refusal @ Refusal::NotFound) => Ok((StatusCode::NOT_FOUND, refusal.to_string())),
        DeskError::Refused(refusal) => Ok((StatusCode::CONFLICT, refusal.to_string())),
        DeskError::Invalid(sentence) => Ok((StatusCode::UNPROCESSABLE_ENTITY, sentence)),
        DeskError::Store(error) => Err(error.into()),
    }
}

async fn conversation_of(site: &Site, draft_id: &str) -> Result<String, Failure> {
    let draft = site.app.store.draft(draft_id).await?.ok_or_else(|| Failure::not_found("draft"))?;
    Ok(draft.conversation_id)
}

async fn approve(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let conversation = conversation_of(&site, &id).await?;
    let result = site.app.engine.approve(&id, &site.app.desk.reviewer, None).await;
    let action = Action { site: &site, headers: &headers, conversation: &conversation, done: "approved", typed: None };
    action.answer(result).await
}

async fn edit(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Edit>,
) -> Result<Response, Failure> {
    let conversation = conversation_of(&site, &id).await?;
    let text = tidy(&form.text);
    let result = site.app.engine.approve(&id, &site.app.desk.reviewer, Some(text.clone())).await;
    let action = Action {
        site: &site,
        headers: &headers,
        conversation: &conversation,
        done: "edited",
        typed: Some(Typed::Text(text)),
    };
    action.answer(result).await
}

async fn reject(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Why>,
) -> Result<Response, Failure> {
    let conversation = conversation_of(&site, &id).await?;
    let reason = tidy(&form.reason);
    let result = site.app.engine.reject(&id, &site.app.desk.reviewer, &reason).await;
    let typed = Some(Typed::Reason(reason));
    let action = Action { site: &site, headers: &headers, conversation: &conversation, done: "rejected", typed };
    action.answer(result).await
}

async fn regenerate(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Wish>,
) -> Result<Response, Failure> {
    let conversation = conversation_of(&site, &id).await?;
    let wish = tidy(&form.instruction);
    let result = site.app.engine.regenerate(&id, &site.app.desk.reviewer, &wish).await;
    let typed = Some(Typed::Wish(wish));
    let action = Action { site: &site, headers: &headers, conversation: &conversation, done: "instructed", typed };
    action.answer(result).await
}

async fn take_over(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let result = site.app.engine.take_over(&id, &site.app.desk.reviewer).await;
    Action { site: &site, headers: &headers, conversation: &id, done: "taken_over", typed: None }.answer(result).await
}

async fn hand_back(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let result = site.app.engine.hand_back(&id, &site.app.desk.reviewer).await;
    Action { site: &site, headers: &headers, conversation: &id, done: "handed_back", typed: None }.answer(result).await
}

async fn set_mode(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<ModeChoice>,
) -> Result<Response, Failure> {
    let result = match (form.mode.as_str(), Mode::parse(&form.mode)) {
        ("default", _) => site.app.engine.set_mode(&id, None, &site.app.desk.reviewer).await,
        (_, Some(mode)) => site.app.engine.set_mode(&id, Some(mode), &site.app.desk.reviewer).await,
        (_, None) => Err(DeskError::Invalid("Choose one of the modes: default, off, draft or auto.".to_owned())),
    };
    Action { site: &site, headers: &headers, conversation: &id, done: "mode", typed: None }.answer(result).await
}

async fn dismiss(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let result = site.app.engine.dismiss(&id, &site.app.desk.reviewer).await;
    Action { site: &site, headers: &headers, conversation: &id, done: "dismissed", typed: None }.answer(result).await
}

async fn retry(State(site): Shared, Path(id): Path<String>, headers: HeaderMap) -> Result<Response, Failure> {
    let result = site.app.engine.retry(&id, &site.app.desk.reviewer).await;
    Action { site: &site, headers: &headers, conversation: &id, done: "retried", typed: None }.answer(result).await
}

async fn correct_summary(
    State(site): Shared,
    Path(id): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Corrected>,
) -> Result<Response, Failure> {
    let text = tidy(&form.text);
    let result = site.app.engine.correct_summary(&id, &form.summary_id, &text, &site.app.desk.reviewer).await;
    Action { site: &site, headers: &headers, conversation: &id, done: "summary", typed: Some(Typed::Summary(text)) }
        .answer(result)
        .await
}

async fn pause(State(site): Shared, headers: HeaderMap, Form(form): Form<Why>) -> Result<Response, Failure> {
    let reason = tidy(&form.reason);
    if reason.is_empty() {
        let sentence = "Say in a few words why Rapport is paused: the others will read it. Nothing was changed.";
        return refuse_on_list(&site, &headers, StatusCode::UNPROCESSABLE_ENTITY, sentence).await;
    }
    let result = site.app.engine.pause(&reason, &site.app.desk.reviewer).await;
    to_list(&site, &headers, result.map(drop), "paused").await
}

async fn resume(State(site): Shared, headers: HeaderMap, Form(form): Form<Lift>) -> Result<Response, Failure> {
    let since = form.since.parse().ok().and_then(|since_ms| Timestamp::from_millisecond(since_ms).ok());
    let Some(since) = since else {
        let sentence =
            "This page does not say which pause is meant. Nothing was changed: look at it here, and resume again.";
        return refuse_on_list(&site, &headers, StatusCode::UNPROCESSABLE_ENTITY, sentence).await;
    };
    let result = site.app.engine.resume(&site.app.desk.reviewer, since).await;
    to_list(&site, &headers, result, "resumed").await
}

async fn to_list(
    site: &Arc<Site>,
    headers: &HeaderMap,
    result: Result<(), DeskError>,
    done: &'static str,
) -> Result<Response, Failure> {
    match result {
        Ok(()) if Wanted::of_headers(headers) == Wanted::Page => {
            Ok(Redirect::to(&format!("/?done={done}")).into_response())
        }
        Ok(()) => Ok(Json(json!({ "done": done })).into_response()),
        Err(error) => {
            let (status, sentence) = status_of(error)?;
            refuse_on_list(site, headers, status, &sentence).await
        }
    }
}

async fn refuse_on_list(
    site: &Arc<Site>,
    headers: &HeaderMap,
    status: StatusCode,
    sentence: &str,
) -> Result<Response, Failure> {
    if Wanted::of_headers(headers) == Wanted::Json {
        return Err(Failure::new(status, sentence));
    }
    show_list(site, status, Some(Notice::refused(sentence))).await
}
