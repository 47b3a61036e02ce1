//! `lead/` and `contact/`: reading, searching, changing, merging.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::state::{Origin, State};
use super::{CloseSim, field_error, general_error, list_page, refusal};
use crate::sim::wire::{Params, Refusal, answer, difference, object_of, phone_formatted, text, trimmed};

/// A lead with one contact, as a test or the demo wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeadSeed {
    /// The lead's name, usually a company.
    pub name: String,
    /// The contact's name.
    pub contact: String,
    /// The contact's mobile number in E.164.
    pub phone: String,
    /// The contact's email address.
    pub email: Option<String>,
    /// The contact's job title.
    pub title: Option<String>,
    /// City and state, such as `("Tucson", "AZ")`.
    pub city: Option<(String, String)>,
    /// The contact's IANA time zone.
    pub timezone: Option<String>,
    /// The label of one of the organisation's lead statuses; the first one if absent or unknown.
    pub status: Option<String>,
    /// The lead's description.
    pub description: Option<String>,
    /// Custom fields by label.
    pub custom: Vec<(String, String)>,
}

pub(super) fn routes() -> Router<CloseSim> {
    Router::new()
        .route("/lead/", get(list))
        .route("/lead/merge/", post(merge))
        .route("/lead/{id}/", get(one).put(update))
        .route("/contact/", get(list_contacts))
        .route("/contact/{id}/", get(one_contact).put(update_contact))
}

async fn list(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let query = params.get("query").map(|query| query.to_lowercase()).unwrap_or_default();
    let found = sim.locked(|state| {
        let leads: Vec<Value> = state.leads.iter().map(|lead| full(state, lead)).collect();
        leads.into_iter().filter(|lead| mentions(lead, &query)).collect()
    });
    Ok(answer(200, &list_page(found, &params)?))
}

/// A rough search: the query's digits, or else its words, occur in the lead. `field:` prefixes are ignored.
fn mentions(lead: &Value, query: &str) -> bool {
    let digits: String = query.chars().filter(char::is_ascii_digit).collect();
    let haystack = lead.to_string().to_lowercase();
    if digits.len() >= 7 {
        return haystack.contains(&digits);
    }
    let words = query.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    words.filter(|word| !word.is_empty()).all(|word| {
        let word = word.rsplit_once(':').map_or(word, |(_, value)| value);
        haystack.contains(word)
    })
}

async fn one(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let found = sim.locked(|state| {
        let lead = state.leads.iter().find(|lead| lead["id"] == id.as_str())?;
        Some(full(state, lead))
    });
    found.map(|lead| answer(200, &trimmed(&lead, params.get("_fields")))).ok_or_else(|| refusal(404, "Lead not found."))
}

async fn list_contacts(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let lead = params.get("lead_id");
    let found = sim.locked(|state| {
        let matching = state.contacts.iter().filter(|c| lead.is_none_or(|lead| c["lead_id"] == lead.as_str()));
        matching.cloned().collect()
    });
    Ok(answer(200, &list_page(found, &params)?))
}

async fn one_contact(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.contacts.iter().find(|contact| contact["id"] == id.as_str()).cloned());
    let fields = params.get("_fields");
    found.map(|contact| answer(200, &trimmed(&contact, fields))).ok_or_else(|| refusal(404, "Contact not found."))
}

async fn update(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let mut given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    sim.locked(|state| {
        if let Some(status) = given.get("status_id").cloned() {
            let known = state.statuses.iter().find(|known| known["id"] == status);
            let label = known.map(|known| known["label"].clone());
            given.insert("status_label".into(), label.ok_or_else(|| field_error("status_id", "Unknown status."))?);
        }
        let lead = change(state, "lead", &id, &given, &origin).ok_or_else(|| refusal(404, "Lead not found."))?;
        Ok(answer(200, &full(state, &lead)))
    })
}

