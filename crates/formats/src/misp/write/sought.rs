//! What an indicator looks for, as MISP attributes.

use std::borrow::Cow;
use std::collections::HashMap;

use comity_base::Limits;
use comity_pattern::{
    Comparison, ComparisonExpression as Compared, Literal, ObservationExpression as Observed, Step, Test,
};

use super::plan::{Part, Plan, hash_type};
use super::types;

/// The attributes of a pattern, and whether they say all that it says; `None` when it is no pattern.
///
/// Values that must be there are taken, as [`comity_pattern::values`] does, and those that belong
/// together are written together: `filename|sha256`, `ip-dst|port`, `domain|ip`, `regkey|value`.
/// Where a pattern asks for more than one thing at once, a value that is common by itself, such as a
/// file's name, is not meant for detection.
pub(super) fn sought(text: &str) -> Option<(Plan<'_>, bool)> {
    let limits = Limits::default();
    let pattern = comity_pattern::parse(text, &limits).or_else(|_| comity_pattern::parse_2_0(text, &limits)).ok()?;
    let mut walk = Walk { whole: true, ..Walk::default() };
    walk.observed(&pattern.root);
    let mut taken = 0;
    let mut plan = Plan::default();
    std::mem::swap(&mut plan.alone, &mut walk.parts);
    comity_pattern::values(text, &mut |kind, value| {
        if let Some(times) = walk.used.get_mut(&*value).filter(|times| **times > 0) {
            *times -= 1;
            return;
        }
        taken += 1;
        match walk.hints.get(&*value) {
            Some(hint) => plan.alone.push(Part::new(*hint, value)),
            None => plan.value(kind, value),
        }
    })
    .ok()?;
    let whole = walk.whole && taken >= walk.expected;
    if walk.joined {
        let common = |part: &mut Part<'_>| part.detects &= !COMMON.contains(&&*part.kind);
        plan.alone.iter_mut().for_each(common);
    }
    Some((plan, whole && !walk.joined))
}

/// Types of which many innocent things have the same value.
const COMMON: [&str; 5] = ["filename", "mime-type", "size-in-bytes", "port", "AS"];

#[derive(Default)]
struct Walk<'d> {
    parts: Vec<Part<'d>>,
    /// Texts told in composite values, with how often each.
    used: HashMap<Cow<'d, str>, usize>,
    /// Types that a value's place in the pattern tells.
    hints: HashMap<Cow<'d, str>, &'static str>,
    /// How many values are to be taken beside the parts made here.
    expected: usize,
    /// Whether everything was understood.
    whole: bool,
    /// Whether several things must hold at once.
    joined: bool,
}

impl<'d> Walk<'d> {
    fn observed(&mut self, expression: &Observed<'d>) {
        match expression {
            Observed::Simple(comparison) => self.compared(comparison),
            Observed::Group(inner) => self.observed(inner),
            Observed::Qualified { expression, .. } => {
                self.whole = false;
                self.observed(expression);
            }
            Observed::Or(list) | Observed::And(list) | Observed::FollowedBy(list) => {
                self.joined |= !matches!(expression, Observed::Or(_));
                for part in list {
                    self.observed(part);
                }
            }
        }
    }

    fn compared(&mut self, expression: &Compared<'d>) {
        match expression {
            Compared::Test(comparison) => self.test(comparison),
            Compared::Group(inner) => self.compared(inner),
            Compared::Or(list) => list.iter().for_each(|part| self.compared(part)),
            Compared::And(list) => self.all(list),
        }
    }

