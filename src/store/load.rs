//! Rows as values: the one place that knows the columns.

use std::collections::HashSet;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::draft::{Draft, DraftState};
use super::effect::{Effect, EffectState, Purpose};
use super::error::StoreError;
use super::lane::{Conversation, EventKind, InboxEvent, LaneView, Lease, NumberPair, State, Suppression};
use super::row::{Columns, clean};
use crate::conversation::{Author, Message, Mode};
use crate::runtime::sabotage::{self, Sabotage};

macro_rules! conversation_sql {
    ($($rest:tt)*) => {
        concat!(
            "select id, our_number, their_number, lead_id, contact_id, display_name, mode, state, reason, \
             takeover_until, attempts, wake_at, updated_at from conversation where org = $1 ",
            $($rest)*
        )
    };
}

macro_rules! draft_sql {
    ($($rest:tt)*) => {
        concat!(
            "select id, conversation_id, turn_id, text, edited_text, reason, state, ended_reason, reviewer, \
             created_at, decided_at, answers_text_at, basis_seq from draft where org = $1 ",
            $($rest)*
        )
    };
}

macro_rules! effect_sql {
    ($($rest:tt)*) => {
        concat!(
            "select id, conversation_id, turn_id, draft_id, purpose, ordinal, text, state, activity_id, basis_seq, next_at, \
             attempts, error, withdraw_reason, approved_by, created_at, updated_at from outbox where org = $1 ",
            $($rest)*
        )
    };
}

macro_rules! message_sql {
    ($($rest:tt)*) => {
        concat!(
            "select activity_id, conversation_id, author, text, at, attachments from message where org = $1 ",
            $($rest)*
        )
    };
}
pub(super) use {conversation_sql, draft_sql, effect_sql, message_sql};

pub(super) fn read_conversation(row: &AnyRow) -> Result<Conversation, StoreError> {
    Ok(Conversation {
        id: row.text("id")?,
        numbers: NumberPair { ours: row.text("our_number")?, theirs: row.text("their_number")? },
        lead_id: row.text_opt("lead_id")?,
        contact_id: row.text_opt("contact_id")?,
        display_name: row.text_opt("display_name")?,
        mode: row.name_opt("mode", Mode::parse)?,
        state: row.name("state", State::parse)?,
        reason: row.text("reason")?,
        takeover_until: row.at_opt("takeover_until")?,
        attempts: row.small("attempts")?,
        wake_at: row.at_opt("wake_at")?,
        updated_at: row.at("updated_at")?,
    })
}

pub(super) fn read_draft(row: &AnyRow) -> Result<Draft, StoreError> {
    Ok(Draft {
        id: row.text("id")?,
        conversation_id: row.text("conversation_id")?,
        turn_id: row.text("turn_id")?,
        text: row.text("text")?,
        edited_text: row.text_opt("edited_text")?,
        reason: row.text("reason")?,
        state: row.name("state", DraftState::parse)?,
        ended_reason: row.text("ended_reason")?,
        reviewer: row.text_opt("reviewer")?,
        created_at: row.at("created_at")?,
        decided_at: row.at_opt("decided_at")?,
        answers_text_at: row.at_opt("answers_text_at")?,
        basis_seq: row.int("basis_seq")?,
    })
}

pub(super) fn read_effect(row: &AnyRow) -> Result<Effect, StoreError> {
    Ok(Effect {
        id: row.text("id")?,
        conversation_id: row.text("conversation_id")?,
        turn_id: row.text_opt("turn_id")?,
        draft_id: row.text_opt("draft_id")?,
        purpose: row.name("purpose", Purpose::parse)?,
        ordinal: row.int("ordinal")?,
        text: row.text("text")?,
        state: row.name("state", EffectState::parse)?,
        activity_id: row.text_opt("activity_id")?,
        basis_seq: row.int("basis_seq")?,
        next_at: row.at_opt("next_at")?,
        attempts: row.small("attempts")?,
        error: row.text("error")?,
        withdraw_reason: row.text_opt("withdraw_reason")?,
        approved_by: row.text_opt("approved_by")?,
        created_at: row.at("created_at")?,
        updated_at: row.at("updated_at")?,
    })
}

pub(super) fn read_message(row: &AnyRow) -> Result<Message, StoreError> {
    Ok(Message {
        activity_id: row.text("activity_id")?,
        author: row.name("author", Author::parse)?,
        text: row.text("text")?,
        at: row.at("at")?,
        attachments: row.small("attachments")?,
    })
}

pub(super) fn read_suppression(row: &AnyRow) -> Result<Suppression, StoreError> {
    Ok(Suppression {
        phone: row.text("phone")?,
        rule: row.text("rule")?,
        activity_id: row.text_opt("activity_id")?,
        since: row.at("since")?,
    })
}

