use comity_node::{
    Account, AccountState, Ctx, NewAccount, NewKey, Node, NodeError, RightsChange, Role, Roles, Session,
};

use crate::args::{AccountAction, AccountArgs, Args, RightsArgs};
use crate::desk::Desk;
use crate::exit::Code;
use crate::output::printable;
use crate::place::{Access, Place};

pub(crate) fn run(desk: &Desk, args: &Args, command: &AccountArgs) -> anyhow::Result<Code> {
    let access = match &command.action {
        AccountAction::List | AccountAction::Keys { .. } => Access::Read,
        AccountAction::Sessions { end, .. } if !end => Access::Read,
        _ => Access::Settings,
    };
    let place = desk.open(args, access)?;
    let (node, ctx) = (&*place.node, &place.ctx);
    match &command.action {
        AccountAction::List => list(desk, args, &node.accounts(ctx)?)?,
        AccountAction::Add { account, name, system } => {
            let ctx = &founded(node, ctx)?;
            let new = NewAccount { name: account.clone(), full_name: name.clone(), system: system.clone() };
            let made = node.add_account(ctx, &new)?;
            tell(desk, args, &made, "can do nothing yet: a supervisor gives it a role with `comity account grant`")?;
        }
        AccountAction::Grant(rights) => {
            let made = node.change_rights(ctx, &rights.account, &given(rights))?;
            tell(desk, args, &made, &format!("is {}", standing(&made)))?;
        }
        AccountAction::Revoke(rights) => {
            let made = node.change_rights(ctx, &rights.account, &taken(rights))?;
            tell(desk, args, &made, &format!("is {}", standing(&made)))?;
        }
        AccountAction::Suspend { account } => {
            let made = node.set_account_state(ctx, account, AccountState::Suspended)?;
            tell(desk, args, &made, "may do nothing until it is restored; its sessions have ended")?;
        }
        AccountAction::Restore { account } => {
            let made = node.set_account_state(ctx, account, AccountState::Active)?;
            tell(desk, args, &made, &format!("is {}", standing(&made)))?;
        }
        AccountAction::Invite { account } => invite(desk, args, &place, account)?,
        AccountAction::Sessions { .. }
        | AccountAction::AddKey { .. }
        | AccountAction::Keys { .. }
        | AccountAction::RevokeKey { .. } => {
            of_access(desk, args, node, ctx, &command.action)?;
        }
    }
    Ok(Code::Done)
}

/// Makes a code with which somebody sets up how they log in.
fn invite(desk: &Desk, args: &Args, place: &Place, account: &str) -> anyhow::Result<()> {
    let code = place.node.invite_account(&place.ctx, account)?;
    let page = place.config.network.address().map(|url| format!("{url}/desk/enrol?account={account}"));
    if args.json {
        return desk.line(&serde_json::json!({"account": account, "invitation": *code, "page": page}));
    }
    let page = page.map_or_else(String::new, |page| format!("\n  {page}   (a passkey)"));
    desk.say(format_args!(
        "{}\nGive this code to {account} and to nobody else; it counts once, for three days:\n\n  comity enrol {account}{page}",
        *code
    ))
}

/// Sessions and API keys.
fn of_access(desk: &Desk, args: &Args, node: &Node, ctx: &Ctx, action: &AccountAction) -> anyhow::Result<()> {
    match action {
        AccountAction::Sessions { account, end } => {
            let account = account.as_deref().unwrap_or(&ctx.actor);
            if *end {
                let ended = node.end_sessions(ctx, account)?;
                desk.say(format_args!("{ended} sessions of {account} have ended."))?;
            } else {
                sessions(desk, args, &node.sessions_of(ctx, account)?)?;
            }
        }
        AccountAction::AddKey { account, may, note, days } => {
            let scope = may.iter().copied().collect();
            let new = NewKey { account: account.clone(), note: note.clone(), scope, days: *days };
            let (key, secret) = node.add_key(ctx, &new)?;
            if args.json {
                desk.line(&serde_json::json!({"key": key, "secret": secret}))?;
            } else {
                desk.say(format_args!(
                    "{secret}\nThat is key {} of {account}, until {}. It is not shown again; programs give it as COMITY_KEY.",
                    key.id, key.expires
                ))?;
            }
        }
        AccountAction::Keys { account } => keys(desk, args, node, ctx, account.as_deref().unwrap_or(&ctx.actor))?,
        AccountAction::RevokeKey { id } => {
            let key = node.revoke_key(ctx, id)?;
            desk.say(format_args!("Key {} of {} opens nothing any more.", key.id, key.account))?;
        }
        _ => {}
    }
    Ok(())
}

/// On a node without accounts, whoever adds the first one becomes an account first.
fn founded(node: &Node, ctx: &Ctx) -> Result<Ctx, NodeError> {
    if node.has_accounts()? {
        return Ok(ctx.clone());
    }
    let first = found(node, ctx)?;
    Ok(ctx.acting_as(&first.name, (*ctx.authority).clone()))
}

