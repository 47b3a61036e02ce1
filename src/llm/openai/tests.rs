use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::json;

use crate::llm::testing::{Prepared, Server, json, message, model, request, run, start};
use crate::llm::{ModelAnswer, ModelError, Provider, Stop, Usage};
use crate::prompt::Role;

const OK: &str = r#"{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"gpt-test-2026-10-01",
  "choices":[{"index":0,"message":{"role":"assistant","content":"{\"text\":\"Hi\"}","refusal":null},"logprobs":null,
  "finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100,
  "prompt_tokens_details":{"cached_tokens":400,"audio_tokens":0}},"service_tier":"default"}"#;

fn ok() -> Response {
    json(200, &[("x-request-id", "req_1")], OK)
}

/// Asks once; gives the outcome, what the server saw, and the seconds that passed on the clock.
async fn ask(answers: &[Prepared]) -> (Result<ModelAnswer, ModelError>, Server, f64) {
    let server = Server::new(answers);
    let (model, time) = model(Provider::OpenAi, &server);
    let (outcome, end) = run(&time, start(), async { model.generate(&request()).await }).await;
    let passed = end.duration_since(start()).as_secs_f64();
    (outcome, server, passed)
}

#[tokio::test]
async fn a_request_holds_the_prompt_the_strict_schema_and_is_not_stored() {
    let (outcome, server, _) = ask(&[ok]).await;
    outcome.expect("an answer");
    let (path, headers, body) = server.seen().remove(0);
    assert_eq!(path, "/v1/chat/completions");
    assert_eq!(headers["authorization"], "Bearer sk-test");
    assert!(!headers.contains_key("openai-organization"));
    assert_eq!(
        body,
        json!({
            "model": "gpt-test",
            "messages": [
                { "role": "system", "content": "Answer shortly." },
                { "role": "user", "content": "Hi, what does it cost?" },
            ],
            "max_completion_tokens": 300,
            "temperature": 0.7,
            "store": false,
            "prompt_cache_key": "org",
            "safety_identifier": "abc",
            "response_format": { "type": "json_schema", "json_schema": {
                "name": "proposal",
                "strict": true,
                "schema": { "type": "object", "properties": { "text": { "type": "string" } } },
            } },
        })
    );
}

#[tokio::test]
async fn an_answer_carries_text_tokens_cost_and_the_request_id() {
    let (outcome, _, _) = ask(&[ok]).await;
    assert_eq!(
        outcome.expect("an answer"),
        ModelAnswer {
            text: r#"{"text":"Hi"}"#.to_owned(),
            model: "gpt-test".to_owned(),
            usage: Usage { input_tokens: 1000, cached_tokens: 400, output_tokens: 100 },
            // 600 at 1 dollar, 400 at 0.10 and 100 at 4 dollars a million.
            cost_microusd: 600 + 40 + 400,
            stop: Stop::End,
            request_id: Some("req_1".to_owned()),
            latency_ms: 0,
            attempts: 1,
        }
    );
}

#[tokio::test]
async fn an_answer_whose_tokens_nobody_counts_costs_the_most_it_can() {
    let uncounted: Prepared =
        || json(200, &[], r#"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":"many"}}"#);
    let (outcome, _, _) = ask(&[uncounted]).await;
    let answer = outcome.expect("an answer");
    assert_eq!(answer.usage, Usage::default(), "nothing is made up");
    // 300 tokens of answer at 4 dollars a million alone.
    assert!(answer.cost_microusd > 1_200, "{} (`never-over-budget`)", answer.cost_microusd);
    let written: Prepared = || {
        json(
            200,
            &[],
            r#"{"choices":[{"message":{"content":"a"}}],"usage":{"prompt_tokens":"1000","completion_tokens":100.0}}"#,
        )
    };
    let (outcome, _, _) = ask(&[written]).await;
    assert_eq!(outcome.expect("an answer").cost_microusd, 1_000 + 400);
}

#[tokio::test]
async fn unknown_words_nulls_and_missing_fields_do_not_stop_an_answer() {
    let cases: [(Prepared, &str, Stop); 7] = [
        (
            || {
                json(
                    200,
                    &[],
                    r#"{"choices":[{"message":{"content":"a"},"finish_reason":"tired"}],"service_tier":"gold"}"#,
                )
            },
            "a",
            Stop::Other("tired".to_owned()),
        ),
        (
            || json(200, &[], r#"{"id":7,"choices":[{"message":{"content":null},"finish_reason":null}],"usage":null}"#),
            "",
            Stop::End,
        ),
        (
            || {
                json(
                    200,
                    &[],
                    r#"{"choices":[{"message":{"content":[{"type":"text","text":"a"},{"type":"x"},
            {"type":"text","text":"b"}]},"finish_reason":"stop"}]}"#,
                )
            },
            "ab",
            Stop::End,
        ),
        (
            || {
                json(
                    200,
                    &[],
                    r#"{"choices":[{"message":{"content":null,"refusal":"I can't"},"finish_reason":"stop"}]}"#,
                )
            },
            "I can't",
            Stop::Refusal,
        ),
        (
            || json(200, &[], r#"{"choices":[{"message":{"content":"cut o"},"finish_reason":"length"}]}"#),
            "cut o",
            Stop::Length,
        ),
        (
            || json(200, &[], r#"{"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]}"#),
            "",
            Stop::ContentFilter,
        ),
        (
            || {
                json(
                    200,
                    &[],
                    r#"{"choices":[{"message":{"content":"<think>\nhm\n</think>\n\n{}"},"finish_reason":"stop"}]}"#,
                )
            },
            "{}",
            Stop::End,
        ),
    ];
    for (answer, text, stop) in cases {
        let (outcome, _, _) = ask(&[answer]).await;
        let answer = outcome.expect("an answer");
        assert_eq!((answer.text.as_str(), answer.stop), (text, stop));
    }
}

