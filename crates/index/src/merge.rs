//! Several sources read as one, in the order of keys.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use crate::{
    IndexError,
    builder::{Builder, Plan},
    delta::Delta,
    layout::{KEY_BITS, Payload},
    segment::{Found, Segment},
};

/// Segments and deltas in the order of their positions, read together key by key.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    sources: Vec<Source<'a>>,
    /// The next key of each source; [`DONE`] at its end.
    heads: Vec<u64>,
}

/// One source of keys in order.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Segment(SegmentCursor<'a>),
    Delta(DeltaCursor<'a>),
}

const DONE: u64 = u64::MAX;

impl<'a> Merged<'a> {
    /// The sources must hold ever later positions.
    pub(crate) fn new(sources: Vec<Source<'a>>) -> Self {
        let heads = sources.iter().map(Source::head).collect();
        Self { sources, heads }
    }

    pub(crate) fn of_segments(segments: &'a [Arc<Segment>]) -> Self {
        Self::new(segments.iter().map(|segment| Source::segment(segment)).collect())
    }

    /// Goes to the next key and gives it with its number of postings. If they are at least `least`, the first `cap` of
    /// them are put into `positions`, which is else left empty.
    #[inline]
    pub(crate) fn next(&mut self, least: u64, cap: usize, positions: &mut Vec<u64>) -> Option<(u64, u64)> {
        positions.clear();
        let key = self.heads.iter().fold(DONE, |least, head| least.min(*head));
        if key == DONE {
            return None;
        }
        let mut count = 0;
        for (head, source) in self.heads.iter().zip(&self.sources) {
            if *head == key {
                count += source.count();
            }
        }
        for (head, source) in self.heads.iter_mut().zip(&mut self.sources) {
            if *head == key {
                if count >= least {
                    source.collect(cap, positions);
                }
                source.advance();
                *head = source.head();
            }
        }
        Some((key, count))
    }
}

impl<'a> Source<'a> {
    pub(crate) fn segment(segment: &'a Segment) -> Self {
        Self::Segment(SegmentCursor::new(segment))
    }

    pub(crate) fn delta(delta: &'a Delta) -> Self {
        Self::Delta(DeltaCursor { delta, pairs: delta.sorted().into_iter(), now: None }.started())
    }

    #[inline]
    fn head(&self) -> u64 {
        match self {
            Self::Segment(cursor) => cursor.key,
            Self::Delta(cursor) => cursor.now.map_or(DONE, |(key, _)| key),
        }
    }

    #[inline]
    fn count(&self) -> u64 {
        match self {
            Self::Segment(cursor) => match cursor.payload {
                Payload::One(_) => 1,
                _ => cursor.found().map_or(0, |found| found.count()),
            },
            Self::Delta(cursor) => cursor.now.map_or(0, |(_, value)| cursor.delta.count_of(value)),
        }
    }

    /// Appends positions until there are `cap`.
    #[inline]
    fn collect(&self, cap: usize, positions: &mut Vec<u64>) {
        let room = cap.saturating_sub(positions.len());
        match self {
            Self::Segment(cursor) => match cursor.found() {
                Some(Found::One(position)) => positions.extend((room > 0).then_some(position)),
                Some(Found::List(list)) => positions.extend(list.take(room)),
                None => {}
            },
            Self::Delta(cursor) => {
                if let Some((_, value)) = cursor.now {
                    positions.extend(cursor.delta.positions_of(value).take(room));
                }
            }
        }
    }

    #[inline]
    fn advance(&mut self) {
        match self {
            Self::Segment(cursor) => cursor.advance(),
            Self::Delta(cursor) => cursor.now = cursor.pairs.next(),
        }
    }
}

/// A delta as it was when the reading began.
#[derive(Debug)]
pub(crate) struct DeltaCursor<'a> {
    delta: &'a Delta,
    pairs: std::vec::IntoIter<(u64, u64)>,
    now: Option<(u64, u64)>,
}

impl DeltaCursor<'_> {
    fn started(mut self) -> Self {
        self.now = self.pairs.next();
        self
    }
}

/// The keys of a segment: those in its lines, between them those that only the directory holds.
#[derive(Debug)]
pub(crate) struct SegmentCursor<'a> {
    segment: &'a Segment,
    /// The current key, or [`DONE`].
    key: u64,
    payload: Payload,
    line: u64,
    slots: [u64; 8],
    slot: usize,
    in_lines: (u64, Payload),
    in_directory: u64,
    directory: u64,
}

impl<'a> SegmentCursor<'a> {
    fn new(segment: &'a Segment) -> Self {
        let mut cursor = Self {
            segment,
            key: DONE,
            payload: Payload::Directory,
            line: 0,
            slots: [0; 8],
            slot: 8,
            in_lines: (DONE, Payload::Directory),
            in_directory: DONE,
            directory: 0,
        };
        cursor.in_lines = cursor.next_in_lines();
        cursor.in_directory = cursor.next_in_directory();
        cursor.advance();
        cursor
    }

