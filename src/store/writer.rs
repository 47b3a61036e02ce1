//! Transactions that write.
//!
//! SQLite has one writer, and a commit costs a wait for the disk. So transactions that come while another is open share
//! its commit (group commit): each is a savepoint inside one transaction, and everyone waits for that one commit. There
//! is no timer: a transaction that ends queues behind those that wait already, and the first whose turn comes again
//! commits for all. Alone it commits at once, and needs no savepoint: to give it up is to give up the whole. PostgreSQL
//! shares commits between connections by itself.

use std::sync::Arc;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AnyPool, Connection, Executor, Transaction};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};

use super::connect::OpenFile;
use super::dialect::{Engine, move_revision};
use super::errand::{Parameter, Question, Statement, ask, ask_between};
use super::error::StoreError;
use super::probe::{Busy, Point, Probed};

/// What became of a shared commit: none while it is open.
type Fate = Option<Result<(), StoreError>>;

/// Where transactions that write begin.
#[derive(Clone)]
pub(super) struct Writer {
    pool: AnyPool,
    engine: Engine,
    /// The file that is written, if it is one.
    file: Option<Arc<OpenFile>>,
    /// Only SQLite's are shared.
    group: Arc<Mutex<Group>>,
}

/// The transaction that several share.
#[derive(Default)]
struct Group {
    open: Option<Open>,
    /// The part begun last has a savepoint; the first of a transaction has none. It stands until the next part begins.
    has_savepoint: bool,
    /// The part begun last was given up: it must be taken back before another begins.
    given_up: bool,
    /// A statement that begins or ends a part was cut off: what the transaction holds is not known.
    cut_off: bool,
}

struct Open {
    tx: Transaction<'static, Any>,
    /// Tells everyone whose part is kept how the commit ended.
    fate: watch::Sender<Fate>,
}

/// A change that people can see moves a row of the table `revision`. It is the last step before the commit, so that the row is
/// held only for that.
pub(super) struct Seen {
    pub(super) org: String,
    pub(super) shard: i64,
}

/// An open transaction. Dropped without [`Tx::commit`], it has changed nothing.
pub(super) struct Tx {
    kind: Kind,
    /// What SQLite gets with the next question, or before the commit.
    aside: Vec<Statement>,
    writer: Writer,
    probed: Probed,
    _busy: Busy,
}

enum Kind {
    Part(Part),
    Own(Transaction<'static, Any>),
}

/// A part of the shared transaction, held until it is kept or given up.
struct Part(Option<OwnedMutexGuard<Group>>);

impl Writer {
    pub(super) fn new(pool: AnyPool, engine: Engine) -> Self {
        Self { pool, engine, file: None, group: Arc::default() }
    }

    /// Writes nothing any more once another file is at the path.
    pub(super) fn of_file(pool: AnyPool, file: OpenFile) -> Self {
        Self { file: Some(Arc::new(file)), ..Self::new(pool, Engine::Sqlite) }
    }

    fn must_be_in_place(&self) -> Result<(), StoreError> {
        self.file.as_ref().map_or(Ok(()), |file| file.must_be_in_place())
    }

