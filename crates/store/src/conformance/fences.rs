use super::Subject;
use super::build::{at, label, new_version, start, visible};
use crate::{BatchStart, Counts, Fence, Found, StoreError, Tenure, lease_key};

/// Who lost a lease to somebody else can finish nothing that was begun under it.
pub fn work_under_a_lost_lease_is_refused(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let key = lease_key("follow feeds");
    let fence = |token| Fence { lease: "follow feeds".into(), token };
    let under = |token| BatchStart { fence: Some(fence(token)), ..start(1) };
    assert!(matches!(store.begin(&under(1)), Err(StoreError::Fenced { .. })), "nobody holds it yet");
    let mine = Tenure::first("a");
    let seen = store.put(&key, None, &mine.to_bytes()).unwrap();
    store.put_under(Some(&fence(1)), "cursor", None, b"1").unwrap();
    let batch = store.begin(&under(1)).unwrap();
    store.append(batch, &[new_version(&*store, 1, 1, label, 0)], Found::default()).unwrap();
    let theirs = mine.next("b");
    store.put(&key, Some(seen), &theirs.to_bytes()).unwrap();
    let cursor = store.put_under(Some(&fence(1)), "cursor", Some(1), b"2");
    assert!(matches!(cursor, Err(StoreError::Fenced { lease }) if lease == "follow feeds"));
    assert_eq!(store.value("cursor").unwrap().unwrap().1, b"1", "nothing of it was kept");
    let finished = store.finish(batch, &Counts::default(), at(2));
    assert!(matches!(finished, Err(StoreError::Fenced { .. })), "{finished:?}");
    assert!(visible(&*store).is_empty());
    store.abandon(batch).unwrap();
    let batch = store.begin(&under(2)).unwrap();
    store.finish(batch, &Counts::default(), at(3)).unwrap();
    store.put_under(Some(&fence(2)), "cursor", Some(1), b"2").unwrap();
}
