//! The attribute types of MISP (MISP core format, section 2.4.2.3) as kinds.

use std::borrow::Cow;

use super::Kind;
use super::extract::settle;

/// What one part of a MISP attribute's value is; composite values have two parts with `|` between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MispPart {
    /// A value of this kind.
    Kind(Kind),
    /// An IPv4 or IPv6 address or network: its text says which.
    Address,
    /// A host: a domain name or an onion service.
    Host,
    /// A user handle at this service.
    Handle(&'static str),
    /// Nothing that is kept as a value: a port, registry data.
    Skip,
}

use MispPart::{Address, Handle, Host, Skip};

/// The values of a MISP attribute of this type, not yet normalised; nothing for types that hold none.
pub fn from_misp<'v>(kind: &str, value: &'v str) -> impl Iterator<Item = (Kind, Cow<'v, str>)> + use<'v> {
    let parts = misp_kind(kind);
    let texts = match parts {
        [_, _, ..] => split(value),
        _ => [Some(value), None],
    };
    parts.iter().zip(texts).filter_map(|(part, text)| part.read(text?.trim()))
}

/// The parts of a composite value; one without `|` is its first part alone.
fn split(value: &str) -> [Option<&str>; 2] {
    match value.split_once('|') {
        Some((one, two)) => [Some(one), Some(two)],
        None => [Some(value), None],
    }
}

impl MispPart {
    fn read(self, text: &str) -> Option<(Kind, Cow<'_, str>)> {
        let kind = match self {
            _ if text.is_empty() => return None,
            Self::Kind(kind) => kind,
            Address => Kind::Ipv4,
            Host => Kind::Domain,
            Handle(service) => return Some((Kind::Handle, format!("{service}:{text}").into())),
            Skip => return None,
        };
        let (kind, text) = settle(kind, text);
        Some((kind, text.into()))
    }
}

/// The parts of a MISP attribute of this type; none for a type that holds no value.
///
/// `link` and `text` are remarks and citations, and numbers that mean something only within one
/// country or bank (account, passport, licence) name nobody alone: they have no parts.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn misp_kind(misp_type: &str) -> &'static [MispPart] {
    use MispPart::Kind as Is;
    match misp_type {
        "ip-src" | "ip-dst" => &[Address],
        "ip-src|port" | "ip-dst|port" => &[Address, Skip],
        "domain" | "hostname" | "target-machine-fqdn" => &[Host],
        "hostname|port" => &[Host, Skip],
        "domain|ip" => &[Host, Address],
        "url" | "uri" => &[Is(Kind::Url)],
        "email"
        | "email-src"
        | "email-dst"
        | "email-reply-to"
        | "target-email"
        | "whois-registrant-email"
        | "dns-soa-email"
        | "eppn" => &[Is(Kind::Email)],
        "md5" => &[Is(Kind::Md5)],
        "sha1" => &[Is(Kind::Sha1)],
        "sha256" => &[Is(Kind::Sha256)],
        "sha512" => &[Is(Kind::Sha512)],
        "ssdeep" => &[Is(Kind::Ssdeep)],
        "tlsh" => &[Is(Kind::Tlsh)],
        "filename" | "pdb" | "email-attachment" | "attachment" => &[Is(Kind::FileName)],
        "filename|md5" | "malware-sample" => &[Is(Kind::FileName), Is(Kind::Md5)],
        "filename|sha1" => &[Is(Kind::FileName), Is(Kind::Sha1)],
        "filename|sha256" => &[Is(Kind::FileName), Is(Kind::Sha256)],
        "filename|sha512" => &[Is(Kind::FileName), Is(Kind::Sha512)],
        "filename|ssdeep" => &[Is(Kind::FileName), Is(Kind::Ssdeep)],
        "filename|tlsh" => &[Is(Kind::FileName), Is(Kind::Tlsh)],
        "filename|authentihash"
        | "filename|vhash"
        | "filename|imphash"
        | "filename|impfuzzy"
        | "filename|pehash"
        | "filename|sha224"
        | "filename|sha384"
        | "filename|sha512/224"
        | "filename|sha512/256"
        | "filename|sha3-224"
        | "filename|sha3-256"
        | "filename|sha3-384"
        | "filename|sha3-512" => &[Is(Kind::FileName), Skip],
        "regkey" => &[Is(Kind::RegistryKey)],
        "regkey|value" => &[Is(Kind::RegistryKey), Skip],
        "mutex" => &[Is(Kind::Mutex)],
        "AS" => &[Is(Kind::Asn)],
        "x509-fingerprint-md5" | "x509-fingerprint-sha1" | "x509-fingerprint-sha256" => &[Is(Kind::CertFingerprint)],
        "ja3-fingerprint-md5" => &[Is(Kind::Ja3)],
        "ja4-fingerprint" | "ja4-plus" | "ja4" => &[Is(Kind::Ja4)],
        "mac-address" => &[Is(Kind::Mac)],
        "phone-number" | "whois-registrant-phone" | "prtn" => &[Is(Kind::Phone)],
        "iban" => &[Is(Kind::Iban)],
        "bic" => &[Is(Kind::Bic)],
        "cc-number" => &[Is(Kind::Card)],
        "btc" => &[Is(Kind::Bitcoin)],
        "xmr" => &[Is(Kind::Monero)],
        "eth" => &[Is(Kind::Ethereum)],
        "trx" => &[Is(Kind::Tron)],
        "twitter-id" => &[Handle("x")],
        "github-username" => &[Handle("github")],
        "jabber-id" => &[Handle("jabber")],
        "telegram-id" => &[Handle("telegram")],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, value: &str) -> Vec<(Kind, String)> {
        from_misp(kind, value).map(|(kind, text)| (kind, text.into_owned())).collect()
    }

    #[test]
    fn composite_values_are_taken_apart() {
        let pair = |a: Kind, b: &str, c: Kind, d: &str| vec![(a, b.to_owned()), (c, d.to_owned())];
        assert_eq!(read("filename|md5", "a.exe|d41d"), pair(Kind::FileName, "a.exe", Kind::Md5, "d41d"));
        assert_eq!(read("domain|ip", "a.org|2001:db8::1"), pair(Kind::Domain, "a.org", Kind::Ipv6, "2001:db8::1"));
        assert_eq!(read("ip-dst|port", "198.51.100.7|80"), [(Kind::Ipv4, "198.51.100.7".to_owned())]);
        assert_eq!(read("regkey|value", "HKLM\\X|y|z"), [(Kind::RegistryKey, "HKLM\\X".to_owned())]);
        assert_eq!(read("ip-src", "10.0.0.0/8"), [(Kind::Cidr, "10.0.0.0/8".to_owned())]);
        assert_eq!(read("twitter-id", "@a"), [(Kind::Handle, "x:@a".to_owned())]);
        assert_eq!(read("domain|ip", "a.org"), [(Kind::Domain, "a.org".to_owned())]);
        assert_eq!(read("comment", "a.org"), []);
    }
}
