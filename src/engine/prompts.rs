//! The prompt files in use. They can be exchanged while the service runs; a turn keeps those it began with.

use std::sync::{Arc, PoisonError, RwLock};

use crate::prompt::Library;

/// A handle to the prompt files in use. Clones share it.
#[derive(Clone)]
pub struct Prompts(Arc<RwLock<Current>>);

struct Current {
    library: Arc<Library>,
    trouble: Option<String>,
}

impl Prompts {
    /// Begins with these.
    pub fn new(library: impl Into<Arc<Library>>) -> Self {
        Self(Arc::new(RwLock::new(Current { library: library.into(), trouble: None })))
    }

    /// The files as they are now.
    #[must_use]
    pub fn current(&self) -> Arc<Library> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).library.clone()
    }

    /// What is wrong with the files as they were saved last, and that the earlier ones are still in use; none when all is
    /// well.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).trouble.clone()
    }

    /// Takes the files as they were just read. What cannot be used changes nothing but [`Prompts::trouble`]: the last good
    /// ones stay.
    pub fn reload(&self, read: Result<Library, String>) {
        let mut current = self.0.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok(library) => {
                if library.hash() != current.library.hash() {
                    tracing::info!(hash = library.hash(), "the prompt files were changed and are in use");
                }
                *current = Current { library: Arc::new(library), trouble: None };
            }
            Err(reason) => {
                let hash = current.library.hash();
                let words =
                    format!("A prompt file cannot be used, the earlier ones (prompts {hash}) still are: {reason}");
                if current.trouble.as_ref() != Some(&words) {
                    tracing::error!("{words}");
                }
                current.trouble = Some(words);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_file_keeps_the_last_good_ones_and_says_so() {
        let library = |text: &str| Library::from_files(vec![("reply.md".to_owned(), text.to_owned())]);
        let prompts = Prompts::new(library("first").unwrap());
        let hash = prompts.current().hash().to_owned();
        prompts.reload(library("Hi {{ nobody }}").map_err(|error| error.to_string()));
        assert_eq!(prompts.current().hash(), hash);
        let trouble = prompts.trouble().unwrap();
        assert!(trouble.contains("reply.md, line 1") && trouble.contains(&hash), "{trouble}");
        prompts.reload(library("second").map_err(|error| error.to_string()));
        assert_ne!(prompts.current().hash(), hash);
        assert_eq!(prompts.trouble(), None);
    }
}
