use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::{
    layout::at,
    mapping::{SharedMemory, prefetch},
};

/// The newest entries, in memory: one writer adds while any number of readers look, without locks.
///
/// A table of (key, value) pairs with linear probing. A value is one position or, with its top bit set, the place of a
/// list in the arena. Nothing is ever removed or moved, so what a reader has once seen it sees again.
///
/// A list is a word that tells its end, and the first block: a link and six positions. Further blocks are a link and 7,
/// 15, 31 ... 1023 positions. Everything is written before the end or the value that makes it visible, and the count
/// and the newest position are both taken from the end, so they never contradict each other.
#[derive(Debug)]
pub(crate) struct Delta {
    /// Every position in here lies after this one.
    pub(crate) from: u64,
    /// Complete up to here; set when frozen.
    to: AtomicU64,
    capacity: u64,
    shift: u32,
    table: SharedMemory,
    arena: SharedMemory,
    used: AtomicU64,
    keys: AtomicU64,
    postings: AtomicU64,
}

/// The arena has no room left: a fault of the sizing, never of the data.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Full;

impl Delta {
    /// Room for `capacity` postings of as many keys.
    pub(crate) fn new(from: u64, capacity: u64) -> io::Result<Self> {
        let capacity = capacity.max(64);
        let slots = (capacity + capacity / 3 + 1).next_power_of_two();
        Ok(Self {
            from,
            to: AtomicU64::new(from),
            capacity,
            shift: u64::BITS - slots.trailing_zeros(),
            table: SharedMemory::anonymous(at(slots.saturating_mul(16)))?,
            arena: SharedMemory::anonymous(at(capacity.saturating_add(4).saturating_mul(4 * 8)))?,
            used: AtomicU64::new(0),
            keys: AtomicU64::new(0),
            postings: AtomicU64::new(0),
        })
    }

    pub(crate) fn to(&self) -> u64 {
        self.to.load(Ordering::Acquire)
    }

    pub(crate) fn close_at(&self, to: u64) {
        self.to.store(to, Ordering::Release);
    }

    /// How many more postings are sure to fit.
    pub(crate) fn room(&self) -> u64 {
        self.capacity.saturating_sub(self.postings())
    }

    pub(crate) fn keys(&self) -> u64 {
        self.keys.load(Ordering::Acquire)
    }

    pub(crate) fn postings(&self) -> u64 {
        self.postings.load(Ordering::Acquire)
    }

    pub(crate) fn bytes(&self) -> u64 {
        (self.table.len() + self.arena.len()) as u64
    }

    /// Fetches the place of `key` ahead of its use.
    #[inline]
    pub(crate) fn prefetch(&self, key: u64) {
        if let Some(word) = self.table.words().get(self.start(key)) {
            prefetch(word);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, key: u64) -> bool {
        self.find(key).is_some()
    }

    pub(crate) fn count(&self, key: u64) -> u64 {
        self.find(key).map_or(0, |value| self.count_of(value))
    }

    pub(crate) fn newest(&self, key: u64) -> Option<u64> {
        let value = self.find(key)?;
        Some(if value & LIST == 0 { value } else { self.load(self.end(value & !LIST).newest()) })
    }

    /// The positions of `key`, ascending.
    pub(crate) fn positions(&self, key: u64) -> Positions<'_> {
        match self.find(key) {
            Some(value) => self.positions_of(value),
            None => Positions { delta: self, one: None, left: 0, block: 0, within: 0, ordinal: 0 },
        }
    }

    pub(crate) fn count_of(&self, value: u64) -> u64 {
        if value & LIST == 0 { 1 } else { self.end(value & !LIST).count() }
    }

