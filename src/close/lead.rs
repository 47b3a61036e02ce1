//! Leads and contacts, and the facts a reply may draw on.

use serde_json::Value;

use super::client::{Call, CloseClient, path_id};
use super::error::CloseError;
use super::json::Fields;
use super::schema::custom_fields;
use crate::conversation::LeadFacts;
use crate::runtime::upstream::CallKind;
use crate::sms::PostalPlace;
use crate::sms::zones::canonical;

/// One of a contact's phones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactPhone {
    /// E.164, as Close stores it.
    pub phone: String,
    /// IANA zones the number may be in.
    pub zones: Vec<String>,
    /// Close says that texts to it are blocked. Close leaves the field out for a normal phone.
    pub sms_blocked: bool,
}

/// A person at a lead.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContactRecord {
    /// `cont_…`.
    pub id: String,
    /// The lead it belongs to.
    pub lead_id: Option<String>,
    /// Full name; none when nobody entered one.
    pub name: Option<String>,
    /// Title, such as `Head of Operations`.
    pub title: Option<String>,
    /// The first e-mail address.
    pub email: Option<String>,
    /// Phones.
    pub phones: Vec<ContactPhone>,
    /// IANA zone.
    pub timezone: Option<String>,
    /// True when Close only guessed the zone from the phone number.
    pub timezone_is_guess: bool,
    /// Custom fields by label.
    pub custom: Vec<(String, String)>,
}

/// Where a lead is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// ZIP or postal code.
    pub zip: Option<String>,
    /// Country, as an ISO 3166 code; none when nobody entered one.
    pub country: Option<String>,
    /// IANA zones of the address.
    pub zones: Vec<String>,
}

/// A lead (a company or household) with its contacts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadRecord {
    /// `lead_…`.
    pub id: String,
    /// Its name; none when nobody entered one.
    pub name: Option<String>,
    /// The label of its status.
    pub status_label: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Its people.
    pub contacts: Vec<ContactRecord>,
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// Opportunities neither won nor lost, one line each.
    pub open_opportunities: Vec<String>,
    /// Custom fields by label.
    pub custom: Vec<(String, String)>,
}

impl CloseClient {
    /// A lead; none when Close does not have it (any more).
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn get_lead(&self, id: &str) -> Result<Option<LeadRecord>, CloseError> {
        const DURING: &str = "read the lead from Close";
        let Some(value) = self.find(Call::get(format!("lead/{}", path_id(id, DURING)?), DURING)).await? else {
            return Ok(None);
        };
        let fields = Fields::of(&value);
        let mut lead = read_lead(fields).ok_or_else(|| without_id(DURING))?;
        lead.custom = custom_fields(fields, &*self.custom_labels("lead").await);
        if !lead.contacts.is_empty() {
            let labels = self.custom_labels("contact").await;
            for (contact, value) in lead.contacts.iter_mut().zip(with_id(fields.list("contacts"))) {
                contact.custom = custom_fields(value, &labels);
            }
        }
        Ok(Some(lead))
    }

    /// A contact; none when Close does not have it (any more).
    ///
    /// # Errors
    /// [`CloseError`]; nothing was changed.
    pub async fn get_contact(&self, id: &str) -> Result<Option<ContactRecord>, CloseError> {
        const DURING: &str = "read the contact from Close";
        let Some(value) = self.find(Call::get(format!("contact/{}", path_id(id, DURING)?), DURING)).await? else {
            return Ok(None);
        };
        let fields = Fields::of(&value);
        let mut contact = read_contact(fields).ok_or_else(|| without_id(DURING))?;
        contact.custom = custom_fields(fields, &*self.custom_labels("contact").await);
        Ok(Some(contact))
    }

