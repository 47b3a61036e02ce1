//! The processes that share a database, and their deaths.

use std::sync::Arc;
use std::time::Duration;

use rapport::runtime::Random;

use crate::support::outside::Outside;
use crate::support::program::{Running, Workshop};

/// How long a process lives at most before it is killed.
const LIFE_MAX: Duration = Duration::from_millis(900);
/// How long a process that is killed while it starts may have lived.
const BIRTH_MAX: Duration = Duration::from_millis(300);
/// One in so many kills strikes a process that is still starting.
const WHILE_STARTING: u64 = 8;

pub struct Fleet<'a> {
    workshop: Arc<Workshop>,
    outside: &'a Outside,
    running: Vec<Option<Running>>,
    kills: usize,
}

impl<'a> Fleet<'a> {
    pub fn new(workshop: Arc<Workshop>, outside: &'a Outside, processes: usize) -> Self {
        let running = std::iter::repeat_with(|| None).take(processes).collect();
        Self { workshop, outside, running, kills: 0 }
    }

    /// Lets everybody live for a moment, then kills one.
    pub async fn kill_one(&mut self, random: &Random) {
        self.settle().await;
        self.outside.clock.sleep(random.jitter(LIFE_MAX)).await;
        let victim = self.kills % self.running.len();
        self.kills += 1;
        if let Some(running) = self.running[victim].take() {
            running.kill();
        }
        self.open_doors();
        if random.chance(WHILE_STARTING) {
            let mut child = self.workshop.spawn(&["serve"]);
            self.outside.clock.sleep(random.jitter(BIRTH_MAX)).await;
            child.kill().expect("killed");
            child.wait().expect("it ended");
        }
    }

    /// Everybody lives.
    pub async fn settle(&mut self) {
        for place in self.running.iter_mut().filter(|place| place.is_none()) {
            let workshop = self.workshop.clone();
            // Waiting for the line of readiness blocks, and leads text meanwhile.
            let started = tokio::task::spawn_blocking(move || workshop.start(&["serve"])).await;
            *place = Some(started.expect("it starts"));
        }
        self.open_doors();
    }

    fn open_doors(&self) {
        self.outside.open_doors_to(self.running.iter().flatten().map(Running::address).collect());
    }
}
