use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use comity_base::Position;
use comity_stix::ObjectId;

use super::Subject;
use super::build::{at, fresh, id, label, new_version, placed, start, stored, unchanged, visible};
use crate::{BatchState, Counts, Found, Store, StoreError};

/// What one process finished, the other sees whole once it looked at the head, and what it left open, never.
pub fn two_processes_see_each_others_batches_whole(subject: &mut dyn Subject) {
    let one = subject.create();
    let Some(other) = subject.another() else { return };
    let label = label(&*one, "org-a", "green");
    let versions: Vec<_> = (0..30).map(|n| new_version(&*one, n, 1, label, n)).collect();
    let open = one.begin(&start(1)).unwrap();
    one.append(open, &versions[20..], Found::default()).unwrap();
    let (info, _) = stored(&*one, 1, &versions[..20]);
    assert_eq!(other.wait(Position(19), Duration::from_secs(10)).unwrap().visible, Position(20));
    assert_eq!(visible(&*other), (1..=20).collect::<Vec<_>>());
    assert_eq!(other.scan(Position::START, 100, true).unwrap(), one.scan(Position::START, 100, true).unwrap());
    assert_eq!(other.versions(&id(3)).unwrap().len(), 1);
    assert_eq!(other.versions(&id(25)).unwrap(), []);
    assert_eq!(stored(&*other, 2, &versions[..20]).1, (1..=20).map(unchanged).collect::<Vec<_>>());
    let refused = other.append(open, &versions[..1], Found::default());
    assert!(matches!(refused, Err(StoreError::BatchState { .. })), "a batch belongs to one process: {refused:?}");
    assert!(other.finish(open, &Counts::default(), at(3)).is_err());
    let undone = other.undo(info.id, &start(3), at(3)).unwrap();
    one.head().unwrap();
    assert_eq!(one.versions(&id(3)).unwrap().len(), 2, "the other's undo");
    assert_eq!(one.batch(info.id).unwrap().unwrap().undone_by, Some(undone.by.id));
    let last = one.finish(open, &Counts::default(), at(4)).unwrap();
    assert_eq!((last.after, last.last), (Position(40), Position(50)));
    assert_eq!(other.head().unwrap().visible, Position(50));
    assert_eq!(other.check().unwrap(), Vec::<String>::new());
}

/// Labels and types interned by one process have the same numbers in the other.
pub fn two_processes_agree_on_names(subject: &mut dyn Subject) {
    let one = subject.create();
    let Some(other) = subject.another() else { return };
    let texts: Vec<_> = (0..40).map(|n| format!("{{\"owner\":\"org-{n}\"}}")).collect();
    let intern = |store: &dyn Store, back: bool| {
        let mut order: Vec<_> = (0..texts.len()).collect();
        if back {
            order.reverse();
        }
        order.into_iter().map(|n| (n, store.intern_label(&texts[n]).unwrap())).collect::<BTreeMap<_, _>>()
    };
    let (a, b) = std::thread::scope(|scope| {
        let a = scope.spawn(|| intern(&*one, false));
        let b = scope.spawn(|| intern(&*other, true));
        (a.join().unwrap(), b.join().unwrap())
    });
    assert_eq!(a, b);
    let mut numbers: Vec<_> = a.values().map(|label| label.0).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>(), "dense");
    assert_eq!(one.labels(crate::LabelId(0)).unwrap(), other.labels(crate::LabelId(0)).unwrap());
    let kinds = ["x-one", "x-two", "x-three"];
    for (n, kind) in (0u128..).zip(kinds) {
        let store = if n % 2 == 0 { &one } else { &other };
        let mut new = new_version(&**store, 1, 1, a[&0], 0);
        new.id = ObjectId::new(kind, uuid::Uuid::from_u128(n)).unwrap();
        stored(&**store, 1, &[new]);
    }
    for store in [&one, &other] {
        store.head().unwrap();
        let seen: Vec<_> =
            store.scan(Position::START, 9, false).unwrap().iter().map(|v| v.id.kind.to_string()).collect();
        assert_eq!(seen, kinds);
    }
}

/// Several writers that finish, abandon and undo at once, and readers on both sides: every reader sees the
/// same dense order, each batch whole, nothing twice and nothing skipped.
pub fn order_holds_under_concurrency(subject: &mut dyn Subject) {
    let one = subject.create();
    let Some(other) = subject.another() else { return };
    let label = label(&*one, "org-a", "green");
    let done = AtomicBool::new(false);
    let orders = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4u64)
            .map(|w| {
                let store = if w % 2 == 0 { &one } else { &other };
                scope.spawn(move || write(&**store, w, label))
            })
            .collect();
        let readers: Vec<_> = [&one, &other].map(|store| scope.spawn(|| follow(&**store, &done))).into_iter().collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::SeqCst);
        readers.into_iter().map(|reader| reader.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(orders[0].len() > 300);
    assert_eq!(orders[0], orders[1], "both saw the same order");
    assert_eq!(one.check().unwrap(), Vec::<String>::new());
    for info in one.batches(None, 1_000).unwrap().iter().filter(|info| info.state != BatchState::Undone) {
        assert!(matches!(info.last.0 - info.after.0, 0 | 6 | 9), "batch {} is whole", info.id);
    }
}

fn write(store: &dyn Store, writer: u64, label: crate::LabelId) {
    for round in 0..15u64 {
        let batch = store.begin(&start(1)).unwrap();
        let first = (writer * 100 + round) * 100;
        for part in 0..3 {
            let versions: Vec<_> = (0..3).map(|n| new_version(store, first + part * 3 + n, 1, label, round)).collect();
            let outcomes = store.append(batch, &versions, Found::default()).unwrap();
            assert_eq!(placed(&outcomes, Position::START)[0], fresh(part * 3 + 1));
        }
        if round % 5 == 4 {
            store.abandon(batch).unwrap();
            continue;
        }
        let info = store.finish(batch, &Counts::default(), at(1)).unwrap();
        assert!(store.head().unwrap().visible >= info.last, "who wrote reads it");
        assert_eq!(store.versions(&id(first)).unwrap().len(), 1);
        if round % 7 == 3 {
            store.undo(info.id, &start(2), at(2)).unwrap();
        }
    }
}

fn follow(store: &dyn Store, done: &AtomicBool) -> Vec<(u64, ObjectId)> {
    let mut seen: Vec<(u64, ObjectId)> = Vec::new();
    loop {
        let last_round = done.load(Ordering::SeqCst);
        let head = store.head().unwrap();
        let after = Position(seen.len() as u64);
        for row in store.scan(after, 7, true).unwrap() {
            assert_eq!(row.position.0, seen.len() as u64 + 1, "dense, in order");
            seen.push((row.position.0, row.id));
        }
        if last_round && seen.len() as u64 >= head.visible.0 {
            return seen;
        }
    }
}
