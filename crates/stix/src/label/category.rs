use std::fmt;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::personal;
use crate::{Kind, Node};

/// What personal data an object holds: whose (the first six) or what of theirs (the last three).
///
/// Directive (EU) 2016/680 Article 6 tells police to keep the first four apart from the others, and Regulation
/// (EU) 2016/794 Annex II lists for each what may be processed. An agreement names each category it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Category {
    /// Someone believed on serious grounds to have committed or to be about to commit an offence: Article 6(a).
    Suspect,
    /// Someone convicted of an offence: Article 6(b).
    Convicted,
    /// A victim, or someone who may be one: Article 6(c).
    Victim,
    /// Someone who may testify or can give information: Article 6(d).
    Witness,
    /// A contact or associate of a suspect or convicted person: Article 6(d).
    Associate,
    /// A natural person whose part is not said, or something that may be about one and cannot be read here.
    Person,
    /// Passport, national identity number, licence, vehicle plate.
    Document,
    /// Phone number, e-mail address, user account.
    Contact,
    /// Bank account, payment card, wallet.
    Account,
}

/// The text is not a category of personal data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not a category of personal data: use suspect, convicted, victim, witness, associate, person, document, \
     contact or account"
)]
pub struct CategoryError(pub String);

impl Category {
    /// Every category, in the order they are written in.
    pub const ALL: [Self; 9] = [
        Self::Suspect,
        Self::Convicted,
        Self::Victim,
        Self::Witness,
        Self::Associate,
        Self::Person,
        Self::Document,
        Self::Contact,
        Self::Account,
    ];

    /// Reads a name, in any case.
    ///
    /// # Errors
    /// When the text is no category.
    pub fn parse(text: &str) -> Result<Self, CategoryError> {
        let name = text.trim();
        let found = Self::ALL.into_iter().find(|category| category.name().eq_ignore_ascii_case(name));
        found.ok_or_else(|| CategoryError(text.chars().take(60).collect()))
    }

    /// The name in labels, in agreements and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Suspect => "suspect",
            Self::Convicted => "convicted",
            Self::Victim => "victim",
            Self::Witness => "witness",
            Self::Associate => "associate",
            Self::Person => "person",
            Self::Document => "document",
            Self::Contact => "contact",
            Self::Account => "account",
        }
    }

    /// What is meant, in words that fit a sentence: `suspects`, `identity documents and vehicle plates`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Suspect => "suspects",
            Self::Convicted => "convicted persons",
            Self::Victim => "victims",
            Self::Witness => "witnesses",
            Self::Associate => "contacts and associates of suspects",
            Self::Person => "persons whose part is not known",
            Self::Document => "identity documents and vehicle plates",
            Self::Contact => "phone numbers, e-mail addresses and user accounts",
            Self::Account => "bank accounts, payment cards and wallets",
        }
    }

    /// The categories of one STIX object, by its type and members.
    ///
    /// *Personal* here: individuals (an identity of unknown class counts as one), their documents, contacts and
    /// accounts, threat actors and intrusion sets described as one person, names of authors, and types nobody
    /// here knows. *Not personal* here: IP addresses, domain names, hashes, files, malware, infrastructure and
    /// the like, organisations, places without a person, and relationships, which name both ends by number only.
    /// An IP address can be a person's in law (CJEU C-582/14 Breyer); what the network exchanges are addresses
    /// of machines used in offences, and treating them as personal data would leave no threat data at all. A
    /// source whose addresses are those of victims says so in its default label, to which this adds.
    ///
    /// Free text is not read: a name in a description is not seen.
    pub fn of_object(root: Node<'_, '_>) -> Categories {
        personal::of_object(root)
    }

    /// The category of a value of this kind.
    ///
    /// Wallets are accounts: they are means of payment that investigations and Regulation (EU) 2023/1113 tie to
    /// their holder. Keyed hashes of card numbers stay accounts, since they still single one card out. A BIC
    /// names a bank, a MAC address a device, and neither is personal here; for the rest see
    /// [`Self::of_object`].
    pub const fn of_value(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Email | Kind::Phone | Kind::Handle => Some(Self::Contact),
            Kind::Iban | Kind::Card | Kind::Bitcoin | Kind::Ethereum | Kind::Monero | Kind::Tron => Some(Self::Account),
            Kind::TravelDocument | Kind::Plate => Some(Self::Document),
            Kind::Ipv4
            | Kind::Ipv6
            | Kind::Cidr
            | Kind::Domain
            | Kind::Url
            | Kind::Md5
            | Kind::Sha1
            | Kind::Sha256
            | Kind::Sha512
            | Kind::Ssdeep
            | Kind::Tlsh
            | Kind::FileName
            | Kind::RegistryKey
            | Kind::Mutex
            | Kind::Asn
            | Kind::CertFingerprint
            | Kind::Ja3
            | Kind::Ja4
            | Kind::Mac
            | Kind::Bic
            | Kind::Onion => None,
        }
    }

    const fn bit(self) -> u16 {
        1 << self as u8
    }
}

