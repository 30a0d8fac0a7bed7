//! Hits: links that cross an organisation's border.
//!
//! Pairs are never stored. The value index is read once in fingerprint order; each value that current
//! objects of two or more owners hold is read back, weighed by kind and rarity, and counted for every
//! pair of containers (case, report, file) that hold it on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::rc::Rc;

use comity_base::Position;
use comity_link::{Evidence, Path, Rarity, Score, score};
use comity_stix::{Doc, Value};
use serde::Serialize;

use crate::labels::OwnerNo;
use crate::neighbours::{Container, Standing};
use crate::reading::Held;
use crate::{Ctx, Node, NodeError};

/// Postings of one value looked at; the count stays exact beyond it.
const POSTINGS: usize = 1_000;
/// Objects of one owner read for one value.
const OBJECTS: usize = 24;
/// Values shown with one hit; all of them are counted.
const SHOWN: usize = 12;

/// What to look for.
#[derive(Clone, Copy, Debug)]
pub struct HitOptions {
    /// Most hits returned.
    pub limit: usize,
    /// Fewest points of a hit, 0 to 100.
    pub least_points: u8,
    /// Most shared values weighed; the rarest are weighed first.
    pub values: usize,
}

impl Default for HitOptions {
    fn default() -> Self {
        Self { limit: 50, least_points: 0, values: 50_000 }
    }
}

/// The hits found and what was left out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Hits {
    /// Best first.
    pub hits: Vec<Hit>,
    /// Hits beyond the limit or below the least points.
    pub not_shown: u64,
    /// Values that two or more owners hold.
    pub shared_values: u64,
    /// Of these, values that were not weighed because there are more than asked for.
    pub not_weighed: u64,
}

/// Two containers of different owners that hold the same values.
#[derive(Clone, Debug, Serialize)]
pub struct Hit {
    /// One side.
    pub one: Container,
    /// The other.
    pub other: Container,
    /// 0 to 100, with its reasons in plain words, the weightiest first.
    #[serde(flatten)]
    pub score: Score,
    /// What ties them, the rarest first, up to a dozen.
    pub values: Vec<SharedValue>,
    /// How many values tie them in all.
    pub values_total: u64,
    /// Malware, tools and actors that either side ties to these values.
    pub related: Vec<Related>,
}

/// One value that both sides hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedValue {
    /// Its kind.
    pub kind: comity_stix::Kind,
    /// Its normal form.
    pub value: String,
}

/// Something a side's own relationships tie to a shared value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Related {
    /// Whose statement it is.
    pub owner: comity_base::OrgName,
    /// Type of the thing.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// A value that crosses a border, before anything is read.
struct Candidate {
    fingerprint: u64,
    count: u64,
    /// Current positions, by owner.
    holders: BTreeMap<OwnerNo, Vec<Position>>,
}

/// A value that crosses a border, read back.
struct Crossing {
    value: Value,
    rarity: Rarity,
    in_pattern: bool,
    /// Containers that hold it, with an object in each.
    places: Vec<(usize, Rc<Standing>)>,
}

/// What one run has read so far.
struct Search<'n> {
    node: &'n Node,
    visible: Position,
    containers: Vec<Container>,
    numbers: HashMap<Container, usize>,
    objects: HashMap<Position, (Rc<Standing>, Rc<[usize]>)>,
}

impl Node {
    /// The cross-owner hits, best first.
    ///
    /// # Errors
    /// When the store or an index cannot be read.
    pub fn hits(&self, _ctx: &Ctx, options: &HitOptions) -> Result<Hits, NodeError> {
        let visible = self.visible()?;
        let mut candidates = self.candidates(visible)?;
        let shared_values = candidates.len() as u64;
        candidates.sort_by_key(|candidate| (candidate.count, candidate.fingerprint));
        candidates.truncate(options.values);
        let not_weighed = shared_values - candidates.len() as u64;
        let mut search = Search { node: self, visible, containers: Vec::new(), numbers: HashMap::new(), objects: HashMap::new() };
        let crossings = search.read(candidates)?;
        let total = self.visible()?.0;
        let mut hits = search.pair_up(&crossings, total)?;
        hits.sort_by(|a, b| b.score.points.cmp(&a.score.points).then_with(|| b.values_total.cmp(&a.values_total)).then_with(|| a.one.cmp(&b.one)).then_with(|| a.other.cmp(&b.other)));
        let all = hits.len();
        hits.retain(|hit| hit.score.points >= options.least_points);
        hits.truncate(options.limit);
        let not_shown = (all - hits.len()) as u64;
        Ok(Hits { hits, not_shown, shared_values, not_weighed })
    }

