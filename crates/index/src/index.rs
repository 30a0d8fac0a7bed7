use std::{
    fs,
    ops::ControlFlow,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use arc_swap::ArcSwap;
use comity_base::Position;
use parking_lot::{Condvar, Mutex};

use crate::{
    IndexError,
    background::{Catalog, Loaded, State, load, remove, remove_unlisted},
    delta::Delta,
    layout,
    view::View,
};

/// How an index is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Names the key that the fingerprints are made with; what was written with another is dropped.
    pub key_id: u64,
    /// How many postings are held in memory before they are written to disk, each costing about 32 to 64 bytes. More
    /// makes merges rarer and the replay after a crash longer.
    pub delta_entries: u64,
    /// Whether opening reads every segment and compares it with its checksums, at several gigabytes a second. Without,
    /// damage inside a segment can give wrong answers.
    pub verify: bool,
}

impl Options {
    /// One million postings in memory, and everything verified.
    pub const fn new(key_id: u64) -> Self {
        Self { key_id, delta_entries: 1_000_000, verify: true }
    }
}

/// What an index holds and costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Fingerprints; one held by several segments counts several times.
    pub entries: u64,
    /// (fingerprint, position) pairs.
    pub postings: u64,
    /// Files.
    pub segments: u64,
    /// The size of those files.
    pub bytes_on_disk: u64,
    /// The memory set aside for what is not yet in them; less is used until they fill.
    pub bytes_in_memory: u64,
    /// Why the last writing or merging in the background failed, if it did.
    pub failure: Option<String>,
}

/// A map from fingerprints to the positions where they occur: immutable segments on disk, the newest part in memory.
///
/// All methods may be called from any thread. Readers take no lock; one thread applies at a time. Dropping an index does
/// not flush it.
#[derive(Debug)]
pub struct Index {
    state: Arc<State>,
    threads: Vec<JoinHandle<()>>,
}

/// The part of a fingerprint that an index keeps; two fingerprints that agree in it are one to the index.
pub const fn significant(fingerprint: u64) -> u64 {
    layout::fingerprint(layout::key(fingerprint))
}

impl Index {
    /// Opens the index in a folder for reading and writing, creating the folder if need be. Only one process may have it
    /// open this way.
    ///
    /// Segments that are damaged, missing or of another key are dropped, and with them everything later; see
    /// [`Index::covered`] for what is left.
    ///
    /// # Errors
    ///
    /// If the folder or a file in it cannot be read, written or mapped, or memory or threads are lacking.
    pub fn open(folder: &Path, options: Options) -> Result<Self, IndexError> {
        fs::create_dir_all(folder).map_err(IndexError::io("create the folder", folder))?;
        let loaded = load(folder, &options, &[])?;
        let all = loaded.all;
        let state = Arc::new(new_state(folder, options, true, loaded)?);
        if !all {
            state.publish(&state.catalog.lock(), copy(&state.view.load()))?;
        }
        remove_unlisted(folder, &state.view.load().segments).map_err(IndexError::io("tidy the folder", folder))?;
        let mut index = Self { state, threads: Vec::new() };
        index.start("index-flush", State::flush_in_background)?;
        index.start("index-merge", State::merge_in_background)?;
        Ok(index)
    }

    /// Opens the segments of an index that another process writes. What is applied here stays in memory; from time to
    /// time call [`Index::refresh`] to pick up what the other process has written and let go of one's own copy.
    ///
    /// # Errors
    ///
    /// If a file cannot be read or mapped, or memory is lacking.
    pub fn open_read_only(folder: &Path, options: Options) -> Result<Self, IndexError> {
        let loaded = load_for_reading(folder, &options, &[])?;
        let state = Arc::new(new_state(folder, options, false, loaded)?);
        Ok(Self { state, threads: Vec::new() })
    }

    /// Everything up to here is on disk; after a restart the owner applies what follows.
    pub fn covered(&self) -> Position {
        Position(self.state.view.load().covered())
    }

    /// Everything up to here has been applied.
    pub fn applied(&self) -> Position {
        Position(self.state.applied.load(Ordering::Acquire))
    }

