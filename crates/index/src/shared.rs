use std::ops::ControlFlow;

use comity_base::Position;

use crate::{Index, layout};

/// A fingerprint that occurs often enough, given by [`Index::scan_shared`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shared<'a> {
    /// The fingerprint, its lost bits zero; compare with [`crate::significant`].
    pub fingerprint: u64,
    /// How many postings it has.
    pub count: u64,
    /// The first of them, ascending, as many as were asked for.
    pub positions: &'a [Position],
}

impl Index {
    /// Gives every fingerprint with at least `least` postings, in ascending order, with its first `cap` positions, until
    /// the sink breaks off.
    ///
    /// Reads the whole index as one stream, without holding any lock. What is applied meanwhile may or may not be seen.
    pub fn scan_shared(&self, least: u64, cap: usize, sink: &mut dyn FnMut(Shared<'_>) -> ControlFlow<()>) {
        let view = self.view();
        let mut merged = view.merged();
        let mut found = Vec::new();
        let mut positions = Vec::new();
        while let Some((key, count)) = merged.next(least, cap, &mut found) {
            if count < least {
                continue;
            }
            positions.clear();
            positions.extend(found.iter().map(|position| Position(*position)));
            let shared = Shared { fingerprint: layout::fingerprint(key), count, positions: &positions };
            if sink(shared).is_break() {
                return;
            }
        }
    }
}
