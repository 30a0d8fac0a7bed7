//! The store's contract: an append-only, ordered log of object versions and the few tables beside it.
//!
//! Every version has a [`Position`]; positions are dense, and readers see a position only after
//! everything below it. What one intake call brings in is a *batch*: appended in pieces, each
//! durable, and visible as a whole at [`Store::finish`] or not at all.

use std::sync::Arc;
use std::time::{Duration, Instant};

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
mod dedup;
mod error;
mod faults;
mod ids;
mod lease;
mod ledger;
mod model;
mod names;
mod pack;
mod pieces;

pub use dedup::{Candidate, Deduplicator, Entries, Rows};
pub use error::StoreError;
pub use faults::Faults;
pub use ids::{Ids, id_key};
pub use lease::{LEASES, Tenure, lease_key};
pub use ledger::{Change, KeptEntry, Log, NewEntry, Put, Written};
pub use model::{
    BatchId, BatchInfo, BatchRecord, BatchStart, BatchState, Counts, Fence, Found, Head, LabelId, NewVersion, Op,
    Original, OriginalId, Outcome, Piece, Place, Rejected, Trace, Traces, TransactionMetrics, Undone, Version,
    finish_time,
};
pub use names::Names;
pub use pack::{Body, Packer, Training};
pub use pieces::{OriginalPiece, Pieces, unpack_piece};

/// One storage engine. All calls block; all are safe from many threads. One process writes at a time
/// in the embedded engine; engines for several processes keep the same promises. Every call fails with
/// a [`StoreError`] when the engine cannot do it, and then nothing of it was kept.
///
/// In an engine for several processes a reading call sees at least what this handle has seen before:
/// what it wrote itself, and everything up to the newest [`Store::head`] it was told.
#[expect(clippy::missing_errors_doc, reason = "said once for all calls above")]
pub trait Store: Send + Sync {
    // ---- reading -------------------------------------------------------------------------

    /// Names this store and no other, in hexadecimal; a copy of it has the same.
    fn identity(&self) -> Result<String, StoreError>;

    /// Where the log stands.
    fn head(&self) -> Result<Head, StoreError>;

    /// Waits until something after this position is visible, at most so long, and tells where the log stands.
    fn wait(&self, after: Position, most: Duration) -> Result<Head, StoreError> {
        let asked = Instant::now();
        loop {
            let head = self.head()?;
            let left = most.saturating_sub(asked.elapsed());
            if head.visible > after || left.is_zero() {
                return Ok(head);
            }
            std::thread::sleep(left.min(Duration::from_millis(50)));
        }
    }

    /// The next piece of the visible log after a position, as a follower needs it, with what was read in
    /// it by this `reading`. `None` in an engine that keeps nothing of the kind: read the bodies.
    fn traces(&self, _after: Position, _reading: u64) -> Result<Option<Traces>, StoreError> {
        Ok(None)
    }

    /// Up to `limit` versions after a position, in order, none above the visible head; a void or
    /// hidden position is simply absent. Bodies are fetched and unpacked only when `bodies`.
    fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError>;

    /// The versions at these positions with their bodies, in the order asked; `None` where nothing visible stands.
    fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError>;

    /// Every visible row about one id (all owners; tombstones, restorations and withdrawals too), in position order,
    /// without bodies.
    fn versions(&self, id: &ObjectId) -> Result<Vec<Version>, StoreError>;

    /// As [`Store::versions`] for many ids at once, in their order.
    fn versions_of(&self, ids: &[ObjectId]) -> Result<Vec<Vec<Version>>, StoreError> {
        ids.iter().map(|id| self.versions(id)).collect()
    }

    /// The last position that was visible at that time. Times of batches never run backwards (see [`Store::finish`]).
    fn position_at(&self, time: Timestamp) -> Result<Position, StoreError>;

    /// The labels interned after this one, in order, as canonical JSON.
    fn labels(&self, after: LabelId) -> Result<Vec<(LabelId, Arc<str>)>, StoreError>;

    /// Finished, undone and undoing batches, newest first, up to `limit`; those below `before` when given.
    fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError>;

    /// One batch.
    fn batch(&self, id: BatchId) -> Result<Option<BatchInfo>, StoreError>;

    /// The batch a position belongs to.
    fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError>;

    /// What one batch set aside (all batches when none is given), oldest first.
    fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError>;

    /// The kept original documents of a batch, without content.
    fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError>;

