use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use comity_crypto::Zeroizing;
use comity_node::{Account, AccountPasskey, Ctx, Means, Node, NodeError, Session};
use comity_stix::label::Clearance;

use super::forms::{Fields, Sent};
use super::language::Words;
use super::person::Person;
use super::reply::{Trouble, hash, logged_out, page as shown, work};
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "me.html")]
struct Me {
    words: Words,
    shell: Shell,
    trouble: String,
    full_name: String,
    facts: Vec<(&'static str, String)>,
    passkeys: Vec<Key>,
    sessions: Vec<Row>,
    has_password: bool,
    /// They came by the identity provider, which may be asked again who they are.
    by_provider: bool,
}

struct Key {
    id: String,
    label: String,
    since: String,
    used: String,
    may_be_copied: bool,
}

struct Row {
    place: String,
    since: String,
    here: bool,
}

/// Who is logged in, and what counts for them.
pub(super) async fn me(State(desk): State<Desk>, person: Person) -> Response {
    told(&desk, person, None).await
}

async fn told(desk: &Desk, person: Person, trouble: Option<Trouble>) -> Response {
    let shell = Shell::of(desk, &person, "me");
    let Person { ctx, place, words, .. } = person;
    let means = ctx.authority.means;
    let found = work(desk, move |node| read(node, &ctx)).await;
    match found {
        Ok((account, passkeys, sessions, has_password)) => {
            let me = Me {
                words,
                shell,
                has_password,
                by_provider: means == Means::Provider,
                trouble: trouble.as_ref().map_or_else(String::new, |trouble| trouble.words(words)),
                full_name: account.full_name.clone(),
                facts: facts(&account, means, words),
                passkeys: passkeys.into_iter().map(|one| key(one, words)).collect(),
                sessions: sessions.iter().map(|session| row(session, &place, words)).collect(),
            };
            shown(&me, trouble.as_ref(), words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// Takes a passkey of one's own away.
pub(super) async fn remove_passkey(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return told(&desk, person, Some(trouble)).await;
    }
    let Person { ctx, words, .. } = person;
    let id = Fields::read(&body).get("id");
    match work(&desk, move |node| node.remove_passkey(&ctx, &ctx.actor, &id)).await {
        Ok(()) => Redirect::to("/desk/me").into_response(),
        Err(trouble) => trouble.plain(words),
    }
}

/// Puts another password in the place of one's own; then one logs in with it.
pub(super) async fn change_password(State(desk): State<Desk>, person: Person, body: Sent) -> Response {
    if let Err(trouble) = person.must_be_fresh() {
        return told(&desk, person, Some(trouble)).await;
    }
    let fields = Fields::read(&body);
    let (old, new) = (Zeroizing::new(fields.get("old")), Zeroizing::new(fields.get("new")));
    let ctx = person.ctx.clone();
    match hash(&desk, move |node| node.change_password(&ctx, &old, &new)).await {
        Ok(()) => logged_out(),
        Err(trouble) => told(&desk, person, Some(trouble)).await,
    }
}

/// Ends every session of one's own, this one too.
pub(super) async fn end_sessions(State(desk): State<Desk>, person: Person) -> Response {
    let Person { ctx, words, .. } = person;
    match work(&desk, move |node| node.end_sessions(&ctx, &ctx.actor)).await {
        Ok(_) => logged_out(),
        Err(trouble) => trouble.plain(words),
    }
}

fn read(node: &Node, ctx: &Ctx) -> Result<(Account, Vec<AccountPasskey>, Vec<Session>, bool), NodeError> {
    let account = node.account(&ctx.actor)?;
    let account = account.ok_or_else(|| NodeError::Refused(format!("there is no account {}", ctx.actor)))?;
    let me = ctx.actor.as_str();
    Ok((account, node.passkeys_of(ctx, me)?, node.sessions_of(ctx, me)?, node.has_password(ctx, me)?))
}

fn facts(account: &Account, means: Means, words: Words) -> Vec<(&'static str, String)> {
    let list = |of: &std::collections::BTreeSet<String>| of.iter().cloned().collect::<Vec<_>>().join(", ");
    let means = match means {
        Means::Passkey => words.say("by-passkey"),
        Means::Provider => words.say("by-provider"),
        _ => words.say("by-password"),
    };
    vec![
        ("account-name", account.name.clone()),
        ("roles", words.list(&account.roles.iter().map(|role| words.known("role-", role.name())).collect::<Vec<_>>())),
        (
            "clearance",
            match account.clearance {
                Clearance::None => String::new(),
                level => words.known("clearance-", level.name()),
            },
        ),
        ("units", list(&account.units)),
        ("cases", list(&account.cases)),
        ("came-in-by", means),
    ]
}

fn key(one: AccountPasskey, words: Words) -> Key {
    Key {
        label: if one.label.is_empty() { one.passkey.id.chars().take(8).collect() } else { one.label },
        since: words.day(one.since),
        used: one.last_used.map(|at| words.day(at)).unwrap_or_default(),
        may_be_copied: one.passkey.may_be_copied,
        id: one.passkey.id,
    }
}

fn row(session: &Session, place: &str, words: Words) -> Row {
    Row { place: session.place.clone(), since: words.moment(session.since), here: session.place == place }
}
