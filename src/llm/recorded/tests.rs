use super::*;
use crate::llm::testing::{message, request};
use crate::llm::{Stop, Usage};

/// Answers with what it was asked last, and how often it was asked.
struct Echo(Mutex<u32>);

#[async_trait]
impl Model for Echo {
    fn name(&self) -> &'static str {
        "echo"
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let mut count = self.0.lock().expect("no panic");
        *count += 1;
        Ok(ModelAnswer {
            text: format!("{} #{count}", request.messages.last().expect("a message").text),
            model: "echo".to_owned(),
            usage: Usage::default(),
            cost_microusd: 5,
            stop: Stop::Other("tired".to_owned()),
            request_id: None,
            latency_ms: 12,
            attempts: 1,
        })
    }
}

fn asking(text: &str) -> ModelRequest {
    ModelRequest { messages: vec![message(Role::User, text)], ..request() }
}

#[tokio::test]
async fn what_was_recorded_is_replayed_trial_by_trial() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("answers.jsonl");
    let recording = RecordingModel::new(Arc::new(Echo(Mutex::new(0))), &path).expect("a writable file");
    let mut live = Vec::new();
    for text in ["a", "a", "b"] {
        live.push(recording.generate(&asking(text)).await.expect("an answer"));
        recording.flush().await.expect("written");
    }
    let replay = ReplayModel::open(&path).expect("a readable file");
    assert_eq!(replay.name(), "echo");
    let mut replayed = Vec::new();
    for text in ["a", "a", "b"] {
        replayed.push(replay.generate(&asking(text)).await.expect("recorded"));
    }
    assert_eq!(replayed, live);
    assert_eq!(replay.generate(&asking("a")).await.expect("starts over"), live[0]);
}

#[tokio::test]
async fn a_request_that_was_never_recorded_is_named() {
    let replay = ReplayModel::from_lines("").expect("an empty recording");
    let error = replay.generate(&asking("What does\nit cost?")).await.expect_err("nothing recorded");
    let text = error.to_string();
    assert!(text.contains("What does it cost?") && text.contains(&request_key(&asking("What does\nit cost?"))[..12]));
    assert!(!error.is_retryable());
}

#[test]
fn the_key_depends_on_what_shapes_the_answer_only() {
    let plain = request();
    let hinted = ModelRequest { cache_key: None, safety_identifier: Some("other".to_owned()), ..request() };
    assert_eq!(request_key(&plain), request_key(&hinted));
    assert_ne!(request_key(&plain), request_key(&ModelRequest { temperature: None, ..request() }));
    assert_ne!(request_key(&plain), request_key(&ModelRequest { schema: None, ..request() }));
    assert_ne!(request_key(&plain), request_key(&asking("a")));
}

#[test]
fn a_broken_line_is_named_by_its_number() {
    let error = ReplayModel::from_lines("\n{\"key\":1}\n").expect_err("no recorded answer");
    assert!(error.starts_with("line 2 "), "{error}");
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_named_at_once() {
    let error = RecordingModel::new(Arc::new(Echo(Mutex::new(0))), Path::new("/nonexistent/answers.jsonl")).err();
    assert!(error.expect("no such folder").to_string().contains("/nonexistent/answers.jsonl"));
}
