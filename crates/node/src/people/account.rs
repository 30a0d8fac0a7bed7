use std::collections::BTreeSet;
use std::sync::Arc;

use comity_base::Timestamp;
use comity_ledger::EntryKind;
use comity_policy::access::{Authority, Means, Role, Roles};
use comity_stix::label::Clearance;
use comity_store::{Change, Put};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{Act, Ctx, Deed, Node, NodeError};

/// A person or program of the own organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name, by which it is on record: lower-case letters, digits, `.`, `-`, `_`.
    pub name: String,
    /// The name of the person, or what the program is.
    pub full_name: String,
    /// What it is here.
    pub roles: Roles,
    /// The level it is cleared for.
    #[serde(default)]
    pub clearance: Clearance,
    /// The units it works in.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub units: BTreeSet<String>,
    /// The cases it works on.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub cases: BTreeSet<String>,
    /// The account of the operating system that is this person, when one is: `uid:1000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Whether it may act.
    pub state: AccountState,
    /// When that last changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_since: Option<Timestamp>,
    /// Who added it.
    pub added_by: String,
    /// When.
    pub since: Timestamp,
}

/// Whether an account may act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountState {
    /// It may.
    Active,
    /// It may not, until that is lifted; its name stays taken.
    Suspended,
}

/// An account to be added. It has no rights until somebody else gives them.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its name.
    pub name: String,
    /// The person's name.
    pub full_name: String,
    /// The account of the operating system that is this person.
    pub system: Option<String>,
}

impl Account {
    /// What it acts with, having shown by these means who it is.
    pub fn authority(&self, means: Means) -> Authority {
        Authority {
            active: self.state == AccountState::Active,
            roles: self.roles,
            clearance: self.clearance,
            units: self.units.clone(),
            cases: self.cases.clone(),
            means,
            scope: None,
        }
    }

    /// Whether it is a program and nothing else.
    pub fn is_program(&self) -> bool {
        self.roles.without(Role::Service).is_empty()
    }

    /// Whether it may act, and is this.
    pub(super) fn is_active(&self, role: Role) -> bool {
        self.state == AccountState::Active && self.roles.has(role)
    }
}

impl Node {
    /// Every account.
    ///
    /// # Errors
    /// When they may not be seen, or the store cannot be read.
    pub fn accounts(&self, ctx: &Ctx) -> Result<Vec<Account>, NodeError> {
        self.may(ctx, Act::Accounts, json!({}))?;
        self.all_accounts()
    }

    pub(super) fn all_accounts(&self) -> Result<Vec<Account>, NodeError> {
        self.settings(ACCOUNTS)
    }

