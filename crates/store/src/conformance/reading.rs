use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use comity_base::Position;

use super::Subject;
use super::build::{at, body, id, label, new_version, start, stored, visible};
use crate::{Counts, Found, LabelId, Op, OriginalId, Outcome, Store, Version};

/// Pages follow each other without loss or repeat, with the exact bytes when asked for.
pub fn scan_pages_in_order(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..25).map(|n| new_version(&*store, n, 1, label, n)).collect();
    stored(&*store, 1, &versions);
    let (mut after, mut seen) = (Position::START, Vec::new());
    loop {
        let page = store.scan(after, 10, true).unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        seen.extend(page);
    }
    assert_eq!(seen.iter().map(|v| v.position.0).collect::<Vec<_>>(), (1..=25).collect::<Vec<_>>());
    for (n, version) in (0..).zip(&seen) {
        let expected = Version {
            position: Position(n + 1),
            id: id(n),
            modified: at(1),
            label,
            op: Op::Put,
            source: OriginalId(0),
            offset: n,
            raw: body(&id(n), n).into(),
        };
        assert_eq!(*version, expected);
    }
    let asked = [Position(7), Position(99), Position(3), Position(0)];
    let got = store.get(&asked).unwrap();
    assert_eq!(got, [Some(seen[6].clone()), None, Some(seen[2].clone()), None]);
    assert!(store.scan(Position(3), 2, false).unwrap().iter().all(|v| v.raw.is_empty()));
    assert_eq!(store.scan(Position::END, 2, false).unwrap(), []);
}

/// Every row about an id is found, whoever owns it; other ids are not.
pub fn versions_of_one_id(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let labels = ["org-a", "org-b"].map(|owner| label(&*store, owner, "green"));
    for round in 1..5 {
        let versions: Vec<_> = (0..9).flat_map(|n| labels.map(|l| new_version(&*store, n, round, l, 0))).collect();
        stored(&*store, round, &versions);
    }
    store = subject.reopen(store);
    for n in 0..9 {
        let found = store.versions(&id(n)).unwrap();
        assert_eq!(found.len(), 8);
        assert!(found.is_sorted_by_key(|v| v.position) && found.iter().all(|v| v.id == id(n) && v.raw.is_empty()));
    }
    assert_eq!(store.versions(&id(77)).unwrap(), []);
}

/// Equal labels have one number, in this process and the next.
pub fn labels_are_interned_once(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let texts = ["{\"owner\":\"org-a\"}", "{\"owner\":\"org-b\"}", "{\"owner\":\"org-a\",\"tlp\":\"red\"}"];
    for _ in 0..2 {
        let ids: Vec<_> = texts.iter().map(|t| store.intern_label(t).unwrap().0).collect();
        assert_eq!(ids, [1, 2, 3]);
        store = subject.crash(store);
    }
    let listed = store.labels(LabelId(1)).unwrap();
    assert_eq!(listed, [(LabelId(2), Arc::from(texts[1])), (LabelId(3), Arc::from(texts[2]))]);
}

/// Readers beside a writer see whole batches and never a position before all below it.
pub fn readers_never_see_a_gap(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2).map(|_| scope.spawn(|| watch(&*store, &done))).collect();
        for round in 0..30 {
            let batch = store.begin(&start(round)).unwrap();
            for part in 0..2 {
                let first = u64::try_from(round).unwrap() * 10 + part * 5;
                let versions: Vec<_> = (first..first + 5).map(|n| new_version(&*store, n, 1, label, 0)).collect();
                store.append(batch, &versions, Found::default()).unwrap();
            }
            store.finish(batch, &Counts::default(), at(round)).unwrap();
        }
        done.store(true, Ordering::SeqCst);
        let looked: usize = readers.into_iter().map(|r| r.join().unwrap()).sum();
        assert!(looked > 0, "the readers must have seen something to prove anything");
    });
    assert_eq!(visible(&*store).len(), 300);
}

fn watch(store: &dyn Store, done: &AtomicBool) -> usize {
    let mut looked = 0;
    loop {
        let last_round = done.load(Ordering::SeqCst);
        let head = store.head().unwrap();
        let rows = visible(store);
        assert_eq!(rows, (1..=rows.len() as u64).collect::<Vec<_>>(), "dense from the first");
        assert_eq!(rows.len() % 10, 0, "whole batches only");
        assert!(rows.len() as u64 >= head.visible.0, "what the head promised is there");
        if let Some(last) = rows.last() {
            assert!(store.get(&[Position(*last)]).unwrap()[0].is_some());
            assert_eq!(store.versions(&id(last - 1)).unwrap().len(), 1, "found by id as soon as visible");
            looked += 1;
        }
        if last_round {
            return looked;
        }
    }
}

/// A store that was used normally has nothing wrong with it.
pub fn the_check_finds_nothing(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..40).map(|n| new_version(&*store, n, 1, label, n)).collect();
    let (info, outcomes) = stored(&*store, 1, &versions);
    assert!(outcomes.iter().all(|o| matches!(o, Outcome::Added { revised: false, .. })));
    store.undo(info.id, &start(2), at(2)).unwrap();
    store = subject.crash(store);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
