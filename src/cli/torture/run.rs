//! One run: what happens, then a quiet time in which everything is made good, then the last checks.

use std::time::Duration;

use super::mind;
use super::oracle::Violation;
use super::schedule::{Act, Failure, Mishap, Schedule, Wish};
use super::verdict;
use super::world::{OURS, Records, World};
use crate::engine::Engine;
use crate::sim::{Fault, WebhookFault};
use crate::store::Draft;

/// A draft that nobody wants is removed from this age on; and a little more.
const STRAY_AGE: Duration = Duration::from_mins(11);
/// How long the quiet time may last: webhooks are tried again for up to 20 minutes, failed steps for up to 10.
const QUIET_MAX: Duration = Duration::from_hours(8);
/// How often it is looked whether all is quiet.
const QUIET_STEP: Duration = Duration::from_mins(1);
/// How long after something happened it is in Close's log for certain, and read from there.
const LOG_LATE_MAX: Duration = Duration::from_mins(7);

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Promises that were broken.
    pub violations: Vec<Violation>,
    /// Texts that leads sent.
    pub asked: usize,
    /// Texts of ours that left.
    pub sent: usize,
    /// Processes that were killed.
    pub killed: usize,
    /// What happened, if notes were taken.
    pub notes: Vec<String>,
}

/// Runs a schedule.
///
/// # Errors
/// When the run cannot even begin.
pub(super) fn run(schedule: &Schedule, records: &Records, takes_notes: bool) -> anyhow::Result<Outcome> {
    let world = World::new(schedule, records)?;
    if takes_notes {
        world.oracle.take_notes();
    }
    let has_hung = schedule.acts.iter().any(|act| matches!(act, Act::Hangs { .. }));
    let mut run = Run { asked: 0, has_hung, world };
    // The first look at the event log says from when on texts are Rapport's to answer.
    run.world.pass(Duration::from_secs(30));
    for act in &schedule.acts {
        run.world.oracle.note(run.world.clock.now(), || format!("{act:?}"));
        run.act(*act);
    }
    run.make_good();
    let violations = verdict::of(&run.world);
    if takes_notes {
        verdict::note_records(&run.world);
    }
    let sent = run.world.close.texts_sent().iter().filter(|text| text.api_key_id.is_some()).count();
    let notes = run.world.oracle.locked(|seen| seen.notes.take()).unwrap_or_default();
    let outcome = Outcome { violations, asked: run.asked, sent, killed: run.world.killed(), notes };
    run.world.end();
    Ok(outcome)
}

struct Run {
    world: World,
    asked: usize,
    has_hung: bool,
}

impl Run {
    fn act(&mut self, act: Act) {
        let world = &self.world;
        let faults = world.close.faults();
        match act {
            Act::Asks(lead) => {
                let text = mind::question(&mind::word(self.asked));
                self.asked += 1;
                self.lead_texts(lead, &text);
            }
            Act::Stops { lead, plainly } => {
                world.oracle.stops(self.phone(lead), world.clock.now());
                self.lead_texts(lead, if plainly { "please stop texting me" } else { "STOP" });
            }
            Act::Starts(lead) => {
                world.oracle.starts(self.phone(lead), world.clock.now());
                self.lead_texts(lead, "START");
            }
            Act::RepTexts(lead) => {
                world.close.rep_sends(&world.rep, self.phone(lead), OURS, "Hi, it is Robin. Let me call you.");
            }
            Act::RepTypes(lead) => {
                world.close.rep_types_draft(&world.rep, self.phone(lead), OURS, "Hi, let me");
            }
            Act::RepReviews(wish) => self.review(wish),
            Act::Pauses(duration) => self.pause(duration),
            Act::WriteFails(failure, times) => {
                faults.times(times, "POST", "/api/v1/activity/sms/", fault(failure));
                faults.times(times, "PUT", "/api/v1/activity/sms/*", fault(failure));
            }
            Act::ReadFails(failure, times) => faults.times(times, "GET", "*", fault(failure)),
            Act::ModelFails(failure, times) => world.model.faults().times(times, "POST", "*", fault(failure)),
            Act::WebhooksSuffer(mishap, times) => faults.webhooks(times, webhook_fault(mishap)),
            Act::Dies { process, points, down } => world.doom(process, points, down),
            Act::Hangs { process, duration } => world.hang(process, duration),
            Act::Passes(duration) => world.pass(duration),
        }
        // Something always comes between two things, be it a moment.
        self.world.pass(Duration::from_millis(50));
    }

