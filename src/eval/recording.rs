//! Keeps a run's answers for later replays.

use std::collections::{BTreeMap, VecDeque};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use crate::llm::recorded::{Recorded, read_lines, request_key};
use crate::llm::{Model, ModelAnswer, ModelError, ModelRequest, RecordingModel};
use crate::runtime::upstream::Upstream;

/// Records a whole run beside the old file, which is replaced only when the run is whole. The answers stand in the
/// order of the cases, however they came in.
///
/// What an unfinished run was answered stays beside the old file too, and is not asked for again by the next one.
pub struct Recorder {
    path: PathBuf,
    unfinished: PathBuf,
    kept: Arc<Kept>,
    cases: Vec<Arc<RecordingModel>>,
}

impl Recorder {
    /// Prepares to record what these models answer, one a case.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file's folder cannot be written, or what an earlier run left cannot be read.
    pub fn begin(models: &[Arc<dyn Model>], path: &Path) -> Result<Self, ModelError> {
        let unfinished = path.with_extension("jsonl.unfinished");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
        }
        // A run that was killed may have left one.
        std::fs::write(fresh(path), "").map_err(|error| unusable(&fresh(path), &error))?;
        let kept = Arc::new(Kept::read(&unfinished, models.first().map_or("", |model| model.name()))?);
        let one = |model: &Arc<dyn Model>| {
            let model = Resumed { kept: kept.clone(), inner: model.clone() };
            RecordingModel::new(Arc::new(model), &fresh(path)).map(Arc::new)
        };
        let cases = models.iter().map(one).collect::<Result<_, _>>()?;
        Ok(Self { path: path.to_owned(), unfinished, kept, cases })
    }

    /// The model that records the case at a place, from 0.
    ///
    /// # Panics
    /// When [`Recorder::begin`] was given no model for that place.
    #[must_use]
    pub fn model(&self, place: usize) -> Arc<dyn Model> {
        self.cases[place].clone()
    }

    /// How many answers an unfinished run left for this one.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.kept.count
    }

    /// Where an unfinished run leaves its answers.
    #[must_use]
    pub fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Replaces the old recording.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file cannot be written; the old one is then untouched.
    pub async fn keep(&self) -> Result<(), ModelError> {
        self.flush().await?;
        self.put(&self.path)?;
        match std::fs::remove_file(&self.unfinished) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(unusable(&self.unfinished, &error)),
            _ => Ok(()),
        }
    }

    /// Leaves the old recording as it was, and all answers to the next run. Gives how many those are.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when they cannot be written.
    pub async fn leave(&self) -> Result<usize, ModelError> {
        self.flush().await?;
        let fresh = fresh(&self.path);
        let text = std::fs::read_to_string(&fresh).map_err(|error| unusable(&fresh, &error))? + &self.kept.left();
        let count = text.lines().count();
        if count > 0 {
            std::fs::write(&fresh, text).map_err(|error| unusable(&fresh, &error))?;
            self.put(&self.unfinished)?;
        }
        Ok(count)
    }

    async fn flush(&self) -> Result<(), ModelError> {
        for case in &self.cases {
            case.flush().await?;
        }
        Ok(())
    }

    fn put(&self, path: &Path) -> Result<(), ModelError> {
        std::fs::rename(fresh(&self.path), path).map_err(|error| unusable(path, &error))
    }
}

/// What was neither kept nor left is discarded.
impl Drop for Recorder {
    fn drop(&mut self) {
        // It is gone where it was put in its place; another leftover is emptied when the next recording begins.
        let _ = std::fs::remove_file(fresh(&self.path));
    }
}

/// Written first, so that no file is ever half a recording.
fn fresh(path: &Path) -> PathBuf {
    path.with_extension("jsonl.new")
}

/// What a model answered in a run that was not finished, by request.
struct Kept {
    lines: Mutex<BTreeMap<String, VecDeque<Recorded>>>,
    count: usize,
}

impl Kept {
    /// Those of the model of this name; none when there is no such file.
    fn read(path: &Path, model: &str) -> Result<Self, ModelError> {
        let mut lines: BTreeMap<String, VecDeque<Recorded>> = BTreeMap::new();
        let text = match std::fs::read_to_string(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            read => read.map_err(|error| unusable(path, &error))?,
        };
        let mut count = 0;
        for recorded in read_lines(&text).map_err(|error| unusable(path, &error))? {
            if recorded.answer.model == model {
                lines.entry(request_key(&recorded.request)).or_default().push_back(recorded);
                count += 1;
            }
        }
        Ok(Self { lines: Mutex::new(lines), count })
    }

    /// The next answer to a request, which is given once.
    fn take(&self, request: &ModelRequest) -> Option<ModelAnswer> {
        Some(self.lock().get_mut(&request_key(request))?.pop_front()?.answer)
    }

    /// What was not asked for yet, as lines of a file.
    fn left(&self) -> String {
        let lines = self.lock();
        let left = lines.values().flatten().filter_map(|recorded| serde_json::to_string(recorded).ok());
        left.map(|line| line + "\n").collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, VecDeque<Recorded>>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Gives what an unfinished run was answered, and asks for the rest.
struct Resumed {
    kept: Arc<Kept>,
    inner: Arc<dyn Model>,
}

#[async_trait]
impl Model for Resumed {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        match self.kept.take(request) {
            Some(answer) => Ok(answer),
            None => self.inner.generate(request).await,
        }
    }

    fn upstreams(&self) -> Vec<Upstream> {
        self.inner.upstreams()
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
