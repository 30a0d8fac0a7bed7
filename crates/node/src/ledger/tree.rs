use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use comity_ledger::{Hash, Peaks, ReadTile, TILE, Tile, TileNodes, leaf_hash};
use comity_store::{Log, Store};
use parking_lot::Mutex;

use crate::NodeError;

/// The trees over the logs of the ledger, derived from the entries: one file a level, in which the hashes of its tiles
/// stand one behind the other.
#[derive(Debug)]
pub(crate) struct Trees {
    folder: Folder,
    open: Mutex<Option<Tree>>,
}

/// Where they are kept: beside the indexes, or for a process that may not write there in a folder of its own.
#[derive(Debug)]
enum Folder {
    Kept(PathBuf),
    Own(tempfile::TempDir),
}

/// The tree over one log.
#[derive(Debug)]
pub(super) struct Tree {
    log: u32,
    folder: PathBuf,
    peaks: Peaks,
}

impl Trees {
    pub(crate) fn new(derived: &Path, writable: bool) -> Result<Self, NodeError> {
        let folder = if writable {
            Folder::Kept(derived.join("ledger"))
        } else {
            Folder::Own(tempfile::tempdir().map_err(NodeError::io("making a folder for the ledger's tree"))?)
        };
        Ok(Self { folder, open: Mutex::default() })
    }

    /// Deletes them; they are built anew when they are next asked for.
    pub(crate) fn clear(&self) -> Result<(), NodeError> {
        let mut open = self.open.lock();
        *open = None;
        match std::fs::remove_dir_all(self.path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(NodeError::io("deleting the ledger's tree")(error))
            }
            _ => Ok(()),
        }
    }

    fn path(&self) -> &Path {
        match &self.folder {
            Folder::Kept(path) => path,
            Folder::Own(folder) => folder.path(),
        }
    }

    /// The tree over a log with all its entries, for as long as nobody else wants one.
    pub(super) fn with<T>(
        &self,
        store: &dyn Store,
        log: &Log,
        work: impl FnOnce(&Tree) -> Result<T, NodeError>,
    ) -> Result<T, NodeError> {
        let mut open = self.open.lock();
        // Somebody else may have come further meanwhile; a store that went back has less than its tree.
        let log = &store.logs()?.into_iter().find(|of| of.log == log.log).unwrap_or(*log);
        let mut tree = match open.take().filter(|tree| tree.log == log.log && tree.size() <= log.size) {
            Some(tree) => tree,
            None => Tree::open(&self.path().join(log.log.to_string()), store, log)?,
        };
        tree.catch_up(store, log)?;
        let done = work(&tree);
        *open = Some(tree);
        done
    }
}

impl Tree {
    /// Opens what is on disk, when it is the tree over the first entries of this log; makes an empty one otherwise.
    fn open(folder: &Path, store: &dyn Store, log: &Log) -> Result<Self, NodeError> {
        let kept = Self { log: log.log, folder: folder.to_owned(), peaks: Peaks::default() };
        if let Some(tree) = kept.reopened(store, log)? {
            return Ok(tree);
        }
        drop(std::fs::remove_dir_all(folder));
        std::fs::create_dir_all(folder).map_err(NodeError::io(format!("making the folder {}", folder.display())))?;
        Ok(Self { log: log.log, folder: folder.to_owned(), peaks: Peaks::default() })
    }

