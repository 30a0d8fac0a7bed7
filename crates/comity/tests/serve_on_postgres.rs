//! Several processes serve one store: they see what any of them wrote, share single-run work, and take over
//! from each other.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Desk, command, example};
use serde_json::Value;

/// Seconds of silence after which work moves: less than the default of 6, so that the tests are quick, and enough
/// that a process on a busy machine is not taken for dead.
const SILENCE: &str = "3";

struct Serving {
    child: Child,
    port: u16,
    said: std::sync::mpsc::Receiver<String>,
}

impl Serving {
    fn start(desk: &Desk, words: &[&str]) -> Self {
        let mut child = command(&desk.node())
            .args(["serve", "--listen", "127.0.0.1:0", "--silence", SILENCE])
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, said) = std::sync::mpsc::channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        let first = said.recv_timeout(Duration::from_secs(30)).unwrap();
        let port = first.split("127.0.0.1:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        Self { child, port, said }
    }

    fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let code = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (code, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    fn health(&self) -> Value {
        serde_json::from_str(&self.ask("/health").1).unwrap()
    }

    fn holds_a_lease(&self) -> bool {
        !self.health()["leases"].as_array().unwrap().is_empty()
    }

    fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Waits until something holds; says how long it took.
fn until(what: &str, mut holds: impl FnMut() -> bool) -> Duration {
    let asked = Instant::now();
    while !holds() {
        assert!(asked.elapsed() < Duration::from_secs(30), "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
    asked.elapsed()
}

fn object(n: u32) -> String {
    let id = format!("indicator--{n:08x}-0000-4000-8000-000000000000");
    format!(
        "{{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"{id}\",\"created\":\"2026-01-01T00:00:00.000Z\",\
         \"modified\":\"2026-01-01T00:00:00.000Z\",\"pattern\":\"[ipv4-addr:value = '203.0.113.{n}']\",\
         \"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"}}"
    )
}

fn known(desk: &Desk, n: u32) -> bool {
    desk.json(&["look", &format!("203.0.113.{n}")])[0]["known"] == true
}

/// How many batches took something in from a followed folder.
fn taken_in(desk: &Desk) -> usize {
    let batches = desk.json(&["batches", "--limit", "1000"]);
    batches.iter().filter(|b| b["note"].as_str().unwrap().starts_with("follow") && b["counts"]["added"] != 0).count()
}

#[test]
fn a_serving_process_sees_what_others_write_at_once_and_tells_how_it_does() {
    let desk = Desk::new();
    if desk.store.is_none() {
        return;
    }
    let serving = Serving::start(&desk, &[]);
    let (code, _) = serving.ask("/health");
    assert_eq!(code, 200);
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    let took = until("the other's batch", || serving.health()["position"].as_u64().unwrap() > 0);
    println!("seen {took:?} after it was acknowledged");
    let metrics = serving.ask("/metrics").1;
    assert!(metrics.contains("comity_transactions_total{name=\"read its head\"}"), "{metrics}");
    assert!(metrics.lines().any(|line| line.starts_with("comity_position ") && !line.ends_with(" 0")), "{metrics}");
    assert_eq!(serving.ask("/nothing").0, 404);
    serving.signal("-TERM");
    let mut serving = serving;
    assert!(serving.child.wait().unwrap().success());
    assert!(serving.said.iter().any(|line| line.contains("Stopped in good order")));
}

#[test]
fn only_this_machine_is_listened_to() {
    let desk = Desk::new();
    let said = desk.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("only this machine"), "{}", said.err);
}

#[test]
fn a_dead_processs_work_moves_to_another_within_ten_seconds() {
    let desk = Desk::new();
    if desk.store.is_none() {
        return;
    }
    let feeds = desk.path().join("feeds");
    std::fs::create_dir(&feeds).unwrap();
    let follow = format!("lab-north={}", feeds.display());
    let mut processes: Vec<Serving> = (0..3).map(|_| Serving::start(&desk, &["--follow", &follow])).collect();
    for round in 1..=3 {
        until("one holds the lease", || processes.iter().any(Serving::holds_a_lease));
        assert_eq!(processes.iter().filter(|process| process.holds_a_lease()).count(), 1, "one at a time");
        std::fs::write(feeds.join(format!("{round}.json")), object(round)).unwrap();
        until("the file is taken in", || known(&desk, round));
        let holder = processes.iter().position(Serving::holds_a_lease).unwrap();
        // Dropping kills it with -9.
        drop(processes.remove(holder));
        let killed = Instant::now();
        if round < 3 {
            until("another takes over", || processes.iter().any(Serving::holds_a_lease));
            assert!(killed.elapsed() < Duration::from_secs(10), "{:?}", killed.elapsed());
            println!(
                "work moved {:.1} s after the kill, with a silence of {SILENCE} s",
                killed.elapsed().as_secs_f64()
            );
        }
    }
    assert_eq!(taken_in(&desk), 3, "every file once");
}

#[test]
fn a_frozen_holder_that_thaws_does_nothing_twice() {
    let desk = Desk::new();
    if desk.store.is_none() {
        return;
    }
    let feeds = desk.path().join("feeds");
    std::fs::create_dir(&feeds).unwrap();
    let follow = format!("lab-north={}", feeds.display());
    let one = Serving::start(&desk, &["--follow", &follow]);
    until("the first holds the lease", || one.holds_a_lease());
    let other = Serving::start(&desk, &["--follow", &follow]);
    one.signal("-STOP");
    std::fs::write(feeds.join("a.json"), object(7)).unwrap();
    until("the second takes over", || other.holds_a_lease());
    until("it takes the file in", || known(&desk, 7));
    one.signal("-CONT");
    std::fs::write(feeds.join("b.json"), object(8)).unwrap();
    until("the next file is taken in", || known(&desk, 8));
    until("the first knows that it lost the lease", || !one.holds_a_lease());
    until("the second goes on", || other.holds_a_lease());
    assert_eq!(taken_in(&desk), 2, "every file once");
    assert_eq!(desk.json(&["check"])[0]["wrong"], serde_json::json!([]));
}

/// Everything moves to the other engine and back, through a kill in the middle, and nothing changes.
#[test]
fn a_store_moves_to_the_other_engine_and_back() {
    let Some(base) = comity_testkit::postgres::shared() else { return };
    let desk = Desk::with(None);
    let mut big = Vec::new();
    comity_testkit::bundle(3, 30_000, &mut big).unwrap();
    let big = desk.write("big.json", big);
    desk.ok(&["ingest", "--as", "lab-north", "--tlp", "green", big.to_str().unwrap()]);
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json"), &example("field-notes.txt")]);
    desk.ok(&["ingest", "--as", "us-bank", &example("bank-transfers.csv")]);
    desk.ok(&["undo", "2"]);
    desk.ok(&["source", "us-secret-service", "--country", "US", "--group", "community"]);
    void_batch(&desk, &big);
    desk.ok(&["undo", "4"]);
    let before = answers(&desk, None);
    let address = format!("{base}?schema={}", comity_testkit::postgres::fresh("moved"));
    let node = desk.node().display().to_string();
    let refused = kill_half_way(&desk, &["store", "move", &node, &address]);
    if let Some(code) = refused {
        let half = desk.run(&["--store", &address, "hits"]);
        assert!(half.code != 0 || code == 0, "a half moved store is not opened: {}", half.out);
    }
    if refused == Some(0) {
        println!("skipped: going on with half a move, this machine was faster than the kill");
    } else {
        let told = desk.ok(&["store", "move", &node, &address]);
        assert!(told.contains("every one was compared"), "{told}");
    }
    assert_same(&answers(&desk, Some(&address)), &before);
    let again = desk.run(&["store", "move", &node, &address]);
    assert!(again.code == 1 && again.err.contains("already"), "{}", again.err);
    // And back, with something new and something undone in between.
    desk.ok(&["--store", &address, "ingest", "--as", "us-bank", &example("quietparcel.stix.json")]);
    desk.ok(&["--store", &address, "undo", "1"]);
    let before = answers(&desk, Some(&address));
    let back = desk.path().join("back");
    std::fs::create_dir(&back).unwrap();
    for file in ["comity.toml", "keys", "unlock"] {
        std::fs::copy(desk.node().join(file), back.join(file)).unwrap();
    }
    let told = Desk::run_in(&back, &["store", "move", &address, back.to_str().unwrap()]);
    assert_eq!(told.code, 0, "{}", told.err);
    let there = |words: &[&str]| answer(&back, None, words);
    assert_same(&QUESTIONS.iter().map(|words| there(words)).collect::<Vec<_>>(), &before);
    drop_schema(&base, &address);
}

const QUESTIONS: &[&[&str]] = &[
    &["--json", "hits"],
    &["--json", "batches", "--limit", "100"],
    &["--json", "batches", "--rejected"],
    &["--json", "look", "185.220.101.4"],
    &["--json", "source"],
    &["--json", "audience", "us-secret-service"],
    &["--json", "store", "check"],
];

fn answers(desk: &Desk, store: Option<&str>) -> Vec<String> {
    QUESTIONS.iter().map(|words| answer(&desk.node(), store, words)).collect()
}

fn assert_same(now: &[String], before: &[String]) {
    for ((words, now), before) in QUESTIONS.iter().zip(now).zip(before) {
        let differs = now.lines().zip(before.lines()).find(|(now, before)| now != before);
        assert!(now == before, "{words:?} answers otherwise: {differs:?}");
    }
}

fn answer(folder: &Path, store: Option<&str>, words: &[&str]) -> String {
    let mut all = words.to_vec();
    if let Some(address) = store {
        all.extend(["--store", address]);
    }
    let said = Desk::run_in(folder, &all);
    assert_eq!(said.code, 0, "{words:?}: {}{}", said.out, said.err);
    said.out
}

/// Leaves a batch that was killed, whose positions are void.
fn void_batch(desk: &Desk, big: &Path) {
    let mut child = command(&desk.node())
        .args(["ingest", "--as", "us-bank", big.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    std::thread::sleep(Duration::from_millis(700));
    drop(child.kill());
    drop(child.wait());
}

/// Runs a command and kills it soon; its exit code when it was faster.
fn kill_half_way(desk: &Desk, words: &[&str]) -> Option<i32> {
    let mut child = command(&desk.node()).args(words).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(600));
    drop(child.kill());
    child.wait().unwrap().code()
}

fn drop_schema(base: &str, address: &str) {
    let schema = address.split("schema=").nth(1).unwrap();
    let psql = Command::new("psql").args([base, "-qc", &format!("DROP SCHEMA {schema} CASCADE")]).status();
    // Without it the schema goes with the shared server.
    drop(psql);
}
