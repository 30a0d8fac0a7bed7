//! Several processes write one store and are killed at any moment, again and again.
//!
//! This test binary starts itself as the children. `COMITY_KILLS` sets how many are killed (default 60).

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use comity_base::Position;
use comity_store::conformance::{body, id, label, new_version, start};
use comity_store::{BatchState, Counts, Found, Op, Original, OriginalId, Store, StoreError, Version};
use comity_store_postgres::{Options, PostgresStore};
use common::{Place, fingerprinter, first};

const CHILD: &str = "COMITY_KILLED_CHILD";
/// Versions of one batch, in parts of a third.
const BATCH: u64 = 30;
/// Versions of every third batch that are withdrawn; all but the first of them are erased.
const WITHDRAWN: u64 = 7;
/// How many write at once.
const WRITERS: u64 = 3;

fn options(address: &str, cache: &Path) -> Options {
    let mut options = Options::parse(address, cache.to_owned()).unwrap();
    options.connections = 3;
    options.silence = Duration::from_secs(3);
    options
}

/// Does nothing unless this process was started to be killed.
#[test]
fn child() {
    let Ok(address) = std::env::var(CHILD) else { return };
    let cache = std::env::var("COMITY_KILLED_CACHE").unwrap();
    let from: u64 = std::env::var("COMITY_KILLED_FROM").unwrap().parse().unwrap();
    let store = PostgresStore::open(options(&address, Path::new(&cache)), fingerprinter()).unwrap();
    let label = label(&store, "org-a", "green");
    for n in from.. {
        let batch = store.begin(&start(1)).unwrap();
        let original = Original {
            id: OriginalId(0),
            name: n.to_string(),
            format: "text".into(),
            sha256: [0; 32],
            bytes: 0,
            kept: true,
        };
        let original = store.add_original(batch, &original).unwrap();
        store.keep(original, n.to_string().repeat(100).as_bytes()).unwrap();
        let versions: Vec<_> = (n * BATCH..(n + 1) * BATCH).map(|i| new_version(&store, i, 1, label, i)).collect();
        for part in versions.chunks(10) {
            store.append(batch, part, Found::default()).unwrap();
        }
        if n % 50 == 7 {
            store.abandon(batch).unwrap();
            continue;
        }
        let info = store.finish(batch, &Counts { objects: n, ..Counts::default() }, start(1).now).unwrap();
        println!("acknowledged {n} {batch}");
        if n % 3 == 1 {
            let targets: Vec<_> = (1..=WITHDRAWN).map(|n| Position(info.after.0 + n)).collect();
            store.withdraw(&targets, &start(1), start(1).now).unwrap();
            store.erase(&targets[1..]).unwrap();
        }
        if n % 7 == 3 {
            let by = store.undo(batch, &start(1), start(1).now).unwrap().by.id;
            store.undo(by, &start(1), start(1).now).unwrap();
        }
    }
}

/// A child and where it writes.
struct Writer {
    number: u64,
    next: u64,
    child: Option<(Child, std::thread::JoinHandle<Vec<String>>)>,
}

impl Writer {
    fn start(&mut self, place: &Place) {
        let cache = place.folder().join(format!("child-{}", self.number));
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(CHILD, place.address())
            .env("COMITY_KILLED_CACHE", cache)
            .env("COMITY_KILLED_FROM", self.next.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || out.lines().map_while(Result::ok).collect());
        self.child = Some((child, reader));
    }

    /// Kills the child; the numbers of the batches it acknowledged.
    fn kill(&mut self) -> Vec<u64> {
        let (mut child, reader) = self.child.take().unwrap();
        child.kill().unwrap();
        assert!(!child.wait().unwrap().success(), "the child ended by itself");
        // The first line may stand behind the test runner's own words.
        let number = |line: &String| line.split("acknowledged ").nth(1)?.split(' ').next()?.parse().ok();
        let acknowledged: Vec<u64> = reader.join().unwrap().iter().filter_map(number).collect();
        // Whether the one under way was finished is not known: the next child leaves it alone.
        self.next = acknowledged.last().map_or(self.next, |last| last + 1).max(self.next) + 2;
        acknowledged
    }
}

