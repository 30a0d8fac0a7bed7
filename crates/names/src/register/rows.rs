use std::ops::Range;

use super::number;

/// Rows of different lengths, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    pub(super) all: Vec<u32>,
    /// Where each row begins, and where the last ends.
    begins: Vec<u32>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { all: Vec::new(), begins: vec![0] }
    }
}

impl Rows {
    /// Room for so many rows with so many cells.
    pub(super) fn with_room(rows: usize, cells: usize) -> Self {
        let mut begins = Vec::with_capacity(rows + 1);
        begins.push(0);
        Self { all: Vec::with_capacity(cells), begins }
    }

    /// Cells, cut into rows of these lengths; none where they do not fit.
    pub(super) fn cut(all: Vec<u32>, lengths: impl ExactSizeIterator<Item = u32>) -> Option<Self> {
        let mut begins = Vec::with_capacity(lengths.len() + 1);
        let mut at = 0_u32;
        begins.push(0);
        for length in lengths {
            at = at.checked_add(length)?;
            begins.push(at);
        }
        (at as usize == all.len()).then_some(Self { all, begins })
    }

    /// Pairs of a row and a cell, as rows in the order of the pairs. No row may be beyond `rows`.
    pub(super) fn sorted(rows: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut begins = vec![0_u32; rows + 2];
        for (row, _) in pairs.clone() {
            if let Some(count) = begins.get_mut(row as usize + 2) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += *begin;
            *begin = sum;
        }
        // While they are filled, each row's begin stands one place behind its own.
        let mut all = vec![0; sum as usize];
        for (row, cell) in pairs {
            if let Some(at) = begins.get_mut(row as usize + 1) {
                if let Some(place) = all.get_mut(*at as usize) {
                    *place = cell;
                }
                *at += 1;
            }
        }
        begins.pop();
        Self { all, begins }
    }

    /// Ends a row that the cells were put into since the last.
    pub(super) fn end(&mut self) {
        self.begins.push(number(self.all.len()));
    }

    /// Gives back the room that is not needed.
    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
        self.begins.shrink_to_fit();
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// A row; nothing where there is none.
    pub(super) fn row(&self, at: u32) -> &[u32] {
        self.all.get(self.span(at)).unwrap_or_default()
    }

    /// Where several rows lie, for whoever reads them all: the lookups do not wait for each other, as they would one row after the
    /// other.
    pub(super) fn spans(&self, which: impl Iterator<Item = u32>) -> Vec<Range<usize>> {
        which.map(|at| self.span(at)).collect()
    }

    /// These rows alone, side by side: whoever looks at each then finds it at hand.
    pub(super) fn picked(&self, which: impl Iterator<Item = u32>) -> Self {
        let spans = self.spans(which);
        let mut picked = Self::with_room(spans.len(), spans.iter().map(Range::len).sum());
        for span in spans {
            picked.all.extend_from_slice(self.all.get(span).unwrap_or_default());
            picked.end();
        }
        picked
    }

    /// Where a row lies.
    pub(super) fn span(&self, at: u32) -> Range<usize> {
        match self.begins.get(at as usize..) {
            Some([from, to, ..]) => *from as usize..*to as usize,
            _ => 0..0,
        }
    }

    /// How long each row is.
    pub(super) fn lengths(&self) -> impl Iterator<Item = u32> {
        self.begins.windows(2).map(|pair| match pair {
            [from, to] => to - from,
            _ => 0,
        })
    }

    /// Every row.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> + Clone {
        (0..number(self.len())).map(|at| self.row(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_rows_and_rows_have_lengths() {
        let rows = Rows::sorted(4, [(2, 7), (0, 1), (2, 5), (3, 9)].into_iter());
        assert_eq!(rows.iter().collect::<Vec<_>>(), [&[1][..], &[], &[7, 5], &[9]]);
        assert_eq!(Rows::cut(rows.all.clone(), rows.lengths().collect::<Vec<_>>().into_iter()), Some(rows.clone()));
        assert_eq!(Rows::cut(rows.all.clone(), [1, 2].into_iter()), None);
        assert_eq!((rows.len(), rows.row(4)), (4, &[][..]));
        let picked = rows.picked([3, 2, 4].into_iter());
        assert_eq!(picked.iter().collect::<Vec<_>>(), [&[9][..], &[7, 5], &[]]);
    }
}
