//! Labels: what may be done with an object.

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ObjectId;

/// What may be done with an object, read from its markings and its source's defaults.
///
/// Labels form a lattice by strictness; every conversion goes up it, never down. Equal labels are
/// interned by the store, and policy is decided once per label.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// The organisation that brought the object and answers for it.
    pub owner: OrgName,
    /// Traffic Light Protocol 2.0 (FIRST); none means nothing was said, which releases nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tlp: Option<Tlp>,
    /// Permissible Actions Protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pap: Option<Pap>,
    /// Europol handling code; none means nothing was said.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub handling: BTreeSet<Handling>,
    /// Who it may be released to, when limited: `country:EE`, `org:lab-north`, `group:e5`. None means not limited by a list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release_to: Option<BTreeSet<Party>>,
    /// Who must never see it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub deny: BTreeSet<Party>,
    /// What it may be used for, when limited. None means not limited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purposes: Option<BTreeSet<String>>,
    /// The day after which it must be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_until: Option<Timestamp>,
    /// Source gradings as given: `admiralty-scale:B2`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub grading: BTreeSet<String>,
    /// Other markings the object refers to, kept as they are; policy treats one it does not know as closed.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub markings: BTreeSet<ObjectId>,
}

/// Traffic Light Protocol 2.0, from open to closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tlp {
    /// No limit on disclosure (1.0: WHITE).
    Clear,
    /// The community.
    Green,
    /// The recipient's organisation and its clients, need to know.
    Amber,
    /// The recipient's organisation only.
    #[serde(rename = "amber+strict")]
    AmberStrict,
    /// Named recipients only.
    Red,
}

/// Permissible Actions Protocol, from open to closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pap {
    /// No limit on use (older name: WHITE).
    Clear,
    /// Active actions allowed.
    Green,
    /// Passive cross-checks only.
    Amber,
    /// Not detectable actions only.
    Red,
}

/// Europol handling codes, which restrict independently of each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Handling {
    /// Unrestricted police use.
    H0,
    /// Not for use as evidence in judicial proceedings without the owner's consent.
    H1,
    /// Not to be passed on without the owner's consent.
    H2,
    /// Other restrictions; ask the owner.
    H3,
}

/// One entry of a release or deny list: `country:EE`, `org:lab-north`, `group:e5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Party(pub String);
