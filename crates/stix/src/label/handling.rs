use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Europol handling codes (Europol Regulation, as used in SIENA), which restrict independently of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Handling {
    /// May be used to prevent and combat crime: the Regulation's default, no further restriction.
    H0,
    /// Not to be used in judicial proceedings without the provider's permission.
    H1,
    /// Not to be passed on without the provider's permission.
    H2,
    /// Another restriction, stated in words; ask the provider.
    H3,
}

/// The text is not a handling code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a handling code: use H0, H1, H2 or H3")]
pub struct HandlingError(pub String);

impl Handling {
    /// Every code.
    pub const ALL: [Self; 4] = [Self::H0, Self::H1, Self::H2, Self::H3];

    /// Reads a code: `H2`, in any case.
    ///
    /// # Errors
    /// When the text is no code.
    pub fn parse(text: &str) -> Result<Self, HandlingError> {
        let text = text.trim();
        let found = Self::ALL.into_iter().find(|code| code.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| HandlingError(text.chars().take(60).collect()))
    }

    /// The code as written: `H2`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::H0 => "H0",
            Self::H1 => "H1",
            Self::H2 => "H2",
            Self::H3 => "H3",
        }
    }

    /// Whether only organisations the provider named may see it: naming one is the provider's permission.
    pub const fn needs_naming(self) -> bool {
        matches!(self, Self::H2 | Self::H3)
    }
}

impl fmt::Display for Handling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Handling {
    type Err = HandlingError;

    fn from_str(text: &str) -> Result<Self, HandlingError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_four_codes() {
        for code in Handling::ALL {
            assert_eq!(Handling::parse(code.name()), Ok(code));
        }
        assert_eq!(Handling::parse(" h3 "), Ok(Handling::H3));
        assert!(Handling::parse("H4").is_err());
    }
}
