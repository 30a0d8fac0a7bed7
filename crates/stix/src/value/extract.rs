//! Finds the values that stand in a STIX object.

use std::borrow::Cow;

use super::{Kind, from_misp, person};
use crate::Node;
use crate::person::EXTENSION;

/// A value as it stands in an object, not yet normalised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'d> {
    /// What it is read as.
    pub kind: Kind,
    /// The text as it stands; composed only where the object holds it in parts.
    pub text: Cow<'d, str>,
    /// How the object holds it.
    pub role: Role,
}

/// How an object holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The object is this value.
    Observable,
    /// The value is mentioned in a property.
    Property,
}

/// Hands every value of one STIX object to the sink, in the order they stand.
///
/// The type says where to look (STIX 2.1 section 6, STIX 2.0 part 4 for `observed-data.objects`).
/// Patterns of indicators are read elsewhere. External references are citations: their hashes are
/// taken, their addresses are not. Nothing is allocated but for values that stand in parts.
pub fn extract<'d>(root: Node<'d, '_>, sink: &mut dyn FnMut(Found<'d>)) {
    let mut seen = Sink { sink, role: Role::Observable };
    let kind = root.str("type").unwrap_or_default();
    if observable(kind, root, &mut seen) {
        return;
    }
    seen.role = Role::Property;
    let content = content_key(kind);
    let is_identity = kind == "identity";
    for (key, node) in root.entries() {
        match key {
            "external_references" => node.items().filter_map(|item| item.get("hashes")).for_each(|hashes| {
                file_hashes(hashes, &mut seen);
            }),
            "extensions" if is_identity => {
                node.get(EXTENSION).into_iter().for_each(|person| of_person(person, &mut seen));
            }
            _ if Some(key) == content => mentioned(key, node, root, &mut seen),
            _ => {}
        }
    }
}

struct Sink<'s, 'd> {
    sink: &'s mut dyn FnMut(Found<'d>),
    role: Role,
}

impl<'d> Sink<'_, 'd> {
    fn give(&mut self, kind: Kind, text: impl Into<Cow<'d, str>>) {
        (self.sink)(Found { kind, text: text.into(), role: self.role });
    }

    fn give_as(&mut self, role: Role, kind: Kind, text: impl Into<Cow<'d, str>>) {
        (self.sink)(Found { kind, text: text.into(), role });
    }
}

/// The one member, of an object that is not an observable, in which values are looked for.
fn content_key(kind: &str) -> Option<&'static str> {
    match kind {
        "observed-data" => Some("objects"),
        "identity" => Some("contact_information"),
        "x-misp-object" => Some("x_misp_attributes"),
        "x-misp-attribute" => Some("x_misp_value"),
        _ => None,
    }
}

fn mentioned<'d>(key: &str, node: Node<'d, '_>, root: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    match key {
        "objects" => node.entries().for_each(|(_, object)| {
            observable(object.str("type").unwrap_or_default(), object, sink);
        }),
        "contact_information" => contacts(node.as_str().unwrap_or_default(), sink),
        "x_misp_attributes" => node.items().for_each(|item| misp(item.str("type"), item.str("value"), sink)),
        _ => misp(root.str("x_misp_type"), node.as_str(), sink),
    }
}

/// What is said to be a person's: documents, and values by their kind.
fn of_person<'d>(person: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    for document in person.get("documents").into_iter().flat_map(Node::items) {
        if let (Some(kind), Some(issuer), Some(number)) =
            (document.str("type"), document.str("issuer"), document.str("number"))
        {
            sink.give(Kind::TravelDocument, format!("{issuer}:{kind}:{number}"));
        }
    }
    for one in person.get("identifiers").into_iter().flat_map(Node::items) {
        if let (Some(kind), Some(value)) = (one.str("kind").and_then(Kind::from_name), one.str("value")) {
            sink.give(kind, value);
        }
    }
}

/// A document in a register of those that were stolen or lost.
fn document<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    travel_document(node, node.str("document_type"), sink);
}

fn travel_document<'d>(node: Node<'d, '_>, kind: Option<&str>, sink: &mut Sink<'_, 'd>) {
    if let (Some(kind), Some(issuer), Some(number)) = (kind, node.str("issuer"), node.str("number")) {
        sink.give(Kind::TravelDocument, format!("{issuer}:{kind}:{number}"));
    }
}

fn misp<'d>(kind: Option<&str>, value: Option<&'d str>, sink: &mut Sink<'_, 'd>) {
    if let (Some(kind), Some(value)) = (kind, value) {
        from_misp(kind, value).for_each(|(kind, text)| sink.give(kind, text));
    }
}

