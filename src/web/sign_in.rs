//! The page a rep signs in on.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::connect_info::ConnectInfo;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;

use super::error::Failure;
use super::sessions::{SignIn, cookie};
use super::{Shared, Site, assets};

pub(super) fn routes() -> Router<Arc<Site>> {
    Router::new().route("/login", get(page).post(sign_in)).route("/logout", post(sign_out))
}

#[derive(Template)]
#[template(path = "desk/login.html")]
struct LoginPage<'a> {
    css: &'static str,
    next: &'a str,
    refused: &'a str,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Given {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Where to go after signing in: only to a page of ours, never to another site.
fn inside(next: &str) -> &str {
    let printable = next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let path = next.split(['?', '#']).next().unwrap_or_default();
    let is_page = !matches!(path, "/login" | "/logout");
    let inside = next.starts_with('/') && !next.starts_with("//") && is_page && printable;
    if inside { next } else { "/" }
}

/// The page to sign in on, which leads to `next`; `refused` says why it is shown again.
pub(super) fn show(status: StatusCode, next: &str, refused: &str) -> Result<Response, Failure> {
    let html = LoginPage { css: assets::desk_css(), next: inside(next), refused }.render()?;
    Ok((status, Html(html)).into_response())
}

async fn page(State(site): Shared, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    if site.app.desk.password.is_none() {
        return Ok(Redirect::to("/").into_response());
    }
    show(StatusCode::OK, &asked.next, "")
}

async fn sign_in(
    State(site): Shared,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    let Some(password) = &site.app.desk.password else { return Ok(Redirect::to("/").into_response()) };
    match site.sessions.sign_in(&given.password, password, peer.ip().to_canonical(), site.app.clock.now()) {
        SignIn::Open(token) => {
            let cookie = cookie(Some(&token), site.app.desk.https);
            Ok(([(header::SET_COOKIE, cookie)], Redirect::to(inside(&given.next))).into_response())
        }
        SignIn::Wrong => {
            metrics::counter!("rapport_sign_ins_total", "result" => "refused").increment(1);
            show(StatusCode::UNAUTHORIZED, &given.next, "That password is not right. Try again.")
        }
        SignIn::TooSoon(wait) => {
            let seconds = wait.as_secs().max(1);
            let sentence = format!("Too many wrong passwords. Try again in {seconds} s.");
            let page = show(StatusCode::TOO_MANY_REQUESTS, &given.next, &sentence)?;
            Ok(([(header::RETRY_AFTER, seconds.to_string())], page).into_response())
        }
    }
}

async fn sign_out(State(site): Shared, headers: HeaderMap) -> Response {
    site.sessions.close(&headers);
    ([(header::SET_COOKIE, cookie(None, site.app.desk.https))], Redirect::to("/login")).into_response()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::Request;
    use tower::ServiceExt;

    use super::super::testing::Desk;
    use super::super::{DeskSettings, router};
    use super::*;

    async fn desk_with_password() -> Desk {
        Desk::with(DeskSettings { password: Some("right".into()), ..DeskSettings::default() }).await
    }

    #[tokio::test]
    async fn with_a_password_nothing_of_the_desk_is_shown_before_signing_in() {
        let desk = desk_with_password().await;
        let asked = desk.get("/conversations/conv_1").await;
        assert_eq!(asked.status, StatusCode::SEE_OTHER);
        assert_eq!(asked.header("location"), "/login?next=/conversations/conv_1");
        assert_eq!(desk.get("/desk/events").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.post("/pause", "reason=x").await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.app.store.paused().await.expect("reads"), None);
    }

    #[tokio::test]
    async fn the_password_opens_the_desk_until_signed_out() {
        let desk = desk_with_password().await;
        let wrong = desk.post("/login", "password=wrong&next=/").await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
        assert!(wrong.body.contains("That password is not right."), "{}", wrong.body);
        let right = desk.post("/login", "password=right&next=/").await;
        assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/"));
        let cookie = right.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let with_cookie = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path).header("host", "desk.example");
            request.header("cookie", &cookie).body(Body::empty()).expect("a request")
        };
        assert_eq!(desk.send(with_cookie("GET", "/")).await.status, StatusCode::OK);
        desk.send(with_cookie("POST", "/logout")).await;
        assert_eq!(desk.send(with_cookie("GET", "/")).await.status, StatusCode::SEE_OTHER);
    }

    #[tokio::test]
    async fn a_form_that_comes_after_the_session_leads_back_to_its_page() {
        let desk = desk_with_password().await;
        let request = Request::post("/drafts/draft_1/edit")
            .header("host", "desk.example")
            .header("sec-fetch-site", "same-origin")
            .header("referer", "https://desk.example/conversations/conv_1")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("text=Hi"))
            .expect("a request");
        let answer = desk.send(request).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert!(answer.body.contains("You are signed out, and nothing was changed."), "{}", answer.body);
        assert!(answer.body.contains("name=\"next\" value=\"/conversations/conv_1\""), "{}", answer.body);
    }

    #[tokio::test]
    async fn without_a_password_only_this_machine_by_its_own_name_is_served() {
        let desk = Desk::open().await;
        let named = |host: &str| Request::get("/").header("host", host).body(Body::empty()).expect("a request");
        assert_eq!(desk.send(named("127.0.0.1:8787")).await.status, StatusCode::OK);
        let rebound = desk.send(named("rebound.example:8787")).await;
        assert_eq!(rebound.status, StatusCode::FORBIDDEN);
        assert!(rebound.body.contains("desk.password"), "{}", rebound.body);
        let unknown_peer = router(desk.app.clone()).oneshot(named("localhost")).await.expect("a router always answers");
        assert_eq!(unknown_peer.status(), StatusCode::FORBIDDEN);
    }

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(inside("/conversations/conv_1"), "/conversations/conv_1");
        for elsewhere in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "",
            "/a\r\nb",
            "/\u{1}",
            "/logout",
            "/login?next=/",
        ] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere}");
        }
    }
}
