//! Watches the subscriptions: one that was paused, changed or deleted is put right, and what Close did not deliver
//! meanwhile is read from its log, because a pause clears what was on its way (Close docs, webhooks).

use std::time::Duration;

use super::Engine;
use super::recover::CLOCK_REACH;
use super::subscriptions::{Health, SubscribeError, Subscriptions, Synced};
use crate::runtime::Tasks;
use crate::runtime::upstream::Outcome;
use crate::store::StoreError;

/// The mark before which nothing is missing: Close's subscription worked then, or the log was read up to there.
const CLOSE_WHOLE: &str = "close_webhook_whole";
/// How long one process has the repair to itself.
const REPAIR_HOLD: Duration = Duration::from_mins(1);

/// What a look at a subscription found, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It works.
    Working,
    /// It did not, and was put right.
    Mended(Health),
    /// It does not work: a sentence that says why, and what to do.
    Broken(String),
    /// It could not be looked at this time.
    Unknown(String),
}

impl Engine {
    /// Looks at Close's subscription, puts it right if it was ours before, and reads what it did not deliver.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_close_subscription(&self, subscriptions: &Subscriptions) -> Result<Checked, StoreError> {
        let begun = self.clock.now();
        self.store.past_mark(CLOSE_WHOLE, CLOCK_REACH).await?;
        let health = match subscriptions.close_health().await {
            Ok(health) => health,
            Err(error) => return failed("Close", error),
        };
        if let Health::Working { .. } = health {
            self.store.raise_mark(CLOSE_WHOLE, begun).await?;
            return Ok(Checked::Working);
        }
        let whole = self.store.mark(CLOSE_WHOLE).await?;
        if let Some(since) = whole {
            // Before the repair: whatever happens from here on, somebody reads from there.
            self.owe_since(since).await?;
        }
        let checked = self.mend_close(subscriptions, health, whole.is_some()).await?;
        if whole.is_some() || matches!(checked, Checked::Mended(_)) {
            match self.catch_up().await {
                Ok(_) => self.store.raise_mark(CLOSE_WHOLE, begun).await?,
                Err(error) => tracing::warn!(%error, "what Close did not deliver will be read again"),
            }
        }
        Ok(checked)
    }

    /// A subscription that the operator has not made is not made for them.
    async fn mend_close(
        &self,
        subscriptions: &Subscriptions,
        health: Health,
        was_ours: bool,
    ) -> Result<Checked, StoreError> {
        let is_there = matches!(health, Health::Paused(_) | Health::Incomplete);
        let may_be_made = subscriptions.public_url.is_some() && (was_ours || subscriptions.was_synced().await?);
        if !is_there && !may_be_made {
            return Ok(Checked::Broken(sentence("Close", &health)));
        }
        if !self.store.claim_chore("subscribe at close", REPAIR_HOLD).await? {
            return Ok(Checked::Unknown("another process is putting it right".to_owned()));
        }
        mended("Close", subscriptions.sync_close().await, health)
    }

    /// Looks at Calendly's subscription and puts it right. Bookings it did not tell of are known to a turn all the same,
    /// which reads the lead's meetings from Calendly.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_calendly_subscription(
        &self,
        subscriptions: &Subscriptions,
    ) -> Result<Option<Checked>, StoreError> {
        let health = match subscriptions.calendly_health().await {
            Ok(health) => health,
            Err(error) => return failed("Calendly", error).map(Some),
        };
        let (Some(health), Some(client)) = (health, &subscriptions.calendly) else { return Ok(None) };
        if let Health::Working { .. } = health {
            return Ok(Some(Checked::Working));
        }
        if !self.store.claim_chore("subscribe at calendly", REPAIR_HOLD).await? {
            return Ok(Some(Checked::Unknown("another process is putting it right".to_owned())));
        }
        mended("Calendly", subscriptions.sync_calendly(client).await, health).map(Some)
    }

    /// Checks both subscriptions, and says on the desk, in the log and in the metrics what is wrong.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn check_subscriptions(&self, subscriptions: &Subscriptions) -> Result<(), StoreError> {
        let close = self.check_close_subscription(subscriptions).await?;
        self.tell("close", &close).await?;
        if let Some(calendly) = self.check_calendly_subscription(subscriptions).await? {
            self.tell("calendly", &calendly).await?;
        }
        Ok(())
    }

    async fn tell(&self, service: &'static str, checked: &Checked) -> Result<(), StoreError> {
        let works = metrics::gauge!("rapport_subscription_working", "service" => service);
        match checked {
            Checked::Working => works.set(1.0),
            Checked::Mended(was) => {
                works.set(1.0);
                metrics::counter!("rapport_subscription_repairs_total", "service" => service).increment(1);
                tracing::warn!(service, ?was, "a subscription did not work, and was put right");
            }
            Checked::Broken(why) => {
                works.set(0.0);
                tracing::warn!(service, why, "a subscription does not work");
            }
            Checked::Unknown(why) => {
                tracing::warn!(service, why, "a subscription could not be looked at");
                return Ok(());
            }
        }
        let why = if let Checked::Broken(why) = checked { Some(why.as_str()) } else { None };
        self.store.set_trouble(&format!("subscription:{service}"), why).await
    }

    /// Checks at once, and then again and again until told to stop.
    pub async fn keep_subscribed(self, subscriptions: Subscriptions, every: Duration, tasks: Tasks) {
        loop {
            if let Err(error) = self.check_subscriptions(&subscriptions).await {
                tracing::warn!(%error, "the subscriptions will be checked again");
            }
            tokio::select! {
                biased;
                () = tasks.stopping() => return,
                () = self.clock.sleep(every) => {}
            }
        }
    }
}

