//! What was withdrawn is no longer shown by any question, on every engine, and what was erased cannot be found.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use comity_base::{Limits, OrgName, Position, Timestamp};
use comity_crypto::NodeKeys;
use comity_node::hits::HitOptions;
use comity_node::intake::{Input, IntakeOptions, IntakeReport};
use comity_node::{AsOf, Ctx, Move, Node, NodeOptions, Purpose, SourceChange, move_store};
use comity_store::conformance::MemoryStore;
use comity_store::{BatchStart, Store, Undone};
use comity_store_postgres::{Options, PostgresStore};
use comity_store_sqlite::SqliteStore;

/// A node over one engine; the store is opened once, the node as often as wanted.
struct Subject {
    name: &'static str,
    store: Arc<dyn Store>,
    keys: NodeKeys,
    folder: tempfile::TempDir,
}

impl Subject {
    fn node(&self, name: &str) -> Node {
        let derived = self.folder.path().join(name);
        let options = NodeOptions { derived, remembered: None, writable: true, limits: Limits::default(), workers: 2 };
        Node::open(Arc::clone(&self.store), &self.keys, &options).unwrap()
    }
}

/// One of every engine; of PostgreSQL where there is a server.
fn subjects(schema: &str) -> Vec<Subject> {
    type Make = fn(&Path, &NodeKeys, &str) -> Option<Arc<dyn Store>>;
    let engines: [(&str, Make); 4] = [
        ("memory", |_, _, _| Some(Arc::new(MemoryStore::default()))),
        ("memory, side by side", |_, _, _| Some(Arc::new(MemoryStore::side_by_side()))),
        ("SQLite", |folder, keys, _| Some(Arc::new(SqliteStore::open(folder, keys.fingerprinter()).unwrap()))),
        ("PostgreSQL", |folder, keys, schema| {
            let base = comity_testkit::postgres::shared()?;
            let address = format!("{base}?schema={}", comity_testkit::postgres::fresh(&format!("withdraw_{schema}")));
            let options = Options::parse(&address, folder.to_owned()).unwrap();
            Some(Arc::new(PostgresStore::open(options, keys.fingerprinter()).unwrap()))
        }),
    ];
    let subject = |(name, make): (&'static str, Make)| {
        let (keys, folder) = (NodeKeys::generate().unwrap(), tempfile::tempdir().unwrap());
        let store = make(&folder.path().join("store"), &keys, schema)?;
        Some(Subject { name, store, keys, folder })
    };
    engines.into_iter().filter_map(subject).collect()
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

fn take_in(node: &Node, owner: &str, name: &str) -> IntakeReport {
    let bytes = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name)).unwrap();
    let source = node.set_source(&ctx(), &OrgName::parse(owner).unwrap(), &SourceChange::default()).unwrap();
    let stop = AtomicBool::new(false);
    let options = IntakeOptions::noted("test", &stop);
    let input = Input { name: name.into(), reader: Box::new(Cursor::new(bytes)) };
    node.intake(&ctx(), &source, &mut std::iter::once(Ok(input)), &options).unwrap()
}

fn withdraw(node: &Node, targets: &[Position]) -> Undone {
    let now = ctx().now();
    let start = BatchStart {
        owner: OrgName::parse("ee").unwrap(),
        note: "withdraw".into(),
        now,
        fence: None,
        entries: Vec::new(),
    };
    let undone = node.store().withdraw(targets, &start, now).unwrap();
    node.catch_up().unwrap();
    undone
}

/// Where objects stand that hold this value now.
fn holders(node: &Node, text: &str) -> Vec<Position> {
    let look = node.look(&ctx(), text, 100).unwrap();
    let mut found: Vec<_> =
        look.known.iter().flat_map(|known| &known.holdings).map(|holding| holding.position).collect();
    found.sort_unstable();
    found
}

