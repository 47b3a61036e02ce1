//! A model whose answer nobody waits for: rate limits and short outages are waited out, so that a run is not lost to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use crate::llm::{Model, ModelAnswer, ModelError, ModelRequest};
use crate::runtime::clock::{after, until};
use crate::runtime::upstream::Upstream;
use crate::runtime::{Clock, Random};

/// How long a case waits for a place or a rate limit.
pub const PATIENCE: Duration = Duration::from_mins(5);
/// How long an outage may last. All cases count from where it began, so that a long one ends the run soon.
const OUTAGE_MAX: Duration = Duration::from_mins(1);
/// The same for a model that has not answered yet: its address may be wrong.
const STRANGE_MAX: Duration = Duration::from_secs(10);
/// The ceiling of what is added to the first wait; it doubles for each further one, so that cases do not come back at once.
const SPREAD_FIRST: Duration = Duration::from_millis(500);
/// It grows to this.
const SPREAD_MAX: Duration = Duration::from_secs(4);

/// Asks again while a model has too much to do or is away for a moment. A model call changes nothing, so it may be made again;
/// one that brought no answer in time, and is billed perhaps, is left to the layer below.
pub struct PatientModel {
    inner: Arc<dyn Model>,
    clock: Clock,
    random: Random,
    has_answered: AtomicBool,
}

impl PatientModel {
    /// Waits for `inner`.
    #[must_use]
    pub fn new(inner: Arc<dyn Model>, clock: Clock, random: Random) -> Self {
        Self { inner, clock, random, has_answered: AtomicBool::new(false) }
    }

    /// When an outage that goes on began: the calls of other cases may have seen it earlier than this one.
    fn began(&self, seen: Timestamp) -> Timestamp {
        self.outages().map(|outage| outage.since).chain([seen]).min().unwrap_or(seen)
    }

    /// How long to wait at least: as long as the server asks, or until one that is left alone may be asked.
    fn asked_for(&self, error: &ModelError, now: Timestamp) -> Duration {
        let probe = self.outages().map(|outage| until(now, outage.probe_at)).max();
        let resting = matches!(error, ModelError::Resting { .. }).then_some(probe).flatten();
        error.retry_after().or(resting).unwrap_or_default()
    }

    fn outages(&self) -> impl Iterator<Item = crate::runtime::upstream::Outage> {
        self.inner.upstreams().into_iter().filter_map(|upstream| upstream.outage())
    }
}

#[async_trait]
impl Model for PatientModel {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let begun = self.clock.now();
        let mut down_since = None;
        let mut spread = SPREAD_FIRST;
        loop {
            let ended = self.inner.generate(request).await;
            let now = self.clock.now();
            let error = match ended {
                Err(error) if error.is_rate_limit() || is_outage(&error) => error,
                ended => {
                    self.has_answered.fetch_or(ended.is_ok(), Ordering::Relaxed);
                    return ended;
                }
            };
            let give_up = if error.is_rate_limit() {
                self.has_answered.store(true, Ordering::Relaxed);
                down_since = None;
                after(begun, PATIENCE)
            } else {
                let longest = if self.has_answered.load(Ordering::Relaxed) { OUTAGE_MAX } else { STRANGE_MAX };
                after(self.began(*down_since.get_or_insert(now)), longest)
            };
            let wait = self.asked_for(&error, now) + self.random.jitter(spread);
            if after(now, wait) > give_up {
                return Err(error);
            }
            spread = (spread * 2).min(SPREAD_MAX);
            self.clock.sleep(wait).await;
        }
    }

    fn most_microusd(&self, request: &ModelRequest) -> u64 {
        self.inner.most_microusd(request)
    }

    fn upstreams(&self) -> Vec<Upstream> {
        self.inner.upstreams()
    }
}

