//! Warning lists: values that are common and say little, in the form MISP publishes them.
//!
//! [`Lists`] holds any number of them in shared tables, so that a look-up costs the same for one list or a
//! hundred: a hash table for exact texts, a walk over the suffixes of a host name, a table per prefix length
//! for networks. Only `substring` and `regex` lists are tried one by one.

mod builtin;
mod entry;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;

use aho_corasick::AhoCorasick;
use comity_base::Limits;
use comity_stix::value::{MispPart, misp_kind};
use comity_stix::{Doc, DocError, Kind, Node, Shape};
use regex::RegexSet;

use entry::Net;

/// Warning lists, ready to look values up in.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    known: Vec<List>,
    /// Lower-case texts.
    exact: HashMap<Box<str>, Vec<u32>>,
    /// Host names that stand for themselves and everything below them.
    hosts: HashMap<Box<str>, Vec<u32>>,
    /// By prefix length, IPv4 and IPv6 apart, network addresses.
    nets4: BTreeMap<u8, HashMap<u128, Vec<u32>>>,
    nets6: BTreeMap<u8, HashMap<u128, Vec<u32>>>,
    substrings: Vec<(u32, AhoCorasick)>,
    regexes: Vec<(u32, RegexSet)>,
}

#[derive(Clone, Debug)]
struct List {
    name: String,
    /// A bit for the number of every kind that is looked up in it.
    kinds: u64,
}

/// What adding one list gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Its name.
    pub name: String,
    /// Entries that are looked up.
    pub entries: usize,
    /// Entries left out, since they are not of the list's type or would match everything.
    pub bad: usize,
    /// The first few of those, each with its reason.
    pub examples: Vec<String>,
    /// Whether it can match any kind of value: a list for types that are not kept here matches nothing.
    pub used: bool,
}

