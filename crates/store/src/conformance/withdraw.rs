use std::sync::Arc;

use comity_base::Position;

use super::Subject;
use super::build::{at, fresh, id, label, new_version, placed, revised, start, stored, unchanged, visible};
use crate::{BatchId, BatchStart, BatchState, Counts, Fence, Found, Op, OriginalId, Store, StoreError, Version};

/// A withdrawal says of each version that it no longer counts, with the version's own label, and stays.
pub fn a_withdrawal_says_of_each_version_that_it_is_gone(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let labels = ["org-a", "org-b"].map(|owner| label(&*store, owner, "green"));
    let versions: Vec<_> = (0..6).map(|n| new_version(&*store, n, 1, labels[usize::from(n > 2)], 0)).collect();
    stored(&*store, 1, &versions);
    let targets = [5, 2, 5].map(Position);
    let withdrawn = store.withdraw(&targets, &start(2), at(2)).unwrap();
    let by = &withdrawn.by;
    assert_eq!((withdrawn.versions, by.state, by.undoes, by.undone_by), (2, BatchState::Done, None, None));
    assert_eq!((by.after, by.last, by.finished), (Position(6), Position(8), Some(at(2))));
    assert_eq!(by.counts, Counts { objects: 2, added: 2, ..Counts::default() });
    assert_eq!((by.began, by.note.as_str()), (at(2), "test at 2"));
    store = subject.crash(store);
    assert_eq!(store.batch(by.id).unwrap().as_ref(), Some(by));
    assert_eq!(store.batch_of(Position(7)).unwrap().as_ref(), Some(by));
    let rows = store.scan(Position(6), 10, true).unwrap();
    let row = |position, n: u64| Version {
        position: Position(position),
        id: id(n),
        modified: at(1),
        label: labels[usize::from(n > 2)],
        op: Op::Withdraw(Position(n + 1)),
        source: OriginalId(0),
        offset: 0,
        raw: Arc::default(),
    };
    assert_eq!(rows, [row(7, 1), row(8, 4)], "in the order of positions, each once");
    assert_eq!(store.versions(&id(4)).unwrap().iter().map(|v| v.op).collect::<Vec<_>>(), [Op::Put, rows[1].op]);
    assert_eq!(store.get(&[Position(8)]).unwrap(), [Some(row(8, 4))]);
    assert!(!store.get(&[Position(5)]).unwrap()[0].as_ref().unwrap().raw.is_empty(), "the past stays readable");
    let records = store.records(BatchId(0), 10).unwrap();
    assert_eq!(records.iter().map(|r| (r.withdraws, r.root)).collect::<Vec<_>>(), [(false, None), (true, None)]);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// No undo brings a withdrawn version back; the others of its batch come and go with it.
pub fn no_undo_brings_back_what_was_withdrawn(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..3).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    let (info, _) = stored(&*store, 1, &versions);
    let by = store.withdraw(&[Position(2)], &start(2), at(2)).unwrap().by;
    let refused = store.undo(by.id, &start(3), at(3)).unwrap_err();
    assert!(matches!(&refused, StoreError::BatchState { batch, .. } if *batch == by.id), "{refused}");
    assert!(refused.to_string().ends_with("is a withdrawal; it is final: bring the object in again"), "{refused}");
    let undo = store.undo(info.id, &start(4), at(4)).unwrap();
    assert_eq!(undo.versions, 3);
    store = subject.reopen(store);
    let redo = store.undo(undo.by.id, &start(5), at(5)).unwrap();
    assert_eq!((redo.versions, visible(&*store).len()), (3, 10));
    let open = store.begin(&start(6)).unwrap();
    let outcomes = store.append(open, &versions, Found::default()).unwrap();
    assert_eq!(placed(&outcomes, Position(10)), [unchanged(1), revised(11), unchanged(3)]);
    let again = store.finish(open, &Counts::default(), at(6)).unwrap();
    store.undo(again.id, &start(7), at(7)).unwrap();
    let (_, outcomes) = stored(&*store, 8, &versions[1..2]);
    assert_eq!(outcomes, [revised(13)], "the new one was taken back, the old one stays withdrawn");
    let (_, outcomes) = stored(&*store, 9, &versions[1..2]);
    assert_eq!(outcomes, [unchanged(13)], "what came in again counts");
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// What is taken back for now can be withdrawn for good.
pub fn what_was_taken_back_can_be_withdrawn(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..2).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    let (info, _) = stored(&*store, 1, &versions);
    let undo = store.undo(info.id, &start(2), at(2)).unwrap().by;
    assert_eq!(store.withdraw(&[Position(1)], &start(3), at(3)).unwrap().versions, 1);
    store.undo(undo.id, &start(4), at(4)).unwrap();
    let (_, outcomes) = stored(&*store, 5, &versions);
    assert_eq!(outcomes, [revised(8), unchanged(2)]);
}

