//! The rows of a list as they stand, whatever wrote it: what cannot be read is told and never swallows what follows.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::cells::{Split, plain, split};
use super::utf16::Utf16;

/// A list, row by row.
pub(super) struct List {
    input: Box<dyn BufRead>,
    /// Lines that were read on for a quotation mark that is not closed.
    again: VecDeque<Line>,
    separator: u8,
    /// Cells that most rows have.
    width: usize,
}

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// Its cells.
    Cells {
        /// As bytes: which of them are text is for whoever reads them.
        cells: Vec<Vec<u8>>,
        /// How many lines it goes over.
        lines: usize,
        /// Whether its quotation marks do not pair, and it was read as it stands.
        is_odd: bool,
    },
    /// It is longer than a row may be.
    TooLong,
}

#[derive(Debug, Default)]
struct Line {
    bytes: Vec<u8>,
    is_cut: bool,
}

impl List {
    /// Reads how a list is written from its beginning: its characters, and what parts its cells.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn new(input: Box<dyn Read>) -> io::Result<Self> {
        let mut input = text(input)?;
        let mut head = Vec::new();
        input.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
        let is_whole = head.len() < HEAD;
        let begin = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).to_vec();
        let (separator, width) = shape(&begin, is_whole);
        let input = Box::new(BufReader::new(Cursor::new(begin).chain(input)));
        Ok(Self { input, again: VecDeque::new(), separator, width })
    }

    /// Cells that most rows have.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The next row; none after the last.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Option<Row>> {
        while let Some(line) = self.line()? {
            if line.is_cut {
                return Ok(Some(Row::TooLong));
            }
            if !self.is_nothing(&line.bytes) {
                return self.row(&line).map(Some);
            }
        }
        Ok(None)
    }

    /// Whether a line is empty or a comment: one that is cut as the rows are is a row, whatever it begins with.
    fn is_nothing(&self, line: &[u8]) -> bool {
        let is_comment = || self.width < 2 || plain(line, self.separator).len() != self.width;
        line.trim_ascii().is_empty() || (line.starts_with(b"#") && is_comment())
    }

    fn row(&mut self, line: &Line) -> io::Result<Row> {
        match split(&line.bytes, self.separator) {
            Split::Whole(cells) => Ok(Row::Cells { cells, lines: 1, is_odd: false }),
            Split::Odd(cells) => {
                let as_it_is = plain(&line.bytes, self.separator);
                let cells = if cells.len() != self.width && as_it_is.len() == self.width { as_it_is } else { cells };
                Ok(Row::Cells { cells, lines: 1, is_odd: true })
            }
            Split::Open => self.several_lines(line),
        }
    }

    /// A row with a quotation mark that its first line does not close: over several lines where that makes one row, as it
    /// stands where it is not closed or others were swallowed.
    fn several_lines(&mut self, first: &Line) -> io::Result<Row> {
        let mut text = first.bytes.clone();
        let mut taken = Vec::new();
        let mut whole = usize::from(self.is_whole(&first.bytes));
        while taken.len() + 1 < MOST_LINES && text.len() < ROW_BYTES {
            let Some(line) = self.line()? else { break };
            text.push(b'\n');
            text.extend_from_slice(&line.bytes);
            whole += usize::from(self.is_whole(&line.bytes));
            let is_cut = line.is_cut;
            taken.push(line);
            if is_cut || whole > 1 {
                break;
            }
            match split(&text, self.separator) {
                Split::Whole(cells) => return Ok(Row::Cells { cells, lines: taken.len() + 1, is_odd: false }),
                Split::Odd(_) => break,
                Split::Open => {}
            }
        }
        taken.into_iter().rev().for_each(|line| self.again.push_front(line));
        Ok(Row::Cells { cells: plain(&first.bytes, self.separator), lines: 1, is_odd: true })
    }

    /// Whether a line is a row by itself; a line of a machine-readable zone may be one of two.
    fn is_whole(&self, line: &[u8]) -> bool {
        if self.width < 2 { !line.contains(&b'<') } else { plain(line, self.separator).len() >= self.width }
    }

    /// The next line, as far as a row may be long; what is beyond is passed over.
    fn line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let (mut line, mut is_any) = (Line::default(), false);
        loop {
            let buffer = match self.input.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                buffer => buffer?,
            };
            if buffer.is_empty() {
                return Ok(is_any.then_some(line));
            }
            is_any = true;
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            line.add(buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default());
            let ended_by = end.and_then(|end| buffer.get(end).copied());
            let read = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(read);
            if let Some(mark) = ended_by {
                if mark == b'\r' && self.input.fill_buf()?.first() == Some(&b'\n') {
                    self.input.consume(1);
                }
                return Ok(Some(line));
            }
        }
    }
}

impl Line {
    fn add(&mut self, bytes: &[u8]) {
        let room = ROW_BYTES.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        self.is_cut |= bytes.len() > room;
    }
}

/// The bytes of a list as UTF-8 where it says that it is UTF-16.
fn text(mut input: Box<dyn Read>) -> io::Result<Box<dyn Read>> {
    let mut mark = Vec::new();
    input.by_ref().take(2).read_to_end(&mut mark)?;
    Ok(match mark.as_slice() {
        [0xff, 0xfe] => Box::new(Utf16::new(input, u16::from_le_bytes)),
        [0xfe, 0xff] => Box::new(Utf16::new(input, u16::from_be_bytes)),
        _ => Box::new(Cursor::new(mark).chain(input)),
    })
}

