use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use crate::{Hash, Nodes, node_hash};

/// A piece of the tree as it is kept and fetched (C2SP tlog-tiles): up to 256 hashes that stand side by side, eight
/// heights above those of the level below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// Hashes of level 0 are leaves; one of level `n` is the root over a full tile of level `n - 1`. At most 7.
    pub level: u8,
    /// Which tile of its level.
    pub index: u64,
    /// How many hashes it has, 1 to 256. With fewer than 256 it is *partial*: the log ended there when it was made.
    pub width: u16,
}

/// A full tile has so many hashes.
pub const TILE: u64 = 256;
/// A tile stands for so many heights of the tree.
const HEIGHTS: u32 = 8;
/// So many levels hold the hashes of 2^64 leaves.
const LEVELS: u8 = 8;
const FULL: u16 = 256;

/// Not the path of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the path of a tile")]
pub struct NotATile;

impl Tile {
    /// The tile at this place as it is in a log of this size; none when the log does not reach there.
    pub fn of(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(HEIGHTS * u32::from(level)).unwrap_or(0);
        let before = index.checked_mul(TILE)?;
        let width = u16::try_from(hashes.checked_sub(before)?.min(TILE)).ok()?;
        (width > 0).then_some(Self { level, index, width })
    }

    /// Every tile of a log of this size, those of the lowest level first.
    pub fn all(size: u64) -> impl Iterator<Item = Self> {
        (0..LEVELS).flat_map(move |level| (0..).map_while(move |index| Self::of(level, index, size)))
    }

    /// Its path below the log's prefix, without a leading slash.
    pub fn path(&self) -> String {
        format!("tile/{}/{self}", self.level)
    }

    /// The path of the entries under a tile of level 0.
    pub fn entries_path(&self) -> String {
        format!("tile/entries/{self}")
    }

    /// Reads what stands after `tile/<level>/` or `tile/entries/`.
    ///
    /// # Errors
    /// When it is not what [`Self::path`] writes.
    pub fn parse(level: u8, text: &str) -> Result<Self, NotATile> {
        let (number, width) = match text.split_once(".p/") {
            Some((number, width)) => (number, width.parse().map_err(|_| NotATile)?),
            None => (text, FULL),
        };
        let mut index = 0_u64;
        for part in number.split('/') {
            let digits: u64 = part.trim_start_matches('x').parse().map_err(|_| NotATile)?;
            index = index.checked_mul(1_000).and_then(|index| index.checked_add(digits)).ok_or(NotATile)?;
        }
        let tile = Self { level, index, width };
        // One tile has one path.
        (width > 0 && tile.to_string() == text).then_some(tile).ok_or(NotATile)
    }
}

/// The path without its level: `x001/x234/067`, and `.p/<width>` behind it when partial.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups = vec![self.index % 1_000];
        let mut rest = self.index / 1_000;
        while rest > 0 {
            groups.push(rest % 1_000);
            rest /= 1_000;
        }
        while let Some(group) = groups.pop() {
            let mark = if groups.is_empty() { "" } else { "x" };
            write!(f, "{mark}{group:03}")?;
            if !groups.is_empty() {
                f.write_str("/")?;
            }
        }
        if u64::from(self.width) < TILE { write!(f, ".p/{}", self.width) } else { Ok(()) }
    }
}

/// Reads a whole path: `tile/<level>/...`.
impl FromStr for Tile {
    type Err = NotATile;

    fn from_str(path: &str) -> Result<Self, NotATile> {
        let (level, rest) = path.strip_prefix("tile/").and_then(|rest| rest.split_once('/')).ok_or(NotATile)?;
        match level.as_bytes() {
            [digit @ b'0'..=b'7'] => Self::parse(digit - b'0', rest),
            _ => Err(NotATile),
        }
    }
}

/// Where tiles are read.
pub trait ReadTile {
    /// Why one could not be read.
    type Error;

    /// The hashes of this tile, `width` of them.
    ///
    /// # Errors
    /// When it cannot be read.
    fn read(&self, tile: Tile) -> Result<Vec<Hash>, Self::Error>;
}

/// A tile could not be read, or is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// Reading failed.
    #[error("reading {}", .0.path())]
    Read(Tile, #[source] E),
    /// It is not there, or has another length.
    #[error("{} has {found} hashes instead of {}", .tile.path(), .tile.width)]
    Short {
        /// Which.
        tile: Tile,
        /// How many it has.
        found: usize,
    },
    /// Nothing of this log reaches there.
    #[error("a log of {size} entries has no node {index} at height {height}")]
    NoNode {
        /// The height.
        height: u32,
        /// The index at that height.
        index: u64,
        /// The size of the log.
        size: u64,
    },
}

/// The nodes of a log of one size, read from its tiles. Tiles read once are kept with what lies between their hashes
/// and their root, so that a second proof near the first costs no hashing; at most 256 of them, 4 MiB.
#[derive(Debug)]
pub struct TileNodes<R> {
    source: R,
    size: u64,
    known: HashMap<(u8, u64), Inner>,
    reads: u64,
}

/// The heights of a tile: its hashes, then what each two of a height make.
type Inner = Vec<Vec<Hash>>;

impl<R> TileNodes<R> {
    /// The nodes of the log of this size whose tiles are read there.
    pub fn new(source: R, size: u64) -> Self {
        Self { source, size, known: HashMap::new(), reads: 0 }
    }

    /// How many tiles were read.
    pub fn reads(&self) -> u64 {
        self.reads
    }
}

impl<R: ReadTile> Nodes for TileNodes<R> {
    type Error = TileError<R::Error>;

    fn node(&mut self, height: u32, index: u64) -> Result<Hash, Self::Error> {
        let none = TileError::NoNode { height, index, size: self.size };
        let level = u8::try_from(height / HEIGHTS).unwrap_or(u8::MAX);
        let inside = height % HEIGHTS;
        let tile = Tile::of(level, index >> (HEIGHTS - inside), self.size);
        let Some(tile) = tile.filter(|_| level < LEVELS) else { return Err(none) };
        let place = usize::try_from(index & ((TILE >> inside) - 1)).unwrap_or(usize::MAX);
        let inner = self.tile(tile)?;
        inner.get(inside as usize).and_then(|row| row.get(place)).copied().ok_or(none)
    }
}

impl<R: ReadTile> TileNodes<R> {
    fn tile(&mut self, tile: Tile) -> Result<&Inner, TileError<R::Error>> {
        let key = (tile.level, tile.index);
        if !self.known.contains_key(&key) {
            let hashes = self.source.read(tile).map_err(|error| TileError::Read(tile, error))?;
            self.reads += 1;
            if hashes.len() != usize::from(tile.width) {
                return Err(TileError::Short { tile, found: hashes.len() });
            }
            if self.known.len() >= KEPT {
                self.known.clear();
            }
            self.known.insert(key, inner(hashes));
        }
        Ok(self.known.entry(key).or_default())
    }
}

fn inner(hashes: Vec<Hash>) -> Inner {
    let mut rows = vec![hashes];
    while let Some(row) = rows.last().filter(|row| row.len() > 1) {
        let above = row.as_chunks::<2>().0.iter().map(|[left, right]| node_hash(left, right)).collect();
        rows.push(above);
    }
    rows
}

const KEPT: usize = 256;