    pub(crate) fn positions_of(&self, value: u64) -> Positions<'_> {
        if value & LIST == 0 {
            return Positions { delta: self, one: Some(value), left: 0, block: 0, within: 0, ordinal: 0 };
        }
        let list = value & !LIST;
        Positions { delta: self, one: None, left: self.end(list).count(), block: list + 1, within: 0, ordinal: 0 }
    }

    /// All (key, value) pairs in the order of keys, as they are now.
    pub(crate) fn sorted(&self) -> Vec<(u64, u64)> {
        let mut pairs = Vec::with_capacity(at(self.keys()));
        for [key, value] in self.table.words().as_chunks::<2>().0 {
            let key = key.load(Ordering::Acquire);
            if key != 0 {
                pairs.push((key & !TAKEN, value.load(Ordering::Acquire)));
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// Adds a posting. Only one thread may add; positions of one key must not descend; a repeated one counts once.
    pub(crate) fn add(&self, key: u64, position: u64) -> Result<(), Full> {
        let (slots, _) = self.table.words().as_chunks::<2>();
        let mut slot = self.start(key) / 2;
        loop {
            let [taken, value] = slots.get(slot).ok_or(Full)?;
            match taken.load(Ordering::Relaxed) {
                0 => {
                    value.store(position, Ordering::Relaxed);
                    taken.store(key | TAKEN, Ordering::Release);
                    self.keys.fetch_add(1, Ordering::AcqRel);
                    break;
                }
                there if there == key | TAKEN => {
                    if !self.add_to(value, position)? {
                        return Ok(());
                    }
                    break;
                }
                _ => slot = (slot + 1) & (slots.len() - 1),
            }
        }
        self.postings.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }

    /// Says whether the position was new.
    fn add_to(&self, value: &AtomicU64, position: u64) -> Result<bool, Full> {
        let present = value.load(Ordering::Relaxed);
        if present & LIST != 0 {
            return self.append(present & !LIST, position);
        }
        if present == position {
            return Ok(false);
        }
        let list = self.allocate(8)?;
        let end = End { block: list + 1, ordinal: 0, within: 2 };
        self.store(end.newest() - 1, present);
        self.store(end.newest(), position);
        self.store(list, end.pack());
        value.store(LIST | list, Ordering::Release);
        Ok(true)
    }

    fn append(&self, list: u64, position: u64) -> Result<bool, Full> {
        let mut end = self.end(list);
        if self.load(end.newest()) == position {
            return Ok(false);
        }
        if end.within == block_capacity(end.ordinal) {
            let ordinal = end.ordinal + 1;
            let block = self.allocate(block_capacity(ordinal) + 1)?;
            self.store(end.block, block);
            end = End { block, ordinal, within: 0 };
        }
        end.within += 1;
        self.store(end.newest(), position);
        self.store(list, end.pack());
        Ok(true)
    }

    #[inline]
    fn end(&self, list: u64) -> End {
        End::unpack(self.load(list))
    }

    #[inline]
    fn find(&self, key: u64) -> Option<u64> {
        let (slots, _) = self.table.words().as_chunks::<2>();
        let mut slot = self.start(key) / 2;
        loop {
            let [taken, value] = slots.get(slot)?;
            match taken.load(Ordering::Acquire) {
                0 => return None,
                there if there == key | TAKEN => return Some(value.load(Ordering::Acquire)),
                _ => slot = (slot + 1) & (slots.len() - 1),
            }
        }
    }

    /// The word where the search for `key` begins.
    #[inline]
    fn start(&self, key: u64) -> usize {
        at(key.wrapping_mul(SPREAD) >> self.shift) * 2
    }

    fn allocate(&self, words: u64) -> Result<u64, Full> {
        let place = self.used.load(Ordering::Relaxed);
        let end = place + words;
        if end > self.arena.words().len() as u64 || end > u64::from(u32::MAX) {
            return Err(Full);
        }
        self.used.store(end, Ordering::Relaxed);
        Ok(place)
    }

    #[inline]
    fn load(&self, place: u64) -> u64 {
        self.arena.words().get(at(place)).map_or(0, |word| word.load(Ordering::Acquire))
    }

    #[inline]
    fn store(&self, place: u64, word: u64) {
        if let Some(to) = self.arena.words().get(at(place)) {
            to.store(word, Ordering::Release);
        }
    }
}

/// The positions of one key in a delta, ascending: as many as there were when it was made.
#[derive(Debug)]
pub(crate) struct Positions<'a> {
    delta: &'a Delta,
    one: Option<u64>,
    left: u64,
    block: u64,
    within: u64,
    ordinal: u64,
}

impl Iterator for Positions<'_> {
    type Item = u64;

    fn next(&mut self) -> Option<u64> {
        if self.left == 0 {
            return self.one.take();
        }
        self.left -= 1;
        if self.within == block_capacity(self.ordinal) {
            self.block = self.delta.load(self.block);
            self.ordinal += 1;
            self.within = 0;
        }
        self.within += 1;
        Some(self.delta.load(self.block + self.within))
    }
}

