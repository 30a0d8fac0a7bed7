use std::{
    fs::{File, OpenOptions},
    io::{self, Seek, SeekFrom, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use comity_base::Position;
use parking_lot::Mutex;

use crate::{IndexError, checksum::Checksum, layout::at, mapping::SharedMemory};

/// One `u32` for every position, memory-mapped, growing as positions are set; readers take no lock.
///
/// What it holds is derived and must be a function of the log alone, so that replaying positions sets the same numbers
/// again. [`Column::sync`] records up to where it is complete on disk; after a crash the owner replays everything after
/// [`Column::covered`]. At opening, numbers of later positions are zero again, but changes that later positions made to
/// earlier ones may or may not be there: the replay makes them anew.
#[derive(Debug)]
pub struct Column {
    path: PathBuf,
    key_id: u64,
    /// `None` when opened for reading only.
    file: Option<File>,
    map: ArcSwap<SharedMemory>,
    length: AtomicU64,
    covered: AtomicU64,
    writer: Mutex<()>,
}

impl Column {
    /// Opens or creates the file; one that is damaged or was made with another key is replaced by an empty one. Only one
    /// process may have it open this way.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened, written or mapped.
    pub fn open(path: &Path, key_id: u64) -> Result<Self, IndexError> {
        let failed = || IndexError::io("open the column", path);
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed())?;
        if !is_whole(&file).map_err(failed())? {
            start_anew(&mut file, key_id).map_err(failed())?;
        }
        let mut map = SharedMemory::shared(&file).map_err(failed())?;
        if read_head(&map, key_id).is_none() {
            drop(map);
            start_anew(&mut file, key_id).map_err(failed())?;
            map = SharedMemory::shared(&file).map_err(failed())?;
        }
        let covered = read_head(&map, key_id).unwrap_or_default();
        let column = Self::new(path, key_id, Some(file), map, covered);
        column.forget_after(covered);
        Ok(column)
    }

    /// Maps the file as it is now; what is set stays in this process. Without a usable file the column is empty.
    ///
    /// # Errors
    ///
    /// If the file is there and cannot be opened or mapped.
    pub fn open_read_only(path: &Path, key_id: u64) -> Result<Self, IndexError> {
        let failed = || IndexError::io("open the column", path);
        let map = match File::open(path) {
            Ok(file) if is_whole(&file).map_err(failed())? => SharedMemory::private(&file).map_err(failed())?,
            Ok(_) => SharedMemory::anonymous(HEAD_BYTES).map_err(failed())?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                SharedMemory::anonymous(HEAD_BYTES).map_err(failed())?
            }
            Err(error) => return Err(failed()(error)),
        };
        let (map, covered) = match read_head(&map, key_id) {
            Some(covered) => (map, covered),
            None => (SharedMemory::anonymous(HEAD_BYTES).map_err(failed())?, 0),
        };
        let column = Self::new(path, key_id, None, map, covered);
        column.forget_after(covered);
        Ok(column)
    }

    /// The number of a position; 0 if it was never set.
    #[inline]
    pub fn get(&self, position: Position) -> u32 {
        let map = self.map.load();
        let number = index(position.0).and_then(|index| map.halves().get(index));
        number.map_or(0, |number| number.load(Ordering::Acquire))
    }

    /// Copies the numbers from a position on into `out`, as far as there are any, and says how many.
    pub fn read(&self, from: Position, out: &mut [u32]) -> usize {
        let map = self.map.load();
        let end = from.0.saturating_add(out.len() as u64).min(self.len());
        let cells = index(from.0).zip(index(end)).and_then(|(start, end)| map.halves().get(start..end));
        let cells = cells.unwrap_or_default();
        for (to, cell) in out.iter_mut().zip(cells) {
            *to = cell.load(Ordering::Acquire);
        }
        cells.len()
    }

    /// Sets the number of a position, making room if need be.
    ///
    /// # Errors
    ///
    /// If room has to be made and the disk or the memory has none.
    pub fn set(&self, position: Position, number: u32) -> Result<(), IndexError> {
        self.fill(position..position.next(), number)
    }

    /// Sets the number of all positions of a range.
    ///
    /// # Errors
    ///
    /// As for [`Column::set`].
    pub fn fill(&self, range: Range<Position>, number: u32) -> Result<(), IndexError> {
        if range.is_empty() {
            return Ok(());
        }
        let _one_at_a_time = self.writer.lock();
        self.make_room(range.end.0)?;
        let map = self.map.load();
        let cells = index(range.start.0).zip(index(range.end.0));
        let cells = cells.and_then(|(start, end)| map.halves().get(start..end));
        for cell in cells.unwrap_or_default() {
            cell.store(number, Ordering::Release);
        }
        self.length.fetch_max(range.end.0, Ordering::AcqRel);
        Ok(())
    }

    /// One more than the highest position ever set; 0 when empty.
    pub fn len(&self) -> u64 {
        self.length.load(Ordering::Acquire)
    }

    /// Whether no position was ever set.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Everything up to here survives a crash.
    pub fn covered(&self) -> Position {
        Position(self.covered.load(Ordering::Acquire))
    }

    /// Waits until everything is on disk, then records that the column is complete up to `up_to`.
    ///
    /// # Errors
    ///
    /// If the disk refuses, or the column was opened for reading only.
    pub fn sync(&self, up_to: Position) -> Result<(), IndexError> {
        let _one_at_a_time = self.writer.lock();
        if self.file.is_none() {
            return Err(IndexError::ReadOnly { path: self.path.clone() });
        }
        let failed = || IndexError::io("write the column", &self.path);
        let map = self.map.load();
        map.flush().map_err(failed())?;
        for (word, value) in map.words().iter().zip(head(self.key_id, up_to.0)) {
            word.store(value, Ordering::Release);
        }
        map.flush().map_err(failed())?;
        self.covered.store(up_to.0, Ordering::Release);
        Ok(())
    }

    fn new(path: &Path, key_id: u64, file: Option<File>, map: SharedMemory, covered: u64) -> Self {
        let held = (map.len() as u64).saturating_sub(HEAD_BYTES as u64) / 4;
        let length = if covered == 0 { 0 } else { covered.saturating_add(1).min(held) };
        Self {
            path: path.to_path_buf(),
            key_id,
            file,
            map: ArcSwap::from_pointee(map),
            length: AtomicU64::new(length),
            covered: AtomicU64::new(covered),
            writer: Mutex::new(()),
        }
    }

    fn forget_after(&self, covered: u64) {
        let map = self.map.load();
        let start = if covered == 0 { index(0) } else { index(covered.saturating_add(1)) };
        for cell in start.and_then(|start| map.halves().get(start..)).unwrap_or_default() {
            if cell.load(Ordering::Relaxed) != 0 {
                cell.store(0, Ordering::Relaxed);
            }
        }
    }

    /// Called by the one writer. The new mapping shows the same file, or starts with a copy of what was private.
    fn make_room(&self, positions: u64) -> Result<(), IndexError> {
        let failed = || IndexError::io("extend the column", &self.path);
        let old = self.map.load();
        let Some(needed) = index(positions).and_then(|end| end.checked_mul(4)) else {
            return Err(IndexError::PositionTooLarge(Position(positions)));
        };
        if needed <= old.len() {
            return Ok(());
        }
        let step = (old.len() / 8).clamp(STEP_MIN, STEP_MAX);
        let size = needed.max(old.len() + step).next_multiple_of(STEP_MIN);
        let new = if let Some(file) = &self.file {
            extend(file, size).and_then(|()| SharedMemory::shared(file)).map_err(failed())?
        } else {
            let new = SharedMemory::anonymous(size).map_err(failed())?;
            for (to, from) in new.halves().iter().zip(old.halves()) {
                to.store(from.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            new
        };
        self.map.store(Arc::new(new));
        Ok(())
    }
}

/// Where the number of a position lies among the halves of the mapping.
#[inline]
fn index(position: u64) -> Option<usize> {
    at(position).checked_add(HEAD_BYTES / 4)
}

fn is_whole(file: &File) -> io::Result<bool> {
    let length = file.metadata()?.len();
    Ok(length >= HEAD_BYTES as u64 && length.is_multiple_of(HEAD_BYTES as u64))
}

fn start_anew(file: &mut File, key_id: u64) -> io::Result<()> {
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Vec::with_capacity(HEAD_BYTES);
    for word in head(key_id, 0) {
        bytes.extend_from_slice(&word.to_ne_bytes());
    }
    bytes.resize(HEAD_BYTES, 0);
    file.write_all(&bytes)?;
    file.sync_all()
}

/// Writes zeros rather than leaving a hole: a full disk is then an error here, not a signal at a later store.
fn extend(mut file: &File, size: usize) -> io::Result<()> {
    let zeros = vec![0; STEP_MIN];
    let mut length = file.seek(SeekFrom::End(0))?;
    while length < size as u64 {
        let missing = at(size as u64 - length).min(zeros.len());
        file.write_all(zeros.get(..missing).unwrap_or_default())?;
        length += missing as u64;
    }
    Ok(())
}

/// The head of a file, in the byte order of the machine (a column never leaves it).
fn head(key_id: u64, covered: u64) -> [u64; 4] {
    let mut bytes = Vec::with_capacity(32);
    for word in [MAGIC, key_id, covered] {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
    [MAGIC, key_id, covered, Checksum::of(&bytes)]
}

/// The covered position, if the head is sound and of this key.
fn read_head(map: &SharedMemory, key_id: u64) -> Option<u64> {
    let mut words = map.words().iter().map(|word| word.load(Ordering::Acquire));
    let found = [words.next()?, words.next()?, words.next()?, words.next()?];
    let covered = found[2];
    (found == head(key_id, covered)).then_some(covered)
}

const MAGIC: u64 = u64::from_le_bytes(*b"COMITYC1");
const HEAD_BYTES: usize = 64;
const STEP_MIN: usize = 1 << 16;
const STEP_MAX: usize = 1 << 24;
