//! Texts of the lead that were dealt with and yet nobody has answered.

use std::collections::BTreeSet;

use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::row::{Columns, clean};

impl Store {
    /// The lead's texts, by activity, whose reply was taken back before it left or failed, or for which a person was asked
    /// who has not answered. The next reply answers them too (`nothing-lost`).
    ///
    /// A text is settled by a later text of ours that left or may still leave, by a rep's own text, by a rep who rejected
    /// its draft, and by silence that was chosen after it. Words that only say that a person will answer settle nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn texts_owed(&self, conversation_id: &str) -> Result<BTreeSet<String>, StoreError> {
        let mut connection = self.reader().await?;
        self.owed_within(&mut connection, conversation_id).await
    }

    pub(super) async fn owed_within(
        &self,
        connection: &mut AnyConnection,
        conversation_id: &str,
    ) -> Result<BTreeSet<String>, StoreError> {
        let rows = sqlx::query(
            "select i.activity_id from inbox i where i.org = $1 and i.conversation_id = $2 and i.kind = 'lead_text' and \
             i.activity_id is not null and i.ending in ('answered', 'drafted', 'handed_off') and \
             i.seq > (select coalesce(max(o.basis_seq), 0) from outbox o where o.org = $1 and o.conversation_id = $2 and \
             o.purpose = 'reply' and o.state not in ('withdrawn', 'failed') and o.withdraw_reason is null) and \
             i.seq > (select coalesce(max(d.basis_seq), 0) from draft d where d.org = $1 and d.conversation_id = $2 and \
             d.state = 'rejected') and \
             i.seq > (select coalesce(max(u.seq), 0) from inbox u where u.org = $1 and u.conversation_id = $2 and \
             u.kind = 'lead_text' and u.ending = 'unanswered') and \
             i.seq > (select coalesce(max(h.seq), 0) from inbox h where h.org = $1 and h.conversation_id = $2 and \
             h.kind = 'outbound_sent' and not exists (select 1 from outbox x where x.org = $1 and \
             x.activity_id = h.activity_id))",
        )
        .bind(self.org())
        .bind(clean(conversation_id))
        .fetch_all(connection)
        .await?;
        rows.iter().map(|row| row.text("activity_id")).collect()
    }
}
