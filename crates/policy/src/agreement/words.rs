//! The closed lists of words an agreement is made of.

use std::fmt;
use std::str::FromStr;

use comity_stix::label::Category;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A kind of data an agreement may cover: `threat`, or one category of personal data by its name.
///
/// There is no word for all personal data: Directive (EU) 2016/680 Articles 4 and 6 ask for data that is
/// adequate and told apart by whose it is, so each category is agreed by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataKind {
    /// Objects without personal data.
    Threat,
    /// Objects that hold this category of personal data.
    Personal(Category),
}

/// Why data is given or asked for; the list is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Preventing crime and threats to public security.
    Prevention,
    /// Detecting or investigating a criminal offence.
    Investigation,
    /// Prosecuting before a court.
    Prosecution,
    /// Protecting victims and systems.
    Protection,
    /// Answering a data subject or supervising the processing.
    DataProtection,
}

/// Whether whoever received data may pass it on to a third organisation.
///
/// Regulation (EU) 2016/794 Article 19(2) and the INTERPOL Rules on the Processing of Data leave this to whoever
/// provided the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Onward {
    /// No.
    No,
    /// Only to organisations that the owner's release list names themselves.
    Named,
    /// To whom the label admits.
    Label,
}

/// The text is none of the words there are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not {what}; use {allowed}")]
pub struct WordError {
    /// What was read.
    pub text: String,
    /// What was expected, with its article.
    pub what: &'static str,
    /// Every word there is.
    pub allowed: String,
}

impl DataKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Threat,
        Self::Personal(Category::Suspect),
        Self::Personal(Category::Convicted),
        Self::Personal(Category::Victim),
        Self::Personal(Category::Witness),
        Self::Personal(Category::Associate),
        Self::Personal(Category::Person),
        Self::Personal(Category::Document),
        Self::Personal(Category::Contact),
        Self::Personal(Category::Account),
    ];

    /// The name in agreements.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Threat => "threat",
            Self::Personal(category) => category.name(),
        }
    }

    /// What is meant, in words that fit a sentence.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Threat => "technical data about threats, without personal data",
            Self::Personal(category) => category.title(),
        }
    }
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] =
        [Self::Prevention, Self::Investigation, Self::Prosecution, Self::Protection, Self::DataProtection];

    /// The name in labels and agreements.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Prevention => "prevention",
            Self::Investigation => "investigation",
            Self::Prosecution => "prosecution",
            Self::Protection => "protection",
            Self::DataProtection => "data-protection",
        }
    }
}

impl Onward {
    /// Every answer, from closed to open.
    pub const ALL: [Self; 3] = [Self::No, Self::Named, Self::Label];

    /// The name in agreements.
    pub const fn name(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Named => "named",
            Self::Label => "label",
        }
    }
}

/// Reads one of a closed list of words, in lower case as they are written.
fn word<T: Copy>(text: &str, what: &'static str, all: &[T], name: fn(T) -> &'static str) -> Result<T, WordError> {
    let found = all.iter().copied().find(|one| name(*one) == text.trim());
    let allowed = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    found.ok_or_else(|| WordError { text: text.chars().take(60).collect(), what, allowed: allowed() })
}

/// Text forms of a closed list of words.
macro_rules! words {
    ($name:ident, $what:literal) => {
        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                word(text, $what, &Self::ALL, Self::name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                std::borrow::Cow::<str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

words!(DataKind, "a kind of data (each category of personal data is named, there is no word for all)");
words!(Purpose, "a purpose");
words!(Onward, "an answer to whether data may be passed on");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_read_back_and_others_are_refused_with_the_list() {
        for kind in DataKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        let categories: Vec<_> = DataKind::ALL.iter().skip(1).map(|kind| kind.name()).collect();
        assert_eq!(categories, Category::ALL.map(Category::name));
        let error = "all-personal".parse::<DataKind>().unwrap_err().to_string();
        assert!(error.contains("there is no word for all") && error.contains("threat, suspect, convicted"), "{error}");
        assert_eq!("data-protection".parse(), Ok(Purpose::DataProtection));
        assert!("Investigation ".parse::<Purpose>().is_err());
        assert_eq!(serde_json::to_string(&Onward::ALL).unwrap(), r#"["no","named","label"]"#);
    }
}
