//! The leads: they text without a pause, each question with a word of its own, and sometimes say stop.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rapport::runtime::Random;
use rapport::sim::close::{LeadSeed, OUR_NUMBER};

use crate::support::outside::Outside;

/// Leads who text at the same time.
const ACTIVE: usize = 24;
/// The longest wait between two texts.
const PAUSE_MAX: Duration = Duration::from_millis(160);
/// One in so many texts is a stop.
const STOPS: u64 = 150;
/// One in so many texts comes from somebody who has said stop.
const AFTER_STOP: u64 = 20;
/// How often webhooks are carried.
const ROUND: Duration = Duration::from_millis(15);

/// What begins every question's word.
const MARK: &str = "zq";

/// The words in `text` that stand for questions.
pub fn questions_in(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_lowercase()).filter(|word| word.starts_with(MARK)).map(str::to_owned)
}

/// A word for question `number` of lead `lead`: letters only, since numbers in a reply are looked at closely.
fn word(lead: usize, number: usize) -> String {
    let letters = |mut rest: usize, count: usize| {
        let mut letters = vec![b'a'; count];
        for place in letters.iter_mut().rev() {
            *place += u8::try_from(rest % 26).expect("below 26");
            rest /= 26;
        }
        String::from_utf8(letters).expect("letters")
    };
    format!("{MARK}{}{}", letters(lead, 2), letters(number, 3))
}

#[derive(Debug, Clone)]
pub struct Lead {
    pub phone: String,
    /// Questions, oldest first: the word and the activity.
    pub questions: Vec<(String, String)>,
    pub stop: Option<Stop>,
}

#[derive(Debug, Clone)]
pub struct Stop {
    /// How many questions came before.
    pub after: usize,
    /// The activity.
    pub activity: String,
    /// How many kills there had been when Rapport took the webhook; none if it was told some other way.
    pub taken_at_kill: Option<usize>,
}

pub struct Leads<'a> {
    outside: &'a Outside,
    random: Random,
    all: Mutex<Vec<Lead>>,
    kills: Mutex<Vec<Timestamp>>,
}

impl<'a> Leads<'a> {
    pub fn new(outside: &'a Outside, random: Random) -> Self {
        let leads = Self { outside, random, all: Mutex::default(), kills: Mutex::default() };
        for _ in 0..ACTIVE {
            leads.another();
        }
        leads
    }

    pub fn all(&self) -> MutexGuard<'_, Vec<Lead>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// When each kill was.
    pub fn kills(&self) -> Vec<Timestamp> {
        self.kills.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn note_kill(&self) {
        self.kills.lock().unwrap_or_else(PoisonError::into_inner).push(self.outside.clock.now());
    }

    fn another(&self) {
        let mut all = self.all();
        let phone = format!("+1520556{:04}", all.len());
        self.outside.sims.close.add_lead(LeadSeed {
            name: format!("Bakery {}", all.len()),
            contact: format!("Maria {}", all.len()),
            phone: phone.clone(),
            timezone: Some("America/Phoenix".to_owned()),
            ..LeadSeed::default()
        });
        all.push(Lead { phone, questions: Vec::new(), stop: None });
    }

    pub async fn text_for_ever(&self) {
        loop {
            self.outside.clock.sleep(self.random.jitter(PAUSE_MAX)).await;
            self.text();
        }
    }

    fn text(&self) {
        let stopped = self.random.chance(AFTER_STOP);
        let mut all = self.all();
        let choice: Vec<usize> = (0..all.len()).filter(|at| all[*at].stop.is_some() == stopped).collect();
        let Some(&at) = choice.get(usize::try_from(self.random.bits()).unwrap_or(0) % choice.len().max(1)) else {
            return;
        };
        if !stopped && self.random.chance(STOPS) {
            let activity = self.outside.sims.close.lead_texts(&all[at].phone, OUR_NUMBER, "STOP");
            let after = all[at].questions.len();
            all[at].stop = Some(Stop { after, activity, taken_at_kill: None });
            drop(all);
            return self.another();
        }
        let word = word(at, all[at].questions.len());
        let text = format!("Does it come with {word}?");
        let activity = self.outside.sims.close.lead_texts(&all[at].phone, OUR_NUMBER, &text);
        all[at].questions.push((word, activity));
    }

    /// Carries webhooks, several at once, and again what was not taken.
    pub async fn carry_webhooks(&self) {
        tokio::join!(self.carry(), self.carry(), self.carry());
    }

    async fn carry(&self) {
        loop {
            self.carry_once().await;
            self.outside.clock.sleep(ROUND).await;
        }
    }

    pub async fn carry_once(&self) {
        let close = &self.outside.sims.close;
        let mut delivered = close.deliver_webhooks().await;
        delivered.extend(close.retry_webhooks().await);
        let taken: Vec<&str> =
            delivered.iter().filter(|report| report.accepted()).map(|report| report.id.as_str()).collect();
        let waits = |lead: &Lead| lead.stop.as_ref().is_some_and(|stop| stop.taken_at_kill.is_none());
        if taken.is_empty() || !self.all().iter().any(waits) {
            return;
        }
        let told: Vec<String> = close
            .events()
            .iter()
            .filter(|event| event["id"].as_str().is_some_and(|id| taken.contains(&id)))
            .filter_map(|event| event["object_id"].as_str().map(str::to_owned))
            .collect();
        let kills = self.kills().len();
        for stop in self.all().iter_mut().filter_map(|lead| lead.stop.as_mut()) {
            if stop.taken_at_kill.is_none() && told.contains(&stop.activity) {
                stop.taken_at_kill = Some(kills);
            }
        }
    }
}