    /// Believes the files only where they end as the entries do.
    fn reopened(mut self, store: &dyn Store, log: &Log) -> Result<Option<Self>, NodeError> {
        let size = std::fs::metadata(self.level(0)).map_or(0, |meta| meta.len() / 32);
        if size == 0 || size > log.size {
            return Ok(None);
        }
        let mut nodes = TileNodes::new(&self, size);
        let mut roots = Vec::new();
        let mut at = 0;
        while at < size {
            let height = (size - at).ilog2();
            let Ok(root) = comity_ledger::Nodes::node(&mut nodes, height, at >> height) else { return Ok(None) };
            roots.push(root);
            at += 1 << height;
        }
        let last = size.saturating_sub(TILE);
        let entries = store.entries(log.first + last, usize::try_from(size - last).unwrap_or(0), false)?;
        let there = (last..size).zip(&entries).all(|(index, entry)| {
            comity_ledger::Nodes::node(&mut nodes, 0, index).is_ok_and(|hash| hash == leaf_hash(&entry.leaf))
        });
        let peaks = Peaks::new(size, roots).filter(|_| there);
        let Some(peaks) = peaks else { return Ok(None) };
        self.peaks = peaks;
        self.cut(size)?;
        Ok(Some(self))
    }

    /// Takes away what a process that was killed had written of higher levels only.
    fn cut(&self, size: u64) -> Result<(), NodeError> {
        for level in 0..8_usize {
            let (path, hashes) = (self.level(level), size >> (8 * level));
            let is_long = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > hashes * 32);
            if is_long {
                let file = OpenOptions::new().write(true).open(&path);
                let cut = file.and_then(|file| file.set_len(hashes * 32));
                cut.map_err(NodeError::io(format!("cutting {}", path.display())))?;
            }
        }
        Ok(())
    }

    fn catch_up(&mut self, store: &dyn Store, log: &Log) -> Result<(), NodeError> {
        while self.peaks.size() < log.size {
            let left = usize::try_from(log.size - self.peaks.size()).unwrap_or(usize::MAX);
            let entries = store.entries(log.first + self.peaks.size(), left.min(PAGE), false)?;
            if entries.is_empty() {
                return Err(NodeError::Ledger(format!(
                    "the log {} ends too early in the store",
                    super::log_name(log.log)
                )));
            }
            let mut levels: Vec<Vec<u8>> = Vec::new();
            for entry in &entries {
                self.peaks.push_with(leaf_hash(&entry.leaf), |height, hash| add(&mut levels, height, hash));
            }
            // The lowest comes last: by its length it is known up to where all of them reach.
            for (level, hashes) in levels.iter().enumerate().rev() {
                self.append(level, hashes)?;
            }
        }
        Ok(())
    }

    fn append(&self, level: usize, hashes: &[u8]) -> Result<(), NodeError> {
        let path = self.level(level);
        let doing = || format!("writing {}", path.display());
        let file = OpenOptions::new().append(true).create(true).open(&path);
        file.and_then(|mut file| file.write_all(hashes)).map_err(NodeError::io(doing()))
    }

    fn level(&self, level: usize) -> PathBuf {
        self.folder.join(format!("level-{level}"))
    }

    pub(super) fn size(&self) -> u64 {
        self.peaks.size()
    }

    pub(super) fn root(&self) -> Hash {
        self.peaks.root()
    }

    /// Its nodes as they were at a size it has reached.
    pub(super) fn nodes(&self, size: u64) -> TileNodes<&Self> {
        TileNodes::new(self, size)
    }
}

fn add(levels: &mut Vec<Vec<u8>>, height: u32, hash: &Hash) {
    if !height.is_multiple_of(8) {
        return;
    }
    let level = (height / 8) as usize;
    if levels.len() <= level {
        levels.resize_with(level + 1, Vec::new);
    }
    if let Some(hashes) = levels.get_mut(level) {
        hashes.extend_from_slice(hash);
    }
}

impl ReadTile for &Tree {
    type Error = std::io::Error;

    fn read(&self, tile: Tile) -> Result<Vec<Hash>, std::io::Error> {
        let mut file = File::open(self.level(usize::from(tile.level)))?;
        file.seek(SeekFrom::Start(tile.index * TILE * 32))?;
        let mut bytes = vec![0; usize::from(tile.width) * 32];
        file.read_exact(&mut bytes)?;
        Ok(bytes.as_chunks::<32>().0.to_vec())
    }
}

const PAGE: usize = 10_000;
