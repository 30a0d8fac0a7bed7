use std::collections::BTreeSet;

use comity_policy::access::{About, Role, Roles};
use comity_stix::label::Clearance;
use serde_json::json;

use super::Account;
use crate::{Act, Ctx, Node, NodeError};

/// Rights to be given to an account, or taken.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightsChange {
    /// Roles to be given.
    pub give: Roles,
    /// Roles to be taken.
    pub take: Roles,
    /// The level it is cleared for from now on.
    pub clearance: Option<Clearance>,
    /// Units it works in from now on.
    pub join: BTreeSet<String>,
    /// Units it works in no longer.
    pub leave: BTreeSet<String>,
    /// Cases it works on from now on.
    pub open: BTreeSet<String>,
    /// Cases it works on no longer.
    pub close: BTreeSet<String>,
}

impl RightsChange {
    fn of(&self, old: Account) -> Account {
        let changed = |old: BTreeSet<String>, more: &BTreeSet<String>, fewer: &BTreeSet<String>| {
            old.into_iter().chain(more.iter().cloned()).filter(|one| !fewer.contains(one)).collect()
        };
        let roles = self.give.iter().fold(old.roles, Roles::with);
        Account {
            roles: self.take.iter().fold(roles, Roles::without),
            clearance: self.clearance.unwrap_or(old.clearance),
            units: changed(old.units, &self.join, &self.leave),
            cases: changed(old.cases, &self.open, &self.close),
            ..old
        }
    }
}

/// Whether anything of an account became more.
fn is_raised(old: &Account, new: &Account) -> bool {
    new.roles.iter().any(|role| !old.roles.has(role))
        || new.clearance > old.clearance
        || !new.units.is_subset(&old.units)
        || !new.cases.is_subset(&old.cases)
}

impl Node {
    /// Gives rights to an account, or takes them. Nobody gives them to themselves, or to an account they added, while
    /// there is anybody else who could.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, or nobody could run the node or give rights afterwards.
    pub fn change_rights(&self, ctx: &Ctx, name: &str, change: &RightsChange) -> Result<Account, NodeError> {
        let old = self.known_account(name)?;
        let new = change.of(old.clone());
        let by_hand = old.name == ctx.actor || old.added_by == ctx.actor;
        let about = About { own: by_hand && is_raised(&old, &new), alone: self.is_alone(ctx)? };
        self.may_about(ctx, Act::Grant, about, json!({"account": name, "roles": new.roles}))?;
        if change.give.has(Role::Service) && new.roles.iter().any(|role| role != Role::Service) {
            return Err(NodeError::Refused("a service is no person: it has no other role".into()));
        }
        self.change_account(ctx, name, "rights changed", |account| Ok(change.of(account)))
    }

    /// Whether nobody but whoever asks could give rights here.
    fn is_alone(&self, ctx: &Ctx) -> Result<bool, NodeError> {
        let others = self.all_accounts()?.into_iter().filter(|account| account.name != ctx.actor);
        Ok(!others.into_iter().any(|account| account.is_active(Role::Supervisor)))
    }
}
