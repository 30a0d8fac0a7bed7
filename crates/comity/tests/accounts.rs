//! People of one organisation at one node's command line: who they are, what they may, and what that leaves on record.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Stdio};

use common::{Desk, Said, command, example, in_own_session, records};
use serde_json::Value;

const PASSWORD: &str = "a quiet winter morning";

/// Ends with the test, whatever happens.
struct Serving(Child);

impl Serving {
    fn start(desk: &Desk) -> Self {
        let mut child =
            command(&desk.node()).args(["serve", "--listen", "off"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("Serving"), "{line}");
        Self(child)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A node with an object; Mari, an analyst who has set up her log-in; and another supervisor.
fn desk() -> (Desk, Vec<String>) {
    let desk = Desk::new();
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    desk.ok(&["account", "add", "mari", "--name", "Mari Tamm"]);
    desk.ok(&["account", "grant", "mari", "--role", "analyst", "--unit", "cyber"]);
    desk.ok(&["account", "add", "chief", "--name", "Chief"]);
    desk.ok(&["account", "grant", "chief", "--role", "supervisor"]);
    let recovery = set_up(&desk, "mari");
    (desk, recovery)
}

/// Sets up how somebody logs in; their recovery codes.
fn set_up(desk: &Desk, name: &str) -> Vec<String> {
    let code = desk.ok(&["account", "invite", name]).lines().next().unwrap().to_owned();
    let enrolled = desk.feed(&["--json", "enrol", name], format!("{code}\n{PASSWORD}\n{PASSWORD}\n").as_bytes());
    assert_eq!(enrolled.code, 0, "{}", enrolled.err);
    serde_json::from_value(records(&enrolled.out)[0]["recovery"].clone()).unwrap()
}

fn log_in(desk: &Desk, name: &str, password: &str, code: &str) -> Said {
    desk.feed(&["login", name], format!("{password}\n{code}\n").as_bytes())
}

fn who(desk: &Desk) -> Value {
    desk.json(&["whoami"])[0]["name"].clone()
}

fn story(desk: &Desk, recovery: &[String]) {
    assert_eq!(who(desk), "juhan", "whoever made the node");
    let wrong = log_in(desk, "mari", "another password", &recovery[0]);
    assert_eq!((wrong.code, wrong.err.contains("not right")), (1, true), "{}", wrong.err);
    let said = log_in(desk, "mari", PASSWORD, &recovery[0]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(!said.out.contains(PASSWORD) && !said.err.contains(PASSWORD));
    assert_eq!(who(desk), "mari");
    assert_eq!(desk.json(&["look", "185.220.101.4"]).len(), 1);
    for refused in [&["source", "ee-police", "--tlp", "clear"][..], &["retention", "run"], &["account", "list"]] {
        let said = desk.run(refused);
        assert_eq!((said.code, said.err.contains("mari is analyst")), (7, true), "{refused:?}: {}", said.err);
    }
    assert_eq!(desk.run(&["audit"]).code, 7, "not what others did");
    let own = desk.json(&["audit", "--account", "mari", "--kind", "refusal"]);
    let refused: Vec<&str> = own.iter().map(|one| one["content"]["asked"].as_str().unwrap()).collect();
    assert!(refused.ends_with(&["sources", "retention-run", "accounts", "audit"]), "{refused:?}");
    desk.ok(&["logout"]);
    assert_eq!(who(desk), "juhan");
    assert_eq!(desk.json(&["account", "sessions", "mari"]).len(), 0);
    assert_eq!(log_in(desk, "mari", PASSWORD, &recovery[0]).code, 1, "a recovery code counts once");
}

#[test]
fn people_log_in_and_may_do_what_their_role_says() {
    if !in_own_session() {
        return;
    }
    let (desk, recovery) = desk();
    story(&desk, &recovery);
    // The same with the commands run by the process that serves.
    let serving = Serving::start(&desk);
    story(&desk, &recovery[1..]);
    drop(serving);
    // A session ends wherever it was begun.
    assert_eq!(log_in(&desk, "mari", PASSWORD, &recovery[2]).code, 0);
    let token = std::fs::read_dir(desk.node().join("sessions")).unwrap().next().unwrap().unwrap();
    assert_eq!(token.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(token.path(), "another token").unwrap();
    let over = desk.run(&["look", "185.220.101.4"]);
    assert!(over.code == 1 && over.err.contains("session is over"), "{}", over.err);
    let again = desk.run(&["whoami"]);
    assert!(again.code == 1 && again.err.contains("session is over"), "it does not become another's: {}", again.out);
    assert_eq!(log_in(&desk, "mari", PASSWORD, &recovery[3]).code, 0, "and nothing is in the way of a new one");
    assert_eq!(who(&desk), "mari");
    desk.ok(&["logout"]);
    assert_eq!(who(&desk), "juhan");
}

/// A session counts for the login session it was begun in; where that cannot be told, there is none to begin.
#[test]
fn nobody_logs_in_where_one_terminal_cannot_be_told_from_another() {
    let (desk, recovery) = desk();
    let said = desk.path().join("said");
    // Whoever leads this session is gone by the time of the log-in.
    let late = r#"({ sleep 1; "$1" login mari; } <"$2" >"$3" 2>&1; mv "$3" "$4") &"#;
    let typed = desk.write("typed", format!("{PASSWORD}\n{}\n", recovery[0]));
    let comity = env!("CARGO_BIN_EXE_comity");
    let mut shell = std::process::Command::new("setsid");
    shell.current_dir(desk.node()).args(["--wait", "sh", "-c", late, "sh", comity]).args([&typed, &said]);
    shell.arg(desk.path().join("done")).stdin(Stdio::null());
    assert!(shell.status().unwrap().success());
    let done = desk.path().join("done");
    while !done.exists() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let said = std::fs::read_to_string(done).unwrap();
    assert!(said.contains("cannot be told from others"), "{said}");
    assert_eq!(desk.json(&["account", "sessions", "mari"]).len(), 0);
}

#[test]
fn a_program_acts_with_its_key_within_its_scope() {
    let (desk, _) = desk();
    desk.ok(&["account", "add", "splunk", "--name", "Splunk in the duty room"]);
    let refused = desk.run(&["account", "grant", "splunk", "--role", "service"]);
    assert_eq!(refused.code, 7, "whoever added it does not give it its rights: {}", refused.err);
    let key = desk.json(&["account", "add-key", "splunk", "--may", "look", "--note", "duty room"]).remove(0);
    let secret = key["secret"].as_str().unwrap();
    let with_key = |words: &[&str]| {
        command(&desk.node()).args(words).env("COMITY_KEY", secret).stdin(Stdio::null()).output().unwrap()
    };
    assert_eq!(with_key(&["look", "185.220.101.4"]).status.code(), Some(7), "it has no role");
    let (id, listed) = (key["key"]["id"].as_str().unwrap(), desk.json(&["account", "keys", "splunk"]));
    assert_eq!((listed[0]["id"].as_str(), listed[0]["scope"][0].as_str()), (Some(id), Some("look")));
    desk.ok(&["account", "revoke-key", id]);
    let gone = with_key(&["whoami"]);
    assert!(!gone.status.success() && String::from_utf8_lossy(&gone.stderr).contains("COMITY_KEY"));
}

#[test]
fn what_is_for_some_is_not_there_for_others() {
    if !in_own_session() {
        return;
    }
    let (desk, recovery) = desk();
    let other = desk.write("seen.json", r#"{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--4a5d2c1e-5f6a-5b7c-8d9e-0a1b2c3d4e5f","value":"192.0.2.44"}"#);
    desk.ok(&["ingest", "--as", "undercover", "--need", "case:9", &other.display().to_string()]);
    let holdings = || desk.json(&["look", "192.0.2.44"])[0]["holdings"].as_array().unwrap().len();
    assert_eq!(holdings(), 0, "also whoever made the node needs the case");
    assert_eq!(log_in(&desk, "mari", PASSWORD, &recovery[0]).code, 0);
    assert_eq!(holdings(), 0);
    desk.ok(&["logout"]);
    let said = desk.run(&["account", "grant", "mari", "--on-case", "9"]);
    assert_eq!(said.code, 7, "whoever added Mari does not put her on a case: {}", said.err);
    let chief = set_up(&desk, "chief");
    assert_eq!(log_in(&desk, "chief", PASSWORD, &chief[0]).code, 0);
    desk.ok(&["account", "grant", "mari", "--on-case", "9"]);
    assert_eq!(holdings(), 0, "whoever gives a right need not have it");
    desk.ok(&["logout"]);
    assert_eq!(log_in(&desk, "mari", PASSWORD, &recovery[1]).code, 0);
    assert_eq!(holdings(), 1);
}

#[test]
fn an_empty_key_is_nobody_and_not_whoever_runs_the_machine() {
    let (desk, _) = desk();
    let with = |key: &std::ffi::OsStr, words: &[&str]| {
        command(&desk.node()).args(words).env("COMITY_KEY", key).stdin(Stdio::null()).output().unwrap()
    };
    let no_text = std::os::unix::ffi::OsStrExt::from_bytes(&[0xff, 0xfe]);
    let refused = |serving: &str| {
        for key in ["".as_ref(), " \n".as_ref(), "nonsense".as_ref(), no_text] {
            for words in [&["whoami"][..], &["look", "185.220.101.4"], &["account", "list"]] {
                let said = with(key, words);
                assert_eq!(said.status.code(), Some(7), "{serving} {key:?} {words:?}");
                assert!(said.stdout.is_empty(), "{serving} {key:?} {words:?}");
                assert!(String::from_utf8_lossy(&said.stderr).contains("COMITY_KEY"), "{serving} {key:?}");
            }
        }
    };
    refused("alone");
    let serving = Serving::start(&desk);
    refused("served");
    drop(serving);
    let made = command(desk.path())
        .args(["init", "lv", "--country", "LV", "--name", "Latvia"])
        .env("COMITY_KEY", "")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!((made.status.code(), desk.path().join("lv").exists()), (Some(7), false), "and makes no node");
}
