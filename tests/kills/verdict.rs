//! What the promises say about what Close and the database hold at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rapport::runtime::Random;
use rapport::sim::close::{OUR_NUMBER, SentText};
use rapport::store::desk::DeskThread;
use rapport::store::{EffectState, Ending, EventKind, Store};

use super::leads::{Lead, Leads, questions_in};
use crate::support::outside::Outside;
use crate::support::program::Workshop;

/// How long all may take to become quiet after the last kill.
const CALM_MAX: Duration = Duration::from_mins(3);
/// How often that is looked at.
const LOOK: Duration = Duration::from_millis(100);

pub struct Verdict<'a> {
    outside: &'a Outside,
    workshop: &'a Workshop,
    leads: &'a Leads<'a>,
    store: Store,
}

impl<'a> Verdict<'a> {
    pub async fn open(outside: &'a Outside, workshop: &'a Workshop, url: &str, leads: &'a Leads<'a>) -> Self {
        let store = Store::open(url, "default", outside.clock.clone(), Random::system()).await.expect("it opens");
        Self { outside, workshop, leads, store }
    }

    /// Lets what is under way end.
    pub async fn wait_for_calm(&self) {
        let give_up = self.outside.clock.now().checked_add(CALM_MAX).expect("in range");
        loop {
            self.leads.carry_once().await;
            let restless = self.restless().await;
            if restless.is_empty() {
                return;
            }
            if self.outside.clock.now() > give_up {
                let log = self.workshop.log();
                let tail: Vec<&str> = log.lines().rev().take(40).collect();
                panic!("nothing-lost: still not quiet: {restless}\n{}", tail.join("\n"));
            }
            self.outside.clock.sleep(LOOK).await;
        }
    }

    /// What is not at its end; empty when all is.
    async fn restless(&self) -> String {
        let counts = self.store.counts().await.expect("the database answers");
        let webhooks = self.outside.sims.close.webhooks_outstanding();
        let mut unknown = 0;
        for lead in self.all_leads() {
            let known = self.thread(&lead).await.map(|thread| ended(&thread)).unwrap_or_default();
            unknown += arrived(&lead).filter(|activity| !known.contains_key(*activity)).count();
        }
        if (counts.inbox_unhandled, counts.outbox_open, webhooks, unknown) == (0, 0, 0, 0) {
            return String::new();
        }
        format!("{counts:?}, {webhooks} webhooks not taken, {unknown} texts without an end")
    }

    fn all_leads(&self) -> Vec<Lead> {
        self.leads.all().clone()
    }

    async fn thread(&self, lead: &Lead) -> Option<DeskThread> {
        let conversation = self.store.find_conversation(&lead.phone).await.expect("the database answers")?;
        self.store.thread(&conversation.id).await.expect("the database answers")
    }

    /// Holds the promises against everything that happened, and says how much that was.
    pub async fn judge(&self) -> String {
        let attempted: Vec<SentText> = self.outside.sims.close.texts_attempted();
        let mut texts = 0;
        let mut answered = 0;
        let mut texted: BTreeSet<String> = BTreeSet::new();
        for lead in self.all_leads() {
            let of_lead: Vec<&SentText> = attempted.iter().filter(|sent| sent.to == lead.phone).collect();
            texts += arrived(&lead).count();
            never_twice(&lead, &of_lead);
            in_order(&lead, &of_lead);
            self.never_after_stop(&lead, &of_lead);
            let Some(thread) = self.thread(&lead).await else {
                assert!(lead.questions.is_empty(), "nothing-lost: {} has no conversation", lead.phone);
                continue;
            };
            one_text_for_one_decision(&lead, &of_lead, &thread);
            answered += nothing_lost(&lead, &of_lead, &thread);
            texted.extend(of_lead.iter().map(|sent| sent.activity_id.clone()));
        }
        assert_eq!(texted.len(), attempted.len(), "never-twice: every text went to a lead, once");
        let orphans = self.outside.sims.close.drafts().len();
        assert_eq!(orphans, 0, "no draft is left behind in Close");
        format!(
            "{} kills, {texts} texts came, {answered} were answered by {} replies, 0 lost, 0 twice, order kept",
            self.leads.kills().len(),
            attempted.len(),
        )
    }

