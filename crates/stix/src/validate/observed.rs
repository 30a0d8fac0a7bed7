//! Rules that tables cannot say, for Cyber-observable Objects (STIX 2.1 section 6).

use super::parts::{anything, dictionary};
use super::rule::Rule;
use super::run::{Check, Path};
use super::{formats, vocab};
use crate::header::clip;
use crate::{Node, Shape};

/// A rule for a text: what it must look like, or a finding.
macro_rules! formed {
    ($($(#[$doc:meta])* $name:ident = $fits:expr, $severity:ident, $code:literal, $text:literal;)*) => {
        $($(#[$doc])* pub(super) fn $name(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
            let fits: fn(&str) -> bool = $fits;
            if check.text(value, path).is_some_and(|text| !fits(text)) {
                check.$severity(path, $code, $text);
            }
        })*
    };
}

formed! {
    ipv4 = formats::ipv4, must, "address-format", "This must be an IPv4 address or a network like 192.0.2.0/24.";
    ipv6 = formats::ipv6, must, "address-format", "This must be an IPv6 address or a network like 2001:db8::/32.";
    mac = formats::mac, must, "address-format", "This must be a MAC address in lower case with colons.";
    email = |text| text.contains('@'), must, "address-format", "This must be an e-mail address.";
    required_media_type = formats::media_type, must, "media-type", "This must be a media type of the IANA registry, like text/html.";
    media_type = formats::media_type, should, "media-type", "This should be a media type of the IANA registry, like text/html.";
    character_set = formats::character_set, must, "character-set", "This must be a character set of the IANA registry, like UTF-8.";
    /// Service names of the IANA registry: 15 characters, letters, digits, hyphens.
    protocol = |text| (1..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.+/".contains(&b)),
        should, "protocol-name", "A protocol should be a lower-case service name of the IANA registry.";
    cpe = |text| text.contains("cpe:2.3:") && text.split(':').count() >= 7, must, "cpe-format", "This must be a CPE 2.3 name.";
    software_language = |text| formats::language(text) && text.bytes().take(2).all(|b| b.is_ascii_lowercase()),
        must, "language-tag", "This must be a language code like en or eng.";
    registry_key = |text| !abbreviated(text), must, "registry-hive", "The hive of a registry key must not be abbreviated.";
    priority = |text| text.ends_with("_CLASS"), should, "process-priority", "A priority should end in _CLASS.";
}

fn abbreviated(key: &str) -> bool {
    let hive = key.split('\\').next().unwrap_or_default();
    ["HKLM", "HKCC", "HKCR", "HKCU", "HKU"].iter().any(|short| hive.eq_ignore_ascii_case(short))
}

/// Section 6.1: what an artifact holds.
pub(super) fn artifact(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let has = |name| node.get(name).is_some();
    if has("payload_bin") == has("url") {
        check.must(path, "artifact-content", "An artifact must have either payload_bin or url.");
    }
    if has("url") && !has("hashes") {
        check.must(&path.name("hashes"), "property-missing", "An artifact with a url must have hashes.");
    }
    if has("decryption_key") && !has("encryption_algorithm") {
        check.must(&path.name("decryption_key"), "artifact-key", "A decryption_key needs an encryption_algorithm.");
    }
}

/// Section 6.6.
pub(super) fn email_body(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    let misplaced = match node.get("is_multipart").and_then(Node::as_bool) {
        Some(true) => "body",
        Some(false) => "body_multipart",
        None => return,
    };
    if node.get(misplaced).is_some() {
        let text = format!("The property {misplaced} contradicts is_multipart.");
        check.must(&path.name(misplaced), "email-body", text);
    }
}

pub(super) fn mime_part(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("body").is_some() == node.get("body_raw_ref").is_some() {
        check.must(path, "email-body", "A part of an e-mail must have either body or body_raw_ref.");
    }
}

/// Section 6.6: other header fields, each a text or a list of texts.
pub(super) fn header_fields(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    dictionary(check, value, path);
    for (name, field) in value.entries() {
        let here = path.name(name);
        if field.shape() == Shape::Array {
            check.value(field, Rule::Texts, &here);
        } else {
            check.text(field, &here);
        }
    }
}

/// Section 6.12: traffic that goes on has no end.
pub(super) fn active(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.get("is_active").and_then(Node::as_bool) == Some(true) && node.get("end").is_some() {
        check.must(&path.name("end"), "traffic-active", "Traffic that is active must not have an end.");
    }
}

/// Section 6.12: IPFIX elements, named as IANA writes them: `octetDeltaCount`.
pub(super) fn ipfix(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        if !matches!(field.shape(), Shape::Text | Shape::Integer) {
            check.mistyped(here, "a text or a whole number");
        }
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.contains(['_', '-']) {
            check.should(here, "ipfix-element", format!("{:?} is no name of an IPFIX element.", clip(name)));
        }
    });
}

/// Section 6.7.4.
pub(super) fn pdf_info(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        check.text(field, here);
        if !vocab::PDF_INFO.contains(&name) {
            check.should(here, "pdf-info-key", format!("{:?} is no key of a PDF's document information.", clip(name)));
        }
    });
}

