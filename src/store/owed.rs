//! Texts of the lead that were dealt with and yet nobody has answered.

use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::row::clean;

/// What [`Store::recollect`] calls owed. $1 org, $2 conversation.
///
/// A rep's text settles what was written before it, not what Rapport heard of before it: it may be learnt late.
pub(super) const TEXTS_OWED: &str = "select i.activity_id from inbox i join event e on e.org = $1 and e.event_id = i.event_id \
     where i.org = $1 and i.conversation_id = $2 and i.kind = 'lead_text' and \
     i.activity_id is not null and i.ending in ('answered', 'drafted', 'handed_off') and \
     i.seq > (select coalesce(max(o.basis_seq), 0) from outbox o where o.org = $1 and o.conversation_id = $2 and \
     o.purpose = 'reply' and o.state not in ('withdrawn', 'failed') and o.withdraw_reason is null) and \
     i.seq > (select coalesce(max(d.basis_seq), 0) from draft d where d.org = $1 and d.conversation_id = $2 and \
     d.state = 'rejected') and \
     i.seq > (select coalesce(max(u.seq), 0) from inbox u where u.org = $1 and u.conversation_id = $2 and \
     u.kind = 'lead_text' and u.ending = 'unanswered') and \
     not exists (select 1 from inbox h join event r on r.org = $1 and r.event_id = h.event_id where h.org = $1 and \
     h.conversation_id = $2 and h.kind = 'outbound_sent' and r.occurred_at >= e.occurred_at and \
     not exists (select 1 from outbox x where x.org = $1 and x.activity_id = h.activity_id))";

impl Store {
    /// True if any text of the lead is owed an answer.
    pub(super) async fn is_answer_owed(
        &self,
        connection: &mut AnyConnection,
        conversation_id: &str,
    ) -> Result<bool, StoreError> {
        let owed =
            sqlx::query(TEXTS_OWED).bind(self.org()).bind(clean(conversation_id)).fetch_optional(connection).await?;
        Ok(owed.is_some())
    }
}
