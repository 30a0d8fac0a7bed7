//! One object: what it says, what it is tied to, how it changed, where it came from, and who may see it and why.

mod difference;
mod drawer;
mod listed;
mod raw;
mod read;
mod share;
mod timeline;

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use comity_base::{OrgName, Position};
use comity_http::Query;
use comity_node::{Act, AsOf, Ctx, Node, NodeError, Seer, Shown, Thing, TiePlace, Ties};
use comity_stix::{Doc, ObjectId};

pub(super) use self::drawer::{Drawer, Opened};
pub(super) use self::raw::raw;
pub(crate) use self::read::facts as facts_of;
pub(super) use self::share::{recall, recall_page, relabel, share};

use self::difference::Change;
use self::timeline::Event;
use super::language::Words;
use super::network::allowed;
use super::parts::{
    Audience, Facts, Foreign, Icon, Marks, Moment, Owner, Pager, Seers, Statements, ThingLink, kind_icon,
};
use super::person::Person;
use super::reply::{Trouble, page as shown, work};
use super::shell::Shell;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "object.html")]
struct ObjectPage {
    words: Words,
    shell: Shell,
    trouble: String,
    id: String,
    kind: String,
    icon: Icon,
    name: Foreign,
    /// The version that is shown.
    version: VersionRow,
    /// Whether it is one that counts no more.
    is_past: bool,
    /// Others that hold the same object, with the address of theirs.
    holders: Vec<(Owner, String)>,
    view: View,
    /// What it says of a person.
    statements: Option<Statements>,
    facts: Facts,
    audience: Option<Audience>,
    ties: Vec<TieRow>,
    pager: Option<Pager>,
    versions: Vec<VersionRow>,
    timeline: Vec<Event>,
    /// Of the raw bytes, as many as a page takes.
    text: Foreign,
    /// Whether whoever looks is of the owner's.
    is_own: bool,
    /// Whether they may begin a notice from this person.
    may_notice: bool,
}

/// One version in the list of them.
struct VersionRow {
    owner: Owner,
    marks: Marks,
    modified: Moment,
    position: u64,
    is_current: bool,
    /// The batch that brought it, and the file it stood in.
    batch: Option<u64>,
    file: Foreign,
    offset: u64,
    bytes: usize,
    changes: Vec<Change>,
}

struct TieRow {
    how: Foreign,
    points_out: bool,
    other: ThingLink,
    owner: Option<Owner>,
    by: Option<String>,
}

/// A part of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum View {
    #[default]
    Read,
    Ties,
    Timeline,
    Versions,
    Audience,
    Raw,
}

impl View {
    const ALL: [Self; 6] = [Self::Read, Self::Ties, Self::Timeline, Self::Versions, Self::Audience, Self::Raw];

    const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Ties => "ties",
            Self::Timeline => "timeline",
            Self::Versions => "versions",
            Self::Audience => "audience",
            Self::Raw => "raw",
        }
    }
}

/// Which part of which version is asked for.
struct Asked {
    view: View,
    owner: Option<String>,
    /// A version by where it stands.
    at: Option<u64>,
    place: TiePlace,
}

impl Asked {
    fn read(query: &Query) -> Self {
        let view = query.first("view").and_then(|name| View::ALL.into_iter().find(|view| view.name() == name));
        let number = |name: &str| query.number(name).unwrap_or_default();
        let place = TiePlace { named: number("named"), naming: Position(number("naming") as u64) };
        let (owner, at) = (query.first("owner").map(str::to_owned), query.number("at").map(|at| at as u64));
        Self { view: view.unwrap_or_default(), owner, at, place }
    }
}

/// What is read of an object for its page.
struct Found {
    versions: Vec<Shown>,
    ties: Ties,
    /// None where they may not know who else sees it.
    seers: Option<Vec<Seer>>,
    /// Whether they may write notices.
    may_notice: bool,
}

/// The page of an object.
pub(super) async fn page(
    State(desk): State<Desk>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    person: Person,
) -> Response {
    let shell = Shell::of(&desk, &person, "object");
    let asked = Asked::read(&Query::parse(query.as_deref().unwrap_or_default()));
    let Ok(id) = ObjectId::parse(&id) else { return Trouble::NotFound.page(shell) };
    let (ctx, organisation) = (person.ctx.clone(), desk.site().organisation().clone());
    let (wanted, place) = (id.clone(), asked.place);
    match work(&desk, move |node| read(node, &ctx, &wanted, place)).await {
        Ok(found) => match told(shell.clone(), &id, &asked, &found, &organisation) {
            Some(page) => shown(&page, None, shell.words),
            None => Trouble::NotFound.page(shell),
        },
        Err(trouble) => trouble.page(shell),
    }
}

fn read(node: &Node, ctx: &Ctx, id: &ObjectId, place: TiePlace) -> Result<Found, NodeError> {
    let versions = node.show(ctx, id, AsOf::Now)?;
    // What stands no more is tied to nothing, and nobody else sees it.
    let ties = match node.ties(ctx, id, place, TIES) {
        Err(NodeError::UnknownObject(_)) => Ties::default(),
        ties => ties?,
    };
    let seers = allowed(node, ctx, Act::Audience, || match node.audience_of(ctx, id) {
        Err(NodeError::UnknownObject(_)) => Ok(Vec::new()),
        seers => seers,
    })?;
    let may_notice = id.kind.as_str() == "identity" && node.would_allow(ctx, Act::Notices)?;
    Ok(Found { versions, ties, seers, may_notice })
}

