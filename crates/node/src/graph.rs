//! A picture of what things are tied to: few things at once, what is many folded into one, opened on demand.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use comity_base::Timestamp;
use comity_stix::{Kind, ObjectId};
use serde::Serialize;
use serde_json::json;

use crate::around::{Thing, Tie, TiePlace};
use crate::hits::HitKey;
use crate::neighbours::Sight;
use crate::{Act, Ctx, Deed, Node, NodeError};

/// What a graph begins with and what of it is opened.
#[derive(Clone, Debug, Default)]
pub struct GraphAsk {
    /// Objects in the middle.
    pub seeds: Vec<ObjectId>,
    /// A hit in the middle: both its sides, with the values between them.
    pub hit: Option<HitKey>,
    /// Nodes and folds that are opened, by their id here.
    pub opened: BTreeSet<String>,
    /// Most nodes.
    pub most: usize,
}

/// Nodes and what ties them.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Graph {
    /// The nodes, those in the middle first.
    pub nodes: Vec<GraphNode>,
    /// The ties.
    pub edges: Vec<GraphEdge>,
    /// How many things there are that stand in it folded or not at all.
    pub unseen: u64,
}

/// One node of a graph.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GraphNode {
    /// What names it in the graph: the id of an object, or of a fold.
    pub id: String,
    /// What it is.
    pub face: Face,
    /// How far from the middle.
    pub level: u32,
    /// Whether it can be opened, and is not.
    pub closed: bool,
    /// The first and the last moment it tells of itself, where it does.
    pub when: Option<(Timestamp, Timestamp)>,
}

/// What a node of a graph is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Face {
    /// An object.
    Object(Thing),
    /// A value that two cases hold.
    Value {
        /// Its kind.
        kind: Kind,
        /// Its normal form.
        text: String,
    },
    /// Many alike.
    Fold {
        /// Their type.
        kind: String,
        /// How they are tied.
        how: String,
        /// How many.
        count: u64,
    },
}

/// One tie of a graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GraphEdge {
    /// From which node, by its number.
    pub from: usize,
    /// To which.
    pub to: usize,
    /// How.
    pub how: String,
    /// How strong the evidence is, 0 to 1.
    pub strength: f64,
    /// Whether it crosses from one owner to another.
    pub crosses: bool,
}

/// A graph while it is drawn.
struct Drawing<'n> {
    node: &'n Node,
    sight: Sight<'n>,
    ask: &'n GraphAsk,
    graph: Graph,
    numbers: HashMap<String, usize>,
}

impl Node {
    /// A graph around objects or a hit.
    ///
    /// # Errors
    /// [`NodeError::UnknownObject`] when something in the middle is not there for whoever asks.
    pub fn graph(&self, ctx: &Ctx, ask: &GraphAsk) -> Result<Graph, NodeError> {
        let seeds: Vec<String> = ask.seeds.iter().map(ToString::to_string).collect();
        let subject = json!({"objects": seeds, "hit": ask.hit});
        self.may(ctx, Act::Show, subject.clone())?;
        let sight = Sight::new(self.ready()?, &ctx.authority);
        let mut drawing = Drawing { node: self, sight, ask, graph: Graph::default(), numbers: HashMap::new() };
        if let Some(key) = &ask.hit {
            drawing.hit(ctx, key)?;
        }
        for thing in self.things(&seeds.iter().map(String::as_str).collect::<Vec<_>>(), sight)? {
            if thing.owner.is_none() {
                return Err(NodeError::UnknownObject(thing.id));
            }
            drawing.add(Face::Object(thing.clone()), thing.id, 0);
        }
        drawing.grow()?;
        let graph = drawing.graph;
        self.within_budget(ctx, graph.nodes.len(), subject.clone())?;
        let shown: Vec<&str> = graph.nodes.iter().map(|node| node.id.as_str()).collect();
        self.record(ctx, Deed::query("graph", subject).and("shown", json!(shown)))?;
        Ok(graph)
    }
}

