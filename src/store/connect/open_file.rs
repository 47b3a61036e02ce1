//! Whether a SQLite file is still where it was opened.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::store::StoreError;

/// A file that is open. Its connections do not notice when another takes its name: they go on with one that nobody finds any more,
/// while a `rapport pause` goes to the other.
pub(in crate::store) struct OpenFile {
    path: PathBuf,
    identity: (u64, u64),
    /// What is kept beside it goes by its name too: a file that comes back is not what it was.
    was_displaced: AtomicBool,
}

impl OpenFile {
    /// The file at `path`, which has just been opened.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        let identity = identity(&path.metadata()?);
        Ok(Self { path: path.to_owned(), identity, was_displaced: AtomicBool::new(false) })
    }

    /// Refuses whatever would be written into a file that is not at its path any more. That it cannot be looked at proves
    /// nothing.
    pub(in crate::store) fn must_be_in_place(&self) -> Result<(), StoreError> {
        let is_elsewhere = || match self.path.metadata() {
            Ok(there) => identity(&there) != self.identity,
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if !self.was_displaced.load(Ordering::Relaxed) && !is_elsewhere() {
            return Ok(());
        }
        self.was_displaced.store(true, Ordering::Relaxed);
        Err(StoreError::Displaced { path: self.path.display().to_string() })
    }
}

/// Device and inode: no other file has them while it is open.
fn identity(file: &Metadata) -> (u64, u64) {
    (file.dev(), file.ino())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use crate::runtime::{Clock, Random};
    use crate::store::{Store, StoreError};

    #[tokio::test]
    async fn what_nobody_would_find_again_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let url = format!("sqlite:{}", at("rapport.db").display());
        let open = async || Store::open(&url, "org", Clock::system(), Random::system()).await.expect("opens");
        let store = open().await;
        store.migrate().await.expect("tables");
        let displaced = async |store: &Store| {
            let (written, claimed) = (store.ping().await, store.claim(1, Duration::from_secs(1), "proc_1").await);
            let is_displaced = |error: StoreError| matches!(error, StoreError::Displaced { .. });
            (written.is_err_and(is_displaced), claimed.is_err_and(is_displaced))
        };
        assert_eq!(displaced(&store).await, (false, false));
        fs::copy(at("rapport.db"), at("backup.db")).expect("copied");
        fs::rename(at("backup.db"), at("rapport.db")).expect("put over it");
        assert_eq!(displaced(&store).await, (true, true), "never-after-stop: a stop would go to the other file");

        let other = open().await;
        assert_eq!(displaced(&other).await, (false, false));
        fs::rename(at("rapport.db"), at("away.db")).expect("moved");
        assert_eq!(displaced(&other).await, (true, true), "it is gone");
        fs::rename(at("away.db"), at("rapport.db")).expect("moved back");
        assert_eq!(displaced(&other).await, (true, true), "and what was beside it may be gone");
    }
}
