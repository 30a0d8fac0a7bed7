//! What this engine promises beyond the contract: locking, reading beside a writer, a full disk,
//! trained dictionaries, and an index that can be thrown away.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_store::conformance::{fresh, id, label, new_version, start, stored, unchanged};
use comity_store::{
    BatchState, Change, Counts, Found, LabelId, NewVersion, OriginalId, Outcome, Put, Store, StoreError,
};
use comity_store_sqlite::{Options, SqliteStore};

fn fingerprinter() -> Fingerprinter {
    Fingerprinter::new([5; 16])
}

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, fingerprinter()).unwrap()
}

fn some(store: &dyn Store, range: std::ops::Range<u64>) -> Vec<NewVersion> {
    let label = label(store, "org-a", "green");
    range.map(|n| new_version(store, n, 1, label, n)).collect()
}

#[test]
fn a_second_writer_is_refused_and_told_who_writes() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let refused = SqliteStore::open(dir.path(), fingerprinter()).unwrap_err();
    assert!(matches!(&refused, StoreError::Busy { .. }));
    assert!(refused.to_string().contains(&format!("process {}", std::process::id())), "{refused}");
    drop(store);
    open(dir.path());
}

#[test]
fn a_reader_follows_a_writer_and_cannot_write() {
    let dir = tempfile::tempdir().unwrap();
    assert!(SqliteStore::open_read_only(dir.path(), fingerprinter()).is_err(), "there is nothing to read yet");
    let writer = open(dir.path());
    stored(&writer, 1, &some(&writer, 0..10));
    let reader = SqliteStore::open_read_only(dir.path(), fingerprinter()).unwrap();
    let batch = writer.begin(&start(2)).unwrap();
    writer.append(batch, &some(&writer, 10..20), Found::default()).unwrap();
    writer.intern_label("{\"owner\":\"org-z\"}").unwrap();
    assert_eq!(reader.scan(Position::START, 100, true).unwrap().len(), 10);
    assert_eq!(reader.versions(&id(12)).unwrap(), []);
    writer.finish(batch, &Counts::default(), start(2).now).unwrap();
    assert_eq!(reader.head().unwrap().visible, Position(20));
    assert_eq!(reader.scan(Position::START, 100, true).unwrap(), writer.scan(Position::START, 100, true).unwrap());
    assert_eq!(reader.versions(&id(12)).unwrap(), writer.versions(&id(12)).unwrap());
    assert_eq!(reader.labels(LabelId(0)).unwrap(), writer.labels(LabelId(0)).unwrap());
    assert_eq!(reader.check().unwrap(), Vec::<String>::new());
    assert!(matches!(reader.begin(&start(3)), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.put("a", None, b""), Err(StoreError::ReadOnly)));
    leaves_what_is_kept_of_readers(&reader, &writer);
}

#[test]
fn a_full_disk_is_said_plainly_and_costs_nothing_that_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let limited = Options { max_bytes: Some(400_000), ..Options::default() };
    let mut store = SqliteStore::open_with(dir.path(), fingerprinter(), limited).unwrap();
    let (kept, _) = stored(&store, 1, &some(&store, 0..50));
    let batch = store.begin(&start(2)).unwrap();
    let mut appended = 0;
    let refused = loop {
        match store.append(batch, &some(&store, 100 + appended..200 + appended), Found::default()) {
            Ok(_) => appended += 100,
            Err(error) => break error,
        }
        assert!(appended < 100_000, "the limit must be felt");
    };
    assert!(matches!(&refused, StoreError::Full { .. }), "{refused}");
    assert!(refused.to_string().contains("free space"), "{refused}");
    assert_eq!(store.scan(Position::START, 1000, true).unwrap().len(), 50);
    store.limit_bytes(None).unwrap();
    let outcomes = store.append(batch, &some(&store, 100 + appended..200 + appended), Found::default()).unwrap();
    assert_eq!(outcomes.first(), Some(&fresh(51 + appended)), "no position was lost");
    store.finish(batch, &Counts::default(), start(2).now).unwrap();
    drop(store);
    store = open(dir.path());
    assert_eq!(store.batch(kept.id).unwrap(), Some(kept));
    assert_eq!(store.head().unwrap().visible, Position(150 + appended));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_undo_that_finds_the_disk_full_leaves_everything_as_it_was() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let (info, _) = stored(&store, 1, &some(&store, 0..30_000));
    let head = store.head().unwrap();
    store.limit_bytes(Some(1)).unwrap();
    assert!(matches!(store.undo(info.id, &start(2), start(2).now), Err(StoreError::Full { .. })));
    store.limit_bytes(None).unwrap();
    assert_eq!(store.head().unwrap().visible, head.visible);
    assert_eq!(store.batch(info.id).unwrap().unwrap().state, BatchState::Done);
    drop(store);
    let store = open(dir.path());
    assert_eq!(store.undo(info.id, &start(3), start(3).now).unwrap().versions, 30_000);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_dictionary_is_trained_once_and_old_bodies_stay_readable() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = open(dir.path());
    let reader = SqliteStore::open_read_only(dir.path(), fingerprinter()).unwrap();
    stored(&store, 1, &some(&store, 0..20_000));
    assert_eq!(store.packer().current(), 2);
    stored(&store, 2, &some(&store, 20_000..20_010));
    let raw = |store: &SqliteStore| {
        store.scan(Position(19_990), 20, true).unwrap().into_iter().map(|v| v.raw).collect::<Vec<_>>()
    };
    assert_eq!(raw(&reader), raw(&store), "a reader opened before the training learns of the dictionary");
    let before = raw(&store);
    drop(store);
    store = open(dir.path());
    assert_eq!(store.packer().current(), 2);
    assert_eq!(raw(&store), before);
    let (_, outcomes) = stored(&store, 3, &some(&store, 0..10));
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Unchanged(_))), "packed differently, yet the same bytes");
}

