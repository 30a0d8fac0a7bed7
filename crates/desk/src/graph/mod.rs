//! What things are tied to, as a picture, a list and a timeline of the same facts.

mod layout;

use std::collections::BTreeSet;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use comity_http::Query;
use comity_node::{Face, Graph, GraphAsk, GraphNode};
use comity_stix::ObjectId;

use super::language::Words;
use super::parts::{Foreign, Moment, Owner, ThingLink};
use super::person::Person;
use super::reply::{Trouble, page as shown, work};
use super::shell::Shell;
use super::why::escaped;
use crate::desk::Desk;

#[derive(Template)]
#[template(path = "graph.html")]
struct GraphPage {
    words: Words,
    shell: Shell,
    trouble: String,
    /// Where the same is shown otherwise: name, address, whether it is this.
    ways: Vec<(String, String, bool)>,
    way: Way,
    picture: Picture,
    nodes: Vec<Dot>,
    ties: Vec<TieRow>,
    unseen: u64,
    file: String,
    is_empty: bool,
}

/// The picture itself.
#[derive(Clone, Template)]
#[template(path = "parts/graph.html")]
struct Picture {
    words: Words,
    width: f64,
    height: f64,
    dots: Vec<Dot>,
    lines: Vec<Edge>,
}

super::parts::safe!(Picture);

/// A node where it stands.
#[derive(Clone)]
struct Dot {
    x: f64,
    y: f64,
    icon: &'static str,
    name: Foreign,
    short: String,
    kind: String,
    owner: Option<Owner>,
    /// Opens it, or leads to it where it is open.
    to: String,
    class: &'static str,
    radius: f64,
    labelled: bool,
    link: Option<ThingLink>,
    when: Option<(Moment, String, f64, f64)>,
}

#[derive(Clone)]
struct Edge {
    x1: f64,
    y1: f64,
    x2: f64,
    y2: f64,
    width: String,
    crosses: bool,
    how: Foreign,
}

struct TieRow {
    from: Foreign,
    to: Foreign,
    how: Foreign,
    percent: u8,
    crosses: bool,
}

/// How the facts are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Picture,
    List,
    Timeline,
}

/// What is asked for, as an address holds it.
#[derive(Clone, Default)]
struct Asked {
    seeds: Vec<String>,
    hit: Option<String>,
    opened: Vec<String>,
    way: Way,
}

/// The graph.
pub(super) async fn page(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "graph");
    let asked = Asked::read(&Query::parse(query.as_deref().unwrap_or_default()));
    match draw(&desk, &person, &asked).await {
        Ok(graph) => {
            let words = shell.words;
            shown(&told(shell, &asked, &graph), None, words)
        }
        Err(trouble) => trouble.page(shell),
    }
}

/// The picture as a file of its own.
pub(super) async fn file(State(desk): State<Desk>, RawQuery(query): RawQuery, person: Person) -> Response {
    let shell = Shell::of(&desk, &person, "graph");
    let asked = Asked::read(&Query::parse(query.as_deref().unwrap_or_default()));
    let graph = match draw(&desk, &person, &asked).await {
        Ok(graph) => graph,
        Err(trouble) => return trouble.page(shell),
    };
    let picture = picture(&asked, &graph, &shell);
    let Ok(svg) = picture.render() else { return Trouble::Failed.page(shell) };
    let style = concat!("<style>", include_str!("../../pages/assets/graph-file.css"), "</style>");
    let svg = svg.replacen('>', &format!(">{style}"), 1);
    let headers = [(CONTENT_TYPE, "image/svg+xml"), (CONTENT_DISPOSITION, "attachment; filename=\"graph.svg\"")];
    (headers, svg).into_response()
}

