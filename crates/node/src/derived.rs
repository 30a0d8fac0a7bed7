//! What is derived from the log: value -> positions, reference -> positions, and for each position
//! its label number and whether it is current.
//!
//! The indexes take entries as soon as rows are appended, visible or not; queries cut at the visible
//! head. The column is written only for visible rows, so a batch that never finishes leaves no mark.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use comity_base::Position;
use comity_index::{Column, Index, Options};
use comity_stix::{Doc, ObjectId};
use comity_store::{LabelId, Op, Store, Traces, Version};
use parking_lot::Mutex;
use roaring::RoaringTreemap;

use crate::NodeError;
use crate::labels::Labels;
use crate::reading::ObjectReader;

/// Set in the column when the version at this position is not the current one of its line.
pub(crate) const NOT_CURRENT: u32 = 1 << 31;
const PAGE: usize = 4_096;
/// Entries one index holds in memory before it writes them: about 32 MB, and the same again while it does.
const DELTA: u64 = 500_000;
/// Fewer positions than this that no segment covers are cheaper to read again at the next start than to write now.
const WORTH_FLUSHING: u64 = 20_000;

pub(crate) struct Derived {
    pub(crate) values: Index,
    pub(crate) references: Index,
    column: Column,
    /// Held by whoever writes the column; what it tells up to `settled` may be shown.
    settling: Mutex<()>,
    settled: AtomicU64,
    writable: bool,
    /// Positions whose version is not current any more: those found when first asked, and those since.
    ended: Mutex<Option<RoaringTreemap>>,
    /// Grows whenever a version ends or counts again.
    endings: AtomicU64,
    folder: PathBuf,
    key_id: u64,
}

/// Rows of an intake that the column will learn of once they are visible.
#[derive(Debug, Default)]
pub(crate) struct Unsettled {
    runs: Vec<(Position, u64, LabelId)>,
    revised: Vec<Position>,
}

impl Unsettled {
    /// Whether anything is to be settled here. What an engine places at the end only is learned by following it.
    pub(crate) fn is_placed(&self) -> bool {
        !self.runs.is_empty()
    }

    /// Notes a stored version; `revised` when other rows about the same id may exist.
    pub(crate) fn add(&mut self, position: Position, label: LabelId, revised: bool) {
        match self.runs.last_mut() {
            Some((first, count, last)) if *last == label && first.0 + *count == position.0 => *count += 1,
            _ => self.runs.push((position, 1, label)),
        }
        if revised {
            self.revised.push(position);
        }
    }
}

impl Derived {
    pub(crate) fn open(folder: &Path, key_id: u64, writable: bool) -> Result<Self, NodeError> {
        std::fs::create_dir_all(folder).map_err(NodeError::io(format!("making the folder {}", folder.display())))?;
        let open = |name: &str| {
            let folder = folder.join(name);
            let options = Options { delta_entries: DELTA, ..Options::new(key_id) };
            if writable { Index::open(&folder, options) } else { Index::open_read_only(&folder, options) }
        };
        let path = folder.join("labels.column");
        let column = if writable { Column::open(&path, key_id)? } else { Column::open_read_only(&path, key_id)? };
        let (values, references) = (open("values")?, open("references")?);
        // What the column covers is not shown before the indexes cover it too: they are written to disk more rarely.
        let covered = column.covered().min(values.applied()).min(references.applied());
        let settled = AtomicU64::new(covered.0);
        let (settling, ended, endings) = (Mutex::default(), Mutex::default(), AtomicU64::new(0));
        let folder = folder.to_owned();
        Ok(Self { values, references, column, settling, settled, writable, ended, endings, folder, key_id })
    }

    /// Whether what is derived may be written.
    pub(crate) fn is_writable(&self) -> bool {
        self.writable
    }

    /// Where it is kept.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// What names the key of its fingerprints.
    pub(crate) fn key_id(&self) -> u64 {
        self.key_id
    }

    /// The last position that is indexed, labelled and may be shown.
    pub(crate) fn settled(&self) -> Position {
        Position(self.settled.load(Ordering::Acquire))
    }

