//! From `database.url` to open pools.

mod open_file;
mod reserve;

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sqlx::Executor;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{AnyConnection, AnyPool, Connection, Row};

pub(super) use open_file::OpenFile;

use super::Store;
use super::dialect::Engine;
use super::error::StoreError;
use super::reader::Readers;
use super::writer::Writer;
use crate::runtime::{Clock, Random};

/// Connections to PostgreSQL, at most, of one process.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;
/// Connections that read a SQLite file beside the one that writes.
const SQLITE_READERS_MAX: u32 = 4;
/// Ends a transaction that is open, and without complaint if there is none.
const NO_TRANSACTION: &str = "begin; rollback";
/// SQLite's word for a file that is no database (`SQLITE_NOTADB`, <https://www.sqlite.org/rescode.html#notadb>).
const NO_SQLITE_FILE: &str = "file is not a database";
/// How long a call waits for a free connection before it fails as retryable.
const ACQUIRE_WAIT: Duration = Duration::from_secs(15);

/// What is written as it is in the path of an address; all else is percent-encoded.
const IN_A_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'_').remove(b'-').remove(b'~');

/// Where the records are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    File(PathBuf),
    Memory,
    Postgres(String),
}

/// What a commit outlives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// The loss of power.
    Power,
    /// The death of the process: enough for a simulation, which kills processes and not machines.
    Process,
}

/// Open connections.
pub(super) struct Pools {
    pub(super) engine: Engine,
    pub(super) writer: Writer,
    pub(super) reader: Readers,
}

impl Store {
    /// [`Store::open`] for whoever acts on what a service keeps: a database that is not there is none of a service's, and
    /// must not be made by a command in the wrong folder.
    ///
    /// # Errors
    /// [`StoreError::Connect`] when there is no such file, when the database would be in memory, or as [`Store::open`].
    pub async fn open_existing(url: &str, org: &str, clock: Clock, random: Random) -> Result<Self, StoreError> {
        Place::parse(url)?.must_be_there()?;
        Self::open(url, org, clock, random).await
    }

    /// Why the database has not answered, as a new connection learns it within `limit`: the pool goes on trying, and then only
    /// says that it waited too long.
    pub async fn why_silent(&self, limit: Duration) -> String {
        let options = self.0.pools.writer.pool().connect_options();
        match self.0.clock.timeout(limit, AnyConnection::connect_with(&options)).await {
            Ok(Ok(connection)) => {
                let _ = connection.close().await;
                "the database can be reached and does not answer in time".to_owned()
            }
            Ok(Err(error)) => format!("the database cannot be reached: {error}"),
            Err(_) => "the database does not answer".to_owned(),
        }
    }

    /// A connection that nobody else gets: one in memory has no other, and does not answer meanwhile.
    #[cfg(test)]
    pub(crate) async fn occupied(&self) -> sqlx::pool::PoolConnection<sqlx::Any> {
        self.0.pools.writer.pool().acquire().await.expect("a connection")
    }

    /// Where the database is, as it may be shown: a file with its whole path, a server without user and password.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }
}