fn read_inbox_event(row: &AnyRow) -> Result<InboxEvent, StoreError> {
    Ok(InboxEvent {
        id: row.text("id")?,
        seq: row.int("seq")?,
        kind: row.name("kind", EventKind::parse)?,
        activity_id: row.text_opt("activity_id")?,
        occurred_at: row.at("occurred_at")?,
        received_at: row.at("received_at")?,
        body: row.json("body")?,
    })
}

impl Store {
    /// Everything a worker needs to go on with a conversation, as of one instant. None if the lease was lost.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load(&self, lease: &Lease) -> Result<Option<LaneView>, StoreError> {
        let mut tx = self.read().await?;
        let id = lease.conversation_id.as_str();
        let head = sqlx::query(
            "select c.id, our_number, their_number, lead_id, contact_id, display_name, mode, state, reason, \
             takeover_until, attempts, wake_at, updated_at, last_seq, handled_seq, \
             (select max(o.answered_before) from conversation o where o.org = $1 and \
             o.their_number = c.their_number) as answered_before, \
             (select value from setting where org = $1 and key = 'paused') as paused, \
             phone, rule, activity_id, since from conversation c \
             left join suppression s on s.org = $1 and s.phone = c.their_number and s.lifted_at is null \
             where c.org = $1 and c.id = $2 and epoch = $3 and lease_until is not null",
        )
        .bind(self.org())
        .bind(clean(id))
        .bind(lease.epoch)
        .fetch_optional(&mut *tx)
        .await?;
        let Some(head) = head else { return Ok(None) };
        let (inbox, own) = self.unhandled(&mut tx, id, head.int("handled_seq")?).await?;
        let conversation = read_conversation(&head)?;
        let owed = conversation.state == State::TakenOver && !self.owed_within(&mut tx, id).await?.is_empty();
        let view = LaneView {
            conversation,
            inbox,
            own,
            seen_seq: head.int("last_seq")?,
            messages: self.messages(&mut tx, id).await?,
            draft: self.waiting_draft(&mut tx, id).await?,
            effects: self.open_effects(&mut tx, id).await?,
            suppressed: head
                .text_opt("phone")?
                .filter(|_| !sabotage::is(Sabotage::IgnoreSuppression))
                .map(|_| read_suppression(&head))
                .transpose()?,
            paused: head.text_opt("paused")?,
            answered_before: head.int("answered_before")? != 0,
            owed,
        };
        Ok(Some(view))
    }

    pub(super) async fn conversation_within(
        &self,
        connection: &mut AnyConnection,
        id: &str,
    ) -> Result<Option<Conversation>, StoreError> {
        let row = sqlx::query(conversation_sql!("and id = $2"))
            .bind(self.org())
            .bind(clean(id))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(read_conversation).transpose()
    }

    /// Events not dealt with, and which of their activities Rapport made itself.
    async fn unhandled(
        &self,
        connection: &mut AnyConnection,
        id: &str,
        handled_seq: i64,
    ) -> Result<(Vec<InboxEvent>, HashSet<String>), StoreError> {
        let rows = sqlx::query(
            "select i.id, i.seq, i.kind, i.activity_id, e.occurred_at, e.received_at, e.body, o.activity_id as own \
             from inbox i join event e on e.org = $1 and e.event_id = i.event_id \
             left join outbox o on o.org = $1 and o.activity_id = i.activity_id \
             where i.org = $1 and i.conversation_id = $2 and i.seq > $3 and i.handled_at is null order by i.seq",
        )
        .bind(self.org())
        .bind(clean(id))
        .bind(handled_seq)
        .fetch_all(connection)
        .await?;
        let own = rows.iter().filter_map(|row| row.text_opt("own").transpose()).collect::<Result<_, _>>()?;
        Ok((rows.iter().map(read_inbox_event).collect::<Result<_, _>>()?, own))
    }

    pub(super) async fn messages(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(message_sql!("and conversation_id = $2 order by at, activity_id"))
            .bind(self.org())
            .bind(clean(id))
            .fetch_all(connection)
            .await?;
        rows.iter().map(read_message).collect()
    }

    pub(super) async fn waiting_draft(
        &self,
        connection: &mut AnyConnection,
        id: &str,
    ) -> Result<Option<Draft>, StoreError> {
        let row = sqlx::query(draft_sql!("and conversation_id = $2 and state = 'waiting'"))
            .bind(self.org())
            .bind(clean(id))
            .fetch_optional(connection)
            .await?;
        row.as_ref().map(read_draft).transpose()
    }

    async fn open_effects(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<Effect>, StoreError> {
        let rows = sqlx::query(effect_sql!(
            "and conversation_id = $2 and state in ('queued', 'drafting', 'drafted', 'sending', 'accepted') order by ordinal"
        ))
        .bind(self.org())
        .bind(clean(id))
        .fetch_all(connection)
        .await?;
        rows.iter().map(read_effect).collect()
    }
}
