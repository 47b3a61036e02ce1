//! Texts that a reply was decided for and never got one.

use std::collections::BTreeSet;

use super::Store;
use super::error::StoreError;
use super::row::{Columns, clean};

impl Store {
    /// The lead's texts, by activity, whose reply was taken back before it left: a newer text came while it waited as a
    /// draft or in the outbox. The next reply answers them too (`nothing-lost`).
    ///
    /// A text is settled by whatever left our number after it, ours or a rep's, and by a rep who rejected its draft.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn texts_owed(&self, conversation_id: &str) -> Result<BTreeSet<String>, StoreError> {
        let mut connection = self.reader().await?;
        let rows = sqlx::query(
            "select activity_id from inbox where org = $1 and conversation_id = $2 and kind = 'lead_text' and \
             activity_id is not null and ending in ('drafted', 'answered') and \
             seq > coalesce((select max(seq) from inbox where org = $1 and conversation_id = $2 and \
             kind = 'outbound_sent'), 0) and \
             seq > coalesce((select max(basis_seq) from outbox where org = $1 and conversation_id = $2 and \
             state <> 'withdrawn'), 0) and \
             seq > coalesce((select max(basis_seq) from draft where org = $1 and conversation_id = $2 and \
             state = 'rejected'), 0)",
        )
        .bind(self.org())
        .bind(clean(conversation_id))
        .fetch_all(&mut *connection)
        .await?;
        rows.iter().map(|row| row.text("activity_id")).collect()
    }
}
