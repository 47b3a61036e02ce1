//! Holds transactions where they are about to commit, so that a story can let things happen meanwhile.

use std::sync::Arc;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use rapport::runtime::Random;
use rapport::store::{Point, Probe, Store};
use tokio::sync::{Semaphore, watch};

use super::Fixture;

/// Every transaction of a watched store waits here until it is let through.
pub struct Gate {
    permits: Arc<Semaphore>,
    came: watch::Sender<usize>,
}

impl Gate {
    /// A store on the fixture's database whose transactions wait at the gate.
    pub async fn on(f: &Fixture) -> (Store, Arc<Self>) {
        let gate = Arc::new(Self { permits: Arc::new(Semaphore::new(0)), came: watch::Sender::new(0) });
        let store = Store::open_watched(&f.url, "default", f.clock.clone(), Random::system(), gate.clone()).await;
        (store.expect("the store opens again"), gate)
    }

    /// How many transactions have come to their commit.
    pub fn came(&self) -> usize {
        *self.came.borrow()
    }

    /// Waits until `count` transactions in all have come to their commit.
    pub async fn until(&self, count: usize) {
        self.came.subscribe().wait_for(|came| *came >= count).await.expect("the gate stands");
    }

    /// Lets the next `count` transactions commit.
    pub fn let_through(&self, count: usize) {
        self.permits.add_permits(count);
    }

    /// Lets everything commit from now on.
    pub fn open(&self) {
        self.permits.close();
    }
}

impl Probe for Gate {
    fn begins(&self) {}

    fn ends(&self) {}

    fn reached(&self, point: Point) -> BoxFuture<'static, ()> {
        if point == Point::AfterCommit {
            return std::future::ready(()).boxed();
        }
        self.came.send_modify(|came| *came += 1);
        let permits = self.permits.clone();
        async move {
            // Closed, it holds nobody.
            if let Ok(permit) = permits.acquire_owned().await {
                permit.forget();
            }
        }
        .boxed()
    }
}