/// The end of a list: its last block, the ordinal of that block, how many positions it holds.
struct End {
    block: u64,
    ordinal: u64,
    within: u64,
}

impl End {
    /// A block lies below 2^32 words, so an ordinal stays below 2^22, and holds less than 2^10.
    fn pack(&self) -> u64 {
        (self.block << 32) | (self.ordinal << 10) | self.within
    }

    fn unpack(word: u64) -> Self {
        Self { block: word >> 32, ordinal: (word >> 10) & 0x3F_FFFF, within: word & 0x3FF }
    }

    /// The place of the newest position.
    fn newest(&self) -> u64 {
        self.block + self.within
    }

    fn count(&self) -> u64 {
        let before = match self.ordinal {
            0 => 0,
            growing @ 1..=8 => 6 + (8 << (growing - 1)) - 8 - (growing - 1),
            full => 6 + (8 << 7) - 8 - 7 + 1023 * (full - 8),
        };
        before + self.within
    }
}

/// How many positions fit into the block with this ordinal.
#[inline]
fn block_capacity(ordinal: u64) -> u64 {
    match ordinal {
        0 => 6,
        1..8 => (8 << (ordinal - 1)) - 1,
        _ => 1023,
    }
}

const LIST: u64 = 1 << 63;
const TAKEN: u64 = 1 << 63;
/// Spreads keys that differ in few bits over the table.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_the_sum_of_the_blocks_before_the_end() {
        let mut before = 0;
        for ordinal in 0..40 {
            assert_eq!(End { block: 9, ordinal, within: 3 }.count(), before + 3);
            before += block_capacity(ordinal);
        }
        let end = End::unpack(End { block: u64::from(u32::MAX), ordinal: 4_000_000, within: 1023 }.pack());
        assert_eq!((end.block, end.ordinal, end.within), (u64::from(u32::MAX), 4_000_000, 1023));
    }

    #[test]
    fn lists_of_any_length_come_back_in_order() {
        let delta = Delta::new(0, 10_000).unwrap();
        for position in 1..=5000 {
            delta.add(1, position).unwrap();
            delta.add(1, position).unwrap();
            if position % 1000 == 0 {
                delta.add(position, position).unwrap();
            }
        }
        assert_eq!(delta.positions(1).collect::<Vec<_>>(), (1..=5000).collect::<Vec<_>>());
        assert_eq!((delta.count(1), delta.newest(1)), (5000, Some(5000)));
        assert_eq!((delta.count(2000), delta.newest(2000)), (1, Some(2000)));
        assert_eq!(delta.positions(3000).collect::<Vec<_>>(), [3000]);
        assert_eq!((delta.count(7), delta.newest(7), delta.positions(7).next()), (0, None, None));
        assert_eq!((delta.keys(), delta.postings()), (6, 5005));
    }

    #[test]
    fn the_arena_always_suffices_for_the_capacity() {
        for per_key in [1, 2, 3, 5, 6, 7, 8, 11, 12, 13, 27, 300, 3000] {
            let delta = Delta::new(0, 3000).unwrap();
            let mut left = 3000;
            let mut key = 0;
            while left > 0 {
                key += 1;
                for position in 1..=per_key.min(left) {
                    delta.add(key << 40, position).unwrap();
                }
                left -= per_key.min(left);
            }
            assert_eq!(delta.room(), 0);
            assert_eq!(delta.sorted().len() as u64, key);
        }
    }
}
