//! The calendar as a turn sees it: what can be offered, and links.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OnceCell;

use crate::calendly::{CalendlyClient, CalendlyError, EventType, pick_slots};
use crate::conversation::{Booking, Offer};
use crate::runtime::upstream::Upstream;

/// The connected calendar.
#[derive(Clone)]
pub struct Calendar {
    client: CalendlyClient,
    wanted: String,
    days_ahead: u32,
    slots_max: usize,
    event_type: Arc<OnceCell<EventType>>,
}

impl Calendar {
    /// `wanted` names the event type: its URI, id, slug or page. `slots_max` times within `days_ahead` are offered.
    #[must_use]
    pub fn new(client: CalendlyClient, wanted: String, days_ahead: u32, slots_max: usize) -> Self {
        Self { client, wanted, days_ahead, slots_max, event_type: Arc::new(OnceCell::new()) }
    }

    /// How Calendly answers these days.
    #[must_use]
    pub fn upstream(&self) -> &Upstream {
        self.client.upstream()
    }

    async fn event_type(&self) -> Result<&EventType, CalendlyError> {
        self.event_type.get_or_try_init(|| self.client.event_type(&self.wanted)).await
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
        let event_type = self.event_type().await?;
        let free = self.client.available_slots(event_type, now, self.days_ahead).await?;
        Ok(Offer {
            slots: pick_slots(&free, zone, now, self.slots_max),
            meeting: Some(event_type.name.clone()),
            duration_minutes: event_type.duration_minutes,
            link_available: true,
            unavailable: None,
        })
    }

    /// A sentence about the calendar, for the operator.
    ///
    /// # Errors
    /// [`CalendlyError`] when it cannot be read.
    pub async fn describe(&self, now: Timestamp) -> Result<String, CalendlyError> {
        let event_type = self.event_type().await?;
        let free = self.client.available_slots(event_type, now, self.days_ahead).await?;
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
            let event_type = self.event_type().await?;
            self.client.single_use_link(event_type, token).await
        };
        made.await.map_err(|error| format!("No booking link could be made: {error}"))
    }
}