/// The text is no warning list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// It is not JSON.
    #[error("not a warning list: {0}")]
    Json(#[from] DocError),
    /// A member is missing or of another shape.
    #[error("not a warning list: it has no {0}")]
    Missing(&'static str),
    /// The type is not one of MISP's.
    #[error("the warning list {name:?} has the type {kind:?}: use string, substring, hostname, cidr or regex")]
    Type {
        /// The list's name.
        name: String,
        /// What it says.
        kind: String,
    },
    /// It is larger than a list may be.
    #[error("the warning list is too large: {0}")]
    Limit(#[from] comity_base::LimitExceeded),
}

/// How the entries of a list are compared (MISP warninglists, `type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    String,
    Substring,
    Hostname,
    Cidr,
    Regex,
}

impl Lists {
    /// No lists at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The lists every node has: special-purpose addresses, public resolvers, digests of the empty file,
    /// sinkholes, the most visited sites. Small, and no substitute for MISP's.
    pub fn builtin() -> Self {
        let mut lists = Self::empty();
        builtin::add_all(&mut lists);
        lists
    }

    /// Adds a list in MISP's form (`list.json`): `name`, `type`, `list`, and `matching_attributes`, without
    /// which it applies to every kind. Entries that cannot be used are counted and left out.
    ///
    /// # Errors
    /// When it is not such a list, or larger than 64 MiB or 2,000,000 entries.
    pub fn add(&mut self, json: &[u8]) -> Result<Added, ListError> {
        let limits = Limits::default();
        if json.len() > limits.item_bytes {
            return Err(
                comity_base::LimitExceeded { what: "bytes in one list", limit: limits.item_bytes as u64 }.into()
            );
        }
        let doc = Doc::parse(json, 8)?;
        let root = doc.root();
        let name = root.str("name").filter(|name| !name.trim().is_empty()).ok_or(ListError::Missing("name"))?;
        let kind = root.str("type").unwrap_or("string");
        let kind = Type::parse(kind).ok_or_else(|| ListError::Type { name: name.to_owned(), kind: kind.to_owned() })?;
        let entries = root.get("list").filter(|list| list.shape() == Shape::Array).ok_or(ListError::Missing("list"))?;
        if entries.items().count() > MOST_ENTRIES {
            return Err(comity_base::LimitExceeded { what: "entries in one list", limit: MOST_ENTRIES as u64 }.into());
        }
        let kinds = root.get("matching_attributes").map_or(u64::MAX, matching_kinds);
        let texts = entries.items().map(|entry| entry.as_str().ok_or("an entry is not a text"));
        Ok(self.insert(name, kind, kinds, texts))
    }

    /// The names of the lists that have a value in its normal form, sorted.
    pub fn matching(&self, kind: Kind, text: &str) -> Vec<&str> {
        let mut found = BTreeSet::new();
        let lower = text.to_ascii_lowercase();
        found.extend(self.exact.get(lower.as_str()).into_iter().flatten());
        match kind {
            Kind::Url => self.find_url(&lower, &mut found),
            Kind::Domain => self.find_host(&lower, &mut found),
            Kind::Ipv4 | Kind::Ipv6 | Kind::Cidr => self.find_net(&lower, &mut found),
            _ => {}
        }
        found.extend(self.substrings.iter().filter(|(_, parts)| parts.is_match(&lower)).map(|(list, _)| list));
        // The patterns of MISP's lists say themselves when case does not matter.
        found.extend(self.regexes.iter().filter(|(_, patterns)| patterns.is_match(text)).map(|(list, _)| list));
        let bit = bit(kind);
        let lists = found.into_iter().filter_map(|list| self.known.get(usize::try_from(*list).ok()?));
        let names: BTreeSet<&str> = lists.filter(|list| list.kinds & bit != 0).map(|list| list.name.as_str()).collect();
        names.into_iter().collect()
    }

    /// How many lists there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    fn find_url<'l>(&'l self, url: &str, found: &mut BTreeSet<&'l u32>) {
        let host = url_parts(url).0;
        found.extend(self.exact.get(host).into_iter().flatten());
        self.find_host(host, found);
        self.find_net(host.trim_matches(['[', ']']), found);
    }

    fn find_host<'l>(&'l self, host: &str, found: &mut BTreeSet<&'l u32>) {
        let mut rest = Some(host);
        // A host name has at most 127 labels (RFC 1035 section 3.1).
        for _ in 0..127 {
            let Some(name) = rest else { break };
            found.extend(self.hosts.get(name).into_iter().flatten());
            rest = name.split_once('.').map(|(_, below)| below);
        }
    }

    fn find_net<'l>(&'l self, text: &str, found: &mut BTreeSet<&'l u32>) {
        let Some(net) = Net::parse(text) else { return };
        let tables = if net.v4 { &self.nets4 } else { &self.nets6 };
        for (prefix, table) in tables.range(..=net.prefix) {
            found.extend(table.get(&net.at(*prefix)).into_iter().flatten());
        }
    }

    fn insert<'t>(
        &mut self,
        name: &str,
        kind: Type,
        kinds: u64,
        texts: impl Iterator<Item = Result<&'t str, &'static str>>,
    ) -> Added {
        let number = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        self.known.push(List { name: name.to_owned(), kinds });
        let mut added = Added { name: name.to_owned(), used: kinds != 0, ..Added::default() };
        let mut parts = Vec::new();
        for text in texts {
            let done = text.map_err(|reason| ("", reason)).and_then(|text| {
                let done = match kind {
                    Type::String => self.insert_string(number, text),
                    Type::Hostname => self.insert_host(number, text),
                    Type::Cidr => self.insert_net(number, text),
                    Type::Substring => entry::substring(text).map(|part| parts.push(part)),
                    Type::Regex => entry::regex(text).map(|pattern| parts.push(pattern)),
                };
                done.map_err(|reason| (text, reason))
            });
            match done {
                Ok(()) => added.entries += 1,
                Err((text, reason)) => added.leave_out(text, reason),
            }
        }
        self.insert_parts(number, kind, &parts, &mut added);
        added
    }

    fn insert_string(&mut self, list: u32, text: &str) -> Result<(), &'static str> {
        // Some lists of exact texts hold names with a leading dot, which stand for everything below.
        if text.starts_with('.') {
            return self.insert_host(list, text);
        }
        let text = text.trim();
        if text.is_empty() {
            return Err("it is empty");
        }
        put(&mut self.exact, text.to_ascii_lowercase().into(), list);
        Ok(())
    }

    fn insert_host(&mut self, list: u32, text: &str) -> Result<(), &'static str> {
        let host = entry::host(text)?;
        if host.parse::<IpAddr>().is_ok() {
            return self.insert_net(list, &host);
        }
        put(&mut self.hosts, host.into(), list);
        Ok(())
    }

    fn insert_net(&mut self, list: u32, text: &str) -> Result<(), &'static str> {
        let net = Net::parse(text).ok_or("it is no address or network")?;
        if net.prefix == 0 {
            return Err("it matches every address");
        }
        let tables = if net.v4 { &mut self.nets4 } else { &mut self.nets6 };
        put(tables.entry(net.prefix).or_default(), net.at(net.prefix), list);
        Ok(())
    }

    /// Builds what is matched as a whole; when that grows too large, all its entries are left out.
    fn insert_parts(&mut self, list: u32, kind: Type, parts: &[String], added: &mut Added) {
        if parts.is_empty() {
            return;
        }
        let built = if kind == Type::Substring {
            AhoCorasick::new(parts).map(|found| self.substrings.push((list, found))).is_ok()
        } else {
            entry::regexes(parts).map(|found| self.regexes.push((list, found))).is_some()
        };
        if !built {
            added.entries -= parts.len();
            added.bad += parts.len();
            added.examples.push("the list as a whole: its patterns need too much memory".to_owned());
        }
    }
}

