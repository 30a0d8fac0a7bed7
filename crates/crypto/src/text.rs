use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0');
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// Reads exactly `N` bytes of hexadecimal, in either case.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let mut out = [0; N];
    for (to, [high, low]) in out.iter_mut().zip(pairs) {
        *to = digit(*high)? << 4 | digit(*low)?;
    }
    Some(out)
}

/// Base64 with the alphabet of RFC 4648 section 5 (`-` and `_`), without padding: fit for addresses.
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`base64url`]; only that form, so that equal bytes have one text.
pub fn unbase64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Base64 with the alphabet of RFC 4648 section 4 and with padding.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads [`base64()`]; only that form, so that equal bytes have one text.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(unhex::<2>("0aFF"), Some([0x0a, 0xff]));
        for text in ["", "0a", "0aff0", "0aff00", "0ag0", "+aff", "é1"] {
            assert_eq!(unhex::<2>(text), None, "{text}");
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
        for text in ["-_8=", "+/8", "-_9", "-_8\n"] {
            assert_eq!(unbase64url(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive_their_text_forms(bytes: [u8; 21]) {
            prop_assert_eq!(unhex(&hex(&bytes)), Some(bytes));
            prop_assert_eq!(unbase64url(&base64url(&bytes)), Some(bytes.to_vec()));
        }
    }
}
