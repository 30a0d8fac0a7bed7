//! The forms of single values, without allocation.

use comity_base::Timestamp;

/// A timestamp as STIX 2.1 section 2.16 writes it: RFC 3339, `T`, `Z`, seconds.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let at = |n: usize| bytes.get(n).copied();
    let shaped = at(10) == Some(b'T') && at(16) == Some(b':') && matches!(at(19), Some(b'.' | b'Z'));
    if !shaped || bytes.last() != Some(&b'Z') || text.len() > 64 {
        return None;
    }
    Timestamp::parse(text).ok()
}

/// The type a STIX identifier names (section 2.9): `type--UUID` with a UUID of RFC 4122.
pub(super) fn identifier(text: &str) -> Option<&str> {
    let split = text.len().checked_sub(38)?;
    let (kind, rest) = text.split_at_checked(split)?;
    let uuid = rest.strip_prefix("--")?;
    (type_name(kind) && rfc4122(uuid)).then_some(kind)
}

/// A UUID with hyphens, of the RFC 4122 variant and one of its versions.
fn rfc4122(uuid: &str) -> bool {
    uuid.bytes().enumerate().all(|(at, b)| match at {
        8 | 13 | 18 | 23 => b == b'-',
        14 => matches!(b, b'1'..=b'5'),
        19 => matches!(b, b'8' | b'9' | b'a' | b'b' | b'A' | b'B'),
        _ => b.is_ascii_hexdigit(),
    })
}

/// The version digit of an identifier's UUID.
pub(super) fn uuid_version(id: &str) -> Option<u8> {
    let at = id.len().checked_sub(22)?;
    id.as_bytes().get(at).copied()
}

/// A type name (section 2.9 and 11.2): lower-case letters, digits, single hyphens, 3 to 250, a letter first.
pub(super) fn type_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut last = b'-';
    let fits = bytes.iter().all(|b| {
        let fine = b.is_ascii_lowercase() || b.is_ascii_digit() || (*b == b'-' && last != b'-');
        last = *b;
        fine
    });
    fits && (3..=250).contains(&bytes.len()) && bytes.first().is_some_and(u8::is_ascii_lowercase)
}

/// The part of the rule for property names (section 3.1) that the committee's schemas enforce.
pub(super) fn property_name_begins(name: &str) -> bool {
    let head = name.as_bytes().split_at_checked(3).map(|(head, _)| head);
    head.is_some_and(|head| head.iter().all(|b| name_byte(*b)) && head.first().is_some_and(u8::is_ascii_lowercase))
        || name.ends_with("id")
}

/// A property name (section 3.1): lower-case letters, digits, underscores, 3 to 250.
pub(super) fn property_name(name: &str) -> bool {
    (3..=250).contains(&name.len()) && name.bytes().all(name_byte)
}

fn name_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'
}

/// A dictionary's key (section 2.5): letters, digits, hyphen, underscore, at most 250.
pub(super) fn dictionary_key(key: &str) -> bool {
    key.len() <= 250 && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Lower case, hyphens between words.
pub(super) fn lower_hyphens(text: &str) -> bool {
    !text.chars().any(|c| c.is_uppercase() || c == '_' || c == ' ') && text.chars().any(char::is_lowercase)
}

pub(super) fn hex(text: &str) -> bool {
    !text.is_empty() && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Base64 with padding (RFC 4648 section 4).
pub(super) fn base64(text: &str) -> bool {
    let bytes = text.as_bytes();
    let body = bytes.strip_suffix(b"==").or_else(|| bytes.strip_suffix(b"=")).unwrap_or(bytes);
    let alphabet = |b: &u8| b.is_ascii_alphanumeric() || *b == b'+' || *b == b'/';
    !bytes.is_empty() && bytes.len().is_multiple_of(4) && body.iter().all(alphabet)
}

/// A URI with a scheme and only the characters RFC 3986 allows.
pub(super) fn uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let scheme_fits = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && scheme.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    let mut escape = 0;
    let rest_fits = rest.bytes().all(|b| {
        if escape > 0 {
            escape -= 1;
            return b.is_ascii_hexdigit();
        }
        if b == b'%' {
            escape = 2;
        }
        b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b)
    });
    scheme_fits && rest_fits && escape == 0
}

