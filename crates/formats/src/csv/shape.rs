//! How a table is written: separator, header, columns.

use comity_stix::value::Values;
use csv::{ByteRecord, Reader, ReaderBuilder};

use super::columns::{Column, any_value, cell_values, is_other_type, kinds_named, named};
use crate::ColumnMap;
use crate::encoding::{decode, lossy};

/// How a table is written.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) separator: u8,
    /// Where the first row of data begins, in bytes.
    pub(super) start: usize,
    pub(super) names: Vec<String>,
    pub(super) columns: Vec<Column>,
    /// Columns whose name promised values that their cells are not.
    pub(super) disappointing: Vec<usize>,
}

/// Most rows that are looked at to tell what columns hold.
const SAMPLE: usize = 200;

/// Cells beyond this many are left in the original only.
const MOST_COLUMNS: usize = 1_000;

/// A reader of rows as all of this module reads them.
pub(super) fn rows<R: std::io::Read>(separator: u8, input: R) -> Reader<R> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).comment(Some(b'#')).from_reader(input)
}

/// Whether the beginning of a file is that of a table with values in it.
pub(crate) fn looks_like_csv(head: &[u8]) -> bool {
    let (text, _) = decode(head.to_vec());
    let text = text.trim_start_matches('\u{feff}');
    if text.contains('\0') || text.trim_start().starts_with(['{', '[', '<']) {
        return false;
    }
    let values = Values::new([0; 32]);
    let Some(shape) = Shape::guess(text.as_bytes(), &Vec::new(), &values) else { return false };
    let sample = sample(text.as_bytes(), &shape);
    let width = shape.columns.len();
    let even = sample.iter().filter(|row| row.len() == width).count();
    let known = shape.columns.iter().filter(|column| **column != Column::Keep).count();
    let valued = |row: &&Vec<String>| row.iter().any(|cell| any_value(cell, &values).is_some());
    let full = sample.iter().filter(valued).count();
    let table = width >= 2 && !sample.is_empty() && even * 5 >= sample.len() * 4;
    let valuable = shape.columns.iter().any(|column| column.holds_values());
    table && valuable && (known >= 2 || full * 2 >= sample.len())
}

impl Shape {
    /// Reads the shape off the beginning of a table; `None` when it has no row.
    pub(super) fn guess(head: &[u8], wanted: &ColumnMap, values: &Values) -> Option<Self> {
        let (begins, comment) = preamble(head);
        let body = head.get(begins..).unwrap_or_default();
        let separator = separator(body);
        let mut first = ByteRecord::new();
        let mut reader = rows(separator, body);
        if !reader.read_byte_record(&mut first).unwrap_or(false) {
            return None;
        }
        let first_cells = texts(&first);
        let after_first = begins + usize::try_from(reader.position().byte()).unwrap_or(0);
        let commented = comment.map(|line| header_cells(&line, separator)).filter(|cells| {
            cells.len() == first_cells.len() && cells.len() > 1 && cells.iter().any(|cell| named(cell).is_some())
        });
        let mut shape =
            Self { separator, start: begins, names: Vec::new(), columns: Vec::new(), disappointing: Vec::new() };
        if let Some(names) = commented {
            shape.names = names;
        } else if is_header(&first_cells, values) {
            shape.start = after_first;
            shape.names.clone_from(&first_cells);
        }
        let sample = sample(head, &shape);
        let width = if shape.names.is_empty() { first_cells.len() } else { shape.names.len() }.min(MOST_COLUMNS);
        shape.names.resize(width, String::new());
        for (place, name) in shape.names.iter_mut().enumerate() {
            if name.trim().is_empty() {
                *name = format!("column {}", place + 1);
            }
        }
        shape.columns = (0..width).map(|place| shape.column(place, &sample, wanted, values)).collect();
        let poor: Vec<usize> = (0..width).filter(|place| shape.disappoints(*place, &sample, values)).collect();
        for place in &poor {
            if let Some(column) = shape.columns.get_mut(*place) {
                *column = Column::Keep;
            }
        }
        shape.disappointing = poor;
        Some(shape)
    }

