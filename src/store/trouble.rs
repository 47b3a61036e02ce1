//! Troubles: what somebody has to look at that belongs to no conversation. The desk shows them.

use super::Store;
use super::error::StoreError;
use super::row::Columns;

/// Where the troubles stand among the settings.
const PREFIX: &str = "trouble:";

impl Store {
    /// Says what is wrong with `what`, in a sentence; none when all is well again. Changes nothing that is said already.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn set_trouble(&self, what: &str, sentence: Option<&str>) -> Result<(), StoreError> {
        let (key, sentence) = (format!("{PREFIX}{what}"), sentence.unwrap_or_default());
        if self.setting(&key).await?.unwrap_or_default() == sentence {
            return Ok(());
        }
        self.set_setting(&key, sentence).await
    }

    /// Everything that is wrong now, a sentence each.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn troubles(&self) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query("select value from setting where org = $1 and key like $2 and value <> '' order by key")
            .bind(self.org())
            .bind(format!("{PREFIX}%"))
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| row.text("value")).collect()
    }
}
