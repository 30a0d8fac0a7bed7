//! Tables of answers by small numbers.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// Answers by number, at most so many: a full table is emptied. Who sends labels chooses among a few facts, so
/// the number itself needs no protection against collisions.
#[derive(Debug)]
pub(crate) struct Table<T>(HashMap<u64, T, BuildHasherDefault<Mixer>>);

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<T> Table<T> {
    const MOST: usize = 65_536;

    pub(crate) fn get(&self, key: u64) -> Option<&T> {
        self.0.get(&key)
    }

    pub(crate) fn put(&mut self, key: u64, value: T) {
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        self.0.insert(key, value);
    }
}

/// A hasher for one number of 64 bits.
#[derive(Default)]
pub(crate) struct Mixer(u64);

impl Hasher for Mixer {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = mix(self.0 ^ number);
    }
}

/// Spreads a number over all bits (the finisher of splitmix64).
const fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// The last answers, yes or no, without a lock: one word a place, in which key and answer stand together.
#[derive(Debug)]
pub(crate) struct Recent(Box<[AtomicU64]>);

impl Recent {
    const PLACES: usize = 4_096;

    pub(crate) fn new() -> Self {
        Self((0..Self::PLACES).map(|_| AtomicU64::new(0)).collect())
    }

    /// Keys have at most 62 bits.
    pub(crate) fn get(&self, key: u64) -> Option<bool> {
        let word = self.place(key)?.load(Ordering::Relaxed);
        (word >> 2 == key && word & 1 == 1).then_some(word & 2 == 2)
    }

    pub(crate) fn put(&self, key: u64, answer: bool) {
        if let Some(place) = self.place(key) {
            place.store(key << 2 | u64::from(answer) << 1 | 1, Ordering::Relaxed);
        }
    }

    fn place(&self, key: u64) -> Option<&AtomicU64> {
        self.0.get(usize::try_from(mix(key) >> 32).ok()? % Self::PLACES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_answers_are_the_ones_put() {
        let recent = Recent::new();
        assert_eq!(recent.get(0), None, "nothing is not an answer");
        for key in 0..40_000 {
            recent.put(key, key % 3 == 0);
            assert_eq!(recent.get(key), Some(key % 3 == 0));
        }
        let kept = (0..40_000).filter(|key| recent.get(*key).is_some()).count();
        assert!(kept <= Recent::PLACES && kept > Recent::PLACES / 2);
        assert!((0..40_000).all(|key| recent.get(key).is_none_or(|answer| answer == (key % 3 == 0))));
    }

    #[test]
    fn a_full_table_is_emptied() {
        let mut table = Table::default();
        for key in 0..=u64::try_from(Table::<u8>::MOST).unwrap() {
            table.put(key, 1u8);
        }
        assert_eq!((table.get(0), table.get(65_536)), (None, Some(&1)));
    }
}
