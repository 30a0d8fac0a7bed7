use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::path::Path;

use comity_base::Position;
use comity_index::{Index, Options};
use comity_store::StoreError;

/// Where the rows about an id stand: derived from the log, deleted and made anew at any time.
///
/// Answers are candidates (fingerprints can collide, rows of void batches are gone): the row decides.
#[derive(Debug)]
pub(crate) struct Ids {
    index: Index,
    writes: bool,
}

impl Ids {
    pub(crate) fn open(folder: &Path, key_id: u64, writes: bool) -> Result<Self, StoreError> {
        let options = Options::new(key_id);
        let index = if writes { Index::open(folder, options) } else { Index::open_read_only(folder, options) };
        Ok(Self { index: index.map_err(failed("open"))?, writes })
    }

    /// Every row up to here is known.
    pub(crate) fn applied(&self) -> u64 {
        self.index.applied().0
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        self.index.clear().map_err(failed("clear"))
    }

    /// Adds entries in the order of positions.
    pub(crate) fn apply(&self, entries: &[(u64, Position)], up_to: u64) -> Result<(), StoreError> {
        self.index.apply(entries, Position(up_to)).map_err(failed("extend"))
    }

    /// For each key whether any row may be about it.
    pub(crate) fn known(&self, keys: &[u64], out: &mut Vec<bool>) {
        self.index.contains_many(keys, out);
    }

    /// Positions of rows that may be about this id, ascending.
    pub(crate) fn positions(&self, key: u64) -> Vec<u64> {
        self.index.positions(key, usize::MAX).into_iter().map(|p| p.0).collect()
    }

    /// Whether a row of this id is known to stand here.
    pub(crate) fn holds(&self, key: u64, position: u64) -> bool {
        let mut found = false;
        self.index.for_each(key, |p| {
            found = p.0 == position;
            if p.0 < position { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        });
        found
    }

    /// As [`Self::positions`]: the newest up to `most`, newest first. Of an id with thousands of rows only the very
    /// newest, so that nobody can slow the intake down by sending one id without end.
    pub(crate) fn newest(&self, key: u64, most: usize) -> VecDeque<u64> {
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

    /// Picks up what the writing process has written since.
    pub(crate) fn refresh(&self) -> Result<(), StoreError> {
        self.index.refresh().map_err(failed("refresh"))
    }
}

impl Drop for Ids {
    fn drop(&mut self) {
        let unwritten = self.index.applied().0.saturating_sub(self.index.covered().0);
        if self.writes && unwritten > WORTH_FLUSHING {
            // Lost time at the next start is all that a failure costs.
            let _ = self.index.flush();
        }
    }
}

fn failed(doing: &'static str) -> impl Fn(comity_index::IndexError) -> StoreError {
    move |error| StoreError::engine(format!("{doing} its index of ids"), error)
}

/// Fewer rows than this are read again at the next start faster than a file is written.
const WORTH_FLUSHING: u64 = 20_000;
/// More rows than this about one id are not gone through for every new version of it.
const MANY: u64 = 4_096;
