//! Somebody asks about their own data, at the command line.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::fs;

use common::{Desk, example};

const VALUE: &str = "185.220.101.4";

/// A node with a case in it, and the number of a request that is admitted.
fn admitted() -> (Desk, String) {
    let desk = Desk::new();
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    assert!(desk.run(&["rights", "list"]).err.contains("no request has come yet"));
    assert!(!desk.node().join("rights").exists(), "looking makes nothing");
    let opened =
        desk.json(&["rights", "open", "deletion", "--name", "Zephyrine Quillfeather", "--contact", "a lawyer"]);
    assert_eq!(opened[0]["stage"], "received");
    let number = opened[0]["number"].as_str().unwrap().to_owned();
    desk.ok(&["rights", "admit", &number]);
    (desk, number)
}

fn holdings(desk: &Desk) -> usize {
    desk.json(&["look", VALUE])[0]["holdings"].as_array().unwrap().len()
}

#[test]
fn a_request_from_its_coming_to_its_answer() {
    let (desk, number) = admitted();
    let before = holdings(&desk);
    assert!(before > 0);
    let found = desk.json(&["rights", "find", &number, VALUE]).remove(0)["found"].as_array().unwrap().clone();
    assert_eq!(found.len(), before);
    desk.ok(&["rights", "block", &number]);
    assert_eq!(holdings(&desk), 0);
    let id = found[0]["id"].as_str().unwrap();
    assert_eq!(desk.run(&["show", id]).code, 6);
    desk.ok(&["check"]);
    assert!(desk.ok(&["rights", "list"]).contains("due on"));
    assert!(desk.ok(&["rights", "letter", &number]).contains("admissible"));
    desk.ok(&["rights", "decide", &number, "deleted", "--why", "no ground to keep it"]);
    assert!(desk.ok(&["rights", "letter", &number]).contains("has been deleted"));
    assert!(desk.ok(&["rights", "show", &number]).contains("no ground to keep it"));
    assert_eq!(desk.run(&["rights", "decide", &number, "kept"]).code, 1);
    assert_eq!(desk.run(&["rights", "show", "2001-9"]).code, 6);
    assert_eq!(holdings(&desk), 0);
    // Nothing of who asked stands in any file of the node that is not sealed, or in the audit.
    assert!(!desk.ok(&["audit", "--limit", "100"]).contains("Quillfeather"));
    assert_eq!(holding(&desk.node(), b"Quillfeather"), [""; 0]);
    if desk.store.is_some() {
        // The log is backed up by PostgreSQL's own means, the desk's store as any file.
        return;
    }
    let backup = desk.path().join("b");
    desk.ok(&["backup", backup.to_str().unwrap()]);
    let again = desk.path().join("again").join("ee");
    fs::create_dir_all(&again).unwrap();
    fs::copy(desk.node().join("unlock"), again.join("unlock")).unwrap();
    let restored = Desk::run_in(&again, &["restore", backup.to_str().unwrap(), again.to_str().unwrap()]);
    assert_eq!(restored.code, 0, "{}", restored.err);
    assert!(Desk::run_in(&again, &["rights", "show", &number]).out.contains("Quillfeather"));
}

#[test]
fn no_key_opens_the_desk() {
    let (desk, _) = admitted();
    let key = desk.json(&["account", "add-key", "juhan", "--may", "rights,look"]).remove(0);
    let secret = key["secret"].as_str().unwrap();
    let with_key = common::command(&desk.node()).env("COMITY_KEY", secret).args(["rights", "list"]).output().unwrap();
    assert_eq!(with_key.status.code(), Some(7));
    assert!(!String::from_utf8_lossy(&with_key.stdout).contains("Quillfeather"));
}

#[cfg(unix)]
#[test]
fn the_desk_works_while_the_node_serves() {
    use std::io::{BufRead as _, BufReader};
    let (desk, number) = admitted();
    let mut child = common::command(&desk.node())
        .args(["serve", "--listen", "off"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    desk.ok(&["rights", "find", &number, VALUE]);
    desk.ok(&["rights", "block", &number]);
    let hidden = holdings(&desk);
    desk.ok(&["rights", "decide", &number, "kept", "--quiet"]);
    let shown = holdings(&desk);
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(hidden == 0 && shown > 0);
    assert!(desk.ok(&["rights", "letter", &number]).contains("does not say whether data is held"));
}

/// Files below a folder that hold these bytes.
fn holding(folder: &std::path::Path, word: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(holding(&path, word));
        } else if fs::read(&path).is_ok_and(|bytes| bytes.windows(word.len()).any(|window| window == word)) {
            found.push(path.display().to_string());
        }
    }
    found
}