/// What is wrong and what to do, for the desk and for operators.
#[must_use]
pub fn sentence(service: &str, health: &Health) -> String {
    let what = match health {
        Health::Working { failing: None } => return format!("{service} delivers its webhooks to Rapport."),
        Health::Working { failing: Some(error) } => {
            return format!(
                "{service} cannot deliver its webhooks to Rapport ({error}): check that server.public_url can be reached \
                 from outside."
            );
        }
        Health::Paused(None) => "has paused its webhooks to Rapport".to_owned(),
        Health::Paused(Some(reason)) => format!("has paused its webhooks to Rapport ({reason})"),
        Health::Incomplete => "does not tell Rapport of everything it needs".to_owned(),
        Health::KeyUnknown => {
            "signs its webhooks with a key that Rapport does not know, so they are refused".to_owned()
        }
        Health::Absent => "has no webhook for Rapport".to_owned(),
    };
    format!("{service} {what}: set server.public_url and run `rapport webhooks sync`.")
}

fn mended(service: &str, ended: Result<Synced, SubscribeError>, was: Health) -> Result<Checked, StoreError> {
    match ended {
        Ok(Synced::Unchanged) => Ok(Checked::Working),
        Ok(Synced::Created | Synced::Repaired) => Ok(Checked::Mended(was)),
        Err(error) => failed(service, error),
    }
}

/// A refusal stays until somebody does something; anything else may pass.
fn failed(service: &str, error: SubscribeError) -> Result<Checked, StoreError> {
    let outcome = match &error {
        SubscribeError::Close(error) => error.outcome(),
        SubscribeError::Calendly(error) => error.outcome(),
        SubscribeError::NoAddress | SubscribeError::NoKey => Outcome::Rejected,
        SubscribeError::Store(_) => Outcome::Unknown,
    };
    match error {
        SubscribeError::Store(error) => Err(error),
        error if outcome == Outcome::Rejected => {
            Ok(Checked::Broken(format!("{service}'s webhooks cannot be put right: {error}.")))
        }
        error => Ok(Checked::Unknown(error.to_string())),
    }
}