/// Makes whoever acts the node's first account.
pub(crate) fn found(node: &Node, ctx: &Ctx) -> Result<Account, NodeError> {
    let fit = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    let name: String = ctx.actor.to_lowercase().chars().filter(|c| fit(*c)).take(60).collect();
    let name = if name.is_empty() { "first".to_owned() } else { name };
    let system = crate::desk::system_account();
    node.add_first_account(ctx, &NewAccount { full_name: name.clone(), name, system })
}

/// Where nobody can log in yet, tells whoever runs the node how they do, once.
pub(crate) fn invite_first(desk: &Desk, place: &Place, is_reached: bool) -> anyhow::Result<()> {
    let (node, url) = (&place.node, place.config.network.address().unwrap_or_default());
    if !is_reached || url.is_empty() || crate::desk::system_account().is_none() || node.has_log_ins()? {
        return Ok(());
    }
    let ctx = founded(node, &place.ctx)?;
    let code = match node.invite_account(&ctx, &ctx.actor) {
        // Whoever runs the machine need not be one who says who logs in.
        Err(NodeError::Denied(_)) => return Ok(()),
        code => code?,
    };
    // Whoever started this may be gone and read nothing; it serves all the same.
    drop(desk.say(format_args!(
        "Nobody can log in yet. Whoever opens this address first, within three days, is {}: {url}/desk/enrol?first=1&account={}&invitation={}",
        ctx.actor, ctx.actor, *code
    )));
    Ok(())
}

fn given(rights: &RightsArgs) -> RightsChange {
    RightsChange {
        give: rights.role.iter().copied().collect(),
        clearance: rights.clearance,
        join: rights.unit.iter().cloned().collect(),
        open: rights.on_case.iter().cloned().collect(),
        ..RightsChange::default()
    }
}

fn taken(rights: &RightsArgs) -> RightsChange {
    RightsChange {
        take: rights.role.iter().copied().collect::<Roles>(),
        clearance: rights.clearance,
        leave: rights.unit.iter().cloned().collect(),
        close: rights.on_case.iter().cloned().collect(),
        ..RightsChange::default()
    }
}

fn tell(desk: &Desk, args: &Args, account: &Account, what: &str) -> anyhow::Result<()> {
    if args.json { desk.line(account) } else { desk.say(format_args!("{} {what}.", account.name)) }
}

/// What an account is, in words.
pub(crate) fn standing(account: &Account) -> String {
    let roles = account.roles.iter().map(Role::name).collect::<Vec<_>>().join(", ");
    let mut parts = vec![if roles.is_empty() { "without a role".to_owned() } else { roles }];
    if account.clearance > comity_stix::label::Clearance::None {
        parts.push(format!("cleared for {}", account.clearance.name()));
    }
    let list = |of: &std::collections::BTreeSet<String>| printable(&of.iter().cloned().collect::<Vec<_>>().join(", "));
    if !account.units.is_empty() {
        parts.push(format!("in {}", list(&account.units)));
    }
    if !account.cases.is_empty() {
        parts.push(format!("on {}", list(&account.cases)));
    }
    parts.join("; ")
}

fn list(desk: &Desk, args: &Args, accounts: &[Account]) -> anyhow::Result<()> {
    if args.json {
        return accounts.iter().try_for_each(|account| desk.line(account));
    }
    let row = |account: &Account| {
        let state = match account.state {
            AccountState::Active => "active",
            AccountState::Suspended => "suspended",
        };
        let system = account.system.clone().unwrap_or_default();
        vec![account.name.clone(), printable(&account.full_name), standing(account), state.into(), printable(&system)]
    };
    desk.table(&["account", "who", "is", "state", "system"], accounts.iter().map(row))
}

fn sessions(desk: &Desk, args: &Args, sessions: &[Session]) -> anyhow::Result<()> {
    if args.json {
        return sessions.iter().try_for_each(|session| desk.line(session));
    }
    let row = |one: &Session| {
        let (since, seen) = (one.since.to_string(), one.seen.to_string());
        vec![one.id.clone(), one.account.clone(), one.means.clone(), printable(&one.place), since, seen]
    };
    desk.table(&["session", "account", "by", "where", "since", "last seen"], sessions.iter().map(row))
}

fn keys(desk: &Desk, args: &Args, node: &Node, ctx: &Ctx, account: &str) -> anyhow::Result<()> {
    let keys = node.keys_of_account(ctx, account)?;
    if args.json {
        return keys.iter().try_for_each(|key| desk.line(key));
    }
    let row = |key: &comity_node::ApiKey| {
        let may = key.scope.iter().map(|act| act.name()).collect::<Vec<_>>().join(", ");
        let used = key.last_used.map_or_else(|| "never".to_owned(), |used| used.to_string());
        let state = if key.revoked.is_some() { "taken back".to_owned() } else { format!("until {}", key.expires) };
        vec![key.id.clone(), printable(&key.note), may, state, used]
    };
    desk.table(&["key", "for", "may", "counts", "last used"], keys.iter().map(row))
}
