//! A seam for simulation: sees when the store is at work, and can hold a caller where a process could die.

use std::sync::Arc;

use futures_util::future::BoxFuture;

/// Where a process could die and leave the database in another state than just before or after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Everything of a transaction is written; it is not committed.
    BeforeCommit,
    /// It is committed; its caller does not know yet.
    AfterCommit,
}

/// Watches a store.
pub trait Probe: Send + Sync {
    /// A call begins to use the database.
    fn begins(&self);
    /// It has ended.
    fn ends(&self);
    /// A call goes on when this resolves. One that never resolves is a process that died here.
    fn reached(&self, point: Point) -> BoxFuture<'static, ()>;
}

/// A probe, if there is one.
#[derive(Clone, Default)]
pub(super) struct Probed(pub(super) Option<Arc<dyn Probe>>);

/// The store is at work as long as this lives.
pub(super) struct Busy(Option<Arc<dyn Probe>>);

impl Probed {
    pub(super) fn busy(&self) -> Busy {
        if let Some(probe) = &self.0 {
            probe.begins();
        }
        Busy(self.0.clone())
    }

    pub(super) async fn passes(&self, point: Point) {
        if let Some(probe) = &self.0 {
            probe.reached(point).await;
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(probe) = &self.0 {
            probe.ends();
        }
    }
}