    /// Adds the entries of the positions after [`Index::applied`] up to `up_to`; earlier ones are skipped, so a batch may
    /// be applied again. The same entry given twice counts once.
    ///
    /// Readers see single entries as they are added and the batch as a whole once `applied` has reached `up_to`. Blocks
    /// only if two full deltas are already waiting to be written.
    ///
    /// # Errors
    ///
    /// If a position is after `up_to` or too large (nothing is applied); if memory is lacking or, with two deltas
    /// waiting, the disk refuses them (nothing is applied; the call may be repeated).
    pub fn apply(&self, entries: &[(u64, Position)], up_to: Position) -> Result<(), IndexError> {
        let state = &self.state;
        let _one_at_a_time = state.writer.lock();
        let applied = self.applied();
        if up_to <= applied {
            return Ok(());
        }
        if up_to.0 >= 1 << 63 {
            return Err(IndexError::PositionTooLarge(up_to));
        }
        if let Some((_, position)) = entries.iter().find(|(_, position)| *position > up_to) {
            return Err(IndexError::AfterBatch { position: *position, up_to });
        }
        state.make_room(entries.len() as u64)?;
        let delta = Arc::clone(&state.view.load().active);
        if entries.is_sorted_by_key(|(_, position)| *position) {
            add_all(&delta, entries, applied)?;
        } else {
            let mut sorted = entries.to_vec();
            sorted.sort_by_key(|(_, position)| *position);
            add_all(&delta, &sorted, applied)?;
        }
        state.applied.store(up_to.0, Ordering::Release);
        Ok(())
    }

    /// Whether the fingerprint has any posting.
    #[inline]
    pub fn contains(&self, fingerprint: u64) -> bool {
        self.state.view.load().contains(layout::key(fingerprint))
    }

    /// For each fingerprint whether it has any posting; `out` is replaced. Several times faster per fingerprint than
    /// [`Index::contains`], since their memory accesses overlap.
    pub fn contains_many(&self, fingerprints: &[u64], out: &mut Vec<bool>) {
        let view = self.state.view.load();
        out.clear();
        out.resize(fingerprints.len(), false);
        let mut keys = [0; GROUP];
        for (group, found) in fingerprints.chunks(GROUP).zip(out.chunks_mut(GROUP)) {
            for (key, fingerprint) in keys.iter_mut().zip(group) {
                *key = layout::key(*fingerprint);
            }
            view.contains_group(keys.get(..group.len()).unwrap_or_default(), found);
        }
    }

    /// The exact number of postings.
    pub fn count(&self, fingerprint: u64) -> u64 {
        self.state.view.load().count(layout::key(fingerprint))
    }

    /// The first `limit` positions, ascending.
    pub fn positions(&self, fingerprint: u64, limit: usize) -> Vec<Position> {
        let mut positions = Vec::new();
        if limit > 0 {
            self.for_each(fingerprint, |position| {
                positions.push(position);
                if positions.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            });
        }
        positions
    }

    /// The highest position.
    pub fn newest(&self, fingerprint: u64) -> Option<Position> {
        self.state.view.load().newest(layout::key(fingerprint)).map(Position)
    }

    /// Gives the positions, ascending, until the sink breaks off.
    pub fn for_each(&self, fingerprint: u64, mut sink: impl FnMut(Position) -> ControlFlow<()>) {
        let view = self.view();
        let _ = view.for_each(layout::key(fingerprint), &mut |position| sink(Position(position)));
    }

    /// Writes what is in memory to disk and waits for it; to be called before closing.
    ///
    /// # Errors
    ///
    /// If the disk refuses (everything stays readable and the call may be repeated), or the index is open for reading
    /// only.
    pub fn flush(&self) -> Result<(), IndexError> {
        let state = &self.state;
        if !state.writable {
            return Err(IndexError::ReadOnly { path: state.folder.clone() });
        }
        let _one_at_a_time = state.writer.lock();
        if self.applied().0 > state.view.load().active.from {
            state.freeze(0)?;
        }
        state.wait_for_frozen(1)
    }

    /// Reads every segment and compares it with its checksums.
    ///
    /// # Errors
    ///
    /// [`IndexError::Damaged`] for the first that does not match.
    pub fn verify(&self) -> Result<(), IndexError> {
        let view = self.view();
        match view.segments.iter().find(|segment| !segment.is_sound()) {
            Some(damaged) => Err(IndexError::Damaged { path: damaged.path.clone() }),
            None => Ok(()),
        }
    }

