//! What arrives: the event, then its lane, in one transaction that arrivals of the same moment share.

use std::collections::HashSet;

use serde::Serialize;

use super::Store;
use super::error::StoreError;
use super::intake::{Batch, Turn};
use super::lane::{Accepted, Arrival, EventKind, NumberPair};
use super::row::{Columns, as_json, clean, clean_opt, ms};
use super::writer::Tx;

/// Whom an arrival is for.
#[derive(Debug, Clone)]
pub(super) enum Addressee {
    Nobody,
    Numbers(NumberPair),
    Conversation(String),
}

/// An arrival as it is written: without characters that a database refuses.
pub(super) struct Incoming {
    pub(super) event_id: String,
    pub(super) kind: EventKind,
    pub(super) to: Addressee,
    pub(super) lead_id: Option<String>,
    pub(super) contact_id: Option<String>,
    pub(super) activity_id: Option<String>,
    pub(super) received_at_ms: i64,
    /// The event's row as JSON, made before the arrival queues: whoever writes for many has less to do.
    pub(super) event_row: String,
}

/// A row of the table `event`.
#[derive(Serialize)]
struct EventRow<'a> {
    event_id: &'a str,
    source: &'static str,
    kind: &'static str,
    conversation_id: Option<&'a str>,
    activity_id: Option<&'a str>,
    occurred_at: i64,
    received_at: i64,
    body: String,
}

impl Incoming {
    pub(super) fn new(arrival: &Arrival, to: Addressee) -> Result<Self, StoreError> {
        let event_id = clean(&arrival.event_id);
        let activity_id = clean_opt(arrival.activity_id.as_deref());
        let received_at_ms = ms(arrival.received_at);
        let row = EventRow {
            event_id: &event_id,
            source: arrival.source.as_str(),
            kind: arrival.kind.as_str(),
            conversation_id: match &to {
                Addressee::Conversation(id) => Some(id),
                Addressee::Nobody | Addressee::Numbers(_) => None,
            },
            activity_id: activity_id.as_deref(),
            occurred_at: ms(arrival.occurred_at),
            received_at: received_at_ms,
            body: arrival.body.to_string(),
        };
        Ok(Self {
            event_row: as_json(&row)?,
            kind: arrival.kind,
            to,
            lead_id: clean_opt(arrival.lead_id.as_deref()),
            contact_id: clean_opt(arrival.contact_id.as_deref()),
            received_at_ms,
            event_id,
            activity_id,
        })
    }

    /// The activity that no inbox may hold twice under this kind. As the index `inbox_activity` says.
    pub(super) fn unique_activity(&self) -> Option<(EventKind, &str)> {
        let is_unique = matches!(self.kind, EventKind::LeadText | EventKind::OutboundSent);
        self.activity_id.as_deref().filter(|_| is_unique).map(|id| (self.kind, id))
    }
}

impl Store {
    /// Stores what arrived and wakes its conversation, making it if it is new.
    ///
    /// The same event, or the same text under another event's id, changes nothing. [`EventKind::Noted`] and arrivals
    /// without a lane are only recorded. Arrivals that come at the same time share a transaction; one that cannot be
    /// stored does not keep the others from being stored.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was stored, and the same arrival may come again. [`StoreError::Busy`] when too many
    /// wait.
    pub async fn accept(&self, arrival: &Arrival) -> Result<Accepted, StoreError> {
        let to = arrival.lane.as_ref().map_or(Addressee::Nobody, |numbers| {
            Addressee::Numbers(NumberPair { ours: clean(&numbers.ours), theirs: clean(&numbers.theirs) })
        });
        self.accept_incoming(Incoming::new(arrival, to)?).await
    }

    /// [`Store::accept`] for a conversation that is already known, as for bookings and a rep's wishes.
    ///
    /// An unknown conversation leaves the arrival recorded for none.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was stored.
    pub async fn accept_for(&self, conversation_id: &str, arrival: &Arrival) -> Result<Accepted, StoreError> {
        self.accept_incoming(Incoming::new(arrival, Addressee::Conversation(clean(conversation_id)))?).await
    }

