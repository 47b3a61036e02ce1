//! A model that answers every question it sees exactly once: what it was told of its own earlier replies, it does not
//! answer again. So a question that is answered twice, or never, was doubled or lost by Rapport.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::routing::post;
use axum::{Json, Router};
use rapport::runtime::{Clock, Random};
use serde_json::{Value, json};

use super::leads::questions_in;
use crate::support::world::proposal;

/// How long the model thinks at most.
const THINKS_MAX: Duration = Duration::from_millis(150);

pub fn router(clock: Clock, random: Random) -> Router {
    let complete = async move |Json(request): Json<Value>| {
        clock.sleep(random.jitter(THINKS_MAX)).await;
        Json(completion(&reply(&request)))
    };
    Router::new().route("/v1/chat/completions", post(complete))
}

fn reply(request: &Value) -> String {
    let (mut asked, mut answered) = (Vec::new(), BTreeSet::new());
    let messages = request["messages"].as_array().into_iter().flatten();
    let contents = messages.filter_map(|message| message["content"].as_str());
    for line in contents.flat_map(str::lines) {
        if line.contains("] agent: ") {
            answered.extend(questions_in(line));
        } else if line.contains("] lead: ") {
            asked.extend(questions_in(line));
        }
    }
    asked.retain(|question| !answered.contains(question));
    // History and new texts stand apart in a prompt; a person reads them in order.
    asked.sort_unstable();
    format!("Yes to {}.", asked.join(", "))
}

fn completion(text: &str) -> Value {
    let content = proposal(text, "product_question").to_string();
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 0, "model": "echo",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": content } }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 },
    })
}
