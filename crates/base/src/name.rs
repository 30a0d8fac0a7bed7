use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize};

/// The short name of an organisation as people type it: `ee-police`, `lab-north`.
///
/// Lower-case ASCII letters, digits and single inner hyphens, 1 to 63 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct OrgName(Arc<str>);

/// The text is not an organisation's short name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a short name: use lower-case letters, digits and hyphens, like ee-police")]
pub struct NameError(pub String);

impl OrgName {
    /// Reads a short name.
    ///
    /// # Errors
    /// When a character is not allowed or the length is out of range.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if text.is_empty() || text.len() > 63 || hyphens || !text.chars().all(allowed) {
            return Err(NameError(text.chars().take(80).collect()));
        }
        Ok(Self(text.into()))
    }

    /// The name as typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OrgName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl std::str::FromStr for OrgName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for OrgName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert!(OrgName::parse("ee-police").is_ok());
        for bad in ["", "EE", "-a", "a-", "a--b", "a b", "é", &"a".repeat(64)] {
            assert!(OrgName::parse(bad).is_err(), "{bad}");
        }
    }
}
