use comity_base::{OrgName, Timestamp};
use comity_stix::ObjectId;
use serde::{Deserialize, Serialize};

use super::Language;

/// What somebody asks about data of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsRequest {
    /// Its number at this desk: year and count.
    pub number: String,
    /// What is asked.
    pub kind: RightsKind,
    /// Who asks.
    pub person: Person,
    /// When it came.
    pub received: Timestamp,
    /// How far it is.
    pub stage: Stage,
    /// When it was found admissible: who asks is who they say, or acts for them. The clock runs from then.
    pub admitted: Option<Timestamp>,
    /// When it must be answered.
    pub due: Option<Timestamp>,
    /// What is held about the person.
    pub found: Vec<FoundObject>,
    /// Whose data it is, and what they say.
    pub consulted: Vec<Consulted>,
    /// What was decided.
    pub outcome: Option<Outcome>,
    /// Whether the answer says so; otherwise it is the one that everybody gets.
    pub told: bool,
    /// When.
    pub decided: Option<Timestamp>,
    /// Everything that was done, oldest first.
    pub events: Vec<RightsEvent>,
}

/// A request as it comes in.
#[derive(Clone, Debug)]
pub struct Opening {
    /// What is asked.
    pub kind: RightsKind,
    /// Who asks.
    pub person: Person,
    /// When it came; now when nothing is said.
    pub received: Option<Timestamp>,
}

/// Who asks about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their name.
    pub name: String,
    /// The day they were born, as they say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub born: Option<String>,
    /// Where the answer goes; their own address or their lawyer's.
    pub contact: String,
    /// What they say it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// The language of the answer.
    pub language: Language,
}

/// What can be asked: Directive (EU) 2016/680, Articles 14 and 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RightsKind {
    /// To know what is held.
    Access,
    /// That it be corrected.
    Correction,
    /// That it be deleted.
    Deletion,
}

/// How far a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It came; nobody has said yet whether it is admissible.
    Received,
    /// It is admissible, and its clock runs.
    Admitted,
    /// It is not admissible.
    Refused,
    /// It is decided.
    Decided,
}

/// An object that tells of the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FoundObject {
    /// The object.
    pub id: ObjectId,
    /// Whose it is.
    pub owner: OrgName,
    /// What people call it.
    pub name: String,
    /// What it was found by.
    pub by: String,
    /// Until when its label lets it live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who was given it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<OrgName>,
    /// Whether it stands, is hidden, or is gone.
    pub state: FoundState,
}

/// What became of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FoundState {
    /// It stands as it did.
    Stands,
    /// It is hidden from everybody until it is decided.
    Hidden,
    /// It is gone.
    Deleted,
}

/// An organisation whose data it is, asked what it wants.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consulted {
    /// The organisation.
    pub owner: OrgName,
    /// When it was asked.
    pub asked: Timestamp,
    /// Until when it may answer.
    pub until: Timestamp,
    /// What it said, or was taken to say.
    pub says: Option<Says>,
    /// Whether that is what its silence means.
    #[serde(default)]
    pub silent: bool,
}

/// What the owner of data wants to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Says {
    /// It may be told.
    Disclose,
    /// It must not be told.
    Withhold,
    /// It stays.
    Keep,
    /// It goes.
    Delete,
}

/// What was decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Nothing is held.
    Nothing,
    /// The person is told what is held.
    Disclosed,
    /// Something may be held, and is not told: Directive (EU) 2016/680, Article 15.
    Withheld,
    /// It was corrected.
    Corrected,
    /// It was deleted.
    Deleted,
    /// It stays.
    Kept,
}

/// Something done about a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RightsEvent {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// What, in words.
    pub what: String,
}

impl RightsRequest {
    /// Whether it should have been answered by now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.stage == Stage::Admitted && self.due.is_some_and(|due| due < now)
    }

    /// Whether an owner's time to answer is over, and it has not.
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.stage == Stage::Admitted && self.consulted.iter().any(|asked| asked.is_silent(now))
    }

    /// Whether somebody has still to do something.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Received | Stage::Admitted)
    }
}

impl Consulted {
    /// Whether its time to answer is over, and it has not.
    pub(super) fn is_silent(&self, now: Timestamp) -> bool {
        self.says.is_none() && self.until < now
    }
}

impl RightsKind {
    /// The name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Correction => "correction",
            Self::Deletion => "deletion",
        }
    }
}

impl Stage {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Admitted => "admitted",
            Self::Refused => "refused",
            Self::Decided => "decided",
        }
    }
}

impl FoundState {
    /// The name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stands => "stands",
            Self::Hidden => "hidden",
            Self::Deleted => "deleted",
        }
    }
}

impl Outcome {
    /// The name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Disclosed => "disclosed",
            Self::Withheld => "withheld",
            Self::Corrected => "corrected",
            Self::Deleted => "deleted",
            Self::Kept => "kept",
        }
    }

    /// Whether it answers this kind of request.
    pub(super) const fn answers(self, kind: RightsKind) -> bool {
        match self {
            Self::Nothing | Self::Withheld => true,
            Self::Disclosed => matches!(kind, RightsKind::Access),
            Self::Corrected | Self::Deleted | Self::Kept => !matches!(kind, RightsKind::Access),
        }
    }

    /// Whether the person may be told: what the neutral answer stands for may not.
    pub(super) const fn can_be_told(self) -> bool {
        matches!(self, Self::Disclosed | Self::Corrected | Self::Deleted)
    }
}

impl Says {
    /// The name on the command line and in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disclose => "disclose",
            Self::Withhold => "withhold",
            Self::Keep => "keep",
            Self::Delete => "delete",
        }
    }
}