impl Added {
    fn leave_out(&mut self, text: &str, reason: &str) {
        self.bad += 1;
        if self.examples.len() < 5 {
            let text: String = text.chars().take(80).collect();
            self.examples.push(format!("{text:?}: {reason}"));
        }
    }
}

impl Type {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "string" => Self::String,
            "substring" => Self::Substring,
            "hostname" => Self::Hostname,
            "cidr" => Self::Cidr,
            "regex" => Self::Regex,
            _ => return None,
        })
    }
}

/// The kinds of MISP's attribute types, as bits; every kind for an empty list.
fn matching_kinds(attributes: Node<'_, '_>) -> u64 {
    if attributes.items().next().is_none() {
        return u64::MAX;
    }
    attributes.items().filter_map(Node::as_str).flat_map(misp_kind).fold(0, |kinds, part| kinds | part_kinds(*part))
}

fn part_kinds(part: MispPart) -> u64 {
    match part {
        MispPart::Kind(kind) => bit(kind),
        MispPart::Address => bit(Kind::Ipv4) | bit(Kind::Ipv6) | bit(Kind::Cidr),
        MispPart::Host => bit(Kind::Domain) | bit(Kind::Onion),
        MispPart::Handle(_) => bit(Kind::Handle),
        MispPart::Skip => 0,
    }
}

const fn bit(kind: Kind) -> u64 {
    1_u64.rotate_left(kind.number() as u32)
}

fn put<K: std::hash::Hash + Eq>(table: &mut HashMap<K, Vec<u32>>, key: K, list: u32) {
    let lists = table.entry(key).or_default();
    if lists.last() != Some(&list) {
        lists.push(list);
    }
}

/// The host of a URL (without user and port, with the brackets of IPv6) and what comes after it.
pub(crate) fn url_parts(url: &str) -> (&str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let port = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    (port.map_or(host, |(host, _)| host), path)
}

