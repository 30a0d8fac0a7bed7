//! Runs the real binary in a folder of its own, as a user would.

#![expect(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) struct Desk {
    folder: tempfile::TempDir,
    /// Where the log is kept, when not in the node's folder.
    pub(crate) store: Option<String>,
}

pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Desk {
    /// A folder with a fresh node `ee` in it, on the engine this test file is about: a file whose name ends in
    /// `on_postgres` uses a schema of its own on the shared server.
    pub(crate) fn new() -> Self {
        if !env!("CARGO_CRATE_NAME").ends_with("on_postgres") {
            return Self::with(None);
        }
        // Without a server these tests run on the embedded engine; the line that says so is printed already.
        let base = comity_testkit::postgres::shared();
        Self::with(base.map(|base| format!("{base}?schema={}", comity_testkit::postgres::fresh("desk"))))
    }

    pub(crate) fn with(store: Option<String>) -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap(), store };
        let mut words = vec!["init", "ee", "--country", "EE", "--name", "Estonian cyber unit"];
        if let Some(address) = &desk.store {
            words.extend(["--store", address]);
        }
        let said = Self::run_in(desk.path(), &words);
        assert_eq!(said.code, 0, "{}", said.err);
        desk
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn node(&self) -> PathBuf {
        self.path().join("ee")
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Runs a command on the node.
    pub(crate) fn run(&self, words: &[&str]) -> Said {
        Self::run_in(&self.node(), words)
    }

    pub(crate) fn run_in(folder: &Path, words: &[&str]) -> Said {
        said(command(folder).args(words).stdin(Stdio::null()).output().unwrap())
    }

    pub(crate) fn feed(&self, words: &[&str], input: &[u8]) -> Said {
        use std::io::Write as _;
        let mut child = command(&self.node())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        said(child.wait_with_output().unwrap())
    }

    /// Runs a command that must succeed.
    pub(crate) fn ok(&self, words: &[&str]) -> String {
        let said = self.run(words);
        assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
        said.out
    }

    /// Runs a command with `--json` that must succeed; its records.
    pub(crate) fn json(&self, words: &[&str]) -> Vec<Value> {
        let mut with = vec!["--json"];
        with.extend_from_slice(words);
        records(&self.ok(&with))
    }
}

/// Runs the test that calls this again, as the leader of a login session of its own, and says whether it was that one that
/// called: a machine that runs tests may have started them in a session whose leader is gone, where nobody can log in.
pub(crate) fn in_own_session() -> bool {
    const MARK: &str = "COMITY_TEST_SESSION";
    if std::env::var_os(MARK).is_some() {
        return true;
    }
    let thread = std::thread::current();
    let again = Command::new("setsid")
        .arg("--wait")
        .arg(std::env::current_exe().unwrap())
        .args([thread.name().unwrap(), "--exact", "--nocapture"])
        .env(MARK, "1")
        .status()
        .unwrap();
    assert!(again.success(), "in a session of its own: {again}");
    false
}

pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
    // Many nodes run here at once; those that are to be reached say where.
    command.env("COMITY_NETWORK_LISTEN", "off");
    command.current_dir(folder).env("USER", "juhan");
    for variable in ["COMITY_DATA", "COMITY_KEY", "COMITY_UNLOCK", "COMITY_UNLOCK_FILE", "COMITY_UNLOCK_COMMAND"] {
        command.env_remove(variable);
    }
    command
}

pub(crate) fn records(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).map_err(|error| format!("{error}: {line}")).unwrap()).collect()
}

fn said(output: Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../examples")
        .join(name)
        .canonicalize()
        .unwrap()
        .display()
        .to_string()
}

/// The folder of real data, when it is here.
pub(crate) fn real_data() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/cti");
    if path.is_dir() {
        return Some(path.canonicalize().unwrap());
    }
    println!("skipped: ../shared/data absent");
    None
}