#[test]
fn the_index_can_be_thrown_away() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..30_000));
    let before = store.versions(&id(29_999)).unwrap();
    drop(store);
    fs::remove_dir_all(dir.path().join("ids")).unwrap();
    let reader = SqliteStore::open_read_only(dir.path(), fingerprinter()).unwrap();
    assert_eq!(reader.versions(&id(29_999)).unwrap(), before, "a reader alone does without it");
    drop(reader);
    let store = open(dir.path());
    assert_eq!(store.versions(&id(29_999)).unwrap(), before);
    let (_, outcomes) = stored(&store, 2, &some(&store, 7..8));
    assert_eq!(outcomes, [unchanged(8)]);
}

#[test]
fn a_database_put_back_from_a_copy_does_not_believe_its_newer_index() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..10));
    drop(store);
    let backup = fs::read(dir.path().join("store.db")).unwrap();
    let store = open(dir.path());
    stored(&store, 2, &some(&store, 100..30_100));
    drop(store);
    fs::write(dir.path().join("store.db"), backup).unwrap();
    let store = open(dir.path());
    let (_, outcomes) = stored(&store, 3, &some(&store, 200..202));
    let [one, two] = [11, 12].map(fresh);
    assert_eq!(outcomes, [one, two]);
    assert_eq!(store.versions(&id(201)).unwrap().len(), 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn an_id_sent_without_end_does_not_slow_the_intake() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let label = label(&store, "org-a", "green");
    let batch = store.begin(&start(1)).unwrap();
    for round in 0..12 {
        let versions: Vec<_> = (0..1_000).map(|n| new_version(&store, 1, round * 1_000 + n, label, 0)).collect();
        let outcomes = store.append(batch, &versions, Found::default()).unwrap();
        assert!(outcomes.iter().all(|o| matches!(o, Outcome::Added { .. })));
    }
    store.finish(batch, &Counts::default(), start(1).now).unwrap();
    assert_eq!(store.versions(&id(1)).unwrap().len(), 12_000);
    let (_, outcomes) = stored(&store, 2, &[new_version(&store, 1, 11_999, label, 0)]);
    assert_eq!(outcomes, [unchanged(12_000)], "the newest is always compared");
}

#[test]
fn a_damaged_body_is_found_by_the_check() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..5));
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
    db.execute("UPDATE object SET body = x'00' WHERE seq = 3", []).unwrap();
    db.execute("DELETE FROM object WHERE seq = 5", []).unwrap();
    drop(db);
    let faults = open(dir.path()).check().unwrap();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].contains("position 3") && faults[1].contains("4 rows where it should have 5"), "{faults:?}");
}

#[test]
fn a_label_that_was_never_interned_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let mut version = some(&store, 0..1).remove(0);
    version.label = LabelId(9);
    version.source = OriginalId(0);
    let batch = store.begin(&start(1)).unwrap();
    assert!(store.append(batch, &[version], Found::default()).unwrap_err().to_string().contains("label 9"));
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
