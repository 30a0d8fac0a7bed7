use std::{
    fs::File,
    path::{Path, PathBuf},
};

use crate::{
    IndexError,
    checksum::Checksum,
    layout::{LINES_MAX, Layout, Payload, REACH, at},
    mapping::{Mapping, prefetch},
    postings::List,
};

/// The size of a line, and the unit all parts of a file are filled up to.
pub(crate) const LINE: u64 = 64;
/// The size of the header: two lines.
pub(crate) const HEADER: u64 = 2 * LINE;
const MAGIC: u64 = u64::from_le_bytes(*b"COMITYIX");
const VERSION: u64 = 1;

/// What a segment file says about itself; sixteen little-endian words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Header {
    /// Names the key the fingerprints were made with.
    pub(crate) key_id: u64,
    /// All positions lie after this one.
    pub(crate) from: u64,
    /// Complete up to here.
    pub(crate) to: u64,
    /// Distinct keys.
    pub(crate) entries: u64,
    pub(crate) postings: u64,
    /// Home lines; seven more follow for what overflows.
    pub(crate) lines: u64,
    /// Bytes of the postings, a multiple of 64.
    pub(crate) area: u64,
    /// Entries of the directory, 16 bytes each, filled up to a multiple of 64 bytes.
    pub(crate) directory: u64,
    /// Places in the postings count in units of two to this power bytes.
    pub(crate) unit: u64,
    pub(crate) lines_sum: u64,
    pub(crate) rest_sum: u64,
}

impl Header {
    pub(crate) fn to_bytes(self) -> [u8; 128] {
        let mut words = [
            MAGIC,
            VERSION,
            self.key_id,
            self.from,
            self.to,
            self.entries,
            self.postings,
            self.lines,
            self.area,
            self.directory,
            self.unit,
            self.lines_sum,
            self.rest_sum,
            0,
            0,
            0,
        ];
        let sum = Checksum::of(&bytes_of(&words));
        if let Some(last) = words.last_mut() {
            *last = sum;
        }
        bytes_of(&words)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let head = bytes.first_chunk::<128>()?;
        let mut words = head.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut word = || words.next();
        if word()? != MAGIC || word()? != VERSION {
            return None;
        }
        let header = Self {
            key_id: word()?,
            from: word()?,
            to: word()?,
            entries: word()?,
            postings: word()?,
            lines: word()?,
            area: word()?,
            directory: word()?,
            unit: word()?,
            lines_sum: word()?,
            rest_sum: word()?,
        };
        (header.to_bytes() == *head && header.sizes()?.total == bytes.len() as u64).then_some(header)
    }

    fn sizes(&self) -> Option<Sizes> {
        if self.lines > LINES_MAX || self.unit > 8 || !self.area.is_multiple_of(LINE) {
            return None;
        }
        let area = HEADER + (self.lines + REACH - 1) * LINE;
        let directory = area.checked_add(self.area)?;
        let total = directory.checked_add(self.directory.checked_mul(16)?.checked_next_multiple_of(LINE)?)?;
        Some(Sizes { area, directory, total })
    }
}

struct Sizes {
    area: u64,
    directory: u64,
    total: u64,
}

/// One immutable file of entries, mapped into memory.
#[derive(Debug)]
pub(crate) struct Segment {
    pub(crate) path: PathBuf,
    pub(crate) header: Header,
    layout: Layout,
    map: Mapping,
    area: usize,
    directory: usize,
}

/// The postings of one key in one segment.
#[derive(Clone, Debug)]
pub(crate) enum Found<'a> {
    One(u64),
    List(List<'a>),
}

