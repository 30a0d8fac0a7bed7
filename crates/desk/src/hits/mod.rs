//! Hits: cases of different owners that hold the same values. People say what each of them is.

mod decide;
mod drawer;
mod one;
mod reason;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use comity_base::OrgName;
use comity_http::Query;
use comity_node::hits::{HitAsk, HitKey, HitPage, HitRow, HitState};
use comity_node::{Node, NodeError};

pub(super) use self::decide::{answer, decide};
pub(super) use self::one::{QuestionRow, page as one, question};

use self::drawer::HitDrawer;
use self::reason::reason;
use super::language::Words;
use super::parts::{Foreign, Meter, Moment, Owner, Pager, ThingLink};
use super::person::Person;
use super::reply::page_of;
use super::shell::Shell;
use super::why::escaped;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "hits.html")]
struct HitsPage {
    words: Words,
    shell: Shell,
    trouble: String,
    tabs: Vec<Tab>,
    rows: Vec<Line>,
    pager: Pager,
    /// Countries to narrow to, with how many hits there are.
    countries: Vec<(String, String, String, bool)>,
    not_weighed: u64,
    beyond: u64,
    looked: Moment,
    /// The hit that is opened beside the queue.
    drawer: Option<HitDrawer>,
}

/// A state with how many hits are in it.
struct Tab {
    words: String,
    count: String,
    to: String,
    is_here: bool,
}

/// A hit in the list.
pub(crate) struct Line {
    pub(crate) key: String,
    /// Opens it beside the queue; empty where it stands in none.
    open: String,
    is_open: bool,
    pub(crate) meter: Meter,
    pub(crate) one: Side,
    pub(crate) other: Side,
    /// Why they are linked, the weightiest first.
    pub(crate) reasons: Vec<Foreign>,
    more: String,
    state: &'static str,
    state_words: String,
    grown: bool,
    pub(crate) found: Option<Moment>,
}

/// One side of a hit.
pub(crate) struct Side {
    pub(crate) owner: Owner,
    pub(crate) thing: ThingLink,
}

/// What of the queue is asked for, as an address holds it.
#[derive(Clone, Default)]
struct Asked {
    state: HitState,
    country: Option<String>,
    owner: Option<OrgName>,
    after: Option<String>,
    /// The hit that is opened beside it.
    open: Option<HitKey>,
}

/// The queue.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "hits");
    let asked = Asked::read(&Query::parse(query.as_deref().unwrap_or_default()));
    let (ctx, ask) = (person.ctx.clone(), asked.ask(ROWS));
    let opened = asked.open;
    let read = move |node: &Node| {
        let found = node.hit_queue(&ctx, &ask)?;
        let beside = match opened.map(|key| one::read(node, &ctx, &key)) {
            // What has gone since, or may not be seen, is not beside it.
            None | Some(Err(NodeError::UnknownObject(_))) => None,
            Some(beside) => Some(beside?),
        };
        Ok::<_, NodeError>((found, beside))
    };
    page_of(&desk, shell, read, |shell, (found, beside)| {
        let around = (asked.address(), Asked { open: None, ..asked.clone() }.address());
        let drawer = beside.map(|beside| HitDrawer::new(&beside, around, &shell));
        HitsPage { drawer, ..told(shell, &asked, &found) }
    })
    .await
}

