//! The model's protocols, and the scripted agent on typical texts.

use std::collections::BTreeMap;

use axum::body::Bytes;
use serde_json::{Value, json};

use super::*;
use crate::runtime::Http;
use crate::sim::seed::demo_knowledge;

fn world() -> (ModelSim, Http) {
    let (clock, _) = Clock::manual("2026-11-24T16:00:00Z".parse().expect("an instant"));
    let model = ModelSim::new(clock.clone(), Random::seeded(1));
    let http = Http::routed(clock, BTreeMap::from([("model.test:80".to_owned(), model.router())]));
    (model, http)
}

async fn call(http: &Http, path: &str, body: &Value) -> (u16, Value) {
    let request = http::Request::post(format!("http://model.test{path}"))
        .header("anthropic-version", "2023-06-01")
        .body(Bytes::from(body.to_string()))
        .expect("a request");
    let answer = http.send(request, Duration::from_secs(5)).await.expect("an answer");
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

fn schema() -> Value {
    json!({"type": "object", "additionalProperties": false,
        "required": ["text", "intent", "facts_used", "slots_named", "wants_human", "opt_out", "confidence", "reason"],
        "properties": {
            "text": {"type": "string"}, "intent": {"type": "string", "enum": ["booking", "price", "objection", "opt_out",
                "are_you_a_bot", "wants_human", "wrong_number", "not_interested", "reschedule", "complaint", "small_talk",
                "product_question", "other"]},
            "facts_used": {"type": "array"}, "slots_named": {"type": "array"}, "wants_human": {"type": "boolean"},
            "opt_out": {"type": "boolean"}, "confidence": {"type": "number"}, "reason": {"type": "string"}}})
}

/// The demo's knowledge as passages of a prompt.
fn knowledge() -> String {
    let passages = demo_knowledge().into_iter().flat_map(|(_, text)| {
        let id = text.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id");
        text.split("\n# ").skip(1).map(move |passage| {
            let (title, body) = passage.split_once('\n').expect("a heading");
            let place = title.len();
            format!("<knowledge id=\"{id}#{place}\">\n{title}\n{}\n</knowledge>\n", body.trim())
        })
    });
    passages.collect::<Vec<_>>().concat()
}

fn prompt(said: &str, history: &str) -> Value {
    let user = format!(
        "<history>\n{history}\n</history>\n\n{}\n<offered_slots>\nMeeting: Intro call, 20 minutes\n\
         {{slot:1}} = Tue, Dec 1 at 10:00 AM MST\n{{slot:2}} = Wed, Dec 2 at 3:30 PM MST\n\
         {{booking_link}} = a page where the lead picks a time\n</offered_slots>\n\n<new_texts>\n{said}\n</new_texts>\n\nWrite.",
        knowledge()
    );
    json!({"model": "m", "messages": [{"role": "system", "content": "Company: Northwind Solar"}, {"role": "user", "content": user}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "reply", "strict": true, "schema": schema()}}})
}

async fn reply(said: &str, history: &str) -> Value {
    let (_, http) = world();
    let (status, body) = call(&http, "/v1/chat/completions", &prompt(said, history)).await;
    assert_eq!(status, 200);
    let content = body["choices"][0]["message"]["content"].as_str().expect("content");
    serde_json::from_str(content).expect("a JSON answer")
}

#[tokio::test]
async fn a_completion_has_the_published_shape_and_is_recorded() {
    let (model, http) = world();
    model.push_json(json!({"text": "Hi"}));
    let request = prompt("hello", "");
    let (status, body) = call(&http, "/v1/chat/completions", &request).await;
    assert_eq!((status, &body["object"]), (200, &json!("chat.completion")));
    assert_eq!(body["choices"][0]["message"]["content"], "{\"text\":\"Hi\"}");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let usage = &body["usage"];
    let sum = usage["prompt_tokens"].as_u64().zip(usage["completion_tokens"].as_u64()).map(|(a, b)| a + b);
    assert_eq!(usage["total_tokens"].as_u64(), sum);
    assert_eq!(model.requests(), [request]);
    assert_eq!(model.answers_left(), 0);
}

#[tokio::test]
async fn a_server_without_response_format_refuses_it_and_answers_json_all_the_same() {
    let (model, http) = world();
    model.reject_response_format(true);
    let mut request = prompt("How much does it cost?", "");
    let (status, body) = call(&http, "/v1/chat/completions", &request).await;
    assert_eq!((status, &body["error"]["param"]), (400, &json!("response_format")));
    request.as_object_mut().expect("an object").remove("response_format");
    request["messages"][0]["content"] = json!("Answer with one JSON object.");
    let (status, body) = call(&http, "/v1/chat/completions", &request).await;
    assert_eq!(status, 200);
    let content = body["choices"][0]["message"]["content"].as_str().expect("content");
    assert_eq!(serde_json::from_str::<Value>(content).expect("JSON")["intent"], "price");
}

#[tokio::test]
async fn an_answer_longer_than_allowed_is_cut_and_says_so() {
    let (model, http) = world();
    model.push_answer("a".repeat(100));
    let mut request = prompt("hello", "");
    request["max_completion_tokens"] = json!(10);
    let (_, body) = call(&http, "/v1/chat/completions", &request).await;
    assert_eq!(body["choices"][0]["finish_reason"], "length");
    assert_eq!(body["choices"][0]["message"]["content"].as_str().map(str::len), Some(40));
}

