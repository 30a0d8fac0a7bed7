use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::Bound;
use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;
use parking_lot::Mutex;

use crate::{
    BatchId, BatchInfo, BatchRecord, BatchStart, BatchState, Counts, Fence, Found, Head, LabelId, NewVersion, Op,
    Original, OriginalId, Outcome, Packer, Piece, Place, Rejected, Store, StoreError, Undone, Version, lease_key,
    owner_of,
};

/// A store in memory: the plainest thing that keeps the contract. Engines are compared with it, and
/// tests of other rooms may use it. It is slow on large data and durable only within its process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    packer: Packer,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
struct State {
    /// Whether batches may be open side by side; positions are then given at the end of each, and none is void.
    side_by_side: bool,
    rows: BTreeMap<u64, Version>,
    labels: Vec<Arc<str>>,
    batches: Vec<Batch>,
    originals: Vec<(BatchId, Original, Vec<u8>)>,
    rejected: Vec<Rejected>,
    settings: BTreeMap<String, (u64, Vec<u8>)>,
    visible: u64,
    last: u64,
}

#[derive(Clone, Debug)]
struct Batch {
    info: BatchInfo,
    /// For an undo batch, the batch whose versions it takes back or restores.
    root: Option<usize>,
    /// Its rows while it is open.
    pending: Vec<Version>,
    fence: Option<Fence>,
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

impl State {
    fn shown(info: &BatchInfo) -> bool {
        matches!(info.state, BatchState::Done | BatchState::Undone)
    }