    /// Begins a transaction and asks its first questions, which SQLite hears in the errand that begins a part.
    pub(super) async fn begin<const N: usize>(
        &self,
        probed: &Probed,
        questions: [Question; N],
        given: &[Parameter<'_>],
    ) -> Result<(Tx, [Vec<AnyRow>; N]), StoreError> {
        let busy = probed.busy();
        self.must_be_in_place()?;
        let (kind, found) = match self.engine {
            Engine::Postgres => {
                let mut tx = self.pool.begin_with(self.engine.begin_write()).await?;
                let found = ask(&mut tx, self.engine, questions, given).await?;
                (Kind::Own(tx), found)
            }
            Engine::Sqlite => {
                let mut held = self.group.clone().lock_owned().await;
                let found = held.enter(&self.pool, questions, given).await?;
                (Kind::Part(Part(Some(held))), found)
            }
        };
        Ok((Tx { kind, aside: Vec::new(), writer: self.clone(), probed: probed.clone(), _busy: busy }, found))
    }

    /// Asks something that is a transaction of its own, in one errand: with busy processors each errand waits longer for its
    /// turn than the database works on it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed, unless the connection broke.
    pub(super) async fn at_once(
        &self,
        probed: &Probed,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let _busy = probed.busy();
        self.must_be_in_place()?;
        probed.passes(Point::BeforeCommit).await;
        let rows = match self.engine {
            Engine::Postgres => query.fetch_all(&self.pool).await?,
            Engine::Sqlite => self.group.lock().await.at_once(&self.pool, query).await?,
        };
        probed.passes(Point::AfterCommit).await;
        Ok(rows)
    }

    /// The connections, for what needs no shared commit.
    pub(super) fn pool(&self) -> &AnyPool {
        &self.pool
    }

    /// Ends what is open and closes the connections.
    pub(super) async fn close(&self) {
        self.group.lock().await.finish(&self.pool).await;
        self.pool.close().await;
    }

    /// Waits for the commit of a kept part, or makes it.
    async fn share(&self, mut fate: watch::Receiver<Fate>) -> Result<(), StoreError> {
        let turn = tokio::select! {
            biased;
            _ = fate.changed() => None,
            turn = self.group.lock() => Some(turn),
        };
        if let Some(mut group) = turn
            && fate.borrow().is_none()
        {
            group.finish(&self.pool).await;
        }
        let told = fate.borrow().clone();
        // Nothing was changed for anyone in it; what was asked may be asked again.
        let given_up = || sqlx::Error::Io(std::io::Error::other("the transaction was given up"));
        told.unwrap_or_else(|| Err(given_up().into()))
    }
}

impl Group {
    /// Begins a part, in a transaction of its own if none is open, and asks its first questions.
    async fn enter<const N: usize>(
        &mut self,
        pool: &AnyPool,
        questions: [Question; N],
        given: &[Parameter<'_>],
    ) -> Result<[Vec<AnyRow>; N], StoreError> {
        self.tidy(pool).await;
        self.cut_off = true;
        let had_savepoint = std::mem::replace(&mut self.has_savepoint, self.open.is_some());
        let begins: &[&'static str] = match (&self.open, had_savepoint) {
            (None, _) => &[],
            (Some(_), false) => &["savepoint part"],
            (Some(_), true) => &["release part", "savepoint part"],
        };
        let begins = begins.iter().copied().map(Statement::new).collect();
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(Open { tx: begin(pool).await?, fate: watch::Sender::new(None) }),
        };
        let found = ask_between(&mut open.tx, (begins, &[]), questions, given).await?;
        self.cut_off = false;
        Ok(found)
    }

    /// Asks something that begins and ends a transaction itself, after what is open is committed.
    async fn at_once(
        &mut self,
        pool: &AnyPool,
        query: Query<'_, Any, AnyArguments>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        self.finish(pool).await;
        let mut connection = pool.acquire().await?;
        self.cut_off = true;
        let asked = query.fetch_all(&mut *connection).await;
        if asked.is_err() {
            roll_back(&mut connection).await;
        }
        self.cut_off = false;
        Ok(asked?)
    }

    /// Takes back a part that was given up. A transaction that nobody can vouch for is dropped as a whole.
    async fn tidy(&mut self, pool: &AnyPool) {
        if self.cut_off {
            self.cut_off = self.open.take().is_none() && !is_rolled_back(pool).await;
        }
        if std::mem::take(&mut self.given_up)
            && let Some(open) = &mut self.open
        {
            self.cut_off = true;
            let taken_back = open.tx.execute("rollback to part; release part").await;
            self.has_savepoint = false;
            self.cut_off = taken_back.is_err();
        }
    }

    /// Keeps the part begun last. Its fate is that of the whole transaction.
    fn keep(&self) -> Result<watch::Receiver<Fate>, StoreError> {
        let Some(open) = &self.open else {
            return Err(StoreError::inconsistent("a part without a transaction"));
        };
        Ok(open.fate.subscribe())
    }

