use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use comity_base::{Position, Timestamp};
use comity_stix::ObjectId;

use crate::{
    BatchId, BatchInfo, BatchStart, BatchState, Change, Counts, Fence, Head, KeptEntry, LabelId, NewEntry, NewVersion,
    Op, Original, OriginalId, Place, Rejected, StoreError, Trace, Traces, Undone, Version, Written, finish_time,
    lease_key, owner_of,
};

/// What a [`super::MemoryStore`] holds.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// Whether batches may be open side by side; positions are then given at the end of each, and none is void.
    pub(super) side_by_side: bool,
    pub(super) rows: BTreeMap<u64, Version>,
    pub(super) labels: Vec<Arc<str>>,
    pub(super) batches: Vec<Batch>,
    pub(super) originals: Vec<(BatchId, Original, Vec<u8>)>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) settings: BTreeMap<String, (u64, Vec<u8>)>,
    pub(super) entries: Vec<KeptEntry>,
    pub(super) visible: u64,
    pub(super) last: u64,
}

#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) info: BatchInfo,
    /// For an undo batch, the batch whose versions it takes back or restores.
    pub(super) root: Option<usize>,
    /// Its rows while it is open.
    pub(super) pending: Vec<Version>,
    pub(super) fence: Option<Fence>,
    /// What the ledger is told when it is finished.
    pub(super) entries: Vec<NewEntry>,
}

impl State {
    pub(super) fn shown(info: &BatchInfo) -> bool {
        matches!(info.state, BatchState::Done | BatchState::Undone)
    }

    pub(super) fn batch(&self, id: BatchId) -> Option<&Batch> {
        self.batches.get(usize::try_from(id.0).ok()?.checked_sub(1)?)
    }

    pub(super) fn shown_batch(&self, id: BatchId) -> bool {
        self.batch(id).is_some_and(|b| Self::shown(&b.info))
    }

    pub(super) fn open(&mut self, id: BatchId) -> Result<&mut Batch, StoreError> {
        let known = self.batch(id).is_some();
        let at = usize::try_from(id.0).ok().and_then(|id| id.checked_sub(1));
        let open = at.and_then(|at| self.batches.get_mut(at)).filter(|b| b.info.state == BatchState::Open);
        open.ok_or_else(|| if known { not_open(id) } else { StoreError::NoBatch(id) })
    }

    pub(super) fn visible_rows(&self) -> impl Iterator<Item = &Version> {
        self.rows.range(..=self.visible).map(|(_, row)| row)
    }

    pub(super) fn begin(
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
        self.batches.push(Batch {
            info,
            root,
            pending: Vec::new(),
            fence: start.fence.clone(),
            entries: start.entries.clone(),
        });
        Ok(id)
    }

