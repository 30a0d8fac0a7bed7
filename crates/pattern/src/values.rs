use std::borrow::Cow;
use std::net::{Ipv4Addr, Ipv6Addr};

use comity_base::Limits;
use comity_stix::Kind;
use memchr::memchr2;

use crate::ast::{Comparison, ComparisonExpression, Literal, ObjectPath, ObservationExpression, Step, Test};
use crate::error::PatternError;
use crate::lexer::reserved;
use crate::parse::{parse, parse_2_0};

/// Hands every value the pattern asks for with `=` or `IN`, not negated, to `sink`, in the order written.
///
/// Texts are passed as written, not normalised, with three exceptions: a network of one address
/// (`/32`, `/128`) is passed as the address, an autonomous system's number as `AS64500`, and a login
/// with its service as `telegram:some_name`. Networks after ISSUBSET are taken too. An address in
/// `network-traffic:dst_ref.value` is told apart by its look.
///
/// A login needs one `user-account:account_type` joined to it by AND; accounts of one machine or one
/// company (`unix`, `windows-local`, `ldap`, ...) are not taken, for their logins name nobody.
/// Serial numbers of certificates and hashes of parts of files are not taken either.
///
/// # Errors
/// When the text is a pattern of neither STIX 2.1 nor 2.0; nothing has been handed over then.
pub fn values<'p>(text: &'p str, sink: &mut dyn FnMut(Kind, Cow<'p, str>)) -> Result<(), PatternError> {
    if let Some(plain) = Plain::read(text) {
        if let Some(subject) = Subject::of(plain.object_type, &plain.keys[..]) {
            subject.hand_over(Cow::Borrowed(plain.literal), Context::default(), sink);
        }
        return Ok(());
    }
    let limits = Limits::default();
    let pattern = parse(text, &limits).or_else(|error| parse_2_0(text, &limits).map_err(|_| error))?;
    observations(&pattern.root, sink);
    Ok(())
}

/// Most keys that any path below has.
const KEYS: usize = 4;

/// `[type:path = 'text']`, the form of nearly every indicator, read without building a tree.
struct Plain<'p> {
    object_type: &'p str,
    keys: [&'p str; KEYS],
    literal: &'p str,
}

impl<'p> Plain<'p> {
    /// `None` for every other form, valid or not.
    fn read(text: &'p str) -> Option<Self> {
        if text.len() > crate::MAX_BYTES {
            return None;
        }
        let blanks: &[_] = &[' ', '\t', '\r', '\n'];
        let rest = text.trim_start_matches(blanks).strip_prefix('[')?.trim_start_matches(blanks);
        let (object_type, mut rest) = rest.split_at_checked(name_length(rest, true)?)?;
        let mut keys = [""; KEYS];
        let mut count = 0;
        for key in &mut keys {
            let separator = if count == 0 { ':' } else { '.' };
            let Some(after) = rest.strip_prefix(separator) else { break };
            (*key, rest) = match after.strip_prefix('\'') {
                Some(quoted) => {
                    let end = memchr2(b'\'', b'\\', quoted.as_bytes())?;
                    (quoted.get(..end)?, quoted.get(end..)?.strip_prefix('\'')?)
                }
                None => after.split_at_checked(name_length(after, false)?)?,
            };
            count += 1;
        }
        if count == 0 {
            return None;
        }
        let rest = rest.trim_start_matches(blanks).strip_prefix('=')?;
        let rest = rest.trim_start_matches(blanks).strip_prefix('\'')?;
        let (literal, rest) = rest.split_at_checked(memchr2(b'\'', b'\\', rest.as_bytes())?)?;
        let rest = rest.strip_prefix('\'')?.trim_start_matches(blanks).strip_prefix(']')?;
        rest.trim_start_matches(blanks).is_empty().then_some(Self { object_type, keys, literal })
    }
}

/// The length of the name a text begins with, when it is not reserved.
fn name_length(text: &str, hyphens: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let starts = bytes.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
    let inner = |b: &&u8| b.is_ascii_alphanumeric() || **b == b'_' || (hyphens && **b == b'-');
    let length = bytes.iter().take_while(inner).count();
    (starts && text.get(..length).is_some_and(|name| reserved(name).is_none())).then_some(length)
}

/// What the comparisons joined by AND say about each other.
#[derive(Clone, Copy, Default)]
struct Context<'c> {
    account_type: Option<&'c str>,
    value_kind: Option<Kind>,
}

