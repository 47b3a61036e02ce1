//! What models cost, and the caps on it (`never-over-budget`).
//!
//! A turn's cost stands in its record. Before a model is asked under a cap, the most it can cost is held here; afterwards the
//! hold goes, because the record tells, or becomes what was spent where no record does. Whoever dies between leaves the hold:
//! spending may be overstated, never understated.

use std::time::Duration;

use jiff::Timestamp;
use sqlx::AnyConnection;

use super::Store;
use super::error::StoreError;
use super::row::{Columns, ms};

/// The key under which transactions that hold money meet, so that two never look at the same sum.
const GATE: &str = "spending";

/// How long what is held belongs to something under way. What is held longer was left behind by a process that died.
const UNDER_WAY: Duration = Duration::from_mins(10);

/// What may be spent, in millionths of a dollar.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Caps {
    /// In a day of the organisation's zone.
    pub day_microusd: Option<i64>,
    /// In a month of the organisation's zone.
    pub month_microusd: Option<i64>,
    /// In one conversation, ever.
    pub conversation_microusd: Option<i64>,
}

impl Caps {
    /// True when there is any.
    #[must_use]
    pub fn any(&self) -> bool {
        self.day_microusd.or(self.month_microusd).or(self.conversation_microusd).is_some()
    }
}

/// Since when a day and a month are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Periods {
    /// The day's first instant.
    pub day: Timestamp,
    /// The month's.
    pub month: Timestamp,
}

/// Which cap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cap {
    /// The day's.
    Day,
    /// The month's.
    Month,
    /// The conversation's.
    Conversation,
}

/// A cap leaves no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapReached {
    /// Which one.
    pub cap: Cap,
    /// What it allows.
    pub limit_microusd: i64,
    /// What was spent or is held.
    pub spent_microusd: i64,
    /// There will be room when what is under way has cost no more than it usually does.
    pub may_pass: bool,
}

impl CapReached {
    /// `held_microusd` is the part of what is spent that is held for what is under way.
    fn new(cap: Cap, limit_microusd: i64, (spent_microusd, held_microusd): (i64, i64), most_microusd: i64) -> Self {
        let may_pass = spent_microusd - held_microusd <= limit_microusd - most_microusd;
        Self { cap, limit_microusd, spent_microusd, may_pass }
    }
}

/// Money held for what is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    id: String,
}

/// What was spent since some instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Costs {
    /// Turns in which a model answered.
    pub turns: i64,
    /// Turns that used tokens and have no cost, because the model has no price.
    pub unpriced_turns: i64,
    /// Conversations with such turns.
    pub conversations: i64,
    /// Conversations in which a meeting was booked.
    pub booked: i64,
    /// Summaries made.
    pub summaries: i64,
    /// Tokens of prompts.
    pub input_tokens: i64,
    /// Of those, what was read from a cache.
    pub cached_tokens: i64,
    /// Tokens of answers.
    pub output_tokens: i64,
    /// Everything spent, summaries and lost turns included, in millionths of a dollar.
    pub microusd: i64,
    /// Held for what is under way, or for what a process left behind, in millionths of a dollar.
    pub held_microusd: i64,
}

impl Store {
    /// Holds `most_microusd` for asking a model, unless a cap leaves no room for it.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing is held.
    pub async fn hold_money(
        &self,
        conversation_id: &str,
        purpose: &str,
        most_microusd: i64,
        caps: &Caps,
        periods: &Periods,
    ) -> Result<Result<Hold, CapReached>, StoreError> {
        let mut tx = self.write().await?;
        self.put_setting(&mut tx, GATE, "").await?;
        if let Some(reached) =
            self.cap_reached(tx.connection().await?, Some(conversation_id), most_microusd, caps, periods).await?
        {
            return Ok(Err(reached));
        }
        let id = self.put_spend(tx.connection().await?, conversation_id, purpose, (most_microusd, 0)).await?;
        tx.commit().await?;
        Ok(Ok(Hold { id }))
    }

