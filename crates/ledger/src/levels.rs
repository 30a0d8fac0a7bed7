use std::convert::Infallible;

use crate::{Hash, Peaks, ReadTile, TILE, Tile};

/// The hashes of a growing log, level by level as its tiles have them, in memory.
///
/// What is added since one moment is, at each level, what stands behind the length it had then: whoever keeps levels in
/// files appends that.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    peaks: Peaks,
    levels: Vec<Vec<Hash>>,
}

impl Levels {
    /// Adds the hash of the next leaf.
    pub fn push(&mut self, leaf: Hash) {
        let levels = &mut self.levels;
        self.peaks.push_with(leaf, |height, hash| {
            if !height.is_multiple_of(8) {
                return;
            }
            let level = (height / 8) as usize;
            if levels.len() <= level {
                levels.resize_with(level + 1, Vec::new);
            }
            if let Some(hashes) = levels.get_mut(level) {
                hashes.push(*hash);
            }
        });
    }

    /// The tree without its hashes.
    pub fn peaks(&self) -> &Peaks {
        &self.peaks
    }

    /// The hashes of a level.
    pub fn level(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }
}

impl ReadTile for &Levels {
    type Error = Infallible;

    fn read(&self, tile: Tile) -> Result<Vec<Hash>, Infallible> {
        let start = usize::try_from(tile.index.saturating_mul(TILE)).unwrap_or(usize::MAX);
        let hashes = self.level(tile.level).iter().skip(start).take(usize::from(tile.width));
        Ok(hashes.copied().collect())
    }
}
