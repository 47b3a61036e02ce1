use axum::response::Response;
use serde_json::json;

use crate::llm::testing::{Prepared, Server, json, message, model, request, run, start};
use crate::llm::{ModelAnswer, ModelError, ModelRequest, Provider, Stop, Usage};
use crate::prompt::Role;

fn ok() -> Response {
    json(
        200,
        &[("request-id", "req_9")],
        r#"{"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[
            {"type":"thinking","thinking":"hm"},{"type":"text","text":"{\"text\":"},{"type":"text","text":"\"Hi\"}"}],
            "stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":500,"cache_read_input_tokens":400,
            "cache_creation_input_tokens":100,"output_tokens":100}}"#,
    )
}

async fn ask(request: &ModelRequest, answers: &[Prepared]) -> (Result<ModelAnswer, ModelError>, Server) {
    let server = Server::new(answers);
    let (model, time) = model(Provider::Anthropic, &server);
    let outcome = run(&time, start(), async { model.generate(request).await }).await.0;
    (outcome, server)
}

#[tokio::test]
async fn instructions_stand_outside_and_turns_of_one_role_are_merged() {
    let mut request = request();
    request.messages = vec![
        message(Role::System, "Rules."),
        message(Role::User, "Lead facts."),
        message(Role::User, "Hi"),
        message(Role::Assistant, "Hello"),
        message(Role::System, "More rules."),
        message(Role::User, "Price?"),
    ];
    let (outcome, server) = ask(&request, &[ok]).await;
    outcome.expect("an answer");
    let (path, headers, body) = server.seen().remove(0);
    assert_eq!(path, "/v1/messages");
    assert_eq!(
        (&headers["x-api-key"], &headers["anthropic-version"]),
        (&"sk-test".parse().unwrap(), &"2023-06-01".parse().unwrap())
    );
    assert_eq!(
        body,
        json!({
            "model": "gpt-test",
            "max_tokens": 300,
            "temperature": 0.7,
            "system": "Rules.\n\nMore rules.",
            "messages": [
                { "role": "user", "content": "Lead facts.\n\nHi" },
                { "role": "assistant", "content": "Hello" },
                { "role": "user", "content": "Price?" },
            ],
            "metadata": { "user_id": "abc" },
            "output_config": { "format": {
                "type": "json_schema",
                "schema": { "type": "object", "properties": { "text": { "type": "string" } } },
            } },
        })
    );
}

#[tokio::test]
async fn a_conversation_that_we_began_gets_an_opening_turn() {
    let mut request = request();
    request.messages = vec![message(Role::Assistant, "Hello"), message(Role::User, "Hi")];
    let (_, server) = ask(&request, &[ok]).await;
    let (_, _, body) = server.seen().remove(0);
    let roles: Vec<_> = body["messages"].as_array().expect("turns").iter().map(|turn| turn["role"].clone()).collect();
    assert_eq!(roles, ["user", "assistant", "user"]);
    assert!(body.get("system").is_none());
}

#[tokio::test]
async fn text_blocks_are_joined_and_cached_tokens_count_as_input() {
    let (outcome, _) = ask(&request(), &[ok]).await;
    let answer = outcome.expect("an answer");
    assert_eq!(answer.text, r#"{"text":"Hi"}"#);
    assert_eq!(answer.usage, Usage { input_tokens: 1000, cached_tokens: 400, output_tokens: 100 });
    // 600 at 1 dollar, of which 100 were written to the cache for a quarter more; 400 at 0.10; 100 at 4 dollars.
    assert_eq!(answer.cost_microusd, 600 + 25 + 40 + 400);
    assert_eq!((answer.stop, answer.request_id.as_deref()), (Stop::End, Some("req_9")));
}

#[tokio::test]
async fn every_stop_reason_is_understood() {
    let cases: [(Prepared, Stop); 5] = [
        (|| json(200, &[], r#"{"content":[],"stop_reason":"max_tokens"}"#), Stop::Length),
        (|| json(200, &[], r#"{"content":[],"stop_reason":"model_context_window_exceeded"}"#), Stop::Length),
        (|| json(200, &[], r#"{"content":[],"stop_reason":"refusal"}"#), Stop::Refusal),
        (|| json(200, &[], r#"{"content":[],"stop_reason":"stop_sequence"}"#), Stop::End),
        (|| json(200, &[], r#"{"content":[],"stop_reason":"pause_turn"}"#), Stop::Other("pause_turn".to_owned())),
    ];
    for (answer, stop) in cases {
        assert_eq!(ask(&request(), &[answer]).await.0.expect("an answer").stop, stop);
    }
}

#[tokio::test]
async fn a_model_without_schemas_gets_it_in_words_and_the_lesson_is_kept() {
    let server = Server::new(&[
        || json(400, &[], r#"{"type":"error","error":{"type":"invalid_request_error","message":"output_config: no"}}"#),
        ok,
    ]);
    let (model, time) = model(Provider::Anthropic, &server);
    for _ in 0..2 {
        run(&time, start(), async { model.generate(&request()).await }).await.0.expect("an answer");
    }
    let with: Vec<bool> = server.seen().iter().map(|(_, _, body)| body.get("output_config").is_some()).collect();
    assert_eq!(with, [true, false, false]);
    assert!(server.seen()[2].2["system"].as_str().is_some_and(|system| system.contains("JSON schema")));
}

#[tokio::test]
async fn a_model_that_takes_no_temperature_is_asked_without_one() {
    let (outcome, server) = ask(
        &request(),
        &[
            || json(400, &[], r#"{"error":{"type":"invalid_request_error","message":"temperature is not supported"}}"#),
            ok,
        ],
    )
    .await;
    assert_eq!(outcome.expect("an answer").attempts, 1);
    let sent: Vec<bool> = server.seen().iter().map(|(_, _, body)| body.get("temperature").is_some()).collect();
    assert_eq!(sent, [true, false]);
    assert!(server.seen()[1].2.get("output_config").is_some());
}

#[tokio::test]
async fn an_overloaded_server_is_asked_again_and_an_empty_account_is_not() {
    let (outcome, server) = ask(
        &request(),
        &[|| json(529, &[], r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#), ok],
    )
    .await;
    assert_eq!((outcome.expect("an answer").attempts, server.seen().len()), (2, 2));
    let (outcome, server) = ask(
        &request(),
        &[|| {
            json(400, &[], r#"{"error":{"type":"invalid_request_error","message":"Your credit balance is too low"}}"#)
        }],
    )
    .await;
    assert!(matches!(outcome, Err(ModelError::QuotaExhausted { .. })), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_refused_key_names_its_variable() {
    let (outcome, _) = ask(
        &request(),
        &[|| {
            json(401, &[], r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#)
        }],
    )
    .await;
    assert!(outcome.expect_err("refused").to_string().contains("ANTHROPIC_API_KEY"));
}
