//! The one place where calls are made again.

use std::time::Duration;

use super::client::Upstream;
use crate::runtime::clock::after;

/// How often a call is made, at most.
pub const TRIES: u32 = 3;
/// The ceiling of the wait before the second try; it doubles for each further one. Waits are drawn evenly below it.
const WAIT_FIRST: Duration = Duration::from_millis(500);

/// A failed try, as far as making another is concerned.
pub trait Failed {
    /// The least wait before another try, zero if none was asked for. None when another try would be of no use, or is
    /// not safe: the call was refused, was not sent at all, or may have changed something.
    fn again(&self) -> Option<Duration>;
}

impl Upstream {
    /// Makes `attempt`, again while it fails in a way that may pass, the budget allows it, and the upstream answers.
    ///
    /// # Errors
    /// The last try's error.
    pub async fn with_retries<T, E, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, E>
    where
        E: Failed,
        F: Future<Output = Result<T, E>>,
    {
        let clock = self.clock();
        let begun = clock.now();
        let give_up = after(begun, self.manner().retry_window);
        self.budget().earn(begun);
        let mut ceiling = WAIT_FIRST;
        for _ in 1..TRIES {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            // Who is asked to wait for long comes back later and lets others work meanwhile.
            let patience = self.manner().read_patience;
            let Some(asked) = error.again().filter(|asked| *asked <= patience) else { return Err(error) };
            let wait = asked + self.random().jitter(ceiling);
            ceiling *= 2;
            let now = clock.now();
            if self.resting().is_some() || after(now, wait) > give_up || !self.budget().spend(now) {
                return Err(error);
            }
            metrics::counter!("rapport_upstream_retries_total", "upstream" => self.name().to_owned()).increment(1);
            tracing::debug!(upstream = self.name(), wait_ms = wait.as_millis(), "making a call again");
            clock.sleep(wait).await;
        }
        attempt().await
    }
}
