//! How a fingerprint is spread over the lines of a segment, and what a slot holds.
//!
//! The top 53 bits of a fingerprint (its *key*) are divided by the number of keys per line: the quotient is the home
//! line, the remainder the tag. A slot holds the distance from its home line, the tag and a payload, so the key comes
//! back exactly from where a slot lies and what it holds:
//!
//! ```text
//! slot = distance (3 bits) | tag (53 - log2 lines, rounded up) | payload (the rest)
//! payload = 0 | position - base            one posting
//!         = 1 | place in the postings      several, or one too far from the base
//!         = 1 | all ones                   the place is in the directory
//! ```
//!
//! Slots are filled in the order of keys, so reading them one after another gives the keys in order. A slot is zero when
//! empty: positions lie after the base, so no full slot is zero.

/// How many bits of a fingerprint are kept.
pub(crate) const KEY_BITS: u32 = 53;
/// How many bits are lost.
pub(crate) const LOST_BITS: u32 = 64 - KEY_BITS;
/// How many lines a key may lie in: its home and the next seven.
pub(crate) const REACH: u64 = 8;
/// Fewer lines would leave too few bits for the payload.
pub(crate) const LINES_MIN: u64 = 8;
/// More lines than any disk holds; keeps all arithmetic within 64 bits.
pub(crate) const LINES_MAX: u64 = 1 << 40;

const DISTANCE_BITS: u32 = 3;

/// The part of a fingerprint that is kept.
#[inline]
pub(crate) const fn key(fingerprint: u64) -> u64 {
    fingerprint >> LOST_BITS
}

/// The fingerprint of a key, its lost bits zero.
#[inline]
pub(crate) const fn fingerprint(key: u64) -> u64 {
    key << LOST_BITS
}

/// The division of keys into lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    keys_per_line: u64,
    reciprocal: u64,
    payload_bits: u32,
}

/// Where a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) home: u64,
    pub(crate) tag: u64,
}

impl Layout {
    /// `None` for a number of lines outside what is supported.
    pub(crate) fn new(lines: u64) -> Option<Self> {
        if !(LINES_MIN..=LINES_MAX).contains(&lines) {
            return None;
        }
        let keys_per_line = (1_u64 << KEY_BITS).div_ceil(lines);
        let tag_bits = u64::BITS - (keys_per_line - 1).leading_zeros();
        Some(Self {
            keys_per_line,
            reciprocal: u64::MAX / keys_per_line,
            payload_bits: u64::BITS - DISTANCE_BITS - tag_bits,
        })
    }

    /// Divides by multiplying; the estimate of the quotient is at most one too small, since a key has 53 bits.
    #[inline]
    pub(crate) fn place(&self, key: u64) -> Place {
        let mut home = high_half(key, self.reciprocal);
        let mut tag = key.wrapping_sub(home.wrapping_mul(self.keys_per_line));
        if tag >= self.keys_per_line {
            home += 1;
            tag -= self.keys_per_line;
        }
        Place { home, tag }
    }

    /// The key of a slot read in `line`.
    #[inline]
    pub(crate) fn key(&self, line: u64, slot: u64) -> u64 {
        let home = line.wrapping_sub(self.distance(slot));
        home.wrapping_mul(self.keys_per_line).wrapping_add(self.tag(slot))
    }

    #[inline]
    pub(crate) fn slot(&self, place: Place, distance: u64, payload: u64) -> u64 {
        (self.prefix(distance, place.tag) << self.payload_bits) | payload
    }

    /// What a slot with this distance and tag begins with; compare with [`Layout::prefix_of`].
    #[inline]
    pub(crate) fn prefix(&self, distance: u64, tag: u64) -> u64 {
        (distance << (u64::BITS - DISTANCE_BITS - self.payload_bits)) | tag
    }

    #[inline]
    pub(crate) fn prefix_of(&self, slot: u64) -> u64 {
        slot >> self.payload_bits
    }

    #[inline]
    #[expect(clippy::unused_self, reason = "belongs with the other parts of a slot")]
    pub(crate) fn distance(&self, slot: u64) -> u64 {
        slot >> (u64::BITS - DISTANCE_BITS)
    }

