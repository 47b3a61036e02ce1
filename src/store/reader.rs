//! Connections that only read.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sqlx::any::AnyRow;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Transaction};

use super::Store;
use super::errand::{Parameter, Question, Statement, ask, ask_between};
use super::error::StoreError;
use super::probe::Busy;

/// Connections that are kept, at most; the others go back to the pool.
const KEPT_MAX: usize = 2;

/// Where connections that read come from.
pub(super) struct Readers {
    pool: AnyPool,
    kept: Option<Arc<Kept>>,
}

/// Idle connections to a SQLite file. The pool asks every connection that comes back whether it still lives, which wakes SQLite's
/// thread as a short query does; a file's connection does not go bad. None once they are closed.
struct Kept(Mutex<Option<Vec<PoolConnection<Any>>>>);

/// A connection that reads, or a transaction whose queries all see the same instant.
pub(super) struct Reading<C> {
    connection: C,
    _busy: Busy,
}

/// A connection for as long as it is needed.
pub(super) struct Lent {
    /// None only while it is dropped.
    connection: Option<PoolConnection<Any>>,
    home: Option<Arc<Kept>>,
    /// A transaction may be open on it.
    in_doubt: bool,
}

impl Readers {
    /// Connections of a pool, which looks after them.
    pub(super) fn pooled(pool: AnyPool) -> Self {
        Self { pool, kept: None }
    }

    /// Connections to a SQLite file.
    pub(super) fn of_file(pool: AnyPool) -> Self {
        Self { pool, kept: Some(Arc::new(Kept(Mutex::new(Some(Vec::new()))))) }
    }

    /// The pool behind them.
    pub(super) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Whether they read a SQLite file, beside the connection that writes it.
    pub(super) fn are_of_a_file(&self) -> bool {
        self.kept.is_some()
    }

    /// Closes them after what is going on now.
    pub(super) async fn close(&self) {
        let kept = self.kept.as_ref().and_then(|kept| kept.idle().take());
        drop(kept);
        self.pool.close().await;
    }

    async fn lend(&self) -> Result<Lent, StoreError> {
        let kept = self.kept.as_ref().and_then(|kept| kept.take());
        let connection = match kept {
            Some(connection) => connection,
            None => self.pool.acquire().await?,
        };
        Ok(Lent { connection: Some(connection), home: self.kept.clone(), in_doubt: false })
    }
}

impl Kept {
    fn idle(&self) -> MutexGuard<'_, Option<Vec<PoolConnection<Any>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Option<PoolConnection<Any>> {
        self.idle().as_mut()?.pop()
    }

    fn put(&self, connection: PoolConnection<Any>) {
        let mut idle = self.idle();
        match idle.as_mut().filter(|idle| idle.len() < KEPT_MAX) {
            Some(idle) => idle.push(connection),
            None => drop(connection),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if self.in_doubt {
            return drop(connection.detach());
        }
        match &self.home {
            Some(home) => home.put(connection),
            None => drop(connection),
        }
    }
}

impl Store {
    /// A connection for single queries.
    pub(super) async fn reader(&self) -> Result<Reading<Lent>, StoreError> {
        let busy = self.0.probed.busy();
        Ok(Reading { connection: self.0.pools.reader.lend().await?, _busy: busy })
    }

    /// A transaction whose queries all see the same instant.
    pub(super) async fn read(&self) -> Result<Reading<Transaction<'static, Any>>, StoreError> {
        let busy = self.0.probed.busy();
        let connection = self.0.pools.reader.pool.begin_with(self.engine().begin_read()).await?;
        Ok(Reading { connection, _busy: busy })
    }

    /// The answers to questions, as of one instant. A SQLite file is asked in one errand.
    pub(super) async fn ask_at_once<const N: usize>(
        &self,
        questions: [Question; N],
        given: &[Parameter<'_>],
    ) -> Result<[Vec<AnyRow>; N], StoreError> {
        if !self.0.pools.reader.are_of_a_file() {
            return ask(&mut *self.read().await?, self.engine(), questions, given).await;
        }
        let mut reading = self.reader().await?;
        reading.connection.in_doubt = true;
        let begin = vec![Statement::new(self.engine().begin_read())];
        let found = ask_between(&mut reading, (begin, &["commit"]), questions, given).await?;
        reading.connection.in_doubt = false;
        Ok(found)
    }
}

impl Deref for Lent {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        self.connection.as_ref().unwrap_or_else(|| unreachable!("it is lent until it is dropped"))
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        self.connection.as_mut().unwrap_or_else(|| unreachable!("it is lent until it is dropped"))
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
