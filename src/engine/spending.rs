//! Money: held before a model is asked, settled afterwards (`never-over-budget`).

use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use super::waiting::Wait;
use crate::llm::ModelError;
use crate::llm::price::dollars;
use crate::prompt::zone_or;
use crate::runtime::upstream::TRIES;
use crate::store::StoreError;
use crate::store::spend::{Cap, CapReached, Caps, Hold, Periods};

/// A turn asks at most twice: a reply that a check sends back is written once more.
const CALLS_OF_A_TURN: i64 = 2;

/// What is paid for.
pub(super) const REPLY: &str = "reply";
pub(super) const SUMMARY: &str = "summary";

/// When a reply that waits for others is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// What models may cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spending {
    /// The caps; none costs nothing to keep.
    pub caps: Caps,
    /// What one call can cost at most, in millionths of a dollar: each model once, the whole budget of the prompt, the whole
    /// answer.
    pub call_microusd: i64,
}

impl Spending {
    /// The cap below what one reply may cost at most, by its name in the configuration, with what it allows and what a reply may
    /// cost: under it nobody is ever answered.
    #[must_use]
    pub fn cap_below_a_reply(&self) -> Option<(&'static str, String, String)> {
        let most = self.call_microusd.saturating_mul(CALLS_OF_A_TURN);
        let Caps { day_microusd, month_microusd, conversation_microusd } = self.caps;
        let caps = [(Cap::Day, day_microusd), (Cap::Month, month_microusd), (Cap::Conversation, conversation_microusd)];
        let (cap, limit) =
            caps.into_iter().find_map(|(cap, limit)| Some((cap, limit.filter(|limit| *limit < most)?)))?;
        Some((setting(cap), dollars(limit), dollars(most)))
    }
}

/// What a turn or a summary may spend.
#[derive(Debug)]
pub(super) enum Purse {
    /// There are no caps.
    Open,
    /// So much is held.
    Held(Hold),
    /// A cap leaves no room while others are under way: they hold more than they will have cost.
    Awaited(Wait),
    /// A cap leaves no room: why, in a sentence for the rep.
    Empty(String),
}

impl Engine {
    /// Holds what a reply may cost.
    pub(super) async fn purse_for_turn(&self, conversation_id: &str) -> Result<Purse, StoreError> {
        self.purse(conversation_id, REPLY, CALLS_OF_A_TURN).await
    }

    /// Holds what a summary may cost.
    pub(super) async fn purse_for_summary(&self, conversation_id: &str) -> Result<Purse, StoreError> {
        self.purse(conversation_id, SUMMARY, 1).await
    }

    /// Writes down what was spent and no turn tells of, also where nothing was held.
    pub(super) async fn spent_beside_turns(&self, conversation_id: &str, purpose: &str, purse: Purse, microusd: i64) {
        match purse {
            Purse::Held(_) => self.settle(purse, Some(microusd)).await,
            Purse::Open | Purse::Awaited(_) | Purse::Empty(_) if microusd > 0 => {
                if let Err(error) = self.store.note_spent(conversation_id, purpose, microusd).await {
                    tracing::warn!(%error, purpose, "what it cost could not be noted");
                }
            }
            Purse::Open | Purse::Awaited(_) | Purse::Empty(_) => {}
        }
    }

    /// What a call that brought no answer may have cost all the same.
    pub(super) fn cost_unread(&self, error: &ModelError) -> i64 {
        let Spending { caps, call_microusd } = self.settings.spending;
        // Under a cap, a try that may be billed is not made again.
        let tries = if caps.any() { 1 } else { i64::from(TRIES) };
        if error.may_be_billed() { call_microusd.saturating_mul(tries) } else { 0 }
    }

    async fn purse(&self, conversation_id: &str, purpose: &str, calls: i64) -> Result<Purse, StoreError> {
        let Spending { caps, call_microusd } = self.settings.spending;
        if !caps.any() {
            return Ok(Purse::Open);
        }
        let most = call_microusd.saturating_mul(calls);
        let answer = self.store.hold_money(conversation_id, purpose, most, &caps, &self.periods()).await?;
        Ok(match answer {
            Ok(hold) => Purse::Held(hold),
            Err(reached) if reached.may_pass => Purse::Awaited(self.awaited()),
            Err(reached) => Purse::Empty(words(&reached)),
        })
    }

    fn awaited(&self) -> Wait {
        let sentence =
            "Waiting for other replies: what they may cost at most leaves no room under a budget.".to_owned();
        Wait { until: self.spread(LOOK_AGAIN), sentence }
    }

    /// Ends what a purse holds. A failure leaves it held: spending is overstated, never understated.
    pub(super) async fn settle(&self, purse: Purse, spent_microusd: Option<i64>) {
        if let Purse::Held(hold) = purse
            && let Err(error) = self.store.settle_money(&hold, spent_microusd).await
        {
            tracing::warn!(%error, "what a turn cost could not be settled; the most it can cost counts against the caps");
        }
    }

    /// Why replies are not written any more today or this month; none while there is room, or when it cannot be told.
    pub async fn out_of_money(&self) -> Option<String> {
        let Spending { caps, call_microusd } = self.settings.spending;
        caps.day_microusd.or(caps.month_microusd)?;
        let most = call_microusd.saturating_mul(CALLS_OF_A_TURN);
        let reached = self.store.cap_in_the_way(most, &caps, &self.periods()).await.ok().flatten()?;
        if reached.may_pass {
            return None;
        }
        Some(format!("{} Texts go to reps without a draft until then, or until the cap is raised.", words(&reached)))
    }

    fn periods(&self) -> Periods {
        periods(self.clock.now(), &self.settings.organisation.timezone)
    }
}

/// The beginnings of the day and of the month in the organisation's zone.
#[must_use]
pub fn periods(now: Timestamp, timezone: &str) -> Periods {
    let local = now.to_zoned_datetime(zone_or(timezone, "UTC"));
    let day = local.start_of_day().map_or(now, |day| day.timestamp());
    let month = local.first_of_month().and_then(|first| first.start_of_day()).map_or(day, |month| month.timestamp());
    Periods { day, month }
}

/// A cap's name in the configuration.
fn setting(cap: Cap) -> &'static str {
    match cap {
        Cap::Day => "budget.daily_usd",
        Cap::Month => "budget.monthly_usd",
        Cap::Conversation => "budget.conversation_usd",
    }
}

/// A cap that leaves no room, as a sentence.
fn words(reached: &CapReached) -> String {
    let (limit, spent) = (dollars(reached.limit_microusd), dollars(reached.spent_microusd));
    let about = format!("{spent} of {limit} are spent or held, and a reply may cost more than is left");
    let whose = match reached.cap {
        Cap::Day => "Today's",
        Cap::Month => "This month's",
        Cap::Conversation => "This conversation's",
    };
    format!("{whose} budget for models is used up: {about} ({}).", setting(reached.cap))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_and_a_month_begin_where_the_office_is() {
        let now: Timestamp = "2026-12-01T05:30:00Z".parse().unwrap();
        let there = periods(now, "America/Denver");
        assert_eq!(there.day.to_string(), "2026-11-30T07:00:00Z");
        assert_eq!(there.month.to_string(), "2026-11-01T06:00:00Z");
        assert_eq!(periods(now, "UTC").month.to_string(), "2026-12-01T00:00:00Z");
    }
}
