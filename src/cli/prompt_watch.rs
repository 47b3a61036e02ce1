//! Reads the prompts folder again when a file in it was saved.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::assemble::read_prompts;
use super::told;
use crate::engine::Prompts;
use crate::prompt::Library;
use crate::runtime::Clock;

/// How often the folder is looked at.
const LOOK: Duration = Duration::from_secs(2);

/// What a look at the folder sees without reading: each file with its size and when it was saved.
type Seen = Vec<(PathBuf, u64, Option<SystemTime>)>;

/// Keeps `prompts` as the folder has them, for ever. It can be cut wherever it is.
pub async fn keep_prompts(prompts: Prompts, folder: PathBuf, clock: Clock) {
    let mut last = None;
    loop {
        last = look(&prompts, &folder, last.as_ref());
        clock.sleep(LOOK).await;
    }
}

/// One look: reads the files if something changed since `last`, and returns what it saw.
pub fn look(prompts: &Prompts, folder: &Path, last: Option<&Seen>) -> Option<Seen> {
    let seen = seen(folder).ok();
    if seen.is_none() || seen.as_ref() != last {
        let read = read_prompts(folder).and_then(|files| Ok(Library::from_files(files)?));
        prompts.reload(read.map_err(|error| told(&error)));
    }
    seen
}

fn seen(folder: &Path) -> std::io::Result<Seen> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        for entry in std::fs::read_dir(&current)? {
            let entry = entry?;
            let about = std::fs::metadata(entry.path())?;
            if about.is_dir() {
                folders.push(entry.path());
            } else {
                found.push((entry.path(), about.len(), about.modified().ok()));
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_is_used_at_the_next_look_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let save = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("saved");
        save("reply.md", "first");
        let files = read_prompts(folder.path()).expect("read");
        let prompts = Prompts::new(Library::from_files(files).expect("prompts"));
        let first = prompts.current();

        let seen = look(&prompts, folder.path(), None);
        save("house.md", "Be kind to everybody.");
        let seen = look(&prompts, folder.path(), seen.as_ref());
        let second = prompts.current();
        assert_ne!(first.hash(), second.hash());
        assert!(second.house().is_some());

        save("house.md", "Be kind to {{ everybody_here }}.");
        let seen = look(&prompts, folder.path(), seen.as_ref());
        assert_eq!(prompts.current().hash(), second.hash(), "the last good ones stay");
        assert!(prompts.trouble().expect("told").contains("house.md, line 1"));

        std::fs::remove_file(folder.path().join("house.md")).expect("removed");
        look(&prompts, folder.path(), seen.as_ref());
        assert_eq!((prompts.current().hash(), prompts.trouble()), (first.hash(), None));
        folder.close().expect("gone");
    }

    #[test]
    fn a_folder_that_is_gone_changes_nothing() {
        let prompts = Prompts::new(Library::embedded().expect("our own"));
        assert_eq!(look(&prompts, Path::new("there/is/no/such/folder"), None), None);
        assert!(prompts.trouble().expect("told").contains("cannot be read"));
    }
}