/// What parts the cells: what cuts most lines into the same number of them, at least two; and that number.
fn shape(head: &[u8], is_whole: bool) -> (u8, usize) {
    let mut lines: Vec<&[u8]> = head.split(|byte| matches!(byte, b'\n' | b'\r')).collect();
    // The last one may be cut off.
    if !is_whole && lines.len() > 2 {
        lines.pop();
    }
    lines.retain(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"#"));
    lines.truncate(SAMPLE);
    let mut best = (0, 1, b',');
    for separator in [b',', b';', b'\t', b'|'] {
        let mut counts: Vec<usize> = lines.iter().map(|line| cells_of(line, separator)).collect();
        counts.sort_unstable();
        let Some(usual) = counts.chunk_by(|a, b| a == b).max_by_key(|same| same.len()) else { continue };
        let width = usual.first().copied().unwrap_or(1);
        let share = if width >= 2 { usual.len() * 100 / counts.len().max(1) } else { 0 };
        if (share, width) > (best.0, best.1) {
            best = (share, width, separator);
        }
    }
    (best.2, best.1)
}

fn cells_of(line: &[u8], separator: u8) -> usize {
    match split(line, separator) {
        Split::Whole(cells) | Split::Odd(cells) => cells.len(),
        Split::Open => plain(line, separator).len(),
    }
}

/// Bytes of one row at most.
pub(super) const ROW_BYTES: usize = 64 << 10;
/// Lines of one row at most: beyond, a quotation mark was not closed.
const MOST_LINES: usize = 50;
/// How much of a list is looked at to tell how it is written.
const HEAD: usize = 64 << 10;
const SAMPLE: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(list: impl AsRef<[u8]>) -> Vec<(Vec<String>, usize, bool)> {
        let mut list = List::new(Box::new(Cursor::new(list.as_ref().to_vec()))).unwrap();
        let text = |cells: Vec<Vec<u8>>| cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        std::iter::from_fn(|| list.next().unwrap())
            .map(|row| match row {
                Row::Cells { cells, lines, is_odd } => (text(cells), lines, is_odd),
                Row::TooLong => (vec!["too long".to_owned()], 1, false),
            })
            .collect()
    }

    fn cells(list: impl AsRef<[u8]>) -> Vec<Vec<String>> {
        rows(list).into_iter().map(|(cells, ..)| cells).collect()
    }

    #[test]
    fn rows_come_as_they_stand_whatever_parts_them_and_ends_their_lines() {
        for list in [
            "name,born\n\"Tamm, Jaan\",1984\n",
            "name;born\r\nTamm, Jaan;1984\r\n",
            "\u{feff}# a list\n\nname\tborn\rTamm, Jaan\t1984",
            "name|born\n# of today\nTamm, Jaan|1984\n\n",
            "name, born\n \"Tamm, Jaan\" , 1984\n",
        ] {
            let trimmed: Vec<Vec<String>> =
                cells(list).into_iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
            assert_eq!(trimmed, [["name", "born"], ["Tamm, Jaan", "1984"]], "{list}");
        }
        assert_eq!(cells("#;name\n1;Tamm\n")[0], ["#", "name"], "what is cut as the rows are is no comment");
    }

    #[test]
    fn utf_16_is_read_as_it_says() {
        let list = "name;born\nТамм;1984\n";
        let units = || list.encode_utf16();
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(cells(&little), [["name", "born"], ["Тамм", "1984"]]);
        assert_eq!(cells(big), cells(little));
    }

    #[test]
    fn a_row_that_is_too_long_ends_nothing() {
        let list = format!("a,b\n1,{}\n2,c\n", "x".repeat(200_000));
        assert_eq!(cells(list), [vec!["a", "b"], vec!["too long"], vec!["2", "c"]]);
        let open = format!("a,b\n1,\"{}\n2,c\n", "x".repeat(200_000));
        assert_eq!(cells(open).len(), 3);
    }

    #[test]
    fn a_quotation_mark_that_is_not_closed_swallows_nobody() {
        for (list, why) in [
            ("a,b\n1,\"x\n2,y\n3,z\n", "never closed"),
            ("a,b\n1,\"x\n2,\"y\"\n3,z\n", "closed by the one that opens another"),
            ("a,b\n1,\"x\n2,y\"\n3,z\n", "closed by another that is not opened"),
        ] {
            let all = rows(list);
            assert_eq!(all.len(), 4, "{why}: {all:?}");
            assert_eq!((all[1].0[1].as_str(), all[1].2), ("x", true), "{why}");
            assert_eq!(all[3].0, ["3", "z"], "{why}");
        }
    }

    #[test]
    fn a_cell_may_hold_several_lines() {
        let all = rows("a,b,c\n1,\"x\ny\",z\n2,u,v\n");
        assert_eq!(all[1], (vec!["1".into(), "x\ny".into(), "z".into()], 2, false));
        assert_eq!(all[2].0, ["2", "u", "v"]);
    }

    #[test]
    fn marks_inside_a_cell_are_its_own() {
        assert_eq!(cells("a,b\n\"Tamm \"\"Jon\"\" Jaan\",1\n")[1], ["Tamm \"Jon\" Jaan", "1"]);
        let odd = &rows("a,b\n\"Tamm, \"Jon\" Jaan\",1\n")[1];
        assert_eq!((odd.0.len(), odd.0[1].as_str(), odd.2), (2, "1", true));
    }
}