    fn settle_at(&self, position: Position) {
        self.settled.fetch_max(position.0, Ordering::AcqRel);
    }

    /// The label of a position when the version there is current.
    pub(crate) fn current(&self, position: Position) -> Option<LabelId> {
        let cell = self.column.get(position);
        (cell != 0 && cell & NOT_CURRENT == 0).then_some(LabelId(cell))
    }

    /// Copies the cells of the column from a position on: 0, or a label, with [`NOT_CURRENT`] where another version is.
    pub(crate) fn read(&self, from: Position, out: &mut [u32]) -> usize {
        self.column.read(from, out)
    }

    /// Writes a cell of the column, and remembers that a version has ended or counts again.
    fn set(&self, position: Position, cell: u32) -> Result<(), NodeError> {
        if let Some(ended) = &mut *self.ended.lock() {
            if cell & NOT_CURRENT == 0 {
                ended.remove(position.0)
            } else {
                ended.insert(position.0)
            };
        }
        let before = self.column.get(position);
        self.column.set(position, cell)?;
        // Told after it was written: whoever looks then sees it.
        if before != 0 && before != cell {
            self.endings.fetch_add(1, Ordering::AcqRel);
        }
        Ok(())
    }

    /// How often anything ended, or counted again, since this process began.
    pub(crate) fn endings(&self) -> u64 {
        self.endings.load(Ordering::Acquire)
    }

    /// Those of these positions whose version is not current any more.
    pub(crate) fn ended_among(&self, positions: &RoaringTreemap) -> RoaringTreemap {
        self.with_ended(|ended| ended & positions)
    }

    /// The positions whose version is not current any more, but for these.
    pub(crate) fn ended_besides(&self, positions: &RoaringTreemap) -> RoaringTreemap {
        self.with_ended(|ended| ended - positions)
    }

    fn with_ended<T>(&self, look: impl FnOnce(&RoaringTreemap) -> T) -> T {
        let mut ended = self.ended.lock();
        look(ended.get_or_insert_with(|| {
            let is_past = |position: &u64| self.column.get(Position(*position)) & NOT_CURRENT != 0;
            (1..self.column.len()).filter(is_past).collect()
        }))
    }

    /// How many versions of each label are current, up to a position.
    pub(crate) fn count_by_label(&self, visible: Position) -> BTreeMap<LabelId, u64> {
        let (mut counts, mut cells, mut at) = (BTreeMap::new(), vec![0; PAGE], 1);
        let mut run = (0, 0);
        while at <= visible.0 {
            let most = usize::try_from(visible.0 - at + 1).unwrap_or(PAGE).min(PAGE);
            let Some(cells) = cells.get_mut(..most) else { break };
            let read = self.read(Position(at), cells);
            for cell in cells.iter().take(read) {
                if run.0 == *cell {
                    run.1 += 1;
                } else {
                    *counts.entry(LabelId(run.0)).or_default() += run.1;
                    run = (*cell, 1);
                }
            }
            if read == 0 {
                break;
            }
            at += read as u64;
        }
        *counts.entry(LabelId(run.0)).or_default() += run.1;
        counts.retain(|label, _| label.0 != 0 && label.0 & NOT_CURRENT == 0);
        counts
    }

    pub(crate) fn catch_up(
        &self,
        store: &dyn Store,
        reader: &ObjectReader,
        labels: &Labels,
    ) -> Result<Position, NodeError> {
        let visible = store.head()?.visible;
        let _one_at_a_time = self.settling.lock();
        if self.follow_traces(store, reader, labels, visible)? {
            return Ok(visible);
        }
        self.index_up_to(store, reader, visible)?;
        self.settle_up_to(store, labels, visible)?;
        Ok(visible)
    }

