use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Permissible Actions Protocol (MISP taxonomy `PAP`, version 3), from open to closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pap {
    /// No limit on use (older name: WHITE).
    Clear,
    /// Active actions allowed: ping the target, block its traffic, point a honeypot at it.
    Green,
    /// Passive cross-checks only: online services of third parties, a monitoring honeypot.
    Amber,
    /// Not detectable actions only: passive work on logs, nothing on the network.
    Red,
}

/// The text is not a PAP level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a PAP level: use clear, green, amber or red")]
pub struct PapError(pub String);

impl Pap {
    /// Every level, from open to closed.
    pub const ALL: [Self; 4] = [Self::Clear, Self::Green, Self::Amber, Self::Red];

    /// Reads a level, with or without the prefix `PAP:`, in any case.
    ///
    /// # Errors
    /// When the text is no level.
    pub fn parse(text: &str) -> Result<Self, PapError> {
        let lower = text.trim().to_ascii_lowercase();
        match lower.strip_prefix("pap:").unwrap_or(&lower).trim() {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "red" => Ok(Self::Red),
            _ => Err(PapError(text.chars().take(60).collect())),
        }
    }

    /// The name in JSON and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
        }
    }

    /// As it stands on documents and is shown to people: `PAP:AMBER`.
    pub const fn marked(self) -> &'static str {
        match self {
            Self::Clear => "PAP:CLEAR",
            Self::Green => "PAP:GREEN",
            Self::Amber => "PAP:AMBER",
            Self::Red => "PAP:RED",
        }
    }
}

impl fmt::Display for Pap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Pap {
    type Err = PapError;

    fn from_str(text: &str) -> Result<Self, PapError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_names_and_tags() {
        for level in Pap::ALL {
            assert_eq!(Pap::parse(level.name()), Ok(level));
            assert_eq!(Pap::parse(&format!("PAP:{}", level.name().to_uppercase())), Ok(level));
            assert_eq!(Pap::parse(level.marked()), Ok(level));
        }
        assert_eq!(Pap::parse("PAP:WHITE"), Ok(Pap::Clear));
        assert!(Pap::parse("amber+strict").is_err());
        assert!(Pap::ALL.is_sorted());
    }
}
