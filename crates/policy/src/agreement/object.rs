//! Agreements as STIX 2.1 objects.

use comity_stix::{Doc, canonical};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::check::{MOST_BYTES, Wrong};
use super::{Agreement, AgreementError};

/// The extension by which `x-comity-agreement` is a Domain Object, as the STIX object that defines it (STIX 2.1
/// section 7.3). Its schema is published as `schemas/comity-agreement.json`.
pub const AGREEMENT_EXTENSION: &str = concat!(
    r#"{"created":"2026-11-01T00:00:00.000Z","#,
    r#""created_by_ref":"identity--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b10","#,
    r#""description":"A signed, machine-readable agreement between two organisations: which kinds of data go in which direction, for which purposes, under which restrictions, until when.","#,
    r#""extension_types":["new-sdo"],"#,
    r#""id":"extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b31","#,
    r#""modified":"2026-11-01T00:00:00.000Z","#,
    r#""name":"Comity agreement","#,
    r#""schema":"https://comity.example/schemas/comity-agreement.json","#,
    r#""spec_version":"2.1","type":"extension-definition","version":"1.0.0"}"#,
);

const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b31";

/// Deepest nesting of an agreement.
const DEPTH: usize = 8;

impl Agreement {
    /// The STIX object, as canonical JSON (RFC 8785).
    pub fn to_object(&self) -> String {
        written(self, Self::TYPE, EXTENSION, None)
    }

    /// Reads [`Self::to_object`].
    ///
    /// # Errors
    /// When it is no such object, has a member that is not known, which might restrict, or a value that an
    /// agreement cannot have, or is spelt otherwise than [`Self::to_object`] spells it, since signatures count
    /// for one spelling only.
    pub fn from_object(object: &[u8]) -> Result<Self, AgreementError> {
        let agreement: Self = read(object, Self::TYPE, EXTENSION)?;
        agreement.check()?;
        same(object, &agreement.to_object())?;
        Ok(agreement)
    }

    /// What the parties sign: the object without its signatures, as canonical JSON (RFC 8785).
    pub fn signing_bytes(&self) -> Vec<u8> {
        written(self, Self::TYPE, EXTENSION, Some("signatures")).into_bytes()
    }
}

/// The canonical JSON of an object of ours, without one member.
pub(super) fn written(content: &impl Serialize, kind: &str, extension: &str, without: Option<&str>) -> String {
    // INVARIANT: text keys and values that print themselves cannot fail to be written to memory.
    let mut value = serde_json::to_value(content).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("type".into(), kind.into());
        members.insert("spec_version".into(), "2.1".into());
        members.insert("extensions".into(), json!({ extension: { "extension_type": "new-sdo" } }));
        without.map(|member| members.remove(member));
    }
    canonical_text(value.to_string().as_bytes()).unwrap_or_default()
}

/// Reads an object of ours; members that are not known are refused.
pub(super) fn read<T: DeserializeOwned>(object: &[u8], kind: &str, extension: &str) -> Result<T, Wrong> {
    if object.len() > MOST_BYTES {
        return Err(Wrong::new("", format!("it has more than {MOST_BYTES} bytes")));
    }
    // Refuses repeated members, which two readers could read differently.
    Doc::parse(object, DEPTH).map_err(|error| Wrong::new("", error.to_string()))?;
    let mut members: Map<String, Value> =
        serde_json::from_slice(object).map_err(|error| Wrong::new("", error.to_string()))?;
    let expected = [
        ("type", Value::from(kind)),
        ("spec_version", Value::from("2.1")),
        ("extensions", json!({ extension: { "extension_type": "new-sdo" } })),
    ];
    for (name, value) in expected {
        if members.remove(name).as_ref() != Some(&value) {
            return Err(Wrong::new(name, format!("it must be {value}")));
        }
    }
    serde_json::from_value(Value::Object(members)).map_err(|error| Wrong::new("", error.to_string()))
}

/// Whether an object means exactly what was read from it.
pub(super) fn same(object: &[u8], written: &str) -> Result<(), Wrong> {
    if canonical_text(object).as_deref() == Some(written) {
        return Ok(());
    }
    let problem = "it is not in its normal form: times as 2027-01-01T00:00:00.000Z, lists that are sets sorted and \
                   without repeats, keys in lower case, no empty lists but those that are required";
    Err(Wrong::new("", problem))
}

fn canonical_text(json: &[u8]) -> Option<String> {
    let doc = Doc::parse(json, DEPTH).ok()?;
    let mut out = String::with_capacity(json.len());
    canonical(doc.root(), &mut out);
    Some(out)
}
