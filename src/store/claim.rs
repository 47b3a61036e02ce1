//! Leases: who may work on which conversation, and for how long.

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::any::AnyRow;

use super::Store;
use super::errand::{Parameter, Question, Statement};
use super::error::StoreError;
use super::guard::{Liveness, ring_sql};
use super::lane::{Lease, State};
use super::row::{Columns, as_json, ms, ms_opt};
use crate::runtime::clock::after;
use crate::runtime::sabotage::{self, Sabotage};

/// A lease as a statement is given it.
#[derive(Serialize)]
struct LeaseRow<'a> {
    id: &'a str,
    epoch: i64,
}

impl<'a> LeaseRow<'a> {
    fn of(lease: &'a Lease) -> Self {
        Self { id: &lease.conversation_id, epoch: lease.epoch }
    }
}

fn read_lease(row: &AnyRow) -> Result<Lease, StoreError> {
    Ok(Lease { conversation_id: row.text("id")?, epoch: row.int("epoch")? })
}

impl Store {
    /// Leases up to `limit` conversations whose time has come, longest waiting first, to `owner` for `lease`.
    ///
    /// A lease that is not renewed ends by itself, and the conversation is given to the next who asks.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was leased.
    pub async fn claim(&self, limit: usize, lease: Duration, owner: &str) -> Result<Vec<Lease>, StoreError> {
        let now = self.now();
        let until_ms = ms(after(now, lease));
        let given = [
            Parameter::Text(self.org()),
            Parameter::Int(ms(now)),
            Parameter::Int(until_ms),
            Parameter::Text(owner),
            Parameter::Int(i64::try_from(limit).unwrap_or(i64::MAX)),
        ];
        let question = Question { sql: self.engine().claim(), parameters: given.len() };
        let (mut tx, [rows]) = self.write_after([question], &given).await?;
        if sabotage::is(Sabotage::ClaimWithoutAlarm) {
            Statement::new("update conversation set wake_at = null where org = $1 and owner = $2 and wake_at = $3")
                .bind(self.org())
                .bind(owner)
                .bind(until_ms)
                .run_in(&mut tx)
                .await?;
        }
        tx.commit().await?;
        rows.iter().map(read_lease).collect()
    }

    /// Extends leases to `lease` from now. Returns those still held; the work of the others must be dropped.
    ///
    /// An alarm that something moved to before the lease's end stays, so that [`Store::release`] sees it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was extended.
    pub async fn renew(&self, leases: &[Lease], lease: Duration) -> Result<Vec<Lease>, StoreError> {
        let leases = as_json(&leases.iter().map(LeaseRow::of).collect::<Vec<_>>())?;
        let until_ms = ms(after(self.now(), lease));
        let given = [Parameter::Text(self.org()), Parameter::Text(&leases), Parameter::Int(until_ms)];
        let (tx, [rows]) = self.write_after([Question { sql: self.engine().renew(), parameters: 3 }], &given).await?;
        tx.commit().await?;
        rows.iter().map(read_lease).collect()
    }

    /// Gives a lease back without a change, to wake at `wake_at`, in another state if one is given.
    ///
    /// It wakes at once when anything came or somebody rang since the claim: what this worker has seen is not known
    /// here. False if the lease was lost.
    ///
    /// # Errors
    /// [`StoreError`]; then the lease still runs.
    pub async fn release(
        &self,
        lease: &Lease,
        wake_at: Option<Timestamp>,
        state: Option<(State, String)>,
    ) -> Result<bool, StoreError> {
        let Some((mut tx, lane)) = self.hold_leased(lease, Liveness::Fenced).await? else { return Ok(false) };
        if let Some((state, reason)) = &state {
            self.set_state(&mut tx, &lane.id, *state, reason).await?;
        }
        let seen_seq = if lane.was_woken { lane.last_seq - 1 } else { lane.last_seq };
        let wake_at = self.alarm_after(&mut tx, &lane, seen_seq, wake_at).await?;
        self.give_back(&mut tx, &lane.id, wake_at).await?;
        self.publish(tx, &lane.id).await?;
        Ok(true)
    }

    /// When the next conversation wants to be claimed; none if nothing is planned. May lie in the past.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn next_wake(&self) -> Result<Option<Timestamp>, StoreError> {
        // An index leads to the first alarm that no lease hides; leases that hide an earlier one are few, as each was
        // claimed by a worker. Looking at every alarm would take longer the more conversations there are.
        let row = sqlx::query(
            "with free as (select wake_at from conversation where org = $1 and wake_at is not null and \
             (lease_until is null or lease_until <= wake_at) order by wake_at limit 1) \
             select min(at) as wake_at from (select wake_at as at from free union all \
             select min(lease_until) as at from conversation where org = $1 and lease_until > wake_at and \
             wake_at < coalesce((select wake_at from free), 9223372036854775807)) as first",
        )
        .bind(self.org())
        .fetch_one(&mut *self.reader().await?)
        .await?;
        row.at_opt("wake_at")
    }

    /// Ends the lease and sets the alarm.
    pub(super) async fn give_back(
        &self,
        tx: &mut super::writer::Tx,
        conversation_id: &str,
        wake_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        Statement::new(
            "update conversation set lease_until = null, owner = null, rung = 0, wake_at = $3 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(ms_opt(wake_at)).changes_one("giving a lease back").run_in(tx).await
    }

    /// Wakes a conversation now, also when a worker holds it: then as soon as the worker is done.
    pub(super) async fn ring(&self, tx: &mut super::writer::Tx, conversation_id: &str) -> Result<(), StoreError> {
        Statement::new(ring_sql!("id = $3"))
            .bind(ms(self.now()))
            .bind(self.org())
            .bind(conversation_id)
            .changes_one("ringing a conversation")
            .run_in(tx)
            .await
    }
}
