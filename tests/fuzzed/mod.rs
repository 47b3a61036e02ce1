//! Anything from outside: seconds of what `fuzz/` does for hours.

mod input;

use input::house::House;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Cases of each test.
const CASES: u32 = 400;

/// Bytes of all kinds: noise, text, JSON, and genuine input with something about it changed.
fn bytes(genuine: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changed = (prop::sample::select(genuine), any::<prop::sample::Index>(), any::<u8>(), 0_usize..4);
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..400),
        "\\PC{0,200}".prop_map(String::into_bytes),
        json().prop_map(|value| value.to_string().into_bytes()),
        changed.prop_map(|(text, at, byte, how)| change(text.as_bytes(), at.index(text.len()), byte, how)),
    ]
}

fn change(text: &[u8], at: usize, byte: u8, how: usize) -> Vec<u8> {
    let mut bytes = text.to_vec();
    match how {
        0 => bytes[at] = byte,
        1 => bytes.truncate(at),
        2 => bytes.insert(at, byte),
        _ => drop(bytes.remove(at)),
    }
    bytes
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "\\PC{0,20}".prop_map(Into::into),
        key().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(key(), inner, 0..6)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

/// Names that mean something to a reader.
fn key() -> impl Strategy<Value = String> {
    let names = [
        "event",
        "id",
        "object_type",
        "activity.sms",
        "action",
        "created",
        "sent",
        "deleted",
        "data",
        "previous_data",
        "status",
        "inbox",
        "draft",
        "direction",
        "inbound",
        "text",
        "local_phone",
        "remote_phone",
        "+15205550142",
        "date_created",
        "date_updated",
        "2026-12-01T18:00:00Z",
        "cursor_next",
        "payload",
        "uri",
        "invitee.created",
        "tracking",
        "utm_content",
        "updated_at",
        "choices",
        "message",
        "content",
        "usage",
        "reply",
        "intent",
        "slots",
    ];
    prop::sample::select(names.map(str::to_owned).to_vec())
}

const CLOSE: &[&str] = &[
    include_str!("../../fuzz/seeds/close_webhook/text.json"),
    include_str!("../../fuzz/seeds/close_webhook/merged.json"),
];
const CALENDLY: &[&str] = &[include_str!("../../fuzz/seeds/calendly_webhook/booked.json")];
const SIGNATURES: &[&str] = &[include_str!("../../fuzz/seeds/signature_headers/both.txt")];
const PAGES: &[&str] = &[include_str!("../../fuzz/seeds/event_log_pages/two.txt")];
const ANSWERS: &[&str] = &[
    include_str!("../../fuzz/seeds/model_answer/openai.json"),
    include_str!("../../fuzz/seeds/model_answer/anthropic.json"),
    include_str!("../../fuzz/seeds/model_answer/proposal.json"),
];

fn for_any(genuine: &'static [&'static str], holds: impl Fn(&[u8])) {
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let result = runner.run(&bytes(genuine), |input| {
        holds(&input);
        Ok(())
    });
    result.expect("it holds for any input");
    for input in genuine {
        holds(input.as_bytes());
    }
}

#[test]
fn any_body_of_a_close_webhook_is_settled_or_refused() {
    let (open, closed) = (House::open(), House::closed());
    for_any(CLOSE, |body| input::close_webhook(&open, &closed, body));
}

#[test]
fn any_body_of_a_calendly_webhook_is_settled_or_refused() {
    let (open, closed) = (House::open(), House::closed());
    for_any(CALENDLY, |body| input::calendly_webhook(&open, &closed, body));
}

#[test]
fn no_signature_opens_a_door_but_the_right_one() {
    let closed = House::closed();
    for_any(SIGNATURES, |lines| input::signature_headers(&closed, lines));
}

#[test]
fn any_pages_of_the_event_log_are_read_to_an_end() {
    for_any(PAGES, input::event_log_pages);
}

#[test]
fn any_answer_of_a_model_is_an_answer_or_an_error() {
    for_any(ANSWERS, input::model_answer);
}
