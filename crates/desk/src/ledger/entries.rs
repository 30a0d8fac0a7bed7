use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_base::{OrgName, Timestamp};
use comity_http::Query;
use comity_ledger::EntryKind;
use comity_node::{Act, Asked, AuditQuery, log_name};
use comity_stix::ObjectId;
use serde_json::Value;

use super::super::language::Words;
use super::super::parts::{Foreign, Moment, Pager};
use super::super::person::Person;
use super::super::reply::{Trouble, page as shown, work};
use super::super::shell::Shell;
use super::super::why::escaped;
use super::Tabs;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "ledger.html")]
struct Entries {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Tabs,
    rows: Vec<Row>,
    pager: Pager,
    object: String,
    account: String,
    peer: String,
    kind: String,
    kinds: Vec<(&'static str, String)>,
    /// Only what they did themselves is shown.
    is_own: bool,
}

struct Row {
    place: String,
    when: Moment,
    kind: String,
    who: Foreign,
    why: Foreign,
    what: Foreign,
    about: Foreign,
    is_erased: bool,
}

/// Entries of the ledger, newest first: who did or saw what, and why.
pub(crate) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "ledger");
    let asked = Query::parse(query.as_deref().unwrap_or_default());
    let before = asked.number("before").map(|before| before as u64);
    let query = match read(&asked, shell.words) {
        Ok(query) => query,
        Err(trouble) => return trouble.page(shell),
    };
    let (ctx, wanted) = (person.ctx.clone(), query.clone());
    let found = work(&desk, move |node| {
        // What they did themselves everybody may see.
        let is_own = wanted.account.is_none() && !node.would_allow(&ctx, Act::Audit)?;
        let account = if is_own { Some(ctx.actor.clone()) } else { wanted.account.clone() };
        Ok((node.audit_back(&ctx, &AuditQuery { account, ..wanted }, before, ROWS)?, is_own))
    });
    match found.await {
        Ok(((entries, next), is_own)) => {
            let words = shell.words;
            let text = |name: &str| asked.first(name).unwrap_or_default().to_owned();
            let page = Entries {
                tabs: Tabs::of("entries", words),
                rows: entries.iter().map(|one| row(one, &shell)).collect(),
                pager: Pager::uncounted(words)
                    .leading(before.map(|_| address(&asked, None)), next.map(|next| address(&asked, Some(next)))),
                object: text("object"),
                account: text("account"),
                peer: text("peer"),
                kind: text("kind"),
                kinds: EntryKind::ALL
                    .iter()
                    .map(|kind| (kind.name(), words.known("entry-", &kind.name().replace(' ', "-"))))
                    .collect(),
                is_own,
                trouble: String::new(),
                words,
                shell,
            };
            shown(&page, None, words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

fn read(query: &Query, words: Words) -> Result<AuditQuery, Trouble> {
    let text = |name: &str| query.first(name).map(str::trim).filter(|text| !text.is_empty());
    let wrong = |text: &str| Trouble::Refused(words.text("not-readable", "text", text));
    Ok(AuditQuery {
        object: text("object").map(|id| ObjectId::parse(id).map_err(|_| wrong(id))).transpose()?,
        account: text("account").map(str::to_owned),
        peer: text("peer").map(|name| OrgName::parse(name).map_err(|_| wrong(name))).transpose()?,
        kind: text("kind").and_then(|name| EntryKind::ALL.iter().find(|kind| kind.name() == name)).copied(),
        ..AuditQuery::default()
    })
}

fn address(query: &Query, before: Option<u64>) -> String {
    let named = ["object", "account", "peer", "kind"];
    let parts = named.into_iter().filter_map(|name| Some(format!("{name}={}", escaped(query.first(name)?))));
    let parts = parts.chain(before.map(|before| format!("before={before}")));
    format!("/desk/ledger?{}", parts.collect::<Vec<_>>().join("&"))
}

fn row(asked: &Asked, shell: &Shell) -> Row {
    let text = |of: &Option<Value>, name: &str| {
        of.as_ref().and_then(|of| of.get(name)).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let at = Timestamp::parse(&text(&asked.content, "at"));
    let minute = Timestamp::from_micros(i64::from(asked.entry.minute).saturating_mul(60_000_000));
    let purpose = text(&asked.content, "purpose");
    let purpose = if purpose.is_empty() { purpose } else { shell.words.known("purpose-", &purpose) };
    let why = [purpose, text(&asked.content, "case"), text(&asked.content, "reason")];
    Row {
        place: format!("{}#{}", log_name(asked.log), asked.index),
        when: shell.when(at.unwrap_or(minute)),
        kind: shell.words.known("entry-", &asked.entry.kind.name().replace(' ', "-")),
        who: Foreign::line(&text(&asked.actor, "account")),
        why: Foreign::line(&why.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")),
        what: Foreign::line(&brief(asked.content.as_ref(), &["at", "root", "purpose", "case", "reason"])),
        about: Foreign::line(&brief(asked.subject.as_ref(), &["positions"])),
        is_erased: asked.actor.is_none() && asked.subject.is_none(),
    }
}

/// What a part of an entry says, in one line.
fn brief(part: Option<&Value>, without: &[&str]) -> String {
    Asked::in_a_line(part, without, ITEMS).unwrap_or_default()
}

/// Items of a list that are told.
const ITEMS: usize = 20;
/// Entries on one page.
const ROWS: usize = 50;
