//! The demo's page: a phone to text from as one of the seeded leads, and the desk beside it.
//!
//! It knows nothing of Rapport: it is the lead's side. What is typed goes to a [`Phone`], which hands it to the
//! simulated Close as a carrier would.

use std::sync::Arc;

use askama::Template;
use async_trait::async_trait;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tower_http::set_header::SetResponseHeaderLayer;

const CSS: &str = include_str!("phone.css");
const JS: &str = include_str!("phone.js");
/// The longest text the phone takes, in characters: what Close takes.
const TEXT_CHARS_MAX: usize = 1_000;

/// A lead to text as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoLead {
    /// Close's lead id.
    pub id: String,
    /// The person's name.
    pub name: String,
    /// Who this is, in half a sentence.
    pub about: String,
    /// Texts worth trying as this lead, to tap.
    pub suggestions: Vec<String>,
}

/// A text as the lead's phone shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DemoText {
    /// Stable id.
    pub id: String,
    /// True for what the lead wrote.
    pub mine: bool,
    /// What it says.
    pub text: String,
    /// When it was sent.
    pub at: jiff::Timestamp,
}

/// The lead's phone, over the simulated Close.
#[async_trait]
pub trait Phone: Send + Sync {
    /// The leads to text as.
    async fn leads(&self) -> Vec<DemoLead>;

    /// What a lead's phone shows, oldest first; none when there is no such lead.
    async fn thread(&self, lead_id: &str) -> Option<Vec<DemoText>>;

    /// Sends a text as the lead.
    ///
    /// # Errors
    /// A sentence for the page when it did not go out.
    async fn text(&self, lead_id: &str, text: &str) -> Result<(), String>;

    /// Which model answers and, for a scripted one, that it is no real one.
    fn model_note(&self) -> String;

    /// The desk's address, such as `http://127.0.0.1:8787`.
    fn desk_url(&self) -> String;
}

type Shared = State<Arc<dyn Phone>>;

/// The page and what it asks for.
pub fn demo_router(phone: Arc<dyn Phone>) -> Router {
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'; frame-src {}",
        phone.desk_url()
    );
    let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    Router::new()
        .route("/", get(page))
        .route("/phone.css", get(|| async { asset("text/css; charset=utf-8", CSS) }))
        .route("/phone.js", get(|| async { asset("text/javascript; charset=utf-8", JS) }))
        .route("/phone/{lead}", get(thread).post(text))
        .layer(SetResponseHeaderLayer::overriding(header::CONTENT_SECURITY_POLICY, policy))
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .with_state(phone)
}

fn asset(kind: &'static str, content: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-cache")], content).into_response()
}

#[derive(Template)]
#[template(path = "demo/phone.html")]
struct PhonePage {
    leads: Vec<DemoLead>,
    model_note: String,
    desk_url: String,
}

async fn page(State(phone): Shared) -> Response {
    let page =
        PhonePage { leads: phone.leads().await, model_note: phone.model_note(), desk_url: phone.desk_url() }.render();
    match page {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn thread(State(phone): Shared, Path(lead): Path<String>) -> Response {
    match phone.thread(&lead).await {
        Some(texts) => ([(header::CACHE_CONTROL, "no-store")], Json(texts)).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such lead.").into_response(),
    }
}

#[derive(Deserialize)]
struct Typed {
    text: String,
}

/// Only JSON is taken: another site's page cannot send that here without being asked first (CORS preflight).
async fn text(
    State(phone): Shared,
    Path(lead): Path<String>,
    headers: HeaderMap,
    Json(typed): Json<Typed>,
) -> Response {
    if headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin") {
        return (StatusCode::FORBIDDEN, "Type on the page itself.").into_response();
    }
    let text = typed.text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        let sentence = format!("Write a text of 1 to {TEXT_CHARS_MAX} characters.");
        return (StatusCode::UNPROCESSABLE_ENTITY, sentence).into_response();
    }
    match phone.text(&lead, text).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(sentence) => (StatusCode::BAD_GATEWAY, sentence).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use axum::body::{Body, to_bytes};
    use axum::http::Request;
    use tower::ServiceExt;

    use super::*;

    #[derive(Default)]
    struct Pocket(Mutex<Vec<DemoText>>);

    #[async_trait]
    impl Phone for Pocket {
        async fn leads(&self) -> Vec<DemoLead> {
            vec![DemoLead {
                id: "lead_1".to_owned(),
                name: "Dana <W>".to_owned(),
                about: "asked about batteries".to_owned(),
                suggestions: vec!["How much is it?".to_owned()],
            }]
        }

        async fn thread(&self, lead_id: &str) -> Option<Vec<DemoText>> {
            (lead_id == "lead_1").then(|| self.0.lock().expect("not poisoned").clone())
        }

        async fn text(&self, _: &str, text: &str) -> Result<(), String> {
            let at = jiff::Timestamp::UNIX_EPOCH;
            let text = DemoText { id: "t1".to_owned(), mine: true, text: text.to_owned(), at };
            self.0.lock().expect("not poisoned").push(text);
            Ok(())
        }

        fn model_note(&self) -> String {
            "Scripted, not a real model.".to_owned()
        }

        fn desk_url(&self) -> String {
            "http://127.0.0.1:8787".to_owned()
        }
    }

    async fn send(router: &Router, request: Request<Body>) -> (StatusCode, String) {
        let answer = router.clone().oneshot(request).await.expect("a router always answers");
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a whole body");
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    fn get(path: &str) -> Request<Body> {
        Request::get(path).body(Body::empty()).expect("a request")
    }

    fn post(json: &str) -> Request<Body> {
        let request = Request::post("/phone/lead_1").header("content-type", "application/json");
        request.body(Body::from(json.to_owned())).expect("a request")
    }

    #[tokio::test]
    async fn the_page_shows_the_leads_the_desk_and_what_the_model_is() {
        let router = demo_router(Arc::new(Pocket::default()));
        let (status, page) = send(&router, get("/")).await;
        assert_eq!(status, StatusCode::OK);
        for part in
            ["Dana &#60;W&#62;", "How much is it?", "Scripted, not a real model.", "src=\"http://127.0.0.1:8787\""]
        {
            assert!(page.contains(part), "{part} in {page}");
        }
    }

    #[tokio::test]
    async fn a_text_typed_arrives_in_the_thread() {
        let router = demo_router(Arc::new(Pocket::default()));
        assert_eq!(send(&router, post(r#"{"text":" Hi "}"#)).await.0, StatusCode::NO_CONTENT);
        let (_, thread) = send(&router, get("/phone/lead_1")).await;
        assert_eq!(thread, r#"[{"id":"t1","mine":true,"text":"Hi","at":"1970-01-01T00:00:00Z"}]"#);
        assert_eq!(send(&router, post(r#"{"text":"  "}"#)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(send(&router, get("/phone/lead_9")).await.0, StatusCode::NOT_FOUND);
    }
}
