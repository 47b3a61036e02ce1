//! What the desk shows.

use std::collections::HashMap;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::desk::{DeskItem, DeskList, DeskThread, InboxRecord};
use super::draft::Draft;
use super::effect::Effect;
use super::error::StoreError;
use super::handoff::answered_since_sql;
use super::lane::{Conversation, Ending, EventKind};
use super::load::{conversation_sql, draft_sql, effect_sql, message_sql, read_conversation, read_draft};
use super::load::{read_effect, read_message};
use super::row::{Columns, clean};
use super::turn::{Json, TurnRecord};

/// A rep has to look at it. $1 org.
macro_rules! waits_sql {
    () => {
        "(state in ('draft_waiting', 'handed_off', 'parked') or id in (select f.conversation_id from outbox f \
         where f.org = $1 and f.state = 'failed' and f.failure_seen = 0))"
    };
}

/// What a rep has to look at: legal threats, then whatever else needs a person, then drafts; the newest first. $1 org, $2 limit,
/// $3 how many are skipped.
macro_rules! waiting_sql {
    () => {
        concat!(
            "and ",
            waits_sql!(),
            " order by coalesce((select min(case when h.kind = 'legal_threat' then 0 else 1 end) from handoff h \
             where h.org = $1 and h.conversation_id = conversation.id and h.closed_at is null and not ",
            answered_since_sql!("h"),
            "), case when state = 'draft_waiting' then 2 else 1 end), state_at desc, id desc limit $2 offset $3"
        )
    };
}

/// A turn's columns; what is large is named apart.
macro_rules! turn_sql {
    ($large:literal, $rest:literal) => {
        concat!(
            "select id, started_at, finished_at, outcome, reason, intent, prompt_hash, ",
            $large,
            ", proposal, findings, decision, model, input_tokens, cached_tokens, output_tokens, cost_microusd \
             from turn where org = $1 and ",
            $rest
        )
    };
}

