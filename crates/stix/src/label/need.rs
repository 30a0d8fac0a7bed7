use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What somebody of the owner's own organisation must have to see an object: a level of clearance, a unit, a case they
/// work on. It is the organisation's own affair and does not leave it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Clearance of at least this level: `level:secret`.
    Level(Clearance),
    /// Work in this unit: `unit:cyber`.
    Unit(String),
    /// Work on this case, as the organisation numbers them: `case:2041`.
    Case(String),
}

/// The level of classified information somebody is cleared for, or an object has; ordered.
///
/// Source: Council Decision 2013/488/EU, Article 2(2), and the marks of national law that correspond to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clearance {
    /// None.
    #[default]
    None,
    /// RESTREINT UE/EU RESTRICTED.
    Restricted,
    /// CONFIDENTIEL UE/EU CONFIDENTIAL.
    Confidential,
    /// SECRET UE/EU SECRET.
    Secret,
    /// TRÈS SECRET UE/EU TOP SECRET.
    TopSecret,
}

/// The text is no need.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no need to know; write level:restricted, level:confidential, level:secret or level:top-secret, unit:NAME \
     or case:NUMBER"
)]
pub struct NeedError(String);

impl Clearance {
    /// Every level, the lowest first.
    pub const ALL: &[Self] = &[Self::None, Self::Restricted, Self::Confidential, Self::Secret, Self::TopSecret];

    /// The word in settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Restricted => "restricted",
            Self::Confidential => "confidential",
            Self::Secret => "secret",
            Self::TopSecret => "top-secret",
        }
    }
}

impl FromStr for Clearance {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        let level = Self::ALL.iter().find(|level| level.name() == text);
        level.copied().ok_or_else(|| NeedError(format!("level:{text}")))
    }
}

impl Need {
    /// Longest name of a unit or number of a case, in bytes.
    pub const LONGEST: usize = 64;

    /// Reads `level:secret`, `unit:cyber`, `case:2041`. Names are kept as written, without blanks around them.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, NeedError> {
        let wrong = || NeedError(text.chars().take(100).collect());
        let (kind, what) = text.split_once(':').ok_or_else(wrong)?;
        let what = what.trim();
        let is_name = !what.is_empty() && what.len() <= Self::LONGEST && !what.chars().any(char::is_control);
        match kind {
            "level" => what.parse().ok().filter(|level| *level > Clearance::None).map(Self::Level).ok_or_else(wrong),
            "unit" if is_name => Ok(Self::Unit(what.to_owned())),
            "case" if is_name => Ok(Self::Case(what.to_owned())),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(level) => write!(f, "level:{}", level.name()),
            Self::Unit(name) => write!(f, "unit:{name}"),
            Self::Case(number) => write!(f, "case:{number}"),
        }
    }
}

impl FromStr for Need {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        Self::parse(text)
    }
}

impl Serialize for Need {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Need {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_read_back_and_nothing_else_is_one() {
        for text in ["level:restricted", "level:top-secret", "unit:cyber", "case:4-26-117"] {
            assert_eq!(Need::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "secret", "level:none", "level:Secret", "unit:", "unit: ", "case:\n", "role:analyst"] {
            assert!(Need::parse(text).is_err(), "{text:?}");
        }
        assert!(Need::parse(&format!("case:{}", "9".repeat(65))).is_err());
        assert!(Clearance::Secret > Clearance::Confidential);
    }
}
