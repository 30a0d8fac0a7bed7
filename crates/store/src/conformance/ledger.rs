use super::Subject;
use super::build::{at, id, label, new_version, start};
use crate::{BatchStart, Change, Counts, Fence, KeptEntry, Log, NewEntry, Put, Store, StoreError};

fn entry(log: u32, text: &str) -> NewEntry {
    NewEntry { log, leaf: format!("leaf {text}").into_bytes(), opening: format!("opening {text}").into_bytes() }
}

fn told(store: &dyn Store) -> Vec<String> {
    let all = store.entries(0, 1_000, true).unwrap();
    assert!(all.iter().map(|entry| entry.number).eq(0..all.len() as u64), "dense");
    let text = |entry: &KeptEntry| String::from_utf8(entry.leaf.clone()).unwrap().replace("leaf ", "");
    all.iter().map(text).collect()
}

/// Entries keep their order and numbers over all logs; a log ends where the next begins, and never begins again.
pub fn entries_are_dense_and_logs_follow_each_other(subject: &mut dyn Subject) {
    let store = subject.create();
    assert_eq!(store.logs().unwrap(), []);
    assert_eq!(store.entries(0, 10, true).unwrap(), []);
    assert_eq!(store.log(&[entry(2026, "a"), entry(2026, "b")]).unwrap(), 0);
    assert_eq!(store.log(&[entry(2027, "c")]).unwrap(), 2);
    assert_eq!(store.log(&[entry(2026, "d, late"), entry(2027, "e")]).unwrap(), 3);
    let logs = [Log { log: 2026, first: 0, size: 2 }, Log { log: 2027, first: 2, size: 3 }];
    assert_eq!(store.logs().unwrap(), logs);
    let two = store.entries(1, 2, true).unwrap();
    let kept = |number, log, text: &str| {
        let NewEntry { leaf, opening, .. } = entry(log, text);
        KeptEntry { number, log, leaf, opening }
    };
    assert_eq!(two, [kept(1, 2026, "b"), kept(2, 2027, "c")]);
    let closed = store.entries(3, 10, false).unwrap();
    assert!(closed.iter().all(|entry| entry.opening.is_empty() && entry.log == 2027));
    let store = subject.reopen(store);
    assert_eq!((store.logs().unwrap(), told(&*store).len()), (logs.to_vec(), 5));
}

/// A setting and what the ledger says of it are there together or not at all.
pub fn settings_and_entries_are_written_together(subject: &mut dyn Subject) {
    let store = subject.create();
    let put = |key, expected, value| Put { key, expected, value };
    let change = |puts: &[Put<'_>], text: &str| {
        store.write(&Change { puts, entries: &[entry(2026, text)], ..Change::default() })
    };
    let written = change(&[put("a", None, b"1"), put("b", None, b"2")], "made").unwrap();
    assert_eq!((written.versions, written.first), (vec![1, 1], 0));
    // One of two has changed: neither is written, and nothing is told.
    let refused = change(&[put("a", Some(1), b"3"), put("b", Some(7), b"4")], "refused").unwrap_err();
    assert!(matches!(refused, StoreError::Changed(key) if key == "b"));
    assert_eq!(store.value("a").unwrap(), Some((1, b"1".to_vec())));
    let lost = Fence { lease: "nobody holds it".into(), token: 1 };
    let fenced = Change { fence: Some(&lost), entries: &[entry(2026, "fenced")], ..Change::default() };
    assert!(matches!(store.write(&fenced), Err(StoreError::Fenced { .. })));
    let soon =
        Change { puts: &[put("a", Some(1), b"5")], entries: &[entry(2026, "soon")], soon: true, ..Change::default() };
    assert_eq!(store.write(&soon).unwrap().versions, [2]);
    assert_eq!(told(&*store), ["made", "soon"]);
}

/// A batch and its entries become visible in one moment; what is given up, or killed, is told to nobody.
pub fn a_batch_and_its_entries_are_one(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let begin = |text: &str| BatchStart { entries: vec![entry(2026, text)], ..start(1) };
    let batch = store.begin(&begin("begun")).unwrap();
    store.append(batch, &[new_version(&*store, 1, 1, label, 0)], crate::Found::default()).unwrap();
    store.note(batch, &[entry(2026, "noted")]).unwrap();
    assert_eq!(told(&*store), [""; 0]);
    let done = store.finish(batch, &Counts::default(), at(2)).unwrap();
    assert_eq!(told(&*store), ["begun", "noted"]);
    assert!(store.note(batch, &[entry(2026, "late")]).is_err(), "it is finished");

    let given_up = store.begin(&begin("given up")).unwrap();
    store.abandon(given_up).unwrap();
    store.undo(batch, &begin("undone"), at(3)).unwrap();
    let refused = store.undo(batch, &begin("undone twice"), at(4));
    assert!(refused.is_err());
    store.withdraw(&[done.last], &begin("withdrawn"), at(5)).unwrap();
    assert!(store.withdraw(&[comity_base::Position(9_999)], &begin("of nothing"), at(6)).is_err());
    assert_eq!(told(&*store), ["begun", "noted", "undone", "withdrawn"]);
    let left_open = store.begin(&begin("killed")).unwrap();
    store.append(left_open, &[new_version(&*store, 2, 1, label, 0)], crate::Found::default()).unwrap();
    let store = subject.crash(store);
    assert_eq!(told(&*store).len(), 4);
    assert_eq!(store.versions(&id(2)).unwrap().len(), 0);
}

/// What is erased of an opening is gone; the leaf stays as it was.
pub fn openings_can_be_replaced_and_leaves_cannot(subject: &mut dyn Subject) {
    let store = subject.create();
    store.log(&[entry(2026, "a"), entry(2026, "b")]).unwrap();
    store.set_openings(&[(1, b"less".to_vec())]).unwrap();
    let kept = store.entries(0, 10, true).unwrap();
    assert_eq!((kept[0].opening.as_slice(), kept[1].opening.as_slice()), (&b"opening a"[..], &b"less"[..]));
    assert_eq!(told(&*store), ["a", "b"]);
    let refused = store.set_openings(&[(0, Vec::new()), (2, Vec::new())]);
    assert!(matches!(refused, Err(StoreError::NoEntry(2))));
    assert_eq!(store.entries(0, 1, true).unwrap()[0].opening, b"opening a", "all or none");
}

/// Many at once: every entry once, none lost, each writer's own in its order.
pub fn many_write_the_ledger_at_once(subject: &mut dyn Subject) {
    let store = subject.create();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for n in 0..25 {
                    store
                        .log(&[entry(2026, &format!("{writer}-{n:02}")), entry(2026, &format!("{writer}-{n:02}+"))])
                        .unwrap();
                }
            });
        }
    });
    let told = told(&*store);
    assert_eq!(told.len(), 200);
    for writer in 0..4 {
        let own: Vec<_> = told.iter().filter(|text| text.starts_with(&format!("{writer}-"))).collect();
        assert!(own.len() == 50 && own.is_sorted(), "{own:?}");
    }
}
