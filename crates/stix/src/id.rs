use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// The `type` of an object (STIX 2.1 section 2.9 and 11.2): lower-case ASCII letters, digits, hyphens, at most 250.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName(Repr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    /// One of the specification's types: an index into [`STANDARD`].
    Standard(u8),
    Custom(Arc<str>),
}

/// A STIX identifier, `type--uuid` (STIX 2.1 section 2.9).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId {
    /// What kind of object it names.
    pub kind: TypeName,
    /// The part after the two hyphens.
    pub uuid: Uuid,
}

/// The text is not a STIX identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a STIX identifier of the form type--uuid: {0:?}")]
pub struct IdError(pub String);

impl TypeName {
    /// Reads a type name.
    ///
    /// # Errors
    /// When a character is not allowed or the length is out of range.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        if let Ok(index) = STANDARD.binary_search(&text) {
            return Ok(Self(Repr::Standard(u8::try_from(index).unwrap_or(u8::MAX))));
        }
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        // STIX 2.0 allowed underscores nowhere else but in custom types that are still about; kept, and warned of.
        if text.is_empty() || text.len() > 250 || !text.bytes().all(|b| allowed(b) || b == b'_') {
            return Err(IdError(text.chars().take(100).collect()));
        }
        Ok(Self(Repr::Custom(text.into())))
    }

    /// The name as written.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Standard(index) => STANDARD.get(usize::from(*index)).copied().unwrap_or_default(),
            Repr::Custom(text) => text,
        }
    }
}

impl ObjectId {
    /// An id of a type with a UUID.
    ///
    /// # Errors
    /// When the type name is not allowed.
    pub fn new(kind: &str, uuid: Uuid) -> Result<Self, IdError> {
        Ok(Self { kind: TypeName::parse(kind)?, uuid })
    }

    /// Reads `type--uuid`.
    ///
    /// # Errors
    /// When the text has another form.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let fail = || IdError(text.chars().take(100).collect());
        let split = text.len().checked_sub(38).ok_or_else(fail)?;
        let (kind, rest) = text.split_at_checked(split).ok_or_else(fail)?;
        let uuid = rest.strip_prefix("--").ok_or_else(fail)?;
        // `type--UUID` must print back the same: an upper-case id is another string to every other system.
        if uuid.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(fail());
        }
        let uuid = Uuid::try_parse(uuid).map_err(|_| fail())?;
        Ok(Self { kind: TypeName::parse(kind).map_err(|_| fail())?, uuid })
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}--{}", self.kind, self.uuid)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for ObjectId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::parse(text)
    }
}

impl Serialize for ObjectId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ObjectId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The types the specification defines, sorted.
const STANDARD: &[&str] = &[
    "artifact",
    "attack-pattern",
    "autonomous-system",
    "bundle",
    "campaign",
    "course-of-action",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "extension-definition",
    "file",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "ipv4-addr",
    "ipv6-addr",
    "language-content",
    "location",
    "mac-addr",
    "malware",
    "malware-analysis",
    "marking-definition",
    "mutex",
    "network-traffic",
    "note",
    "observed-data",
    "opinion",
    "process",
    "relationship",
    "report",
    "sighting",
    "software",
    "threat-actor",
    "tool",
    "url",
    "user-account",
    "vulnerability",
    "windows-registry-key",
    "x509-certificate",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standard_types_are_sorted_for_the_search() {
        assert!(STANDARD.is_sorted());
    }

    #[test]
    fn an_id_prints_as_it_was_written() {
        for text in
            ["indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "x-acme-thing--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]
        {
            assert_eq!(ObjectId::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_other_forms() {
        for bad in [
            "",
            "--",
            "indicator",
            "indicator--1",
            "--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "Indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
            "indicator--8E2E2D2B-17d4-4cbf-938f-98ee46b3cd3f",
            "é--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        ] {
            assert!(ObjectId::parse(bad).is_err(), "{bad}");
        }
    }
}
