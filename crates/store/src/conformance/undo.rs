use comity_base::Position;

use super::Subject;
use super::build::{at, id, label, new_version, start, stored, visible};
use crate::{BatchId, BatchState, Counts, Op, Store, StoreError};

/// An undo leaves one tombstone for each version, at the end of the log, with the version's own label.
pub fn undo_takes_back_every_version(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..30).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    stored(&*store, 1, &versions[..10]);
    let (info, _) = stored(&*store, 2, &versions);
    let undone = store.undo(info.id, &start(3), at(3)).unwrap();
    assert_eq!((undone.versions, undone.by.undoes, undone.by.state), (20, Some(info.id), BatchState::Done));
    assert_eq!((undone.by.after, undone.by.last), (Position(30), Position(50)));
    store = subject.crash(store);
    assert_eq!(store.batch(undone.by.id).unwrap(), Some(undone.by.clone()));
    let target = store.batch(info.id).unwrap().unwrap();
    assert_eq!((target.state, target.undone_by), (BatchState::Undone, Some(undone.by.id)));
    let tombstones = store.scan(Position(30), 100, true).unwrap();
    assert_eq!(tombstones.len(), 20);
    for (n, row) in (10..30).zip(&tombstones) {
        assert_eq!((row.op, &row.id, row.label, row.modified), (Op::Tombstone(Position(n + 1)), &id(n), label, at(1)));
        assert!(row.raw.is_empty());
        assert_eq!(store.versions(&id(n)).unwrap().len(), 2);
    }
    assert_eq!(visible(&*store).len(), 50, "the past stays readable");
    assert_eq!(store.position_at(at(2)).unwrap(), Position(30));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// Undoing an undo restores every version, and that can be undone too.
pub fn an_undo_can_be_undone(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let (info, _) = stored(&*store, 1, &[new_version(&*store, 1, 1, label, 0)]);
    let first = store.undo(info.id, &start(2), at(2)).unwrap().by;
    let second = store.undo(first.id, &start(3), at(3)).unwrap().by;
    assert_eq!(state(&*store, info.id), (BatchState::Done, None));
    assert_eq!(state(&*store, first.id), (BatchState::Undone, Some(second.id)));
    let third = store.undo(second.id, &start(4), at(4)).unwrap().by;
    assert_eq!(state(&*store, info.id), (BatchState::Undone, Some(third.id)));
    let ops: Vec<_> = store.versions(&id(1)).unwrap().iter().map(|v| v.op).collect();
    let one = Position(1);
    assert_eq!(ops, [Op::Put, Op::Tombstone(one), Op::Restore(one), Op::Tombstone(one)]);
}

/// Once the same data was taken back again, an earlier undo of it no longer decides anything.
pub fn the_order_of_undoing_is_kept(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let (info, _) = stored(&*store, 1, &[new_version(&*store, 1, 1, label, 0)]);
    let first = store.undo(info.id, &start(2), at(2)).unwrap().by;
    let second = store.undo(first.id, &start(3), at(3)).unwrap().by;
    let third = store.undo(info.id, &start(4), at(4)).unwrap().by;
    let refused = store.undo(second.id, &start(5), at(5)).unwrap_err().to_string();
    assert!(refused.contains(&format!("batch {}", third.id)), "{refused}");
    store.undo(third.id, &start(6), at(6)).unwrap();
    assert_eq!(state(&*store, info.id), (BatchState::Done, None));
}

/// Undone, void and unknown batches cannot be undone; an empty one can.
pub fn what_cannot_be_undone_is_refused(subject: &mut dyn Subject) {
    let store = subject.create();
    let empty = store.begin(&start(1)).unwrap();
    store.finish(empty, &Counts::default(), at(1)).unwrap();
    assert_eq!(store.undo(empty, &start(2), at(2)).unwrap().versions, 0);
    assert!(matches!(store.undo(empty, &start(3), at(3)), Err(StoreError::BatchState { .. })));
    let void = store.begin(&start(4)).unwrap();
    store.abandon(void).unwrap();
    assert!(matches!(store.undo(void, &start(5), at(5)), Err(StoreError::BatchState { .. })));
    assert!(matches!(store.undo(BatchId(99), &start(6), at(6)), Err(StoreError::NoBatch(BatchId(99)))));
    store.begin(&start(7)).unwrap();
}

fn state(store: &dyn Store, batch: BatchId) -> (BatchState, Option<BatchId>) {
    let info = store.batch(batch).unwrap().unwrap();
    (info.state, info.undone_by)
}
