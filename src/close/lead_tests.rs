//! What a reply is told about a lead.

use axum::Router;
use axum::routing::get;
use http::StatusCode;
use serde_json::json;

use super::super::client::tests::{client_for, drive};
use super::*;

fn documented() -> Value {
    json!({"id":"lead_1","name":"Bluth Company","display_name":"Bluth Company","status_id":"stat_1",
        "status_label":"Potential","description":"Builds model homes","url":null,
        "addresses":[{"label":"business","address_1":"747 Howard St","city":"San Francisco","state":"CA",
            "zipcode":"94103","country":"US","tz_ids":["America/Los_Angeles"]}],
        "contacts":[
            {"id":"cont_1","lead_id":"lead_1","name":"Gob","title":"Magician","display_name":"Gob",
             "emails":[{"email":"gob@example.com","type":"office","is_unsubscribed":false}],
             "phones":[{"phone":"+12125550100","type":"office","phone_formatted":"+1 212-555-0100","country":"US",
                "tz_ids":["America/New_York"],"outbound_sms_blocked":true}],
             "timezone":"America/New_York","timezone_source":"inferred_from_phone_number"},
            {"id":"cont_2","lead_id":"lead_1","name":null,"display_name":"+13125550101","emails":[],
             "phones":[{"phone":"+13125550101","type":"mobile"}],"timezone":"America/Chicago","timezone_source":"manual"}],
        "opportunities":[
            {"id":"oppo_1","status_type":"active","status_label":"Active","value":50000,"value_period":"monthly",
             "value_formatted":"$500","confidence":75,"note":"Wants the big one"},
            {"id":"oppo_2","status_type":"lost","status_label":"Lost","value":100}],
        "tasks":[],"custom":{},"custom.cf_1":"Referral"})
}

fn lead() -> LeadRecord {
    read_lead(Fields::of(&documented())).expect("a lead")
}

#[test]
fn the_contact_is_found_by_number_and_its_facts_are_told() {
    let facts = lead_facts(&lead(), None, "+12125550100");
    assert_eq!(facts.contact_id.as_deref(), Some("cont_1"));
    assert_eq!(facts.first_name(), Some("Gob"));
    assert_eq!(facts.email.as_deref(), Some("gob@example.com"));
    assert_eq!(facts.status.as_deref(), Some("Potential"));
    assert_eq!(facts.location.as_deref(), Some("San Francisco, CA"));
    assert_eq!(facts.opportunities, ["Active; $500 a month; 75 % likely; Wants the big one"]);
    assert!(facts.sms_blocked);
    // A guess from the area code counts less than the address.
    assert_eq!(facts.zones, ["America/Los_Angeles", "America/New_York"]);
}

#[test]
fn a_zone_somebody_set_comes_first_and_a_missing_name_is_no_name() {
    let facts = lead_facts(&lead(), None, "(312) 555-0101");
    assert_eq!(facts.contact_id.as_deref(), Some("cont_2"));
    assert_eq!(facts.contact_name, None);
    assert_eq!(facts.zones, ["America/Chicago", "America/Los_Angeles"]);
    assert!(!facts.sms_blocked);
}

#[test]
fn addresses_are_told_with_their_country() {
    let mut lead = lead();
    let address = |country: &str| PostalPlace {
        state: "CA".to_owned(),
        zip: "94103".to_owned(),
        country: country.to_owned(),
        zones: vec!["America/Los_Angeles".to_owned()],
    };
    assert_eq!(lead_facts(&lead, None, "+12125550100").addresses, [address("US")]);
    for country in [None, Some("MX")] {
        lead.addresses[0].country = country.map(str::to_owned);
        assert_eq!(lead_facts(&lead, None, "+12125550100").addresses, [address(country.unwrap_or_default())]);
    }
}

#[test]
fn an_unknown_number_still_has_its_lead() {
    let facts = lead_facts(&lead(), None, "+17075550199");
    assert_eq!((facts.contact_id, facts.lead_name.as_deref()), (None, Some("Bluth Company")));
    assert_eq!(facts.zones, ["America/Los_Angeles"]);
}

#[test]
fn numbers_match_with_and_without_the_country_code_only() {
    assert!(same_number("+1 650 555 0123", "+16505550123"));
    assert!(same_number("6505550123", "+16505550123"));
    assert!(!same_number("5550123", "+16505550123"));
    assert!(!same_number("+16505550124", "+16505550123"));
    assert!(!same_number("", ""));
}

#[test]
fn zones_that_do_not_exist_are_left_out_and_the_others_written_one_way() {
    let mut lead = lead();
    lead.addresses[0].zones = ["Mars/Olympus", "america/denver", "America/Denver"].map(str::to_owned).to_vec();
    assert_eq!(lead_facts(&lead, None, "+17075550199").zones, ["America/Denver"]);
}

#[tokio::test]
async fn a_lead_is_read_with_the_labels_of_its_custom_fields() {
    let router = Router::new()
        .route("/api/v1/lead/lead_1/", get(|| async { documented().to_string() }))
        .route("/api/v1/lead/{id}/", get(|| async { (StatusCode::NOT_FOUND, r#"{"error":"none"}"#) }))
        .route("/api/v1/custom_field_schema/lead/", get(|| async { r#"{"fields":[{"id":"cf_1","name":"Source"}]}"# }));
    let (client, time) = client_for(router);
    let lead = drive(&client, &time, client.get_lead("lead_1")).await.expect("an answer").expect("a lead");
    assert_eq!(lead.custom, [("Source".to_owned(), "Referral".to_owned())]);
    assert_eq!(client.get_lead("lead_2").await, Ok(None));
}

#[tokio::test]
async fn notes_come_newest_first_and_their_lack_is_no_error() {
    let notes = json!({"has_more":false,"data":[
        {"id":"acti_1","note":"old","lead_id":"lead_1","date_created":"2026-08-01T00:00:00Z"},
        {"id":"acti_2","note":"new","lead_id":"lead_1","date_created":"2026-08-03T00:00:00Z"},
        {"id":"acti_3","note":"","lead_id":"lead_1","date_created":"2026-08-02T00:00:00Z"}]});
    let router = Router::new().route("/api/v1/activity/note/", get(move || async move { notes.to_string() }));
    let (client, _time) = client_for(router);
    assert_eq!(client.recent_notes("lead_1", 5).await, ["new", "old"]);
    let (client, time) = client_for(Router::new());
    assert!(drive(&client, &time, client.recent_notes("lead_1", 5)).await.is_empty());
}
