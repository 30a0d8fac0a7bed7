//! What this engine promises beyond the contract: derived parts that can be lost, other keys, short-lived
//! notifications, and a database put back from a copy.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::{Duration, Instant};

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_store::conformance::{id, label, new_version, start, stored, unchanged};
use comity_store::{Change, Counts, Found, NewVersion, Op, Put, Store, StoreError, Traces};
use comity_store_postgres::PostgresStore;
use common::{Place, fingerprinter};

fn some(store: &dyn Store, range: std::ops::Range<u64>) -> Vec<NewVersion> {
    let label = label(store, "org-a", "green");
    range.map(|n| new_version(store, n, 1, label, n)).collect()
}

/// Everything that is told of the log from its beginning.
fn told(store: &dyn Store, reading: u64) -> Traces {
    let mut all = Traces { is_read: true, ..Traces::default() };
    loop {
        let next = store.traces(all.up_to, reading).unwrap().unwrap();
        if next.up_to == all.up_to {
            return all;
        }
        all.up_to = next.up_to;
        all.is_read &= next.is_read;
        all.rows.extend(next.rows);
        all.values.extend(next.values);
        all.references.extend(next.references);
    }
}

#[test]
fn followers_are_told_what_was_read_once() {
    let Some(place) = Place::new() else { return };
    let (one, other) = (place.open(), place.open());
    let batch = one.begin(&start(1)).unwrap();
    let found = Found { reading: 7, values: &[(0, 100), (2, 101), (2, 102)], references: &[(1, 200)] };
    one.append(batch, &some(&one, 0..3), found).unwrap();
    // The second is there already: what was found in it belongs to nothing new.
    let found = Found { reading: 7, values: &[(0, 103), (1, 104)], references: &[] };
    one.append(batch, &[some(&one, 3..4), some(&one, 1..2)].concat(), found).unwrap();
    let info = one.finish(batch, &Counts::default(), start(1).now).unwrap();
    one.undo(info.id, &start(2), start(2).now).unwrap();
    other.head().unwrap();
    let traces = told(&other, 7);
    assert!(traces.is_read);
    let at = |key, position| (key, Position(position));
    assert_eq!(traces.values, [at(100, 1), at(101, 3), at(102, 3), at(103, 4)]);
    assert_eq!(traces.references, [at(200, 2)]);
    let ops: Vec<_> = traces.rows.iter().map(|row| (row.position.0, row.op)).collect();
    let expected: Vec<_> =
        (1..5).map(|n| (n, Op::Put)).chain((1..5).map(|n| (n + 4, Op::Tombstone(Position(n))))).collect();
    assert_eq!(ops, expected);
    assert!(traces.rows.iter().all(|row| row.alone));
    assert!(!told(&other, 8).is_read, "another reading must read the bodies");
}

