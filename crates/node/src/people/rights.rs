use std::collections::BTreeSet;

use comity_base::Timestamp;
use comity_policy::access::{About, Role, Roles};
use comity_stix::label::Clearance;
use serde_json::json;

use super::{Account, AccountState};
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
    fn of(&self, old: &Account) -> Account {
        let changed = |old: &BTreeSet<String>, more: &BTreeSet<String>, fewer: &BTreeSet<String>| {
            old.union(more).filter(|one| !fewer.contains(*one)).cloned().collect()
        };
        let roles = self.give.iter().fold(old.roles, Roles::with);
        Account {
            roles: self.take.iter().fold(roles, Roles::without),
            clearance: self.clearance.unwrap_or(old.clearance),
            units: changed(&old.units, &self.join, &self.leave),
            cases: changed(&old.cases, &self.open, &self.close),
            ..old.clone()
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
        self.known_account(name)?;
        self.change_account(ctx, name, "rights changed", |old| {
            let new = change.of(old);
            self.may_grant(ctx, old, &new)?;
            if new.roles.has(Role::Service) && !new.is_program() {
                return Err(NodeError::Refused("a service is no person: it has no other role".into()));
            }
            Ok(new)
        })
    }

    fn may_grant(&self, ctx: &Ctx, old: &Account, new: &Account) -> Result<(), NodeError> {
        let others = self.other_supervisors(ctx)?;
        let by_hand = old.name == ctx.actor || old.added_by == ctx.actor;
        // Whoever takes the last other supervisor away could do afterwards what takes two.
        let takes = old.roles.has(Role::Supervisor) && !new.roles.has(Role::Supervisor);
        let takes_last = takes && others.iter().all(|name| *name == old.name) && others.contains(&old.name);
        let about = About { own: by_hand && is_raised(old, new) || takes_last, alone: others.is_empty() };
        self.may_about(ctx, Act::Grant, about, json!({"account": old.name, "roles": new.roles}))
    }

    /// Those besides whoever asks who give rights here. One that was suspended counts for a week, so that nobody is rid of
    /// the second pair of eyes by suspending it.
    fn other_supervisors(&self, ctx: &Ctx) -> Result<Vec<String>, NodeError> {
        let is_recent = |at: Timestamp| ctx.now().as_micros().saturating_sub(at.as_micros()) < WEEK;
        let counts = |account: &Account| {
            let here = account.state == AccountState::Active || account.state_since.is_some_and(is_recent);
            account.name != ctx.actor && account.roles.has(Role::Supervisor) && here
        };
        Ok(self.all_accounts()?.into_iter().filter(counts).map(|account| account.name).collect())
    }
}

const WEEK: i64 = 7 * 24 * 3_600 * 1_000_000;
