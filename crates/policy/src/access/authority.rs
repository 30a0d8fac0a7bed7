use std::collections::BTreeSet;

use comity_stix::Label;
use comity_stix::label::{Clearance, Need};

use super::{Act, Role, Roles};

/// What somebody acts with: worked out when they showed who they are, and from then on only looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// The account is active.
    pub active: bool,
    /// What it is here.
    pub roles: Roles,
    /// The level it is cleared for.
    pub clearance: Clearance,
    /// The units it works in.
    pub units: BTreeSet<String>,
    /// The cases it works on.
    pub cases: BTreeSet<String>,
    /// How it showed who it is.
    pub means: Means,
    /// What its key is limited to, where a key acts.
    pub scope: Option<BTreeSet<Act>>,
}

/// How somebody showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// The operating system says so.
    System,
    /// A password, and a one-time code.
    Password,
    /// A passkey.
    Passkey,
    /// The organisation's identity provider says so.
    Provider,
    /// An API key.
    Key,
    /// A peer's certificate or a tool's secret.
    Peer,
    /// It is the node itself.
    Node,
}

impl Authority {
    /// Nobody: may do nothing.
    pub const fn nobody() -> Self {
        Self {
            active: false,
            roles: Roles::NONE,
            clearance: Clearance::None,
            units: BTreeSet::new(),
            cases: BTreeSet::new(),
            means: Means::System,
            scope: None,
        }
    }

    /// The node itself, in its own work. It sees everything it holds.
    pub fn node() -> Self {
        Self { active: true, roles: Roles::NONE.with(Role::Node), means: Means::Node, ..Self::nobody() }
    }

    /// Another organisation. What it may see, its agreement says.
    pub fn peer() -> Self {
        Self { active: true, roles: Roles::NONE.with(Role::Peer), means: Means::Peer, ..Self::nobody() }
    }

    /// Somebody who has every role of people and every clearance: a bureau of one.
    pub fn alone() -> Self {
        let roles = Role::OF_PEOPLE.iter().copied().collect();
        Self { active: true, roles, clearance: Clearance::TopSecret, ..Self::nobody() }
    }

    /// Whether this has what the label asks of people of the own organisation: clearance, unit and case.
    ///
    /// The node sees everything it holds: what it shows to whom is decided where it is shown.
    pub fn meets(&self, label: &Label) -> bool {
        label.need.iter().all(|need| self.has(need))
    }

    /// What it lacks of what the label asks.
    pub fn lacks<'l>(&self, label: &'l Label) -> impl Iterator<Item = &'l Need> {
        label.need.iter().filter(|need| !self.has(need))
    }

    fn has(&self, need: &Need) -> bool {
        if self.roles.has(Role::Node) || self.roles.has(Role::Peer) {
            return true;
        }
        match need {
            Need::Level(level) => self.clearance >= *level,
            Need::Unit(unit) => self.units.contains(unit),
            Need::Case(case) => self.cases.contains(case),
        }
    }
}