impl Place {
    /// Reads `database.url`.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let url = url.trim();
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        let is_path = |path: &str| {
            Path::new(path).extension().is_some_and(|end| ["db", "sqlite", "sqlite3"].iter().any(|known| end == *known))
        };
        let path = match url.strip_prefix("sqlite:") {
            Some(rest) => rest.strip_prefix("//").unwrap_or(rest),
            None if !url.contains(':') && is_path(url) => url,
            None => return Err(unusable(url, "this is not an address of a database")),
        };
        // Options after a question mark are for other programs; ours are fixed.
        let path = path.split('?').next().unwrap_or_default();
        match path {
            "" => Err(unusable(url, "the file's name is missing")),
            ":memory:" => Ok(Self::Memory),
            path => Ok(Self::File(PathBuf::from(path))),
        }
    }

    /// Refuses a database that only opening it would make. A server answers for itself.
    fn must_be_there(&self) -> Result<(), StoreError> {
        let (reason, advice) = match self {
            Self::File(path) if !path.exists() => (
                "there is no such file",
                "Run this where rapport.toml is, or name that with --config, or correct database.url; `rapport migrate` makes \
                 a new database",
            ),
            Self::Memory => (
                "it is gone when its process ends, and no other process sees it",
                "Set database.url to a file, for example sqlite:rapport.db",
            ),
            Self::File(_) | Self::Postgres(_) => return Ok(()),
        };
        Err(StoreError::Connect { url: self.redacted(), reason: reason.to_owned(), advice: advice.to_owned() })
    }

    /// Opens the pools and reaches the database once.
    pub(super) async fn open(&self, clock: &Clock, durability: Durability) -> Result<Pools, StoreError> {
        sqlx::any::install_default_drivers();
        match self {
            Self::File(path) => {
                make_file(path).map_err(|error| self.refused(&error.to_string()))?;
                let url = format!("sqlite://{}?mode=rwc", utf8_percent_encode(&path.to_string_lossy(), IN_A_PATH));
                let writer = self.pool(clock, durability, Engine::Sqlite, &url, 1).await?;
                let reader = self.pool(clock, durability, Engine::Sqlite, &url, SQLITE_READERS_MAX).await?;
                let file = OpenFile::at(path).map_err(|error| self.refused(&error.to_string()))?;
                Ok(Pools {
                    engine: Engine::Sqlite,
                    writer: Writer::of_file(writer, file),
                    reader: Readers::of_file(reader),
                })
            }
            Self::Memory => {
                // Each connection would have a database of its own: one connection does everything.
                let writer = self.pool(clock, durability, Engine::Sqlite, "sqlite::memory:", 1).await?;
                Ok(Pools {
                    engine: Engine::Sqlite,
                    reader: Readers::pooled(writer.clone()),
                    writer: Writer::new(writer, Engine::Sqlite),
                })
            }
            Self::Postgres(url) => {
                let writer = self.pool(clock, durability, Engine::Postgres, url, POSTGRES_CONNECTIONS_MAX).await?;
                let reader = Readers::pooled(writer.clone());
                Ok(Pools { engine: Engine::Postgres, writer: Writer::new(writer, Engine::Postgres), reader })
            }
        }
    }

    async fn pool(
        &self,
        clock: &Clock,
        durability: Durability,
        engine: Engine,
        url: &str,
        connections_max: u32,
    ) -> Result<AnyPool, StoreError> {
        let options = AnyConnectOptions::from_str(url).map_err(|error| self.refused(&error.to_string()))?;
        // A pool keeps trying and then only says that it waited too long: the first connection tells the reason.
        let mut first = clock
            .timeout(ACQUIRE_WAIT, AnyConnection::connect_with(&options))
            .await
            .map_err(|elapsed| self.refused(&elapsed.to_string()))?
            .map_err(|error| self.refused(&error.to_string()))?;
        if engine == Engine::Postgres {
            self.must_hold_any_text(&mut first).await?;
        }
        let on_connect = engine.on_connect(durability);
        for statement in on_connect {
            first.execute(*statement).await.map_err(|error| self.refused(&error.to_string()))?;
        }
        let _ = first.close().await;
        let mut pool = AnyPoolOptions::new().max_connections(connections_max).acquire_timeout(ACQUIRE_WAIT);
        pool = match engine {
            // A file's connection does not go bad, and one in memory must never be dropped.
            Engine::Sqlite => pool.test_before_acquire(false).min_connections(1).idle_timeout(None).max_lifetime(None),
            // Whoever is dropped while a transaction begins leaves it open, and the driver does not know of it: an arrival that
            // came next on that connection would be stored and never committed. This also tells whether the connection lives.
            Engine::Postgres => pool.test_before_acquire(false).before_acquire(|connection, _| {
                Box::pin(async move { connection.execute(NO_TRANSACTION).await.map(|_| true) })
            }),
        };
        pool.after_connect(move |connection, _| {
            Box::pin(async move {
                for statement in on_connect {
                    connection.execute(*statement).await?;
                }
                Ok(())
            })
        })
        .connect_with(options)
        .await
        .map_err(|error| self.refused(&error.to_string()))
    }

    /// Refuses a PostgreSQL database of another encoding than UTF-8: the first emoji would be refused again and again, and with it
    /// all that came beside it.
    async fn must_hold_any_text(&self, connection: &mut AnyConnection) -> Result<(), StoreError> {
        let row = sqlx::query("select current_setting('server_encoding') as encoding").fetch_one(connection).await;
        let encoding = row.and_then(|row| row.try_get::<String, _>("encoding"));
        let encoding = encoding.map_err(|error| self.refused(&error.to_string()))?;
        if encoding == "UTF8" {
            return Ok(());
        }
        Err(StoreError::Connect {
            url: self.redacted(),
            reason: format!("its encoding is {encoding}, which has not every letter and emoji"),
            advice: "Make a database with `createdb --encoding=UTF8 --template=template0` and name it in database.url"
                .to_owned(),
        })
    }

    /// The address as it may be shown: never with a password, and with the folder in which a file is.
    pub(super) fn redacted(&self) -> String {
        match self {
            Self::File(path) => std::path::absolute(path).as_ref().unwrap_or(path).display().to_string(),
            Self::Memory => "in memory".to_owned(),
            Self::Postgres(url) => redact(url),
        }
    }

    fn refused(&self, reason: &str) -> StoreError {
        let advice = match self {
            Self::File(path) if path.is_dir() => {
                "This is a folder: name a file in it in database.url, for example sqlite:folder/rapport.db"
            }
            Self::File(_) if reason.contains(NO_SQLITE_FILE) => {
                "The file holds something else, or is damaged: name another file in database.url, or restore a backup"
            }
            Self::File(_) | Self::Memory => {
                "Check that the folder of database.url exists or can be created, is writable and has free space"
            }
            Self::Postgres(_) => {
                "Check that PostgreSQL runs there, and the user, password and database name in database.url"
            }
        };
        StoreError::Connect { url: self.redacted(), reason: reason.to_owned(), advice: advice.to_owned() }
    }
}

