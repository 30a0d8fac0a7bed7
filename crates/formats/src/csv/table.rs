use std::cell::Cell;
use std::io::{self, Chain, Cursor, Read, Write};
use std::rc::Rc;

use comity_base::LimitExceeded;
use csv::ByteRecord;

use super::shape::{preamble, rows, separator};
use super::{Bounded, HEAD};
use crate::encoding::lossy;

/// The rows of a table as they stand, for whoever asks something of each; the separator is told from the beginning.
pub struct TableReader<R> {
    rows: csv::Reader<Bounded<Chain<Cursor<Vec<u8>>, R>>>,
    allowed: Rc<Cell<u64>>,
    most: u64,
    record: ByteRecord,
}

impl<R: Read> TableReader<R> {
    /// A reader of rows of at most so many bytes each.
    ///
    /// # Errors
    /// When the beginning cannot be read.
    pub fn new(mut reader: R, row_bytes: usize) -> io::Result<Self> {
        let mut head = Vec::new();
        let most = u64::try_from(HEAD).unwrap_or(u64::MAX);
        reader.by_ref().take(most).read_to_end(&mut head)?;
        let (begins, _) = preamble(&head);
        head.drain(..begins);
        let separator = separator(&head);
        let most = u64::try_from(row_bytes).unwrap_or(u64::MAX);
        let allowed = Rc::new(Cell::new(most));
        let inner = Cursor::new(head).chain(reader);
        let input = Bounded { inner, read: 0, allowed: Rc::clone(&allowed), most };
        Ok(Self { rows: rows(separator, input), allowed, most, record: ByteRecord::new() })
    }

    /// The next row; none after the last.
    ///
    /// # Errors
    /// When it cannot be read, or is longer than a row may be.
    pub fn next_row(&mut self) -> io::Result<Option<Vec<String>>> {
        self.allowed.set(self.rows.position().byte().saturating_add(self.most));
        match self.rows.read_byte_record(&mut self.record) {
            Ok(true) => Ok(Some(self.record.iter().map(lossy).collect())),
            Ok(false) => Ok(None),
            Err(error) => Err(match error.into_kind() {
                csv::ErrorKind::Io(source) => source,
                other => io::Error::other(format!("{other:?}")),
            }),
        }
    }
}

/// Writes a table, commas between its cells (RFC 4180).
pub struct TableWriter<W: Write>(csv::Writer<W>);

impl<W: Write> TableWriter<W> {
    /// A writer of rows.
    pub fn new(out: W) -> Self {
        Self(csv::WriterBuilder::new().flexible(true).from_writer(out))
    }

    /// Writes a row. A cell that a spreadsheet would run as a formula is told apart by an apostrophe before it.
    ///
    /// # Errors
    /// When writing fails.
    pub fn row(&mut self, cells: &[String]) -> io::Result<()> {
        let plain = cells.iter().map(|cell| {
            let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            if is_formula { format!("'{cell}") } else { cell.clone() }
        });
        self.0.write_record(plain).map_err(io::Error::other)
    }

    /// Hands on what was written.
    ///
    /// # Errors
    /// When writing fails.
    pub fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read > self.allowed.get() {
            return Err(io::Error::other(LimitExceeded { what: "bytes in one row", limit: self.most }));
        }
        let count = self.inner.read(buffer)?;
        self.read += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let mut reader = TableReader::new(text.as_bytes(), 1_000).unwrap();
        std::iter::from_fn(|| reader.next_row().unwrap()).collect()
    }

    #[test]
    fn rows_come_as_they_stand_whatever_parts_them() {
        for text in [
            "name,born\n\"Tamm, Jaan\",1984\n",
            "name;born\nTamm, Jaan;1984\n",
            "\u{feff}# a list\nname\tborn\nTamm, Jaan\t1984",
        ] {
            assert_eq!(read(text), [["name", "born"], ["Tamm, Jaan", "1984"]], "{text}");
        }
    }

    #[test]
    fn a_row_without_end_is_refused() {
        let text = format!("a,b\n1,\"{}", "x".repeat(200_000));
        let mut reader = TableReader::new(text.as_bytes(), 1_000).unwrap();
        assert_eq!(reader.next_row().unwrap().unwrap(), ["a", "b"]);
        assert!(reader.next_row().unwrap_err().to_string().contains("bytes in one row"));
    }

    #[test]
    fn what_is_written_is_read_back_and_runs_nothing() {
        let mut out = Vec::new();
        let mut writer = TableWriter::new(&mut out);
        writer.row(&["Tamm, \"J\"".to_owned(), "=1+1".to_owned()]).unwrap();
        writer.flush().unwrap();
        drop(writer);
        assert_eq!(read(std::str::from_utf8(&out).unwrap()), [["Tamm, \"J\"", "'=1+1"]]);
    }
}
