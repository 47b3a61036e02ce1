//! A second model for when the first does not answer.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Model, ModelAnswer, ModelError, ModelRequest};
use crate::runtime::upstream::Upstream;

/// The main model, and a second one that is asked when the first failed or is left alone. The answer says which one it
/// was.
pub struct FallbackModel {
    main: Arc<dyn Model>,
    fallback: Option<Arc<dyn Model>>,
}

impl FallbackModel {
    /// Without a fallback, every request goes to the main model.
    #[must_use]
    pub fn new(main: Arc<dyn Model>, fallback: Option<Arc<dyn Model>>) -> Self {
        Self { main, fallback }
    }
}

#[async_trait]
impl Model for FallbackModel {
    fn name(&self) -> &str {
        self.main.name()
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let main = match (self.main.generate(request).await, &self.fallback) {
            (Err(error), Some(_)) if !matches!(error, ModelError::Busy { .. }) => error,
            // A main model that only has much to do is waited for.
            (ended, _) => return ended,
        };
        let Some(second) = &self.fallback else { return Err(main) };
        tracing::warn!(error = %main.without_words(), fallback = second.name(), "the main model did not answer");
        tracing::debug!(error = %main, "in the server's words");
        match second.generate(request).await {
            Ok(mut answer) => {
                if main.may_be_billed() {
                    answer.cost_microusd = answer.cost_microusd.saturating_add(self.main.most_microusd(request));
                }
                Ok(answer)
            }
            Err(fallback) => Err(ModelError::NoneAnswered { main: Box::new(main), fallback: Box::new(fallback) }),
        }
    }

    fn upstreams(&self) -> Vec<Upstream> {
        let second = self.fallback.iter().flat_map(|second| second.upstreams());
        self.main.upstreams().into_iter().chain(second).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

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

    /// What a try that nobody counted may cost with any of them.
    const MOST_MICROUSD: u64 = 700;

    #[async_trait]
    impl Model for Scripted {
        fn name(&self) -> &str {
            self.name
        }

        fn most_microusd(&self, _: &ModelRequest) -> u64 {
            MOST_MICROUSD
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
            let (main, second) = (Scripted::new("main", Some(error)), Scripted::new("second", None));
            let model = FallbackModel::new(main.clone(), Some(second.clone()));
            assert_eq!(model.generate(&request()).await.expect("an answer").model, "second");
            *main.error.lock().expect("no panic") = None;
            assert_eq!(model.generate(&request()).await.expect("an answer").model, "main");
            assert_eq!(second.asked(), 1);
        }
    }

    #[tokio::test]
    async fn what_the_first_model_may_have_billed_counts_beside_the_answer_of_the_second() {
        for (error, cost_microusd) in [(down(), MOST_MICROUSD), (rejected(), 0)] {
            let model = FallbackModel::new(Scripted::new("main", Some(error)), Some(Scripted::new("second", None)));
            assert_eq!(model.generate(&request()).await.expect("an answer").cost_microusd, cost_microusd);
        }
    }

    #[tokio::test]
    async fn a_main_model_that_has_much_to_do_is_waited_for() {
        let busy = ModelError::Busy { model: "main".to_owned(), after: Duration::from_secs(1) };
        let (main, second) = (Scripted::new("main", Some(busy.clone())), Scripted::new("second", None));
        let model = FallbackModel::new(main, Some(second.clone()));
        assert_eq!(model.generate(&request()).await, Err(busy));
        assert_eq!(second.asked(), 0);
    }

    #[tokio::test]
    async fn when_both_fail_both_reasons_are_told() {
        let (main, second) = (Scripted::new("main", Some(down())), Scripted::new("second", Some(rejected())));
        let error = FallbackModel::new(main, Some(second)).generate(&request()).await.expect_err("both fail");
        assert!(error.is_retryable());
        let text = error.to_string();
        assert!(text.contains("30000 ms") && text.contains("status 400"), "{text}");
    }

    #[tokio::test]
    async fn without_a_second_model_the_main_one_is_always_asked() {
        let main = Scripted::new("main", Some(down()));
        let model = FallbackModel::new(main.clone(), None);
        for _ in 0..5 {
            assert_eq!(model.generate(&request()).await.err(), Some(down()));
        }
        assert_eq!(main.asked(), 5);
    }
}
