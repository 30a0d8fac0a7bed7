use std::collections::BTreeMap;

use crate::{OriginalId, Piece, StoreError};

/// The bytes of originals on their way into an engine: cut into pieces, packed, numbered.
#[derive(Debug, Default)]
pub struct Pieces {
    kept: BTreeMap<u64, Kept>,
    ready: Vec<OriginalPiece>,
}

/// One piece of an original as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OriginalPiece {
    /// The original.
    pub original: OriginalId,
    /// Its number within the original, from 0.
    pub number: u32,
    /// Its bytes before packing.
    pub length: u32,
    /// Its bytes; packed when shorter than `length`.
    pub content: Vec<u8>,
}

#[derive(Debug, Default)]
struct Kept {
    buffer: Vec<u8>,
    next: u32,
    total: u64,
}

impl OriginalPiece {
    /// Packs a piece of at most [`Piece::ORIGINAL_BYTES`] bytes.
    pub fn pack(original: OriginalId, number: u32, bytes: &[u8]) -> Self {
        // Packing a buffer in memory fails for lack of memory only; the bytes themselves do as well.
        let packed = zstd::bulk::compress(bytes, LEVEL).ok().filter(|packed| packed.len() < bytes.len());
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self { original, number, length, content: packed.unwrap_or_else(|| bytes.to_vec()) }
    }
}

/// The exact bytes of a stored piece.
///
/// # Errors
/// When it is damaged.
pub fn unpack_piece(original: OriginalId, length: u32, content: Vec<u8>) -> Result<Vec<u8>, StoreError> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if content.len() == length {
        return Ok(content);
    }
    let plain = zstd::bulk::decompress(&content, length.min(Piece::ORIGINAL_BYTES)).ok();
    plain
        .filter(|plain| plain.len() == length)
        .ok_or_else(|| StoreError::Damaged(format!("a piece of original {original} cannot be unpacked")))
}

impl Pieces {
    /// Bytes of ready pieces after which an engine should write them.
    pub const WAITING_BYTES: usize = 8 << 20;

    /// Announces an original whose bytes follow.
    pub fn expect(&mut self, original: OriginalId) {
        self.kept.insert(original.0, Kept::default());
    }

    /// Takes the next bytes of an original.
    ///
    /// # Errors
    /// [`StoreError::NoOriginal`] when it was not announced.
    pub fn add(&mut self, original: OriginalId, mut bytes: &[u8]) -> Result<(), StoreError> {
        let kept = self.kept.get_mut(&original.0).ok_or(StoreError::NoOriginal(original))?;
        kept.total += bytes.len() as u64;
        while !bytes.is_empty() {
            let room = Piece::ORIGINAL_BYTES.saturating_sub(kept.buffer.len()).min(bytes.len());
            let (part, rest) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
            kept.buffer.extend_from_slice(part);
            bytes = rest;
            if kept.buffer.len() >= Piece::ORIGINAL_BYTES {
                kept.end(original, &mut self.ready);
            }
        }
        Ok(())
    }

    /// Ends an original of this length; one that is not kept has nothing to end.
    ///
    /// # Errors
    /// When another number of bytes was kept.
    pub fn seal(&mut self, original: OriginalId, bytes: u64) -> Result<(), StoreError> {
        let Some(kept) = self.kept.get_mut(&original.0) else { return Ok(()) };
        if kept.total != bytes {
            let kept = kept.total;
            return Err(StoreError::Damaged(format!(
                "original {original} was sealed at {bytes} bytes, {kept} were kept"
            )));
        }
        kept.end(original, &mut self.ready);
        Ok(())
    }

    /// Ends every original that is still growing.
    pub fn end_all(&mut self) {
        for (original, kept) in &mut self.kept {
            kept.end(OriginalId(*original), &mut self.ready);
        }
    }

    /// The pieces to write; [`Self::written`] follows once they are durable.
    pub fn ready(&self) -> &[OriginalPiece] {
        &self.ready
    }

    /// Whether so much is ready that it should be written now.
    pub fn is_full(&self) -> bool {
        self.ready.iter().map(|piece| piece.length as usize).sum::<usize>() >= Self::WAITING_BYTES
    }

    /// Forgets the ready pieces.
    pub fn written(&mut self) {
        self.ready.clear();
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Kept {
    fn end(&mut self, original: OriginalId, ready: &mut Vec<OriginalPiece>) {
        if self.buffer.is_empty() {
            return;
        }
        ready.push(OriginalPiece::pack(original, self.next, &self.buffer));
        self.next += 1;
        self.buffer.clear();
    }
}

const LEVEL: i32 = 3;
