//! Withdrawing many versions at once, and where on the disk an erased body is not.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use comity_base::Position;
use comity_crypto::{Fingerprinter, sha256};
use comity_store::conformance::{label, new_version, revised, start, stored};
use comity_store::{
    BatchState, Body, Counts, Found, Head, LabelId, NewVersion, Original, OriginalId, Piece, Store, StoreError,
};
use comity_store_sqlite::SqliteStore;

fn open(dir: &Path) -> SqliteStore {
    SqliteStore::open(dir, Fingerprinter::new([5; 16])).unwrap()
}

fn some(store: &dyn Store, range: std::ops::Range<u64>) -> Vec<NewVersion> {
    let label = label(store, "org-a", "green");
    range.map(|n| new_version(store, n, 1, label, n)).collect()
}

#[test]
fn a_large_withdrawal_is_whole_or_absent() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..50_000));
    let head = store.head().unwrap();
    let targets: Vec<_> = (1..=45_000).map(Position).collect();
    store.limit_bytes(Some(1)).unwrap();
    assert!(matches!(store.withdraw(&targets, &start(2), start(2).now), Err(StoreError::Full { .. })));
    store.limit_bytes(None).unwrap();
    assert_eq!(store.head().unwrap().visible, head.visible, "nothing of it is seen");
    let withdrawn = store.withdraw(&targets, &start(3), start(3).now).unwrap();
    assert_eq!((withdrawn.versions, withdrawn.by.state), (45_000, BatchState::Done));
    assert_eq!(withdrawn.by.last.0 - withdrawn.by.after.0, 45_000);
    assert_eq!(store.erase(&targets).unwrap(), 45_000);
    assert_eq!(store.scan(Position(44_990), 20, true).unwrap().iter().filter(|row| row.raw.is_empty()).count(), 10);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Bytes that no packing makes smaller, so that they would be found as they are.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// Whether any file of the folder holds some of these bytes.
fn is_on_disk(dir: &Path, bytes: &[u8]) -> bool {
    let part = bytes.get(bytes.len() / 2..bytes.len() / 2 + 24).unwrap();
    fs::read_dir(dir).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        path.is_file() && fs::read(&path).unwrap().windows(part.len()).any(|window| window == part)
    })
}

#[test]
fn nothing_of_an_erased_body_is_left_in_the_files() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let original = noise(7, 3_000);
    let bodies = [noise(1, 200), noise(2, 1_500), noise(3, 60_000), noise(4, 200)];
    let batch = store.begin(&start(1)).unwrap();
    let new = Original {
        id: OriginalId(0),
        name: "feed".into(),
        format: "csv".into(),
        sha256: [0; 32],
        bytes: 0,
        kept: true,
    };
    let source = store.add_original(batch, &new).unwrap();
    store.keep(source, &original).unwrap();
    store.seal_original(source, &sha256(&original), original.len() as u64).unwrap();
    let versions = (0..).zip(&bodies).map(|(n, bytes)| {
        let source = if n < 3 { source } else { OriginalId(0) };
        NewVersion { source, body: Body { dictionary: 0, bytes: bytes.clone() }, ..some(&store, n..n + 1).remove(0) }
    });
    store.append(batch, &versions.collect::<Vec<_>>(), Found::default()).unwrap();
    store.finish(batch, &Counts::default(), start(1).now).unwrap();
    stored(&store, 2, &some(&store, 10..500));
    for bytes in bodies.iter().chain([&original]) {
        assert!(is_on_disk(dir.path(), bytes), "what is not erased is found");
    }
    let targets = [1, 2, 3].map(Position);
    store.withdraw(&targets, &start(3), start(3).now).unwrap();
    assert_eq!(store.erase(&targets).unwrap(), 3);
    for bytes in bodies[..3].iter().chain([&original]) {
        assert!(!is_on_disk(dir.path(), bytes), "while the store is open");
    }
    assert!(is_on_disk(dir.path(), &bodies[3]), "its neighbour is there");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
    drop(store);
    assert!(
        bodies[..3].iter().chain([&original]).all(|bytes| !is_on_disk(dir.path(), bytes)),
        "and after it was closed"
    );
}

/// A store of an earlier program is opened, and knows withdrawals from then on.
#[test]
fn a_store_of_the_first_schema_is_brought_up_to_date() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..5));
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
    db.execute_batch(
        "DROP INDEX object_withdrawn; DROP TABLE ledger; DROP TABLE ledger_log; DELETE FROM migration WHERE number > 1",
    )
    .unwrap();
    drop(db);
    let store = open(dir.path());
    store.withdraw(&[Position(2)], &start(2), start(2).now).unwrap();
    assert_eq!(stored(&store, 3, &some(&store, 1..2)).1, [revised(7)]);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_body_that_is_missing_without_a_withdrawal_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    stored(&store, 1, &some(&store, 0..5));
    store.withdraw(&[Position(2)], &start(2), start(2).now).unwrap();
    drop(store);
    let db = rusqlite::Connection::open(dir.path().join("store.db")).unwrap();
    db.execute("UPDATE object SET dict = 0, body = NULL WHERE seq IN (2, 4)", []).unwrap();
    drop(db);
    assert_eq!(open(dir.path()).check().unwrap(), ["Position 4 has no body."]);
}

/// What was erased in the store that is moved, before or after it was copied, is not in the new one.
#[test]
fn erasures_come_along_when_a_store_is_moved() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (from, to) = (open(dir.path()), open(other.path()));
    stored(&from, 1, &some(&from, 0..5));
    from.withdraw(&[1, 2].map(Position), &start(2), start(2).now).unwrap();
    from.erase(&[Position(1)]).unwrap();
    to.import(&Piece::Labels(&from.labels(LabelId(0)).unwrap())).unwrap();
    for record in from.records(comity_store::BatchId(0), 10).unwrap() {
        let count = usize::try_from(record.info.last.0 - record.info.after.0).unwrap();
        let versions = from.scan(record.info.after, count, true).unwrap();
        to.import(&Piece::Versions(&record, &versions, Found::default())).unwrap();
        to.import(&Piece::Batch(&record)).unwrap();
    }
    to.import(&Piece::Head(Head { visible: Position(7), last: Position(7) })).unwrap();
    assert_eq!(to.scan(Position(0), 10, true).unwrap(), from.scan(Position(0), 10, true).unwrap());
    assert_eq!(to.records(comity_store::BatchId(0), 10).unwrap(), from.records(comity_store::BatchId(0), 10).unwrap());
    from.erase(&[Position(2)]).unwrap();
    to.import(&Piece::Erased(&[Position(2)])).unwrap();
    assert_eq!(to.scan(Position(0), 10, true).unwrap(), from.scan(Position(0), 10, true).unwrap());
    assert_eq!(to.check().unwrap(), Vec::<String>::new());
}
