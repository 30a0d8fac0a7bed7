use std::{
    fs::File,
    io::{Seek, SeekFrom, Write},
    path::Path,
};

use crate::{
    IndexError,
    checksum::Checksum,
    layout::{LINES_MAX, LINES_MIN, Layout, Payload, REACH, at},
    postings,
    segment::{HEADER, Header, LINE},
};

/// What is expected of a segment before it is written; wrong guesses cost room or time, never correctness.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) key_id: u64,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// Distinct keys.
    pub(crate) entries: u64,
    /// Bytes of lists.
    pub(crate) area: u64,
}

impl Plan {
    fn lines(&self) -> u64 {
        self.entries.div_ceil(SLOTS_USED).clamp(LINES_MIN, LINES_MAX)
    }
}

/// Writes one segment from keys that come in order: lines and postings side by side, the directory and the header last.
#[derive(Debug)]
pub(crate) struct Builder<'a> {
    path: &'a Path,
    layout: Layout,
    header: Header,
    lines: Part,
    area: Part,
    line: [u64; 8],
    filled: usize,
    line_number: u64,
    directory: Vec<(u64, u64)>,
}

impl<'a> Builder<'a> {
    pub(crate) fn create(path: &'a Path, plan: &Plan) -> Result<Self, IndexError> {
        let failed = || IndexError::io("create the index segment", path);
        let lines = plan.lines();
        let layout = Layout::new(lines).ok_or(IndexError::DeltaFull)?;
        let unit = (0..8).find(|unit| plan.area >> unit < layout.largest() / 4 * 3).unwrap_or(8);
        let header = Header { key_id: plan.key_id, from: plan.from, to: plan.to, lines, unit, ..Header::default() };
        let file = File::create(path).map_err(failed())?;
        let area = File::options().write(true).open(path).map_err(failed())?;
        Ok(Self {
            path,
            layout,
            header,
            lines: Part::new(file, HEADER).map_err(failed())?,
            area: Part::new(area, HEADER + (lines + REACH - 1) * LINE).map_err(failed())?,
            line: [0; 8],
            filled: 0,
            line_number: 0,
            directory: Vec::new(),
        })
    }

    /// Adds a key larger than all before it, with at least one position, ascending.
    pub(crate) fn add(&mut self, key: u64, positions: &[u64]) -> Result<(), IndexError> {
        self.header.entries += 1;
        self.header.postings += positions.len() as u64;
        let place = self.layout.place(key);
        self.advance_to(place.home)?;
        let distance = self.line_number.saturating_sub(place.home);
        let one = match positions {
            [one] if distance < REACH => self.layout.pack(Payload::One(one.wrapping_sub(self.header.from))),
            _ => None,
        };
        let payload = match one {
            Some(payload) => payload,
            None => self.add_list(key, positions, distance)?,
        };
        if distance < REACH {
            let slot = self.layout.slot(place, distance, payload);
            if let Some(free) = self.line.get_mut(self.filled) {
                *free = slot;
            }
            self.filled += 1;
            if self.filled == self.line.len() {
                self.end_line()?;
            }
        }
        Ok(())
    }

    /// How many keys were added.
    pub(crate) fn entries(&self) -> u64 {
        self.header.entries
    }

    /// Writes what is left and waits until the file is on the disk.
    pub(crate) fn finish(mut self) -> Result<(), IndexError> {
        let failed = || IndexError::io("write the index segment", self.path);
        let all = self.header.lines + REACH - 1;
        while self.line_number < all {
            self.end_line()?;
        }
        self.area.fill_up().map_err(failed())?;
        self.header.area = self.area.written;
        self.header.directory = self.directory.len() as u64;
        for (key, place) in &self.directory {
            self.area.put(&key.to_le_bytes()).map_err(failed())?;
            self.area.put(&place.to_le_bytes()).map_err(failed())?;
        }
        self.area.fill_up().map_err(failed())?;
        self.header.lines_sum = self.lines.end().map_err(failed())?;
        self.header.rest_sum = self.area.end().map_err(failed())?;
        let mut file = self.lines.file;
        file.seek(SeekFrom::Start(0)).map_err(failed())?;
        file.write_all(&self.header.to_bytes()).map_err(failed())?;
        file.sync_all().map_err(failed())
    }

    /// Writes a list and gives the payload that finds it; a key out of reach of its home or a list out of reach of a
    /// payload goes into the directory.
    fn add_list(&mut self, key: u64, positions: &[u64], distance: u64) -> Result<u64, IndexError> {
        let unit = self.header.unit;
        let failed = IndexError::io("write the index segment", self.path);
        let start = self.area.align(1 << unit).and_then(|()| {
            let start = self.area.written;
            let before = self.area.buffer.len();
            postings::encode(positions, self.header.from, &mut self.area.buffer);
            self.area.written += (self.area.buffer.len() - before) as u64;
            self.area.spill().map(|()| start)
        });
        let start = start.map_err(failed)?;
        let near = self.layout.pack(Payload::List(start >> unit)).filter(|_| distance < REACH);
        Ok(near.unwrap_or_else(|| {
            self.directory.push((key, start));
            self.layout.pack(Payload::Directory).unwrap_or_default()
        }))
    }

    fn advance_to(&mut self, home: u64) -> Result<(), IndexError> {
        while self.line_number < home {
            self.end_line()?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), IndexError> {
        for slot in self.line {
            self.lines.buffer.extend_from_slice(&slot.to_le_bytes());
        }
        self.lines.written += LINE;
        self.line = [0; 8];
        self.filled = 0;
        self.line_number += 1;
        self.lines.spill().map_err(IndexError::io("write the index segment", self.path))
    }
}

/// One stretch of the file being written from its beginning, with its checksum.
#[derive(Debug)]
struct Part {
    file: File,
    buffer: Vec<u8>,
    sum: Checksum,
    /// Bytes so far, those in the buffer included.
    written: u64,
}

impl Part {
    fn new(mut file: File, start: u64) -> std::io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self { file, buffer: Vec::with_capacity(2 * BUFFER), sum: Checksum::new(), written: 0 })
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.written += bytes.len() as u64;
        self.spill()
    }

    /// Fills up with zeros to a multiple of `size`.
    fn align(&mut self, size: u64) -> std::io::Result<()> {
        let missing = self.written.next_multiple_of(size) - self.written;
        self.buffer.resize(self.buffer.len() + at(missing), 0);
        self.written += missing;
        self.spill()
    }

    fn fill_up(&mut self) -> std::io::Result<()> {
        self.align(LINE)
    }

    /// Writes out the whole blocks of a full buffer.
    fn spill(&mut self) -> std::io::Result<()> {
        if self.buffer.len() < BUFFER {
            return Ok(());
        }
        let (blocks, rest) = self.buffer.as_chunks::<64>();
        for block in blocks {
            self.sum.block(block);
        }
        self.file.write_all(blocks.as_flattened())?;
        let rest = rest.to_vec();
        self.buffer.clear();
        self.buffer.extend_from_slice(&rest);
        Ok(())
    }

    /// Writes out the rest, which must be whole blocks, and gives the checksum.
    fn end(&mut self) -> std::io::Result<u64> {
        self.sum.bytes(&self.buffer);
        self.file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(self.sum.value())
    }
}

/// Of the eight slots of a line, so many are used on average: fewer waste room, more overflow into the next lines.
const SLOTS_USED: u64 = 6;
const BUFFER: usize = 1 << 18;
