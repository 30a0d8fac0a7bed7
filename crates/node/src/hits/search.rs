//! One look for hits: what values cross a border, and between which containers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use comity_base::{OrgName, Position};
use comity_index::{Shared, significant};
use comity_link::{Evidence, Path, Rarity, Score, Strength, score};
use comity_stix::{Doc, Value};
use roaring::RoaringTreemap;

use super::{Hit, Related, SharedValue};
use crate::labels::OwnerNo;
use crate::neighbours::{Container, Sight, Trail};
use crate::reading::Held;
use crate::{Node, NodeError};

/// Values of one pair that are looked at again just before it is shown.
const CHECKED: usize = 1_000;
/// Postings of one value looked at; the count stays exact beyond it.
const POSTINGS: usize = 1_000;
/// Objects of one owner read for one value.
const OBJECTS: usize = 24;
/// Values shown with one hit; all of them are counted.
const SHOWN: usize = 12;

/// What one look found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Pairs of containers, in no order.
    pub(super) pairs: Vec<Pair>,
    pub(super) crossings: Vec<Crossing>,
    pub(super) containers: Vec<Arc<Container>>,
    pub(super) objects: Vec<Arc<Seen>>,
    /// Values that two or more owners hold.
    pub(super) shared_values: u64,
    /// Of these, values that were not weighed because there are more than asked for.
    pub(super) not_weighed: u64,
}

/// Two containers of different owners that hold the same values.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) one: u32,
    pub(super) other: u32,
    /// What ties them, the rarest first.
    pub(super) crossings: Box<[u32]>,
    pub(super) points: u8,
}

/// A value that crosses a border, read back.
#[derive(Clone, Debug)]
pub(super) struct Crossing {
    pub(super) value: Value,
    pub(super) rarity: Rarity,
    /// Containers that hold it, with an object of each.
    pub(super) places: Vec<Place>,
    /// Where it stood when it was looked for, all of them.
    pub(super) holders: RoaringTreemap,
}

/// One container that holds a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) container: u32,
    pub(super) object: u32,
    owner: OwnerNo,
    /// Whether the container is only related to the object, one step away.
    is_related: bool,
    /// Whether the value stands there only in detection patterns.
    in_pattern: bool,
}

/// A current object that was read.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) position: Position,
    pub(super) id: String,
    owner: OwnerNo,
    /// What groups it, and whether it is only related to that.
    containers: Box<[(Arc<Container>, bool)]>,
    related: Box<[Related]>,
    /// The values it holds, by what the index keeps of their fingerprint.
    values: HashMap<u64, Held>,
    /// The versions that say all this, its own too.
    pub(super) rests: Box<[Position]>,
    /// The ids that were asked about for it, by fingerprint.
    pub(super) asked: Box<[u64]>,
}

/// What was read before, and may be used again as long as it stands.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pub(super) objects: HashMap<Position, Arc<Seen>>,
    /// Values that crossed a border, by fingerprint.
    pub(super) values: HashMap<u64, Value>,
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
    all: RoaringTreemap,
    /// The first of them of each owner.
    by_owner: BTreeMap<OwnerNo, Vec<Position>>,
}

/// What one run has read so far.
struct Search<'n> {
    node: &'n Node,
    sight: Sight<'n>,
    /// Current objects in all.
    current: u64,
    found: Found,
    containers: HashMap<(OrgName, String), u32>,
    /// Objects by position; `None` where nothing can be read.
    numbers: HashMap<Position, Option<u32>>,
    /// The containers of each object.
    grouped: Vec<Box<[(u32, bool)]>>,
    wanted: HashSet<u64>,
    memo: &'n mut Memo,
}

