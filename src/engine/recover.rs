//! Events missed while the process was down, or that Close never delivered, are read from Close's event log.

use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use crate::close::CloseError;
use crate::runtime::Tasks;
use crate::runtime::sabotage::{self, Sabotage};
use crate::store::StoreError;
use crate::store::lane::{Accepted, Source};

/// The setting that holds how far the event log was read, in milliseconds since 1970.
const WATERMARK: &str = "close_event_log";

/// Why the event log could not be read to its end. The watermark stays where it was.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// Close.
    #[error("Close's event log could not be read: {0}")]
    Close(#[from] CloseError),
    /// The store.
    #[error("what the event log holds could not be stored: {0}")]
    Store(#[from] StoreError),
}

impl Engine {
    /// Reads the event log from the watermark, less the overlap: events become visible out of order, and later ones can
    /// be merged into earlier ones, so the newest minutes are always read again (Close docs, event log). Returns how
    /// many events were new.
    ///
    /// # Errors
    /// [`RecoverError`]; what was read before stays read.
    pub async fn catch_up(&self) -> Result<usize, RecoverError> {
        let begun = self.clock.now();
        let Some(watermark) = self.watermark().await? else {
            // The first start: what was said before Rapport came is history, not a question to it.
            self.set_watermark(begun).await?;
            return Ok(0);
        };
        let overlap = if sabotage::is(Sabotage::DropOverlap) { Duration::ZERO } else { self.settings.overlap };
        let since = watermark.checked_sub(overlap).unwrap_or(Timestamp::MIN);
        if sabotage::is(Sabotage::WatermarkFirst) {
            self.set_watermark(begun).await?;
        }
        let events = self.close.read_events(since, "activity.sms").await?;
        let mut new = 0;
        for event in &events {
            if !matches!(self.receive_close(event, Source::CloseLog).await?, Accepted::Duplicate) {
                new += 1;
            }
        }
        self.set_watermark(begun).await?;
        if new > 0 {
            tracing::info!(new, "took in events that had not come as webhooks");
        }
        Ok(new)
    }

    async fn watermark(&self) -> Result<Option<Timestamp>, StoreError> {
        let stored = self.store.setting(WATERMARK).await?;
        Ok(stored.and_then(|ms| ms.parse().ok()).and_then(|ms| Timestamp::from_millisecond(ms).ok()))
    }

    async fn set_watermark(&self, at: Timestamp) -> Result<(), StoreError> {
        self.store.set_setting(WATERMARK, &at.as_millisecond().to_string()).await
    }

    /// Catches up at once and then again and again until told to stop.
    pub async fn keep_caught_up(self, tasks: Tasks) {
        loop {
            if let Err(error) = self.catch_up().await {
                metrics::counter!("rapport_event_log_failures_total").increment(1);
                tracing::warn!(%error, "will read the event log again");
            }
            tokio::select! {
                biased;
                () = tasks.stopping() => return,
                () = self.clock.sleep(self.settings.event_log_poll) => {}
            }
        }
    }
}
