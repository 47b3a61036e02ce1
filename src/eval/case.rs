//! One case: a lead, what was said, what can be offered, and what is expected of the reply.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::expectation::Expect;
use super::suite::Defaults;
use crate::conversation::{
    Author, Booking, LeadFacts, Message, Mode, Notices, Offer, Policy, Slot, Standing, TurnContext,
};
use crate::sms::Disclosure;

/// Seconds between the texts of a burst.
const BURST_GAP_S: i64 = 5;

/// The page that stands for a fresh booking link.
pub const BOOKING_LINK: &str = "https://calendly.com/d/example-single-use/intro";

/// One case.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// A short name, such as `asks-price`; no two cases of a suite share one.
    pub id: String,
    /// Who writes.
    #[serde(default)]
    pub lead: Lead,
    /// What was said before.
    #[serde(default)]
    pub history: Vec<Said>,
    /// The new texts, oldest first.
    pub texts: Vec<String>,
    /// When the case happens; none for the suite's own time.
    #[serde(default)]
    pub now: Option<Timestamp>,
    /// The times that can be offered, instead of the suite's.
    #[serde(default)]
    pub slots: Option<Vec<Timestamp>>,
    /// Whether a booking link can be made, instead of what the suite says.
    #[serde(default)]
    pub link: Option<bool>,
    /// Meetings the lead has.
    #[serde(default)]
    pub bookings: Vec<Meeting>,
    /// What may go out by itself, instead of what the suite says.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// The lead was never answered before, so that the first answer is held.
    #[serde(default)]
    pub first_contact: bool,
    /// What the reply must say beside its answer.
    #[serde(default, deserialize_with = "WrittenNotices::deserialize")]
    pub notices: Notices,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
}

/// What Close knows of the lead.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lead {
    /// The contact's name.
    pub contact_name: Option<String>,
    /// The company's name.
    pub lead_name: Option<String>,
    /// The contact's title.
    pub title: Option<String>,
    /// The status label.
    pub status: Option<String>,
    /// The free-text description.
    pub description: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// City and state.
    pub location: Option<String>,
    /// IANA zones, best evidence first; none for the suite's, an empty list for a lead whose zone is not known.
    pub zones: Option<Vec<String>>,
    /// Open opportunities, one line each.
    pub opportunities: Vec<String>,
    /// Custom fields by label.
    pub custom: BTreeMap<String, String>,
    /// Notes, newest first.
    pub notes: Vec<String>,
}

/// A text of the past.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: String,
    /// How long before the case's now.
    pub minutes_ago: u32,
}

/// A meeting the lead has booked.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meeting {
    /// Its name.
    pub name: String,
    /// When it starts.
    pub start: Timestamp,
    /// The page where the lead can move it.
    #[serde(default)]
    pub reschedule_url: Option<String>,
    /// The page where the lead can call it off.
    #[serde(default)]
    pub cancel_url: Option<String>,
}

/// [`Notices`] as a suite writes them: a key that is none of theirs would ask for nothing, and the case pass.
#[derive(Deserialize)]
#[serde(remote = "Notices", deny_unknown_fields)]
struct WrittenNotices {
    #[serde(default)]
    introduction: bool,
    #[serde(default)]
    opt_out: bool,
    #[serde(default)]
    ai: bool,
    #[serde(default)]
    disclosure: Disclosure,
    #[serde(default)]
    segments_max: u32,
}

impl Case {
    /// When the case happens.
    #[must_use]
    pub fn now(&self, defaults: &Defaults) -> Timestamp {
        self.now.unwrap_or(defaults.now)
    }

    /// The times that can be offered, in the file's order: `{slot:1}` is the first one written.
    #[must_use]
    pub fn slots(&self, defaults: &Defaults) -> Vec<Timestamp> {
        self.slots.clone().unwrap_or_else(|| defaults.slots.clone())
    }

    /// Everything the turn knows.
    #[must_use]
    pub fn context(&self, defaults: &Defaults) -> TurnContext {
        let now = self.now(defaults);
        TurnContext {
            now,
            organisation: defaults.organisation.clone(),
            lead: self.lead.facts(defaults.zone.as_deref()),
            history: self.history(now),
            new_texts: self.new_texts(now),
            summary: None,
            offer: self.offer(defaults),
            bookings: self.bookings.iter().map(Meeting::booking).collect(),
            instruction: None,
            notices: self.notices.clone(),
        }
    }

    /// Where the conversation stands: nothing is in the way but what the case says.
    #[must_use]
    pub fn standing(&self, defaults: &Defaults) -> Standing {
        Standing { first_contact: self.first_contact, ..Standing::clear(self.now(defaults)) }
    }

    /// The rules: the program's own defaults with the case's mode, so that a suite does not depend on a configuration.
    #[must_use]
    pub fn policy(&self, defaults: &Defaults) -> Policy {
        Policy { mode: self.mode.unwrap_or(defaults.mode), ..Policy::default() }
    }

    fn history(&self, now: Timestamp) -> Vec<Message> {
        let at = |said: &Said| before(now, i64::from(said.minutes_ago) * 60);
        let message =
            |(place, said): (usize, &Said)| message(format!("acti_history_{place}"), said.author, &said.text, at(said));
        let mut history: Vec<Message> = self.history.iter().enumerate().map(message).collect();
        history.sort_by_key(|message| message.at);
        history
    }

    /// The newest a moment ago, the others of a burst shortly before it.
    fn new_texts(&self, now: Timestamp) -> Vec<Message> {
        let newest_first = self.texts.iter().enumerate().rev().zip(1_i64..);
        let mut texts: Vec<Message> = newest_first
            .map(|((place, text), age)| {
                message(format!("acti_new_{place}"), Author::Lead, text, before(now, age * BURST_GAP_S))
            })
            .collect();
        texts.reverse();
        texts
    }

    fn offer(&self, defaults: &Defaults) -> Offer {
        let slot = |start: Timestamp| Slot { start, url: format!("https://calendly.com/example/intro/{start}") };
        Offer {
            slots: self.slots(defaults).into_iter().map(slot).collect(),
            meeting: defaults.meeting.clone(),
            duration_minutes: defaults.duration_minutes,
            link_available: self.link.unwrap_or(defaults.link),
            unavailable: None,
        }
    }
}

impl Lead {
    fn facts(&self, zone: Option<&str>) -> LeadFacts {
        LeadFacts {
            lead_id: Some("lead_case".to_owned()),
            contact_id: Some("cont_case".to_owned()),
            contact_name: self.contact_name.clone(),
            lead_name: self.lead_name.clone(),
            title: self.title.clone(),
            status: self.status.clone(),
            description: self.description.clone(),
            email: self.email.clone(),
            location: self.location.clone(),
            zones: self.zones.clone().unwrap_or_else(|| zone.map(str::to_owned).into_iter().collect()),
            addresses: Vec::new(),
            opportunities: self.opportunities.clone(),
            custom: self.custom.clone().into_iter().collect(),
            notes: self.notes.clone(),
            sms_blocked: false,
        }
    }
}

impl Meeting {
    fn booking(&self) -> Booking {
        Booking {
            name: self.name.clone(),
            start: self.start,
            reschedule_url: self.reschedule_url.clone(),
            cancel_url: self.cancel_url.clone(),
        }
    }
}

fn message(activity_id: String, author: Author, text: &str, at: Timestamp) -> Message {
    Message { activity_id, author, text: text.to_owned(), at, attachments: 0 }
}

/// So many seconds before `now`, held at the beginning of time.
fn before(now: Timestamp, seconds: i64) -> Timestamp {
    now.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MIN)
}
