//! What is kept: SQLite by default, PostgreSQL for several machines.
//!
//! [`Store`] is a set of use cases, each one transaction. A conversation is a lane: events arrive in its `inbox`,
//! `wake_at` is its alarm, a [`lane::Lease`] is a worker's right to write to it. Every write of a worker checks the
//! lease's fencing number, so that a worker that was too slow changes nothing. No transaction is open across a network
//! call. One body of SQL serves both engines; `dialect` holds what differs.

use std::sync::Arc;

use sqlx::any::AnyRow;
use tokio::sync::watch;

use crate::runtime::{Clock, Random};

pub mod desk;
pub mod draft;
pub mod effect;
pub mod error;
pub mod handoff;
pub mod lane;
pub mod spend;
pub mod summary;
pub mod turn;

mod accept;
mod attend;
mod board;
mod checkpoint;
mod chore;
mod claim;
mod commit;
mod connect;
mod deliver;
mod dialect;
mod errand;
mod guard;
mod identity;
mod intake;
mod load;
mod mark;
mod notify;
mod outbox;
mod owed;
mod pause;
mod probe;
mod reader;
mod recollect;
mod reconcile;
mod review;
mod row;
mod setback;
mod setting;
mod suppress;
mod take_in;
mod take_in_new;
mod tally;
mod trouble;
mod writer;

pub use desk::{DeskError, DeskItem, DeskList, DeskThread, InboxRecord, Refusal, Review};
pub use draft::{Draft, DraftState, NewDraft};
pub use effect::{Clearance, Effect, EffectState, NewEffect, Purpose, SendProgress};
pub use error::StoreError;
pub use handoff::{HandoffRecord, NewHandoff, TaskProgress, TaskState};
pub use lane::{
    Accepted, Applied, Arrival, Conversation, Ending, EventKind, Handled, Identity, InboxEvent, LaneChange, LaneView,
    Lease, NumberPair, Settled, Source, State, Suppression,
};
pub use mark::CLOCKS_APART;
pub use pause::{Lifting, Pause};
pub use probe::{Point, Probe};
pub use recollect::{Recollection, SentCounts};
pub use reconcile::{Correction, Sleeper};
pub use setback::FailedStep;
pub use tally::Counts;
pub use turn::TurnRecord;

use connect::{Durability, Place, Pools};
use dialect::Engine;
use errand::{Parameter, Question};
use intake::Intake;
use probe::Probed;
use writer::Tx;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// The records of one organisation. Clones are cheap and share the connections.
#[derive(Clone)]
pub struct Store(Arc<Shared>);

struct Shared {
    org: String,
    address: String,
    pools: Pools,
    clock: Clock,
    random: Random,
    intake: Arc<Intake>,
    /// Moves with whatever is known to have changed, here or in another process.
    changed: watch::Sender<u64>,
    /// Moves with what this process changed.
    changed_here: watch::Sender<u64>,
    probed: Probed,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({} at {})", self.engine_name(), self.0.address)
    }
}

impl Store {
    /// Opens the database at `url` for the organisation `org`. A SQLite file and its folder are created if missing.
    ///
    /// `url` is `sqlite:<file>`, `sqlite://<file>`, a path ending in `.db`, `sqlite::memory:` (for tests: it lives as long
    /// as this store) or `postgres://…`. The tables are made by [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Connect`] when the address is not understood or the database cannot be reached.
    pub async fn open(url: &str, org: &str, clock: Clock, random: Random) -> Result<Self, StoreError> {
        Self::open_probed(url, org, clock, random, Probed::default()).await
    }

