use std::collections::BTreeMap;

use comity_base::Timestamp;
use serde::{Deserialize, Serialize};

use super::{RedEffect, SearchPurpose};
use crate::Country;
use crate::notice::said;
use crate::read::{ReadError, json};

/// The cards that are known, by country and version.
///
/// A country without a card is unknown, and nothing coercive follows there. A fact that was not verified only ever
/// narrows: it can demand silence, and it cannot allow an arrest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCards {
    cards: BTreeMap<Country, BTreeMap<u32, RuleCard>>,
}

/// What is known of the law of one country, or of the European Union under `EU`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleCard {
    /// Which.
    pub country: Country,
    /// The version, from 1; of those that hold the highest counts.
    pub version: u32,
    /// From when it holds.
    pub valid_from: Timestamp,
    /// Until when; at that moment it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
    /// What a red notice is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub red_notice: Option<RedNotice>,
    /// Whether owners may be told of hits there, when nothing below demands silence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_told: Option<OwnerTold>,
    /// For which purposes a search must be silent; at most 50.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silent: Vec<SilentDemand>,
}

/// What a red notice is, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedNotice {
    /// What it is.
    pub effect: RedEffect,
    /// The rule in words or by its article; at most 500 characters.
    pub rule: String,
    /// The page it was read on.
    pub address: String,
    /// Whether it was checked against the text of the law or a public source.
    pub verified: bool,
}

/// Whether owners may be told of hits, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnerTold {
    /// Whether they may.
    pub allowed: bool,
    /// As in [`RedNotice`].
    pub rule: String,
    /// As in [`RedNotice`].
    pub address: String,
    /// As in [`RedNotice`].
    pub verified: bool,
}

/// A purpose for which a search must be silent, and where that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SilentDemand {
    /// The purpose.
    pub purpose: SearchPurpose,
    /// As in [`RedNotice`].
    pub rule: String,
    /// As in [`RedNotice`].
    pub address: String,
    /// As in [`RedNotice`].
    pub verified: bool,
}

/// Where an answer stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Cited {
    /// The card.
    pub country: Country,
    /// Its version.
    pub version: u32,
    /// The rule.
    pub rule: String,
    /// The page it was read on.
    pub address: String,
    /// Whether it was verified.
    pub verified: bool,
}

/// An answer, and where it stands; nothing when no card says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answered<T> {
    /// The answer.
    pub answer: T,
    /// Where it stands.
    pub cited: Option<Cited>,
}

/// Whether the owner of a notice may be told of a hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Telling {
    /// It may.
    Allowed,
    /// It must not: the search is silent.
    Silent,
    /// No card says it; somebody must decide before anything is told.
    Unknown,
}

/// The cards cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CardError {
    /// The text is too long, no list of cards, or has a member that is not known.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A card says something that cannot be.
    #[error("the card of {country}, version {version}: {problem}")]
    Card {
        /// Which.
        country: Country,
        /// Its version.
        version: u32,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    card: Vec<RuleCard>,
}

impl RuleCards {
    /// The cards this program comes with: only what was found in a public text, or is marked as not verified.
    ///
    /// # Errors
    /// Never for the file as it is; a test reads it.
    pub fn known() -> Result<Self, CardError> {
        Self::from_toml(include_str!("known.toml"))
    }

    /// Reads cards from TOML: `[[card]]` for each.
    ///
    /// # Errors
    /// When it has more than 1 MiB or [`MOST_CARDS`] cards, a member that is not known, two cards of one version, or a
    /// fact without its source.
    pub fn from_toml(text: &str) -> Result<Self, CardError> {
        if text.len() > MOST_BYTES {
            return Err(ReadError::from(too_long()).into());
        }
        let file: File = toml::from_str(text).map_err(|error| ReadError::Form(error.to_string()))?;
        Self::of(file)
    }

    /// Reads cards from JSON: `{"card": [...]}`.
    ///
    /// # Errors
    /// As [`Self::from_toml`].
    pub fn from_json(text: &[u8]) -> Result<Self, CardError> {
        Self::of(json(text, MOST_BYTES)?)
    }

    fn of(file: File) -> Result<Self, CardError> {
        if file.card.len() > MOST_CARDS {
            let limit = comity_base::LimitExceeded { what: "cards", limit: MOST_CARDS as u64 };
            return Err(ReadError::from(limit).into());
        }
        let mut cards = Self::default();
        for card in file.card {
            card.check()?;
            let (country, version) = (card.country, card.version);
            if cards.cards.entry(country).or_default().insert(version, card).is_some() {
                return Err(CardError::Card { country, version, problem: "it is there twice" });
            }
        }
        Ok(cards)
    }

