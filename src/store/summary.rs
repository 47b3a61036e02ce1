//! Summaries: what was said before the messages a prompt shows. They replace no message, and none is ever changed: a newer
//! one, or a rep's correction, is a row of its own.

use jiff::Timestamp;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::desk::{DeskError, Refusal};
use super::error::StoreError;
use super::row::{Columns, clean, clean_opt, ms};
use crate::conversation::Message;

/// A summary of a conversation up to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// `sum_…`.
    pub id: String,
    /// The newest message it covers.
    pub covers_activity_id: String,
    /// When that was written.
    pub covers_until: Timestamp,
    /// The words; empty when a rep wants none.
    pub text: String,
    /// The rep who wrote it; none for a model's.
    pub author: Option<String>,
    /// The model, for a model's.
    pub model: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A summary that a model made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSummary {
    /// The conversation.
    pub conversation_id: String,
    /// The summary it goes on from; none for the first.
    pub based_on: Option<String>,
    /// The newest message it covers.
    pub covers_activity_id: String,
    /// When that was written.
    pub covers_until: Timestamp,
    /// The words.
    pub text: String,
    /// The model.
    pub model: String,
    /// Hash of the prompt files used.
    pub prompt_hash: String,
    /// Tokens of the request.
    pub input_tokens: i64,
    /// Tokens of the answer.
    pub output_tokens: i64,
    /// What it cost, in millionths of a dollar.
    pub cost_microusd: i64,
}

/// The summary that stands. $1 org, $2 conversation.
pub(super) const STANDING_SUMMARY: &str = "select id, covers_activity_id, covers_until, text, author, model, created_at \
     from summary where org = $1 and conversation_id = $2 order by ordinal desc limit 1";

impl Store {
    /// The summary that stands, if there is one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn summary(&self, conversation_id: &str) -> Result<Option<Summary>, StoreError> {
        self.summary_within(&mut *self.reader().await?, conversation_id).await
    }

    /// A conversation's messages, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn messages_of(&self, conversation_id: &str) -> Result<Vec<Message>, StoreError> {
        self.messages(&mut *self.reader().await?, conversation_id).await
    }

    /// Adds a model's summary. False, and nothing is added, if another stands by now than the one it goes on from.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was added.
    pub async fn add_summary(&self, new: &NewSummary) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        if self.hold(&mut tx, &new.conversation_id).await?.is_none() {
            return Ok(false);
        }
        let standing =
            self.summary_within(tx.connection().await?, &new.conversation_id).await?.map(|summary| summary.id);
        if standing != new.based_on {
            return Ok(false);
        }
        self.put_summary(tx.connection().await?, new, None).await?;
        self.publish(tx, &new.conversation_id).await?;
        Ok(true)
    }

    /// A rep's words in place of a summary's. What it covers stays.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] without a summary, [`Refusal::SummaryMoved`] if it is not the one that stands, or
    /// [`StoreError`]; then nothing was changed.
    pub async fn correct_summary(
        &self,
        conversation_id: &str,
        summary_id: &str,
        text: &str,
        reviewer: &str,
    ) -> Result<(), DeskError> {
        let mut tx = self.write().await?;
        self.hold(&mut tx, conversation_id).await?.ok_or(Refusal::NotFound)?;
        let standing = self.summary_within(tx.connection().await?, conversation_id).await?.ok_or(Refusal::NotFound)?;
        if standing.id != summary_id {
            return Err(Refusal::SummaryMoved.into());
        }
        let corrected = NewSummary {
            conversation_id: conversation_id.to_owned(),
            based_on: Some(standing.id),
            covers_activity_id: standing.covers_activity_id,
            covers_until: standing.covers_until,
            text: text.to_owned(),
            model: String::new(),
            prompt_hash: String::new(),
            input_tokens: 0,
            output_tokens: 0,
            cost_microusd: 0,
        };
        self.put_summary(tx.connection().await?, &corrected, Some(reviewer)).await?;
        self.note_act(&mut tx, Some(conversation_id), "correct_summary", reviewer, "").await?;
        Ok(self.publish(tx, conversation_id).await?)
    }

    async fn put_summary(
        &self,
        connection: &mut AnyConnection,
        new: &NewSummary,
        author: Option<&str>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into summary (org, id, conversation_id, ordinal, covers_activity_id, covers_until, text, author, model, \
             prompt_hash, input_tokens, output_tokens, cost_microusd, created_at) values ($1, $2, $3, \
             (select coalesce(max(ordinal), 0) + 1 from summary where org = $1 and conversation_id = $3), \
             $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        )
        .bind(self.org())
        .bind(self.new_id("sum"))
        .bind(&new.conversation_id)
        .bind(clean(&new.covers_activity_id))
        .bind(ms(new.covers_until))
        .bind(clean(&new.text))
        .bind(clean_opt(author))
        .bind(Some(clean(&new.model)).filter(|model| !model.is_empty()))
        .bind(&new.prompt_hash)
        .bind(new.input_tokens)
        .bind(new.output_tokens)
        .bind(new.cost_microusd)
        .bind(ms(self.now()))
        .execute(connection)
        .await?;
        Ok(())
    }

    async fn summary_within(
        &self,
        connection: &mut AnyConnection,
        conversation_id: &str,
    ) -> Result<Option<Summary>, StoreError> {
        let row = sqlx::query(STANDING_SUMMARY)
            .bind(self.org())
            .bind(clean(conversation_id))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(read_summary).transpose()
    }
}

pub(super) fn read_summary(row: &AnyRow) -> Result<Summary, StoreError> {
    Ok(Summary {
        id: row.text("id")?,
        covers_activity_id: row.text("covers_activity_id")?,
        covers_until: row.at("covers_until")?,
        text: row.text("text")?,
        author: row.text_opt("author")?,
        model: row.text_opt("model")?,
        created_at: row.at("created_at")?,
    })
}
