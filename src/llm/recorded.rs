//! Answers kept in a file, so that an evaluation can be run again without a model and without money.
//!
//! The file holds one JSON object a line: `key`, `request`, `answer`. The same request may stand there several times,
//! for the trials of one case; a replay hands the answers out in that order and then starts over.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;

use super::{Model, ModelAnswer, ModelError, ModelRequest};
use crate::prompt::Role;
use crate::runtime::upstream::Upstream;

/// One line of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recorded {
    /// [`request_key`] of the request.
    pub key: String,
    /// What was asked.
    pub request: ModelRequest,
    /// What was answered.
    pub answer: ModelAnswer,
}

/// The hash of what shapes an answer: SHA-256 in hex. Routing hints (`cache_key`, `safety_identifier`) do not count.
///
/// # Panics
/// Never: a request always has a JSON form.
#[must_use]
pub fn request_key(request: &ModelRequest) -> String {
    let shaping = ModelRequest { cache_key: None, safety_identifier: None, ..request.clone() };
    let bytes = serde_json::to_vec(&shaping).expect("a request has only string keys and finite numbers");
    hex::encode(Sha256::digest(bytes))
}

fn unusable(path: &Path, reason: &impl ToString) -> ModelError {
    ModelError::Recording { path: path.display().to_string(), reason: reason.to_string() }
}

/// Reads the lines of a recording.
///
/// # Errors
/// What is wrong, with the line's number.
pub fn read_lines(text: &str) -> Result<Vec<Recorded>, String> {
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let read = |(line, number): (&str, usize)| {
        serde_json::from_str(line).map_err(|error| format!("line {number} is no recorded answer: {error}"))
    };
    lines.map(read).collect()
}

/// Passes requests on and keeps the answers, until [`RecordingModel::flush`] appends them to the file.
pub struct RecordingModel {
    inner: Arc<dyn Model>,
    path: PathBuf,
    lines: Mutex<Vec<String>>,
}

impl RecordingModel {
    /// Records what `inner` answers into `path`.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file cannot be opened for writing.
    pub fn new(inner: Arc<dyn Model>, path: &Path) -> Result<Self, ModelError> {
        std::fs::OpenOptions::new().create(true).append(true).open(path).map_err(|e| unusable(path, &e))?;
        Ok(Self { inner, path: path.to_owned(), lines: Mutex::default() })
    }

    /// Appends what was answered since the last flush.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when the file cannot be written; the answers are kept for the next flush.
    pub async fn flush(&self) -> Result<(), ModelError> {
        let lines = std::mem::take(&mut *self.lock());
        let written = self.append(&lines.concat()).await;
        if written.is_err() {
            self.lock().splice(..0, lines);
        }
        written.map_err(|e| unusable(&self.path, &e))
    }

    async fn append(&self, text: &str) -> std::io::Result<()> {
        let mut file = tokio::fs::OpenOptions::new().create(true).append(true).open(&self.path).await?;
        file.write_all(text.as_bytes()).await?;
        file.flush().await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Model for RecordingModel {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let answer = self.inner.generate(request).await?;
        let recorded = Recorded { key: request_key(request), request: request.clone(), answer: answer.clone() };
        let line = serde_json::to_string(&recorded).map_err(|e| unusable(&self.path, &e))?;
        self.lock().push(format!("{line}\n"));
        Ok(answer)
    }

    fn upstreams(&self) -> Vec<Upstream> {
        self.inner.upstreams()
    }
}

/// The answers of one request, and which comes next.
#[derive(Debug, Default)]
struct Tape {
    answers: Vec<ModelAnswer>,
    next: usize,
}

/// Answers from a file.
#[derive(Debug)]
pub struct ReplayModel {
    name: String,
    tapes: Mutex<HashMap<String, Tape>>,
}

impl ReplayModel {
    /// Reads the whole file.
    ///
    /// # Errors
    /// [`ModelError::Recording`] when it cannot be read; the message names the line.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        let text = std::fs::read_to_string(path).map_err(|e| unusable(path, &e))?;
        Self::from_lines(&text).map_err(|reason| unusable(path, &reason))
    }

    /// Reads the lines of such a file.
    ///
    /// # Errors
    /// What is wrong, with the line's number.
    pub fn from_lines(text: &str) -> Result<Self, String> {
        let mut tapes: HashMap<String, Tape> = HashMap::new();
        let mut name = None;
        for recorded in read_lines(text)? {
            name.get_or_insert_with(|| recorded.answer.model.clone());
            // Computed anew: a file edited by hand stays true to its requests.
            tapes.entry(request_key(&recorded.request)).or_default().answers.push(recorded.answer);
        }
        Ok(Self { name: name.unwrap_or_else(|| "recorded".to_owned()), tapes: Mutex::new(tapes) })
    }
}

#[async_trait]
impl Model for ReplayModel {
    fn name(&self) -> &str {
        &self.name
    }

    async fn generate(&self, request: &ModelRequest) -> Result<ModelAnswer, ModelError> {
        let key = request_key(request);
        let mut tapes = self.tapes.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tape) = tapes.get_mut(&key) else {
            let newest = request.messages.iter().rfind(|message| message.role == Role::User);
            let opening = newest.map(|message| message.text.split_whitespace().collect::<Vec<_>>().join(" "));
            let opening = opening.unwrap_or_default().chars().take(60).collect();
            return Err(ModelError::NotRecorded { key: key[..12].to_owned(), opening });
        };
        let answer = tape.answers[tape.next % tape.answers.len()].clone();
        tape.next += 1;
        Ok(answer)
    }
}

#[cfg(test)]
mod tests;
