//! A second model for when the first does not answer.

use std::sync::Arc;

use async_trait::async_trait;

use super::breaker::Breaker;
use super::{Model, ModelAnswer, ModelError, ModelRequest};
use crate::runtime::Clock;

/// The main model, and a second one that is asked when the first failed or rests. The answer says which one it was.
pub struct FallbackModel {
    main: Arc<dyn Model>,
    fallback: Option<Arc<dyn Model>>,
    breaker: Breaker,
    clock: Clock,
}

impl FallbackModel {
    /// Without a fallback, every request goes to the main model.
    #[must_use]
    pub fn new(main: Arc<dyn Model>, fallback: Option<Arc<dyn Model>>, clock: Clock) -> Self {
        Self { main, fallback, breaker: Breaker::default(), clock }
    }

    /// Asks the main model, unless it rests.
    async fn ask_main(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        if let Err(after) = self.breaker.allow(self.clock.now()) {
            return Err(ModelError::Resting { model: self.main.name().to_owned(), after });
        }
        let answer = self.main.generate(request).await;
        match &answer {
            Err(error) if error.means_model_is_down() => self.breaker.failed(self.clock.now()),
            // A rejected request is an answer, too: the server works.
            Ok(_) | Err(_) => self.breaker.succeeded(),
        }
        answer
    }
}

#[async_trait]
impl Model for FallbackModel {
    fn name(&self) -> &str {
        self.main.name()
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let Some(second) = &self.fallback else {
            return self.main.generate(request).await;
        };
        let main = match self.ask_main(request).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        tracing::warn!(error = %main, fallback = second.name(), "the main model did not answer");
        second
            .generate(request)
            .await
            .map_err(|fallback| ModelError::NoneAnswered { main: Box::new(main), fallback: Box::new(fallback) })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::llm::testing::request;
    use crate::llm::{Stop, Usage};

    /// Fails with the given error, or answers; counts how often it was asked.
    struct Scripted {
        name: &'static str,
        error: Mutex<Option<ModelError>>,
        asked: Mutex<u32>,
    }

    impl Scripted {
        fn new(name: &'static str, error: Option<ModelError>) -> Arc<Self> {
            Arc::new(Self { name, error: Mutex::new(error), asked: Mutex::new(0) })
        }

        fn asked(&self) -> u32 {
            *self.asked.lock().expect("no panic")
        }
    }

    #[async_trait]
    impl Model for Scripted {
        fn name(&self) -> &str {
            self.name
        }

        async fn generate(&self, _: &ModelRequest) -> Result<ModelAnswer, ModelError> {
            *self.asked.lock().expect("no panic") += 1;
            match self.error.lock().expect("no panic").clone() {
                Some(error) => Err(error),
                None => Ok(ModelAnswer {
                    text: String::new(),
                    model: self.name.to_owned(),
                    usage: Usage::default(),
                    cost_microusd: 0,
                    stop: Stop::End,
                    request_id: None,
                    latency_ms: 0,
                    attempts: 1,
                }),
            }
        }
    }

    fn down() -> ModelError {
        ModelError::TimedOut { model: "main".to_owned(), after: Duration::from_secs(30) }
    }

    fn rejected() -> ModelError {
        ModelError::Rejected { model: "main".to_owned(), status: 400, detail: String::new() }
    }

    #[tokio::test]
    async fn the_second_model_answers_when_the_first_fails_and_the_answer_says_so() {
        for error in [down(), rejected()] {
            let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
            let (main, second) = (Scripted::new("main", Some(error)), Scripted::new("second", None));
            let model = FallbackModel::new(main.clone(), Some(second.clone()), clock);
            assert_eq!(model.generate(&request()).await.expect("an answer").model, "second");
            *main.error.lock().expect("no panic") = None;
            assert_eq!(model.generate(&request()).await.expect("an answer").model, "main");
            assert_eq!(second.asked(), 1);
        }
    }

    #[tokio::test]
    async fn a_dead_main_model_is_left_alone_for_a_while_and_then_tried_again() {
        let (clock, time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let (main, second) = (Scripted::new("main", Some(down())), Scripted::new("second", None));
        let model = FallbackModel::new(main.clone(), Some(second), clock);
        for _ in 0..10 {
            model.generate(&request()).await.expect("an answer");
        }
        assert_eq!(main.asked(), 3);
        time.advance(Duration::from_secs(30));
        *main.error.lock().expect("no panic") = None;
        assert_eq!(model.generate(&request()).await.expect("an answer").model, "main");
    }

    #[tokio::test]
    async fn rejected_requests_do_not_make_a_model_dead() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let (main, second) = (Scripted::new("main", Some(rejected())), Scripted::new("second", None));
        let model = FallbackModel::new(main.clone(), Some(second), clock);
        for _ in 0..10 {
            model.generate(&request()).await.expect("an answer");
        }
        assert_eq!(main.asked(), 10);
    }

    #[tokio::test]
    async fn when_both_fail_both_reasons_are_told() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let (main, second) = (Scripted::new("main", Some(down())), Scripted::new("second", Some(rejected())));
        let error = FallbackModel::new(main, Some(second), clock).generate(&request()).await.expect_err("both fail");
        assert!(error.is_retryable());
        let text = error.to_string();
        assert!(text.contains("30000 ms") && text.contains("status 400"), "{text}");
    }

    #[tokio::test]
    async fn without_a_second_model_the_main_one_is_always_asked() {
        let (clock, _time) = Clock::manual(Timestamp::UNIX_EPOCH);
        let main = Scripted::new("main", Some(down()));
        let model = FallbackModel::new(main.clone(), None, clock);
        for _ in 0..5 {
            assert_eq!(model.generate(&request()).await.err(), Some(down()));
        }
        assert_eq!(main.asked(), 5);
    }
}
