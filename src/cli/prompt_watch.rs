//! Reads the prompts folder again when a file in it was saved.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::assemble::{files_below, read_prompts};
use super::told;
use crate::engine::Prompts;
use crate::prompt::{Library, Trial};
use crate::runtime::{Clock, Tasks};

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What a look at the folder sees without reading: each file with its size and when it was saved.
type Seen = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Keeps `prompts` as the folder has them and the trial lets them pass, for ever. It can be cut wherever it is. Files are read
/// on a thread of their own among `tasks`: a slow disk holds up nobody.
pub async fn keep_prompts(prompts: Prompts, folder: PathBuf, trial: Trial, clock: Clock, tasks: Tasks) {
    let begin =
        || Watch { prompts: prompts.clone(), folder: folder.clone(), trial: trial.clone(), last: None, is_read: false };
    let mut watch = begin();
    loop {
        let looking = tasks.spawn_blocking(move || {
            watch.look();
            watch
        });
        // A look that panicked saw nothing: the next ones read everything.
        watch = looking.await.unwrap_or_else(|_| begin());
        clock.sleep(LOOK).await;
    }
}

/// A folder and what was seen of it.
struct Watch {
    prompts: Prompts,
    folder: PathBuf,
    trial: Trial,
    last: Option<Seen>,
    /// What was seen last was read, too.
    is_read: bool,
}

impl Watch {
    /// One look. Files are read when two looks see the same: what changes between them may be half written.
    fn look(&mut self) {
        let seen = seen(&self.folder).ok();
        let is_settled = seen == self.last;
        if seen.is_none() || (is_settled && !self.is_read) {
            let read = read_prompts(&self.folder).and_then(|files| {
                let library = Library::from_files(files)?;
                self.trial.pass(&library)?;
                Ok(library)
            });
            self.prompts.reload(read.map_err(|error| told(&error)));
            self.is_read = true;
        } else if !is_settled {
            self.is_read = false;
        }
        self.last = seen;
    }
}

fn seen(folder: &Path) -> anyhow::Result<Seen> {
    let mut found = Vec::new();
    for path in files_below(folder)? {
        let about = std::fs::metadata(&path)?;
        found.push((path, about.len(), about.modified().ok()));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conversation::Organisation;
    use crate::prompt::{Budget, Tiktoken};

    fn watch(prompts: &Prompts, folder: &Path) -> Watch {
        let counter = Tiktoken::fallback();
        let budget = Budget::for_model(128_000, 800, 300, 6_000, &counter);
        let trial = Trial { organisation: Organisation::default(), budget, counter: Arc::new(counter) };
        Watch { prompts: prompts.clone(), folder: folder.to_owned(), trial, last: None, is_read: false }
    }

    /// As many looks as it takes.
    fn look(watch: &mut Watch) {
        watch.look();
        watch.look();
    }

    #[test]
    fn a_saved_file_is_used_soon_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("saved");
        save("reply.md", "first");
        let files = read_prompts(folder.path()).expect("read");
        let prompts = Prompts::new(Library::from_files(files).expect("prompts"));
        let first = prompts.current();

        let mut watch = watch(&prompts, folder.path());
        look(&mut watch);
        save("house.md", "Be kind to everybody.");
        look(&mut watch);
        let second = prompts.current();
        assert_ne!(first.hash(), second.hash());
        assert!(second.house().is_some());

        save("house.md", "Be kind to {{ everybody_here }}.");
        look(&mut watch);
        assert_eq!(prompts.current().hash(), second.hash(), "the last good ones stay");
        assert!(prompts.trouble().expect("told").contains("house.md, line 1"));

        save("house.md", &"Be kind to everybody. ".repeat(2_000));
        look(&mut watch);
        assert_eq!(prompts.current().hash(), second.hash(), "what leaves no room for a text is not taken");
        assert!(prompts.trouble().expect("told").contains("most of it is \"house\""));

        std::fs::remove_file(folder.path().join("house.md")).expect("removed");
        look(&mut watch);
        assert_eq!((prompts.current().hash(), prompts.trouble()), (first.hash(), None));
        folder.close().expect("gone");
    }

    #[test]
    fn a_file_that_is_still_being_written_is_not_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |text: &str| std::fs::write(folder.path().join("reply.md"), text).expect("saved");
        save("A bay window costs $222.");
        let files = read_prompts(folder.path()).expect("read");
        let prompts = Prompts::new(Library::from_files(files).expect("prompts"));
        let whole = prompts.current().hash().to_owned();
        let mut watch = watch(&prompts, folder.path());
        look(&mut watch);
        for half in ["", "A bay window", "A bay window costs $2"] {
            save(half);
            watch.look();
            assert_eq!((prompts.current().hash(), prompts.trouble()), (whole.as_str(), None), "{half}");
        }
        save("A bay window costs $333.");
        look(&mut watch);
        assert_ne!(prompts.current().hash(), whole);
    }

    #[test]
    fn a_pipe_among_the_files_is_told_and_waits_for_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("reply.md"), "first").expect("saved");
        let made = std::process::Command::new("mkfifo").arg(folder.path().join("house.md")).status().expect("mkfifo");
        assert!(made.success());
        let error = read_prompts(folder.path()).expect_err("no file").to_string();
        assert!(error.contains("house.md is no file that can be read"), "{error}");
    }

    #[test]
    fn linked_folders_are_read_and_those_that_lead_back_are_passed_over() {
        let (folder, shared) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        std::fs::write(folder.path().join("reply.md"), "first").expect("saved");
        std::fs::write(shared.path().join("prices.md"), "# Prices").expect("saved");
        let link = |to: &Path, from: PathBuf| std::os::unix::fs::symlink(to, from).expect("linked");
        link(shared.path(), folder.path().join("knowledge"));
        link(shared.path(), folder.path().join("again"));
        link(folder.path(), shared.path().join("back"));
        let read = read_prompts(folder.path()).expect("read");
        let names: Vec<&str> = read.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["again/prices.md", "knowledge/prices.md", "reply.md"]);
        assert_eq!(seen(folder.path()).expect("seen").len(), 3);
    }

    #[test]
    fn a_folder_that_is_gone_changes_nothing() {
        let prompts = Prompts::new(Library::embedded().expect("our own"));
        let hash = prompts.current().hash().to_owned();
        watch(&prompts, Path::new("there/is/no/such/folder")).look();
        assert_eq!(prompts.current().hash(), hash);
        assert!(prompts.trouble().expect("told").contains("cannot be read"));
    }
}