    fn batch(&self, id: BatchId) -> Option<&Batch> {
        self.batches.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    fn shown_batch(&self, id: BatchId) -> bool {
        self.batch(id).is_some_and(|b| Self::shown(&b.info))
    }

    fn open(&mut self, id: BatchId) -> Result<&mut Batch, StoreError> {
        let known = self.batch(id).is_some();
        let at = usize::try_from(id.0).ok().and_then(|id| id.checked_sub(1));
        let open = at.and_then(|at| self.batches.get_mut(at)).filter(|b| b.info.state == BatchState::Open);
        open.ok_or_else(|| if known { not_open(id) } else { StoreError::NoBatch(id) })
    }

    fn visible_rows(&self) -> impl Iterator<Item = &Version> {
        self.rows.range(..=self.visible).map(|(_, row)| row)
    }

    fn begin(
        &mut self,
        start: &BatchStart,
        undoes: Option<BatchId>,
        root: Option<usize>,
    ) -> Result<BatchId, StoreError> {
        if let Some(open) = self.batches.iter().find(|b| b.info.state == BatchState::Open && !self.side_by_side) {
            return Err(StoreError::BatchState {
                batch: open.info.id,
                why: "is still open; finish or abandon it first".into(),
            });
        }
        if let Some(fence) = &start.fence {
            self.check_fence(fence)?;
        }
        let id = BatchId(self.batches.len() as u64 + 1);
        let at = if self.side_by_side { Position::START } else { Position(self.last) };
        let info = BatchInfo {
            id,
            owner: start.owner.clone(),
            note: start.note.clone(),
            state: BatchState::Open,
            began: start.now,
            finished: None,
            after: at,
            last: at,
            undone_by: None,
            undoes,
            counts: Counts::default(),
        };
        self.batches.push(Batch { info, root, pending: Vec::new(), fence: start.fence.clone() });
        Ok(id)
    }

    /// Adds a row to an open batch and says where it stands.
    fn push(&mut self, id: BatchId, row: Version) -> Result<Place, StoreError> {
        let side_by_side = self.side_by_side;
        let batch = self.open(id)?;
        let number = batch.pending.len() as u64 + 1;
        batch.pending.push(row);
        if side_by_side {
            return Ok(Place::Here(number));
        }
        let last = Position(batch.info.after.0 + number);
        batch.info.last = last;
        self.last = self.last.max(last.0);
        Ok(Place::At(last))
    }

    fn check_fence(&self, fence: &Fence) -> Result<(), StoreError> {
        fence.holds(self.settings.get(&lease_key(&fence.lease)).map(|(_, value)| value.as_slice()))
    }

    fn finish(&mut self, id: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
        let newest = self.batches.iter().filter_map(|b| b.info.finished).max();
        let (visible, side_by_side) = (self.visible, self.side_by_side);
        if let Some(fence) = self.open(id)?.fence.clone() {
            self.check_fence(&fence)?;
        }
        let batch = self.open(id)?;
        let info = &mut batch.info;
        if side_by_side {
            info.after = Position(visible);
            info.last = Position(visible + batch.pending.len() as u64);
        }
        info.state = BatchState::Done;
        info.finished = Some(newest.map_or(now, |n| n.max(now)));
        info.counts = *counts;
        let info = info.clone();
        for (row, at) in std::mem::take(&mut batch.pending).into_iter().zip(info.after.0 + 1..) {
            self.rows.insert(at, Version { position: Position(at), ..row });
        }
        if info.last > info.after {
            self.visible = info.last.0;
            self.last = self.last.max(self.visible);
        }
        Ok(info)
    }

    fn give_up(&mut self, id: BatchId) -> Result<(), StoreError> {
        let batch = self.open(id)?;
        batch.info.state = BatchState::Void;
        batch.pending.clear();
        self.originals.iter_mut().filter(|(of, ..)| *of == id).for_each(|(.., bytes)| bytes.clear());
        self.rejected.retain(|r| r.batch != id);
        Ok(())
    }

    fn crash(&mut self) {
        let open = self.batches.iter().filter(|b| b.info.state == BatchState::Open).map(|b| b.info.id);
        for id in open.collect::<Vec<_>>() {
            let _ = self.give_up(id);
        }
    }

    /// The live row that makes this version unchanged.
    fn same(&self, batch: BatchId, new: &NewVersion, raw: &[u8]) -> Option<Place> {
        let owner =
            |label: LabelId| self.labels.get(usize::try_from(label.0).ok()?.checked_sub(1)?).map(|l| owner_of(l));
        let mut dead = BTreeSet::new();
        for row in self.rows.values() {
            match row.op {
                Op::Put => {}
                Op::Tombstone(p) => drop(dead.insert(p)),
                Op::Restore(p) => drop(dead.remove(&p)),
            }
        }
        let here = self.batch(batch).into_iter().flat_map(|b| (1..).zip(&b.pending));
        let here = here.map(|(n, row)| (self.place(batch, n), row));
        let stored = self.rows.values().filter(|row| !dead.contains(&row.position));
        let rows: Vec<_> = stored.map(|row| (Place::At(row.position), row)).chain(here).collect();
        let line = |row: &Version| {
            let same_line = row.id == new.id && owner(row.label) == owner(new.label);
            row.op == Op::Put && same_line && row.modified == new.modified
        };
        let (place, newest) = rows.into_iter().rfind(|(_, row)| line(row))?;
        (newest.label == new.label && *newest.raw == *raw).then_some(place)
    }

    fn place(&self, batch: BatchId, n: u64) -> Place {
        let after = self.batch(batch).map_or(0, |b| b.info.after.0);
        if self.side_by_side { Place::Here(n) } else { Place::At(Position(after + n)) }
    }

    /// Whether any row about this id stands in the log or in this batch.
    fn is_known(&self, batch: BatchId, id: &ObjectId) -> bool {
        let here = self.batch(batch).into_iter().flat_map(|b| &b.pending);
        self.rows.values().chain(here).any(|row| row.id == *id)
    }

    /// Whether the versions of a root batch count now, and the batch that decided it.
    fn decided(&self, root: usize) -> (bool, usize) {
        let mut later = self.batches.iter().enumerate().filter(|(_, b)| b.root == Some(root) && Self::shown(&b.info));
        let (count, last) = later.by_ref().fold((0, root), |(n, _), (at, _)| (n + 1, at));
        (count % 2 == 0, last)
    }
}

fn not_open(batch: BatchId) -> StoreError {
    StoreError::BatchState { batch, why: "is not open".into() }
}

impl Store for MemoryStore {
    fn identity(&self) -> Result<String, StoreError> {
        Ok("memory".into())
    }

