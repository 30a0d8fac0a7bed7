//! What people judged of an act, each with their name and why.

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::notice::said;
use crate::read::{ReadError, json};
use crate::words::words;
use crate::{Country, Person};

/// Who judged something, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judgement {
    /// Who.
    pub by: Person,
    /// When.
    pub at: Timestamp,
    /// Why, at most 2,000 characters. Without it the judgement counts for nothing.
    pub why: String,
}

words! {
    /// What kind of offence it is about.
    Category {
        /// A serious ordinary crime.
        SeriousOrdinaryCrime "serious-ordinary-crime",
        /// A norm of behaviour or culture that is disputed between countries.
        BehaviouralOrCultural "behavioural-or-cultural",
        /// A family or private matter.
        FamilyOrPrivate "family-or-private",
        /// A breach of administrative rules.
        Administrative "administrative",
        /// A dispute between private persons.
        PrivateDispute "private-dispute",
        /// Of political character.
        Political "political",
        /// Of military character.
        Military "military",
        /// Of religious character.
        Religious "religious",
        /// Of racial character.
        Racial "racial",
    }
}

impl Category {
    /// Whether Article 3 of INTERPOL's constitution forbids it.
    pub const fn is_forbidden(self) -> bool {
        matches!(self, Self::Political | Self::Military | Self::Religious | Self::Racial)
    }

    /// Whether nobody is wanted for it, unless it is tied to serious or organised crime.
    pub const fn is_excluded(self) -> bool {
        matches!(
            self,
            Self::BehaviouralOrCultural | Self::FamilyOrPrivate | Self::Administrative | Self::PrivateDispute
        )
    }
}

/// A judgement of the kind of offence. Where several differ the strictest counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Categorised {
    /// The kind.
    pub category: Category,
    /// Whether it is tied to serious or organised crime.
    #[serde(default)]
    pub tied_to_serious_crime: bool,
    /// Who judged it.
    pub judged: Judgement,
}

words! {
    /// What must be weighed (RPD Art. 34(3), not verified).
    FactorKind {
        /// The person is or was a politician.
        Politician "politician",
        /// The person is a journalist.
        Journalist "journalist",
        /// The person is an activist or defends human rights.
        Activist "activist",
        /// The person is a refugee or asks for asylum.
        Refugee "refugee",
        /// The states concerned are in conflict.
        ConflictBetweenStates "conflict-between-states",
        /// Who asks: a ministry, a service, a person with an interest of their own.
        SourceIdentity "source-identity",
        /// What other members said.
        PositionOfOthers "position-of-others",
        /// What international law obliges to.
        Obligations "obligations",
        /// Everything around it.
        Context "context",
    }
}

impl FactorKind {
    /// Whether it is about the person, so that two reviewers look when it speaks against the act.
    pub const fn is_of_person(self) -> bool {
        matches!(self, Self::Politician | Self::Journalist | Self::Activist | Self::Refugee)
    }
}

words! {
    /// What a factor says of the act.
    Finding {
        /// It speaks against it.
        Raises "raises",
        /// It does not.
        Clears "clears",
        /// Nobody knows.
        Unclear "unclear",
    }
}

/// One factor as somebody judged it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Which.
    pub factor: FactorKind,
    /// What it says.
    pub finding: Finding,
    /// Of a refugee: the country that gives protection, when known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected_by: Option<Country>,
    /// Of a refugee: the country they fled from. When it is not known, it may be any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fled_from: Option<Country>,
    /// Who judged it.
    pub judged: Judgement,
}

/// Everything that was judged of one act.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Judged {
    /// What kind of offence it is; at most 100 judgements.
    pub categories: Vec<Categorised>,
    /// The factors; at most 500 judgements.
    pub factors: Vec<Factor>,
}

impl Judged {
    /// Reads judgements from JSON.
    ///
    /// # Errors
    /// When it has more than 2 MiB, more judgements than it may, a reason that is too long, or a member not known.
    pub fn read(text: &[u8]) -> Result<Self, ReadError> {
        let judged: Self = json(text, 2 << 20)?;
        if judged.categories.len() > MOST_CATEGORIES || judged.factors.len() > MOST_FACTORS {
            return Err(ReadError::value("factors", "there are too many judgements"));
        }
        if judged.judgements().any(|judgement| judgement.why.chars().count() > MOST_WHY) {
            return Err(ReadError::value("why", "it has more than 2000 characters"));
        }
        Ok(judged)
    }

    /// When it was judged last, so that whoever agreed before did not know of it: by somebody who had no hand in it, or by
    /// whoever had one with what speaks against it. That a writer finds nothing against their own text is no news.
    pub fn last(&self, now: Timestamp, had_a_hand: impl Fn(&Person) -> bool) -> Option<Timestamp> {
        let categories = self.categories.iter().map(|one| {
            let is_grave = one.category.is_forbidden() || one.category.is_excluded();
            (&one.judged, is_grave)
        });
        let factors = self.factors.iter().map(|one| (&one.judged, one.finding != Finding::Clears));
        let all = categories.chain(factors).filter(|(judged, _)| judged.counts(now));
        all.filter(|(judged, is_grave)| *is_grave || !had_a_hand(&judged.by)).map(|(judged, _)| judged.at).max()
    }

    fn judgements(&self) -> impl Iterator<Item = &Judgement> {
        let categories = self.categories.iter().map(|category| &category.judged);
        categories.chain(self.factors.iter().map(|factor| &factor.judged))
    }
}

impl Judgement {
    /// Whether it counts: somebody is named, says why, and it was before now.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.by.is_named() && said(Some(&self.why)) && self.at <= now
    }

    /// Whether somebody of the source judged its own act.
    pub fn is_by(&self, source: &OrgName) -> bool {
        self.by.node == *source
    }
}

const MOST_CATEGORIES: usize = 100;
const MOST_FACTORS: usize = 500;
const MOST_WHY: usize = 2_000;
