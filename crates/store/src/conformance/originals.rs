use super::Subject;
use super::build::{at, start};
use crate::{BatchId, Counts, Original, OriginalId, Rejected, StoreError};

/// Kept documents come back byte for byte, are found by digest while their batch counts, and are gone with a void batch.
pub fn originals_come_back_exactly(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let bytes: Vec<u8> =
        (0u32..700_000).flat_map(|n| (n.wrapping_mul(2_654_435_761) >> (n % 20)).to_le_bytes()).collect();
    let batch = store.begin(&start(1)).unwrap();
    let first = store.add_original(batch, &original("a.json", true)).unwrap();
    let second = store.add_original(batch, &original("b.csv", true)).unwrap();
    let named = store.add_original(batch, &original("c.stix", false)).unwrap();
    for part in bytes.chunks(123_457) {
        store.keep(first, part).unwrap();
        store.keep(second, &part[..1]).unwrap();
    }
    assert!(matches!(store.seal_original(first, &[7; 32], 1), Err(StoreError::Damaged(_))), "the length must be right");
    store.seal_original(first, &[7; 32], bytes.len() as u64).unwrap();
    store.seal_original(second, &[8; 32], bytes.chunks(123_457).len() as u64).unwrap();
    assert_eq!(store.find_original("org-a", &[7; 32]).unwrap(), None, "the batch is still open");
    store.finish(batch, &Counts::default(), at(1)).unwrap();
    store = subject.crash(store);
    let mut back = Vec::new();
    store.read_original(first, &mut back).unwrap();
    assert!(back == bytes, "{} bytes of {}", back.len(), bytes.len());
    assert!(matches!(store.read_original(named, &mut back), Err(StoreError::NoOriginal(_))));
    let listed = store.originals(batch).unwrap();
    assert_eq!(
        listed.iter().map(|o| (o.name.as_str(), o.kept)).collect::<Vec<_>>(),
        [("a.json", true), ("b.csv", true), ("c.stix", false)]
    );
    assert_eq!((listed[0].id, listed[0].bytes, listed[0].sha256), (first, bytes.len() as u64, [7; 32]));
    assert_eq!(store.find_original("org-a", &[7; 32]).unwrap(), Some(batch));
    assert_eq!(store.find_original("org-b", &[7; 32]).unwrap(), None);
    assert_eq!(store.find_original("org-a", &[0; 32]).unwrap(), None);
    store.undo(batch, &start(2), at(2)).unwrap();
    assert_eq!(store.find_original("org-a", &[7; 32]).unwrap(), None, "taken back");
    void_originals_are_gone(subject, store);
}

fn void_originals_are_gone(subject: &mut dyn Subject, store: std::sync::Arc<dyn crate::Store>) {
    let batch = store.begin(&start(3)).unwrap();
    let lost = store.add_original(batch, &original("lost", true)).unwrap();
    store.keep(lost, &vec![1; 3 << 20]).unwrap();
    store.seal_original(lost, &[9; 32], 3 << 20).unwrap();
    let store = subject.crash(store);
    assert!(matches!(store.read_original(lost, &mut Vec::new()), Err(StoreError::NoOriginal(_))));
    assert_eq!(store.find_original("org-a", &[9; 32]).unwrap(), None);
    assert_eq!(store.originals(batch).unwrap(), []);
}

fn original(name: &str, kept: bool) -> Original {
    Original { id: OriginalId(0), name: name.into(), format: "text".into(), sha256: [0; 32], bytes: 0, kept }
}

/// Rejected items are kept with their reason and can be marked as repaired.
pub fn rejected_items_are_listed_and_repaired(subject: &mut dyn Subject) {
    let mut store = subject.create();
    let batch = store.begin(&start(1)).unwrap();
    let items: Vec<_> = (0..3).map(|index| rejected(batch, index)).collect();
    store.reject(batch, &items[..2]).unwrap();
    store.reject(batch, &items[2..]).unwrap();
    assert_eq!(store.rejected(None).unwrap(), [], "not before the batch is finished");
    store.finish(batch, &Counts::default(), at(1)).unwrap();
    let repair = store.begin(&start(2)).unwrap();
    store.finish(repair, &Counts::default(), at(2)).unwrap();
    store.mark_repaired(batch, 1, repair).unwrap();
    assert!(store.mark_repaired(batch, 9, repair).is_err());
    let lost = store.begin(&start(3)).unwrap();
    store.reject(lost, &[rejected(lost, 0)]).unwrap();
    store = subject.crash(store);
    let mut expected = items;
    expected[1].repaired_by = Some(repair);
    assert_eq!(store.rejected(Some(batch)).unwrap(), expected);
    assert_eq!(store.rejected(None).unwrap(), expected);
    assert_eq!(store.rejected(Some(repair)).unwrap(), []);
    // Their bytes can be forgotten; that they were there, and why, stays.
    assert_eq!(store.forget_rejected(batch).unwrap(), 3);
    assert_eq!(store.forget_rejected(batch).unwrap(), 0);
    store = subject.crash(store);
    for item in &mut expected {
        item.item.clear();
    }
    assert_eq!(store.rejected(Some(batch)).unwrap(), expected);
}

fn rejected(batch: BatchId, index: u64) -> Rejected {
    Rejected {
        batch,
        index,
        file: "feed.json".into(),
        offset: 100 * index,
        code: "json-broken".into(),
        reason: "A string is not closed.".into(),
        item: vec![b'{'; 5],
        repaired_by: None,
    }
}

/// A setting is written only by someone who saw its newest version.
pub fn settings_compare_and_set(subject: &mut dyn Subject) {
    let mut store = subject.create();
    assert_eq!(store.value("peer/b").unwrap(), None);
    let one = store.put("peer/b", None, b"1").unwrap();
    assert!(matches!(store.put("peer/b", None, b"2"), Err(StoreError::Changed(key)) if key == "peer/b"));
    let two = store.put("peer/b", Some(one), b"2").unwrap();
    assert!(store.put("peer/b", Some(one), b"3").is_err());
    assert!(store.put("peer/a", Some(1), b"3").is_err());
    for key in ["peer/a", "peer0", "peer", "other"] {
        store.put(key, None, key.as_bytes()).unwrap();
    }
    store = subject.crash(store);
    assert_eq!(store.value("peer/b").unwrap(), Some((two, b"2".to_vec())));
    let keys: Vec<_> = store.values("peer/").unwrap();
    assert_eq!(keys, [("peer/a".to_owned(), b"peer/a".to_vec()), ("peer/b".to_owned(), b"2".to_vec())]);
    assert_eq!(store.values("").unwrap().len(), 5);
}