    fn candidates(&self, visible: Position) -> Result<Vec<Candidate>, NodeError> {
        let mut out = Vec::new();
        let mut error = None;
        self.derived.values.scan_shared(2, POSTINGS, &mut |shared| {
            match self.holders(shared.positions, visible) {
                Ok(holders) if holders.len() > 1 => {
                    out.push(Candidate { fingerprint: shared.fingerprint, count: shared.count, holders });
                }
                Ok(_) => {}
                Err(failure) => {
                    error = Some(failure);
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        });
        error.map_or(Ok(out), Err)
    }

    fn holders(&self, positions: &[Position], visible: Position) -> Result<BTreeMap<OwnerNo, Vec<Position>>, NodeError> {
        let mut holders: BTreeMap<OwnerNo, Vec<Position>> = BTreeMap::new();
        for position in positions.iter().copied().filter(|position| *position <= visible) {
            if let Some(label) = self.derived.current(position) {
                holders.entry(self.labels.owner_no(&*self.store, label)?).or_default().push(position);
            }
        }
        Ok(holders)
    }
}

impl Search<'_> {
    fn read(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Crossing>, NodeError> {
        let lists = self.node.lists()?;
        let mut out = Vec::new();
        for candidate in candidates {
            let mut value = None;
            let mut in_pattern = false;
            let mut places: Vec<(usize, Rc<Standing>)> = Vec::new();
            for position in candidate.holders.values().flat_map(|positions| positions.iter().take(OBJECTS)) {
                let Some((standing, containers)) = self.object(*position)? else { continue };
                let Some((found, held)) = self.confirm(&standing, candidate.fingerprint) else { continue };
                value.get_or_insert(found);
                in_pattern |= held == Held::Pattern;
                for container in containers.iter() {
                    if !places.iter().any(|(number, _)| number == container) {
                        places.push((*container, standing.clone()));
                    }
                }
            }
            let Some(value) = value else { continue };
            let owners: BTreeSet<_> = places.iter().map(|(_, standing)| standing.owner).collect();
            let rarity = Rarity {
                owners: small(owners.len()),
                cases: small(places.len()),
                objects: candidate.count,
                total_objects: self.visible.0,
                lists: lists.matching(value.kind(), value.text()).into_iter().map(str::to_owned).collect(),
            };
            if owners.len() > 1 {
                out.push(Crossing { value, rarity, in_pattern, places });
            }
        }
        Ok(out)
    }

    /// A current object with its containers; read once.
    fn object(&mut self, position: Position) -> Result<Option<(Rc<Standing>, Rc<[usize]>)>, NodeError> {
        if let Some(known) = self.objects.get(&position) {
            return Ok(Some(known.clone()));
        }
        let Some(standing) = self.node.standing_at(position, self.visible)? else { return Ok(None) };
        let containers = self.node.containers(&standing, self.visible)?;
        let numbers: Rc<[usize]> = containers.into_iter().map(|container| self.number(container)).collect();
        let entry = (Rc::new(standing), numbers);
        self.objects.insert(position, entry.clone());
        Ok(Some(entry))
    }

    fn number(&mut self, container: Container) -> usize {
        if let Some(number) = self.numbers.get(&container) {
            return *number;
        }
        self.containers.push(container.clone());
        self.numbers.insert(container, self.containers.len() - 1);
        self.containers.len() - 1
    }

    /// A posting counts only when the object really holds the value.
    fn confirm(&self, standing: &Standing, fingerprint: u64) -> Option<(Value, Held)> {
        let reader = &self.node.reader;
        let doc = Doc::parse(&standing.version.raw, reader.depth()).ok()?;
        reader.value_by_fingerprint(doc.root(), fingerprint)
    }

    fn pair_up(&self, crossings: &[Crossing], _total: u64) -> Result<Vec<Hit>, NodeError> {
        let mut pairs: BTreeMap<(usize, usize), Vec<&Crossing>> = BTreeMap::new();
        for crossing in crossings {
            for (at, (one, left)) in crossing.places.iter().enumerate() {
                for (other, right) in crossing.places.iter().skip(at + 1) {
                    if left.owner != right.owner {
                        pairs.entry((*one.min(other), *one.max(other))).or_default().push(crossing);
                    }
                }
            }
        }
        pairs.into_iter().map(|((one, other), shared)| self.hit(one, other, &shared)).collect()
    }

    fn hit(&self, one: usize, other: usize, shared: &[&Crossing]) -> Result<Hit, NodeError> {
        let evidence: Vec<Evidence> = shared.iter().map(|crossing| crossing.evidence(one)).collect();
        let container = |number: usize| self.containers.get(number).cloned().ok_or(NodeError::Stage);
        let values = shared.iter().take(SHOWN).map(|crossing| SharedValue { kind: crossing.value.kind(), value: crossing.value.text().to_owned() });
        let mut related = BTreeSet::new();
        for (number, standing) in shared.iter().take(SHOWN).flat_map(|crossing| &crossing.places) {
            if *number == one || *number == other {
                let owner = self.node.owner(standing.owner)?;
                for (kind, name) in self.node.related(standing, self.visible)? {
                    related.insert(Related { owner: owner.clone(), kind, name });
                }
            }
        }
        Ok(Hit {
            one: container(one)?,
            other: container(other)?,
            score: score(&evidence),
            values: values.collect(),
            values_total: shared.len() as u64,
            related: related.into_iter().collect(),
        })
    }
}

impl Crossing {
    fn evidence(&self, side: usize) -> Evidence {
        let object = self.places.iter().find(|(number, _)| *number == side).map(|(_, standing)| standing.version.id.to_string());
        Evidence {
            value: self.value.clone(),
            object: object.unwrap_or_default(),
            rarity: self.rarity.clone(),
            path: if self.in_pattern { Path::InPattern } else { Path::Direct },
        }
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
