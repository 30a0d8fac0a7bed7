//! Two organisations that never met connect their nodes, agree, exchange, and take back: real processes, real sockets.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Desk, command, example, records};
use serde_json::Value;

/// A node whose process serves.
struct Serving {
    folder: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Serving {
    fn new(desk: &Desk, name: &str, country: &str) -> Self {
        let said = Desk::run_in(desk.path(), &["init", name, "--country", country, "--name", name]);
        assert_eq!(said.code, 0, "{}", said.err);
        // Free at this moment; nobody else here asks for one by number.
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut serving = Self { folder: desk.path().join(name), port, child: None };
        serving.start();
        serving
    }

    fn start(&mut self) {
        let mut child = self.command().args(["serve", "--listen", "off"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.starts_with("Serving"), "{line}");
        self.child = Some(child);
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn command(&self) -> std::process::Command {
        let mut command = command(&self.folder);
        command.env("COMITY_NETWORK_LISTEN", format!("127.0.0.1:{}", self.port));
        command.env("COMITY_NETWORK_URL", format!("https://127.0.0.1:{}", self.port));
        command.env("COMITY_MIRROR_PEERS", "[\"ee-police\"]").env("COMITY_MIRROR_MINUTES", "1");
        command
    }

    fn ok(&self, words: &[&str]) -> String {
        let output = self.command().args(words).stdin(Stdio::null()).output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{words:?}: {out}{err}");
        out.into_owned()
    }

    fn json(&self, words: &[&str]) -> Vec<Value> {
        let mut with = vec!["--json"];
        with.extend_from_slice(words);
        records(&self.ok(&with))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Asks until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_mins(1);
    while !is_so() {
        assert!(Instant::now() < end, "{what} has not happened");
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn agreement(folder: &Path, one: &str, two: &str) -> PathBuf {
    let flow = |from: &str, to: &str| {
        format!(
            "[[flows]]\nfrom = \"{from}\"\nto = \"{to}\"\nkinds = [\"threat\"]\npurposes = [\"investigation\"]\ntlp = \
             \"green\"\nhandling = [\"H0\"]\nonward = \"no\"\n"
        )
    };
    let text = format!(
        "name = \"test\"\nversion = 1\nvalid_from = 2026-01-01\nvalid_until = 2099-12-31\n{}{}[queries]\nper_day = \
         1\nper_hour = 1\n[receipts]\nwithin_hours = 24\nsuspend_queries_when_overdue = true\n",
        flow(one, two),
        flow(two, one)
    );
    let path = folder.join("agreement.toml");
    std::fs::write(&path, text).unwrap();
    path
}

fn connected(desk: &Desk) -> (Serving, Serving) {
    let (ee, lab) = (Serving::new(desk, "ee-police", "EE"), Serving::new(desk, "lab-north", "SE"));
    let invited = &ee.json(&["peer", "invite", "--name", "Lab North", "--kind", "partner"])[0];
    let invitation = invited["invitation"].as_str().unwrap();
    assert_eq!(lab.json(&["peer", "accept", invitation])[0]["name"], "ee-police");
    let again = lab.command().args(["peer", "accept", invitation]).output().unwrap();
    assert!(String::from_utf8_lossy(&again.stderr).contains("connected already"));
    let text = agreement(desk.path(), "ee-police", "lab-north");
    ee.ok(&["agreement", "propose", "lab-north", "--file", text.to_str().unwrap()]);
    until("the proposal", || !lab.json(&["agreement", "list"]).is_empty());
    let id = lab.json(&["agreement", "list"])[0]["agreement"]["id"].as_str().unwrap().to_owned();
    lab.ok(&["agreement", "sign", &id]);
    until("the signature", || ee.json(&["agreement", "list"])[0]["state"]["state"] == "active");
    (ee, lab)
}

#[test]
fn what_one_takes_in_the_other_has_and_what_is_taken_back_is_gone() {
    let desk = Desk::new();
    let (ee, mut lab) = connected(&desk);
    let report = example("quietparcel.stix.json");
    ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", &report]);
    let received = |lab: &Serving| lab.json(&["deliveries", "--to-us"])[0]["objects"].as_u64().unwrap_or(0);
    until("the exchange", || received(&lab) > 0);
    let id = "indicator--bc82aa89-8c7e-5398-b85c-1d4180452c5c";
    assert_eq!(lab.json(&["show", id])[0]["owner"], "ee-police");
    let seer = &ee.json(&["audience", id])[0];
    assert_eq!(
        (&seer["recipient"], &seer["admitted"], &seer["can_recall"]),
        (&"lab-north".into(), &true.into(), &true.into())
    );
    // Killed and away while the owner takes it back; then it comes to know.
    lab.kill();
    let recall = ee.json(&["recall", id, "--reason", "incorrect"]);
    assert_eq!(recall[0]["said"]["object"], id);
    let receipt = |ee: &Serving| ee.json(&["deliveries"])[0]["recalls"][0]["recall"]["receipt"].clone();
    assert_eq!(receipt(&ee), Value::Null);
    lab.start();
    until("the receipt", || receipt(&ee).is_string());
    assert!(lab.ok(&["show", id]).contains("taken back"));
}

#[test]
fn the_doctor_finds_a_healthy_node_and_says_what_ails_another() {
    let desk = Desk::new();
    let (ee, mut lab) = connected(&desk);
    let examined = || {
        let output = ee.command().args(["--json", "doctor"]).output().unwrap();
        (output.status.code(), records(&String::from_utf8_lossy(&output.stdout)))
    };
    until("the first look at the peer", || examined().1.iter().all(|finding| finding["well"] == true));
    lab.kill();
    until("the trouble", || {
        let (code, findings) = examined();
        let ill: Vec<_> = findings.iter().filter(|finding| finding["well"] == false).collect();
        code == Some(1) && ill.len() == 1 && ill[0]["what"] == "the exchange with lab-north"
    });
}

/// Up to where a peer countersigned the newest log of a node.
fn countersigned(node: &Serving, peer: &str) -> u64 {
    let text = node.ok(&["ledger", "status"]);
    let line = text.lines().find(|line| line.starts_with(&format!("{peer}: "))).unwrap_or_default().to_owned();
    let size = line.split("countersigned up to ").nth(1).and_then(|rest| rest.split(';').next());
    size.map_or(0, |size| size.replace(',', "").parse().unwrap())
}

fn size(node: &Serving, log: usize) -> u64 {
    node.json(&["ledger", "status"])[log]["size"].as_u64().unwrap()
}

fn key(node: &Serving) -> String {
    node.json(&["ledger", "status"])[0]["key"].as_str().unwrap().to_owned()
}

#[test]
fn each_countersigns_the_ledger_of_the_other_and_every_crossing_stands_in_both() {
    let desk = Desk::new();
    let (ee, mut lab) = connected(&desk);
    ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", &example("quietparcel.stix.json")]);
    until("the exchange", || lab.json(&["deliveries", "--to-us"])[0]["objects"].as_u64().unwrap_or(0) > 0);
    // One of the two keeps a copy of the other's log by itself.
    lab.kill();
    lab.start();
    until("the mirror", || lab.ok(&["ledger", "status"]).contains("mirrored here"));
    assert!(!ee.ok(&["ledger", "status"]).contains("mirrored"));
    let now = size(&ee, 0);
    until("the countersignature", || countersigned(&ee, "lab-north") >= now);
    until("the other countersignature", || countersigned(&lab, "ee-police") > 0);

    let (one, two) = (desk.path().join("ee-copy"), desk.path().join("lab-copy"));
    let mirrored = lab.ok(&["ledger", "mirror", "ee-police", one.to_str().unwrap()]);
    assert!(mirrored.contains("all ") && mirrored.contains(" sent"), "{mirrored}");
    lab.ok(&["ledger", "copy", two.to_str().unwrap()]);
    let words = [
        "verify",
        one.to_str().unwrap(),
        two.to_str().unwrap(),
        "--reconcile",
        "--key",
        &key(&ee),
        "--key",
        &key(&lab),
    ];
    let said = lab.ok(&words);
    assert!(said.contains("1 crossings stand in two logs"), "{said}");

    // Under the policy of the owner the copy has the witness it asks for.
    let policy = desk.write("ee.policy", ee.ok(&["ledger", "policy"]));
    let fresh = desk.path().join("ee-countersigned");
    until("a countersigned copy", || {
        ee.ok(&["ledger", "copy", fresh.to_str().unwrap()]);
        let words = ["verify", fresh.to_str().unwrap(), "--policy", policy.to_str().unwrap()];
        ee.command().args(words).output().unwrap().status.success()
    });

    // Who was given it, and who asked about it: with a statement that is checked without either node.
    let id = "indicator--bc82aa89-8c7e-5398-b85c-1d4180452c5c";
    lab.ok(&["show", id, "--case", "77", "--why", "seen in our sandbox"]);
    let given = ee.json(&["audit", "--object", id, "--kind", "sent"]);
    assert_eq!((given.len(), &given[0]["content"]["to"]), (1, &"lab-north".into()));
    let taken = lab.json(&["audit", "--kind", "taken"]);
    assert_eq!(taken[0]["handle"], given[0]["handle"], "both sides carry the same handle");
    assert_eq!(taken[0]["content"]["root"], given[0]["content"]["root"]);
    let asked = &lab.json(&["audit", "--object", id, "--kind", "query"])[0];
    assert_eq!((&asked["content"]["case"], &asked["content"]["reason"]), (&"77".into(), &"seen in our sandbox".into()));
    let statement = desk.path().join("given.statement");
    ee.ok(&["audit", "--object", id, "--statement", statement.to_str().unwrap()]);
    let words = ["verify", statement.to_str().unwrap(), "--key", &key(&ee)];
    assert!(ee.ok(&words).contains("each stands in the log"));
    let text = std::fs::read_to_string(&statement).unwrap();
    std::fs::write(&statement, text.replacen("lab-north", "lab-south", 1)).unwrap();
    assert!(!ee.command().args(words).output().unwrap().status.success(), "a changed statement proves nothing");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

/// An old copy of the store is put back, and with it everything on this machine that could tell. A witness can.
#[test]
fn an_old_backup_that_is_put_back_is_caught_by_the_witness() {
    let desk = Desk::new();
    let (mut ee, lab) = connected(&desk);
    until("the countersignature", || countersigned(&ee, "lab-north") > 0);
    ee.kill();
    let backup = desk.path().join("backup");
    copy_folder(&ee.folder.join("store"), &backup);
    ee.start();
    ee.ok(&["ingest", "--as", "ee-police", "--tlp", "green", &example("quietparcel.stix.json")]);
    let signed = size(&ee, 0);
    until("the countersignature", || countersigned(&ee, "lab-north") >= signed);
    ee.kill();
    std::fs::remove_dir_all(ee.folder.join("store")).unwrap();
    copy_folder(&backup, &ee.folder.join("store"));
    // The note kept beside the store tells at once.
    let status = ee.command().args(["ledger", "status"]).output().unwrap();
    assert!(String::from_utf8_lossy(&status.stdout).contains("was rolled back"), "by the note outside the store");
    std::fs::remove_dir_all(ee.folder.join("checkpoints")).unwrap();
    let status = ee.command().args(["ledger", "status"]).output().unwrap();
    assert!(status.status.success(), "nothing here tells any more");
    ee.start();
    until("the witness's word", || {
        let status = ee.command().args(["ledger", "status"]).output().unwrap();
        String::from_utf8_lossy(&status.stdout).contains("was rolled back")
    });
    // Nothing is signed until somebody says on record what happened.
    let accept = |words: &[&str]| ee.command().args(words).output().unwrap();
    let year = String::from_utf8(accept(&["ledger", "status"]).stdout).unwrap();
    let year = year.split("/access/").nth(1).unwrap().split(':').next().unwrap().to_owned();
    assert!(!accept(&["ledger", "accept", &year]).status.success(), "a reason is needed");
    ee.ok(&["ledger", "accept", &year, "--why", "an old copy was put back by mistake"]);
    until("the next log, countersigned", || countersigned(&ee, "lab-north") > 0);
    let logs = ee.json(&["ledger", "status"]);
    assert!(logs[1]["log"].as_str().unwrap().ends_with(&format!("/access/{year}.1")), "{logs:?}");
    drop(lab);
}