async fn draw(desk: &Desk, person: &Person, asked: &Asked) -> Result<Graph, Trouble> {
    let seeds = asked.seeds.iter().filter_map(|seed| ObjectId::parse(seed).ok()).take(SEEDS).collect();
    let hit = asked.hit.as_deref().and_then(|key| key.parse().ok());
    let opened: BTreeSet<String> = asked.opened.iter().take(OPENED).cloned().collect();
    let (ctx, ask) = (person.ctx.clone(), GraphAsk { seeds, hit, opened, most: NODES });
    if ask.seeds.is_empty() && ask.hit.is_none() {
        return Ok(Graph::default());
    }
    work(desk, move |node| node.graph(&ctx, &ask)).await
}

fn told(shell: Shell, asked: &Asked, graph: &Graph) -> GraphPage {
    let words = shell.words;
    let picture = picture(asked, graph, &shell);
    let ways = [(Way::Picture, "as-picture"), (Way::List, "as-list"), (Way::Timeline, "as-timeline")];
    let name = |number: usize| graph.nodes.get(number).map_or_else(|| Foreign::line(""), |node| name(node, words));
    let mut ties: Vec<TieRow> = graph
        .edges
        .iter()
        .map(|edge| TieRow {
            from: name(edge.from),
            to: name(edge.to),
            how: Foreign::line(&edge.how),
            percent: percent(edge.strength),
            crosses: edge.crosses,
        })
        .collect();
    ties.sort_by_key(|tie| std::cmp::Reverse(tie.percent));
    let mut nodes = picture.dots.clone();
    if asked.way == Way::Timeline {
        let first = |dot: &Dot| dot.when.as_ref().map_or(f64::MAX, |when| when.2);
        nodes.sort_by(|a, b| first(a).total_cmp(&first(b)));
    }
    GraphPage {
        ways: ways
            .into_iter()
            .map(|(way, id)| (words.say(id), Asked { way, ..asked.clone() }.address(), way == asked.way))
            .collect(),
        way: asked.way,
        nodes,
        ties,
        unseen: graph.unseen,
        file: asked.address().replacen("/desk/graph?", "/desk/graph/file?", 1),
        is_empty: graph.nodes.is_empty(),
        picture,
        trouble: String::new(),
        words,
        shell,
    }
}

fn picture(asked: &Asked, graph: &Graph, shell: &Shell) -> Picture {
    let words = shell.words;
    let levels: Vec<u32> = graph.nodes.iter().map(|node| node.level).collect();
    let ties: Vec<(usize, usize, f64)> = graph.edges.iter().map(|edge| (edge.from, edge.to, edge.strength)).collect();
    let height = if levels.len() > 80 { 900.0 } else { 560.0 };
    let at = layout::place(&levels, &ties, (WIDTH, height));
    let moments: Vec<i64> =
        graph.nodes.iter().filter_map(|node| node.when).flat_map(|(a, b)| [a.as_micros(), b.as_micros()]).collect();
    let (low, high) = (moments.iter().min().copied().unwrap_or(0), moments.iter().max().copied().unwrap_or(1));
    let share = |at: comity_base::Timestamp| (at.as_micros() - low) as f64 / (high - low).max(1) as f64 * 100.0;
    let dots = graph.nodes.iter().zip(&at).map(|(node, (x, y))| {
        let mut dot = dot(node, asked, shell, graph.nodes.len());
        (dot.x, dot.y) = (*x, *y);
        dot.when = node.when.map(|(first, last)| {
            (shell.when(first), words.moment(first), share(first), (share(last) - share(first)).max(0.6))
        });
        dot
    });
    let spot = |number: usize| at.get(number).copied().unwrap_or_default();
    let lines = graph.edges.iter().map(|edge| {
        let ((x1, y1), (x2, y2)) = (spot(edge.from), spot(edge.to));
        let width = format!("{:.1}", 0.8 + edge.strength * 5.0);
        Edge { x1, y1, x2, y2, width, crosses: edge.crosses, how: Foreign::line(&edge.how) }
    });
    Picture { words, width: WIDTH, height, lines: lines.collect(), dots: dots.collect() }
}

