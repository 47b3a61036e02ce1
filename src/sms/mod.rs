//! Pure: what a text message is: encoding and segments, phone numbers, opt-out words, time zones and legal hours.

mod area_codes;
pub(crate) mod fold;
pub mod holidays;
pub mod hours;
pub mod normalise;
pub mod opt_out;
pub mod phone;
pub mod segments;
pub mod zones;

pub use hours::{LegalHours, Window};
pub use normalise::normalise;
pub use opt_out::{OptOut, OptOutVerdict};
pub use phone::{Phone, PhoneError};
pub use segments::{Encoding, Segments};
pub use zones::{Candidates, ZoneEvidence};
