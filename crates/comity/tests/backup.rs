//! A node in one sealed file, and back.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails loudly")]

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use common::{Desk, command, example};

/// Ends with the test, whatever happens.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn serve(desk: &Desk) -> Serving {
    let mut child = command(&desk.node()).args(["serve", "--listen", "off"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("Serving"), "{line}");
    Serving(child)
}

/// A node with a case, a question and an account on record.
fn desk() -> Desk {
    let desk = Desk::new();
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    desk.ok(&["look", "185.220.101.4"]);
    desk.ok(&["account", "add", "mari", "--name", "Mari Tamm"]);
    desk
}

#[test]
fn what_was_backed_up_comes_back_and_proves_itself() {
    let desk = desk();
    let file = desk.path().join("ee.comity");
    let made = desk.json(&["backup", file.to_str().unwrap()]).remove(0);
    let bytes = fs::read(&file).unwrap();
    assert_eq!(made["bytes"].as_u64().unwrap(), bytes.len() as u64);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    for clear in ["185.220.101.4", "Mari", "organisation", "SQLite format"] {
        assert!(!bytes.windows(clear.len()).any(|part| part == clear.as_bytes()), "{clear}");
    }
    assert_eq!(desk.run(&["backup", file.to_str().unwrap()]).code, 1, "what is there is not written over");
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(desk.json(&["restore", "--verify", file.to_str().unwrap()])[0]["wrong"], serde_json::json!([]));
    let left: Vec<_> = fs::read_dir(desk.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the node and the file, and nothing that was unpacked: {left:?}");

    let again = desk.path().join("again").join("ee");
    fs::create_dir_all(&again).unwrap();
    let words = ["restore", file.to_str().unwrap(), again.to_str().unwrap()];
    let without = Desk::run_in(&again, &words);
    assert!(without.code == 1 && without.err.contains("unlock"), "{}", without.err);
    fs::copy(desk.node().join("unlock"), again.join("unlock")).unwrap();
    let said = Desk::run_in(&again, &words);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let look = |folder| Desk::run_in(folder, &["--json", "look", "185.220.101.4"]);
    assert_eq!(look(&again).out, look(&desk.node()).out);
    let check = Desk::run_in(&again, &["check"]);
    assert_eq!(check.code, 0, "{}", check.out);
    let kinds = Desk::run_in(&again, &["--json", "audit", "--limit", "100"]).out;
    for told in ["backup made", "restored from a backup", "account added"] {
        assert!(kinds.contains(told), "{told}: {kinds}");
    }
    assert_eq!(Desk::run_in(&again, &words).code, 1, "a folder with a node in it is left alone");
}

#[test]
fn a_node_that_serves_and_takes_things_in_is_backed_up_whole() {
    let desk = desk();
    let serving = serve(&desk);
    desk.ok(&["ingest", "--as", "lab-north", &example("case-2041.misp.json")]);
    let file = desk.path().join("ee.comity");
    let (node, path) = (desk.node(), file.clone());
    let backup = std::thread::spawn(move || Desk::run_in(&node, &["backup", path.to_str().unwrap()]));
    desk.ok(&["undo", "1"]);
    let said = backup.join().unwrap();
    assert_eq!(said.code, 0, "{}", said.err);
    drop(serving);
    assert_eq!(desk.json(&["restore", "--verify", file.to_str().unwrap()])[0]["wrong"], serde_json::json!([]));
}

#[test]
fn a_backup_that_was_changed_is_refused() {
    let desk = desk();
    let file = desk.path().join("ee.comity");
    desk.ok(&["backup", file.to_str().unwrap()]);
    let whole = fs::read(&file).unwrap();
    let verify = |bytes: &[u8]| {
        let changed = desk.write("changed.comity", bytes);
        desk.run(&["restore", "--verify", changed.to_str().unwrap()])
    };
    for at in [200, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let said = verify(&changed);
        assert!(said.code == 1 && said.out.is_empty(), "{at}: {}", said.out);
    }
    assert_eq!(verify(&whole[..whole.len() - 70_000]).code, 1);
    // Another node's secret opens nothing.
    let other = Desk::new();
    let said = other.run(&["restore", "--verify", file.to_str().unwrap()]);
    assert!(said.code == 1 && said.err.contains("wrong"), "{}", said.err);
}

#[test]
fn a_backup_whose_key_is_kept_apart_dies_with_it() {
    let desk = desk();
    let keys = desk.path().join("keys");
    let with = |words: &[&str], days: &str| {
        let mut command = command(&desk.node());
        command.env("COMITY_BACKUP_KEYS", keys.to_str().unwrap()).env("COMITY_BACKUP_DAYS", days).args(words);
        let said = command.stdin(Stdio::null()).output().unwrap();
        (said.status.code(), String::from_utf8_lossy(&said.stderr).into_owned())
    };
    let files = ["kept", "over"].map(|name| desk.path().join(name));
    let [kept, over] = files.each_ref().map(|file| file.to_str().unwrap());
    assert_eq!(with(&["backup", kept], "35").0, Some(0));
    assert_eq!(with(&["backup", over], "0").0, Some(0));
    assert_eq!(fs::read_dir(&keys).unwrap().count(), 2);
    for file in [kept, over] {
        assert_eq!(with(&["restore", "--verify", file], "35").0, Some(0), "{file}");
    }
    let without = desk.run(&["restore", "--verify", kept]);
    assert!(without.code == 1 && without.err.contains("--keys"), "{}", without.err);
    let (code, told) = with(&["retention", "run"], "35");
    assert!(code == Some(0) && told.contains("keys of backups destroyed: 1"), "{told}");
    assert_eq!(with(&["restore", "--verify", kept], "35").0, Some(0));
    let (code, told) = with(&["restore", "--verify", over], "35");
    assert!(code == Some(1) && told.contains("is gone"), "{told}");
}
