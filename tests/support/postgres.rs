//! A PostgreSQL server of our own for the tests: one per test binary, one database per test.
//!
//! The server belongs to a shell that waits for its standard input to close. That happens whenever this process ends,
//! also when it is killed; the shell then stops the server and removes its folder.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const MISSING: &str = "These tests need the PostgreSQL server programs (initdb, pg_ctl, postgres), 14 or newer. Install them: \
    `apt-get install postgresql` on Debian and Ubuntu, `dnf install postgresql-server` on Fedora, \
    `brew install postgresql@17` on macOS; or run ./scripts/test, which does it.";

/// Signals of the terminal are for the test process; the shell must live on to clean up.
const KEEPER: &str = r#"
trap '' INT HUP TERM
bin=$1
home=$(mktemp -d /tmp/rapport-postgres.XXXXXX) || { echo "failed: no folder in /tmp"; exit 1; }
if "$bin/initdb" -D "$home/data" -U rapport -A trust -E UTF8 --locale=C --no-sync >"$home/log" 2>&1 &&
   "$bin/pg_ctl" -D "$home/data" -l "$home/log" -w -t 60 -o "-c listen_addresses='' \
     -c unix_socket_directories='$home' -c max_connections=300 -c shared_buffers=16MB -c fsync=off \
     -c full_page_writes=off -c max_wal_size=128MB" start >/dev/null 2>&1
then echo "ready: $home"
else echo "failed: $(tail -n 5 "$home/log" | tr '\n' ' ')"
fi
read -r _
"$bin/pg_ctl" -D "$home/data" -m immediate -w stop >/dev/null 2>&1
rm -rf "$home"
"#;

struct Server {
    socket_folder: PathBuf,
    /// Its standard input is open as long as this process lives.
    _keeper: Child,
}

static SERVER: OnceLock<Server> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The address of a new, empty database.
///
/// # Panics
/// When the server programs are missing, with the words what to install, or when the server does not start.
pub async fn new_database() -> String {
    let server = SERVER.get_or_init(start);
    let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::connect(&address(server, "postgres")).await.expect("the test server answers");
    connection.execute(AssertSqlSafe(format!("create database {name}"))).await.expect("a new database");
    connection.close().await.expect("a clean goodbye");
    address(server, &name)
}

fn address(server: &Server, database: &str) -> String {
    format!("postgres://rapport@localhost/{database}?host={}", server.socket_folder.display())
}

fn start() -> Server {
    let programs = programs().expect(MISSING);
    let mut keeper = as_ordinary_user(&programs)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a shell to keep the PostgreSQL server");
    let mut answer = String::new();
    BufReader::new(keeper.stdout.take().expect("piped above")).read_line(&mut answer).expect("a line from the shell");
    let Some(folder) = answer.trim().strip_prefix("ready: ") else {
        panic!("the PostgreSQL server for the tests did not start: {answer}")
    };
    Server { socket_folder: PathBuf::from(folder), _keeper: keeper }
}

/// The shell command, as another user when we are root: PostgreSQL refuses to run as root.
fn as_ordinary_user(programs: &Path) -> Command {
    let script = ["-c", KEEPER, "keeper"];
    if !am_root() {
        let mut command = Command::new("sh");
        command.args(script).arg(programs);
        return command;
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let user = if users.lines().any(|line| line.starts_with("postgres:")) { "postgres" } else { "nobody" };
    let mut command = if which("setpriv").is_some() {
        let mut command = Command::new("setpriv");
        command.args([&format!("--reuid={user}"), "--regid", &group_of(user), "--clear-groups", "--", "sh"]);
        command
    } else {
        let mut command = Command::new("runuser");
        command.args(["-u", user, "--", "sh"]);
        command
    };
    command.args(script).arg(programs).current_dir("/tmp");
    command
}

fn am_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

fn group_of(user: &str) -> String {
    let id = Command::new("id").args(["-g", user]).output().expect("the id command");
    String::from_utf8_lossy(&id.stdout).trim().to_owned()
}

/// The folder with the newest server programs.
fn programs() -> Option<PathBuf> {
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).is_file());
    let mut folders = Vec::new();
    for root in ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt"] {
        let mut found: Vec<PathBuf> =
            std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path().join("bin")).collect();
        found.sort_by_key(|folder| std::cmp::Reverse(version_in(folder)));
        folders.extend(found);
    }
    if let Some(folder) = which("postgres").and_then(|program| program.parent().map(Path::to_owned)) {
        folders.push(folder);
    }
    if let Ok(answer) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim()));
    }
    folders.into_iter().find(has_all)
}

/// The number in a folder such as `/usr/lib/postgresql/17/bin` or `/opt/homebrew/opt/postgresql@17/bin`.
fn version_in(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    name.rsplit('@').next().and_then(|version| version.parse().ok()).unwrap_or(0)
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
