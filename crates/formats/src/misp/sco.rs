//! Observables of MISP attribute types: STIX cyber-observable objects and the comparisons that find them.

use comity_stix::value::{Values, from_misp};
use comity_stix::{Doc, Kind, sco_id};
use serde_json::{Map, Value, json};

use super::members::made;

/// What an attribute says in STIX: observables, and comparisons on them that all hold.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) scos: Vec<Map<String, Value>>,
    pub(super) comparisons: Vec<String>,
}

impl Parts {
    pub(super) fn pattern(&self) -> String {
        format!("[{}]", self.comparisons.join(" AND "))
    }
}

/// An observable with its deterministic id (STIX 2.1 section 2.9).
pub(super) fn sco(kind: &str, members: Value) -> Map<String, Value> {
    let Value::Object(mut object) = members else { return Map::new() };
    let text = Value::Object(object.clone()).to_string();
    let id = Doc::parse(text.as_bytes(), 16).ok().and_then(|doc| sco_id(kind, doc.root()));
    let id = id.map_or_else(|| format!("{kind}--{}", made(&text)), |id| id.to_string());
    object.insert("type".into(), kind.into());
    object.insert("spec_version".into(), "2.1".into());
    object.insert("id".into(), id.into());
    object
}

/// The id of an observable made by [`sco`].
pub(super) fn id_of(object: &Map<String, Value>) -> String {
    object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The observables of an attribute; `None` for a type that has none in STIX.
///
/// # Errors
/// A sentence when the text is not a value of its type.
pub(super) fn parts(kind: &str, text: &str, values: &Values) -> Result<Option<Parts>, String> {
    match kind {
        "malware-sample" => file_and_hash(text, "md5", values).map(Some),
        "domain|ip" => domain_and_ip(text, values).map(Some),
        "ip-src|port" | "ip-dst|port" | "hostname|port" => traffic(kind, text, values).map(Some),
        "regkey|value" => registry_value(text, values).map(Some),
        "email-subject" | "email-body" => {
            let name = kind.trim_start_matches("email-");
            let object = sco("email-message", json!({ "is_multipart": false, name: text }));
            Ok(Some(Parts { scos: vec![object], comparisons: vec![equals(&format!("email-message:{name}"), text)] }))
        }
        _ if let Some(hash) = kind.strip_prefix("filename|") => file_and_hash(text, hash, values).map(Some),
        _ if algorithm(kind).is_some() => hash(kind, text, values).map(Some),
        _ => single(kind, text, values),
    }
}

/// A type that is one value.
fn single(kind: &str, text: &str, values: &Values) -> Result<Option<Parts>, String> {
    let mut found = from_misp(kind, text);
    let Some((kind, text)) = found.next() else { return Ok(None) };
    if kind == Kind::FileName {
        let comparisons = vec![equals("file:name", &text)];
        return Ok(Some(Parts { scos: vec![sco("file", json!({ "name": text.trim() }))], comparisons }));
    }
    let value = values.parse(kind, &text).map_err(|e| e.to_string())?;
    let (_, object) = value.to_object();
    let Ok(Value::Object(object)) = serde_json::from_str(&object) else { return Ok(None) };
    let comparisons = comparisons(&object);
    Ok(Some(Parts { scos: vec![object], comparisons }))
}

/// Comparisons on the members that make an observable what it is.
fn comparisons(object: &Map<String, Value>) -> Vec<String> {
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut out = Vec::new();
    for (name, value) in object {
        match value {
            _ if matches!(name.as_str(), "type" | "id" | "spec_version" | "extensions") => {}
            Value::String(text) => out.push(equals(&format!("{kind}:{name}"), text)),
            Value::Number(number) => out.push(format!("{kind}:{name} = {number}")),
            Value::Object(hashes) if name == "hashes" => {
                out.extend(hashes.iter().filter_map(|(name, hash)| Some(hash_equals(kind, name, hash.as_str()?))));
            }
            _ => {}
        }
    }
    out
}

pub(super) fn hash_equals(kind: &str, name: &str, hash: &str) -> String {
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric());
    let path = if plain { format!("{kind}:hashes.{name}") } else { format!("{kind}:hashes.'{name}'") };
    equals(&path, hash)
}

