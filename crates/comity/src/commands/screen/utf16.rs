//! UTF-16 as UTF-8.

use std::io::{self, BufReader, Read};

/// A stream of UTF-16, read as UTF-8. What is no character becomes a byte that is none.
pub(super) struct Utf16<R> {
    inner: BufReader<R>,
    unit: fn([u8; 2]) -> u16,
    /// A first half that waits for its second.
    half: Option<u16>,
    out: Vec<u8>,
    at: usize,
}

impl<R: Read> Utf16<R> {
    /// A reader of what follows the mark.
    pub(super) fn new(inner: R, unit: fn([u8; 2]) -> u16) -> Self {
        Self { inner: BufReader::new(inner), unit, half: None, out: Vec::new(), at: 0 }
    }

    /// Reads on; nothing more comes where nothing was added.
    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::new();
        self.inner.by_ref().take(PIECE).read_to_end(&mut bytes)?;
        self.out.clear();
        self.at = 0;
        let (pairs, rest) = bytes.as_chunks::<2>();
        let units = self.half.take().into_iter().chain(pairs.iter().map(|pair| (self.unit)(*pair)));
        let mut units: Vec<u16> = units.collect();
        let is_half = |unit: &u16| (0xd800..0xdc00).contains(unit);
        let is_last = bytes.len() < usize::try_from(PIECE).unwrap_or(usize::MAX);
        if !is_last && units.last().is_some_and(is_half) {
            self.half = units.pop();
        }
        for c in char::decode_utf16(units) {
            match c {
                Ok(c) => self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                Err(_) => self.out.push(NO_CHARACTER),
            }
        }
        self.out.extend(rest.iter().map(|_| NO_CHARACTER));
        Ok(())
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.out.len() {
            self.fill()?;
        }
        let rest = self.out.get(self.at..).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at += count;
        Ok(count)
    }
}

/// Bytes read at once.
const PIECE: u64 = 16 << 10;
/// A byte that is in no UTF-8.
const NO_CHARACTER: u8 = 0xff;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Utf16::new(bytes, u16::from_le_bytes).read_to_end(&mut out).unwrap();
        out
    }

    #[test]
    fn a_character_of_two_halves_is_read_wherever_it_is_cut() {
        let text = format!("x{}", "😀".repeat(20_000));
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(&bytes), text.as_bytes());
    }

    #[test]
    fn what_is_no_character_is_no_text() {
        assert_eq!(read(&[0x3d, 0xd8, 0x61, 0x00]), [0xff, b'a']);
        assert_eq!(read(&[0x61, 0x00, 0x62]), [b'a', 0xff]);
    }
}
