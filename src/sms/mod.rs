//! Pure: what a text message is: encoding and segments, phone numbers, opt-out words, places and legal hours.

mod addresses;
mod area_code_states;
mod area_codes;
mod canada;
mod countries;
pub(crate) mod fold;
pub mod holidays;
pub mod hours;
#[cfg(test)]
pub(crate) mod learning;
pub mod normalise;
pub mod opt_out;
pub mod phone;
pub mod places;
pub(crate) mod recent;
pub mod rulebook;
pub mod segments;
pub mod state_rules;
pub mod states;
pub(crate) mod unseen;
mod zip_codes;
pub mod zones;

pub use hours::{LegalHours, Window};
pub use normalise::{has_same_words, normalise};
pub use opt_out::{OptOut, OptOutVerdict};
pub use phone::{Phone, PhoneError};
pub use places::{Clues, Places, PostalPlace};
pub use rulebook::Rulebook;
pub use segments::{Encoding, Segments};
pub use state_rules::Disclosure;
pub use states::State;
pub use unseen::is_blank;
pub use zones::{Candidates, ZoneEvidence};
