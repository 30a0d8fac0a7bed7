//! What happens when the way to the server, or the server itself, gives way in the middle of a batch.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "common/proxy.rs"]
mod proxy;

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use comity_base::Position;
use comity_store::conformance::{id, label, new_version, start};
use comity_store::{
    BatchStart, BatchState, Change, Counts, Found, NewEntry, NewVersion, Original, OriginalId, Outcome, Put, Rejected,
    Store, StoreError,
};
use comity_store_postgres::{Options, PostgresStore};
use comity_testkit::postgres::{Cluster, programs};
use common::{Place, fingerprinter};
use proxy::{Cut, Proxy};

/// A batch with everything in it, an undo and a setting; every call must succeed.
fn story(store: &PostgresStore) -> Result<(), StoreError> {
    let label = label(store, "org-a", "green");
    let some = |range: std::ops::Range<u64>| -> Vec<NewVersion> {
        range.map(|n| new_version(store, n, 1, label, n)).collect()
    };
    let batch = store.begin(&BatchStart { entries: vec![entry("begun")], ..start(1) })?;
    store.note(batch, &[entry("noted")])?;
    let original =
        Original { id: OriginalId(0), name: "a".into(), format: "text".into(), sha256: [0; 32], bytes: 0, kept: true };
    let original = store.add_original(batch, &original)?;
    store.keep(original, b"some bytes")?;
    store.append(batch, &some(0..20), Found::default())?;
    store.append(batch, &some(10..30), Found::default())?;
    let (code, reason) = ("x".to_owned(), "Y.".to_owned());
    let item =
        Rejected { batch, index: 0, file: "a".into(), offset: 1, code, reason, item: vec![1], repaired_by: None };
    store.reject(batch, &[item])?;
    store.seal_original(original, &comity_crypto::sha256(b"some bytes"), 10)?;
    let info = store.finish(batch, &Counts { objects: 40, ..Counts::default() }, start(2).now)?;
    store.undo(info.id, &BatchStart { entries: vec![entry("undone")], ..start(3) }, start(3).now)?;
    let one = store.put("cursor", None, b"1")?;
    let put = Put { key: "cursor", expected: Some(one), value: b"2" };
    store.write(&Change { puts: &[put], entries: &[entry("set")], ..Change::default() })?;
    store.log(&[entry("asked"), entry("asked again")])?;
    store.write(&Change { entries: &[entry("soon")], soon: true, ..Change::default() })?;
    let last = store.begin(&start(4))?;
    store.append(last, &some(100..105), Found::default())?;
    store.finish(last, &Counts::default(), start(4).now)?;
    Ok(())
}

fn entry(text: &str) -> NewEntry {
    NewEntry { log: 202_600, leaf: text.as_bytes().to_vec(), opening: b"opening".to_vec() }
}

fn look_after(store: &dyn Store, why: &str) {
    let batches = store.batches(None, 10).unwrap();
    let states: Vec<_> = batches.iter().map(|b| (b.state, b.after.0, b.last.0)).collect();
    let (done, undone) = (BatchState::Done, BatchState::Undone);
    assert_eq!(states, [(done, 60, 65), (done, 30, 60), (undone, 0, 30)], "{why}");
    let rows = store.scan(Position::START, 1_000, true).unwrap();
    assert_eq!(rows.iter().map(|r| r.position.0).collect::<Vec<_>>(), (1..=65).collect::<Vec<_>>(), "{why}");
    let first = batches[2].id;
    let mut bytes = Vec::new();
    store.read_original(store.originals(first).unwrap()[0].id, &mut bytes).unwrap();
    assert_eq!((bytes.as_slice(), store.rejected(Some(first)).unwrap().len()), (b"some bytes".as_slice(), 1), "{why}");
    assert_eq!(store.value("cursor").unwrap(), Some((2, b"2".to_vec())), "{why}");
    assert_eq!(store.versions(&id(3)).unwrap().len(), 2, "{why}");
    let told: Vec<_> = store.entries(0, 100, false).unwrap().into_iter().map(|entry| entry.leaf).collect();
    let wanted = ["begun", "noted", "undone", "set", "asked", "asked again", "soon"].map(str::as_bytes);
    assert_eq!(told, wanted, "{why}");
    assert_eq!(store.check().unwrap(), Vec::<String>::new(), "{why}");
}

