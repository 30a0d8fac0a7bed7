use comity_base::{Position, Timestamp};

use super::Subject;
use super::build::{at, fresh, id, label, new_version, placed, start, stored, visible};
use crate::{BatchId, BatchState, Counts, Found, StoreError};

/// Nothing of a batch is seen before `finish`; all of it after.
pub fn a_batch_is_visible_only_when_finished(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let batch = store.begin(&start(1)).unwrap();
    for n in 0..3 {
        let outcome = store.append(batch, &[new_version(&*store, n, 1, label, 0)], Found::default()).unwrap();
        assert_eq!(placed(&outcome, Position::START), [fresh(n + 1)]);
        assert!(visible(&*store).is_empty());
        assert_eq!(store.get(&[Position(n + 1)]).unwrap(), [None]);
        assert_eq!(store.versions(&id(n)).unwrap(), []);
        assert_eq!(store.batch_of(Position(n + 1)).unwrap(), None);
        let given = if subject.side_by_side() { 0 } else { n + 1 };
        assert_eq!((store.head().unwrap().visible, store.head().unwrap().last), (Position(0), Position(given)));
    }
    assert_eq!(store.batches(None, 10).unwrap(), []);
    let counts = Counts { files: 1, objects: 3, added: 3, ..Counts::default() };
    let info = store.finish(batch, &counts, at(2)).unwrap();
    assert_eq!((info.state, info.after, info.last, info.counts), (BatchState::Done, Position(0), Position(3), counts));
    assert_eq!(visible(&*store), [1, 2, 3]);
    let store = subject.reopen(store);
    assert_eq!(visible(&*store), [1, 2, 3]);
    assert_eq!(store.batch(batch).unwrap(), Some(info.clone()));
    assert_eq!(store.batch_of(Position(2)).unwrap(), Some(info.clone()));
    assert_eq!(store.batches(None, 10).unwrap(), [info]);
    assert_eq!(store.versions(&id(1)).unwrap().len(), 1);
}

/// An abandoned batch leaves nothing to see, and positions it was given are not given out again.
pub fn abandoned_batches_are_void(subject: &mut dyn Subject) {
    let store = subject.create();
    let void = if subject.side_by_side() { 0 } else { 2 };
    let label = label(&*store, "org-a", "green");
    let versions = [new_version(&*store, 1, 1, label, 0), new_version(&*store, 2, 1, label, 0)];
    let batch = store.begin(&start(1)).unwrap();
    store.append(batch, &versions, Found::default()).unwrap();
    store.abandon(batch).unwrap();
    assert_eq!(store.batch(batch).unwrap().unwrap().state, BatchState::Void);
    assert!(matches!(store.append(batch, &versions, Found::default()), Err(StoreError::BatchState { .. })));
    assert!(matches!(store.finish(batch, &Counts::default(), at(2)), Err(StoreError::BatchState { .. })));
    let (info, outcomes) = stored(&*store, 3, &versions[..1]);
    assert_eq!(outcomes, [fresh(void + 1)], "the void version is not there to be the same as");
    assert_eq!(info.after, Position(void));
    assert_eq!(visible(&*store), [void + 1]);
    assert_eq!(store.get(&[Position(void), Position(void + 2)]).unwrap(), [None, None]);
    assert_eq!(store.batches(None, 10).unwrap().len(), 1);
}

