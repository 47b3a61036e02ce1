//! What a comparison with Close asks, and what it corrects.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::effect::{Effect, EffectState};
use super::errand::Statement;
use super::error::StoreError;
use super::lane::{NumberPair, State};
use super::load::{effect_sql, read_effect};
use super::row::{Columns, clean, ms};
use crate::runtime::clock::after;
use crate::sms::has_same_words;

/// Conversations whose alarm or lease lies too far ahead: $1 org, $2 now, $3 the latest it can be.
macro_rules! oversleeps {
    () => {
        "org = $1 and ((wake_at > $3 and (state = 'working' or lease_until > $3)) or (wake_at <= $2 and lease_until > $3))"
    };
}

/// A conversation in which something waits and no alarm is set: it would sleep for ever. There must be none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sleeper {
    /// The conversation.
    pub conversation_id: String,
    /// Events not dealt with.
    pub unhandled: i64,
    /// Texts on their way.
    pub open_texts: i64,
}

/// What Close says of a text whose record says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Correction {
    /// It was sent, at this time.
    Sent(Timestamp),
    /// It was not, for this reason.
    Failed(String),
}

impl Store {
    /// True if a text is part of a conversation: it is in its inbox, or among its messages.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_text(&self, activity_id: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "select (select count(*) from message where org = $1 and activity_id = $2) + (select count(*) from inbox \
             where org = $1 and activity_id = $2 and kind in ('lead_text', 'outbound_sent')) as amount",
        )
        .bind(self.org())
        .bind(clean(activity_id))
        .fetch_one(&mut *self.reader().await?)
        .await?;
        Ok(row.int("amount")? > 0)
    }

    /// Texts of ours in a conversation that say this, with whatever marks, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn effects_saying(&self, numbers: &NumberPair, text: &str) -> Result<Vec<Effect>, StoreError> {
        let rows = sqlx::query(effect_sql!(
            "and conversation_id = (select c.id from conversation c where c.org = $1 and c.our_number = $2 and \
             c.their_number = $3) order by ordinal"
        ))
        .bind(self.org())
        .bind(clean(&numbers.ours))
        .bind(clean(&numbers.theirs))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        let effects: Vec<Effect> = rows.iter().map(read_effect).collect::<Result<_, _>>()?;
        Ok(effects.into_iter().filter(|effect| has_same_words(&effect.text, text)).collect())
    }

    /// Texts that Close was asked for again and again, and whose end is still not known, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn unsettled_effects(&self, attempts_min: u32, limit: usize) -> Result<Vec<Effect>, StoreError> {
        let rows = sqlx::query(effect_sql!(
            "and state in ('drafting', 'sending', 'accepted') and attempts >= $2 order by created_at, id limit $3"
        ))
        .bind(self.org())
        .bind(i64::from(attempts_min))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(read_effect).collect()
    }

    /// Conversations in which something waits and no alarm is set.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn sleepers(&self, limit: usize) -> Result<Vec<Sleeper>, StoreError> {
        let rows = sqlx::query(
            "select c.id, \
             (select count(*) from inbox i where i.org = c.org and i.conversation_id = c.id and i.handled_at is null) \
             as unhandled, (select count(*) from outbox o where o.org = c.org and o.conversation_id = c.id and \
             o.state in ('queued', 'drafting', 'drafted', 'sending', 'accepted')) as open_texts \
             from conversation c where c.org = $1 and c.wake_at is null and c.id in (\
             select conversation_id from inbox where org = $1 and handled_at is null union \
             select conversation_id from outbox where org = $1 and \
             state in ('queued', 'drafting', 'drafted', 'sending', 'accepted')) order by c.id limit $2",
        )
        .bind(self.org())
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *self.reader().await?)
        .await?;
        rows.iter().map(read_sleeper).collect()
    }

    /// How many conversations sleep, or are leased, for longer than `longest` from now: that was set while the clock was ahead.
    /// Of those that sleep only such as are being worked on count; others may wait for days.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oversleepers(&self, longest: Duration) -> Result<i64, StoreError> {
        let row = sqlx::query(concat!("select count(*) as amount from conversation where ", oversleeps!()))
            .bind(self.org())
            .bind(ms(self.now()))
            .bind(ms(after(self.now(), longest)))
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row.int("amount")
    }

    /// Wakes the conversations that [`Store::oversleepers`] counts, and returns how many they were. A worker that still holds
    /// one of them loses its lease.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn wake_oversleepers(&self, longest: Duration) -> Result<u64, StoreError> {
        // Hardly ever there is one: nobody has to wait for a look.
        if self.oversleepers(longest).await? == 0 {
            return Ok(0);
        }
        let mut tx = self.write().await?;
        let woken = sqlx::query(concat!(
            "update conversation set rung = 1, wake_at = $2, updated_at = $2, \
             owner = case when lease_until > $3 then null else owner end, \
             lease_until = case when lease_until > $3 then null else lease_until end where ",
            oversleeps!()
        ))
        .bind(self.org())
        .bind(ms(self.now()))
        .bind(ms(after(self.now(), longest)))
        .execute(tx.connection().await?)
        .await?;
        tx.commit().await?;
        self.tell_changed();
        Ok(woken.rows_affected())
    }

    /// How many conversations should have been worked on longer than `grace` ago, and were not: no worker runs, or too few.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn overdue(&self, grace: Duration) -> Result<i64, StoreError> {
        let before = self.now().checked_sub(grace).unwrap_or(jiff::Timestamp::MIN);
        let row = sqlx::query("select count(*) as amount from conversation where org = $1 and wake_at < $2")
            .bind(self.org())
            .bind(ms(before))
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row.int("amount")
    }

    /// Wakes a conversation, so that a worker looks at it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn wake(&self, conversation_id: &str) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        if self.hold(&mut tx, conversation_id).await?.is_none() {
            return Err(StoreError::inconsistent(format!("no conversation {conversation_id} to wake")));
        }
        self.ring(&mut tx, conversation_id).await?;
        self.publish(tx, conversation_id).await
    }

    /// Corrects the record of a text that has ended, as Close says. False if the record has changed since `effect` was read:
    /// then somebody else is at work on it, and nothing was changed.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was changed.
    pub async fn correct_effect(&self, effect: &Effect, correction: &Correction) -> Result<bool, StoreError> {
        let mut tx = self.write().await?;
        if self.hold(&mut tx, &effect.conversation_id).await?.is_none() {
            return Err(StoreError::inconsistent(format!("no conversation {} to correct", effect.conversation_id)));
        }
        let Some(current) = self
            .effect_within(tx.connection().await?, &effect.id)
            .await?
            .filter(|current| current.state == effect.state)
        else {
            return Ok(false);
        };
        let (state, error) = match correction {
            Correction::Sent(_) => (EffectState::Sent, ""),
            Correction::Failed(error) => (EffectState::Failed, error.as_str()),
        };
        Statement::new(
            "update outbox set state = $3, error = $4, failure_seen = 0, next_at = null, updated_at = $5 \
             where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(&effect.id)
        .bind(state.as_str())
        .bind(clean(error))
        .bind(ms(self.now()))
        .changes_one("correcting a text")
        .run_in(&mut tx)
        .await?;
        if let Correction::Sent(at) = correction {
            self.note_answer_at(&mut tx, &current, *at).await?;
        }
        let detail = format!("{}: {} became {}", effect.id, effect.state.as_str(), state.as_str());
        self.note_act(&mut tx, Some(&effect.conversation_id), "reconcile", "comparison with Close", &detail).await?;
        self.publish(tx, &effect.conversation_id).await?;
        Ok(true)
    }

    /// The conversations that are parked, last changed first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn parked(&self) -> Result<Vec<String>, StoreError> {
        let rows =
            sqlx::query("select id from conversation where org = $1 and state = $2 order by state_at desc, id desc")
                .bind(self.org())
                .bind(State::Parked.as_str())
                .fetch_all(&mut *self.reader().await?)
                .await?;
        rows.iter().map(|row| row.text("id")).collect()
    }
}

fn read_sleeper(row: &AnyRow) -> Result<Sleeper, StoreError> {
    Ok(Sleeper {
        conversation_id: row.text("id")?,
        unhandled: row.int("unhandled")?,
        open_texts: row.int("open_texts")?,
    })
}
