//! Lists of positions as bytes: the count, for long lists the last one, then the first and the steps between them.
//!
//! All numbers are offsets from the segment's base, as variable-length integers of seven bits a byte, low bits first.

/// Lists longer than this say their last position up front.
const LONG: u64 = 32;

/// Appends the list of `positions`, which ascend and lie after `base`.
pub(crate) fn encode(positions: &[u64], base: u64, out: &mut Vec<u8>) {
    let count = positions.len() as u64;
    put(count, out);
    if count > LONG {
        put(positions.last().map_or(0, |last| last.wrapping_sub(base)), out);
    }
    let mut before = base;
    for position in positions {
        put(position.wrapping_sub(before), out);
        before = *position;
    }
}

/// One list being read; damaged bytes end it early.
#[derive(Clone, Debug)]
pub(crate) struct List<'a> {
    bytes: &'a [u8],
    left: u64,
    count: u64,
    last: Option<u64>,
    before: u64,
}

impl<'a> List<'a> {
    /// Reads the head of the list that begins `bytes`.
    pub(crate) fn open(mut bytes: &'a [u8], base: u64) -> Option<Self> {
        let count = take(&mut bytes)?;
        let last = if count > LONG { Some(base.wrapping_add(take(&mut bytes)?)) } else { None };
        Some(Self { bytes, left: count, count, last, before: base })
    }

    /// How many positions the list holds, known without reading them.
    pub(crate) fn length(&self) -> u64 {
        self.count
    }

    /// The last position; for short lists found by reading them.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.last.or_else(|| self.clone().last())
    }
}

impl Iterator for List<'_> {
    type Item = u64;

    #[inline]
    fn next(&mut self) -> Option<u64> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let step = take(&mut self.bytes)?;
        self.before = self.before.wrapping_add(step);
        Some(self.before)
    }
}

#[inline]
fn put(mut number: u64, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    out.push(number.to_le_bytes()[0]);
}

#[inline]
fn take(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    if *first < 0x80 {
        return Some(u64::from(*first));
    }
    let mut number = u64::from(first & 0x7F);
    let mut shift = 7;
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Some(number);
        }
        shift += 7;
        if shift >= u64::BITS {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_list_comes_back(base in 0..u64::MAX / 4, steps in proptest::collection::btree_set(1..u64::MAX / 4, 1..100)) {
            let positions: Vec<u64> = steps.iter().map(|step| base + step).collect();
            let mut bytes = Vec::new();
            encode(&positions, base, &mut bytes);
            bytes.extend_from_slice(&[0xFF; 3]);
            let list = List::open(&bytes, base).unwrap();
            prop_assert_eq!(list.length(), positions.len() as u64);
            prop_assert_eq!(list.newest(), positions.last().copied());
            prop_assert_eq!(list.collect::<Vec<_>>(), positions);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            if let Some(list) = List::open(&bytes, 5) {
                let _ = list.newest();
                prop_assert!(list.length() < 1_000_000 || list.clone().take(1_000_000).count() <= bytes.len());
            }
        }
    }

    #[test]
    fn small_steps_take_one_byte_each() {
        let positions: Vec<u64> = (1000..2000).collect();
        let mut bytes = Vec::new();
        encode(&positions, 999, &mut bytes);
        assert_eq!(bytes.len(), 2 + 2 + 1000);
        assert_eq!(List::open(&bytes, 999).unwrap().count(), 1000);
    }
}
