//! Kills a process that takes data in, again and again, and looks at what it left.
//!
//! This test binary starts itself as the child: `COMITY_CRASH_CHILD` holds the folder. `COMITY_KILLS` sets
//! how many times it is killed (default 30).

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_store::conformance::{body, id, label, new_version, start};
use comity_store::{
    BatchId, BatchStart, BatchState, Change, Counts, Found, NewEntry, Op, Original, OriginalId, Outcome, Put, Store,
    Version,
};
use comity_store_sqlite::{Options, SqliteStore};

const CHILD: &str = "COMITY_CRASH_CHILD";
/// Versions of one batch, in parts of a third.
const BATCH: u64 = 90;
/// Every batch repeats this many versions of the one before it.
const REPEATED: u64 = 30;

fn open(dir: &Path) -> SqliteStore {
    // A small log makes checkpoints happen all the time, so that kills land in them too.
    let options = Options { log_bytes: 256 << 10, ..Options::default() };
    SqliteStore::open_with(dir, Fingerprinter::new([5; 16]), options).unwrap()
}

/// Versions of every third batch that are withdrawn; all but the first of them are erased.
const WITHDRAWN: u64 = 7;

/// The `n`-th batch holds the ids from here.
fn first_of(n: u64) -> u64 {
    n * (BATCH - REPEATED)
}

fn entry(what: &str, n: u64) -> NewEntry {
    NewEntry { log: 202_600, leaf: format!("{what} {n}").into_bytes(), opening: vec![b'x'; 300] }
}

/// What is in the ledger is in the store, and what is in the store is in the ledger.
fn look_at_the_ledger(store: &SqliteStore) {
    let entries = store.entries(0, usize::MAX, true).unwrap();
    assert!(entries.iter().map(|entry| entry.number).eq(0..entries.len() as u64), "dense");
    let told = |what: &str| -> Vec<u64> {
        let of = |leaf: &[u8]| String::from_utf8(leaf.to_vec()).unwrap().strip_prefix(what)?.trim().parse().ok();
        entries.iter().filter_map(|entry| of(&entry.leaf)).collect()
    };
    let mut batches = Vec::new();
    for info in store.batches(None, usize::MAX).unwrap() {
        batches.extend(store.originals(info.id).unwrap().first().map(|original| original.name.parse::<u64>().unwrap()));
    }
    batches.reverse();
    assert_eq!(told("batch"), batches);
    let last = store.value("last").unwrap().map(|(_, value)| String::from_utf8(value).unwrap().parse::<u64>().unwrap());
    assert_eq!(told("setting").last().copied(), last);
}

/// Does nothing unless this process was started to be killed.
#[test]
fn child() {
    let Ok(dir) = std::env::var(CHILD) else { return };
    let store = open(Path::new(&dir));
    let label = label(&store, "org-a", "green");
    let kept: u64 = std::env::var("COMITY_CRASH_FROM").unwrap().parse().unwrap();
    for n in kept.. {
        let batch = store.begin(&BatchStart { entries: vec![entry("batch", n)], ..start(1) }).unwrap();
        let original = Original {
            id: OriginalId(0),
            name: n.to_string(),
            format: "text".into(),
            sha256: [0; 32],
            bytes: 0,
            kept: true,
        };
        let original = store.add_original(batch, &original).unwrap();
        store.keep(original, n.to_string().repeat(1000).as_bytes()).unwrap();
        let versions: Vec<_> =
            (first_of(n)..first_of(n) + BATCH).map(|i| new_version(&store, i, 1, label, i)).collect();
        for part in versions.chunks(30) {
            store.append(batch, part, Found::default()).unwrap();
        }
        let info = store.finish(batch, &Counts { objects: n, ..Counts::default() }, start(1).now).unwrap();
        println!("acknowledged {n} {batch}");
        let expected = store.value("last").unwrap().map(|(version, _)| version);
        let value = n.to_string().into_bytes();
        let put = Put { key: "last", expected, value: &value };
        store.write(&Change { puts: &[put], entries: &[entry("setting", n)], ..Change::default() }).unwrap();
        if n % 3 == 1 && info.last > info.after {
            let targets: Vec<_> = (1..=WITHDRAWN).map(|n| Position(info.after.0 + n)).collect();
            store.withdraw(&targets, &start(1), start(1).now).unwrap();
            store.erase(&targets[1..]).unwrap();
        }
        if n % 7 == 3 {
            let by = store.undo(batch, &start(1), start(1).now).unwrap().by.id;
            store.undo(by, &start(1), start(1).now).unwrap();
            println!("restored {n}");
        }
    }
}

