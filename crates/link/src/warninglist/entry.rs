//! One entry of a list, made comparable.

use std::net::IpAddr;

use comity_stix::Kind;
use comity_stix::value::Values;
use regex::{RegexBuilder, RegexSet, RegexSetBuilder};

/// An address (with all its bits) or a network, IPv4 in the low 32 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Net {
    pub(super) v4: bool,
    pub(super) prefix: u8,
    bits: u128,
}

impl Net {
    /// Reads `192.0.2.7`, `10.0.0.0/8` or their IPv6 forms; an IPv4 address mapped to IPv6 is IPv4.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (text, None),
        };
        match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => Self::new(true, u128::from(u32::from(address)), prefix.unwrap_or(32)),
            IpAddr::V6(address) => match (address.to_ipv4_mapped(), prefix.unwrap_or(128)) {
                (Some(mapped), prefix @ 96..=128) => Self::new(true, u128::from(u32::from(mapped)), prefix - 96),
                (_, prefix) => Self::new(false, u128::from(address), prefix),
            },
        }
    }

    fn new(v4: bool, bits: u128, prefix: u8) -> Option<Self> {
        (prefix <= if v4 { 32 } else { 128 }).then_some(Self { v4, prefix, bits })
    }

    /// The network of this prefix length that it lies in.
    pub(super) fn at(self, prefix: u8) -> u128 {
        let width: u32 = if self.v4 { 32 } else { 128 };
        let host = width.saturating_sub(u32::from(prefix));
        self.bits.checked_shr(host).unwrap_or(0)
    }
}

/// The host of an entry of a hostname list, which may be a URL or begin with `.` or `*.`.
pub(super) fn host(text: &str) -> Result<String, &'static str> {
    let host = super::url_parts(text.trim()).0;
    let host = host.trim_start_matches("*.").trim_matches('.').to_ascii_lowercase();
    if host.is_empty() {
        return Err("it is empty");
    }
    if !host.is_ascii() {
        let mut name = String::new();
        Values::new([0; 32]).normalise(Kind::Domain, &host, &mut name).map_err(|_| "it is no host name")?;
        return Ok(name);
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.:[]".contains(&b);
    if host.len() > 253 || !host.bytes().all(plain) {
        return Err("it is no host name");
    }
    Ok(host.trim_matches(['[', ']']).to_owned())
}

/// A part that is looked for in lower case.
pub(super) fn substring(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    if text.len() < 3 { Err("it is so short that it matches nearly everything") } else { Ok(text.to_ascii_lowercase()) }
}

/// A pattern in PHP's form, `/.../i`, or bare; checked, with its flags inside.
pub(super) fn regex(text: &str) -> Result<String, &'static str> {
    if text.len() > 4_096 {
        return Err("it is longer than 4,096 bytes");
    }
    let (body, flags) = match text.strip_prefix('/').and_then(|rest| rest.rsplit_once('/')) {
        Some((body, flags)) => (body.replace("\\/", "/"), flags),
        None => (text.to_owned(), ""),
    };
    let flags: String = flags.chars().filter(|flag| "imsx".contains(*flag)).collect();
    let pattern = if flags.is_empty() { body } else { format!("(?{flags}){body}") };
    let built = RegexBuilder::new(&pattern).size_limit(1 << 20).nest_limit(50).build();
    match built {
        Ok(regex) if regex.is_match("") => Err("it matches the empty text, so everything"),
        Ok(_) => Ok(pattern),
        Err(_) => Err("it is not a pattern that can be matched in linear time"),
    }
}

/// All patterns of a list at once.
pub(super) fn regexes(patterns: &[String]) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns).size_limit(32 << 20).dfa_size_limit(8 << 20).nest_limit(50).build().ok()
}
