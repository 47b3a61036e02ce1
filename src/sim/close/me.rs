//! The organisation: who the key belongs to, its users, numbers, statuses and custom fields.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Extension, Path, Query, State as Extract};
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::state::{Origin, State};
use super::{API_KEY, CloseSim, OUR_NUMBER, list_page, refusal};
use crate::runtime::{Clock, Random};
use crate::sim::courier::Courier;
use crate::sim::wire::{Params, Refusal, answer, phone_formatted, text, trimmed, zoned};

/// The lead statuses of a new organisation: Close's own defaults, first one first.
const STATUSES: [&str; 6] = ["Potential", "Bad Fit", "Qualified", "Interested", "Customer", "Not Interested"];

pub(super) fn routes() -> Router<CloseSim> {
    Router::new()
        .route("/me/", get(me))
        .route("/user/", get(users))
        .route("/user/{id}/", get(user))
        .route("/phone_number/", get(numbers))
        .route("/phone_number/{id}/", get(number))
        .route("/status/lead/", get(statuses))
        .route("/custom_field_schema/{object_type}/", get(custom_fields))
}

/// An organisation with one admin, one API key, one number, the usual statuses.
pub(super) fn new_organisation(clock: &Clock, random: Random, courier: Arc<Courier>) -> State {
    let now = clock.now();
    let id = |prefix: &str| random.id(prefix, now);
    let organization_id = id("orga");
    let api_keys = vec![(API_KEY.to_owned(), id("api"), String::new())];
    let statuses = STATUSES.iter().map(|label| json!({ "id": id("stat"), "label": label })).collect();
    let mut state = State {
        api_keys,
        organization_id,
        statuses,
        courier,
        clock: clock.clone(),
        random,
        users: Vec::new(),
        numbers: Vec::new(),
        custom_fields: Vec::new(),
        leads: Vec::new(),
        contacts: Vec::new(),
        texts: Vec::new(),
        notes: Vec::new(),
        tasks: Vec::new(),
        events: Vec::new(),
        log_lag: std::time::Duration::ZERO,
        subscriptions: Vec::new(),
        pending: std::collections::BTreeMap::new(),
        sent: Vec::new(),
        attempted: Vec::new(),
        failing: std::collections::BTreeMap::new(),
        plain_users: std::collections::BTreeSet::new(),
        merge_window: std::time::Duration::ZERO,
        skip_max: usize::MAX,
    };
    let admin = add_user(&mut state, "Maya", "Okafor");
    state.api_keys[0].2.clone_from(&admin);
    add_number(&mut state, OUR_NUMBER, "internal", &admin);
    state
}

fn add_user(state: &mut State, first: &str, last: &str) -> String {
    let (id, date) = (state.id("user"), state.date());
    let email = format!("{}@northwind.example", first.to_lowercase());
    state.users.push(json!({
        "id": id, "first_name": first, "last_name": last, "email": email, "image": null,
        "last_used_timezone": "America/Denver", "organizations": [state.organization_id],
        "email_verified_at": date, "google_profile_image_url": null, "date_created": date, "date_updated": date,
    }));
    id
}

fn add_number(state: &mut State, number: &str, kind: &str, user_id: &str) {
    let (id, date) = (state.id("phon"), zoned(state.clock.now()));
    let texts = kind == "internal";
    let countries = if texts { json!(["US", "CA", "PR"]) } else { json!([]) };
    state.numbers.push(json!({
        "id": id, "organization_id": state.organization_id, "number": number,
        "number_formatted": phone_formatted(number), "label": "Sales line", "type": kind, "country": "US",
        "sms_enabled": texts, "mms_enabled": texts, "supports_sms_to_countries": countries,
        "supports_mms_to_countries": countries, "is_group_number": false, "is_premium": false, "is_verified": true,
        "user_id": user_id, "participants": [user_id], "phone_numbers": [], "phone_numbers_formatted": [],
        "carrier": if texts { json!("twilio") } else { Value::Null }, "carrier_type": null, "address_id": null,
        "bundle_id": null, "forward_to": null, "forward_to_enabled": false, "forward_to_formatted": null,
        "last_billed_price": null, "next_billing_on": null, "press_1_to_accept": false,
        "voicemail_greeting_url": null, "was_ported": false, "date_created": date, "date_updated": date,
    }));
}