impl Drawing<'_> {
    /// Both sides of a hit, with each value between them.
    fn hit(&mut self, ctx: &Ctx, key: &HitKey) -> Result<(), NodeError> {
        let shown = self.node.hit(ctx, key)?;
        let hit = &shown.row.hit;
        let side = |side: &crate::Container| Thing {
            id: side.id.clone(),
            kind: side.kind.clone(),
            name: side.name.clone(),
            owner: Some(side.owner.clone()),
        };
        let one = self.add(Face::Object(side(&hit.one)), hit.one.id.clone(), 0);
        // Both may hold the same object: they are two all the same.
        let other_id = if hit.one.id == hit.other.id { format!("{} ", hit.other.id) } else { hit.other.id.clone() };
        let other = self.add(Face::Object(side(&hit.other)), other_id, 0);
        let bits: HashMap<(&str, &str), f64> = hit
            .score
            .reasons
            .iter()
            .filter_map(|reason| {
                Some(((reason.args.get("kind")?.as_str(), reason.args.get("value")?.as_str()), reason.bits))
            })
            .collect();
        for value in &hit.values {
            let strength =
                bits.get(&(value.kind.name(), value.value.as_str())).map_or(0.2, |bits| (bits / FULL).min(1.0));
            let face = Face::Value { kind: value.kind, text: value.value.clone() };
            let between = self.add(face, format!("value:{}:{}", value.kind.name(), value.value), 1);
            self.tie(one, between, "", strength, true);
            self.tie(between, other, "", strength, true);
        }
        let rest = hit.values_total.saturating_sub(hit.values.len() as u64);
        self.graph.unseen += rest;
        Ok(())
    }

    /// Opens what is in the middle and what is asked for, as long as there is room.
    fn grow(&mut self) -> Result<(), NodeError> {
        let mut at = 0;
        while let Some(next) = self.graph.nodes.get(at).cloned() {
            let is_open = next.level == 0 && self.ask.hit.is_none() || self.ask.opened.contains(&next.id);
            if let (Face::Object(thing), true) = (&next.face, is_open)
                && let Ok(id) = ObjectId::parse(thing.id.trim())
            {
                self.open(&id, at, next.level)?;
            }
            at += 1;
        }
        self.settle()
    }

    /// Adds what one object is tied to: each, or where many are alike a fold of them.
    fn open(&mut self, id: &ObjectId, at: usize, level: u32) -> Result<(), NodeError> {
        if let Some(node) = self.graph.nodes.get_mut(at) {
            node.closed = false;
        }
        let ties = match self.node.ties_within(id, TiePlace::default(), LOOKED_AT, self.sight) {
            // What stands in a file only is tied to nothing.
            Err(NodeError::UnknownObject(_)) => return Ok(()),
            ties => ties?,
        };
        self.graph.unseen += (ties.named as u64 + ties.naming).saturating_sub(ties.ties.len() as u64);
        // Whoever says the same of the same thing twice says it once here.
        let mut alike: BTreeMap<(bool, String, String), BTreeMap<String, Thing>> = BTreeMap::new();
        for Tie { how, points_out, other, .. } in ties.ties {
            let alike = alike.entry((points_out, how, other.kind.clone())).or_default();
            alike.insert(other.id.clone(), other);
        }
        for ((points_out, how, kind), others) in alike {
            let fold = format!("{id} {} {how} {kind}", if points_out { "to" } else { "from" });
            if others.len() > ALIKE && !self.ask.opened.contains(&fold) {
                self.graph.unseen += others.len() as u64;
                let face = Face::Fold { kind, how: how.clone(), count: others.len() as u64 };
                let to = self.add(face, fold, level + 1);
                self.turned(points_out, at, to, &how);
                continue;
            }
            for (id, other) in others {
                if self.graph.nodes.len() >= self.ask.most && !self.numbers.contains_key(&id) {
                    self.graph.unseen += 1;
                    continue;
                }
                let to = self.add(Face::Object(other), id, level + 1);
                self.turned(points_out, at, to, &how);
            }
        }
        Ok(())
    }

    fn turned(&mut self, points_out: bool, at: usize, to: usize, how: &str) {
        let owner = |number: usize| match self.graph.nodes.get(number).map(|node| &node.face) {
            Some(Face::Object(thing)) => thing.owner.clone(),
            _ => None,
        };
        let crosses = owner(at).zip(owner(to)).is_some_and(|(one, other)| one != other);
        if points_out { self.tie(at, to, how, SAID, crosses) } else { self.tie(to, at, how, SAID, crosses) }
    }

    fn add(&mut self, face: Face, id: String, level: u32) -> usize {
        if let Some(known) = self.numbers.get(&id) {
            return *known;
        }
        let closed = match &face {
            Face::Object(thing) => thing.owner.is_some(),
            Face::Fold { .. } => true,
            Face::Value { .. } => false,
        };
        self.numbers.insert(id.clone(), self.graph.nodes.len());
        self.graph.nodes.push(GraphNode { id, face, level, closed, when: None });
        self.graph.nodes.len() - 1
    }

    fn tie(&mut self, from: usize, to: usize, how: &str, strength: f64, crosses: bool) {
        let edge = GraphEdge { from, to, how: how.to_owned(), strength, crosses };
        if from != to && !self.graph.edges.contains(&edge) {
            self.graph.edges.push(edge);
        }
    }

    /// Says of each object when it was, for the same facts as a timeline.
    fn settle(&mut self) -> Result<(), NodeError> {
        let ids: Vec<Option<ObjectId>> = self
            .graph
            .nodes
            .iter()
            .map(|node| matches!(node.face, Face::Object(_)).then(|| ObjectId::parse(node.id.trim()).ok()).flatten())
            .collect();
        for (number, id) in ids.into_iter().enumerate() {
            let Some(id) = id else { continue };
            let mut when = None;
            for row in self.node.store.versions(&id)? {
                let standing = self.node.brief_at(row.position, self.sight)?;
                when = standing.and_then(|standing| self.node.when(&standing.version)).or(when);
            }
            if let Some(node) = self.graph.nodes.get_mut(number) {
                node.when = when;
            }
        }
        Ok(())
    }
}

/// So many alike are shown one by one.
const ALIKE: usize = 10;
/// Ties of one object that are looked at.
const LOOKED_AT: usize = 2_000;
/// Bits of evidence that make a tie as strong as it gets.
const FULL: f64 = 24.0;
/// The strength of what an object says itself.
const SAID: f64 = 0.4;
