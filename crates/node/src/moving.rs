//! Moving a node's store into another engine: everything, with its numbers, positions and dates.
//!
//! The move can be stopped and run again at any time: a batch that is there is passed over, and every piece
//! counts once however often it is given. The old store may be written to meanwhile; a last run, with nobody
//! writing, brings the rest. No node opens the new store before everything was compared, object by object.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use comity_base::Position;
use comity_crypto::Sha256;
use comity_store::{
    BatchId, BatchRecord, Found, Head, LEASES, Original, OriginalId, Piece, Store, StoreError, Version,
};
use serde::Serialize;

use crate::NodeError;
use crate::derived::entries;
use crate::reading::ObjectReader;

/// Marks a store into which a move was begun and not ended; nothing else may be done with it.
const UNFINISHED: &str = "move/from";
const PAGE: usize = 4_096;

/// How a store is moved.
pub struct Move<'m> {
    /// Where everything is. It is never changed.
    pub from: &'m dyn Store,
    /// Where everything goes: an unused store, or one into which this move was begun before.
    pub to: &'m dyn Store,
    /// Set from outside to stop; run it again to go on.
    pub stop: &'m AtomicBool,
    /// Told how far it is, often.
    pub progress: &'m dyn Fn(Moved),
}

/// How far a move is, and what it did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Versions in the old store.
    pub versions: u64,
    /// Versions copied, in this run or one before.
    pub copied: u64,
    /// Versions found to be the same on both sides.
    pub compared: u64,
    /// Batches, void ones too.
    pub batches: u64,
    /// Whether it was stopped before the end.
    pub stopped: bool,
}

/// Refuses a store into which a move was begun and not ended.
pub(crate) fn check_finished(store: &dyn Store) -> Result<(), NodeError> {
    match store.value(UNFINISHED)? {
        Some((_, from)) if !from.is_empty() => Err(NodeError::Refused(
            "a move into this store was begun and not ended; run `comity store move` again with the same stores".into(),
        )),
        _ => Ok(()),
    }
}