#[test]
fn what_was_acknowledged_survives_being_killed_and_nothing_else_is_seen() {
    let kills: u64 = std::env::var("COMITY_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(30);
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<(u64, BatchId)> = Vec::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..kills {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let from = acknowledged.last().map_or(0, |(n, _)| n + 1);
        acknowledged.extend(run_and_kill(dir.path(), from, Duration::from_millis(20 + random % 180)));
        let store = open(dir.path());
        look(&store, &acknowledged);
        look_at_the_ledger(&store);
    }
    assert!(acknowledged.len() > 5, "too little happened between the kills: {}", acknowledged.len());
}

/// Runs a child for a while after its first sign of life; returns the batches it acknowledged.
fn run_and_kill(dir: &Path, from: u64, life: Duration) -> Vec<(u64, BatchId)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, dir)
        .env("COMITY_CRASH_FROM", from.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || out.lines().map_while(Result::ok).collect::<Vec<_>>());
    let born = Instant::now();
    while !dir.join("store.db").exists() && born.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    std::thread::sleep(life);
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success(), "the child ended by itself");
    let lines = reader.join().unwrap();
    let parse = |line: &String| {
        // The first line may stand behind the test runner's own words.
        let rest = line.split("acknowledged ").nth(1)?;
        let (n, batch) = rest.split_once(' ')?;
        Some((n.parse().ok()?, BatchId(batch.parse().ok()?)))
    };
    lines.iter().filter_map(parse).collect()
}

fn look(store: &SqliteStore, acknowledged: &[(u64, BatchId)]) {
    for (n, batch) in acknowledged {
        let info = store.batch(*batch).unwrap().unwrap();
        assert_ne!(info.state, BatchState::Void, "batch {batch} was acknowledged");
        let original = store.originals(*batch).unwrap().remove(0);
        let mut bytes = Vec::new();
        store.read_original(original.id, &mut bytes).unwrap();
        assert_eq!(bytes, n.to_string().repeat(1000).into_bytes());
        for i in first_of(*n)..first_of(*n) + BATCH {
            assert!(!store.versions(&id(i)).unwrap().is_empty(), "id {i} of batch {batch} is found");
        }
    }
    let rows = store.scan(Position::START, usize::MAX, true).unwrap();
    let target = |row: &Version| if let Op::Withdraw(target) = row.op { Some(target) } else { None };
    let withdrawn: BTreeSet<_> = rows.iter().filter_map(target).collect();
    let mut ids = BTreeSet::new();
    for row in rows.iter().filter(|row| row.op == Op::Put) {
        let erased = row.raw.is_empty() && withdrawn.contains(&row.position);
        assert!(erased || *row.raw == *body(&row.id, row.offset));
        ids.insert(row.id.clone());
    }
    let mut live = BTreeMap::new();
    for row in &rows {
        match row.op {
            Op::Put => drop(live.insert(row.position, &row.id)),
            Op::Tombstone(target) | Op::Withdraw(target) => drop(live.remove(&target)),
            Op::Restore(target) if withdrawn.contains(&target) => {}
            Op::Restore(target) => drop(live.insert(target, &row.id)),
        }
    }
    let distinct: BTreeSet<_> = live.values().collect();
    assert_eq!(distinct.len(), live.len(), "every version counts once only");
    for info in store.batches(None, usize::MAX).unwrap() {
        let size = info.last.0 - info.after.0;
        // One that was finished but killed before it said so is sent again and finds everything there.
        assert!([BATCH, BATCH - REPEATED, WITHDRAWN, 0].contains(&size), "batch {} is whole: {size}", info.id);
    }
    for n in 0..acknowledged.last().map_or(0, |(n, _)| n + 1) {
        let open_later = first_of(n);
        assert!(ids.contains(&id(open_later)), "nothing acknowledged is missing: {open_later}");
    }
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    again_unchanged(store, acknowledged);
}

/// Sending an acknowledged version once more stores nothing.
fn again_unchanged(store: &SqliteStore, acknowledged: &[(u64, BatchId)]) {
    let Some((n, batch)) = acknowledged.last() else { return };
    if store.batch(*batch).unwrap().unwrap().state != BatchState::Done {
        return;
    }
    let label = label(store, "org-a", "green");
    let last = first_of(*n) + BATCH - 1;
    let open = store.begin(&start(1)).unwrap();
    let outcome = store.append(open, &[new_version(store, last, 1, label, last)], Found::default()).unwrap();
    assert!(matches!(outcome.as_slice(), [Outcome::Unchanged(_)]), "{outcome:?}");
    store.abandon(open).unwrap();
}