/// Section 6.7.5.
pub(super) fn exif_tags(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        if !matches!(field.shape(), Shape::Text | Shape::Integer) {
            check.mistyped(here, "a text or a whole number");
        }
        if name.len() < 2 || !name.starts_with(|c: char| c.is_ascii_uppercase()) {
            check.must(here, "exif-tag", "An EXIF tag must begin with a capital letter.");
        }
    });
}

/// Section 6.12.3.
pub(super) fn request_header(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        if field.shape() == Shape::Array {
            for (at, item) in field.items().enumerate() {
                check.text(item, &here.index(at));
            }
        } else {
            check.mistyped(here, "a list");
        }
        if !vocab::among(vocab::REQUEST_HEADERS, name) {
            check.should(here, "http-header", format!("{:?} is no registered request header.", clip(name)));
        }
    });
}

/// Section 6.12.5.
pub(super) fn socket_options(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        if field.shape() != Shape::Integer {
            check.mistyped(here, "a whole number");
        }
        let prefixes = ["SO_", "ICMP_", "ICMP6_", "IP_", "IPV6_", "MCAST_", "TCP_", "IRLMP_"];
        if !prefixes.iter().any(|prefix| name.strip_prefix(prefix).is_some_and(|rest| !rest.is_empty())) {
            check.must(
                here,
                "socket-option",
                "A socket option must begin with SO_, ICMP_, ICMP6_, IP_, IPV6_, MCAST_, TCP_ or IRLMP_.",
            );
        } else if !vocab::SOCKET_OPTIONS.contains(&name) {
            check.should(here, "socket-option-unknown", format!("{:?} is no known socket option.", clip(name)));
        }
    });
}

/// Section 6.13.2: the members of the Windows structure STARTUPINFO, by their types.
pub(super) fn startup_info(check: &mut Check<'_, '_>, value: Node<'_, '_>, path: &Path<'_>) {
    each_entry(check, value, path, |check, name, field, here| {
        let (fits, expected) = match name {
            "lpDesktop" | "lpTitle" | "dwFillAttribute" | "dwFlags" | "wShowWindow" | "hStdInput" | "hStdOutput"
            | "hStdError" => (field.shape() == Shape::Text, "a text"),
            "lpReserved" | "lpReserved2" => (field.shape() == Shape::Null, "null"),
            "cb" | "dwX" | "dwY" | "dwXSize" | "dwYSize" | "dwXCountChars" | "dwYCountChars" => {
                (field.shape() == Shape::Integer, "a whole number")
            }
            "cbReserved2" => (field.as_i64() == Some(0), "0"),
            _ => (false, "a member of STARTUPINFO"),
        };
        if !fits {
            check.mistyped(here, expected);
        }
    });
}

pub(super) fn not_empty(check: &mut Check<'_, '_>, node: Node<'_, '_>, path: &Path<'_>) {
    if node.entries().next().is_none() {
        check.must(path, "dictionary-empty", "This must not be empty; leave the property out instead.");
    }
}

fn each_entry(
    check: &mut Check<'_, '_>,
    value: Node<'_, '_>,
    path: &Path<'_>,
    mut judge: impl FnMut(&mut Check<'_, '_>, &str, Node<'_, '_>, &Path<'_>),
) {
    if value.shape() != Shape::Object {
        return check.mistyped(path, "an object");
    }
    not_empty(check, value, path);
    for (name, field) in value.entries() {
        let here = path.name(name);
        if !formats::dictionary_key(name) {
            check.must(
                &here,
                "dictionary-key",
                "A dictionary key must be at most 250 letters, digits, hyphens and underscores.",
            );
        }
        if field.shape() == Shape::Array {
            anything(check, field, &here);
        }
        judge(check, name, field, &here);
    }
}
