//! Who may use the desk, and from where.
//!
//! With a password, whoever signed in. Without one, this machine only: the connection must come from a loopback
//! address, not through a proxy, and the browser must have asked for a loopback name. The last keeps out a web page
//! whose own name was pointed at 127.0.0.1 (DNS rebinding).

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::connect_info::{ConnectInfo, MockConnectInfo};
use axum::extract::{Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};

use super::Site;
use super::edge::Slot;
use super::error::{Failure, Wanted, page_before};
use super::sign_in;

/// Lets a request through to the desk, or says why not.
pub(super) async fn only_allowed(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    match check(&site, &request) {
        Ok(()) => trust(&request),
        Err(Refused::SignedOut(sign_in)) => return Redirect::to(&sign_in).into_response(),
        Err(Refused::Expired) => return ask_to_sign_in_again(request.headers()),
        Err(Refused::Forbidden(failure)) => return failure.into_response(),
    }
    let mut response = next.run(request).await;
    // What leads wrote must not stay in a shared browser's cache.
    response.headers_mut().entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Tells the connection, if there is one, that it carries somebody who may use the desk. Whoever is still signing in may
/// not yet.
fn trust(request: &Request) {
    if request.uri().path() != "/login"
        && let Some(slot) = request.extensions().get::<Slot>()
    {
        slot.trusted();
    }
}

/// Why a request does not reach the desk.
enum Refused {
    /// A person must sign in at this address first.
    SignedOut(String),
    /// A form was sent after the session had ended: its page must be found again.
    Expired,
    Forbidden(Failure),
}

impl From<Failure> for Refused {
    fn from(failure: Failure) -> Self {
        Self::Forbidden(failure)
    }
}

fn check(site: &Site, request: &Request) -> Result<(), Refused> {
    if site.app.desk.password.is_none() {
        from_this_machine(peer_of(request), request.headers())?;
    }
    from_our_own_page(request.method(), request.headers())?;
    let signing_in = request.uri().path() == "/login";
    if site.app.desk.password.is_none() || signing_in {
        return Ok(());
    }
    if site.sessions.is_open(request.headers(), site.app.clock.now()) {
        return Ok(());
    }
    if request.method() == Method::GET && Wanted::of(request) == Wanted::Page && request.uri().path() != "/desk/events"
    {
        return Err(Refused::SignedOut(sign_in_address(request.uri())));
    }
    if request.method() == Method::POST && Wanted::of(request) == Wanted::Page {
        return Err(Refused::Expired);
    }
    Err(Failure::new(StatusCode::UNAUTHORIZED, "You are signed out. Sign in again; nothing was changed.").into())
}

fn ask_to_sign_in_again(headers: &HeaderMap) -> Response {
    let back = page_before(headers).unwrap_or_default();
    let sentence = "You are signed out, and nothing was changed. Sign in again to go on.";
    sign_in::show(StatusCode::UNAUTHORIZED, &back, sentence).unwrap_or_else(IntoResponse::into_response)
}

fn sign_in_address(asked: &Uri) -> String {
    let back = asked.path();
    if back == "/" { "/login".to_owned() } else { format!("/login?next={back}") }
}

/// The address the connection came from, if the server recorded it.
pub(super) fn peer_of(request: &Request) -> Option<IpAddr> {
    let extensions = request.extensions();
    extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|ConnectInfo(peer)| peer)
        .or_else(|| extensions.get::<MockConnectInfo<SocketAddr>>().map(|MockConnectInfo(peer)| peer))
        .map(|peer| peer.ip().to_canonical())
}

