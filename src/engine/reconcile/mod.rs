//! Compares what Close holds with what we hold, and mends what can be mended: the last net under `nothing-lost`,
//! `never-twice` and the drafts of ours that nobody wants.

mod report;
mod text;

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

pub use report::{Count, Finding, Kind, Report};
use text::Comparison;

use super::Engine;
use super::subscriptions::{Health, SubscribeError, Subscriptions};
use super::watch::{Checked, sentence};
use crate::close::{CloseError, InSpan, Spans};
use crate::runtime::Tasks;
use crate::runtime::clock::after;
use crate::store::StoreError;

/// A text is on its way to us so long; then it is missing.
const ARRIVAL_GRACE: Duration = Duration::from_mins(2);
/// A text of ours that ended at Close is settled within this time, by an event or by asking.
const SETTLE_GRACE: Duration = Duration::from_mins(10);
/// A draft of ours that is younger may be about to be sent or deleted.
const DRAFT_GRACE: Duration = Duration::from_mins(10);
/// A conversation whose alarm rang longer ago is not being worked on.
const WORK_GRACE: Duration = Duration::from_mins(10);
/// After so many looks at Close, a text whose end is unknown is reported. They are over an hour apart by then.
const ATTEMPTS: u32 = 6;
/// Conversations and texts looked at beside Close's list, at most.
const LIMIT: usize = 500;
/// How far back the daily comparison goes: a day more than it has to.
const DAILY_REACH: Duration = Duration::from_hours(48);
/// How often a process looks whether the comparison is due.
const DUE_POLL: Duration = Duration::from_mins(10);
/// How long a process has the comparison to itself.
const CHORE_HOLD: Duration = Duration::from_hours(1);
const CHORE: &str = "reconcile";