    /// Adds a row to an open batch and says where it stands.
    pub(super) fn push(&mut self, id: BatchId, row: Version) -> Result<Place, StoreError> {
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

    pub(super) fn check_fence(&self, fence: &Fence) -> Result<(), StoreError> {
        fence.holds(self.settings.get(&lease_key(&fence.lease)).map(|(_, value)| value.as_slice()))
    }

    pub(super) fn write(&mut self, change: &Change<'_>) -> Result<Written, StoreError> {
        if let Some(fence) = change.fence {
            self.check_fence(fence)?;
        }
        let version = |key: &str| self.settings.get(key).map(|(version, _)| *version);
        if let Some(put) = change.puts.iter().find(|put| version(put.key) != put.expected) {
            return Err(StoreError::Changed(put.key.to_owned()));
        }
        let mut versions = Vec::new();
        for put in change.puts {
            let next = put.expected.unwrap_or(0) + 1;
            self.settings.insert(put.key.to_owned(), (next, put.value.to_vec()));
            versions.push(next);
        }
        Ok(Written { versions, first: self.add(change.entries) })
    }

    /// Adds entries to the ledger, and says the number of the first.
    fn add(&mut self, entries: &[NewEntry]) -> u64 {
        let first = self.entries.len() as u64;
        let newest = entries.iter().map(|entry| entry.log).chain(self.entries.last().map(|entry| entry.log)).max();
        let log = newest.unwrap_or_default();
        for (number, new) in (first..).zip(entries) {
            let (leaf, opening) = (new.leaf.clone(), new.opening.clone());
            self.entries.push(KeptEntry { number, log, leaf, opening });
        }
        first
    }

    pub(super) fn finish(&mut self, id: BatchId, counts: &Counts, now: Timestamp) -> Result<BatchInfo, StoreError> {
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
        info.finished = Some(finish_time(now, newest));
        info.counts = *counts;
        let info = info.clone();
        let entries = std::mem::take(&mut batch.entries);
        for (row, at) in std::mem::take(&mut batch.pending).into_iter().zip(info.after.0 + 1..) {
            self.rows.insert(at, Version { position: Position(at), ..row });
        }
        if info.last > info.after {
            self.visible = info.last.0;
            self.last = self.last.max(self.visible);
        }
        self.add(&entries);
        Ok(info)
    }

    pub(super) fn give_up(&mut self, id: BatchId) -> Result<(), StoreError> {
        let batch = self.open(id)?;
        batch.info.state = BatchState::Void;
        batch.pending.clear();
        self.originals.iter_mut().filter(|(of, ..)| *of == id).for_each(|(.., bytes)| bytes.clear());
        self.rejected.retain(|r| r.batch != id);
        Ok(())
    }

    pub(super) fn crash(&mut self) {
        let open = self.batches.iter().filter(|b| b.info.state == BatchState::Open).map(|b| b.info.id);
        for id in open.collect::<Vec<_>>() {
            let _ = self.give_up(id);
        }
    }

    /// The live row that makes this version unchanged.
    pub(super) fn same(&self, batch: BatchId, new: &NewVersion, raw: &[u8]) -> Option<Place> {
        let owner =
            |label: LabelId| self.labels.get(usize::try_from(label.0).ok()?.checked_sub(1)?).map(|l| owner_of(l));
        let mut dead = BTreeSet::new();
        for row in self.rows.values() {
            match row.op {
                Op::Put | Op::Withdraw(_) => {}
                Op::Tombstone(p) => drop(dead.insert(p)),
                Op::Restore(p) => drop(dead.remove(&p)),
            }
        }
        dead.extend(self.withdrawn());
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

    pub(super) fn place(&self, batch: BatchId, n: u64) -> Place {
        let after = self.batch(batch).map_or(0, |b| b.info.after.0);
        if self.side_by_side { Place::Here(n) } else { Place::At(Position(after + n)) }
    }

    /// Whether any row about this id stands in the log or in this batch.
    pub(super) fn is_known(&self, batch: BatchId, id: &ObjectId) -> bool {
        let here = self.batch(batch).into_iter().flat_map(|b| &b.pending);
        self.rows.values().chain(here).any(|row| row.id == *id)
    }

    /// Whether the versions of a root batch count now, and the batch that decided it.
    pub(super) fn decided(&self, root: usize) -> (bool, usize) {
        let mut later = self.batches.iter().enumerate().filter(|(_, b)| b.root == Some(root) && Self::shown(&b.info));
        let (count, last) = later.by_ref().fold((0, root), |(n, _), (at, _)| (n + 1, at));
        (count % 2 == 0, last)
    }

    /// The positions of all withdrawn versions.
    pub(super) fn withdrawn(&self) -> BTreeSet<Position> {
        let target = |row: &Version| if let Op::Withdraw(target) = row.op { Some(target) } else { None };
        self.rows.values().filter_map(target).collect()
    }

    pub(super) fn withdraws(&self, batch: &BatchInfo) -> bool {
        self.rows
            .get(&(batch.after.0 + 1))
            .is_some_and(|row| row.position <= batch.last && matches!(row.op, Op::Withdraw(_)))
    }

    pub(super) fn undo(&mut self, batch: BatchId, start: &BatchStart, now: Timestamp) -> Result<Undone, StoreError> {
        let target = self.batch(batch).cloned().ok_or(StoreError::NoBatch(batch))?;
        let at = target.root.unwrap_or_else(|| usize::try_from(batch.0 - 1).unwrap_or(usize::MAX));
        let (live, decider) = self.decided(at);
        let why = match (target.info.state, target.info.undone_by) {
            (BatchState::Open | BatchState::Void, _) => Some("was never finished".to_owned()),
            (BatchState::Undone, by) => Some(format!("is already undone by batch {}", by.unwrap_or_default())),
            (BatchState::Done, _) if self.withdraws(&target.info) => Some(WITHDRAWAL.to_owned()),
            (BatchState::Done, _) if target.root.is_some() && decider as u64 + 1 != batch.0 => {
                Some(format!("was followed by batch {}; undo that one", decider + 1))
            }
            (BatchState::Done, _) => None,
        };
        if let Some(why) = why {
            return Err(StoreError::BatchState { batch, why });
        }
        let by = self.begin(start, Some(batch), Some(at))?;
        let range = self.batches.get(at).map(|b| (Bound::Excluded(b.info.after.0), Bound::Included(b.info.last.0)));
        let rows: Vec<_> = range.map(|r| self.rows.range(r).map(|(_, row)| row.clone()).collect()).unwrap_or_default();
        let op = if live { Op::Tombstone } else { Op::Restore };
        let undone = self.say(by, &rows, op, now)?;
        let mut mark = |index: usize, state_now, undone_by| {
            if let Some(b) = self.batches.get_mut(index) {
                (b.info.state, b.info.undone_by) = (state_now, undone_by);
            }
        };
        mark(usize::try_from(batch.0 - 1).unwrap_or(usize::MAX), BatchState::Undone, Some(by));
        if live {
            mark(at, BatchState::Undone, Some(by));
        } else {
            mark(at, BatchState::Done, None);
        }
        Ok(undone)
    }

    pub(super) fn withdraw(
        &mut self,
        targets: &[Position],
        start: &BatchStart,
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        let withdrawn = self.withdrawn();
        let mut rows = Vec::new();
        for target in targets.iter().copied().collect::<BTreeSet<_>>() {
            let row = self.rows.get(&target.0).filter(|row| row.op == Op::Put && target.0 <= self.visible);
            rows.push(row.ok_or(StoreError::NoVersion(target))?.clone());
        }
        rows.retain(|row| !withdrawn.contains(&row.position));
        let by = self.begin(start, None, None)?;
        self.say(by, &rows, Op::Withdraw, now)
    }

    /// Fills an open batch with one row about each of these and finishes it.
    fn say(
        &mut self,
        by: BatchId,
        about: &[Version],
        op: fn(Position) -> Op,
        now: Timestamp,
    ) -> Result<Undone, StoreError> {
        for row in about {
            let op = op(row.position);
            self.push(by, Version { op, source: OriginalId(0), offset: 0, raw: Arc::default(), ..row.clone() })?;
        }
        let versions = about.len() as u64;
        let counts = Counts { objects: versions, added: versions, ..Counts::default() };
        Ok(Undone { by: self.finish(by, &counts, now)?, versions })
    }

    pub(super) fn erase(&mut self, positions: &[Position]) -> Result<u64, StoreError> {
        let withdrawn = self.withdrawn();
        if let Some(other) = positions.iter().find(|position| !withdrawn.contains(position)) {
            return Err(StoreError::NotWithdrawn(*other));
        }
        let (mut erased, mut sources) = (0, BTreeSet::new());
        for position in positions {
            if let Some(row) = self.rows.get_mut(&position.0) {
                erased += u64::from(!row.raw.is_empty());
                row.raw = Arc::default();
                sources.insert(row.source);
            }
        }
        for row in self.rows.values().filter(|row| row.op == Op::Put && !withdrawn.contains(&row.position)) {
            sources.remove(&row.source);
        }
        for (_, original, bytes) in self.originals.iter_mut().filter(|(_, o, _)| o.kept && sources.contains(&o.id)) {
            bytes.clear();
            (original.kept, original.sha256) = (false, [0; 32]);
        }
        Ok(erased)
    }

    /// The next rows as a follower needs them, few at a time; what was read in them is not kept.
    pub(super) fn traces(&self, after: Position) -> Traces {
        let alone = |row: &Version| self.visible_rows().filter(|other| other.id == row.id).count() == 1;
        let trace = |row: &Version| Trace { position: row.position, label: row.label, op: row.op, alone: alone(row) };
        let rows: Vec<_> = self.visible_rows().filter(|row| row.position > after).take(TOLD).map(trace).collect();
        let up_to = rows.last().map_or(after.max(Position(self.visible)), |row| row.position);
        Traces { up_to, rows, ..Traces::default() }
    }

    pub(super) fn head(&self) -> Head {
        Head { visible: Position(self.visible), last: Position(self.last) }
    }
}

pub(super) fn not_open(batch: BatchId) -> StoreError {
    StoreError::BatchState { batch, why: "is not open".into() }
}

const WITHDRAWAL: &str = "is a withdrawal; it is final: bring the object in again";
/// Rows told at once: few, so that tests go through several pieces.
const TOLD: usize = 64;
