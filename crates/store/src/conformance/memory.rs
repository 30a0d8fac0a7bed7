use std::io::Write;
use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use parking_lot::Mutex;

use super::state::State;
use crate::{
    BatchId, BatchInfo, BatchRecord, BatchStart, BatchState, Change, Counts, Found, Head, KeptEntry, LabelId, Log,
    NewEntry, NewVersion, Op, Original, OriginalId, Outcome, Packer, Piece, Rejected, Store, StoreError, Traces,
    Undone, Version, Written,
};

/// A store in memory: the plainest thing that keeps the contract. Engines are compared with it, and
/// tests of other rooms may use it. It is slow on large data and durable only within its process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    packer: Packer,
    state: Mutex<State>,
}

impl MemoryStore {
    /// One in which batches may be open side by side.
    pub fn side_by_side() -> Self {
        Self { packer: Packer::new(), state: Mutex::new(State { side_by_side: true, ..State::default() }) }
    }

    /// The store as another process would find it after this one was killed now.
    #[must_use]
    pub fn crashed(&self) -> Self {
        let mut state = self.state.lock().clone();
        state.crash();
        Self { packer: self.packer.clone(), state: Mutex::new(state) }
    }

    /// Whether a batch, open or not, already set aside an item of this number.
    pub(super) fn rejected_index(&self, batch: BatchId, index: u64) -> bool {
        self.state.lock().rejected.iter().any(|r| r.batch == batch && r.index == index)
    }
}

impl Store for MemoryStore {
    fn identity(&self) -> Result<String, StoreError> {
        Ok("memory".into())
    }

    fn head(&self) -> Result<Head, StoreError> {
        Ok(self.state.lock().head())
    }

    fn traces(&self, after: Position, _: u64) -> Result<Option<Traces>, StoreError> {
        let state = self.state.lock();
        Ok(state.side_by_side.then(|| state.traces(after)))
    }

    fn scan(&self, after: Position, limit: usize, bodies: bool) -> Result<Vec<Version>, StoreError> {
        let state = self.state.lock();
        let rows = state.visible_rows().filter(|row| row.position > after).take(limit).cloned();
        Ok(rows.map(|row| if bodies { row } else { Version { raw: Arc::default(), ..row } }).collect())
    }

    fn get(&self, positions: &[Position]) -> Result<Vec<Option<Version>>, StoreError> {
        let state = self.state.lock();
        Ok(positions.iter().map(|p| state.rows.get(&p.0).filter(|_| p.0 <= state.visible).cloned()).collect())
    }

    fn versions(&self, id: &ObjectId) -> Result<Vec<Version>, StoreError> {
        let state = self.state.lock();
        Ok(state.visible_rows().filter(|r| r.id == *id).map(|r| Version { raw: Arc::default(), ..r.clone() }).collect())
    }

    fn position_at(&self, time: Timestamp) -> Result<Position, StoreError> {
        let state = self.state.lock();
        let infos = state.batches.iter().map(|b| &b.info);
        let past = infos.filter(|i| i.last > i.after && i.finished.is_some_and(|f| f <= time));
        Ok(past.map(|i| i.last).max().unwrap_or_default())
    }

    fn labels(&self, after: LabelId) -> Result<Vec<(LabelId, Arc<str>)>, StoreError> {
        let state = self.state.lock();
        let numbered = (1..).map(LabelId).zip(state.labels.iter().cloned());
        Ok(numbered.filter(|(id, _)| *id > after).collect())
    }

    fn batches(&self, before: Option<BatchId>, limit: usize) -> Result<Vec<BatchInfo>, StoreError> {
        let state = self.state.lock();
        let shown = state.batches.iter().rev().map(|b| &b.info).filter(|i| State::shown(i));
        Ok(shown.filter(|i| before.is_none_or(|b| i.id < b)).take(limit).cloned().collect())
    }

    fn batch(&self, id: BatchId) -> Result<Option<BatchInfo>, StoreError> {
        Ok(self.state.lock().batch(id).map(|b| b.info.clone()))
    }

    fn batch_of(&self, position: Position) -> Result<Option<BatchInfo>, StoreError> {
        let state = self.state.lock();
        let mut infos = state.batches.iter().map(|b| &b.info).filter(|i| State::shown(i));
        Ok(infos.find(|i| i.after < position && position <= i.last).cloned())
    }

    fn rejected(&self, batch: Option<BatchId>) -> Result<Vec<Rejected>, StoreError> {
        let state = self.state.lock();
        let wanted = state.rejected.iter().filter(|r| batch.is_none_or(|b| r.batch == b) && state.shown_batch(r.batch));
        let mut found: Vec<_> = wanted.cloned().collect();
        found.sort_by_key(|r| (r.batch, r.index));
        Ok(found)
    }