async fn update_contact(
    Extract(sim): Extract<CloseSim>,
    Path(id): Path<String>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = object_of(&body).ok_or_else(|| general_error("The request body is not a JSON object."))?;
    sim.locked(|state| {
        let contact = change(state, "contact", &id, &given, &origin);
        contact.map(|contact| answer(200, &contact)).ok_or_else(|| refusal(404, "Contact not found."))
    })
}

/// Writes the given members into a lead or a contact, with an `updated` event.
fn change(state: &mut State, kind: &str, id: &str, given: &Map<String, Value>, origin: &Origin) -> Option<Value> {
    let date = state.date();
    let list = if kind == "lead" { &mut state.leads } else { &mut state.contacts };
    let object = list.iter_mut().find(|object| object["id"] == id)?;
    let before = object.clone();
    for (key, value) in given {
        object[key] = value.clone();
    }
    object["date_updated"] = json!(date);
    let after = object.clone();
    let (_, previous) = difference(&before, &after);
    state.record((kind, "updated"), &after, previous, origin);
    Some(after)
}

async fn merge(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let given = Value::Object(object_of(&body).unwrap_or_default());
    let (source, destination) = (text(&given, "source").to_owned(), text(&given, "destination").to_owned());
    let merged = sim.locked(|state| merge_into(state, &source, &destination, &origin));
    if merged { Ok(answer(200, &json!({}))) } else { Err(refusal(404, "Lead not found.")) }
}

/// Moves everything of one lead to another; false when either is unknown.
fn merge_into(state: &mut State, source: &str, destination: &str, origin: &Origin) -> bool {
    let known = |id: &str| state.leads.iter().any(|lead| lead["id"] == id);
    if source == destination || !known(source) || !known(destination) {
        return false;
    }
    for list in [&mut state.contacts, &mut state.texts, &mut state.notes, &mut state.tasks] {
        for object in list.iter_mut().filter(|object| object["lead_id"] == source) {
            object["lead_id"] = json!(destination);
        }
    }
    let moved: Vec<Value> =
        state.contacts.iter().filter(|c| c["lead_id"] == destination).map(|c| c["id"].clone()).collect();
    state.leads.retain(|lead| lead["id"] != source);
    let lead = state.leads.iter_mut().find(|lead| lead["id"] == destination);
    let lead = lead.map(|lead| {
        lead["contact_ids"] = json!(moved);
        lead.clone()
    });
    let meta = json!({ "merge_source_lead_id": source, "merge_destination_lead_id": destination });
    let object = lead.unwrap_or_default();
    state.record_with((("lead", "merged"), meta), &object, (Vec::new(), json!({})), origin);
    true
}

/// A lead as Close answers it, with its contacts and open tasks.
fn full(state: &State, lead: &Value) -> Value {
    let mut lead = lead.clone();
    let of_lead = |list: &[Value]| -> Vec<Value> {
        list.iter().filter(|object| object["lead_id"] == lead["id"]).cloned().collect()
    };
    let contacts = of_lead(&state.contacts);
    let tasks: Vec<Value> = of_lead(&state.tasks).into_iter().filter(|task| task["is_complete"] == false).collect();
    lead["primary_phone"] = contacts.first().map_or(Value::Null, |contact| contact["phones"][0].clone());
    lead["primary_email"] = contacts.first().map_or(Value::Null, |contact| contact["emails"][0].clone());
    lead["contacts"] = json!(contacts);
    lead["tasks"] = json!(tasks);
    lead
}

impl CloseSim {
    /// Adds a lead with its contact; returns `(lead id, contact id)`. No events are written: it was always there.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the seed in place")]
    pub fn add_lead(&self, seed: LeadSeed) -> (String, String) {
        self.locked(|state| {
            let (lead_id, contact_id) = (state.id("lead"), state.id("cont"));
            let lead = new_lead(state, &seed, &lead_id, &contact_id);
            let contact = new_contact(state, &seed, &lead_id, &contact_id);
            state.leads.push(lead);
            state.contacts.push(contact);
            (lead_id, contact_id)
        })
    }

