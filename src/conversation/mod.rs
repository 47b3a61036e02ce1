//! Pure: what a conversation is, what may be done in it and why. No I/O, no clock; `now` is an argument.

pub mod acknowledge;
pub mod check;
pub mod context;
pub mod decide;
pub mod decision;
pub mod handoff;
pub mod heard;
pub mod intent;
pub mod lead;
pub mod message;
pub mod notices;
pub mod placeholder;
pub mod policy;
pub mod proposal;
pub mod scene;
pub mod slot;

pub use check::{Candidate, Standing};
pub use context::{Booking, Instruction, Organisation, TurnContext};
pub use decide::decide;
pub use decision::{Decision, Finding, Verdict};
pub use handoff::{Handoff, HandoffKind};
pub use intent::Intent;
pub use lead::LeadFacts;
pub use message::{Author, Message};
pub use notices::Notices;
pub use placeholder::{Expanded, PlaceholderError};
pub use policy::{Mode, Policy, Statuses};
pub use proposal::Proposal;
pub use scene::Scene;
pub use slot::{Offer, Slot};