    /// Comparisons that hold of one object together.
    fn all(&mut self, list: &[Compared<'d>]) {
        let mut tests: Vec<&Comparison<'d>> = list.iter().filter_map(single).collect();
        let others: Vec<&Compared<'d>> = list.iter().filter(|part| single(part).is_none()).collect();
        tests.retain(|test| !is_helper(test));
        let mut things = others.len() + self.pairs(&mut tests);
        let hashes = tests.iter().filter(|test| is_hash(test)).count();
        things += tests.len() - hashes + usize::from(hashes > 0);
        self.joined |= things > 1;
        for test in tests {
            self.test(test);
        }
        for part in others {
            self.compared(part);
        }
    }

    /// Takes out what a composite value says; how many things these are.
    fn pairs(&mut self, tests: &mut Vec<&Comparison<'d>>) -> usize {
        let mut things = 0;
        let hashes: Vec<_> = tests.iter().filter(|test| is_hash(test)).copied().collect();
        if let ([name], false) = (&*at(tests, "file", &["name"]), hashes.is_empty()) {
            let whole = |test: &&Comparison<'d>| {
                let kind = composite_hash(test)?;
                Some((kind, equal_text(name)?, equal_text(test)?))
            };
            let pairs: Vec<_> = hashes.iter().filter_map(whole).collect();
            if pairs.len() == hashes.len() {
                for (kind, name, hash) in pairs {
                    self.pair(kind, name, hash);
                }
                let name = *name;
                tests.retain(|test| !std::ptr::eq(*test, name) && !is_hash(test));
                things += 1;
            }
        }
        for (side, port, kind) in [("dst_ref", "dst_port", "ip-dst|port"), ("src_ref", "src_port", "ip-src|port")] {
            let (hosts, ports) =
                (at(tests, "network-traffic", &[side, "value"]), at(tests, "network-traffic", &[port]));
            if let (&[host], &[port]) = (&*hosts, &*ports) {
                things += usize::from(self.taken_as(kind, host, port, tests));
            }
        }
        let domains = at(tests, "domain-name", &["value"]);
        let addresses = at(tests, "domain-name", &["resolves_to_refs", "*", "value"]);
        if let (&[domain], &[address]) = (&*domains, &*addresses) {
            things += usize::from(self.taken_as("domain|ip", domain, address, tests));
        }
        let keys = at(tests, "windows-registry-key", &["key"]);
        let data = at(tests, "windows-registry-key", &["values", "*", "data"]);
        if let (&[key], &[data]) = (&*keys, &*data) {
            things += usize::from(self.taken_as("regkey|value", key, data, tests));
        }
        things
    }

    fn taken_as(
        &mut self,
        kind: &'static str,
        one: &Comparison<'d>,
        two: &Comparison<'d>,
        tests: &mut Vec<&Comparison<'d>>,
    ) -> bool {
        let (Some(first), Some(second)) = (equal_text(one), equal_text(two)) else { return false };
        let is_host = first.parse::<std::net::IpAddr>().is_err() && !first.contains('/');
        let kind = if kind.ends_with("|port") && is_host { "hostname|port" } else { kind };
        self.pair(kind, first, second);
        tests.retain(|test| !std::ptr::eq(*test, one) && !std::ptr::eq(*test, two));
        true
    }

    fn pair(&mut self, kind: &'static str, one: Cow<'d, str>, two: Cow<'d, str>) {
        self.parts.push(Part::new(kind, format!("{one}|{two}")));
        for text in [one, two] {
            *self.used.entry(text).or_default() += 1;
        }
    }

    fn test(&mut self, comparison: &Comparison<'d>) {
        if is_helper(comparison) {
            return;
        }
        let literals = match &comparison.test {
            _ if comparison.negated => &[],
            Test::Equal(literal) => std::slice::from_ref(literal),
            Test::In(literals) => literals.as_slice(),
            Test::IsSubset(_) => {
                self.expected += 1;
                return;
            }
            _ => &[],
        };
        self.whole &= !literals.is_empty();
        for literal in literals.iter().filter_map(text_of) {
            match place(comparison) {
                Place::Extra(kind, detects) => {
                    let part = Part::new(kind, literal);
                    self.parts.push(if detects { part } else { part.describing() });
                }
                Place::Hint(kind) => {
                    self.expected += 1;
                    self.hints.insert(literal, kind);
                }
                Place::Plain => self.expected += 1,
            }
        }
    }
}

