//! The client: one call and its errors; and who the token belongs to.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;
use url::Url;

use super::CalendlyError;
use crate::runtime::upstream::{CallKind, Manner, Upstream};
use crate::runtime::{Clock, Http, Random};

/// Calendly's limit counts all calls of a user together.
const GROUP: &str = "calendly";

/// How long a call waits for the rate limit before it is given up: the lead waits, too. Long enough for the pace that
/// the last calls of an allowance of 50 a minute go at.
const PATIENCE: Duration = Duration::from_secs(10);

/// No further try of a read begins after this: times to offer are not worth a longer wait.
const RETRY_WINDOW: Duration = Duration::from_secs(10);

/// The largest page that may be asked for.
const PAGE_ROWS: &str = "100";

/// A list longer than this many pages is cut: no account of ours has one.
const PAGES_MAX: usize = 20;

/// The owner of the token.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct User {
    /// Its address in the API.
    pub uri: String,
    /// The name leads see.
    #[serde(default)]
    pub name: Option<String>,
    /// The login's e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// The page with all event types.
    #[serde(default)]
    pub scheduling_url: Option<String>,
    /// An IANA zone, or in old accounts some other label.
    #[serde(default)]
    pub timezone: Option<String>,
    /// The organization's address in the API.
    #[serde(default)]
    pub current_organization: Option<String>,
}

/// Calls Calendly. Clones share what they know.
#[derive(Clone)]
pub struct CalendlyClient {
    upstream: Upstream,
    base: Url,
    token: SecretString,
    me: Arc<OnceCell<User>>,
    /// Organization-wide lists were refused: only the user's own are asked for.
    pub(super) own_only: Arc<AtomicBool>,
}