    /// What the index holds and costs now.
    pub fn stats(&self) -> Stats {
        let catalog = self.state.catalog.lock();
        let view = self.view();
        let headers = || view.segments.iter().map(|segment| segment.header);
        Stats {
            entries: headers().map(|header| header.entries).chain(view.deltas().map(|delta| delta.keys())).sum(),
            postings: headers().map(|header| header.postings).chain(view.deltas().map(|delta| delta.postings())).sum(),
            segments: view.segments.len() as u64,
            bytes_on_disk: view.segments.iter().map(|segment| segment.bytes()).sum(),
            bytes_in_memory: view.frozen.iter().chain([&view.active]).map(|delta| delta.bytes()).sum(),
            failure: catalog.failure.clone().or_else(|| catalog.merge_failure.clone()),
        }
    }

    /// Forgets everything, on disk too; [`Index::applied`] starts from nothing. Opened for reading only, it forgets only
    /// what this process sees.
    ///
    /// # Errors
    ///
    /// If the disk refuses or memory is lacking; nothing is forgotten then.
    pub fn clear(&self) -> Result<(), IndexError> {
        let state = &self.state;
        let _one_at_a_time = state.writer.lock();
        let mut catalog = state.catalog.lock();
        let view = View { segments: Vec::new(), frozen: Vec::new(), active: state.new_delta(0, 0)? };
        let old = self.view();
        if state.writable {
            state.publish(&catalog, view)?;
            remove(&old.segments);
        } else {
            state.view.store(Arc::new(view));
        }
        let generation = catalog.generation + 1;
        *catalog = Catalog { next_file: catalog.next_file, generation, ..Catalog::default() };
        state.applied.store(0, Ordering::Release);
        state.changed.notify_all();
        Ok(())
    }

    /// Opened for reading only: takes over the segments that the writing process has written since, and keeps in memory
    /// only what they do not cover. If that process has begun anew, so does this one: look at [`Index::applied`].
    ///
    /// # Errors
    ///
    /// If a file cannot be read or mapped, or memory is lacking; nothing changes then.
    pub fn refresh(&self) -> Result<(), IndexError> {
        let state = &self.state;
        if state.writable {
            return Ok(());
        }
        let _one_at_a_time = state.writer.lock();
        let _catalog = state.catalog.lock();
        let old = self.view();
        let loaded = load_for_reading(&state.folder, &state.options, &old.segments)?;
        let covered = loaded.segments.last().map_or(0, |segment| segment.header.to);
        let begun_anew = covered < old.covered();
        let mut left: Vec<(u64, Position)> = Vec::new();
        for delta in old.deltas().filter(|_| !begun_anew) {
            for (key, value) in delta.sorted() {
                let later = delta.positions_of(value).filter(|position| *position > covered);
                left.extend(later.map(|position| (layout::fingerprint(key), Position(position))));
            }
        }
        left.sort_unstable_by_key(|(_, position)| *position);
        let active = state.new_delta(covered, left.len() as u64)?;
        add_all(&active, &left, Position(covered))?;
        state.view.store(Arc::new(View { segments: loaded.segments, frozen: Vec::new(), active }));
        let applied = if begun_anew { covered } else { covered.max(self.applied().0) };
        state.applied.store(applied, Ordering::Release);
        Ok(())
    }

    /// What readers see now, kept as it is for as long as it is held.
    pub(crate) fn view(&self) -> Arc<View> {
        self.state.view.load_full()
    }

