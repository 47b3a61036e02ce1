//! `rapport bench claim`: does leasing a conversation and giving it back cost more when there are many?

use std::time::Duration;

use clap::Args;
use futures_util::future::try_join_all;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use super::house::House;
use super::machine::Machine;
use super::place::Place;
use super::report::{Report, Target};
use super::stand_in::StandIn;
use super::{Common, median, rate, timed};

/// Conversations leased at once, as a worker with so many free places does.
const BATCH: usize = 32;
const LEASE: Duration = Duration::from_mins(1);
/// Of so many conversations among many, one is due.
const ONE_DUE_IN: usize = 10;

/// Measure claiming.
#[derive(Debug, Args)]
pub struct Claim {
    #[command(flatten)]
    common: Common,
    /// Conversations where there are few; all are due.
    #[arg(long, default_value_t = 1_000, value_name = "N")]
    few: usize,
    /// Conversations where there are many; one in ten is due, the others have alarms in the days to come.
    #[arg(long, default_value_t = 1_000_000, value_name = "N")]
    many: usize,
    /// Rounds, in turn; the middle one of each counts.
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: usize,
}

/// A database with conversations.
struct Crowd {
    house: House,
    url: String,
    /// Leased and given back in each round.
    worked: usize,
}

impl Claim {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let mut place = self.common.place()?;
        let report = self.measure(&mut place).await;
        place.remove().await?;
        self.common.finish(&report?)
    }

    async fn measure(&self, place: &mut Place) -> anyhow::Result<Report> {
        let few = Crowd::open(place, "few", self.few, 1, self.few).await?;
        let many = Crowd::open(place, "many", self.many, ONE_DUE_IN, self.few).await?;
        let (mut rate_few, mut rate_many) = (Vec::new(), Vec::new());
        for _ in 0..self.rounds.max(1) {
            rate_few.push(few.round().await?);
            rate_many.push(many.round().await?);
        }
        let machine = Machine::probe(place.folder(), &few.house.clock)?;
        let (rate_few, rate_many) = (median(&rate_few), median(&rate_many));
        let mut report = Report::new("claim", place.engine_name(), machine);
        report.figure(format!("leased and given back, {} conversations", self.few), rate_few, "/s");
        report.figure(format!("leased and given back, {} conversations", self.many), rate_many, "/s");
        report.ratio("time with many / with few", rate_few / rate_many, Target::AtMost(1.3));
        few.house.close().await;
        many.house.close().await;
        Ok(report)
    }
}

impl Crowd {
    async fn open(
        place: &mut Place,
        name: &str,
        conversations: usize,
        one_due_in: usize,
        worked: usize,
    ) -> anyhow::Result<Self> {
        let url = place.database(name).await?;
        let house = House::open(&url, &StandIn::quick(), "").await?;
        let now_ms = house.clock.now().as_millisecond();
        let sql = format!(
            "insert into conversation (org, id, our_number, their_number, lead_id, state, state_at, reason, attempts, \
             answered_before, last_seq, wake_at, rung, epoch, created_at, updated_at) \
             with recursive counted (n) as (select 1 union all select n + 1 from counted where n < {conversations}) \
             select 'default', 'conv_' || cast(100000000 + n as text), '+12025550100', \
             '+1520' || cast(20000000 + n as text), 'lead_' || cast(n as text), 'quiet', {now_ms}, '', 0, 1, 0, \
             case when n % {one_due_in} = 0 then {now_ms} - n else {now_ms} + 86400000 + n end, 0, 0, {now_ms}, \
             {now_ms} - n from counted"
        );
        let mut connection = AnyConnection::connect(&url).await?;
        connection.execute(AssertSqlSafe(sql)).await?;
        connection.execute("analyze").await?;
        connection.close().await?;
        Ok(Self { house, url, worked })
    }

    /// Conversations leased and given back, a second.
    async fn round(&self) -> anyhow::Result<f64> {
        let store = &self.house.engine.store;
        let working = async {
            let mut done = 0;
            while done < self.worked {
                let leases = store.claim(BATCH.min(self.worked - done), LEASE, "bench").await?;
                anyhow::ensure!(!leases.is_empty(), "no conversation is due");
                try_join_all(leases.iter().map(|lease| store.release(lease, None, None))).await?;
                done += leases.len();
            }
            Ok(done)
        };
        let (done, took) = timed(&self.house.clock, working).await?;
        self.wake_again().await?;
        Ok(rate(done, took))
    }

    /// Those that were worked are due again.
    async fn wake_again(&self) -> anyhow::Result<()> {
        let mut connection = AnyConnection::connect(&self.url).await?;
        connection.execute("update conversation set wake_at = created_at - 1 where wake_at is null").await?;
        Ok(connection.close().await?)
    }
}