fn observations<'p>(expression: &ObservationExpression<'p>, sink: &mut dyn FnMut(Kind, Cow<'p, str>)) {
    match expression {
        ObservationExpression::Simple(comparison) => comparisons(comparison, Context::default(), sink),
        ObservationExpression::Group(inner) => observations(inner, sink),
        ObservationExpression::Qualified { expression, .. } => observations(expression, sink),
        ObservationExpression::And(list)
        | ObservationExpression::Or(list)
        | ObservationExpression::FollowedBy(list) => {
            for part in list {
                observations(part, sink);
            }
        }
    }
}

fn comparisons<'e, 'p>(
    expression: &'e ComparisonExpression<'p>,
    mut context: Context<'e>,
    sink: &mut dyn FnMut(Kind, Cow<'p, str>),
) {
    match expression {
        ComparisonExpression::Test(comparison) => one(comparison, context, sink),
        ComparisonExpression::Group(inner) => comparisons(inner, context, sink),
        ComparisonExpression::Or(list) => {
            for part in list {
                comparisons(part, context, sink);
            }
        }
        ComparisonExpression::And(list) => {
            context.account_type = joined(list, "user-account", "account_type").or(context.account_type);
            let kind = joined(list, "comity-value", "kind").and_then(Kind::from_name);
            context.value_kind = kind.or(context.value_kind);
            for part in list {
                comparisons(part, context, sink);
            }
        }
    }
}

/// The text a property must equal for all of the list to hold.
fn joined<'e>(list: &'e [ComparisonExpression<'_>], object_type: &str, key: &str) -> Option<&'e str> {
    list.iter().find_map(|part| match part {
        ComparisonExpression::Group(inner) => match &**inner {
            ComparisonExpression::And(list) => joined(list, object_type, key),
            single => joined(std::slice::from_ref(single), object_type, key),
        },
        ComparisonExpression::And(list) => joined(list, object_type, key),
        ComparisonExpression::Test(Comparison { path, negated: false, test: Test::Equal(Literal::Text(text)) }) => {
            let named = matches!(path.steps.as_slice(), [Step::Key(name)] if name == key);
            (named && path.object_type == object_type).then_some(&**text)
        }
        _ => None,
    })
}

fn one<'p>(comparison: &Comparison<'p>, context: Context<'_>, sink: &mut dyn FnMut(Kind, Cow<'p, str>)) {
    if comparison.negated {
        return;
    }
    let literals = match &comparison.test {
        Test::Equal(literal) => std::slice::from_ref(literal),
        Test::In(literals) => literals,
        Test::IsSubset(network) => {
            if let Some(Subject::Address(_) | Subject::AnyAddress) = Subject::of_path(&comparison.path) {
                address(network.clone(), sink);
            }
            return;
        }
        _ => return,
    };
    let Some(subject) = Subject::of_path(&comparison.path) else { return };
    for literal in literals {
        match literal {
            Literal::Text(text) => subject.hand_over(text.clone(), context, sink),
            Literal::Integer(number) => subject.hand_over(Cow::Owned(number.to_string()), context, sink),
            _ => {}
        }
    }
}

/// What a path speaks of.
#[derive(Clone, Copy)]
enum Subject {
    Of(Kind),
    /// An IP address of the kind, or a network.
    Address(Kind),
    /// An IP address, a network, a MAC address or a domain name.
    AnyAddress,
    /// A hash whose algorithm is told by its length.
    AnyHash,
    System,
    Login,
    Value,
}

impl Subject {
    fn of_path(path: &ObjectPath<'_>) -> Option<Self> {
        let mut keys = [""; KEYS];
        let mut steps = path.steps.iter();
        for (key, step) in keys.iter_mut().zip(&mut steps) {
            *key = match step {
                Step::Key(name) => name,
                Step::Any | Step::Index(_) => "*",
            };
        }
        if steps.next().is_some() { None } else { Self::of(&path.object_type, &keys[..]) }
    }