impl Segment {
    /// Maps a file; `None` if it is not a whole segment made with this key. The body is trusted until
    /// [`Segment::is_sound`] is asked.
    pub(crate) fn open(path: &Path, key_id: u64) -> Result<Option<Self>, IndexError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(IndexError::io("open the index segment", path)(error)),
        };
        let length = file.metadata().map_err(IndexError::io("examine the index segment", path))?.len();
        if length < HEADER {
            return Ok(None);
        }
        let map = Mapping::read(&file).map_err(IndexError::io("map the index segment", path))?;
        let Some(header) = Header::read(map.bytes()).filter(|header| header.key_id == key_id) else {
            return Ok(None);
        };
        let (Some(layout), Some(sizes)) = (Layout::new(header.lines), header.sizes()) else {
            return Ok(None);
        };
        let (area, directory) = (at(sizes.area), at(sizes.directory));
        Ok(Some(Self { path: path.to_path_buf(), header, layout, map, area, directory }))
    }

    /// Reads the whole file and compares it with its checksums.
    pub(crate) fn is_sound(&self) -> bool {
        let bytes = self.map.bytes();
        let (Some(lines), Some(rest)) = (bytes.get(at(HEADER)..self.area), bytes.get(self.area..)) else {
            return false;
        };
        Checksum::of(lines) == self.header.lines_sum && Checksum::of(rest) == self.header.rest_sum
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.map.bytes().len() as u64
    }

    pub(crate) fn layout(&self) -> Layout {
        self.layout
    }

    /// Fetches the home line of `key` ahead of its use.
    #[inline]
    pub(crate) fn prefetch(&self, key: u64) {
        if let Some(line) = self.line(self.layout.place(key).home) {
            prefetch(line);
        }
    }

    #[inline]
    pub(crate) fn contains(&self, key: u64) -> bool {
        self.find_slot(key).is_some()
    }

    pub(crate) fn find(&self, key: u64) -> Option<Found<'_>> {
        self.found(key, self.find_slot(key)?)
    }

    /// What a payload stands for; `key` finds it in the directory.
    pub(crate) fn found(&self, key: u64, payload: Payload) -> Option<Found<'_>> {
        match payload {
            Payload::One(offset) => Some(Found::One(self.header.from.wrapping_add(offset))),
            Payload::List(place) => self.list(place << self.header.unit).map(Found::List),
            Payload::Directory => self.list(self.in_directory(key)?).map(Found::List),
        }
    }

    #[inline]
    pub(crate) fn line(&self, number: u64) -> Option<&[u8; 64]> {
        let start = at(HEADER + number * LINE);
        if start >= self.area {
            return None;
        }
        self.map.bytes().get(start..)?.first_chunk()
    }

    /// The directory entry with this number: a key and the byte where its list begins.
    pub(crate) fn directory_entry(&self, number: u64) -> Option<(u64, u64)> {
        if number >= self.header.directory {
            return None;
        }
        let start = self.directory.checked_add(at(number).checked_mul(16)?)?;
        let [key, place] = self.map.bytes().get(start..)?.first_chunk::<16>()?.as_chunks::<8>().0 else {
            return None;
        };
        Some((u64::from_le_bytes(*key), u64::from_le_bytes(*place)))
    }

    /// The list that begins at this byte of the postings.
    pub(crate) fn list(&self, place: u64) -> Option<List<'_>> {
        List::open(self.map.bytes().get(self.area..self.directory)?.get(at(place)..)?, self.header.from)
    }

    /// Looks through the home line and, as long as lines are full of smaller keys, the next seven, then the directory.
    #[inline]
    fn find_slot(&self, key: u64) -> Option<Payload> {
        let place = self.layout.place(key);
        for distance in 0..REACH {
            let (slots, _) = self.line(place.home + distance)?.as_chunks::<8>();
            let slot = self.match_in(slots, self.layout.prefix(distance, place.tag));
            if slot != 0 {
                return Some(self.layout.payload(slot));
            }
            let last = u64::from_le_bytes(*slots.last()?);
            let last_distance = self.layout.distance(last);
            let last_is_smaller =
                last_distance > distance || (last_distance == distance && self.layout.tag(last) < place.tag);
            if last == 0 || !last_is_smaller {
                return None;
            }
        }
        self.in_directory(key).map(|_| Payload::Directory)
    }

    /// The slot that begins with `prefix`, or zero. Without branches on the content, which no processor can predict.
    #[inline]
    fn match_in(&self, slots: &[[u8; 8]], prefix: u64) -> u64 {
        let mut found = 0;
        for slot in slots {
            let slot = u64::from_le_bytes(*slot);
            let matches = self.layout.prefix_of(slot) == prefix;
            found |= if matches { slot } else { 0 };
        }
        found
    }

    fn in_directory(&self, key: u64) -> Option<u64> {
        let (mut low, mut high) = (0, self.header.directory);
        while low < high {
            let middle = low + (high - low) / 2;
            let (there, place) = self.directory_entry(middle)?;
            match there.cmp(&key) {
                std::cmp::Ordering::Equal => return Some(place),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }
}

impl Found<'_> {
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::List(list) => list.length(),
        }
    }

    pub(crate) fn newest(&self) -> Option<u64> {
        match self {
            Self::One(position) => Some(*position),
            Self::List(list) => list.newest(),
        }
    }
}

fn bytes_of(words: &[u64; 16]) -> [u8; 128] {
    let mut bytes = [0; 128];
    for (to, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *to = word.to_le_bytes();
    }
    bytes
}
