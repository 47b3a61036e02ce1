//! Anthropic's `/v1/messages`.

use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::response::Response;
use http::HeaderMap;
use serde_json::{Value, json};

use super::ask::{Ask, words};
use super::{ModelSim, Reply, cut_to, tokens};
use crate::sim::wire::{Refusal, answer, object_of};

pub(super) async fn create(
    Extract(sim): Extract<ModelSim>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if !sim.admits(header("x-api-key")) {
        return Err(refusal(401, "authentication_error", "invalid x-api-key"));
    }
    header("anthropic-version").ok_or_else(|| invalid("anthropic-version: header is required"))?;
    let request = Value::Object(object_of(&body).ok_or_else(|| invalid("The request body is not valid JSON"))?);
    check(&request)?;
    let tool = forced_tool(&request);
    let schema = tool.map_or(&request["output_config"]["format"]["schema"], |tool| &tool["input_schema"]);
    let schema = Some(schema).filter(|schema| schema.is_object()).cloned();
    let ask = Ask::new(&request["messages"], &request["system"], schema);
    match sim.reply(&request, &ask).await {
        Reply::Raw(status, body) => Ok(answer(status, &body)),
        Reply::Content(content) => Ok(answer(200, &message(&sim, &request, content, tool))),
    }
}

fn check(request: &Value) -> Result<(), Refusal> {
    for key in ["model", "max_tokens", "messages"] {
        if request[key].is_null() {
            return Err(invalid(&format!("{key}: Field required")));
        }
    }
    if request["stream"] == true {
        return Err(invalid("stream: this server does not stream"));
    }
    let roles = request["messages"].as_array().into_iter().flatten().map(|message| &message["role"]);
    for role in roles {
        if *role != "user" && *role != "assistant" {
            return Err(invalid("messages: roles must be user or assistant; use the top-level system parameter"));
        }
    }
    Ok(())
}

fn refusal(status: u16, kind: &str, message: &str) -> Refusal {
    Refusal { status, body: json!({ "type": "error", "error": { "type": kind, "message": message } }) }
}

fn invalid(message: &str) -> Refusal {
    refusal(400, "invalid_request_error", message)
}

/// The tool that the request makes the model call.
fn forced_tool(request: &Value) -> Option<&Value> {
    let name = request["tool_choice"]["name"].as_str()?;
    request["tools"].as_array()?.iter().find(|tool| tool["name"] == name)
}

fn message(sim: &ModelSim, request: &Value, content: String, tool: Option<&Value>) -> Value {
    let (content, cut) = cut_to(content, request["max_tokens"].as_u64());
    let prompt = tokens(&words(&request["system"])) + tokens(&request["messages"].to_string());
    let written = tokens(&content);
    let id = |prefix: &str| format!("{prefix}_{}", sim.0.random.token());
    let (block, ended) = match tool {
        Some(tool) if !cut => {
            let input: Value = serde_json::from_str(&content).unwrap_or_default();
            let call = json!({ "type": "tool_use", "id": id("toolu"), "name": tool["name"], "input": input });
            (call, "tool_use")
        }
        _ => (json!({ "type": "text", "text": content }), "end_turn"),
    };
    json!({
        "id": id("msg"), "type": "message", "role": "assistant", "model": request["model"], "content": [block],
        "stop_reason": if cut { "max_tokens" } else { ended }, "stop_sequence": null,
        "usage": { "input_tokens": prompt, "output_tokens": written, "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 0 },
    })
}
