//! What a turn is told of its conversation beside its messages.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::errand::{Parameter, Question};
use super::error::StoreError;
use super::lane::EventKind;
use super::owed::TEXTS_OWED;
use super::row::{Columns, clean, ms};
use super::summary::{STANDING_SUMMARY, Summary, read_summary};
use crate::conversation::Intent;

/// Texts that count against a limit. Of automatic ones those that were decided on, but for those that failed or were withdrawn;
/// texts that a rep approved do not count among them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SentCounts {
    /// Automatic ones to this phone in the last 24 hours.
    pub lead_24h: i64,
    /// Anybody's, to this phone from others of our numbers in the last 24 hours.
    pub elsewhere_24h: i64,
    /// Automatic ones of the whole organisation in the last hour.
    pub hour: i64,
    /// Automatic ones of the whole organisation in the last 24 hours.
    pub day: i64,
}

/// What a turn is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recollection {
    /// The lead's texts, by activity, that were dealt with and yet nobody has answered; see [`Store::recollect`].
    pub owed: BTreeSet<String>,
    /// The summary that stands.
    pub summary: Option<Summary>,
    /// What the lead wanted in the last turn that was decided.
    pub last_intent: Option<Intent>,
    /// What Calendly told of meetings booked by this conversation's links, oldest first: whether it was called off, and its
    /// words.
    pub bookings: Vec<(EventKind, serde_json::Value)>,
    /// What counts against the caps on automatic texts.
    pub sent: SentCounts,
}

const LAST_INTENT: &str = "select intent from turn where org = $1 and conversation_id = $2 and intent is not null \
     order by started_at desc, id desc limit 1";

const SENT: &str = "select count(*) as day, \
     cast(coalesce(sum(case when created_at > $4 then 1 else 0 end), 0) as bigint) as hour, \
     cast((select count(*) from outbox where org = $1 and created_at > $3 and approved_by is null and \
     state not in ('failed', 'withdrawn') and conversation_id in (select id from conversation where org = $1 and \
     their_number = (select their_number from conversation where org = $1 and id = $2))) as bigint) as lead_day, \
     cast((select count(*) from message where org = $1 and at > $3 and author <> 'lead' and conversation_id in \
     (select id from conversation where org = $1 and id <> $2 and \
     their_number = (select their_number from conversation where org = $1 and id = $2))) as bigint) as elsewhere \
     from outbox where org = $1 and created_at > $3 and approved_by is null and state not in ('failed', 'withdrawn')";

/// The newest, newest first. $1 org, $2 conversation.
const BOOKINGS: &str = "select i.kind, e.body from inbox i join event e on e.org = $1 and e.event_id = i.event_id \
     where i.org = $1 and i.conversation_id = $2 and i.kind in ('booking', 'cancellation') order by i.seq desc limit 40";

impl Store {
    /// What a turn at `now` is told, as of one instant.
    ///
    /// A text is owed an answer whose reply was taken back before it left or failed, or for which a person was asked who has
    /// not answered; the next reply answers it too (`nothing-lost`). It is settled by a later text of ours that left or may
    /// still leave, by a rep's own text, by a rep who rejected its draft, and by silence that was chosen after it. Words that
    /// only say that a person will answer settle nothing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn recollect(&self, conversation_id: &str, now: Timestamp) -> Result<Recollection, StoreError> {
        let before = |hours| ms(now.checked_sub(Duration::from_hours(hours)).unwrap_or(Timestamp::MIN));
        let id = clean(conversation_id);
        let questions = [
            Question { sql: TEXTS_OWED, parameters: 2 },
            Question { sql: STANDING_SUMMARY, parameters: 2 },
            Question { sql: LAST_INTENT, parameters: 2 },
            Question { sql: BOOKINGS, parameters: 2 },
            Question { sql: SENT, parameters: 4 },
        ];
        let given =
            [Parameter::Text(self.org()), Parameter::Text(&id), Parameter::Int(before(24)), Parameter::Int(before(1))];
        let [owed, summary, intent, bookings, sent] = self.ask_at_once(questions, &given).await?;
        let intent = intent.first().map(|row| row.text_opt("intent")).transpose()?.flatten();
        let sent = sent.first().ok_or_else(|| StoreError::inconsistent("texts could not be counted"))?;
        Ok(Recollection {
            owed: owed.iter().map(|row| row.text("activity_id")).collect::<Result<_, _>>()?,
            summary: summary.first().map(read_summary).transpose()?,
            last_intent: intent.as_deref().and_then(Intent::parse),
            bookings: bookings.iter().rev().map(read_booking).collect::<Result<_, _>>()?,
            sent: SentCounts {
                lead_24h: sent.int("lead_day")?,
                elsewhere_24h: sent.int("elsewhere")?,
                hour: sent.int("hour")?,
                day: sent.int("day")?,
            },
        })
    }
}

fn read_booking(row: &AnyRow) -> Result<(EventKind, serde_json::Value), StoreError> {
    Ok((row.name("kind", EventKind::parse)?, row.json("body")?))
}
