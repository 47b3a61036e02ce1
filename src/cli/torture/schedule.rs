//! What happens in a run: drawn from a seed, and cut down to the shortest that still fails.

use std::time::Duration;

use crate::runtime::Random;

/// A run, whole: the same schedule always runs the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Where every further choice comes from.
    pub seed: u64,
    /// Replies go by themselves; else a rep reviews drafts.
    pub auto: bool,
    /// Processes that share the work.
    pub processes: u32,
    /// Leads who text.
    pub leads: usize,
    /// Events become visible in Close's log up to this much late.
    pub log_lag: Duration,
    /// What happens, in order.
    pub acts: Vec<Act>,
}

/// One thing that happens. Leads and processes are numbers, taken modulo how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// A lead asks something.
    Asks(usize),
    /// A lead texts STOP or says so in plain words.
    Stops {
        /// Who.
        lead: usize,
        /// Not in the carrier's keyword.
        plainly: bool,
    },
    /// A lead who stopped texts START.
    Starts(usize),
    /// A rep texts a lead from Close.
    RepTexts(usize),
    /// A rep begins to type in Close, and sends it or not.
    RepTypes(usize),
    /// A rep does something with the oldest draft that waits on the desk.
    RepReviews(Wish),
    /// The kill switch is pulled, and lifted some time later.
    Pauses(Duration),
    /// A call that writes to Close fails, so many times.
    WriteFails(Failure, u32),
    /// A call that reads from Close fails, so many times.
    ReadFails(Failure, u32),
    /// A call to the model fails, so many times.
    ModelFails(Failure, u32),
    /// Webhooks suffer, so many.
    WebhooksSuffer(Mishap, u32),
    /// A process is killed when it has passed so many points from now, and started again after a while.
    Dies {
        /// Which.
        process: u32,
        /// Calls and commits until then.
        points: usize,
        /// How long it is down.
        down: Duration,
    },
    /// A process hangs, and goes on as if nothing had been.
    Hangs {
        /// Which.
        process: u32,
        /// How long.
        duration: Duration,
    },
    /// Time passes.
    Passes(Duration),
}

/// What a rep does with a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Sends it.
    Approve,
    /// Sends it with changes.
    Edit,
    /// Drops it.
    Reject,
    /// Wants another.
    Regenerate,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// 503.
    Unavailable,
    /// 500.
    Broken,
    /// 429.
    Limited,
    /// It takes effect, and the answer is lost.
    AnswerLost,
    /// It does not arrive.
    NotReached,
    /// It takes effect, and no answer ever comes.
    Silent,
    /// It takes effect; the answer cannot be read.
    Garbled,
}

/// What happens to a webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mishap {
    /// It comes twice.
    Doubled,
    /// It comes after later ones.
    Overtaken,
    /// It never comes.
    Lost,
    /// It comes minutes later.
    Late,
    /// Its signature does not fit; it is tried again.
    Forged,
}

const FAILURES: [Failure; 7] = [
    Failure::Unavailable,
    Failure::Broken,
    Failure::Limited,
    Failure::AnswerLost,
    Failure::NotReached,
    Failure::Silent,
    Failure::Garbled,
];
const MISHAPS: [Mishap; 5] = [Mishap::Doubled, Mishap::Overtaken, Mishap::Lost, Mishap::Late, Mishap::Forged];
const WISHES: [Wish; 5] = [Wish::Approve, Wish::Approve, Wish::Edit, Wish::Reject, Wish::Regenerate];

/// The shortest and the longest run, in acts.
const ACTS: (u64, u64) = (8, 32);

impl Schedule {
    /// The run of a seed.
    #[must_use]
    pub fn of(seed: u64) -> Self {
        let dice = Dice(Random::seeded(seed));
        let count = ACTS.0 + dice.below(ACTS.1 - ACTS.0);
        Self {
            seed,
            auto: dice.below(3) != 0,
            processes: if dice.below(2) == 0 { 2 } else { 1 },
            leads: 1 + dice.index(3),
            log_lag: Duration::from_secs(if dice.below(2) == 0 { 0 } else { dice.below(280) }),
            acts: (0..count).flat_map(|_| dice.scene()).collect(),
        }
    }

    /// The same run without one of its acts.
    #[must_use]
    pub fn without(&self, act: usize) -> Self {
        let mut shorter = self.clone();
        shorter.acts.remove(act);
        shorter
    }
}

struct Dice(Random);

