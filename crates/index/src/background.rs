//! What keeps an index on disk: the state shared with the two threads that write and merge segments.

use std::{
    fs, io,
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex, MutexGuard};

use crate::{
    IndexError, Options,
    manifest::{Manifest, SEGMENT_SUFFIX, TEMPORARY_SUFFIX, segment_name, sync_folder},
    merge::{write_delta, write_merged},
    segment::Segment,
    view::View,
};

/// An index without its threads.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) folder: PathBuf,
    pub(crate) options: Options,
    pub(crate) writable: bool,
    pub(crate) view: ArcSwap<View>,
    pub(crate) applied: AtomicU64,
    /// Held by whoever applies, flushes or clears.
    pub(crate) writer: Mutex<()>,
    /// Held while the view or the manifest changes; taken after `writer`.
    pub(crate) catalog: Mutex<Catalog>,
    /// The catalog or the view changed, or the index closes.
    pub(crate) changed: Condvar,
    pub(crate) stop: AtomicBool,
}

/// What changes together with the view.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(crate) next_file: u64,
    /// Counts clearings, so that what was begun before one is not published after it.
    pub(crate) generation: u64,
    /// Why the last flush failed; set until somebody asks for another attempt.
    pub(crate) failure: Option<String>,
    /// Why the last merge failed; no other is tried before the next segment.
    pub(crate) merge_failure: Option<String>,
}

impl State {
    /// Replaces the view after the list of its segments is on disk.
    pub(crate) fn publish(&self, catalog: &Catalog, view: View) -> Result<(), IndexError> {
        let name = |segment: &Arc<Segment>| segment.path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
        let manifest = Manifest {
            key_id: self.options.key_id,
            next: catalog.next_file,
            segments: view.segments.iter().filter_map(name).collect(),
        };
        manifest.write(&self.folder)?;
        self.view.store(Arc::new(view));
        Ok(())
    }

    /// The first thread: writes frozen deltas as segments, oldest first.
    pub(crate) fn flush_in_background(&self) {
        let mut catalog = self.catalog.lock();
        while !self.stop.load(Ordering::Acquire) {
            let delta = self.view.load().frozen.first().cloned();
            let (Some(delta), None) = (delta, &catalog.failure) else {
                self.changed.wait(&mut catalog);
                continue;
            };
            let written =
                self.write_segment(&mut catalog, |path| write_delta(&delta, self.options.key_id, path, &self.stop));
            let published = written.and_then(|written| match written {
                Some(segment) => {
                    let old = self.view.load();
                    let segments = old.segments.iter().cloned().chain([segment]).collect();
                    let frozen = old.frozen.iter().skip(1).cloned().collect();
                    self.publish(&catalog, View { segments, frozen, active: Arc::clone(&old.active) })
                }
                None => Ok(()),
            });
            match published {
                Ok(()) => catalog.merge_failure = None,
                Err(error) => catalog.failure = Some(error.to_string()),
            }
            self.changed.notify_all();
        }
    }

    /// The second thread: merges neighbouring segments of like size.
    pub(crate) fn merge_in_background(&self) {
        let mut catalog = self.catalog.lock();
        while !self.stop.load(Ordering::Acquire) {
            let segments = self.view.load().segments.clone();
            let chosen = choose(&segments, self.options.delta_entries).and_then(|range| segments.get(range));
            let (Some(chosen), None) = (chosen, &catalog.merge_failure) else {
                self.changed.wait(&mut catalog);
                continue;
            };
            let written = self.write_segment(&mut catalog, |path| write_merged(chosen, path, &self.stop));
            let published = written.and_then(|written| match written {
                Some(segment) => self.publish(&catalog, self.with_merged(chosen, segment)),
                None => Ok(()),
            });
            match published {
                Ok(()) => remove(chosen),
                Err(error) => catalog.merge_failure = Some(error.to_string()),
            }
            self.changed.notify_all();
        }
    }

    /// Writes a new segment file with the catalog unlocked; `None` if the index was cleared meanwhile.
    fn write_segment(
        &self,
        catalog: &mut MutexGuard<'_, Catalog>,
        write: impl FnOnce(&Path) -> Result<(), IndexError>,
    ) -> Result<Option<Arc<Segment>>, IndexError> {
        let generation = catalog.generation;
        let path = self.folder.join(segment_name(catalog.next_file));
        catalog.next_file += 1;
        let segment = MutexGuard::unlocked(catalog, || {
            let temporary = path.with_extension(TEMPORARY_SUFFIX);
            let result = write(&temporary).and_then(|()| {
                fs::rename(&temporary, &path).map_err(IndexError::io("rename the index segment", &temporary))?;
                sync_folder(&self.folder).map_err(IndexError::io("write the folder", &self.folder))?;
                let segment = Segment::open(&path, self.options.key_id)?;
                segment.ok_or_else(|| IndexError::Damaged { path: path.clone() })
            });
            if result.is_err() {
                remove_file(&temporary);
            }
            result
        })?;
        let segment = Arc::new(segment);
        if catalog.generation == generation {
            return Ok(Some(segment));
        }
        remove(&[segment]);
        Ok(None)
    }