impl Store {
    /// The first of what waits for a rep: drafts, hand-offs, parked conversations, texts that could not be sent.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn desk_items(&self, limit: usize) -> Result<Vec<DeskItem>, StoreError> {
        let mut tx = self.read().await?;
        self.waiting(&mut tx, (limit, 0)).await
    }

    /// What waits for a rep and what happened lately, `limit` of each after the first `skip`, as of one instant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn desk_list(&self, limit: usize, skip: usize) -> Result<DeskList, StoreError> {
        let mut tx = self.read().await?;
        let totals = sqlx::query(concat!(
            "select cast(count(*) as bigint) as known, cast(coalesce(sum(case when ",
            waits_sql!(),
            " then 1 else 0 end), 0) as bigint) as waiting from conversation where org = $1"
        ))
        .bind(self.org())
        .fetch_one(&mut *tx)
        .await?;
        let recent = sqlx::query(conversation_sql!(
            "and not ",
            waits_sql!(),
            " order by updated_at desc, id desc limit $2 offset $3"
        ))
        .bind(self.org())
        .bind(as_int(limit))
        .bind(as_int(skip))
        .fetch_all(&mut *tx)
        .await?;
        let waiting_total = totals.int("waiting")?;
        Ok(DeskList {
            waiting: self.waiting(&mut tx, (limit, skip)).await?,
            waiting_total: as_count(waiting_total),
            recent: recent.iter().map(read_conversation).collect::<Result<_, _>>()?,
            recent_total: as_count(totals.int("known")? - waiting_total),
        })
    }

    async fn waiting(
        &self,
        connection: &mut AnyConnection,
        (limit, skip): (usize, usize),
    ) -> Result<Vec<DeskItem>, StoreError> {
        let waiting = |sql| sqlx::query(sql).bind(self.org()).bind(as_int(limit)).bind(as_int(skip));
        let conversations = waiting(conversation_sql!(waiting_sql!())).fetch_all(&mut *connection).await?;
        let drafts = waiting(draft_sql!(
            "and state = 'waiting' and conversation_id in (select id from conversation where org = $1 ",
            waiting_sql!(),
            ")"
        ))
        .fetch_all(&mut *connection)
        .await?;
        let messages = waiting(message_sql!(
            "and conversation_id in (select id from conversation where org = $1 ",
            waiting_sql!(),
            ") and activity_id = (select n.activity_id from message n where n.org = message.org and \
             n.conversation_id = message.conversation_id order by n.at desc, n.activity_id desc limit 1)"
        ))
        .fetch_all(&mut *connection)
        .await?;
        let mut drafts = by_conversation(&drafts, read_draft)?;
        let mut messages = by_conversation(&messages, read_message)?;
        conversations
            .iter()
            .map(|row| {
                let conversation = read_conversation(row)?;
                let draft = drafts.remove(&conversation.id);
                let last_message = messages.remove(&conversation.id);
                Ok(DeskItem { conversation, draft, last_message })
            })
            .collect()
    }

    /// The conversations, last changed first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversations(&self, limit: usize) -> Result<Vec<Conversation>, StoreError> {
        let rows = sqlx::query(conversation_sql!("order by updated_at desc, id desc limit $2"))
            .bind(self.org())
            .bind(as_int(limit))
            .fetch_all(&mut *self.reader().await?)
            .await?;
        rows.iter().map(read_conversation).collect()
    }

    /// A conversation's row.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conversation(&self, id: &str) -> Result<Option<Conversation>, StoreError> {
        let mut connection = self.reader().await?;
        self.conversation_within(&mut connection, id).await
    }

    /// A whole conversation, as of one instant.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn thread(&self, id: &str) -> Result<Option<DeskThread>, StoreError> {
        let mut tx = self.read().await?;
        let Some(conversation) = self.conversation_within(&mut tx, id).await? else { return Ok(None) };
        Ok(Some(DeskThread {
            conversation,
            messages: self.messages(&mut tx, id).await?,
            drafts: self.drafts(&mut tx, id).await?,
            effects: self.effects(&mut tx, id).await?,
            turns: self.turns(&mut tx, id).await?,
            inbox: self.inbox(&mut tx, id).await?,
        }))
    }

    /// The conversation that `text` means: our id, Close's lead id, or the lead's phone in E.164. The last changed one if
    /// there are several.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_conversation(&self, text: &str) -> Result<Option<Conversation>, StoreError> {
        let row = sqlx::query(conversation_sql!(
            "and (id = $2 or lead_id = $2 or their_number = $2) order by updated_at desc, id desc limit 1"
        ))
        .bind(self.org())
        .bind(clean(text.trim()))
        .fetch_optional(&mut *self.reader().await?)
        .await?;
        row.as_ref().map(read_conversation).transpose()
    }

    async fn drafts(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<Draft>, StoreError> {
        let rows = sqlx::query(draft_sql!("and conversation_id = $2 order by created_at, id"))
            .bind(self.org())
            .bind(clean(id))
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_draft).collect()
    }

    async fn effects(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<Effect>, StoreError> {
        let rows = sqlx::query(effect_sql!("and conversation_id = $2 order by ordinal"))
            .bind(self.org())
            .bind(clean(id))
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_effect).collect()
    }

    async fn inbox(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<InboxRecord>, StoreError> {
        let rows = sqlx::query(
            "select i.seq, i.kind, i.activity_id, e.received_at, i.ending, i.reason from inbox i \
             join event e on e.org = i.org and e.event_id = i.event_id \
             where i.org = $1 and i.conversation_id = $2 order by i.seq",
        )
        .bind(self.org())
        .bind(clean(id))
        .fetch_all(connection)
        .await?;
        rows.iter().map(read_inbox_record).collect()
    }

    /// A turn with everything it knew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn turn(&self, turn_id: &str) -> Result<Option<TurnRecord>, StoreError> {
        self.one_turn(turn_sql!("prompt, manifest, answers, context", "id = $2"), turn_id).await
    }

    /// The newest turn of a conversation, with everything it knew.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn latest_turn(&self, conversation_id: &str) -> Result<Option<TurnRecord>, StoreError> {
        let sql = turn_sql!(
            "prompt, manifest, answers, context",
            "conversation_id = $2 order by started_at desc, id desc limit 1"
        );
        self.one_turn(sql, conversation_id).await
    }

    async fn one_turn(&self, sql: &'static str, id: &str) -> Result<Option<TurnRecord>, StoreError> {
        let row = sqlx::query(sql).bind(self.org()).bind(clean(id)).fetch_optional(&mut *self.reader().await?).await?;
        row.as_ref().map(read_turn).transpose()
    }

    /// The turns of a conversation without what is large.
    async fn turns(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<TurnRecord>, StoreError> {
        let sql = turn_sql!(
            "'null' as prompt, 'null' as manifest, 'null' as answers, 'null' as context",
            "conversation_id = $2 order by started_at, id"
        );
        let rows = sqlx::query(sql).bind(self.org()).bind(clean(id)).fetch_all(connection).await?;
        rows.iter().map(read_turn).collect()
    }
}

fn as_int(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn as_count(count: i64) -> usize {
    usize::try_from(count).unwrap_or_default()
}

fn by_conversation<T>(
    rows: &[AnyRow],
    read: impl Fn(&AnyRow) -> Result<T, StoreError>,
) -> Result<HashMap<String, T>, StoreError> {
    rows.iter().map(|row| Ok((row.text("conversation_id")?, read(row)?))).collect()
}

fn read_inbox_record(row: &AnyRow) -> Result<InboxRecord, StoreError> {
    Ok(InboxRecord {
        seq: row.int("seq")?,
        kind: row.name("kind", EventKind::parse)?,
        activity_id: row.text_opt("activity_id")?,
        received_at: row.at("received_at")?,
        ending: row.name_opt("ending", Ending::parse)?,
        reason: row.text("reason")?,
    })
}

fn read_turn(row: &AnyRow) -> Result<TurnRecord, StoreError> {
    Ok(TurnRecord {
        id: row.text("id")?,
        started_at: row.at("started_at")?,
        finished_at: row.at("finished_at")?,
        outcome: row.text("outcome")?,
        reason: row.text("reason")?,
        intent: row.text_opt("intent")?,
        prompt_hash: row.text("prompt_hash")?,
        prompt: Json::stored(row.text("prompt")?),
        manifest: Json::stored(row.text("manifest")?),
        answers: Json::stored(row.text("answers")?),
        proposal: Json::stored(row.text("proposal")?),
        findings: Json::stored(row.text("findings")?),
        decision: Json::stored(row.text("decision")?),
        context: Json::stored(row.text("context")?),
        model: row.text_opt("model")?,
        input_tokens: row.int("input_tokens")?,
        cached_tokens: row.int("cached_tokens")?,
        output_tokens: row.int("output_tokens")?,
        cost_microusd: row.int("cost_microusd")?,
    })
}
