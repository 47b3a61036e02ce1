//! `rapport costs`: what models cost, by turn, conversation and booked meeting.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::assemble::open_store;
use super::output::say;
use crate::config::Config;
use crate::engine::spending::periods;
use crate::llm::price::dollars;
use crate::runtime::Clock;
use crate::store::spend::Costs;

/// What models cost.
#[derive(Debug, Args)]
pub struct CostsOf {
    /// One more line: the last so many days.
    #[arg(long, default_value_t = 30, value_name = "N")]
    days: u16,
    /// Write JSON.
    #[arg(long)]
    json: bool,
}

impl CostsOf {
    /// Runs the command.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn run(&self, config: &Config) -> anyhow::Result<()> {
        let store = open_store(config).await?;
        let now = Clock::system().now();
        let periods = periods(now, &config.organisation.timezone);
        let back = now.checked_sub(SignedDuration::from_hours(24 * i64::from(self.days))).unwrap_or(Timestamp::MIN);
        let spans = [
            ("today".to_owned(), periods.day),
            ("this month".to_owned(), periods.month),
            (format!("last {} days", self.days), back),
        ];
        let mut told = Vec::new();
        for (name, start) in spans {
            told.push((name, store.costs_since(start).await?));
        }
        if self.json {
            let spans = told.iter().map(|(name, costs)| json(name, costs)).collect::<Vec<_>>();
            say!("{}", serde_json::to_string_pretty(&serde_json::json!({ "spans": spans }))?)?;
        } else {
            for (name, costs) in &told {
                say!("{}", text(name, costs))?;
            }
        }
        Ok(())
    }
}

/// Millionths of a dollar for one of so many; none when there are none.
fn each(microusd: i64, of: i64) -> Option<i64> {
    (of > 0).then(|| microusd / of)
}

fn json(name: &str, costs: &Costs) -> serde_json::Value {
    serde_json::json!({
        "span": name, "turns": costs.turns, "unpriced_turns": costs.unpriced_turns, "conversations": costs.conversations,
        "conversations_with_a_booking": costs.booked, "summaries": costs.summaries,
        "tokens": { "input": costs.input_tokens, "cached": costs.cached_tokens, "output": costs.output_tokens },
        "microusd": costs.microusd, "held_microusd": costs.held_microusd,
        "microusd_per_turn": each(costs.microusd, costs.turns),
        "microusd_per_conversation": each(costs.microusd, costs.conversations),
        "microusd_per_booking": each(costs.microusd, costs.booked),
    })
}

fn text(name: &str, costs: &Costs) -> String {
    let per = |of: i64| each(costs.microusd, of).map_or_else(|| "-".to_owned(), dollars);
    let mut lines = vec![
        format!("{name}: {}", dollars(costs.microusd)),
        format!("  {:>8} turns                        {} each", costs.turns, per(costs.turns)),
        format!("  {:>8} conversations                {} each", costs.conversations, per(costs.conversations)),
        format!("  {:>8} conversations with a booking {} each", costs.booked, per(costs.booked)),
        format!(
            "  {:>8} tokens in ({} from a cache), {} out, {} summaries",
            costs.input_tokens, costs.cached_tokens, costs.output_tokens, costs.summaries
        ),
    ];
    if costs.held_microusd > 0 {
        lines.push(format!("  {} held for what is under way", dollars(costs.held_microusd)));
    }
    if costs.unpriced_turns > 0 {
        let turns = costs.unpriced_turns;
        lines.push(format!(
            "  {turns} turns have no cost: set models.<name>.prices, and their tokens get one from then on"
        ));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_price_is_said_and_nothing_is_divided_by_nothing() {
        let costs = Costs { turns: 2, unpriced_turns: 2, conversations: 1, input_tokens: 900, ..Costs::default() };
        let told = text("today", &costs);
        assert!(told.contains("900 tokens in") && told.contains("2 turns have no cost"), "{told}");
        assert!(told.contains("0 conversations with a booking - each"), "{told}");
        let paid = Costs { turns: 4, conversations: 2, booked: 1, microusd: 80_000, ..Costs::default() };
        let told = text("today", &paid);
        assert!(told.contains("$0.02 each") && told.contains("$0.04 each") && told.contains("$0.08 each"), "{told}");
        assert_eq!(json("today", &paid)["microusd_per_booking"], 80_000);
    }
}
