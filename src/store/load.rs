//! Rows as values: the one place that knows the columns.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Store;
use super::draft::{Draft, DraftState};
use super::effect::{Effect, EffectState, Purpose};
use super::errand::{Parameter, Question};
use super::error::StoreError;
use super::lane::{Conversation, EventKind, InboxEvent, LaneView, Lease, NumberPair, State, Suppression};
use super::owed::OWED_IN_DOUBT;
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

/// A conversation as far as it is the lease's: its own row, and what stands in the way. $1 org, $2 conversation, $3 epoch.
const LEASED: &str = "select c.id, our_number, their_number, lead_id, contact_id, display_name, mode, state, reason, \
     takeover_until, attempts, wake_at, updated_at, last_seq, \
     (select max(o.answered_before) from conversation o where o.org = $1 and \
     o.their_number = c.their_number) as answered_before, \
     (select value from setting where org = $1 and key = 'paused') as paused, \
     phone, rule, activity_id, since from conversation c \
     left join suppression s on s.org = $1 and s.phone = c.their_number and s.lifted_at is null \
     where c.org = $1 and c.id = $2 and epoch = $3 and lease_until is not null";

/// Events not dealt with, and which of their activities Rapport made itself. $1 org, $2 conversation.
const UNHANDLED: &str = "select i.id, i.seq, i.kind, i.activity_id, e.occurred_at, e.received_at, e.body, \
     o.activity_id as own from inbox i join event e on e.org = $1 and e.event_id = i.event_id \
     left join outbox o on o.org = $1 and o.activity_id = i.activity_id \
     where i.org = $1 and i.conversation_id = $2 and i.handled_at is null and \
     i.seq > (select handled_seq from conversation where org = $1 and id = $2) order by i.seq";

/// Oldest first. $1 org, $2 conversation.
const MESSAGES: &str = message_sql!("and conversation_id = $2 order by at, activity_id");

/// $1 org, $2 conversation.
const WAITING_DRAFT: &str = draft_sql!("and conversation_id = $2 and state = 'waiting'");

/// In their order. $1 org, $2 conversation.
const OPEN_EFFECTS: &str = effect_sql!(
    "and conversation_id = $2 and state in ('queued', 'drafting', 'drafted', 'sending', 'accepted') order by ordinal"
);

impl Store {
    /// Everything a worker needs to go on with a conversation, as of one instant. None if the lease was lost.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn load(&self, lease: &Lease) -> Result<Option<LaneView>, StoreError> {
        let id = clean(&lease.conversation_id);
        let of_conversation = |sql| Question { sql, parameters: 2 };
        let questions = [
            Question { sql: LEASED, parameters: 3 },
            of_conversation(UNHANDLED),
            of_conversation(MESSAGES),
            of_conversation(WAITING_DRAFT),
            of_conversation(OPEN_EFFECTS),
            of_conversation(OWED_IN_DOUBT),
        ];
        let given = [Parameter::Text(self.org()), Parameter::Text(&id), Parameter::Int(lease.epoch)];
        let [head, inbox, messages, draft, effects, owed] = self.ask_at_once(questions, &given).await?;
        let Some(head) = head.first() else { return Ok(None) };
        let conversation = read_conversation(head)?;
        Ok(Some(LaneView {
            conversation,
            own: inbox.iter().filter_map(|row| row.text_opt("own").transpose()).collect::<Result<_, _>>()?,
            inbox: inbox.iter().map(read_inbox_event).collect::<Result<_, _>>()?,
            seen_seq: head.int("last_seq")?,
            messages: messages.iter().map(read_message).collect::<Result<_, _>>()?,
            draft: draft.first().map(read_draft).transpose()?,
            effects: effects.iter().map(read_effect).collect::<Result<_, _>>()?,
            suppressed: head
                .text_opt("phone")?
                .filter(|_| !sabotage::is(Sabotage::IgnoreSuppression))
                .map(|_| read_suppression(head))
                .transpose()?,
            paused: head.text_opt("paused")?,
            answered_before: head.int("answered_before")? != 0,
            owed: !owed.is_empty(),
        }))
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

    pub(super) async fn messages(&self, connection: &mut AnyConnection, id: &str) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(MESSAGES).bind(self.org()).bind(clean(id)).fetch_all(connection).await?;
        rows.iter().map(read_message).collect()
    }
}
