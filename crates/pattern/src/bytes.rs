/// Bytes of standard Base64 (RFC 4648 section 4), padded.
pub(crate) fn from_base64(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text);
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for quad in unpadded.as_bytes().chunks(4) {
        let mut bits = 0u32;
        for at in 0..4 {
            bits = bits << 6 | quad.get(at).map_or(Some(0), |&c| sextet(c))?;
        }
        let [_, first, second, third] = bits.to_be_bytes();
        bytes.extend([first, second, third].into_iter().take(quad.len().checked_sub(1)?));
    }
    Some(bytes)
}

fn sextet(c: u8) -> Option<u32> {
    let value = match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// Bytes of pairs of hexadecimal digits.
pub(crate) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut bytes = Vec::with_capacity(text.len() / 2);
    for pair in text.as_bytes().chunks(2) {
        let &[high, low] = pair else { return None };
        bytes.push(digit(high)? << 4 | digit(low)?);
    }
    Some(bytes)
}

/// The text as one byte per character, when all are below 256: how text and bytes compare (STIX 2.1 section 9.6.1).
pub(crate) fn from_text(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect()
}

/// One character per byte.
pub(crate) fn to_text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_and_hex() {
        assert_eq!(from_base64("YWxpY2U=").as_deref(), Some(&b"alice"[..]));
        assert_eq!(from_base64("AQIDBA==").as_deref(), Some(&[1, 2, 3, 4][..]));
        assert_eq!(from_base64("").as_deref(), Some(&[][..]));
        assert_eq!(from_hex("616c696365").as_deref(), Some(&b"alice"[..]));
        for bad in ["A", "AAA", "A===", "====", "A*==", "é==="] {
            assert_eq!(from_base64(bad), None, "{bad}");
        }
        assert_eq!(from_hex("0"), None);
        assert_eq!(from_hex("zz"), None);
    }

    #[test]
    fn text_is_bytes_only_below_256() {
        assert_eq!(from_text("é").as_deref(), Some(&[0xE9][..]));
        assert_eq!(from_text("ă"), None);
        assert_eq!(to_text(&[0xE9]), "é");
    }
}