/// What the node answers, in words.
fn answers(node: &Node) -> Vec<String> {
    let ctx = ctx();
    let mut said = vec![format!("{:?}", node.hits(&ctx, &HitOptions::default()).unwrap())];
    for text in [SHARED, "EE382200221020145685", "192.0.2.99"] {
        said.push(format!("{:?}", node.look(&ctx, text, 10).unwrap()));
        said.push(format!("{:?}", node.look_brief(&ctx, &node.values().guess(text)).unwrap()));
        said.push(format!("{:?}", node.objects(&ctx, &node.values().guess(text).remove(0), 10).unwrap()));
    }
    said
}

/// An address that the examples of two owners hold.
const SHARED: &str = "185.220.101.4";

#[test]
fn what_was_withdrawn_is_not_shown_by_any_question() {
    for subject in subjects("shown") {
        let node = subject.node("derived");
        let police = take_in(&node, "ee-police", "case-2041.misp.json").batch.unwrap();
        take_in(&node, "lab-north", "quietparcel.stix.json");
        let before = answers(&node);
        let all = holders(&node, SHARED);
        let theirs: Vec<_> = all.iter().copied().filter(|position| *position <= police.last).collect();
        assert!(!theirs.is_empty() && theirs.len() < all.len(), "{}: both hold it", subject.name);
        assert!(before[0].contains(SHARED), "{}: it is a hit", subject.name);
        let withdrawn = withdraw(&node, &theirs);
        assert_eq!(withdrawn.versions, theirs.len() as u64);
        let after = answers(&node);
        assert_eq!(holders(&node, SHARED), all.iter().copied().filter(|p| *p > police.last).collect::<Vec<_>>());
        assert!(!after[0].contains(SHARED), "{}: with nobody to share it with, it is no hit", subject.name);
        let version = node.store().get(&theirs[..1]).unwrap().remove(0).unwrap();
        let shown = node.show(&ctx(), &version.id, AsOf::Now).unwrap();
        assert!(shown.iter().all(|version| !version.current), "{}: known, but not current", subject.name);
        let past = node.show(&ctx(), &version.id, AsOf::Position(police.last)).unwrap();
        assert!(past.iter().any(|version| version.current), "{}: the past is what it was", subject.name);
        // Undoing the batch and that undo brings back all of it but this.
        let undo = node.undo(&ctx(), police.id).unwrap();
        let redo = node.undo(&ctx(), undo.by.id).unwrap();
        assert_eq!(redo.versions, police.last.0 - police.after.0);
        assert_eq!(answers(&node), after, "{}", subject.name);
        assert!(node.undo(&ctx(), withdrawn.by.id).is_err(), "{}: a withdrawal is final", subject.name);
        let fresh = subject.node("fresh");
        assert_eq!(answers(&fresh), after, "{}: another process", subject.name);
        node.rebuild(&ctx()).unwrap();
        assert_eq!(answers(&node), after, "{}: rebuilt", subject.name);
        assert_eq!(node.check().unwrap(), Vec::<String>::new(), "{}", subject.name);
        // The same file brings it in again, as new versions that count.
        let again = take_in(&node, "ee-police", "case-2041.misp.json");
        assert_eq!(again.files[0].already_in, None, "{}", subject.name);
        assert_eq!(again.batch.as_ref().unwrap().counts.added, theirs.len() as u64, "{}", subject.name);
        assert_eq!(holders(&node, SHARED).len(), all.len(), "{}", subject.name);
        assert_eq!(node.check().unwrap(), Vec::<String>::new(), "{}", subject.name);
    }
}

