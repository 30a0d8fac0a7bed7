//! Addresses of machines and networks.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Check, strip_prefix_any_case};

/// Strict dotted decimal; the standard reader refuses leading zeros, so the text is its own normal form.
pub(super) fn ipv4(text: &str, out: &mut String) -> Check {
    text.parse::<Ipv4Addr>().map_err(|_| "it is not four decimal numbers up to 255 without leading zeros")?;
    out.push_str(text);
    Ok(())
}

/// RFC 5952; an IPv4-mapped address stays IPv6 (section 5).
pub(super) fn ipv6(text: &str, out: &mut String) -> Check {
    let address: Ipv6Addr = text.parse().map_err(|_| "it is not written as RFC 4291 has it, or names a zone")?;
    write!(out, "{address}").map_err(|_| "it cannot be written")
}

/// Address and prefix length; host bits are cleared (RFC 4632 section 3.1).
pub(super) fn cidr(text: &str, out: &mut String) -> Check {
    let (address, length) = text.split_once('/').ok_or("it has no prefix length after a slash")?;
    let length = prefix_length(length).ok_or("its prefix length is not a plain number")?;
    let written = if let Ok(address) = address.parse::<Ipv4Addr>() {
        let host = 32u32.checked_sub(length).ok_or("its prefix length is more than 32")?;
        let mask = u32::MAX.checked_shl(host).unwrap_or(0);
        write!(out, "{}/{length}", Ipv4Addr::from_bits(address.to_bits() & mask))
    } else {
        let address: Ipv6Addr = address.parse().map_err(|_| "what stands before the slash is not an address")?;
        let host = 128u32.checked_sub(length).ok_or("its prefix length is more than 128")?;
        let mask = u128::MAX.checked_shl(host).unwrap_or(0);
        write!(out, "{}/{length}", Ipv6Addr::from_bits(address.to_bits() & mask))
    };
    written.map_err(|_| "it cannot be written")
}

fn prefix_length(text: &str) -> Option<u32> {
    let plain = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plain)
}

/// `AS64500`, `64500`, or `AS1.10` (asdot, RFC 5396).
pub(super) fn asn(text: &str, out: &mut String) -> Check {
    let reason = "it is not AS and a number of 32 bits";
    let bare = strip_prefix_any_case(text, "ASN").or_else(|| strip_prefix_any_case(text, "AS")).unwrap_or(text);
    let bare = bare.trim_start();
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(reason);
    }
    let number = match bare.split_once('.') {
        Some((high, low)) => {
            let (high, low): (u16, u16) = (high.parse().map_err(|_| reason)?, low.parse().map_err(|_| reason)?);
            u32::from(high) << 16 | u32::from(low)
        }
        None => bare.parse::<u32>().map_err(|_| reason)?,
    };
    write!(out, "AS{number}").map_err(|_| reason)
}

/// Six bytes in hexadecimal, in one, two, three or six equal groups with one kind of mark between them.
pub(super) fn mac(text: &str, out: &mut String) -> Check {
    let reason = "it is not six bytes in hexadecimal";
    let mark = text.bytes().find(|b| !b.is_ascii_hexdigit());
    let marks = text.bytes().filter(|b| Some(*b) == mark).count();
    // Six groups with dots would also be an IPv4 address with a port.
    let group = match (mark, marks) {
        (None, _) => 12,
        (Some(b':' | b'-' | b' '), 5) => 2,
        (Some(b':' | b'-' | b' ' | b'.'), 2) => 4,
        (Some(b'-' | b':'), 1) => 6,
        _ => return Err(reason),
    };
    let mut digits = 0;
    let mut at_mark = true;
    for b in text.bytes() {
        if Some(b) == mark {
            if at_mark || digits % group != 0 {
                return Err(reason);
            }
            at_mark = true;
            continue;
        }
        if !b.is_ascii_hexdigit() || digits >= 12 {
            return Err(reason);
        }
        if digits > 0 && digits % 2 == 0 {
            out.push(':');
        }
        out.push(char::from(b.to_ascii_lowercase()));
        at_mark = false;
        digits += 1;
    }
    if digits == 12 && !at_mark { Ok(()) } else { Err(reason) }
}