    /// Which of some events are stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn known_events(&self, event_ids: &[String]) -> Result<HashSet<String>, StoreError> {
        if event_ids.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<String> = event_ids.iter().map(|id| clean(id)).collect();
        let rows = sqlx::query(self.engine().known_events())
            .bind(self.org())
            .bind(as_json(&ids)?)
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(|row| row.text("event_id")).collect()
    }

    async fn accept_incoming(&self, incoming: Incoming) -> Result<Accepted, StoreError> {
        let _busy = self.0.probed.busy();
        match self.0.intake.enter(incoming).await? {
            Turn::Ended(result) => result,
            Turn::Writes(batch) => self.write_all(batch).await,
        }
    }

    /// Writes a batch, tells everyone else in it, and returns what became of the writer's own arrival.
    async fn write_all(&self, mut batch: Batch) -> Result<Accepted, StoreError> {
        let arrivals = batch.arrivals();
        let many = arrivals.len();
        let mut results = match self.write_together(&arrivals).await {
            Ok(accepted) => accepted.into_iter().map(Ok).collect(),
            Err(error) if many > 1 && error.may_be_of_one_part() => {
                tracing::warn!(%error, many, "arrivals could not be stored together; storing them one by one");
                let mut each = Vec::with_capacity(many);
                for arrival in &arrivals {
                    each.push(self.write_together(&[*arrival]).await.and_then(only));
                }
                each
            }
            Err(error) => vec![Err(error); many],
        }
        .into_iter();
        let own = results.next().unwrap_or_else(|| Err(StoreError::inconsistent("a batch without its writer")));
        results.for_each(|result| batch.tell_next(result));
        own
    }

    /// Stores arrivals in one transaction.
    async fn write_together(&self, arrivals: &[&Incoming]) -> Result<Vec<Accepted>, StoreError> {
        if let Some(accepted) = self.store_new(arrivals).await? {
            return Ok(accepted);
        }
        loop {
            let mut tx = self.write().await?;
            // Raced: another process has stored some of it this moment. Seen anew, those are duplicates, so this ends.
            let Some(accepted) = self.take_in(&mut tx, arrivals).await? else { continue };
            let changed = accepted.iter().find_map(|accepted| match accepted {
                Accepted::New { conversation_id } => Some(conversation_id),
                Accepted::Recorded | Accepted::Duplicate => None,
            });
            match changed {
                Some(conversation_id) => self.publish(tx, conversation_id).await?,
                // Also when all were known: what they were found in may be about to be committed.
                None => tx.commit().await?,
            }
            return Ok(accepted);
        }
    }

    /// [`Store::accept_for`] inside a transaction that holds the conversation's row.
    pub(super) async fn accept_within(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        arrival: &Arrival,
    ) -> Result<Accepted, StoreError> {
        let incoming = Incoming::new(arrival, Addressee::Conversation(conversation_id.to_owned()))?;
        let accepted = self.take_in(tx, &[&incoming]).await?;
        accepted.map_or_else(|| Err(StoreError::inconsistent("an event is stored twice at once")), only)
    }

    /// Records an event that nothing follows from, inside a transaction.
    pub(super) async fn record_within(
        &self,
        tx: &mut Tx,
        conversation_id: Option<&str>,
        note: &Arrival,
    ) -> Result<(), StoreError> {
        let to = conversation_id.map_or(Addressee::Nobody, |id| Addressee::Conversation(id.to_owned()));
        self.take_in(tx, &[&Incoming::new(note, to)?]).await.map(|_| ())
    }
}

fn only(accepted: Vec<Accepted>) -> Result<Accepted, StoreError> {
    accepted.into_iter().next().ok_or_else(|| StoreError::inconsistent("an arrival without an outcome"))
}
