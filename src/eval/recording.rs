//! Keeps a run's answers for later replays.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::llm::recorded::Recorded;
use crate::llm::{Model, ModelError, RecordingModel};

/// Records a whole run beside the old file, which is replaced only when the run is whole. The answers stand in the
/// order of the cases, however they came in.
pub struct Recorder {
    path: PathBuf,
    fresh: PathBuf,
    cases: Vec<Arc<RecordingModel>>,
}

impl Recorder {
    /// Prepares to record what these models answer, one a case.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file's folder cannot be written.
    pub fn begin(models: &[Arc<dyn Model>], path: &Path) -> Result<Self, ModelError> {
        let fresh = path.with_extension("jsonl.new");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
        }
        std::fs::File::create(&fresh).map_err(|error| unusable(&fresh, &error))?;
        let one = |model: &Arc<dyn Model>| RecordingModel::new(model.clone(), &fresh).map(Arc::new);
        let cases = models.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), fresh, cases })
    }

    /// The model that records the case at a place, from 0.
    ///
    /// # Panics
    /// When [`Recorder::begin`] was given no model for that place.
    #[must_use]
    pub fn model(&self, place: usize) -> Arc<dyn Model> {
        self.cases[place].clone()
    }

    /// Replaces the old recording.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file cannot be written; the old one is then untouched.
    pub async fn keep(self) -> Result<(), ModelError> {
        for case in &self.cases {
            case.flush().await?;
        }
        std::fs::rename(&self.fresh, &self.path).map_err(|error| unusable(&self.path, &error))
    }

    /// Leaves the old recording as it was.
    pub fn discard(self) {
        // A leftover is emptied when the next recording begins.
        let _ = std::fs::remove_file(&self.fresh);
    }
}

/// What a recording was made with; it shapes the requests, so a replay must ask for the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RecordedLimits {
    /// Tokens of an answer, at most.
    pub max_output_tokens: u32,
    /// Sampling temperature.
    pub temperature: Option<f32>,
}

/// The limits of a recording's first request; none for an empty recording.
///
/// # Errors
/// [`ModelError::Recording`] when the file cannot be read.
pub fn recorded_limits(path: &Path) -> Result<Option<RecordedLimits>, ModelError> {
    let text = std::fs::read_to_string(path).map_err(|error| unusable(path, &error))?;
    let Some(line) = text.lines().find(|line| !line.trim().is_empty()) else { return Ok(None) };
    let first: Recorded = serde_json::from_str(line).map_err(|error| unusable(path, &error))?;
    let request = first.request;
    Ok(Some(RecordedLimits { max_output_tokens: request.max_output_tokens, temperature: request.temperature }))
}

fn unusable(path: &Path, reason: &impl ToString) -> ModelError {
    ModelError::Recording { path: path.display().to_string(), reason: reason.to_string() }
}
