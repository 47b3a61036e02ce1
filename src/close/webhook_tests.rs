//! What each event means. The envelope is the documented one.

use serde_json::json;

use super::*;

fn event(action: &str, data: &Value) -> CloseEvent {
    let body = json!({"subscription_id":"whsub_1","event":{
        "id":"ev_1","object_type":"activity.sms","object_id":"acti_1","action":action,"lead_id":"lead_1",
        "organization_id":"orga_1","user_id":null,"request_id":null,"api_key_id":null,"changed_fields":[],
        "previous_data":{},"meta":{"request_method":"POST","request_path":"/api/v1/activity/sms/"},
        "date_created":"2019-01-15T12:48:23.395000","date_updated":"2019-01-15T12:48:23.395000","data":data}});
    parse_event(body.to_string().as_bytes()).expect("an event")
}

fn sms(direction: &str, status: &str) -> Value {
    json!({"_type":"SMS","id":"acti_1","direction":direction,"status":status,"text":"we have an",
        "date_created":"2019-01-15T12:48:23.395000+00:00"})
}

fn name(signal: &Signal) -> &'static str {
    match signal {
        Signal::InboundText(_) => "inbound",
        Signal::InboundChanged(_) => "changed",
        Signal::OutboundSent(_) => "sent",
        Signal::OutboundFailed(_) => "failed",
        Signal::Composing(_) => "composing",
        Signal::OutboundQueued(_) => "queued",
        Signal::SmsDeleted { .. } => "deleted",
        Signal::LeadMerged { .. } => "merged",
        Signal::PhonesBlocked(_) => "blocked",
        Signal::Malformed { .. } => "malformed",
        Signal::Ignored => "ignored",
    }
}

#[test]
fn the_documented_envelope_is_read() {
    let read = event("created", &sms("inbound", "inbox"));
    assert_eq!((read.id.as_str(), read.object_type.as_str()), ("ev_1", "activity.sms"));
    assert_eq!(read.date_created, "2019-01-15T12:48:23.395Z".parse().ok());
}

#[test]
fn each_event_about_a_text_has_its_meaning() {
    for (action, direction, status, meaning) in [
        ("created", "inbound", "inbox", "inbound"),
        ("updated", "inbound", "inbox", "changed"),
        ("sent", "inbound", "inbox", "ignored"),
        ("created", "outbound", "draft", "composing"),
        ("updated", "outbound", "draft", "composing"),
        ("created", "outbound", "outbox", "queued"),
        ("updated", "outbound", "scheduled", "queued"),
        ("sent", "outbound", "sent", "sent"),
        ("sent", "outbound", "outbox", "sent"),
        ("updated", "outbound", "sent", "sent"),
        ("created", "outbound", "sent", "sent"),
        ("updated", "outbound", "error", "failed"),
        ("sent", "outbound", "error", "failed"),
        ("created", "outbound", "teleported", "ignored"),
        ("answered", "outbound", "sent", "ignored"),
    ] {
        let signal = signal(&event(action, &sms(direction, status)));
        assert_eq!(name(&signal), meaning, "{action} {direction} {status}");
    }
}

#[test]
fn a_half_typed_draft_is_never_a_sent_text() {
    for action in ["created", "updated"] {
        assert!(!matches!(signal(&event(action, &sms("outbound", "draft"))), Signal::OutboundSent(_)));
    }
}

#[test]
fn the_lead_of_the_event_fills_in_for_the_texts() {
    let Signal::InboundText(text) = signal(&event("created", &sms("inbound", "inbox"))) else {
        panic!("an inbound text");
    };
    assert_eq!(text.lead_id.as_deref(), Some("lead_1"));
}

#[test]
fn data_that_cannot_be_understood_names_the_text_to_read_instead() {
    for data in [json!(null), json!("text"), json!([1]), json!({"status": "inbox"})] {
        let Signal::Malformed { activity_id, .. } = signal(&event("created", &data)) else {
            panic!("malformed: {data}");
        };
        assert_eq!(activity_id.as_deref(), Some("acti_1"));
    }
}

#[test]
fn a_deleted_text_is_known_by_its_id_and_what_it_was() {
    let mut deleted = event("deleted", &json!(null));
    deleted.previous_data = Some(json!({"direction":"outbound","status":"draft","remote_phone":"+16505550123"}));
    let Signal::SmsDeleted { activity_id, previous: Some(previous) } = signal(&deleted) else {
        panic!("a deleted text");
    };
    assert_eq!((activity_id.as_str(), previous.status), ("acti_1", SmsStatus::Draft));
    assert_eq!(previous.remote_phone.as_deref(), Some("+16505550123"));
}

#[test]
fn leads_and_contacts_are_followed() {
    let mut merged = event("merged", &json!({}));
    merged.object_type = "lead".to_owned();
    merged.meta = Some(json!({"merge_source_lead_id":"lead_a","merge_destination_lead_id":"lead_b"}));
    let wanted = Signal::LeadMerged { source: "lead_a".to_owned(), destination: "lead_b".to_owned() };
    assert_eq!(signal(&merged), wanted);

    let mut contact = event("updated", &json!({}));
    contact.object_type = "contact".to_owned();
    assert_eq!(signal(&contact), Signal::Ignored, "neither a zone nor a name concerns a conversation");
    let phones = |blocked: bool| {
        let blocked = json!({ "phone": "+16505550123", "outbound_sms_blocked": blocked });
        json!({ "phones": [blocked, { "phone": "+16505550124" }, { "phone": null, "outbound_sms_blocked": true }] })
    };
    let changed_from =
        |before| signal(&CloseEvent { data: Some(phones(true)), previous_data: before, ..contact.clone() });
    let blocked = Signal::PhonesBlocked(vec!["+16505550123".to_owned()]);
    assert_eq!(changed_from(None), blocked);
    assert_eq!(changed_from(Some(phones(false))), blocked);
    assert_eq!(changed_from(Some(phones(true))), Signal::Ignored, "that was known");
    contact.object_type = "unheard.of".to_owned();
    assert_eq!(signal(&contact), Signal::Ignored);
}

#[test]
fn a_body_without_an_event_is_an_error_and_never_a_panic() {
    assert!(matches!(parse_event(b"{"), Err(EventError::NotJson(_))));
    for body in ["{}", "[]", "null", r#"{"event":null}"#, r#"{"event":{"object_type":"lead","action":"updated"}}"#] {
        assert_eq!(parse_event(body.as_bytes()), Err(EventError::NoEvent), "{body}");
    }
}
