//! Tables: comma-, semicolon-, tab- or bar-separated rows.

mod columns;
mod row;
mod shape;
mod table;

use std::cell::Cell;
use std::io::{self, BufRead, Cursor, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use csv::ByteRecord;

use crate::encoding::{decode, is_utf16, read_all};
use crate::{Context, Flow, Notice, ReadError, Sink, SourceFile};

pub(crate) use shape::looks_like_csv;
pub use table::{TableReader, TableWriter};

use row::Rows;
use shape::{Shape, rows};

/// How much of a table is looked at to tell how it is written.
const HEAD: usize = 64 << 10;

/// Reads a table: the values of each row as observables, each row as `observed-data`, and groupings over them.
///
/// # Errors
/// When reading fails or a row is larger than an item may be.
pub(crate) fn read_csv(
    reader: &mut dyn BufRead,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let mut head = Vec::new();
    let most = u64::try_from(HEAD).unwrap_or(u64::MAX);
    reader.take(most).read_to_end(&mut head).map_err(|e| ReadError::from_io(file.name, e))?;
    if is_utf16(&head) {
        let mut whole = Cursor::new(head).chain(reader);
        let mut buffered = io::BufReader::new(&mut whole);
        let (text, _) = decode(read_all(&mut buffered, file.name, ctx.limits.item_bytes)?);
        let bytes = text.into_bytes();
        let head = bytes.get(..bytes.len().min(HEAD)).unwrap_or_default().to_vec();
        let mut rest = bytes.get(head.len()..).unwrap_or_default();
        return read_rows(&head, &mut rest, file, ctx, sink);
    }
    read_rows(&head, reader, file, ctx, sink)
}

fn read_rows(
    head: &[u8],
    rest: &mut dyn Read,
    file: SourceFile<'_>,
    ctx: &Context,
    sink: &mut dyn Sink,
) -> Result<Flow, ReadError> {
    let Some(shape) = Shape::guess(head, &ctx.columns, &ctx.values) else { return Ok(ControlFlow::Continue(())) };
    if tell(&shape, sink).is_break() {
        return Ok(ControlFlow::Break(()));
    }
    let start = u64::try_from(shape.start).unwrap_or(0);
    let most = u64::try_from(ctx.limits.item_bytes).unwrap_or(u64::MAX);
    let allowed = Rc::new(Cell::new(most));
    let body = head.get(shape.start..).unwrap_or_default();
    let input = Bounded { inner: body.chain(rest), read: 0, allowed: Rc::clone(&allowed), most };
    let mut reader = rows(shape.separator, input);
    let mut state = Rows::new(&shape, file.title(), ctx, sink);
    let mut record = ByteRecord::new();
    loop {
        let at = reader.position().byte();
        allowed.set(at.saturating_add(most));
        match reader.read_byte_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(state.finish()),
            Err(error) => {
                let text = error.to_string();
                return Err(match error.into_kind() {
                    csv::ErrorKind::Io(source) => ReadError::from_io(file.name, source),
                    _ => ReadError::from_io(file.name, io::Error::other(text)),
                });
            }
        }
        let offset = record.position().map_or(at, csv::Position::byte) + start;
        if state.row(&record, offset).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

/// Says how the table is read.
fn tell(shape: &Shape, sink: &mut dyn Sink) -> Flow {
    for place in &shape.disappointing {
        let name = shape.names.get(*place).map_or("", String::as_str);
        let text = format!(
            "Column {name:?} is named like one of values but hardly any cell is one; it is kept as text. Name its kind to read it."
        );
        sink.notice(Notice { offset: 0, code: "column-ignored", text })?;
    }
    let columns: Vec<String> =
        shape.names.iter().zip(&shape.columns).map(|(name, column)| format!("{name:?}: {}", column.title())).collect();
    let text = format!("The columns were read as follows. {}.", columns.join("; "));
    sink.notice(Notice { offset: 0, code: "columns", text })
}

/// Stops reading when one row takes more than an item may: an unclosed quotation mark takes the rest of the file.
struct Bounded<R> {
    inner: R,
    read: u64,
    allowed: Rc<Cell<u64>>,
    most: u64,
}

#[cfg(test)]
mod tests;
