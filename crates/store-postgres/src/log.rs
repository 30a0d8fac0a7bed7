//! Which positions belong to which batch: what a process knows of the visible log.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use comity_store::{Op, StoreError};

use comity_base::Position;

/// The visible batches that hold positions, in order. Facts in it never change, so it only grows.
#[derive(Debug, Default)]
pub(crate) struct Log {
    visible: u64,
    /// Up to here gaps are explained by void batches that were moved here from another store.
    imported: u64,
    spans: Vec<Span>,
    by_batch: HashMap<u64, usize>,
    /// For each batch that was undone ever, its undo batches in order.
    undos: HashMap<u64, Vec<usize>>,
    /// Positions of the versions that were withdrawn.
    withdrawn: BTreeSet<u64>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    batch: u64,
    after: u64,
    last: u64,
    says: Says,
}

/// What the rows of a batch say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Says {
    /// Here is a version.
    #[default]
    Put,
    /// Those of another batch count no longer, or again.
    Undo(Undo),
    /// The n-th: the version at the n-th of these positions is withdrawn.
    Withdraw(Arc<[u64]>),
}

/// What an undo batch does to the batch at its root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undo {
    /// The last position before the root batch.
    root_after: u64,
    restores: bool,
}

/// A visible batch as the store tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Finished {
    pub(crate) batch: u64,
    pub(crate) after: u64,
    pub(crate) last: u64,
    pub(crate) root: Option<u64>,
    /// What it withdraws.
    pub(crate) targets: Option<Vec<u64>>,
}

/// A row of versions that stand in one batch one after another: the n-th for every `lo < n <= hi`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    /// The batch whose rows they are.
    pub(crate) batch: u64,
    pub(crate) lo: u64,
    pub(crate) hi: u64,
    /// The n-th stands at this position plus n.
    pub(crate) after: u64,
    /// What they say; an undo speaks through the rows of the batch at its root.
    pub(crate) says: Says,
}

impl Stretch {
    /// Versions of a batch.
    pub(crate) fn puts(batch: u64, lo: u64, hi: u64, after: u64) -> Self {
        Self { batch, lo, hi, after, says: Says::Put }
    }

    /// What the row of the n-th says.
    pub(crate) fn op(&self, n: u64) -> Op {
        match &self.says {
            Says::Put => Op::Put,
            Says::Undo(undo) if undo.restores => Op::Restore(Position(undo.root_after + n)),
            Says::Undo(undo) => Op::Tombstone(Position(undo.root_after + n)),
            Says::Withdraw(targets) => {
                let target = usize::try_from(n).ok().and_then(|n| targets.get(n.checked_sub(1)?));
                Op::Withdraw(target.map_or(Position::START, |target| Position(*target)))
            }
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.hi - self.lo
    }
}

impl Log {
    pub(crate) fn visible(&self) -> u64 {
        self.visible
    }

    /// Where the last known batch ends; `visible` may be further when the rest is not told yet.
    pub(crate) fn known(&self) -> u64 {
        self.spans.last().map_or(0, |span| span.last)
    }

    /// Learns the batches after [`Self::known`], in order, and where the log stands.
    ///
    /// # Errors
    /// When a position would belong to nobody.
    pub(crate) fn learn(&mut self, finished: &[Finished], visible: u64, imported: u64) -> Result<(), StoreError> {
        self.imported = self.imported.max(imported);
        for batch in finished.iter().filter(|batch| batch.last <= visible) {
            if batch.last > self.known() {
                self.push(batch)?;
            }
        }
        self.visible = self.visible.max(self.known());
        Ok(())
    }

    fn push(&mut self, batch: &Finished) -> Result<(), StoreError> {
        let known = self.known();
        let dense = batch.after == known || (batch.after > known && batch.after < self.imported.max(1));
        if !dense {
            return Err(StoreError::Damaged(format!(
                "batch {} begins after position {}, the one before it ends at {known}",
                batch.batch, batch.after
            )));
        }
        let says = match (batch.root, &batch.targets) {
            (Some(root), _) => Says::Undo(self.undo(root, batch)?),
            (None, Some(targets)) => Says::Withdraw(self.withdraw(batch, targets)?),
            (None, None) => Says::Put,
        };
        let at = self.spans.len();
        self.spans.push(Span { batch: batch.batch, after: batch.after, last: batch.last, says });
        match batch.root {
            Some(root) => self.undos.entry(root).or_default().push(at),
            None => drop(self.by_batch.insert(batch.batch, at)),
        }
        Ok(())
    }

