//! Who may write to a conversation, and what stands in the way of texting.

use jiff::Timestamp;
use sqlx::any::AnyRow;

use super::Store;
use super::effect::Effect;
use super::errand::{Parameter, Question, Statement};
use super::error::StoreError;
use super::lane::{LaneChange, Lease, State};
use super::load::{effect_sql, read_effect};
use super::row::{Columns, clean, ms};
use super::writer::{Seen, Tx};
use crate::runtime::sabotage::{self, Sabotage};

/// Rings conversations: $1 now, $2 org.
macro_rules! ring_sql {
    ($which:literal) => {
        concat!(
            "update conversation set rung = 1, updated_at = $1, \
             wake_at = case when wake_at is null or wake_at > $1 then $1 else wake_at end where org = $2 and ",
            $which
        )
    };
}
pub(super) use ring_sql;

/// A conversation's row, held until the transaction ends.
pub(super) struct HeldLane {
    pub(super) id: String,
    pub(super) their_number: String,
    pub(super) last_seq: i64,
    pub(super) epoch: i64,
    pub(super) takeover_until: Option<Timestamp>,
    pub(super) state: State,
    /// Something arrived since the lease began: its alarm was moved to before the lease's end.
    pub(super) was_woken: bool,
    rung: bool,
    lease_until: Option<Timestamp>,
}

impl HeldLane {
    /// The time of its lease has not run out.
    pub(super) fn is_leased_at(&self, now: Timestamp) -> bool {
        self.lease_until.is_some_and(|until| until > now)
    }

    /// Something came that a worker which has seen events up to `seen_seq` does not know, or somebody rang.
    pub(super) fn has_news_after(&self, seen_seq: i64) -> bool {
        self.rung || self.last_seq > seen_seq
    }

    /// The lease that follows the one under which it is held.
    pub(super) fn next_lease(&self) -> Lease {
        Lease { conversation_id: self.id.clone(), epoch: self.epoch + 1 }
    }
}

/// How alive a lease has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Liveness {
    /// Nobody else has taken the conversation.
    Fenced,
    /// And its time has not run out: asked for before anything goes out.
    Live,
}

/// What stands in the way of texting a lead. Displayed as a sentence for the rep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Obstacle {
    #[error("This lead asked not to be texted ({0}).")]
    Suppressed(String),
    #[error("Rapport is paused: {0}.")]
    Paused(String),
    #[error("A rep is texting with this lead.")]
    TakenOver,
    #[error("A newer text came in that this one does not answer.")]
    NewerText,
    #[error("Somebody texted or composed in Close after this was written.")]
    HumanTexted,
}

/// One of a conversation's texts. $1 org, $2 conversation, $3 effect.
const EFFECT_OF: &str = effect_sql!("and conversation_id = $2 and id = $3");

/// What may stand in the way. $1 org, $2 conversation, $3 the newest event that is known.
const IN_THE_WAY: &str = "select (select rule from suppression where org = $1 and lifted_at is null and \
     phone = (select their_number from conversation where org = $1 and id = $2)) as rule, \
     (select value from setting where org = $1 and key = 'paused') as paused, \
     (select i.kind from inbox i where i.org = $1 and i.conversation_id = $2 and i.seq > $3 and \
     (i.kind = 'lead_text' or (i.kind in ('outbound_sent', 'composing') and not exists \
     (select 1 from outbox o where o.org = i.org and o.activity_id = i.activity_id))) \
     order by i.seq desc limit 1) as newer";

/// Whether a text was taken back, and how many before it are on their way. $1 org, $2 conversation, $3 the newest event the
/// text knows, $4 effect.
const TAKEN_BACK: &str = "select withdraw_reason, cast((select count(*) from outbox earlier where earlier.org = $1 and \
     earlier.conversation_id = $2 and earlier.ordinal < outbox.ordinal and \
     earlier.state in ('queued', 'drafting', 'drafted', 'sending')) as bigint) as earlier \
     from outbox where org = $1 and conversation_id = $2 and basis_seq = $3 and id = $4";

