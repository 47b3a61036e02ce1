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
    let inside = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n']);
    if inside { next } else { "/" }
}

fn show(status: StatusCode, next: &str, refused: &str) -> Result<Response, Failure> {
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
    use super::*;

    #[test]
    fn signing_in_never_leads_to_another_site() {
        assert_eq!(inside("/conversations/conv_1"), "/conversations/conv_1");
        for elsewhere in ["//evil.example", "https://evil.example", "/\\evil.example", "", "/a\r\nb"] {
            assert_eq!(inside(elsewhere), "/", "{elsewhere}");
        }
    }
}