    /// A batch that is finished and not undone and holds an original with this SHA-256 under this owner, none of
    /// whose versions was withdrawn: what was withdrawn can be brought in again.
    fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError>;

    /// Streams the exact bytes of one kept original into `out`.
    fn read_original(&self, id: OriginalId, out: &mut dyn std::io::Write) -> Result<(), StoreError>;

    /// A setting, with its version for [`Store::put`].
    fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError>;

    /// Settings whose key starts with a prefix, sorted by key.
    fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError>;

    /// The logs of the ledger, oldest first.
    fn logs(&self) -> Result<Vec<Log>, StoreError>;

    /// Up to `limit` entries of the ledger from this number on, over all logs; their openings only when `openings`.
    fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError>;

    // ---- writing -------------------------------------------------------------------------

    /// The packer that turns raw bytes into [`Body`]s with this store's dictionaries; cheap to clone and share.
    fn packer(&self) -> Packer;

    /// The id of a label, interned now when new.
    fn intern_label(&self, label: &str) -> Result<LabelId, StoreError>;

    /// Opens a batch. Nothing of it is visible before [`Store::finish`]. In an engine for one process one
    /// batch is open at a time: while another is, this is refused with [`StoreError::BatchState`].
    fn begin(&self, start: &BatchStart) -> Result<BatchId, StoreError>;

