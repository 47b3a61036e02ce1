//! Texts of the lead that were dealt with and yet nobody has answered.

macro_rules! texts_owed_sql {
    ($($rest:literal)?) => {
        concat!(
            "select i.activity_id from inbox i join event e on e.org = $1 and e.event_id = i.event_id \
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
             not exists (select 1 from outbox x where x.org = $1 and x.activity_id = h.activity_id))"
            $(, $rest)?
        )
    };
}

/// What [`super::Store::recollect`] calls owed. $1 org, $2 conversation.
///
/// A rep's text settles what was written before it, not what Rapport heard of before it: it may be learnt late.
pub(super) const TEXTS_OWED: &str = texts_owed_sql!();

/// One of [`TEXTS_OWED`], where it matters: a rep has taken over, or a reply is on its way. $1 org, $2 conversation.
pub(super) const OWED_IN_DOUBT: &str = texts_owed_sql!(
    " and (select state from conversation where org = $1 and id = $2) in ('taken_over', 'sending') limit 1"
);