impl Node {
    /// Looks for everything that crosses a border, as far as the sight reaches. What the memo holds must still stand.
    pub(super) fn search(&self, sight: Sight<'_>, values: usize, memo: &mut Memo) -> Result<Found, NodeError> {
        let mut candidates = self.candidates(sight)?;
        let shared_values = candidates.len() as u64;
        candidates.sort_by_key(|candidate| (candidate.holders.all.len(), candidate.fingerprint));
        candidates.truncate(values);
        let not_weighed = shared_values - candidates.len() as u64;
        let mut search = Search {
            node: self,
            sight,
            current: self.count_met(sight)?,
            found: Found { shared_values, not_weighed, ..Found::default() },
            containers: HashMap::new(),
            numbers: HashMap::new(),
            grouped: Vec::new(),
            wanted: candidates.iter().map(|candidate| candidate.fingerprint).collect(),
            memo,
        };
        search.read(candidates)?;
        let Search { mut found, wanted, memo, .. } = search;
        let used: HashSet<Position> = found.objects.iter().map(|seen| seen.position).collect();
        memo.objects.retain(|position, _| used.contains(position));
        memo.values.retain(|fingerprint, _| wanted.contains(fingerprint));
        found.pair_up();
        Ok(found)
    }

    /// How many current objects somebody may see.
    fn count_met(&self, sight: Sight<'_>) -> Result<u64, NodeError> {
        let mut count = 0;
        for (label, objects) in self.derived.count_by_label(sight.visible) {
            count += if self.meets(sight.authority, label)? { objects } else { 0 };
        }
        Ok(count)
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
                    holders.all.insert(position.0);
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

    /// Reads a current object with what stands around it.
    fn see(
        &self,
        position: Position,
        (sight, wanted): (Sight<'_>, &HashSet<u64>),
        values: &mut HashMap<u64, Value>,
    ) -> Result<Option<Seen>, NodeError> {
        let trail = Trail::default();
        let sight = Sight { trail: Some(&trail), ..sight };
        let Some(standing) = self.standing_at(position, sight)? else { return Ok(None) };
        let around = self.around(&standing, sight)?;
        let owner = self.owner(standing.owner)?;
        let mut held = HashMap::new();
        // A posting counts only when the object really holds the value.
        if let Ok(doc) = Doc::parse(&standing.version.raw, self.reader.depth()) {
            self.reader.each_value(doc.root(), &mut String::new(), &mut |kind, text, how| {
                let fingerprint = significant(self.reader.value_fingerprint(kind, text));
                held.entry(fingerprint).or_insert(how);
                if wanted.contains(&fingerprint)
                    && let std::collections::hash_map::Entry::Vacant(place) = values.entry(fingerprint)
                    && let Ok(value) = self.values().parse(kind, text)
                {
                    place.insert(value);
                }
            });
        }
        let related = around.related.into_iter().map(|thing| Related {
            owner: owner.clone(),
            kind: thing.kind,
            name: thing.name,
        });
        let related = related.collect();
        let (rests, asked) = trail.into_parts();
        Ok(Some(Seen {
            position,
            id: standing.version.id.to_string(),
            owner: standing.owner,
            containers: around
                .containers
                .into_iter()
                .map(|(container, related)| (Arc::new(container), related))
                .collect(),
            related,
            values: held,
            rests,
            asked,
        }))
    }
}

impl Search<'_> {
    fn read(&mut self, candidates: Vec<Candidate>) -> Result<(), NodeError> {
        let lists = self.node.lists()?;
        for Candidate { fingerprint, holders } in candidates {
            let mut places: Vec<Place> = Vec::new();
            for position in holders.by_owner.values().flatten() {
                let Some(object) = self.object(*position)? else { continue };
                self.place(object, fingerprint, &mut places);
            }
            let owners: BTreeSet<_> = places.iter().map(|place| place.owner).collect();
            let Some(value) = self.value(fingerprint, &places)?.filter(|_| owners.len() > 1) else { continue };
            let rarity = Rarity {
                owners: small(owners.len()),
                cases: small(places.len()),
                objects: holders.all.len(),
                total_objects: self.current,
                lists: lists.matching(value.kind(), value.text()).into_iter().map(str::to_owned).collect(),
            };
            self.found.crossings.push(Crossing { value, rarity, places, holders: holders.all });
        }
        Ok(())
    }

    /// Adds the containers of an object to the places of a value, when it really holds it.
    fn place(&self, object: u32, fingerprint: u64, places: &mut Vec<Place>) {
        let seen = self.found.objects.get(object as usize);
        let Some(seen) = seen else { return };
        let Some(held) = seen.values.get(&fingerprint) else { return };
        let in_pattern = *held == Held::Pattern;
        for (container, is_related) in self.grouped.get(object as usize).iter().flat_map(|all| all.iter().copied()) {
            match places.iter_mut().find(|place| place.container == container) {
                Some(place) => place.in_pattern &= in_pattern,
                None => places.push(Place { container, object, owner: seen.owner, is_related, in_pattern }),
            }
        }
    }

    /// What the fingerprint stands for: read from an object that holds it, where it was read before others asked for it.
    fn value(&mut self, fingerprint: u64, places: &[Place]) -> Result<Option<Value>, NodeError> {
        if let Some(value) = self.memo.values.get(&fingerprint) {
            return Ok(Some(value.clone()));
        }
        let Some(seen) = places.first().and_then(|place| self.found.objects.get(place.object as usize)) else {
            return Ok(None);
        };
        let rows = self.node.store.get(&[seen.position])?;
        let Some(row) = rows.into_iter().flatten().next() else { return Ok(None) };
        let Ok(doc) = Doc::parse(&row.raw, self.node.reader.depth()) else { return Ok(None) };
        let value = self.node.reader.value_by_fingerprint(doc.root(), fingerprint).map(|(value, _)| value);
        self.memo.values.extend(value.clone().map(|value| (fingerprint, value)));
        Ok(value)
    }

    /// A current object with its containers; read once.
    fn object(&mut self, position: Position) -> Result<Option<u32>, NodeError> {
        if let Some(known) = self.numbers.get(&position) {
            return Ok(*known);
        }
        let seen = match self.memo.objects.get(&position) {
            Some(seen) => Some(Arc::clone(seen)),
            None => self.node.see(position, (self.sight, &self.wanted), &mut self.memo.values)?.map(Arc::new),
        };
        let number = seen.map(|seen| {
            self.memo.objects.insert(position, Arc::clone(&seen));
            let containers =
                seen.containers.iter().map(|(container, is_related)| (self.number(container), *is_related)).collect();
            self.grouped.push(containers);
            self.found.objects.push(seen);
            small(self.found.objects.len() - 1)
        });
        self.numbers.insert(position, number);
        Ok(number)
    }

    fn number(&mut self, container: &Arc<Container>) -> u32 {
        let name = (container.owner.clone(), container.id.clone());
        *self.containers.entry(name).or_insert_with(|| {
            self.found.containers.push(Arc::clone(container));
            small(self.found.containers.len() - 1)
        })
    }
}

impl Found {
    fn pair_up(&mut self) {
        let mut pairs: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
        for (number, crossing) in (0..).zip(&self.crossings) {
            for (at, left) in crossing.places.iter().enumerate() {
                for right in crossing.places.iter().skip(at + 1).filter(|right| left.owner != right.owner) {
                    let pair = (left.container.min(right.container), left.container.max(right.container));
                    pairs.entry(pair).or_default().push(number);
                }
            }
        }
        let scored = |((one, other), crossings): ((u32, u32), Vec<u32>)| {
            let pair = Pair { one, other, crossings: crossings.into(), points: 0 };
            Pair { points: self.points(&pair), ..pair }
        };
        self.pairs = pairs.into_iter().map(scored).collect();
    }