    /// The newest `limit` notes of a lead, newest first. Empty when they cannot be read: a reply does without them.
    pub async fn recent_notes(&self, lead_id: &str, limit: usize) -> Vec<String> {
        let call = Call::get("activity/note", "read the lead's notes").with("lead_id", lead_id).with("_limit", "50");
        let page = match self.read(call).await {
            Ok(page) => page,
            Err(error) => {
                tracing::debug!("the lead's notes are left out: {error}");
                return Vec::new();
            }
        };
        let mut notes: Vec<_> = Fields::of(&page).list("data").iter().map(Fields::of).collect();
        notes.retain(|note| note.text("lead_id").is_none_or(|of| of == lead_id));
        notes.sort_by_key(|note| std::cmp::Reverse(note.time("activity_at").or_else(|| note.time("date_created"))));
        notes.iter().filter_map(|note| note.text("note")).take(limit).collect()
    }
}

/// What a reply may know about the person at `remote_phone`: the contact given, or else the lead's contact with that
/// number. Notes are not part of a lead; see [`CloseClient::recent_notes`].
#[must_use]
pub fn lead_facts(lead: &LeadRecord, contact: Option<&ContactRecord>, remote_phone: &str) -> LeadFacts {
    let contact = contact.or_else(|| lead.contacts.iter().find(|contact| phone_of(contact, remote_phone).is_some()));
    let phone = contact.and_then(|contact| phone_of(contact, remote_phone));
    let mut custom = lead.custom.clone();
    custom.extend(contact.into_iter().flat_map(|contact| contact.custom.clone()));
    LeadFacts {
        lead_id: Some(lead.id.clone()).filter(|id| !id.is_empty()),
        contact_id: contact.map(|contact| contact.id.clone()),
        contact_name: contact.and_then(|contact| contact.name.clone()),
        lead_name: lead.name.clone(),
        title: contact.and_then(|contact| contact.title.clone()),
        status: lead.status_label.clone(),
        description: lead.description.clone(),
        email: contact.and_then(|contact| contact.email.clone()),
        location: lead.addresses.iter().find_map(place),
        zones: zones(lead, contact, phone),
        addresses: lead.addresses.iter().map(postal_place).collect(),
        opportunities: lead.open_opportunities.clone(),
        custom,
        notes: Vec::new(),
        // Another contact of the lead may carry the same number; one block counts for all.
        sms_blocked: lead
            .contacts
            .iter()
            .chain(contact)
            .any(|contact| phone_of(contact, remote_phone).is_some_and(|phone| phone.sms_blocked)),
    }
}

/// Best evidence first: a zone somebody set, the address, a zone guessed from the number, the number itself.
fn zones(lead: &LeadRecord, contact: Option<&ContactRecord>, phone: Option<&ContactPhone>) -> Vec<String> {
    let of_contact = contact.and_then(|contact| Some((contact.timezone.clone()?, contact.timezone_is_guess)));
    let set = of_contact.iter().filter(|(_, guess)| !guess).map(|(zone, _)| zone);
    let guessed = of_contact.iter().filter(|(_, guess)| *guess).map(|(zone, _)| zone);
    let of_addresses = lead.addresses.iter().flat_map(|address| &address.zones);
    let of_phone = phone.into_iter().flat_map(|phone| &phone.zones);
    let mut zones: Vec<String> = Vec::new();
    for zone in set.chain(of_addresses).chain(guessed).chain(of_phone).filter_map(|zone| canonical(zone)) {
        if !zones.contains(&zone) {
            zones.push(zone);
        }
    }
    zones
}

fn place(address: &Address) -> Option<String> {
    let parts = [&address.city, &address.state].into_iter().flatten().map(String::as_str);
    Some(parts.collect::<Vec<_>>().join(", ")).filter(|place| !place.is_empty())
}

fn postal_place(address: &Address) -> PostalPlace {
    let written = |part: &Option<String>| part.clone().unwrap_or_default();
    PostalPlace {
        state: written(&address.state),
        zip: written(&address.zip),
        country: written(&address.country),
        zones: address.zones.clone(),
    }
}

