//! What the promises say about what Close and the database hold at the end.

use std::time::Duration;

use rapport::runtime::Random;
use rapport::sim::close::SentText;
use rapport::store::Store;
use rapport::store::desk::DeskThread;

use super::leads::{Lead, Leads};
use super::story::{Story, ended};
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
        let mut unknown = Vec::new();
        for lead in self.all_leads() {
            let known = self.thread(&lead).await.map(|thread| ended(&thread)).unwrap_or_default();
            let of_lead = arrived(&lead).filter(|activity| !known.contains_key(*activity));
            unknown.extend(of_lead.map(|activity| self.outside.sims.close.activity(activity).to_string()));
        }
        if (counts.inbox_unhandled, counts.outbox_open, webhooks, unknown.len()) == (0, 0, 0, 0) {
            return String::new();
        }
        format!("{counts:?}, {webhooks} webhooks not taken, texts without an end: {unknown:?}")
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
        let kills = self.leads.kills();
        let (mut texts, mut answered, mut replies) = (0, 0, 0);
        for lead in self.all_leads() {
            texts += arrived(&lead).count();
            let Some(thread) = self.thread(&lead).await else {
                assert!(lead.questions.is_empty(), "nothing-lost: {} has no conversation", lead.phone);
                continue;
            };
            let sent: Vec<&SentText> = attempted.iter().filter(|text| text.to == lead.phone).collect();
            replies += sent.len();
            let story = Story { lead: &lead, sent, thread: &thread };
            story.never_twice();
            story.in_order();
            story.never_after_stop(&kills);
            answered += story.nothing_lost();
        }
        assert!(answered > 0, "there must be replies to judge");
        assert_eq!(replies, attempted.len(), "every text went to a lead");
        let orphans = self.outside.sims.close.drafts();
        assert!(orphans.is_empty(), "drafts are left behind in Close: {orphans:?}\n{}", self.workshop.log());
        format!(
            "{} kills, {texts} texts came, {answered} were answered by {replies} replies, 0 lost, 0 twice, order kept",
            kills.len(),
        )
    }
}

/// Every activity of a lead that Close holds.
fn arrived(lead: &Lead) -> impl Iterator<Item = &str> {
    let stop = lead.stop.iter().map(|stop| stop.activity.as_str());
    lead.questions.iter().map(|(_, activity)| activity.as_str()).chain(stop)
}
