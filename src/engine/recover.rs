//! Events missed while the process was down, or that Close never delivered, are read from Close's event log; what is older
//! than the log, from its lists of texts (`nothing-lost`).

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;

use super::Engine;
use super::receive::version;
use crate::close::webhook::{CloseEvent, Signal, signal};
use crate::close::{CloseError, InSpan, Span, Spans, event_log};
use crate::runtime::Tasks;
use crate::runtime::sabotage::{self, Sabotage};
use crate::store::StoreError;
use crate::store::lane::{Accepted, Source};

/// The mark that tells how far the event log was read.
pub const WATERMARK: &str = "close_event_log";
/// The mark that tells when Rapport came. What was said before is history, not a question to it.
const BEGAN: &str = "began";
/// How far back the event log is read: an hour less than it reaches, for the reading itself.
const LOG_REACH: Duration = event_log::REACH.saturating_sub(Duration::from_hours(1));

/// How far back is read after a clock that was ahead: what was read since is not known.
pub(super) const CLOCK_REACH: Duration = Duration::from_hours(24);
/// How often conversations that oversleep are looked for.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// What a conversation that is worked on sleeps at most beyond its own waits, such as for an upstream's rest.
const NAP_MAX: Duration = Duration::from_mins(10);

/// Pages of contacts that one span of the log may have.
const CONTACT_PAGES_MAX: usize = 10;
/// A span this short is not cut because of contacts.
const CONTACT_SPAN_MIN: Duration = Duration::from_mins(10);

/// Why what was missed could not be read to its end. The watermark stays before what is still to be read.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// Close.
    #[error("what was missed could not be read from Close: {0}")]
    Close(#[from] CloseError),
    /// The store.
    #[error("what was missed could not be stored: {0}")]
    Store(#[from] StoreError),
}

/// One reading of what was missed.
struct Reading<'a> {
    engine: &'a Engine,
    mark: Timestamp,
    new: usize,
}

impl Engine {
    /// Reads what happened at Close since the watermark, less the overlap: events become visible out of order, and later
    /// ones can be merged into earlier ones, so the newest minutes are always read again (Close docs, event log). Returns
    /// how many events were new.
    ///
    /// A long stretch is read and stored a span at a time, oldest first, and the watermark follows: a crash in the middle
    /// loses nothing and repeats little.
    ///
    /// # Errors
    /// [`RecoverError`]; what was read before stays read.
    pub async fn catch_up(&self) -> Result<usize, RecoverError> {
        let now = self.clock.now();
        let began = self.began().await?;
        let Some(mark) = self.store.past_mark(WATERMARK, CLOCK_REACH).await? else {
            self.store.begin_mark(WATERMARK, now).await?;
            return Ok(0);
        };
        let overlap = if sabotage::is(Sabotage::DropOverlap) { Duration::ZERO } else { self.settings.overlap };
        let from = mark.checked_sub(overlap).unwrap_or(Timestamp::MIN).max(began);
        let reach = now.checked_sub(LOG_REACH).unwrap_or(Timestamp::MIN);
        let mut reading = Reading { engine: self, mark, new: 0 };
        let goes_on = from >= reach || reading.lists(&mut Spans::between(from, reach)).await?;
        if goes_on {
            reading.log(&mut Spans::until_now(from.max(reach), now)).await?;
        }
        if reading.new > 0 {
            tracing::info!(new = reading.new, "took in events that had not come as webhooks");
        }
        Ok(reading.new)
    }

    /// Lets the next [`Engine::catch_up`] begin at `since`, if it would begin later: what happened since may be missing.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(super) async fn owe_since(&self, since: Timestamp) -> Result<(), StoreError> {
        self.store.lower_mark(WATERMARK, since).await
    }

    /// When Rapport came to this organisation.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn began(&self) -> Result<Timestamp, StoreError> {
        if let Some(began) = self.began.get().copied() {
            return Ok(began);
        }
        // A database of before this mark was kept began no later than its watermark.
        let now = self.clock.now();
        self.store.past_mark(BEGAN, Duration::ZERO).await?;
        let at_most = self.store.mark(WATERMARK).await?.map_or(now, |mark| mark.min(now));
        let began = self.store.begin_mark(BEGAN, at_most).await?;
        Ok(*self.began.get_or_init(|| began))
    }

    pub(super) fn longest_sleep(&self) -> Duration {
        longest_sleep(self.settings.lease, self.settings.timing.wait_max)
    }

    /// Wakes what a clock that was ahead has put to sleep until then.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn wake_oversleepers(&self) -> Result<u64, StoreError> {
        let woken = self.store.wake_oversleepers(self.longest_sleep()).await?;
        if woken > 0 {
            tracing::warn!(woken, "conversations slept longer than they can: the clock was ahead, and they are woken");
        }
        Ok(woken)
    }

    /// Looks for conversations that oversleep, for ever.
    pub async fn keep_awake(self) {
        loop {
            if let Err(error) = self.wake_oversleepers().await {
                tracing::warn!(%error, "conversations that oversleep will be looked for again");
            }
            self.clock.sleep(LOOK_EVERY).await;
        }
    }

    /// Catches up at once and then again and again until told to stop.
    pub async fn keep_caught_up(self, tasks: Tasks) {
        loop {
            if let Err(error) = self.catch_up().await {
                metrics::counter!("rapport_event_log_failures_total").increment(1);
                tracing::warn!(%error, "will read it again");
            }
            tokio::select! {
                biased;
                () = tasks.stopping() => return,
                () = self.clock.sleep(self.settings.event_log_poll) => {}
            }
        }
    }
}

