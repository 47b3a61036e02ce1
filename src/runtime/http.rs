//! Outgoing HTTP: one tower service through which every call of the program passes.
//!
//! A request and its answer are whole messages in memory: everything Rapport exchanges is small. In production the
//! service is a connection pool; in a test it can be any axum router, so that a simulator answers without a socket.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use tower::util::BoxCloneSyncService;
use tower::{ServiceExt, service_fn};

use super::clock::Clock;

/// What goes out.
pub type Request = http::Request<Bytes>;
/// What comes back, whatever its status.
pub type Response = http::Response<Bytes>;

/// The largest answer we read: far above any page of Close or Calendly, far below what would hurt.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The other side was not reached: nothing was sent, so trying again is always safe.
    #[error("could not connect to {host}: {reason}")]
    Connect {
        /// Host and port.
        host: String,
        /// The system's words.
        reason: String,
    },
    /// The request may have arrived and taken effect; the answer did not come in time.
    #[error("{host} did not answer within {} ms", after.as_millis())]
    TimedOut {
        /// Host and port.
        host: String,
        /// The time that was allowed.
        after: Duration,
    },
    /// The request may have arrived and taken effect; the connection broke before the whole answer was read.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// Host and port.
        host: String,
        /// The system's words.
        reason: String,
    },
}

impl TransportError {
    /// False only when it is certain that nothing reached the other side.
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        !matches!(self, Self::Connect { .. })
    }
}

/// The one way out of the program.
#[derive(Clone)]
pub struct Http {
    service: BoxCloneSyncService<Request, Response, TransportError>,
    clock: Clock,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Http")
    }
}

impl Http {
    /// The real network, over pooled connections with TLS.
    ///
    /// # Errors
    /// When the system's certificate store cannot be used.
    pub fn network(clock: Clock) -> Result<Self, reqwest::Error> {
        let client = network_client()?;
        let service = service_fn(move |request: Request| {
            let client = client.clone();
            async move { exchange(&client, request).await }
        });
        Ok(Self { service: BoxCloneSyncService::new(service), clock })
    }

    /// Every call goes through `service`: a simulation sees it leave and come back.
    #[must_use]
    pub fn through<S>(clock: Clock, service: S) -> Self
    where
        S: tower::Service<Request, Response = Response, Error = TransportError> + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        Self { service: BoxCloneSyncService::new(service), clock }
    }

    /// Answers from routers in this process, by host and port (`"close.test:80"`); other hosts cannot be reached.
    #[must_use]
    pub fn routed(clock: Clock, hosts: BTreeMap<String, Router>) -> Self {
        let service = service_fn(move |request: Request| {
            let host = host_of(&request);
            let router = hosts.get(&host).cloned();
            async move {
                let Some(router) = router else {
                    return Err(TransportError::Connect { host, reason: "no such host".to_owned() });
                };
                let answer = match router.oneshot(request.map(axum::body::Body::from)).await {
                    Ok(answer) => answer,
                    Err(never) => match never {},
                };
                let (head, body) = answer.into_parts();
                let body = axum::body::to_bytes(body, ANSWER_BYTES_MAX)
                    .await
                    .map_err(|e| TransportError::Broken { host, reason: e.to_string() })?;
                Ok(Response::from_parts(head, body))
            }
        });
        Self { service: BoxCloneSyncService::new(service), clock }
    }

    /// Sends `request` and reads the whole answer, all within `limit`.
    ///
    /// # Errors
    /// [`TransportError`], which tells whether the request may have taken effect. An answer of any status is `Ok`.
    pub async fn send(&self, request: Request, limit: Duration) -> Result<Response, TransportError> {
        let host = host_of(&request);
        self.clock
            .timeout(limit, self.service.clone().oneshot(request))
            .await
            .unwrap_or(Err(TransportError::TimedOut { host, after: limit }))
    }
}

fn host_of(request: &Request) -> String {
    let uri = request.uri();
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    format!("{}:{port}", uri.host().unwrap_or_default())
}

/// A client for libraries that build their requests with one. It is never asked to send: what it builds goes out through
/// [`Http::send`].
///
/// # Errors
/// When the system's certificate store cannot be used.
pub fn request_builder() -> Result<reqwest::Client, reqwest::Error> {
    network_client()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes an HTTP client")]
fn network_client() -> Result<reqwest::Client, reqwest::Error> {
    // A second call finds the provider already installed, which is what we want.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(Duration::from_secs(5))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that sends")]
async fn exchange(client: &reqwest::Client, request: Request) -> Result<Response, TransportError> {
    let host = host_of(&request);
    let broken = |e: reqwest::Error| {
        let reason = root_cause(&e);
        if e.is_connect() || e.is_builder() {
            TransportError::Connect { host: host.clone(), reason }
        } else {
            TransportError::Broken { host: host.clone(), reason }
        }
    };
    // Of bytes the client would keep a copy as long as the answer takes, to send them again by itself.
    let request = request.map(|bytes| reqwest::Body::wrap(Full::new(bytes)));
    let request = reqwest::Request::try_from(request).map_err(&broken)?;
    let answer: http::Response<reqwest::Body> = client.execute(request).await.map_err(&broken)?.into();
    let (head, body) = answer.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX)
        .collect()
        .await
        .map_err(|e| TransportError::Broken { host: host.clone(), reason: e.to_string() })?
        .to_bytes();
    Ok(Response::from_parts(head, body))
}

/// The innermost message: reqwest's own only says that something went wrong. It never holds a URL, whose query may
/// hold a phone number.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if cause.downcast_ref::<reqwest::Error>().is_some() { "request failed".to_owned() } else { cause.to_string() }
}