/// Why a comparison could not be made to its end. What was mended before stays mended.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    /// Close.
    #[error("Close could not be read: {0}")]
    Close(#[from] CloseError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The subscriptions.
    #[error(transparent)]
    Subscribe(#[from] SubscribeError),
}

impl Engine {
    /// Compares the texts made since `since`, and everything that is under way; mends what can be mended if `repair`.
    ///
    /// # Errors
    /// [`ReconcileError`].
    pub async fn reconcile(
        &self,
        subscriptions: &Subscriptions,
        since: Timestamp,
        repair: bool,
    ) -> Result<Report, ReconcileError> {
        let now = self.clock.now();
        let until = now.checked_sub(ARRIVAL_GRACE).unwrap_or(Timestamp::MIN);
        let mut comparison = Comparison {
            engine: self,
            repair,
            our_user: self.close.me().await.map(|me| Some(me.user_id))?,
            began: self.began().await?,
            now,
            report: Report::new(since, until),
            compared: HashSet::new(),
        };
        let mut spans = Spans::between(since, until);
        while let Some(span) = spans.current() {
            let InSpan::All(texts) = self.close.sms_in(span).await? else {
                spans.shorten();
                continue;
            };
            for sms in &texts {
                comparison.text(sms).await?;
            }
            spans.advance();
        }
        comparison.unsettled().await?;
        comparison.asleep().await?;
        comparison.subscription(subscriptions).await?;
        self.told(&comparison.report).await?;
        Ok(comparison.report)
    }

    /// Says on the desk and in the metrics what is open.
    async fn told(&self, report: &Report) -> Result<(), StoreError> {
        for kind in Kind::ALL {
            let Count { found, mended } = report.count(*kind);
            for (result, amount) in [("mended", mended), ("open", found - mended)] {
                let counter =
                    metrics::counter!("rapport_reconciled_total", "kind" => kind.as_str(), "result" => result);
                counter.increment(u64::try_from(amount).unwrap_or(u64::MAX));
            }
        }
        // What is wrong with the subscription is said by those who watch it.
        let subscription = report.count(Kind::Subscription);
        let open = report.open() - (subscription.found - subscription.mended);
        let words = format!(
            "The last comparison with Close found {open} that need a look: run `rapport reconcile` for the list, or with \
             --repair."
        );
        self.store.set_trouble("reconcile", (open > 0).then_some(words.as_str())).await
    }

    /// Compares and mends once in `every`, one process for all, until told to stop.
    pub async fn keep_reconciled(self, subscriptions: Subscriptions, every: Duration, tasks: Tasks) {
        loop {
            tokio::select! {
                biased;
                () = tasks.stopping() => return,
                () = self.clock.sleep(DUE_POLL.min(every)) => {}
            }
            if let Err(error) = self.reconcile_if_due(&subscriptions, every).await {
                metrics::counter!("rapport_reconcile_failures_total").increment(1);
                tracing::warn!(%error, "the comparison with Close will be made again");
            }
        }
    }

    /// Compares and mends, unless a process has done so less than `every` ago. None if it has.
    ///
    /// # Errors
    /// [`ReconcileError`]; then it is due again within the hour.
    pub async fn reconcile_if_due(
        &self,
        subscriptions: &Subscriptions,
        every: Duration,
    ) -> Result<Option<Report>, ReconcileError> {
        if !self.store.claim_chore(CHORE, CHORE_HOLD).await? {
            return Ok(None);
        }
        let begun = self.clock.now();
        let since = begun.checked_sub(DAILY_REACH.max(every.saturating_mul(2))).unwrap_or(Timestamp::MIN);
        let report = self.reconcile(subscriptions, since, true).await?;
        self.store.finish_chore(CHORE, after(begun, every)).await?;
        let mended: usize = report.counts.values().map(|count| count.mended).sum();
        tracing::info!(texts = report.texts, mended, open = report.open(), "compared with Close");
        Ok(Some(report))
    }
}

impl Comparison<'_> {
    /// Texts of ours whose end is not known, and that Close's list did not show.
    async fn unsettled(&mut self) -> Result<(), ReconcileError> {
        for effect in self.engine.store.unsettled_effects(ATTEMPTS, LIMIT).await? {
            if self.compared.contains(&effect.id) {
                continue;
            }
            let held = match &effect.activity_id {
                Some(id) => self.engine.close.get_sms(id).await?,
                None => None,
            };
            let before = self.report.findings.len();
            if let Some(sms) = &held {
                self.ours(sms, &effect).await?;
            }
            if self.report.findings.len() == before {
                let what = "Whether Close sent a text of Rapport's is not known, though it was asked again and again.";
                self.report.add(Finding {
                    at: Some(effect.created_at),
                    conversation_id: Some(effect.conversation_id),
                    activity_id: effect.activity_id,
                    ..Finding::new(Kind::Unsettled, what)
                });
            }
        }
        Ok(())
    }

    async fn asleep(&mut self) -> Result<(), ReconcileError> {
        let store = &self.engine.store;
        for sleeper in store.sleepers(LIMIT).await? {
            let what = format!(
                "{} events and {} texts wait in a conversation that nothing would have woken.",
                sleeper.unhandled, sleeper.open_texts
            );
            if self.repair {
                store.wake(&sleeper.conversation_id).await?;
            }
            let mended = self.repair.then(|| "Woken.".to_owned());
            let conversation_id = Some(sleeper.conversation_id);
            self.report.add(Finding { conversation_id, mended, ..Finding::new(Kind::Asleep, what) });
        }
        let oversleepers = store.oversleepers(self.engine.longest_sleep()).await?;
        if oversleepers > 0 {
            let what = format!("{oversleepers} conversations were put to sleep by a clock that was ahead.");
            let is_mended = self.repair && self.engine.wake_oversleepers().await? > 0;
            let mended = is_mended.then(|| "Woken.".to_owned());
            self.report.add(Finding { mended, ..Finding::new(Kind::Asleep, what) });
        }
        let overdue = store.overdue(WORK_GRACE).await?;
        if overdue > 0 {
            let what =
                format!("{overdue} conversations wait for a worker since over 10 minutes: is `rapport serve` running?");
            self.report.add(Finding::new(Kind::Overdue, what));
        }
        Ok(())
    }

    async fn subscription(&mut self, subscriptions: &Subscriptions) -> Result<(), ReconcileError> {
        let health = subscriptions.close_health().await?;
        self.report.subscription = Some(sentence("Close", &health));
        if matches!(health, Health::Working { .. }) {
            return Ok(());
        }
        let mut finding = Finding::new(Kind::Subscription, sentence("Close", &health));
        if self.repair
            && let Checked::Mended(_) | Checked::Working = self.engine.check_close_subscription(subscriptions).await?
        {
            finding.mended = Some("Put right.".to_owned());
        }
        self.report.add(finding);
        Ok(())
    }
}