#[tokio::test]
async fn anthropics_messages_answer_in_text_or_in_the_forced_tool() {
    let (_, http) = world();
    let system = "Company: Northwind Solar. Answer with one JSON object.";
    let mut request = json!({"model": "m", "max_tokens": 500, "system": system,
        "messages": [{"role": "user", "content": "<new_texts>\nis this a bot?\n</new_texts>"}]});
    let (status, body) = call(&http, "/v1/messages", &request).await;
    assert_eq!((status, &body["stop_reason"]), (200, &json!("end_turn")));
    assert!(body["content"][0]["text"].as_str().is_some_and(|text| text.contains("AI assistant")));
    request["tools"] = json!([{"name": "reply", "input_schema": schema()}]);
    request["tool_choice"] = json!({"type": "tool", "name": "reply"});
    let (_, body) = call(&http, "/v1/messages", &request).await;
    assert_eq!(body["stop_reason"], "tool_use");
    assert_eq!(body["content"][0]["input"]["intent"], "are_you_a_bot");
    request.as_object_mut().expect("an object").remove("max_tokens");
    let (status, body) = call(&http, "/v1/messages", &request).await;
    assert_eq!((status, &body["error"]["type"]), (400, &json!("invalid_request_error")));
}

#[tokio::test]
async fn the_agent_understands_what_leads_text() {
    let cases = [
        ("Hi there", "small_talk"),
        ("How much does it cost?", "price"),
        ("thats too expensive for us", "objection"),
        ("Sounds expensive", "objection"),
        ("how expensive is it", "price"),
        ("Get me a person", "wants_human"),
        ("We already have a provider", "objection"),
        ("no time right now, super busy", "objection"),
        ("Can we set up a call this week?", "booking"),
        ("What warranty do the panels have?", "product_question"),
        ("how long does installation take?", "product_question"),
        ("Need to reschedule, something came up", "reschedule"),
        ("Wrong number", "wrong_number"),
        ("Not interested, thanks", "not_interested"),
        ("are you a bot?", "are_you_a_bot"),
        ("This is ridiculous, nobody called me back", "complaint"),
        ("can I talk to a human", "wants_human"),
        ("please take me off your list", "opt_out"),
        ("Do you have anything Wednesday afternoon?", "booking"),
        ("what about hail", "product_question"),
        ("how does it work", "product_question"),
        ("who is this", "small_talk"),
        ("thanks!", "small_talk"),
    ];
    for (said, intent) in cases {
        let answer = reply(said, "").await;
        assert_eq!(answer["intent"], intent, "{said}: {answer}");
        let text = answer["text"].as_str().expect("a text");
        assert_eq!(text.is_empty(), intent == "opt_out", "{said}: {answer}");
        assert!(text.chars().count() <= 300, "{said}: {answer}");
        assert_eq!(answer["opt_out"], intent == "opt_out");
    }
}

#[tokio::test]
async fn a_question_is_answered_by_the_passage_it_is_about() {
    for (said, words) in [
        ("what happens when it hails?", "rated for hail"),
        ("do you do batteries?", "install batteries"),
        ("how does it work", "intro call"),
    ] {
        let answer = reply(said, "").await;
        assert!(answer["text"].as_str().is_some_and(|text| text.contains(words)), "{said}: {answer}");
    }
}

#[tokio::test]
async fn prices_come_from_the_knowledge_and_times_are_placeholders() {
    let answer = reply("what does a system cost?", "").await;
    let text = answer["text"].as_str().expect("a text");
    assert!(text.contains("$2.40 per watt") && text.contains("{slot:1} or {slot:2}"), "{text}");
    assert_eq!(answer["slots_named"], json!([1, 2]));
    assert_eq!(answer["facts_used"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn an_offered_time_that_is_accepted_is_confirmed_with_its_placeholder() {
    let offered =
        "[Nov 24 09:00] agent: Does Tue, Dec 1 at 10:00 AM MST or Wed, Dec 2 at 3:30 PM MST work for a short call?";
    for (said, slot) in
        [("Wednesday works", 2), ("the first one", 1), ("10 is good", 1), ("3:30 please", 2), ("second", 2)]
    {
        let answer = reply(said, offered).await;
        assert_eq!(
            (&answer["intent"], &answer["slots_named"]),
            (&json!("booking"), &json!([slot])),
            "{said}: {answer}"
        );
    }
    let again = reply("yes sounds good", offered).await;
    assert_eq!(again["slots_named"], json!([1, 2]));
}

#[tokio::test]
async fn what_is_not_known_is_not_made_up() {
    let (_, http) = world();
    let mut request = prompt("x", "");
    request["messages"][1]["content"] = json!("<new_texts>\nWhat does it cost?\n</new_texts>");
    let (_, body) = call(&http, "/v1/chat/completions", &request).await;
    let content = body["choices"][0]["message"]["content"].as_str().expect("content");
    let answer: Value = serde_json::from_str(content).expect("JSON");
    assert_eq!((&answer["wants_human"], &answer["facts_used"]), (&json!(true), &json!([])));
    assert!(!answer["text"].as_str().expect("a text").contains(|c: char| c.is_ascii_digit()));
}

#[tokio::test]
async fn a_required_key_is_checked() {
    let (model, http) = world();
    model.require_key(Some("sk-1"));
    assert_eq!(call(&http, "/v1/chat/completions", &prompt("hi", "")).await.0, 401);
    assert!(model.requests().is_empty());
}