/// What a path tells of its value.
enum Place {
    /// A value that is not taken from patterns otherwise; whether it is meant for detection.
    Extra(&'static str, bool),
    /// A better type for a value that is taken.
    Hint(&'static str),
    Plain,
}

fn place(comparison: &Comparison<'_>) -> Place {
    let keys = keys(comparison);
    match (&*comparison.path.object_type, keys.as_slice()) {
        ("network-traffic", ["src_ref", "value"]) => Place::Hint("ip-src"),
        ("email-message", ["from_ref" | "sender_ref", "value"]) => Place::Hint("email-src"),
        ("email-message", ["to_refs" | "cc_refs" | "bcc_refs", "*", "value"]) => Place::Hint("email-dst"),
        ("email-message", ["body_multipart", "*", "body_raw_ref", "name"]) => Place::Hint("email-attachment"),
        ("email-message", ["subject"]) => Place::Extra("email-subject", true),
        ("email-message", ["body"]) => Place::Extra("email-body", true),
        ("email-message", ["message_id"]) => Place::Extra("email-message-id", true),
        ("network-traffic", ["extensions", "http-request-ext", "request_header", "User-Agent"]) => {
            Place::Extra("user-agent", true)
        }
        ("network-traffic", ["src_port" | "dst_port"]) => Place::Extra("port", false),
        ("software", ["cpe"]) => Place::Extra("cpe", false),
        ("vulnerability", ["name"]) => Place::Extra("vulnerability", false),
        ("file", ["size"]) => Place::Extra("size-in-bytes", false),
        ("file", ["mime_type"]) => Place::Extra("mime-type", false),
        ("file", ["hashes", name]) if comity_stix::value::hash_kind(name).is_none() => {
            hash_type(name).map_or(Place::Plain, |kind| Place::Extra(kind, true))
        }
        _ => Place::Plain,
    }
}

/// Comparisons that only say what kind of thing another one is about.
fn is_helper(comparison: &Comparison<'_>) -> bool {
    let keys = keys(comparison);
    let helps = matches!(
        (&*comparison.path.object_type, keys.as_slice()),
        ("network-traffic", ["dst_ref" | "src_ref", "type"])
            | ("user-account", ["account_type"])
            | ("comity-value", ["kind"])
    );
    helps && !comparison.negated && matches!(comparison.test, Test::Equal(_))
}

fn is_hash(comparison: &Comparison<'_>) -> bool {
    comparison.path.object_type == "file" && matches!(keys(comparison).as_slice(), ["hashes", _])
}

/// The composite type of a file's name and this hash.
fn composite_hash(comparison: &Comparison<'_>) -> Option<&'static str> {
    let keys = keys(comparison);
    let hash = keys.get(1).and_then(|name| hash_type(name))?;
    COMPOSITES
        .iter()
        .copied()
        .find(|kind| kind.strip_prefix("filename|") == Some(hash) && types::type_of(kind).is_some())
}

const COMPOSITES: [&str; 19] = [
    "filename|md5",
    "filename|sha1",
    "filename|sha224",
    "filename|sha256",
    "filename|sha384",
    "filename|sha512",
    "filename|sha512/224",
    "filename|sha512/256",
    "filename|sha3-224",
    "filename|sha3-256",
    "filename|sha3-384",
    "filename|sha3-512",
    "filename|ssdeep",
    "filename|tlsh",
    "filename|imphash",
    "filename|impfuzzy",
    "filename|pehash",
    "filename|authentihash",
    "filename|vhash",
];

fn single<'e, 'd>(expression: &'e Compared<'d>) -> Option<&'e Comparison<'d>> {
    match expression {
        Compared::Test(comparison) => Some(comparison),
        Compared::Group(inner) => single(inner),
        _ => None,
    }
}

/// The comparisons of one text or number with what stands at this path.
fn at<'e, 'd>(tests: &[&'e Comparison<'d>], object_type: &str, path: &[&str]) -> Vec<&'e Comparison<'d>> {
    let fits = |test: &&&Comparison<'_>| test.path.object_type == object_type && keys(test).as_slice() == path;
    tests.iter().filter(fits).filter(|test| equal_text(test).is_some()).copied().collect()
}

fn equal_text<'d>(comparison: &Comparison<'d>) -> Option<Cow<'d, str>> {
    match &comparison.test {
        Test::Equal(literal) if !comparison.negated => text_of(literal),
        _ => None,
    }
}

fn text_of<'d>(literal: &Literal<'d>) -> Option<Cow<'d, str>> {
    match literal {
        Literal::Text(text) => Some(text.clone()),
        Literal::Integer(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn keys<'e>(comparison: &'e Comparison<'_>) -> Vec<&'e str> {
    let step = |step: &'e Step<'_>| match step {
        Step::Key(name) => &**name,
        Step::Any | Step::Index(_) => "*",
    };
    comparison.path.steps.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(pattern: &str) -> (Vec<String>, bool) {
        let (plan, whole) = sought(pattern).unwrap();
        let show = |part: &Part<'_>| format!("{} {}{}", part.kind, part.value, if part.detects { "" } else { " -" });
        (plan.parts().map(show).collect(), whole)
    }

    #[test]
    fn values_that_belong_together_are_written_together() {
        for (pattern, parts) in [
            ("[ipv4-addr:value = '198.51.100.7']", &["ip-dst 198.51.100.7"][..]),
            ("[file:name = 'a.exe' AND file:hashes.'SHA-256' = 'aa']", &["filename|sha256 a.exe|aa"]),
            (
                "[file:name = 'a' AND file:hashes.MD5 = 'bb' AND file:hashes.'SHA-1' = 'cc']",
                &["filename|md5 a|bb", "filename|sha1 a|cc"],
            ),
            ("[file:hashes.MD5 = 'bb' OR file:hashes.'SHA-1' = 'cc']", &["md5 bb", "sha1 cc"]),
            (
                "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.7' AND network-traffic:dst_port = 443]",
                &["ip-dst|port 203.0.113.7|443"],
            ),
            (
                "[network-traffic:dst_ref.value = 'c2.example' AND network-traffic:dst_port = 443]",
                &["hostname|port c2.example|443"],
            ),
            (
                "[domain-name:value = 'x.example' AND domain-name:resolves_to_refs[*].value = '203.0.113.7']",
                &["domain|ip x.example|203.0.113.7"],
            ),
            ("[network-traffic:src_ref.value = '203.0.113.7']", &["ip-src 203.0.113.7"]),
            ("[email-message:from_ref.value = 'a@b.example']", &["email-src a@b.example"]),
            ("[email-message:subject = 'Invoice']", &["email-subject Invoice"]),
            ("[ipv4-addr:value ISSUBSET '198.51.100.0/24']", &["ip-dst 198.51.100.0/24"]),
            (
                "[comity-value:kind = 'iban' AND comity-value:value = 'DE89370400440532013000']",
                &["iban DE89370400440532013000"],
            ),
            ("[user-account:account_type = 'x' AND user-account:account_login = 'a']", &["twitter-id a"]),
            (
                "[url:value = 'http://a.example/'] OR [domain-name:value = 'a.example']",
                &["url http://a.example/", "domain a.example"],
            ),
        ] {
            assert_eq!(taken(pattern), (parts.iter().map(|&part| part.to_owned()).collect(), true), "{pattern}");
        }
    }

    #[test]
    fn what_a_pattern_asks_for_beyond_its_values_is_noticed() {
        for (pattern, parts) in [
            (
                "[file:name = 'cmd.exe'] AND [ipv4-addr:value = '203.0.113.7']",
                &["filename cmd.exe -", "ip-dst 203.0.113.7"][..],
            ),
            ("[file:name = 'cmd.exe' AND file:size = 5]", &["size-in-bytes 5 -", "filename cmd.exe -"]),
            ("[url:value LIKE 'http://%']", &[]),
            ("[ipv4-addr:value = '203.0.113.7'] REPEATS 5 TIMES", &["ip-dst 203.0.113.7"]),
            ("[domain-name:value = 'a.example' OR process:command_line = 'x']", &["domain a.example"]),
            ("[ipv4-addr:value != '203.0.113.7']", &[]),
        ] {
            assert_eq!(taken(pattern), (parts.iter().map(|&part| part.to_owned()).collect(), false), "{pattern}");
        }
        assert!(sought("no pattern").is_none());
    }
}