/// The server is away or in trouble, whatever was asked.
fn is_outage(error: &ModelError) -> bool {
    match error {
        ModelError::Unreachable { .. } | ModelError::Broken { .. } | ModelError::Resting { .. } => true,
        ModelError::Unavailable { status, .. } => *status >= 500,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::pin::pin;
    use std::sync::atomic::AtomicU32;
    use std::task::Poll;

    use axum::Router;
    use axum::http::StatusCode;
    use axum::response::{IntoResponse as _, Response};
    use futures_util::future::join_all;

    use super::*;
    use crate::llm::{self, ModelSettings, Provider};
    use crate::runtime::Http;
    use crate::runtime::clock::ManualTime;

    /// What a server answers at an instant, in seconds since the run began.
    type Behaviour = fn(f64) -> Response;

    fn begin() -> Timestamp {
        Timestamp::from_second(1_795_000_000).expect("in range")
    }

    fn answer() -> Response {
        let body = serde_json::json!({ "choices": [{ "message": { "content": "Hi" }, "finish_reason": "stop" }] });
        ([("content-type", "application/json")], body.to_string()).into_response()
    }

    /// A patient model of a server that behaves like this, its clock, and how often the server was asked.
    fn model(behaviour: Behaviour) -> (PatientModel, ManualTime, Arc<AtomicU32>) {
        let (clock, time) = Clock::manual(begin());
        let (asked, at) = (Arc::new(AtomicU32::new(0)), clock.clone());
        let counted = asked.clone();
        let router = Router::new().fallback(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            std::future::ready(behaviour(at.now().duration_since(begin()).as_secs_f64()))
        });
        let http = Http::routed(clock.clone(), BTreeMap::from([("model.test:80".to_owned(), router)]));
        let mut settings = ModelSettings::new(Provider::OpenAi, "http://model.test", "m");
        settings.patience = PATIENCE;
        let random = Random::seeded(1);
        let inner = llm::build(&settings, &http, &clock, &random).expect("usable settings");
        (PatientModel::new(inner, clock, random), time, asked)
    }

    /// Asks `cases` times at once; whenever all of them wait, the clock jumps to the next alarm. Gives the seconds it took.
    async fn ask(model: &PatientModel, time: &ManualTime, cases: usize) -> (Vec<Result<ModelAnswer, ModelError>>, f64) {
        let request = ModelRequest {
            messages: Vec::new(),
            schema: None,
            max_output_tokens: 10,
            temperature: None,
            cache_key: None,
            safety_identifier: None,
        };
        let mut all = pin!(join_all((0..cases).map(|_| model.generate(&request))));
        loop {
            if let Poll::Ready(ended) = futures_util::poll!(&mut all) {
                return (ended, model.clock.now().duration_since(begin()).as_secs_f64());
            }
            // Who waits for no alarm has only used up its turn.
            if let Some(at) = time.next_wake() {
                time.advance(until(model.clock.now(), at));
            }
            tokio::task::yield_now().await;
        }
    }

    fn too_many(seconds: &'static str) -> Response {
        (StatusCode::TOO_MANY_REQUESTS, [("retry-after", seconds)]).into_response()
    }

    #[tokio::test]
    async fn a_rate_limit_is_waited_for_however_many_cases_there_are() {
        // Every other call is too many: a limit that no single case can wait out in three tries.
        let (model, time, asked) = model(|second| if second < 20.0 { too_many("1") } else { answer() });
        let (ended, took) = ask(&model, &time, 30).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert!((20.0..40.0).contains(&took), "{took}");
        assert!(asked.load(Ordering::Relaxed) > 30);
    }

    #[tokio::test]
    async fn a_limit_that_ends_after_the_patience_is_told_at_once() {
        let (model, time, _) = model(|_| too_many("3600"));
        let (ended, took) = ask(&model, &time, 1).await;
        assert!(matches!(&ended[0], Err(ModelError::RateLimited { .. })), "{ended:?}");
        assert!(took < 1.0, "{took}");
    }

    #[tokio::test]
    async fn an_outage_of_seconds_in_the_middle_of_a_run_costs_no_case() {
        let away = |second| {
            if (1.0..9.0).contains(&second) { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { answer() }
        };
        let (model, time, _) = model(away);
        assert!(ask(&model, &time, 1).await.0[0].is_ok());
        time.advance(Duration::from_secs(2));
        let (ended, took) = ask(&model, &time, 8).await;
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert!((9.0..40.0).contains(&took), "{took}");
    }

    #[tokio::test]
    async fn a_model_that_is_gone_for_good_ends_all_cases_together() {
        let gone = |second| if second < 1.0 { answer() } else { StatusCode::BAD_GATEWAY.into_response() };
        let (model, time, _) = model(gone);
        assert!(ask(&model, &time, 1).await.0[0].is_ok());
        time.advance(Duration::from_secs(2));
        let (ended, took) = ask(&model, &time, 4).await;
        assert!(ended.iter().all(Result::is_err), "{ended:?}");
        assert!(took < 70.0, "{took}");
        let (ended, later) = ask(&model, &time, 30).await;
        assert!(ended.iter().all(Result::is_err) && later - took < 1.0, "{later}");
    }

    #[tokio::test]
    async fn a_model_that_has_never_answered_is_not_waited_for_long() {
        let (model, time, _) = model(|_| StatusCode::BAD_GATEWAY.into_response());
        let (ended, took) = ask(&model, &time, 4).await;
        assert!(ended.iter().all(Result::is_err) && took < 15.0, "{took}: {ended:?}");
    }

    #[tokio::test]
    async fn a_refusal_stands() {
        let (model, time, asked) = model(|_| StatusCode::UNAUTHORIZED.into_response());
        let (ended, _) = ask(&model, &time, 1).await;
        assert!(matches!(&ended[0], Err(ModelError::Credentials { .. })), "{ended:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 1);
    }
}