    fn column(&self, place: usize, sample: &[Vec<String>], wanted: &ColumnMap, values: &Values) -> Column {
        let name = self.names.get(place).map_or("", String::as_str);
        let asked = |(key, _): &&(String, _)| {
            key.trim().eq_ignore_ascii_case(name.trim()) || key.trim().parse() == Ok(place + 1)
        };
        if let Some((_, kind)) = wanted.iter().find(asked) {
            return kind.map_or(Column::Ignore, Column::One);
        }
        let cells =
            || sample.iter().filter_map(|row| row.get(place)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let all = cells().count();
        let share = |good: usize, least: usize| all > 0 && good * 100 >= all * least;
        let typed = || cells().filter(|cell| kinds_named(cell).is_some() || is_other_type(cell)).count();
        let valued = || cells().filter(|cell| any_value(cell, values).is_some()).count();
        match named(name) {
            Some(Column::Type) if share(typed(), 30) => Column::Type,
            // `Indicator,Data`: here the indicator is the type.
            Some(Column::Any) if share(typed(), 60) => Column::Type,
            Some(Column::Any) => Column::Any,
            Some(Column::Type) | None => {
                if share(valued(), 80) {
                    Column::Any
                } else {
                    Column::Keep
                }
            }
            Some(column) => column,
        }
    }

    /// Whether hardly any cell is what the column's name promises.
    fn disappoints(&self, place: usize, sample: &[Vec<String>], values: &Values) -> bool {
        let Some(Column::Values(kinds)) = self.columns.get(place) else { return false };
        let cells = || sample.iter().filter_map(|row| row.get(place)).filter(|cell| !is_void(cell));
        let good = cells().filter(|cell| !cell_values(cell, kinds, values).is_empty()).count();
        let all = cells().count();
        all >= 3 && good * 5 < all
    }
}

/// Whether a cell says that there is nothing.
pub(super) fn is_void(cell: &str) -> bool {
    let cell = cell.trim();
    cell.is_empty() || ["-", "n/a", "none", "null", "unknown", "?"].iter().any(|void| cell.eq_ignore_ascii_case(void))
}

/// The lines of comments and blank lines at the top: where they end, and the last comment.
pub(super) fn preamble(head: &[u8]) -> (usize, Option<String>) {
    let mut at = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let mut last = None;
    while let Some(rest) = head.get(at..) {
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..length).unwrap_or_default().trim_ascii();
        if line.is_empty() && !rest.is_empty() {
            at += length;
        } else if let Some(comment) = line.strip_prefix(b"#") {
            let comment = comment.trim_ascii_start();
            // abuse.ch frames its comments with rows of marks.
            if comment.iter().any(u8::is_ascii_alphanumeric) {
                last = Some(lossy(comment));
            }
            at += length;
        } else {
            break;
        }
    }
    (at, last)
}

fn header_cells(line: &str, separator: u8) -> Vec<String> {
    let mut record = ByteRecord::new();
    match rows(separator, line.as_bytes()).read_byte_record(&mut record) {
        Ok(true) => texts(&record).into_iter().map(|cell| cell.trim().trim_matches('"').to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// The separator that cuts most rows into the same number of cells, at least two.
pub(super) fn separator(body: &[u8]) -> u8 {
    let mut best = (0usize, 0usize, b',');
    for separator in [b',', b';', b'\t', b'|'] {
        let mut counts = Vec::new();
        let mut record = ByteRecord::new();
        let mut reader = rows(separator, body);
        while counts.len() < 100 && reader.read_byte_record(&mut record).unwrap_or(false) {
            counts.push(record.len());
        }
        // The last one may be cut off.
        if counts.len() > 2 {
            counts.pop();
        }
        let mut sorted = counts.clone();
        sorted.sort_unstable();
        let Some(usual) = sorted.chunk_by(|a, b| a == b).max_by_key(|same| same.len()) else { continue };
        let width = usual.first().copied().unwrap_or(0);
        let score = (if width >= 2 { usual.len() * 100 / counts.len().max(1) } else { 0 }, width, separator);
        if (score.0, score.1) > (best.0, best.1) {
            best = score;
        }
    }
    best.2
}

fn is_header(cells: &[String], values: &Values) -> bool {
    let filled = cells.iter().filter(|cell| !cell.trim().is_empty()).count();
    filled > 0
        && !cells.iter().any(|cell| any_value(cell, values).is_some())
        && (cells.iter().any(|cell| named(cell).is_some()) || cells.iter().all(|cell| is_title(cell)))
}

/// Whether a cell could be a column's name: a few words, no number.
fn is_title(cell: &str) -> bool {
    let cell = cell.trim();
    cell.len() <= 40 && !cell.starts_with(|c: char| c.is_ascii_digit()) && !cell.contains(['/', '\\', '@'])
}

fn sample(head: &[u8], shape: &Shape) -> Vec<Vec<String>> {
    let body = head.get(shape.start..).unwrap_or_default();
    let mut all = Vec::new();
    let mut reader = rows(shape.separator, body);
    let mut record = ByteRecord::new();
    while all.len() < SAMPLE && reader.read_byte_record(&mut record).unwrap_or(false) {
        all.push(texts(&record));
    }
    if head.len() >= super::HEAD && all.len() > 1 && all.len() < SAMPLE {
        all.pop();
    }
    all
}

pub(super) fn texts(record: &ByteRecord) -> Vec<String> {
    record.iter().map(lossy).collect()
}
