//! The real binary, as somebody at a terminal runs it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use rapport::runtime::{Clock, Random};
use rapport::store::Store;
use tempfile::TempDir;

/// What programs that go on write to their standard error.
const LOG: &str = "stderr.log";

/// A folder with a `rapport.toml`, in which commands are run.
pub struct Workshop {
    folder: TempDir,
}

impl Workshop {
    pub fn new(toml: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("rapport.toml"), toml).expect("a file");
        Self { folder }
    }

    /// The records of the SQLite database in the folder, as another process sees them.
    pub async fn store(&self) -> Store {
        let url = format!("sqlite:{}", self.folder.path().join("rapport.db").display());
        let store = Store::open(&url, "default", Clock::system(), Random::system()).await.expect("a database");
        store.migrate().await.expect("tables");
        store
    }

    /// Puts a file into the folder.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }

    /// A command in the folder, not yet started.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
        // These stories are about other words than those that every first text carries.
        command.env("RAPPORT__POLICY__INTRODUCE", "false").env("RAPPORT__POLICY__OPT_OUT_NOTICE", "never");
        // What the system itself needs; nothing of the tester's own configuration.
        for name in ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        Finished::from(self.command(arguments).output().expect("the program starts"))
    }

    /// Starts a command that goes on, and waits for its line of readiness.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self.spawn(arguments);
        let mut lines = BufReader::new(child.stdout.take().expect("piped"));
        let mut ready = String::new();
        lines.read_line(&mut ready).expect("a line");
        if ready.is_empty() {
            child.wait().expect("it ended");
            panic!("it ended before it was ready: {}", self.log());
        }
        Running { child, ready, _lines: lines }
    }

    /// Starts a command without waiting for anything. Its standard output is a pipe, its errors go to [`Workshop::log`].
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        let log = File::options().create(true).append(true).open(self.folder.path().join(LOG)).expect("a file");
        self.command(arguments).stdout(Stdio::piped()).stderr(log).spawn().expect("the program starts")
    }

    /// What all programs started here have written to their standard error.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default()
    }

    /// Where a file of this folder is.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

pub struct Finished {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

pub struct Running {
    child: Child,
    /// The line it said when it was ready.
    pub ready: String,
    /// Kept open: a program that cannot write its standard output would fail.
    _lines: BufReader<std::process::ChildStdout>,
}

impl Running {
    /// The address in the line of readiness.
    pub fn address(&self) -> String {
        let word = self.ready.split_whitespace().find(|word| word.starts_with("http://"));
        word.expect("an address in the line of readiness").to_owned()
    }

    /// Asks it to stop, as a service manager does.
    pub fn ask_to_stop(&self) {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().expect("kill");
        assert!(asked.success());
    }

    /// Waits for its end, and says its code.
    pub fn ended(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }

    /// Asks it to stop and waits for its end.
    pub fn terminate(self) -> Option<i32> {
        self.ask_to_stop();
        self.ended()
    }

    /// Kills it without a warning.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("it ended");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