/// An observable by its type; false when the type is none.
fn observable<'d>(kind: &str, node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) -> bool {
    match kind {
        "ipv4-addr" => named(node, "value", Kind::Ipv4, sink),
        "ipv6-addr" => named(node, "value", Kind::Ipv6, sink),
        "domain-name" => named(node, "value", Kind::Domain, sink),
        "url" => named(node, "value", Kind::Url, sink),
        "email-addr" => named(node, "value", Kind::Email, sink),
        "mac-addr" => named(node, "value", Kind::Mac, sink),
        "file" => file(node, sink),
        "artifact" => artifact(node, sink),
        "mutex" => named(node, "name", Kind::Mutex, sink),
        "windows-registry-key" => named(node, "key", Kind::RegistryKey, sink),
        "autonomous-system" => {
            if let Some(number) = node.get("number").and_then(Node::as_i64) {
                sink.give(Kind::Asn, number.to_string());
            }
        }
        "x509-certificate" => certificate(node, sink),
        "user-account" => account(node, sink),
        "network-traffic" => traffic(node, sink),
        "comity-document" => document(node, sink),
        "comity-value" => {
            if let (Some(kind), Some(text)) = (node.str("kind").and_then(Kind::from_name), node.str("value")) {
                sink.give(kind, text);
            }
        }
        _ => return false,
    }
    true
}

fn named<'d>(node: Node<'d, '_>, key: &str, kind: Kind, sink: &mut Sink<'_, 'd>) {
    if let Some(text) = node.str(key) {
        let (kind, text) = settle(kind, text);
        sink.give(kind, text);
    }
}

/// What a text really is that stands where a value of this kind is expected, and the part that is it.
///
/// Addresses and networks take each other's places, an onion service stands among domain names, and
/// what people write as a URL may be a host alone: no scheme is invented for it, its host is taken.
pub fn settle(kind: Kind, text: &str) -> (Kind, &str) {
    match kind {
        Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr => (address_kind(text), single_address(text)),
        Kind::Domain => (host_kind(text), text),
        Kind::Url => host_of_bare_url(text).unwrap_or((Kind::Url, text)),
        other => (other, text),
    }
}

/// The host of `host:port/path`; none when there is a scheme or no host.
fn host_of_bare_url(text: &str) -> Option<(Kind, &str)> {
    if text.contains("://") {
        return None;
    }
    let authority = text.split(['/', '?', '#']).next().unwrap_or_default().trim();
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    if !host.contains('.') {
        return None;
    }
    let is_address = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    Some((if is_address { Kind::Ipv4 } else { host_kind(host) }, host))
}

/// The kind of an address or network, by what stands in it.
fn address_kind(text: &str) -> Kind {
    let single = single_address(text);
    match single.contains(':') {
        _ if single.contains('/') => Kind::Cidr,
        true => Kind::Ipv6,
        false => Kind::Ipv4,
    }
}

/// A network of one address is that address (STIX 2.1 sections 6.7 and 6.8).
pub(super) fn single_address(text: &str) -> &str {
    let suffix = if text.contains(':') { "/128" } else { "/32" };
    text.strip_suffix(suffix).unwrap_or(text)
}

fn host_kind(text: &str) -> Kind {
    let tail = text.trim_end_matches('.');
    let tail = tail.get(tail.len().saturating_sub(6)..).unwrap_or_default();
    if tail.eq_ignore_ascii_case(".onion") { Kind::Onion } else { Kind::Domain }
}

fn file<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    let mut hashed = false;
    if let Some(hashes) = node.get("hashes") {
        hashed = file_hashes(hashes, sink);
    }
    if let Some(name) = node.str("name") {
        // A file with a hash is that hash; its name is then a remark.
        let role = if hashed { Role::Property } else { sink.role };
        sink.give_as(role, Kind::FileName, name);
    }
}

fn artifact<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    if let Some(hashes) = node.get("hashes") {
        file_hashes(hashes, sink);
    }
    if let Some(url) = node.str("url") {
        sink.give_as(Role::Property, Kind::Url, url);
    }
}

/// The members of a `hashes` dictionary; true when there was one that is kept.
fn file_hashes<'d>(hashes: Node<'d, '_>, sink: &mut Sink<'_, 'd>) -> bool {
    let mut any = false;
    for (algorithm, node) in hashes.entries() {
        if let (Some(kind), Some(text)) = (hash_kind(algorithm), node.as_str()) {
            sink.give(kind, text);
            any = true;
        }
    }
    any
}