/// Most entries of one list.
const MOST_ENTRIES: usize = 2_000_000;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;

    fn lists(kind: &str, attributes: &str, entries: &str) -> (Lists, Added) {
        let mut lists = Lists::empty();
        let json = format!(r#"{{"name":"L","type":"{kind}","matching_attributes":[{attributes}],"list":[{entries}]}}"#);
        let added = lists.add(json.as_bytes()).unwrap();
        (lists, added)
    }

    #[test]
    fn a_host_name_stands_for_all_below_it() {
        let (lists, added) = lists("hostname", r#""domain","url""#, r#"".Example.org","http://two.test/x","",7,"a b""#);
        assert_eq!((added.entries, added.bad), (2, 3));
        for (kind, text, hit) in [
            (Kind::Domain, "example.org", true),
            (Kind::Domain, "a.b.example.org", true),
            (Kind::Domain, "notexample.org", false),
            (Kind::Domain, "two.test", true),
            (Kind::Url, "https://user@www.example.org:8443/x?y", true),
            (Kind::Url, "https://evil.test/example.org", false),
            (Kind::Email, "a@example.org", false),
        ] {
            assert_eq!(!lists.matching(kind, text).is_empty(), hit, "{text}");
        }
    }

    #[test]
    fn a_network_has_its_addresses_and_smaller_networks() {
        let (lists, added) = lists(
            "cidr",
            r#""ip-src""#,
            r#""10.1.2.3/8","192.0.2.7","FE80::/10","::ffff:198.51.100.7","0.0.0.0/0","10.0.0.0/33""#,
        );
        assert_eq!((added.entries, added.bad), (4, 2));
        for (kind, text, hit) in [
            (Kind::Ipv4, "10.255.0.1", true),
            (Kind::Ipv4, "11.0.0.1", false),
            (Kind::Ipv4, "192.0.2.7", true),
            (Kind::Ipv4, "192.0.2.8", false),
            (Kind::Ipv4, "198.51.100.7", true),
            (Kind::Ipv6, "fe80::1", true),
            (Kind::Ipv6, "2001:db8::1", false),
            (Kind::Cidr, "10.4.0.0/16", true),
            (Kind::Cidr, "10.0.0.0/7", false),
        ] {
            assert_eq!(!lists.matching(kind, text).is_empty(), hit, "{text}");
        }
    }

    #[test]
    fn texts_parts_and_patterns() {
        let (strings, _) = lists("string", r#""md5""#, r#""D41D8CD98F00B204E9800998ECF8427E""#);
        assert_eq!(strings.matching(Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e"), ["L"]);
        assert!(
            strings.matching(Kind::Sha1, "d41d8cd98f00b204e9800998ecf8427e").is_empty(),
            "not among its attributes"
        );
        let (parts, added) = lists("substring", r#""domain""#, r#""any.run","""#);
        assert_eq!((added.entries, added.bad), (1, 1));
        assert_eq!(parts.matching(Kind::Domain, "app.any.run"), ["L"]);
        let (patterns, added) = lists("regex", r#""email-src""#, r#""/^(noc|soc)\\@.*\\..*$/i","/(?=x)y/","/(/""#);
        assert_eq!((added.entries, added.bad), (1, 2));
        assert_eq!(patterns.matching(Kind::Email, "NOC@example.org"), ["L"]);
        assert!(patterns.matching(Kind::Email, "boss@example.org").is_empty());
    }

    #[test]
    fn a_list_without_attributes_is_for_every_kind_and_one_for_unknown_types_for_none() {
        let (every, added) = lists("string", "", r#""x.test""#);
        assert!(added.used && !every.matching(Kind::Domain, "x.test").is_empty());
        let (none, added) = lists("string", r#""azure-application-id""#, r#""x.test""#);
        assert!(!added.used && none.matching(Kind::Domain, "x.test").is_empty());
    }

    #[test]
    fn refuses_what_is_no_list() {
        for bad in ["", "[]", r#"{"name":"x"}"#, r#"{"list":[]}"#, r#"{"name":"x","type":"tree","list":[]}"#] {
            assert!(Lists::empty().add(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_published_lists_load_whole() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/cti/warninglists"));
        let Ok(files) = std::fs::read_dir(folder) else {
            println!("skipped: ../shared/data absent");
            return;
        };
        let mut lists = Lists::builtin();
        let built_in = lists.len();
        let (mut entries, mut bad, mut unused) = (0, Vec::new(), Vec::new());
        for file in files {
            let added = lists.add(&std::fs::read(file.unwrap().path()).unwrap()).unwrap();
            entries += added.entries;
            bad.extend(added.examples);
            unused.extend((!added.used).then_some(added.name));
        }
        assert_eq!(lists.len() - built_in, 114);
        assert_eq!(entries, 29_183);
        assert_eq!(bad, [r#""corona helden": it is no host name"#]);
        assert_eq!(unused, ["List of Azure Applicaiton IDs"]);
        for (kind, text, list) in [
            (Kind::Ipv4, "10.1.2.3", "List of RFC 1918 CIDR blocks"),
            (Kind::Ipv4, "131.253.18.12", "List of known sinkholes"),
            (Kind::Ipv4, "104.244.13.1", "List of known sinkholes"),
            (Kind::Ipv6, "2001:148f:ffff::1", "List of known IPv6 public DNS resolvers"),
            (Kind::Md5, "d41d8cd98f00b204e9800998ecf8427e", "List of known hashes for empty files"),
            (Kind::Sha1, "010c0695a6981914ffbf5fc6b0b695ea29e912a6", "Fingerprint of trusted CA certificates"),
            (Kind::Domain, "alllink.io", "List of known link in Bio domains"),
            (Kind::Domain, "mail.google.ee", "List of known google domains"),
            (
                Kind::Domain,
                "app.any.run",
                "List of known domains used by automated malware analysis services & security vendors",
            ),
            (Kind::Email, "abuse@example.org", "Common contact e-mail addresses"),
            (Kind::Phone, "+12125550123", "Unattributed phone number."),
        ] {
            let found = lists.matching(kind, text);
            assert!(found.iter().any(|name| list.starts_with(name)), "{text} is on {found:?}");
        }
        assert!(lists.matching(Kind::Ipv4, "185.220.101.4").is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_entry_and_any_text_are_answered(kind in "string|substring|hostname|cidr|regex", entries in proptest::collection::vec(".{0,30}", 0..8), text in ".{0,60}") {
            let quoted: Vec<_> = entries.iter().map(|entry| format!("{entry:?}")).collect();
            let mut lists = Lists::empty();
            if let Ok(added) = lists.add(format!(r#"{{"name":"L","type":"{kind}","list":[{}]}}"#, quoted.join(",")).as_bytes()) {
                prop_assert_eq!(added.entries + added.bad, entries.len());
            }
            for kind in Kind::ALL {
                let _ = lists.matching(*kind, &text);
            }
        }

        #[test]
        fn a_network_table_agrees_with_arithmetic(net in any::<u32>(), prefix in 1u8..=32, address in any::<u32>(), near in any::<bool>()) {
            let mask = u32::MAX << (32 - prefix);
            let address = if near { (net & mask) | (address & !mask) } else { address };
            let text = |bits: u32| std::net::Ipv4Addr::from(bits).to_string();
            let (lists, _) = lists("cidr", r#""ip-src""#, &format!("\"{}/{prefix}\"", text(net)));
            prop_assert_eq!(!lists.matching(Kind::Ipv4, &text(address)).is_empty(), address & mask == net & mask);
        }
    }
}
