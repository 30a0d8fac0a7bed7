//! Labels: what may be done with an object.
//!
//! A [`Label`] is read from an object's markings by a [`LabelReader`] and from its source's defaults;
//! [`Label::join`] gives the label of what is made from two objects. Who may see an object is decided from its
//! label by the room `policy`.
//!
//! Everything here fails closed: a marking or restriction that cannot be read is never ignored. It
//! either becomes the strictest reading, or stays in [`Label::markings`], and policy treats a label with
//! anything in there as closed to everyone but its owner.

mod category;
mod grading;
mod handling;
mod join;
mod json;
mod known;
mod marking;
mod misp;
mod need;
mod pap;
mod party;
mod personal;
mod read;
mod recipient;
mod said;
mod tlp;

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ObjectId;

pub use category::{Categories, Category, CategoryError};
pub use grading::{GradingError, grading};
pub use handling::{Handling, HandlingError};
pub use json::LabelError;
pub use known::{KnownMarkings, Learned, Meaning};
pub use need::{Clearance, Need, NeedError};
pub use pap::{Pap, PapError};
pub use party::{Party, PartyError, PartyKind};
pub use read::{LabelReader, Remark};
pub use recipient::Recipient;
pub use said::Said;
pub use tlp::{Tlp, TlpError};

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
    /// Permissible Actions Protocol; none means nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pap: Option<Pap>,
    /// Europol handling codes; none means nothing was said.
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
    /// The moment after which it must be gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retain_until: Option<Timestamp>,
    /// Source gradings as given: `admiralty-scale:B2`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub grading: BTreeSet<String>,
    /// Markings the object refers to whose meaning was not known when it was read; while one stays
    /// unknown, policy treats the label as closed. [`KnownMarkings::resolve`] takes out those learned since.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub markings: BTreeSet<ObjectId>,
    /// What personal data the object holds; empty means none, only technical data about threats. Not read from
    /// markings: it follows from the object itself ([`Category::of_object`]), to which a source's default adds.
    #[serde(default, skip_serializing_if = "categories_are_empty")]
    pub personal: Categories,
    /// What those of the holder's own organisation must have to see it, all of it; empty means nothing. It does not
    /// leave the organisation.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub need: BTreeSet<Need>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn categories_are_empty(categories: &Categories) -> bool {
    categories.is_empty()
}

impl Label {
    /// The label of an owner's object about which nothing was said: it releases nothing.
    pub fn defaults(owner: OrgName) -> Self {
        Self {
            owner,
            tlp: None,
            pap: None,
            handling: BTreeSet::new(),
            release_to: None,
            deny: BTreeSet::new(),
            purposes: None,
            retain_until: None,
            grading: BTreeSet::new(),
            markings: BTreeSet::new(),
            personal: Categories::NONE,
            need: BTreeSet::new(),
        }
    }

    /// This label for an object that holds these categories of personal data, besides those the label has
    /// already: a source's default may say of all its objects that they are about victims.
    #[must_use]
    pub fn with_personal(&self, categories: Categories) -> Self {
        Self { personal: self.personal.union(categories), ..self.clone() }
    }

    /// This label without what people of the holder's organisation must have: as its owner said it.
    #[must_use]
    pub fn without_need(&self) -> Self {
        Self { need: BTreeSet::new(), ..self.clone() }
    }

    /// Its owner's label as it is told outside. Where not everybody within may see it, only those it names outside may,
    /// and that goes with it.
    #[must_use]
    pub fn told(&self) -> Self {
        if self.need.is_empty() {
            return self.clone();
        }
        let is_name = |party: &&Party| matches!(party.kind(), PartyKind::Org(_));
        let named = self.release_to.iter().flatten().filter(is_name).cloned().collect();
        Self { need: BTreeSet::new(), release_to: Some(named), ..self.clone() }
    }
}
