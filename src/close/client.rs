//! The HTTP client for Close's API: address, key, and what a call looks like.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::error::CloseError;
use super::json;
use super::schema::Schemas;
use crate::runtime::http::Request;
use crate::runtime::upstream::{CallKind, Manner, Upstream, pause_asked};
use crate::runtime::{Clock, Http, Random};

/// No further try of a read begins after this.
const RETRY_WINDOW: Duration = Duration::from_secs(30);
/// How long a read waits for a rate limit.
const READ_PATIENCE: Duration = Duration::from_secs(30);
/// How long a write waits for a rate limit: shortly, because what cleared it to be sent may change meanwhile.
const WRITE_PATIENCE: Duration = Duration::from_secs(2);

/// Close's API, as one organisation's key sees it. Clones share the connection, the rate limits and the caches.
#[derive(Clone)]
pub struct CloseClient {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    upstream: Upstream,
    base: Url,
    api_key: SecretString,
    schemas: Schemas,
}

impl std::fmt::Debug for CloseClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CloseClient({})", self.inner.base)
    }
}

/// One call, before it is sent.
pub(super) struct Call {
    pub(super) method: Method,
    /// Below the base address, without slashes at its ends.
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// Completes "could not …".
    pub(super) during: &'static str,
}

impl Call {
    /// A read of `path`.
    pub(super) fn get(path: impl Into<String>, during: &'static str) -> Self {
        Self { method: Method::GET, path: path.into(), query: Vec::new(), body: None, during }
    }

    /// A change at `path`.
    pub(super) fn write(method: Method, path: impl Into<String>, body: Option<Value>, during: &'static str) -> Self {
        Self { method, path: path.into(), query: Vec::new(), body, during }
    }

    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    fn kind(&self) -> CallKind {
        if self.method == Method::GET { CallKind::Read } else { CallKind::Write }
    }

    /// Close limits by path prefix and method: `GET activity/sms`, `PUT activity/sms`, `GET lead`.
    fn group(&self) -> String {
        let depth = if self.path.starts_with("activity/") { 2 } else { 1 };
        let prefix: Vec<&str> = self.path.split('/').take(depth).collect();
        format!("{} {}", self.method, prefix.join("/"))
    }
}