    #[inline]
    pub(crate) fn tag(&self, slot: u64) -> u64 {
        (slot << DISTANCE_BITS) >> (DISTANCE_BITS + self.payload_bits)
    }

    #[inline]
    pub(crate) fn payload(&self, slot: u64) -> Payload {
        let payload = slot & ((1 << self.payload_bits) - 1);
        if payload & self.list_flag() == 0 {
            return Payload::One(payload);
        }
        match payload & self.largest() {
            place if place == self.largest() => Payload::Directory,
            place => Payload::List(place),
        }
    }

    /// `None` if the payload does not fit.
    pub(crate) fn pack(&self, payload: Payload) -> Option<u64> {
        match payload {
            Payload::One(offset) => (offset <= self.largest()).then_some(offset),
            Payload::List(place) => (place < self.largest()).then(|| self.list_flag() | place),
            Payload::Directory => Some(self.list_flag() | self.largest()),
        }
    }

    /// The largest position offset; places in the postings must be smaller.
    pub(crate) fn largest(&self) -> u64 {
        self.list_flag() - 1
    }

    fn list_flag(&self) -> u64 {
        1 << (self.payload_bits - 1)
    }
}

/// What a slot says about its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// One posting, this far after the base.
    One(u64),
    /// A list at this place (in the segment's units) in the postings.
    List(u64),
    /// The place of the list is in the directory.
    Directory,
}

/// A number as an index into memory; what does not fit lies outside every slice.
#[inline]
pub(crate) fn at(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[inline]
fn high_half(a: u64, b: u64) -> u64 {
    ((u128::from(a) * u128::from(b)) >> u64::BITS) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_comes_back_from_its_place(lines in LINES_MIN..LINES_MAX, small in LINES_MIN..5000_u64, full: u64, distance in 0..8_u64) {
            for lines in [lines, small] {
                let layout = Layout::new(lines).unwrap();
                let key = key(full);
                let place = layout.place(key);
                prop_assert!(place.home < lines);
                let slot = layout.slot(place, distance, layout.pack(Payload::One(7)).unwrap());
                prop_assert_eq!(layout.key(place.home + distance, slot), key);
                prop_assert_eq!(layout.payload(slot), Payload::One(7));
                prop_assert_eq!(layout.prefix_of(slot), layout.prefix(distance, place.tag));
            }
        }

        #[test]
        fn places_are_in_the_order_of_keys(lines in LINES_MIN..100_000_u64, a: u64, b: u64) {
            let layout = Layout::new(lines).unwrap();
            let (low, high) = (key(a.min(b)), key(a.max(b)));
            let (first, second) = (layout.place(low), layout.place(high));
            prop_assert_eq!((first.home, first.tag).cmp(&(second.home, second.tag)), low.cmp(&high));
        }
    }

    #[test]
    fn payloads_are_told_apart_and_never_make_an_empty_slot() {
        let layout = Layout::new(1000).unwrap();
        let place = Place { home: 0, tag: 0 };
        for payload in [Payload::One(1), Payload::One(layout.largest()), Payload::List(0), Payload::Directory] {
            let slot = layout.slot(place, 0, layout.pack(payload).unwrap());
            assert_ne!(slot, 0);
            assert_eq!(layout.payload(slot), payload);
        }
        assert_eq!(layout.pack(Payload::One(layout.largest() + 1)), None);
        assert_eq!(layout.pack(Payload::List(layout.largest())), None);
    }

    #[test]
    fn exact_multiples_divide_exactly() {
        for lines in [8, 9, 13, 1000, 1 << 20, (1 << 20) + 7] {
            let layout = Layout::new(lines).unwrap();
            let width = (1_u64 << KEY_BITS).div_ceil(lines);
            for home in [0, 1, lines / 2, lines - 2] {
                assert_eq!(layout.place(home * width), Place { home, tag: 0 });
                assert_eq!(layout.place(home * width + width - 1), Place { home, tag: width - 1 });
            }
        }
    }
}