async fn me(
    Extract(sim): Extract<CloseSim>,
    Extension(origin): Extension<Origin>,
    Query(params): Query<Params>,
) -> Result<Response, Refusal> {
    let me = sim.locked(|state| {
        let mut me = state.users.iter().find(|user| Some(text(user, "id")) == origin.user_id.as_deref())?.clone();
        let number = state.numbers.first().map(|number| number["id"].clone());
        let role = if state.plain_users.contains(text(&me, "id")) { "user" } else { "admin" };
        me["memberships"] = json!([{
            "id": state.organization_id.replace("orga", "memb"), "user_id": me["id"], "role_id": role,
            "organization_id": state.organization_id, "permissions_granted": ["view_all_leads", "manage_webhooks"],
            "default_caller_id": number, "primary_personal_number": number,
        }]);
        me["organizations"] = json!([{
            "id": state.organization_id, "name": "Northwind Solar", "currency": "USD",
            "lead_statuses": state.statuses, "pipelines": [], "features": [],
        }]);
        me["phone_numbers"] = json!(state.numbers);
        Some(me)
    });
    let me = me.ok_or_else(|| refusal(401, "The API key belongs to nobody."))?;
    Ok(answer(200, &trimmed(&me, params.get("_fields"))))
}

async fn users(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let users = sim.locked(|state| state.users.clone());
    Ok(answer(200, &list_page(users, &params)?))
}

async fn user(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.users.iter().find(|user| user["id"] == id.as_str()).cloned());
    found.map(|user| answer(200, &user)).ok_or_else(|| refusal(404, "User not found."))
}

async fn numbers(Extract(sim): Extract<CloseSim>, Query(params): Query<Params>) -> Result<Response, Refusal> {
    let wanted = params.get("number");
    let found = sim.locked(|state| {
        let matching = state.numbers.iter().filter(|n| wanted.is_none_or(|wanted| n["number"] == wanted.as_str()));
        matching.cloned().collect()
    });
    Ok(answer(200, &list_page(found, &params)?))
}

async fn number(Extract(sim): Extract<CloseSim>, Path(id): Path<String>) -> Result<Response, Refusal> {
    let found = sim.locked(|state| state.numbers.iter().find(|number| number["id"] == id.as_str()).cloned());
    found.map(|number| answer(200, &number)).ok_or_else(|| refusal(404, "Phone number not found."))
}

async fn statuses(Extract(sim): Extract<CloseSim>) -> Response {
    let data = sim.locked(|state| state.statuses.clone());
    answer(200, &json!({ "data": data, "has_more": false }))
}

async fn custom_fields(Extract(sim): Extract<CloseSim>, Path(object_type): Path<String>) -> Result<Response, Refusal> {
    match object_type.as_str() {
        "lead" => {
            let fields = sim.locked(|state| state.custom_fields.clone());
            Ok(answer(200, &json!({ "object_type": "lead", "fields": fields })))
        }
        "contact" | "opportunity" => Ok(answer(200, &json!({ "object_type": object_type, "fields": [] }))),
        _ => Err(refusal(404, "Unknown object type.")),
    }
}

impl CloseSim {
    /// Adds a user; returns its id.
    pub fn add_user(&self, first_name: &str, last_name: &str) -> String {
        self.locked(|state| add_user(state, first_name, last_name))
    }

    /// Adds one of our numbers, `internal` (can text) or `external` (cannot), owned by `user_id`.
    pub fn add_number(&self, number: &str, kind: &str, user_id: &str) {
        self.locked(|state| add_number(state, number, kind, user_id));
    }

    /// The id of the first user, whom the API key acts as.
    pub fn admin(&self) -> String {
        self.locked(|state| state.users.first().map(|user| text(user, "id").to_owned()).unwrap_or_default())
    }

    /// Accepts another API key, which acts as `user_id`; returns the key's id.
    pub fn add_api_key(&self, key: &str, user_id: &str) -> String {
        self.locked(|state| {
            let id = state.id("api");
            state.api_keys.push((key.to_owned(), id.clone(), user_id.to_owned()));
            id
        })
    }

    /// From now on this user is no admin: the event log hides from its key what happened more than an hour ago.
    pub fn demote(&self, user_id: &str) {
        self.locked(|state| state.plain_users.insert(user_id.to_owned()));
    }

    /// Refuses an API key from now on.
    pub fn revoke_api_key(&self, key: &str) {
        self.locked(|state| state.api_keys.retain(|(known, ..)| known != key));
    }
}
