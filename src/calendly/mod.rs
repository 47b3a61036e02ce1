//! Calendly: client, slots, links, bookings, webhook.
//!
//! Times and links that a reply may name come from here and are read moments before they are offered. A booking comes
//! back as a signed webhook; the token that was put into the link tells whose it is.

pub mod bookings;
pub mod client;
pub mod error;
pub mod event_types;
pub mod links;
pub mod pick;
pub mod signature;
pub mod slots;
pub mod subscriptions;
pub mod webhook;

#[cfg(test)]
mod testing;

pub use client::{CalendlyClient, User};
pub use error::CalendlyError;
pub use event_types::EventType;
pub use links::tracked;
pub use pick::pick_slots;
pub use subscriptions::{Scope, Subscription};
pub use webhook::{BookingEvent, BookingEventKind};
