//! Close: client, webhook, event log.
//!
//! Everything is read leniently (unknown fields, nulls, new enum values) and written strictly (documented fields only).
//! A write is made once; whoever calls decides what follows from its [`crate::runtime::upstream::Outcome`].

pub mod client;
pub mod error;
pub mod event_log;
mod json;
pub mod lead;
pub mod numbers;
mod schema;
pub mod sms;
pub mod span;
pub mod subscriptions;
pub mod task;
pub mod webhook;

pub use client::CloseClient;
pub use error::CloseError;
pub use lead::{ContactRecord, LeadRecord, lead_facts};
pub use numbers::{Me, NumberKind, PhoneNumber};
pub use sms::{Direction, NewDraft, SmsActivity, SmsStatus};
pub use span::{InSpan, Span, Spans};
pub use subscriptions::{Subscription, SubscriptionChange, SubscriptionStatus, WantedEvent, wanted_events};
pub use webhook::{CloseEvent, EventError, Signal, SignatureError, WebhookKeys, parse_event, signal};
