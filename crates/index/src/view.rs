use std::{ops::ControlFlow, sync::Arc};

use crate::{
    delta::Delta,
    merge::{Merged, Source},
    segment::{Found, Segment},
};

/// What readers see: a set of segments and deltas, each holding later positions than the one before.
///
/// A view never changes; the writer and the background threads put a new one in its place as a whole, so no reader sees
/// a posting twice or misses it while it moves from memory to disk or from segment to segment.
#[derive(Debug)]
pub(crate) struct View {
    pub(crate) segments: Vec<Arc<Segment>>,
    /// Full deltas on their way to disk.
    pub(crate) frozen: Vec<Arc<Delta>>,
    /// The delta being written to.
    pub(crate) active: Arc<Delta>,
}

impl View {
    /// The frozen deltas, then the active one.
    pub(crate) fn deltas(&self) -> impl DoubleEndedIterator<Item = &Arc<Delta>> {
        self.frozen.iter().chain([&self.active]).filter(|delta| delta.keys() > 0)
    }

    /// Everything up to here is in segments.
    pub(crate) fn covered(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.header.to)
    }

    /// Fetches all places where the key may be before looking at the first, so that their delays overlap.
    #[inline]
    pub(crate) fn contains(&self, key: u64) -> bool {
        for segment in &self.segments {
            segment.prefetch(key);
        }
        for delta in self.deltas() {
            delta.prefetch(key);
        }
        self.segments.iter().any(|segment| segment.contains(key)) || self.deltas().any(|delta| delta.contains(key))
    }

    /// As [`View::contains`] for a group of keys, source by source; `found` must be as long as `keys` and all false.
    pub(crate) fn contains_group(&self, keys: &[u64], found: &mut [bool]) {
        for segment in &self.segments {
            for (key, _) in keys.iter().zip(found.iter()).filter(|(_, found)| !**found) {
                segment.prefetch(*key);
            }
            for (key, found) in keys.iter().zip(found.iter_mut()) {
                *found = *found || segment.contains(*key);
            }
        }
        for delta in self.deltas() {
            for (key, _) in keys.iter().zip(found.iter()).filter(|(_, found)| !**found) {
                delta.prefetch(*key);
            }
            for (key, found) in keys.iter().zip(found.iter_mut()) {
                *found = *found || delta.contains(*key);
            }
        }
    }

    pub(crate) fn count(&self, key: u64) -> u64 {
        let in_segments = self.segments.iter().filter_map(|segment| segment.find(key)).map(|found| found.count());
        in_segments.sum::<u64>() + self.deltas().map(|delta| delta.count(key)).sum::<u64>()
    }

    pub(crate) fn newest(&self, key: u64) -> Option<u64> {
        self.deltas()
            .rev()
            .find_map(|delta| delta.newest(key))
            .or_else(|| self.segments.iter().rev().find_map(|segment| segment.find(key)?.newest()))
    }

    /// The positions of `key`, ascending.
    pub(crate) fn for_each(&self, key: u64, sink: &mut dyn FnMut(u64) -> ControlFlow<()>) -> ControlFlow<()> {
        for found in self.segments.iter().filter_map(|segment| segment.find(key)) {
            match found {
                Found::One(position) => sink(position)?,
                Found::List(mut list) => list.try_for_each(&mut *sink)?,
            }
        }
        for delta in self.deltas() {
            delta.positions(key).try_for_each(&mut *sink)?;
        }
        ControlFlow::Continue(())
    }

    /// Everything in the order of keys.
    pub(crate) fn merged(&self) -> Merged<'_> {
        let segments = self.segments.iter().map(|segment| Source::segment(segment));
        Merged::new(segments.chain(self.deltas().map(|delta| Source::delta(delta))).collect())
    }
}
