//! While one process serves a node with an embedded store, the command line works on: its commands run in that
//! process, and nobody can tell the difference.

#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails loudly")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use comity_testkit::bundle;
use common::{Desk, Said, command, example, records};

struct Serving {
    child: Child,
    said: Receiver<String>,
    socket: PathBuf,
}

impl Serving {
    fn start(desk: &Desk) -> Self {
        Self::start_with(desk, &[])
    }

    fn start_with(desk: &Desk, words: &[&str]) -> Self {
        let mut child = command(&desk.node())
            .args(["serve", "--listen", "off"])
            .args(words)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let said = lines(child.stdout.take().unwrap());
        assert!(said.recv_timeout(PATIENCE).unwrap().starts_with("Serving"));
        Self { child, said, socket: desk.node().join("comity.sock") }
    }

    /// Ends it in good order; what it said last.
    fn stop(mut self) -> String {
        signal(&self.child, "-TERM");
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        self.said.iter().last().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A command that runs beside the test.
struct Running {
    child: Child,
    input: Option<ChildStdin>,
    told: Receiver<String>,
}

impl Running {
    fn start(desk: &Desk, words: &[&str]) -> Self {
        let mut child = command(&desk.node())
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, told) = (child.stdin.take(), lines(child.stderr.take().unwrap()));
        Self { child, input, told }
    }

    /// One that is in the middle of writing a batch of so many objects, and waits for more.
    fn writing(desk: &Desk, source: &str, objects: usize) -> Self {
        let mut running = Self::start(desk, &["ingest", "--as", source, "-"]);
        running.input.as_mut().unwrap().write_all(&open_bundle(objects)).unwrap();
        until_writing(desk);
        running
    }

    /// Ends it as Ctrl-C, and a closed terminal, would.
    fn end(mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    fn wait(mut self) -> Said {
        drop(self.input.take());
        let (mut out, code) = (String::new(), until_ended(&mut self.child));
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        Said { code, out, err: self.told.iter().collect::<Vec<_>>().join("\n") }
    }
}

fn lines(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (tell, said) = channel();
    std::thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).for_each(|l| drop(tell.send(l))));
    said
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let asked = Instant::now();
    while !holds() {
        assert!(asked.elapsed() < PATIENCE, "not in time: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits until another command writes a batch: once nobody else gets a turn.
fn until_writing(desk: &Desk) {
    until("it has the turn", || {
        let other = Running::start(desk, &["undo", "999999"]);
        let waits = other.told.recv_timeout(PATIENCE).unwrap().contains("waiting for `comity ingest`");
        other.end();
        waits
    });
    // A moment later it can be stopped too.
    std::thread::sleep(Duration::from_millis(300));
}

fn until_ended(child: &mut Child) -> i32 {
    let mut status = None;
    until("the command ends", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap().code().unwrap_or(-1)
}

/// A STIX bundle that ends in the middle, after so many whole objects.
fn open_bundle(objects: usize) -> Vec<u8> {
    let mut whole = Vec::new();
    bundle(7, objects + 1, &mut whole).unwrap();
    whole.truncate(whole.len() - 20);
    whole
}

fn stored(desk: &Desk, owner: &str) -> u64 {
    let seen = desk.json(&["audience", owner]);
    seen.iter().filter(|row| row["owner"] == owner).map(|row| row["admitted"].as_u64().unwrap()).sum()
}

/// Takes out what differs from one run to the next: times, and the ids made from them.
fn timeless(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || "-:.".contains(c))) {
        let is_time = part.len() > 19 && part.as_bytes()[10] == b'T' && part.as_bytes()[4] == b'-';
        out.push_str(if is_time || part.starts_with("bundle--") { "*" } else { part });
    }
    out
}

/// Runs a command from the folder above the node, as people do, with relative paths.
fn run(desk: &Desk, words: &[&str], input: &str) -> Said {
    let mut child = command(desk.path())
        .args(["--data", "ee"])
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    Said {
        code: status.code().unwrap_or(-1),
        out: timeless(&String::from_utf8(stdout).unwrap()),
        err: timeless(&String::from_utf8(stderr).unwrap()),
    }
}

/// Every command that is sent on, with each way it can end.
const STORY: &[(&[&str], &str, i32)] = &[
    (&["ingest", "--as", "ee-police", "--country", "EE", "--tlp", "amber", "in/case-2041.misp.json"], "", 0),
    (&["--json", "ingest", "--as", "lab-north", "--tlp", "green", "in/quietparcel.stix.json", "in/notes"], "", 0),
    (&["ingest", "--as", "us-bank", "--tlp", "amber", "in/bank-transfers.csv"], "", 0),
    (&["ingest", "--as", "us-bank", "in/bank-transfers.csv"], "", 0),
    (&["ingest", "--as", "lab-north", "in/mixed.json"], "", 4),
    (&["ingest", "--as", "lab-north", "missing.json"], "", 1),
    (&["ingest", "--as", "lab-south", "-"], "198.51.100.7\n198.51.100.8\n", 0),
    (&["ingest", "--as", "lab-south", "--column", "a=shoe-size", "in/bank-transfers.csv"], "", 1),
    (&["hits"], "", 0),
    (&["--json", "hits", "--limit", "3"], "", 0),
    (&["hit", "00112233445566778899aabbccddeeff"], "", 6),
    (&["questions"], "", 0),
    (&["look", "185.220.101.4", "evil[.]example", "no value at all"], "", 0),
    (&["--json", "look", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"], "", 0),
    (&["look", "--file", "in/list.txt"], "", 0),
    (&["--json", "look", "--file", "-"], "185.220.101.4\nnothing\n", 0),
    (&["look"], "", 1),
    (&["look", "--file", "in/missing.txt"], "", 1),
    (&["batches"], "", 0),
    (&["--json", "batches", "--rejected"], "", 0),
    (&["retry", "5.0", "--with", "in/repaired.json"], "", 0),
    (&["retry", "5.0"], "", 1),
    (&["show", "domain-name--ecb120bf-2694-4902-a737-62b74539a41b"], "", 0),
    (&["show", "domain-name--3c10e93f-798e-5a26-a0c1-08156efab7aa"], "", 6),
    (
        &[
            "--json",
            "same-as",
            "domain-name--ecb120bf-2694-4902-a737-62b74539a41b",
            "domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5",
            "--as",
            "ee-police",
            "--because",
            "one operator",
        ],
        "",
        0,
    ),
    (&["source", "us-secret-service", "--country", "US", "--group", "community"], "", 0),
    (&["source", "us-secret-service", "--country", "USA"], "", 2),
    (&["--json", "source"], "", 0),
    (&["audience", "us-secret-service"], "", 0),
    (&["audience", "stranger"], "", 6),
    (&["export", "--for", "us-secret-service"], "", 0),
    (&["export", "--for", "us-secret-service", "--output", "out.json"], "", 0),
    (&["export", "--for", "us-secret-service", "--output", "missing/out.json"], "", 1),
    (&["warninglists", "add", "in/lists"], "", 0),
    (&["look", "parcel-fee.example"], "", 0),
    (&["undo", "1"], "", 0),
    (&["undo", "1"], "", 1),
    (&["undo", "77"], "", 6),
    (&["--purpose", "prosecution", "--case", "4-26-117", "hits"], "", 0),
    (&["no-such-command"], "", 2),
];

/// A node with the files of the story beside it.
fn told() -> Desk {
    let desk = Desk::new();
    for name in ["case-2041.misp.json", "quietparcel.stix.json", "bank-transfers.csv"] {
        desk.write(&format!("in/{name}"), std::fs::read(example(name)).unwrap());
    }
    desk.write("in/notes/field-notes.txt", std::fs::read(example("field-notes.txt")).unwrap());
    desk.write("in/list.txt", "185.220.101.4\nEE38 2200 2210 2014 5685\n192.0.2.99\n");
    let good = r#"{"type":"domain-name","spec_version":"2.1","id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com"}"#;
    let bad = r#"{"type":"domain-name","spec_version":"2.1","id":"3c10e93f","value":"example.net"}"#;
    let mixed =
        format!(r#"{{"type":"bundle","id":"bundle--3c10e93f-798e-4a26-a0c1-08156efab7f5","objects":[{bad},{good}]}}"#);
    desk.write("in/mixed.json", mixed);
    let repaired = bad.replace("\"3c10e93f\"", "\"domain-name--ecb120bf-2694-4902-a737-62b74539a41b\"");
    desk.write("in/repaired.json", repaired);
    desk.write("in/lists/list.json", r#"{"name":"ours","type":"string","version":1,"description":"d","list":["parcel-fee.example"],"matching_attributes":["domain"]}"#);
    desk
}

#[test]
fn a_command_that_is_sent_on_says_and_does_what_it_would_have_said_and_done() {
    let (plain, served) = (told(), told());
    // One key for both: it decides in which order what is equally good is found.
    std::fs::remove_dir_all(served.node()).unwrap();
    let copied = Command::new("cp").arg("-r").args([plain.node(), served.node()]).status().unwrap();
    assert!(copied.success());
    let serving = Serving::start(&served);
    // What is not sent on cannot work now: it would need the keys.
    std::fs::rename(served.node().join("keys"), served.path().join("keys")).unwrap();
    for (words, input, code) in STORY {
        let (here, there) = (run(&plain, words, input), run(&served, words, input));
        assert_eq!(here.code, *code, "{words:?}: {}{}", here.out, here.err);
        assert_eq!((there.code, &there.out, &there.err), (here.code, &here.out, &here.err), "{words:?}");
    }
    let [here, there] = [&plain, &served].map(|desk| std::fs::read_to_string(desk.path().join("out.json")).unwrap());
    assert_eq!(timeless(&here), timeless(&there));
    std::fs::rename(served.path().join("keys"), served.node().join("keys")).unwrap();
    // What is not sent on says that the store is busy, or reads beside it.
    assert_eq!(served.run(&["check", "--rebuild"]).code, 5);
    assert_eq!(served.json(&["check"])[0]["wrong"], serde_json::json!([]));
    assert_eq!(serving.stop(), "Stopped in good order.");
    assert_eq!(served.json(&["check"])[0]["wrong"], serde_json::json!([]));
    assert_eq!(served.json(&["hits"]), plain.json(&["hits"]));
}

#[test]
fn standard_input_of_any_length_goes_through() {
    let desk = Desk::new();
    let _serving = Serving::start(&desk);
    let mut input = Vec::new();
    bundle(3, 4_000, &mut input).unwrap();
    assert!(input.len() > 1 << 20);
    let said = desk.feed(&["ingest", "--as", "ee-police", "-"], &input);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(stored(&desk, "ee-police"), 4_000);
    let empty = desk.feed(&["--json", "ingest", "--as", "ee-police", "-"], b"");
    assert_eq!(records(&empty.out)[0]["batch"]["counts"]["objects"], 0, "{}", empty.err);
}

#[test]
fn ctrl_c_stops_the_command_in_good_order_and_nothing_else() {
    let desk = Desk::new();
    let _serving = Serving::start(&desk);
    let mut big = Vec::new();
    bundle(2, 60_000, &mut big).unwrap();
    let big = desk.write("big.json", big);
    let file = Running::start(&desk, &["ingest", "--as", "ee-police", big.to_str().unwrap()]);
    until_writing(&desk);
    signal(&file.child, "-INT");
    let said = file.wait();
    assert_eq!(said.code, 4, "{}{}", said.out, said.err);
    assert!(said.out.contains("Stopped before the end"), "{}", said.out);
    let kept = stored(&desk, "ee-police");
    assert!(kept < 60_000, "it was not stopped");
    // One that waits for standard input is stopped as well.
    let input = Running::writing(&desk, "lab-north", 1_000);
    signal(&input.child, "-INT");
    let mut child = input.child;
    assert_eq!(until_ended(&mut child), 4);
    desk.ok(&["ingest", "--as", "us-bank", &example("bank-transfers.csv")]);
    assert_eq!(stored(&desk, "ee-police"), kept);
}

#[test]
fn a_caller_that_dies_takes_its_command_along_and_nothing_else() {
    let desk = Desk::new();
    let _serving = Serving::start(&desk);
    Running::writing(&desk, "ee-police", 1_000).end();
    desk.ok(&["ingest", "--as", "us-bank", &example("bank-transfers.csv")]);
    let batches = desk.json(&["batches"]);
    assert_eq!(batches.len(), 2, "what was read is kept, as after Ctrl-C: {batches:?}");
    assert_eq!(desk.json(&["check"])[0]["wrong"], serde_json::json!([]));
}

#[test]
fn who_wants_to_write_waits_in_line_and_is_told() {
    let desk = Desk::new();
    let _serving = Serving::start(&desk);
    let first = Running::writing(&desk, "ee-police", 1_000);
    let second = Running::start(&desk, &["ingest", "--as", "us-bank", &example("bank-transfers.csv")]);
    let told = second.told.recv_timeout(PATIENCE).unwrap();
    assert!(told.contains("waiting for `comity ingest` of "), "{told}");
    // Whoever only reads, or writes a setting, need not wait.
    desk.ok(&["source", "lab-north", "--country", "DE"]);
    desk.ok(&["batches"]);
    // Waiting ends with Ctrl-C, and the line moves on.
    let third = Running::start(&desk, &["undo", "1"]);
    assert!(third.told.recv_timeout(PATIENCE).unwrap().contains("waiting"));
    signal(&third.child, "-INT");
    let mut third = third.child;
    assert_eq!(until_ended(&mut third), 130);
    drop(first.input);
    let mut first = first.child;
    assert_eq!(until_ended(&mut first), 4, "it broke off in the middle");
    assert_eq!(second.wait().code, 0);
    assert_eq!(desk.json(&["batches"]).len(), 2);
}

#[test]
fn a_followed_folder_stands_in_the_same_line() {
    let desk = Desk::new();
    let feed = desk.write("feed/none", "").parent().unwrap().to_owned();
    let serving = Serving::start_with(&desk, &["--follow", &format!("lab-north={}", feed.display())]);
    let writing = Running::writing(&desk, "ee-police", 1_000);
    desk.write("feed/bank.csv", std::fs::read(example("bank-transfers.csv")).unwrap());
    std::thread::sleep(Duration::from_secs(3));
    assert!(desk.json(&["batches"]).iter().all(|batch| batch["owner"] != "ee-police"), "it is still being written");
    drop(writing.input);
    until("the file is taken in", || stored(&desk, "lab-north") > 0);
    assert_eq!(serving.stop(), "Stopped in good order.");
}

#[test]
fn after_kill_9_the_next_command_works_by_itself_and_the_next_process_serves_again() {
    let desk = Desk::new();
    let mut serving = Serving::start(&desk);
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    serving.child.kill().unwrap();
    serving.child.wait().unwrap();
    assert!(serving.socket.exists(), "nobody was left to remove it");
    desk.ok(&["ingest", "--as", "us-bank", &example("bank-transfers.csv")]);
    assert!(!desk.json(&["hits"]).is_empty());
    let serving = Serving::start(&desk);
    desk.ok(&["ingest", "--as", "lab-north", &example("quietparcel.stix.json")]);
    assert_eq!(serving.stop(), "Stopped in good order.");
}

#[test]
fn the_socket_is_its_accounts_alone_and_goes_with_its_process() {
    let desk = Desk::new();
    let serving = Serving::start(&desk);
    let meta = std::fs::symlink_metadata(&serving.socket).unwrap();
    assert!(meta.file_type().is_socket());
    assert_eq!(meta.permissions().mode() & 0o777, 0o600);
    let socket = serving.socket.clone();
    serving.stop();
    assert!(!socket.exists());
    let left: Vec<_> = std::fs::read_dir(desk.node()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("sock")), "{left:?}");
}

#[test]
fn a_process_that_is_stopped_stops_its_commands_in_good_order() {
    let desk = Desk::new();
    let serving = Serving::start(&desk);
    let writing = Running::writing(&desk, "ee-police", 1_000);
    assert_eq!(serving.stop(), "Stopped in good order.");
    let mut child = writing.child;
    assert_eq!(until_ended(&mut child), 4);
    assert_eq!(desk.json(&["batches"]).len(), 1);
    assert_eq!(desk.json(&["check"])[0]["wrong"], serde_json::json!([]));
}

#[test]
fn no_caller_can_harm_the_node() {
    let desk = Desk::new();
    let serving = Serving::start(&desk);
    let hello = |word: &str| {
        let caller = r#"{"shown":{"user":"x","key":null,"session":null,"terminal":"1-1","folder":"/"},"out_width":null,"err_width":9,"config":{"node":{"organisation":"x","name":"x","country":"XX"}}}"#;
        [frame(2, caller.as_bytes()), frame(3, b"/"), frame(4, word.as_bytes()), frame(5, b"")].concat()
    };
    let unasked: Vec<u8> = std::iter::repeat_n(frame(6, &vec![b'x'; 65_536]), 64).flatten().collect();
    for said in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        vec![4, 255, 255, 255, 255],
        vec![0xff; 100_000],
        frame(5, b""),
        [frame(2, b"{}"), frame(5, b"")].concat(),
        [hello("batches"), unasked].concat(),
        hello("\u{0}\u{1b}["),
    ] {
        // It may hang up at any moment, which is what it should do.
        drop(call(&serving, &said));
    }
    for word in ["serve", "demo", "check"] {
        let answer = call(&serving, &hello(word)).unwrap();
        assert!(answer.contains("a process of its own"), "{word}: {answer}");
    }
    let mut many = Vec::new();
    until("sixteen are greeted", || {
        let mut stream = UnixStream::connect(&serving.socket).unwrap();
        let mut kind = [9];
        stream.read_exact(&mut kind).unwrap();
        // Those before have not all gone yet: one that came too early is told that there is no room.
        if kind == [0] {
            many.push(stream);
        }
        many.len() == 16
    });
    let refused = desk.run(&["batches"]);
    assert_eq!(refused.code, 5, "{}", refused.err);
    assert!(refused.err.contains("16 commands"), "{}", refused.err);
    drop(many);
    until("there is room again", || desk.run(&["batches"]).code == 0);
    desk.ok(&["ingest", "--as", "ee-police", &example("case-2041.misp.json")]);
    assert_eq!(serving.stop(), "Stopped in good order.");
}

fn frame(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&[kind][..], &length, content].concat()
}

/// Says something to a serving process, and hears what it answers.
fn call(serving: &Serving, said: &[u8]) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(&serving.socket)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(said)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

const PATIENCE: Duration = Duration::from_mins(1);
