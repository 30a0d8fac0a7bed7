//! Percent-decoding of queries (RFC 3986 section 2.1).

/// The text behind percent signs; `None` when they are wrong or the bytes are no UTF-8.
///
/// A plus stays a plus: nothing TAXII knows holds a blank, and offsets of moments hold a plus.
pub(crate) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (&[high, low], behind) = rest.split_first_chunk::<2>()?;
        bytes.push(nibble(high)? << 4 | nibble(low)?);
        rest = behind;
    }
    String::from_utf8(bytes).ok()
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_and_refuses() {
        assert_eq!(decode("match%5bid%5D").as_deref(), Some("match[id]"));
        assert_eq!(decode("a+b%2Bc%C3%A9").as_deref(), Some("a+b+cé"));
        for wrong in ["%", "%4", "%4g", "%ff"] {
            assert_eq!(decode(wrong), None, "{wrong}");
        }
    }
}
