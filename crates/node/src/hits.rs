//! Hits: links that cross an organisation's border.
//!
//! Pairs are never stored. The value index is read once in fingerprint order; each value that current
//! objects of two or more owners hold is read back, weighed by kind and rarity, and counted for every
//! pair of containers (case, report, file) that hold it on both sides.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::rc::Rc;

use comity_base::Position;
use comity_index::Shared;
use comity_link::{Evidence, Path, Rarity, Score, score};
use comity_stix::{Doc, Value};
use serde::Serialize;
use serde_json::json;

use crate::labels::OwnerNo;
use crate::neighbours::{Container, Sight, Standing};
use crate::reading::Held;
use crate::{Act, Ctx, Deed, Node, NodeError};

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
    holders: Holders,
}

/// Where a value currently stands.
#[derive(Default)]
struct Holders {
    /// Current versions that hold it: exact.
    count: u64,
    /// The first of them of each owner.
    by_owner: BTreeMap<OwnerNo, Vec<Position>>,
}

/// A value that crosses a border, read back.
struct Crossing {
    value: Value,
    rarity: Rarity,
    /// Containers that hold it, with an object of each.
    places: Vec<Place>,
}

/// One container that holds a value.
#[derive(Clone)]
struct Place {
    container: usize,
    object: Rc<Standing>,
    /// Whether the container is only related to the object, one step away.
    is_related: bool,
    /// Whether the value stands there only in detection patterns.
    in_pattern: bool,
}

/// An object with the numbers of its containers, and of each whether it is only related.
type Read = (Rc<Standing>, Rc<[(usize, bool)]>);

/// What one run has read so far.
struct Search<'n> {
    node: &'n Node,
    sight: Sight<'n>,
    /// Current objects in all.
    current: u64,
    containers: Vec<Container>,
    numbers: HashMap<Container, usize>,
    objects: HashMap<Position, Read>,
}

impl Node {
    /// The cross-owner hits, best first.
    ///
    /// # Errors
    /// When the store or an index cannot be read.
    pub fn hits(&self, ctx: &Ctx, options: &HitOptions) -> Result<Hits, NodeError> {
        self.may(ctx, Act::Hits, json!({}))?;
        let sight = Sight { visible: self.ready()?, authority: &ctx.authority };
        let mut candidates = self.candidates(sight)?;
        let shared_values = candidates.len() as u64;
        candidates.sort_by_key(|candidate| (candidate.holders.count, candidate.fingerprint));
        candidates.truncate(options.values);
        let not_weighed = shared_values - candidates.len() as u64;
        let mut search = Search {
            node: self,
            sight,
            current: self.derived.count_current(sight.visible),
            containers: Vec::new(),
            numbers: HashMap::new(),
            objects: HashMap::new(),
        };
        let crossings = search.read(candidates)?;
        let mut hits = search.pair_up(&crossings)?;
        hits.sort_by(|a, b| {
            let best = (b.score.points, b.values_total).cmp(&(a.score.points, a.values_total));
            best.then_with(|| (&a.one, &a.other).cmp(&(&b.one, &b.other)))
        });
        let all = hits.len();
        hits.retain(|hit| hit.score.points >= options.least_points);
        hits.truncate(options.limit);
        let not_shown = (all - hits.len()) as u64;
        let sides = hits.iter().flat_map(|hit| [&hit.one, &hit.other]);
        let shown: BTreeSet<String> = sides.map(|side| format!("{} {}", side.owner, side.id)).collect();
        self.record(ctx, Deed::query("hits", json!({"shown": shown})).and("hits", hits.len()))?;
        Ok(Hits { hits, not_shown, shared_values, not_weighed })
    }