    /// Follows the log by what appends left beside their versions, where the engine keeps that.
    fn follow_traces(
        &self,
        store: &dyn Store,
        reader: &ObjectReader,
        labels: &Labels,
        visible: Position,
    ) -> Result<bool, NodeError> {
        let mut at = self.values.applied().min(self.references.applied()).min(self.settled());
        loop {
            let Some(traces) = store.traces(at, reader.reading())? else { return Ok(false) };
            if traces.is_read {
                self.apply(&traces.values, &traces.references, traces.up_to)?;
            } else {
                self.index_up_to(store, reader, traces.up_to)?;
            }
            self.settle_traces(store, labels, &traces)?;
            if traces.up_to >= visible || traces.up_to <= at {
                return Ok(true);
            }
            at = traces.up_to;
        }
    }

    /// Writes what is current. The new is shown before the old is hidden: whoever looks at this very moment may
    /// see an object twice, but never misses it.
    fn settle_traces(&self, store: &dyn Store, labels: &Labels, traces: &Traces) -> Result<(), NodeError> {
        let (mut fresh, mut changed, mut others) = (Fills::default(), BTreeMap::new(), Vec::new());
        for row in &traces.rows {
            match row.op {
                _ if !row.alone => others.push(row.position),
                Op::Put => fresh.add(row.position, row.label.0),
                Op::Tombstone(target) | Op::Withdraw(target) => {
                    changed.insert(target, row.label.0 | NOT_CURRENT);
                }
                Op::Restore(target) => drop(changed.insert(target, row.label.0)),
            }
        }
        for group in others.chunks(PAGE) {
            let rows = store.get(group)?.into_iter().flatten();
            let mut ids: Vec<ObjectId> = rows.map(|row| row.id).collect();
            ids.sort_unstable();
            ids.dedup();
            for mut rows in store.versions_of(&ids)? {
                // What comes after this piece is decided with its own.
                rows.retain(|row| row.position <= traces.up_to);
                for (position, label, current) in lines(store, labels, &rows)?.into_iter().flatten() {
                    changed.insert(position, label.0 | if current { 0 } else { NOT_CURRENT });
                }
            }
        }
        fresh.write(&self.column)?;
        let (past, current): (Vec<_>, Vec<_>) = changed.into_iter().partition(|(_, cell)| cell & NOT_CURRENT != 0);
        current.into_iter().try_for_each(|(position, cell)| self.set(position, cell))?;
        self.settle_at(traces.up_to);
        past.into_iter().try_for_each(|(position, cell)| self.set(position, cell))
    }

    fn index_up_to(&self, store: &dyn Store, reader: &ObjectReader, visible: Position) -> Result<(), NodeError> {
        let mut at = self.values.applied().min(self.references.applied());
        let (mut values, mut references, mut scratch) = (Vec::new(), Vec::new(), String::new());
        while at < visible {
            let rows = store.scan(at, PAGE, true)?;
            let reached = rows.last().map_or(visible, |row| row.position);
            for row in &rows {
                entries(row, reader, &mut scratch, &mut values, &mut references);
            }
            self.apply(&values, &references, reached)?;
            values.clear();
            references.clear();
            at = reached;
        }
        Ok(())
    }

    /// Adds entries of positions up to and including `up_to`; entries already covered are ignored.
    pub(crate) fn apply(
        &self,
        values: &[(u64, Position)],
        references: &[(u64, Position)],
        up_to: Position,
    ) -> Result<(), NodeError> {
        apply_new(&self.values, values, up_to)?;
        apply_new(&self.references, references, up_to)
    }

    fn settle_up_to(&self, store: &dyn Store, labels: &Labels, visible: Position) -> Result<(), NodeError> {
        while self.settled() < visible {
            let rows = store.scan(self.settled(), PAGE, false)?;
            for row in &rows {
                self.settle_id(store, labels, &row.id)?;
            }
            self.settle_at(rows.last().map_or(visible, |row| row.position));
        }
        Ok(())
    }

    /// Writes the labels of a batch that has just become visible, and decides again what is current
    /// wherever an id had other rows.
    pub(crate) fn settle(
        &self,
        store: &dyn Store,
        labels: &Labels,
        rows: &Unsettled,
        up_to: Position,
    ) -> Result<(), NodeError> {
        let _one_at_a_time = self.settling.lock();
        for (first, count, label) in &rows.runs {
            self.column.fill(*first..Position(first.0 + count), label.0)?;
        }
        for position in &rows.revised {
            if let Some(row) = store.get(&[*position])?.into_iter().flatten().next() {
                self.settle_id(store, labels, &row.id)?;
            }
        }
        self.settle_at(up_to);
        Ok(())
    }

