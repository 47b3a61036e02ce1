//! Settings that live with the data, and the tokens of booking links.

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::row::{clean, instant, ms};
use super::writer::Tx;

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
        .fetch_optional(tx.connection().await?)
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
            .execute(tx.connection().await?)
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

    /// The conversation in whose inbox a person's entry at Calendly is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversation_by_invitee(&self, invitee_uri: &str) -> Result<Option<String>, StoreError> {
        let id = sqlx::query_scalar(
            "select conversation_id from inbox where org = $1 and kind in ('booking', 'cancellation') and activity_id = $2 limit 1",
        )
        .bind(self.org())
        .bind(clean(invitee_uri))
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        Ok(id)
    }

    async fn setting_within(&self, connection: &mut AnyConnection, key: &str) -> Result<Option<String>, StoreError> {
        let value = sqlx::query_scalar("select value from setting where org = $1 and key = $2")
            .bind(self.org())
            .bind(key)
            .fetch_optional(connection)
            .await?;
        Ok(value)
    }

    /// Writes a setting; returns the moment it bears.
    pub(super) async fn put_setting(&self, tx: &mut Tx, key: &str, value: &str) -> Result<Timestamp, StoreError> {
        let now = instant(ms(self.now()))?;
        sqlx::query(
            "insert into setting (org, key, value, updated_at) values ($1, $2, $3, $4) \
             on conflict (org, key) do update set value = excluded.value, updated_at = excluded.updated_at",
        )
        .bind(self.org())
        .bind(key)
        .bind(clean(value))
        .bind(ms(now))
        .execute(tx.connection().await?)
        .await?;
        Ok(now)
    }
}
