//! OpenAI's `/v1/chat/completions` and `/v1/models`.

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use http::{HeaderMap, header};
use serde_json::{Value, json};

use super::ask::Ask;
use super::{MODEL, ModelSim, Reply, cut_to, error_body, tokens};
use crate::sim::wire::{Refusal, answer, object_of};

pub(super) async fn models(Extract(sim): Extract<ModelSim>) -> Response {
    let created = sim.0.clock.now().as_second();
    let model = json!({ "id": MODEL, "object": "model", "created": created, "owned_by": "rapport" });
    answer(200, &json!({ "object": "list", "data": [model] }))
}

pub(super) async fn complete(
    Extract(sim): Extract<ModelSim>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !sim.admits(authorization.and_then(|value| value.strip_prefix("Bearer "))) {
        return Err(refusal(401, "Incorrect API key provided.", None));
    }
    let request =
        object_of(&body).ok_or_else(|| refusal(400, "We could not parse the JSON body of your request.", None))?;
    let request = Value::Object(request);
    check(&sim, &request)?;
    let schema = Some(&request["response_format"]["json_schema"]["schema"]).filter(|schema| schema.is_object());
    let ask = Ask::new(&request["messages"], &Value::Null, schema.cloned());
    match sim.reply(&request, &ask).await {
        Reply::Raw(status, body) => Ok(answer(status, &body)),
        Reply::Content(content) => Ok(answer(200, &completion(&sim, &request, content))),
    }
}

fn check(sim: &ModelSim, request: &Value) -> Result<(), Refusal> {
    if request["model"].as_str().is_none() {
        return Err(refusal(400, "you must provide a model parameter", Some("model")));
    }
    if request["messages"].as_array().is_none_or(Vec::is_empty) {
        return Err(refusal(400, "'messages' is a required property", Some("messages")));
    }
    if request["stream"] == true {
        return Err(refusal(400, "This server does not stream.", Some("stream")));
    }
    let formatted =
        request["response_format"].as_object().is_some_and(|format| format.get("type") != Some(&json!("text")));
    if formatted && sim.locked(|state| state.lacks_response_format) {
        // The request counts as asked: a test sees that the client tried.
        sim.locked(|state| state.requests.push(request.clone()));
        return Err(refusal(400, "'response_format' is not supported by this server", Some("response_format")));
    }
    Ok(())
}

fn refusal(status: u16, message: &str, param: Option<&str>) -> Refusal {
    let mut body = error_body(status, message);
    body["error"]["param"] = json!(param);
    Refusal { status, body }
}

fn completion(sim: &ModelSim, request: &Value, content: String) -> Value {
    let limit = request["max_completion_tokens"].as_u64().or_else(|| request["max_tokens"].as_u64());
    let (content, cut) = cut_to(content, limit);
    let (prompt, written) = (tokens(&request["messages"].to_string()), tokens(&content));
    let now = sim.0.clock.now();
    json!({
        "id": format!("chatcmpl-{}", sim.0.random.token()), "object": "chat.completion", "created": now.as_second(),
        "model": request["model"],
        "choices": [{
            "index": 0, "finish_reason": if cut { "length" } else { "stop" }, "logprobs": null,
            "message": { "role": "assistant", "content": content, "refusal": null, "annotations": [] },
        }],
        "usage": {
            "prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written,
            "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
            "completion_tokens_details": { "reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0 },
        },
        "service_tier": "default", "system_fingerprint": null,
    })
}