    fn candidates(&self, sight: Sight<'_>) -> Result<Vec<Candidate>, NodeError> {
        let mut out = Vec::new();
        let mut error = None;
        self.derived.values.scan_shared(2, POSTINGS, &mut |shared| {
            match self.holders(&shared, sight) {
                Ok(holders) if holders.by_owner.len() > 1 => {
                    out.push(Candidate { fingerprint: shared.fingerprint, holders });
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

    /// Current positions of a value by owner. The postings of a common value are walked to their end: the
    /// second owner may come last.
    fn holders(&self, shared: &Shared<'_>, sight: Sight<'_>) -> Result<Holders, NodeError> {
        let mut holders = Holders::default();
        let mut error = None;
        let mut take = |position: Position| {
            let Some(label) = self.derived.current(position).filter(|_| position <= sight.visible) else { return };
            let met = self.meets(sight.authority, label);
            match met.and_then(|met| Ok((met, self.labels.owner_no(&*self.store, label)?))) {
                Ok((false, _)) => {}
                Ok((true, owner)) => {
                    holders.count += 1;
                    let held = holders.by_owner.entry(owner).or_default();
                    if held.len() < OBJECTS {
                        held.push(position);
                    }
                }
                Err(failure) => error = Some(failure),
            }
        };
        if shared.count > shared.positions.len() as u64 {
            self.derived.values.for_each(shared.fingerprint, |position| {
                take(position);
                ControlFlow::Continue(())
            });
        } else {
            shared.positions.iter().copied().for_each(take);
        }
        error.map_or(Ok(holders), Err)
    }
}

impl Search<'_> {
    fn read(&mut self, candidates: Vec<Candidate>) -> Result<Vec<Crossing>, NodeError> {
        let lists = self.node.lists()?;
        let mut out = Vec::new();
        for candidate in candidates {
            let mut value = None;
            let mut places: Vec<Place> = Vec::new();
            for position in candidate.holders.by_owner.values().flatten() {
                let Some((standing, containers)) = self.object(*position)? else { continue };
                let Some((found, held)) = self.confirm(&standing, candidate.fingerprint) else { continue };
                value.get_or_insert(found);
                let in_pattern = held == Held::Pattern;
                for (container, is_related) in containers.iter().copied() {
                    match places.iter_mut().find(|place| place.container == container) {
                        Some(place) => place.in_pattern &= in_pattern,
                        None => places.push(Place { container, object: standing.clone(), is_related, in_pattern }),
                    }
                }
            }
            let Some(value) = value else { continue };
            let owners: BTreeSet<_> = places.iter().map(|place| place.object.owner).collect();
            let rarity = Rarity {
                owners: small(owners.len()),
                cases: small(places.len()),
                objects: candidate.holders.count,
                total_objects: self.current,
                lists: lists.matching(value.kind(), value.text()).into_iter().map(str::to_owned).collect(),
            };
            if owners.len() > 1 {
                out.push(Crossing { value, rarity, places });
            }
        }
        Ok(out)
    }

    /// A current object with its containers; read once.
    fn object(&mut self, position: Position) -> Result<Option<Read>, NodeError> {
        if let Some(known) = self.objects.get(&position) {
            return Ok(Some(known.clone()));
        }
        let Some(standing) = self.node.standing_at(position, self.sight)? else { return Ok(None) };
        let containers = self.node.containers(&standing, self.sight)?;
        let numbers =
            containers.into_iter().map(|(container, is_related)| (self.number(container), is_related)).collect();
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

    fn pair_up(&self, crossings: &[Crossing]) -> Result<Vec<Hit>, NodeError> {
        let mut pairs: BTreeMap<(usize, usize), Vec<&Crossing>> = BTreeMap::new();
        for crossing in crossings {
            for (at, left) in crossing.places.iter().enumerate() {
                for right in crossing.places.iter().skip(at + 1).filter(|right| left.object.owner != right.object.owner)
                {
                    let (one, other) = (left.container.min(right.container), left.container.max(right.container));
                    pairs.entry((one, other)).or_default().push(crossing);
                }
            }
        }
        pairs.into_iter().map(|((one, other), shared)| self.hit(one, other, &shared)).collect()
    }

    fn hit(&self, one: usize, other: usize, shared: &[&Crossing]) -> Result<Hit, NodeError> {
        let evidence: Vec<Evidence> = shared.iter().map(|crossing| crossing.evidence(one, other, self)).collect();
        let container = |number: usize| self.containers.get(number).cloned().ok_or(NodeError::Stage);
        let values = shared
            .iter()
            .take(SHOWN)
            .map(|crossing| SharedValue { kind: crossing.value.kind(), value: crossing.value.text().to_owned() });
        let mut related = BTreeSet::new();
        for place in shared.iter().take(SHOWN).flat_map(|crossing| &crossing.places) {
            if place.container == one || place.container == other {
                let owner = self.node.owner(place.object.owner)?;
                for thing in self.node.related(&place.object, self.sight)? {
                    related.insert(Related { owner: owner.clone(), kind: thing.kind, name: thing.name });
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
    fn evidence(&self, one: usize, other: usize, search: &Search<'_>) -> Evidence {
        let place = |side: usize| self.places.iter().find(|place| place.container == side);
        let related = [one, other].into_iter().find(|side| place(*side).is_some_and(|place| place.is_related));
        let in_pattern = [one, other].into_iter().any(|side| place(side).is_some_and(|place| place.in_pattern));
        let via = related.and_then(|side| search.containers.get(side)).map(|container| container.name.clone());
        Evidence {
            value: self.value.clone(),
            object: place(one).map_or_else(String::new, |place| place.object.version.id.to_string()),
            rarity: self.rarity.clone(),
            path: match via {
                Some(via) => Path::Neighbour { steps: 1, via },
                None if in_pattern => Path::InPattern,
                None => Path::Direct,
            },
        }
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
