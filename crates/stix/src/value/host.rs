//! Names of hosts: domain names and onion services.

use comity_crypto::sha3_256;

use super::{Check, push_lower};

/// A domain name of at least two labels with a plausible top one, in A-label form.
pub(super) fn domain(text: &str, out: &mut String) -> Check {
    let start = out.len();
    push_name(text, out)?;
    let name = out.get(start..).unwrap_or_default();
    let (_, top) = name.rsplit_once('.').ok_or("it has a single label")?;
    let plausible = top.len() >= 2 && (top.bytes().all(|b| b.is_ascii_alphabetic()) || top.starts_with("xn--"));
    if plausible { Ok(()) } else { Err("its last label is not a top-level domain") }
}

/// One label or more in A-label form (UTS 46, non-transitional); a trailing dot is dropped.
pub(super) fn push_name(text: &str, out: &mut String) -> Check {
    if text.is_ascii() {
        return push_ascii_name(text, out);
    }
    // Punycode takes quadratic time; no name longer than this maps to 253 octets.
    if text.len() > 1_024 {
        return Err("it is longer than 253 characters");
    }
    let mapped = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::EMPTY)
        .map_err(|_| "it has characters that IDNA does not allow")?;
    push_ascii_name(&mapped, out)
}

fn push_ascii_name(text: &str, out: &mut String) -> Check {
    let name = text.strip_suffix('.').unwrap_or(text);
    if name.len() > 253 {
        return Err("it is longer than 253 characters");
    }
    let mut run = 0;
    for b in name.bytes() {
        run += 1;
        match b {
            b'.' if run > 1 => run = 0,
            // Underscores and hyphens at the ends are no host name (RFC 952) but do resolve, and are met.
            b'-' | b'_' if run <= 63 => {}
            _ if b.is_ascii_alphanumeric() && run <= 63 => {}
            _ => return Err("a label is empty, longer than 63 characters or has characters other than a-z 0-9 - _"),
        }
    }
    if run == 0 {
        return Err("a label is empty");
    }
    push_lower(name, out);
    Ok(())
}

/// An onion service; names below it are the same service and are cut off.
pub(super) fn onion(text: &str, out: &mut String) -> Check {
    let text = text.strip_suffix('.').unwrap_or(text);
    let name = super::strip_prefix_any_case(text.get(text.len().saturating_sub(6)..).unwrap_or_default(), ".onion")
        .and_then(|_| text.get(..text.len() - 6));
    let label = name.unwrap_or(text);
    let label = label.rsplit_once('.').map_or(label, |(_, last)| last);
    match label.len() {
        56 if version_3(label) => {}
        56 => return Err("its checksum is wrong"),
        16 if name.is_some() && label.bytes().all(|b| base32(b).is_some()) => {}
        _ => return Err("it is not 56 or 16 base32 characters before .onion"),
    }
    push_lower(label, out);
    out.push_str(".onion");
    Ok(())
}

/// rend-spec-v3 section 6: public key, checksum, version 3.
fn version_3(label: &str) -> bool {
    let mut bytes = [0u8; 35];
    let mut at = bytes.iter_mut();
    let (mut buffer, mut bits) = (0u16, 0u8);
    for b in label.bytes() {
        let Some(digit) = base32(b) else { return false };
        buffer = buffer << 5 | u16::from(digit);
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            if let Some(to) = at.next() {
                *to = u8::try_from(buffer >> bits & 0xff).unwrap_or_default();
            }
            buffer &= (1 << bits) - 1;
        }
    }
    let [key @ .., check_1, check_2, version] = bytes;
    let mut input = [0u8; 48];
    let parts = b".onion checksum".iter().chain(&key).chain([&version]);
    input.iter_mut().zip(parts).for_each(|(to, from)| *to = *from);
    let [sum_1, sum_2, ..] = sha3_256(&input);
    version == 3 && [check_1, check_2] == [sum_1, sum_2]
}

fn base32(b: u8) -> Option<u8> {
    match b.to_ascii_lowercase() {
        letter @ b'a'..=b'z' => Some(letter - b'a'),
        digit @ b'2'..=b'7' => Some(digit - b'2' + 26),
        _ => None,
    }
}