/// The kind of a file's hash by the algorithm's name in a `hashes` dictionary (STIX 2.1 section 10.6),
/// also as STIX 1 and careless tools write it: `SHA-256`, `sha256`. None for algorithms that are not kept.
pub fn hash_kind(algorithm: &str) -> Option<Kind> {
    let is = |names: [&str; 2]| names.iter().any(|name| algorithm.eq_ignore_ascii_case(name));
    match algorithm.len() {
        3 if is(["md5", "md5"]) => Some(Kind::Md5),
        4..=5 if is(["sha-1", "sha1"]) => Some(Kind::Sha1),
        4 if is(["tlsh", "tlsh"]) => Some(Kind::Tlsh),
        6..=7 if is(["sha-256", "sha256"]) => Some(Kind::Sha256),
        6..=7 if is(["sha-512", "sha512"]) => Some(Kind::Sha512),
        6 if is(["ssdeep", "ssdeep"]) => Some(Kind::Ssdeep),
        _ => None,
    }
}

fn certificate<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    for (algorithm, hash) in node.get("hashes").into_iter().flat_map(Node::entries) {
        let is_kept = matches!(hash_kind(algorithm), Some(Kind::Md5 | Kind::Sha1 | Kind::Sha256));
        if let Some(text) = hash.as_str().filter(|_| is_kept) {
            sink.give(Kind::CertFingerprint, text);
        }
    }
    // Short serial numbers repeat between issuers; those of 16 and 20 bytes are random (CA/B Forum BR 7.1).
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_hexdigit).count();
    if let Some(text) = node.str("serial_number").filter(|text| matches!(digits(text), 32 | 40)) {
        sink.give_as(Role::Property, Kind::CertFingerprint, text);
    }
}

/// Accounts of a known service; an account of one machine says nothing about another's.
fn account<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    let Some(service) = node.str("account_type").and_then(person::service_name) else { return };
    let login = node.str("account_login");
    let id = node.str("user_id").filter(|id| Some(*id) != login);
    for name in [login, id].into_iter().flatten() {
        sink.give(Kind::Handle, format!("{service}:{name}"));
    }
}

/// The host that an HTTP request asked for.
fn traffic<'d>(node: Node<'d, '_>, sink: &mut Sink<'_, 'd>) {
    let request = node.get("extensions").and_then(|all| all.get("http-request-ext"));
    let Some(headers) = request.and_then(|request| request.get("request_header")) else { return };
    for (_, header) in headers.entries().filter(|(name, _)| name.eq_ignore_ascii_case("host")) {
        for text in header.as_str().into_iter().chain(header.items().filter_map(Node::as_str)) {
            if let Some((kind, host)) = host_of_bare_url(text) {
                sink.give_as(Role::Property, kind, host);
            }
        }
    }
}

