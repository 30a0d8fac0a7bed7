use crate::{
    BundleError, Checkpoint, CheckpointError, Hash, Note, NoteVerifier, Peaks, TILE, Tile, leaf_hash, read_entries,
    verify_consistency,
};

/// Where the files of a log's copy are read, by their paths below the log's prefix.
pub trait Files {
    /// The bytes of a file; none when there is none.
    ///
    /// # Errors
    /// A sentence about why it cannot be read.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String>;
}

/// What is wrong with the copy of a log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// A file could not be read.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        why: String,
    },
    /// A file is not there.
    #[error("{0} is missing")]
    Missing(String),
    /// The checkpoint is none of this log.
    #[error("the checkpoint does not hold: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A bundle of entries is damaged.
    #[error("{path} is damaged: {why}")]
    Bundle {
        /// Which.
        path: String,
        /// How.
        #[source]
        why: BundleError,
    },
    /// An entry is not the one its tile has the hash of.
    #[error("entry {index} was changed: {tile} has the hash of another one there")]
    Entry {
        /// Which.
        index: u64,
        /// The tile of level 0 above it.
        tile: String,
    },
    /// A tile does not follow from the one below it.
    #[error("{path} was changed: its hash {at} does not follow from what is below it")]
    Tile {
        /// Which.
        path: String,
        /// Which of its hashes.
        at: u64,
    },
    /// A tile has another length.
    #[error("{path} has {found} bytes instead of {wanted}")]
    Length {
        /// Which.
        path: String,
        /// How many it has.
        found: usize,
        /// How many it should have.
        wanted: usize,
    },
    /// The entries are whole, and are not those the log signed for.
    #[error(
        "the entries do not have the root the log signed for at size {0}: one was added, dropped, changed or moved"
    )]
    Root(u64),
    /// An earlier checkpoint is not where this log began.
    #[error("the log was rewritten: the tree it signed for at size {old} is not where its tree of size {new} begins")]
    Rewritten {
        /// The size of the earlier one.
        old: u64,
        /// The size of the one of the copy.
        new: u64,
    },
    /// The log goes back behind an earlier checkpoint.
    #[error("the log was rolled back: it signed for {old} entries before, and has {new}")]
    RolledBack {
        /// The size of the earlier one.
        old: u64,
        /// The size of the one of the copy.
        new: u64,
    },
}

/// What was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The checkpoint everything was checked against.
    pub checkpoint: Checkpoint,
    /// Its note, with whatever cosignatures it has.
    pub note: Note,
    /// Files read.
    pub files: u64,
}

/// Checks a whole copy of a log: every entry against its tile, every tile against the one below, the root against the
/// signed checkpoint, and earlier checkpoints of the same log, if there are any, against what they said then.
///
/// Everything that is wrong with the files is told; what the root shows only when nothing else is wrong.
///
/// # Errors
/// What is wrong, in the order of the log.
pub fn verify_copy(files: &impl Files, log: &NoteVerifier, earlier: &[Note]) -> Result<Verified, Vec<Wrong>> {
    let one = |wrong| vec![wrong];
    let note = read(files, "checkpoint").map_err(one)?;
    let note = Note::parse(&note).map_err(|why| vec![Wrong::Checkpoint(why.into())])?;
    let checkpoint = Checkpoint::open(&note, log).map_err(|why| vec![why.into()])?;
    let mut old: Vec<Checkpoint> = Vec::new();
    for note in earlier {
        old.push(Checkpoint::open(note, log).map_err(|why| vec![why.into()])?);
    }
    old.sort_by_key(|checkpoint| checkpoint.size);
    let mut walk =
        Walk { files, peaks: Peaks::default(), old: &old, wrong: Vec::new(), read: 1, size: checkpoint.size };
    walk.entries();
    walk.levels();
    walk.heads(&checkpoint);
    if walk.wrong.is_empty() { Ok(Verified { checkpoint, note, files: walk.read }) } else { Err(walk.wrong) }
}

struct Walk<'a, F> {
    files: &'a F,
    peaks: Peaks,
    old: &'a [Checkpoint],
    wrong: Vec<Wrong>,
    read: u64,
    size: u64,
}

