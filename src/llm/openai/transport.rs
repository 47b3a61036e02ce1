//! async-openai's transport: its requests leave through the [`Upstream`], once, and an error answer stays whole.

use std::sync::{Arc, Mutex, PoisonError};

use async_openai::middleware::HttpRequestFactory;
use bytes::Bytes;
use serde::Deserialize;

use crate::llm::failure::{Failure, Refusal, header};
use crate::llm::{GROUP, ModelSettings};
use crate::runtime::upstream::{CallKind, Upstream};

/// Why the transport brought no completion.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    /// The server answered with an error.
    #[error("status {}", .0.status)]
    Refused(Refusal),
    /// There is no usable answer.
    #[error("{}", .0.error)]
    Failed(Failure),
}

/// Any JSON object.
#[derive(Deserialize)]
struct Fields {}

/// Sends one request. Answers that are no JSON are stopped here, because the crate would log them whole.
#[derive(Clone)]
pub(super) struct Transport {
    pub(super) upstream: Upstream,
    pub(super) settings: Arc<ModelSettings>,
    /// The request id of the answer, for whoever made this transport.
    pub(super) request_id: Arc<Mutex<Option<String>>>,
}

impl Transport {
    pub(super) async fn exchange(
        self,
        factory: HttpRequestFactory,
    ) -> Result<reqwest::Response, Box<dyn std::error::Error + Send + Sync>> {
        let request = http::Request::<reqwest::Body>::try_from(factory.build().await?)?;
        // What it holds would wait as long as the answer does.
        drop(factory);
        let request = request.map(|body| Bytes::copy_from_slice(body.as_bytes().unwrap_or_default()));
        let answer = self
            .upstream
            .send(CallKind::Read, GROUP, request)
            .await
            .map_err(|error| Trouble::Failed(Failure::unanswered(&self.settings, error)))?;
        if !answer.status().is_success() {
            return Err(Trouble::Refused(Refusal::read(&answer, self.upstream.clock().now())).into());
        }
        if serde_json::from_slice::<Fields>(answer.body()).is_err() {
            return Err(Trouble::Failed(Failure::malformed(&self.settings, "it is no JSON object")).into());
        }
        let id = header(answer.headers(), "x-request-id").map(str::to_owned);
        *self.request_id.lock().unwrap_or_else(PoisonError::into_inner) = id;
        Ok(reqwest::Response::from(answer))
    }
}
