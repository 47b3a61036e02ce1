//! `rapport bench turns`: from the webhook's event to the sent text, with a model and a Close in process.

use std::time::Duration;

use clap::Args;
use sqlx::{AnyConnection, Connection as _};

use super::house::House;
use super::machine::{Machine, memory_mb};
use super::place::Place;
use super::report::{Report, Target};
use super::stand_in::StandIn;
use super::webhooks::Texts;
use super::{Common, median, percentile, rate};
use crate::runtime::clock::until;

/// How often it is looked whether all have their answer.
const LOOK: Duration = Duration::from_millis(100);

/// Measure turns.
#[derive(Debug, Args)]
pub struct Turns {
    #[command(flatten)]
    common: Common,
    /// Turns of each round: so many leads text once.
    #[arg(long = "turns", default_value_t = 3_000, value_name = "N")]
    each_round: usize,
    /// Conversations worked on at once.
    #[arg(long, default_value_t = 64, value_name = "N")]
    concurrency: usize,
    /// Rounds; the middle one counts.
    #[arg(long, default_value_t = 3, value_name = "N")]
    rounds: usize,
    /// Instead: so many turns wait for the model at once. Tells memory, and how late the drafts are.
    #[arg(long, value_name = "N")]
    waiting: Option<usize>,
    /// How long the model takes then.
    #[arg(long, default_value_t = 5_000, value_name = "MS", requires = "waiting")]
    model_ms: u64,
}

impl Turns {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let mut place = self.common.place()?;
        let report = match self.waiting {
            None => self.quick(&mut place).await,
            Some(turns) => self.slow(&mut place, turns).await,
        };
        place.remove().await?;
        self.common.finish(&report?)
    }

    async fn quick(&self, place: &mut Place) -> anyhow::Result<Report> {
        let outside = StandIn::quick();
        let toml = format!("mode = \"auto\"\n[engine]\nwait = \"0s\"\nconcurrency = {}\n", self.concurrency);
        let house = House::open(&place.database("turns").await?, &outside, &toml).await?;
        house.start_worker();
        let rounds = self.rounds.max(1);
        // Each lead texts once: the same reply to it again would be held.
        let texts = Texts::of(rounds * self.each_round, &house.clock);
        let mut rates = Vec::new();
        for round in 0..rounds {
            let begun = house.clock.now();
            let numbers = round * self.each_round..(round + 1) * self.each_round;
            house.receive(&texts, numbers.clone()).await?;
            outside.until_sent(numbers.end, &house.clock).await?;
            rates.push(rate(self.each_round, until(begun, house.clock.now())));
        }
        let machine = Machine::probe(place.folder(), &house.clock)?;
        let mut report = Report::new("turns", place.engine_name(), machine);
        report.ratio("turns a second, from webhook to sent", median(&rates), Target::AtLeast(500.0));
        house.close().await;
        Ok(report)
    }

    async fn slow(&self, place: &mut Place, turns: usize) -> anyhow::Result<Report> {
        let outside = StandIn::with_model_of(Duration::from_millis(self.model_ms));
        let toml = format!("mode = \"draft\"\n[engine]\nwait = \"0s\"\nconcurrency = {turns}\n");
        let url = place.database("turns").await?;
        let house = House::open(&url, &outside, &toml).await?;
        house.start_worker();
        house.receive(&Texts::of(turns, &house.clock), 0..turns).await?;
        let mut connection = AnyConnection::connect(&url).await?;
        let mut most_at_once = 0;
        let late_s = loop {
            house.clock.sleep(LOOK).await;
            most_at_once = outside.asked().max(most_at_once);
            let late_s = lateness_s(&mut connection, self.model_ms).await?;
            if late_s.len() >= turns {
                break late_s;
            }
        };
        connection.close().await?;
        let machine = Machine::probe(place.folder(), &house.clock)?;
        let mut report = Report::new("waiting turns", place.engine_name(), machine);
        #[expect(clippy::cast_precision_loss, reason = "a count far below 2^52")]
        report.figure("turns that waited for the model at once", most_at_once as f64, "");
        report.figure("drafts late by, p50", percentile(&late_s, 0.5), "s");
        report.ratio("drafts late by, at most (s)", percentile(&late_s, 1.0), Target::AtMost(1.0));
        if let Some(memory_mb) = memory_mb() {
            report.ratio("memory at its peak (MB)", memory_mb, Target::AtMost(400.0));
        }
        house.close().await;
        Ok(report)
    }
}

/// How long after the model's answer each draft was there, in seconds. What the turn did before it asked counts as well.
async fn lateness_s(connection: &mut AnyConnection, model_ms: u64) -> anyhow::Result<Vec<f64>> {
    let took_ms: Vec<i64> = sqlx::query_scalar(
        "select draft.created_at - turn.started_at from draft join turn on turn.org = draft.org and turn.id = draft.turn_id",
    )
    .fetch_all(connection)
    .await?;
    let late_ms = took_ms.iter().map(|took_ms| took_ms - i64::try_from(model_ms).unwrap_or(i64::MAX));
    #[expect(clippy::cast_precision_loss, reason = "milliseconds far below 2^52")]
    Ok(late_ms.map(|late_ms| late_ms as f64 / 1e3).collect())
}
