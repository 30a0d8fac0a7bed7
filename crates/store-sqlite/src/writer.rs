use comity_store::{BatchId, Fence, NewEntry, Pieces, StoreError};
use rusqlite::Connection;

use crate::engine::Doing as _;
use crate::lock::WriterLock;

/// The writing side: one connection, at most one open batch.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) db: Connection,
    pub(crate) open: Option<Open>,
    pub(crate) pieces: Pieces,
    /// Number of the newest row the training of dictionaries has considered.
    pub(crate) trained_at: u64,
    _lock: WriterLock,
}

/// Waits for the disk again when it is dropped, also where a panic passes by.
struct WaitsAgain<'w>(&'w mut Writer);

impl Drop for WaitsAgain<'_> {
    fn drop(&mut self) {
        // Said aloud by whoever was not interrupted.
        drop(self.0.db.pragma_update(None, "synchronous", "FULL"));
    }
}

/// The open batch.
#[derive(Clone, Debug)]
pub(crate) struct Open {
    pub(crate) id: BatchId,
    /// The last position before it.
    pub(crate) after: u64,
    /// The last position given out.
    pub(crate) last: u64,
    /// The lease it is written under.
    pub(crate) fence: Option<Fence>,
    /// What the ledger is told when it is finished.
    pub(crate) entries: Vec<NewEntry>,
}

impl Writer {
    pub(crate) fn new(db: Connection, lock: WriterLock) -> Self {
        Self { db, open: None, pieces: Pieces::default(), trained_at: 0, _lock: lock }
    }

    /// Writes without waiting for the disk: whatever is committed in the usual way after it takes it along, and power
    /// lost before that takes both. For what means nothing by itself.
    pub(crate) fn with_the_next<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let what = || "choose when it waits for the disk".to_owned();
        self.db.pragma_update(None, "synchronous", "NORMAL").doing(what)?;
        let waits_again = WaitsAgain(self);
        let written = write(waits_again.0);
        waits_again.0.db.pragma_update(None, "synchronous", "FULL").doing(what)?;
        written
    }

    /// Keeps in mind what the ledger is told when the open batch is finished.
    pub(crate) fn note(&mut self, batch: BatchId, entries: &[NewEntry]) -> Result<(), StoreError> {
        self.open(batch)?;
        if let Some(open) = &mut self.open {
            open.entries.extend_from_slice(entries);
        }
        Ok(())
    }

    /// The open batch, when it is this one.
    pub(crate) fn open(&self, batch: BatchId) -> Result<Open, StoreError> {
        if let Some(open) = self.open.clone().filter(|open| open.id == batch) {
            return Ok(open);
        }
        let known = crate::batches::info(&self.db, batch)?.is_some();
        Err(if known {
            StoreError::BatchState { batch, why: "is not open".into() }
        } else {
            StoreError::NoBatch(batch)
        })
    }
}
