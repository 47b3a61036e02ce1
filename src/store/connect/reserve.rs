//! A SQLite file belongs to one service at a time.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::Place;
use crate::store::{Store, StoreError};

/// What the name of the file that is locked ends with, after the database's own name.
const LOCK_ENDING: &str = "-lock";

/// The right to run a service over a database. It ends when this is dropped, or with the process, however that dies.
#[derive(Debug)]
#[must_use = "dropping it gives the database free"]
pub struct Reservation {
    _locked: Option<File>,
}

impl Store {
    /// Reserves the database at `url` for one service. Services share PostgreSQL: there everybody gets a reservation. A file
    /// system that cannot lock files is told of in the log.
    ///
    /// # Errors
    /// [`StoreError::Connect`] when another service has the SQLite file, or the address is not understood.
    pub fn reserve(url: &str) -> Result<Reservation, StoreError> {
        let place = Place::parse(url)?;
        let path = match &place {
            Place::Memory => {
                tracing::warn!("database.url is in memory: everything that is kept is lost when this process ends");
                return Ok(Reservation { _locked: None });
            }
            // Opening it will say what is wrong.
            Place::File(path) if path.is_dir() => return Ok(Reservation { _locked: None }),
            Place::File(path) => path,
            Place::Postgres(_) => return Ok(Reservation { _locked: None }),
        };
        match lock(path) {
            Ok(file) => Ok(Reservation { _locked: Some(file) }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Connect {
                url: place.redacted(),
                reason: "another `rapport serve` works with it".to_owned(),
                advice:
                    "A SQLite file belongs to one service: stop the other, or name a file of its own in database.url; \
                         PostgreSQL is for several"
                        .to_owned(),
            }),
            Err(TryLockError::Error(error)) => {
                tracing::warn!(%error, "whether another service works with this database could not be found out");
                Ok(Reservation { _locked: None })
            }
        }
    }
}

/// Locks a file beside the database, wherever links to it stand: SQLite loses its own locks when anybody else in the process
/// closes the database's file (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn lock(database: &Path) -> Result<File, TryLockError> {
    let file = open_beside(database).map_err(TryLockError::Error)?;
    file.try_lock()?;
    Ok(file)
}

fn open_beside(database: &Path) -> io::Result<File> {
    super::make_file(database)?;
    let database = database.canonicalize()?;
    if database.metadata()?.nlink() > 1 {
        tracing::warn!(
            "the database's file has a second name (a hard link): what is opened by that one damages it. Delete that name, or make \
             it a symbolic link"
        );
    }
    let mut name = database.into_os_string();
    name.push(LOCK_ENDING);
    super::private_file().create(true).truncate(false).open(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_reserved_once_until_the_reservation_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("new/rapport.db").display());
        let reservation = Store::reserve(&url).expect("nobody has it");
        let refused = Store::reserve(&url).expect_err("it is taken").to_string();
        assert!(refused.contains("another `rapport serve`") && refused.contains("new/rapport.db"), "{refused}");
        drop(reservation);
        let _again = Store::reserve(&url).expect("it is free again");
    }

    #[test]
    fn a_link_leads_to_the_same_reservation() {
        let folder = tempfile::tempdir().expect("a folder");
        let (shared, release) = (folder.path().join("shared.db"), folder.path().join("release.db"));
        std::os::unix::fs::symlink(&shared, &release).expect("a link");
        let at = |path: &Path| Store::reserve(&format!("sqlite:{}", path.display()));
        let _reservation = at(&shared).expect("nobody has it");
        let refused = at(&release).expect_err("it is taken").to_string();
        assert!(refused.contains("another `rapport serve`"), "{refused}");
    }

    #[test]
    fn a_server_is_shared() {
        let url = "postgres://rapport@localhost/rapport";
        let _reservations = (Store::reserve(url).expect("one"), Store::reserve(url).expect("another"));
    }
}
