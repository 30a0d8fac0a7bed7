//! Several processes of one node over PostgreSQL: whatever one of them takes in, the others answer alike.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use comity_base::{Limits, OrgName, Position, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::hits::HitOptions;
use comity_node::intake::{Input, IntakeOptions};
use comity_node::{Ctx, Node, NodeError, NodeOptions, Purpose, SourceChange};
use comity_store::BatchId;
use comity_store_postgres::{Options, PostgresStore};

struct Processes {
    address: String,
    keys: NodeKeys,
    folder: tempfile::TempDir,
}

impl Processes {
    fn new(name: &str) -> Option<Self> {
        let base = comity_testkit::postgres::shared()?;
        let address = format!("{base}?schema={}", comity_testkit::postgres::fresh(&format!("node_{name}")));
        Some(Self { address, keys: NodeKeys::generate().unwrap(), folder: tempfile::tempdir().unwrap() })
    }

    fn behind(&self, name: &str) -> Node {
        let derived = self.folder.path().join(name);
        let options = Options::parse(&self.address, derived.join("store")).unwrap();
        let store = PostgresStore::open(options, self.keys.fingerprinter()).unwrap();
        let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 2 };
        Node::open_behind(Arc::new(store), &self.keys, &options).unwrap()
    }

    fn open(&self, name: &str) -> Node {
        let node = self.behind(name);
        node.catch_up().unwrap();
        node
    }
}

fn ctx() -> Ctx {
    Ctx {
        actor: "test".into(),
        authority: std::sync::Arc::new(comity_node::Authority::alone()),
        organisation: OrgName::parse("ee").unwrap(),
        purpose: Purpose::Investigation,
        case: None,
        reason: None,
        clock: Arc::new(|| Timestamp::from_micros(1_793_000_000_000_000)),
    }
}

fn take_in(node: &Node, owner: &str, bytes: Vec<u8>) -> comity_store::BatchInfo {
    let source = node.set_source(&ctx(), &OrgName::parse(owner).unwrap(), &SourceChange::default()).unwrap();
    let stop = AtomicBool::new(false);
    let options = IntakeOptions::noted("test", &stop);
    let input = Input { name: "input".into(), reader: Box::new(Cursor::new(bytes)) };
    node.intake(&ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap().batch.unwrap()
}

fn example(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)).unwrap()
}

/// What a process answers, in words.
fn answers(node: &Node) -> Vec<String> {
    let ctx = ctx();
    let hits = node.hits(&ctx, &HitOptions::default()).unwrap();
    let mut said = vec![format!("{hits:?}"), format!("{:?}", node.seen_by(&ctx, &OrgName::parse("us-bank").unwrap()))];
    for text in ["185.220.101.4", "EE382200221020145685", "192.0.2.99"] {
        said.push(format!("{:?}", node.look(&ctx, text, 10).unwrap()));
        said.push(node.values().guess(text).iter().map(|value| node.is_held(value).unwrap().to_string()).collect());
    }
    said
}

#[test]
fn every_process_answers_alike_whoever_wrote() {
    let Some(processes) = Processes::new("alike") else { return };
    let (one, other) = (processes.open("one"), processes.open("other"));
    let first = take_in(&one, "ee-police", example("case-2041.misp.json"));
    let second = take_in(&other, "lab-north", example("quietparcel.stix.json"));
    take_in(&one, "us-bank", example("bank-transfers.csv"));
    // The same ids by another owner, and the same owner's file again.
    let last = take_in(&other, "lab-south", example("quietparcel.stix.json"));
    take_in(&one, "lab-north", example("quietparcel.stix.json"));
    assert!(one.wait_for(last.last, Duration::from_secs(10)).unwrap());
    assert!(other.wait_for(last.last, Duration::from_secs(10)).unwrap());
    assert_eq!(answers(&one), answers(&other));
    for (node, batch) in [(&one, second.id), (&other, first.id), (&one, BatchId(6))] {
        node.undo(&ctx(), batch).unwrap();
        for node in [&one, &other] {
            node.catch_up().unwrap();
        }
        assert_eq!(answers(&one), answers(&other), "after the undo of batch {batch}");
    }
    let fresh = processes.open("fresh");
    assert_eq!(answers(&fresh), answers(&one), "a new process, from what the others left beside their versions");
    fresh.rebuild(&ctx()).unwrap();
    assert_eq!(answers(&fresh), answers(&one), "rebuilt");
    for node in [&one, &other, &fresh] {
        assert_eq!(node.check().unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_process_that_is_behind_refuses_instead_of_answering_in_part() {
    let Some(processes) = Processes::new("behind") else { return };
    let one = processes.open("one");
    let info = take_in(&one, "ee-police", example("case-2041.misp.json"));
    let late = processes.behind("late");
    let value = late.values().guess("185.220.101.4").remove(0);
    assert!(matches!(late.is_held(&value), Err(NodeError::Behind { goal, .. }) if goal == info.last));
    assert!(matches!(late.look(&ctx(), "185.220.101.4", 1), Err(NodeError::Behind { .. })));
    assert!(!late.is_ready());
    assert_eq!(late.store().scan(Position::START, 5, true).unwrap().len(), 5, "by position it answers at once");
    late.catch_up().unwrap();
    assert!(late.is_held(&value).unwrap());
}

#[test]
fn a_process_that_begins_again_answers_nothing_before_its_indexes_are_read() {
    let Some(processes) = Processes::new("again") else { return };
    let first = processes.open("one");
    take_in(&first, "ee", example("quietparcel.stix.json"));
    take_in(&first, "lv", example("quietparcel.stix.json"));
    let asked = answers(&first);
    // Few objects are not worth a file of the index; the column beside it is written all the same.
    first.settle().unwrap();
    drop(first);
    let again = processes.behind("one");
    assert!(!again.is_ready());
    let hits = again.hits(&ctx(), &HitOptions::default());
    assert!(matches!(hits, Err(NodeError::Behind { .. })), "{hits:?}");
    again.catch_up().unwrap();
    assert_eq!(answers(&again), asked);
}

#[test]
fn who_waits_for_what_is_not_written_is_told_in_time() {
    let Some(processes) = Processes::new("waits") else { return };
    let one = processes.open("one");
    let asked = Instant::now();
    assert!(!one.wait_for(Position(1), Duration::from_millis(200)).unwrap());
    assert!(asked.elapsed() < Duration::from_secs(5));
}