    /// Adds other cards; where a country and version is there already, the other counts.
    pub fn add(&mut self, other: Self) {
        for (country, versions) in other.cards {
            self.cards.entry(country).or_default().extend(versions);
        }
    }

    /// The card of a country that holds at a moment.
    pub fn card(&self, country: Country, now: Timestamp) -> Option<&RuleCard> {
        self.cards.get(&country)?.values().rev().find(|card| card.holds(now))
    }

    /// What a red notice alone is in a country.
    pub fn red_notice(&self, country: Country, now: Timestamp) -> Answered<RedEffect> {
        let found = self.card(country, now).and_then(|card| Some((card, card.red_notice.as_ref()?)));
        let Some((card, fact)) = found else { return Answered { answer: RedEffect::Unknown, cited: None } };
        // What nobody verified takes nobody's liberty.
        let believed = fact.verified || !fact.effect.allows_arrest();
        let answer = if believed { fact.effect } else { RedEffect::Unknown };
        Answered { answer, cited: Some(card.cited(&fact.rule, &fact.address, fact.verified)) }
    }

    /// Whether the owner of a notice may be told of a hit, by the cards of every law that the search is made under: that
    /// of the country, and `EU` for the Union's own searches. One that demands silence is enough.
    pub fn telling(&self, laws: &[Country], purpose: SearchPurpose, now: Timestamp) -> Answered<Telling> {
        let cards: Vec<&RuleCard> = laws.iter().filter_map(|country| self.card(*country, now)).collect();
        let silent =
            cards.iter().find_map(|card| Some((card, card.silent.iter().find(|demand| demand.purpose == purpose)?)));
        if let Some((card, demand)) = silent {
            let cited = card.cited(&demand.rule, &demand.address, demand.verified);
            return Answered { answer: Telling::Silent, cited: Some(cited) };
        }
        let told: Vec<_> = cards.iter().filter_map(|card| Some((card, card.owner_told.as_ref()?))).collect();
        let forbidden = told.iter().find(|(_, fact)| !fact.allowed);
        let allowed = told.iter().find(|(_, fact)| fact.allowed && fact.verified);
        let answer = if forbidden.is_some() { Telling::Silent } else { Telling::Allowed };
        match forbidden.or(allowed) {
            None => Answered { answer: Telling::Unknown, cited: None },
            Some((card, fact)) => {
                Answered { answer, cited: Some(card.cited(&fact.rule, &fact.address, fact.verified)) }
            }
        }
    }
}

impl RuleCard {
    /// Whether it holds at a moment.
    pub fn holds(&self, now: Timestamp) -> bool {
        self.valid_from <= now && self.valid_until.is_none_or(|until| now < until)
    }

    fn cited(&self, rule: &str, address: &str, verified: bool) -> Cited {
        let (country, version) = (self.country, self.version);
        Cited { country, version, rule: rule.to_owned(), address: address.to_owned(), verified }
    }

    fn check(&self) -> Result<(), CardError> {
        let wrong = |problem| Err(CardError::Card { country: self.country, version: self.version, problem });
        if self.version == 0 {
            return wrong("versions begin with 1");
        }
        if self.valid_until.is_some_and(|until| until <= self.valid_from) {
            return wrong("it is over before it begins");
        }
        if self.silent.len() > MOST_DEMANDS {
            return wrong("it has more than 50 demands");
        }
        let red = self.red_notice.iter().map(|fact| (&fact.rule, &fact.address));
        let told = self.owner_told.iter().map(|fact| (&fact.rule, &fact.address));
        let silent = self.silent.iter().map(|demand| (&demand.rule, &demand.address));
        for (rule, address) in red.chain(told).chain(silent) {
            if !said(Some(rule)) || rule.chars().count() > MOST_TEXT {
                return wrong("a fact has no rule, or one of more than 500 characters");
            }
            let page = address.starts_with("https://") || address.starts_with("http://");
            if !page || address.chars().count() > MOST_TEXT {
                return wrong("a fact has no address, or one of more than 500 characters");
            }
        }
        Ok(())
    }
}

const fn too_long() -> comity_base::LimitExceeded {
    comity_base::LimitExceeded { what: "bytes of rule cards", limit: MOST_BYTES as u64 }
}

/// Most cards that are read.
pub const MOST_CARDS: usize = 2_000;
const MOST_BYTES: usize = 1 << 20;
const MOST_DEMANDS: usize = 50;
const MOST_TEXT: usize = 500;