fn told(shell: Shell, asked: &Asked, found: &HitPage) -> HitsPage {
    let words = shell.words;
    let totals = &found.totals;
    let tab = |state: HitState, count: u64| Tab {
        words: words.say(&format!("hits-{}", state.name())),
        count: words.count(count),
        to: Asked { state, after: None, open: None, ..asked.clone() }.address(),
        is_here: state == asked.state,
    };
    let all = [totals.open, totals.asked, totals.confirmed, totals.dismissed];
    let total = HitState::ALL.iter().zip(all).find(|(state, _)| **state == asked.state).map_or(0, |(_, count)| count);
    let next = found.next.clone().map(|after| Asked { after: Some(after), open: None, ..asked.clone() }.address());
    let first = asked.after.is_some().then(|| Asked { after: None, open: None, ..asked.clone() }.address());
    let row = |row: &HitRow| Line {
        open: format!("{}#at-{}", Asked { open: Some(row.key), ..asked.clone() }.address(), row.key),
        is_open: asked.open.as_ref() == Some(&row.key),
        ..line(row, REASONS, &shell)
    };
    HitsPage {
        tabs: HitState::ALL.iter().zip(all).map(|(state, count)| tab(*state, count)).collect(),
        rows: found.rows.iter().map(row).collect(),
        pager: Pager::new(words, (found.rows.len(), total)).leading(first, next),
        countries: countries(found, asked, words),
        not_weighed: found.not_weighed,
        beyond: found.beyond,
        looked: shell.when(found.looked),
        drawer: None,
        trouble: String::new(),
        words,
        shell,
    }
}

fn countries(found: &HitPage, asked: &Asked, words: Words) -> Vec<(String, String, String, bool)> {
    let mut counts: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
    for pair in &found.pairs {
        if let Some(other) = pair.other.as_deref() {
            *counts.entry(other).or_default() += pair.hits;
        }
    }
    let chosen = asked.country.as_deref();
    let one = |(code, count): (&str, u64)| {
        let is_chosen = chosen == Some(code);
        let country = (!is_chosen).then(|| code.to_owned());
        (
            words.country(code),
            words.count(count),
            Asked { country, after: None, open: None, ..asked.clone() }.address(),
            is_chosen,
        )
    };
    counts.into_iter().map(one).collect()
}

/// A hit as a line, with so many reasons.
pub(crate) fn line(row: &HitRow, reasons: usize, shell: &Shell) -> Line {
    let words = shell.words;
    let all = &row.hit.score.reasons;
    let side = |side: &comity_node::Container| Side {
        owner: shell.owner(&side.owner),
        thing: ThingLink::new(&side.id, &side.kind, &side.name, !side.id.starts_with("file:"), words),
    };
    let rest = all.len().saturating_sub(reasons) as u64;
    Line {
        key: row.key.to_string(),
        open: String::new(),
        is_open: false,
        meter: Meter::new(row.hit.score.points, row.hit.score.strength.name(), words),
        one: side(&row.hit.one),
        other: side(&row.hit.other),
        reasons: all.iter().take(reasons).map(|one| reason(one, words)).collect(),
        more: if rest > 0 { words.counted("and-more", rest) } else { String::new() },
        state: row.state.name(),
        state_words: words.say(&format!("hit-{}", row.state.name())),
        grown: row.grown,
        found: row.found.map(|at| shell.when(at)),
    }
}

impl Asked {
    fn read(query: &Query) -> Self {
        let named = query.first("state").and_then(|name| HitState::ALL.iter().find(|state| state.name() == name));
        let text = |name: &str| query.first(name).filter(|text| !text.is_empty()).map(str::to_owned);
        Self {
            state: named.copied().unwrap_or_default(),
            country: text("country"),
            owner: text("owner").and_then(|owner| OrgName::parse(&owner).ok()),
            after: text("after"),
            open: text("open").and_then(|key| key.parse().ok()),
        }
    }

    fn ask(&self, limit: usize) -> HitAsk {
        HitAsk {
            state: Some(self.state),
            owner: self.owner.clone(),
            country: self.country.clone(),
            least_points: 0,
            after: self.after.clone(),
            limit,
        }
    }

    fn address(&self) -> String {
        let parts = [
            ("state", Some(self.state.name().to_owned())),
            ("country", self.country.clone()),
            ("owner", self.owner.as_ref().map(ToString::to_string)),
            ("after", self.after.clone()),
            ("open", self.open.as_ref().map(ToString::to_string)),
        ];
        let parts = parts.into_iter().filter_map(|(name, text)| Some(format!("{name}={}", escaped(&text?))));
        format!("/desk/hits?{}", parts.collect::<Vec<_>>().join("&"))
    }
}

/// Hits on one page.
const ROWS: usize = 30;
/// Reasons of each in the list.
const REASONS: usize = 2;
