//! Carries webhooks: in order, signed, retried with growing waits, and with faults on demand.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::fault::{FaultPlan, WebhookFault};
use crate::runtime::clock::after;
use crate::runtime::{Clock, Http, Tasks};

/// How long a receiver may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// One recorded first retry of Close came 61 s later (reference, section 2).
const FIRST_RETRY: Duration = Duration::from_secs(61);
/// Close and Calendly back off exponentially; Close up to every 20 minutes.
const RETRY_CEILING: Duration = Duration::from_mins(20);

/// Makes the signature headers for a body sent at an instant.
pub(super) type Signer = fn(key: &str, at: Timestamp, body: &[u8]) -> Vec<(&'static str, String)>;

/// One webhook on its way.
#[derive(Debug, Clone)]
pub(super) struct Parcel {
    /// What it tells of: the event's id.
    pub(super) id: String,
    /// The subscription that asked for it.
    pub(super) subscription: String,
    pub(super) url: String,
    pub(super) key: String,
    pub(super) body: Bytes,
    attempt: u32,
    not_before: Timestamp,
    first: Timestamp,
}

/// What came of one attempt to deliver a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// The event's id.
    pub id: String,
    /// The subscription's id.
    pub subscription: String,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The receiver's status; none when it did not answer.
    pub status: Option<u16>,
}

impl Delivered {
    /// True when the receiver took it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

#[derive(Default)]
struct Bag {
    fresh: VecDeque<Parcel>,
    waiting: Vec<Parcel>,
}

/// Delivers what was posted to it.
pub(super) struct Courier {
    clock: Clock,
    http: Mutex<Http>,
    faults: FaultPlan,
    sign: Signer,
    give_up_after: Duration,
    bag: Mutex<Bag>,
    posted: Notify,
}

impl Courier {
    pub(super) fn new(clock: Clock, http: Http, faults: FaultPlan, sign: Signer, give_up_after: Duration) -> Self {
        let (bag, posted) = (Mutex::default(), Notify::new());
        Self { clock, http: Mutex::new(http), faults, sign, give_up_after, bag, posted }
    }

    pub(super) fn set_http(&self, http: Http) {
        *self.http.lock().unwrap_or_else(PoisonError::into_inner) = http;
    }

    /// Queues a webhook.
    pub(super) fn post(&self, id: &str, subscription: &str, to: (&str, &str), body: Bytes) {
        let now = self.clock.now();
        let parcel = Parcel {
            id: id.to_owned(),
            subscription: subscription.to_owned(),
            url: to.0.to_owned(),
            key: to.1.to_owned(),
            body,
            attempt: 0,
            not_before: now,
            first: now,
        };
        self.bag(|bag| bag.fresh.push_back(parcel));
        self.posted.notify_one();
    }

    /// Forgets what is queued for a subscription.
    pub(super) fn forget(&self, subscription: &str) {
        self.bag(|bag| {
            bag.fresh.retain(|parcel| parcel.subscription != subscription);
            bag.waiting.retain(|parcel| parcel.subscription != subscription);
        });
    }

    /// Takes a webhook back that has not left: another will tell of the event as it is now.
    pub(super) fn recall(&self, id: &str) {
        self.bag(|bag| bag.fresh.retain(|parcel| parcel.id != id));
    }

    /// How many webhooks were not taken yet.
    pub(super) fn outstanding(&self) -> usize {
        self.bag(|bag| bag.fresh.len() + bag.waiting.len())
    }

    /// Delivers what is queued now, in order.
    pub(super) async fn deliver(&self) -> Vec<Delivered> {
        let mut batch = self.bag(|bag| std::mem::take(&mut bag.fresh));
        let mut late = Vec::new();
        let mut reports = Vec::new();
        while let Some(parcel) = batch.pop_front() {
            match self.faults.take_webhook() {
                None => reports.push(self.attempt(parcel, false).await),
                Some(WebhookFault::Drop) => {}
                Some(WebhookFault::Reorder) => late.push(parcel),
                Some(WebhookFault::AlterSignature) => reports.push(self.attempt(parcel, true).await),
                Some(WebhookFault::Duplicate) => {
                    let copy = parcel.clone();
                    reports.push(self.attempt(parcel, false).await);
                    reports.push(self.attempt(copy, false).await);
                }
                Some(WebhookFault::Delay(by)) => {
                    let not_before = after(self.clock.now(), by);
                    self.bag(|bag| bag.waiting.push(Parcel { not_before, ..parcel }));
                }
            }
        }
        for parcel in late {
            reports.push(self.attempt(parcel, false).await);
        }
        reports
    }

    /// Tries again what failed or was delayed, whether its time has come or not.
    pub(super) async fn retry(&self) -> Vec<Delivered> {
        self.deliver_waiting(Timestamp::MAX).await
    }

    /// Tries again what failed or was delayed until now.
    pub(super) async fn retry_due(&self) -> Vec<Delivered> {
        self.deliver_waiting(self.clock.now()).await
    }

    /// Waits until something is queued or due again; false when the tasks stop.
    pub(super) async fn wait(&self, tasks: &Tasks) -> bool {
        let due = self.bag(|bag| bag.waiting.iter().map(|parcel| parcel.not_before).min());
        tokio::select! {
            biased;
            () = tasks.stopping() => false,
            () = self.posted.notified() => true,
            () = self.clock.sleep_until(due.unwrap_or(Timestamp::MAX)), if due.is_some() => true,
        }
    }

    async fn deliver_waiting(&self, until: Timestamp) -> Vec<Delivered> {
        let mut due = self.bag(|bag| {
            let (due, waiting) = std::mem::take(&mut bag.waiting).into_iter().partition(|p| p.not_before <= until);
            bag.waiting = waiting;
            due
        });
        let mut reports = Vec::new();
        for parcel in std::mem::take::<Vec<Parcel>>(&mut due) {
            reports.push(self.attempt(parcel, false).await);
        }
        reports
    }

    async fn attempt(&self, mut parcel: Parcel, forged: bool) -> Delivered {
        parcel.attempt += 1;
        let status = self.send(&parcel, forged).await;
        let report = Delivered {
            id: parcel.id.clone(),
            subscription: parcel.subscription.clone(),
            attempt: parcel.attempt,
            status,
        };
        if !report.accepted() {
            self.keep_for_later(parcel);
        }
        report
    }

    fn keep_for_later(&self, mut parcel: Parcel) {
        let now = self.clock.now();
        if after(parcel.first, self.give_up_after) <= now {
            return;
        }
        let wait = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(parcel.attempt.saturating_sub(1)));
        parcel.not_before = after(now, wait.min(RETRY_CEILING));
        self.bag(|bag| bag.waiting.push(parcel));
    }

    async fn send(&self, parcel: &Parcel, forged: bool) -> Option<u16> {
        let mut request = http::Request::post(&parcel.url).header(http::header::CONTENT_TYPE, "application/json");
        let signed: &[u8] = if forged { b"something else" } else { &parcel.body };
        for (name, value) in (self.sign)(&parcel.key, self.clock.now(), signed) {
            request = request.header(name, value);
        }
        // A URL that is no URL cannot be reached, like a host that is down.
        let request = request.body(parcel.body.clone()).ok()?;
        let http = self.http.lock().unwrap_or_else(PoisonError::into_inner).clone();
        http.send(request, PATIENCE).await.ok().map(|answer| answer.status().as_u16())
    }

    fn bag<T>(&self, work: impl FnOnce(&mut Bag) -> T) -> T {
        work(&mut self.bag.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