impl Dice {
    fn below(&self, limit: u64) -> u64 {
        self.0.bits() % limit.max(1)
    }

    fn index(&self, limit: usize) -> usize {
        usize::try_from(self.below(limit as u64)).unwrap_or_default()
    }

    fn pick<T: Copy>(&self, choices: &[T]) -> T {
        choices[self.index(choices.len())]
    }

    fn seconds(&self, from: u64, to: u64) -> Duration {
        Duration::from_secs(from + self.below(to - from))
    }

    fn times(&self) -> u32 {
        1 + u32::try_from(self.below(3)).unwrap_or_default()
    }

    /// Mostly one act; at times an act in the very moments that matter.
    fn scene(&self) -> Vec<Act> {
        let lead = self.index(3);
        match self.below(20) {
            0..=3 => {
                // The wait for more texts is 8 s; then the model thinks and the reply goes out.
                let moment = Act::Passes(Duration::from_millis(8_000 + self.below(14_000)));
                vec![Act::Asks(lead), moment, self.interruption(lead)]
            }
            4 => self.lost_answer(lead),
            5 => self.missed(lead),
            _ => vec![self.act()],
        }
    }

    /// Close takes a call of ours, and the answer is lost.
    fn lost_answer(&self, lead: usize) -> Vec<Act> {
        let failure = self.pick(&[Failure::AnswerLost, Failure::Silent, Failure::Garbled]);
        let moment = self.seconds(12, 40);
        vec![Act::WriteFails(failure, 1), Act::Asks(lead), Act::Passes(moment), self.interruption(lead)]
    }

    /// A text that no webhook tells of, while the process is down for long; and the next one dies over finding it.
    fn missed(&self, lead: usize) -> Vec<Act> {
        let process = u32::try_from(self.below(2)).unwrap_or_default();
        let (down, again) = (self.seconds(200, 500), self.seconds(1, 60));
        let (lost, before) = (Act::WebhooksSuffer(Mishap::Lost, 2), Act::Passes(self.seconds(1, 20)));
        vec![
            Act::Dies { process, points: 1, down },
            before,
            lost,
            Act::Asks(lead),
            Act::Passes(Duration::from_secs(30)),
            Act::Dies { process, points: 1 + self.index(20), down: again },
            Act::Passes(down),
        ]
    }

    fn interruption(&self, lead: usize) -> Act {
        let process = u32::try_from(self.below(2)).unwrap_or_default();
        match self.below(8) {
            0 => Act::RepTexts(lead),
            1 => Act::RepTypes(lead),
            2 => Act::Stops { lead, plainly: self.below(2) == 0 },
            3 => Act::Asks(lead),
            4 => Act::Pauses(self.seconds(3, 30)),
            5 | 6 => Act::Hangs { process, duration: self.seconds(40, 200) },
            _ => Act::Dies { process, points: 1 + self.index(8), down: self.seconds(1, 60) },
        }
    }

    /// Leads ask most of the time; people, faults and deaths come between.
    fn act(&self) -> Act {
        match self.below(100) {
            0..=27 => Act::Asks(self.index(3)),
            28..=29 => Act::Stops { lead: self.index(3), plainly: self.below(2) == 0 },
            30..=31 => Act::Starts(self.index(3)),
            32 => Act::RepTexts(self.index(3)),
            33 => Act::RepTypes(self.index(3)),
            34..=40 => Act::RepReviews(self.pick(&WISHES)),
            41 => Act::Pauses(self.seconds(3, 60)),
            42..=47 => Act::WriteFails(self.pick(&FAILURES), self.times()),
            48..=49 => Act::ReadFails(self.pick(&FAILURES), self.times()),
            50..=51 => Act::ModelFails(self.pick(&FAILURES), self.times()),
            52..=57 => Act::WebhooksSuffer(self.pick(&MISHAPS), self.times()),
            58..=65 => Act::Dies {
                process: u32::try_from(self.below(2)).unwrap_or_default(),
                points: 1 + self.index(40),
                down: self.seconds(1, 200),
            },
            66..=67 => Act::Hangs {
                process: u32::try_from(self.below(2)).unwrap_or_default(),
                duration: self.seconds(20, 180),
            },
            68..=77 => Act::Passes(Duration::from_millis(self.below(3_000))),
            78..=93 => Act::Passes(self.seconds(3, 30)),
            _ => Act::Passes(self.seconds(30, 240)),
        }
    }
}
