use std::fmt;
use std::str::FromStr;

use comity_base::OrgName;
use serde::{Deserialize, Deserializer, Serialize};

use super::Recipient;

/// One entry of a release or deny list: `country:EE`, `org:lab-north`, `group:e5`.
///
/// Always in its normal form, so that equal parties are equal texts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Party(Box<str>);

/// What a [`Party`] is, with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartyKind<'p> {
    /// Every organisation of a country, ISO 3166-1 alpha-2.
    Country(&'p str),
    /// One organisation, by its short name.
    Org(&'p str),
    /// Every organisation of a group.
    Group(&'p str),
}

/// The text names no country, organisation or group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no party: use country:EE, org:lab-north or group:e5")]
pub struct PartyError(pub String);

impl Party {
    /// Reads a party. Two capital letters alone are a country, any other text without a prefix an organisation.
    ///
    /// # Errors
    /// When the country is not assigned in ISO 3166-1, or the name has characters a name cannot have.
    /// A name that fits nobody would make a deny list silently let someone through.
    pub fn parse(text: &str) -> Result<Self, PartyError> {
        let text = text.trim();
        let made = match text.split_once(':') {
            Some(("country", code)) => Self::country(code),
            Some(("org", name)) => Self::named("org", name, 63),
            Some(("group", name)) => Self::named("group", name, 100),
            Some(_) => None,
            None if text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()) => Self::country(text),
            None => Self::named("org", text, 63),
        };
        made.ok_or_else(|| PartyError(text.chars().take(80).collect()))
    }

    /// One organisation.
    pub fn org(name: &OrgName) -> Self {
        Self(format!("org:{name}").into())
    }

    /// One group, by a name of letters, digits and inner hyphens.
    ///
    /// # Errors
    /// When the name has another character, or more than 100.
    pub fn group(name: &str) -> Result<Self, PartyError> {
        Self::named("group", name, 100).ok_or_else(|| PartyError(name.chars().take(80).collect()))
    }

    fn country(code: &str) -> Option<Self> {
        let code = code.to_ascii_uppercase();
        COUNTRIES.split(' ').any(|known| known == code).then(|| Self(format!("country:{code}").into()))
    }

    fn named(prefix: &str, name: &str, longest: usize) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let hyphens = name.starts_with('-') || name.ends_with('-') || name.contains("--");
        let allowed = !name.is_empty() && name.len() <= longest && !hyphens && name.bytes().all(plain);
        allowed.then(|| Self(format!("{prefix}:{name}").into()))
    }

    /// The normal form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is, with its name.
    pub fn kind(&self) -> PartyKind<'_> {
        match self.0.split_once(':') {
            Some(("country", code)) => PartyKind::Country(code),
            Some(("group", name)) => PartyKind::Group(name),
            Some((_, name)) => PartyKind::Org(name),
            None => PartyKind::Org(&self.0),
        }
    }

    /// Whether this party is the recipient, its country, or a group it belongs to.
    pub fn covers(&self, recipient: &Recipient) -> bool {
        match self.kind() {
            PartyKind::Org(name) => recipient.name.as_str() == name,
            PartyKind::Country(code) => recipient.country.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(code)),
            PartyKind::Group(name) => recipient.groups.iter().any(|own| own.eq_ignore_ascii_case(name)),
        }
    }

    /// Whether this party is that one organisation.
    pub fn names(&self, org: &OrgName) -> bool {
        self.kind() == PartyKind::Org(org.as_str())
    }
}

impl fmt::Display for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Party {
    type Err = PartyError;

    fn from_str(text: &str) -> Result<Self, PartyError> {
        Self::parse(text)
    }
}

impl<'de> Deserialize<'de> for Party {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// ISO 3166-1 alpha-2, and XK, which police and banks use for Kosovo.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM \
FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP \
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV \
MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD \
SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC \
VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_prefixed_and_bare_names() {
        let normal = |text| Party::parse(text).unwrap().to_string();
        assert_eq!(normal("country:ee"), "country:EE");
        assert_eq!(normal("EE"), "country:EE");
        assert_eq!(normal("lab-north"), "org:lab-north");
        assert_eq!(normal("org:Lab-North"), "org:lab-north");
        assert_eq!(normal("group:E5"), "group:e5");
        assert_eq!(COUNTRIES.split(' ').count(), 250);
    }

    #[test]
    fn refuses_names_that_fit_nobody() {
        for bad in ["", "UK", "country:EU", "country:", "org:", "org:a b", "region:eu", "group:-", "org:org:a"] {
            assert!(Party::parse(bad).is_err(), "{bad}");
        }
    }
}