/// A well-formed language tag (RFC 5646 section 2.1).
pub(super) fn language(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let primary = (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic());
    let private = matches!(first, "x" | "i" | "X" | "I") && tag.len() > 2;
    (primary || private)
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// A media type with a registered first part (RFC 6838).
pub(super) fn media_type(text: &str) -> bool {
    let Some((first, second)) = text.split_once('/') else { return false };
    let second = second.split(';').next().unwrap_or_default();
    let known = ["application", "audio", "font", "image", "message", "model", "multipart", "text", "video"];
    known.contains(&first)
        && !second.is_empty()
        && second.bytes().all(|b| b.is_ascii_alphanumeric() || b".+_-!#$&^".contains(&b))
}

/// A name that the IANA list of character sets could hold. Dots and colons stand only in names of
/// national and ISO standards, which begin with the standard's name.
pub(super) fn character_set(name: &str) -> bool {
    const STANDARDS: &[&str] = &[
        "ANSI_X3.", "ASMO_", "BS_", "CSA_", "CSN_", "DIN_", "DS_", "ECMA-", "ES", "GB_", "GOST_", "IEC_", "INIS",
        "ISO_", "IT", "JIS_", "JUS_", "KS_", "LATIN", "MSZ_", "NC_", "NF_", "NS_", "PT", "SEN_", "T.", "videotex",
        "us-", "x0",
    ];
    let standard = STANDARDS.iter().any(|prefix| name.starts_with(prefix));
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_()-+".contains(&b) || (standard && b".:,/".contains(&b));
    (2..=250).contains(&name.len()) && name.bytes().all(allowed)
}

/// What a hash of this name must look like; none for a name without a form.
pub(super) fn hash(name: &str, value: &str) -> Option<bool> {
    let digits = |count: usize| value.len() == count && value.bytes().all(|b| b.is_ascii_hexdigit());
    match name {
        "MD5" => Some(digits(32)),
        "SHA-1" => Some(digits(40)),
        "SHA-256" | "SHA3-256" => Some(digits(64)),
        "SHA-512" | "SHA3-512" => Some(digits(128)),
        "SSDEEP" => Some(
            (1..=128).contains(&value.len())
                && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"/+:.".contains(&b)),
        ),
        // With and without the version that newer tools put in front.
        "TLSH" => Some(matches!(value.len(), 70 | 72) && value.bytes().all(|b| b.is_ascii_alphanumeric())),
        _ => None,
    }
}

/// An IPv4 address, or a network in CIDR notation (section 6.9).
pub(super) fn ipv4(text: &str) -> bool {
    let (address, bits) = address_bits(text);
    address.parse::<std::net::Ipv4Addr>().is_ok() && bits.is_none_or(|bits| prefix_length(bits, 32))
}

/// An IPv6 address, or a network in CIDR notation (section 6.10).
pub(super) fn ipv6(text: &str) -> bool {
    let (address, bits) = address_bits(text);
    let address = address.split_once('%').map_or(address, |(address, _)| address);
    address.parse::<std::net::Ipv6Addr>().is_ok() && bits.is_none_or(|bits| prefix_length(bits, 128))
}

fn address_bits(text: &str) -> (&str, Option<&str>) {
    text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)))
}

fn prefix_length(bits: &str, most: u8) -> bool {
    let plain = bits == "0" || !bits.starts_with(['0', '+']);
    plain && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// A MAC address: lower case, colons (section 6.11).
pub(super) fn mac(text: &str) -> bool {
    text.len() == 17
        && text.bytes().enumerate().all(|(at, b)| match at % 3 {
            2 => b == b':',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// A range in words.
pub(super) fn range(from: i64, to: i64) -> String {
    match (from, to) {
        (from, i64::MAX) => format!("{from} or more"),
        (from, to) => format!("from {from} to {to}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_of_one_form() {
        for good in ["2016-03-12T08:17:27Z", "2016-03-12T08:17:27.1Z", "2016-02-29T08:17:27.123456789Z"] {
            assert!(timestamp(good).is_some(), "{good}");
        }
        for bad in [
            "2016-03-12T08:17:27+00:00",
            "2016-03-12 08:17:27Z",
            "2016-03-12T08Z",
            "2017-02-29T08:17:27Z",
            "",
            "T",
            "2016-03-12T08:17Z",
        ] {
            assert!(timestamp(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn identifiers_name_their_type() {
        assert_eq!(identifier("tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"), Some("tool"));
        for bad in [
            "soft-id-false",
            "tool--8e2e2d2b-17d4-4cbf-138f-98ee46b3cd3f",
            "t--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "a--b--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        ] {
            assert_eq!(identifier(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_may_be_networks() {
        assert!(ipv4("192.0.2.0/24") && ipv4("192.0.2.1") && ipv6("2001:db8::/32") && ipv6("fe80::1%eth0"));
        assert!(
            !ipv4("999.1.1.1")
                && !ipv4("192.168.0.1/a")
                && !ipv4("1.2.3.4/33")
                && !ipv6("::1/129")
                && !ipv4("1.2.3.4/+1")
        );
    }

    #[test]
    fn uris_have_a_scheme() {
        assert!(uri("https://example.com/a?b=%20#c") && uri("urn:x"));
        assert!(!uri("foo") && !uri("http://a b") && !uri("http://a/%2") && !uri(":x") && !uri("http://exämple.com"));
    }

    #[test]
    fn language_tags() {
        assert!(language("en") && language("pt-BR") && language("zh-Hant-TW") && language("x-comity"));
        assert!(!language("español") && !language("e") && !language("en_US") && !language(""));
    }

    #[test]
    fn character_sets() {
        assert!(character_set("UTF-8") && character_set("ISO_8859-1:1987") && character_set("ANSI_X3.4-1968"));
        assert!(!character_set("bla.bla.bla") && !character_set("no spaces"));
    }
}
