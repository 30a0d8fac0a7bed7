use comity_base::Position;
use comity_store::{NewVersion, OriginalId, Rejected};

use super::report::Tally;

/// Objects as read, copied once into one piece of memory.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) number: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) items: Vec<Item>,
    pub(super) source: OriginalId,
    pub(super) file: String,
    /// Items the reader itself set aside.
    pub(super) rejected: Vec<Rejected>,
}

/// One object within a chunk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    pub(super) start: usize,
    pub(super) len: usize,
    /// Byte offset in the stream.
    pub(super) offset: u64,
    /// The label it came with, by its number among [`super::Labelled::labels`]; none when it is to be read.
    pub(super) label: Option<u32>,
}

impl Chunk {
    /// Big enough to be handed on.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= 1 << 20 || self.items.len() >= 2_000
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.rejected.is_empty()
    }

    pub(super) fn add(&mut self, raw: &[u8], offset: u64, label: Option<u32>) {
        self.items.push(Item { start: self.bytes.len(), len: raw.len(), offset, label });
        self.bytes.extend_from_slice(raw);
    }
}

/// Objects ready to be appended. Entries name the version they belong to by its index here.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    pub(super) number: u64,
    pub(super) versions: Vec<NewVersion>,
    /// (index of the version, fingerprint), in order of versions.
    pub(super) values: Vec<(u32, u64)>,
    pub(super) references: Vec<(u32, u64)>,
    pub(super) rejected: Vec<Rejected>,
    /// Marking definitions among the versions: id and raw JSON.
    pub(super) markings: Vec<(String, Vec<u8>)>,
    pub(super) tally: Tally,
}

/// Turns entries that name a version by index into entries that name its position; those of versions
/// that were not stored disappear.
pub(super) fn placed(entries: &[(u32, u64)], positions: &[Option<Position>], out: &mut Vec<(u64, Position)>) {
    for (index, fingerprint) in entries {
        let position = usize::try_from(*index).ok().and_then(|index| positions.get(index).copied().flatten());
        if let Some(position) = position {
            out.push((*fingerprint, position));
        }
    }
}
