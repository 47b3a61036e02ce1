//! Marks: how far something outside was read. A mark moves forward only from where its reader began, so that of several
//! readers none can skip what nobody has read.

use std::time::Duration;

use jiff::Timestamp;

use super::Store;
use super::error::StoreError;
use super::row::ms;
use crate::runtime::clock::after;

/// How far the clocks of several processes may be apart.
pub const CLOCKS_APART: Duration = Duration::from_mins(1);

impl Store {
    /// Where the mark is; sets it to `at` if there is none yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn begin_mark(&self, name: &str, at: Timestamp) -> Result<Timestamp, StoreError> {
        if let Some(mark) = self.mark(name).await? {
            return Ok(mark);
        }
        self.write_mark(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) on conflict (org, key) do nothing",
            name,
            at,
        )
        .await?;
        Ok(self.mark(name).await?.unwrap_or(at))
    }

    /// Where the mark is; none if it was never set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark(&self, name: &str) -> Result<Option<Timestamp>, StoreError> {
        let Some(at_ms) = self.setting(name).await? else { return Ok(None) };
        let at = at_ms.parse().ok().and_then(|at_ms| Timestamp::from_millisecond(at_ms).ok());
        at.map(Some)
            .ok_or_else(|| StoreError::inconsistent(format!("the mark {name} is {at_ms:?}, which is no instant")))
    }

    /// Where the mark is, for one that tells of what is over: nobody can have come further than now. One that lies in the
    /// future was set while the clock was ahead, and is put `back` from now, because what was read since is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn past_mark(&self, name: &str, back: Duration) -> Result<Option<Timestamp>, StoreError> {
        let now = self.now();
        let stored = self.mark(name).await?;
        let Some(mark) = stored.filter(|mark| *mark > after(now, CLOCKS_APART)) else { return Ok(stored) };
        let put_back = now.checked_sub(back).unwrap_or(Timestamp::MIN);
        tracing::warn!(name, %mark, %put_back, "a mark lay in the future: the clock was ahead when it was set");
        self.lower_mark(name, put_back).await?;
        self.mark(name).await
    }

    /// Moves the mark from `from` to `to`. False, and nothing is changed, if it is not at `from` any more: another reader
    /// has moved it, forward or back.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn advance_mark(&self, name: &str, from: Timestamp, to: Timestamp) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let moved =
            sqlx::query("update setting set value = $4, updated_at = $5 where org = $1 and key = $2 and value = $3")
                .bind(self.org())
                .bind(name)
                .bind(ms(from).to_string())
                .bind(ms(to).to_string())
                .bind(ms(self.now()))
                .execute(tx.connection().await?)
                .await?;
        tx.commit().await?;
        Ok(moved.rows_affected() == 1)
    }

    /// Moves the mark back to `to`, or sets it there. One that is earlier stays.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn lower_mark(&self, name: &str, to: Timestamp) -> Result<(), StoreError> {
        self.write_mark(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) on conflict (org, key) do update \
             set value = excluded.value, updated_at = excluded.updated_at \
             where cast(setting.value as bigint) > cast(excluded.value as bigint)",
            name,
            to,
        )
        .await
    }

    /// Moves the mark forward to `to`, or sets it there, whoever set it last. For instants that are only noted.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn raise_mark(&self, name: &str, to: Timestamp) -> Result<(), StoreError> {
        self.write_mark(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) on conflict (org, key) do update \
             set value = excluded.value, updated_at = excluded.updated_at \
             where cast(setting.value as bigint) < cast(excluded.value as bigint)",
            name,
            to,
        )
        .await
    }

    async fn write_mark(&self, sql: &'static str, name: &str, at: Timestamp) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        sqlx::query(sql)
            .bind(self.org())
            .bind(name)
            .bind(ms(at).to_string())
            .bind(ms(self.now()))
            .execute(tx.connection().await?)
            .await?;
        tx.commit().await?;
        Ok(())
    }
}