    /// Notes what was spent and no other record tells of, where nothing was held.
    ///
    /// # Errors
    /// [`StoreError`]; then it is not noted.
    pub async fn note_spent(&self, conversation_id: &str, purpose: &str, microusd: i64) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        self.put_spend(tx.connection().await?, conversation_id, purpose, (microusd, 1)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn put_spend(
        &self,
        connection: &mut AnyConnection,
        conversation_id: &str,
        purpose: &str,
        (microusd, settled): (i64, i64),
    ) -> Result<String, StoreError> {
        let id = self.new_id("hold");
        sqlx::query(
            "insert into spend (org, id, conversation_id, purpose, at, microusd, settled) \
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(self.org())
        .bind(&id)
        .bind(conversation_id)
        .bind(purpose)
        .bind(ms(self.now()))
        .bind(microusd)
        .bind(settled)
        .execute(connection)
        .await?;
        Ok(id)
    }

    /// Ends a hold. `spent_microusd` is what no other record tells of; none when one does.
    ///
    /// # Errors
    /// [`StoreError`]; then it is still held.
    pub async fn settle_money(&self, hold: &Hold, spent_microusd: Option<i64>) -> Result<(), StoreError> {
        let mut tx = self.write().await?;
        match spent_microusd.filter(|spent| *spent > 0) {
            Some(spent) => {
                sqlx::query("update spend set microusd = $3, settled = 1 where org = $1 and id = $2")
                    .bind(self.org())
                    .bind(&hold.id)
                    .bind(spent)
                    .execute(tx.connection().await?)
                    .await?;
            }
            None => {
                sqlx::query("delete from spend where org = $1 and id = $2")
                    .bind(self.org())
                    .bind(&hold.id)
                    .execute(tx.connection().await?)
                    .await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// The cap of the organisation that leaves no room for `most_microusd` now, if one does.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cap_in_the_way(
        &self,
        most_microusd: i64,
        caps: &Caps,
        periods: &Periods,
    ) -> Result<Option<CapReached>, StoreError> {
        let mut tx = self.read().await?;
        self.cap_reached(&mut tx, None, most_microusd, caps, periods).await
    }

    async fn cap_reached(
        &self,
        connection: &mut AnyConnection,
        conversation_id: Option<&str>,
        most_microusd: i64,
        caps: &Caps,
        periods: &Periods,
    ) -> Result<Option<CapReached>, StoreError> {
        let since = [(Cap::Day, caps.day_microusd, periods.day), (Cap::Month, caps.month_microusd, periods.month)];
        for (cap, limit, start) in since {
            let Some(limit_microusd) = limit else { continue };
            let spent_microusd = self.spent_since(&mut *connection, start).await?;
            if spent_microusd.saturating_add(most_microusd) > limit_microusd {
                let held_microusd = self.held_for_others(&mut *connection, None).await?;
                return Ok(Some(CapReached::new(cap, limit_microusd, (spent_microusd, held_microusd), most_microusd)));
            }
        }
        let (Some(limit_microusd), Some(id)) = (caps.conversation_microusd, conversation_id) else { return Ok(None) };
        let spent_microusd = self.spent_on(&mut *connection, id).await?;
        if spent_microusd.saturating_add(most_microusd) <= limit_microusd {
            return Ok(None);
        }
        let held_microusd = self.held_for_others(&mut *connection, Some(id)).await?;
        let spent = (spent_microusd, held_microusd);
        Ok(Some(CapReached::new(Cap::Conversation, limit_microusd, spent, most_microusd)))
    }

    /// What is held for what is under way, in all conversations or in one.
    async fn held_for_others(
        &self,
        connection: &mut AnyConnection,
        conversation_id: Option<&str>,
    ) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select cast(coalesce(sum(microusd), 0) as bigint) as held from spend \
             where org = $1 and settled = 0 and at > $2 and (conversation_id = $3 or $3 is null)",
        )
        .bind(self.org())
        .bind(ms(self.now().checked_sub(UNDER_WAY).unwrap_or(Timestamp::MIN)))
        .bind(conversation_id)
        .fetch_one(connection)
        .await?;
        row.int("held")
    }

    async fn spent_since(&self, connection: &mut AnyConnection, start: Timestamp) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select cast((select coalesce(sum(cost_microusd), 0) from turn where org = $1 and started_at >= $2) + \
             (select coalesce(sum(microusd), 0) from spend where org = $1 and at >= $2) as bigint) as spent",
        )
        .bind(self.org())
        .bind(ms(start))
        .fetch_one(connection)
        .await?;
        row.int("spent")
    }

