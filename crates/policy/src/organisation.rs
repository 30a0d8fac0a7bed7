use comity_base::OrgName;
use serde::{Deserialize, Serialize};

use crate::facts::fact;
use crate::{Agreement, State, agreement::Onward};

fact! {
    /// What an organisation is to this node.
    pub OrgKind "Kind" {
        /// A national police bureau, or a unit under it.
        Member "member",
        /// A vetted private organisation.
        Partner "partner",
        /// A node that routes and publishes.
        Hub "hub",
        /// Not known: treated as closed.
        Unknown "unknown",
    }
}

fact! {
    /// Whether an organisation takes part now.
    pub OrgStatus "Status" {
        /// It does.
        Active "active",
        /// It was suspended here.
        Suspended "suspended",
        /// Not known: treated as closed.
        Unknown "unknown",
    }
}

/// What this node knows of an organisation's part in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What it is.
    pub kind: OrgKind,
    /// Whether it takes part.
    pub status: OrgStatus,
}

/// What the owner of an object lets this node do with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerGrant {
    /// What the owner is.
    pub kind: OrgKind,
    /// Its country, ISO 3166-1 alpha-2, when known.
    pub country: Option<String>,
    /// Whether this node may pass it on.
    pub onward: Onward,
}

impl Standing {
    /// Of an organisation nobody here knows.
    pub const UNKNOWN: Self = Self { kind: OrgKind::Unknown, status: OrgStatus::Unknown };
}

impl OwnerGrant {
    /// Of an owner this node knows nothing of and has nothing agreed with: nothing is passed on.
    pub const UNKNOWN: Self = Self { kind: OrgKind::Unknown, country: None, onward: Onward::No };

    /// What the owner agreed with this node: passing on is allowed as the flow from the owner to this node says,
    /// while the agreement is active.
    pub fn under(agreement: &Agreement, state: &State, owner: &OrgName, holder: &OrgName, kind: OrgKind) -> Self {
        let flow = agreement.flow(owner, holder).filter(|_| state.is_active());
        let country = agreement.party(owner).map(|party| party.country.clone());
        Self { kind, country, onward: flow.map_or(Onward::No, |flow| flow.onward) }
    }
}
