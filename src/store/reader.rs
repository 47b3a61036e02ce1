//! Connections that only read.

use std::ops::{Deref, DerefMut};

use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, Transaction};

use super::Store;
use super::error::StoreError;
use super::probe::Busy;

/// A connection that reads, or a transaction whose queries all see the same instant.
pub(super) struct Reading<C> {
    connection: C,
    _busy: Busy,
}

impl Store {
    /// A connection for single queries.
    pub(super) async fn reader(&self) -> Result<Reading<PoolConnection<Any>>, StoreError> {
        let busy = self.0.probed.busy();
        Ok(Reading { connection: self.0.pools.reader.acquire().await?, _busy: busy })
    }

    /// A transaction whose queries all see the same instant.
    pub(super) async fn read(&self) -> Result<Reading<Transaction<'static, Any>>, StoreError> {
        let busy = self.0.probed.busy();
        let connection = self.0.pools.reader.begin_with(self.0.pools.engine.begin_read()).await?;
        Ok(Reading { connection, _busy: busy })
    }
}

impl<C: Deref<Target = AnyConnection>> Deref for Reading<C> {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.connection
    }
}

impl<C: DerefMut<Target = AnyConnection>> DerefMut for Reading<C> {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.connection
    }
}
