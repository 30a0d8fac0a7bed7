//! A copy of what a border needs, for where there is no network: signed, with its age, and searched as the node searches.

mod make;
mod search;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

pub use search::{CopiedDocument, CopiedPerson, CopyFound, FrontlineCopy, Held};

/// What stands at the beginning of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopyHead {
    /// Whose node made it.
    pub made_by: OrgName,
    /// When.
    pub made_at: Timestamp,
    /// Up to which position of its log.
    pub position: u64,
}

/// One line of a copy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Line {
    /// Somebody who is looked for by a notice: the identity as its owner released it.
    Person { owner: OrgName, identity: Box<serde_json::value::RawValue>, notice: CopiedNotice },
    /// A document in the register of its issuer.
    Document { owner: OrgName, document: String, state: String },
}

/// What an officer is told of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CopiedNotice {
    /// The notice.
    pub id: String,
    /// Its colour.
    pub colour: String,
    /// What to beware of.
    pub caution: Vec<String>,
    /// Whom to call.
    pub phone: Option<String>,
    /// Until when it holds.
    pub valid_until: Timestamp,
}

/// What signatures of copies are made in.
const COPY: &str = "frontline copy";
