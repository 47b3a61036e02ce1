//! Settings that live with the data, first of all the kill switch, and the tokens of booking links.

use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::lane::State;
use super::row::{Columns, clean, ms};
use super::writer::Tx;

/// The setting that holds why and by whom Rapport is paused.
const PAUSED: &str = "paused";

impl Store {
    /// A setting's value.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut connection = self.reader().await?;
        self.setting_within(&mut connection, key).await
    }

    /// Sets a setting.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.put_setting(&mut tx, key, value).await?;
        self.publish(tx, key).await
    }

    /// Why and by whom Rapport is paused; none while it works.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn paused(&self) -> Result<Option<String>, StoreError> {
        let mut connection = self.reader().await?;
        self.paused_within(&mut connection).await
    }

    /// The kill switch: from now on nothing is sent. Everything that is not on its way is withdrawn, and its
    /// conversations go to a rep; [`Store::resume`] restores none of it.
    ///
    /// # Errors
    /// [`StoreError`]; Rapport may be paused all the same, and what was queued is taken back when its turn comes.
    pub async fn pause(&self, reason: &str, by: &str) -> Result<(), StoreError> {
        let why = if reason.is_empty() { format!("by {by}") } else { format!("{reason}, by {by}") };
        let mut tx = self.write().await?;
        self.put_setting(&mut tx, PAUSED, &why).await?;
        self.note_act(&mut tx, None, "pause", by, reason).await?;
        self.publish(tx, PAUSED).await?;
        self.take_back_for_pause(&why).await
    }

    /// Whoever cleared a text before the pause was there holds its conversation until it has begun to leave. Looked for after
    /// the pause is there, it is waited for: nothing begins to leave once this has returned (`a-person-decides`).
    async fn take_back_for_pause(&self, why: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        let rows = sqlx::query(
            "select id from conversation where org = $1 and id in (select conversation_id from outbox \
             where org = $1 and state in ('queued', 'drafting', 'drafted')) order by our_number, their_number",
        )
        .bind(self.org())
        .fetch_all(&mut *tx)
        .await?;
        let held = format!("Rapport was paused ({why}) before the reply was sent. It was taken back.");
        for row in &rows {
            let id = row.text("id")?;
            self.hold(&mut tx, &id).await?;
            // One that was waited for may be on its way by now.
            if self.withdraw_effects(&mut tx, &id, &held).await? {
                self.set_state(&mut tx, &id, State::HandedOff, &held).await?;
                self.ring(&mut tx, &id).await?;
            }
        }
        self.publish(tx, PAUSED).await
    }

    /// Ends the pause. False if there was none.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn resume(&self, by: &str) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        let ended = sqlx::query("delete from setting where org = $1 and key = $2")
            .bind(self.org())
            .bind(PAUSED)
            .execute(&mut *tx)
            .await?;
        let was_paused = ended.rows_affected() > 0;
        if was_paused {
            self.note_act(&mut tx, None, "resume", by, "").await?;
        }
        self.publish(tx, PAUSED).await?;
        Ok(was_paused)
    }

    /// The token that marks a conversation's booking links, made when first asked for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn booking_token(&self, conversation_id: &str) -> Result<String, StoreError> {
        let mut tx = self.write().await?;
        if self.hold(&mut tx, conversation_id).await?.is_none() {
            return Err(StoreError::inconsistent(format!("no conversation {conversation_id} to book for")));
        }
        let known = sqlx::query_scalar(
            "select token from booking_token where org = $1 and conversation_id = $2 order by created_at desc limit 1",
        )
        .bind(self.org())
        .bind(conversation_id)
        .fetch_optional(&mut *tx)
        .await?;
        if let Some(token) = known {
            return Ok(token);
        }
        let token = self.0.random.token();
        sqlx::query("insert into booking_token (org, token, conversation_id, created_at) values ($1, $2, $3, $4)")
            .bind(self.org())
            .bind(&token)
            .bind(conversation_id)
            .bind(ms(self.now()))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(token)
    }

    /// The conversation whose booking links bear this token.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversation_by_token(&self, token: &str) -> Result<Option<String>, StoreError> {
        let id = sqlx::query_scalar("select conversation_id from booking_token where org = $1 and token = $2")
            .bind(self.org())
            .bind(clean(token))
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        Ok(id)
    }

    pub(super) async fn paused_within(&self, connection: &mut AnyConnection) -> Result<Option<String>, StoreError> {
        self.setting_within(connection, PAUSED).await
    }

    async fn setting_within(&self, connection: &mut AnyConnection, key: &str) -> Result<Option<String>, StoreError> {
        let value = sqlx::query_scalar("select value from setting where org = $1 and key = $2")
            .bind(self.org())
            .bind(key)
            .fetch_optional(connection)
            .await?;
        Ok(value)
    }

    pub(super) async fn put_setting(&self, tx: &mut Tx, key: &str, value: &str) -> Result<(), StoreError> {
        sqlx::query(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) \
             on conflict (org, key) do update set value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(self.org())
        .bind(key)
        .bind(clean(value))
        .bind(ms(self.now()))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