    /// `keys` are padded with empty ones.
    #[expect(clippy::match_same_arms, reason = "a table: one line for each family of paths")]
    fn of(object_type: &str, keys: &[&str]) -> Option<Self> {
        let length = keys.iter().position(|key| key.is_empty()).unwrap_or(keys.len());
        let keys = keys.get(..length)?;
        let subject = match (object_type, keys) {
            ("file" | "artifact", ["hashes", name]) => return hash(name),
            ("file", ["name"]) => Self::Of(Kind::FileName),
            ("file", ["content_ref", "hashes", name]) => return hash(name),
            ("url", ["value"]) => Self::Of(Kind::Url),
            ("domain-name", ["value"]) => Self::Of(Kind::Domain),
            ("ipv4-addr", ["value"]) => Self::Address(Kind::Ipv4),
            ("ipv6-addr", ["value"]) => Self::Address(Kind::Ipv6),
            ("network-traffic", ["dst_ref" | "src_ref", "value"]) => Self::AnyAddress,
            ("domain-name" | "ipv4-addr" | "ipv6-addr", ["resolves_to_refs", "*", "value"]) => Self::AnyAddress,
            ("email-addr", ["value"]) => Self::Of(Kind::Email),
            ("email-message", ["from_ref" | "sender_ref", "value"]) => Self::Of(Kind::Email),
            ("email-message", ["to_refs" | "cc_refs" | "bcc_refs", "*", "value"]) => Self::Of(Kind::Email),
            ("email-message", ["body_multipart", "*", "body_raw_ref", "name"]) => Self::Of(Kind::FileName),
            ("mutex", ["name"]) => Self::Of(Kind::Mutex),
            ("windows-registry-key" | "win-registry-key", ["key"]) => Self::Of(Kind::RegistryKey),
            ("mac-addr", ["value"]) => Self::Of(Kind::Mac),
            ("process", ["image_ref" | "binary_ref", "name"]) => Self::Of(Kind::FileName),
            ("process", ["image_ref" | "binary_ref", "hashes", name]) => return hash(name),
            ("x509-certificate", ["hashes", _]) => Self::Of(Kind::CertFingerprint),
            ("autonomous-system", ["number"]) => Self::System,
            ("user-account", ["account_login"]) => Self::Login,
            ("comity-value", ["value"]) => Self::Value,
            _ => return None,
        };
        Some(subject)
    }

    fn hand_over<'p>(self, text: Cow<'p, str>, context: Context<'_>, sink: &mut dyn FnMut(Kind, Cow<'p, str>)) {
        match self {
            Self::Of(kind) => sink(kind, text),
            Self::Address(kind) if !text.contains('/') => sink(kind, text),
            Self::Address(_) | Self::AnyAddress => address(text, sink),
            Self::AnyHash => {
                let kind = match text.len() {
                    32 => Kind::Md5,
                    40 => Kind::Sha1,
                    64 => Kind::Sha256,
                    128 => Kind::Sha512,
                    _ => return,
                };
                sink(kind, text);
            }
            Self::System => {
                let digits = text.strip_prefix("AS").unwrap_or(&text);
                if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                    sink(Kind::Asn, Cow::Owned(format!("AS{digits}")));
                }
            }
            Self::Login => {
                if let Some(service) = context.account_type.filter(|service| is_public(service)) {
                    sink(Kind::Handle, Cow::Owned(format!("{service}:{text}")));
                }
            }
            Self::Value => {
                if let Some(kind) = context.value_kind {
                    sink(kind, text);
                }
            }
        }
    }
}

/// Whether logins of such accounts are the same person's everywhere (STIX 2.1 section 10.4, account types).
fn is_public(service: &str) -> bool {
    let local = ["unix", "windows-local", "windows-domain", "ldap", "nis", "radius", "tacacs", "openid"];
    !service.is_empty() && !local.iter().any(|name| service.eq_ignore_ascii_case(name))
}

fn hash(name: &str) -> Option<Subject> {
    let is = |wanted: &str| {
        let letters = name.bytes().filter(|b| *b != b'-' && *b != b'_');
        letters.map(|b| b.to_ascii_uppercase()).eq(wanted.bytes())
    };
    let names = [
        ("SHA256", Kind::Sha256),
        ("MD5", Kind::Md5),
        ("SHA1", Kind::Sha1),
        ("SHA512", Kind::Sha512),
        ("SSDEEP", Kind::Ssdeep),
        ("TLSH", Kind::Tlsh),
    ];
    if name == "*" {
        return Some(Subject::AnyHash);
    }
    names.into_iter().find(|(wanted, _)| is(wanted)).map(|(_, kind)| Subject::Of(kind))
}

/// An address, a network or a domain name, by its look; anything else is nothing.
fn address<'p>(text: Cow<'p, str>, sink: &mut dyn FnMut(Kind, Cow<'p, str>)) {
    let v4 = |text: &str| text.parse::<Ipv4Addr>().is_ok();
    let v6 = |text: &str| text.parse::<Ipv6Addr>().is_ok();
    if let Some((host, prefix)) = text.split_once('/') {
        let (kind, single) = match (v4(host), v6(host)) {
            (true, _) => (Kind::Ipv4, "32"),
            (_, true) => (Kind::Ipv6, "128"),
            _ => return,
        };
        if prefix != single {
            return sink(Kind::Cidr, text);
        }
        let length = host.len();
        let host = match text {
            Cow::Borrowed(text) => text.get(..length).map(Cow::Borrowed),
            Cow::Owned(mut text) => {
                text.truncate(length);
                Some(Cow::Owned(text))
            }
        };
        return host.into_iter().for_each(|host| sink(kind, host));
    }
    let kind = if v4(&text) {
        Kind::Ipv4
    } else if v6(&text) {
        Kind::Ipv6
    } else if is_mac(&text) {
        Kind::Mac
    } else if text.contains('.') && !text.contains(|c: char| c.is_whitespace() || c.is_control() || ":@/".contains(c)) {
        Kind::Domain
    } else {
        return;
    };
    sink(kind, text);
}

