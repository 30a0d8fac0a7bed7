//! What one append leaves beside its versions for the processes that follow, as bytes.

use comity_store::{Found, LabelId, StoreError};

/// Spreads the log over the parts of a distributed engine: 4,096 neighbours of one batch, and 256 batches
/// begun one after another, stay together.
pub(crate) fn chunk(batch: u64, n: u64) -> i64 {
    mix((batch >> 8).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (n.saturating_sub(1) >> 12)).cast_signed()
}

/// The last of those that share a chunk with the n-th.
pub(crate) fn chunk_end(n: u64) -> u64 {
    ((n.saturating_sub(1) >> 12) + 1) << 12
}

/// The finaliser of SplitMix64: neighbours end far apart.
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Fingerprints one after another, eight bytes each.
pub(crate) fn pack_keys(keys: impl Iterator<Item = u64>) -> Vec<u8> {
    keys.flat_map(u64::to_le_bytes).collect()
}

pub(crate) fn unpack_keys(bytes: &[u8]) -> impl Iterator<Item = u64> + '_ {
    bytes.as_chunks::<8>().0.iter().map(|key| u64::from_le_bytes(*key))
}

/// Labels as runs of (how many, which).
pub(crate) fn pack_labels(labels: impl Iterator<Item = LabelId>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut run: Option<(u64, LabelId)> = None;
    for label in labels {
        match &mut run {
            Some((count, same)) if *same == label => *count += 1,
            _ => put_run(&mut out, run.replace((1, label))),
        }
    }
    put_run(&mut out, run);
    out
}

fn put_run(out: &mut Vec<u8>, run: Option<(u64, LabelId)>) {
    if let Some((count, label)) = run {
        put(out, count);
        put(out, u64::from(label.0));
    }
}

/// Exactly `count` labels.
pub(crate) fn unpack_labels(mut bytes: &[u8], count: usize) -> Result<Vec<LabelId>, StoreError> {
    let mut labels = Vec::with_capacity(count.min(1 << 20));
    while !bytes.is_empty() {
        let run = take(&mut bytes).and_then(|n| usize::try_from(n).ok());
        let label = take(&mut bytes).and_then(|n| u32::try_from(n).ok());
        let (Some(run), Some(label)) = (run.filter(|run| *run <= count - labels.len()), label) else {
            return Err(damaged());
        };
        labels.resize(labels.len() + run, LabelId(label));
    }
    if labels.len() == count { Ok(labels) } else { Err(damaged()) }
}

/// Values, then references, of the versions that were stored: for each (distance to the version of the one
/// before, fingerprint). `stored` gives the number among the stored ones of each version of the call.
pub(crate) fn pack_found(found: &Found<'_>, stored: &[Option<u32>]) -> Vec<u8> {
    let mut out = Vec::with_capacity((found.values.len() + found.references.len()) * 9 + 10);
    for entries in [found.values, found.references] {
        let placed = |(index, key): &(u32, u64)| {
            let place = usize::try_from(*index).ok().and_then(|index| stored.get(index).copied().flatten())?;
            Some((place, *key))
        };
        put(&mut out, entries.iter().filter_map(placed).count() as u64);
        let mut before = 0;
        for (place, key) in entries.iter().filter_map(placed) {
            put(&mut out, u64::from(place.wrapping_sub(before)));
            before = place;
            out.extend_from_slice(&key.to_le_bytes());
        }
    }
    out
}

/// (number among the stored versions, fingerprint) of values and of references.
pub(crate) type Entries = Vec<(u32, u64)>;

pub(crate) fn unpack_found(mut bytes: &[u8], count: u32) -> Result<(Entries, Entries), StoreError> {
    let values = unpack_entries(&mut bytes, count)?;
    let references = unpack_entries(&mut bytes, count)?;
    if bytes.is_empty() { Ok((values, references)) } else { Err(damaged()) }
}

fn unpack_entries(bytes: &mut &[u8], count: u32) -> Result<Entries, StoreError> {
    let number = take(bytes).and_then(|n| usize::try_from(n).ok()).ok_or_else(damaged)?;
    // An entry takes nine bytes at least: a false number cannot ask for more memory than came in.
    let mut entries = Vec::with_capacity(number.min(bytes.len() / 9));
    let mut place = 0_u32;
    for _ in 0..number {
        let step = take(bytes).and_then(|n| u32::try_from(n).ok()).ok_or_else(damaged)?;
        place = place.checked_add(step).filter(|place| *place < count).ok_or_else(damaged)?;
        let (key, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        entries.push((place, u64::from_le_bytes(*key)));
        *bytes = rest;
    }
    Ok(entries)
}

/// LEB128: seven bits a byte, the low ones first.
fn put(out: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        out.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return;
        }
    }
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

fn damaged() -> StoreError {
    StoreError::Damaged("what an append left for followers does not read back".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn neighbours_share_a_chunk_and_chunks_are_spread() {
        assert_eq!(chunk(5, 1), chunk(6, 4096));
        assert_ne!(chunk(5, 1), chunk(5, 4097));
        assert_ne!(chunk(5, 1), chunk(256, 1));
        assert_eq!([chunk_end(1), chunk_end(4096), chunk_end(4097)], [4096, 4096, 8192]);
        let negative = (0..1000).filter(|n| chunk(*n << 8, 1) < 0).count();
        assert!((400..600).contains(&negative), "{negative}");
    }

    #[test]
    fn what_was_not_stored_leaves_nothing() {
        let found = Found { reading: 1, values: &[(0, 10), (1, 11), (1, 12), (2, 13)], references: &[(2, 20)] };
        let packed = pack_found(&found, &[Some(0), None, Some(1)]);
        assert_eq!(unpack_found(&packed, 2).unwrap(), (vec![(0, 10), (1, 13)], vec![(1, 20)]));
        assert!(unpack_found(&packed, 1).is_err(), "an entry about a version that is not there");
    }

    proptest! {
        #[test]
        fn labels_come_back(labels in proptest::collection::vec(0u32..4, 0..300)) {
            let labels: Vec<_> = labels.into_iter().map(LabelId).collect();
            let packed = pack_labels(labels.iter().copied());
            prop_assert_eq!(unpack_labels(&packed, labels.len()).unwrap(), labels.clone());
            prop_assert!(unpack_labels(&packed, labels.len() + 1).is_err());
        }

        #[test]
        fn any_bytes_are_answered(bytes in proptest::collection::vec(any::<u8>(), 0..200), count in 0u32..50) {
            let _ = unpack_found(&bytes, count);
            let _ = unpack_labels(&bytes, 50);
        }

        #[test]
        fn entries_come_back(entries in proptest::collection::vec((0u32..500, any::<u64>()), 0..200)) {
            let mut entries = entries;
            entries.sort_unstable();
            let found = Found { reading: 1, values: &entries, references: &[] };
            let stored: Vec<_> = (0..500).map(Some).collect();
            let (values, references) = unpack_found(&pack_found(&found, &stored), 500).unwrap();
            prop_assert_eq!(values, entries);
            prop_assert!(references.is_empty());
        }
    }
}
