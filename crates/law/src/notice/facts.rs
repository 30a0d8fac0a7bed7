use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Colour;
use crate::read::{ReadError, json};
use crate::words::words;
use crate::{Country, Status};

/// What is said in a draft. Everything may be left out; the checklist tells what must not be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// What the person is in the matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Who the person is.
    #[serde(skip_serializing_if = "Identity::is_empty")]
    pub identity: Identity,
    /// What happened, and what the law says of it.
    #[serde(skip_serializing_if = "Offence::is_empty")]
    pub offence: Offence,
    /// What may follow from it.
    #[serde(skip_serializing_if = "Penalty::is_empty")]
    pub penalty: Penalty,
    /// The order of a court or another authority.
    #[serde(skip_serializing_if = "Warrant::is_empty")]
    pub warrant: Warrant,
    /// What the source promises about extradition.
    #[serde(skip_serializing_if = "Assurances::is_empty")]
    pub assurances: Assurances,
    /// What is asked of others, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sought: Option<String>,
    /// On what the national assessment of the person rests: a conviction or other reasonable grounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment: Option<String>,
    /// The threat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threat: Option<String>,
    /// Whether the threat is imminent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imminent: Option<bool>,
    /// The measures others should take against the threat.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measures: Option<String>,
    /// The method: how it is done, with what, how it is hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modus_operandi: Option<String>,
    /// When the event was, when the person went missing or the body was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_date: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event_place: Option<String>,
    /// Whether there is a report to the police.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub police_report: Option<bool>,
    /// Which assets are sought.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub assets: BTreeSet<AssetClass>,
    /// The entry on the list of the United Nations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub un_reference: Option<String>,
    /// The resolution it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub un_resolution: Option<String>,
    /// Whether the source wishes an extract to be published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_extract: Option<bool>,
    /// Whether the person is a victim in this matter or another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub victim: Option<bool>,
    /// Whether the person is a minor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minor: Option<bool>,
}

/// Who a person is, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Identity {
    /// Family name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Forename or forenames.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forename: Option<String>,
    /// Sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sex: Option<Sex>,
    /// Birth, as exactly as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth: Option<Birth>,
    /// Nationalities.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub nationalities: BTreeSet<Country>,
    /// What the person looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How good the photograph is, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<Photo>,
    /// Passports, identity cards.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Document>,
    /// Whether there are fingerprints.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprints: Option<bool>,
    /// Whether there is a DNA profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dna: Option<bool>,
    /// Another name or number by which the person can be told from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_identifier: Option<String>,
    /// The father's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub father: Option<String>,
    /// The mother's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mother: Option<String>,
}

/// A birth: the year, and the month and the day when they are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Birth {
    /// The year, 1850 to 2100.
    pub year: u16,
    /// The month, 1 to 12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<u8>,
    /// The day, 1 to 31; only with a month.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<u8>,
}

/// A document that says who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// What it is: `passport`.
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
}

/// What happened, and what the law says of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Offence {
    /// The charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge: Option<String>,
    /// What happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What the person did in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The article of the law.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// What may follow from an offence, in months; for life is written as 1,200.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Penalty {
    /// What the person is wanted for; where it is not said, a convicted person is wanted for the sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted_for: Option<WantedFor>,
    /// The highest penalty the law allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum_months: Option<u32>,
    /// The sentence that was imposed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imposed_months: Option<u32>,
    /// What of it is left to serve.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_months: Option<u32>,
}

/// The order of a court or another authority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Warrant {
    /// Its reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authority: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Whether a copy is attached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub copy: Option<bool>,
}

/// What the source promises about extradition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Assurances {
    /// The authority that issued the warrant may do so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competent: Option<bool>,
    /// The authority that decides on extradition was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consulted: Option<bool>,
    /// Extradition will be requested when the person is arrested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub will_request: Option<bool>,
    /// From which countries, when not from all.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub countries: BTreeSet<Country>,
}