fn dot(node: &GraphNode, asked: &Asked, shell: &Shell, count: usize) -> Dot {
    let words = shell.words;
    let name = name(node, words);
    // In a picture nothing else keeps a name in its own direction.
    let short = format!("\u{2068}{}\u{2069}", super::parts::cut(name.plain(), SHORT));
    let mut opened = asked.clone();
    opened.opened.push(node.id.clone());
    let (icon, kind, owner, link) = match &node.face {
        Face::Object(thing) => (
            super::parts::kind_icon(&thing.kind),
            words.kind(&thing.kind),
            thing.owner.as_ref().map(|owner| shell.owner(owner)),
            Some(ThingLink::new(
                &thing.id,
                &thing.kind,
                &thing.name,
                thing.owner.is_some() && !thing.id.starts_with("file:"),
                words,
            )),
        ),
        Face::Value { kind, .. } => ("search", words.value_kind(Some(*kind), kind.name()), None, None),
        Face::Fold { kind, .. } => (super::parts::kind_icon(kind), words.kind(kind), None, None),
    };
    let page = match &node.face {
        Face::Object(thing) if thing.owner.is_some() => format!("/desk/object/{}", escaped(thing.id.trim())),
        Face::Value { text, .. } => format!("/desk/find?q={}", escaped(text)),
        _ => asked.address(),
    };
    Dot {
        x: 0.0,
        y: 0.0,
        icon,
        short,
        kind,
        owner,
        to: if node.closed { opened.address() } else { page },
        class: match (&node.face, node.level) {
            (Face::Fold { .. }, _) => "fold",
            (Face::Value { .. }, _) => "value",
            (_, 0) => "seed",
            _ => "object",
        },
        radius: if node.level == 0 { 16.0 } else { 11.0 },
        labelled: node.level == 0 || count <= LABELLED || matches!(node.face, Face::Fold { .. }),
        name,
        link,
        when: None,
    }
}

fn name(node: &GraphNode, words: Words) -> Foreign {
    match &node.face {
        Face::Object(thing) if thing.name.is_empty() => Foreign::line(&thing.id),
        Face::Object(thing) => Foreign::line(&thing.name),
        Face::Value { text, .. } => Foreign::line(text),
        Face::Fold { kind, how, count } => {
            Foreign::line(&format!("{} {} · {how}", words.count(*count), words.kind(kind)))
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a hundred")]
fn percent(strength: f64) -> u8 {
    (strength.clamp(0.0, 1.0) * 100.0).round() as u8
}

impl Asked {
    fn read(query: &Query) -> Self {
        Self {
            seeds: query.all("seed").map(str::to_owned).collect(),
            hit: query.first("hit").map(str::to_owned),
            opened: query.all("open").map(str::to_owned).collect(),
            way: match query.first("as") {
                Some("list") => Way::List,
                Some("timeline") => Way::Timeline,
                _ => Way::Picture,
            },
        }
    }

    fn address(&self) -> String {
        let seeds = self.seeds.iter().map(|seed| format!("seed={}", escaped(seed)));
        let hit = self.hit.iter().map(|hit| format!("hit={}", escaped(hit)));
        let opened = self.opened.iter().map(|opened| format!("open={}", escaped(opened)));
        let way = match self.way {
            Way::Picture => None,
            Way::List => Some("as=list".to_owned()),
            Way::Timeline => Some("as=timeline".to_owned()),
        };
        format!("/desk/graph?{}", seeds.chain(hit).chain(opened).chain(way).collect::<Vec<_>>().join("&"))
    }
}

/// Nodes of a graph.
const NODES: usize = 300;
/// Objects in the middle.
const SEEDS: usize = 20;
/// Nodes that are opened.
const OPENED: usize = 60;
/// With so many nodes each has its name beside it.
const LABELLED: usize = 70;
/// Characters of a name in the picture.
const SHORT: usize = 26;
const WIDTH: f64 = 1_000.0;