fn is_mac(text: &str) -> bool {
    text.len() == 17
        && text.split([':', '-']).all(|pair| pair.len() == 2 && pair.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str) -> Vec<String> {
        let mut list = Vec::new();
        values(text, &mut |kind, text| list.push(format!("{kind} {text}"))).unwrap();
        list
    }

    #[test]
    fn the_common_form_is_read_without_a_tree() {
        for (text, value) in [
            ("[ipv4-addr:value = '198.51.100.7']", "ipv4 198.51.100.7"),
            ("[ipv4-addr:value='198.51.100.0/24']", "cidr 198.51.100.0/24"),
            (" [ url:value = 'http://x.example/' ] ", "url http://x.example/"),
            ("[file:hashes.'SHA-256' = 'aa']", "sha256 aa"),
            ("[file:hashes.SHA256 = 'aa']", "sha256 aa"),
            ("[file:hashes.md5 = 'aa']", "md5 aa"),
            ("[network-traffic:dst_ref.value = 'x.example']", "domain x.example"),
        ] {
            assert!(Plain::read(text).is_some(), "{text}");
            assert_eq!(taken(text), [value], "{text}");
        }
        for other in [
            "[a:b = 1]",
            "[a:b == 'x']",
            r"[a:b = 'x\'']",
            "[a:b = 'x'] AND [a:b = 'y']",
            "[AND:b = 'x']",
            "[a:IN = 'x']",
        ] {
            assert!(Plain::read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn only_what_must_be_there_is_taken() {
        let text = "[ipv4-addr:value != '192.0.2.1' OR ipv4-addr:value NOT IN ('192.0.2.2') OR url:value LIKE 'x%']";
        assert!(taken(text).is_empty());
        let text = "([domain-name:value IN ('a.example', 'b.example')] OR [file:name = 'it\\'s.exe']) WITHIN 5 SECONDS";
        assert_eq!(taken(text), ["domain a.example", "domain b.example", "file-name it's.exe"]);
        let text = "[network-traffic:dst_ref.type = 'ipv4-addr' AND network-traffic:dst_ref.value = '203.0.113.33/32']";
        assert_eq!(taken(text), ["ipv4 203.0.113.33"]);
        let text = "[ipv6-addr:value ISSUBSET '2001:db8::/32' OR ipv4-addr:value NOT ISSUBSET '192.0.2.0/24']";
        assert_eq!(taken(text), ["cidr 2001:db8::/32"]);
        assert_eq!(taken("[autonomous-system:number = 64500]"), ["asn AS64500"]);
        assert_eq!(
            taken("[file:hashes[*] = '8665c8d477534008b3058b72e2dae8ae']"),
            ["md5 8665c8d477534008b3058b72e2dae8ae"]
        );
        assert!(taken("[file:extensions.'windows-pebinary-ext'.sections[*].hashes.MD5 = 'aa']").is_empty());
    }

    #[test]
    fn logins_and_typed_values_need_what_is_joined_to_them() {
        let text = "[user-account:account_type = 'telegram' AND (user-account:account_login = 'a' OR user-account:account_login = 'b')]";
        assert_eq!(taken(text), ["handle telegram:a", "handle telegram:b"]);
        assert!(taken("[user-account:account_type = 'telegram' OR user-account:account_login = 'a']").is_empty());
        assert!(taken("[user-account:account_login = 'a']").is_empty());
        assert!(taken("[user-account:account_type = 'unix' AND user-account:account_login = 'root']").is_empty());
        let text = "[comity-value:kind = 'iban' AND comity-value:value = 'EE38 2200 2210 2014 5685']";
        assert_eq!(taken(text), ["iban EE38 2200 2210 2014 5685"]);
        assert!(taken("[comity-value:kind = 'nothing' AND comity-value:value = 'x']").is_empty());
    }

    #[test]
    fn both_dialects_are_read_and_nothing_is_taken_from_what_is_no_pattern() {
        let text = "[url:value = 'x'] START '2024-01-01T00:00:00Z' STOP '2024-01-02T00:00:00Z'";
        assert_eq!(taken(text), ["url x"]);
        let mut count = 0;
        for bad in
            ["[url:value = 'x'] OR", "[url:value = 'x' OR url:value = ]", "[url:value = 'x']]", "url:value = 'x'"]
        {
            assert!(values(bad, &mut |_, _| count += 1).is_err(), "{bad}");
        }
        assert_eq!(count, 0);
    }
}
