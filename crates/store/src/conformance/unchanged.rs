use super::Subject;
use super::build::{at, fresh, id, label, new_version, placed, revised, start, stored, unchanged};
use crate::Found;
use comity_base::Position;

/// Sending a version again stores nothing, in this process or the next.
pub fn the_same_bytes_are_stored_once(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..20).map(|n| new_version(&*store, n, 1, label, 0)).collect();
    stored(&*store, 1, &versions);
    for again in 0..2 {
        let (info, outcomes) = stored(&*store, 2 + again, &versions);
        assert_eq!(outcomes, (1..=20).map(unchanged).collect::<Vec<_>>());
        assert_eq!(info.after, info.last);
        store = subject.reopen(store);
    }
    let (_, outcomes) =
        stored(&*store, 9, &[new_version(&*store, 3, 1, label, 7), new_version(&*store, 3, 2, label, 0)]);
    assert_eq!(outcomes, [revised(21), revised(22)], "other bytes and another modified are new versions");
    let (_, outcomes) = stored(&*store, 10, &versions[3..4]);
    assert_eq!(outcomes, [revised(23)], "for modified 1 the newest bytes were others");
}

/// Repeats are seen within one call and across the calls of one batch.
pub fn within_one_batch_too(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let one = new_version(&*store, 1, 1, label, 0);
    let two = new_version(&*store, 1, 1, label, 1);
    let batch = store.begin(&start(1)).unwrap();
    let append = |versions: &[_]| placed(&store.append(batch, versions, Found::default()).unwrap(), Position::START);
    let outcomes = append(&[one.clone(), one.clone(), two.clone(), two.clone(), one.clone()]);
    assert_eq!(outcomes, [fresh(1), unchanged(1), revised(2), unchanged(2), revised(3)]);
    assert_eq!(append(&[one, two]), [unchanged(3), revised(4)]);
}

/// Two owners that send the same id do not touch each other's versions; one owner's new label is a new version.
pub fn owners_keep_separate_lines(subject: &mut dyn Subject) {
    let store = subject.create();
    let [a, b, closed] = [("org-a", "green"), ("org-b", "green"), ("org-a", "red")].map(|(o, t)| label(&*store, o, t));
    let of = |label| new_version(&*store, 1, 1, label, 0);
    let (_, outcomes) = stored(&*store, 1, &[of(a), of(b), of(a), of(b)]);
    assert_eq!(outcomes, [fresh(1), revised(2), unchanged(1), unchanged(2)]);
    let (_, outcomes) = stored(&*store, 2, &[of(closed), of(b), of(closed), of(a)]);
    assert_eq!(outcomes, [revised(3), unchanged(2), unchanged(3), revised(4)]);
}

/// An older `modified` that arrives late is kept once, and the newer one stays known.
pub fn an_older_version_may_arrive_late(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let (old, new) = (new_version(&*store, 1, 1, label, 1), new_version(&*store, 1, 2, label, 2));
    stored(&*store, 1, std::slice::from_ref(&new));
    let (_, outcomes) = stored(&*store, 2, &[old.clone(), new.clone(), old]);
    assert_eq!(outcomes, [revised(2), unchanged(1), unchanged(2)]);
    let modified: Vec<_> = store.versions(&id(1)).unwrap().iter().map(|v| v.modified).collect();
    assert_eq!(modified, [at(2), at(1)], "in position order");
}

/// A version that was taken back counts as new when it is sent again.
pub fn what_was_taken_back_can_come_again(subject: &mut dyn Subject) {
    let store = subject.create();
    let label = label(&*store, "org-a", "green");
    let one = [new_version(&*store, 1, 1, label, 0)];
    let (first, _) = stored(&*store, 1, &one);
    let by = store.undo(first.id, &start(2), at(2)).unwrap().by;
    let (again, outcomes) = stored(&*store, 3, &one);
    assert_eq!(outcomes, [revised(3)]);
    store.undo(again.id, &start(4), at(4)).unwrap();
    store.undo(by.id, &start(5), at(5)).unwrap();
    let (_, outcomes) = stored(&*store, 6, &one);
    assert_eq!(outcomes, [unchanged(1)], "the first was restored");
}