    /// Nothing that came after the stop is answered, and two kills later nothing of before it is under way either.
    fn never_after_stop(&self, lead: &Lead, sent: &[&SentText]) {
        let Some(stop) = &lead.stop else { return };
        let late: BTreeSet<&str> = lead.questions[stop.after..].iter().map(|(word, _)| word.as_str()).collect();
        for text in sent {
            let answers_late = questions_in(&text.text).any(|word| late.contains(word.as_str()));
            assert!(!answers_late, "never-after-stop: {} heard {:?}", lead.phone, text.text);
        }
        let kills = self.leads.kills();
        if let Some(deadline) = stop.taken_at_kill.and_then(|kill| kills.get(kill + 1)) {
            let after = sent.iter().find(|text| text.at > *deadline);
            assert!(after.is_none(), "never-after-stop: {} heard {after:?}, stopped: {stop:?}", lead.phone);
        }
    }
}

/// Every activity of a lead that Close holds.
fn arrived(lead: &Lead) -> impl Iterator<Item = &str> {
    let stop = lead.stop.iter().map(|stop| stop.activity.as_str());
    lead.questions.iter().map(|(_, activity)| activity.as_str()).chain(stop)
}

/// How each text ended, by activity.
fn ended(thread: &DeskThread) -> BTreeMap<String, Ending> {
    let texts = thread.inbox.iter().filter(|record| record.kind == EventKind::LeadText);
    texts.filter_map(|record| Some((record.activity_id.clone()?, record.ending?))).collect()
}

fn never_twice(lead: &Lead, sent: &[&SentText]) {
    let mut answered = BTreeSet::new();
    for text in sent {
        for word in questions_in(&text.text) {
            assert!(answered.insert(word.clone()), "never-twice: {} was answered {word} twice: {sent:#?}", lead.phone);
        }
    }
}

fn in_order(lead: &Lead, sent: &[&SentText]) {
    let answered: Vec<String> = sent.iter().flat_map(|text| questions_in(&text.text)).collect();
    assert!(answered.is_sorted(), "in-order: {} was answered in the order {answered:?}", lead.phone);
}

/// Every text Close was asked to send stands for one row of the outbox, and every row that was sent for one text.
fn one_text_for_one_decision(lead: &Lead, sent: &[&SentText], thread: &DeskThread) {
    let left = |state| matches!(state, EffectState::Sent | EffectState::Accepted);
    let effects = thread.effects.iter().filter(|effect| left(effect.state));
    let mut decided: Vec<&str> = effects.filter_map(|effect| effect.activity_id.as_deref()).collect();
    let mut attempted: Vec<&str> = sent.iter().map(|text| text.activity_id.as_str()).collect();
    decided.sort_unstable();
    attempted.sort_unstable();
    assert_eq!(attempted, decided, "never-twice: {}: what left is what was decided", lead.phone);
    let turns: BTreeSet<_> = thread.effects.iter().map(|effect| &effect.turn_id).collect();
    assert_eq!(turns.len(), thread.effects.len(), "never-twice: {}: one text a turn", lead.phone);
    let outbound = sent.iter().all(|text| text.from == OUR_NUMBER);
    assert!(outbound, "every text leaves from our number");
}

/// Every question before a stop was answered in a text that left, or a person was told why not. Returns how many were.
fn nothing_lost(lead: &Lead, sent: &[&SentText], thread: &DeskThread) -> usize {
    let ended = ended(thread);
    let answered: BTreeSet<String> = sent.iter().flat_map(|text| questions_in(&text.text)).collect();
    let asked = lead.stop.as_ref().map_or(lead.questions.len(), |stop| stop.after);
    for (at, (word, activity)) in lead.questions.iter().enumerate() {
        let ending = ended.get(activity);
        assert!(ending.is_some(), "nothing-lost: {word} of {} has no end", lead.phone);
        if at < asked && lead.stop.is_none() && ending == Some(&Ending::Answered) {
            assert!(answered.contains(word), "nothing-lost: {word} of {} counts as answered: {sent:#?}", lead.phone);
        }
    }
    answered.len()
}