words! {
    /// Sex.
    Sex {
        /// Female.
        Female "female",
        /// Male.
        Male "male",
        /// Another that a document states.
        Other "other",
        /// Not known.
        Unknown "unknown",
    }
}

words! {
    /// How good a photograph is.
    Photo {
        /// The person can be recognised by it.
        Good "good",
        /// The person cannot surely be recognised by it.
        Poor "poor",
    }
}

words! {
    /// What somebody is wanted for.
    WantedFor {
        /// To be tried.
        Prosecution "prosecution",
        /// To serve a sentence.
        Sentence "sentence",
    }
}

words! {
    /// Classes of assets (Silver Notice pilot: property, vehicles, accounts, companies).
    AssetClass {
        /// Land and buildings.
        Property "property",
        /// Cars, ships, aircraft.
        Vehicle "vehicle",
        /// Accounts at banks and elsewhere, wallets among them.
        Account "account",
        /// Companies and shares in them.
        Company "company",
    }
}

/// What is said in a text, when anything that can be seen is.
pub(crate) fn said(text: Option<&String>) -> bool {
    text.is_some_and(|text| text.chars().any(char::is_alphanumeric))
}

impl Facts {
    /// What an extract for the public holds of a notice of this colour, and nothing else: the members that the public notices
    /// of the existing system have, and the entry of the United Nations.
    #[must_use]
    pub fn for_the_public(self, colour: Colour) -> Self {
        let who = self.identity;
        let of_missing = |text: Option<String>| text.filter(|_| colour == Colour::Yellow);
        Self {
            identity: Identity {
                family_name: who.family_name,
                forename: who.forename,
                sex: who.sex,
                birth: who.birth,
                nationalities: who.nationalities,
                description: who.description,
                father: of_missing(who.father),
                mother: of_missing(who.mother),
                ..Identity::default()
            },
            offence: Offence { charge: self.offence.charge, ..Offence::default() },
            event_date: of_missing(self.event_date),
            event_place: of_missing(self.event_place),
            un_reference: self.un_reference,
            un_resolution: self.un_resolution,
            ..Self::default()
        }
    }

    /// Reads facts from JSON.
    ///
    /// # Errors
    /// When it has more than 1 MiB, a member that is not known or a repeated one, or a value beyond its limits.
    pub fn read(text: &[u8]) -> Result<Self, ReadError> {
        let facts: Self = json(text, 1 << 20)?;
        facts.check()?;
        Ok(facts)
    }

    /// Whether everything is within its limits: texts of at most 20,000 characters, lists of at most 100, dates that can be.
    ///
    /// # Errors
    /// When something is not; the error names it.
    pub fn check(&self) -> Result<(), ReadError> {
        let long = self.texts().into_iter().find(|(_, text)| text.chars().count() > MOST_TEXT);
        if let Some((place, _)) = long {
            return Err(ReadError::value(place, format!("it has more than {MOST_TEXT} characters")));
        }
        let lists = [
            ("documents", self.identity.documents.len()),
            ("nationalities", self.identity.nationalities.len()),
            ("countries", self.assurances.countries.len()),
        ];
        if let Some((place, _)) = lists.iter().find(|(_, length)| *length > MOST_LISTED) {
            return Err(ReadError::value(place, format!("it has more than {MOST_LISTED} entries")));
        }
        if self.identity.birth.is_some_and(|birth| !birth.can_be()) {
            return Err(ReadError::value("birth", "there is no such date"));
        }
        Ok(())
    }

    /// What the person is wanted for: as said, or by their status.
    pub fn wanted_for(&self) -> WantedFor {
        let by_status =
            if self.status == Some(Status::Convicted) { WantedFor::Sentence } else { WantedFor::Prosecution };
        self.penalty.wanted_for.unwrap_or(by_status)
    }

    /// Whether it tells of somebody: by name, number, picture, biometrics or status.
    pub(crate) fn tell_of_somebody(&self) -> bool {
        self.status.is_some() || !self.identity.is_empty()
    }