    fn head(&self) -> Result<Head, StoreError> {
        let state = self.state.lock();
        Ok(Head { visible: Position(state.visible), last: Position(state.last) })
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
        let same = state.originals.iter().filter(|(b, o, _)| o.sha256 == *sha256 && *sha256 != [0; 32] && fits(*b));
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

    fn finish(&self, batch: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
        self.state.lock().finish(batch, counts, now)
    }

    fn abandon(&self, batch: BatchId) -> Result<(), StoreError> {
        self.state.lock().give_up(batch)
    }

    fn undo(&self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        let mut state = self.state.lock();
        let target = state.batch(batch).cloned().ok_or(StoreError::NoBatch(batch))?;
        let at = target.root.unwrap_or_else(|| usize::try_from(batch.0 - 1).unwrap_or(usize::MAX));
        let (live, decider) = state.decided(at);
        let why = match (target.info.state, target.info.undone_by) {
            (BatchState::Open | BatchState::Void, _) => Some("was never finished".to_owned()),
            (BatchState::Undone, by) => Some(format!("is already undone by batch {}", by.unwrap_or_default())),
            (BatchState::Done, _) if target.root.is_some() && decider as u64 + 1 != batch.0 => {
                Some(format!("was followed by batch {}; undo that one", decider + 1))
            }
            (BatchState::Done, _) => None,
        };
        if let Some(why) = why {
            return Err(StoreError::BatchState { batch, why });
        }
        let by = state.begin(start, Some(batch), Some(at))?;
        let range = state.batches.get(at).map(|b| (Bound::Excluded(b.info.after.0), Bound::Included(b.info.last.0)));
        let rows: Vec<_> = range.map(|r| state.rows.range(r).map(|(_, row)| row.clone()).collect()).unwrap_or_default();
        for row in &rows {
            let op = if live { Op::Tombstone(row.position) } else { Op::Restore(row.position) };
            let row = Version { op, source: OriginalId(0), offset: 0, raw: Arc::default(), ..row.clone() };
            state.push(by, row)?;
        }
        let versions = rows.len() as u64;
        let info = state.finish(by, &Counts { objects: versions, added: versions, ..Counts::default() }, now)?;
        let mut mark = |index: usize, state_now, undone_by| {
            if let Some(b) = state.batches.get_mut(index) {
                (b.info.state, b.info.undone_by) = (state_now, undone_by);
            }
        };
        mark(usize::try_from(batch.0 - 1).unwrap_or(usize::MAX), BatchState::Undone, Some(by));
        if live {
            mark(at, BatchState::Undone, Some(by));
        } else {
            mark(at, BatchState::Done, None);
        }
        Ok(Undone { by: info, versions })
    }

    fn put_under(
        &self,
        fence: Option<&Fence>,
        key: &str,
        expected: Option<u64>,
        value: &[u8],
    ) -> Result<u64, StoreError> {
        let mut state = self.state.lock();
        if let Some(fence) = fence {
            state.check_fence(fence)?;
        }
        let settings = &mut state.settings;
        let found = settings.get(key).map(|(version, _)| *version);
        if found != expected {
            return Err(StoreError::Changed(key.to_owned()));
        }
        let next = found.unwrap_or(0) + 1;
        settings.insert(key.to_owned(), (next, value.to_vec()));
        Ok(next)
    }

    fn records(&self, after: BatchId, limit: usize) -> Result<Vec<BatchRecord>, StoreError> {
        let state = self.state.lock();
        let closed = state.batches.iter().filter(|b| b.info.id > after && b.info.state != BatchState::Open);
        let record = |b: &Batch| BatchRecord { info: b.info.clone(), root: b.root.map(|at| BatchId(at as u64 + 1)) };
        Ok(closed.take(limit).map(record).collect())
    }

    fn import(&self, _: &Piece<'_>) -> Result<(), StoreError> {
        Err(StoreError::engine("take a piece of another store", "a store in memory has no use for it"))
    }

    fn check(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }
}