/// E-mail addresses and international phone numbers in free text.
fn contacts<'d>(text: &'d str, sink: &mut Sink<'_, 'd>) {
    let apart = |c: char| c.is_whitespace() || ",;<>()[]\"'|".contains(c);
    for word in text.split(apart).filter(|word| word.contains('@')) {
        let word = word.trim_end_matches(['.', ':', '!', '?']);
        let word = word.rsplit_once(':').map_or(word, |(_, address)| address);
        if word.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.')) {
            sink.give(Kind::Email, word);
        }
    }
    let mut rest = text;
    while let Some((_, number)) = rest.split_once('+') {
        let end = number.find(|c: char| !c.is_ascii_digit() && !" ()-./\u{a0}".contains(c)).unwrap_or(number.len());
        let (number, after) = number.split_at_checked(end).unwrap_or((number, ""));
        let with_plus = text.len() - rest.len() + rest.find('+').unwrap_or_default();
        let length = 1 + number.trim_end_matches(|c: char| !c.is_ascii_digit()).len();
        if let Some(found) = text.get(with_plus..with_plus + length).filter(|found| found.len() >= 8) {
            sink.give(Kind::Phone, found);
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Doc;

    fn found(json: &str) -> Vec<(Kind, String, Role)> {
        let doc = Doc::parse(json.as_bytes(), 16).unwrap();
        let mut all = Vec::new();
        extract(doc.root(), &mut |found| all.push((found.kind, found.text.into_owned(), found.role)));
        all
    }

    fn one(kind: Kind, text: &str, role: Role) -> Vec<(Kind, String, Role)> {
        vec![(kind, text.to_owned(), role)]
    }

    use Role::{Observable, Property};

    #[test]
    fn an_observable_is_its_identifying_property() {
        let cases = [
            (r#"{"type":"ipv4-addr","value":"198.51.100.3"}"#, one(Kind::Ipv4, "198.51.100.3", Observable)),
            (r#"{"type":"ipv4-addr","value":"198.51.100.3/32"}"#, one(Kind::Ipv4, "198.51.100.3", Observable)),
            (r#"{"type":"ipv4-addr","value":"198.51.100.0/24"}"#, one(Kind::Cidr, "198.51.100.0/24", Observable)),
            (r#"{"type":"ipv6-addr","value":"2001:db8::/32"}"#, one(Kind::Cidr, "2001:db8::/32", Observable)),
            (r#"{"type":"domain-name","value":"a.ONION"}"#, one(Kind::Onion, "a.ONION", Observable)),
            (r#"{"type":"url","value":"a.org:80/x"}"#, one(Kind::Domain, "a.org", Observable)),
            (r#"{"type":"mutex","name":"m"}"#, one(Kind::Mutex, "m", Observable)),
            (r#"{"type":"autonomous-system","number":64500}"#, one(Kind::Asn, "64500", Observable)),
            (r#"{"type":"windows-registry-key","key":"HKLM\\X"}"#, one(Kind::RegistryKey, "HKLM\\X", Observable)),
            (
                r#"{"type":"user-account","account_type":"twitter","account_login":"a","user_id":"a"}"#,
                one(Kind::Handle, "x:a", Observable),
            ),
            (r#"{"type":"user-account","account_type":"unix","account_login":"root"}"#, vec![]),
            (r#"{"type":"comity-value","kind":"iban","value":"EE38"}"#, one(Kind::Iban, "EE38", Observable)),
            (
                r#"{"type":"comity-document","document_type":"P","issuer":"EST","number":"AB12"}"#,
                one(Kind::TravelDocument, "EST:P:AB12", Observable),
            ),
            (r#"{"type":"software","name":"Word"}"#, vec![]),
            (r#"{"type":"ipv4-addr","value":7}"#, vec![]),
            (r#"["ipv4-addr"]"#, vec![]),
        ];
        for (json, expected) in cases {
            assert_eq!(found(json), expected, "{json}");
        }
    }

    #[test]
    fn a_file_is_its_hashes_and_its_name_a_remark() {
        let file = r#"{"type":"file","hashes":{"MD5":"a","sha256":"b","SHA3-256":"c"},"name":"x.exe"}"#;
        let expected = [
            (Kind::Md5, "a".to_owned(), Observable),
            (Kind::Sha256, "b".to_owned(), Observable),
            (Kind::FileName, "x.exe".to_owned(), Property),
        ];
        assert_eq!(found(file), expected);
        assert_eq!(found(r#"{"type":"file","name":"x.exe"}"#), one(Kind::FileName, "x.exe", Observable));
    }

    #[test]
    fn other_objects_mention_values() {
        let data = r#"{"type":"observed-data","objects":{"0":{"type":"url","value":"http://a.org/"}}}"#;
        assert_eq!(found(data), one(Kind::Url, "http://a.org/", Property));
        let cited = r#"{"type":"malware","name":"evil.org","external_references":[{"url":"http://a.org/","hashes":{"SHA-1":"x"}}]}"#;
        assert_eq!(found(cited), one(Kind::Sha1, "x", Property));
        let misp = r#"{"type":"x-misp-object","x_misp_attributes":[{"type":"btc","value":"1A"},{"type":"text","value":"1B"}]}"#;
        assert_eq!(found(misp), one(Kind::Bitcoin, "1A", Property));
        let indicator = r#"{"type":"indicator","pattern":"[url:value = 'http://a.org/']"}"#;
        assert_eq!(found(indicator), []);
    }

    #[test]
    fn documents_and_identifiers_of_a_person_are_found() {
        let json = format!(
            r#"{{"type":"identity","name":"Jaan","extensions":{{"{EXTENSION}":{{"documents":[{{"type":"P","issuer":"EST","number":"AB12"}}],
                "identifiers":[{{"kind":"phone","value":"+3725551234"}},{{"kind":"shoe","value":"44"}}]}}}}}}"#
        );
        let expected = [
            (Kind::TravelDocument, "EST:P:AB12".to_owned(), Property),
            (Kind::Phone, "+3725551234".to_owned(), Property),
        ];
        assert_eq!(found(&json), expected);
    }

    #[test]
    fn contacts_of_an_identity_are_found_in_free_text() {
        let text = "Desk: mailto:desk@police.example, tel. +372 555 1234; or <b@x.example>. +1";
        let json = format!(r#"{{"type":"identity","contact_information":"{text}"}}"#);
        let expected = [
            (Kind::Email, "desk@police.example".to_owned(), Property),
            (Kind::Email, "b@x.example".to_owned(), Property),
            (Kind::Phone, "+372 555 1234".to_owned(), Property),
        ];
        assert_eq!(found(&json), expected);
    }

    #[test]
    fn the_host_of_a_request_is_a_property() {
        let json = r#"{"type":"network-traffic","extensions":{"http-request-ext":{"request_header":{"Host":["a.org:80","198.51.100.7"]}}}}"#;
        let expected =
            [(Kind::Domain, "a.org".to_owned(), Property), (Kind::Ipv4, "198.51.100.7".to_owned(), Property)];
        assert_eq!(found(json), expected);
    }
}