    fn start(&mut self, name: &str, run: fn(&State)) -> Result<(), IndexError> {
        let state = Arc::clone(&self.state);
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || run(&state));
        self.threads.push(thread.map_err(IndexError::io("start a thread for", &self.state.folder))?);
        Ok(())
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        {
            let _catalog = self.state.catalog.lock();
            self.state.stop.store(true, Ordering::Release);
            self.state.changed.notify_all();
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

impl State {
    /// Sees to it that the active delta takes `entries` more.
    fn make_room(&self, entries: u64) -> Result<(), IndexError> {
        let active = Arc::clone(&self.view.load().active);
        if active.room() >= entries {
            return Ok(());
        }
        if self.writable {
            self.wait_for_frozen(FROZEN_MAX)?;
        }
        if active.postings() > 0 {
            return self.freeze(entries);
        }
        let _catalog = self.catalog.lock();
        let larger = self.new_delta(active.from, entries)?;
        let old = self.view.load();
        let view = View { segments: old.segments.clone(), frozen: old.frozen.clone(), active: larger };
        self.view.store(Arc::new(view));
        Ok(())
    }

    /// Puts a new delta, with room for at least `entries`, in the place of the active one.
    fn freeze(&self, entries: u64) -> Result<(), IndexError> {
        let applied = self.applied.load(Ordering::Acquire);
        let active = self.new_delta(applied, entries)?;
        let _catalog = self.catalog.lock();
        let old = self.view.load();
        old.active.close_at(applied);
        let frozen = old.frozen.iter().chain([&old.active]).cloned().collect();
        self.view.store(Arc::new(View { segments: old.segments.clone(), frozen, active }));
        self.changed.notify_all();
        Ok(())
    }

    /// Waits until fewer than `enough` deltas are waiting to be written, having what failed tried once more.
    fn wait_for_frozen(&self, enough: usize) -> Result<(), IndexError> {
        let mut catalog = self.catalog.lock();
        if catalog.failure.take().is_some() {
            self.changed.notify_all();
        }
        while self.view.load().frozen.len() >= enough {
            if let Some(reason) = catalog.failure.clone() {
                return Err(IndexError::Background { reason });
            }
            self.changed.wait(&mut catalog);
        }
        Ok(())
    }

    fn new_delta(&self, from: u64, entries: u64) -> Result<Arc<Delta>, IndexError> {
        let delta = Delta::new(from, self.options.delta_entries.max(entries));
        delta.map(Arc::new).map_err(IndexError::io("get memory for the index in", &self.folder))
    }
}

fn new_state(folder: &Path, options: Options, writable: bool, loaded: Loaded) -> Result<State, IndexError> {
    let covered = loaded.segments.last().map_or(0, |segment| segment.header.to);
    let active =
        Delta::new(covered, options.delta_entries).map_err(IndexError::io("get memory for the index in", folder))?;
    let view = View { segments: loaded.segments, frozen: Vec::new(), active: Arc::new(active) };
    Ok(State {
        folder: folder.to_path_buf(),
        options,
        writable,
        view: ArcSwap::from_pointee(view),
        applied: AtomicU64::new(covered),
        writer: Mutex::new(()),
        catalog: Mutex::new(Catalog { next_file: loaded.next_file, ..Catalog::default() }),
        changed: Condvar::new(),
        stop: AtomicBool::new(false),
    })
}

/// Tries again while the writing process removes files it has merged between our reading the list and opening them.
fn load_for_reading(
    folder: &Path,
    options: &Options,
    known: &[Arc<crate::segment::Segment>],
) -> Result<Loaded, IndexError> {
    let mut loaded = load(folder, options, known)?;
    for _ in 0..READ_ATTEMPTS {
        if loaded.all {
            break;
        }
        loaded = load(folder, options, known)?;
    }
    Ok(loaded)
}

fn copy(view: &View) -> View {
    View { segments: view.segments.clone(), frozen: view.frozen.clone(), active: Arc::clone(&view.active) }
}

/// Adds entries, sorted by position, that lie after `applied`, fetching the places of those to come.
fn add_all(delta: &Delta, entries: &[(u64, Position)], applied: Position) -> Result<(), IndexError> {
    let start = entries.partition_point(|(_, position)| *position <= applied);
    let entries = entries.get(start..).unwrap_or_default();
    let mut coming = entries.iter().skip(AHEAD);
    for (fingerprint, position) in entries {
        if let Some((coming, _)) = coming.next() {
            delta.prefetch(layout::key(*coming));
        }
        delta.add(layout::key(*fingerprint), position.0).map_err(|_| IndexError::DeltaFull)?;
    }
    Ok(())
}

/// How many fingerprints are looked up together: enough to keep all memory channels busy.
const GROUP: usize = 32;
/// How far ahead of its addition an entry's place is fetched.
const AHEAD: usize = 16;
/// The writer waits when so many deltas are already waiting for the disk.
const FROZEN_MAX: usize = 2;
const READ_ATTEMPTS: usize = 5;