fn from_this_machine(peer: Option<IpAddr>, headers: &HeaderMap) -> Result<(), Failure> {
    let forbidden = |sentence: String| Failure::new(StatusCode::FORBIDDEN, sentence);
    if !peer.is_some_and(|peer| peer.is_loopback()) {
        return Err(forbidden(
            "The desk has no password, so it only answers the machine it runs on. Set desk.password to use it from \
             elsewhere."
                .to_owned(),
        ));
    }
    if headers.contains_key("x-forwarded-for") || headers.contains_key(header::FORWARDED) {
        return Err(forbidden(
            "This request came through a proxy, and the desk has no password. Set desk.password to use it from \
             elsewhere."
                .to_owned(),
        ));
    }
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if is_loopback_name(host) {
        return Ok(());
    }
    let shown: String = host.chars().take(80).collect();
    Err(forbidden(format!(
        "The desk has no password, so it only answers as localhost, not as \"{shown}\". Open it as localhost, or set \
         desk.password."
    )))
}

fn is_loopback_name(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_end_matches('.').to_ascii_lowercase();
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.ends_with(".localhost") || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Refuses a change that another site's page asked for (CSRF): browsers say where a request comes from in
/// `Sec-Fetch-Site`, older ones in `Origin`. A client that sends neither is not a browser and carries no one's cookie.
fn from_our_own_page(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let asked = text("host").unwrap_or_default();
            origin.parse::<Uri>().is_ok_and(|uri| uri.authority().is_some_and(|from| from.as_str() == asked))
        }
        (None, None) => true,
    };
    if ours {
        return Ok(());
    }
    Err(Failure::new(
        StatusCode::FORBIDDEN,
        "This came from another site's page, so nothing was changed. Use the buttons on the desk itself.",
    ))
}

/// Lets only our own pages, and those the settings name, show the desk in a frame, and nothing run that is not ours.
pub(super) async fn framed_by_ours_only(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let origins = &site.app.desk.frame_origins;
    let policy = format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors {}",
        std::iter::once("'self'").chain(origins.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    );
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    // The older header cannot name origins; browsers that know frame-ancestors ignore it anyway.
    if origins.is_empty() {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| ((*name).parse().expect("a name"), value.parse().expect("a value"))).collect()
    }

    #[test]
    fn only_loopback_names_are_answered_without_a_password() {
        for name in
            ["localhost", "localhost:8787", "127.0.0.1:80", "127.9.9.9", "[::1]:8787", "LOCALHOST", "rapport.localhost"]
        {
            assert!(is_loopback_name(name), "{name}");
        }
        for name in ["", "example.com", "127.0.0.1.example.com", "localhost.example.com", "10.0.0.1:8787", "[::2]"] {
            assert!(!is_loopback_name(name), "{name}");
        }
    }

    #[test]
    fn without_a_password_the_peer_must_be_this_machine_and_reach_us_directly() {
        let here = Some(IpAddr::from([127, 0, 0, 1]));
        assert!(from_this_machine(here, &headers(&[("host", "localhost:1")])).is_ok());
        assert!(from_this_machine(None, &headers(&[("host", "localhost:1")])).is_err());
        assert!(from_this_machine(Some(IpAddr::from([10, 0, 0, 2])), &headers(&[("host", "localhost:1")])).is_err());
        assert!(from_this_machine(here, &headers(&[("host", "rebound.example")])).is_err());
        assert!(from_this_machine(here, &headers(&[("host", "localhost"), ("x-forwarded-for", "10.0.0.2")])).is_err());
    }

    #[test]
    fn a_change_asked_for_by_another_site_is_refused() {
        let post = |pairs| from_our_own_page(&Method::POST, &headers(pairs)).is_ok();
        assert!(post(&[("sec-fetch-site", "same-origin")]));
        assert!(!post(&[("sec-fetch-site", "cross-site")]));
        assert!(!post(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:1"), ("host", "localhost:1")]));
        assert!(post(&[("origin", "http://localhost:1"), ("host", "localhost:1")]));
        assert!(!post(&[("origin", "http://localhost:2"), ("host", "localhost:1")]));
        assert!(!post(&[("origin", "null"), ("host", "localhost:1")]));
        assert!(post(&[("host", "localhost:1")]), "not a browser");
    }
}