impl Reading<'_> {
    /// Reads the event log. What Close refuses to show of it is read from the lists.
    async fn log(&mut self, spans: &mut Spans) -> Result<(), RecoverError> {
        while let Some(span) = spans.current() {
            let texts = match self.engine.close.events_in(span, "activity.sms").await {
                Err(error) if is_refusal(&error) => {
                    metrics::counter!("rapport_event_log_failures_total").increment(1);
                    tracing::warn!(%error, "Close does not show its event log; its lists of texts are read instead");
                    return self.lists(spans).await.map(drop);
                }
                texts => texts?,
            };
            let merges = self.engine.close.events_in(span, "lead").await?;
            let blocks = self.blocks_in(span).await;
            let (InSpan::All(texts), InSpan::All(merges), Ok(InSpan::All(_)) | Err(_)) = (texts, merges, &blocks)
            else {
                spans.shorten();
                continue;
            };
            let read_until = spans.advance();
            if sabotage::is(Sabotage::WatermarkFirst) {
                self.moved_on(read_until).await?;
            }
            self.store_events(merges.iter().chain(&texts)).await?;
            // Trouble with contacts keeps no text from being stored.
            if let InSpan::All(blocks) = blocks? {
                self.store_events(blocks.iter()).await?;
            }
            if !self.moved_on(read_until).await? {
                return Ok(());
            }
        }
        Ok(())
    }

    /// What Close tells of phones that it texts no more. A turn sees for itself whether its lead's is one of them, and this is for
    /// what waits: it is done without where contacts are not shown, or change in such numbers that texts would wait for them.
    async fn blocks_in(&self, span: Span) -> Result<InSpan<CloseEvent>, CloseError> {
        let few = Span { pages_max: span.pages_max.min(CONTACT_PAGES_MAX), ..span };
        let contacts = match self.engine.close.events_in(few, "contact").await {
            Err(error) if is_refusal(&error) => {
                tracing::debug!(%error, "Close does not show what became of contacts");
                Vec::new()
            }
            Ok(InSpan::TooMuch) if span.is_within(CONTACT_SPAN_MIN, self.engine.clock.now()) => {
                tracing::warn!("contacts change in such numbers that they are not looked through for blocked phones");
                Vec::new()
            }
            Ok(InSpan::All(contacts)) => contacts,
            other => return other,
        };
        let is_block = |event: &CloseEvent| matches!(signal(event), Signal::PhonesBlocked(_));
        Ok(InSpan::All(contacts.into_iter().filter(is_block).collect()))
    }

    async fn store_events(&mut self, events: impl Iterator<Item = &CloseEvent> + Clone) -> Result<(), RecoverError> {
        // The newest minutes are read again every time, and most of it came as webhooks: one question instead of one each.
        let versions: Vec<String> = events.clone().map(version).collect();
        let known = self.engine.store.known_events(&versions).await?;
        let mut looked_up = HashSet::new();
        for (event, _) in events.zip(&versions).filter(|(_, version)| !known.contains(*version)) {
            self.new += usize::from(self.engine.take_in_event(event, &mut looked_up).await?);
        }
        Ok(())
    }

    /// Reads the lists of texts. False if another reader has moved the watermark.
    async fn lists(&mut self, spans: &mut Spans) -> Result<bool, RecoverError> {
        while let Some(span) = spans.current() {
            let InSpan::All(texts) = self.engine.close.sms_in(span).await? else {
                spans.shorten();
                continue;
            };
            for sms in &texts {
                self.new += usize::from(self.engine.take_in_listed(sms).await?);
            }
            if !self.moved_on(spans.advance()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Everything before `read_until` is stored. False if another reader has moved the watermark meanwhile: then it goes on
    /// from there, or the next reading does.
    async fn moved_on(&mut self, read_until: Timestamp) -> Result<bool, StoreError> {
        if read_until <= self.mark {
            return Ok(true);
        }
        let moved = self.engine.store.advance_mark(WATERMARK, self.mark, read_until).await?;
        self.mark = read_until;
        Ok(moved)
    }
}

impl Engine {
    /// Takes in an event of the log. True if it was new.
    ///
    /// Close hides what an event is about from keys that are not an administrator's after an hour (Close docs, event log).
    /// Such an event only names a text, which is read instead, once for all of its events in `looked_up`.
    async fn take_in_event(&self, event: &CloseEvent, looked_up: &mut HashSet<String>) -> Result<bool, RecoverError> {
        let signal = signal(event);
        let named = match &signal {
            Signal::Malformed { activity_id, .. } => activity_id.clone(),
            unplaced if Self::is_unplaced(unplaced) => event.object_id.clone(),
            _ => None,
        };
        if let Some(id) = named {
            if !looked_up.insert(id.clone()) {
                return Ok(false);
            }
            return match self.close.get_sms(&id).await? {
                Some(sms) => Ok(self.take_in_listed(&sms).await?),
                None => Ok(false),
            };
        }
        match signal {
            // One that a turn has read in Close's list by itself is part of the conversation, and no question any more.
            Signal::InboundText(sms) if self.store.has_text(&sms.id).await? => Ok(false),
            _ => Ok(!matches!(self.receive_close(event, Source::CloseLog).await?, Accepted::Duplicate)),
        }
    }
}

/// How long a conversation that is worked on can sleep, or be leased.
#[must_use]
pub fn longest_sleep(lease: Duration, wait_max: Duration) -> Duration {
    lease.max(wait_max).saturating_add(NAP_MAX)
}

/// True if Close will not show the log to us, however often it is asked, while it may show other things.
fn is_refusal(error: &CloseError) -> bool {
    matches!(
        error,
        CloseError::Forbidden { .. }
            | CloseError::PlanLimit { .. }
            | CloseError::Missing { .. }
            | CloseError::Refused { .. }
    )
}