    /// Commits for everyone.
    async fn finish(&mut self, pool: &AnyPool) {
        self.tidy(pool).await;
        let Some(Open { tx, fate }) = self.open.take() else { return };
        fate.send_replace(Some(tx.commit().await.map_err(StoreError::from)));
    }
}

/// Takes back what statements that are a transaction of their own have left open when they failed or were cut off.
async fn roll_back(connection: &mut AnyConnection) {
    // Refused where there is none: they had not begun it, or ended it, or SQLite did.
    let _ = connection.execute("rollback").await;
}

/// [`roll_back`] on SQLite's one connection that writes; false if it cannot be had, so that it must be tried again.
async fn is_rolled_back(pool: &AnyPool) -> bool {
    let Ok(mut connection) = pool.acquire().await else { return false };
    roll_back(&mut connection).await;
    true
}

/// Begins a transaction on SQLite's one connection that writes.
async fn begin(pool: &AnyPool) -> Result<Transaction<'static, Any>, sqlx::Error> {
    let statement = Engine::Sqlite.begin_write();
    match pool.begin_with(statement).await {
        // SQLite ends a transaction by itself when the disk is full, of which the driver is not told: it thinks the
        // connection is still inside one, for ever. Another connection is not.
        Err(sqlx::Error::InvalidSavePointStatement) => {
            pool.acquire().await?.detach().close_hard().await?;
            pool.begin_with(statement).await
        }
        begun => begun,
    }
}

impl Seen {
    fn moves_revision(self) -> Statement {
        Statement::new(concat!("insert into revision (org, shard, value) values ($1, $2, 1) ", move_revision!()))
            .bind(self.org)
            .bind(self.shard)
    }
}

impl Tx {
    /// Runs a statement, as [`Statement::run_in`] says.
    pub(super) async fn run(&mut self, statement: Statement) -> Result<(), StoreError> {
        match &mut self.kind {
            Kind::Own(tx) => statement.run(tx).await,
            Kind::Part(_) => {
                self.aside.push(statement);
                Ok(())
            }
        }
    }

    /// Asks, after all that was to run.
    pub(super) async fn ask<const N: usize>(
        &mut self,
        questions: [Question; N],
        given: &[Parameter<'_>],
    ) -> Result<[Vec<AnyRow>; N], StoreError> {
        let aside = std::mem::take(&mut self.aside);
        match &mut self.kind {
            Kind::Own(tx) => ask(tx, self.writer.engine, questions, given).await,
            Kind::Part(part) => ask_between(part.connection(), (aside, &[]), questions, given).await,
        }
    }

    /// The connection, after all that was to run.
    pub(super) async fn connection(&mut self) -> Result<&mut AnyConnection, StoreError> {
        self.ask([], &[]).await?;
        Ok(match &mut self.kind {
            Kind::Own(tx) => tx,
            Kind::Part(part) => part.connection(),
        })
    }

    /// Takes the changes back at once. Dropped, PostgreSQL hears of it only when the connection goes back, and rows that are held are
    /// skipped by whoever claims meanwhile.
    pub(super) async fn give_up(self) {
        if let Kind::Own(tx) = self.kind
            && let Err(error) = tx.rollback().await
        {
            tracing::debug!(%error, "a transaction was not taken back in order; its connection is given up");
        }
    }

    /// Makes the changes lasting.
    ///
    /// # Errors
    /// [`StoreError`]; if the connection broke, the changes may have been made all the same.
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        self.commit_seen(None).await
    }

    /// [`Tx::commit`] of a change that people see.
    ///
    /// # Errors
    /// As [`Tx::commit`].
    pub(super) async fn commit_seen(mut self, seen: Option<Seen>) -> Result<(), StoreError> {
        self.probed.passes(Point::BeforeCommit).await;
        if let Some(seen) = seen {
            self.run(seen.moves_revision()).await?;
        }
        self.connection().await?;
        let Self { kind, writer, probed, _busy, .. } = self;
        match kind {
            Kind::Own(tx) => tx.commit().await?,
            Kind::Part(part) => {
                let fate = part.keep()?;
                writer.share(fate).await?;
            }
        }
        probed.passes(Point::AfterCommit).await;
        Ok(())
    }
}

impl Part {
    fn keep(mut self) -> Result<watch::Receiver<Fate>, StoreError> {
        let Some(group) = self.0.take() else {
            return Err(StoreError::inconsistent("a part that has ended"));
        };
        group.keep()
    }

    fn connection(&mut self) -> &mut AnyConnection {
        match self.0.as_deref_mut().and_then(|group| group.open.as_mut()) {
            Some(open) => &mut open.tx,
            None => unreachable!("a part is held, inside an open transaction, until it ends"),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let Some(group) = &mut self.0 else { return };
        let nobody_waits = group.open.as_ref().is_some_and(|open| open.fate.receiver_count() == 0);
        if nobody_waits || !group.has_savepoint {
            // Nobody waits for the rest, or there is none: all of it goes, and the file's lock with it.
            group.open = None;
        } else {
            group.given_up = true;
        }
    }
}