    fn originals(&self, batch: BatchId) -> Result<Vec<Original>, StoreError> {
        let state = self.state.lock();
        let of = state.originals.iter().filter(|(b, ..)| *b == batch && state.shown_batch(*b));
        Ok(of.map(|(_, original, _)| original.clone()).collect())
    }

    fn find_original(&self, owner: &str, sha256: &[u8; 32]) -> Result<Option<BatchId>, StoreError> {
        let state = self.state.lock();
        let fits = |id: BatchId| {
            state.batch(id).is_some_and(|b| b.info.state == BatchState::Done && b.info.owner.as_str() == owner)
        };
        let withdrawn = state.withdrawn();
        let whole = |id| !withdrawn.iter().any(|p| state.rows.get(&p.0).is_some_and(|row| row.source == id));
        let same = state.originals.iter().filter(|(b, o, _)| o.sha256 == *sha256 && fits(*b) && whole(o.id));
        let same = same.filter(|(_, o, _)| o.sha256 != [0; 32]);
        Ok(same.map(|(b, ..)| *b).max())
    }

    fn read_original(&self, id: OriginalId, out: &mut dyn Write) -> Result<(), StoreError> {
        let state = self.state.lock();
        let found = state.originals.iter().find(|(b, o, _)| o.id == id && o.kept && state.shown_batch(*b));
        let (.., bytes) = found.ok_or(StoreError::NoOriginal(id))?;
        out.write_all(bytes).map_err(|e| StoreError::engine(format!("copy original {id}"), e))
    }

    fn value(&self, key: &str) -> Result<Option<(u64, Vec<u8>)>, StoreError> {
        Ok(self.state.lock().settings.get(key).cloned())
    }

    fn values(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let state = self.state.lock();
        let found = state.settings.iter().filter(|(key, _)| key.starts_with(prefix));
        Ok(found.map(|(key, (_, value))| (key.clone(), value.clone())).collect())
    }

    fn packer(&self) -> Packer {
        self.packer.clone()
    }

    fn intern_label(&self, label: &str) -> Result<LabelId, StoreError> {
        let labels = &mut self.state.lock().labels;
        let at = labels.iter().position(|l| **l == *label).unwrap_or_else(|| {
            labels.push(label.into());
            labels.len() - 1
        });
        Ok(LabelId(u32::try_from(at + 1).unwrap_or(u32::MAX)))
    }

    fn begin(&self, start: &BatchStart) -> Result<BatchId, StoreError> {
        self.state.lock().begin(start, None, None)
    }

    fn add_original(&self, batch: BatchId, original: &Original) -> Result<OriginalId, StoreError> {
        let mut state = self.state.lock();
        state.open(batch)?;
        let id = OriginalId(state.originals.len() as u64 + 1);
        state.originals.push((batch, Original { id, ..original.clone() }, Vec::new()));
        Ok(id)
    }

    fn keep(&self, original: OriginalId, bytes: &[u8]) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let found = state.originals.iter().position(|(_, o, _)| o.id == original && o.kept);
        let batch =
            found.and_then(|at| state.originals.get(at)).map(|(b, ..)| *b).ok_or(StoreError::NoOriginal(original))?;
        state.open(batch)?;
        if let Some((.., kept)) = found.and_then(|at| state.originals.get_mut(at)) {
            kept.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn seal_original(&self, original: OriginalId, sha256: &[u8; 32], bytes: u64) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let found = state.originals.iter().position(|(_, o, _)| o.id == original);
        let batch =
            found.and_then(|at| state.originals.get(at)).map(|(b, ..)| *b).ok_or(StoreError::NoOriginal(original))?;
        state.open(batch)?;
        if let Some((_, entry, kept)) = found.and_then(|at| state.originals.get_mut(at)) {
            if entry.kept && kept.len() as u64 != bytes {
                return Err(StoreError::Damaged(format!(
                    "original {original} was sealed at {bytes} bytes, {} were kept",
                    kept.len()
                )));
            }
            (entry.sha256, entry.bytes) = (*sha256, bytes);
        }
        Ok(())
    }

    fn append(&self, batch: BatchId, versions: &[NewVersion], _: Found<'_>) -> Result<Vec<Outcome>, StoreError> {
        let mut state = self.state.lock();
        state.open(batch)?;
        let raws: Vec<_> = versions.iter().map(|v| self.packer.unpack(&v.body)).collect::<Result<_, _>>()?;
        let mut outcomes = Vec::with_capacity(versions.len());
        for (new, raw) in versions.iter().zip(raws) {
            if let Some(place) = state.same(batch, new, &raw) {
                outcomes.push(Outcome::Unchanged(place));
                continue;
            }
            let revised = state.is_known(batch, &new.id);
            let (position, id) = (Position::START, new.id.clone());
            let NewVersion { modified, label, source, offset, .. } = *new;
            let row = Version { position, id, modified, label, op: Op::Put, source, offset, raw };
            outcomes.push(Outcome::Added { place: state.push(batch, row)?, revised });
        }
        Ok(outcomes)
    }