    /// Those of [`Self::texts`] that are names and numbers: what is in them means nothing.
    pub(crate) const NAMES: &[&str] =
        &["family_name", "forename", "other_identifier", "father", "mother", "documents", "reference", "un_reference"];

    /// Every text that stands once, with the name of its field.
    pub fn named_texts(&self) -> Vec<(&'static str, &str)> {
        let Self { identity: who, offence, warrant, .. } = self;
        let all = [
            ("family_name", &who.family_name),
            ("forename", &who.forename),
            ("description", &who.description),
            ("other_identifier", &who.other_identifier),
            ("father", &who.father),
            ("mother", &who.mother),
            ("charge", &offence.charge),
            ("summary", &offence.summary),
            ("when", &offence.when),
            ("place", &offence.place),
            ("role", &offence.role),
            ("article", &offence.article),
            ("reference", &warrant.reference),
            ("authority", &warrant.authority),
            ("date", &warrant.date),
            ("sought", &self.sought),
            ("assessment", &self.assessment),
            ("threat", &self.threat),
            ("measures", &self.measures),
            ("modus_operandi", &self.modus_operandi),
            ("event_date", &self.event_date),
            ("event_place", &self.event_place),
            ("un_reference", &self.un_reference),
            ("un_resolution", &self.un_resolution),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?))).collect()
    }

    /// Every text with its name, those of documents too.
    pub(crate) fn texts(&self) -> Vec<(&'static str, &str)> {
        let documents = self
            .identity
            .documents
            .iter()
            .flat_map(|document| [("documents", document.kind.as_str()), ("documents", document.number.as_str())]);
        self.named_texts().into_iter().chain(documents).collect()
    }
}

impl Birth {
    fn can_be(self) -> bool {
        let month = self.month.is_none_or(|month| (1..=12).contains(&month));
        let day = self.day.is_none_or(|day| (1..=31).contains(&day) && self.month.is_some());
        (1850..=2100).contains(&self.year) && month && day
    }
}

impl Identity {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether there is a document with a number.
    pub(crate) fn has_document(&self) -> bool {
        self.documents.iter().any(|document| said(Some(&document.number)))
    }

    /// Whether there are fingerprints or a DNA profile.
    pub(crate) fn has_biometrics(&self) -> bool {
        self.fingerprints == Some(true) || self.dna == Some(true)
    }
}

impl Offence {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Penalty {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Warrant {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Assurances {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Most characters of one text.
const MOST_TEXT: usize = 20_000;
/// Most entries of one list.
const MOST_LISTED: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_travel_as_json_and_nothing_unknown_is_taken() {
        let text =
            r#"{"status":"charged","identity":{"family_name":"Tamm","birth":{"year":1980}},"assets":["company"]}"#;
        let facts = Facts::read(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), text);
        for bad in [
            r#"{"status":"guilty"}"#,
            r#"{"colour":"red"}"#,
            r#"{"identity":{"religion":"x"}}"#,
            r#"{"minor":true,"minor":false}"#,
            r#"{"identity":{"birth":{"year":1980,"day":3}}}"#,
            r#"{"identity":{"birth":{"year":1980,"month":13}}}"#,
        ] {
            assert!(Facts::read(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn there_are_limits_to_what_can_be_said() {
        let facts = Facts { sought: Some("x".repeat(20_001)), ..Facts::default() };
        assert_eq!(facts.check().unwrap_err().to_string(), "sought: it has more than 20000 characters");
        let document = Document { kind: "passport".into(), number: "K1".into(), country: None };
        let identity = Identity { documents: vec![document; 101], ..Identity::default() };
        assert!(Facts { identity, ..Facts::default() }.check().is_err());
        assert!(Facts::read(&vec![b' '; 2 << 20]).is_err());
    }

    #[test]
    fn blanks_and_hidden_characters_say_nothing() {
        for nothing in ["", "  ", "\u{200b}", "---", "?"] {
            assert!(!said(Some(&nothing.to_owned())), "{nothing:?}");
        }
        assert!(said(Some(&"محمد".to_owned())));
    }
}