/// What people call an object of this organisation; none where it is not shown to whoever asks, or not at this moment.
pub(super) fn name_of(node: &Node, ctx: &Ctx, id: &ObjectId) -> Result<Option<String>, NodeError> {
    let versions = match allowed(node, ctx, Act::Show, || node.show(ctx, id, AsOf::Now)) {
        Err(NodeError::UnknownObject(_) | NodeError::OverBudget { .. }) => return Ok(None),
        versions => versions?.unwrap_or_default(),
    };
    let own = || versions.iter().rev().filter(|one| one.owner == ctx.organisation);
    let one = own().find(|one| one.current).or_else(|| own().next());
    let name = one.and_then(|one| Some(read::name(Doc::parse(&one.raw, DEPTH).ok()?.root())));
    Ok(name.filter(|name| !name.is_empty()))
}

fn told(shell: Shell, id: &ObjectId, asked: &Asked, found: &Found, organisation: &OrgName) -> Option<ObjectPage> {
    let words = shell.words;
    let is_of = |one: &Shown| asked.owner.as_deref().is_none_or(|owner| owner == one.owner.as_str());
    let of_owner = || found.versions.iter().rev().filter(|one| is_of(one));
    let one = match asked.at {
        Some(at) => found.versions.iter().find(|one| one.position.0 == at),
        None => of_owner().find(|one| one.current).or_else(|| of_owner().next()),
    }?;
    let doc = Doc::parse(&one.raw, DEPTH).ok()?;
    let things: HashMap<&str, &Thing> = found.ties.ties.iter().map(|tie| (tie.other.id.as_str(), &tie.other)).collect();
    let holders = found.versions.iter().filter(|other| other.current && other.owner != one.owner);
    let seers =
        found.seers.as_ref().map(|seers| seers.iter().filter(|seer| seer.owner == one.owner).cloned().collect());
    let audience = seers.map(|seers: Vec<Seer>| {
        Audience::new(words, Seers::new(&seers, shell.now, words, |seer| shell.country(&seer.recipient)))
    });
    let kind = id.kind.as_str();
    let statements = read::statements(doc.root(), &shell);
    Some(ObjectPage {
        id: id.to_string(),
        kind: words.kind(kind),
        icon: Icon(kind_icon(kind)),
        name: Foreign::line(&read::name(doc.root())),
        version: version(one, None, &shell),
        is_past: !one.current,
        holders: holders.map(|other| (shell.owner(&other.owner), format!("?owner={}", other.owner))).collect(),
        view: asked.view,
        may_notice: found.may_notice && one.current && statements.is_some(),
        facts: read::facts_beside(statements.as_ref(), doc.root(), &things, &shell),
        statements,
        audience,
        ties: found
            .ties
            .ties
            .iter()
            .map(|tie| TieRow {
                how: Foreign::line(&words.known("property-", &tie.how)),
                points_out: tie.points_out,
                other: link(&tie.other, words),
                owner: tie.other.owner.as_ref().map(|owner| shell.owner(owner)),
                by: tie.by.clone(),
            })
            .collect(),
        pager: Some(pager(found, asked, words)),
        versions: versions(found, one, &shell),
        timeline: timeline::events(doc.root(), one, found, &shell),
        text: Foreign::lines(&String::from_utf8_lossy(&one.raw)),
        is_own: one.owner == *organisation,
        trouble: String::new(),
        words,
        shell,
    })
}

fn pager(found: &Found, asked: &Asked, words: Words) -> Pager {
    let total = found.ties.named as u64 + found.ties.naming;
    let first = (asked.place != TiePlace::default()).then(|| "?view=ties".to_owned());
    let next = found.ties.next.map(|next| format!("?view=ties&named={}&naming={}", next.named, next.naming.0));
    Pager::new(words, (found.ties.ties.len(), total)).leading(first, next)
}

/// The versions of the same owner, newest first, each with what it changed.
fn versions(found: &Found, one: &Shown, shell: &Shell) -> Vec<VersionRow> {
    let line: Vec<&Shown> = found.versions.iter().filter(|other| other.owner == one.owner).collect();
    let before = std::iter::once(None).chain(line.iter().map(|one| Some(*one)));
    let mut rows: Vec<VersionRow> = line.iter().zip(before).map(|(one, before)| version(one, before, shell)).collect();
    rows.reverse();
    rows
}

fn version(one: &Shown, before: Option<&Shown>, shell: &Shell) -> VersionRow {
    VersionRow {
        owner: shell.owner(&one.owner),
        marks: Marks::of(&one.standing, shell.words),
        modified: shell.when(one.modified),
        position: one.position.0,
        is_current: one.current,
        batch: one.batch.map(|batch| batch.0),
        file: Foreign::line(&one.file),
        offset: one.offset,
        bytes: one.raw.len(),
        changes: before.map_or_else(Vec::new, |before| difference::between(&before.raw, &one.raw)),
    }
}

pub(super) fn link(thing: &Thing, words: Words) -> ThingLink {
    ThingLink::new(&thing.id, &thing.kind, &thing.name, thing.owner.is_some(), words)
}

impl ObjectPage {
    fn views(&self) -> [View; 6] {
        View::ALL
    }
}

/// Ties on one page.
const TIES: usize = 50;
/// How deep the JSON of an object may be nested.
pub(super) const DEPTH: usize = 64;
