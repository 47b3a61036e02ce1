//! One way to say no: a status and a sentence, as a page or as JSON, whichever the client asked for.

use askama::Template;
use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde_json::json;

use super::assets;
use crate::store::StoreError;

/// Longest plain-text refusal that is turned into a page.
const SENTENCE_BYTES_MAX: usize = 4096;

/// A request that was not fulfilled.
#[derive(Debug)]
pub(super) struct Failure {
    /// The status to answer with.
    pub status: StatusCode,
    /// What happened and what to do.
    pub sentence: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, sentence: impl Into<String>) -> Self {
        Self { status, sentence: sentence.into() }
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}. It may have been erased."))
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let sentence = match error {
            // Trying again does not mend a defect.
            StoreError::Inconsistent { .. } => {
                tracing::error!(%error, "a defect showed at the desk");
                return Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("This is a defect in Rapport: {error}."));
            }
            StoreError::Full { .. } | StoreError::Busy => format!("Nothing was changed: {error}."),
            // In whose words it failed is for the log: a rep can do nothing with them.
            StoreError::Connect { .. }
            | StoreError::Schema { .. }
            | StoreError::Displaced { .. }
            | StoreError::Database { .. } => {
                "Rapport cannot reach its database at the moment. Try again in a minute. If it lasts, tell whoever runs Rapport: \
                 the log says why."
                    .to_owned()
            }
        };
        tracing::error!(%error, "the desk could not use the database");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, sentence)
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a page could not be written");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "This page could not be written. The log says why.")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (self.status, self.sentence).into_response()
    }
}

/// The form of answer a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Page,
    Json,
}

impl Wanted {
    pub(super) fn of(request: &Request) -> Self {
        Self::of_headers(request.headers())
    }

    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if accept.contains("application/json") && !accept.contains("text/html") { Self::Json } else { Self::Page }
    }

    pub(super) fn render(self, failure: Failure) -> Response {
        self.render_with(failure, None)
    }

    fn render_with(self, failure: Failure, again: Option<Again>) -> Response {
        let Failure { status, sentence } = failure;
        match self {
            Self::Json => (status, Json(json!({ "error": sentence }))).into_response(),
            Self::Page => {
                let again = again.filter(|_| status == StatusCode::SERVICE_UNAVAILABLE);
                let page = ErrorPage { css: assets::desk_css(), title: title_of(status), sentence: &sentence, again };
                match page.render() {
                    Ok(html) => (status, Html(html)).into_response(),
                    Err(_) => (status, sentence).into_response(),
                }
            }
        }
    }
}

#[derive(Template)]
#[template(path = "desk/error.html")]
struct ErrorPage<'a> {
    css: &'static str,
    title: &'static str,
    sentence: &'a str,
    again: Option<Again>,
}

/// Where to go on once it works again.
struct Again {
    address: String,
    /// A form was sent: the address is that of the page it stood on.
    was_form: bool,
}

impl Again {
    fn of(request: &Request) -> Option<Self> {
        if request.method() == Method::GET {
            let address = request.uri().path_and_query()?.as_str().to_owned();
            return Some(Self { address, was_form: false });
        }
        Some(Self { address: page_before(request.headers())?, was_form: true })
    }
}

/// The path of the page a form stood on. Browsers send it with our own forms (`Referrer-Policy: same-origin`).
pub(super) fn page_before(headers: &HeaderMap) -> Option<String> {
    let referer: Uri = headers.get(header::REFERER)?.to_str().ok()?.parse().ok()?;
    Some(referer.path().to_owned()).filter(|path| !path.starts_with("//"))
}

fn title_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::NOT_FOUND => "Not here",
        StatusCode::FORBIDDEN | StatusCode::UNAUTHORIZED => "Not allowed",
        StatusCode::CONFLICT => "Nothing was changed",
        StatusCode::TOO_MANY_REQUESTS => "Too many tries",
        StatusCode::SERVICE_UNAVAILABLE => "Not available right now",
        status if status.is_server_error() => "Something went wrong",
        _ => "That did not work",
    }
}

/// Turns every plain-text refusal, ours and the framework's, into the page or JSON the client asked for.
pub(super) async fn as_page(request: Request, next: Next) -> Response {
    let (wanted, again) = (Wanted::of(&request), Again::of(&request));
    let response = next.run(request).await;
    let status = response.status();
    let plain = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_none_or(|kind| kind.starts_with("text/plain"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    let (head, body) = response.into_parts();
    let text = to_bytes(body, SENTENCE_BYTES_MAX).await.unwrap_or_default();
    let sentence = match String::from_utf8_lossy(&text) {
        text if text.is_empty() => status.canonical_reason().unwrap_or("The request was refused.").to_owned(),
        text => text.into_owned(),
    };
    let mut page = wanted.render_with(Failure { status, sentence }, again);
    for name in [header::RETRY_AFTER, header::ALLOW] {
        if let Some(value) = head.headers.get(&name) {
            page.headers_mut().insert(name, value.clone());
        }
    }
    page
}

/// The answer to a path nobody serves.
pub(super) async fn no_such_page() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "There is no page at this address. The desk starts at the top.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_no_outage() {
        let defect = Failure::from(StoreError::Inconsistent { what: "a draft of no turn".to_owned() });
        assert_eq!(defect.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(defect.sentence.contains("a draft of no turn. Nothing was changed"), "{}", defect.sentence);
        for outage in [StoreError::Busy, StoreError::Full { reason: "disk full".to_owned() }] {
            assert_eq!(Failure::from(outage).status, StatusCode::SERVICE_UNAVAILABLE);
        }
    }
}