    fn undo(&self, root: u64, batch: &Finished) -> Result<Undo, StoreError> {
        let span = self.span_of(root).filter(|span| span.last - span.after == batch.last - batch.after);
        let span = span.ok_or_else(|| {
            StoreError::Damaged(format!("batch {} undoes batch {root}, which is not as long", batch.batch))
        })?;
        let before = self.undos.get(&root).map_or(0, Vec::len);
        Ok(Undo { root_after: span.after, restores: before % 2 == 1 })
    }

    fn withdraw(&mut self, batch: &Finished, targets: &[u64]) -> Result<Arc<[u64]>, StoreError> {
        let fits = targets.len() as u64 == batch.last - batch.after && targets.iter().all(|at| *at <= batch.after);
        if !fits {
            let why = format!("batch {} withdraws other versions than it has rows about", batch.batch);
            return Err(StoreError::Damaged(why));
        }
        self.withdrawn.extend(targets);
        Ok(targets.into())
    }

    /// Whether the version at a position was withdrawn.
    pub(crate) fn is_withdrawn(&self, position: u64) -> bool {
        self.withdrawn.contains(&position)
    }

    /// The versions of a batch that were withdrawn.
    pub(crate) fn withdrawn_of(&self, batch: u64) -> Vec<Stretch> {
        let Some(span) = self.span_of(batch) else { return Vec::new() };
        let withdrawn = self.withdrawn.range(span.after + 1..=span.last);
        withdrawn.map(|position| self.stretch(span, position - 1, *position)).collect()
    }

    /// The versions of a batch.
    pub(crate) fn all_of(&self, batch: u64) -> Option<Stretch> {
        self.span_of(batch).map(|span| self.stretch(span, span.after, span.last))
    }

    fn span_of(&self, batch: u64) -> Option<&Span> {
        self.spans.get(*self.by_batch.get(&batch)?)
    }

    /// Whether the versions of this batch count now, but for those that were withdrawn.
    pub(crate) fn counts(&self, batch: u64) -> bool {
        self.undos.get(&batch).is_none_or(|undos| undos.len() % 2 == 0)
    }

    /// The version at a position.
    pub(crate) fn at(&self, position: u64) -> Option<Stretch> {
        let at = self.spans.partition_point(|span| span.last < position);
        let span = self.spans.get(at).filter(|span| span.after < position)?;
        Some(self.stretch(span, position - 1, position))
    }

    /// The rows that undo batches tell about the version at a position, in order.
    pub(crate) fn about(&self, version: &Stretch) -> Vec<Stretch> {
        let undos = self.undos.get(&version.batch).into_iter().flatten();
        let spans = undos.filter_map(|at| self.spans.get(*at));
        spans.map(|span| Stretch { after: span.after, says: span.says.clone(), ..version.clone() }).collect()
    }

    /// The next rows after a position, at most so many, none above `up_to`.
    pub(crate) fn after(&self, position: u64, up_to: u64, most: u64) -> Vec<Stretch> {
        let mut left = most;
        let mut found = Vec::new();
        let first = self.spans.partition_point(|span| span.last <= position);
        for span in self.spans.iter().skip(first) {
            let from = span.after.max(position);
            let to = span.last.min(up_to).min(from.saturating_add(left));
            if from >= up_to || to <= from {
                break;
            }
            left -= to - from;
            found.push(self.stretch(span, from, to));
        }
        found
    }

    /// As [`Self::after`], but the last batch is not cut where `most` is reached.
    pub(crate) fn whole(&self, position: u64, up_to: u64, most: u64) -> Vec<Stretch> {
        let mut rows = 0;
        let mut found = Vec::new();
        let first = self.spans.partition_point(|span| span.last <= position);
        for span in self.spans.iter().skip(first).take_while(|span| span.after < up_to) {
            if rows >= most {
                break;
            }
            let stretch = self.stretch(span, span.after.max(position), span.last.min(up_to));
            rows += stretch.len();
            found.push(stretch);
        }
        found
    }

