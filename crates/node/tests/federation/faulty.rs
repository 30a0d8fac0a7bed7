//! A store in memory whose process can be killed between two writes.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use comity_store::conformance::MemoryStore;
use comity_store::{
    BatchId, BatchInfo, BatchRecord, BatchStart, Change, Counts, Found, Head, KeptEntry, LabelId, Log, NewEntry,
    NewVersion, Original, OriginalId, Outcome, Packer, Piece, Rejected, Store, StoreError, Undone, Version, Written,
};

/// Keeps the contract until its writes are used up; then nothing is written any more.
#[derive(Debug)]
pub(crate) struct Faulty {
    inner: MemoryStore,
    left: AtomicI64,
}

impl Faulty {
    pub(crate) fn new(inner: MemoryStore) -> Self {
        Self { inner, left: AtomicI64::new(i64::MAX) }
    }

    /// As another process finds it after this one was killed now.
    pub(crate) fn crashed(&self) -> Self {
        Self::new(self.inner.crashed())
    }

    /// After so many writes more everything is refused.
    pub(crate) fn kill_after(&self, writes: i64) {
        self.left.store(writes, Ordering::Relaxed);
    }

    fn spend(&self) -> Result<&MemoryStore, StoreError> {
        if self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            return Ok(&self.inner);
        }
        self.left.store(0, Ordering::Relaxed);
        Err(StoreError::engine("write", "the process was killed"))
    }
}

type Answer<T> = Result<T, StoreError>;

impl Store for Faulty {
    fn identity(&self) -> Answer<String> {
        self.inner.identity()
    }
    fn head(&self) -> Answer<Head> {
        self.inner.head()
    }
    fn scan(&self, after: Position, limit: usize, bodies: bool) -> Answer<Vec<Version>> {
        self.inner.scan(after, limit, bodies)
    }
    fn get(&self, positions: &[Position]) -> Answer<Vec<Option<Version>>> {
        self.inner.get(positions)
    }
    fn versions(&self, id: &ObjectId) -> Answer<Vec<Version>> {
        self.inner.versions(id)
    }
    fn position_at(&self, time: Timestamp) -> Answer<Position> {
        self.inner.position_at(time)
    }
    fn labels(&self, after: LabelId) -> Answer<Vec<(LabelId, Arc<str>)>> {
        self.inner.labels(after)
    }
    fn batches(&self, before: Option<BatchId>, limit: usize) -> Answer<Vec<BatchInfo>> {
        self.inner.batches(before, limit)
    }
    fn batch(&self, id: BatchId) -> Answer<Option<BatchInfo>> {
        self.inner.batch(id)
    }
    fn batch_of(&self, position: Position) -> Answer<Option<BatchInfo>> {
        self.inner.batch_of(position)
    }
    fn rejected(&self, batch: Option<BatchId>) -> Answer<Vec<Rejected>> {
        self.inner.rejected(batch)
    }
    fn originals(&self, batch: BatchId) -> Answer<Vec<Original>> {
        self.inner.originals(batch)
    }
    fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Answer<Option<BatchId>> {
        self.inner.find_original(owner, sha256)
    }
    fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Answer<()> {
        self.inner.read_original(id, out)
    }
    fn value(&self, key: &str) -> Answer<Option<(u64, Vec<u8>)>> {
        self.inner.value(key)
    }
    fn values(&self, prefix: &str) -> Answer<Vec<(String, Vec<u8>)>> {
        self.inner.values(prefix)
    }
    fn packer(&self) -> Packer {
        self.inner.packer()
    }
    fn intern_label(&self, label: &str) -> Answer<LabelId> {
        self.spend()?.intern_label(label)
    }
    fn begin(&self, start: &BatchStart) -> Answer<BatchId> {
        self.spend()?.begin(start)
    }
    fn add_original(&self, batch: BatchId, original: &Original) -> Answer<OriginalId> {
        self.spend()?.add_original(batch, original)
    }
    fn keep(&self, original: OriginalId, bytes: &[u8]) -> Answer<()> {
        self.inner.keep(original, bytes)
    }
    fn seal_original(&self, original: OriginalId, sha256: &[u8; 32], bytes: u64) -> Answer<()> {
        self.inner.seal_original(original, sha256, bytes)
    }
    fn append(&self, batch: BatchId, versions: &[NewVersion], found: Found<'_>) -> Answer<Vec<Outcome>> {
        self.spend()?.append(batch, versions, found)
    }
    fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Answer<()> {
        self.spend()?.reject(batch, rejected)
    }
    fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Answer<()> {
        self.spend()?.mark_repaired(batch, index, by)
    }
    fn forget_rejected(&self, batch: BatchId) -> Answer<u64> {
        self.spend()?.forget_rejected(batch)
    }
    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Answer<BatchInfo> {
        self.spend()?.finish(batch, counts, now)
    }
    fn abandon(&self, batch: BatchId) -> Answer<()> {
        self.spend()?.abandon(batch)
    }
    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Answer<Undone> {
        self.spend()?.undo(batch, start, now)
    }
    fn withdraw(&self, targets: &[Position], start: &BatchStart, now: Timestamp) -> Answer<Undone> {
        self.spend()?.withdraw(targets, start, now)
    }
    fn erase(&self, positions: &[Position]) -> Answer<u64> {
        self.spend()?.erase(positions)
    }
    fn forget_originals(&self, originals: &[OriginalId]) -> Answer<u64> {
        self.spend()?.forget_originals(originals)
    }
    fn logs(&self) -> Answer<Vec<Log>> {
        self.inner.logs()
    }
    fn entries(&self, from: u64, limit: usize, openings: bool) -> Answer<Vec<KeptEntry>> {
        self.inner.entries(from, limit, openings)
    }
    fn note(&self, batch: BatchId, entries: &[NewEntry]) -> Answer<()> {
        self.inner.note(batch, entries)
    }
    fn write(&self, change: &Change<'_>) -> Answer<Written> {
        self.spend()?.write(change)
    }
    fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Answer<()> {
        self.spend()?.set_openings(openings)
    }
    fn records(&self, after: BatchId, limit: usize) -> Answer<Vec<BatchRecord>> {
        self.inner.records(after, limit)
    }
    fn import(&self, piece: &Piece<'_>) -> Answer<()> {
        self.spend()?.import(piece)
    }
    fn check(&self) -> Answer<Vec<String>> {
        self.inner.check()
    }
}
