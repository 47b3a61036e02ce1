//! The world of a run: simulated Close and model, one or two processes that share a database, and what happens to them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::oneshot;

use super::executor::{Executor, Fuse, Group, OUTSIDE};
use super::mind;
use super::oracle::{Oracle, Promise};
use super::process::{Death, Parts, Process};
use super::schedule::Schedule;
use crate::config::Config;
use crate::engine::Subscriptions;
use crate::runtime::clock::after;
use crate::runtime::http::{Request, Response, TransportError};
use crate::runtime::{Clock, Http, Random};
use crate::sim::close::{API_KEY, LeadSeed, OUR_NUMBER};
use crate::sim::{CloseSim, ModelSim};
use crate::store::Pause;

/// A Tuesday morning in every US zone.
const MORNING: &str = "2026-12-01T18:00:00Z";
/// A rep's text keeps Rapport silent for minutes, so that runs see it end.
const CONFIGURATION: &str = r#"
[organisation]
name = "Northwind Solar"
agent_name = "Sam"
timezone = "America/Phoenix"
[close]
base_url = "http://close.test"
[models.main]
base_url = "http://model.test/v1"
model = "torture"
encoding = "o200k_base"
timeout = "20s"
[engine]
poll = "30s"
event_log_poll = "2m"
[policy]
hold_first = false
introduce = false
opt_out_notice = "never"
takeover = "4m"
lead_daily_cap = 1000
hourly_cap = 10000
daily_cap = 100000
[hours]
fresh_reply = "1d"
"#;

/// Where a run's records are kept.
#[derive(Debug, Clone)]
pub(super) struct Records {
    pub(super) url: String,
    /// Keeps the records of runs in one database apart.
    pub(super) organisation: String,
}

/// The world of a run. Clones share it.
#[derive(Clone)]
pub(super) struct World(Arc<Inner>);

// The executor's tasks hold the world only weakly: it ends with the run.

pub(super) struct Inner {
    pub(super) executor: Executor,
    pub(super) clock: Clock,
    pub(super) close: CloseSim,
    pub(super) oracle: Oracle,
    pub(super) model: ModelSim,
    pub(super) random: Random,
    pub(super) phones: Vec<String>,
    /// A rep of Close.
    pub(super) rep: String,
    killed: AtomicUsize,
    parts: Mutex<Option<Parts>>,
    slots: Mutex<Vec<Slot>>,
    next_group: Mutex<Group>,
}

/// The place of a process, which may be empty.
#[derive(Default)]
struct Slot {
    process: Option<Process>,
    fuse: Fuse,
    /// How long it stays down when it dies next.
    down: Duration,
}

impl World {
    /// The world before anything happens.
    pub(super) fn new(schedule: &Schedule, records: &Records) -> anyhow::Result<Self> {
        let (clock, time) = Clock::manual(MORNING.parse().context("the first morning")?);
        let random = Random::seeded(schedule.seed);
        let executor = Executor::new(clock.clone(), time, Random::seeded(schedule.seed ^ 0x0DD5_EED5));
        let nowhere = Http::routed(clock.clone(), BTreeMap::new());
        let close = CloseSim::new(clock.clone(), random.clone(), nowhere, executor.tasks(OUTSIDE));
        close.set_log_lag(schedule.log_lag);
        let phones: Vec<String> = (0..schedule.leads.max(1)).map(|n| format!("+1520555014{n}")).collect();
        for (n, phone) in phones.iter().enumerate() {
            close.add_lead(lead(n, phone));
        }
        let rep = close.add_user("Robin", "Reyes");
        let (_, webhook_key) = close.subscribe("http://rapport.test/webhooks/close", &wanted());
        let model = thinking_model(&clock, &random);
        let hosts = BTreeMap::from([
            ("close.test:80".to_owned(), close.router()),
            ("model.test:80".to_owned(), model.router()),
        ]);
        let oracle = Oracle::default();
        let parts = Parts {
            executor: executor.clone(),
            clock: clock.clone(),
            config: Arc::new(configuration(schedule, &records.url)?),
            organisation: records.organisation.clone(),
            webhook_key,
            oracle: oracle.clone(),
            outside: Http::routed(clock.clone(), hosts),
        };
        let world = Self(Arc::new(Inner {
            executor,
            clock,
            close,
            oracle,
            model,
            random,
            phones,
            rep,
            killed: AtomicUsize::new(0),
            parts: Mutex::new(Some(parts)),
            slots: Mutex::default(),
            next_group: Mutex::new(OUTSIDE + 1),
        }));
        world.0.close.set_http(world.door());
        world.0.close.run_deliveries();
        for _ in 0..schedule.processes {
            let slot = world.slots(|slots| {
                slots.push(Slot::default());
                slots.len() - 1
            });
            world.start(slot);
        }
        Ok(world)
    }

    /// Lets everything happen for so long.
    pub(super) fn pass(&self, duration: Duration) {
        let end = after(self.clock.now(), duration);
        self.executor.run_until(end, || false);
    }

