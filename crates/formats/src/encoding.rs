//! Bytes to text, for readers of formats that people write by hand.

use std::io::{BufRead, Read};

use comity_base::LimitExceeded;

use crate::ReadError;

/// Reads a whole document, at most `limit` bytes.
pub(crate) fn read_all(reader: &mut dyn BufRead, name: &str, limit: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX);
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| ReadError::from_io(name, e))?;
    if bytes.len() > limit {
        let source = LimitExceeded { what: "bytes in one document", limit: most };
        return Err(ReadError::Limit { name: name.to_owned(), source });
    }
    Ok(bytes)
}

/// Whether the bytes begin with the mark of UTF-16.
pub(crate) fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// The text, and whether some bytes were not text. Such bytes become `?`, one for one, so that offsets hold.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, bool) {
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return utf16(rest, u16::from_le_bytes);
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return utf16(rest, u16::from_be_bytes);
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (lossy(error.as_bytes()), true),
    }
}

/// UTF-8 with `?` for every byte that is none.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '?'));
    }
    out
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, bool) {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut bad = !rest.is_empty();
    let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)))
        .map(|c| {
            c.unwrap_or_else(|_| {
                bad = true;
                '?'
            })
        })
        .collect();
    (text, bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_keep_their_place() {
        assert_eq!(decode(b"a\xffb\xc3\xa9\xc3".to_vec()), ("a?bé?".to_owned(), true));
        assert_eq!(decode(b"\xff\xfea\0\xe9\0".to_vec()), ("aé".to_owned(), false));
        assert_eq!(decode(b"\xfe\xff\0a".to_vec()), ("a".to_owned(), false));
    }
}
