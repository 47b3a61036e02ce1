use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, AtomicU32, Ordering};

use axum::Router;
use axum::response::IntoResponse;
use bytes::Bytes;

use super::*;
use crate::runtime::clock::{ManualTime, after, until};
use crate::runtime::upstream::{Failed, Outcome, outcome_of_status, outcome_of_transport};

/// A server that answers every call with one status, and counts the calls.
#[derive(Clone, Default)]
struct Server {
    status: Arc<AtomicU16>,
    calls: Arc<AtomicU32>,
}

impl Server {
    fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }

    fn router(&self) -> Router {
        let server = self.clone();
        Router::new().fallback(move || async move {
            server.calls.fetch_add(1, Ordering::SeqCst);
            StatusCode::from_u16(server.status.load(Ordering::SeqCst)).expect("a status").into_response()
        })
    }
}

/// What a caller makes of an answer, as the clients of Close, Calendly and models do.
#[derive(Debug, PartialEq)]
enum Trouble {
    Unsent(SendError),
    Ended(Outcome),
}

impl Failed for Trouble {
    fn again(&self) -> Option<Duration> {
        match self {
            Self::Ended(Outcome::Retryable { after }) => Some(after.unwrap_or_default()),
            _ => None,
        }
    }
}

struct World {
    server: Server,
    upstream: Upstream,
    time: ManualTime,
}

impl World {
    fn new(concurrency: Option<u32>) -> Self {
        let (clock, time) = Clock::manual("2026-12-01T14:00:00Z".parse().expect("an instant"));
        let server = Server::default();
        server.answers(200);
        let http = Http::routed(clock.clone(), BTreeMap::from([("upstream.test:80".to_owned(), server.router())]));
        let manner = Manner {
            name: "Close".to_owned(),
            timeout: Duration::from_secs(10),
            retry_window: Duration::from_secs(30),
            read_patience: Duration::from_secs(5),
            write_patience: Duration::from_secs(1),
            concurrency,
        };
        Self { server, upstream: Upstream::new(manner, http, clock, Random::seeded(1)), time }
    }

    fn now(&self) -> Timestamp {
        self.upstream.clock().now()
    }

    async fn once(&self, kind: CallKind) -> Result<(), Trouble> {
        let request = http::Request::get("http://upstream.test/thing").body(Bytes::new()).expect("a request");
        match self.upstream.send(kind, "GET thing", request).await {
            Ok(answer) if answer.status().is_success() => Ok(()),
            Ok(answer) => Err(Trouble::Ended(outcome_of_status(kind, answer.status(), None))),
            Err(SendError::Transport(error)) => Err(Trouble::Ended(outcome_of_transport(kind, &error))),
            Err(unsent) => Err(Trouble::Unsent(unsent)),
        }
    }

    /// A read with its retries; the clock moves whenever it waits.
    async fn read(&self) -> Result<(), Trouble> {
        let read = self.upstream.with_retries(|| self.once(CallKind::Read));
        tokio::pin!(read);
        loop {
            if let std::task::Poll::Ready(ended) = futures_util::poll!(&mut read) {
                return ended;
            }
            if let Some(at) = self.time.next_wake() {
                self.time.advance(until(self.now(), at));
            }
            // The runtime counts polls and wants its turn.
            tokio::task::yield_now().await;
        }
    }

    async fn stop_answering(&self) {
        self.server.answers(503);
        while self.upstream.outage().is_none() {
            self.read().await.expect_err("it is down");
        }
    }
}