#[test]
fn what_was_acknowledged_survives_and_readers_see_one_order() {
    let Some(place) = Place::new() else { return };
    let kills: u64 = std::env::var("COMITY_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(60);
    let watcher = PostgresStore::open(options(&place.address(), &place.folder().join("watcher")), fingerprinter());
    let watcher = watcher.unwrap();
    let mut writers: Vec<Writer> =
        (0..WRITERS).map(|number| Writer { number, next: number * 1_000_000, child: None }).collect();
    for writer in &mut writers {
        writer.start(&place);
    }
    let (mut acknowledged, mut seen) = (BTreeSet::new(), Vec::new());
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for kill in 0..kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        std::thread::sleep(Duration::from_millis(10 + random % 140));
        follow(&watcher, &mut seen);
        let writer = &mut writers[usize::try_from(kill % WRITERS).unwrap()];
        acknowledged.extend(writer.kill());
        writer.start(&place);
    }
    for writer in &mut writers {
        acknowledged.extend(writer.kill());
    }
    follow(&watcher, &mut seen);
    assert!(acknowledged.len() > 20, "too little happened between the kills: {}", acknowledged.len());
    look(&watcher, &acknowledged, &seen);
    left_by_the_dead_is_given_up(&watcher, &place);
    println!("{kills} kills, {} batches acknowledged, {} rows seen", acknowledged.len(), seen.len());
}

/// Reads on; what comes must follow densely on what came.
fn follow(store: &PostgresStore, seen: &mut Vec<String>) {
    loop {
        let head = store.head().unwrap().visible;
        let after = Position(seen.len() as u64);
        let rows = store.scan(after, 500, false).unwrap();
        for row in &rows {
            assert_eq!(row.position.0, seen.len() as u64 + 1, "no row is skipped, none comes twice");
            seen.push(format!("{} {:?}", row.id, row.op));
        }
        if seen.len() as u64 >= head.0 {
            return;
        }
    }
}