impl Move<'_> {
    /// Copies, compares, and then makes everything visible at once.
    ///
    /// # Errors
    /// When the new store holds anything else, a store fails, or something is not the same on both sides; the
    /// old store is never changed.
    pub(crate) fn run(&self, reader: &ObjectReader) -> Result<Moved, NodeError> {
        let head = self.from.head()?;
        self.claim()?;
        let mut moved = Moved { versions: head.visible.0, ..Moved::default() };
        self.to.import(&Piece::Labels(&self.from.labels(comity_store::LabelId(0))?))?;
        for record in self.records()? {
            if self.to.batch(record.info.id)?.is_some() {
                moved.copied += record.info.last.0 - record.info.after.0;
                // It may have been undone since.
                self.to.import(&Piece::Batch(&record))?;
            } else if !self.copy(&record, reader, &mut moved)? {
                return Ok(Moved { stopped: true, ..moved });
            }
            moved.batches += 1;
            (self.progress)(moved);
        }
        self.copy_settings()?;
        self.copy_ledger()?;
        if self.to.head()?.visible != head.visible {
            self.to.import(&Piece::Head(head))?;
        }
        if !self.compare(&mut moved)? {
            return Ok(Moved { stopped: true, ..moved });
        }
        let has_grown = self.from.logs()? != self.to.logs()? || settings_of(self.from)? != settings_of(self.to)?;
        if has_grown || self.from.head()? != head || self.records()?.len() as u64 != moved.batches {
            return Err(NodeError::Refused(
                "the old store was written to meanwhile; stop whoever writes and run `comity store move` again for \
                 the rest"
                    .into(),
            ));
        }
        self.to.import(&Piece::Setting(UNFINISHED, b""))?;
        Ok(moved)
    }

    /// Makes sure that the new store is unused, or that this very move was begun in it.
    fn claim(&self) -> Result<(), NodeError> {
        let mark = self.from.identity()?.into_bytes();
        match self.to.value(UNFINISHED)? {
            Some((_, begun)) if begun == mark => return Ok(()),
            Some((_, begun)) if !begun.is_empty() => {
                return Err(NodeError::Refused(
                    "a move of another store was begun there; empty the new store and begin again".into(),
                ));
            }
            Some(_) => return Err(NodeError::Refused("this store was moved there already".into())),
            None => {}
        }
        let unused = self.to.head()? == Head::default()
            && self.to.records(BatchId(0), 1)?.is_empty()
            && self.to.logs()?.is_empty();
        if !unused {
            return Err(NodeError::Refused("the new store holds something already; nothing was changed".into()));
        }
        Ok(self.to.import(&Piece::Setting(UNFINISHED, &mark))?)
    }

    /// Every batch of the old store, those that hold positions in their order.
    fn records(&self) -> Result<Vec<BatchRecord>, NodeError> {
        let mut records: Vec<BatchRecord> = Vec::new();
        loop {
            let after = records.last().map_or(BatchId(0), |record| record.info.id);
            let page = self.from.records(after, 1_000)?;
            if page.is_empty() {
                break;
            }
            records.extend(page);
        }
        records.sort_by_key(|record| (record.info.last, record.info.id));
        Ok(records)
    }

    /// Copies one batch. Says whether it came to the end.
    fn copy(&self, record: &BatchRecord, reader: &ObjectReader, moved: &mut Moved) -> Result<bool, NodeError> {
        let batch = record.info.id;
        for original in self.from.originals(batch)? {
            self.copy_original(batch, &original)?;
        }
        let rejected = self.from.rejected(Some(batch))?;
        for items in rejected.chunks(500) {
            self.to.import(&Piece::Rejected(items))?;
        }
        let mut at = record.info.after;
        while at < record.info.last {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let limit = usize::try_from(record.info.last.0 - at.0).unwrap_or(usize::MAX).min(PAGE);
            let mut versions = self.from.scan(at, limit, true)?;
            versions.retain(|version| version.position <= record.info.last);
            // Void positions hold nothing.
            let Some(last) = versions.last() else { break };
            at = last.position;
            self.copy_versions(record, &versions, reader)?;
            moved.copied += versions.len() as u64;
            (self.progress)(*moved);
        }
        self.to.import(&Piece::Batch(record))?;
        Ok(true)
    }

    fn copy_versions(
        &self,
        record: &BatchRecord,
        versions: &[Version],
        reader: &ObjectReader,
    ) -> Result<(), NodeError> {
        let (mut values, mut references, mut scratch) = (Vec::new(), Vec::new(), String::new());
        for version in versions {
            entries(version, reader, &mut scratch, &mut values, &mut references);
        }
        let index = |(key, position): &(u64, Position)| {
            let at = versions.partition_point(|version| version.position < *position);
            (u32::try_from(at).unwrap_or(u32::MAX), *key)
        };
        let values: Vec<_> = values.iter().map(index).collect();
        let references: Vec<_> = references.iter().map(index).collect();
        let found = Found { reading: reader.reading(), values: &values, references: &references };
        Ok(self.to.import(&Piece::Versions(record, versions, found))?)
    }

    fn copy_original(&self, batch: BatchId, original: &Original) -> Result<(), NodeError> {
        self.to.import(&Piece::Original(batch, original))?;
        if !original.kept {
            return Ok(());
        }
        let mut pieces = Cutter { to: self.to, original: original.id, number: 0, bytes: Vec::new() };
        self.from.read_original(original.id, &mut pieces)?;
        Ok(pieces.end()?)
    }

    /// The ledger with its openings. It may have grown since a move that was cut off: what is there stays.
    fn copy_ledger(&self) -> Result<(), NodeError> {
        let mut at = 0;
        loop {
            let entries = self.from.entries(at, PAGE, true)?;
            let Some(last) = entries.last() else { return Ok(()) };
            at = last.number + 1;
            self.to.import(&Piece::Entries(&entries))?;
        }
    }

    fn compare_ledger(&self, differs: &dyn Fn(String) -> NodeError) -> Result<(), NodeError> {
        let mut at = 0;
        loop {
            let (old, new) = (self.from.entries(at, PAGE, true)?, self.to.entries(at, PAGE, true)?);
            if old != new {
                return Err(differs(format!("the ledger from entry {at} on")));
            }
            let Some(last) = old.last() else { break };
            at = last.number + 1;
        }
        if self.from.logs()? == self.to.logs()? { Ok(()) } else { Err(differs("the list of the ledger's logs".into())) }
    }

    /// Settings, except whose turn it is to do what.
    fn copy_settings(&self) -> Result<(), NodeError> {
        for (key, value) in settings_of(self.from)? {
            self.to.import(&Piece::Setting(&key, &value))?;
        }
        Ok(())
    }

    /// Reads both sides side by side. Says whether it came to the end.
    fn compare(&self, moved: &mut Moved) -> Result<bool, NodeError> {
        let differs = |what: String| {
            NodeError::Refused(format!(
                "{what} is not the same in the new store; no node will open it, the old one is unchanged"
            ))
        };
        let labels = comity_store::LabelId(0);
        if self.from.labels(labels)? != self.to.labels(labels)? {
            return Err(differs("the list of labels".into()));
        }
        let mut at = Position::START;
        loop {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let (old, mut new) = (self.from.scan(at, PAGE, true)?, self.to.scan(at, PAGE, true)?);
            if self.erase_what_was_erased(&old, &new)? {
                new = self.to.scan(at, PAGE, true)?;
            }
            if let Some((old, _)) = old.iter().zip(&new).find(|(old, new)| old != new) {
                return Err(differs(format!("position {}", old.position)));
            }
            if old.len() != new.len() {
                return Err(differs(format!("what follows position {at}")));
            }
            let Some(last) = old.last() else { break };
            at = last.position;
            moved.compared += old.len() as u64;
            (self.progress)(*moved);
        }
        self.compare_batches(&differs)?;
        self.compare_ledger(&differs)?;
        Ok(true)
    }

    /// A body that was erased in the old store after it was copied is erased in the new one too. Says whether any was.
    fn erase_what_was_erased(&self, old: &[Version], new: &[Version]) -> Result<bool, NodeError> {
        let both = old.iter().zip(new).filter(|(old, new)| old.position == new.position);
        let erased = both.filter(|(old, new)| old.raw.is_empty() && !new.raw.is_empty());
        let erased: Vec<Position> = erased.map(|(old, _)| old.position).collect();
        if erased.is_empty() {
            return Ok(false);
        }
        self.to.import(&Piece::Erased(&erased))?;
        Ok(true)
    }

    /// The originals of a batch on both sides, once those are dropped that the old store no longer keeps.
    fn originals(&self, batch: BatchId) -> Result<(Vec<Original>, Vec<Original>), NodeError> {
        let (old, new) = (self.from.originals(batch)?, self.to.originals(batch)?);
        let dropped = old.iter().zip(&new).filter(|(old, new)| old.id == new.id && new.kept && !old.kept);
        let mut any = false;
        for (old, _) in dropped {
            self.to.import(&Piece::Original(batch, old))?;
            any = true;
        }
        let new = if any { self.to.originals(batch)? } else { new };
        Ok((old, new))
    }

    fn compare_batches(&self, differs: &dyn Fn(String) -> NodeError) -> Result<(), NodeError> {
        let records = self.records()?;
        for record in &records {
            let batch = record.info.id;
            if self.to.batch(batch)?.as_ref() != Some(&record.info) {
                return Err(differs(format!("batch {batch}")));
            }
            let (old, new) = self.originals(batch)?;
            if old != new || self.from.rejected(Some(batch))? != self.to.rejected(Some(batch))? {
                return Err(differs(format!("what belongs to batch {batch}")));
            }
            for original in old.iter().filter(|original| original.kept) {
                if digest(self.from, original.id)? != digest(self.to, original.id)? {
                    return Err(differs(format!("original {}", original.id)));
                }
            }
        }
        let known: BTreeSet<BatchId> = records.iter().map(|record| record.info.id).collect();
        match self.to.records(BatchId(0), usize::MAX)?.iter().find(|record| !known.contains(&record.info.id)) {
            Some(record) => Err(differs(format!("batch {}, which only the new store has,", record.info.id))),
            None => Ok(()),
        }
    }
}

