//! Answers written by hand: what a good model could say, to try a suite before there is a model.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use super::problem::SuiteError;
use super::suite::Suite;
use crate::llm::{Model, ModelAnswer, ModelError, ModelRequest, Stop, Usage};

/// The model's name in reports and recordings.
pub const NAME: &str = "written by hand";

/// Answers by suite and case, in the order in which they are given; each is the object that a model would write.
#[derive(Debug, Clone)]
pub struct Script {
    path: PathBuf,
    suites: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
}

impl Script {
    /// Reads a file.
    ///
    /// # Errors
    /// [`SuiteError`] when it cannot be read or is not a script.
    pub fn load(path: &Path) -> Result<Self, SuiteError> {
        let text = std::fs::read_to_string(path).map_err(|error| SuiteError::unreadable(path, "script", &error))?;
        let suites = serde_norway::from_str(text.trim_start_matches('\u{feff}'))
            .map_err(|error| SuiteError::syntax(path, &error))?;
        Ok(Self { path: path.to_owned(), suites })
    }

    /// A model for each case of a suite, in order. A case without answers gets a model that has none.
    ///
    /// # Errors
    /// [`SuiteError`] when there are answers to a case that the suite does not have.
    pub fn models(&self, suite: &Suite) -> Result<Vec<Arc<dyn Model>>, SuiteError> {
        let none = BTreeMap::new();
        let answers = self.suites.get(&suite.name).unwrap_or(&none);
        if let Some(id) = answers.keys().find(|id| suite.cases.iter().all(|case| case.id != **id)) {
            return Err(SuiteError::case(&self.path, None, id, &format!("{} has no such case", suite.path.display())));
        }
        let model = |id: &String| {
            let left = answers.get(id).into_iter().flatten().map(Value::to_string).collect();
            let model: Arc<dyn Model> =
                Arc::new(Written { path: self.path.clone(), case: id.clone(), left: Mutex::new(left) });
            model
        };
        Ok(suite.cases.iter().map(|case| model(&case.id)).collect())
    }
}

/// The answers to one case that were not given yet.
struct Written {
    path: PathBuf,
    case: String,
    left: Mutex<VecDeque<String>>,
}

#[async_trait]
impl Model for Written {
    fn name(&self) -> &str {
        NAME
    }

    async fn generate(&self, _request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let next = self.left.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        let text = next.ok_or_else(|| ModelError::Recording {
            path: self.path.display().to_string(),
            reason: format!("there is no answer, or no further one, to case {:?}", self.case),
        })?;
        Ok(ModelAnswer {
            text,
            model: NAME.to_owned(),
            usage: Usage::default(),
            cost_microusd: 0,
            stop: Stop::End,
            request_id: None,
            latency_ms: 0,
            attempts: 1,
        })
    }
}