fn unusable(url: &str, reason: &str) -> StoreError {
    let advice = "Set database.url to sqlite:<file>, for example sqlite:rapport.db, or to postgres://user:password@host/database";
    StoreError::Connect { url: redact(url), reason: reason.to_owned(), advice: advice.to_owned() }
}

/// Leaves out user, password and options. Where it is not clear what is which, all but the scheme.
fn redact(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once(':') else { return url.to_owned() };
    let (place, options) = rest.split_at(rest.find(['?', '#']).unwrap_or(rest.len()));
    let host = place.rsplit_once('@').map_or(place, |(_, host)| host).trim_start_matches('/');
    // A password may hold a question mark, and then ends after it.
    if options.contains('@') || url::Url::parse(&format!("{scheme}://{host}")).is_err() {
        return format!("{scheme}:…");
    }
    format!("{scheme}{}{host}", if rest.starts_with("//") { "://" } else { ":" })
}

/// Makes a file that is not there, which only its owner may read: it will hold what people wrote, and a webhook's key. What
/// SQLite puts beside it gets the same rights.
fn make_file(path: &Path) -> io::Result<()> {
    make_folder_of(path)?;
    match private_file().create_new(true).open(path).map(drop) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        made => made,
    }
}

fn make_folder_of(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder),
        None => Ok(()),
    }
}

/// How a file is opened to be written, so that a new one is only its owner's.
fn private_file() -> OpenOptions {
    let mut options = File::options();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_address_is_understood() {
        for (url, file) in [
            ("sqlite:rapport.db", "rapport.db"),
            ("sqlite://data/rapport.db", "data/rapport.db"),
            ("sqlite:///var/lib/rapport.db", "/var/lib/rapport.db"),
            ("sqlite:/var/lib/rapport.db?mode=rwc", "/var/lib/rapport.db"),
            ("data/rapport.db", "data/rapport.db"),
        ] {
            assert_eq!(Place::parse(url).ok(), Some(Place::File(PathBuf::from(file))), "{url}");
        }
        assert_eq!(Place::parse("sqlite::memory:").ok(), Some(Place::Memory));
        let postgres = "postgresql://rapport@db.example/rapport";
        assert_eq!(Place::parse(postgres).ok(), Some(Place::Postgres(postgres.to_owned())));
    }

    #[test]
    fn an_address_of_something_else_says_what_to_write() {
        for url in ["mysql://root@db/rapport", "sqlite:", "", "rapport"] {
            let error = Place::parse(url).expect_err(url).to_string();
            assert!(error.contains("sqlite:rapport.db"), "{error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let place = Place::parse("postgres://rapport:s3cret@db.example:5432/rapport?sslpassword=s3cret");
        assert_eq!(place.expect("valid").redacted(), "postgres://db.example:5432/rapport");
        for url in ["mysql://root:s3cret@db/rapport", "postgres:root:s3cret@db/rapport"] {
            let error = Place::parse(url).expect_err("not ours").to_string();
            assert!(!error.contains("s3cret") && error.contains("db/rapport"), "{error}");
        }
    }

    #[test]
    fn a_password_with_a_mark_of_an_address_is_not_shown_in_part() {
        for (url, shown) in [
            ("postgres://u:pa?ss@host/db", "postgres:…"),
            ("postgres://u:12?ss@host/db", "postgres:…"),
            ("postgres://u:pa#ss@host/db", "postgres:…"),
            ("postgres://u:pa/ss@host/db", "postgres://host/db"),
            ("postgres://u:pa@ss@host/db", "postgres://host/db"),
            ("postgres://u@host/db?sslpassword=pa@ss", "postgres:…"),
            ("postgres://u:pass", "postgres:…"),
            ("postgres://host:5432/db?sslmode=require", "postgres://host:5432/db"),
        ] {
            assert_eq!(redact(url), shown, "{url}");
        }
    }

    #[tokio::test]
    async fn what_is_no_database_is_told_as_what_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let junk = folder.path().join("junk.db");
        std::fs::write(&junk, "not a database, but long enough for a header that is not one. ".repeat(40))
            .expect("written");
        for (path, advice) in [(junk.as_path(), "holds something else"), (folder.path(), "This is a folder")] {
            let url = format!("sqlite:{}", path.display());
            let error = Store::open(&url, "default", Clock::system(), Random::system()).await.expect_err("refused");
            assert!(error.to_string().contains(advice), "{error}");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_new_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt as _;

        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite:{}", folder.path().join("a b%/rapport.db").display());
        let store = Store::open(&url, "default", Clock::system(), Random::system()).await.expect("opens");
        store.migrate().await.expect("tables");
        for file in std::fs::read_dir(folder.path().join("a b%")).expect("the folder") {
            let file = file.expect("a file");
            let mode = file.metadata().expect("rights").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{}", file.path().display());
        }
    }
}
