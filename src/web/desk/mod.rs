//! The desk: what waits for a rep, the conversation, the draft, and what a rep does with it.
//!
//! Every page is whole without the script, and every action is a plain form that redirects after it worked. The
//! script adds live updates, counts while typing and the keyboard.

mod actions;
mod card;
mod forms;
mod handoff;
mod notice;
mod pages;
mod record;
mod rows;
mod segments;
mod shell;
#[cfg(test)]
mod tests;
mod thread;
mod try_out;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::{Site, live};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new()
        .route("/", get(pages::list))
        .route("/conversations/{id}", get(pages::conversation))
        .route("/turns/{id}", get(pages::turn))
        .route("/try", get(try_out::form).post(try_out::judge))
        .route("/desk/events", get(live::events))
        .route("/desk/segments", post(segments::count))
        .merge(actions::routes())
}