    /// Registers a file or stream of the open batch and returns its number for `NewVersion::source`;
    /// its bytes, when kept, follow through [`Store::keep`].
    fn add_original(&self, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError>;

    /// Adds the next bytes of a kept original.
    fn keep(&self, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError>;

    /// Ends a kept original with the digest and length of everything kept.
    fn seal_original(&self, original: OriginalId, sha256: &[u8; 32], bytes: u64) -> Result<(), StoreError>;

    /// Appends versions to an open batch in one transaction and says of each what became of it.
    /// `Outcome::Added` carries where it will stand, and whether rows about the same id stood before it.
    /// `Outcome::Unchanged`: among the live rows of the same id, owner and `modified`, the newest has the
    /// same label and the same bytes; what was taken back or withdrawn is not live. An engine may look at the newest 64 rows of an id only, and cannot
    /// look into batches others have open; a repeat that stands there is stored again, which changes no
    /// answer.
    fn append(&self, batch: BatchId, versions: &[NewVersion], found: Found<'_>) -> Result<Vec<Outcome>, StoreError>;

    /// Records items that were set aside.
    fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError>;

    /// Marks a rejected item as repaired by a later batch.
    fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError>;

    /// Forgets the bytes of what a finished batch set aside: where it stood and why stays. Says of how many.
    fn forget_rejected(&self, batch: BatchId) -> Result<u64, StoreError>;

    /// Closes a batch: durable, then visible as a whole. Returning means acknowledged. A clock that went
    /// backwards does not reorder batches: `finished` is later than that of every earlier batch, also when both
    /// are cut to whole milliseconds (see [`finish_time`]). So dates in milliseconds tell batches apart.
    /// [`Store::undo`] and [`Store::withdraw`] finish their batches by the same rule.
    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError>;

    /// Gives up an open batch: its positions become void.
    fn abandon(&self, batch: BatchId) -> Result<(), StoreError>;

    /// Takes a batch back: a new batch with one tombstone for each version it added (or, for an undo
    /// batch, a restoration of each). Refused when already undone or still open, for an undo batch
    /// that a later undo of the same data followed: undo that one instead, and for a batch that withdraws.
    /// Versions that were withdrawn are told with the others and stay withdrawn.
    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError>;

    /// Withdraws versions for good: a new finished batch with one row for each of them in the order of their
    /// positions, of the same id, `modified` and label and without a body, saying that the version there no
    /// longer counts. Unlike a tombstone it is final: no undo brings such a version back, and the batch itself
    /// cannot be undone. The same object appended again is a new version and counts. So do older versions of the
    /// object, unless they are withdrawn with it: to withdraw an object, name every version of it.
    ///
    /// A target that is withdrawn already is passed over; without any left the batch is empty. A target that is
    /// no visible version is refused with [`StoreError::NoVersion`], and then nothing is withdrawn.
    fn withdraw(&self, targets: &[Position], start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError>;

    /// Takes the bodies of these versions out of the store for good and says how many were there. Their rows stay:
    /// ids, dates and labels are still told, and `raw` is empty. Durable when it returns; erasing again changes
    /// nothing. Only for versions that were withdrawn: of any other it is refused with
    /// [`StoreError::NotWithdrawn`], and then nothing is erased.
    ///
    /// Of a version that came from a kept original, the original's bytes hold it too. They are dropped with it when
    /// every version of that original is withdrawn (the original is then no longer `kept`), and stay otherwise:
    /// withdraw the others and erase again.
    ///
    /// What this does not reach: copies of the store, other originals that repeated the object without adding a
    /// version, items that were set aside, and dictionaries for packing, which may hold fragments of objects they
    /// were trained on. Each engine says where else it leaves traces.
    fn erase(&self, positions: &[Position]) -> Result<u64, StoreError>;

    /// Adds entries to the ledger when this open batch is finished, in the transaction that makes it visible; given
    /// up, nothing of them is kept.
    fn note(&self, batch: BatchId, entries: &[NewEntry]) -> Result<(), StoreError>;

    /// Takes the kept bytes of these originals away for good, whatever else came from them, and says of how many there
    /// were any: for what must be gone although other objects of the same document stay.
    fn forget_originals(&self, originals: &[OriginalId]) -> Result<u64, StoreError>;

    /// Writes settings and adds entries to the ledger, all of it durably or nothing. Refused with
    /// [`StoreError::Changed`] for the first setting that has another version by now, and with [`StoreError::Fenced`].
    /// A store that was opened for reading adds entries all the same, and writes no setting: whoever reads is on
    /// record.
    fn write(&self, change: &Change<'_>) -> Result<Written, StoreError>;

    /// Replaces what is kept of the openings of these entries, and leaves no trace of what was there. Each engine says
    /// where else it may be found.
    fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError>;

    /// Leaves no trace of what settings held before they were written anew. Each engine says where else it may be found;
    /// one that keeps nothing of that has nothing to do.
    fn forget_overwritten(&self) -> Result<(), StoreError> {
        Ok(())
    }

    /// Adds entries to the ledger durably, and says the number of the first.
    fn log(&self, entries: &[NewEntry]) -> Result<u64, StoreError> {
        Ok(self.write(&Change { entries, ..Change::default() })?.first)
    }

    /// Writes a setting when its version is still `expected` (`None`: it must not exist). Returns the new version.
    fn put(&self, key: &str, expected: Option<u64>, value: &[u8]) -> Result<u64, StoreError> {
        self.put_under(None, key, expected, value)
    }

    /// As [`Store::put`], durable with whatever becomes durable next; see [`Change::soon`].
    fn put_soon(&self, key: &str, expected: Option<u64>, value: &[u8]) -> Result<u64, StoreError> {
        let written = self.write(&Change { puts: &[Put { key, expected, value }], soon: true, ..Change::default() })?;
        Ok(written.versions.first().copied().unwrap_or_default())
    }

    /// As [`Store::put`], refused with [`StoreError::Fenced`] once the lease was taken over by somebody else.
    fn put_under(
        &self,
        fence: Option<&Fence>,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        let written = self.write(&Change { fence, puts: &[Put { key, expected, value }], ..Change::default() })?;
        Ok(written.versions.first().copied().unwrap_or_default())
    }

    // ---- moving --------------------------------------------------------------------------

    /// Every batch after this one that is not open, void ones too, by number, up to `limit`.
    fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError>;

    /// Puts in a piece of another store's log; the same piece given twice counts once, of a batch the newer
    /// state, and an original that is no longer kept loses its bytes. Positions, numbers and dates are kept. Nothing of it is visible before [`Piece::Head`]. For an
    /// otherwise unused store.
    fn import(&self, piece: &Piece<'_>) -> Result<(), StoreError>;

    /// What each kind of transaction did since the store was opened; nothing in an engine without a network.
    fn transactions(&self) -> Vec<TransactionMetrics> {
        Vec::new()
    }

    /// Checks integrity: engine, density of positions, readability of every body. Returns sentences about what is wrong.
    fn check(&self) -> Result<Vec<String>, StoreError>;
}

/// The owner named by a label's JSON; the whole text for a label that names none. Versions of one id
/// whose labels have the same owner are one line of versions.
pub fn owner_of(label: &str) -> String {
    let doc = comity_stix::Doc::parse(label.as_bytes(), 64);
    let owner = doc.ok().and_then(|doc| doc.root().str("owner").map(str::to_owned));
    owner.unwrap_or_else(|| label.to_owned())
}