/// The lead's texts that a change does not know. $1 org, $2 conversation, $3 the newest event it knows.
const NEWER_TEXTS: &str =
    "select count(*) as newer from inbox where org = $1 and conversation_id = $2 and seq > $3 and kind = 'lead_text'";

/// When texts that are on their way want to be looked at, in their order. $1 org, $2 conversation.
const ALARMS: &str = "select state, next_at from outbox where org = $1 and conversation_id = $2 and \
     state in ('queued', 'drafting', 'drafted', 'sending', 'accepted') order by ordinal";

impl Store {
    /// Begins a transaction that holds a conversation's row, if the lease still stands.
    pub(super) async fn hold_leased(
        &self,
        lease: &Lease,
        liveness: Liveness,
    ) -> Result<Option<(Tx, HeldLane)>, StoreError> {
        let id = clean(&lease.conversation_id);
        let (tx, [lane]) =
            self.write_after([self.holding()], &[Parameter::Text(self.org()), Parameter::Text(&id)]).await?;
        Ok(self.leased(&lane, lease, liveness)?.map(|lane| (tx, lane)))
    }

    /// [`Store::hold_leased`] for a change. True beside it if the change asks for that to be checked and is overtaken: a newer text
    /// of the lead came, or somebody rang, who took over, stopped the phone or decided on a draft. A stop that the change brings is
    /// overtaken by the lead's own word alone (`never-after-stop`).
    pub(super) async fn hold_for_change(
        &self,
        lease: &Lease,
        change: &LaneChange,
    ) -> Result<Option<(Tx, HeldLane, bool)>, StoreError> {
        if !change.refuse_if_overtaken {
            let held = self.hold_leased(lease, Liveness::Fenced).await?;
            return Ok(held.map(|(tx, lane)| (tx, lane, false)));
        }
        let id = clean(&lease.conversation_id);
        let given = [Parameter::Text(self.org()), Parameter::Text(&id), Parameter::Int(change.seen_seq)];
        let questions = [self.holding(), Question { sql: NEWER_TEXTS, parameters: 3 }];
        let (tx, [lane, newer]) = self.write_after(questions, &given).await?;
        let Some(lane) = self.leased(&lane, lease, Liveness::Fenced)? else { return Ok(None) };
        let found = newer.first().ok_or_else(|| StoreError::inconsistent("no answer on what came meanwhile"))?;
        let is_older = found.int("newer")? != 0 && !sabotage::is(Sabotage::IgnoreNewerText);
        let is_overtaken = is_older || lane.rung && change.suppress.is_none();
        Ok(Some((tx, lane, is_overtaken)))
    }

    fn holding(&self) -> Question {
        Question { sql: self.engine().hold(), parameters: 2 }
    }

    /// Holds a conversation's row; none if there is no such conversation. Always the first lock of a transaction.
    pub(super) async fn hold(&self, tx: &mut Tx, conversation_id: &str) -> Result<Option<HeldLane>, StoreError> {
        let id = clean(conversation_id);
        let [lane] = tx.ask([self.holding()], &[Parameter::Text(self.org()), Parameter::Text(&id)]).await?;
        lane.first().map(read_held).transpose()
    }

    /// A phone's conversations and how far they are, in the one order in which several are written to.
    pub(super) async fn conversations_with(
        &self,
        tx: &mut Tx,
        phone: &str,
    ) -> Result<Vec<(String, State)>, StoreError> {
        let rows =
            sqlx::query("select id, state from conversation where org = $1 and their_number = $2 order by our_number")
                .bind(self.org())
                .bind(clean(phone))
                .fetch_all(tx.connection().await?)
                .await?;
        rows.iter().map(|row| Ok((row.text("id")?, row.name("state", State::parse)?))).collect()
    }

