use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::Path;

use comity_base::Position;
use comity_crypto::Fingerprinter;
use comity_index::{Index, Options};
use comity_stix::ObjectId;

use crate::StoreError;

/// The key of an id in [`Ids`].
pub fn id_key(fingerprinter: &Fingerprinter, id: &ObjectId) -> u64 {
    let mut bytes = [0u8; 64];
    let name = id.kind.as_str().as_bytes();
    // The UUID comes first and has a fixed length, so that no two ids give the same bytes.
    let length = 16 + name.len();
    if let Some((uuid, rest)) = bytes.split_at_mut_checked(16)
        && let Some(place) = rest.get_mut(..name.len())
    {
        uuid.copy_from_slice(id.uuid.as_bytes());
        place.copy_from_slice(name);
        return fingerprinter.fingerprint(ID_CLASS, bytes.get(..length).unwrap_or_default()).0;
    }
    let long = [id.uuid.as_bytes().as_slice(), name].concat();
    fingerprinter.fingerprint(ID_CLASS, &long).0
}

/// Where the rows about an id stand: derived from the log, deleted and made anew at any time.
///
/// Answers are candidates (fingerprints can collide, rows of void batches are gone): the row decides.
#[derive(Debug)]
pub struct Ids {
    index: Index,
    writes: bool,
}

impl Ids {
    /// Opens the index in a folder; opened for reading only, what is applied stays in memory.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn open(folder: &Path, options: Options, writes: bool) -> Result<Self, StoreError> {
        let index = if writes { Index::open(folder, options) } else { Index::open_read_only(folder, options) };
        Ok(Self { index: index.map_err(failed("open"))?, writes })
    }

    /// Every row up to here is known.
    pub fn applied(&self) -> u64 {
        self.index.applied().0
    }

    /// How many rows are about this key.
    pub fn count(&self, key: u64) -> u64 {
        self.index.count(key)
    }

    /// Whether a row about this key stands before a position.
    pub fn stands_before(&self, key: u64, position: u64) -> bool {
        let mut found = false;
        self.index.for_each(key, |first| {
            found = first.0 < position;
            ControlFlow::Break(())
        });
        found
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.index.clear().map_err(failed("clear"))
    }

    /// Adds entries in the order of positions.
    ///
    /// # Errors
    /// When the index cannot take them; nothing is lost, they can be applied again.
    pub fn apply(&self, entries: &[(u64, Position)], up_to: u64) -> Result<(), StoreError> {
        self.index.apply(entries, Position(up_to)).map_err(failed("extend"))
    }

    /// For each key whether any row may be about it.
    pub fn known(&self, keys: &[u64], out: &mut Vec<bool>) {
        self.index.contains_many(keys, out);
    }

    /// Positions of rows that may be about this id, ascending.
    pub fn positions(&self, key: u64) -> Vec<u64> {
        self.index.positions(key, usize::MAX).into_iter().map(|p| p.0).collect()
    }

    /// Whether a row of this id is known to stand here.
    pub fn holds(&self, key: u64, position: u64) -> bool {
        let mut found = false;
        self.index.for_each(key, |p| {
            found = p.0 == position;
            if p.0 < position { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        found
    }

    /// As [`Self::positions`]: the newest up to `most`, newest first. Of an id with thousands of rows only the very
    /// newest, so that nobody can slow the intake down by sending one id without end.
    pub fn newest(&self, key: u64, most: usize) -> VecDeque<u64> {
        let mut found = VecDeque::new();
        if self.index.count(key) > MANY {
            found.extend(self.index.newest(key).map(|p| p.0));
            return found;
        }
        self.index.for_each(key, |position| {
            found.push_front(position.0);
            found.truncate(most);
            ControlFlow::Continue(())
        });
        found
    }

    /// Writes what is in memory to disk when it is worth a file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        let unwritten = self.index.applied().0.saturating_sub(self.index.covered().0);
        if self.writes && unwritten > WORTH_FLUSHING {
            return self.index.flush().map_err(failed("write"));
        }
        Ok(())
    }

    /// Picks up what the writing process has written since.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn refresh(&self) -> Result<(), StoreError> {
        self.index.refresh().map_err(failed("refresh"))
    }
}

impl Drop for Ids {
    fn drop(&mut self) {
        // Lost time at the next start is all that a failure costs.
        let _ = self.checkpoint();
    }
}

fn failed(doing: &'static str) -> impl Fn(comity_index::IndexError) -> StoreError {
    move |error| StoreError::engine(format!("{doing} its index of ids"), error)
}

/// Fewer rows than this are read again at the next start faster than a file is written.
const WORTH_FLUSHING: u64 = 20_000;
/// More rows than this about one id are not gone through for every new version of it.
const MANY: u64 = 4_096;
/// The fingerprint class of ids.
const ID_CLASS: u8 = 1;