#[test]
fn what_was_erased_is_found_by_nothing() {
    for subject in subjects("erased") {
        let node = subject.node("derived");
        let batch = take_in(&node, "ee-police", "case-2041.misp.json").batch.unwrap();
        let targets: Vec<_> = (batch.after.0 + 1..=batch.last.0).map(Position).collect();
        let original = node.store().originals(batch.id).unwrap().remove(0);
        withdraw(&node, &targets);
        assert_eq!(holders(&node, SHARED), [], "{}", subject.name);
        assert_eq!(node.store().erase(&targets).unwrap(), targets.len() as u64);
        for name in ["derived again", "derived anew"] {
            let node = subject.node(name);
            for value in node.values().guess(SHARED) {
                let brief = node.look_brief(&ctx(), std::slice::from_ref(&value)).unwrap().remove(0);
                assert_eq!((brief.postings, brief.owners), (0, Vec::new()), "{}", subject.name);
                assert!(!node.is_held(&value).unwrap());
            }
            assert_eq!(holders(&node, SHARED), [], "{}", subject.name);
        }
        assert!(node.store().scan(Position::START, 10_000, true).unwrap().iter().all(|row| row.raw.is_empty()));
        assert!(node.store().read_original(original.id, &mut Vec::new()).is_err(), "{}", subject.name);
        assert_eq!(node.check().unwrap(), Vec::<String>::new(), "{}", subject.name);
        node.rebuild(&ctx()).unwrap();
        assert!(answers(&node).iter().all(|said| !said.contains("ee-police")), "{}", subject.name);
        take_in(&node, "ee-police", "case-2041.misp.json");
        assert!(!holders(&node, SHARED).is_empty(), "{}: brought in again", subject.name);
        assert_eq!(node.check().unwrap(), Vec::<String>::new(), "{}", subject.name);
    }
}

/// From SQLite to PostgreSQL and back; in between more is withdrawn and erased.
#[test]
fn withdrawals_and_erasures_come_along_when_a_store_is_moved() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let Some(base) = comity_testkit::postgres::shared() else { return };
    let address = format!("{base}?schema={}", comity_testkit::postgres::fresh("withdraw_moved"));
    let keys = NodeKeys::generate().unwrap();
    let open = |folder: &Path| -> Arc<dyn Store> { Arc::new(SqliteStore::open(folder, keys.fingerprinter()).unwrap()) };
    let node = |store: &Arc<dyn Store>, name: &str| {
        let options = NodeOptions {
            derived: one.path().join(name),
            remembered: None,
            writable: true,
            limits: Limits::default(),
            workers: 2,
        };
        Node::open(Arc::clone(store), &keys, &options).unwrap()
    };
    let from = open(&one.path().join("store"));
    let (stop, first) = (AtomicBool::new(false), node(&from, "derived"));
    let batch = take_in(&first, "ee-police", "case-2041.misp.json").batch.unwrap();
    let targets: Vec<_> = (batch.after.0 + 1..=batch.last.0).map(Position).collect();
    withdraw(&first, &targets[..3]);
    from.erase(&targets[..1]).unwrap();
    let postgres: Arc<dyn Store> = {
        let options = Options::parse(&address, one.path().join("cache")).unwrap();
        Arc::new(PostgresStore::open(options, keys.fingerprinter()).unwrap())
    };
    let run = |from: &dyn Store, to: &dyn Store, stop: &AtomicBool, wait: u64| {
        let progress = |moved: comity_node::Moved| {
            if moved.compared >= wait {
                stop.store(true, std::sync::atomic::Ordering::Relaxed);
            }
        };
        move_store(&keys, Limits::default(), &Move { from, to, stop, progress: &progress }).unwrap()
    };
    assert!(run(&*from, &*postgres, &stop, 1).stopped, "copied, and stopped while it is compared");
    // All of it goes after it was copied.
    withdraw(&first, &targets);
    from.erase(&targets).unwrap();
    stop.store(false, std::sync::atomic::Ordering::Relaxed);
    let moved = run(&*from, &*postgres, &stop, u64::MAX);
    assert_eq!((moved.stopped, moved.compared), (false, moved.versions));
    assert_eq!(answers(&node(&postgres, "moved")), answers(&node(&from, "fresh")));
    assert_eq!(postgres.check().unwrap(), Vec::<String>::new());
    assert!(!postgres.originals(batch.id).unwrap()[0].kept);
    let back = open(&other.path().join("store"));
    assert!(!run(&*postgres, &*back, &stop, u64::MAX).stopped);
    let all = |store: &Arc<dyn Store>| store.scan(Position::START, usize::MAX, true).unwrap();
    assert_eq!(all(&back), all(&from));
    assert_eq!(
        back.records(comity_store::BatchId(0), 100).unwrap(),
        from.records(comity_store::BatchId(0), 100).unwrap()
    );
    assert_eq!(back.check().unwrap(), Vec::<String>::new());
}
