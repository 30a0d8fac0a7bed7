//! The batches this process has open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use comity_base::Position;
use comity_index::Options;
use comity_store::{BatchId, BatchState, Fence, Ids, NewEntry, OriginalId, Pieces, StoreError};
use parking_lot::Mutex;

/// One open batch, as its process knows it.
pub(crate) struct Open {
    pub(crate) id: BatchId,
    /// The name under which this process wrote when it began.
    pub(crate) process: String,
    /// How many versions it has.
    pub(crate) count: u64,
    pub(crate) fence: Option<Fence>,
    /// What the ledger is told when it is finished.
    pub(crate) entries: Vec<NewEntry>,
    pub(crate) pieces: Pieces,
    /// The numbers its originals got, in order.
    pub(crate) originals: Vec<OriginalId>,
    pub(crate) ids: OpenIds,
    /// Set once it can no longer be finished here.
    pub(crate) is_over: bool,
}

/// Where the versions of an open batch stand, by id: in memory at first, then in an index of its own.
pub(crate) struct OpenIds {
    folder: PathBuf,
    options: Options,
    few: Vec<(u64, u64)>,
    index: Option<(Ids, tempfile::TempDir)>,
}

/// The open batches by number.
#[derive(Default)]
pub(crate) struct Opens {
    batches: Mutex<HashMap<BatchId, Arc<tokio::sync::Mutex<Open>>>>,
    /// The originals of open batches.
    originals: Mutex<HashMap<OriginalId, BatchId>>,
}

impl OpenIds {
    pub(crate) fn new(folder: PathBuf, key_id: u64) -> Self {
        let options = Options { delta_entries: 250_000, ..Options::new(key_id) };
        Self { folder, options, few: Vec::new(), index: None }
    }

    /// Adds (key, number) of new versions, in order.
    pub(crate) fn add(&mut self, entries: Vec<(u64, u64)>, count: u64) -> Result<(), StoreError> {
        if self.index.is_none() && self.few.len() + entries.len() <= FEW {
            self.few.extend(entries);
            return Ok(());
        }
        if self.index.is_none() {
            std::fs::create_dir_all(&self.folder).map_err(|error| failed(&self.folder, error))?;
            let folder = tempfile::tempdir_in(&self.folder).map_err(|error| failed(&self.folder, error))?;
            let ids = Ids::open(folder.path(), self.options, true)?;
            let few = std::mem::take(&mut self.few);
            self.index = Some((ids, folder));
            self.apply(&few, few.last().map_or(0, |(_, number)| *number))?;
        }
        self.apply(&entries, count)
    }

    fn apply(&self, entries: &[(u64, u64)], count: u64) -> Result<(), StoreError> {
        let Some((ids, _)) = &self.index else { return Ok(()) };
        let entries: Vec<_> = entries.iter().map(|(key, number)| (*key, Position(*number))).collect();
        ids.apply(&entries, count)
    }

    /// Sets what is known among these keys; the others stay as they are.
    pub(crate) fn mark_known(&self, keys: &[u64], known: &mut [bool]) {
        if let Some((ids, _)) = &self.index {
            let mut here = Vec::new();
            ids.known(keys, &mut here);
            known.iter_mut().zip(here).for_each(|(known, here)| *known |= here);
        } else if !self.few.is_empty() {
            let few: std::collections::HashSet<u64> = self.few.iter().map(|(key, _)| *key).collect();
            known.iter_mut().zip(keys).for_each(|(known, key)| *known |= few.contains(key));
        }
    }

    /// The newest numbers with this key, newest first.
    pub(crate) fn newest(&self, key: u64, most: usize) -> Vec<u64> {
        match &self.index {
            Some((ids, _)) => ids.newest(key, most).into_iter().collect(),
            None => self.few.iter().rev().filter(|(other, _)| *other == key).map(|(_, n)| *n).take(most).collect(),
        }
    }
}

impl Opens {
    pub(crate) fn add(&self, open: Open) {
        self.batches.lock().insert(open.id, Arc::new(tokio::sync::Mutex::new(open)));
    }

    pub(crate) fn get(&self, batch: BatchId) -> Option<Arc<tokio::sync::Mutex<Open>>> {
        self.batches.lock().get(&batch).cloned()
    }

    pub(crate) fn add_original(&self, original: OriginalId, batch: BatchId) {
        self.originals.lock().insert(original, batch);
    }

    pub(crate) fn batch_of_original(&self, original: OriginalId) -> Result<BatchId, StoreError> {
        self.originals.lock().get(&original).copied().ok_or(StoreError::NoOriginal(original))
    }

    pub(crate) fn remove(&self, open: &Open) {
        self.batches.lock().remove(&open.id);
        let mut originals = self.originals.lock();
        for original in &open.originals {
            originals.remove(original);
        }
    }

    /// All of them.
    pub(crate) fn ids(&self) -> Vec<BatchId> {
        self.batches.lock().keys().copied().collect()
    }
}

/// Why a batch that is not open here cannot be written.
pub(crate) fn not_open(batch: BatchId, state: Option<BatchState>) -> StoreError {
    let why = match state {
        None => return StoreError::NoBatch(batch),
        Some(BatchState::Open) => "is being written by another process",
        Some(_) => "is not open",
    };
    StoreError::BatchState { batch, why: why.into() }
}

fn failed(folder: &std::path::Path, error: std::io::Error) -> StoreError {
    StoreError::engine(format!("use the folder {}", folder.display()), error)
}

/// Versions of an open batch whose ids are searched one by one.
const FEW: usize = 2_000;