    async fn spent_on(&self, connection: &mut AnyConnection, conversation_id: &str) -> Result<i64, StoreError> {
        let row = sqlx::query(
            "select cast((select coalesce(sum(cost_microusd), 0) from turn where org = $1 and conversation_id = $2) + \
             (select coalesce(sum(microusd), 0) from spend where org = $1 and conversation_id = $2) as bigint) as spent",
        )
        .bind(self.org())
        .bind(conversation_id)
        .fetch_one(connection)
        .await?;
        row.int("spent")
    }

    /// What a conversation has cost, in millionths of a dollar: turns, summaries, and what is held.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn cost_of(&self, conversation_id: &str) -> Result<i64, StoreError> {
        let mut tx = self.read().await?;
        self.spent_on(&mut tx, conversation_id).await
    }

    /// What was spent since an instant, and on what.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn costs_since(&self, start: Timestamp) -> Result<Costs, StoreError> {
        let mut tx = self.read().await?;
        let turns = sqlx::query(
            "select count(*) as turns, count(distinct conversation_id) as conversations, \
             cast(coalesce(sum(case when cost_microusd = 0 then 1 else 0 end), 0) as bigint) as unpriced, \
             cast(coalesce(sum(input_tokens), 0) as bigint) as input, \
             cast(coalesce(sum(cached_tokens), 0) as bigint) as cached, \
             cast(coalesce(sum(output_tokens), 0) as bigint) as output, \
             cast(coalesce(sum(cost_microusd), 0) as bigint) as microusd \
             from turn where org = $1 and started_at >= $2 and input_tokens + output_tokens > 0",
        )
        .bind(self.org())
        .bind(ms(start))
        .fetch_one(&mut *tx)
        .await?;
        let beside = sqlx::query(
            "select cast(coalesce(sum(case when settled = 1 then microusd else 0 end), 0) as bigint) as spent, \
             cast(coalesce(sum(case when settled = 0 then microusd else 0 end), 0) as bigint) as held, \
             (select count(*) from summary where org = $1 and created_at >= $2 and author is null) as summaries, \
             (select count(distinct i.conversation_id) from inbox i join event e on e.org = $1 and \
             e.event_id = i.event_id where i.org = $1 and i.kind = 'booking' and e.received_at >= $2) as booked, \
             (select cast(coalesce(sum(input_tokens), 0) as bigint) from summary where org = $1 and created_at >= $2) \
             as input, \
             (select cast(coalesce(sum(output_tokens), 0) as bigint) from summary where org = $1 and created_at >= $2) \
             as output from spend where org = $1 and at >= $2",
        )
        .bind(self.org())
        .bind(ms(start))
        .fetch_one(&mut *tx)
        .await?;
        Ok(Costs {
            turns: turns.int("turns")?,
            unpriced_turns: turns.int("unpriced")?,
            conversations: turns.int("conversations")?,
            booked: beside.int("booked")?,
            summaries: beside.int("summaries")?,
            input_tokens: turns.int("input")? + beside.int("input")?,
            cached_tokens: turns.int("cached")?,
            output_tokens: turns.int("output")? + beside.int("output")?,
            microusd: turns.int("microusd")? + beside.int("spent")?,
            held_microusd: beside.int("held")?,
        })
    }
}