    /// [`Store::hold_leased`], and one of the conversation's texts.
    pub(super) async fn hold_effect(
        &self,
        lease: &Lease,
        effect_id: &str,
        liveness: Liveness,
    ) -> Result<Option<(Tx, HeldLane, Effect)>, StoreError> {
        let id = clean(&lease.conversation_id);
        let questions = [self.holding(), Question { sql: EFFECT_OF, parameters: 3 }];
        let given = [Parameter::Text(self.org()), Parameter::Text(&id), Parameter::Text(effect_id)];
        let (tx, [lane, effect]) = self.write_after(questions, &given).await?;
        let Some(lane) = self.leased(&lane, lease, liveness)? else { return Ok(None) };
        let Some(effect) = effect.first() else {
            return Err(StoreError::inconsistent(format!("conversation {} has no effect {effect_id}", lane.id)));
        };
        let effect = read_effect(effect)?;
        Ok(Some((tx, lane, effect)))
    }

    /// The row that was found, if the lease still stands.
    fn leased(&self, found: &[AnyRow], lease: &Lease, liveness: Liveness) -> Result<Option<HeldLane>, StoreError> {
        let lane = found.first().map(read_held).transpose()?;
        Ok(lane.filter(|lane| self.stands(lane, lease, liveness)))
    }

    fn stands(&self, lane: &HeldLane, lease: &Lease, liveness: Liveness) -> bool {
        let is_alive = match liveness {
            Liveness::Fenced => lane.lease_until.is_some(),
            Liveness::Live => lane.is_leased_at(self.now()),
        };
        sabotage::is(Sabotage::SkipFence) || lane.epoch == lease.epoch && is_alive
    }

    /// What forbids to send a text that knows the conversation up to `basis_seq`.
    pub(super) async fn obstacle(
        &self,
        tx: &mut Tx,
        lane: &HeldLane,
        basis_seq: i64,
    ) -> Result<Option<Obstacle>, StoreError> {
        let given = [Parameter::Text(self.org()), Parameter::Text(&lane.id), Parameter::Int(basis_seq)];
        let question = Question { sql: IN_THE_WAY, parameters: 3 };
        let [found] = tx.ask([question], &given).await?;
        self.read_obstacle(lane, &found)
    }

    /// Why a queued text or a draft at Close may not go on, if it may not: it was taken back meanwhile, or something stands in
    /// the way.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] if an earlier text of the conversation has not left yet (`in-order`).
    pub(super) async fn refusal(
        &self,
        tx: &mut Tx,
        lane: &HeldLane,
        effect: &Effect,
    ) -> Result<Option<String>, StoreError> {
        let given = [
            Parameter::Text(self.org()),
            Parameter::Text(&lane.id),
            Parameter::Int(effect.basis_seq),
            Parameter::Text(&effect.id),
        ];
        let questions = [Question { sql: TAKEN_BACK, parameters: 4 }, Question { sql: IN_THE_WAY, parameters: 3 }];
        let [taken_back, in_the_way] = tx.ask(questions, &given).await?;
        let taken_back = taken_back.first().ok_or_else(|| StoreError::inconsistent("a text is gone"))?;
        if taken_back.int("earlier")? > 0 {
            return Err(StoreError::inconsistent(format!("an earlier text than effect {} is on its way", effect.id)));
        }
        if let Some(reason) = taken_back.text_opt("withdraw_reason")? {
            return Ok(Some(reason));
        }
        Ok(self.read_obstacle(lane, &in_the_way)?.map(|obstacle| obstacle.to_string()))
    }

    fn read_obstacle(&self, lane: &HeldLane, found: &[AnyRow]) -> Result<Option<Obstacle>, StoreError> {
        let found = found.first().ok_or_else(|| StoreError::inconsistent("no answer on what stands in the way"))?;
        let rule = found.text_opt("rule")?;
        if let Some(rule) = rule.filter(|_| !sabotage::is(Sabotage::IgnoreSuppression)) {
            return Ok(Some(Obstacle::Suppressed(rule)));
        }
        let paused = found.text_opt("paused")?;
        if let Some(reason) = paused.filter(|_| !sabotage::is(Sabotage::IgnorePause)) {
            return Ok(Some(Obstacle::Paused(reason)));
        }
        let blind = sabotage::is(Sabotage::IgnoreTakeover);
        if !blind && lane.takeover_until.is_some_and(|until| until > self.now()) {
            return Ok(Some(Obstacle::TakenOver));
        }
        let Some(newer) = found.text_opt("newer")? else { return Ok(None) };
        let is_lead = newer == "lead_text";
        let overlooked = if is_lead { sabotage::is(Sabotage::IgnoreNewerText) } else { blind };
        if overlooked {
            return Ok(None);
        }
        Ok(Some(if is_lead { Obstacle::NewerText } else { Obstacle::HumanTexted }))
    }