impl CloseClient {
    /// A client for the API at `base_url`, with or without a trailing slash; without any path, `/api/v1` is meant.
    /// `timeout` is for one try.
    ///
    /// # Errors
    /// [`CloseError::BadAddress`] when `base_url` is not an http or https address.
    pub fn new(
        http: Http,
        clock: Clock,
        base_url: &str,
        api_key: SecretString,
        timeout: Duration,
    ) -> Result<Self, CloseError> {
        let manner = Manner {
            name: "Close".to_owned(),
            timeout,
            retry_window: RETRY_WINDOW,
            read_patience: READ_PATIENCE,
            write_patience: WRITE_PATIENCE,
            concurrency: None,
        };
        let inner = Inner {
            upstream: Upstream::new(manner, http, clock, Random::system()),
            base: base_address(base_url)?,
            api_key,
            schemas: Schemas::default(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same client with its jitter drawn from `random`.
    #[must_use]
    pub fn with_random(self, random: Random) -> Self {
        let upstream = self.inner.upstream.with_random(random);
        Self { inner: Arc::new(Inner { upstream, ..Arc::unwrap_or_clone(self.inner) }) }
    }

    /// How Close answers these days.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.inner.upstream
    }

    pub(super) fn clock(&self) -> &Clock {
        self.inner.upstream.clock()
    }

    pub(super) fn schemas(&self) -> &Schemas {
        &self.inner.schemas
    }

    /// Makes a read, again if it failed in a way that may pass.
    pub(super) async fn read(&self, call: Call) -> Result<Value, CloseError> {
        self.inner.upstream.with_retries(|| self.once_parsed(&call)).await
    }

    /// Makes a read that may find nothing: 404 is none.
    pub(super) async fn find(&self, call: Call) -> Result<Option<Value>, CloseError> {
        match self.read(call).await {
            Ok(value) => Ok(Some(value)),
            Err(CloseError::Missing { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a write, once, and reads its answer.
    pub(super) async fn write(&self, call: Call) -> Result<Value, CloseError> {
        self.once_parsed(&call).await
    }

    /// Makes a write, once, whose answer says nothing but its status.
    pub(super) async fn write_unread(&self, call: Call) -> Result<(), CloseError> {
        self.once(&call).await.map(drop)
    }

    async fn once_parsed(&self, call: &Call) -> Result<Value, CloseError> {
        let body = self.once(call).await?;
        parse(call, &body)
    }

    async fn once(&self, call: &Call) -> Result<Bytes, CloseError> {
        let (during, kind) = (call.during, call.kind());
        let sent = self.inner.upstream.send(kind, &call.group(), self.request(call)?).await;
        let answer = sent.map_err(|error| CloseError::unanswered(during, kind, error))?;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let asked = pause_asked(answer.headers(), self.clock().now());
        Err(CloseError::from_answer(during, kind, answer.status(), asked, answer.body()))
    }

    fn request(&self, call: &Call) -> Result<Request, CloseError> {
        let bad = |reason: String| CloseError::BadAddress { address: self.inner.base.to_string(), reason };
        // The trailing slash is part of every documented path.
        let mut url = self.inner.base.join(&format!("{}/", call.path)).map_err(|e| bad(e.to_string()))?;
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let mut request = http::Request::builder()
            .method(call.method.clone())
            .uri(url.as_str())
            .header(AUTHORIZATION, basic(&self.inner.api_key))
            .header(ACCEPT, "application/json")
            // Every instant we send has its own offset; this guards against a user's zone being applied.
            .header("x-tz-offset", "0");
        if call.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let body = call.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        request.body(body).map_err(|e| bad(e.to_string()))
    }
}

fn parse(call: &Call, body: &[u8]) -> Result<Value, CloseError> {
    json::parse(body).map_err(|error| {
        // serde_json's message names a line and a column, never the content.
        CloseError::Unreadable { during: call.during, reason: format!("not JSON: {error}"), kind: call.kind() }
    })
}

/// Checks an id before it becomes part of a path: Close's are letters, digits, `_` and `-`.
pub(super) fn path_id<'a>(id: &'a str, during: &'static str) -> Result<&'a str, CloseError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if !id.is_empty() && id.chars().all(plain) {
        return Ok(id);
    }
    Err(CloseError::BadId { during, id: id.chars().take(80).collect() })
}

/// An instant as a query parameter, with its offset and microseconds.
pub(super) fn query_time(at: Timestamp) -> String {
    format!("{at:.6}")
}

fn base_address(base_url: &str) -> Result<Url, CloseError> {
    let bad = |reason: &str| CloseError::BadAddress { address: base_url.to_owned(), reason: reason.to_owned() };
    let mut url = Url::parse(base_url.trim()).map_err(|e| bad(&e.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(bad("it must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("the key belongs into CLOSE_API_KEY, not into the address"));
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = match url.path().trim_end_matches('/') {
        "" => "/api/v1/".to_owned(),
        path => format!("{path}/"),
    };
    url.set_path(&path);
    Ok(url)
}

/// The key is the user name; the password is empty.
fn basic(api_key: &SecretString) -> HeaderValue {
    let encoded = STANDARD.encode(format!("{}:", api_key.expose_secret().trim()));
    let mut value = HeaderValue::try_from(format!("Basic {encoded}"))
        .unwrap_or_else(|_| unreachable!("base64 is made of header characters"));
    value.set_sensitive(true);
    value
}

#[cfg(test)]
#[path = "client_tests.rs"]
pub(super) mod tests;
