//! One row cut into cells.

/// What a row is cut into.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// Its cells.
    Whole(Vec<Vec<u8>>),
    /// The same, where something follows a quotation mark that closes a cell.
    Odd(Vec<Vec<u8>>),
    /// A quotation mark is not closed.
    Open,
}

/// Cuts a row into cells by RFC 4180; blanks around quotation marks do not count.
pub(super) fn split(row: &[u8], separator: u8) -> Split {
    let (mut cells, mut rest, mut is_odd) = (Vec::new(), row, false);
    loop {
        let quoted = blanks_cut(rest).strip_prefix(b"\"");
        let (cell, after) = match quoted {
            None => until(rest, separator),
            Some(quoted) => {
                let Some((mut cell, after)) = closed(quoted) else { return Split::Open };
                let (trailing, after) = until(after, separator);
                if !trailing.trim_ascii().is_empty() {
                    is_odd = true;
                    cell.extend_from_slice(&trailing);
                }
                (cell, after)
            }
        };
        cells.push(cell);
        match after {
            Some(after) => rest = after,
            None => return if is_odd { Split::Odd(cells) } else { Split::Whole(cells) },
        }
    }
}

/// Cuts a row at every separator, whatever quotation marks say; those around a cell are dropped.
pub(super) fn plain(row: &[u8], separator: u8) -> Vec<Vec<u8>> {
    let bare = |cell: &[u8]| {
        let cell = cell.trim_ascii();
        let cell = cell.strip_prefix(b"\"").unwrap_or(cell);
        cell.strip_suffix(b"\"").unwrap_or(cell).to_vec()
    };
    row.split(|byte| *byte == separator).map(bare).collect()
}

fn blanks_cut(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|byte| **byte == b' ').count();
    text.get(blanks..).unwrap_or_default()
}

/// What stands before the next separator, and what behind it; nothing behind where there is none.
fn until(text: &[u8], separator: u8) -> (Vec<u8>, Option<&[u8]>) {
    match text.iter().position(|byte| *byte == separator) {
        Some(at) => (text.get(..at).unwrap_or_default().to_vec(), text.get(at + 1..)),
        None => (text.to_vec(), None),
    }
}

/// What stands before the quotation mark that closes, doubled ones as one, and what behind it.
fn closed(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut cell, mut rest) = (Vec::new(), text);
    loop {
        let at = rest.iter().position(|byte| *byte == b'"')?;
        cell.extend_from_slice(rest.get(..at)?);
        let after = rest.get(at + 1..)?;
        match after.strip_prefix(b"\"") {
            Some(more) => {
                cell.push(b'"');
                rest = more;
            }
            None => return Some((cell, after)),
        }
    }
}
