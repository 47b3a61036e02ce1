//! The real binary, as somebody at a terminal runs it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use rapport::runtime::{Clock, Random};
use rapport::store::Store;
use tempfile::TempDir;

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

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rapport"));
        command.args(arguments).current_dir(self.folder.path()).env_clear();
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
        let mut child =
            self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("piped above"));
        let mut ready = String::new();
        lines.read_line(&mut ready).expect("a line");
        if ready.is_empty() {
            let output = child.wait_with_output().expect("it ended");
            panic!("it ended before it was ready: {}", String::from_utf8_lossy(&output.stderr));
        }
        Running { child, ready, _lines: lines }
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

    /// Asks it to stop, as a service manager does, and waits for its end.
    pub fn terminate(mut self) -> Option<i32> {
        let asked = Command::new("kill").arg("-TERM").arg(self.child.id().to_string()).status().expect("kill");
        assert!(asked.success());
        self.child.wait().expect("it ends").code()
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