/// Withdrawing again says nothing new, and withdrawing nothing is an empty batch.
pub fn withdrawing_again_changes_nothing(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..3).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    stored(&*store, 1, &versions);
    store.withdraw(&[Position(1)], &start(2), at(2)).unwrap();
    store = subject.reopen(store);
    let again = store.withdraw(&[Position(1)], &start(3), at(3)).unwrap();
    assert_eq!((again.versions, again.by.state, again.by.after), (0, BatchState::Done, again.by.last));
    let more = store.withdraw(&[1, 3].map(Position), &start(4), at(4)).unwrap();
    assert_eq!((more.versions, more.by.last), (1, Position(5)));
    let nothing = store.withdraw(&[], &start(5), at(5)).unwrap();
    assert_eq!((nothing.versions, nothing.by.finished), (0, Some(at(5))));
    assert_eq!(store.undo(nothing.by.id, &start(6), at(6)).unwrap().versions, 0, "an empty batch like any other");
    assert_eq!(visible(&*store).len(), 5);
}

/// Only versions that are visible can be withdrawn; otherwise nothing is.
pub fn what_is_no_version_cannot_be_withdrawn(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..2).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    let (info, _) = stored(&*store, 1, &versions);
    store.undo(info.id, &start(2), at(2)).unwrap();
    store.withdraw(&[Position(2)], &start(3), at(3)).unwrap();
    let before = store.batches(None, 10).unwrap();
    for wrong in [0, 3, 5, 6, u64::MAX].map(Position) {
        let refused = store.withdraw(&[Position(1), wrong], &start(4), at(4)).unwrap_err();
        assert!(matches!(refused, StoreError::NoVersion(position) if position == wrong), "{wrong}: {refused}");
    }
    assert_eq!((store.batches(None, 10).unwrap(), visible(&*store).len()), (before, 5));
    let open = store.begin(&start(5)).unwrap();
    store.append(open, &[new_version(&*store, 7, 1, label, 0)], Found::default()).unwrap();
    let refused = store.withdraw(&[Position(6)], &start(6), at(6));
    assert!(refused.is_err(), "it is not visible yet");
    store.finish(open, &Counts::default(), at(7)).unwrap();
    assert_eq!(store.withdraw(&[Position(6)], &start(8), at(8)).unwrap().versions, 1);
}

/// Who lost a lease withdraws nothing under it.
pub fn nothing_is_withdrawn_under_a_lost_lease(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    stored(&*store, 1, &[new_version(&*store, 0, 1, label, 0)]);
    let fence = Some(Fence { lease: "withdraw".into(), token: 1 });
    let refused = store.withdraw(&[Position(1)], &BatchStart { fence, ..start(2) }, at(2));
    assert!(matches!(refused, Err(StoreError::Fenced { .. })), "{refused:?}");
    assert_eq!(visible(&*store), [1]);
    let (_, outcomes) =
        stored(&*store, 3, &[new_version(&*store, 0, 1, label, 0), new_version(&*store, 1, 1, label, 0)]);
    assert_eq!(outcomes, [unchanged(1), fresh(2)]);
}

/// Processes agree on what is withdrawn; of several that withdraw the same at once, one says so.
pub fn processes_agree_on_what_is_withdrawn(subject: &mut dyn Subject) {
    let store = subject.create();
    let Some(other) = subject.another() else { return };
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..40).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    stored(&*store, 1, &versions);
    assert_eq!(other.withdraw(&[Position(40)], &start(2), at(2)).unwrap().versions, 1);
    assert_eq!(store.withdraw(&[Position(40)], &start(3), at(3)).unwrap().versions, 0);
    assert_eq!(other.erase(&[Position(40)]).unwrap(), 1);
    assert!(store.get(&[Position(40)]).unwrap()[0].as_ref().unwrap().raw.is_empty());
    let withdrawn = std::thread::scope(|scope| {
        let withdraw = |store: Arc<dyn Store>, first: u64| {
            let mut withdrawn = 0;
            for n in first..first + 20 {
                let targets = [n, n + 1, n + 2].map(Position);
                withdrawn += store.withdraw(&targets, &start(4), at(4)).unwrap().versions;
            }
            withdrawn
        };
        let (one, two) = (Arc::clone(&store), Arc::clone(&other));
        let threads = [scope.spawn(move || withdraw(one, 1)), scope.spawn(move || withdraw(two, 2))];
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>()
    });
    assert_eq!(withdrawn, 23, "positions 1 to 23, each once");
    let (_, outcomes) = stored(&*store, 5, &versions[20..25]);
    let kept: Vec<_> = outcomes.iter().filter(|outcome| matches!(outcome, crate::Outcome::Unchanged(_))).collect();
    assert_eq!(kept, [&unchanged(24), &unchanged(25)]);
    for store in [store, other] {
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
    }
}
