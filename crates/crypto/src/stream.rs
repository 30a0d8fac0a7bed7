//! Long secrets at rest: a stream sealed piece by piece, read back in bounded memory.
//!
//! Each piece is AES-256-GCM under one key that serves this stream alone. Its nonce is its number and whether it is the
//! last, so pieces cannot be left out, repeated, exchanged or cut off at the end without that being noticed (the STREAM
//! construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).

use std::fmt;
use std::io::{self, Read, Write};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use zeroize::Zeroize as _;

/// Seals what is written to it. It must be [finished](Self::finish), or what it wrote does not open.
pub struct SealWriter<W> {
    to: W,
    key: LessSafeKey,
    number: u64,
    piece: Vec<u8>,
}

/// Reads back what a [`SealWriter`] wrote. What it has given out is authentic; whether the stream is whole is known at its
/// end.
pub struct OpenReader<R> {
    from: R,
    key: LessSafeKey,
    number: u64,
    piece: Vec<u8>,
    at: usize,
    is_over: bool,
}

impl<W: Write> SealWriter<W> {
    /// Seals into this, under a random key that seals nothing else.
    ///
    /// # Errors
    /// Never with 32 bytes; the library allows for others.
    pub fn new(to: W, key: &[u8; 32]) -> io::Result<Self> {
        Ok(Self { to, key: cipher(key)?, number: 0, piece: Vec::with_capacity(PIECE + TAG) })
    }

    /// Seals the last piece, and gives back what was written to.
    ///
    /// # Errors
    /// When writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = nonce(self.number, is_last);
        self.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut self.piece).map_err(|_| broken())?;
        self.to.write_all(&self.piece)?;
        self.piece.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for SealWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Whether a piece is the last is known when more comes.
        if self.piece.len() == PIECE {
            self.seal(false)?;
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(bytes.get(..taken).unwrap_or_default());
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl<R: Read> OpenReader<R> {
    /// Opens a stream with the key it was sealed under.
    ///
    /// # Errors
    /// Never with 32 bytes; the library allows for others.
    pub fn new(from: R, key: &[u8; 32]) -> io::Result<Self> {
        Ok(Self { from, key: cipher(key)?, number: 0, piece: Vec::with_capacity(PIECE + TAG), at: 0, is_over: false })
    }

    /// Reads and opens the next piece.
    fn next(&mut self) -> io::Result<()> {
        self.piece.zeroize();
        self.at = 0;
        let whole = (PIECE + TAG) as u64;
        (&mut self.from).take(whole).read_to_end(&mut self.piece)?;
        // A full piece may be the last one too.
        let is_full = self.piece.len() == PIECE + TAG;
        let sealed = if is_full { self.piece.clone() } else { Vec::new() };
        if is_full && self.open(false).is_ok() {
            self.number += 1;
            return Ok(());
        }
        if is_full {
            self.piece = sealed;
        }
        self.open(true)?;
        self.is_over = true;
        // Nothing may follow the last piece.
        if self.from.read(&mut [0])? == 0 { Ok(()) } else { Err(broken()) }
    }

    fn open(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = nonce(self.number, is_last);
        let length = self.key.open_in_place(nonce, Aad::empty(), &mut self.piece).map_err(|_| broken())?.len();
        self.piece.truncate(length);
        Ok(())
    }
}

impl<R: Read> Read for OpenReader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at == self.piece.len() && !self.is_over {
            self.next()?;
        }
        let left = self.piece.get(self.at..).unwrap_or_default();
        let given = left.len().min(into.len());
        if let (Some(to), Some(from)) = (into.get_mut(..given), left.get(..given)) {
            to.copy_from_slice(from);
        }
        self.at += given;
        Ok(given)
    }
}

impl<W> fmt::Debug for SealWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealWriter(secret)")
    }
}

impl<R> fmt::Debug for OpenReader<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenReader(secret)")
    }
}

fn cipher(key: &[u8; 32]) -> io::Result<LessSafeKey> {
    Ok(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).map_err(|_| broken())?))
}

fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut bytes = [0; NONCE_LEN];
    for (to, from) in bytes.iter_mut().skip(3).zip(number.to_be_bytes()) {
        *to = from;
    }
    if let Some(last) = bytes.last_mut() {
        *last = u8::from(is_last);
    }
    Nonce::assume_unique_for_key(bytes)
}

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the sealed stream was changed, is not whole, or the key is another one")
}

/// Bytes sealed at once.
const PIECE: usize = 64 << 10;
const TAG: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(content: &[u8]) -> Vec<u8> {
        let mut writer = SealWriter::new(Vec::new(), &[7; 32]).unwrap();
        writer.write_all(content).unwrap();
        writer.finish().unwrap()
    }

    fn opened(sealed: &[u8], key: u8) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        OpenReader::new(sealed, &[key; 32])?.read_to_end(&mut content)?;
        Ok(content)
    }

    #[test]
    fn streams_of_any_length_read_back() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 5] {
            let content: Vec<u8> = (0..length).map(|n| u8::try_from(n % 251).unwrap()).collect();
            let sealed = sealed(&content);
            assert_eq!(opened(&sealed, 7).unwrap(), content, "{length}");
            assert!(opened(&sealed, 8).is_err());
        }
    }

    #[test]
    fn whatever_is_changed_left_out_or_added_is_noticed() {
        let whole = sealed(&vec![5; 3 * PIECE + 5]);
        let piece = PIECE + TAG;
        for at in [0, piece - 1, piece, 2 * piece + 9, whole.len() - 1] {
            let mut changed = whole.clone();
            changed[at] ^= 1;
            assert!(opened(&changed, 7).is_err(), "{at}");
        }
        for cut in [0, 1, piece - 1, piece, 3 * piece, whole.len() - 1] {
            assert!(opened(&whole[..cut], 7).is_err(), "cut at {cut}");
        }
        let swapped = [&whole[piece..2 * piece], &whole[..piece], &whole[2 * piece..]].concat();
        let repeated = [&whole[..piece], &whole[..]].concat();
        let without = [&whole[..piece], &whole[2 * piece..]].concat();
        let more = [&whole[..], b"x"].concat();
        for wrong in [swapped, repeated, without, more] {
            assert!(opened(&wrong, 7).is_err());
        }
        let exact = sealed(&vec![5; PIECE]);
        assert!(opened(&[&exact[..], b"x"].concat(), 7).is_err());
    }
}
