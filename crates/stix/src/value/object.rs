//! Values as STIX objects.

use std::fmt::Write as _;

use uuid::Uuid;

use super::{Kind, Value};
use crate::ObjectId;

/// The extension by which `comity-value` is an observable, as the STIX object that defines it
/// (STIX 2.1 section 7.3). Its schema is published as `schemas/comity-value.json`.
pub const VALUE_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-01T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"One normalised value of a kind that STIX 2.1 has no observable for: a phone number, a bank account, a wallet, a travel document.","#,
    r#""extension_types":["new-sco"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b11","#,
    r#""modified":"2026-11-01T00:00:00.000Z","#,
    r#""name":"Comity value","#,
    r#""schema":"https://comity.example/schemas/comity-value.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

/// The namespace of deterministic ids (STIX 2.1 section 2.9).
const NAMESPACE: Uuid = Uuid::from_u128(0x00ab_edb4_aa42_466c_9c01_fed2_3315_a9b7);

impl Value {
    /// The STIX 2.1 observable that is this value, as canonical JSON (RFC 8785), with the id that
    /// the specification derives from its contents (section 2.9).
    ///
    /// Kinds for which STIX has no observable become a `comity-value` (see [`VALUE_EXTENSION`]).
    pub fn to_object(&self) -> (ObjectId, String) {
        let shape = self.shape();
        let contributing = members(&shape.contributing);
        let uuid = Uuid::new_v5(&NAMESPACE, contributing.as_bytes());
        // INVARIANT: every type named in `shape` is a lower-case literal.
        #[expect(clippy::expect_used, reason = "the type names are literals of this file")]
        let id = ObjectId::new(shape.kind, uuid).expect("a literal type name");

        let mut all = shape.contributing;
        all.extend([("id", text(&id.to_string())), ("spec_version", text("2.1")), ("type", text(shape.kind))]);
        if shape.kind == CUSTOM {
            all.push(("extensions", EXTENSIONS.to_owned()));
        }
        all.sort_unstable();
        (id, members(&all))
    }

    fn shape(&self) -> Shape {
        let one = |kind, name| Shape { kind, contributing: vec![(name, text(&self.text))] };
        let hash = |kind, name: &str| Shape {
            kind,
            contributing: vec![("hashes", format!("{{{}:{}}}", text(name), text(&self.text)))],
        };
        match self.kind {
            Kind::Cidr if self.text.contains(':') => one("ipv6-addr", "value"),
            Kind::Ipv4 | Kind::Cidr => one("ipv4-addr", "value"),
            Kind::Ipv6 => one("ipv6-addr", "value"),
            Kind::Domain | Kind::Onion => one("domain-name", "value"),
            Kind::Url => one("url", "value"),
            Kind::Email => one("email-addr", "value"),
            Kind::Mac => one("mac-addr", "value"),
            Kind::Mutex => one("mutex", "name"),
            Kind::RegistryKey => one("windows-registry-key", "key"),
            Kind::FileName => one("file", "name"),
            Kind::Md5 => hash("file", "MD5"),
            Kind::Sha1 => hash("file", "SHA-1"),
            Kind::Sha256 => hash("file", "SHA-256"),
            Kind::Sha512 => hash("file", "SHA-512"),
            Kind::Ssdeep => hash("file", "SSDEEP"),
            Kind::Tlsh => hash("file", "TLSH"),
            Kind::CertFingerprint => match self.text.len() {
                32 => hash("x509-certificate", "MD5"),
                40 => hash("x509-certificate", "SHA-1"),
                _ => hash("x509-certificate", "SHA-256"),
            },
            Kind::Asn => Shape {
                kind: "autonomous-system",
                contributing: vec![("number", self.text.trim_start_matches("AS").to_owned())],
            },
            Kind::Handle => {
                let (service, login) = self.text.split_once(':').unwrap_or(("", &self.text));
                Shape {
                    kind: "user-account",
                    contributing: vec![("account_login", text(login)), ("account_type", text(service))],
                }
            }
            kind => {
                Shape { kind: CUSTOM, contributing: vec![("kind", text(kind.name())), ("value", text(&self.text))] }
            }
        }
    }
}

/// A type and the members its id is made of, sorted, as JSON texts.
struct Shape {
    kind: &'static str,
    contributing: Vec<(&'static str, String)>,
}

const CUSTOM: &str = "comity-value";

const EXTENSIONS: &str =
    r#"{"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b11":{"extension_type":"new-sco"}}"#;

fn members(members: &[(&str, String)]) -> String {
    let mut out = String::from("{");
    for (place, (name, json)) in members.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        out.push_str(&text(name));
        out.push(':');
        out.push_str(json);
    }
    out.push('}');
    out
}

/// A string as RFC 8785 section 3.2.2.2 has it.
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a string does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