/// A batch that its process left open is void for the next one.
pub fn a_crashed_batch_is_void(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let (kept, _) = stored(&*store, 1, &[new_version(&*store, 0, 1, label, 0)]);
    let versions: Vec<_> = (1..50).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    let batch = store.begin(&start(2)).unwrap();
    store.append(batch, &versions, Found::default()).unwrap();
    store.append(batch, &versions[..10], Found::default()).unwrap();
    store = subject.crash(store);
    let void = if subject.side_by_side() { 0 } else { 49 };
    assert_eq!(visible(&*store), [1]);
    assert_eq!(store.batch(kept.id).unwrap(), Some(kept));
    assert_eq!(store.batch(batch).unwrap().unwrap().state, BatchState::Void);
    let (info, outcomes) = stored(&*store, 3, &versions[..2]);
    assert_eq!(outcomes, [fresh(void + 2), fresh(void + 3)]);
    assert!(info.id > batch);
    store = subject.crash(store);
    assert_eq!(visible(&*store), [1, void + 2, void + 3]);
    assert_eq!(store.versions(&id(1)).unwrap().len(), 1);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// A second batch is refused while one is open, or both are whole and in the order they were finished in;
/// unknown batches are named.
pub fn how_many_batches_may_be_open(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let batch = store.begin(&start(1)).unwrap();
    if subject.side_by_side() {
        let other = store.begin(&start(1)).unwrap();
        for (batch, n) in [(batch, 1), (other, 2), (batch, 3), (other, 3)] {
            store.append(batch, &[new_version(&*store, n, 1, label, 0)], Found::default()).unwrap();
        }
        let second = store.finish(other, &Counts::default(), at(3)).unwrap();
        let first = store.finish(batch, &Counts::default(), at(2)).unwrap();
        assert_eq!((second.after, second.last, first.after, first.last), [0, 2, 2, 4].map(Position).into());
        assert_eq!(first.finished, Some(millis(3_001)), "times follow the order of finishing");
        assert_eq!(store.versions(&id(3)).unwrap().len(), 2, "neither could see the other's");
    } else {
        let refused = store.begin(&start(1)).unwrap_err();
        assert!(matches!(&refused, StoreError::BatchState { batch: b, .. } if *b == batch), "{refused}");
        store.finish(batch, &Counts::default(), at(1)).unwrap();
    }
    let batch = store.begin(&start(4)).unwrap();
    assert!(matches!(store.append(BatchId(99), &[], Found::default()), Err(StoreError::NoBatch(BatchId(99)))));
    assert!(matches!(store.undo(batch, &start(1), at(1)), Err(StoreError::BatchState { .. })));
    let empty = store.finish(batch, &Counts::default(), at(1)).unwrap();
    assert_eq!(empty.after, empty.last);
    assert!(matches!(store.finish(batch, &Counts::default(), at(1)), Err(StoreError::BatchState { .. })));
    store.begin(&start(2)).unwrap();
}

/// The past can be asked for by time.
pub fn positions_at_a_time(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    for n in 1..4 {
        stored(&*store, 10 * i64::try_from(n).unwrap(), &[new_version(&*store, n, 1, label, 0)]);
    }
    let positions: Vec<_> = [9, 10, 19, 20, 30, 99].iter().map(|s| store.position_at(at(*s)).unwrap().0).collect();
    assert_eq!(positions, [0, 1, 1, 2, 3, 3]);
}

/// Batches keep their order in time even when the clock is set back.
pub fn a_clock_that_runs_backwards_does_not_reorder(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    stored(&*store, 100, &[new_version(&*store, 1, 1, label, 0)]);
    store = subject.reopen(store);
    let (info, _) = stored(&*store, 50, &[new_version(&*store, 2, 1, label, 0)]);
    assert_eq!(info.finished, Some(millis(100_001)));
    assert_eq!(store.position_at(at(99)).unwrap(), Position(0));
    assert_eq!(store.position_at(at(100)).unwrap(), Position(1));
    assert_eq!(store.position_at(millis(100_001)).unwrap(), Position(2));
}

/// Cut to whole milliseconds, the times of batches are still all different and in order, whatever the clock says.
pub fn batches_differ_by_whole_milliseconds(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let micros = [1_000_400, 1_000_400, 1_000_900, 1_001_100, 1_002_999, 1_003_999, 900_000, 1_010_001];
    let expected = [1_000_400, 1_001_000, 1_002_000, 1_003_000, 1_004_000, 1_005_000, 1_006_000, 1_010_001];
    let mut undone = None;
    for (n, (now, expected)) in (0..).zip(micros.into_iter().zip(expected)) {
        let now = Timestamp::from_micros(now);
        let info = match n % 4 {
            2 => store.undo(undone.take().unwrap(), &start(1), now).unwrap().by,
            3 => store.withdraw(&[Position(n - 2)], &start(1), now).unwrap().by,
            _ => {
                let batch = store.begin(&start(1)).unwrap();
                store.append(batch, &[new_version(&*store, n, 1, label, 0)], Found::default()).unwrap();
                store.finish(batch, &Counts::default(), now).unwrap()
            }
        };
        assert_eq!(info.finished, Some(Timestamp::from_micros(expected)), "the {n}-th");
        assert_eq!(store.position_at(Timestamp::from_micros(expected)).unwrap(), info.last);
        undone = Some(info.id);
        store = subject.reopen(store);
    }
    let empty = store.begin(&start(1)).unwrap();
    let info = store.finish(empty, &Counts::default(), at(0)).unwrap();
    assert_eq!(info.finished, Some(millis(1_011)), "one without positions takes its millisecond too");
}

fn millis(milli: i64) -> Timestamp {
    Timestamp::from_micros(milli * 1_000)
}