#[test]
fn what_is_derived_can_be_lost() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    stored(&store, 1, &some(&store, 0..50));
    stored(&store, 2, &some(&store, 40..60));
    let before = told(&store, 0);
    place.sql("DELETE FROM run");
    let store = place.open();
    let after = told(&store, 0);
    assert_eq!(after.rows, before.rows, "told from the rows themselves");
    assert_eq!(store.versions(&id(45)).unwrap().len(), 1);
    assert_eq!(stored(&store, 3, &some(&store, 0..60)).1, (1..=60).map(unchanged).collect::<Vec<_>>());
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn other_keys_read_the_same_store() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    let (info, _) = stored(&store, 1, &some(&store, 0..30));
    store.undo(info.id, &start(2), start(2).now).unwrap();
    drop(store);
    let store = PostgresStore::open(place.options(), Fingerprinter::new([6; 16])).unwrap();
    assert_eq!(store.versions(&id(7)).unwrap().len(), 2);
    assert_eq!(told(&store, 0).rows.len(), 60);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_database_put_back_from_a_copy_does_not_believe_its_newer_index() {
    let Some(place) = Place::new() else { return };
    let options = place.options();
    let store = PostgresStore::open(options.clone(), fingerprinter()).unwrap();
    stored(&store, 1, &some(&store, 0..10));
    stored(&store, 2, &some(&store, 100..130));
    assert_eq!(store.versions(&id(110)).unwrap().len(), 1);
    drop(store);
    place.sql(
        "DELETE FROM object WHERE batch = 2; DELETE FROM run WHERE batch = 2; DELETE FROM batch WHERE id = 2; \
         UPDATE store SET visible = 10",
    );
    let store = PostgresStore::open(options, fingerprinter()).unwrap();
    let (info, _) = stored(&store, 3, &some(&store, 200..202));
    assert_eq!(info.last, Position(12));
    assert_eq!(store.versions(&id(110)).unwrap(), []);
    assert_eq!(store.versions(&id(201)).unwrap().len(), 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn damage_is_found_by_the_check() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    stored(&store, 1, &some(&store, 0..5));
    stored(&store, 2, &some(&store, 5..9));
    place.sql("UPDATE object SET body = '\\x00', dict = 1 WHERE batch = 1 AND n = 3; DELETE FROM object WHERE batch = 2 AND n = 4");
    place.sql("UPDATE run SET labels = '\\x0509' WHERE batch = 1");
    let faults = place.open().check().unwrap();
    for part in ["position 3", "3 rows where it should have 4", "batch 1 left for followers"] {
        assert!(faults.iter().any(|fault| fault.contains(part)), "{part}: {faults:?}");
    }
}

#[test]
fn who_waits_is_woken() {
    let Some(place) = Place::new() else { return };
    let (writer, waiting) = (place.open(), place.open());
    waiting.wait(Position(0), Duration::from_millis(50)).unwrap();
    // The listener needs a moment for its first connection.
    std::thread::sleep(Duration::from_millis(300));
    let mut times: Vec<_> = (0..20)
        .map(|n| {
            std::thread::scope(|scope| {
                let woken =
                    scope.spawn(|| (waiting.wait(Position(n), Duration::from_secs(20)).unwrap(), Instant::now()));
                std::thread::sleep(Duration::from_millis(20));
                stored(&writer, 1, &some(&writer, n..n + 1));
                let written = Instant::now();
                let (head, woken) = woken.join().unwrap();
                assert_eq!(head.visible, Position(n + 1));
                woken.saturating_duration_since(written)
            })
        })
        .collect();
    times.sort();
    // Looking anyway would take up to half a second.
    assert!(times[10] < Duration::from_millis(250), "{times:?}");
    println!("woken {:?} after the batch was acknowledged", times[10]);
}

#[test]
fn a_reader_cannot_write_and_needs_a_store() {
    let Some(place) = Place::new() else { return };
    let missing = PostgresStore::open_read_only(place.options(), fingerprinter()).unwrap_err();
    assert!(missing.to_string().contains("comity init"), "{missing}");
    let store = place.open();
    stored(&store, 1, &some(&store, 0..5));
    let reader = PostgresStore::open_read_only(place.options(), fingerprinter()).unwrap();
    assert_eq!(reader.scan(Position::START, 100, true).unwrap().len(), 5);
    for refused in [reader.begin(&start(1)).map(drop), reader.put("a", None, b"").map(drop)] {
        assert!(matches!(refused, Err(StoreError::ReadOnly)), "{refused:?}");
    }
    assert!(matches!(reader.intern_label("{\"owner\":\"new\"}"), Err(StoreError::ReadOnly)));
    leaves_what_is_kept_of_readers(&reader, &store);
}

/// One large batch of many appends finds its own repeats with bounded memory.
#[test]
fn a_large_batch_knows_what_it_holds() {
    let Some(place) = Place::new() else { return };
    let store = place.open();
    let batch = store.begin(&start(1)).unwrap();
    for part in 0..6 {
        store.append(batch, &some(&store, part * 1_000..(part + 1) * 1_000), Found::default()).unwrap();
    }
    let again = store.append(batch, &some(&store, 500..1_500), Found::default()).unwrap();
    assert!(again.iter().all(|outcome| matches!(outcome, comity_store::Outcome::Unchanged(_))));
    let info = store.finish(batch, &Counts::default(), start(1).now).unwrap();
    assert_eq!(info.last, Position(6_000));
    assert_eq!(store.scan(Position(4_090), 20, true).unwrap().len(), 20, "across the border of a chunk");
    let rows = store.get(&(1..=6_000).rev().step_by(7).map(Position).collect::<Vec<_>>()).unwrap();
    assert!(rows.iter().all(Option::is_some));
}

/// A store opened for reading keeps what is kept of whoever reads, in turn with the one that writes.
fn leaves_what_is_kept_of_readers(reader: &dyn Store, writer: &dyn Store) {
    let version = writer.put("seen", None, b"by the writer").unwrap();
    let puts = |expected| [Put { key: "seen", expected, value: b"by the reader" }];
    let stale = reader.write(&Change { puts: &puts(None), beside: true, ..Change::default() });
    assert!(matches!(stale, Err(StoreError::Changed(_))), "{stale:?}");
    reader.write(&Change { puts: &puts(Some(version)), beside: true, ..Change::default() }).unwrap();
    assert_eq!(writer.value("seen").unwrap().unwrap().1, b"by the reader");
    writer.put("seen", Some(version + 1), b"by the writer again").unwrap();
}