    fn reject(&self, batch: BatchId, rejected: &[Rejected]) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        state.open(batch)?;
        state.rejected.extend(rejected.iter().map(|r| Rejected { batch, ..r.clone() }));
        Ok(())
    }

    fn mark_repaired(&self, batch: BatchId, index: u64, by: BatchId) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let found = state.rejected.iter_mut().find(|r| r.batch == batch && r.index == index);
        found.ok_or(StoreError::NoBatch(batch))?.repaired_by = Some(by);
        Ok(())
    }

    fn forget_rejected(&self, batch: BatchId) -> Result<u64, StoreError> {
        let mut state = self.state.lock();
        let mut forgotten = 0;
        for item in state.rejected.iter_mut().filter(|item| item.batch == batch && !item.item.is_empty()) {
            item.item.clear();
            forgotten += 1;
        }
        Ok(forgotten)
    }

    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
        self.state.lock().finish(batch, counts, now)
    }

    fn abandon(&self, batch: BatchId) -> Result<(), StoreError> {
        self.state.lock().give_up(batch)
    }

    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.state.lock().undo(batch, start, now)
    }

    fn withdraw(&self, targets: &[Position], start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        self.state.lock().withdraw(targets, start, now)
    }

    fn erase(&self, positions: &[Position]) -> Result<u64, StoreError> {
        self.state.lock().erase(positions)
    }

    fn forget_originals(&self, originals: &[OriginalId]) -> Result<u64, StoreError> {
        let mut state = self.state.lock();
        let mut forgotten = 0;
        for (_, original, bytes) in state.originals.iter_mut().filter(|(_, o, _)| o.kept && originals.contains(&o.id)) {
            bytes.clear();
            (original.kept, original.sha256) = (false, [0; 32]);
            forgotten += 1;
        }
        Ok(forgotten)
    }

    fn logs(&self) -> Result<Vec<Log>, StoreError> {
        let state = self.state.lock();
        let logs = state.entries.chunk_by(|a, b| a.log == b.log).filter_map(|of| {
            of.first().map(|entry| Log { log: entry.log, first: entry.number, size: of.len() as u64 })
        });
        Ok(logs.collect())
    }

    fn entries(&self, from: u64, limit: usize, openings: bool) -> Result<Vec<KeptEntry>, StoreError> {
        let state = self.state.lock();
        let wanted = state.entries.iter().skip(usize::try_from(from).unwrap_or(usize::MAX)).take(limit).cloned();
        Ok(wanted.map(|entry| if openings { entry } else { KeptEntry { opening: Vec::new(), ..entry } }).collect())
    }

    fn note(&self, batch: BatchId, entries: &[NewEntry]) -> Result<(), StoreError> {
        self.state.lock().open(batch)?.entries.extend_from_slice(entries);
        Ok(())
    }

    fn write(&self, change: &Change<'_>) -> Result<Written, StoreError> {
        self.state.lock().write(change)
    }

    fn set_openings(&self, openings: &[(u64, Vec<u8>)]) -> Result<(), StoreError> {
        let mut state = self.state.lock();
        let size = state.entries.len() as u64;
        if let Some((number, _)) = openings.iter().find(|(number, _)| *number >= size) {
            return Err(StoreError::NoEntry(*number));
        }
        for (number, opening) in openings {
            let entry = usize::try_from(*number).ok().and_then(|at| state.entries.get_mut(at));
            entry.ok_or(StoreError::NoEntry(*number))?.opening.clone_from(opening);
        }
        Ok(())
    }

    fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        let state = self.state.lock();
        let closed = state.batches.iter().filter(|b| b.info.id > after && b.info.state != BatchState::Open);
        let root = |at: usize| BatchId(at as u64 + 1);
        let records = closed.take(limit).map(|b| BatchRecord {
            info: b.info.clone(),
            root: b.root.map(root),
            withdraws: state.withdraws(&b.info),
        });
        Ok(records.collect())
    }

    fn import(&self, _: &Piece<'_>) -> Result<(), StoreError> {
        Err(StoreError::engine("take a piece of another store", "a store in memory has no use for it"))
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        let state = self.state.lock();
        let withdrawn = state.withdrawn();
        let lost = |row: &&Version| row.op == Op::Put && row.raw.is_empty() && !withdrawn.contains(&row.position);
        Ok(state.rows.values().filter(lost).map(|row| format!("Position {} has no body.", row.position)).collect())
    }
}