/// Runs the story over a wire that is cut at one message; returns how many messages there were.
fn over_a_wire(base: &str, cut: Option<Cut>) -> u64 {
    let direct: u16 = base.rsplit(':').next().unwrap().split('/').next().unwrap().parse().unwrap();
    let proxy = Proxy::new(direct, cut);
    let place = Place::on(base);
    let address = place.address().replace(&format!(":{direct}/"), &format!(":{}/", proxy.port));
    let mut options = Options::parse(&address, place.folder().join("wire")).unwrap();
    options.connections = 2;
    options.silence = Duration::from_mins(1);
    let store = PostgresStore::open(options, fingerprinter()).unwrap();
    proxy.count_from_here();
    story(&store).unwrap_or_else(|error| panic!("{cut:?}: {error}"));
    let messages = proxy.messages();
    assert_eq!(proxy.cuts(), u64::from(cut.is_some()), "{cut:?}");
    drop(store);
    look_after(&place.open(), &format!("{cut:?}"));
    messages
}

/// Wherever the connection is cut, every call still succeeds, and everything is there exactly once.
/// `COMITY_CUTS=all` tries every message, otherwise every twentieth.
#[test]
fn a_cut_connection_loses_and_repeats_nothing() {
    let Some(base) = comity_testkit::postgres::shared() else { return };
    let messages = over_a_wire(&base, None);
    assert!(messages > 100, "{messages} messages");
    let step = if std::env::var("COMITY_CUTS").is_ok_and(|cuts| cuts == "all") { 1 } else { 20 };
    for at in (0..messages).step_by(step) {
        over_a_wire(&base, Some(Cut::Before(at)));
        over_a_wire(&base, Some(Cut::After(at)));
    }
    println!("{messages} messages, cut at every {step}-th, before and after");
}

/// A server of one's own, or a line that says why not.
fn own_server(folder: &std::path::Path, settings: &[(&str, &str)]) -> Option<Cluster> {
    if programs().is_none() {
        println!("skipped: PostgreSQL is not installed");
        return None;
    }
    Some(Cluster::start(folder, settings).unwrap())
}

/// A folder that the server's user may reach.
fn reachable(name: &str) -> std::path::PathBuf {
    std::env::temp_dir().join(format!("comity-{name}-{}", std::process::id()))
}

fn write_until(store: &PostgresStore, done: &AtomicBool) -> Vec<(u64, u64)> {
    let label = label(store, "org-a", "green");
    let mut acknowledged = Vec::new();
    for round in 0.. {
        if done.load(Ordering::SeqCst) {
            break;
        }
        let batch = store.begin(&start(1)).unwrap();
        for part in 0..3 {
            let first = round * 30 + part * 10;
            let versions: Vec<_> = (first..first + 10).map(|n| new_version(store, n, 1, label, n)).collect();
            let outcomes = store.append(batch, &versions, Found::default()).unwrap();
            assert!(outcomes.iter().all(|o| matches!(o, Outcome::Added { revised: false, .. })), "stored once");
        }
        let info = store.finish(batch, &Counts::default(), start(1).now).unwrap();
        acknowledged.push((info.after.0, info.last.0));
    }
    acknowledged
}

