use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use http::HeaderValue;

use super::*;
use crate::runtime::clock::ManualTime;

const PATIENCE: Duration = Duration::from_secs(30);
const GROUP: &str = "GET lead";

fn limiter() -> (Limiter, ManualTime) {
    let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
    (Limiter::new(clock), time)
}

fn told(rate_limit: &str) -> HeaderMap {
    let value = HeaderValue::from_str(rate_limit).expect("a header value");
    HeaderMap::from_iter([(http::HeaderName::from_static("ratelimit"), value)])
}

/// One call to the group, answered at once.
async fn call(limiter: &Limiter, status: StatusCode, headers: &HeaderMap) {
    limiter.pass(GROUP, PATIENCE).await.expect("it passes").learn(status, headers);
}

async fn held(limiter: &Limiter) -> Option<Duration> {
    limiter.pass(GROUP, Duration::ZERO).await.err().map(|held| held.after)
}

#[tokio::test]
async fn a_used_up_allowance_holds_its_group_until_the_window_ends() {
    let (limiter, time) = limiter();
    call(&limiter, StatusCode::OK, &told("limit=20, remaining=0, reset=5")).await;
    assert_eq!(held(&limiter).await, Some(Duration::from_millis(5_100)));
    assert!(limiter.pass("POST activity/sms", Duration::ZERO).await.is_ok(), "other groups have their own");
    let waiting = limiter.pass(GROUP, PATIENCE);
    tokio::pin!(waiting);
    assert!(futures_util::poll!(&mut waiting).is_pending());
    time.advance(Duration::from_millis(5_100));
    assert!(waiting.await.is_ok());
}

#[tokio::test]
async fn a_refusal_without_a_wait_holds_for_two_seconds() {
    let (limiter, _time) = limiter();
    call(&limiter, StatusCode::TOO_MANY_REQUESTS, &HeaderMap::new()).await;
    assert_eq!(held(&limiter).await, Some(Duration::from_secs(2)));
}

#[tokio::test]
async fn a_wait_of_an_hour_is_asked_about_again_after_two_minutes() {
    let (limiter, time) = limiter();
    let hour = HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from(3_600))]);
    call(&limiter, StatusCode::SERVICE_UNAVAILABLE, &hour).await;
    assert_eq!(held(&limiter).await, Some(Duration::from_mins(2)));
    time.advance(Duration::from_mins(2));
    assert_eq!(held(&limiter).await, None);
}

#[tokio::test]
async fn plenty_of_an_allowance_slows_nobody_down() {
    let (limiter, _time) = limiter();
    call(&limiter, StatusCode::OK, &told("limit=20, remaining=19, reset=5")).await;
    for _ in 0..10 {
        assert_eq!(held(&limiter).await, None);
    }
}

#[tokio::test]
async fn the_last_calls_of_an_allowance_are_spread_over_the_window() {
    let (limiter, time) = limiter();
    call(&limiter, StatusCode::OK, &told("limit=20, remaining=4, reset=8")).await;
    let mut passed_at = Vec::new();
    for second in 0..8 {
        if held(&limiter).await.is_none() {
            passed_at.push(second);
        }
        time.advance(Duration::from_secs(1));
    }
    assert_eq!(passed_at, [0, 3, 5, 7]);
}

#[tokio::test]
async fn the_last_fifth_of_a_day_is_not_spread_over_the_day() {
    let (limiter, _time) = limiter();
    call(&limiter, StatusCode::OK, &told("limit=10000, remaining=900, reset=40000")).await;
    assert_eq!(held(&limiter).await, None);
    assert_eq!(held(&limiter).await, None);
}

#[tokio::test]
async fn calls_under_way_are_taken_off_what_is_left() {
    let (limiter, _time) = limiter();
    let mut under_way = Vec::new();
    for _ in 0..5 {
        under_way.push(limiter.pass(GROUP, Duration::ZERO).await.expect("nothing is known yet"));
    }
    let first = under_way.pop().expect("five");
    first.learn(StatusCode::OK, &told("limit=5, remaining=4, reset=10"));
    assert_eq!(held(&limiter).await, Some(Duration::from_millis(10_100)), "the four others will use them up");
    drop(under_way);
}

#[tokio::test]
async fn calls_that_are_under_way_when_a_window_ends_count_in_the_next() {
    let (limiter, time) = limiter();
    call(&limiter, StatusCode::OK, &told("limit=3, remaining=2, reset=10")).await;
    let under_way = limiter.pass(GROUP, Duration::ZERO).await.expect("two are left");
    time.advance(Duration::from_secs(11));
    assert_eq!((held(&limiter).await, held(&limiter).await), (None, None));
    assert!(held(&limiter).await.is_some(), "three are allowed, and one is still to be counted");
    drop(under_way);
}

/// A server that allows `limit` calls in each window of ten seconds and refuses the others.
struct Server {
    clock: Clock,
    limit: u32,
    used: AtomicU32,
    refused: AtomicU32,
    window: AtomicU32,
}

impl Server {
    async fn call(&self, limiter: &Limiter) {
        let pass = limiter.pass(GROUP, Duration::from_hours(1)).await.expect("it is patient");
        // The call takes a while, so that others are under way at the same time.
        self.clock.sleep(Duration::from_millis(80)).await;
        let now = u32::try_from(self.clock.now().as_millisecond()).expect("early");
        if self.window.swap(now / 10_000, Ordering::SeqCst) != now / 10_000 {
            self.used.store(0, Ordering::SeqCst);
        }
        let used = self.used.fetch_add(1, Ordering::SeqCst) + 1;
        let reset = f64::from(10_000 - now % 10_000) / 1_000.0;
        let left = self.limit.saturating_sub(used);
        let headers = told(&format!("limit={}; remaining={left}; reset={reset:.1}", self.limit));
        let refused = used > self.limit;
        self.refused.fetch_add(u32::from(refused), Ordering::SeqCst);
        let status = if refused { StatusCode::TOO_MANY_REQUESTS } else { StatusCode::OK };
        self.clock.sleep(Duration::from_millis(40)).await;
        pass.learn(status, &headers);
    }
}

#[tokio::test]
async fn three_hundred_calls_pass_a_limit_of_twenty_without_one_refusal() {
    let (limiter, time) = limiter();
    let (used, refused, window) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    let server = Server { clock: limiter.clock.clone(), limit: 20, used, refused, window };
    // Ten callers at once, each with thirty calls.
    let caller = || async {
        for _ in 0..30 {
            server.call(&limiter).await;
        }
    };
    let all = join_all((0..10).map(|_| caller()));
    tokio::pin!(all);
    while futures_util::poll!(&mut all).is_pending() {
        time.advance(Duration::from_millis(10));
        // The runtime counts polls and wants its turn.
        tokio::task::yield_now().await;
    }
    assert_eq!(server.refused.load(Ordering::SeqCst), 0);
    let took_s = limiter.clock.now().as_second();
    assert!((140..=170).contains(&took_s), "the limit is used, not only kept: {took_s} s");
}
