//! Bookable times and links: data that a reply may name but never spell out by itself (`never-invented`).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One bookable time. In a prompt and a proposal it is `{slot:N}`, N being its place in the offer, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// When the meeting would start.
    pub start: Timestamp,
    /// The page that opens with this time chosen.
    pub url: String,
}

/// What a turn may offer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Offer {
    /// Times read from the calendar moments ago, earliest first.
    pub slots: Vec<Slot>,
    /// The name of the meeting, such as `Intro call`.
    pub meeting: Option<String>,
    /// How long the meeting takes, in minutes.
    pub duration_minutes: Option<u32>,
    /// True when a booking link can be made for `{booking_link}`.
    pub link_available: bool,
    /// Why nothing can be offered, for the rep; none when all is well or no calendar is connected.
    pub unavailable: Option<String>,
}