fn phone_of<'a>(contact: &'a ContactRecord, remote_phone: &str) -> Option<&'a ContactPhone> {
    contact.phones.iter().find(|phone| same_number(&phone.phone, remote_phone))
}

/// Equal in their digits, or one of them lacks the country code.
fn same_number(one: &str, other: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let (one, other) = (digits(one), digits(other));
    let (short, long) = if one.len() <= other.len() { (&one, &other) } else { (&other, &one) };
    short.len() >= 10 && long.ends_with(short.as_str()) || (!one.is_empty() && one == other)
}

fn without_id(during: &'static str) -> CloseError {
    CloseError::Unreadable { during, reason: "no object with an id".to_owned(), kind: CallKind::Read }
}

fn with_id(values: &[Value]) -> impl Iterator<Item = Fields<'_>> {
    values.iter().map(Fields::of).filter(|fields| fields.text("id").is_some())
}

fn read_lead(fields: Fields<'_>) -> Option<LeadRecord> {
    let address = |value: &Value| {
        let address = Fields::of(value);
        Address {
            city: address.text("city"),
            state: address.text("state"),
            zip: address.text("zipcode"),
            country: address.text("country"),
            zones: address.texts("tz_ids"),
        }
    };
    Some(LeadRecord {
        id: fields.text("id")?,
        // The display name of a lead without a name is "Untitled" or a contact's.
        name: fields.text("name"),
        status_label: fields.text("status_label"),
        description: fields.text("description"),
        contacts: with_id(fields.list("contacts")).filter_map(read_contact).collect(),
        addresses: fields.list("addresses").iter().map(address).collect(),
        open_opportunities: fields.list("opportunities").iter().filter_map(|o| opportunity(Fields::of(o))).collect(),
        custom: Vec::new(),
    })
}

fn read_contact(fields: Fields<'_>) -> Option<ContactRecord> {
    let phone = |value: &Value| {
        let phone = Fields::of(value);
        Some(ContactPhone {
            phone: phone.text("phone")?,
            zones: phone.texts("tz_ids"),
            sms_blocked: phone.flag("outbound_sms_blocked").unwrap_or(false),
        })
    };
    Some(ContactRecord {
        id: fields.text("id")?,
        lead_id: fields.text("lead_id"),
        // The display name of a contact without a name is an address or a number: no greeting.
        name: fields.text("name"),
        title: fields.text("title"),
        email: fields.list("emails").iter().find_map(|email| Fields::of(email).text("email")),
        phones: fields.list("phones").iter().filter_map(phone).collect(),
        timezone: fields.text("timezone"),
        timezone_is_guess: fields.text("timezone_source").is_some_and(|source| source.starts_with("inferred")),
        custom: Vec::new(),
    })
}

/// An opportunity in a line; none when it is won or lost. Close's `value` is in cents.
fn opportunity(fields: Fields<'_>) -> Option<String> {
    if matches!(fields.text("status_type").as_deref(), Some("won" | "lost")) {
        return None;
    }
    let cents = fields.value("value").and_then(Value::as_i64);
    let amount = fields.text("value_formatted").or_else(|| {
        let amount = cents.map(|cents| format!("{}.{:02}", cents / 100, cents.unsigned_abs() % 100))?;
        Some([Some(amount), fields.text("value_currency")].into_iter().flatten().collect::<Vec<_>>().join(" "))
    });
    // A value of nothing was not entered.
    let amount = amount.filter(|_| cents != Some(0));
    let parts = [
        fields.text("status_label"),
        amount.map(|amount| match fields.text("value_period").as_deref() {
            Some("monthly") => format!("{amount} a month"),
            Some("annual") => format!("{amount} a year"),
            _ => amount,
        }),
        fields.text("confidence").map(|percent| format!("{percent} % likely")),
        fields.text("note"),
    ];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join("; ")).filter(|line| !line.is_empty())
}

#[cfg(test)]
#[path = "lead_tests.rs"]
mod tests;
