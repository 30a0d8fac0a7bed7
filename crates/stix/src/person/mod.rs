//! Persons: what is said of one in a STIX identity, statement by statement, each with who says it and how sure they are.
//! What contradicts stands side by side; nothing is merged.

mod date;
mod misp;
mod read;
mod write;

use comity_base::Timestamp;
use serde::Serialize;

pub use date::{DateError, PartialDate};
pub use write::PERSON_EXTENSION;

/// The key of the extension (`schemas/comity-person.json`).
pub const EXTENSION: &str = "extension-definition--3f6c1d1c-6f0e-5f0e-9b7e-2d6c0a5f4b41";

/// What is said of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Person {
    /// What they are called. The identity's own `name` stands first where no statement repeats it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Said<PersonName>>,
    /// When, and where, they were born.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub births: Vec<Said<Birth>>,
    /// Citizenships.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nationalities: Vec<Said<Nationality>>,
    /// Sex as in their documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sexes: Vec<Said<Sexed>>,
    /// Travel and identity documents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Said<PersonDocument>>,
    /// Where they live, work, were seen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Said<Place>>,
    /// What they look like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<Said<Feature>>,
    /// Photographs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub photos: Vec<Said<Photo>>,
    /// Online handles, phones, accounts, wallets, vehicles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Said<Identifier>>,
    /// What part they have, in whose eyes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<Said<Stands>>,
    /// Statements that could not be read; they stay in the object as they are.
    #[serde(skip)]
    pub unread: u32,
}

/// A statement with where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Said<T> {
    /// What is said.
    #[serde(flatten)]
    pub what: T,
    /// By whom, in words or by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How source and information are graded, `scheme:code`, as in labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grading: Option<String>,
    /// Whether it is a fact or somebody's opinion (Directive (EU) 2016/680, Article 7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// When it was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stated: Option<Timestamp>,
}

impl<T> From<T> for Said<T> {
    fn from(what: T) -> Self {
        Self { what, source: None, grading: None, basis: None, stated: None }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($(#[$each])* #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Its name in objects, on the command line and in JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one with this name, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name().eq_ignore_ascii_case(text.trim()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

words! {
    /// How a statement is held.
    Basis {
        /// It rests on facts.
        Fact = "fact",
        /// It is a personal assessment.
        Opinion = "opinion",
    }
}

words! {
    /// What kind of name it is.
    NameKind {
        /// The name in civil registers and documents.
        True = "true",
        /// Another name they use.
        Alias = "alias",
        /// The same name, spelled or transliterated otherwise.
        Spelling = "spelling",
        /// A name they had before.
        Former = "former",
    }
}

words! {
    /// What a part of a name is.
    Part {
        /// The family name.
        Family = "family",
        /// A given name.
        Given = "given",
        /// The father's name, as part of the name.
        Patronymic = "patronymic",
        /// The family name before marriage.
        Maiden = "maiden",
        /// The mother's family name, as in Spanish and Portuguese names.
        Matronymic = "matronymic",
        /// What stands before a name and is none: `Dr`, `Sheikh`.
        Title = "title",
        /// What follows it: `Jr`, `III`.
        Suffix = "suffix",
    }
}

words! {
    /// Sex as documents say it (ICAO 9303 part 3; ISO/IEC 5218).
    Sex {
        /// `F`
        Female = "female",
        /// `M`
        Male = "male",
        /// `X`, or `<` in a machine-readable zone.
        Unspecified = "unspecified",
    }
}

words! {
    /// How a document stands with whoever issued it.
    DocumentState {
        /// Nothing is said against it.
        Valid = "valid",
        /// Taken from its holder.
        Stolen = "stolen",
        /// Lost by its holder.
        Lost = "lost",
        /// Taken blank, before it was issued to anybody.
        StolenBlank = "stolen-blank",
        /// Not valid any more, by decision of its issuer.
        Revoked = "revoked",
    }
}

words! {
    /// What part somebody has in a matter.
    Status {
        /// Convicted of an offence.
        Convicted = "convicted",
        /// Charged with an offence.
        Charged = "charged",
        /// There are serious grounds to believe that they committed one.
        Suspect = "suspect",
        /// They may have to do with one.
        OfInterest = "of-interest",
        /// They may know something of it.
        Witness = "witness",
        /// It was done to them.
        Victim = "victim",
        /// Nobody knows where they are.
        Missing = "missing",
        /// They have died.
        Dead = "dead",
    }
}

/// A name, whole and in parts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonName {
    /// The whole, in the order it is written.
    pub name: String,
    /// What kind of name it is.
    pub kind: NameKind,
    /// The script it is written in (ISO 15924): `Latn`, `Cyrl`; none where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// Its parts, where they are known, with what each is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<NamePart>,
}

/// One part of a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamePart {
    /// What it is.
    pub part: Part,
    /// As it is written.
    pub text: String,
}

/// A birth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Birth {
    /// When, as far as it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<PartialDate>,
    /// The end of the time in which it was, where that is a range.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<PartialDate>,
    /// Whether the date is an estimate.
    #[serde(skip_serializing_if = "is_not")]
    pub about: bool,
    /// Where: a town, a district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// In which country, as documents write it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// A citizenship.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Nationality {
    /// ISO 3166-1 alpha-2, or a code of ICAO 9303 part 3 section 5: `EE`, `XXA` for a stateless person.
    pub country: String,
}

/// What sex they are said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Sexed {
    /// The sex.
    pub sex: Sex,
}

/// A document of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PersonDocument {
    /// One or two letters as in a machine-readable zone: `P`, `I`, `V`; `N` for a national number.
    #[serde(rename = "type")]
    pub kind: String,
    /// Who issued it, as in a machine-readable zone or ISO 3166-1: `EST`, `EE`.
    pub issuer: String,
    /// Its number.
    pub number: String,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued: Option<PartialDate>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<PartialDate>,
    /// How it stands; none where it is not said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<DocumentState>,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// An address, a town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The country: ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// What they do or did there: `lives`, `works`, `seen`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_what: Option<String>,
}

/// Something by which they can be recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Feature {
    /// What: `height-cm`, `eyes`, `hair`, `mark`, `fingerprints`, `dna`.
    pub feature: String,
    /// How it is.
    pub value: String,
}

/// A photograph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Photo {
    /// The SHA-256 of the picture, in hexadecimal digits.
    pub sha256: String,
    /// Whether a person can be recognised by it.
    #[serde(skip_serializing_if = "is_not")]
    pub good: bool,
    /// When it was taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<PartialDate>,
}

/// A value that is theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identifier {
    /// Its kind, as values are named here: `phone`, `handle`, `iban`, `bitcoin-address`, `plate`.
    pub kind: String,
    /// The value as it was said.
    pub value: String,
}

/// What part they have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Stands {
    /// The part.
    pub status: Status,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_not(value: &bool) -> bool {
    !*value
}

impl Person {
    /// Whether nothing is said by which one could be found.
    pub fn is_nameless(&self) -> bool {
        self.names.is_empty() && self.documents.is_empty() && self.identifiers.is_empty()
    }

    /// The name people know them by: the first true one, otherwise the first.
    pub fn calling(&self) -> Option<&PersonName> {
        let first_true = self.names.iter().find(|name| name.what.kind == NameKind::True);
        first_true.or_else(|| self.names.first()).map(|name| &name.what)
    }
}

#[cfg(test)]
mod tests;