    fn settle_id(&self, store: &dyn Store, labels: &Labels, id: &ObjectId) -> Result<(), NodeError> {
        let rows = store.versions(id)?;
        for line in lines(store, labels, &rows)? {
            for (position, label, current) in line {
                self.set(position, label.0 | if current { 0 } else { NOT_CURRENT })?;
            }
        }
        Ok(())
    }

    /// Makes what is in memory durable when it is worth a file, or in any case when `all`.
    pub(crate) fn checkpoint(&self, all: bool) -> Result<(), NodeError> {
        if !self.writable {
            return Ok(());
        }
        for index in [&self.values, &self.references] {
            if all || index.applied().0 - index.covered().0 > WORTH_FLUSHING {
                index.flush()?;
            }
        }
        let _one_at_a_time = self.settling.lock();
        Ok(self.column.sync(self.settled())?)
    }

    pub(crate) fn clear(&self) -> Result<(), NodeError> {
        let _one_at_a_time = self.settling.lock();
        self.values.clear()?;
        self.references.clear()?;
        let len = self.column.len();
        self.column.fill(Position(0)..Position(len), 0)?;
        self.settled.store(0, Ordering::Release);
        *self.ended.lock() = None;
        self.endings.fetch_add(1, Ordering::AcqRel);
        Ok(self.column.sync(Position::START)?)
    }
}

/// Neighbours that get the same number are written at once.
#[derive(Debug, Default)]
struct Fills(Vec<(Position, u64, u32)>);

impl Fills {
    fn add(&mut self, position: Position, number: u32) {
        match self.0.last_mut() {
            Some((first, count, same)) if *same == number && first.0 + *count == position.0 => *count += 1,
            _ => self.0.push((position, 1, number)),
        }
    }

    fn write(&self, column: &Column) -> Result<(), NodeError> {
        for (first, count, number) in &self.0 {
            column.fill(*first..Position(first.0 + count), *number)?;
        }
        Ok(())
    }
}

/// One owner's versions of one id: where each stands, its label, and whether it is the current one.
pub(crate) type Line = Vec<(Position, LabelId, bool)>;

/// For each line of versions (one owner's versions of one id): every version with its label and
/// whether it is the current one. Rows must be in position order.
///
/// Current is the newest by (modified, position) among those neither taken back nor withdrawn. What was withdrawn
/// never stands again, whatever is restored after it.
pub(crate) fn lines(store: &dyn Store, labels: &Labels, rows: &[Version]) -> Result<Vec<Line>, NodeError> {
    Ok(lines_of(store, labels, rows)?.iter().map(|line| decide(line)).collect())
}

/// The rows of each line, and whether each stands.
fn lines_of<'v>(
    store: &dyn Store,
    labels: &Labels,
    rows: &'v [Version],
) -> Result<Vec<Vec<(&'v Version, bool)>>, NodeError> {
    let mut by_owner: Vec<(crate::labels::OwnerNo, Vec<(&Version, bool)>)> = Vec::new();
    let target = |row: &Version| if let Op::Withdraw(target) = row.op { Some(target) } else { None };
    let withdrawn: BTreeSet<Position> = rows.iter().filter_map(target).collect();
    for row in rows {
        match row.op {
            Op::Put => {
                let owner = labels.owner_no(store, row.label)?;
                let stands = !withdrawn.contains(&row.position);
                match by_owner.iter_mut().find(|(no, _)| *no == owner) {
                    Some((_, line)) => line.push((row, stands)),
                    None => by_owner.push((owner, vec![(row, stands)])),
                }
            }
            Op::Tombstone(target) | Op::Restore(target) => {
                let counts = matches!(row.op, Op::Restore(_)) && !withdrawn.contains(&target);
                for (version, standing) in by_owner.iter_mut().flat_map(|(_, line)| line.iter_mut()) {
                    if version.position == target {
                        *standing = counts;
                    }
                }
            }
            Op::Withdraw(_) => {}
        }
    }
    Ok(by_owner.into_iter().map(|(_, line)| line).collect())
}