#[tokio::test]
async fn an_overloaded_server_is_asked_three_times() {
    let (outcome, server, passed) = ask(&[|| json(503, &[], "<html>upstream</html>")]).await;
    assert!(matches!(outcome, Err(ModelError::Unavailable { status: 503, .. })), "{outcome:?}");
    assert_eq!(server.seen().len(), 3);
    // Drawn evenly below 0.5 s and 1 s.
    assert!((0.0..=1.5).contains(&passed), "{passed}");
}

#[tokio::test]
async fn a_short_rate_limit_is_waited_out() {
    let (outcome, _, passed) = ask(&[|| json(429, &[("retry-after", "2")], "{}"), ok]).await;
    let answer = outcome.expect("an answer");
    assert_eq!(answer.attempts, 2);
    assert!((2.0..2.6).contains(&passed) && answer.latency_ms >= 2_000, "{passed}");
}

#[tokio::test]
async fn a_longer_rate_limit_is_told_to_the_turn_which_comes_back_later() {
    let (outcome, server, passed) = ask(&[|| json(429, &[("retry-after", "20")], "{}"), ok]).await;
    let error = outcome.expect_err("no worker sleeps that long");
    assert!(error.is_rate_limit() && error.is_retryable());
    assert_eq!((error.retry_after(), server.seen().len(), passed), (Some(Duration::from_secs(20)), 1, 0.0));
}

#[tokio::test]
async fn a_wait_of_an_hour_is_not_slept_through() {
    let (outcome, server, passed) = ask(&[|| json(429, &[("retry-after", "3600")], "{}"), ok]).await;
    let error = outcome.expect_err("the tries end");
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert_eq!((server.seen().len(), passed), (1, 0.0));
}

