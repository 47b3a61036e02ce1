//! The outbox: texts that were decided on, in their order.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::AnyConnection;

use super::Store;
use super::effect::{Effect, Purpose};
use super::errand::Statement;
use super::error::StoreError;
use super::load::{effect_sql, read_effect};
use super::row::{as_json, clean, clean_opt, ms, ms_opt};
use super::writer::Tx;
use crate::conversation::Message;

/// A message as a statement for many is given it.
#[derive(Serialize)]
struct MessageRow {
    activity_id: String,
    author: &'static str,
    text: String,
    at: i64,
    attachments: u32,
}

impl MessageRow {
    fn of(message: &Message) -> Self {
        Self {
            activity_id: clean(&message.activity_id),
            author: message.author.as_str(),
            text: clean(&message.text),
            at: ms(message.at),
            attachments: message.attachments,
        }
    }
}

/// A text to queue.
pub(super) struct Queued<'a> {
    pub(super) id: &'a str,
    pub(super) conversation_id: &'a str,
    pub(super) turn_id: Option<&'a str>,
    pub(super) draft_id: Option<&'a str>,
    pub(super) text: &'a str,
    pub(super) basis_seq: i64,
    pub(super) not_before: Option<Timestamp>,
    pub(super) approved_by: Option<&'a str>,
    pub(super) purpose: Purpose,
}

impl Store {
    /// True if an SMS activity is one that Rapport made itself.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn knows_activity(&self, activity_id: &str) -> Result<bool, StoreError> {
        Ok(self.effect_by_activity(activity_id).await?.is_some())
    }

    /// The effect whose Close activity this is.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn effect_by_activity(&self, activity_id: &str) -> Result<Option<Effect>, StoreError> {
        let row = sqlx::query(effect_sql!("and activity_id = $2"))
            .bind(self.org())
            .bind(clean(activity_id))
            .fetch_optional(&mut *self.reader().await?)
            .await?;
        row.as_ref().map(read_effect).transpose()
    }

    /// Appends a text to a conversation's outbox. The conversation's row is held, so that no two get one place.
    pub(super) async fn queue(&self, tx: &mut Tx, queued: &Queued<'_>) -> Result<(), StoreError> {
        Statement::new(
            "insert into outbox (org, id, conversation_id, turn_id, draft_id, ordinal, text, state, basis_seq, next_at, \
             attempts, error, approved_by, failure_seen, created_at, updated_at, purpose) values ($1, $2, $3, $4, $5, \
             (select coalesce(max(ordinal), 0) + 1 from outbox where org = $1 and conversation_id = $3), \
             $6, 'queued', $7, $8, 0, '', $9, 0, $10, $10, $11)",
        )
        .bind(self.org())
        .bind(queued.id)
        .bind(queued.conversation_id)
        .bind(queued.turn_id)
        .bind(queued.draft_id)
        .bind(clean(queued.text))
        .bind(queued.basis_seq)
        .bind(ms_opt(queued.not_before))
        .bind(clean_opt(queued.approved_by))
        .bind(ms(self.now()))
        .bind(queued.purpose.as_str())
        .run_in(tx)
        .await
    }

    /// Takes back the waiting draft and everything that is not on its way.
    pub(super) async fn withdraw(&self, tx: &mut Tx, conversation_id: &str, reason: &str) -> Result<(), StoreError> {
        sqlx::query(
            "update draft set state = 'withdrawn', ended_reason = $3, decided_at = $4 \
             where org = $1 and conversation_id = $2 and state = 'waiting'",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(clean(reason))
        .bind(ms(self.now()))
        .execute(tx.connection().await?)
        .await?;
        self.withdraw_effects(tx, conversation_id, reason).await.map(|_| ())
    }

    /// Takes back every text that is not on its way. False if there was none.
    ///
    /// A queued text is withdrawn here. One that Close may hold as a draft only gets the reason: its next step is then
    /// refused, and the worker deletes the draft at Close before it is withdrawn.
    pub(super) async fn withdraw_effects(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let now = ms(self.now());
        let mut taken_back = 0;
        for sql in [
            "update outbox set state = 'withdrawn', error = $3, withdraw_reason = $3, updated_at = $4 \
             where org = $1 and conversation_id = $2 and state = 'queued'",
            "update outbox set withdraw_reason = coalesce(withdraw_reason, $3), next_at = null, updated_at = $4 \
             where org = $1 and conversation_id = $2 and state = 'drafted'",
            "update outbox set withdraw_reason = coalesce(withdraw_reason, $3), updated_at = $4 \
             where org = $1 and conversation_id = $2 and state = 'drafting'",
        ] {
            let changed = sqlx::query(sql)
                .bind(self.org())
                .bind(conversation_id)
                .bind(clean(reason))
                .bind(now)
                .execute(tx.connection().await?)
                .await?;
            taken_back += changed.rows_affected();
        }
        Ok(taken_back > 0)
    }

    pub(super) async fn effect_within(
        &self,
        connection: &mut AnyConnection,
        effect_id: &str,
    ) -> Result<Option<Effect>, StoreError> {
        let row =
            sqlx::query(effect_sql!("and id = $2")).bind(self.org()).bind(effect_id).fetch_optional(connection).await?;
        row.as_ref().map(read_effect).transpose()
    }

    /// Adds messages, or gives known ones their newer text.
    pub(super) async fn put_messages(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        messages: &[Message],
    ) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        // By their ids: of two about the same text the later one counts.
        let rows: BTreeMap<&str, MessageRow> =
            messages.iter().map(|message| (message.activity_id.as_str(), MessageRow::of(message))).collect();
        Statement::new(self.engine().put_messages())
            .bind(self.org())
            .bind(as_json(&rows.into_values().collect::<Vec<_>>())?)
            .bind(conversation_id)
            .run_in(tx)
            .await
    }

    /// Adds a message unless it is known.
    pub(super) async fn add_message(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        message: &Message,
    ) -> Result<(), StoreError> {
        Statement::new(
            "insert into message (org, activity_id, conversation_id, author, text, at, attachments) \
             values ($1, $2, $3, $4, $5, $6, $7) on conflict (org, activity_id) do nothing",
        )
        .bind(self.org())
        .bind(clean(&message.activity_id))
        .bind(conversation_id)
        .bind(message.author.as_str())
        .bind(clean(&message.text))
        .bind(ms(message.at))
        .bind(i64::from(message.attachments))
        .run_in(tx)
        .await
    }
}
