//! What arrives: the event, then its lane, in one transaction.

use super::Store;
use super::error::StoreError;
use super::lane::{Accepted, Arrival, EventKind, NumberPair};
use super::row::{Columns, clean, clean_opt, ms, one_row};
use super::writer::Tx;

/// Whom an arrival is for.
enum Addressee<'a> {
    Numbers(&'a NumberPair),
    Conversation(&'a str),
}

impl Store {
    /// Stores what arrived and wakes its conversation, making it if it is new.
    ///
    /// The same event, or the same text under another event's id, changes nothing. [`EventKind::Noted`] and arrivals
    /// without a lane are only recorded.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was stored, and the same arrival may come again.
    pub async fn accept(&self, arrival: &Arrival) -> Result<Accepted, StoreError> {
        self.accept_as(arrival, arrival.lane.as_ref().map(Addressee::Numbers)).await
    }

    /// [`Store::accept`] for a conversation that is already known, as for bookings and a rep's wishes.
    ///
    /// An unknown conversation leaves the arrival recorded for none.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was stored.
    pub async fn accept_for(&self, conversation_id: &str, arrival: &Arrival) -> Result<Accepted, StoreError> {
        self.accept_as(arrival, Some(Addressee::Conversation(conversation_id))).await
    }

    /// True if an event is stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn knows_event(&self, event_id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 as found from event where org = $1 and event_id = $2")
            .bind(self.org())
            .bind(clean(event_id))
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        Ok(row.is_some())
    }

    async fn accept_as(&self, arrival: &Arrival, to: Option<Addressee<'_>>) -> Result<Accepted, StoreError> {
        let mut tx = self.write().await?;
        let accepted = self.take_in(&mut tx, arrival, to).await?;
        match &accepted {
            Accepted::New { conversation_id } => self.publish(tx, conversation_id).await?,
            Accepted::Recorded | Accepted::Duplicate => tx.commit().await?,
        }
        Ok(accepted)
    }

    /// The body of [`Store::accept`], for one transaction that may hold more.
    async fn take_in(&self, tx: &mut Tx, arrival: &Arrival, to: Option<Addressee<'_>>) -> Result<Accepted, StoreError> {
        let known = match to {
            Some(Addressee::Conversation(id)) => Some(id),
            Some(Addressee::Numbers(_)) | None => None,
        };
        if !self.record_event(tx, arrival, known).await? {
            return Ok(Accepted::Duplicate);
        }
        if arrival.kind == EventKind::Noted {
            return Ok(Accepted::Recorded);
        }
        let lane = match to {
            None => None,
            Some(Addressee::Numbers(numbers)) => Some(self.reach_lane(tx, arrival, numbers).await?),
            Some(Addressee::Conversation(id)) => self.hold(tx, id).await?.map(|lane| (lane.id, lane.last_seq)),
        };
        let Some((conversation_id, last_seq)) = lane else { return Ok(Accepted::Recorded) };
        if !self.put_in_inbox(tx, arrival, &conversation_id, last_seq + 1).await? {
            return Ok(Accepted::Duplicate);
        }
        self.wake_for(tx, arrival, &conversation_id, last_seq + 1).await?;
        Ok(Accepted::New { conversation_id })
    }

    /// False if the event was stored before.
    pub(super) async fn record_event(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        known: Option<&str>,
    ) -> Result<bool, StoreError> {
        let stored = sqlx::query(
            "insert into event (org, event_id, source, kind, conversation_id, activity_id, occurred_at, received_at, body) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (org, event_id) do nothing",
        )
        .bind(self.org())
        .bind(clean(&arrival.event_id))
        .bind(arrival.source.as_str())
        .bind(arrival.kind.as_str())
        .bind(known)
        .bind(clean_opt(arrival.activity_id.as_deref()))
        .bind(ms(arrival.occurred_at))
        .bind(ms(arrival.received_at))
        .bind(arrival.body.to_string())
        .execute(&mut **tx)
        .await?;
        Ok(stored.rows_affected() == 1)
    }

    /// Finds or makes the lane of a number pair and holds its row. Returns its id and the newest `seq`.
    async fn reach_lane(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        numbers: &NumberPair,
    ) -> Result<(String, i64), StoreError> {
        let row = sqlx::query(
            "insert into conversation (org, id, our_number, their_number, lead_id, contact_id, state, state_at, reason, \
             attempts, answered_before, last_seq, rung, epoch, created_at, updated_at) \
             values ($1, $2, $3, $4, $5, $6, 'quiet', $7, '', 0, 0, 0, 0, 0, $7, $7) \
             on conflict (org, our_number, their_number) do update set \
             lead_id = coalesce(excluded.lead_id, conversation.lead_id), \
             contact_id = coalesce(excluded.contact_id, conversation.contact_id) returning id, last_seq",
        )
        .bind(self.org())
        .bind(self.new_id("conv"))
        .bind(clean(&numbers.ours))
        .bind(clean(&numbers.theirs))
        .bind(clean_opt(arrival.lead_id.as_deref()))
        .bind(clean_opt(arrival.contact_id.as_deref()))
        .bind(ms(self.now()))
        .fetch_one(&mut **tx)
        .await?;
        Ok((row.text("id")?, row.int("last_seq")?))
    }

    /// False if this text is in an inbox already.
    async fn put_in_inbox(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        conversation_id: &str,
        seq: i64,
    ) -> Result<bool, StoreError> {
        let stored = sqlx::query(
            "insert into inbox (org, conversation_id, seq, id, event_id, kind, activity_id, reason) \
             values ($1, $2, $3, $4, $5, $6, $7, '') on conflict do nothing",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(seq)
        .bind(self.new_id("in"))
        .bind(clean(&arrival.event_id))
        .bind(arrival.kind.as_str())
        .bind(clean_opt(arrival.activity_id.as_deref()))
        .execute(&mut **tx)
        .await?;
        Ok(stored.rows_affected() == 1)
    }

    /// Gives out the `seq` and moves the alarm, never to later.
    async fn wake_for(
        &self,
        tx: &mut Tx,
        arrival: &Arrival,
        conversation_id: &str,
        seq: i64,
    ) -> Result<(), StoreError> {
        let starts_work = matches!(arrival.kind, EventKind::LeadText | EventKind::Instruction);
        let changed = sqlx::query(
            "update conversation set last_seq = $3, \
             wake_at = case when wake_at is null or wake_at > $4 then $4 else wake_at end, \
             state_at = case when state = 'quiet' and $5 = 1 then $6 else state_at end, \
             reason = case when state = 'quiet' and $5 = 1 then '' else reason end, \
             state = case when state = 'quiet' and $5 = 1 then 'working' else state end, updated_at = $6 \
             where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(seq)
        .bind(ms(arrival.received_at))
        .bind(i64::from(starts_work))
        .bind(ms(self.now()))
        .execute(&mut **tx)
        .await?;
        one_row(&changed, "waking a conversation")
    }

    /// [`Store::accept_for`] inside a transaction that holds the conversation's row.
    pub(super) async fn accept_within(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        arrival: &Arrival,
    ) -> Result<Accepted, StoreError> {
        self.take_in(tx, arrival, Some(Addressee::Conversation(conversation_id))).await
    }
}