#[tokio::test]
async fn an_empty_quota_is_asked_once() {
    let (outcome, server, _) =
        ask(&[|| json(429, &[], r#"{"error":{"message":"x","type":"rate","code":"insufficient_quota"}}"#)]).await;
    assert!(matches!(outcome, Err(ModelError::QuotaExhausted { .. })), "{outcome:?}");
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_connection_cut_within_the_answer_is_tried_again() {
    fn cut() -> Response {
        let parts: [Result<Bytes, std::io::Error>; 2] =
            [Ok(Bytes::from_static(b"{\"choices\":[")), Err(std::io::ErrorKind::ConnectionReset.into())];
        Response::new(Body::from_stream(stream::iter(parts)))
    }
    let (outcome, server, _) = ask(&[cut, ok]).await;
    assert_eq!(outcome.expect("an answer").attempts, 2);
    assert_eq!(server.seen().len(), 2);
    let (outcome, _, _) = ask(&[cut]).await;
    assert!(matches!(outcome, Err(ModelError::Broken { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up_after_the_timeout() {
    fn slow() -> Response {
        let begun = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"{"))]);
        Response::new(Body::from_stream(begun.chain(stream::pending())))
    }
    let (outcome, server, passed) = ask(&[slow]).await;
    let after = Duration::from_secs(30);
    assert_eq!(outcome, Err(ModelError::TimedOut { model: "gpt-test".to_owned(), after }));
    assert_eq!(server.seen().len(), 3);
    assert!((90.0..92.0).contains(&passed), "{passed}");
}

#[tokio::test]
async fn what_is_no_completion_is_malformed_and_is_not_quoted() {
    let bodies: [Prepared; 4] = [
        || json(200, &[], "<html>secret words</html>"),
        || json(200, &[], r#"["secret words"]"#),
        || json(200, &[], r#"{"choices":[],"note":"secret words"}"#),
        || json(200, &[], r#"{"choices":[{"text":"secret words"}]}"#),
    ];
    for body in bodies {
        let (outcome, _, _) = ask(&[body]).await;
        let error = outcome.expect_err("no answer");
        assert!(matches!(error, ModelError::Malformed { .. }), "{error:?}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn an_error_inside_a_200_counts_as_the_error_it_names() {
    let (outcome, server, _) = ask(&[|| json(200, &[], r#"{"error":{"code":429,"message":"slow down"}}"#), ok]).await;
    assert_eq!(outcome.expect("an answer").attempts, 2);
    assert_eq!(server.seen().len(), 2);
    let (outcome, _, _) = ask(&[|| json(200, &[], r#"{"error":{"code":401,"message":"no"},"choices":null}"#)]).await;
    assert!(matches!(outcome, Err(ModelError::Credentials { .. })), "{outcome:?}");
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_in_words_and_the_lesson_is_kept() {
    let server = Server::new(&[
        || json(400, &[], r#"{"error":{"code":400,"message":"json_schema is not supported"}}"#),
        || json(422, &[], r#"{"detail":[{"loc":["body","response_format"],"msg":"extra fields not permitted"}]}"#),
        ok,
    ]);
    let (model, time) = model(Provider::OpenAi, &server);
    for _ in 0..2 {
        let answer = run(&time, start(), async { model.generate(&request()).await }).await.0;
        assert_eq!(answer.expect("an answer").attempts, 1, "learning is no retry");
    }
    let formats: Vec<_> = server.seen().iter().map(|(_, _, body)| body["response_format"]["type"].clone()).collect();
    assert_eq!(formats, [json!("json_schema"), json!("json_object"), json!(null), json!(null)]);
    let (_, _, body) = server.seen().pop().expect("four requests");
    let system = body["messages"][0]["content"].as_str().expect("text");
    assert!(system.starts_with("Answer shortly.") && system.contains(r#""properties""#), "{system}");
    assert_eq!(body["messages"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn parameters_that_a_server_does_not_know_are_left_out() {
    let server = Server::new(&[
        || json(400, &[], r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}"#),
        || {
            json(
                400,
                &[],
                r#"{"error":{"message":"Unsupported value","param":"temperature","code":"unsupported_value"}}"#,
            )
        },
        || json(422, &[], r#"{"detail":[{"loc":["body","safety_identifier"],"msg":"Extra inputs"}]}"#),
        || json(422, &[], r#"{"detail":[{"loc":["body","prompt_cache_key"],"msg":"Extra inputs"}]}"#),
        || json(422, &[], r#"{"detail":[{"loc":["body","store"],"msg":"Extra inputs"}]}"#),
        ok,
    ]);
    let (model, time) = model(Provider::OpenAi, &server);
    run(&time, start(), async { model.generate(&request()).await }).await.0.expect("an answer");
    let (_, _, body) = server.seen().pop().expect("six requests");
    assert_eq!(body["max_tokens"], 300);
    assert_eq!(body["response_format"]["type"], "json_schema");
    for left_out in ["max_completion_tokens", "temperature", "safety_identifier", "prompt_cache_key", "store"] {
        assert!(body.get(left_out).is_none(), "{left_out}");
    }
}

#[tokio::test]
async fn a_rejection_about_nothing_we_can_leave_out_is_final() {
    let (outcome, server, _) = ask(&[|| json(400, &[], r#"{"error":{"code":400,"message":"no such voice"}}"#)]).await;
    assert_eq!(
        outcome.expect_err("rejected").to_string(),
        "model gpt-test rejected the request (status 400): no such voice"
    );
    assert_eq!(server.seen().len(), 1);
}

#[tokio::test]
async fn a_prompt_without_instructions_still_gets_the_schema_in_words() {
    let server = Server::new(&[
        || json(400, &[], r#"{"error":"response_format unsupported"}"#),
        || json(400, &[], r#"{"error":"response_format unsupported"}"#),
        ok,
    ]);
    let (model, time) = model(Provider::OpenAi, &server);
    let mut request = request();
    request.messages = vec![message(Role::User, "Hi")];
    run(&time, start(), async { model.generate(&request).await }).await.0.expect("an answer");
    let (_, _, body) = server.seen().pop().expect("three requests");
    assert_eq!(body["messages"][0]["role"], "system");
    assert_eq!(body["messages"][1], json!({ "role": "user", "content": "Hi" }));
}
