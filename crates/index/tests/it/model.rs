use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
};

use comity_base::Position;
use comity_index::{Index, Options, significant};
use proptest::prelude::*;

/// What an index must answer: every batch ever applied, in order, and the map they make.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    batches: Vec<(Vec<(u64, Position)>, Position)>,
}

impl Model {
    pub(crate) fn push(&mut self, entries: Vec<(u64, Position)>, up_to: Position) {
        self.batches.push((entries, up_to));
    }

    pub(crate) fn end(&self) -> Position {
        self.batches.last().map_or(Position::START, |(_, up_to)| *up_to)
    }

    /// Applies everything again, as an owner does after a restart.
    pub(crate) fn replay(&self, index: &Index) {
        for (entries, up_to) in &self.batches {
            index.apply(entries, *up_to).unwrap();
        }
    }

    pub(crate) fn map(&self, up_to: Position) -> BTreeMap<u64, Vec<Position>> {
        let mut map: BTreeMap<u64, BTreeSet<Position>> = BTreeMap::new();
        for (fingerprint, position) in self.batches.iter().flat_map(|(entries, _)| entries) {
            if *position <= up_to {
                map.entry(significant(*fingerprint)).or_default().insert(*position);
            }
        }
        map.into_iter().map(|(fingerprint, positions)| (fingerprint, positions.into_iter().collect())).collect()
    }

    /// Compares every kind of answer, for what is there and for neighbours that are not.
    pub(crate) fn check(&self, index: &Index) {
        let map = self.map(index.applied());
        for (fingerprint, positions) in &map {
            assert!(index.contains(*fingerprint) && index.contains(fingerprint | 0x3FF));
            assert_eq!(index.count(*fingerprint), positions.len() as u64);
            assert_eq!(index.newest(*fingerprint), positions.last().copied());
            assert_eq!(index.positions(*fingerprint, usize::MAX), *positions);
            let three = positions.len().min(3);
            assert_eq!(index.positions(*fingerprint, 3), positions[..three]);
        }
        let around: Vec<u64> = map
            .keys()
            .flat_map(|there| [*there, there.wrapping_add(1 << 11), there.wrapping_sub(1 << 11), !there])
            .collect();
        let mut known = vec![true; 7];
        index.contains_many(&around, &mut known);
        let expected: Vec<bool> =
            around.iter().map(|fingerprint| map.contains_key(&significant(*fingerprint))).collect();
        assert_eq!(known, expected);
        for (fingerprint, known) in around.iter().zip(expected) {
            assert_eq!(index.contains(*fingerprint), known);
            assert_eq!(index.count(*fingerprint) > 0, known);
        }
        for (least, cap) in [(1, usize::MAX), (2, 3)] {
            let mut scanned = Vec::new();
            index.scan_shared(least, cap, &mut |shared| {
                scanned.push((shared.fingerprint, shared.count, shared.positions.to_vec()));
                ControlFlow::Continue(())
            });
            let often = map.iter().filter(|(_, positions)| positions.len() as u64 >= least);
            let expected: Vec<_> =
                often.map(|(there, all)| (*there, all.len() as u64, all[..all.len().min(cap)].to_vec())).collect();
            assert_eq!(scanned, expected);
        }
    }
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Vec<(u64, u64)>, u64),
    Flush,
    Reopen,
    Clear,
}

/// Fingerprints from a small set, some scattered, some crowded into one line, some alike in all that is kept.
fn fingerprint() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => (0..40_u64).prop_map(|number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15)),
        1 => (0..300_u64).prop_map(|number| number << 11),
        1 => (0..300_u64).prop_map(|number| !(number << 11)),
        1 => 0..2000_u64,
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (proptest::collection::vec((fingerprint(), 1..20_u64), 0..60), 20..30_u64)
            .prop_map(|(entries, length)| Step::Apply(entries, length)),
        2 => Just(Step::Flush),
        2 => Just(Step::Reopen),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn answers_as_a_map_would_through_flushes_merges_and_restarts(
        delta_entries in 1..200_u64,
        steps in proptest::collection::vec(step(), 1..30),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { delta_entries, ..Options::new(7) };
        let mut index = Index::open(folder.path(), options).unwrap();
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Apply(entries, length) => {
                    let start = model.end().0;
                    let entries: Vec<_> =
                        entries.into_iter().map(|(fingerprint, offset)| (fingerprint, Position(start + offset))).collect();
                    let up_to = Position(start + length);
                    index.apply(&entries, up_to).unwrap();
                    model.push(entries, up_to);
                    prop_assert_eq!(index.applied(), up_to);
                }
                Step::Flush => {
                    index.flush().unwrap();
                    prop_assert_eq!(index.covered(), index.applied());
                }
                Step::Reopen => {
                    let covered = index.covered();
                    drop(index);
                    index = Index::open(folder.path(), options).unwrap();
                    prop_assert!(index.covered() >= covered);
                    prop_assert_eq!(index.applied(), index.covered());
                    model.check(&index);
                    model.replay(&index);
                }
                Step::Clear => {
                    index.clear().unwrap();
                    model = Model::default();
                    prop_assert_eq!(index.applied(), Position::START);
                }
            }
            model.check(&index);
        }
        prop_assert_eq!(index.stats().failure, None);
    }
}

#[test]
fn a_batch_that_reaches_beyond_its_end_is_refused_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path(), Options { delta_entries: 100, ..Options::new(7) }).unwrap();
    assert!(index.apply(&[(1 << 20, Position(1)), (2 << 20, Position(3))], Position(2)).is_err());
    assert!(index.apply(&[], Position(1 << 63)).is_err());
    assert_eq!((index.applied(), index.contains(1 << 20)), (Position::START, false));
}

#[test]
fn a_batch_that_was_applied_in_part_adds_only_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path(), Options { delta_entries: 100, ..Options::new(7) }).unwrap();
    let entries = [3, 1, 2, 4, 2].map(|position| (5 << 20, Position(position)));
    index.apply(&entries[1..3], Position(2)).unwrap();
    index.apply(&entries, Position(4)).unwrap();
    assert_eq!(index.positions(5 << 20, 10), [1, 2, 3, 4].map(Position));
}

#[test]
fn batches_without_entries_still_advance_what_is_covered() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { delta_entries: 100, ..Options::new(7) };
    let index = Index::open(folder.path(), options).unwrap();
    for end in 1..=10 {
        index.apply(&[], Position(end * 1000)).unwrap();
        index.flush().unwrap();
    }
    drop(index);
    let index = Index::open(folder.path(), options).unwrap();
    assert_eq!((index.covered(), index.stats().entries), (Position(10_000), 0));
}

#[test]
fn fingerprints_of_another_key_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open(folder.path(), Options::new(7)).unwrap();
    index.apply(&[(1 << 20, Position(1))], Position(1)).unwrap();
    index.flush().unwrap();
    drop(index);
    let index = Index::open(folder.path(), Options::new(8)).unwrap();
    assert_eq!((index.covered(), index.contains(1 << 20)), (Position::START, false));
    assert_eq!(index.stats().segments, 0);
}