/// A set of [`Category`], two bytes wide. Empty means no personal data: technical data about threats only.
///
/// A set made by [`join`](Self::join) from something with and something without personal data remembers the
/// latter as [`with_threat`](Self::with_threat), so that an agreement about documents alone does not let through
/// the technical data that came along. In JSON it is a list of names, `threat` last.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Categories(u16);

/// Beside the personal data stands something made from an object without any.
const THREAT: u16 = 1 << 15;

const THREAT_NAME: &str = "threat";

impl Categories {
    /// No personal data.
    pub const NONE: Self = Self(0);

    /// Whether there is no personal data.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the category is among them.
    pub const fn contains(self, category: Category) -> bool {
        self.0 & category.bit() != 0
    }

    /// Whether every category is also in `other`; see also [`Self::with_threat`].
    pub const fn is_subset(self, other: Self) -> bool {
        self.0 & !THREAT & !other.0 == 0
    }

    /// Whether the object also holds what came from an object without personal data.
    pub const fn with_threat(self) -> bool {
        self.0 & THREAT != 0
    }

    /// Adds a category.
    pub const fn insert(&mut self, category: Category) {
        self.0 |= category.bit();
    }

    /// Both sets together: two statements about one object.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The set of something made from two objects.
    #[must_use]
    pub const fn join(self, other: Self) -> Self {
        let threat = if self.is_empty() == other.is_empty() { 0 } else { THREAT };
        Self(self.0 | other.0 | threat)
    }

    /// The categories, in the order of [`Category::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.into_iter().filter(move |category| self.contains(*category))
    }

    /// The set as a number of 16 bits that fits the key of a table; equal sets have equal numbers.
    pub const fn bits(self) -> u16 {
        self.0
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        self.iter().map(Category::name).chain(self.with_threat().then_some(THREAT_NAME))
    }
}

impl From<Category> for Categories {
    fn from(category: Category) -> Self {
        Self(category.bit())
    }
}

impl FromIterator<Category> for Categories {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        let mut all = Self::NONE;
        all.extend(categories);
        all
    }
}

impl Extend<Category> for Categories {
    fn extend<I: IntoIterator<Item = Category>>(&mut self, categories: I) {
        categories.into_iter().for_each(|category| self.insert(category));
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.names().collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl FromStr for Category {
    type Err = CategoryError;

    fn from_str(text: &str) -> Result<Self, CategoryError> {
        Self::parse(text)
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Category {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl Serialize for Categories {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for Categories {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut all = Self::NONE;
        let mut threat = 0;
        for name in Vec::<std::borrow::Cow<'_, str>>::deserialize(deserializer)? {
            if name == THREAT_NAME {
                threat = THREAT;
            } else {
                all.insert(Category::parse(&name).map_err(D::Error::custom)?);
            }
        }
        // Technical data alone is what the empty set says.
        Ok(if all.is_empty() { all } else { Self(all.0 | threat) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_printed() {
        for category in Category::ALL {
            assert_eq!(Category::parse(category.name()), Ok(category));
            assert_eq!(serde_json::to_string(&category).unwrap(), format!("{:?}", category.name()));
            assert!(Categories::from(category).contains(category));
        }
        assert!(Category::parse("all-personal").is_err());
        assert!(Category::parse("threat").is_err());
        assert!(Category::ALL.is_sorted());
        let both: Categories = [Category::Account, Category::Victim].into_iter().collect();
        assert_eq!(
            (both.to_string(), serde_json::to_string(&both).unwrap()),
            ("victim, account".into(), r#"["victim","account"]"#.into())
        );
        assert_eq!(serde_json::from_str::<Categories>(r#"["account","victim","victim"]"#).unwrap(), both);
        assert_eq!(serde_json::from_str::<Categories>(r#"["threat"]"#).unwrap(), Categories::NONE);
        assert!(serde_json::from_str::<Categories>(r#"["everything"]"#).is_err());
    }

    #[test]
    fn joining_remembers_that_technical_data_came_along() {
        let document = Categories::from(Category::Document);
        let mixed = document.join(Categories::NONE);
        assert!(mixed.with_threat() && !document.with_threat());
        assert_eq!(mixed.join(document), mixed);
        assert_eq!(mixed.join(Categories::NONE), mixed);
        assert_eq!(Categories::NONE.join(Categories::NONE), Categories::NONE);
        assert_eq!(document.union(Categories::NONE), document, "one object, two statements");
        assert!(mixed.is_subset(document));
        assert_eq!(serde_json::to_string(&mixed).unwrap(), r#"["document","threat"]"#);
    }

    #[test]
    fn every_kind_of_value_is_decided() {
        let personal: Vec<_> =
            Kind::ALL.iter().filter(|kind| Category::of_value(**kind).is_some()).map(|kind| kind.name()).collect();
        let expected = [
            "email",
            "phone",
            "iban",
            "card",
            "bitcoin-address",
            "ethereum-address",
            "monero-address",
            "tron-address",
            "handle",
            "travel-document",
            "plate",
        ];
        assert_eq!(personal, expected);
    }
}