    /// When a conversation must wake after a worker has seen events up to `seen_seq` and asks for `wanted`.
    ///
    /// At once if something came that it has not seen, or if somebody rang; else no later than the text whose turn it is
    /// (a text waits for those before it, so only the first counts) and than the next look at one that Close took.
    pub(super) async fn alarm_after(
        &self,
        tx: &mut Tx,
        lane: &HeldLane,
        seen_seq: i64,
        wanted: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, StoreError> {
        let now = self.now();
        if lane.has_news_after(seen_seq) {
            return Ok(Some(now));
        }
        let given = [Parameter::Text(self.org()), Parameter::Text(&lane.id)];
        let [rows] = tx.ask([Question { sql: ALARMS, parameters: 2 }], &given).await?;
        let mut alarm = wanted;
        let mut is_first = true;
        for row in &rows {
            let next_at = row.at_opt("next_at")?;
            let due = if row.text("state")? == "accepted" {
                next_at
            } else {
                std::mem::take(&mut is_first).then(|| next_at.unwrap_or(now))
            };
            alarm = [alarm, due].into_iter().flatten().min();
        }
        Ok(alarm)
    }

    /// Says how far a conversation is.
    pub(super) async fn set_state(
        &self,
        tx: &mut Tx,
        conversation_id: &str,
        state: State,
        reason: &str,
    ) -> Result<(), StoreError> {
        Statement::new(
            "update conversation set state_at = case when state = $3 and reason = $4 then state_at else $5 end, \
             state = $3, reason = $4, updated_at = $5 where org = $1 and id = $2",
        )
        .bind(self.org())
        .bind(conversation_id)
        .bind(state.as_str())
        .bind(clean(reason))
        .bind(ms(self.now()))
        .changes_one("setting a conversation's state")
        .run_in(tx)
        .await
    }

    /// Commits a change that people can see, and tells this process.
    pub(super) async fn publish(&self, tx: Tx, conversation_id: &str) -> Result<(), StoreError> {
        tx.commit_seen(Some(Seen { org: self.org().to_owned(), shard: shard(conversation_id) })).await?;
        self.tell_changed();
        Ok(())
    }

    /// Tells this process that something changed.
    pub(super) fn tell_changed(&self) {
        self.0.changed.send_modify(|count| *count += 1);
        self.0.changed_here.send_modify(|count| *count += 1);
    }

    /// A number that has moved whenever anything a person can see has changed, in any process.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revision(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("select cast(coalesce(sum(value), 0) as bigint) as total from revision where org = $1")
            .bind(self.org())
            .fetch_one(&mut *self.reader().await?)
            .await?;
        row.int("total")
    }
}

/// Which of the revision's rows a name moves.
pub(super) fn shard(name: &str) -> i64 {
    name.bytes().fold(0_i64, |sum, byte| (sum * 31 + i64::from(byte)) % 16)
}

fn read_held(row: &AnyRow) -> Result<HeldLane, StoreError> {
    let lease_until = row.at_opt("lease_until")?;
    let wake_at = row.at_opt("wake_at")?;
    Ok(HeldLane {
        was_woken: wake_at.zip(lease_until).is_some_and(|(wake_at, lease_until)| wake_at < lease_until),
        id: row.text("id")?,
        their_number: row.text("their_number")?,
        last_seq: row.int("last_seq")?,
        epoch: row.int("epoch")?,
        takeover_until: row.at_opt("takeover_until")?,
        state: row.name("state", State::parse)?,
        rung: row.int("rung")? != 0,
        lease_until,
    })
}