    /// Merges one lead into another, as a user does it in Close; false when either is unknown.
    pub fn merge_leads(&self, source: &str, destination: &str) -> bool {
        self.locked(|state| {
            let user_id = state.users.first().map(|user| text(user, "id").to_owned());
            merge_into(state, source, destination, &Origin { user_id, ..Origin::default() })
        })
    }

    /// Writes members into a lead, such as its `opportunities`, as a user does it in Close.
    pub fn change_lead(&self, id: &str, members: &Map<String, Value>) -> bool {
        self.locked(|state| change(state, "lead", id, members, &Origin::default()).is_some())
    }

    /// Writes members into a contact, such as another `timezone`, as a user does it in Close.
    pub fn change_contact(&self, id: &str, members: &Map<String, Value>) -> bool {
        self.locked(|state| change(state, "contact", id, members, &Origin::default()).is_some())
    }
}

fn new_lead(state: &mut State, seed: &LeadSeed, id: &str, contact_id: &str) -> Value {
    let date = state.date();
    let wanted = state.statuses.iter().find(|status| Some(text(status, "label")) == seed.status.as_deref());
    let status = wanted.or(state.statuses.first()).cloned().unwrap_or_default();
    let addresses = seed.city.as_ref().map(|(city, region)| {
        json!([{ "label": "business", "address_1": "", "address_2": "", "city": city, "state": region,
                 "zipcode": "", "country": "US" }])
    });
    let mut lead = json!({
        "id": id, "name": seed.name, "display_name": seed.name, "organization_id": state.organization_id,
        "status_id": status["id"], "status_label": status["label"], "description": seed.description, "url": null,
        "html_url": format!("https://app.close.com/lead/{id}/"), "contact_ids": [contact_id], "contacts": [],
        "addresses": addresses.unwrap_or_else(|| json!([])), "opportunities": [], "tasks": [],
        "integration_links": [], "custom": {}, "source": null, "localtime": null,
        "created_by": null, "created_by_name": null, "updated_by": null, "updated_by_name": null,
        "date_created": date, "date_updated": date,
    });
    for (label, value) in &seed.custom {
        lead["custom"][label] = json!(value);
        let kind = if value.starts_with("user_") { "user" } else { "text" };
        lead[format!("custom.{}", custom_field(state, label, kind))] = json!(value);
    }
    lead
}

/// The id of the lead custom field of this label, made when it is new.
fn custom_field(state: &mut State, label: &str, kind: &str) -> String {
    if let Some(known) = state.custom_fields.iter().find(|field| field["name"] == label) {
        return text(known, "id").to_owned();
    }
    let id = state.id("cf");
    state.custom_fields.push(json!({
        "id": id, "name": label, "type": kind, "description": null, "required": false,
        "accepts_multiple_values": false, "editable_with_roles": [],
    }));
    id
}

fn new_contact(state: &State, seed: &LeadSeed, lead_id: &str, id: &str) -> Value {
    let date = state.date();
    let phones = if seed.phone.is_empty() {
        json!([])
    } else {
        json!([{ "phone": seed.phone, "phone_formatted": phone_formatted(&seed.phone), "type": "mobile", "country": "US" }])
    };
    let emails = seed
        .email
        .as_ref()
        .map_or_else(|| json!([]), |email| json!([{ "email": email, "type": "office", "is_unsubscribed": false }]));
    let source = seed.timezone.as_ref().map(|_| "inferred_from_phone_number");
    json!({
        "id": id, "lead_id": lead_id, "organization_id": state.organization_id, "name": seed.contact,
        "display_name": seed.contact, "title": seed.title, "phones": phones, "emails": emails, "urls": [],
        "timezone": seed.timezone, "timezone_source": source, "integration_links": [],
        "created_by": null, "updated_by": null, "date_created": date, "date_updated": date,
    })
}