    fn with_merged(&self, merged: &[Arc<Segment>], segment: Arc<Segment>) -> View {
        let old = self.view.load();
        let is_merged = |candidate: &Arc<Segment>| merged.iter().any(|merged| Arc::ptr_eq(merged, candidate));
        let before = old.segments.iter().take_while(|segment| !is_merged(segment));
        let after = old.segments.iter().skip_while(|segment| !is_merged(segment)).skip(merged.len());
        View {
            segments: before.cloned().chain([segment]).chain(after.cloned()).collect(),
            frozen: old.frozen.clone(),
            active: Arc::clone(&old.active),
        }
    }
}

/// The segments that survive: those listed, whole, made with this key, and contiguous from the start.
pub(crate) fn load(folder: &Path, options: &Options, known: &[Arc<Segment>]) -> Result<Loaded, IndexError> {
    let manifest = Manifest::read(folder)?.filter(|manifest| manifest.key_id == options.key_id).unwrap_or_default();
    let mut segments: Vec<Arc<Segment>> = Vec::new();
    for name in &manifest.segments {
        let path = folder.join(name);
        if let Some(segment) = known.iter().find(|segment| segment.path == path) {
            segments.push(Arc::clone(segment));
            continue;
        }
        let Some(segment) = Segment::open(&path, options.key_id)? else { break };
        let expected = segments.last().map_or(0, |segment| segment.header.to);
        let fits = segment.header.from == expected && segment.header.to >= expected;
        if !fits || (options.verify && !segment.is_sound()) {
            break;
        }
        segments.push(Arc::new(segment));
    }
    let all = segments.len() == manifest.segments.len();
    Ok(Loaded { segments, next_file: manifest.next.max(1), all })
}

/// What was found on disk.
pub(crate) struct Loaded {
    pub(crate) segments: Vec<Arc<Segment>>,
    pub(crate) next_file: u64,
    /// Whether every listed segment survived.
    pub(crate) all: bool,
}

/// Deletes segment files and unfinished files that are not listed; other files in the folder are left alone.
pub(crate) fn remove_unlisted(folder: &Path, listed: &[Arc<Segment>]) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ours = path.extension().is_some_and(|suffix| suffix == SEGMENT_SUFFIX || suffix == TEMPORARY_SUFFIX);
        if ours && !listed.iter().any(|segment| segment.path == path) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// Removes the files; who still reads them keeps them mapped.
pub(crate) fn remove(segments: &[Arc<Segment>]) {
    for segment in segments {
        remove_file(&segment.path);
    }
}

/// A file that cannot be removed now is unlisted and goes at the next opening.
fn remove_file(path: &Path) {
    let _ = fs::remove_file(path);
}

/// As soon as the end of the list, back to the first segment of a higher size class, holds four of a class, all of it is
/// merged; if the result makes four of a higher class, those go with it.
fn choose(segments: &[Arc<Segment>], delta_entries: u64) -> Option<Range<usize>> {
    let sizes: Vec<u64> = segments.iter().map(|segment| segment.header.entries).collect();
    choose_by_size(&sizes, delta_entries)
}

fn choose_by_size(sizes: &[u64], delta_entries: u64) -> Option<Range<usize>> {
    let mut start = sizes.len();
    let mut result = None;
    for class in 0..CLASSES {
        let before = sizes.get(..start)?;
        let classes = before.iter().rev().map(|size| class_of(*size, delta_entries));
        let run: Vec<u32> = classes.take_while(|other| *other <= class).collect();
        let alike = run.iter().copied().chain(result).filter(|other| *other == class).count();
        if alike >= FAN_IN {
            start -= run.len();
            result = Some(class_of(sizes.get(start..)?.iter().sum(), delta_entries));
        }
    }
    result.map(|_| start..sizes.len())
}

/// Class 0 is up to two deltas, each further one four times the one before.
fn class_of(entries: u64, delta_entries: u64) -> u32 {
    let mut class = 0;
    let mut limit = delta_entries.max(1).saturating_mul(2);
    while entries > limit {
        class += 1;
        limit = limit.saturating_mul(4);
    }
    class
}

const FAN_IN: usize = 4;
const CLASSES: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_a_class_are_merged_and_their_like_with_them() {
        assert_eq!(choose_by_size(&[1, 1, 1], 1), None);
        assert_eq!(choose_by_size(&[1, 1, 1, 1], 1), Some(0..4));
        assert_eq!(choose_by_size(&[4, 1, 1, 1], 1), None);
        assert_eq!(choose_by_size(&[4, 1, 1, 1, 1], 1), Some(1..5));
        assert_eq!(choose_by_size(&[4, 4, 4, 1, 1, 1, 1], 1), Some(0..7));
        assert_eq!(choose_by_size(&[16, 4, 4, 1, 1, 1, 1], 1), Some(3..7));
        assert_eq!(choose_by_size(&[16, 4, 4, 4, 4], 1), Some(1..5));
        assert_eq!(choose_by_size(&[], 1), None);
    }

    #[test]
    fn the_number_of_segments_stays_small_and_the_work_bounded() {
        for size in [1, 2, 3] {
            let (mut sizes, mut work) = (Vec::new(), 0);
            for _ in 0..1000 {
                sizes.push(size);
                while let Some(range) = choose_by_size(&sizes, 3) {
                    let merged: u64 = sizes.drain(range).sum();
                    work += merged;
                    sizes.push(merged);
                }
                assert!(sizes.len() <= 16, "{sizes:?}");
            }
            assert!(work <= 1000 * size * 6, "{work} for {size}");
        }
    }
}