    /// Lets everything happen until `work` has its result, at most for an hour.
    pub(super) fn finish<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Option<T> {
        let result = Arc::new(Mutex::new(None));
        let slot = result.clone();
        self.executor.spawn(
            OUTSIDE,
            Box::pin(async move {
                let value = work.await;
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
            }),
        );
        let is_done = || result.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        self.executor.run_until(after(self.clock.now(), Duration::from_hours(1)), is_done);
        result.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Kills a process at the `points`-th point from now; it is started again after `down`.
    pub(super) fn doom(&self, process: u32, points: usize, down: Duration) {
        self.slots(|slots| {
            if let Some(slot) = pick(slots, process) {
                slot.down = down;
                slot.fuse.light(points);
            }
        });
    }

    /// Lets a process hang.
    pub(super) fn hang(&self, process: u32, duration: Duration) {
        let group = self.slots(|slots| pick(slots, process)?.process.as_ref().map(|process| process.group));
        if let Some(group) = group {
            self.executor.stall(group, duration);
        }
    }

    /// Lifts the kill switch after `duration`, as soon as a process runs.
    pub(super) fn resume_after(&self, duration: Duration) {
        let here = Arc::downgrade(&self.0);
        let clock = self.clock.clone();
        self.executor.spawn(
            OUTSIDE,
            Box::pin(async move {
                clock.sleep(duration).await;
                while let Some(world) = Self::reach(&here) {
                    let resumed = match world.running() {
                        Some(process) => world.resume(&process).await,
                        None => false,
                    };
                    if resumed {
                        return;
                    }
                    world.clock.sleep(Duration::from_secs(5)).await;
                }
            }),
        );
    }

    /// Looks at the desk, and lifts the pause that it shows. True once none is left to lift.
    async fn resume(&self, process: &Process) -> bool {
        let engine = process.engine.clone();
        match self.ask(process, async move { engine.store.paused().await }).await {
            Some(Ok(Some(pause))) => self.lift(process, pause).await,
            Some(Ok(None)) => true,
            Some(Err(_)) | None => false,
        }
    }

    async fn lift(&self, process: &Process, pause: Pause) -> bool {
        self.oracle.resuming(pause.since, self.clock.now());
        let engine = process.engine.clone();
        let lifted = self.ask(process, async move { engine.resume("Robin", pause.since).await }).await;
        matches!(lifted, Some(Ok(())))
    }

    /// The answer to what a process is asked; none if it died over it.
    async fn ask<T: Send + 'static>(
        &self,
        process: &Process,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let (answered, answer) = oneshot::channel();
        self.inside(process, async move {
            // The waiting side may be gone with the run.
            let _ = answered.send(work.await);
        });
        answer.await.ok()
    }

    /// The daily comparison with Close, which deletes stray copies of our drafts.
    pub(super) fn compare_with_close(&self) {
        let (Some(process), since) = (self.running(), self.clock.now().checked_sub(Duration::from_hours(24))) else {
            return;
        };
        let subscriptions = Subscriptions {
            store: process.engine.store.clone(),
            close: process.engine.close.clone(),
            random: process.engine.random.clone(),
            calendly: None,
            public_url: None,
            close_key_configured: true,
            calendly_key: None,
        };
        let compared = self.finish(async move {
            process.engine.reconcile(&subscriptions, since.unwrap_or_default(), true).await.map(drop)
        });
        if !matches!(compared, Some(Ok(()))) {
            self.oracle.broken(Promise::AlwaysExplained, format!("the comparison with Close failed: {compared:?}"));
        }
    }

    /// How many processes were killed.
    pub(super) fn killed(&self) -> usize {
        self.killed.load(Ordering::Relaxed)
    }

    /// No process dies any more.
    pub(super) fn spare(&self) {
        self.slots(|slots| slots.iter().for_each(|slot| slot.fuse.light(0)));
    }

    /// One of the processes that run.
    pub(super) fn running(&self) -> Option<Process> {
        let running: Vec<Process> = self.slots(|slots| slots.iter().filter_map(|slot| slot.process.clone()).collect());
        let choices = u64::try_from(running.len()).ok().filter(|count| *count > 0)?;
        let chosen = usize::try_from(self.random.bits() % choices).unwrap_or_default();
        running.into_iter().nth(chosen)
    }

    /// Runs `work` inside a process: it dies with it.
    pub(super) fn inside(&self, process: &Process, work: impl Future<Output = ()> + Send + 'static) {
        self.executor.spawn(process.group, Box::pin(work));
    }

