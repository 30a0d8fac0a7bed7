use comity_base::Position;

use super::Subject;
use super::build::{at, body, id, label, new_version, revised, start, stored};
use crate::{Counts, Found, NewVersion, Op, Original, OriginalId, Store, StoreError};

/// Erased bodies are gone and their rows stay; what was not withdrawn cannot be erased.
pub fn erased_bodies_are_gone_and_their_rows_stay(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let versions: Vec<_> = (0..4).map(|n| new_version(&*store, n, 1, label, n)).collect();
    let (info, _) = stored(&*store, 1, &versions);
    store.withdraw(&[1, 2].map(Position), &start(2), at(2)).unwrap();
    let before = store.scan(Position::START, 10, true).unwrap();
    for wrong in [0, 3, 5, 99].map(Position) {
        let refused = store.erase(&[Position(1), wrong]).unwrap_err();
        assert!(matches!(refused, StoreError::NotWithdrawn(position) if position == wrong), "{wrong}: {refused}");
    }
    assert_eq!(store.scan(Position::START, 10, true).unwrap(), before, "nothing was erased");
    assert_eq!(store.erase(&[]).unwrap(), 0);
    assert_eq!(store.erase(&[2, 2].map(Position)).unwrap(), 1, "how many were there");
    store = subject.crash(store);
    assert_eq!(store.erase(&[2, 1].map(Position)).unwrap(), 1);
    assert_eq!(store.erase(&[2, 1].map(Position)).unwrap(), 0);
    let after = store.scan(Position::START, 10, true).unwrap();
    for (before, after) in before.iter().zip(&after) {
        let erased = before.position.0 < 3;
        let expected = if erased || before.op != Op::Put { Vec::new() } else { before.raw.to_vec() };
        assert_eq!(*after.raw, *expected);
        assert_eq!((&after.id, after.op, after.label, after.modified), (&before.id, before.op, before.label, at(1)));
        assert_eq!(store.get(&[after.position]).unwrap(), [Some(after.clone())]);
    }
    let undo = store.undo(info.id, &start(3), at(3)).unwrap().by;
    store.undo(undo.id, &start(4), at(4)).unwrap();
    let (_, outcomes) = stored(&*store, 5, &versions[..1]);
    assert_eq!(outcomes, [revised(15)], "the same bytes are a new version");
    assert_eq!(*store.get(&[Position(15)]).unwrap()[0].as_ref().unwrap().raw, *body(&id(0), 0));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

/// The bytes of a kept original go with the last of its versions, and not before.
pub fn a_kept_original_goes_with_the_last_of_its_versions(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let label = label(&*store, "org-a", "green");
    let batch = store.begin(&start(1)).unwrap();
    let [one, two] = [b"first document, two objects", b"other document, one object!"].map(|bytes| {
        let new = Original {
            id: OriginalId(0),
            name: "feed".into(),
            format: "csv".into(),
            sha256: [0; 32],
            bytes: 0,
            kept: true,
        };
        let original = store.add_original(batch, &new).unwrap();
        store.keep(original, bytes).unwrap();
        store.seal_original(original, &comity_crypto::sha256(bytes), bytes.len() as u64).unwrap();
        original
    });
    let from = |n, source| NewVersion { source, ..new_version(&*store, n, 1, label, 0) };
    store.append(batch, &[from(0, one), from(1, one), from(2, two)], Found::default()).unwrap();
    store.finish(batch, &Counts::default(), at(1)).unwrap();
    let digest = comity_crypto::sha256(b"first document, two objects");
    assert_eq!(store.find_original("org-a", &digest).unwrap(), Some(batch));
    store.withdraw(&[Position(1)], &start(2), at(2)).unwrap();
    assert_eq!(store.find_original("org-a", &digest).unwrap(), None, "it can be brought in again");
    assert_eq!(store.erase(&[Position(1)]).unwrap(), 1);
    assert_eq!(read(&*store, one).as_deref(), Some(&b"first document, two objects"[..]), "another version needs it");
    store.withdraw(&[Position(2)], &start(3), at(3)).unwrap();
    assert!(read(&*store, one).is_some(), "withdrawing alone keeps it");
    assert_eq!(store.erase(&[Position(1)]).unwrap(), 0);
    store = subject.crash(store);
    assert_eq!(read(&*store, one), None, "nothing needs it any more");
    let originals = store.originals(batch).unwrap();
    let told: Vec<_> = originals.iter().map(|o| (o.id, o.kept, o.bytes, o.sha256 == [0; 32])).collect();
    assert_eq!(told, [(one, false, 27, true), (two, true, 27, false)]);
    assert!(read(&*store, two).is_some());
    let other = comity_crypto::sha256(b"other document, one object!");
    assert_eq!(store.find_original("org-a", &other).unwrap(), Some(batch));
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

fn read(store: &dyn Store, original: OriginalId) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    match store.read_original(original, &mut bytes) {
        Ok(()) => Some(bytes),
        Err(StoreError::NoOriginal(id)) => {
            assert_eq!(id, original);
            None
        }
        Err(error) => panic!("{error}"),
    }
}
