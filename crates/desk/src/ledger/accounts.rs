use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use comity_node::{Account, AccountState, NewAccount, Node, NodeError, RightsChange, Role};
use comity_stix::label::Clearance;

use super::super::forms::{Fields, Sent};
use super::super::language::Words;
use super::super::parts::{Foreign, Moment};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::Tabs;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "accounts.html")]
struct Accounts {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Tabs,
    rows: Vec<Row>,
    roles: Vec<(&'static str, String)>,
    clearances: Vec<&'static str>,
    /// A code that somebody sets up their log-in with, told once.
    invitation: Option<(String, String)>,
}

struct Row {
    name: String,
    full_name: Foreign,
    roles: Vec<String>,
    held: Vec<&'static str>,
    clearance: &'static str,
    units: String,
    cases: String,
    is_active: bool,
    since: Moment,
}

/// Who may do what.
pub(crate) async fn page(State(desk): State<Desk>, person: Person) -> Response {
    told(&desk, person, None, None).await
}

async fn told(desk: &Desk, person: Person, invitation: Option<(String, String)>, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "ledger");
    let ctx = person.ctx.clone();
    match work(desk, move |node| node.accounts(&ctx)).await {
        Ok(accounts) => {
            let words = shell.words;
            let page = Accounts {
                tabs: Tabs::of("accounts", words),
                rows: accounts.iter().map(|account| row(account, &shell)).collect(),
                roles: Role::OF_PEOPLE.iter().map(|role| (role.name(), words.known("role-", role.name()))).collect(),
                clearances: Clearance::ALL.iter().map(|level| level.name()).collect(),
                invitation,
                trouble: trouble.as_ref().map_or_else(String::new, |trouble| trouble.words(words)),
                words,
                shell,
            };
            shown(&page, trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn row(account: &Account, shell: &Shell) -> Row {
    let list = |of: &BTreeSet<String>| of.iter().cloned().collect::<Vec<_>>().join(", ");
    Row {
        name: account.name.clone(),
        full_name: Foreign::line(&account.full_name),
        roles: account.roles.iter().map(|role| shell.words.known("role-", role.name())).collect(),
        held: account.roles.iter().map(Role::name).collect(),
        clearance: account.clearance.name(),
        units: list(&account.units),
        cases: list(&account.cases),
        is_active: account.state == AccountState::Active,
        since: shell.when(account.since),
    }
}

/// Adds an account, with a code to set up its log-in.
pub(crate) async fn add(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return told(&desk, person, None, Some(trouble)).await;
    }
    let fields = Fields::read(&body);
    let name = fields.get("name").trim().to_owned();
    let new = NewAccount { name: name.clone(), full_name: fields.get("full").trim().to_owned(), system: None };
    let ctx = person.ctx.clone();
    let added = work(&desk, move |node| {
        node.add_account(&ctx, &new)?;
        Ok(node.invite_account(&ctx, &new.name)?.to_string())
    });
    match added.await {
        Ok(code) => told(&desk, person, Some((name, code)), None).await,
        Err(trouble) => told(&desk, person, None, Some(trouble)).await,
    }
}

/// Changes what an account may do, suspends it, or gives it a new way to log in.
pub(crate) async fn act(State(desk): State<Desk>, Path(name): Path<String>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return told(&desk, person, None, Some(trouble)).await;
    }
    let fields = Fields::read(&body);
    let (ctx, wanted, act) = (person.ctx.clone(), name.clone(), fields.get("act"));
    let done = work(&desk, move |node| match act.as_str() {
        "rights" => {
            let change = change(node, &wanted, &fields)?;
            node.change_rights(&ctx, &wanted, &change).map(|_| None)
        }
        "suspend" => node.set_account_state(&ctx, &wanted, AccountState::Suspended).map(|_| None),
        "lift" => node.set_account_state(&ctx, &wanted, AccountState::Active).map(|_| None),
        "invite" => Ok(Some(node.invite_account(&ctx, &wanted)?.to_string())),
        _ => Ok(None),
    });
    match done.await {
        Ok(Some(code)) => told(&desk, person, Some((name, code)), None).await,
        Ok(None) => Redirect::to("/desk/ledger/accounts").into_response(),
        Err(trouble) => told(&desk, person, None, Some(trouble)).await,
    }
}

/// From what an account may do now to what the form says.
fn change(node: &Node, name: &str, fields: &Fields) -> Result<RightsChange, NodeError> {
    let account = node.account(name)?.ok_or_else(|| NodeError::Refused(format!("there is no account {name}")))?;
    let wanted: Vec<Role> = Role::OF_PEOPLE
        .iter()
        .filter(|role| !fields.get(&format!("role-{}", role.name())).is_empty())
        .copied()
        .collect();
    let set = |name: &str| -> BTreeSet<String> {
        fields.get(name).split(',').map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned).collect()
    };
    let (units, cases) = (set("units"), set("cases"));
    let clearance = Clearance::ALL.iter().find(|level| level.name() == fields.get("clearance")).copied();
    let less = |old: &BTreeSet<String>, new: &BTreeSet<String>| old.difference(new).cloned().collect();
    Ok(RightsChange {
        give: wanted.iter().copied().filter(|role| !account.roles.has(*role)).collect(),
        take: Role::OF_PEOPLE
            .iter()
            .copied()
            .filter(|role| account.roles.has(*role) && !wanted.contains(role))
            .collect(),
        clearance,
        leave: less(&account.units, &units),
        join: units,
        close: less(&account.cases, &cases),
        open: cases,
    })
}

impl Row {
    fn has(&self, role: &str) -> bool {
        self.held.contains(&role)
    }
}
