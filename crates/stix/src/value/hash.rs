//! Hashes and fingerprints.

use super::{Check, push_lower, strip_prefix_any_case};

/// So many hexadecimal digits, in lower case.
pub(super) fn hex(text: &str, digits: usize, out: &mut String) -> Check {
    if text.len() != digits || !is_hex(text) {
        return Err("it has another length or digits that are not hexadecimal");
    }
    push_lower(text, out);
    Ok(())
}

pub(super) fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// `blocksize:hash:hash`; the file name that ssdeep prints after a comma is dropped.
pub(super) fn ssdeep(text: &str, out: &mut String) -> Check {
    let text = text.split_once(',').map_or(text, |(hash, _)| hash).trim_end();
    let mut parts = text.split(':');
    let (Some(size), Some(one), Some(two), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err("it does not have three parts with colons between them");
    };
    let number: u32 = size.parse().map_err(|_| "its block size is not a number")?;
    let is_size =
        number.is_multiple_of(3) && (number / 3).is_power_of_two() && size.starts_with(|c: char| c.is_ascii_digit());
    if !is_size || size.starts_with('0') {
        return Err("its block size is not three times a power of two");
    }
    let base64 = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
    if one.len() > 64 || two.len() > 64 || !base64(one) || !base64(two) {
        return Err("a part is longer than 64 characters or is not base64");
    }
    if one.is_empty() && two.is_empty() {
        return Err("it is the hash of an empty file");
    }
    out.push_str(text);
    Ok(())
}

/// 70 hexadecimal digits, with or without the version `T1`.
pub(super) fn tlsh(text: &str, out: &mut String) -> Check {
    let digits = if text.len() == 72 { strip_prefix_any_case(text, "T1") } else { Some(text) };
    let digits = digits.filter(|digits| digits.len() == 70 && is_hex(digits));
    let digits = digits.ok_or("it is not T1 and 70 hexadecimal digits")?;
    out.push_str("T1");
    out.extend(digits.chars().map(|c| c.to_ascii_uppercase()));
    Ok(())
}

/// An MD5, SHA-1 or SHA-256 of a certificate, or a serial number of such a length.
pub(super) fn certificate(text: &str, out: &mut String) -> Check {
    let start = out.len();
    let mut marks = 0;
    for b in text.bytes() {
        match b {
            b' ' => {}
            b':' | b'-' => marks += 1,
            _ if b.is_ascii_hexdigit() => out.push(char::from(b.to_ascii_lowercase())),
            _ => return Err("it has digits that are not hexadecimal"),
        }
    }
    // Fewer marks are those of an IPv6 address or a UUID.
    if marks > 0 && (marks + 1) * 2 != out.len() - start {
        return Err("its colons or hyphens do not stand between all bytes");
    }
    match out.len() - start {
        32 | 40 | 64 => Ok(()),
        _ => Err("it is not as long as an MD5, SHA-1 or SHA-256"),
    }
}

/// Any of the JA4+ family: parts of letters and digits with underscores between them.
pub(super) fn ja4(text: &str, out: &mut String) -> Check {
    let part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b',' | b'_');
    let inner = !text.starts_with('_') && !text.ends_with('_') && text.contains('_');
    if text.len() < 7 || text.len() > 512 || !inner || !text.bytes().all(part) {
        return Err("it is not parts of letters and digits with underscores between them");
    }
    push_lower(text, out);
    Ok(())
}
