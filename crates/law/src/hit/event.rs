use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Person;
use crate::cards::RedEffect;
use crate::words::words;

/// One thing that happened to a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HitEvent {
    /// When. Events of one hit are in the order of time.
    pub at: Timestamp,
    /// Who did it.
    pub by: HitActor,
    /// What was done.
    pub act: HitAct,
    /// Why, in words; at most 2,000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

/// In which capacity somebody acts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HitActor {
    /// Whoever searched, at the border or elsewhere.
    Officer {
        /// Who.
        person: Person,
    },
    /// Somebody of the national bureau of the country where the search was made.
    Bureau {
        /// Who.
        person: Person,
    },
    /// Somebody of the bureau whose notice it is.
    Owner {
        /// Who.
        person: Person,
    },
    /// Time.
    Clock {},
}

/// What is done to a hit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum HitAct {
    /// A search found something.
    Found {
        /// Whose notice it is.
        owner: OrgName,
        /// Whether the search was silent: its owner never learns of it.
        #[serde(default)]
        silent: bool,
    },
    /// The bureau compared a second identifier.
    Check {
        /// Which.
        with: SecondIdentifier,
        /// Whether it is the same person by it.
        same: bool,
    },
    /// The bureau asks the owner.
    Ask {
        /// Whether the person is held up: 8 hours to answer instead of 3 days.
        urgent: bool,
    },
    /// The owner confirms, and says what it asks for.
    Confirm {
        /// What it asks for.
        measure: Measure,
    },
    /// It is nothing.
    Refute {
        /// Why.
        why: Refutal,
    },
    /// The bureau takes it further because nobody answered.
    Escalate {},
    /// What was done in the end.
    Close {
        /// What.
        outcome: HitOutcome,
        /// What allowed it; needed for whatever compels.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        basis: Option<Basis>,
    },
    /// Time has passed.
    Clock {},
}

words! {
    /// A second identifier, besides what the search was made with.
    SecondIdentifier {
        /// Fingerprints.
        Fingerprints "fingerprints",
        /// A photograph, compared by a person.
        Photo "photo",
        /// A document held in hand.
        Document "document",
        /// DNA.
        Dna "dna",
    }
}

words! {
    /// What the owner asks for.
    Measure {
        /// To arrest.
        Arrest "arrest",
        /// To check without being noticed.
        DiscreetCheck "discreet-check",
        /// To say where the person is.
        Locate "locate",
        /// To take a document away.
        SeizeDocument "seize-document",
        /// To question.
        Question "question",
    }
}

words! {
    /// Why a hit is nothing.
    Refutal {
        /// It is another person.
        OtherPerson "other-person",
        /// The notice is over or suspended.
        NoticeOver "notice-over",
        /// The owner asks for nothing.
        NothingAsked "nothing-asked",
    }
}

words! {
    /// What was done in the end.
    HitOutcome {
        /// The person was arrested.
        Arrested "arrested",
        /// The person was checked without noticing.
        CheckedDiscreetly "checked-discreetly",
        /// The owner was told where the person is.
        Located "located",
        /// A document was taken away.
        DocumentSeized "document-seized",
        /// The person was questioned.
        Questioned "questioned",
        /// The person went on their way.
        LetGo "let-go",
    }
}

impl HitOutcome {
    /// Whether it compelled the person.
    pub const fn compels(self) -> bool {
        matches!(self, Self::Arrested | Self::DocumentSeized | Self::Questioned)
    }

    /// The measure it carries out; nothing where nothing was done.
    pub const fn carries_out(self) -> Option<Measure> {
        match self {
            Self::Arrested => Some(Measure::Arrest),
            Self::CheckedDiscreetly => Some(Measure::DiscreetCheck),
            Self::Located => Some(Measure::Locate),
            Self::DocumentSeized => Some(Measure::SeizeDocument),
            Self::Questioned => Some(Measure::Question),
            Self::LetGo => None,
        }
    }
}

/// What allowed something that compels: a hit alone never does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "on", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Basis {
    /// The law of the country, by its rule card: a red notice is a ground to arrest there.
    RedNotice {
        /// What the card says.
        effect: RedEffect,
    },
    /// An order of the country's own authorities.
    NationalOrder {
        /// Its reference.
        reference: String,
    },
}

words! {
    /// The names of the acts.
    HitActName {
        /// See [`HitAct::Found`].
        Found "found",
        /// See [`HitAct::Check`].
        Check "check",
        /// See [`HitAct::Ask`].
        Ask "ask",
        /// See [`HitAct::Confirm`].
        Confirm "confirm",
        /// See [`HitAct::Refute`].
        Refute "refute",
        /// See [`HitAct::Escalate`].
        Escalate "escalate",
        /// See [`HitAct::Close`].
        Close "close",
        /// See [`HitAct::Clock`].
        Clock "clock",
    }
}

impl HitAct {
    /// Its name.
    pub const fn name(&self) -> HitActName {
        match self {
            Self::Found { .. } => HitActName::Found,
            Self::Check { .. } => HitActName::Check,
            Self::Ask { .. } => HitActName::Ask,
            Self::Confirm { .. } => HitActName::Confirm,
            Self::Refute { .. } => HitActName::Refute,
            Self::Escalate {} => HitActName::Escalate,
            Self::Close { .. } => HitActName::Close,
            Self::Clock {} => HitActName::Clock,
        }
    }
}

impl HitActor {
    /// The human being, when it is one.
    pub const fn person(&self) -> Option<&Person> {
        match self {
            Self::Officer { person } | Self::Bureau { person } | Self::Owner { person } => Some(person),
            Self::Clock {} => None,
        }
    }
}
