//! Addresses that hold a host: URLs and e-mail addresses.

use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Check, host, net, push_lower, strip_prefix_any_case};

/// `scheme://` and what follows (RFC 3986); other URI forms hold no host and are not values.
pub(super) fn url(text: &str, out: &mut String) -> Check {
    let (scheme, rest) = text.split_once("://").ok_or("it has no scheme such as https://")?;
    let starts_well = scheme.starts_with(|c: char| c.is_ascii_alphabetic());
    if !starts_well || !scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.')) {
        return Err("its scheme has characters that no scheme has");
    }
    push_lower(scheme, out);
    let default_port = default_port(out);
    let hostless = out == "file";
    out.push_str("://");

    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (user, machine) = authority.rsplit_once('@').unwrap_or(("", authority));
    if !user.is_empty() {
        push_escaped(user, out)?;
        out.push('@');
    }
    if !(hostless && machine.is_empty()) {
        push_machine(machine, default_port, out)?;
    }
    let tail = tail.strip_prefix(['/', '\\']).unwrap_or(tail);
    out.push('/');
    push_escaped(tail, out)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// Host and port.
fn push_machine(text: &str, default_port: Option<u16>, out: &mut String) -> Check {
    let port = if let Some(literal) = text.strip_prefix('[') {
        let (address, port) = literal.split_once(']').ok_or("its IPv6 host has no closing bracket")?;
        out.push('[');
        net::ipv6(address, out)?;
        out.push(']');
        if port.is_empty() { "" } else { port.strip_prefix(':').ok_or("something stands after its IPv6 host")? }
    } else {
        let (name, port) = text.split_once(':').unwrap_or((text, ""));
        push_host(name, out)?;
        port
    };
    if port.is_empty() {
        return Ok(());
    }
    let reason = "its port is not a number up to 65535";
    let number: u16 = port.parse().map_err(|_| reason)?;
    if port.starts_with('+') {
        return Err(reason);
    }
    if Some(number) == default_port {
        return Ok(());
    }
    write!(out, ":{number}").map_err(|_| reason)
}

/// A name of one label or more, or an IPv4 address.
fn push_host(text: &str, out: &mut String) -> Check {
    let bare = text.strip_suffix('.').unwrap_or(text);
    if bare.parse::<Ipv4Addr>().is_ok() {
        out.push_str(bare);
        return Ok(());
    }
    let start = out.len();
    host::push_name(text, out)?;
    let name = out.get(start..).unwrap_or_default();
    let last = name.rsplit_once('.').map_or(name, |(_, last)| last);
    // A host that ends in a number is an IPv4 address or nothing (WHATWG URL section 3.5).
    if last.bytes().all(|b| b.is_ascii_digit()) { Err("its host is a number but not an IPv4 address") } else { Ok(()) }
}

/// Percent-escapes with upper-case digits; what may not stand in a URL is escaped.
fn push_escaped(text: &str, out: &mut String) -> Check {
    let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'%' | b'"' | b'<' | b'>');
    if text.bytes().all(plain) {
        out.push_str(text);
        return Ok(());
    }
    let mut bytes = text.as_bytes();
    while let Some((first, rest)) = bytes.split_first() {
        bytes = rest;
        match (*first, rest) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => {
                out.push('%');
                out.push(char::from(a.to_ascii_uppercase()));
                out.push(char::from(b.to_ascii_uppercase()));
                bytes = after;
            }
            (b'%', _) => out.push('%'),
            (b, _) if plain(b) => out.push(char::from(b)),
            (b, _) if b.is_ascii_control() => return Err("it has control characters"),
            (b, _) => write!(out, "%{b:02X}").map_err(|_| "it cannot be written")?,
        }
    }
    Ok(())
}

/// Local part and domain (RFC 5321 section 4.1.2, RFC 6531), all in lower case.
pub(super) fn email(text: &str, out: &mut String) -> Check {
    let text = strip_prefix_any_case(text, "mailto:").unwrap_or(text);
    let (local, machine) = text.rsplit_once('@').ok_or("it has no @")?;
    if local.is_empty() || local.len() > 256 {
        return Err("what stands before the @ is empty or too long");
    }
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let allowed = |c: char| if quoted { !c.is_control() } else { is_local(c) };
    if !local.chars().all(allowed) {
        return Err("what stands before the @ has characters that cannot stand there");
    }
    if local.is_ascii() {
        push_lower(local, out);
    } else {
        out.extend(local.chars().flat_map(char::to_lowercase));
    }
    out.push('@');
    match machine.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(literal) => push_literal(literal, out),
        None => host::domain(machine, out),
    }
}

fn is_local(c: char) -> bool {
    !c.is_control() && !c.is_whitespace() && !"\"(),:;<>@[\\]".contains(c)
}

fn push_literal(text: &str, out: &mut String) -> Check {
    if text.parse::<Ipv4Addr>().is_ok() {
        out.push('[');
        out.push_str(text);
        out.push(']');
        return Ok(());
    }
    let reason = "what stands after the @ is not an address in brackets";
    let bare = strip_prefix_any_case(text, "ipv6:").ok_or(reason)?;
    let address: Ipv6Addr = bare.parse().map_err(|_| reason)?;
    write!(out, "[ipv6:{address}]").map_err(|_| reason)
}