    /// [`Store::open`], watched by a simulation.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn open_watched(
        url: &str,
        org: &str,
        clock: Clock,
        random: Random,
        probe: Arc<dyn Probe>,
    ) -> Result<Self, StoreError> {
        Self::open_probed(url, org, clock, random, Probed(Some(probe))).await
    }

    async fn open_probed(
        url: &str,
        org: &str,
        clock: Clock,
        random: Random,
        probed: Probed,
    ) -> Result<Self, StoreError> {
        let _busy = probed.busy();
        let place = Place::parse(url)?;
        let durability = if probed.0.is_some() { Durability::Process } else { Durability::Power };
        let pools = place.open(&clock, durability).await?;
        let (changed, changed_here) = (watch::Sender::new(0), watch::Sender::new(0));
        let address = place.redacted();
        Ok(Self(Arc::new(Shared {
            org: org.to_owned(),
            address,
            pools,
            clock,
            random,
            intake: Arc::default(),
            changed,
            changed_here,
            probed: probed.clone(),
        })))
    }

    /// Brings the tables up to date. Several processes may do this at once on PostgreSQL: one works, the others wait.
    ///
    /// # Errors
    /// [`StoreError::Schema`] when a newer program has been here, or when the database refuses.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATIONS.run(self.0.pools.writer.pool()).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(source) => StoreError::from(source),
            sqlx::migrate::MigrateError::VersionMissing(version) => StoreError::Schema {
                reason: format!("it has step {version}, which this program does not know"),
                advice: "A newer Rapport has used this database: use that version, or restore a backup",
            },
            other => StoreError::Schema {
                reason: other.to_string(),
                advice: "Restore a backup, or report this with the message above",
            },
        })
    }

    /// Writes to the database once: a full disk answers every read.
    ///
    /// # Errors
    /// [`StoreError`] when it does not answer or cannot be written.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.put_setting(&mut tx, "pinged_at", &self.now().as_millisecond().to_string()).await?;
        // Nobody sees it: it wakes no page and no worker.
        tx.commit().await
    }

    /// `SQLite` or `PostgreSQL`.
    #[must_use]
    pub fn engine_name(&self) -> &'static str {
        self.0.pools.engine.name()
    }

    /// What the store does beside its callers. Runs until it is dropped: on PostgreSQL other processes are told what this one
    /// changed, and heard; a SQLite file's log is carried over to it. Without it both happen later, and cost more.
    pub async fn tend(self) {
        match self.engine() {
            Engine::Postgres => self.keep_in_touch().await,
            Engine::Sqlite => self.carry_over().await,
        }
    }

    /// Closes the connections after what is going on now.
    pub async fn close(&self) {
        self.0.pools.reader.close().await;
        self.0.pools.writer.close().await;
    }

    /// Moves whenever something was changed in this process and, while [`Store::tend`] runs, soon after another
    /// changed something. That is a hint: whoever must see it polls [`Store::next_wake`] and [`Store::revision`] as well.
    #[must_use]
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.0.changed.subscribe()
    }

    fn org(&self) -> &str {
        &self.0.org
    }

    fn now(&self) -> jiff::Timestamp {
        self.0.clock.now()
    }

    fn new_id(&self, prefix: &str) -> String {
        self.0.random.id(prefix, self.now())
    }

    async fn write(&self) -> Result<Tx, StoreError> {
        let (tx, []) = self.0.pools.writer.begin(&self.0.probed, [], &[]).await?;
        Ok(tx)
    }

    /// A transaction that writes, and the answers to the questions it begins with.
    async fn write_after<const N: usize>(
        &self,
        questions: [Question; N],
        given: &[Parameter<'_>],
    ) -> Result<(Tx, [Vec<AnyRow>; N]), StoreError> {
        self.0.pools.writer.begin(&self.0.probed, questions, given).await
    }

    fn engine(&self) -> Engine {
        self.0.pools.engine
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn text(store: &Store, n: usize) -> Result<Accepted, StoreError> {
        let now = store.now();
        let arrival = Arrival {
            source: Source::CloseWebhook,
            event_id: format!("ev_{n}"),
            kind: EventKind::Noted,
            lane: None,
            lead_id: None,
            contact_id: None,
            activity_id: None,
            occurred_at: now,
            received_at: now,
            body: serde_json::json!({ "text": "x".repeat(20_000) }),
        };
        store.accept(&arrival).await
    }

    #[tokio::test]
    async fn a_full_disk_is_told_and_forgotten_once_there_is_room_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("rapport.db").display());
        let store = Store::open(&url, "org", Clock::system(), Random::system()).await.expect("opens");
        store.migrate().await.expect("tables");
        let limit = async |pages: &'static str| {
            sqlx::query(pages).fetch_all(store.0.pools.writer.pool()).await.expect("a limit");
        };
        limit("pragma max_page_count = 60").await;
        let mut stored = 0;
        let full = loop {
            match text(&store, stored).await {
                Ok(_) => stored += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(full, StoreError::Full { .. }), "{full}");
        limit("pragma max_page_count = 100000").await;
        assert_eq!(text(&store, stored).await.expect("there is room again"), Accepted::Recorded);
        store.ping().await.expect("and it says so");
    }
}
