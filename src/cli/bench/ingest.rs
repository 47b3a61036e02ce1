//! `rapport bench ingest`: webhooks over loopback HTTP through the real router into the real store.

use std::net::{Ipv4Addr, SocketAddr};

use clap::Args;
use tokio::net::TcpListener;

use super::baseline::{ROWS_TOGETHER, postgres_rows, sqlite_rows};
use super::house::{House, WEBHOOK_KEY};
use super::load::{Answers, Pace, send};
use super::machine::Machine;
use super::place::Place;
use super::report::{Report, Target};
use super::stand_in::StandIn;
use super::webhooks::{Texts, Webhooks};
use super::{Common, median, percentile, rate};
use crate::runtime::Clock;
use crate::web;

/// Connections to PostgreSQL of which the quickest counts as its best with single rows.
const POSTGRES_CONNECTIONS: [usize; 3] = [16, 32, 64];
/// One single-row commit is measured for so many requests: it is many times slower.
const SINGLES_SHARE: usize = 8;
/// Connections the router is given.
const CONNECTIONS_MAX: usize = 4_096;
/// Connections of the open loop.
const OPEN_LOOP_CONNECTIONS: usize = 64;

/// Measure how many webhooks are stored.
#[derive(Debug, Args)]
pub struct Ingest {
    #[command(flatten)]
    common: Common,
    /// Connections that send at once.
    #[arg(long, default_value_t = 256, value_name = "N")]
    connections: usize,
    /// Webhooks of each round.
    #[arg(long, default_value_t = 40_000, value_name = "N")]
    requests: usize,
    /// Leads that text, each as likely as any other.
    #[arg(long, default_value_t = 10_000, value_name = "N")]
    leads: usize,
    /// Rounds; the middle one of each figure counts.
    #[arg(long, default_value_t = 5, value_name = "N")]
    rounds: usize,
}

/// What each round found, a second.
#[derive(Default)]
struct Found {
    stored: Vec<f64>,
    handled: Vec<f64>,
    singles: Vec<f64>,
    together: Vec<f64>,
}

impl Found {
    async fn sqlite_without_us(&mut self, bare: &str, rows: usize, clock: &Clock) -> anyhow::Result<()> {
        self.singles.push(sqlite_rows(bare, (rows / SINGLES_SHARE).max(1), 1, clock).await?);
        self.together.push(sqlite_rows(bare, rows.max(ROWS_TOGETHER), ROWS_TOGETHER, clock).await?);
        Ok(())
    }

    async fn postgres_without_us(&mut self, bare: &str, rows: usize, clock: &Clock) -> anyhow::Result<()> {
        let mut best: f64 = 0.0;
        for connections in POSTGRES_CONNECTIONS {
            best = best.max(postgres_rows(bare, (rows / SINGLES_SHARE).max(1), connections, clock).await?);
        }
        self.singles.push(best);
        Ok(())
    }
}

impl Ingest {
    pub(super) async fn run(&self) -> anyhow::Result<()> {
        let mut place = self.common.place()?;
        let house = House::open(&place.database("ingest").await?, &StandIn::quick(), "").await?;
        let bare = place.database("bare").await?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let address = listener.local_addr()?;
        let (router, serving, clock) = (web::router(house.app()?), house.tasks.clone(), house.clock.clone());
        // Room for every connection of the load, so that what is measured is the taking of webhooks.
        let limits = web::Limits::of(CONNECTIONS_MAX);
        house.tasks.spawn(async move { web::serve(listener, router, limits, clock, &serving).await });
        let measured = self.measure(&place, &bare, &house, address).await;
        house.close().await;
        place.remove().await?;
        self.common.finish(&measured?)
    }

    async fn measure(&self, place: &Place, bare: &str, house: &House, address: SocketAddr) -> anyhow::Result<Report> {
        let mut found = Found::default();
        // Each lead has texted before: what is measured is a business in its third year, not its first minute.
        let first = self.webhooks(house, address).of_each();
        send(first, address, self.connections, Pace::Closed, &house.clock).await?;
        for _ in 0..self.rounds.max(1) {
            if place.is_postgres() {
                found.postgres_without_us(bare, self.requests, &house.clock).await?;
            } else {
                found.sqlite_without_us(bare, self.requests, &house.clock).await?;
            }
            self.with_us(house, address, &mut found).await?;
        }
        let machine = Machine::probe(place.folder(), &house.clock)?;
        let half = median(&found.stored) / 2.0;
        let paced = self.texts(house, address, self.requests, Pace::Open(half)).await?;
        Ok(self.report(place, machine, &found, &paced, half))
    }

    async fn with_us(&self, house: &House, address: SocketAddr, found: &mut Found) -> anyhow::Result<()> {
        let empty = self.webhooks(house, address).empty(self.requests);
        let handled = send(empty, address, self.connections, Pace::Closed, &house.clock).await?;
        found.handled.push(rate(self.requests, handled.took));
        let stored = self.texts(house, address, self.requests, Pace::Closed).await?;
        found.stored.push(rate(self.requests, stored.took));
        Ok(())
    }

    async fn texts(&self, house: &House, address: SocketAddr, count: usize, pace: Pace) -> anyhow::Result<Answers> {
        let requests = self.webhooks(house, address).of_any(count);
        let connections = match pace {
            Pace::Closed => self.connections,
            Pace::Open(_) => OPEN_LOOP_CONNECTIONS,
        };
        send(requests, address, connections, pace, &house.clock).await
    }

    fn webhooks(&self, house: &House, address: SocketAddr) -> Webhooks {
        let key = hex::decode(WEBHOOK_KEY).unwrap_or_default();
        Webhooks { host: address.to_string(), key, texts: Texts::of(self.leads, &house.clock) }
    }

    fn report(&self, place: &Place, machine: Machine, found: &Found, paced: &Answers, half: f64) -> Report {
        let (stored, handled, singles) = (median(&found.stored), median(&found.handled), median(&found.singles));
        let fsync_p99_ms = machine.fsync_p99_ms;
        let mut report = Report::new("ingest", place.engine_name(), machine);
        report.figure(format!("webhooks stored, {} connections", self.connections), stored, "/s");
        report.figure("the same handler without storage", handled, "/s");
        if place.is_postgres() {
            report.figure("bare single-row inserts, best of 16 to 64 connections", singles, "/s");
            report.ratio("stored / bare single-row inserts", stored / singles, Target::AtLeast(1.7));
        } else {
            let together = median(&found.together);
            report.figure(format!("bare rows, {ROWS_TOGETHER} a commit"), together, "/s");
            report.figure("bare single-row commits", singles, "/s");
            report.ratio(
                format!("stored / bare rows, {ROWS_TOGETHER} a commit"),
                stored / together,
                Target::AtLeast(0.4),
            );
            report.ratio("stored / bare single-row commits", stored / singles, Target::AtLeast(6.0));
        }
        report.ratio("stored / the same handler without storage", stored / handled, Target::AtLeast(0.3));
        report.figure("open loop at half of that", half, "/s");
        report.figure("  answered within, p50", percentile(&paced.waits_ms, 0.5), "ms");
        let p99_ms = percentile(&paced.waits_ms, 0.99);
        report.ratio("  answered within, p99 (ms)", p99_ms, Target::AtMost(3.0 * fsync_p99_ms + 5.0));
        report
    }
}