/// For each line of versions: those that were not taken back, the oldest first by (modified, position).
pub(crate) fn standing<'v>(
    store: &dyn Store,
    labels: &Labels,
    rows: &'v [Version],
) -> Result<Vec<Vec<&'v Version>>, NodeError> {
    let mut all: Vec<Vec<&Version>> = Vec::new();
    for line in lines_of(store, labels, rows)? {
        let mut line: Vec<&Version> = line.into_iter().filter(|(_, counts)| *counts).map(|(row, _)| row).collect();
        line.sort_by_key(|row| (row.modified, row.position));
        all.push(line);
    }
    Ok(all)
}

fn decide(line: &[(&Version, bool)]) -> Line {
    let newest = line.iter().filter(|(_, counts)| *counts).map(|(row, _)| (row.modified, row.position)).max();
    line.iter().map(|(row, _)| (row.position, row.label, Some((row.modified, row.position)) == newest)).collect()
}

/// The index entries of one row.
pub(crate) fn entries(
    row: &Version,
    reader: &ObjectReader,
    scratch: &mut String,
    values: &mut Vec<(u64, Position)>,
    references: &mut Vec<(u64, Position)>,
) {
    // Of an erased version nothing is left to read.
    if row.op != Op::Put || row.raw.is_empty() {
        return;
    }
    // Stored rows were read once already; one that no longer reads is reported by the store's check.
    let Ok(doc) = Doc::parse(&row.raw, reader.depth()) else { return };
    let first = values.len();
    reader.each_value(doc.root(), scratch, &mut |kind, text, _| {
        values.push((reader.value_fingerprint(kind, text), row.position));
    });
    unique_tail(values, first);
    let first = references.len();
    ObjectReader::each_reference(doc.root(), &mut |id| {
        references.push((reader.reference_fingerprint(id), row.position));
    });
    unique_tail(references, first);
}

/// An object that says one thing twice is still one posting.
pub(crate) fn unique_tail<T: Ord + Copy>(entries: &mut Vec<T>, first: usize) {
    if let Some(tail) = entries.get_mut(first..) {
        tail.sort_unstable();
    }
    let mut kept = first;
    for at in first..entries.len() {
        let Some(entry) = entries.get(at).copied() else { break };
        if kept == first || entries.get(kept - 1) != Some(&entry) {
            if let Some(slot) = entries.get_mut(kept) {
                *slot = entry;
            }
            kept += 1;
        }
    }
    entries.truncate(kept);
}

fn apply_new(index: &Index, entries: &[(u64, Position)], up_to: Position) -> Result<(), NodeError> {
    let applied = index.applied();
    if up_to <= applied {
        return Ok(());
    }
    if entries.iter().all(|(_, position)| *position > applied) {
        return Ok(index.apply(entries, up_to)?);
    }
    let new: Vec<_> = entries.iter().copied().filter(|(_, position)| *position > applied).collect();
    Ok(index.apply(&new, up_to)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_entries_of_one_object_are_kept_once() {
        let mut entries = vec![9, 3, 2, 3, 2];
        unique_tail(&mut entries, 1);
        assert_eq!(entries, [9, 2, 3]);
        unique_tail(&mut entries, 3);
        assert_eq!(entries, [9, 2, 3]);
    }

    #[test]
    fn a_run_of_one_label_is_one_entry() {
        let mut rows = Unsettled::default();
        for n in 1..=5 {
            rows.add(Position(n), LabelId(1), n == 3);
        }
        rows.add(Position(7), LabelId(1), false);
        assert_eq!(rows.runs, [(Position(1), 5, LabelId(1)), (Position(7), 1, LabelId(1))]);
        assert_eq!(rows.revised, [Position(3)]);
    }
}
