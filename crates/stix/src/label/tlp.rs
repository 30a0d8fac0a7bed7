use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Traffic Light Protocol 2.0 (FIRST), from open to closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tlp {
    /// No limit on disclosure (1.0: WHITE).
    Clear,
    /// The community.
    Green,
    /// The recipient's organisation and its clients, need to know.
    Amber,
    /// The recipient's organisation only.
    #[serde(rename = "amber+strict")]
    AmberStrict,
    /// Named recipients only.
    Red,
}

/// The text is not a TLP level.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a TLP level: use clear, green, amber, amber+strict or red")]
pub struct TlpError(pub String);

impl Tlp {
    /// Every level, from open to closed.
    pub const ALL: [Self; 5] = [Self::Clear, Self::Green, Self::Amber, Self::AmberStrict, Self::Red];

    /// Reads a level of TLP 2.0 or 1.0, with or without the prefix `tlp:`, in any case.
    ///
    /// `white` is the 1.0 name of clear. `ex:chr` (Chatham House Rule: the source must not be disclosed)
    /// reads as red, since no release here can hide who brought an object.
    ///
    /// # Errors
    /// When the text is no level.
    pub fn parse(text: &str) -> Result<Self, TlpError> {
        let lower = text.trim().to_ascii_lowercase();
        let name = lower.strip_prefix("tlp:").unwrap_or(&lower).trim();
        match name {
            "clear" | "white" => Ok(Self::Clear),
            "green" => Ok(Self::Green),
            "amber" => Ok(Self::Amber),
            "amber+strict" | "amber-strict" | "amber_strict" | "amber strict" => Ok(Self::AmberStrict),
            "red" | "ex:chr" => Ok(Self::Red),
            _ => Err(TlpError(text.chars().take(60).collect())),
        }
    }

    /// The name in JSON and on the command line: `amber+strict`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::AmberStrict => "amber+strict",
            Self::Red => "red",
        }
    }

    /// As it stands on documents and is shown to people: `TLP:AMBER+STRICT`.
    pub const fn marked(self) -> &'static str {
        match self {
            Self::Clear => "TLP:CLEAR",
            Self::Green => "TLP:GREEN",
            Self::Amber => "TLP:AMBER",
            Self::AmberStrict => "TLP:AMBER+STRICT",
            Self::Red => "TLP:RED",
        }
    }

    /// The UUID of the marking-definition object that stands for this level (STIX TLP 2.0 extension).
    pub const fn marking_uuid(self) -> u128 {
        match self {
            Self::Clear => 0x9486_8c89_83c2_464b_929b_a1a8_aa3c_8487,
            Self::Green => 0xbab4_a63c_aed9_4cf5_a766_dfca_5aba_c2bb,
            Self::Amber => 0x55d9_20b0_5e8b_4f79_9ee9_91f8_68d9_b421,
            Self::AmberStrict => 0x939a_9414_2ddd_4d32_a0cd_375e_a402_b003,
            Self::Red => 0xe828_b379_4e03_4974_9ac4_e53a_884c_97c1,
        }
    }

    /// The level a marking-definition with this UUID stands for: TLP 2.0, or TLP 1.0 (STIX 2.1 section 7.2.1.4).
    pub fn from_marking_uuid(uuid: u128) -> Option<Self> {
        let old = match uuid {
            0x613f_2e26_407d_48c7_9eca_b8e9_1df9_9dc9 => Some(Self::Clear),
            0x3409_8fce_860f_48ae_8e50_ebd3_cc5e_41da => Some(Self::Green),
            0xf88d_31f6_486f_44da_b317_0133_3bde_0b82 => Some(Self::Amber),
            0x5e57_c739_391a_4eb3_b6be_7d15_ca92_d5ed => Some(Self::Red),
            _ => None,
        };
        old.or_else(|| Self::ALL.into_iter().find(|level| level.marking_uuid() == uuid))
    }
}

impl fmt::Display for Tlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Tlp {
    type Err = TlpError;

    fn from_str(text: &str) -> Result<Self, TlpError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_versions_and_the_tag_form() {
        for level in Tlp::ALL {
            assert_eq!(Tlp::parse(level.name()), Ok(level));
            assert_eq!(Tlp::parse(&format!("TLP:{}", level.name().to_uppercase())), Ok(level));
            assert_eq!(Tlp::parse(level.marked()), Ok(level));
            assert_eq!(Tlp::from_marking_uuid(level.marking_uuid()), Some(level));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("{:?}", level.name()));
        }
        assert_eq!(Tlp::parse("tlp:white"), Ok(Tlp::Clear));
        assert_eq!(Tlp::parse("TLP: white"), Ok(Tlp::Clear));
        assert_eq!(Tlp::parse("tlp:ex:chr"), Ok(Tlp::Red));
        for bad in ["", "tlp:", "black", "tlp:unclear", "amber+"] {
            assert!(Tlp::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_higher_level_is_stricter() {
        assert!(Tlp::ALL.is_sorted());
    }
}
