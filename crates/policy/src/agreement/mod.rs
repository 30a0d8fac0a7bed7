//! Agreements: signed, machine-readable contracts between two organisations.

mod check;
mod diff;
pub(crate) mod explain;
mod object;
mod sign;
mod state;
mod suspension;
mod text;
mod words;

use std::collections::BTreeSet;

use comity_base::{OrgName, Timestamp};
use comity_crypto::{PublicKey, Signature};
use comity_stix::ObjectId;
use comity_stix::label::{Categories, Handling, Pap, Tlp};
use serde::{Deserialize, Serialize};

pub use object::AGREEMENT_EXTENSION;
pub use sign::{SIGNATURE_CONTEXT, Trust};
pub use state::State;
pub use suspension::{SUSPENSION_CONTEXT, SUSPENSION_EXTENSION, Suspension};
pub use text::{KnownParty, with_parties};
pub use words::{DataKind, Onward, Purpose, WordError};

/// What two organisations agreed: which data goes in which direction, for which purposes, under which
/// restrictions, until when.
///
/// It is written as TOML by people ([`Agreement::from_toml`]) and travels as a STIX 2.1 object of type
/// `x-comity-agreement` ([`Agreement::to_object`], schema in `schemas/comity-agreement.json`). It counts once
/// both parties signed it, within its time, as long as neither has suspended it ([`Agreement::state`]).
///
/// An agreement only narrows what labels allow: it never releases what a label keeps back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Its identifier, the same in all its versions.
    pub id: ObjectId,
    /// When its first version was written.
    pub created: Timestamp,
    /// When this version was written.
    pub modified: Timestamp,
    /// The markings of the agreement's own text, which may be confidential itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub object_marking_refs: Vec<ObjectId>,
    /// What people call it.
    pub name: String,
    /// The laws and treaties it rests on, in words; nothing is decided by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub legal_basis: Vec<String>,
    /// 1 for the first; a higher version replaces a lower one when both parties signed it.
    pub version: u32,
    /// The two organisations.
    pub parties: Vec<Signatory>,
    /// What goes where: at most one for each direction.
    pub flows: Vec<Flow>,
    /// How much each party may ask of the other.
    pub queries: Queries,
    /// How corrections and recalls are answered.
    pub receipts: Receipts,
    /// From this moment on.
    pub valid_from: Timestamp,
    /// Up to and including this moment.
    pub valid_until: Timestamp,
    /// The parties' signatures over everything else, sorted by party.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<PartySignature>,
}

/// One of the two organisations of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signatory {
    /// Its short name.
    pub name: OrgName,
    /// Its country, ISO 3166-1 alpha-2 in capitals.
    pub country: String,
    /// The key it signs this agreement with.
    pub key: PublicKey,
}

/// What one party may give the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flow {
    /// Who gives.
    pub from: OrgName,
    /// Who receives.
    pub to: OrgName,
    /// Which kinds of data. An object goes when every kind it holds is named.
    pub kinds: BTreeSet<DataKind>,
    /// What for.
    pub purposes: BTreeSet<Purpose>,
    /// The most closed TLP level that is given; an object without one counts as amber.
    pub tlp: Tlp,
    /// The most closed PAP level that is given; none means any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pap: Option<Pap>,
    /// The handling codes the receiver accepts; an object with another code is not given.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub handling: BTreeSet<Handling>,
    /// Only data of owners in these countries; none means of any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countries: Option<BTreeSet<String>>,
    /// Whether the receiver may pass the giver's own data on.
    pub onward: Onward,
    /// After how many days the receiver deletes it at the latest; none means as the labels say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention_days: Option<u32>,
}

/// How much each party may ask of the other; 0 means not at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queries {
    /// In 24 hours.
    pub per_day: u32,
    /// In one hour.
    pub per_hour: u32,
}

/// How corrections and recalls are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipts {
    /// Within how many hours a recall is answered with a signed receipt.
    pub within_hours: u32,
    /// Whether the queries of a party are not answered while one of its receipts is overdue.
    pub suspend_queries_when_overdue: bool,
}

/// A party's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartySignature {
    /// Who signed.
    pub party: OrgName,
    /// With which key.
    pub key: PublicKey,
    /// The signature, in the context [`SIGNATURE_CONTEXT`] over [`Agreement::signing_bytes`].
    pub value: Signature,
}

/// An agreement or suspension that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgreementError {
    /// Something written in it is wrong.
    #[error("{}{problem}", place(*line, field))]
    Wrong {
        /// The line of the text, when it is a text.
        line: Option<usize>,
        /// What is wrong: `flows[0].kinds`; empty for the whole.
        field: String,
        /// Why, and what is allowed.
        problem: String,
    },
    /// It was to be signed or suspended by someone else than its parties.
    #[error("{party} is not a party to the agreement {name:?}")]
    Stranger {
        /// Who.
        party: OrgName,
        /// What the agreement is called.
        name: String,
    },
    /// It was to be signed with another key than it names.
    #[error("the agreement names the key {named} for {party}, and this is the key {given}")]
    OtherKey {
        /// Who.
        party: OrgName,
        /// The key in the agreement.
        named: PublicKey,
        /// The key it was to be signed with.
        given: PublicKey,
    },
    /// Only who suspended an agreement may lift the suspension.
    #[error("{by} suspended the agreement, and only {by} lifts it")]
    NotTheSuspender {
        /// Who suspended it.
        by: OrgName,
    },
}

impl Agreement {
    /// The type of the STIX object.
    pub const TYPE: &str = "x-comity-agreement";

    /// What one party may give the other; none when nothing goes this way.
    pub fn flow(&self, from: &OrgName, to: &OrgName) -> Option<&Flow> {
        self.flows.iter().find(|flow| flow.from == *from && flow.to == *to)
    }

    /// The party of this name.
    pub fn party(&self, name: &OrgName) -> Option<&Signatory> {
        self.parties.iter().find(|party| party.name == *name)
    }

    /// The other party than this one; none when this is no party.
    pub fn other(&self, name: &OrgName) -> Option<&Signatory> {
        self.party(name)?;
        self.parties.iter().find(|party| party.name != *name)
    }
}

impl Flow {
    /// The categories of personal data it names.
    pub fn personal(&self) -> Categories {
        let category = |kind: &DataKind| match kind {
            DataKind::Threat => None,
            DataKind::Personal(category) => Some(*category),
        };
        self.kinds.iter().filter_map(category).collect()
    }

    /// Whether every kind of data in an object of these categories is named. Technical data needs `threat`:
    /// an object without personal data, and one that was made from such a one too.
    pub fn covers(&self, categories: Categories) -> bool {
        self.covers_with(self.personal(), categories)
    }

    /// The same, where [`Self::personal`] is known already.
    pub(crate) fn covers_with(&self, personal: Categories, categories: Categories) -> bool {
        let technical = categories.is_empty() || categories.with_threat();
        categories.is_subset(personal) && (!technical || self.kinds.contains(&DataKind::Threat))
    }

    /// Whether it has a kind of data of this name.
    pub(crate) fn names(&self, kind: &str) -> bool {
        self.kinds.iter().any(|own| own.name() == kind)
    }
}

fn place(line: Option<usize>, field: &str) -> String {
    let colon = if field.is_empty() { "" } else { ": " };
    match line {
        Some(line) if field.is_empty() => format!("line {line}: "),
        Some(line) => format!("line {line}, {field}{colon}"),
        None => format!("{field}{colon}"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