impl CalendlyClient {
    /// A client for the API at `base_url` (`https://api.calendly.com`). Every call gets `timeout`.
    ///
    /// # Errors
    /// [`CalendlyError::Configuration`] when address or token cannot be used.
    pub fn new(
        http: Http,
        clock: Clock,
        base_url: &str,
        token: &SecretString,
        timeout: Duration,
    ) -> Result<Self, CalendlyError> {
        let wrong = |reason: String| CalendlyError::Configuration(reason);
        let base = Url::parse(base_url.trim())
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| wrong(format!("base_url {base_url:?} is no web address; write https://api.calendly.com")))?;
        let token = token.expose_secret().trim();
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            let words = "the token (calendly.token, the file of calendly.token_file, or CALENDLY_TOKEN) is empty or holds a \
                         character that no token has; copy it again, alone";
            return Err(wrong(words.into()));
        }
        let token = SecretString::from(token);
        let manner = Manner {
            name: "Calendly".to_owned(),
            timeout,
            retry_window: RETRY_WINDOW,
            read_patience: PATIENCE,
            write_patience: PATIENCE,
            concurrency: None,
        };
        let upstream = Upstream::new(manner, http, clock, Random::system());
        Ok(Self { upstream, base, token, me: Arc::default(), own_only: Arc::default() })
    }

    /// The same client with its jitter drawn from `random`.
    #[must_use]
    pub fn with_random(self, random: Random) -> Self {
        Self { upstream: self.upstream.with_random(random), ..self }
    }

    /// How Calendly answers these days.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        &self.upstream
    }

    pub(super) fn clock(&self) -> &Clock {
        self.upstream.clock()
    }

    /// Who the token belongs to. Asked once and kept.
    ///
    /// # Errors
    /// [`CalendlyError`].
    pub async fn me(&self) -> Result<&User, CalendlyError> {
        self.me.get_or_try_init(|| self.resource(&["users", "me"], &[])).await
    }

    /// Reads one resource.
    pub(super) async fn resource<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<T, CalendlyError> {
        let mut answer = self.read(path, query).await?;
        let resource = match answer.get_mut("resource") {
            Some(resource) => resource.take(),
            None => answer,
        };
        serde_json::from_value(resource).map_err(|e| CalendlyError::unreadable(CallKind::Read, e.to_string()))
    }

    /// Reads all pages of a list. Rows of an unknown shape are left out.
    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Vec<T>, CalendlyError> {
        let mut rows = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let mut query = query.to_vec();
            query.push(("count", PAGE_ROWS));
            query.extend(token.as_deref().map(|token| ("page_token", token)));
            let page = self.read(path, &query).await?;
            rows.extend(rows_of(&page)?);
            let next = next_page(&page["pagination"]);
            // A server that hands out the same page again would never end.
            if next.is_none() || next == token {
                break;
            }
            token = next;
        }
        Ok(rows)
    }

    /// Reads `path`, again if it failed in a way that may pass.
    pub(super) async fn read(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, CalendlyError> {
        let url = self.url(path, query);
        self.upstream.with_retries(|| self.call(Method::GET, &url, None)).await
    }

    /// Sends a change, once.
    pub(super) async fn write(
        &self,
        method: Method,
        path: &[&str],
        body: Option<&Value>,
    ) -> Result<Value, CalendlyError> {
        self.call(method, &self.url(path, &[]), body).await
    }

    async fn call(&self, method: Method, url: &Url, body: Option<&Value>) -> Result<Value, CalendlyError> {
        let kind = if method == Method::GET { CallKind::Read } else { CallKind::Write };
        let mut request = http::Request::builder()
            .method(method)
            .uri(url.as_str())
            .header("authorization", format!("Bearer {}", self.token.expose_secret()))
            .header("accept", "application/json");
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(bytes).map_err(|e| CalendlyError::Configuration(e.to_string()))?;
        let sent = self.upstream.send(kind, GROUP, request).await;
        let answer = sent.map_err(|error| CalendlyError::unanswered(kind, error))?;
        if !answer.status().is_success() {
            return Err(CalendlyError::read(kind, &answer, self.clock().now()));
        }
        if answer.body().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(answer.body()).map_err(|_| CalendlyError::unreadable(kind, "it is not JSON"))
    }

    fn url(&self, path: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

fn rows_of<T: DeserializeOwned>(page: &Value) -> Result<Vec<T>, CalendlyError> {
    let rows = page["collection"]
        .as_array()
        .ok_or_else(|| CalendlyError::unreadable(CallKind::Read, "a list without a collection"))?;
    let row = |row: &Value| match serde_json::from_value(row.clone()) {
        Ok(row) => Some(row),
        Err(e) => {
            tracing::debug!(error = %e, "left out a row of a Calendly list");
            None
        }
    };
    Ok(rows.iter().filter_map(row).collect())
}

/// The token of the next page, by itself or out of the next page's address.
fn next_page(pagination: &Value) -> Option<String> {
    if let Some(token) = pagination["next_page_token"].as_str().filter(|token| !token.is_empty()) {
        return Some(token.to_owned());
    }
    let next = Url::parse(pagination["next_page"].as_str()?).ok()?;
    next.query_pairs().find(|(name, _)| name == "page_token").map(|(_, token)| token.into_owned())
}

/// The last part of a resource's address: its id.
pub(super) fn id_of(uri: &str) -> &str {
    uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use secrecy::SecretString;
    use serde_json::{Value, json};

    use crate::calendly::testing::{Server, answer, client, client_at, run};
    use crate::calendly::{CalendlyClient, CalendlyError};
    use crate::runtime::upstream::Outcome;
    use crate::runtime::{Clock, Http};

    #[tokio::test]
    async fn the_owner_of_the_token_is_asked_once_with_the_token() {
        let server = Server::new().on("GET /users/me", |_| {
            answer(
                200,
                &json!({ "resource": {
                "uri": "https://api.calendly.com/users/U1", "name": "Ada", "slug": "ada", "timezone": null,
                "current_organization": "https://api.calendly.com/organizations/O1", "locale": "en" } }),
            )
        });
        let client = client(&server);
        for _ in 0..2 {
            assert_eq!(client.me().await.expect("an owner").uri, "https://api.calendly.com/users/U1");
        }
        assert_eq!(server.seen().len(), 1);
        assert_eq!(server.seen()[0].authorization, "Bearer token-test");
    }

    #[tokio::test]
    async fn all_pages_are_read_whichever_way_the_next_one_is_named() {
        let server = Server::new().on("GET /things", |seen| {
            let next = |token: &str| json!(format!("https://api.calendly.com/things?count=100&page_token={token}"));
            let (rows, pagination) = match seen.param("page_token").as_deref() {
                None => (json!([1, "odd"]), json!({ "next_page_token": "b", "next_page": next("b") })),
                Some("b") => (json!([2]), json!({ "next_page": next("c") })),
                _ => (json!([3]), json!({ "next_page_token": null, "next_page": null })),
            };
            answer(200, &json!({ "collection": rows, "pagination": pagination }))
        });
        let rows: Vec<u32> = client(&server).list(&["things"], &[]).await.expect("rows");
        assert_eq!(rows, [1, 2, 3]);
    }

    #[tokio::test]
    async fn a_read_that_failed_for_a_moment_is_made_again_and_a_write_is_not() {
        let server = Server::new()
            .on("GET /thing", |seen| answer(if seen.count == 1 { 502 } else { 200 }, &json!({ "resource": 7 })))
            .on("POST /thing", |_| answer(502, &Value::Null));
        let (client, time) = client_at(&server, "2026-11-23T12:00:00Z");
        let read: Result<u32, _> = run(&time, client.resource(&["thing"], &[])).await;
        assert_eq!(read, Ok(7));
        let write = run(&time, client.write(http::Method::POST, &["thing"], Some(&json!({})))).await;
        assert_eq!(write.expect_err("failed").outcome(), Outcome::Unknown);
        assert_eq!(server.seen().len(), 3);
    }

    #[tokio::test]
    async fn a_used_up_limit_holds_further_calls_back_without_sending_them() {
        let server = Server::new().on("GET /thing", |_| {
            let mut limited = answer(429, &json!({ "title": "Too Many Requests" }));
            limited.headers_mut().insert("x-ratelimit-reset", http::HeaderValue::from_static("60"));
            limited
        });
        let (client, time) = client_at(&server, "2026-11-23T12:00:00Z");
        for _ in 0..3 {
            let error = run(&time, client.resource::<u32>(&["thing"], &[])).await.expect_err("limited");
            let Outcome::Retryable { after: Some(after) } = error.outcome() else { panic!("{error:?}") };
            assert!(after > Duration::from_secs(50), "{after:?}");
        }
        assert_eq!(server.seen().len(), 1);
    }

    #[test]
    fn an_unusable_address_or_token_is_named() {
        let new = |base: &str, token: &str| {
            let clock = Clock::system();
            let http = Http::routed(clock.clone(), std::collections::BTreeMap::new());
            CalendlyClient::new(http, clock, base, &SecretString::from(token), Duration::from_secs(5)).err()
        };
        assert_eq!(new("https://api.calendly.com", "abc\n"), None);
        for (base, token) in [("calendly", "abc"), ("https://api.calendly.com", ""), ("http://a.test", "a\nsecret")] {
            let error = new(base, token).expect("refused");
            assert!(matches!(error, CalendlyError::Configuration(_)) && !error.to_string().contains("secret"));
        }
    }
}