fn look(store: &PostgresStore, acknowledged: &BTreeSet<u64>, seen: &[String]) {
    let rows = store.scan(Position::START, usize::MAX, true).unwrap();
    let again: Vec<_> = rows.iter().map(|row| format!("{} {:?}", row.id, row.op)).collect();
    assert!(again == seen, "the order is the one that was seen on the way");
    let mut stored = BTreeMap::new();
    let target = |row: &Version| if let Op::Withdraw(target) = row.op { Some(target) } else { None };
    let withdrawn: BTreeSet<_> = rows.iter().filter_map(target).collect();
    assert!(!withdrawn.is_empty());
    for row in rows.iter().filter(|row| row.op == Op::Put) {
        let erased = row.raw.is_empty() && withdrawn.contains(&row.position);
        assert!(erased || *row.raw == *body(&row.id, row.offset));
        assert!(stored.insert(row.id.clone(), row.position).is_none(), "{} is there once", row.id);
    }
    for n in acknowledged {
        for i in n * BATCH..(n + 1) * BATCH {
            assert!(stored.contains_key(&id(i)), "id {i} of batch {n} was acknowledged");
        }
    }
    for info in store.batches(None, usize::MAX).unwrap() {
        assert!([BATCH, WITHDRAWN].contains(&(info.last.0 - info.after.0)), "batch {} is whole", info.id);
        for original in store.originals(info.id).unwrap() {
            let mut bytes = Vec::new();
            store.read_original(original.id, &mut bytes).unwrap();
            assert_eq!(bytes, original.name.repeat(100).into_bytes());
        }
    }
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Within a few silences whatever the killed left open is void and swept away.
fn left_by_the_dead_is_given_up(store: &PostgresStore, place: &Place) {
    let asked = Instant::now();
    loop {
        let left = place.sql("SELECT count(*) FROM batch WHERE state = 0 OR (state = 3 AND NOT swept)");
        let rows =
            place.sql("SELECT count(*) FROM object o JOIN batch b ON b.id = o.batch WHERE b.state = 3 OR b.state = 0");
        let leases = place.sql("SELECT count(*) FROM setting WHERE key LIKE 'lease/process/%'");
        let counts = [one(&left), one(&rows), one(&leases)];
        if counts == [0; 3] {
            break;
        }
        assert!(asked.elapsed() < Duration::from_secs(20), "batches, rows, leases: {counts:?}");
        std::thread::sleep(Duration::from_millis(100));
    }
    drop(store.head());
}

fn one(said: &[tokio_postgres::SimpleQueryMessage]) -> u64 {
    first(said).parse().unwrap()
}

/// A process that was frozen for longer than the agreed silence and goes on afterwards finds that its batch was
/// given up; nothing of it is seen, and it can begin anew.
#[test]
fn a_frozen_process_that_thaws_is_refused() {
    let Some(place) = Place::new() else { return };
    let mut frozen = Writer { number: 0, next: 0, child: None };
    frozen.start_frozen(&place);
    let (child, _) = frozen.child.as_ref().unwrap();
    let pid = child.id().to_string();
    let signal = |name: &str| assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    let store = PostgresStore::open(options(&place.address(), &place.folder().join("other")), fingerprinter()).unwrap();
    let asked = Instant::now();
    let open = || place.sql("SELECT count(*) FROM batch WHERE state = 0 AND count > 0");
    while one(&open()) == 0 {
        assert!(asked.elapsed() < Duration::from_secs(20), "the child never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    signal("-STOP");
    let stopped = Instant::now();
    while one(&open()) > 0 {
        assert!(stopped.elapsed() < Duration::from_secs(10), "work moves within 10 s");
        std::thread::sleep(Duration::from_millis(20));
    }
    println!("given up {:.1} s after it froze, with a silence of 3 s", stopped.elapsed().as_secs_f64());
    signal("-CONT");
    let (mut child, reader) = frozen.child.take().unwrap();
    assert!(child.wait().unwrap().success());
    let said = reader.join().unwrap().join("\n");
    assert!(said.contains("refused: batch 1 was given up"), "{said}");
    assert!(said.contains("began anew: batch 2"), "{said}");
    store.head().unwrap();
    let rows = store.scan(Position::START, 100, false).unwrap();
    assert_eq!(rows.len(), 5, "only what was begun anew is seen");
    assert_eq!(store.batch(comity_store::BatchId(1)).unwrap().unwrap().state, BatchState::Void);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

const FROZEN: &str = "COMITY_FROZEN_CHILD";

impl Writer {
    fn start_frozen(&mut self, place: &Place) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "frozen_child", "--nocapture"])
            .env(FROZEN, place.address())
            .env("COMITY_KILLED_CACHE", place.folder().join("frozen"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let reader = std::thread::spawn(move || out.lines().map_while(Result::ok).collect());
        self.child = Some((child, reader));
    }
}

/// Does nothing unless this process was started to be frozen.
#[test]
fn frozen_child() {
    let Ok(address) = std::env::var(FROZEN) else { return };
    let cache = std::env::var("COMITY_KILLED_CACHE").unwrap();
    let store = PostgresStore::open(options(&address, Path::new(&cache)), fingerprinter()).unwrap();
    let label = label(&store, "org-a", "green");
    let batch = store.begin(&start(1)).unwrap();
    for n in 0..1_000_000 {
        // Frozen somewhere in here.
        match store.append(batch, &[new_version(&store, n, 1, label, n)], Found::default()) {
            Ok(_) => std::thread::sleep(Duration::from_millis(5)),
            Err(error @ StoreError::BatchState { .. }) => {
                println!("refused: {error}");
                break;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(store.finish(batch, &Counts::default(), start(1).now).is_err());
    let again = loop {
        // Until it has noticed that its own lease is gone.
        let batch = store.begin(&start(1)).unwrap();
        if store.append(batch, &[new_version(&store, 0, 1, label, 0)], Found::default()).is_ok() {
            break batch;
        }
    };
    let versions: Vec<_> = (1..5).map(|n| new_version(&store, n, 1, label, n)).collect();
    store.append(again, &versions, Found::default()).unwrap();
    store.finish(again, &Counts::default(), start(1).now).unwrap();
    println!("began anew: batch {again}");
}