    /// Whether this node has accounts at all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn has_accounts(&self) -> Result<bool, NodeError> {
        Ok(!self.store.values(ACCOUNTS)?.is_empty())
    }

    /// The account of this name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn account(&self, name: &str) -> Result<Option<Account>, NodeError> {
        self.setting(&key(name))
    }

    pub(super) fn known_account(&self, name: &str) -> Result<Account, NodeError> {
        let none = || NodeError::Refused(format!("there is no account {name}; list them with `comity account list`"));
        self.account(name)?.ok_or_else(none)
    }

    /// The account that an account of the operating system is.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn account_of_system(&self, system: &str) -> Result<Option<Account>, NodeError> {
        Ok(self.all_accounts()?.into_iter().find(|account| account.system.as_deref() == Some(system)))
    }

    /// The first account of a node: whoever makes the node has every role, until others are added.
    ///
    /// # Errors
    /// When there are accounts already, or the name is none.
    pub fn add_first_account(&self, ctx: &Ctx, new: &NewAccount) -> Result<Account, NodeError> {
        let governed = self.governed()?;
        if self.has_accounts()? {
            return Err(NodeError::Refused("this node has accounts already".into()));
        }
        let all = Authority::alone();
        let account = Account { roles: all.roles, clearance: all.clearance, ..self.fresh(ctx, new)? };
        self.put_account(ctx, &account, (None, governed), Deed::decision("first account made", about(&account)))?;
        Ok(account)
    }

    /// Adds an account. It can do nothing until somebody else gives it a role.
    ///
    /// # Errors
    /// When whoever asks may not, the name is none or is taken, or the operating system's account is another's.
    pub fn add_account(&self, ctx: &Ctx, new: &NewAccount) -> Result<Account, NodeError> {
        self.may(ctx, Act::AccountChange, json!({"account": new.name}))?;
        let governed = self.governed()?;
        let account = self.fresh(ctx, new)?;
        if let Some(system) = &new.system
            && let Some(other) = self.account_of_system(system)?
        {
            return Err(NodeError::Refused(format!("{system} is the account {} already", other.name)));
        }
        self.put_account(ctx, &account, (None, governed), Deed::decision("account added", about(&account)))?;
        Ok(account)
    }

    fn fresh(&self, ctx: &Ctx, new: &NewAccount) -> Result<Account, NodeError> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
        let name = &new.name;
        if name.is_empty() || name.len() > 60 || !name.chars().all(allowed) {
            let why = "use lower-case letters, digits, dots and hyphens";
            return Err(NodeError::Refused(format!("{name:?} is no name for an account; {why}")));
        }
        if self.account(name)?.is_some() {
            return Err(NodeError::Refused(format!("there is an account {name} already; names are not used again")));
        }
        Ok(Account {
            name: name.clone(),
            full_name: new.full_name.clone(),
            roles: Roles::NONE,
            clearance: Clearance::None,
            units: BTreeSet::new(),
            cases: BTreeSet::new(),
            system: new.system.clone(),
            state: AccountState::Active,
            state_since: None,
            added_by: ctx.actor.clone(),
            since: ctx.now(),
        })
    }

    /// Lets an account act no longer, or again. Its sessions end at once.
    ///
    /// # Errors
    /// When whoever asks may not, there is no such account, or nobody could run the node or give rights afterwards.
    pub fn set_account_state(&self, ctx: &Ctx, name: &str, state: AccountState) -> Result<Account, NodeError> {
        self.may(ctx, Act::AccountChange, json!({"account": name}))?;
        let decided = match state {
            AccountState::Active => "account may act again",
            AccountState::Suspended => "account suspended",
        };
        let state_since = Some(ctx.now());
        let changed = self.change_account(ctx, name, decided, |old| {
            Ok(if old.state == state { old.clone() } else { Account { state, state_since, ..old.clone() } })
        })?;
        if state == AccountState::Suspended {
            self.end_sessions_of(ctx, name)?;
        }
        Ok(changed)
    }

    /// Makes a changed account of the one that stands, as one decision. Of two that change accounts at the same moment one
    /// is refused: what each was decided on must still stand.
    pub(super) fn change_account(
        &self,
        ctx: &Ctx,
        name: &str,
        decided: &str,
        change: impl Fn(&Account) -> Result<Account, NodeError>,
    ) -> Result<Account, NodeError> {
        let governed = self.governed()?;
        let Some((version, old)) = self.versioned::<Account>(&key(name))? else {
            self.known_account(name)?;
            return Err(NodeError::Stage);
        };
        let new = change(&old)?;
        if new == old {
            return Ok(new);
        }
        self.stays_governed(&new)?;
        let deed = Deed::decision(decided, about(&new)).and("before", about(&old));
        self.put_account(ctx, &new, (Some(version), governed), deed)?;
        Ok(new)
    }

    /// The version of what all changes of accounts have in common, so that they come one after the other.
    fn governed(&self) -> Result<Option<u64>, NodeError> {
        Ok(self.store.value(GOVERNED)?.map(|(version, _)| version))
    }

    /// A node without anybody who runs it or gives rights could not be helped by anybody.
    fn stays_governed(&self, changed: &Account) -> Result<(), NodeError> {
        for (role, does) in [(Role::Supervisor, "give rights"), (Role::Operator, "run the node")] {
            let mut is_left = changed.is_active(role) && self.can_come_in(changed)?;
            for other in self.all_accounts()?.into_iter().filter(|account| account.name != changed.name) {
                is_left |= other.is_active(role) && self.can_come_in(&other)?;
            }
            let had = self.account(&changed.name)?.is_some_and(|old| old.is_active(role));
            if had && !changed.is_active(role) && !is_left {
                let text = format!("nobody could {does} afterwards; give that role to another, who can log in, first");
                return Err(NodeError::Refused(text));
            }
        }
        Ok(())
    }

    fn put_account(
        &self,
        ctx: &Ctx,
        account: &Account,
        (version, governed): (Option<u64>, Option<u64>),
        deed: Deed,
    ) -> Result<(), NodeError> {
        let key = key(&account.name);
        let value = serde_json::to_vec(account).map_err(NodeError::setting(&key))?;
        let entries = [Deed { kind: EntryKind::Role, ..deed }.entry(ctx)?];
        let puts = [
            Put { key: &key, expected: version, value: &value },
            Put { key: GOVERNED, expected: governed, value: b"" },
        ];
        self.store.write(&Change { puts: &puts, entries: &entries, ..Change::default() })?;
        Ok(())
    }
}

impl Ctx {
    /// The same for another account.
    #[must_use]
    pub fn acting_as(&self, name: &str, authority: Authority) -> Self {
        Self { actor: name.to_owned(), authority: Arc::new(authority), ..self.clone() }
    }
}

/// The account as the ledger is told of it.
fn about(account: &Account) -> serde_json::Value {
    json!({
        "account": account.name, "roles": account.roles, "clearance": account.clearance, "units": account.units,
        "cases": account.cases, "state": account.state, "system": account.system,
    })
}

fn key(name: &str) -> String {
    format!("{ACCOUNTS}{name}")
}

const ACCOUNTS: &str = "account/";
const GOVERNED: &str = "accounts";