/// Settings, except whose turn it is to do what.
fn settings_of(store: &dyn Store) -> Result<Vec<(String, Vec<u8>)>, NodeError> {
    let mut all = store.values("")?;
    all.retain(|(key, _)| !key.starts_with(LEASES) && key != UNFINISHED);
    Ok(all)
}

fn digest(store: &dyn Store, original: OriginalId) -> Result<[u8; 32], StoreError> {
    let mut digest = Sha256::new();
    store.read_original(original, &mut digest)?;
    Ok(digest.finish())
}

/// Cuts the bytes of an original into pieces of the agreed size.
struct Cutter<'c> {
    to: &'c dyn Store,
    original: OriginalId,
    number: u32,
    bytes: Vec<u8>,
}

impl Cutter<'_> {
    fn send(&mut self, length: usize) -> Result<(), StoreError> {
        let rest = self.bytes.split_off(length);
        self.to.import(&Piece::OriginalBytes(self.original, self.number, &self.bytes))?;
        self.number += 1;
        self.bytes = rest;
        Ok(())
    }

    fn end(mut self) -> Result<(), StoreError> {
        let left = self.bytes.len();
        if left > 0 { self.send(left) } else { Ok(()) }
    }
}

impl std::io::Write for Cutter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        while self.bytes.len() >= Piece::ORIGINAL_BYTES {
            self.send(Piece::ORIGINAL_BYTES).map_err(std::io::Error::other)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