    #[inline]
    fn found(&self) -> Option<Found<'a>> {
        self.segment.found(self.key, self.payload)
    }

    #[inline]
    fn advance(&mut self) {
        let (key, payload) = self.in_lines;
        if self.in_directory <= key && self.in_directory != DONE {
            self.key = self.in_directory;
            self.payload = Payload::Directory;
            self.in_directory = self.next_in_directory();
            if self.key != key {
                return;
            }
        } else {
            self.key = key;
            self.payload = payload;
        }
        self.in_lines = self.next_in_lines();
    }

    #[inline]
    fn next_in_lines(&mut self) -> (u64, Payload) {
        let layout = self.segment.layout();
        loop {
            if let Some(slot) = self.slots.get(self.slot).copied().filter(|slot| *slot != 0) {
                self.slot += 1;
                return (layout.key(self.line - 1, slot), layout.payload(slot));
            }
            let Some(line) = self.segment.line(self.line) else {
                return (DONE, Payload::Directory);
            };
            for (to, slot) in self.slots.iter_mut().zip(line.as_chunks::<8>().0) {
                *to = u64::from_le_bytes(*slot);
            }
            self.line += 1;
            self.slot = 0;
        }
    }

    fn next_in_directory(&mut self) -> u64 {
        let entry = self.segment.directory_entry(self.directory);
        self.directory += 1;
        entry.map_or(DONE, |(key, _)| key)
    }
}

/// Writes a closed delta as a segment.
pub(crate) fn write_delta(delta: &Delta, key_id: u64, path: &Path, stop: &AtomicBool) -> Result<(), IndexError> {
    let (entries, postings) = (delta.keys(), delta.postings());
    let plan = Plan { key_id, from: delta.from, to: delta.to(), entries, area: (postings - entries.min(postings)) * 6 };
    write(Merged::new(vec![Source::delta(delta)]), &plan, path, stop).map(|_| ())
}

/// Merges neighbouring segments into one.
pub(crate) fn write_merged(segments: &[Arc<Segment>], path: &Path, stop: &AtomicBool) -> Result<(), IndexError> {
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return Ok(());
    };
    if let Some(damaged) = segments.iter().find(|segment| !segment.is_sound()) {
        return Err(IndexError::Damaged { path: damaged.path.clone() });
    }
    let sum: u64 = segments.iter().map(|segment| segment.header.entries).sum();
    let entries = estimate(segments, sum);
    let lists: u64 = segments.iter().map(|segment| segment.header.area).sum();
    let plan = Plan {
        key_id: first.header.key_id,
        from: first.header.from,
        to: last.header.to,
        entries,
        area: lists + sum.saturating_sub(entries) * 8,
    };
    let written = write(Merged::of_segments(segments), &plan, path, stop)?;
    let guess_was_bad = written > entries + entries / 4 || (written > 4096 && written < entries / 2);
    if guess_was_bad {
        write(Merged::of_segments(segments), &Plan { entries: written, ..plan }, path, stop)?;
    }
    Ok(())
}

/// Gives the number of keys written.
fn write(mut merged: Merged<'_>, plan: &Plan, path: &Path, stop: &AtomicBool) -> Result<u64, IndexError> {
    let mut builder = Builder::create(path, plan)?;
    let mut positions = Vec::new();
    while let Some((key, _)) = merged.next(1, usize::MAX, &mut positions) {
        if positions.is_empty() {
            continue;
        }
        builder.add(key, &positions)?;
        if builder.entries().is_multiple_of(STOP_EVERY) && stop.load(Ordering::Relaxed) {
            return Err(IndexError::Closed);
        }
    }
    let entries = builder.entries();
    builder.finish()?;
    Ok(entries)
}

/// How many distinct keys the segments hold, judged by the lowest part of all keys: fingerprints are evenly spread.
fn estimate(segments: &[Arc<Segment>], sum: u64) -> u64 {
    let part = if sum < COUNT_ALL_BELOW { 1 } else { SAMPLE };
    let end = (1 << KEY_BITS) / part;
    let mut merged = Merged::of_segments(segments);
    let mut none = Vec::new();
    let mut found = 0;
    while merged.next(DONE, 0, &mut none).is_some_and(|(key, _)| key < end) {
        found += 1;
    }
    if found == 0 { sum } else { (found * part).min(sum) }
}

const STOP_EVERY: u64 = 1 << 16;
const COUNT_ALL_BELOW: u64 = 1 << 17;
const SAMPLE: u64 = 32;
