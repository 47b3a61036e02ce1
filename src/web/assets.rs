//! The desk's style sheet and script, embedded, under names that change with their content.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const CSS: &str = include_str!("assets/desk.css");
const JS: &str = include_str!("assets/desk.js");

static CSS_PATH: LazyLock<String> = LazyLock::new(|| path_of(CSS, "css"));
static JS_PATH: LazyLock<String> = LazyLock::new(|| path_of(JS, "js"));

/// Where the style sheet is.
pub(super) fn desk_css() -> &'static str {
    &CSS_PATH
}

/// Where the script is.
pub(super) fn desk_js() -> &'static str {
    &JS_PATH
}

fn path_of(content: &str, kind: &str) -> String {
    let digest = Sha256::digest(content.as_bytes());
    format!("/assets/desk.{}.{kind}", hex::encode(&digest[..6]))
}

/// `GET /assets/{file}`. A file of another version is answered with the current one, uncached: a page loaded before
/// an update still works.
pub(super) async fn serve(Path(file): Path<String>) -> Response {
    let kind = file.rsplit('.').next().unwrap_or_default();
    let (content, content_type, current) = match kind {
        "css" if file.starts_with("desk.") => (CSS, "text/css; charset=utf-8", desk_css()),
        "js" if file.starts_with("desk.") => (JS, "text/javascript; charset=utf-8", desk_js()),
        _ => return (StatusCode::NOT_FOUND, "There is no such file.").into_response(),
    };
    let is_current = current.ends_with(&file);
    let cache = if is_current { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, cache)], content).into_response()
}