    fn phone(&self, lead: usize) -> &str {
        &self.world.phones[lead % self.world.phones.len()]
    }

    fn lead_texts(&self, lead: usize, text: &str) {
        self.world.close.lead_texts(self.phone(lead), OURS, text);
    }

    /// A rep decides on the draft that has waited longest. The process may die over it.
    fn review(&self, wish: Wish) {
        let Some(process) = self.world.running() else { return };
        let engine = process.engine.clone();
        self.world.inside(&process, async move {
            let Some(draft) = longest_waiting(&engine).await else { return };
            // A refusal is an answer: the conversation moved on.
            let _ = match wish {
                Wish::Approve => engine.approve(&draft.id, "Robin", None).await,
                Wish::Edit => engine.approve(&draft.id, "Robin", Some(format!("{} Talk soon!", draft.text))).await,
                Wish::Reject => engine.reject(&draft.id, "Robin", "not like this").await,
                Wish::Regenerate => engine.regenerate(&draft.id, "Robin", "shorter please").await,
            };
        });
    }

    fn pause(&self, duration: Duration) {
        let Some(process) = self.world.running() else { return };
        let (engine, oracle, clock) = (process.engine.clone(), self.world.oracle.clone(), self.world.clock.clone());
        self.world.inside(&process, async move {
            if let Ok(pause) = engine.pause("a test", "Robin").await {
                oracle.paused(pause.since, clock.now());
            }
        });
        self.world.resume_after(duration);
    }

    /// Nothing fails any more, and everything has the time it needs.
    fn make_good(&self) {
        let world = &self.world;
        world.close.faults().clear();
        world.model.faults().clear();
        world.spare();
        // What was doomed may still be down, and what was paused is resumed.
        world.pass(Duration::from_mins(5));
        settle(world);
        // Late events show in the log, and what they bring is dealt with.
        world.pass(LOG_LATE_MAX);
        settle(world);
        // A call that hung may still make a draft after another worker looked for it: the comparison removes that one, once it
        // is old enough to be nobody's.
        if self.has_hung {
            world.pass(STRAY_AGE);
        } else {
            verdict::check_drafts(world);
        }
        world.compare_with_close();
        verdict::check_drafts(world);
    }
}

/// Lets time pass until nothing is on its way, and no rep's silence is still to run out.
fn settle(world: &World) {
    let mut waited = Duration::ZERO;
    while !verdict::is_quiet(world) && waited < QUIET_MAX {
        world.pass(QUIET_STEP);
        waited += QUIET_STEP;
    }
}

async fn longest_waiting(engine: &Engine) -> Option<Draft> {
    let items = engine.store.desk_items(50).await.ok()?;
    items.into_iter().filter_map(|item| item.draft).min_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)))
}

fn fault(failure: Failure) -> Fault {
    match failure {
        Failure::Unavailable => Fault::Status(503),
        Failure::Broken => Fault::Status(500),
        Failure::Limited => Fault::TooManyRequests(3),
        Failure::AnswerLost => Fault::CutAfterAccepting,
        Failure::NotReached => Fault::CutBeforeAccepting,
        Failure::Silent => Fault::NeverAnswers,
        Failure::Garbled => Fault::MalformedJson,
    }
}

fn webhook_fault(mishap: Mishap) -> WebhookFault {
    match mishap {
        Mishap::Doubled => WebhookFault::Duplicate,
        Mishap::Overtaken => WebhookFault::Reorder,
        Mishap::Lost => WebhookFault::Drop,
        Mishap::Late => WebhookFault::Delay(Duration::from_mins(3)),
        Mishap::Forged => WebhookFault::AlterSignature,
    }
}
