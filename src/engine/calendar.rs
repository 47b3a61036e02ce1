//! The calendar as a turn sees it: what can be offered, and links.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex;

use super::Engine;
use crate::calendly::{CalendlyClient, CalendlyError, EventType, pick_slots};
use crate::conversation::placeholder::{offered_in, told};
use crate::conversation::{Booking, Offer, Slot, TurnContext};
use crate::runtime::clock::after;
use crate::runtime::upstream::Upstream;

/// How long what Calendly said about the event type is taken as true: it may be renamed, lengthened or replaced.
const FRESH: Duration = Duration::from_mins(10);
/// How long a text that may leave waits to hear whether its times are still free.
const ANSWER_WAIT: Duration = Duration::from_secs(3);
const DAY_HOURS: i64 = 24;

/// The connected calendar.
#[derive(Clone)]
pub struct Calendar {
    client: CalendlyClient,
    wanted: String,
    days_ahead: u32,
    slots_max: usize,
    /// As last read, and when.
    event_type: Arc<Mutex<Option<(Timestamp, EventType)>>>,
}

impl Calendar {
    /// `wanted` names the event type: its URI, id, slug or page. `slots_max` times within `days_ahead` are offered.
    #[must_use]
    pub fn new(client: CalendlyClient, wanted: String, days_ahead: u32, slots_max: usize) -> Self {
        Self { client, wanted, days_ahead, slots_max, event_type: Arc::default() }
    }

    /// How Calendly answers these days.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        self.client.upstream()
    }

    /// Whoever comes while somebody asks waits for that answer.
    async fn event_type(&self, now: Timestamp) -> Result<EventType, CalendlyError> {
        let mut last = self.event_type.lock().await;
        if let Some((at, event_type)) = last.as_ref()
            && now < after(*at, FRESH)
        {
            return Ok(event_type.clone());
        }
        let read = self.client.event_type(&self.wanted).await?;
        *last = Some((now, read.clone()));
        Ok(read)
    }

    /// Times to offer in `zone`. When Calendly does not answer the offer is empty and says why.
    pub(super) async fn offer(&self, zone: &str, now: Timestamp) -> Offer {
        match self.try_offer(zone, now).await {
            Ok(offer) => offer,
            Err(error) => {
                tracing::warn!(%error, "no times can be offered");
                Offer { unavailable: Some(error.to_string()), ..Offer::default() }
            }
        }
    }

    async fn try_offer(&self, zone: &str, now: Timestamp) -> Result<Offer, CalendlyError> {
        let event_type = self.event_type(now).await?;
        let free = self.client.available_slots(&event_type, now, self.days_ahead).await?;
        Ok(Offer {
            slots: pick_slots(&free, zone, now, self.slots_max),
            meeting: Some(event_type.name),
            duration_minutes: event_type.duration_minutes,
            link_available: true,
            unavailable: None,
        })
    }

    /// The first of some times, not none, that can no longer be booked.
    async fn taken<'a>(&self, times: &[&'a Slot], now: Timestamp) -> Result<Option<&'a Slot>, CalendlyError> {
        let event_type = self.event_type(now).await?;
        let last = times.iter().map(|slot| slot.start).max().unwrap_or(now);
        let days = u32::try_from(last.duration_since(now).as_hours() / DAY_HOURS + 1).unwrap_or(self.days_ahead);
        let free = self.client.available_slots(&event_type, now, days).await?;
        Ok(times.iter().copied().find(|slot| free.iter().all(|free| free.start != slot.start)))
    }

    /// A sentence about the calendar, for the operator.
    ///
    /// # Errors
    /// [`CalendlyError`] when it cannot be read.
    pub async fn describe(&self, now: Timestamp) -> Result<String, CalendlyError> {
        let event_type = self.event_type(now).await?;
        let free = self.client.available_slots(&event_type, now, self.days_ahead).await?;
        Ok(format!("“{}”, {} free times in the next {} days", event_type.name, free.len(), self.days_ahead))
    }

    /// The lead's coming meetings; none when Calendly does not answer.
    pub(super) async fn bookings(&self, email: &str) -> Vec<Booking> {
        self.client.bookings(email).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the lead's meetings could not be read");
            Vec::new()
        })
    }

    /// A single-use link that carries `token` back when a meeting is booked through it.
    pub(super) async fn link(&self, token: &str) -> Result<String, String> {
        let made = async {
            let event_type = self.event_type(self.upstream().clock().now()).await?;
            self.client.single_use_link(&event_type, token).await
        };
        made.await.map_err(|error| format!("No booking link could be made: {error}"))
    }
}

impl Engine {
    /// What a text offers that nobody can book when it leaves, as `Tue, Dec 1 at 10:00 AM MST, which is over`. What was looked up
    /// just now is taken as true, and so is what Calendly does not say in time.
    pub(super) async fn gone_offer(&self, text: &str, context: &TurnContext, leaves_at: Timestamp) -> Option<String> {
        let (offered, now) = (offered_in(text, context), self.clock.now());
        let words = |slot: &Slot, what: &str| format!("{}, which {what}", told(slot.start, context.zone()));
        if let Some(over) = offered.iter().find(|slot| slot.start <= leaves_at) {
            let when = if leaves_at > now { "will be over when it may leave" } else { "is over" };
            return Some(words(over, when));
        }
        let calendar = self.calendar.as_ref().filter(|_| !offered.is_empty() && now > after(context.now, FRESH))?;
        let taken = match self.clock.timeout(ANSWER_WAIT, calendar.taken(&offered, now)).await {
            Ok(Ok(taken)) => taken,
            Ok(Err(error)) => return untold(&error),
            Err(elapsed) => return untold(&elapsed),
        };
        taken.map(|slot| words(slot, "is no longer free"))
    }
}

fn untold(error: &dyn std::error::Error) -> Option<String> {
    tracing::warn!(%error, "whether times that were offered are still free is not known");
    None
}
