use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_base::{OrgName, Position};
use comity_http::Query;
use comity_node::{Node, NodeError, Rows, Which};
use comity_stix::ObjectId;

use super::language::Words;
use super::object::{Drawer, Opened};
use super::parts::{Marks, Moment, Owner, Pager, ThingLink};
use super::person::Person;
use super::reply::page_of;
use super::shell::Shell;
use super::why::escaped;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "objects.html")]
struct Objects {
    words: Words,
    shell: Shell,
    trouble: String,
    which: Which,
    rows: Vec<ObjectRow>,
    kinds: Vec<Choice>,
    owners: Vec<Choice>,
    pager: Pager,
    /// The object that is opened beside the list.
    drawer: Option<Drawer>,
}

/// An object in a list.
struct ObjectRow {
    /// Its place, for the way back to it.
    place: u64,
    /// Opens it beside the list.
    open: String,
    is_open: bool,
    thing: ThingLink,
    marks: Marks,
    owner: Owner,
    modified: Moment,
}

/// One way to narrow a list, with how many there are then.
struct Choice {
    words: String,
    to: String,
    count: String,
    is_chosen: bool,
}

/// All objects, newest first.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let query = Query::parse(query.as_deref().unwrap_or_default());
    let which = which(&query);
    let before = query.number("before").map(|before| Position(before as u64));
    let opened = query.first("open").and_then(|id| ObjectId::parse(id).ok());
    let (ctx, asked, wanted) = (person.ctx.clone(), which.clone(), opened.clone());
    let read = move |node: &Node| {
        let rows = node.rows(&ctx, &asked, before, ROWS)?;
        let opened = wanted.map(|id| Opened::read(node, &ctx, &id)).transpose()?.flatten();
        Ok::<_, NodeError>((rows, opened))
    };
    page_of(&desk, shell, read, |shell, (found, beside)| {
        let drawer = beside.and_then(|beside| beside.drawer(address(&which, before, None), &shell));
        let mut page = told(shell, which, before, &found, opened.as_ref());
        page.drawer = drawer;
        page
    })
    .await
}

fn which(query: &Query) -> Which {
    let text = |name: &str| query.first(name).filter(|text| !text.is_empty()).map(str::to_owned);
    let owner = text("owner").and_then(|owner| OrgName::parse(&owner).ok());
    Which { kind: text("type"), owner, case: text("case") }
}

fn told(shell: Shell, which: Which, before: Option<Position>, found: &Rows, opened: Option<&ObjectId>) -> Objects {
    let words = shell.words;
    let first = before.map(|_| address(&which, None, None));
    let next = found.next.map(|next| address(&which, Some(next), None));
    let mut kinds: Vec<(&String, &u64)> = found.kinds.iter().collect();
    kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(**count), (*kind).clone()));
    let mut owners: Vec<(&OrgName, &u64)> = found.owners.iter().collect();
    owners.sort_by_key(|(owner, count)| (std::cmp::Reverse(**count), (*owner).clone()));
    Objects {
        rows: found
            .rows
            .iter()
            .map(|row| ObjectRow {
                place: row.position.0,
                open: format!("{}#at-{}", address(&which, before, Some(&row.id)), row.position.0),
                is_open: opened == Some(&row.id),
                thing: ThingLink::new(&row.id.to_string(), row.id.kind.as_str(), &row.name, true, words),
                marks: Marks::brief(&row.standing, words),
                owner: shell.owner(&row.owner),
                modified: shell.when(row.modified),
            })
            .collect(),
        kinds: choices(
            kinds.into_iter().map(|(kind, count)| (kind.clone(), words.kind(kind), *count)),
            which.kind.as_ref(),
            |kind| address(&Which { kind, ..which.clone() }, None, None),
            words,
        ),
        owners: choices(
            owners.into_iter().map(|(owner, count)| (owner.to_string(), owner.to_string(), *count)),
            which.owner.as_ref().map(ToString::to_string).as_ref(),
            |owner| {
                address(
                    &Which { owner: owner.and_then(|owner| OrgName::parse(&owner).ok()), ..which.clone() },
                    None,
                    None,
                )
            },
            words,
        ),
        pager: Pager::new(words, (found.rows.len(), found.total)).leading(first, next),
        drawer: None,
        trouble: String::new(),
        which,
        words,
        shell,
    }
}

/// Each choice leads to the list with it, the one that is chosen to the list without.
fn choices(
    all: impl Iterator<Item = (String, String, u64)>,
    chosen: Option<&String>,
    to: impl Fn(Option<String>) -> String,
    words: Words,
) -> Vec<Choice> {
    let choice = |(name, said, count): (String, String, u64)| {
        let is_chosen = chosen == Some(&name);
        Choice { words: said, count: words.count(count), to: to((!is_chosen).then_some(name)), is_chosen }
    };
    all.map(choice).take(CHOICES).collect()
}

fn address(which: &Which, before: Option<Position>, open: Option<&ObjectId>) -> String {
    let parts = [
        ("type", which.kind.clone()),
        ("owner", which.owner.as_ref().map(ToString::to_string)),
        ("case", which.case.clone()),
        ("before", before.map(|before| before.0.to_string())),
        ("open", open.map(ToString::to_string)),
    ];
    let parts = parts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", escaped(&text?))));
    let query = parts.collect::<Vec<_>>().join("&");
    if query.is_empty() { "/desk/objects".to_owned() } else { format!("/desk/objects?{query}") }
}

/// Objects on one page.
const ROWS: usize = 50;
/// Ways to narrow a list that are shown.
const CHOICES: usize = 40;
