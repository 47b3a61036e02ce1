//! `rapport bench send`: texts that were decided on, sent in two steps through a Close that answers at once.

use std::time::Duration;

use clap::Args;
use futures_util::future::try_join_all;

use super::house::House;
use super::machine::Machine;
use super::place::Place;
use super::report::Report;
use super::stand_in::StandIn;
use super::webhooks::Texts;
use super::{Common, median, rate};
use crate::runtime::clock::until;
use crate::store::{Ending, Handled, LaneChange, Lease, NewEffect};

const LEASE: Duration = Duration::from_mins(1);
/// Texts that are queued at once.
const BATCH: usize = 64;

/// Measure sending.
#[derive(Debug, Args)]
pub struct Send {
    #[command(flatten)]
    common: Common,
    /// Texts of each round, each in a conversation of its own.
    #[arg(long, default_value_t = 3_000, value_name = "N")]
    texts: usize,
    /// Conversations worked on at once.
    #[arg(long, default_value_t = 64, value_name = "N")]
    concurrency: usize,
    /// Rounds; the middle one counts.
    #[arg(long, default_value_t = 3, value_name = "N")]
    rounds: usize,
}

impl Send {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let mut place = self.common.place()?;
        let report = self.measure(&mut place).await;
        place.remove().await?;
        self.common.finish(&report?)
    }

    async fn measure(&self, place: &mut Place) -> anyhow::Result<Report> {
        let mut rates = Vec::new();
        for round in 0..self.rounds.max(1) {
            let outside = StandIn::quick();
            let toml = format!("mode = \"auto\"\n[engine]\nconcurrency = {}\n", self.concurrency);
            let url = place.database(&format!("send_{round}")).await?;
            let house = House::open(&url, &outside, &toml).await?;
            self.queue(&house).await?;
            let begun = house.clock.now();
            house.start_worker();
            outside.until_sent(self.texts, &house.clock).await?;
            rates.push(rate(self.texts, until(begun, house.clock.now())));
            house.close().await;
        }
        let machine = Machine::probe(place.folder(), &crate::runtime::Clock::system())?;
        let mut report = Report::new("send", place.engine_name(), machine);
        report.figure("texts sent in two steps", median(&rates), "/s");
        Ok(report)
    }

    /// Leads text, and for each a reply is decided on that has not left.
    async fn queue(&self, house: &House) -> anyhow::Result<()> {
        house.receive(&Texts::of(self.texts, &house.clock), 0..self.texts).await?;
        let store = &house.engine.store;
        let mut queued = 0;
        while queued < self.texts {
            let leases = store.claim(BATCH, LEASE, "bench").await?;
            anyhow::ensure!(!leases.is_empty(), "no conversation is due");
            try_join_all(leases.iter().map(|lease| answered(house, lease))).await?;
            queued += leases.len();
        }
        Ok(())
    }
}

async fn answered(house: &House, lease: &Lease) -> anyhow::Result<()> {
    let store = &house.engine.store;
    let Some(view) = store.load(lease).await? else { anyhow::bail!("a lease was lost") };
    let handled = view.inbox.iter().map(|event| Handled {
        inbox_id: event.id.clone(),
        ending: Ending::Answered,
        reason: String::new(),
    });
    let now = house.clock.now();
    let change = LaneChange {
        seen_seq: view.seen_seq,
        handled: handled.collect(),
        effect: Some(NewEffect {
            id: house.engine.random.id("out", now),
            turn_id: None,
            text: "Thursday at ten it is.".to_owned(),
            not_before: None,
        }),
        ..LaneChange::default()
    };
    store.commit(lease, change).await?;
    Ok(())
}
