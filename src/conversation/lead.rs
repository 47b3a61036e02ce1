//! What is known about the person at the other end.

use serde::{Deserialize, Serialize};

use crate::sms::PostalPlace;

/// The facts of one lead and contact that a reply may draw on, read from Close for every turn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct LeadFacts {
    /// Close's lead id (`lead_…`); none while Close has not matched the number.
    pub lead_id: Option<String>,
    /// Close's contact id (`cont_…`).
    pub contact_id: Option<String>,
    /// The contact's name as Close has it.
    pub contact_name: Option<String>,
    /// The lead's (company's) name.
    pub lead_name: Option<String>,
    /// The contact's title.
    pub title: Option<String>,
    /// The lead's status label, such as `Qualified`.
    pub status: Option<String>,
    /// The lead's free-text description.
    pub description: Option<String>,
    /// The contact's first e-mail address.
    pub email: Option<String>,
    /// City and state, as far as known.
    pub location: Option<String>,
    /// IANA zones the lead may be in, best evidence first. Empty when nothing is known.
    pub zones: Vec<String>,
    /// Addresses, for their zones and the rules of their states.
    pub addresses: Vec<PostalPlace>,
    /// Open opportunities, one line each.
    pub opportunities: Vec<String>,
    /// Custom fields by their label.
    pub custom: Vec<(String, String)>,
    /// Recent notes, newest first.
    pub notes: Vec<String>,
    /// True when Close says that texts to this number are blocked.
    pub sms_blocked: bool,
}

impl LeadFacts {
    /// The zone in which times are told to this lead: the best evidence, or the organisation's own.
    #[must_use]
    pub fn zone<'a>(&'a self, organisation_zone: &'a str) -> &'a str {
        self.zones.first().map_or(organisation_zone, String::as_str)
    }

    /// The contact's name or, without one, the lead's.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.contact_name.as_deref().or(self.lead_name.as_deref())
    }

    /// The first name, for a greeting.
    #[must_use]
    pub fn first_name(&self) -> Option<&str> {
        self.contact_name.as_deref()?.split_whitespace().next()
    }
}