/// A comparison with a text literal (STIX 2.1 section 9.4: `\` and `'` are escaped).
pub(super) fn equals(path: &str, text: &str) -> String {
    format!("{path} = '{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The name of a hash in STIX (section 10.9, and the usual names beyond it) and its number of digits, where fixed.
pub(super) fn algorithm(kind: &str) -> Option<(&'static str, Option<usize>)> {
    Some(match kind {
        "md5" => ("MD5", Some(32)),
        "sha1" => ("SHA-1", Some(40)),
        "sha224" => ("SHA-224", Some(56)),
        "sha256" => ("SHA-256", Some(64)),
        "sha384" => ("SHA-384", Some(96)),
        "sha512" => ("SHA-512", Some(128)),
        "sha512/224" => ("SHA-512-224", Some(56)),
        "sha512/256" => ("SHA-512-256", Some(64)),
        "sha3-224" => ("SHA3-224", Some(56)),
        "sha3-256" => ("SHA3-256", Some(64)),
        "sha3-384" => ("SHA3-384", Some(96)),
        "sha3-512" => ("SHA3-512", Some(128)),
        "ssdeep" => ("SSDEEP", None),
        "tlsh" => ("TLSH", None),
        "imphash" => ("IMPHASH", Some(32)),
        "authentihash" => ("AUTHENTIHASH", Some(64)),
        "pehash" => ("PEHASH", None),
        "impfuzzy" => ("IMPFUZZY", None),
        "vhash" => ("VHASH", None),
        "cdhash" => ("CDHASH", None),
        "telfhash" => ("TELFHASH", None),
        _ => return None,
    })
}

/// A hash in its normal form under its STIX name.
pub(super) fn read_hash(kind: &str, text: &str, values: &Values) -> Result<(&'static str, String), String> {
    let (name, digits) = algorithm(kind).ok_or_else(|| format!("the hash {kind} is not known"))?;
    let text = text.trim();
    let known = match kind {
        "md5" => Some(Kind::Md5),
        "sha1" => Some(Kind::Sha1),
        "sha256" => Some(Kind::Sha256),
        "sha512" => Some(Kind::Sha512),
        "ssdeep" => Some(Kind::Ssdeep),
        "tlsh" => Some(Kind::Tlsh),
        _ => None,
    };
    if let Some(known) = known {
        return Ok((name, values.parse(known, text).map_err(|e| e.to_string())?.text().to_owned()));
    }
    let fits = digits.is_none_or(|digits| text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit()));
    if text.is_empty() || !fits {
        return Err(format!("not a hash of the type {kind}"));
    }
    Ok((name, if digits.is_some() { text.to_ascii_lowercase() } else { text.to_owned() }))
}

fn hash(kind: &str, text: &str, values: &Values) -> Result<Parts, String> {
    let (name, hash) = read_hash(kind, text, values)?;
    let comparisons = vec![hash_equals("file", name, &hash)];
    Ok(Parts { scos: vec![sco("file", json!({ "hashes": { name: hash } }))], comparisons })
}

fn file_and_hash(text: &str, kind: &str, values: &Values) -> Result<Parts, String> {
    let (file, text) = text.rsplit_once('|').ok_or("a file name and a hash with | between were expected")?;
    let (name, hash) = read_hash(kind, text, values)?;
    let comparisons = vec![equals("file:name", file), hash_equals("file", name, &hash)];
    Ok(Parts { scos: vec![sco("file", json!({ "name": file, "hashes": { name: hash } }))], comparisons })
}

/// The one observable of a value of this MISP type.
pub(super) fn one(kind: &str, text: &str, values: &Values) -> Result<Map<String, Value>, String> {
    let parts = single(kind, text.trim(), values)?;
    parts.and_then(|parts| parts.scos.into_iter().next()).ok_or_else(|| format!("not a value of the type {kind}"))
}

/// The text that an address, host or URL is.
pub(super) fn value_of(object: &Map<String, Value>) -> &str {
    object.get("value").and_then(Value::as_str).unwrap_or_default()
}

fn domain_and_ip(text: &str, values: &Values) -> Result<Parts, String> {
    let (domain, ip) = text.split_once('|').ok_or("a domain and an address with | between were expected")?;
    let (domain, ip) = (one("domain", domain, values)?, one("ip-dst", ip, values)?);
    let comparisons = vec![
        equals("domain-name:value", value_of(&domain)),
        equals("domain-name:resolves_to_refs[*].value", value_of(&ip)),
    ];
    let mut domain = domain;
    domain.insert("resolves_to_refs".into(), json!([id_of(&ip)]));
    Ok(Parts { scos: vec![ip, domain], comparisons })
}

/// An endpoint and a port. MISP does not say the transport, so the traffic is of the network protocol only.
fn traffic(kind: &str, text: &str, values: &Values) -> Result<Parts, String> {
    // Some tools write `address:port`; an IPv6 address has colons of its own.
    let split = text.split_once('|').or_else(|| text.rsplit_once(':'));
    let (host, port) = split.ok_or("an address and a port with | between were expected")?;
    let port: u16 = port.trim().parse().map_err(|_| "the port is not a number up to 65535")?;
    let base = kind.trim_end_matches("|port");
    let end = one(base, host, values)?;
    let side = if base == "ip-src" { "src" } else { "dst" };
    Ok(connection(&[End { side, host: Some(end.clone()), port: Some(port) }], vec![end]))
}

/// One end of a connection.
pub(super) struct End {
    /// `src` or `dst`.
    pub(super) side: &'static str,
    pub(super) host: Option<Map<String, Value>>,
    pub(super) port: Option<u16>,
}

impl End {
    pub(super) fn new(side: &'static str) -> Self {
        Self { side, host: None, port: None }
    }
}

/// Traffic between these ends; the observables are given along.
pub(super) fn connection(ends: &[End], mut scos: Vec<Map<String, Value>>) -> Parts {
    let mut members = Map::new();
    let mut comparisons = Vec::new();
    let mut protocol = "ip";
    for End { side, host, port } in ends {
        if let Some(end) = host {
            let kind = end.get("type").and_then(Value::as_str).unwrap_or_default();
            protocol = match kind {
                "ipv4-addr" => "ipv4",
                "ipv6-addr" => "ipv6",
                _ => protocol,
            };
            members.insert(format!("{side}_ref"), id_of(end).into());
            comparisons.push(equals(&format!("network-traffic:{side}_ref.type"), kind));
            comparisons.push(equals(&format!("network-traffic:{side}_ref.value"), value_of(end)));
        }
        if let Some(port) = port {
            members.insert(format!("{side}_port"), (*port).into());
            comparisons.push(format!("network-traffic:{side}_port = {port}"));
        }
    }
    members.insert("protocols".into(), json!([protocol]));
    scos.push(sco("network-traffic", Value::Object(members)));
    Parts { scos, comparisons }
}

fn registry_value(text: &str, values: &Values) -> Result<Parts, String> {
    let (key, data) = text.split_once('|').ok_or("a registry key and a value with | between were expected")?;
    let key = values.parse(Kind::RegistryKey, key.trim()).map_err(|e| e.to_string())?;
    let comparisons =
        vec![equals("windows-registry-key:key", key.text()), equals("windows-registry-key:values[*].data", data)];
    let object = sco("windows-registry-key", json!({ "key": key.text(), "values": [{ "data": data }] }));
    Ok(Parts { scos: vec![object], comparisons })
}