/// The server is stopped as if its power were cut, again and again, while a batch is written: the writer waits
/// and goes on, nothing acknowledged is lost, nothing is there twice.
#[test]
fn a_restarted_server_is_waited_for() {
    let folder = reachable("restart");
    let Some(server) = own_server(&folder, &[]) else { return };
    let place = Place::on(server.address("x").split('?').next().unwrap());
    let store = place.open();
    let done = AtomicBool::new(false);
    let acknowledged = std::thread::scope(|scope| {
        let writer = scope.spawn(|| write_until(&store, &done));
        for round in 0..6 {
            std::thread::sleep(Duration::from_millis(300 + 70 * round));
            server.down(if round % 2 == 0 { "immediate" } else { "fast" }).unwrap();
            server.up().unwrap();
        }
        std::thread::sleep(Duration::from_millis(500));
        done.store(true, Ordering::SeqCst);
        writer.join().unwrap()
    });
    assert!(acknowledged.len() > 6, "{} batches", acknowledged.len());
    let expected: Vec<_> = (0..acknowledged.len() as u64).map(|n| (n * 30, n * 30 + 30)).collect();
    assert_eq!(acknowledged, expected, "dense, in order, none lost, none twice");
    assert_eq!(store.head().unwrap().visible.0, expected.last().unwrap().1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let repeated: u64 = store.transactions().iter().map(|t| t.repeated).sum();
    assert!(repeated > 0, "the restarts were felt");
}

/// A server that stays away is told after the agreed patience, with what to do.
#[test]
fn an_unreachable_server_is_told_plainly() {
    let mut options = Options::parse("postgres://u@127.0.0.1:1/d", std::env::temp_dir().join("comity-none")).unwrap();
    options.patience = Duration::from_millis(300);
    let asked = Instant::now();
    let error = PostgresStore::open(options, fingerprinter()).unwrap_err();
    assert!(matches!(error, StoreError::Unreachable { .. }), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(asked.elapsed() < Duration::from_secs(10));
}

/// The disk fills up in the middle of a batch: said plainly, nothing acknowledged is lost, and the work goes on
/// once there is space.
#[test]
fn a_full_disk_costs_nothing_that_was_acknowledged() {
    let folder = reachable("full");
    std::fs::create_dir_all(&folder).unwrap();
    let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=160m", "tmpfs"]).arg(&folder).status();
    if !mounted.is_ok_and(|status| status.success()) {
        println!("skipped: a small disk cannot be mounted here");
        drop(std::fs::remove_dir(&folder));
        return;
    }
    let _unmount = Unmount(folder.clone());
    let settings = [("max_wal_size", "32MB"), ("min_wal_size", "32MB"), ("shared_buffers", "16MB")];
    let Some(server) = own_server(&folder.join("server"), &settings) else { return };
    let place = Place::on(server.address("x").split('?').next().unwrap());
    let mut options = place.options();
    options.patience = Duration::from_secs(2);
    let store = PostgresStore::open(options, fingerprinter()).unwrap();
    let label = label(&store, "org-a", "green");
    let big = |n: u64| {
        let mut new = new_version(&store, n, 1, label, n);
        let noise = (0..50_000u64).map(|i| (i * i * (n + 7)).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()[7]);
        new.body = comity_store::Body { dictionary: 0, bytes: noise.collect() };
        new
    };
    let mut kept = Vec::new();
    let refused = 'filling: loop {
        let round = kept.len() as u64;
        assert!(round < 100, "the limit must be felt");
        let Ok(batch) = store.begin(&start(1)) else { break StoreError::ReadOnly };
        for part in 0..4 {
            let versions: Vec<_> = (0..10).map(|n| big(round * 100 + part * 10 + n)).collect();
            if let Err(error) = store.append(batch, &versions, Found::default()) {
                break 'filling error;
            }
        }
        match store.finish(batch, &Counts::default(), start(1).now) {
            Ok(info) => kept.push(info),
            Err(error) => break error,
        }
    };
    // A server whose log cannot grow stops altogether: then it is away until there is space.
    assert!(matches!(refused, StoreError::Full { .. } | StoreError::Unreachable { .. }), "{refused:?}");
    let grown = Command::new("mount").args(["-o", "remount,size=600m"]).arg(&folder).status().unwrap();
    assert!(grown.success());
    drop(server.up());
    let store = place.open();
    for info in &kept {
        assert_eq!(store.batch(info.id).unwrap().as_ref(), Some(info), "acknowledged");
    }
    assert_eq!(store.head().unwrap().visible.0, kept.last().unwrap().last.0);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    let (_, outcomes) = comity_store::conformance::stored(&store, 9, &[big(99_999)]);
    assert!(matches!(outcomes[0], Outcome::Added { .. }));
}

struct Unmount(std::path::PathBuf);

impl Drop for Unmount {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
        drop(std::fs::remove_dir(&self.0));
    }
}

/// Two processes whose clocks are a year apart: the order of the log is that of finishing, and times of batches
/// never run backwards.
#[test]
fn clocks_that_jump_do_not_reorder() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.open(), place.open());
    let label = label(&one, "org-a", "green");
    let year = 365 * 24 * 3600;
    let mut finished = Vec::new();
    for (n, (store, second)) in
        [(&one, year), (&other, 0), (&one, -year), (&other, 2 * year), (&one, 5)].iter().enumerate()
    {
        let versions = [new_version(*store, n as u64, 1, label, 0)];
        finished.push(comity_store::conformance::stored(*store, *second, &versions).0);
    }
    assert!(finished.is_sorted_by_key(|info| info.finished));
    assert_eq!(finished.iter().map(|info| info.last.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert_eq!(one.position_at(finished[2].finished.unwrap()).unwrap(), Position(3));
}