#[tokio::test]
async fn a_read_that_fails_for_a_moment_is_made_again_and_a_write_never() {
    let world = World::new(None);
    world.server.answers(502);
    assert!(world.read().await.is_err());
    assert_eq!(world.server.calls(), 3);
    let write = world.upstream.with_retries(|| world.once(CallKind::Write)).await;
    assert_eq!(write, Err(Trouble::Ended(Outcome::Unknown)));
    assert_eq!(world.server.calls(), 4);
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_never_an_outage() {
    for status in [400, 401, 403, 404, 409, 422, 429] {
        let world = World::new(None);
        world.server.answers(status);
        for _ in 0..10 {
            assert!(world.once(CallKind::Read).await.is_err());
            world.time.advance(Duration::from_secs(3));
        }
        assert_eq!((world.server.calls(), world.upstream.outage()), (10, None), "{status}");
    }
}

#[tokio::test]
async fn an_upstream_that_is_down_is_left_alone_and_says_since_when() {
    let world = World::new(None);
    let began = world.now();
    world.stop_answering().await;
    let calls = world.server.calls();
    for _ in 0..100 {
        assert!(matches!(world.read().await, Err(Trouble::Unsent(SendError::Resting(_)))));
    }
    assert_eq!(world.server.calls(), calls, "nobody calls it");
    assert_eq!(world.upstream.outage().expect("down").since, began);
    assert_eq!(world.upstream.trouble(), "it answers 503");
    assert_eq!(world.upstream.breaker(), BreakerState::Open);
}

#[tokio::test]
async fn a_day_of_outage_costs_a_call_a_minute_and_its_end_is_noticed_within_one() {
    let world = World::new(None);
    world.stop_answering().await;
    let end = after(world.now(), Duration::from_hours(24));
    while world.now() < end {
        // A hundred conversations that want something, every ten seconds.
        for _ in 0..100 {
            assert!(world.read().await.is_err());
        }
        world.time.advance(Duration::from_secs(10));
    }
    let calls = world.server.calls();
    assert!((24 * 60..3_000).contains(&calls), "{calls} calls for 864,000 reads");
    world.server.answers(200);
    let back = world.now();
    while world.read().await.is_err() {
        world.time.advance(Duration::from_secs(1));
    }
    assert!(until(back, world.now()) <= Duration::from_mins(1));
    assert_eq!((world.upstream.outage(), world.upstream.breaker()), (None, BreakerState::Closed));
}

#[tokio::test]
async fn half_of_the_calls_failing_does_not_double_the_load() {
    let world = World::new(None);
    let mut reads = 0;
    for n in 0..400 {
        world.server.answers(if n % 2 == 0 { 500 } else { 200 });
        let _ = world.read().await;
        reads += 1;
    }
    let retries = world.server.calls() - reads;
    let waited_s = until("2026-12-01T14:00:00Z".parse().expect("an instant"), world.now()).as_secs();
    let budget = 10 + reads / 10 + u32::try_from(waited_s).expect("short") / 10;
    assert!(retries <= budget + 1, "{retries} retries, budget {budget}");
}

#[tokio::test]
async fn no_more_calls_at_once_than_allowed_and_the_others_are_told_when_to_come() {
    let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
    let slow = Router::new().fallback({
        let clock = clock.clone();
        move || async move { clock.sleep(Duration::from_secs(4)).await }
    });
    let http = Http::routed(clock.clone(), BTreeMap::from([("upstream.test:80".to_owned(), slow)]));
    let world = World { time, ..World::new(None) };
    let manner = Manner { concurrency: Some(2), ..world.upstream.manner().clone() };
    let world = World { upstream: Upstream::new(manner, http, clock, Random::seeded(1)), ..world };
    let (first, second) = (world.once(CallKind::Read), world.once(CallKind::Read));
    tokio::pin!(first, second);
    assert!(futures_util::poll!(&mut first).is_pending() && futures_util::poll!(&mut second).is_pending());
    let busy = world.upstream.busy().expect("both places are taken");
    assert!(busy.after <= Duration::from_secs(4), "{busy:?}");
    let third = world.once(CallKind::Write);
    tokio::pin!(third);
    assert!(futures_util::poll!(&mut third).is_pending());
    world.time.advance(Duration::from_secs(1));
    assert!(matches!(third.await, Err(Trouble::Unsent(SendError::Busy(_)))), "a write waits a second here");
    world.time.advance(Duration::from_secs(3));
    assert_eq!((first.await, second.await), (Ok(()), Ok(())));
    assert_eq!(world.upstream.busy(), None);
}