impl<F: Files> Walk<'_, F> {
    /// Every bundle of entries against its tile of level 0; then the tiles of level 0 stand for the entries.
    fn entries(&mut self) {
        let size = self.size;
        for tile in (0..).map_while(|index| Tile::of(0, index, size)) {
            if let Err(wrong) = self.bundle(tile) {
                self.wrong.extend(wrong);
            }
            if self.wrong.len() > MANY {
                return;
            }
        }
    }

    fn bundle(&mut self, tile: Tile) -> Result<(), Vec<Wrong>> {
        let one = |wrong| vec![wrong];
        let hashes = self.tile(tile).map_err(one)?;
        let path = tile.entries_path();
        let bundle = self.file(&path).map_err(one)?;
        let entries =
            read_entries(&bundle, usize::from(tile.width)).map_err(|why| vec![Wrong::Bundle { path, why }])?;
        let mut wrong = Vec::new();
        for (at, (entry, hash)) in (0_u64..).zip(entries.iter().zip(&hashes)) {
            if leaf_hash(entry) != *hash {
                wrong.push(Wrong::Entry { index: tile.index * TILE + at, tile: tile.path() });
            }
            self.look_back();
            self.peaks.push(*hash);
        }
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn is_damaged(&self) -> bool {
        self.wrong.iter().any(|wrong| !matches!(wrong, Wrong::Rewritten { .. }))
    }

    /// Compares with earlier checkpoints of the size reached.
    fn look_back(&mut self) {
        // What is damaged here says nothing about what was signed.
        if self.is_damaged() {
            return;
        }
        while let Some((first, rest)) = self.old.split_first()
            && first.size <= self.peaks.size()
        {
            if first.size == self.peaks.size() && first.root != self.peaks.root() {
                self.wrong.push(Wrong::Rewritten { old: first.size, new: self.size });
            }
            self.old = rest;
        }
    }

    /// Every tile above level 0 against the one below.
    fn levels(&mut self) {
        for tile in Tile::all(self.size).filter(|tile| tile.level > 0) {
            if self.wrong.len() > MANY {
                return;
            }
            if let Err(wrong) = self.above(tile) {
                self.wrong.push(wrong);
            }
        }
    }

    fn above(&mut self, tile: Tile) -> Result<(), Wrong> {
        let hashes = self.tile(tile)?;
        for (at, hash) in (0_u64..).zip(&hashes) {
            let below = Tile { level: tile.level - 1, index: tile.index * TILE + at, width: 256 };
            if crate::root_of(&self.tile(below)?) != *hash {
                return Err(Wrong::Tile { path: tile.path(), at });
            }
        }
        Ok(())
    }

    /// The root, and what is left of earlier checkpoints: those of more entries than there are.
    fn heads(&mut self, checkpoint: &Checkpoint) {
        if self.is_damaged() {
            return;
        }
        self.look_back();
        if self.peaks.root() != checkpoint.root {
            self.wrong.push(Wrong::Root(self.size));
        }
        let ahead = self.old.iter().map(|old| Wrong::RolledBack { old: old.size, new: self.size });
        self.wrong.extend(ahead);
    }

    fn tile(&mut self, tile: Tile) -> Result<Vec<Hash>, Wrong> {
        let bytes = self.file(&tile.path())?;
        let wanted = usize::from(tile.width) * 32;
        match bytes.as_chunks::<32>() {
            (hashes, []) if bytes.len() == wanted => Ok(hashes.to_vec()),
            _ => Err(Wrong::Length { path: tile.path(), found: bytes.len(), wanted }),
        }
    }

    fn file(&mut self, path: &str) -> Result<Vec<u8>, Wrong> {
        self.read += 1;
        read(self.files, path)
    }
}

fn read(files: &impl Files, path: &str) -> Result<Vec<u8>, Wrong> {
    let bytes = files.read(path).map_err(|why| Wrong::Unreadable { path: path.to_owned(), why })?;
    bytes.ok_or_else(|| Wrong::Missing(path.to_owned()))
}

/// Checks that a later checkpoint of a log goes on from an earlier one.
///
/// # Errors
/// When it does not, by this proof.
pub fn verify_growth(old: &Checkpoint, new: &Checkpoint, proof: &[Hash]) -> Result<(), Wrong> {
    let (before, after) = (old.size, new.size);
    if after < before {
        return Err(Wrong::RolledBack { old: before, new: after });
    }
    if before == 0 || verify_consistency(before, after, &old.root, &new.root, proof) {
        Ok(())
    } else {
        Err(Wrong::Rewritten { old: before, new: after })
    }
}

/// After so many findings the rest is not looked for.
const MANY: usize = 20;