    /// Ends everything, so that the next run finds the thread as it was.
    pub(super) fn end(&self) {
        let groups: Vec<Group> = (OUTSIDE..*self.0.next_group.lock().unwrap_or_else(PoisonError::into_inner)).collect();
        self.slots(Vec::clear);
        for group in groups {
            self.executor.kill(group);
        }
        self.0.parts.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    fn start(&self, slot: usize) {
        let parts = self.0.parts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let Some(parts) = parts else { return };
        let group = {
            let mut next = self.0.next_group.lock().unwrap_or_else(PoisonError::into_inner);
            *next += 1;
            *next - 1
        };
        let Some(fuse) = self.slots(|slots| slots.get(slot).map(|slot| slot.fuse.clone())) else { return };
        let here = Arc::downgrade(&self.0);
        let die = {
            let here = here.clone();
            Arc::new(move || {
                if let Some(world) = World::reach(&here) {
                    world.died(slot, group);
                }
            })
        };
        let random = Random::seeded(self.random.bits());
        self.executor.spawn(
            group,
            Box::pin(async move {
                let started = parts.start(group, random, Death { fuse, die }).await;
                let Some(world) = World::reach(&here) else { return };
                match started {
                    Ok(process) => world.slots(|slots| {
                        if let Some(slot) = slots.get_mut(slot) {
                            slot.process = Some(process);
                        }
                    }),
                    Err(error) => {
                        world.oracle.broken(Promise::NothingLost, format!("a process does not start: {error:#}"));
                    }
                }
            }),
        );
    }

    fn died(&self, slot: usize, group: Group) {
        self.killed.fetch_add(1, Ordering::Relaxed);
        self.oracle.note(self.clock.now(), || format!("process {group} dies"));
        let (dead, down) = self
            .slots(|slots| slots.get_mut(slot).map_or((None, Duration::ZERO), |slot| (slot.process.take(), slot.down)));
        self.executor.kill(group);
        drop(dead);
        let here = Arc::downgrade(&self.0);
        let clock = self.clock.clone();
        self.executor.spawn(
            OUTSIDE,
            Box::pin(async move {
                clock.sleep(down).await;
                if let Some(world) = World::reach(&here) {
                    world.start(slot);
                }
            }),
        );
    }

    fn reach(here: &Weak<Inner>) -> Option<Self> {
        here.upgrade().map(Self)
    }

    /// The way of webhooks: to a process that runs, in which the request is handled and with which it dies.
    fn door(&self) -> Http {
        let here = Arc::downgrade(&self.0);
        let service = tower::service_fn(move |request: Request| {
            let world = World::reach(&here);
            async move {
                let closed =
                    |reason: &str| TransportError::Connect { host: "rapport.test:80".into(), reason: reason.into() };
                let world = world.ok_or_else(|| closed("the run is over"))?;
                let process = world.running().ok_or_else(|| closed("nobody listens"))?;
                world.deliver(&process, request).await
            }
        });
        Http::through(self.clock.clone(), service)
    }

    async fn deliver(&self, process: &Process, request: Request) -> Result<Response, TransportError> {
        let (body, inside) = (request.body().clone(), process.clone());
        let (answered, answer) = oneshot::channel();
        self.inside(process, async move {
            // The sender may have given up.
            let _ = answered.send(inside.answer(request).await);
        });
        let broken =
            TransportError::Broken { host: "rapport.test:80".to_owned(), reason: "the process died".to_owned() };
        let answer = answer.await.map_err(|_| broken)??;
        if answer.status().is_success() {
            self.oracle.acknowledged(&body, self.clock.now());
        }
        Ok(answer)
    }

    fn slots<T>(&self, work: impl FnOnce(&mut Vec<Slot>) -> T) -> T {
        work(&mut self.0.slots.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::ops::Deref for World {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

fn pick(slots: &mut [Slot], process: u32) -> Option<&mut Slot> {
    let count = slots.len().max(1);
    slots.get_mut(usize::try_from(process).unwrap_or_default() % count)
}

/// A model that takes up to eight seconds.
fn thinking_model(clock: &Clock, random: &Random) -> ModelSim {
    let model = ModelSim::new(clock.clone(), random.clone());
    let random = random.clone();
    model.think_with(move |request| (Duration::from_millis(200 + random.bits() % 8_000), mind::answer(request)));
    model
}

fn lead(n: usize, phone: &str) -> LeadSeed {
    LeadSeed {
        name: format!("Saguaro Bakery {n}"),
        contact: "Maria Lopez".to_owned(),
        phone: phone.to_owned(),
        timezone: Some("America/Phoenix".to_owned()),
        ..LeadSeed::default()
    }
}

fn wanted() -> Vec<(&'static str, &'static str)> {
    ["created", "updated", "sent", "deleted"].map(|action| ("activity.sms", action)).to_vec()
}

fn configuration(schedule: &Schedule, database: &str) -> anyhow::Result<Config> {
    let mode = if schedule.auto { "auto" } else { "draft" };
    let toml = CONFIGURATION.replace("[policy]", &format!("[policy]\nmode = \"{mode}\""));
    let environment =
        [("CLOSE_API_KEY".to_owned(), API_KEY.to_owned()), ("RAPPORT__DATABASE__URL".to_owned(), database.to_owned())];
    Config::parse(Some(&toml), Path::new("torture.toml"), environment.into_iter()).context("the configuration of a run")
}

/// The number of ours that leads text.
pub(super) const OURS: &str = OUR_NUMBER;