    fn stretch(&self, span: &Span, from: u64, to: u64) -> Stretch {
        let (lo, hi) = (from - span.after, to - span.after);
        let root = if let Says::Undo(undo) = &span.says { self.root_at(undo.root_after) } else { None };
        Stretch { batch: root.unwrap_or(span.batch), lo, hi, after: span.after, says: span.says.clone() }
    }

    /// The batch that begins after a position.
    fn root_at(&self, after: u64) -> Option<u64> {
        let at = self.spans.partition_point(|span| span.last <= after);
        self.spans.get(at).map(|span| span.batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log() -> Log {
        let mut log = Log::default();
        let finished =
            [(7, 0, 3, None), (9, 3, 4, None), (11, 4, 7, Some(7)), (12, 7, 10, Some(7)), (13, 10, 12, None)];
        let finished = finished.map(|(batch, after, last, root)| Finished { batch, after, last, root, targets: None });
        log.learn(&finished, 12, 0).unwrap();
        log
    }

    #[test]
    fn positions_lead_to_rows_of_batches() {
        let log = log();
        let two = log.at(2).unwrap();
        assert_eq!((two.batch, two.hi, two.op(2)), (7, 2, Op::Put));
        let undone = log.at(6).unwrap();
        assert_eq!((undone.batch, undone.hi, undone.op(2)), (7, 2, Op::Tombstone(Position(2))));
        assert_eq!(log.at(9).unwrap().op(2), Op::Restore(Position(2)));
        assert_eq!((log.at(0), log.at(13)), (None, None));
        assert_eq!(log.about(&two).iter().map(|s| s.after + s.hi).collect::<Vec<_>>(), [6, 9]);
        assert!(log.counts(7) && log.counts(9));
    }

    #[test]
    fn pages_cut_batches_where_they_must() {
        let pages: Vec<_> = log().after(2, 9, 4).iter().map(|s| (s.batch, s.lo, s.hi, s.after)).collect();
        assert_eq!(pages, [(7, 2, 3, 0), (9, 0, 1, 3), (7, 0, 2, 4)]);
        assert_eq!(log().after(12, 12, 4), []);
        assert_eq!(log().after(0, 12, u64::MAX).iter().map(Stretch::len).sum::<u64>(), 12);
    }

    #[test]
    fn a_hole_is_damage_unless_it_was_moved_here() {
        let late = [Finished { batch: 20, after: 15, last: 17, ..Finished::default() }];
        assert!(matches!(log().learn(&late, 17, 0), Err(StoreError::Damaged(_))));
        let mut log = log();
        log.learn(&late, 17, 17).unwrap();
        assert_eq!((log.visible(), log.at(14), log.at(16).unwrap().batch), (17, None, 20));
    }

    #[test]
    fn withdrawals_name_their_targets_row_by_row() {
        let mut log = log();
        let batch =
            |targets: &[u64]| Finished { batch: 20, after: 12, last: 14, root: None, targets: Some(targets.to_vec()) };
        for wrong in [batch(&[2]), batch(&[2, 13])] {
            assert!(matches!(log.learn(&[wrong], 14, 0), Err(StoreError::Damaged(_))));
        }
        log.learn(&[batch(&[2, 12])], 14, 0).unwrap();
        let [first, second] = [13, 14].map(|position| log.at(position).unwrap());
        assert_eq!((first.batch, first.op(1)), (20, Op::Withdraw(Position(2))));
        assert_eq!((second.hi, second.op(2)), (2, Op::Withdraw(Position(12))));
        assert_eq!([1, 2, 12, 14].map(|position| log.is_withdrawn(position)), [false, true, true, false]);
        let of = |batch| log.withdrawn_of(batch).iter().map(|s| (s.batch, s.hi, s.op(s.hi))).collect::<Vec<_>>();
        assert_eq!((of(7), of(13), of(9)), (vec![(7, 2, Op::Put)], vec![(13, 2, Op::Put)], vec![]));
        assert_eq!(log.about(&log.at(2).unwrap()).len(), 2, "undos tell of it as before");
    }

    #[test]
    fn nothing_above_the_head_is_learned() {
        let mut log = log();
        log.learn(&[Finished { batch: 20, after: 12, last: 17, ..Finished::default() }], 12, 0).unwrap();
        assert_eq!((log.visible(), log.known()), (12, 12));
    }
}