    /// Both containers of a pair.
    pub(super) fn sides(&self, pair: &Pair) -> [Option<&Arc<Container>>; 2] {
        [pair.one, pair.other].map(|side| self.containers.get(side as usize))
    }

    /// The values that tie a pair, the rarest first.
    pub(super) fn shared<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = &'f Crossing> {
        pair.crossings.iter().filter_map(|number| self.crossings.get(*number as usize))
    }

    /// How many points all of its evidence is.
    pub(super) fn points(&self, pair: &Pair) -> u8 {
        score(&self.shared(pair).map(|crossing| crossing.evidence(pair, self)).collect::<Vec<_>>()).points
    }

    /// The score with the reasons of its rarest values, as many as are asked for.
    fn score(&self, pair: &Pair, most: usize) -> Score {
        let evidence: Vec<_> = self.shared(pair).take(most).map(|crossing| crossing.evidence(pair, self)).collect();
        Score { points: pair.points, strength: Strength::of(pair.points), ..score(&evidence) }
    }

    /// The versions a pair rests on, as far as its values are looked at before it is shown. Each may come more than once.
    pub(super) fn rests<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = Position> + 'f {
        let places = self.shared(pair).take(CHECKED).flat_map(|crossing| crossing.of(pair));
        let seen = places.filter_map(|place| self.objects.get(place.object as usize));
        seen.flat_map(|seen| seen.rests.iter().copied())
    }

    /// The containers of a pair, and the objects that hold the values shown with it.
    pub(super) fn ids<'f>(&'f self, pair: &'f Pair) -> impl Iterator<Item = &'f str> {
        let places = self.shared(pair).take(SHOWN).flat_map(|crossing| crossing.of(pair));
        let held = places.filter_map(|place| Some(self.objects.get(place.object as usize)?.id.as_str()));
        held.chain(self.sides(pair).into_iter().flatten().map(|side| side.id.as_str()))
    }

    /// The object on one side of a pair that holds the rarest value.
    pub(super) fn held_by(&self, pair: &Pair, side: &Container) -> Option<&Seen> {
        let is_side = |place: &&Place| {
            let container = self.containers.get(place.container as usize);
            container.is_some_and(|container| container.owner == side.owner && container.id == side.id)
        };
        let place = self.shared(pair).find_map(|crossing| crossing.of(pair).find(is_side))?;
        self.objects.get(place.object as usize).map(|seen| &**seen)
    }

    /// From where on both sides of a pair held the same value.
    pub(super) fn first(&self, pair: &Pair) -> Option<Position> {
        let at = |place: &Place| self.objects.get(place.object as usize).map(|seen| seen.position);
        self.shared(pair).filter_map(|crossing| crossing.of(pair).filter_map(at).max()).min()
    }

    /// The pair as it is shown, with the reasons of so many values at most.
    pub(super) fn hit(&self, pair: &Pair, reasons: usize) -> Result<Hit, NodeError> {
        let [Some(one), Some(other)] = self.sides(pair) else { return Err(NodeError::Stage) };
        let values = self
            .shared(pair)
            .take(SHOWN)
            .map(|crossing| SharedValue { kind: crossing.value.kind(), value: crossing.value.text().to_owned() });
        let places = self.shared(pair).take(SHOWN).flat_map(|crossing| crossing.of(pair));
        let related: BTreeSet<Related> = places
            .filter_map(|place| self.objects.get(place.object as usize))
            .flat_map(|seen| seen.related.iter().cloned())
            .collect();
        Ok(Hit {
            one: (**one).clone(),
            other: (**other).clone(),
            score: self.score(pair, reasons),
            values: values.collect(),
            values_total: pair.crossings.len() as u64,
            related: related.into_iter().collect(),
        })
    }
}

impl Crossing {
    /// Its places on either side of a pair.
    pub(super) fn of(&self, pair: &Pair) -> impl Iterator<Item = &Place> {
        let (one, other) = (pair.one, pair.other);
        self.places.iter().filter(move |place| place.container == one || place.container == other)
    }

    fn evidence(&self, pair: &Pair, found: &Found) -> Evidence {
        let place = |side: u32| self.places.iter().find(|place| place.container == side);
        let sides = [pair.one, pair.other];
        let related = sides.into_iter().find(|side| place(*side).is_some_and(|place| place.is_related));
        let in_pattern = sides.into_iter().any(|side| place(side).is_some_and(|place| place.in_pattern));
        let via = related.and_then(|side| found.containers.get(side as usize)).map(|container| container.name.clone());
        let object = place(pair.one).and_then(|place| found.objects.get(place.object as usize));
        Evidence {
            value: self.value.clone(),
            object: object.map_or_else(String::new, |object| object.id.clone()),
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
